"""Writes what happened, in the order of time, and stops where it has not happened yet."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from app import database
from app.domain import rankings, recommendations
from app.domain.calls import CALL
from app.domain.competitions import submissions
from app.domain.competitions.base import Loaded, added
from app.domain.competitions.event import Event
from app.domain.competitions.parts import Competition, Conflict, Meeting
from app.domain.competitions.sheets import Sheet, hand_in
from app.domain.competitions.values import on
from app.tables import calls, committees, results

LENGTH_OF_MEETING = timedelta(hours=3)


async def write(loaded: Loaded, until: datetime) -> None:
    """Inside a transaction: everything of the competition that happened up to a moment."""
    for event in sorted(events(loaded.found), key=lambda event: event.at):
        if event.at > until:
            break
        await event.happen(loaded, event.at.astimezone(UTC))


def events(found: Competition) -> Iterator[Event]:
    """All that happens in a competition; equal moments keep this order."""
    dates = found.call.columns
    if found.call.published:
        yield Event(found.call.published, publish)
    yield from submissions.events(found)
    for conflict in found.committee.conflicts:
        yield Event(on(conflict.declared, 8), partial(declare, conflict))
    for proposal in found.proposals:
        for member, at in proposal.rated_at.items():
            yield Event(at, partial(hand_in, Sheet(member, proposal)))
    if dates["rating_until"]:
        yield Event(on(dates["rating_until"], 18), close_rating)
    if found.meeting:
        yield from of_meeting(found, found.meeting, dates["meeting_at"])


def of_meeting(found: Competition, meeting: Meeting, at: datetime) -> Iterator[Event]:
    """The invitation, the meeting, and what follows from it."""
    if meeting.invited_on:
        yield Event(on(meeting.invited_on, 12), partial(convene, meeting, at))
    else:
        yield Event(at, partial(convene, meeting, at))
    yield Event(at, partial(meet, meeting))
    yield Event(at + LENGTH_OF_MEETING, freeze)
    if found.call.results_published:
        yield Event(found.call.results_published, publish_result)


async def publish(loaded: Loaded, at: datetime) -> None:
    """The call becomes public."""
    await added(calls.CallPublication(call=loaded.call, by=loaded.office, at=at))
    await loaded.note("call.published", f"call:{loaded.call}", at)


async def declare(conflict: Conflict, loaded: Loaded, at: datetime) -> None:
    """A member declares a conflict; where there was a vote, the others decide within the hour."""
    if conflict.proposal not in loaded.proposals:
        return
    chair, proposal = loaded.persons[loaded.found.committee.chair.key], loaded.proposals[conflict.proposal]
    row = committees.Conflict(
        member=loaded.members[conflict.member],
        proposal=proposal,
        ground=conflict.ground,
        note=conflict.note,
        declared_at=at,
        decision=conflict.decision,
        decided_by=chair if conflict.vote else None,
        decided_at=at + timedelta(hours=1) if conflict.vote else None,
        vote=json.dumps(conflict.vote) if conflict.vote else None,
    )
    await added(row)
    said = {"member": conflict.member, "proposal": conflict.proposal, "ground": conflict.ground}
    await loaded.note("conflict.declared", f"proposal:{proposal}", at, **said)
    if conflict.vote:
        said = {"member": conflict.member, "proposal": conflict.proposal, "decision": conflict.decision}
        await loaded.note("conflict.decided", f"proposal:{proposal}", at + timedelta(hours=1), **said)


async def close_rating(loaded: Loaded, at: datetime) -> None:
    """The chair closes the rating."""
    chair = loaded.persons[loaded.found.committee.chair.key]
    await added(calls.RatingClosure(call=loaded.call, by=chair, at=at))
    await loaded.note("rating.closed", f"call:{loaded.call}", at)


async def convene(meeting: Meeting, when: datetime, loaded: Loaded, at: datetime) -> None:
    """The committee is invited."""
    row = results.Meeting(
        call=loaded.call,
        at=when,
        place=meeting.place,
        invited_on=meeting.invited_on,
        chair=loaded.members.get(meeting.chair),
        secretary=loaded.members.get(meeting.secretary),
    )
    loaded.meeting = await added(row)
    await loaded.note("meeting.convened", f"meeting:{loaded.meeting}", at)


async def meet(meeting: Meeting, loaded: Loaded, at: datetime) -> None:
    """Who was there, and what was resolved."""
    for status, keys in (("present", meeting.present), ("excused", meeting.excused), ("guest", meeting.guests)):
        for key in keys:
            await added(results.Attendance(meeting=loaded.meeting, member=loaded.members[key], status=status))
    for one in meeting.resolutions:
        row = results.Resolution(
            meeting=loaded.meeting,
            number=one.number,
            subject=one.subject,
            votes_yes=one.yes,
            votes_no=one.no,
            votes_abstain=one.abstain,
            not_taking_part=json.dumps(one.not_taking_part),
            acting_chair=loaded.members.get(one.acting_chair),
            carried=one.carried,
        )
        await added(row)
    await loaded.note("meeting.held", f"meeting:{loaded.meeting}", at, resolutions=len(meeting.resolutions))


async def freeze(loaded: Loaded, at: datetime) -> None:
    """The recommended get their start date, and the ranking stands; not while a formal check is open."""
    call = await database.row(f"{CALL} WHERE c.id = $1", loaded.call)
    assert call is not None
    ranking = await rankings.compute(call)
    if recommendations.why_not_frozen(call, ranking):
        return
    for line in ranking.recommended:
        start = line.start_date
        await added(results.Recommendation(proposal=line.id, start_date=start, by=loaded.office, at=at))
        await loaded.note("recommendation.edited", f"proposal:{line.id}", at, start_date=start)
    content, fingerprint = rankings.packed(await rankings.compute(call))
    row = results.FrozenRanking(
        call=loaded.call, number=1, by=loaded.office, at=at, content=content, sha256=fingerprint
    )
    await loaded.note("ranking.frozen", f"frozen_ranking:{await added(row)}", at, number=1, sha256=fingerprint)


async def publish_result(loaded: Loaded, at: datetime) -> None:
    """The result becomes public, if there is one."""
    frozen = await database.value("SELECT id FROM frozen_ranking WHERE call = $1", loaded.call)
    if frozen:
        await added(results.ResultPublication(call=loaded.call, ranking=frozen, by=loaded.office, at=at))
        await loaded.note("result.published", f"frozen_ranking:{frozen}", at)
