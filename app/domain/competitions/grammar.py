"""Reads the plain document of a competition into its parts and collects every fault with its place."""

from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar

from app.domain.rating_schemes import exact

KEPT = {"source", "note", "facts", "validation", "variants", "two_stage", "two_raters", "applies_if"}
OURS = {"assumption", "max_assumption", "weight_assumption"}

Fault = tuple[str, str]
Part = TypeVar("Part")


class Reader:
    """One mapping of the document at one place: reads each key by its type and notes what is wrong."""

    def __init__(self, raw: object, place: str, faults: list[Fault], known: Iterable[str]) -> None:
        self.place = place
        self.faults = faults
        self.raw: Mapping[str, object] = raw if isinstance(raw, Mapping) else {}
        if not isinstance(raw, Mapping):
            self.fault("", f"expected keys and values, found {_described(raw)}")
        for key in sorted(map(str, set(self.raw).difference(known, KEPT, OURS))):
            self.fault(key, "unknown key")

    def at(self, key: str) -> str:
        """The place of a key, such as criteria[2].scale."""
        return ".".join(part for part in (self.place, key) if part)

    def fault(self, key: str, problem: str) -> None:
        """Note what is wrong at a key."""
        self.faults.append((self.at(key), problem))

    def has(self, key: str) -> bool:
        """Whether the key is given and not blank."""
        return self.raw.get(key) is not None

    def text(self, key: str, *, required: bool = False) -> str:
        given = self.raw.get(key)
        if given is None:
            if required:
                self.fault(key, "missing")
            return ""
        if not isinstance(given, str) or not given.strip():
            self.fault(key, f"expected text, found {_described(given)}")
            return ""
        return given

    def texts(self, stem: str) -> dict[str, str]:
        """label_de, label_en and the like by language."""
        return {one: self.text(f"{stem}_{one}") for one in ("de", "en") if self.has(f"{stem}_{one}")}

    def choice(self, key: str, allowed: Collection[str], default: str) -> str:
        given = self.raw.get(key, default)
        if isinstance(given, str) and given in allowed:
            return given
        found = f"found {_described(given)}" if key in self.raw else "it is missing"
        self.fault(key, f"expected one of {', '.join(allowed)}; {found}")
        return default

    def flag(self, key: str, default: bool = False) -> bool:
        given = self.raw.get(key, default)
        if not isinstance(given, bool):
            self.fault(key, f"expected true or false, found {_described(given)}")
            return default
        return given

    def number(self, key: str, *, required: bool = False) -> Decimal | None:
        given = self.raw.get(key)
        if given is None:
            if required:
                self.fault(key, "missing")
            return None
        return self.checked(given, key)

    def checked(self, given: object, key: str) -> Decimal | None:
        try:
            if isinstance(given, str):
                raise ValueError
            number = exact(given)
        except ValueError:
            self.fault(key, f"expected a number, found {_described(given)}")
            return None
        if abs(number) > 1_000_000_000:
            self.fault(key, "is larger than a billion")
            return None
        return number

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        given = self.raw.get(key, default)
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
            self.fault(key, f"expected a whole number from {least} to {most}, found {_described(given)}")
            return default
        return given

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        found = (self.checked(one, f"{key}[{index}]") for index, one in enumerate(self.items(key)))
        return tuple(number for number in found if number is not None)

    def words(self, key: str) -> tuple[str, ...]:
        found = self.items(key)
        for index, one in enumerate(found):
            if not isinstance(one, str) or not one.strip():
                self.fault(f"{key}[{index}]", f"expected a name, found {_described(one)}")
        return tuple(one for one in found if isinstance(one, str) and one.strip())

    def items(self, key: str) -> list[object]:
        given = self.raw.get(key)
        if given is None:
            return []
        if not isinstance(given, list):
            self.fault(key, f"expected a list, found {_described(given)}")
            return []
        return given

    def inner(self, key: str, known: Iterable[str]) -> "Reader":
        """The mapping under a key; an empty one where it is missing."""
        given = self.raw.get(key)
        return Reader({} if given is None else given, self.at(key), self.faults, known)

    def free(self, key: str) -> Mapping[str, object]:
        """The mapping under a key whose own keys are free."""
        given = self.raw.get(key)
        if given is not None and not isinstance(given, Mapping):
            self.fault(key, f"expected keys and values, found {_described(given)}")
        return given if isinstance(given, Mapping) else {}

    def each(self, key: str, known: Iterable[str], read: Callable[["Reader"], Part]) -> tuple[Part, ...]:
        """Every mapping of the list under a key, read."""
        items = enumerate(self.items(key))
        return tuple(read(Reader(raw, f"{self.at(key)}[{index}]", self.faults, known)) for index, raw in items)


def _described(given: object) -> str:
    if given is None:
        return "nothing"
    if isinstance(given, Mapping):
        return "keys and values"
    if isinstance(given, list):
        return "a list"
    return repr(given)[:60]
