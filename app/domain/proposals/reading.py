"""Proposals as their own organisation sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app import clock, database
from app.database import Row
from app.domain import calls
from app.errors import NotFound
from app.i18n import gettext as _

LARGEST_ID = 2**31 - 1

COLUMNS = """
SELECT p.*, o.name AS organisation_name, o.email AS organisation_email,
    c.key AS call_key, c.title_de AS call_title_de, c.title_en AS call_title_en, c.opens_at, c.deadline, c.rating_from,
    c.earliest_start, c.min_places, c.max_grant_per_place_month_cents, c.months_max, c.overhead_percent_max,
    c.own_funds_percent_min, c.contact_name, c.contact_email, c.contact_phone,
    c.formal_check_until, c.rating_until, c.results_on, c.application_until,
    l.at AS published_at, x.at AS rating_closed_at, r.at AS result_at,
    s.receipt_number, s.at AS submitted_at, s.sha256, h.name AS submitted_by,
    w.at AS withdrawn_at, w.reason AS withdrawal_reason,
    q.missing AS cure_missing, q.due AS cure_due, q.answered_at,
    d.admitted, d.reason AS rejection, d.at AS decided_at, r.ranking AS result_ranking,
    EXISTS (SELECT FROM frozen_ranking f WHERE f.call = p.call) AS frozen
FROM proposal p
JOIN organisation o ON o.id = p.organisation
JOIN call c ON c.id = p.call
LEFT JOIN call_publication l ON l.call = p.call
LEFT JOIN rating_closure x ON x.call = p.call
LEFT JOIN result_publication r ON r.call = p.call
LEFT JOIN submission s ON s.proposal = p.id
LEFT JOIN person h ON h.id = s.by
LEFT JOIN withdrawal w ON w.proposal = p.id
LEFT JOIN cure_request q ON q.proposal = p.id
LEFT JOIN formal_decision d ON d.proposal = p.id
"""
MINE = "EXISTS (SELECT FROM membership m WHERE m.organisation = p.organisation AND m.person = $1)"
LISTED = """
SELECT p.id, p.key, p.title, o.name AS organisation_name, c.title_de AS call_title_de, c.title_en AS call_title_en,
    c.opens_at, c.deadline, c.rating_from, l.at AS published_at, x.at AS rating_closed_at,
    r.at AS result_at, r.ranking AS result_ranking,
    s.receipt_number, s.at AS submitted_at, w.at AS withdrawn_at,
    q.due AS cure_due, q.answered_at, d.admitted, d.at AS decided_at
FROM proposal p
JOIN organisation o ON o.id = p.organisation
JOIN call c ON c.id = p.call
LEFT JOIN call_publication l ON l.call = p.call
LEFT JOIN rating_closure x ON x.call = p.call
LEFT JOIN result_publication r ON r.call = p.call
LEFT JOIN submission s ON s.proposal = p.id
LEFT JOIN withdrawal w ON w.proposal = p.id
LEFT JOIN cure_request q ON q.proposal = p.id
LEFT JOIN formal_decision d ON d.proposal = p.id
"""
AWAITED = "(q.due >= $3 AND q.answered_at IS NULL AND d.id IS NULL AND w.id IS NULL AND s.id IS NOT NULL)"

RECEIPT = """
SELECT s.receipt_number, s.at, s.sha256, s.content, p.id, p.key, p.title, h.name AS submitted_by,
    o.name AS organisation_name, c.key AS call_key, c.title_de AS call_title_de, c.title_en AS call_title_en, c.deadline
FROM submission s
JOIN proposal p ON p.id = s.proposal
JOIN organisation o ON o.id = p.organisation
JOIN call c ON c.id = p.call
LEFT JOIN person h ON h.id = s.by
"""


@dataclass(frozen=True)
class Desk:
    """What awaits a person in their organisations: their proposals, and the calls that are open to them."""

    proposals: Sequence[Row]
    open_calls: Sequence[Row]


async def desk_of(person: int, at: datetime | None = None) -> Desk:
    """The proposals of a person's organisations (at most 30), and the calls open to them. Two statements.

    What the office asks for comes first, then what can still be handed in, then the latest saved.
    """
    now = at or clock.now()
    order = f"{AWAITED} IS TRUE DESC, (s.id IS NULL AND c.deadline > $2) DESC, p.saved_at DESC, p.id DESC"
    today = now.astimezone(clock.BERLIN).date()
    found = await database.rows(f"{LISTED} WHERE {MINE} ORDER BY {order} LIMIT 30", person, now, today)
    return Desk(proposals=found, open_calls=await calls.open_to(person, now))


async def of_call(person: int, call: int) -> Sequence[Row]:
    """The proposals of a person's organisations in one call, the oldest first."""
    return await database.rows(f"{LISTED} WHERE {MINE} AND p.call = $2 ORDER BY p.id", person, call)


async def held_by(person: int, proposal: int) -> Row:
    """A proposal of an organisation that the person acts for, with its call's rules and dates, its receipt,
    withdrawal and cure request (None where there is none); raises NotFound for any other.
    """
    found = None
    if 0 < proposal <= LARGEST_ID:
        found = await database.row(f"{COLUMNS} WHERE {MINE} AND p.id = $2", person, proposal)
    if found is None:
        raise NotFound
    return found


async def partners(proposal: int) -> Sequence[Row]:
    """The partners of a proposal in their order: name, role, task."""
    return await database.rows("SELECT name, role, task FROM partner WHERE proposal = $1 ORDER BY id", proposal)


async def receipt(person: int, proposal: int) -> Row:
    """The receipt of a proposal that the person's organisation handed in; raises NotFound for any other."""
    found = None
    if 0 < proposal <= LARGEST_ID:
        found = await database.row(f"{RECEIPT} WHERE {MINE} AND p.id = $2", person, proposal)
    if found is None:
        raise NotFound
    return found


def why_closed_for_change(row: Row) -> str | None:
    """Why the text of a proposal can no longer be changed, or None when it can."""
    if row["withdrawn_at"]:
        return _("This proposal was withdrawn. You can copy it into a new draft.")
    if row["submitted_at"]:
        return _("This proposal was handed in. What was handed in can no longer be changed.")
    return None


def why_closed_for_handing_in(row: Row, at: datetime | None = None) -> str | None:
    """Why a proposal cannot be handed in at a moment, or None when it can (or was)."""
    if row["withdrawn_at"]:
        return _("This proposal was withdrawn. You can copy it into a new draft.")
    return None if row["submitted_at"] else calls.why_closed_for_proposals(row, at)


def why_closed_for_withdrawal(row: Row) -> str | None:
    """Why a proposal cannot be taken back, or None when it can."""
    if not row["submitted_at"]:
        return _("This proposal was not handed in, so there is nothing to take back.")
    if row["withdrawn_at"]:
        return _("This proposal was already withdrawn.")
    if row["admitted"] is False:
        return _("This proposal is formally rejected, so there is nothing to take back.")
    if row["frozen"]:
        return _("The ranking is final. Please write to the contact of the call if you cannot carry out the project.")
    return None


def why_closed_for_copy(row: Row, at: datetime | None = None) -> str | None:
    """Why a proposal cannot be copied into a new draft, or None when it can."""
    if not row["withdrawn_at"] and row["admitted"] is not False:
        return _("Only a withdrawn or formally rejected proposal can be copied into a new draft.")
    return calls.why_closed_for_proposals(row, at)
