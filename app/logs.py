"""What the processes say: one line of JSON each on standard output, plain lines on a terminal; no secrets, no names."""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeAlias

import asyncpg

from app.settings import SETTINGS

ExcInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

SECRETS = re.compile(r"(?<=/)(?=[^/]*[A-Z_])[^/]{20,}|(?<=/)[^/]*@[^/]*")
LINKS = re.compile(r"(/(?:confirmation|password|invitations|appointments|joining)/)[^/]+")
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_number: ContextVar[str] = ContextVar("number", default="")


def configuration() -> dict[str, Any]:
    """What logging.config.dictConfig takes; server processes of their own take it as well."""
    form = "app.logs.Plain" if sys.stdout.isatty() else "app.logs.Json"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": form}},
        "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "lines"}},
        "root": {"level": SETTINGS.log_level, "handlers": ["out"]},
    }


@contextmanager
def request(number: str) -> Iterator[None]:
    """Inside, every line carries the number that an error page shows."""
    before = _number.set(number)
    try:
        yield
    finally:
        _number.reset(before)


def public(path: str) -> str:
    """A path without what must not be kept: the token of a mailed link, anything like it, an address."""
    return LINKS.sub(r"\1…", SECRETS.sub("…", path))[:200]


class _Lines(logging.Formatter):
    """What both forms share."""

    def facts(self, record: logging.LogRecord) -> dict[str, Any]:
        number = {"request": _number.get()} if _number.get() else {}
        return {**getattr(record, "facts", {}), **number}

    def formatException(self, ei: ExcInfo) -> str:
        return "".join(traceback.format_exception(_without_values(ei[1]))) if ei[1] else ""


class Json(_Lines):
    """A line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **self.facts(record),
        }
        if record.exc_info:
            said["traceback"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


class Plain(_Lines):
    """A line for people, a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        facts = [f"{name}={fact}" for name, fact in self.facts(record).items() if fact is not None]
        line = " ".join([at, record.levelname.lower(), record.name, record.getMessage(), *facts]).replace("\n", "\\n")
        below = f"\n{self.formatException(record.exc_info)}" if record.exc_info else ""
        return CONTROLS.sub(lambda sign: f"\\x{ord(sign[0]):02x}", line + below)


def _without_values(error: BaseException) -> BaseException:
    """The database names the row that it refused, with everything in it; that stays out of every line."""
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        if isinstance(found, asyncpg.PostgresError) and found.detail:
            found.detail = None
        found = found.__cause__ or found.__context__
    return error
