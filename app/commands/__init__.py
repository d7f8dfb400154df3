"""What the commands share: a database to work on, and refusals as sentences.

A command imports what it runs when it runs, so that each starts at once.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from app import database, i18n
from app.settings import SETTINGS

PROJECT = Path(__file__).parents[2]
Result = TypeVar("Result")


class Failed(Exception):
    """A command cannot do what it was asked; the message says why, a line each."""


@contextmanager
def connected() -> Iterator[str]:
    """The address of the database for the length of a block; an embedded server is given back at its end."""
    if SETTINGS.database_url:
        database.connect_to(SETTINGS.database_url)
        yield SETTINGS.database_url
        return
    from app import embedded

    with embedded.running(data_folder()) as address:
        database.connect_to(address)
        yield address


def data_folder() -> Path:
    """Where the embedded server keeps its data."""
    from app import embedded

    return SETTINGS.data if os.environ.get("VOTUM_DATA") else embedded.usual_folder(PROJECT)


def run(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Do work on the database: connected, with a pool, and closed again. The command line speaks English."""
    i18n.locale.set("en")
    with connected():
        return asyncio.run(pooled(work))


async def pooled(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """Do work with an open pool."""
    await database.open_pool(least=1)
    try:
        return await work()
    finally:
        await database.close_pool()


def contents(path: Path, largest: int) -> bytes:
    """The bytes of a file; raises Failed for one that is larger, without reading it."""
    size = path.stat().st_size
    if size > largest:
        raise Failed(f"{path}: the file has {size} bytes, at most {largest} are read")
    return path.read_bytes()
