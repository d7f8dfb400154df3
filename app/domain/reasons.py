"""What is told of a line of the ranking: status, departure, conditions and reason, in the reader's language.

Every page, list, letter and export tells it from here, so that all of them say the same.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol, cast

from app import i18n
from app.domain import proposals, rankings
from app.domain.calls import Dated
from app.domain.proposals.states import Standing, State
from app.domain.rankings.content import STATUSES, UNRANKED, Placed, Ranking
from app.i18n import gettext as _
from app.i18n import later

SENTENCES = {
    "fits": later("Places and funds are sufficient."),
    "places": later("The places left over do not suffice for its %(places)s places."),
    "budget": later("The money left over does not suffice for its %(grant)s."),
    "list_closed": later(
        "The recommendations end before this place: for a better-rated proposal, places or funds were not sufficient."
    ),
    "tie_at_line": later("Tied at the line: the committee or the lot decides."),
    "no_reserve_place": later("Behind the last place of the reserve list."),
    "below_minimum": later("Below the minimum: %(failed)s."),
    "gate": later("Not rated: a formal condition is not met."),
    "no_rating": later("No valid rating."),
    "too_few_ratings": later("Too few valid ratings: %(valid)s."),
    "no_mark": later("A criterion has no mark."),
    "no_order": later("The scheme makes no order."),
}


WAITING = ("places", "budget", "list_closed", "tie_at_line")
SHORT = 60  # letters of a criterion's name in a narrow column; a spreadsheet takes no text of 256 in a formula


class Proposal(Standing, Protocol):
    """A proposal with its key in the call, if it has one."""

    @property
    def key(self) -> str | None: ...


class Concluded(Dated, Protocol):
    """A call with its published ranking, if there is one."""

    @property
    def result_ranking(self) -> int | None: ...


class Told(NamedTuple):
    """What is told of one line. departure: what the ranking alone gave, where the committee recommends otherwise."""

    status: str
    departure: str
    conditions: str
    reason: str

    @property
    def by_ranking(self) -> str:
        """The departure as a remark of its own: by ranking: recommended; nothing where there is none."""
        return _("by ranking: %(status)s") % {"status": self.departure} if self.departure else ""

    @property
    def remarks(self) -> list[str]:
        """What stands in small letters below the status: departure with its reason, and conditions."""
        because = _("Reason: %(reason)s") % {"reason": self.reason} if self.departure else ""
        under = _("Conditions: %(conditions)s") % {"conditions": self.conditions} if self.conditions else ""
        return [text for text in (self.by_ranking, because, under) if text]


class Telling:
    """Tells of the lines of one ranking in the language of whoever reads it now."""

    def __init__(self, ranking: Ranking) -> None:
        self.named = names(ranking, i18n.locale.get())
        self.short = short_names(self.named)
        self.departed = any(line.departure for line in ranking.lines)
        chosen = ranking.recommended
        self.places, self.cents = ranking.places_max, ranking.budget_max_cents
        if self.places is not None:
            self.places -= sum(line.places for line in chosen)
        if self.cents is not None:
            self.cents -= sum(line.grant_cents for line in chosen)

    def of(self, line: Placed) -> Told:
        """Status, departure, conditions and reason of a line."""
        return Told(
            status=status(line),
            departure=automatic(line) if line.departure else "",
            conditions=line.conditions if line.status == "recommended_with_conditions" else "",
            reason=self.reason(line),
        )

    def reason(self, line: Placed) -> str:
        """The sentence of a line; what only the ranking says and departures have overtaken is marked as such."""
        said = sentence(line, self.named)
        return _("By the ranking alone: %(reason)s") % {"reason": said} if self.overtaken(line) else said

    def overtaken(self, line: Placed) -> bool:
        """Whether places and money suffice after all for a waiting line, because the committee departed elsewhere."""
        waits = line.reason_code in WAITING and not line.departure
        return waits and self.departed and self.enough_for(line)

    def enough_for(self, line: Placed) -> bool:
        """Whether what the recommended leave over holds this line, too."""
        places = self.places is None or line.places <= self.places
        return places and (self.cents is None or line.grant_cents <= self.cents)

    def failed(self, line: Placed) -> str:
        """The minima that a line does not reach, by their short names."""
        return "; ".join(self.short.get(key, key) for key in line.failed)


def names(ranking: Ranking, language: str) -> dict[str, str]:
    """The names of the criteria and groups of a ranking's scheme by key, and of the total."""
    found = {"total": _("total")}
    for part in ("criteria", "groups"):
        for one in ranking.scheme.get(part) or []:
            found[one["key"]] = one.get(f"label_{language}") or one.get("label_de") or one["key"]
    return found


def short_names(named: Mapping[str, str]) -> dict[str, str]:
    """Names for narrow columns: up to their colon, as long as that tells them apart, and never long."""
    heads = {key: name.partition(": ")[0] for key, name in named.items()}
    often = Counter(heads.values())
    found = {key: head if often[head] == 1 else named[key] for key, head in heads.items()}
    return {key: name if len(name) <= SHORT else f"{name[: SHORT - 1]}…" for key, name in found.items()}


def sentence(line: Placed, named: Mapping[str, str]) -> str:
    """The reason of a line: the committee's own words where it departs or sets conditions, else what the ranking says.

    Of a formally rejected proposal it is the office's.
    """
    if line.reasons and line.status != line.automatic:
        return line.reasons
    if line.departure:
        return _("The committee gave no reason.")
    template = SENTENCES.get(line.reason_code.partition(":")[0])
    if template is None:
        return line.reason
    return _(template) % {
        "places": line.places,
        "grant": i18n.money(line.grant_cents),
        "failed": ", ".join(named.get(key, key) for key in line.failed),
        "valid": line.valid_reviews,
    }


def unranked(line: Placed) -> bool:
    """Whether a line has too few marks for a place in the ranking, and the committee left it there."""
    return line.reason_code in UNRANKED and line.status == line.automatic


async def state(proposal: Proposal, call: Concluded, at: datetime | None = None) -> State:
    """Where a proposal stands, one of `proposals.STATES`: its last word is the published result's, never another's."""
    found = await rankings.published_line(proposal.key, call.result_ranking)
    outcome = None if found is None else "not_ranked" if unranked(found[0]) else found[0].status
    return proposals.state(proposal, call, cast("State | None", outcome), at)


def status(line: Placed) -> str:
    """The recommendation in words; what was not rated sufficiently is not called refused."""
    return _("not ranked") if unranked(line) else _(STATUSES[line.status])


def automatic(line: Placed) -> str:
    """What the ranking alone says, in the same words, whatever the committee recommends."""
    return _("not ranked") if line.reason_code in UNRANKED else _(STATUSES[line.automatic])


def rule(decided_by: str, named: Mapping[str, str]) -> str:
    """The tie rule that placed a line, in words; nothing where there was no tie."""
    direction, colon, field = decided_by.partition(":")
    if colon:
        what = FIELDS.get(field)
        name = _(what) if what else field
        return (_("the lower figure: %(field)s") if direction == "lower" else _("the higher figure: %(field)s")) % {
            "field": name
        }
    return {"committee": _("decided by the committee"), "lot": _("drawn by lot")}.get(
        decided_by, named.get(decided_by, decided_by)
    )


FIELDS = {
    "grant_per_place_month": later("grant per place and month"),
    "places": later("places"),
    "grant_requested_cents": later("requested grant"),
    "months": later("months"),
}
