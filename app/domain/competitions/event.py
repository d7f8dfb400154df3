"""One thing that happened in a competition."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple

from app.domain.competitions.base import Loaded


class Event(NamedTuple):
    """Something that happened at a moment, and how it is written."""

    at: datetime
    happen: Callable[[Loaded, datetime], Awaitable[None]]
