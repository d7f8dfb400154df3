"""The kinds of a competition file beside those of every document: days, moments, money, addresses."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from app import addresses
from app.clock import BERLIN
from scoring.scheme.grammar import Number, Part, Place, Text, Told, Whole, closed, described, refuse_unknown

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True)
class Spelt(Text):
    """Text that is read further; a ValueError is a fault of this code."""

    read_as: Callable[[str], Any] = field(default=str, kw_only=True)
    code: str = field(default="", kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        text = super().value(given, at)
        try:
            return None if text is None else self.read_as(text)
        except ValueError:
            return at.fault(self.code, found=described(text))


@dataclass(frozen=True)
class Cents(Number):
    """An amount in euro, as cents."""

    def value(self, given: object, at: Place) -> Any:
        euro = super().value(given, at)
        if euro is None or (euro >= 0 and euro * 100 % 1 == 0):
            return None if euro is None else int(euro * 100)
        return at.fault("not_an_amount", found=euro)


@dataclass(frozen=True)
class Unchanged(Number):
    """A number that is kept as it is written."""

    def value(self, given: object, at: Place) -> Any:
        return None if super().value(given, at) is None else given


@dataclass(frozen=True)
class WithFacts(Part):
    """A part whose further keys are its facts: any keys, or only these."""

    only: Collection[str] = ()

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, Mapping):
            return super().value(given, at)
        facts = {key: one for key, one in given.items() if key not in self.fields}
        if self.only:
            refuse_unknown(facts, self.only, at)
        made = super().value({key: one for key, one in given.items() if key not in facts}, at)
        return made and replace(made, facts=facts)

    def told(self) -> Told:
        if self.only:
            return super().told() | closed({**dict.fromkeys(self.only, True), **self.inside()})
        return super().told() | {"additionalProperties": True}


def _day(text: str) -> date:
    found = date.fromisoformat(text)
    if len(text) != 10 or not EARLIEST <= found <= LATEST:
        raise ValueError
    return found


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not EARLIEST <= found.date() <= LATEST:
        raise ValueError
    return found


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", text):
        raise ValueError
    return text


DAY = Spelt(300, read_as=_day, code="not_a_day", default=None)
MOMENT = Spelt(300, read_as=_moment, code="not_a_moment", default=None)
SLUG = Spelt(60, read_as=_slug, code="not_a_slug", required=True)
MAIL = Spelt(254, read_as=addresses.of, code="not_an_address", required=True)
SHORT = Text(60)
NAMED = Text(200)
LINE = Text(300)
PARAGRAPH = Text(2000)
LONG = Text(20_000)
KEY = Text(20, required=True)
COUNT = Whole(0, 1_000_000, null=True)
VOTES = Whole(0, 1000, default=0)


def on(calendar_day: date, hour: int, minute: int = 0) -> datetime:
    """A time of day in Germany."""
    return datetime.combine(calendar_day, time(hour, minute), BERLIN)
