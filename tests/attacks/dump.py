"""What stands in the database, a fingerprint a table, so that two moments can be compared."""

from app import database
from app.tables import TABLES

PASSING = {
    "session": "(to_jsonb(t) - 'last_seen' - 'flashes')::text",  # when somebody was here, and what is told once
}


async def fingerprints() -> dict[str, str]:
    """Every table's rows as one hash, but for what may change by looking."""
    names = [table._meta.tablename for table in TABLES]
    return {
        name: await database.value(
            f"SELECT coalesce(md5(string_agg({PASSING.get(name, 't::text')}, '|'"
            f" ORDER BY t::text)), '') FROM \"{name}\" t"
        )
        for name in names
    }
