"""The engine, the pool, reading in plain SQL, and the only way to write."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, redirect_stdout
from contextvars import ContextVar
from io import StringIO
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, dataclass_transform

import asyncpg
import msgspec
from piccolo.engine.postgres import PostgresEngine

from app.errors import NotFound
from app.settings import SETTINGS

MIGRATION_LOCK = 7_806_853
MIGRATIONS = Path(__file__).parents[1] / "migrations"
WAIT = 45.0  # seconds for a connection, as long as the rush at a deadline lasts; a proxy before us waits a minute
CONNECT = 10.0  # seconds for a new one
PAUSE = 0.1  # seconds until a full server is asked again
ANSWER = 18.0  # seconds for an answer; the database itself gives up after 15
FULL = (asyncpg.TooManyConnectionsError, asyncpg.CannotConnectNowError)
PASSING = ("08", "25006", "28", "40", "53", "55P03", "57", "58")  # SQLSTATEs that say: not now
Row: TypeAlias = Mapping[str, Any]  # asyncpg's record, read by column name; does not leave the module that selects it


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row that leaves the module that selects it: the columns that are read, each with its type.

    What the statement selects beyond them is left out, so that a column of a newer version disturbs nobody.
    """


Kept = TypeVar("Kept", bound=Record)


class _Engine(PostgresEngine):
    """Piccolo's engine, without the connection that it would open when the module is imported."""

    async def check_version(self) -> None:
        """Asked once the address is known, by the pool."""

    async def start_connection_pool(self, **kwargs: Any) -> None:
        """A pool that waits, instead of the driver's own."""
        self.pool = await _Pool(**self.config, **kwargs)


class _Pool(asyncpg.Pool):  # type: ignore[misc]
    """The driver's pool; who finds it or the server full waits for a while, and is told so at last."""

    def __init__(self, dsn: str, **settings: Any) -> None:
        usual = {"loop": None, "connection_class": asyncpg.Connection, "record_class": asyncpg.Record}
        kept = {"max_queries": 50_000, "max_inactive_connection_lifetime": 300.0}
        super().__init__(dsn, **usual, **kept, **settings)

    async def _acquire(self, timeout: float | None) -> Any:  # noqa: ASYNC109
        try:
            async with asyncio.timeout(WAIT if timeout is None else timeout):
                return await self._waited()
        except TimeoutError as error:
            raise Unavailable(f"No connection to the database within {WAIT:.0f} s") from error
        except (OSError, asyncpg.PostgresError) as error:
            raise Unavailable(f"No connection to the database: {error}") from error

    async def _waited(self) -> Any:
        while True:
            try:
                return await super()._acquire(None)
            except FULL:
                await asyncio.sleep(PAUSE)

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Give a connection back; one that does not come to rest is thrown away."""
        await super().release(connection, timeout=5.0 if timeout is None else timeout)


DB = _Engine(config={}, extensions=())
_together: ContextVar[bool] = ContextVar("together", default=False)


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do."""


class Unavailable(DatabaseError):
    """There is no connection to the database at the moment."""


def is_passing(error: BaseException) -> bool:
    """Whether the database could not do its work just now, by no fault of ours: down, full, too busy, overtaken."""
    if isinstance(error, Unavailable):
        return True
    if isinstance(error, asyncpg.PostgresError):
        return str(error.sqlstate or "").startswith(PASSING)
    if isinstance(error, asyncpg.InternalClientError):  # the connection was told of its end while it was taken up
        return "another operation" in str(error)
    if isinstance(error, asyncpg.InterfaceError):
        return re.search(r"(connection|pool) (is|was) clos", str(error)) is not None
    return isinstance(error, TimeoutError | ConnectionError)


def connect_to(dsn: str) -> None:
    """Point the engine at a database. Opens nothing yet."""
    DB.config.clear()
    DB.config.update(
        dsn=dsn,
        timeout=CONNECT,
        command_timeout=ANSWER,
        server_settings={
            "application_name": "votum",
            "statement_timeout": "15s",
            "idle_in_transaction_session_timeout": "30s",
            "timezone": "UTC",
        },
    )


async def _as_it_is(connection: Any) -> None:
    """Nothing to reset when a connection comes back: all settings we make end with their transaction."""


async def open_pool(least: int = 2, most: int = SETTINGS.pool) -> None:
    """Open the pool; raises DatabaseError with what to do when nobody answers."""
    try:
        await DB.start_connection_pool(min_size=least, max_size=most, reset=_as_it_is)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
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


async def all_of(kind: type[Kept], sql: str, *values: Any) -> list[Kept]:
    """The rows of a query as records of a kind."""
    return [record(kind, found) for found in await _source().fetch(sql, *values)]


async def one_of(kind: type[Kept], sql: str, *values: Any) -> Kept | None:
    """The first row of a query as a record of a kind, or None."""
    found = await _source().fetchrow(sql, *values)
    return None if found is None else record(kind, found)


async def found(kind: type[Kept], sql: str, *values: Any) -> Kept:
    """The first row of a query as a record of a kind; raises NotFound where there is none."""
    one = await one_of(kind, sql, *values)
    if one is None:
        raise NotFound
    return one


def record(kind: type[Kept], row: Row) -> Kept:
    """A row as a record of a kind."""
    return msgspec.convert(dict(row), kind)


async def value(sql: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    return await _source().fetchval(sql, *values)


async def many(sql: str, values: list[tuple[Any, ...]]) -> None:
    """The same statement for many rows of values, inside a transaction, in one round trip."""
    await _source().executemany(sql, values, timeout=10 * ANSWER)


@asynccontextmanager
async def write_transaction() -> AsyncIterator[None]:
    """All of it or nothing. Refuses nesting; gives the connection back whatever happens."""
    if DB.current_transaction.get() is not None:
        if not _together.get():
            raise RuntimeError("A write transaction is already open: verbs do not nest.")
        yield
        return
    transaction = DB.transaction(allow_nested=False)
    try:
        async with transaction:
            yield
    finally:
        if DB.current_transaction.get() is transaction:  # the commit itself failed
            DB.current_transaction.reset(transaction.context)
        if DB.pool and hasattr(transaction, "connection"):  # nothing to do where it was given back
            await DB.pool.release(transaction.connection)


@asynccontextmanager
async def all_or_nothing() -> AsyncIterator[None]:
    """Many verbs one after the other, in one transaction: all of them or nothing."""
    async with write_transaction():
        token = _together.set(True)
        try:
            yield
        finally:
            _together.reset(token)


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


async def pending(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    """The files of migrations that the database has not seen yet."""
    applied = {file_name(name) for name in await _applied(connection)}
    return {found.stem for found in MIGRATIONS.glob("votum_*.py")} - applied


def file_name(migration: str) -> str:
    """The module of a migration by its number: 2026-11-22T05:00:00:000000 lies in votum_2026_11_22t05_00_00_000000."""
    return "votum_" + migration.lower().replace("-", "_").replace(":", "_")


async def _applied(connection: "asyncpg.Connection[asyncpg.Record]") -> set[str]:
    if await connection.fetchval("SELECT to_regclass('migration')") is None:
        return set()
    return {found["name"] for found in await connection.fetch("SELECT name FROM migration")}
