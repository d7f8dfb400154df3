"""Assignments: which member is to rate which proposal."""

from datetime import datetime

from app import database
from app.domain.conflicts import RATED, RATES

ASSIGN = """
INSERT INTO assignment (member, proposal, at)
SELECT m.id, p.id, $2 FROM committee k
JOIN member m ON m.committee = k.id
JOIN proposal p ON p.call = k.call
"""
MISSING = "NOT EXISTS (SELECT FROM assignment a WHERE a.member = m.id AND a.proposal = p.id)"


async def assign_all(call: int, at: datetime, *, proposal: int | None = None) -> int:
    """Inside a transaction: every voting member is to rate every admitted proposal; returns how many are new.

    With `proposal` only that one is given out. What is assigned already stays as it is.
    """
    only = "p.id = $3" if proposal else "$3::int IS NULL"
    new = await database.rows(
        f"{ASSIGN} WHERE k.call = $1 AND {only} AND {RATES} AND {RATED} AND {MISSING}"
        " ON CONFLICT (member, proposal) DO NOTHING RETURNING id",
        call,
        at,
        proposal,
    )
    return len(new)
