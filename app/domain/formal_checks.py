"""The office's formal check: the gates of the scheme, cure requests, admission and formal rejection."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from app import clock, database, i18n
from app.database import Record, write_transaction
from app.domain import assignments, authorities, calls, proposals, rating_schemes
from app.domain.calls import Call
from app.domain.proposals import Proposal
from app.domain.proposals.states import Checked
from app.domain.rating_schemes import Gate
from app.errors import Invalid, NotAllowed
from app.i18n import gettext as _
from app.records import events, mails
from app.settings import SETTINGS

INTAKE = """
SELECT p.id, p.key, p.title, p.field, p.places, p.requested_grant_cents, o.name AS organisation,
    s.receipt_number, s.at AS submitted_at, w.at AS withdrawn_at, f.admitted, f.reason AS rejection,
    c.due AS cure_due, c.answered_at,
    (SELECT count(*) FROM proposal n WHERE n.call = $1 AND n.key IS NOT NULL) AS found
FROM proposal p
JOIN submission s ON s.proposal = p.id
JOIN organisation o ON o.id = p.organisation
LEFT JOIN withdrawal w ON w.proposal = p.id
LEFT JOIN formal_decision f ON f.proposal = p.id
LEFT JOIN cure_request c ON c.proposal = p.id
WHERE p.call = $1
"""
ORDERS = {
    "key": "p.key",
    "organisation": "lower(o.name), p.key",
    "submitted": "s.at, p.key",
    "places": "p.places DESC, p.key",
}
KEEP_ANSWER = """
INSERT INTO gate_result (proposal, gate, passed, reason, by, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (proposal, gate) DO UPDATE SET passed = $3, reason = $4, by = $5, at = $6
"""
KEEP_DECISION = """
INSERT INTO formal_decision (proposal, admitted, reason, by, at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (proposal) DO UPDATE SET admitted = $2, reason = $3, by = $4, at = $5
"""
EXPORTED = {"submitted": "new", "cure_over": "curing", "rejected_formally": "rejected"}
PAGE = 50


class Received(Record):
    """A submitted proposal in the intake list; found: how many there are in all."""

    id: int
    key: str
    title: str
    field: str
    places: int | None
    requested_grant_cents: int
    organisation: str
    receipt_number: str
    submitted_at: datetime
    withdrawn_at: datetime | None
    admitted: bool | None
    rejection: str | None
    cure_due: date | None
    answered_at: datetime | None
    found: int


class Submitted(Proposal):
    """A submitted proposal with everything that its formal check needs."""

    key: str
    legal_form: str
    seat: str
    organisation_email: str
    receipt_number: str
    submitted_at: datetime
    sha256: str
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    admitted: bool | None
    rejection: str | None
    decided_at: datetime | None
    missing: str | None
    cure_due: date | None
    cure_at: datetime | None
    answer: str | None
    answered_at: datetime | None


class GateAnswer(NamedTuple):
    """One gate for one proposal: what was answered, or what the numbers say by themselves."""

    key: str
    label: str
    ko: bool
    curable: bool
    passed: bool | None
    reason: str
    suggested: bool | None


def state(row: Checked) -> str:
    """How far the check of a submitted proposal is, as the exports name it: new, curing, cured, admitted, rejected
    or withdrawn.
    """
    found = proposals.formal_state(row)
    return EXPORTED.get(found, found)


async def intake(call: int, order: str = "key", page: int = 1, size: int = PAGE) -> list[Received]:
    """One page of the submitted proposals; every row carries the number of all of them as `found`."""
    by = ORDERS.get(order, ORDERS["key"])
    return await database.all_of(Received, f"{INTAKE} ORDER BY {by} LIMIT $2 OFFSET $3", call, size, (page - 1) * size)


async def proposal_of(call: Call, key: str, at: datetime | None = None) -> Submitted:
    """A submitted proposal of a call with everything the check needs; raises NotFound, or NotAllowed while sealed."""
    if why := calls.why_sealed(call, at):
        raise NotAllowed(why)
    return await database.found(
        Submitted,
        """
        SELECT p.*, o.name AS organisation_name, o.legal_form, o.seat, o.email AS organisation_email,
            s.receipt_number, s.at AS submitted_at, s.sha256, w.at AS withdrawn_at, w.reason AS withdrawal_reason,
            f.admitted, f.reason AS rejection, f.at AS decided_at, c.missing, c.due AS cure_due, c.at AS cure_at,
            c.answer, c.answered_at
        FROM proposal p JOIN submission s ON s.proposal = p.id JOIN organisation o ON o.id = p.organisation
        LEFT JOIN withdrawal w ON w.proposal = p.id LEFT JOIN formal_decision f ON f.proposal = p.id
        LEFT JOIN cure_request c ON c.proposal = p.id
        WHERE p.call = $1 AND p.key = $2
        """,
        call.id,
        key,
    )


async def gates(call: Call, proposal: Submitted, language: str) -> list[GateAnswer]:
    """Every gate of the call's scheme with its answer so far. One statement."""
    kept = await rating_schemes.of(call.rating_scheme)
    given = {
        row["gate"]: row
        for row in await database.rows("SELECT gate, passed, reason FROM gate_result WHERE proposal = $1", proposal.id)
    }
    facts = proposals.facts(proposal)
    found = []
    for gate in kept.content.gates:
        answer = given.get(gate.key)
        found.append(
            GateAnswer(
                gate.key,
                i18n.spoken(gate.label(language), gate.label("de")),
                gate.ko,
                gate.curable,
                answer["passed"] if answer else None,
                answer["reason"] if answer else "",
                _suggested(call, proposal, gate, facts),
            )
        )
    return found


def _suggested(call: Call, proposal: Submitted, gate: Gate, facts: Mapping[str, object]) -> bool | None:
    """What the stored facts say of a gate; None where a person has to look."""
    if gate.key == "in_time":
        return bool(call.deadline and proposal.submitted_at < call.deadline)
    if gate.key == "balanced_plan":
        return proposals.totals(proposal).balanced
    return rating_schemes.gate_says(gate, facts)


def why_closed(call: Call, proposal: Submitted, at: datetime | None = None) -> str | None:
    """Why the formal check of a proposal cannot be changed at a moment (default: now), or None."""
    if why := calls.why_sealed(call, at):
        return why
    if proposal.withdrawn_at:
        return _("The organisation has withdrawn this proposal.")
    if call.rating_closed_at:
        return _("The rating is closed. The formal check can no longer be changed.")
    return None


async def decide(
    call: Call,
    proposal: Submitted,
    answers: Mapping[str, bool | None],
    reasons: Mapping[str, str],
    reason: str,
    *,
    despite_period: bool = False,
    by: int,
    at: datetime,
) -> bool:
    """End the formal check by the answers to all gates: admitted if each with ko is met, else rejected with the reason.

    Returns whether it is admitted; an admitted proposal is assigned to all voting members at once.
    Raises NotAllowed, or Invalid where an answer or the reason is missing, or where what was asked for may still arrive
    and nobody has said that it is rejected despite_period.
    """
    if why := why_closed(call, proposal, at):
        raise NotAllowed(why)
    asked = await gates(call, proposal, "de")
    admitted = all(answers.get(gate.key) for gate in asked if gate.ko)
    faults = {f"gate-{gate.key}": _("Please answer this.") for gate in asked if answers.get(gate.key) is None}
    if not admitted and not reason and not faults:
        faults["reason"] = _("Please give the reason; the organisation will read it.")
    if not admitted and not despite_period:
        faults |= _waiting(proposal, at)
    if faults:
        raise Invalid(faults)
    async with write_transaction():
        await keep_decided(call, proposal, admitted, answers, reasons, reason, by=by, at=at)
    return admitted


async def keep_decided(
    call: Call,
    proposal: Submitted,
    admitted: bool,
    answers: Mapping[str, bool | None],
    reasons: Mapping[str, str],
    reason: str,
    *,
    by: int | None,
    at: datetime,
) -> None:
    """Inside a transaction: the formal check ends so; an admitted proposal is given to all voting members."""
    await database.many(KEEP_ANSWER, [(proposal.id, *one, reasons.get(one[0], ""), by, at) for one in answers.items()])
    said = "" if admitted else reason
    await database.rows(KEEP_DECISION, proposal.id, admitted, said, by, at)
    if admitted != proposal.admitted or (not admitted and reason != proposal.rejection):
        told = await mails.of_organisation(proposal.organisation)
        await mails.tell(told, lambda: _decision_text(call, proposal, admitted, reason), call=call.id)
    if admitted:
        await assignments.assign_all(call.id, at, proposal=proposal.id)
    notes = {gate: text for gate, text in reasons.items() if text}
    detail = {"proposal": proposal.key, "answers": dict(answers), "notes": notes, "reason": reason}
    action = "formal_check.admitted" if admitted else "formal_check.rejected"
    await events.happened(by, action, f"proposal:{proposal.id}", call=call.id, detail=detail, at=at)


def _waiting(proposal: Submitted, at: datetime) -> dict[str, str]:
    """The fault of a rejection while what was asked for may still arrive."""
    if proposal.admitted is not None or not proposals.may_cure(proposal, at):
        return {}
    said = _("Until %(day)s the organisation may still send what it was asked for. Please wait, or confirm here.")
    return {"despite_period": said % {"day": i18n.date(proposal.cure_due)}}


async def ask_for_cure(
    call: Call, proposal: Submitted, missing: str, due: date, *, by: int | None, at: datetime
) -> None:
    """Ask the organisation for what is missing, until a day; it gets a mail. Raises Invalid or NotAllowed."""
    if why := why_closed(call, proposal, at):
        raise NotAllowed(why)
    if proposal.admitted is not None:
        raise NotAllowed(_("The formal check of this proposal has ended."))
    if due < at.astimezone(clock.BERLIN).date():
        raise Invalid(due=_("Please choose a day that is still to come."))
    async with write_transaction():
        asked = await database.row(
            "INSERT INTO cure_request (proposal, missing, due, by, at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT (proposal) DO UPDATE SET missing = $2, due = $3, by = $4, at = $5"
            " WHERE cure_request.answered_at IS NULL RETURNING id",
            proposal.id,
            missing,
            due,
            by,
            at,
        )
        if asked is None:
            raise NotAllowed(_("The organisation has already answered."))
        told = await mails.of_organisation(proposal.organisation)
        await mails.tell(told, lambda: _cure_text(call, proposal, missing, due), call=call.id)
        await events.happened(
            by,
            "cure.requested",
            f"proposal:{proposal.id}",
            call=call.id,
            detail={"proposal": proposal.key, "missing": missing, "due": due.isoformat()},
            at=at,
        )


async def note_cure(call: Call, proposal: Submitted, answer: str, *, by: int | None, at: datetime) -> None:
    """Note that what was missing has arrived, and what it was. Raises NotAllowed."""
    if why := calls.why_sealed(call, at):
        raise NotAllowed(why)
    async with write_transaction():
        noted = await database.row(
            "UPDATE cure_request SET answer = $2, answered_at = $3"
            " WHERE proposal = $1 AND answered_at IS NULL RETURNING id",
            proposal.id,
            answer,
            at,
        )
        if noted is None:
            raise NotAllowed(_("Nothing has been asked for about this proposal."))
        await events.happened(
            by, "cure.received", f"proposal:{proposal.id}", call=call.id, detail={"answer": answer}, at=at
        )


def _cure_text(call: Call, proposal: Submitted, missing: str, due: date) -> tuple[str, str]:
    text = _(
        "Hello,\n\nsomething is missing in your proposal %(key)s “%(title)s”:\n\n%(missing)s\n\n"
        "Please send it to %(contact)s by %(due)s. After this day the proposal cannot be considered."
        "\n\nYour proposal: %(link)s"
    )
    return _("Something is missing in your proposal %(key)s") % {"key": proposal.key}, text % {
        "key": proposal.key,
        "title": mails.harmless(proposal.title, 200),
        "missing": missing,
        "contact": call.contact_email or authorities.masthead(call.masthead).title,
        "due": i18n.date(due),
        "link": _address(proposal),
    }


def _decision_text(call: Call, proposal: Submitted, admitted: bool, reason: str) -> tuple[str, str]:
    said = {"key": proposal.key, "title": proposal.title, "reason": reason, "link": _address(proposal)}
    said["call"] = i18n.in_language(call, "title")
    if admitted:
        said["next"] = _next_text(call)
        return _("Admitted to the rating: proposal %(key)s") % said, _(
            "Hello,\n\nthe formal check of your proposal %(key)s “%(title)s” in the call “%(call)s” has ended: it is"
            " admitted to the rating.\n\n%(next)s\n\nYour proposal: %(link)s"
        ) % said
    said["contact"] = call.contact_email or authorities.masthead(call.masthead).title
    if proposal.admitted:
        said["news"] = _("its admission to the rating is taken back; it is formally rejected and no longer rated.")
    else:
        said["news"] = _("its formal check has ended: it is formally rejected and is not rated.")
    return _("Formally rejected: proposal %(key)s") % said, _(
        "Hello,\n\nabout your proposal %(key)s “%(title)s” in the call “%(call)s”: %(news)s\n\nReason:\n%(reason)s"
        "\n\nIf you think that this is wrong, please write to %(contact)s.\n\nYour proposal: %(link)s"
    ) % said


def _next_text(call: Call) -> str:
    if call.results_on:
        said = _("Next the committee rates it. The result is expected on %(day)s.")
        return said % {"day": i18n.date(call.results_on)}
    return _("Next the committee rates it.")


def _address(proposal: Submitted) -> str:
    return f"{SETTINGS.base_url}/proposals/{proposal.id}"
