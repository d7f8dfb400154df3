"""Committees: who sits in one, and who leads its work."""

from app import database
from app.domain.calls import CALL, Call
from app.errors import NotFound
from app.tables.committees import Role

LED = "SELECT c.*, m.id AS member, m.role, d.id AS administration"
LEADING = f"""{LED} FROM ({CALL} WHERE c.key = $2) c
LEFT JOIN member m ON m.committee = c.committee AND m.person = $1
LEFT JOIN administration d ON d.authority = c.authority AND d.person = $1
WHERE m.role = 'chair' OR d.id IS NOT NULL
"""


class Led(Call):
    """A call for who leads its committee or administers it: their seat in it, and their administration, if any."""

    member: int | None
    role: Role | None
    administration: int | None


async def led_by(person: int, key: str) -> Led:
    """A call whose committee the person chairs, or that they administer; raises NotFound for any other."""
    return await database.found(Led, LEADING, person, key)


async def chaired_by(person: int, key: str) -> Led:
    """A call whose committee the person chairs; raises NotFound for any other."""
    found = await led_by(person, key)
    if found.role != "chair":
        raise NotFound
    return found
