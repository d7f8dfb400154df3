"""The server's clock: the one that decides deadlines."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
_arrival: ContextVar[datetime | None] = ContextVar("arrival", default=None)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def arrived() -> datetime:
    """The moment that decides about deadlines: when the request that is handled had arrived, else the present one."""
    return _arrival.get() or now()


@contextmanager
def arrival(at: datetime) -> Iterator[None]:
    """Inside, everything that asks for the deciding moment gets this one, however long the work has to wait."""
    before = _arrival.set(at)
    try:
        yield
    finally:
        _arrival.reset(before)


def today() -> date:
    """The calendar day in Germany, of the moment that decides."""
    return arrived().astimezone(BERLIN).date()
