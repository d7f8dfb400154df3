"""When each member rated each proposal: the file says how, so plausible moments are spread over the time for it."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from app.competition_files.parts import Competition
from app.competition_files.values import on

OFFICE_HOURS = timedelta(hours=7)


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
