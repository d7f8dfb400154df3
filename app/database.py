"""The engine, the pool, reading in plain SQL, and the only way to write."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, redirect_stdout
from io import StringIO
from typing import Any, TypeAlias

import asyncpg
from piccolo.engine.postgres import PostgresEngine

MIGRATION_LOCK = 7_806_853
Row: TypeAlias = Mapping[str, Any]  # asyncpg's record, read by column name


class _Engine(PostgresEngine):
    """Piccolo's engine, without the connection that it would open when the module is imported."""

    async def check_version(self) -> None:
        """Asked once the address is known, by the pool."""


DB = _Engine(config={}, extensions=())


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do."""


def connect_to(dsn: str) -> None:
    """Point the engine at a database. Opens nothing yet."""
    DB.config.clear()
    DB.config.update(
        dsn=dsn,
        server_settings={
            "application_name": "votum",
            "statement_timeout": "15s",
            "idle_in_transaction_session_timeout": "30s",
            "timezone": "UTC",
        },
    )


async def _as_it_is(connection: Any) -> None:
    """Nothing to reset when a connection comes back: all settings we make end with their transaction."""


async def open_pool(least: int = 2, most: int = 10) -> None:
    """Open the pool; raises DatabaseError with what to do when nobody answers."""
    try:
        await DB.start_connection_pool(min_size=least, max_size=most, reset=_as_it_is)
    except (OSError, asyncpg.PostgresError) as error:
        raise DatabaseError(f"The database does not answer: {error}. Check DATABASE_URL.") from error


async def close_pool() -> None:
    """Close the pool if one is open."""
    if DB.pool:
        await DB.close_connection_pool()


def _source() -> Any:
    """The connection of the open transaction, else the pool."""
    transaction = DB.current_transaction.get()
    return transaction.connection if transaction else DB.pool


async def rows(sql: str, *values: Any) -> list[Row]:
    """The rows of a query written with $1, $2 ...; inside a transaction it belongs to it."""
    return list(await _source().fetch(sql, *values))


async def row(sql: str, *values: Any) -> Row | None:
    """The first row of a query, or None."""
    found: Row | None = await _source().fetchrow(sql, *values)
    return found


async def value(sql: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    return await _source().fetchval(sql, *values)


async def many(sql: str, values: list[tuple[Any, ...]]) -> None:
    """The same statement for many rows of values, inside a transaction, in one round trip."""
    await _source().executemany(sql, values)


@asynccontextmanager
async def write_transaction() -> AsyncIterator[None]:
    """All of it or nothing. Refuses nesting; gives the connection back whatever happens."""
    if DB.current_transaction.get() is not None:
        raise RuntimeError("A write transaction is already open: verbs do not nest.")
    transaction = DB.transaction(allow_nested=False)
    try:
        async with transaction:
            yield
    finally:
        if DB.current_transaction.get() is transaction:  # the commit itself failed
            DB.current_transaction.reset(transaction.context)
            if DB.pool:
                await DB.pool.release(transaction.connection)


async def migrate() -> list[str]:
    """Bring the schema to the newest migration under a lock; safe to start several times at once."""
    from piccolo.apps.migrations.commands.forwards import run_forwards
    from piccolo.apps.migrations.tables import Migration

    lock = await asyncpg.connect(DB.config["dsn"])
    try:
        await lock.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        before = await _applied(lock)
        with redirect_stdout(StringIO()):  # Piccolo would say what the caller says better
            result = await run_forwards(app_name="votum")
        if not result.success:
            raise DatabaseError(f"The migration did not run: {result.message}")
        names = await Migration.select(Migration.name).order_by(Migration.name)
        return [found["name"] for found in names if found["name"] not in before]
    finally:
        await lock.close()


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    if await connection.fetchval("SELECT to_regclass('migration')") is None:
        return set()
    return {found["name"] for found in await connection.fetch("SELECT name FROM migration")}
