"""Committees: who sits in one, and who leads its work."""

from app import database
from app.database import Row
from app.errors import NotFound

LEADING = """
SELECT c.id, c.key, c.authority, c.title_de, c.title_en, c.rating_scheme, c.opens_at, c.deadline, c.rating_from,
    c.rating_until, u.at AS published_at, x.at AS rating_closed_at, z.at AS result_at, k.id AS committee,
    k.name AS committee_name, m.id AS member, m.role, d.id AS administration
FROM call c
JOIN committee k ON k.call = c.id
LEFT JOIN call_publication u ON u.call = c.id
LEFT JOIN rating_closure x ON x.call = c.id
LEFT JOIN result_publication z ON z.call = c.id
LEFT JOIN member m ON m.committee = k.id AND m.person = $1
LEFT JOIN administration d ON d.authority = c.authority AND d.person = $1
WHERE c.key = $2 AND (m.role = 'chair' OR d.id IS NOT NULL)
"""


async def led_by(person: int, key: str) -> Row:
    """A call whose committee the person chairs, or that they administer; raises NotFound for any other.

    Beside columns of the call: committee_name, the person's own seat (member, role), and administration,
    which is None for somebody who only chairs.
    """
    found = await database.row(LEADING, person, key)
    if found is None:
        raise NotFound
    return found


async def chaired_by(person: int, key: str) -> Row:
    """A call whose committee the person chairs; raises NotFound for any other."""
    found = await led_by(person, key)
    if found["role"] != "chair":
        raise NotFound
    return found
