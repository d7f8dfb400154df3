"""A scheme as people type it: every key of the format is a field at its place, read and written by its declared kind.

A draft is the plain document itself. What was typed and cannot be read yet stands in it as text, so that nothing is
lost and the reader of schemes names the fault at its place. A field that was not touched leaves the document as it is.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from copy import deepcopy
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from app import i18n
from scoring.scheme.grammar import (
    OPTIONAL,
    ByType,
    Each,
    Flag,
    Kind,
    Number,
    OneOf,
    Part,
    Schema,
    Texts,
    Values,
    Whole,
)
from scoring.scheme.reading import TOP, Length

Path: TypeAlias = tuple[str | int, ...]
Document: TypeAlias = dict[str, Any]

FOR_ORDER = "ranking.weights_for_ranking."
INTEGER = re.compile(r"[-−]?\d{1,9}")
DECIMAL = re.compile(r"[-−]?\d{1,9}[.,]\d{1,6}")
GROUPED = {"de": r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d{1,6})?", "en": r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d{1,6})?"}
YES, NO = ("true", "yes", "ja"), ("false", "no", "nein")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
ABSENT = object()


class Entry(NamedTuple):
    """One field: where it stands, how its value is read, and what it shows now."""

    path: Path
    kind: Kind
    shown: str

    @property
    def place(self) -> str:
        """Its name in forms and faults, such as criteria[2].scale.min."""
        return place_of(self.path)

    @property
    def widget(self) -> str:
        """How people fill it in: select, checkbox, number, numbers, lines (a name and a value each) or text."""
        known = (
            (OneOf, "select"),
            (Flag, "checkbox"),
            (Number | Whole, "number"),
            (Values, "lines"),
            (Each, "numbers"),
        )
        return next((name for kind, name in known if isinstance(self.kind, kind)), "text")


class Rows(NamedTuple):
    """A list that people add to: where it stands, of what it is, and how many there are."""

    path: Path
    of: Kind
    number: int

    @property
    def holds_parts(self) -> bool:
        """Whether a row has fields of its own, or is one field."""
        return isinstance(self.of, Part)

    @property
    def place(self) -> str:
        """Its name, such as criteria[2].levels."""
        return place_of(self.path)


class Outline:
    """All fields and lists of a draft in the order of the format, by their places."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.criteria = [one.get("key") for one in document.get("criteria") or [] if isinstance(one, Mapping)]
        self.entries: dict[str, Entry] = {}
        self.rows: dict[str, Rows] = {}
        self.parts: list[tuple[Path, Part]] = []  # those that may be missing as a whole, and are there
        self._part(TOP, document, ())

    def _part(self, part: Part, raw: object, path: Path) -> None:
        for key, kind in part.fields.items():
            self._one(kind, key, raw if isinstance(raw, Mapping) else {}, path)

    def _one(self, kind: Kind, key: str, raw: Mapping[str, Any], path: Path) -> None:
        here, given = (*path, key), raw.get(key)
        if isinstance(kind, Texts):
            for name in kind.keys(key):
                self._leaf(OPTIONAL, raw, (*path, name))
        elif isinstance(kind, ByType):
            self._leaf(OneOf(tuple(kind.of), required=True), raw, here)
            if isinstance(given, str) and given in kind.of:
                self._part(kind.of[given], raw, path)
        elif isinstance(kind, Part):
            if kind.default is None and key in raw:
                self.parts.append((here, kind))
            self._part(kind, given, here)
        elif isinstance(kind, Each) and not isinstance(kind.of, Number):
            self._rows(kind.of, given if isinstance(given, list) else [], here)
        elif isinstance(kind, Values) and isinstance(kind.of, Number):
            held = given if isinstance(given, Mapping) else {}
            for name in dict.fromkeys([one for one in self.criteria if isinstance(one, str)] + list(held)):
                self._leaf(kind.of, held, (*here, name))
        elif not isinstance(kind, Schema):
            self._leaf(kind, raw, here)

    def _rows(self, of: Kind, given: Sequence[Any], path: Path) -> None:
        self.rows[place_of(path)] = Rows(path, of, len(given))
        for index, one in enumerate(given):
            if isinstance(of, Part):
                self._part(of, one, (*path, index))
            else:
                self._leaf(of, {"": one}, (*path, index), "")

    def _leaf(self, kind: Kind, raw: Mapping[str, Any], path: Path, key: str | None = None) -> None:
        given = raw.get(str(path[-1]) if key is None else key)
        self.entries[place_of(path)] = Entry(path, kind, folded(shown(kind, given)))


def place_of(path: Path) -> str:
    """A place as faults name it."""
    text = ""
    for one in path:
        text += f"[{one}]" if isinstance(one, int) else f".{one}" if text else one
    return text


def pattern(place: str) -> str:
    """The same place in any row: criteria[].scale.min."""
    inside = re.sub(r"\[\d+\]", "[]", place)
    return f"{FOR_ORDER}*" if inside.startswith(FOR_ORDER) else inside


# ── from the document to the field, and back ───────────────────────────────────────────────────


def shown(kind: Kind, given: Any) -> str:
    """The text of a value in its field; of a missing one what stands for it."""
    if isinstance(kind, OneOf):
        return _chosen(kind) if given is None else str(given)
    if isinstance(kind, Flag):
        return ("1" if given else "") if isinstance(given, bool) or given is None else str(given)
    if given is None:
        return ""
    if isinstance(kind, Length) and isinstance(given, bool):
        return "" if given else "0"
    if isinstance(kind, Each) and isinstance(given, list):
        return "; ".join(_number(one) for one in given)
    if isinstance(kind, Values) and isinstance(given, Mapping):
        return "\n".join(f"{key}: {_word(value)}" for key, value in given.items())
    if isinstance(kind, Number | Whole):
        return _number(given)
    return given if isinstance(given, str) else _json(given)


def _chosen(kind: OneOf) -> str:
    if isinstance(kind.allowed, Mapping):
        return next((key for key, value in kind.allowed.items() if value == kind.default), "")
    return kind.default or ""


def _number(given: Any) -> str:
    if isinstance(given, str):
        return given
    if isinstance(given, bool) or not isinstance(given, int | float):
        return _json(given)
    text = format(Decimal(repr(given)).normalize(), "f")
    return text.replace(".", ",") if i18n.locale.get() == "de" else text


def _word(given: Any) -> str:
    """A value on its line: text as it is, where it could not be taken for anything else."""
    plain = isinstance(given, str) and "\n" not in given and _value(given) == given
    return str(given) if plain else _json(given)


def _json(given: Any) -> str:
    return json.dumps(given, ensure_ascii=False)


def read(kind: Kind, text: str) -> Any:
    """The value of what was typed; ABSENT for nothing, the text itself where it is no value of this kind."""
    if isinstance(kind, Flag):
        return text == "1"
    if not text:
        return ABSENT
    if isinstance(kind, Number | Whole):
        return read_number(text)
    if isinstance(kind, Each):
        return [read_number(one) for one in re.split(r"[;\s]+|,\s+", text) if one]
    if isinstance(kind, Values):
        return _read_lines(text)
    return text


def read_number(text: str) -> Any:
    """The number in a text as its reader writes numbers; the text itself where there is none."""
    plain = text.replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(GROUPED[i18n.locale.get()], plain, re.ASCII):
        plain = plain.replace("." if i18n.locale.get() == "de" else ",", "")
    plain = plain.replace("−", "-").replace(",", ".")
    if INTEGER.fullmatch(plain):
        return int(plain)
    if not DECIMAL.fullmatch(plain):
        return text
    number = Decimal(plain)
    return int(number) if number == number.to_integral_value() else float(number)


def _read_lines(text: str) -> Any:
    """Lines of `name: value`; the text itself where one of them is none."""
    found: Document = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            return text
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    if text[:1] in ("[", "{", '"'):
        try:
            return json.loads(text)
        except ValueError:
            return text
    if text.lower() in YES + NO:
        return text.lower() in YES
    return read_number(text) if re.fullmatch(r"[-−]?[\d.,]+", text) else text


def slug(title: str) -> str:
    """A short name made of a title: letters a to z, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title.translate(UMLAUTS)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")


# ── changes ────────────────────────────────────────────────────────────────────────────────────


class Change(NamedTuple):
    """What was typed into a field, where it says something else than before."""

    entry: Entry
    typed: str


def changes(document: Mapping[str, Any], typed: Mapping[str, str]) -> list[Change]:
    """The fields that say something else than the document; those that were not sent stay out."""
    entries = Outline(document).entries
    sent = ((entry, folded(typed[place])) for place, entry in entries.items() if place in typed)
    return [Change(entry, text) for entry, text in sent if text != entry.shown]


def folded(text: str) -> str:
    """Text without the white space at its ends and at those of its lines, which no field keeps."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def applied(document: Mapping[str, Any], typed: Mapping[str, str]) -> Document:
    """The document with what was typed; its own parts are not changed."""
    found: Document = deepcopy(dict(document))
    renamed: dict[str, str] = {}
    for entry, text in changes(document, typed):
        value = read(entry.kind, text)
        if len(entry.path) == 3 and entry.path[0] in ("criteria", "groups") and entry.path[2] == "key" and text:
            renamed[entry.shown] = text
        _put(found, entry.path, value)
    return _named_anew(_without_empty_parts(found), renamed) if renamed else _without_empty_parts(found)


def _put(document: Document, path: Path, value: Any) -> None:
    holder = made(document, path)
    if value is ABSENT and isinstance(holder, dict):
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = "" if value is ABSENT else value


def made(document: Document, path: Path) -> Any:
    """What holds the last step of a path, made as far as it is missing."""
    holder: Any = document
    for key, following in pairwise(path):
        holder = _held(holder, key, [] if isinstance(following, int) else {})
    return holder


def _held(holder: Any, key: str | int, empty: Any) -> Any:
    held = holder.get(key) if isinstance(holder, dict) else holder[key]
    if not isinstance(held, dict | list):
        held = holder[key] = empty
    return held


def _without_empty_parts(document: Document) -> Document:
    """Parts that may be missing go where nothing but a choice is left of them."""
    for path, part in Outline(document).parts:
        holder = at(document, path[:-1])
        said = [key for key, kind in part.fields.items() if not isinstance(kind, OneOf)]
        if isinstance(holder.get(path[-1]), dict) and not any(key in holder[path[-1]] for key in said):
            del holder[path[-1]]
    return document


def at(document: Document, path: Path) -> Any:
    """What stands at a place of a document."""
    found: Any = document
    for key in path:
        found = found[key]
    return found


def _named_anew(document: Document, renamed: Mapping[str, str]) -> Document:
    """Whatever names a criterion or a group follows its new key."""
    for one in document.get("criteria") or []:
        if one.get("group") in renamed:
            one["group"] = renamed[one["group"]]
    ranking = document.get("ranking") or {}
    if isinstance(ranking.get("tie_breakers"), list):
        ranking["tie_breakers"] = [renamed.get(one, one) for one in ranking["tie_breakers"] if isinstance(one, str)]
    for holder, key in [(ranking, "weights_for_ranking"), *((one, "input") for one in _examples(document))]:
        if isinstance(holder.get(key), dict):
            holder[key] = {renamed.get(name, name): value for name, value in holder[key].items()}
    return document


def _examples(document: Document) -> list[Document]:
    return [one for one in document.get("examples") or [] if isinstance(one, dict)]
