"""The rating schemes that come with Votum: real, published ones to start from."""

import asyncio
from functools import cache
from pathlib import Path

from scoring.scheme.scheme import Scheme

FOLDER = Path(__file__).parents[2] / "examples" / "schemes"


async def schemes() -> tuple[Scheme, ...]:
    """All of them by their German titles; the files are read once, beside the event loop."""
    return await asyncio.to_thread(_read)


async def scheme(key: str) -> Scheme | None:
    """The one of this key, or None."""
    return next((one for one in await schemes() if one.key == key), None)


@cache
def _read() -> tuple[Scheme, ...]:
    return tuple(sorted(map(Scheme.from_file, FOLDER.glob("*.yaml")), key=lambda one: one.title("de").casefold()))
