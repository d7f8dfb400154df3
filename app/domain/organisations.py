"""Organisations that hand in proposals, and the people who act for them."""

from collections.abc import Sequence

from app import database
from app.database import Row
from app.domain.errors import NotFound

LARGEST_ID = 2**31 - 1


async def of(person: int) -> Sequence[Row]:
    """The organisations that a person acts for (id, name), by name."""
    return await database.rows(
        "SELECT o.id, o.name FROM membership m JOIN organisation o ON o.id = m.organisation"
        " WHERE m.person = $1 ORDER BY o.name",
        person,
    )


async def held_by(person: int, organisation: int) -> Row:
    """An organisation that the person acts for; raises NotFound for any other."""
    found = None
    if 0 < organisation <= LARGEST_ID:
        found = await database.row(
            "SELECT o.* FROM organisation o JOIN membership m ON m.organisation = o.id AND m.person = $1"
            " WHERE o.id = $2",
            person,
            organisation,
        )
    if found is None:
        raise NotFound
    return found
