"""A database of its own for every test, cloned from a template, and browsers without a browser."""

import asyncio
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

os.environ.pop("VOTUM_SMTP_URL", None)
os.environ["VOTUM_DEMO"] = "1"
os.environ["VOTUM_BASE_URL"] = "http://votum.test"

from argon2 import PasswordHasher

from app import database, i18n
from app.domain import people
from app.identity import attempts
from app.records import memory
from tests.world import Votum

people.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the same work, less of it
people.NOBODY = people.HASHER.hash("nobody")
NUMBERS = itertools.count(1)
FORGETFUL = (  # what the tests store need not survive a power cut
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET autovacuum = off",  # its worker would keep a database from being dropped
    "SELECT pg_reload_conf()",
)


@pytest.fixture(autouse=True)
def german() -> None:
    """Every test begins in the language that Votum speaks to whoever asks for none."""
    i18n.locale.set("de")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a running PostgreSQL: the one that DATABASE_URL names, or the embedded one."""
    if named := os.environ.get("DATABASE_URL"):
        yield named
        return
    from app import embedded

    with tempfile.TemporaryDirectory(prefix="votum-test-") as folder:
        place = Path(folder)
        place.chmod(0o755)  # root's PostgreSQL runs as somebody else
        address = embedded.start(place / "postgres")
        asyncio.run(administer(address.replace("votum@", "postgres@"), *FORGETFUL))
        yield address
        embedded.stop(place / "postgres")


def of(server: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(server)._replace(path=f"/{name}"))


async def administer(server: str, *statements: str) -> None:
    connection = await asyncpg.connect(server)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def prefix() -> str:
    """Names of this run's databases start with it, so that two runs on one server do not meet."""
    return f"votum_test_{os.getpid()}"


@pytest.fixture(scope="session")
async def empty(server: str, prefix: str) -> AsyncIterator[str]:
    """The name of a database that is migrated and empty; tests clone it."""
    name = f"{prefix}_empty"
    await administer(server, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    database.connect_to(of(server, name))
    await database.open_pool(least=1)
    await database.migrate()
    await database.close_pool()
    yield name
    await administer(server, f'DROP DATABASE "{name}"')


@pytest.fixture(scope="session")
async def auental_template(server: str, prefix: str, empty: str) -> AsyncIterator[str]:
    """The name of a database that holds the whole demo competition; tests clone it."""
    from app import competition_files

    name = f"{prefix}_auental"
    await administer(server, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{empty}"')
    forget()
    database.connect_to(of(server, name))
    await database.open_pool(least=1)
    await competition_files.load(competition_files.read(competition_files.EXAMPLE.read_bytes()))
    await database.close_pool()
    yield name
    await administer(server, f'DROP DATABASE "{name}"')


def forget() -> None:
    """Empty what the process keeps of a database: the same ids mean other rows in another one."""
    memory.forget()
    attempts.LINE.clear()


async def cloned(server: str, template: str, prefix: str) -> AsyncIterator[Votum]:
    name = f"{prefix}_{next(NUMBERS)}"
    forget()
    await administer(
        server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
    )  # half the work of a log
    database.connect_to(of(server, name))
    await database.open_pool(least=1)
    world = Votum(of(server, name))
    try:
        yield world
    finally:
        await world.close()
        await asyncio.wait_for(database.close_pool(), 10)
        await administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
async def votum(server: str, empty: str, prefix: str) -> AsyncIterator[Votum]:
    """Votum with an empty database."""
    async for world in cloned(server, empty, prefix):
        yield world


@pytest.fixture
async def auental(server: str, auental_template: str, prefix: str) -> AsyncIterator[Votum]:
    """Votum with the demo competition: finished and published."""
    async for world in cloned(server, auental_template, prefix):
        yield world
