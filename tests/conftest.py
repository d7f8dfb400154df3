"""A database as new for every test, and browsers without a browser."""

import asyncio
import os
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

os.environ.pop("VOTUM_SMTP_URL", None)
os.environ["VOTUM_DEMO"] = "1"
os.environ["VOTUM_BASE_URL"] = "http://votum.test"

from argon2 import PasswordHasher

from app import database, i18n
from app.domain import people
from app.identity import attempts
from app.records import memory
from tests.lent import Lent, administer, by_superuser, of
from tests.world import Votum

people.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the same work, less of it
people.NOBODY = people.HASHER.hash("nobody")
FORGETFUL = (  # what the tests store need not survive a power cut
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET autovacuum = off",  # its worker would keep a database from being dropped
    "SELECT pg_reload_conf()",
)


FOLDERS = ("browser", "domain", "ground", "pages", "attacks", "migrations")  # the longest first; others follow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long come first, so that no process idles at the end, and random examples are not watched."""
    folders = {item.path: item.path.relative_to(Path(__file__).parent).parts[0] for item in items}
    order = [*FOLDERS, *sorted(set(folders.values()).difference(FOLDERS))]
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (order.index(folders[item.path]), -sizes[item.path], item.path))
    for item in items:
        if tries_many_examples(item):
            item.add_marker(pytest.mark.no_cover)  # to watch every line of theirs would take minutes; others cover it


def tries_many_examples(item: pytest.Item) -> bool:
    return getattr(item.function, "is_hypothesis_test", False) or item.get_closest_marker("many_examples") is not None


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
        asyncio.run(administer(by_superuser(address), *FORGETFUL))
        yield address
        embedded.stop(place / "postgres")


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


@pytest.fixture(scope="session")
async def empty_lent(server: str, empty: str, prefix: str) -> AsyncIterator[Lent]:
    lent = Lent(server, empty, f"{prefix}_votum")
    yield lent
    await lent.drop()


@pytest.fixture(scope="session")
async def auental_lent(server: str, auental_template: str, prefix: str) -> AsyncIterator[Lent]:
    lent = Lent(server, auental_template, f"{prefix}_demo")
    yield lent
    await lent.drop()


async def borrowed(lent: Lent) -> AsyncIterator[Votum]:
    forget()
    await lent.lend()
    world = Votum(lent.dsn)
    try:
        yield world
    finally:
        await world.close()
        await lent.take_back()


@pytest.fixture
async def votum(empty_lent: Lent) -> AsyncIterator[Votum]:
    """Votum with an empty database."""
    async for world in borrowed(empty_lent):
        yield world


@pytest.fixture
async def auental(auental_lent: Lent) -> AsyncIterator[Votum]:
    """Votum with the demo competition: finished and published."""
    async for world in borrowed(auental_lent):
        yield world
