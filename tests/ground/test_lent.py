"""What one test does to its database no other test sees, though they have the same one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest

from app import database
from tests import lent as lending
from tests import rating_call
from tests.lent import Lent, administer, by_superuser
from tests.world import Votum

EVERYTHING = "SELECT oid::regclass::text AS name, relkind FROM pg_class WHERE NOT relisshared AND relkind IN ('r', 'S')"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


@pytest.fixture(params=["empty", "whole"])
async def lent(
    request: pytest.FixtureRequest, server: str, prefix: str, empty: str, auental_template: str
) -> AsyncIterator[Lent]:
    """A database of ours, of either kind."""
    ours = Lent(server, empty if request.param == "empty" else auental_template, f"{prefix}_ours")
    yield ours
    database.DB.pool = None
    await ours.drop()


async def as_superuser(ours: Lent, *statements: str) -> None:
    await administer(by_superuser(ours.dsn), "SET session_replication_role = replica", *statements)


async def held(ours: Lent) -> dict[str, list[str]]:
    """Every row of every table, sequence and catalog."""
    connection = await asyncpg.connect(by_superuser(ours.dsn))
    try:
        names = [row["name"] for row in await connection.fetch(EVERYTHING)]
        return {name: sorted(await _texts(connection, name)) for name in names}
    finally:
        await connection.close()


async def _texts(connection: asyncpg.Connection, name: str) -> list[str]:
    what = "last_value::text || is_called" if name.endswith("_seq") or name == "receipt_number" else "one::text"
    return [row[0] for row in await connection.fetch(f"SELECT {what} FROM {name} AS one")]


async def number() -> int:
    """The database, which is another one after a new clone."""
    return await database.value("SELECT oid::bigint FROM pg_database WHERE datname = current_database()")


async def returned(ours: Lent) -> None:
    await ours.take_back()
    await ours.lend()


async def tables(ours: Lent) -> list[str]:
    return list(ours.pristine.tables)


async def all_written(ours: Lent) -> None:
    """Every table gets another first row or loses one, and a call in rating stands beside."""
    await as_superuser(
        ours, "UPDATE person SET id = id + 5000", "UPDATE authority SET id = id + 5000, name = 'A' || id"
    )
    await rating_call.rating_call(Votum(ours.dsn))
    for number, table in enumerate(await tables(ours)):
        change = f"DELETE FROM {table} WHERE ctid = (SELECT max(ctid) FROM {table})"
        await as_superuser(ours, change if number % 2 else f"DELETE FROM {table}")


async def rows_replaced(ours: Lent) -> None:
    """As many rows as before, and other ones."""
    for table in await tables(ours):
        await as_superuser(
            ours, f"WITH gone AS (DELETE FROM {table} RETURNING *) INSERT INTO {table} SELECT * FROM gone"
        )


async def sequences_moved(ours: Lent) -> None:
    await database.rows("SELECT nextval(oid) FROM pg_class WHERE relkind = 'S'")
    await database.value("SELECT setval('receipt_number', 70000)")
    await database.value("SELECT setval('audit_entry_seq', 1, false)")


async def nothing_kept(ours: Lent) -> None:
    """Written and rolled back, and rows that were only locked."""
    with suppress(ZeroDivisionError):
        async with database.write_transaction():
            await database.value("INSERT INTO authority (name) VALUES ('Niemand') RETURNING id")
            await database.rows("SELECT FROM migration FOR UPDATE")
            raise ZeroDivisionError


async def session_spoilt(ours: Lent) -> None:
    """Settings, a listener and a lock of the session stay on the connection of the pool."""
    connection = await database.DB.pool.acquire()
    await connection.execute("SET statement_timeout = '1ms'; SET search_path = nowhere")
    await connection.execute("SET statement_timeout = '15s'; SELECT pg_advisory_lock(4711); LISTEN votum")
    await database.DB.pool.release(connection)


async def many_connections(ours: Lent) -> None:
    await asyncio.gather(*(database.value("SELECT 1 FROM pg_sleep(0.05)") for _ in range(4)))


LEFT_OPEN: list[asyncpg.Connection] = []


async def left_open(ours: Lent) -> None:
    """Another connection, in a transaction that has written and holds locks."""
    connection = await asyncpg.connect(ours.dsn)
    LEFT_OPEN.append(connection)
    await connection.add_listener("votum", print)
    await connection.execute("BEGIN; LOCK TABLE person; INSERT INTO authority (name) VALUES ('Niemand')")


@pytest.mark.parametrize(
    "spoil",
    [all_written, rows_replaced, sequences_moved, nothing_kept, session_spoilt, many_connections, left_open],
)
async def test_the_next_one_finds_what_the_first_one_found(lent: Lent, spoil) -> None:
    await lent.lend()
    before, which = await held(lent), await number()
    for _ in range(2):  # what was put right can be put right again
        await spoil(lent)
        await returned(lent)
        assert await held(lent) == before
    assert await number() == which, "it was put right, not made anew"
    assert await database.value(SESSIONS) == 2, "the pool has one connection, and there is the keeper's"
    assert await database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    assert await database.value("SELECT count(*) FROM pg_listening_channels()") == 0
    assert await database.value("SHOW statement_timeout") == "15s"
    assert await database.value("SELECT count(*) FROM call") == len(before["call"])
    with pytest.raises(asyncpg.PostgresError, match="not yet defined"):
        await database.value("SELECT lastval()")


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE left_over (id int)",
        "CREATE TEMP TABLE call (id int)",
        "ALTER TABLE person RENAME TO people",
        "ALTER TABLE person ADD COLUMN shoes int",
        "ALTER TABLE person ALTER COLUMN email DROP NOT NULL",
        "ALTER TABLE meeting ADD CONSTRAINT nowhere CHECK (place = 'nowhere') NOT VALID",
        "ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_stands",
        "ALTER TABLE person SET (fillfactor = 50)",
        "CREATE OR REPLACE FUNCTION open_chain() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "DROP INDEX audit_entry_chain",
        "COMMENT ON TABLE person IS 'gone'",
        "GRANT SELECT ON person TO public",
        "ALTER SEQUENCE receipt_number INCREMENT 7",
        "TRUNCATE attempt",
        "ANALYZE",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()); END $$",
        "SELECT lo_create(7)",
    ],
)
@pytest.mark.parametrize("lent", ["empty"], indirect=True)
async def test_another_schema_costs_a_new_database(lent: Lent, change: str) -> None:
    await lent.lend()
    before, which = await held(lent), await number()
    await as_superuser(lent, change)
    await returned(lent)
    assert await held(lent) == before
    assert await number() != which
    assert await database.value("SHOW timezone") == "UTC"


async def test_a_pool_that_was_closed_or_replaced_costs_a_new_database(lent: Lent) -> None:
    await lent.lend()
    before = await held(lent)
    for reopened in (False, True):
        await database.rows("INSERT INTO authority (name) VALUES ('Niemand')")
        await database.close_pool()
        if reopened:
            await database.open_pool(least=2, most=3)
        await returned(lent)
        assert await held(lent) == before
        assert database.DB.pool is lent.pool


async def test_who_keeps_a_connection_is_told_and_the_next_one_has_it_whole(
    lent: Lent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "PATIENCE", 0.2)
    await lent.lend()
    before = await held(lent)
    kept = await database.DB.pool.acquire()
    await kept.execute("BEGIN; INSERT INTO authority (name) VALUES ('Niemand')")
    with pytest.raises(TimeoutError):
        await lent.take_back()
    await lent.lend()
    assert await held(lent) == before


async def test_a_statement_that_still_runs_is_waited_for(lent: Lent) -> None:
    await lent.lend()
    before = await held(lent)
    late = asyncio.create_task(
        database.value("INSERT INTO authority (name) SELECT 'Niemand' FROM pg_sleep(0.3) RETURNING id")
    )
    await asyncio.sleep(0.1)
    await returned(lent)
    assert late.done()
    assert await held(lent) == before


async def test_a_database_that_is_gone_is_made_again(lent: Lent) -> None:
    await lent.lend()
    before = await held(lent)
    await administer(by_superuser(lent.server), f'DROP DATABASE "{lent.name}" WITH (FORCE)')
    await returned(lent)
    assert await held(lent) == before


async def test_after_many_loans_it_is_made_anew(lent: Lent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lending, "LOANS", 3)
    numbers = []
    for _ in range(4):
        await lent.lend()
        numbers.append(await number())
        await lent.take_back()
    assert numbers[0] == numbers[1] == numbers[2] != numbers[3]
