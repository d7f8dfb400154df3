"""A database that is lent to one test after the other, and holds again what its template holds before the next has it.

Making a database and filling the caches of its connections costs more than most tests do. What a test has written is
known by the transactions that came after the last loan: rows that they made are deleted, tables that lost rows get
all of theirs back, sequences are set back. A test that touched the schema, or that leaves anything which cannot be
put right, costs the next one a new clone; so does every 50th, since deleted rows leave traces in the files.
"""

import asyncio
from contextlib import suppress
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from app import database

LOANS = 50
PATIENCE = 10  # seconds until what a test left running must have come to rest
OF_POSTGRES = "relnamespace = 'pg_catalog'::regnamespace AND NOT relisshared AND relkind = 'r'"
OURS = "relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)"
NEWER = "age(xmin) <= age($1::xid)"
SHARED = (
    "pg_database WHERE datname = current_database()",
    "pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
)
OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> $1"
)
NOW = "SELECT pg_current_xact_id()::xid"  # what comes later is newer


def of(server: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


def by_superuser(server: str) -> str:
    """The address for the one who may do everything, where the embedded server knows one."""
    return server.replace("votum@", "postgres@")


async def administer(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


class Pristine:
    """What a database held when it was new, and how to bring it back there."""

    def __init__(self, keeper: asyncpg.Connection) -> None:
        self.keeper = keeper

    async def note(self) -> None:
        """Remember what stands there now."""
        await self.keeper.execute("SET session_replication_role = replica; SET lock_timeout = '5s'")
        catalogs = await self._names(OF_POSTGRES)
        self.tables = await self._names(f"{OURS} AND relkind = 'r'")
        sequences = await self._names(f"{OURS} AND relkind = 'S'")
        self.schema = " UNION ALL ".join(_counted(source) for source in (*catalogs, *SHARED))
        self.content = " UNION ALL ".join(_counted(table) for table in self.tables)
        self.standing = " UNION ALL ".join(f"SELECT '{name}', last_value, is_called FROM {name}" for name in sequences)
        await self._from_now()
        self.of_schema, self.of_content = await self._ask(self.schema), await self._ask(self.content)
        self.of_sequences = await self.keeper.fetch(self.standing)
        self.rows = {table: await self._copied(table) for table, count, _ in self.of_content if count}

    async def restore(self) -> bool:
        """Bring it back; False where the schema is another one."""
        if await self._ask(self.schema) != self.of_schema:
            return False
        async with self.keeper.transaction():
            await self._rows_restored()
            await self._sequences_restored()
        await self._from_now()
        return True

    async def _rows_restored(self) -> None:
        for (table, before, _), (_, count, newer) in zip(self.of_content, await self._ask(self.content), strict=True):
            if newer:
                await self.keeper.execute(f"DELETE FROM {table} WHERE {NEWER}", self.since)
            if count - newer < before:
                await self._filled(table)

    async def _sequences_restored(self) -> None:
        for was, name_and_value in zip(self.of_sequences, await self.keeper.fetch(self.standing), strict=True):
            if was != name_and_value:
                await self.keeper.execute("SELECT setval($1::text::regclass, $2, $3)", *was)

    async def _names(self, which: str) -> list[str]:
        found = await self.keeper.fetch(f"SELECT oid::regclass::text AS name FROM pg_class WHERE {which} ORDER BY 1")
        return [row["name"] for row in found]

    async def _from_now(self) -> None:
        self.since = await self.keeper.fetchval(NOW)

    async def _ask(self, counts: str) -> list[Any]:
        return await self.keeper.fetch(counts, self.since)

    async def _copied(self, table: str) -> bytes:
        held = BytesIO()
        await self.keeper.copy_from_query(f"SELECT * FROM {table}", output=held, format="binary")
        return held.getvalue()

    async def _filled(self, table: str) -> None:
        await self.keeper.execute(f"DELETE FROM {table}")
        await self.keeper.copy_to_table(table, source=BytesIO(self.rows[table]), format="binary")


def _counted(source: str) -> str:
    return f"SELECT '{source.split()[0]}', count(*), count(*) FILTER (WHERE {NEWER}) FROM {source}"


class Lent:
    """The database, its pool, and whoever puts it right."""

    def __init__(self, server: str, template: str, name: str) -> None:
        self.server, self.template, self.name = server, template, name
        self.dsn = of(server, name)
        self.loans = 0
        self.pool: Any = None
        self.keeper: asyncpg.Connection | None = None

    async def lend(self) -> None:
        """Have the pool of the program work with it."""
        if not self.loans:
            await self._make()
        self.loans += 1
        database.connect_to(self.dsn)
        database.DB.pool = self.pool

    async def take_back(self) -> None:
        """Put it right, or drop it; raises TimeoutError where something that works with it does not end."""
        pool, database.DB.pool = database.DB.pool, None
        try:
            if not (await self._is_ours(pool) and self.loans < LOANS and await self._restored()):
                await self.drop()
        except BaseException:
            await self.drop()
            raise

    async def drop(self) -> None:
        """Leave nothing; the next loan makes a new one."""
        if not self.loans:
            return
        if self.pool:
            self.pool.terminate()
        if self.keeper:
            self.keeper.terminate()
        self.loans, self.pool, self.keeper = 0, None, None
        await administer(by_superuser(self.server), f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    async def _make(self) -> None:
        how = f'CREATE DATABASE "{self.name}" TEMPLATE "{self.template}" STRATEGY file_copy'  # half the work of a log
        await administer(self.server, how)
        self.loans = 0
        database.connect_to(self.dsn)
        await database.open_pool(least=1)
        self.pool = database.DB.pool
        self.keeper = await asyncpg.connect(by_superuser(self.dsn))
        self.pristine = Pristine(self.keeper)
        await self.pristine.note()

    async def _is_ours(self, pool: Any) -> bool:
        """Whether the pool is the one that was lent, once all its connections rest; another one is closed."""
        async with asyncio.timeout(PATIENCE):
            if pool is self.pool:
                for holder in pool._holders:
                    await holder.wait_until_released()
            elif pool:
                await pool.close()
        return pool is self.pool

    async def _restored(self) -> bool:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError, database.Unavailable):
            kept = await self._rested()
            await self.keeper.fetch(OTHERS, kept)
            return await self.pristine.restore()
        return False

    async def _rested(self) -> int:
        """The process of the one connection that stays open, which is as new."""
        async with self.pool.acquire() as connection:
            for holder in self.pool._holders:
                if holder._con is not connection._con:
                    await holder.close()
            await connection.reset()
            await connection.execute("DISCARD PLANS; DISCARD SEQUENCES; DISCARD TEMP")
            return connection.get_server_pid()
