"""The sign of life tells the truth within two seconds, and pages wait for a database that is busy, but not for ever."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app import database, embedded
from app.operations import health
from tests.conftest import administer, of
from tests.ground.conftest import postmaster
from tests.world import Votum, words


@pytest.fixture(scope="module")
async def own() -> AsyncIterator[Path]:
    """The folder of a server of our own with a migrated database, to do bad things to."""
    folder = Path(f"/tmp/votum-health-{os.getpid()}")
    database.connect_to(embedded.start(folder))
    await database.open_pool(least=1)
    await database.migrate()
    await database.close_pool()
    yield folder
    embedded.stop(folder)
    shutil.rmtree(folder)


@pytest.fixture
async def address(own: Path) -> AsyncIterator[str]:
    """The address of its database, with a pool that uses it."""
    found = embedded.start(own)
    database.connect_to(found)
    await database.open_pool(least=1)
    yield found
    await database.close_pool()
    embedded.stop(own)


def root(address: str, name: str = "postgres") -> str:
    """The superuser's address of a database on this server of our own."""
    return of(address.replace("votum@", "postgres@"), name)


async def looked() -> tuple[str, float]:
    """Which part fails, and how long it took to find out."""
    begun = time.perf_counter()
    found = await health.look()
    return found.failing, time.perf_counter() - begun


async def test_all_is_well(address: str) -> None:
    assert await health.look() == health.Health()


async def test_a_frozen_database(address: str, own: Path) -> None:
    os.kill(postmaster(own), signal.SIGSTOP)
    try:
        failing, took = await looked()
    finally:
        os.kill(postmaster(own), signal.SIGCONT)
    assert failing == "connection"
    assert took < 2
    assert (await health.look()).failing == ""


@pytest.mark.parametrize(
    ("harm", "remedy", "failing"),
    [
        ("ALTER ROLE votum NOLOGIN", "ALTER ROLE votum LOGIN", "connection"),
        ("ALTER ROLE votum CONNECTION LIMIT 1", "ALTER ROLE votum CONNECTION LIMIT -1", "connection"),
        (
            "ALTER DATABASE votum SET default_transaction_read_only = on",
            "ALTER DATABASE votum RESET default_transaction_read_only",
            "writing",
        ),
        (
            "UPDATE migration SET name = 'x' || name WHERE name LIKE '%T06%'",
            "UPDATE migration SET name = substr(name, 2) WHERE name LIKE 'x%'",
            "migrations",
        ),
        ("ALTER TABLE migration RENAME TO away", "ALTER TABLE away RENAME TO migration", "migrations"),
    ],
)
async def test_what_keeps_us_from_working(address: str, harm: str, remedy: str, failing: str) -> None:
    where = root(address, "votum" if " migration " in harm else "postgres")
    await administer(where, harm)
    try:
        found, took = await looked()
    finally:
        await administer(where, remedy)
    assert found == failing
    assert took < 2
    assert (await health.look()).failing == ""


async def test_a_server_that_is_down(own: Path) -> None:
    database.connect_to(f"postgresql://votum@/votum?host={own}")
    assert (await health.look()).failing == "connection"


@pytest.fixture
def small() -> Iterator[Path]:
    """A disk of 80 MB; only root may make one."""
    folder = Path(f"/tmp/votum-small-{os.getpid()}")
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "votum", folder], check=False)
    if mounted.returncode:
        folder.rmdir()
        pytest.skip("only root makes a small disk")
    yield folder
    embedded.stop(folder)
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes a small disk")
async def test_a_full_disk(small: Path) -> None:
    database.connect_to(embedded.start(small))
    await database.open_pool(least=1)
    await database.migrate()
    await database.close_pool()
    assert (await health.look()).failing == ""
    filler = small / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    assert await health.look() == health.Health("writing", "There is no room left on the disk of the database.")
    filler.unlink()
    assert (await health.look()).failing == ""


async def test_the_page_names_the_part_and_nothing_else(votum: Votum) -> None:
    await database.rows("UPDATE migration SET name = 'x' || name WHERE name LIKE '%T06%'")
    answer = await (await votum.stranger()).get("/health/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.json() == {
        "database": True,
        "failing": "migrations",
        "why": "The database is not in the newest form.",
    }


async def test_who_asks_at_once_costs_one_connection(address: str) -> None:
    found = await asyncio.gather(*(health.look() for _ in range(50)))
    assert set(found) == {health.Health()}
    last = await database.value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'votum' AND pid <> pg_backend_pid()"
    )
    assert last <= 1


# ── pages wait, but not for ever ────────────────────────────────────────────────────────────────


async def pooled(most: int) -> None:
    await database.close_pool()
    await database.open_pool(least=1, most=most)


async def test_a_pool_that_is_too_small_makes_everybody_wait(address: str) -> None:
    await pooled(2)
    waits = (database.value("SELECT 1 FROM pg_sleep(0.1)") for _ in range(20))
    assert await asyncio.gather(*waits) == [1] * 20


async def test_a_server_that_is_too_small_makes_everybody_wait(address: str) -> None:
    await administer(root(address), "ALTER ROLE votum CONNECTION LIMIT 2")
    await pooled(10)
    try:
        waits = (database.value("SELECT 1 FROM pg_sleep(0.1)") for _ in range(20))
        assert await asyncio.gather(*waits) == [1] * 20
    finally:
        await administer(root(address), "ALTER ROLE votum CONNECTION LIMIT -1")


async def resting(votum: Votum, path: str = "/calls") -> str:
    """The text of a page that asks to come back later."""
    answer = await (await votum.stranger()).get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10"), words(answer)
    return words(answer)


async def test_the_wait_has_an_end(votum: Votum, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAIT", 0.3)
    await pooled(2)
    async with database.DB.pool.acquire(), database.DB.pool.acquire():
        begun = time.perf_counter()
        assert "What you saved is safe" in await resting(votum)
        assert time.perf_counter() - begun < 5


async def test_a_frozen_database_does_not_hold_a_page_for_ever(
    address: str, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "ANSWER", 0.5)
    database.connect_to(address)
    await pooled(2)
    backend = await database.value("SELECT pg_backend_pid()")
    os.kill(backend, signal.SIGSTOP)
    begun = time.perf_counter()
    try:
        with pytest.raises(TimeoutError) as caught:
            async with database.write_transaction():
                await database.value("SELECT 1")
    finally:
        os.kill(backend, signal.SIGCONT)
    assert database.is_passing(caught.value)
    assert time.perf_counter() - begun < 12
    assert await database.value("SELECT 1") == 1


async def test_a_database_that_takes_nobody_is_later_and_not_an_error(votum: Votum, server: str) -> None:
    name = await database.value("SELECT current_database()")
    ours = f"datname = '{name}' AND usename = current_user"
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {ours}"
    await administer(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false', cut)
    try:
        await resting(votum)
    finally:
        await administer(server, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    assert (await (await votum.stranger()).get("/calls")).status_code == 200


async def test_a_connection_that_is_cut_in_a_transaction_is_not_lost_to_the_pool(votum: Votum) -> None:
    await pooled(2)
    for _ in range(4):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as caught:
            async with database.write_transaction():
                await database.rows("SELECT pg_terminate_backend(pg_backend_pid())")
        assert database.is_passing(caught.value)
    assert await asyncio.wait_for(database.value("SELECT 1"), 5) == 1


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (asyncpg.DiskFullError(""), True),
        (asyncpg.SerializationError(""), True),
        (asyncpg.DeadlockDetectedError(""), True),
        (asyncpg.ReadOnlySQLTransactionError(""), True),
        (asyncpg.QueryCanceledError(""), True),
        (asyncpg.AdminShutdownError(""), True),
        (asyncpg.InternalClientError("cannot switch to state 11; another operation (2) is in progress"), True),
        (asyncpg.InternalClientError("no data"), False),
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (asyncpg.UniqueViolationError(""), False),
        (asyncpg.UndefinedTableError(""), False),
        (asyncpg.InterfaceError("cannot perform operation: another operation is in progress"), False),
        (FileNotFoundError(), False),
        (ValueError(), False),
    ],
)
def test_what_passes_is_told_from_what_is_a_fault(error: Any, passing: bool) -> None:
    assert database.is_passing(error) is passing
