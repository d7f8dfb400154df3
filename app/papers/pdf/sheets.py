"""The rating sheets as printed papers: one for each member and proposal, every mark with its reason."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from app import database, i18n
from app.domain import assignments
from app.domain.rankings.content import Mark, Placed
from app.domain.rating_schemes import Criterion, Scheme
from app.i18n import gettext as _
from app.papers.pdf.printed import Data, head, left, plain, right
from app.papers.provenance import Source

HISTORY = """
SELECT p.key AS proposal, m.key AS member, r.handed_in_at, r.reopened_at, r.reopen_reason
FROM review r
JOIN assignment a ON a.id = r.assignment
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
WHERE p.call = $1 AND ($2::timestamptz IS NULL OR r.handed_in_at <= $2) ORDER BY r.handed_in_at, r.id
"""
MEMBERS = "SELECT m.key, m.seat, p.name FROM member m JOIN person p ON p.id = m.person WHERE m.committee = $1"


async def rating_sheets(found: Source) -> Data:
    """Every sheet that was handed in, by proposal and member; two statements."""
    history = await _history(found)
    members = {row["key"]: row for row in await database.rows(MEMBERS, found.call.committee)}
    scheme = Scheme.from_document(found.ranking.scheme)
    lines = {line.proposal: line for line in found.ranking.lines}
    sheets: dict[tuple[str, str], dict[str, Mark]] = defaultdict(dict)
    for mark in found.ranking.marks:
        sheets[mark.proposal, mark.member][mark.criterion] = mark
    return {
        **head(found, _("Rating sheets")),
        "scheme": scheme.title(i18n.locale.get()),
        "meanings": _meanings(scheme),
        "columns": [left(_("Criterion"), 3.4), right(_("Weight")), right(_("Points")), left(_("Reason"), 4)],
        "sheets": [
            _sheet(scheme, lines[proposal], members.get(member), member, marks, history.get((proposal, member), []))
            for (proposal, member), marks in sorted(sheets.items())
        ],
        "none": _("No rating sheet was handed in yet."),
    }


def _meanings(scheme: Scheme) -> str:
    """The wording of every mark of the scale, for whoever reads a number without the scheme at hand."""
    words = assignments.scale_words(scheme, i18n.locale.get())
    return _("What the marks mean") + ": " + "; ".join(f"{mark} {word}" for mark, word in words) if words else ""


async def _history(found: Source) -> dict[tuple[str, str], list[str]]:
    """When each sheet was handed in and reopened until the ranking was frozen, by proposal and member."""
    until = found.seal.at if found.seal else None
    history: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in await database.rows(HISTORY, found.call.id, until):
        said = history[row["proposal"], row["member"]]
        said.append(i18n.datetime(row["handed_in_at"]))
        if row["reopened_at"] and (until is None or row["reopened_at"] <= until):
            words = {"at": i18n.datetime(row["reopened_at"]), "reason": row["reopen_reason"]}
            said.append(_("reopened on %(at)s (%(reason)s)") % words)
    return history


def _sheet(scheme: Scheme, line: Placed, member: Any, key: str, marks: dict[str, Mark], history: list[str]) -> Data:
    return {
        "title": f"{line.proposal} {line.title}",
        "organisation": line.organisation,
        "facts": [
            [_("Member"), f"{member['name']} ({key})" if member else key],
            [_("Representing"), member["seat"] if member else ""],
            [_("Places"), i18n.number(line.places)],
            [_("Requested grant"), i18n.money(line.grant_cents)],
            [_("Sheet handed in"), "; ".join(history)],
        ],
        "note": _note(scheme, marks),
        "rows": [
            *(_marked(scheme, one, marks.get(one.key)) for one in assignments.asked(scheme).values()),
            *(_computed(one, line) for one in scheme.computed_criteria),
        ],
        "total": _total(scheme, line, marks),
    }


def _note(scheme: Scheme, marks: dict[str, Mark]) -> str:
    """What a reader must know of the sheet as a whole."""
    said = []
    if not all(mark.counts for mark in marks.values()):
        said.append(_("This sheet does not count: the member has a conflict of interest."))
    language = i18n.locale.get()
    changed = [
        one.label(language)
        for key, one in assignments.asked(scheme).items()
        if key in marks and marks[key].after_seeing
    ]
    if changed:
        words = {"criteria": ", ".join(changed)}
        said.append(_("Changed after the others' marks could be seen: %(criteria)s.") % words)
    return " ".join(said)


def _marked(scheme: Scheme, one: assignments.Asked, mark: Mark | None) -> list[Any]:
    weight = _weight(one) if isinstance(one, Criterion) else ""
    given = [_points(one, mark), _worded(scheme, one, mark)]
    return [[one.label(i18n.locale.get()), one.key], weight, given, mark.comment if mark else ""]


def _weight(one: Criterion) -> str:
    """A criterion's share of the total."""
    return f"{i18n.number(plain(one.percent))} %"


def _points(one: assignments.Asked, mark: Mark | None) -> str:
    if mark is None or (mark.value is None and not mark.not_assessable):
        return _("no mark")
    if mark.value is None:
        return _("cannot be judged")
    most = max(assignments.marks_of(one), default=mark.value)
    return _of(mark.value, most)


def _worded(scheme: Scheme, one: assignments.Asked, mark: Mark | None) -> str:
    """What the scheme says a mark means."""
    if mark is None or mark.value is None:
        return ""
    return assignments.wordings(scheme, one, i18n.locale.get()).get(mark.value, "")


def _computed(one: Criterion, line: Placed) -> list[Any]:
    """A criterion that follows from the proposal's numbers: no member rates it."""
    reached = line.means.get(one.key)
    shown = "–" if reached is None else _of(reached, one.maximum)
    return [[one.label(i18n.locale.get()), one.key], _weight(one), [shown, _("computed")], ""]


def _of(points: Decimal, most: Decimal) -> str:
    return _("%(points)s of %(most)s") % {"points": i18n.number(plain(points)), "most": i18n.number(plain(most))}


def _total(scheme: Scheme, line: Placed, marks: dict[str, Mark]) -> str:
    """The points of a complete sheet; nothing where a criterion compares with the lowest of all proposals."""
    given = {key: mark.value for key, mark in marks.items() if mark.value is not None}
    if scheme.compares or any(one.key not in given and not one.optional for one in scheme.rated_criteria):
        return ""
    rated = {one.key: given.get(one.key) for one in scheme.rated_criteria}
    found = scheme.sheet_total(rated, line.numbers)
    words = {"points": i18n.points(found.total, scheme.decimals), "most": i18n.number(plain(scheme.maximum))}
    return _("Points of this sheet: %(points)s of %(most)s") % words
