"""Answers of one value, as they stand at a question or in a cell of a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from app.forms import values
from app.forms.values import Call, OfCall
from scoring.scheme.criteria import worded
from scoring.scheme.grammar import Place

OTHER = "other"
MOST_OTHER = 500


@dataclass(frozen=True)
class Option:
    """One of the things to choose from."""

    key: str
    labels: Mapping[str, str]

    def label(self, language: str = "de") -> str:
        """Its wording in this language, else in any, else its key."""
        return worded(self.labels, language) or self.key


@dataclass(frozen=True)
class Answer:
    """How a type of question is answered; by itself it takes nothing and gives no fact."""

    def gives(self, key: str) -> dict[str, bool]:
        """The facts that an answer to the question of this key gives, and whether each counts cents."""
        return {}

    def is_blank(self, given: object) -> bool:
        """Whether nothing was said."""
        return values.blank(given)

    def read(self, given: object, at: Place, call: Call) -> Any:
        """What was said, as it is kept (JSON), as far as it can be read; notes each fault."""
        return None

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        """The numbers in what was read; None is no answer."""
        return {}


@dataclass(frozen=True)
class Words(Answer):
    """Text of a bounded length; on one line unless `lines`."""

    max: int
    lines: bool = False

    def read(self, given: object, at: Place, call: Call) -> Any:
        return values.text(given, self.max, at)


@dataclass(frozen=True)
class Numbers(Answer):
    """A number; `decimals` says how fine it may be, None as fine as anybody likes."""

    min: Decimal | None = None
    max: Decimal | None = None
    unit: Mapping[str, str] = field(default_factory=dict)
    decimals: int | None = None

    def gives(self, key: str) -> dict[str, bool]:
        return {key: False}

    def read(self, given: object, at: Place, call: Call) -> Any:
        found = values.number(given, self.decimals, at)
        values.between(found, self.min, self.max, at)
        return None if found is None else values.plain(found)

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        return {} if said is None else {name: Fraction(said) for name in self.gives(key)}


@dataclass(frozen=True)
class Money(Numbers):
    """An amount in cents, never below 0 unless its least value says so."""

    min: Decimal | None = Decimal(0)
    decimals: int | None = 0

    def gives(self, key: str) -> dict[str, bool]:
        return {f"{key}_cents": True}


@dataclass(frozen=True)
class Day(Answer):
    """A day."""

    not_before: date | OfCall | None = None
    not_after: date | OfCall | None = None

    def read(self, given: object, at: Place, call: Call) -> Any:
        found = values.day(given, at)
        values.within(found, values.day_of(self.not_before, call), values.day_of(self.not_after, call), at)
        return found and found.isoformat()


@dataclass(frozen=True)
class Choice(Answer):
    """One of the options, or words of one's own where `other` is offered; without options any words."""

    options: tuple[Option, ...] = ()
    other: bool = False

    def read(self, given: object, at: Place, call: Call) -> Any:
        if isinstance(given, Mapping):
            return self._other(given, at)
        found = str(given) if isinstance(given, int) and not isinstance(given, bool) else given
        return found if isinstance(found, str) and found in self.offered else at.fault("not_offered")

    @cached_property
    def offered(self) -> dict[str, Option]:
        """What may be chosen, by key."""
        return {one.key: one for one in self.options}

    def _other(self, given: Mapping[str, object], at: Place) -> Any:
        if not self.other or set(given) != {OTHER}:
            return at.fault("not_offered")
        found = values.text(given[OTHER], MOST_OTHER, at)
        return None if found is None else {OTHER: found}


@dataclass(frozen=True)
class YesNo(Answer):
    """Yes or no."""

    def gives(self, key: str) -> dict[str, bool]:
        return {key: False}

    def read(self, given: object, at: Place, call: Call) -> Any:
        return given if isinstance(given, bool) else at.fault("type")

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        return {} if said is None else {key: Fraction(said)}
