"""Documents as data: a part names its keys and the kind of each; all are read, each fault is noted at its place."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from scoring.errors import Fault, Word, later
from scoring.scheme.criteria import exact

KEPT = {"source", "note", "facts", "validation", "variants", "two_stage", "two_raters", "applies_if"}
NOTES = KEPT | {"assumption", "max_assumption", "weight_assumption"}
LANGUAGES = ("de", "en")
LARGEST = 1_000_000_000
FLAT = "*"
UNUSED = ""
Told: TypeAlias = dict[str, Any]
"""A JSON Schema, or a part of one."""
NOTHING, KEYS, LIST = Word(later("nothing")), Word(later("keys and values")), Word(later("a list"))


class Place(NamedTuple):
    """Where in the document something stands, such as criteria[2].scale, and the list of all its faults."""

    path: str
    faults: list[Fault]

    def key(self, key: str) -> "Place":
        """The place of a key of the mapping here."""
        return Place(f"{self.path}.{key}" if self.path and key else self.path or key, self.faults)

    def item(self, index: int) -> "Place":
        """The place of an item of the list here."""
        return Place(f"{self.path}[{index}]", self.faults)

    def fault(self, code: str, key: str = "", /, **values: object) -> Any:
        """Note what is wrong here or at a key; returns None, the value of whatever cannot be read."""
        self.faults.append(Fault(self.key(key).path, code, values))


@dataclass(frozen=True, kw_only=True)
class Kind:
    """How the value of a key is read; by itself it takes anything.

    name: of the value in the part that is made, where it is not the key; FLAT: a mapping whose values belong to the
    part itself; UNUSED: only read. null: whether a null is the same as a missing key.
    """

    required: bool = False
    default: Any = None
    name: str | None = None
    null: bool = True

    def keys(self, key: str) -> Iterable[str]:
        """The keys of the file that are read for this one."""
        return (key,)

    def into(self, values: dict[str, Any], key: str, raw: Mapping[str, object], at: Place) -> None:
        """Read the key of a mapping that stands at a place, into the values of its part."""
        found = self.read(raw, key, at)
        if self.name == FLAT:
            values.update(found or {})
        elif self.name != UNUSED:
            values[self.name or key] = found

    def read(self, raw: Mapping[str, object], key: str, at: Place) -> Any:
        """The value of a key, its default where it is missing."""
        given = raw.get(key)
        if given is None and (self.null or key not in raw):
            return self.absent(at.key(key))
        return self.value(given, at.key(key))

    def absent(self, at: Place) -> Any:
        """The value of a missing key."""
        return at.fault("missing") if self.required else self.default

    def value(self, given: object, at: Place) -> Any:
        """The value of what stands at a place; None and a fault where it cannot be read."""
        return given

    def told(self) -> Told:
        """What it takes, as JSON Schema; whatever that refuses is refused by `value` too."""
        return {}

    def properties(self, key: str) -> dict[str, Told]:
        """What each key that is read may hold."""
        found = self.told()
        return {key: {"anyOf": [found, {"type": "null"}]} if found and self.null and not self.required else found}

    def needed(self, key: str) -> list[str]:
        """The keys that may not be missing."""
        return [key] if self.required else []

    def conditions(self, key: str) -> list[Told]:
        """What holds between keys of the same mapping."""
        return []


@dataclass(frozen=True)
class Text(Kind):
    """Text that is not blank, of a bounded length; `wrong` is the code of anything else."""

    most: int | None = None
    wrong: str = "not_text"
    default: Any = field(default="", kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, str) or not given.strip():
            return at.fault(self.wrong, found=described(given))
        if self.most is not None and len(given) > self.most:
            return at.fault("too_long", size=len(given), most=self.most)
        return at.fault("unstorable") if "\x00" in given else given

    def told(self) -> Told:
        return {"type": "string", "minLength": 1} | ({} if self.most is None else {"maxLength": self.most})


@dataclass(frozen=True)
class Texts(Kind):
    """A text by language: label_de, label_en and the like; where it is required the German one is."""

    def keys(self, key: str) -> Iterable[str]:
        return (f"{key}_{language}" for language in LANGUAGES)

    def read(self, raw: Mapping[str, object], key: str, at: Place) -> Any:
        found = {language: OPTIONAL.read(raw, f"{key}_{language}", at) for language in LANGUAGES}
        if self.required and raw.get(f"{key}_de") is None:
            at.fault("missing", f"{key}_de")
        return {language: text for language, text in found.items() if text is not None}

    def properties(self, key: str) -> dict[str, Told]:
        return {name: found for each in self.keys(key) for name, found in OPTIONAL.properties(each).items()}

    def needed(self, key: str) -> list[str]:
        return [f"{key}_de"] if self.required else []


@dataclass(frozen=True)
class Schema(Kind):
    """The name of what the document follows."""

    schema: str
    name: str | None = field(default=UNUSED, kw_only=True)

    def read(self, raw: Mapping[str, object], key: str, at: Place) -> Any:
        return at.fault("schema", key, schema=self.schema) if raw.get(key) != self.schema else self.schema

    def properties(self, key: str) -> dict[str, Told]:
        return {key: {"const": self.schema}}

    def needed(self, key: str) -> list[str]:
        return [key]


@dataclass(frozen=True)
class OneOf(Kind):
    """One of the words that are offered, or what a mapping says that it stands for."""

    allowed: Collection[str]
    null: bool = field(default=False, kw_only=True)

    def absent(self, at: Place) -> Any:
        return at.fault("not_chosen", allowed=", ".join(self.allowed)) if self.required else self.default

    def value(self, given: object, at: Place) -> Any:
        if isinstance(given, str) and given in self.allowed:
            return self.allowed[given] if isinstance(self.allowed, Mapping) else given
        return at.fault("not_offered", allowed=", ".join(self.allowed), found=described(given))

    def told(self) -> Told:
        return {"enum": list(self.allowed)}


@dataclass(frozen=True)
class Flag(Kind):
    """True or false."""

    default: Any = field(default=False, kw_only=True)
    null: bool = field(default=False, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        return given if isinstance(given, bool) else at.fault("not_a_flag", found=described(given))

    def told(self) -> Told:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Number(Kind):
    """A number, exactly as it is written."""

    positive: bool = field(default=False, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        try:
            number = exact(None if isinstance(given, str) else given)
        except ValueError:
            return at.fault("not_a_number", found=described(given))
        if abs(number) > LARGEST:
            return at.fault("too_large")
        return at.fault("not_positive", value=number) if self.positive and number <= 0 else number

    def told(self) -> Told:
        least = {"exclusiveMinimum": 0} if self.positive else {"minimum": -LARGEST}
        return {"type": "number", "maximum": LARGEST, **least}


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number within bounds."""

    least: int
    most: int
    null: bool = field(default=False, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if isinstance(given, bool) or not isinstance(given, int) or not self.least <= given <= self.most:
            return at.fault("not_whole", least=self.least, most=self.most, found=described(given))
        return given

    def told(self) -> Told:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Each(Kind):
    """A list of one kind; where it is to be filled, an empty one is a missing one."""

    of: Kind
    filled: bool = False
    default: Any = field(default=(), kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, list):
            return at.fault("not_a_list", found=described(given))
        if self.filled and not given:
            return at.fault("missing")
        return tuple(self.of.value(one, at.item(index)) for index, one in enumerate(given))

    def told(self) -> Told:
        return {"type": "array", "items": self.of.told()} | ({"minItems": 1} if self.filled else {})


@dataclass(frozen=True)
class Values(Kind):
    """A mapping of values of one kind; its keys are free, or `only` these."""

    of: Kind = field(default_factory=Kind)
    only: Collection[str] = ()
    default: Any = field(default_factory=dict, kw_only=True)

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, Mapping):
            return at.fault("not_keys", found=described(given))
        if self.only:
            refuse_unknown(given, self.only, at)
        return {key: self.of.read(given, key, at) for key in given}

    def told(self) -> Told:
        each = self.of.properties("")[""]
        if not self.only:
            return {"type": "object", "additionalProperties": each}
        return {"type": "object", **closed(dict.fromkeys(self.only, each))}


@dataclass(frozen=True)
class Part(Kind):
    """A mapping whose keys are known.

    make: called with the values by name once each of them could be read. then: takes what was made and its place,
    notes what does not fit and returns what shall be used. A missing part is read as an empty one, unless it is
    required or has a default.
    """

    make: Callable[..., Any]
    fields: Mapping[str, Kind]
    then: Callable[[Any, Place], Any] | None = None
    default: Any = field(default=..., kw_only=True)

    def absent(self, at: Place) -> Any:
        return self.value({}, at) if self.default is ... and not self.required else super().absent(at)

    def value(self, given: object, at: Place) -> Any:
        if not isinstance(given, Mapping):
            return at.fault("not_keys", found=described(given))
        refuse_unknown(given, self.known, at)
        before = len(at.faults)
        values: dict[str, Any] = {}
        for key, kind in self.fields.items():
            kind.into(values, key, given, at)
        if len(at.faults) > before:
            return None
        made = self.make(**values)
        return self.then(made, at) if self.then else made

    def told(self) -> Told:
        found = {"type": "object", **closed(self.inside()), "required": self.needs()}
        conditions = [one for key, kind in self.fields.items() for one in kind.conditions(key)]
        return found | ({"allOf": conditions} if conditions else {})

    def inside(self) -> dict[str, Told]:
        """What each key may hold."""
        return {name: one for key, kind in self.fields.items() for name, one in kind.properties(key).items()}

    def needs(self) -> list[str]:
        """The keys that may not be missing."""
        return [name for key, kind in self.fields.items() for name in kind.needed(key)]

    @cached_property
    def known(self) -> frozenset[str]:
        """Every key that it reads."""
        return frozenset(name for key, kind in self.fields.items() for name in kind.keys(key))


@dataclass(frozen=True)
class ByType(Kind):
    """The type of a part, and the keys that each type has of its own: what they make belongs to the whole part."""

    of: Mapping[str, Part]

    def keys(self, key: str) -> Iterable[str]:
        return [key, *(own for part in self.of.values() for own in part.known)]

    def into(self, values: dict[str, Any], key: str, raw: Mapping[str, object], at: Place) -> None:
        kind = OneOf(tuple(self.of), required=True).read(raw, key, at)
        if kind is None:
            return
        own = self.of[kind].known
        for other in sorted(set(raw).intersection(self.keys(key)).difference(own, (key,))):
            at.fault("not_of_type", other, type=kind)
        values[key] = kind
        values.update(self.of[kind].value({name: raw[name] for name in own if name in raw}, at) or {})

    def properties(self, key: str) -> dict[str, Told]:
        return {**{name: {} for part in self.of.values() for name in part.known}, key: {"enum": list(self.of)}}

    def needed(self, key: str) -> list[str]:
        return [key]

    def conditions(self, key: str) -> list[Told]:
        """Of each type its own keys, and none of the others."""
        others: Told = dict.fromkeys((name for name in self.keys(key) if name != key), False)
        return [
            {
                "if": {"properties": {key: {"const": kind}}, "required": [key]},
                "then": {"properties": others | part.inside(), "required": part.needs()},
            }
            for kind, part in self.of.items()
        ]


def refuse_unknown(given: Mapping[str, object], known: Iterable[str], at: Place) -> None:
    """Note every key that is neither known nor a note."""
    for key in sorted(map(str, set(given).difference(known, NOTES))):
        at.fault("unknown_key", key)


def closed(inside: Mapping[str, Told | bool]) -> Told:
    """The JSON Schema of a mapping that has these keys and notes, and no others.

    In `{note: first this, then that}` YAML makes a key of the words behind the comma.
    """
    notes = f"^({'|'.join(sorted(NOTES))})$"
    return {
        "properties": inside,
        "patternProperties": {notes: True, " ": {"type": "null"}},
        "additionalProperties": False,
    }


def described(given: object) -> str:
    """What was found, in few words."""
    if given is None:
        return NOTHING
    if isinstance(given, Mapping):
        return KEYS
    return LIST if isinstance(given, list) else repr(given)[:60]


OPTIONAL = Text(default=None)
NAME = Text(wrong="not_a_name")
"""A name in a list of names."""
