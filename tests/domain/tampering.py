"""What somebody does who owns the database: switches the triggers off and changes what never changes."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from app import database
from app.database import write_transaction

STANDING = ("audit_entry", "frozen_ranking", "submission", "rating_scheme", "result_publication")
Seen = TypeVar("Seen")


class _Undone(Exception):
    """Everything is as before."""


async def tampered(statements: str) -> None:
    """Run statements, parted by semicolons, with the triggers off."""
    async with write_transaction():
        await _run(statements)


async def seen_while_tampered(statements: str, look: Callable[[], Awaitable[Seen]]) -> list[Seen]:
    """What is seen after the statements; then all is as before."""
    seen = []
    with suppress(_Undone):
        async with write_transaction():
            await _run(statements)
            seen.append(await look())
            raise _Undone
    return seen


async def _run(statements: str) -> None:
    for table in STANDING:
        await database.rows(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements.split(";"):
        await database.rows(statement)
