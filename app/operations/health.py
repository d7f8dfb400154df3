"""Whether this process can work: asked of the database on a connection of its own, never longer than two seconds."""

import asyncio
import logging
from dataclasses import dataclass

import asyncpg

from app import clock, database

log = logging.getLogger("votum.health")

PATIENCE = 1.5
READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::bool"
ROOM = "SELECT count(*) FROM (SELECT n FROM generate_series(1, 50000) n ORDER BY n DESC) spilled"
WAITING = """
SELECT extract(epoch FROM $1 - min(at)) FROM mail WHERE sent_at IS NULL AND NOT held AND given_up_at IS NULL
"""


@dataclass(frozen=True)
class Health:
    """What was found: the part that fails (connection, migrations, writing), how old the oldest unsent mail is."""

    failing: str = ""
    why: str = ""
    oldest_mail_seconds: int = 0


class _Fails(Exception):
    pass


_looking: "asyncio.Task[Health] | None" = None


async def look() -> Health:
    """Look now; who asks while somebody looks gets the same answer, so that asking costs one connection at most."""
    global _looking
    if _looking is None or _looking.done():
        _looking = asyncio.create_task(_look())
    return await asyncio.shield(_looking)


async def _look() -> Health:
    try:
        async with asyncio.timeout(PATIENCE):
            connection = await asyncpg.connect(**database.DB.config)
            try:
                return await _examined(connection)
            finally:
                connection.terminate()
    except _Fails as found:
        return Health(*found.args)
    except TimeoutError:
        return Health("connection", "The database does not answer in time.")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("The database refuses: %s", type(error).__name__)
        return Health("connection", "The database takes no connection at the moment.")


async def _examined(connection: "asyncpg.Connection[asyncpg.Record]") -> Health:
    if await database.pending(connection):
        raise _Fails("migrations", "The database is not in the newest form.")
    if await connection.fetchval(READ_ONLY):
        raise _Fails("writing", "The database can only be read.")
    await _refuse_full(connection)
    waiting = await connection.fetchval(WAITING, clock.now())
    return Health(oldest_mail_seconds=max(0, int(waiting or 0)))


async def _refuse_full(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """A sort that does not fit into memory writes about a megabyte beside the data, and leaves nothing behind."""
    try:
        async with connection.transaction():
            await connection.execute("SET LOCAL work_mem = '64kB'")
            await connection.execute(ROOM)
    except (asyncpg.DiskFullError, asyncpg.PostgresIOError) as error:
        raise _Fails("writing", "There is no room left on the disk of the database.") from error
