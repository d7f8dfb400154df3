"""How far a committee's rating is, and its end by the chair."""

from collections.abc import Sequence
from datetime import datetime

from app import database
from app.database import Record, write_transaction
from app.domain import calls
from app.domain.calls import Call
from app.domain.conflicts import BIAS, BIASED, CLOSED, RATED, RATES
from app.errors import NotAllowed
from app.i18n import gettext as _
from app.records import events
from app.tables.committees import Role

SHEETS = """
SELECT a.member, count(*) AS asked, count(r.id) AS handed_in
FROM assignment a
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
LEFT JOIN review r ON r.assignment = a.id AND r.reopened_at IS NULL
"""
MEMBERS = """
SELECT m.id, m.key, m.role, m.seat, n.name, coalesce(t.asked, 0) AS asked, coalesce(t.handed_in, 0) AS handed_in
FROM member m JOIN person n ON n.id = m.person
"""
VALID = """
SELECT a.proposal, count(*) AS valid
FROM review r
JOIN assignment a ON a.id = r.assignment
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
"""
PROPOSALS = """
SELECT p.id, p.key, p.title, o.name AS organisation_name, coalesce(t.valid, 0) AS valid
FROM proposal p JOIN organisation o ON o.id = p.organisation
"""


class Closed(Record):
    """A proposal that is closed to somebody."""

    id: int
    key: str


class Member(Record):
    """A voting member with the sheets that are asked of them and handed in."""

    id: int
    key: str
    role: Role
    seat: str
    name: str
    asked: int
    handed_in: int


class Rated(Record):
    """A proposal in the rating, with how many ratings count."""

    id: int
    key: str
    title: str
    organisation_name: str
    valid: int


async def closed_to(person: int, call: int) -> list[Closed]:
    """The proposals of a call that a conflict of interest closes to a person, whatever their role."""
    return await database.all_of(Closed, f"SELECT p.id, p.key {CLOSED} AND p.call = $2 ORDER BY p.key", person, call)


async def members(call: Call, without: Sequence[int] = ()) -> list[Member]:
    """The voting members of a call's committee.

    What a member may not open is not asked of them. `without` are proposals that the reader may not know of.
    """
    sheets = (
        f"{SHEETS} {BIAS} WHERE p.call = $1 AND {RATES} AND {RATED} AND NOT {BIASED} AND p.id <> ALL ($3::int[])"
        " GROUP BY a.member"
    )
    return await database.all_of(
        Member,
        f"{MEMBERS} LEFT JOIN ({sheets}) t ON t.member = m.id WHERE m.committee = $2 AND {RATES} ORDER BY m.id",
        call.id,
        call.committee,
        list(without),
    )


async def proposals(call: Call, without: Sequence[int] = ()) -> list[Rated]:
    """The proposals in the rating of a call."""
    valid = (
        f"{VALID} {BIAS} WHERE p.call = $1 AND r.reopened_at IS NULL AND {RATES} AND NOT {BIASED} GROUP BY a.proposal"
    )
    return await database.all_of(
        Rated,
        f"{PROPOSALS} LEFT JOIN ({valid}) t ON t.proposal = p.id"
        f" WHERE p.call = $1 AND {RATED} AND p.id <> ALL ($2::int[]) ORDER BY p.key",
        call.id,
        list(without),
    )


async def close(call: Call, *, by: int, at: datetime) -> None:
    """The chair ends the rating of a call: no mark changes after it. Twice is refused.

    Raises NotAllowed outside the rating. The audit entry comes first: its lock puts the marks that are being saved
    at this moment either before the closing or after it.
    """
    if why := calls.why_closed_for_rating(call, at):
        raise NotAllowed(why)
    async with write_transaction():
        await events.happened(by, "rating.closed", f"call:{call.id}", call=call.id, at=at)
        closed = await database.value(
            "INSERT INTO rating_closure (call, by, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id",
            call.id,
            by,
            at,
        )
        if closed is None:
            raise NotAllowed(_("The chair has closed the rating. Marks can no longer be changed."))
