"""Proposals as their own organisation sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app import clock, database
from app.database import Record
from app.domain import authorities, calls
from app.domain.proposals.content import Partner, Proposal
from app.errors import NotFound
from app.i18n import gettext as _

LARGEST_ID = 2**31 - 1

COLUMNS = f"""
SELECT p.*, o.name AS organisation_name, o.email AS organisation_email,
    c.key AS call_key, c.title_de AS call_title_de, c.title_en AS call_title_en, c.opens_at, c.deadline, c.rating_from,
    c.earliest_start, c.min_places, c.max_grant_per_place_month_cents, c.months_max, c.overhead_percent_max,
    c.own_funds_percent_min, c.contact_name, c.contact_email, c.contact_phone,
    c.formal_check_until, c.rating_until, c.results_on, c.application_until,
    t.published_at, t.rating_closed_at, t.result_at, t.result_ranking, t.frozen,
    s.receipt_number, s.at AS submitted_at, s.sha256, h.name AS submitted_by,
    w.at AS withdrawn_at, w.reason AS withdrawal_reason,
    q.missing AS cure_missing, q.due AS cure_due, q.answered_at,
    d.admitted, d.reason AS rejection, d.at AS decided_at, {authorities.OF_CALL}
FROM proposal p
JOIN organisation o ON o.id = p.organisation
JOIN call c ON c.id = p.call
JOIN call_state t ON t.call = p.call
LEFT JOIN submission s ON s.proposal = p.id
LEFT JOIN person h ON h.id = s.by
LEFT JOIN withdrawal w ON w.proposal = p.id
LEFT JOIN cure_request q ON q.proposal = p.id
LEFT JOIN formal_decision d ON d.proposal = p.id
"""  # noqa: S608
MINE = "EXISTS (SELECT FROM membership m WHERE m.organisation = p.organisation AND m.person = $1)"
LISTED = """
SELECT p.id, p.key, p.title, o.name AS organisation_name, c.title_de AS call_title_de, c.title_en AS call_title_en,
    c.opens_at, c.deadline, c.rating_from, c.rating_until,
    t.published_at, t.rating_closed_at, t.result_at, t.result_ranking,
    s.receipt_number, s.at AS submitted_at, w.at AS withdrawn_at,
    q.due AS cure_due, q.answered_at, d.admitted, d.at AS decided_at
FROM proposal p
JOIN organisation o ON o.id = p.organisation
JOIN call c ON c.id = p.call
JOIN call_state t ON t.call = p.call
LEFT JOIN submission s ON s.proposal = p.id
LEFT JOIN withdrawal w ON w.proposal = p.id
LEFT JOIN cure_request q ON q.proposal = p.id
LEFT JOIN formal_decision d ON d.proposal = p.id
"""
AWAITED = "(q.due >= $3 AND q.answered_at IS NULL AND d.id IS NULL AND w.id IS NULL AND s.id IS NOT NULL)"

RECEIPT = f"""
SELECT s.receipt_number, s.at, s.sha256, s.content, p.id, p.key, p.title, h.name AS submitted_by,
    o.name AS organisation_name, c.key AS call_key, c.title_de AS call_title_de, c.title_en AS call_title_en,
    c.deadline, {authorities.OF_CALL}
FROM submission s
JOIN proposal p ON p.id = s.proposal
JOIN organisation o ON o.id = p.organisation
JOIN call c ON c.id = p.call
LEFT JOIN person h ON h.id = s.by
"""  # noqa: S608


class Own(Proposal):
    """A proposal as its organisation sees it: with its call's rules and dates and what has happened to both.

    None: has not happened, was not asked for, or is not limited by the call.
    """

    masthead: str
    key: str | None
    organisation_email: str
    call_key: str
    call_title_de: str
    call_title_en: str
    contact_name: str
    contact_email: str
    contact_phone: str
    earliest_start: date | None
    min_places: int | None
    max_grant_per_place_month_cents: int | None
    months_max: int | None
    overhead_percent_max: int | None
    own_funds_percent_min: int | None
    opens_at: datetime | None
    deadline: datetime | None
    formal_check_until: date | None
    rating_from: date | None
    rating_until: date | None
    results_on: date | None
    application_until: date | None
    published_at: datetime | None
    rating_closed_at: datetime | None
    result_at: datetime | None
    result_ranking: int | None
    frozen: bool
    receipt_number: str | None
    submitted_at: datetime | None
    submitted_by: str | None
    sha256: str | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    cure_missing: str | None
    cure_due: date | None
    answered_at: datetime | None
    admitted: bool | None
    rejection: str | None
    decided_at: datetime | None


class Listed(Record):
    """A proposal in its organisation's lists: enough to say what it is and where it stands."""

    id: int
    key: str | None
    title: str
    organisation_name: str
    call_title_de: str
    call_title_en: str
    opens_at: datetime | None
    deadline: datetime | None
    rating_from: date | None
    rating_until: date | None
    published_at: datetime | None
    rating_closed_at: datetime | None
    result_at: datetime | None
    result_ranking: int | None
    receipt_number: str | None
    submitted_at: datetime | None
    withdrawn_at: datetime | None
    cure_due: date | None
    answered_at: datetime | None
    admitted: bool | None
    decided_at: datetime | None


class Receipt(Record):
    """What was handed in, when and by whom: content as text, its SHA-256."""

    masthead: str
    id: int
    key: str
    title: str
    receipt_number: str
    at: datetime
    sha256: str
    content: str
    submitted_by: str | None
    organisation_name: str
    call_key: str
    call_title_de: str
    call_title_en: str
    deadline: datetime | None


@dataclass(frozen=True)
class Desk:
    """What awaits a person in their organisations: their proposals, and the calls that are open to them."""

    proposals: Sequence[Listed]
    open_calls: Sequence[calls.Call]


async def desk_of(person: int, at: datetime | None = None) -> Desk:
    """The proposals of a person's organisations (at most 30), and the calls open to them. Two statements.

    What the office asks for comes first, then what can still be handed in, then the latest saved.
    """
    now = at or clock.now()
    order = f"{AWAITED} IS TRUE DESC, (s.id IS NULL AND c.deadline > $2) DESC, p.saved_at DESC, p.id DESC"
    today = now.astimezone(clock.BERLIN).date()
    found = await database.all_of(Listed, f"{LISTED} WHERE {MINE} ORDER BY {order} LIMIT 30", person, now, today)
    return Desk(proposals=found, open_calls=await calls.open_to(person, now))


async def of_call(person: int, call: int) -> list[Listed]:
    """The proposals of a person's organisations in one call, the oldest first."""
    return await database.all_of(Listed, f"{LISTED} WHERE {MINE} AND p.call = $2 ORDER BY p.id", person, call)


async def held_by(person: int, proposal: int) -> Own:
    """A proposal of an organisation that the person acts for; raises NotFound for any other."""
    if not 0 < proposal <= LARGEST_ID:
        raise NotFound
    return await database.found(Own, f"{COLUMNS} WHERE {MINE} AND p.id = $2", person, proposal)


async def partners(proposal: int) -> list[Partner]:
    """The partners of a proposal in their order."""
    return await database.all_of(
        Partner, "SELECT name, role, task FROM partner WHERE proposal = $1 ORDER BY id", proposal
    )


async def receipt(person: int, proposal: int) -> Receipt:
    """The receipt of a proposal that the person's organisation handed in; raises NotFound for any other."""
    if not 0 < proposal <= LARGEST_ID:
        raise NotFound
    return await database.found(Receipt, f"{RECEIPT} WHERE {MINE} AND p.id = $2", person, proposal)


def why_closed_for_change(row: Own) -> str | None:
    """Why the text of a proposal can no longer be changed, or None when it can."""
    if row.withdrawn_at:
        return _("This proposal was withdrawn. You can copy it into a new draft.")
    if row.submitted_at:
        return _("This proposal was handed in. What was handed in can no longer be changed.")
    return None


def why_closed_for_handing_in(row: Own, at: datetime | None = None) -> str | None:
    """Why a proposal cannot be handed in at a moment, or None when it can (or was)."""
    if row.withdrawn_at:
        return _("This proposal was withdrawn. You can copy it into a new draft.")
    return None if row.submitted_at else calls.why_closed_for_proposals(row, at)


def why_closed_for_withdrawal(row: Own) -> str | None:
    """Why a proposal cannot be taken back, or None when it can."""
    if not row.submitted_at:
        return _("This proposal was not handed in, so there is nothing to take back.")
    if row.withdrawn_at:
        return _("This proposal was already withdrawn.")
    if row.admitted is False:
        return _("This proposal is formally rejected, so there is nothing to take back.")
    if row.frozen:
        return _("The ranking is final. Please write to the contact of the call if you cannot carry out the project.")
    return None


def why_closed_for_copy(row: Own, at: datetime | None = None) -> str | None:
    """Why a proposal cannot be copied into a new draft, or None when it can."""
    if not row.withdrawn_at and row.admitted is not False:
        return _("Only a withdrawn or formally rejected proposal can be copied into a new draft.")
    return calls.why_closed_for_proposals(row, at)
