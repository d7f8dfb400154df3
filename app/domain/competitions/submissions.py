"""What happens to a proposal: begun, handed in, asked for papers, admitted or rejected, withdrawn."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from app import database
from app.clock import BERLIN
from app.domain import assignments, proposals
from app.domain.competitions.base import Loaded, added
from app.domain.competitions.event import Event
from app.domain.competitions.parts import Competition, Cure, Proposal
from app.domain.competitions.values import on
from app.tables import proposals as tables

BEGUN_BEFORE = timedelta(days=3)


def events(found: Competition) -> Iterator[Event]:
    """What happened to all proposals."""
    for index, proposal in enumerate(found.proposals):
        yield from of_proposal(found, index, proposal)


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
    """The proposal gets its key, the receipt a number and the fingerprint of the content."""
    number = loaded.proposals[proposal.key]
    row = await database.row(
        "UPDATE proposal SET key = $2, saved_at = $3 WHERE id = $1 RETURNING *", number, proposal.key, at
    )
    assert row is not None
    partners = await database.rows("SELECT name, role, task FROM partner WHERE proposal = $1 ORDER BY id", number)
    content = proposals.canonical(row, partners)
    submission = tables.Submission(
        proposal=number,
        receipt_number=await receipt_number(at),
        by=loaded.contacts[proposal.organisation],
        at=at,
        content=content,
        sha256=sha256(content.encode()).hexdigest(),
    )
    await added(submission)
    await loaded.note("proposal.submitted", f"proposal:{number}", at, proposal=proposal.key, sha256=submission.sha256)


async def receipt_number(at: datetime) -> str:
    """The next number for a receipt."""
    number = await database.value("SELECT nextval('receipt_number')")
    return f"V-{at.astimezone(BERLIN).year}-{number:06}"


async def withdraw(proposal: Proposal, loaded: Loaded, at: datetime) -> None:
    """The organisation takes its proposal back."""
    number = loaded.proposals[proposal.key]
    await added(tables.Withdrawal(proposal=number, by=loaded.contacts[proposal.organisation], at=at))
    await loaded.note("proposal.withdrawn", f"proposal:{number}", at, proposal=proposal.key)


async def ask(proposal: Proposal, cure: Cure, loaded: Loaded, at: datetime) -> None:
    """The office asks for what is missing."""
    number, missing = loaded.proposals[proposal.key], "\n".join(cure.missing)
    await added(tables.CureRequest(proposal=number, missing=missing, due=cure.due, by=loaded.office, at=at))
    await loaded.note("cure.requested", f"proposal:{number}", at, proposal=proposal.key, missing=missing)


async def answer(proposal: Proposal, cure: Cure, loaded: Loaded, at: datetime) -> None:
    """What was missing arrives."""
    number, received = loaded.proposals[proposal.key], "\n".join(cure.missing)
    await database.rows(
        "UPDATE cure_request SET answer = $2, answered_at = $3 WHERE proposal = $1", number, received, at
    )
    await loaded.note("cure.received", f"proposal:{number}", at, proposal=proposal.key, answer=received)


async def decide(proposal: Proposal, loaded: Loaded, at: datetime) -> None:
    """The formal check ends; an admitted proposal is given to everybody who rates."""
    number, admitted = loaded.proposals[proposal.key], not proposal.rejected
    for gate in loaded.found.scheme.gates:
        passed = gate.key not in proposal.failed
        reason = "" if passed else proposal.rejection
        result = tables.GateResult(
            proposal=number, gate=gate.key, passed=passed, reason=reason, by=loaded.office, at=at
        )
        await added(result)
    decision = tables.FormalDecision(
        proposal=number, admitted=admitted, reason="" if admitted else proposal.rejection, by=loaded.office, at=at
    )
    await added(decision)
    if admitted:
        await assignments.assign_all(loaded.call, at, proposal=number)
    action = "formal_check.admitted" if admitted else "formal_check.rejected"
    await loaded.note(action, f"proposal:{number}", at, proposal=proposal.key, reason=proposal.rejection)
