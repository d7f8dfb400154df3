"""What somebody does who owns the database: switches the triggers off and changes what never changes."""

from app import database
from app.database import write_transaction

STANDING = ("audit_entry", "frozen_ranking", "submission", "rating_scheme", "result_publication")


async def tampered(statements: str) -> None:
    """Run statements, parted by semicolons, with the triggers off."""
    async with write_transaction():
        for table in STANDING:
            await database.rows(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements.split(";"):
            await database.rows(statement)
