"""The kinds of a form beside those of every document: keys, texts by language, bounds that a call sets, conditions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.forms.values import DAY, EARLIEST, LATEST, OfCall
from scoring.scheme.grammar import (
    LANGUAGES,
    Each,
    Kind,
    Number,
    Place,
    Text,
    Told,
    Whole,
    closed,
    described,
    refuse_unknown,
)

OF_CALL = re.compile(r"call\.([a-z][a-z0-9_]{0,59})")
MOST_LISTED = 500


@dataclass(frozen=True)
class Key(Text):
    """A short name made of these characters; a whole number is one too."""

    pattern: str = field(default=r"[A-Za-z0-9][A-Za-z0-9_-]*", kw_only=True)
    code: str = field(default="not_a_key", kw_only=True)
    most: int | None = field(default=60, kw_only=True)
    default: Any = field(default=None, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if isinstance(given, int) and not isinstance(given, bool):
            given = str(given)
        if isinstance(given, str) and not re.fullmatch(self.pattern, given):
            return at.fault(self.code, found=described(given))
        return super().value(given, at)

    def told(self) -> Told:
        return {"type": ["string", "integer"], "pattern": f"^({self.pattern})$", "maxLength": self.most}


@dataclass(frozen=True)
class Worded(Kind):
    """A text by language: {de: ..., en: ...}, in one of them at least."""

    most: int = 2000
    default: Any = field(default_factory=dict, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, Mapping):
            return at.fault("not_keys", found=described(given))
        refuse_unknown(given, LANGUAGES, at)
        text = Text(self.most, default=None)
        found = {language: text.read(given, language, at) for language in LANGUAGES}
        said = {language: one for language, one in found.items() if one is not None}
        if not any(given.get(language) is not None for language in LANGUAGES):
            at.fault("no_language")
        return said

    def told(self) -> Told:
        each = Text(self.most, default=None).properties("")[""]
        return {"type": "object", **closed(dict.fromkeys(LANGUAGES, each)), "minProperties": 1}


@dataclass(frozen=True)
class Unit(Worded):
    """What numbers count: by language, or a sign such as EUR that every language reads alike."""

    most: int = 60

    def value(self, given: object, at: Place) -> Any:
        if isinstance(given, str):
            given = dict.fromkeys(LANGUAGES, given)
        return super().value(given, at)

    def told(self) -> Told:
        return {"anyOf": [super().told(), Text(self.most).told()]}


@dataclass(frozen=True)
class Listed(Each):
    """A list of bounded length; a single value stands for a list of one where `single`."""

    single: bool = field(default=False, kw_only=True)
    longest: int = field(default=MOST_LISTED, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if self.single and isinstance(given, str):
            given = [given]
        if isinstance(given, list) and len(given) > self.longest:
            return at.fault("too_many_listed", number=len(given), most=self.longest)
        return super().value(given, at)

    def told(self) -> Told:
        found = {"maxItems": self.longest, **super().told()}
        return {"anyOf": [found, self.of.told()]} if self.single else found


@dataclass(frozen=True)
class NameOr(Kind):
    """A mapping of this kind, or its key alone."""

    kind: Kind

    def value(self, given: object, at: Place) -> Any:
        if isinstance(given, str):
            given = {"key": given}
        return self.kind.value(given, at)

    def told(self) -> Told:
        return {"anyOf": [self.kind.told(), {"type": "string", "minLength": 1}]}


@dataclass(frozen=True)
class OrOfCall(Kind):
    """A value of this kind, or call.NAME."""

    kind: Kind
    code: str

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, str):
            return self.kind.value(given, at)
        found = OF_CALL.fullmatch(given)
        return OfCall(found[1]) if found else at.fault(self.code, found=described(given))

    def told(self) -> Told:
        return {"anyOf": [self.kind.told(), {"type": "string", "pattern": f"^{OF_CALL.pattern}$"}]}


@dataclass(frozen=True)
class DayBound(OrOfCall):
    """A day, or call.NAME."""

    def value(self, given: object, at: Place) -> Any:
        if isinstance(given, str) and DAY.fullmatch(given):
            try:
                found = date.fromisoformat(given)
            except ValueError:
                found = LATEST.replace(year=LATEST.year + 1)
            return found if EARLIEST <= found <= LATEST else at.fault(self.code, found=described(given))
        if not isinstance(given, str):
            return at.fault(self.code, found=described(given))
        return super().value(given, at)

    def told(self) -> Told:
        return {"type": "string", "pattern": f"^({DAY.pattern}|{OF_CALL.pattern})$"}


@dataclass(frozen=True)
class Compared(Kind):
    """What an answer is compared with: text, a number, true or false."""

    null: bool = field(default=False, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if isinstance(given, bool) or (isinstance(given, str) and given.strip()):
            return given
        if isinstance(given, int | float):
            return Number().value(given, at)
        return at.fault("no_value", found=described(given))

    def told(self) -> Told:
        return {"anyOf": [{"type": "string", "minLength": 1}, {"type": "boolean"}, Number().told()]}


@dataclass(frozen=True)
class Flagged(Kind):
    """True or false, or the words that stand for true."""

    default: Any = field(default=False, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        return given if isinstance(given, bool) else bool(Worded().value(given, at))

    def told(self) -> Told:
        return {"anyOf": [{"type": "boolean"}, Worded().told()]}


WORDS = Worded()
LONG = Worded(20_000)
KEY = Key(required=True)
FORM_KEY = Key(required=True, pattern=r"[a-z0-9][a-z0-9-]*", code="not_a_form_key")
CODE = Key(required=True, pattern=r"\S(.*\S)?")
FACT = Key(required=True, pattern=r"[A-Za-z0-9][A-Za-z0-9_.-]*", most=200)
DAY_BOUND = DayBound(Kind(), "not_a_day")
MONTHS = OrOfCall(Whole(1, 1200), "not_of_call")
QUANTITY = OrOfCall(Number(), "not_a_quantity")
