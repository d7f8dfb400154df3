"""The letters to the organisations: what the committee recommends about their proposals, why, and the next step.

A recommendation is no decision on money: no letter says that anything is granted.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from app import database, i18n
from app.clock import BERLIN
from app.database import Row
from app.domain import programmes, reasons
from app.domain.rankings.content import RECOMMENDED, Placed, Ranking
from app.domain.rating_schemes import Criterion, Scheme
from app.domain.reasons import Telling
from app.i18n import gettext as _
from app.i18n import later, ngettext
from app.papers import provenance
from app.papers.lists import Table
from app.papers.pdf.printed import Data, head, left, plain, right
from app.papers.provenance import Source

COLUMNS = (
    "organisation",
    "email",
    "proposal",
    "title",
    "status",
    "reserve_place",
    "start_date",
    "conditions",
    "reason",
    "departure",
)
ORGANISATIONS = """
SELECT p.key, o.id, o.name, o.seat, o.email FROM proposal p
JOIN organisation o ON o.id = p.organisation
JOIN submission s ON s.proposal = p.id
WHERE p.call = $1 ORDER BY p.key
"""
TOLD = (*RECOMMENDED, "reserve", "not_recommended", "rejected_formally")


async def letters(found: Source) -> Data:
    """One letter for each organisation, by name; two statements."""
    writing = Writing(found, await programmes.granting_body(found.call.programme))
    return {
        **head(found, _("Letters")),
        "draft_note": _("Draft: do not send. The ranking is not frozen and can still change."),
        "stamp": provenance.authority(found),
        "letters": [writing.letter(group) for group in await _organisations(found)],
    }


async def table(found: Source) -> Table:
    """What the letters say, a row a proposal, for a form letter of one's own; one statement."""
    telling = Telling(found.ranking)
    waiting = reserve_places(found.ranking)
    rows = []
    for group in await _organisations(found):
        for row, line in group:
            told = telling.of(line)
            texts = (line.start_date, told.conditions, told.reason, line.departure)
            about = (line.proposal, line.title, line.status, waiting.get(line.proposal))
            rows.append([row["name"], row["email"], *about, *texts])
    return Table(COLUMNS, rows)


Group = Sequence[tuple[Row, Placed]]


async def _organisations(found: Source) -> list[Group]:
    """The proposals that are told about, by organisation."""
    lines = {line.proposal: line for line in found.ranking.lines if line.status in TOLD}
    groups: dict[int, list[tuple[Row, Placed]]] = defaultdict(list)
    for row in await database.rows(ORGANISATIONS, found.call.id):
        if row["key"] in lines:
            groups[row["id"]].append((row, lines[row["key"]]))
    return sorted(groups.values(), key=lambda group: (i18n.sort_key(group[0][0]["name"]), group[0][0]["id"]))


MISSED = {
    "≥": later("%(what)s: %(reached)s points, at least %(least)s are needed."),
    ">": later("%(what)s: %(reached)s points, more than %(least)s are needed."),
    "≤": later("%(what)s: %(reached)s points, at most %(least)s are allowed."),
    "<": later("%(what)s: %(reached)s points, less than %(least)s are allowed."),
}


def reserve_places(ranking: Ranking) -> dict[str, int]:
    """Which place on the reserve list a proposal has, by key; those of one rank share a place."""
    found: dict[str, int] = {}
    places: dict[int, int] = {}
    for place, line in enumerate((line for line in ranking.lines if line.status == "reserve"), 1):
        found[line.proposal] = place if line.rank is None else places.setdefault(line.rank, place)
    return found


class Writing:
    """Writes the letters of one call."""

    def __init__(self, found: Source, body: str) -> None:
        """body: who decides about applications by name; empty where nobody is named."""
        self.found, self.named_body, self.body = found, body, body or _("the granting body")
        self.scheme = Scheme.from_document(found.ranking.scheme)
        self.language = i18n.locale.get()
        self.telling = Telling(found.ranking)
        self.reserve = reserve_places(found.ranking)

    def letter(self, group: Group) -> Data:
        """The letter to one organisation about all its proposals."""
        call, row = self.found.call, group[0][0]
        day = call.notices_on or self.found.at.astimezone(BERLIN).date()
        contact = [call.contact_name, call.contact_email, call.contact_phone]
        return {
            "to": [text for text in (row["name"], row["seat"], row["email"]) if text],
            "date": i18n.date(day),
            "subject": _("Result of the call: %(call)s") % {"call": self.found.ranking.title},
            "greeting": _("Dear Sir or Madam,"),
            "opening": _("Thank you for taking part in this call. The same rules applied to all proposals."),
            "parts": [self.part(line) for _row, line in group],
            "question": _("If you have questions: %(contact)s") % {"contact": ", ".join(filter(None, contact))}
            if any(contact)
            else "",
            "regards": _("Yours faithfully"),
            "sender": provenance.authority(self.found),
        }

    def part(self, line: Placed) -> Data:
        """What a letter says about one proposal."""
        said = {
            "recommended": self.recommended,
            "recommended_with_conditions": self.recommended,
            "reserve": self.waiting,
            "not_recommended": self.refused,
            "rejected_formally": self.rejected,
        }
        return {
            "title": f"{line.proposal} {line.title}",
            "facts": [
                [_("Result"), self.telling.of(line).status],
                [_("Places"), i18n.number(line.places)],
                [_("Requested grant"), i18n.money(line.grant_cents)],
                *self.start(line),
            ],
            **self.marks(line),
            **(self.unrated(line) if reasons.unranked(line) else said[line.status](line)),
        }

    def start(self, line: Placed) -> list[list[str]]:
        if line.start_date is None:
            return []
        return [[_("Start"), _("not before %(date)s") % {"date": i18n.date(line.start_date)}]]

    def recommended(self, line: Placed) -> Data:
        texts = [_("The committee has recommended your proposal for funding. We congratulate you on this.")]
        texts += self.departed(line)
        if conditions := self.telling.of(line).conditions:
            texts.append(_("It recommends it under these conditions: %(conditions)s") % {"conditions": conditions})
        care = _(
            "This recommendation is not a decision on funding and gives no entitlement to it: %(body)s decides on your"
            " application. Please do not begin the project before that decision; what has begun can no longer be"
            " funded, unless an early start was permitted to you in writing."
        )
        return {"texts": texts, "next": [self.apply(), care % {"body": self.body}], "rows": []}

    def apply(self) -> str:
        """The formal application: to whom and until when; who is to be asked where nobody is named."""
        until = self.found.call.application_until
        words = {"body": self.body, "date": i18n.date(until), "authority": provenance.authority(self.found)}
        if self.named_body and until:
            return _("Next step: please send your formal application to %(body)s by %(date)s.") % words
        if self.named_body:
            return _("Next step: please send your formal application to %(body)s.") % words
        if until:
            step = _(
                "Next step: please make your formal application by %(date)s. %(authority)s tells you where to send it."
            )
            return step % words
        return _("Next step: please make your formal application. %(authority)s tells you where to send it.") % words

    def apply_all_the_same(self) -> str:
        """That an organisation may apply without a recommendation, too."""
        words = {"body": self.body, "authority": provenance.authority(self.found)}
        if self.named_body:
            return _("Next step: an application to %(body)s remains possible; it decides on its own.") % words
        step = _(
            "Next step: a formal application for funding remains possible; the granting body decides on its own."
            " %(authority)s tells you where to send it."
        )
        return step % words

    def waiting(self, line: Placed) -> Data:
        texts = [self.why_waiting(line), self.its_place(line), *(self.departed(line) or [self.because(line)])]
        step = _(
            "Next step: you need not do anything. If proposals of the reserve list move up, we write to you in its"
            " order. Please do not begin the project before there is a decision on funding."
        )
        return {"texts": texts, "next": [step]}

    def why_waiting(self, line: Placed) -> str:
        """Why a proposal is on the reserve list: places and money are named only where they really do not suffice."""
        if line.departure:
            return _("The committee has put your proposal on the reserve list.")
        if self.telling.overtaken(line):
            return _("The committee considers your proposal worth funding.")
        return _(
            "The committee considers your proposal worth funding, but places and money of this call do not suffice"
            " for all."
        )

    def its_place(self, line: Placed) -> str:
        place = self.reserve[line.proposal]
        if list(self.reserve.values()).count(place) > 1:
            return _("Your proposal shares place %(place)s on the reserve list.") % {"place": place}
        return _("Your proposal has place %(place)s on the reserve list.") % {"place": place}

    def refused(self, line: Placed) -> Data:
        texts = [_("The committee has not recommended your proposal for funding.")]
        texts += self.departed(line) or [self.because(line)]
        if line.departure and line.passed:
            texts.append(_("Your proposal reaches all minima."))
        texts += [self.short(key, line) for key in line.failed]
        return {"texts": texts, "next": [self.apply_all_the_same()]}

    def departed(self, line: Placed) -> list[str]:
        """That the committee departed from the ranking, what that alone gave, and why; nothing where it did not."""
        told = self.telling.of(line)
        if not told.departure:
            return []
        departed = _(
            "In this the committee has departed from the ranking. By the ranking alone the result would have been:"
            " %(status)s."
        ) % {"status": told.departure}
        return [departed, _("The committee's reason: %(reason)s") % {"reason": told.reason}]

    def unrated(self, line: Placed) -> Data:
        """For want of marks there is no judgement: neither the few that there are nor a refusal is told."""
        texts = [
            _(
                "Your proposal was not rated sufficiently. For this reason it has no place in the ranking, and the"
                " committee could not recommend it. This says nothing about the quality of your proposal."
            ),
            self.because(line),
        ]
        if line.reason_code != "no_mark":
            least = self.scheme.aggregation.min_valid_ratings
            texts.append(
                ngettext("%(num)s valid rating is needed.", "At least %(num)s valid ratings are needed.", least)
                % {"num": least}
            )
        return {"texts": texts, "next": [self.apply_all_the_same()], "rows": [], "about": ""}

    def rejected(self, line: Placed) -> Data:
        texts = [
            _("Your proposal takes no part in the rating, because a formal condition of the call is not met."),
            self.because(line),
        ]
        step = _("Next step: you may take part in later calls. The text of each call states its conditions.")
        return {"texts": texts, "next": [step], "rows": [], "about": ""}

    def because(self, line: Placed) -> str:
        """The reason of the list, as it stands there."""
        return _("Reason: %(reason)s") % {"reason": self.telling.of(line).reason}

    def short(self, key: str, line: Placed) -> str:
        """By how much a minimum was missed."""
        for one in self.scheme.criteria:
            if one.key == key and one.bound:
                return self.missed(one.label(self.language), line.means.get(key), *one.bound)
        rule = self.scheme.pass_rule
        if key == "total" and rule.total:
            return self.missed(_("Total"), line.total, rule.total.sign, rule.total.minimum)
        return _("%(what)s: the minimum is not reached.") % {"what": self.telling.named.get(key, key)}

    def missed(self, what: str, reached: Decimal | None, sign: str, least: Decimal) -> str:
        words = {"what": what, "reached": i18n.points(reached, self.scheme.decimals), "least": i18n.number(least)}
        return _(MISSED[sign]) % words

    def marks(self, line: Placed) -> Data:
        """What the committee's members gave on average, criterion by criterion."""
        rows = [self.mark(one, line) for one in self.scheme.criteria if line.means.get(one.key) is not None]
        if line.total is not None:
            rule = self.scheme.pass_rule.total
            least = i18n.number(rule.minimum) if rule else "–"
            most = i18n.number(plain(self.scheme.maximum))
            rows.append([_("Total"), i18n.points(line.total, self.scheme.decimals), most, least])
        columns = [left(_("Criterion"), 1), right(_("Points")), right(_("Maximum points")), right(_("Minimum"))]
        about = _("This is how the committee rated (mean of %(valid)s valid ratings):") % {"valid": line.valid_reviews}
        return {"columns": columns, "rows": rows, "about": about if rows else ""}

    def mark(self, one: Criterion, line: Placed) -> list[str]:
        least = i18n.number(one.threshold.minimum) if one.threshold else "–"
        least = i18n.bound(one.bound) or least if one.low_is_good else least
        reached = i18n.points(line.means[one.key], self.scheme.decimals)
        return [one.label(self.language), reached, i18n.number(plain(one.maximum)), least]
