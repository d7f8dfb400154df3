"""What happened in a competition, in the order of time, done again by the verbs of the product.

What a file says has happened is not refused for a rule that would refuse it today (a proposal that came late on paper):
there the verb's last step is called, which keeps what the verb would keep. What no verb does yet is written here.
"""

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NamedTuple

from app import database
from app.competition_files.base import Loaded, added
from app.competition_files.faults import CompetitionError
from app.competition_files.parts import Competition, Conflict, Cure, Meeting, Proposal
from app.competition_files.values import on
from app.domain import (
    assignments,
    call_making,
    closures,
    conflicts,
    formal_checks,
    proposals,
    rankings,
    recommendations,
    reviews,
)
from app.domain.calls import Call
from app.errors import Refusal
from app.tables import proposals as tables
from app.tables import results
from scoring.errors import fault

LENGTH_OF_MEETING = timedelta(hours=3)
BEGUN_BEFORE = timedelta(days=3)
SCORE = """
INSERT INTO score (assignment, criterion, value, not_assessable, comment, version, saved_at)
VALUES ($1, $2, $3, $4, $5, 1, $6)
"""


class Event(NamedTuple):
    """Something that happened at a moment, and how it is done again."""

    at: datetime
    happen: Callable[[Loaded, datetime], Awaitable[None]]


class Concerned(NamedTuple):
    """A member before a proposal, as `conflicts.declare` reads it."""

    id: int
    key: str
    call: int
    call_key: str
    member: int
    member_key: str
    person: int
    result_at: datetime | None = None


async def replay(loaded: Loaded, until: datetime) -> None:
    """Inside a transaction of all verbs: everything of the competition that happened up to a moment.

    Raises CompetitionError where a verb refuses: the file says what cannot have happened so.
    """
    for event in sorted(happened(loaded.found), key=lambda event: event.at):
        if event.at > until:
            break
        try:
            await event.happen(loaded, event.at.astimezone(UTC))
        except Refusal as refused:
            why = str(refused) or "somebody does what is closed to them"
            raise CompetitionError([fault(event.at.date().isoformat(), "refused", why=why)]) from refused


def happened(found: Competition) -> Iterator[Event]:
    """All that happens in a competition; equal moments keep this order."""
    dates = found.call.columns
    if found.call.published:
        yield Event(found.call.published, publish)
    for index, proposal in enumerate(found.proposals):
        yield from of_proposal(found, index, proposal)
    for conflict in found.committee.conflicts:
        yield Event(on(conflict.declared, 8), partial(declare, conflict))
    for proposal in found.proposals:
        for member, at in proposal.rated_at.items():
            yield Event(at, partial(rate, member, proposal))
    if dates["rating_until"] and found.call.published:
        yield Event(on(dates["rating_until"], 18), close_rating)
    if found.meeting:
        yield from of_meeting(found, found.meeting, dates["meeting_at"])


def of_proposal(found: Competition, index: int, proposal: Proposal) -> Iterator[Event]:
    """What happened to one proposal."""
    submitted = proposal.submitted_at
    if submitted is None or proposal.status == "draft":
        if found.call.published:
            yield Event(found.call.published + BEGUN_BEFORE, partial(begin, proposal))
        return
    begun = submitted - BEGUN_BEFORE
    yield Event(max(begun, found.call.published or begun), partial(begin, proposal))
    yield Event(submitted, partial(submit, proposal))
    if proposal.withdrawn_at:
        yield Event(proposal.withdrawn_at, partial(withdraw, proposal))
    if proposal.cure:
        yield Event(on(proposal.cure.sent, 9), partial(ask, proposal, proposal.cure))
        if proposal.cure.received:
            yield Event(on(proposal.cure.received, 11), partial(answer, proposal, proposal.cure))
    if proposal.status in ("rated", "formally_rejected"):
        yield Event(max(decided_at(found, index, proposal), submitted), partial(decide, proposal))


def decided_at(found: Competition, index: int, proposal: Proposal) -> datetime:
    """When the formal check of a proposal ended: with the papers that were awaited, else one after the other."""
    if proposal.cure:
        return on(proposal.cure.received or proposal.cure.due, 14)
    day = found.call.columns["formal_check_until"]
    first = on(day, 9) if day else found.call.columns["deadline"] + timedelta(days=1)
    return first + timedelta(minutes=10 * index)


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
    await call_making.keep_published(await loaded.row(), by=loaded.office, at=at)


async def begin(proposal: Proposal, loaded: Loaded, at: datetime) -> None:
    """The draft with its partners."""
    row = tables.Proposal(
        **{**proposal.columns, "targets": targets(proposal)},
        call=loaded.call,
        organisation=loaded.organisations[proposal.organisation],
        created_by=loaded.contacts[proposal.organisation],
        created_at=at,
        saved_at=at,
    )
    number = loaded.proposals[proposal.key] = await added(row)
    names = {one.key: one.name for one in loaded.found.organisations}
    for one in proposal.partners:
        partner = tables.Partner(
            proposal=number,
            organisation=loaded.organisations.get(one.organisation),
            name=one.name or names[one.organisation],
            role=one.role,
            task=one.task,
        )
        await added(partner)
    await loaded.note("proposal.started", f"proposal:{number}", at, organisation=proposal.organisation)


def targets(proposal: Proposal) -> str:
    """The targets as JSON, days as text."""
    return json.dumps(proposal.columns["targets"], ensure_ascii=False, default=lambda day: day.isoformat())


async def submit(proposal: Proposal, loaded: Loaded, at: datetime) -> None:
    """The proposal is handed in or arrives on paper, under the key of the file."""
    contact = loaded.contacts[proposal.organisation]
    row = await proposals.held_by(contact, loaded.proposals[proposal.key])
    await proposals.keep_received(row, await proposals.partners(row.id), proposal.key, by=contact, at=at)


async def withdraw(proposal: Proposal, loaded: Loaded, at: datetime) -> None:
    """The organisation takes its proposal back."""
    await proposals.withdraw(loaded.proposals[proposal.key], by=loaded.contacts[proposal.organisation], at=at)


async def checked(proposal: Proposal, loaded: Loaded, at: datetime) -> tuple[Call, formal_checks.Submitted]:
    """Call and proposal as the office sees them."""
    call = await loaded.row()
    return call, await formal_checks.proposal_of(call, proposal.key, at)


async def ask(proposal: Proposal, cure: Cure, loaded: Loaded, at: datetime) -> None:
    """The office asks for what is missing."""
    missing = "\n".join(cure.missing)
    await formal_checks.ask_for_cure(*await checked(proposal, loaded, at), missing, cure.due, by=loaded.office, at=at)


async def answer(proposal: Proposal, cure: Cure, loaded: Loaded, at: datetime) -> None:
    """What was missing arrives."""
    received = "\n".join(cure.missing)
    await formal_checks.note_cure(*await checked(proposal, loaded, at), received, by=loaded.office, at=at)


async def decide(proposal: Proposal, loaded: Loaded, at: datetime) -> None:
    """The formal check ends as the file says."""
    passed = {gate.key: gate.key not in proposal.failed for gate in loaded.found.scheme.gates}
    reasons = dict.fromkeys(proposal.failed, proposal.rejection)
    await formal_checks.keep_decided(
        *await checked(proposal, loaded, at),
        not proposal.rejected,
        passed,
        reasons,
        proposal.rejection,
        by=loaded.office,
        at=at,
    )


async def declare(conflict: Conflict, loaded: Loaded, at: datetime) -> None:
    """A member declares a conflict; where there was a vote, the others decide within the hour."""
    if conflict.proposal not in loaded.proposals:
        return
    call = await loaded.row()
    member, proposal = loaded.members[conflict.member], loaded.proposals[conflict.proposal]
    person = loaded.persons[conflict.member]
    concerned = Concerned(proposal, conflict.proposal, call.id, call.key, member, conflict.member, person)
    await conflicts.declare(concerned, conflict.ground, conflict.note, at=at)
    if conflict.vote:
        declared = await conflicts.declared(call, 0)
        about = next(one for one in declared if (one.member_id, one.proposal) == (member, proposal))
        votes = {"for_exclusion": 0, "against": 0, "abstain": 0, **conflict.vote}
        await conflicts.decide(
            call,
            about,
            conflict.decision,
            votes,
            "",
            by=loaded.persons[loaded.found.committee.chair.key],
            at=at + timedelta(hours=1),
        )


async def rate(member: str, proposal: Proposal, loaded: Loaded, at: datetime) -> None:
    """A member fills in the sheet, all marks in one statement, and hands it in."""
    number = await database.value(
        "SELECT id FROM assignment WHERE member = $1 AND proposal = $2",
        loaded.members[member],
        loaded.proposals[proposal.key],
    )
    await database.many(SCORE, list(scores(member, proposal, loaded.found, number, at)))
    held = await assignments.held_by(loaded.persons[member], number)
    await reviews.hand_in(held, loaded.found.scheme, "de", at=at)


def scores(
    member: str, proposal: Proposal, found: Competition, assignment: int, at: datetime
) -> Iterator[tuple[object, ...]]:
    """The rows of a sheet, saved one minute after the other."""
    asked = found.scheme.rated_criteria
    for index, (criterion, mark) in enumerate(zip(asked, proposal.ratings[member], strict=True)):
        comment = found.comments[mark] if mark is not None and criterion.needs_comment(mark) else ""
        saved_at = at - timedelta(minutes=len(asked) - index)
        yield assignment, criterion.key, mark, mark is None, comment, saved_at


async def close_rating(loaded: Loaded, at: datetime) -> None:
    """The chair closes the rating."""
    await closures.close(await loaded.row(), by=loaded.persons[loaded.found.committee.chair.key], at=at)


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
    call = await loaded.row()
    ranking = await rankings.compute(call)
    if recommendations.why_not_frozen(call, ranking):
        return
    for line in ranking.recommended:
        start = line.start_date
        await added(results.Recommendation(proposal=line.id, start_date=start, by=loaded.office, at=at))
        await loaded.note("recommendation.edited", f"proposal:{line.id}", at, start_date=start)
    await recommendations.freeze(call, by=loaded.office, at=at)


async def publish_result(loaded: Loaded, at: datetime) -> None:
    """The result becomes public, if there is one."""
    if await rankings.seals(loaded.call):
        await recommendations.publish(await loaded.row(), by=loaded.office, at=at)
