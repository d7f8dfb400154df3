"""Reviews: the marks of one member for one proposal, handed in as one sheet."""

from app import database
from app.database import Row
from app.domain.conflicts import BIAS, RATED, RATES

MARKS = """
SELECT p.key AS proposal, m.key AS member, s.criterion, s.value, s.not_assessable, s.comment,
    NOT (bias.declared OR bias.own) AS counts
FROM review r
JOIN assignment a ON a.id = r.assignment
JOIN member m ON m.id = a.member
JOIN proposal p ON p.id = a.proposal
JOIN score s ON s.assignment = a.id
"""


async def marks(call: int) -> list[Row]:
    """Every mark of the sheets that are handed in, by proposal, member and criterion; proposal and member are keys.

    `counts` is False for all marks of a member who is biased towards the proposal: they are kept, but no longer count.
    Sheets that are open (again), of advisory members, of withdrawn or rejected proposals are not among them.
    A blank value means: not given, or not to be judged where `not_assessable` is set.
    """
    return await database.rows(
        f"{MARKS} {BIAS} WHERE p.call = $1 AND r.reopened_at IS NULL AND {RATES} AND {RATED} ORDER BY 1, 2, 3", call
    )
