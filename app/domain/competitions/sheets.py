"""When each member rated each proposal: the file says how, so plausible moments are spread over the time for it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from app import database
from app.domain.competitions.base import Loaded, added
from app.domain.competitions.parts import Competition, Proposal
from app.domain.competitions.values import on
from app.tables.committees import Review

OFFICE_HOURS = timedelta(hours=7)
SCORE = """
INSERT INTO score (assignment, criterion, value, not_assessable, comment, version, saved_at)
VALUES ($1, $2, $3, $4, $5, 1, $6)
"""


class Sheet(NamedTuple):
    """One member's marks for one proposal."""

    member: str
    proposal: Proposal


def dated(found: Competition) -> Competition:
    """The competition with a moment for every sheet: members begin with different ones and work on working days."""
    days = working_days(found.call.columns["rating_from"], found.call.columns["rating_until"])
    moments: dict[str, dict[str, datetime]] = {proposal.key: {} for proposal in found.proposals}
    late = {(one.member, one.proposal): on(one.declared, 8) for one in found.committee.conflicts if one.late}
    for number, seat in enumerate(found.committee.voting):
        rated = [proposal.key for proposal in found.proposals if seat.key in proposal.ratings]
        first = 2 * number % len(found.committee.voting)
        for index, key in enumerate(rated):
            at = within(days, (index + first) % len(rated), len(rated)) + timedelta(minutes=number)
            known = late.get((seat.key, key), at + timedelta(hours=1))
            moments[key][seat.key] = min(at, known - timedelta(hours=1))
    return replace(found, proposals=tuple(replace(one, rated_at=moments[one.key]) for one in found.proposals))


def working_days(first: date | None, last: date | None) -> list[date]:
    """Monday to Friday from the first to the last day; all days where there is no such day between."""
    if first is None or last is None:
        return []
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5] or days


def within(days: list[date], position: int, of: int) -> datetime:
    """The moment of the position-th of so many sheets, evenly through the office hours of the days."""
    index, rest = divmod(position * len(days), of)
    return on(days[index], 10) + OFFICE_HOURS * rest / of


async def hand_in(sheet: Sheet, loaded: Loaded, at: datetime) -> None:
    """The marks and the sheet itself."""
    assignment = await database.value(
        "SELECT id FROM assignment WHERE member = $1 AND proposal = $2",
        loaded.members[sheet.member],
        loaded.proposals[sheet.proposal.key],
    )
    await database.many(SCORE, list(scores(sheet, loaded.found, assignment, at)))
    await added(Review(assignment=assignment, handed_in_at=at))
    await loaded.note(
        "review.handed_in", f"assignment:{assignment}", at, member=sheet.member, proposal=sheet.proposal.key
    )


def scores(sheet: Sheet, found: Competition, assignment: int, at: datetime) -> Iterator[tuple[object, ...]]:
    """The rows of a sheet, saved one minute after the other."""
    asked = found.scheme.rated_criteria
    for index, (criterion, mark) in enumerate(zip(asked, sheet.proposal.ratings[sheet.member], strict=True)):
        comment = found.comments[mark] if mark is not None and criterion.needs_comment(mark) else ""
        saved_at = at - timedelta(minutes=len(asked) - index)
        yield assignment, criterion.key, mark, mark is None, comment, saved_at
