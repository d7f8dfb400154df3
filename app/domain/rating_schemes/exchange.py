"""Drafts as files: written out in the order of the format, read in, and how two of them differ."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import yaml

from app.domain import faults
from app.domain.rating_schemes import drafts, editing, wording
from app.domain.rating_schemes.drafts import LARGEST as LARGEST
from app.domain.rating_schemes.editing import Document, Entry, Outline
from app.errors import Invalid
from app.i18n import gettext as _
from scoring.errors import SchemeError
from scoring.scheme.grammar import ByType, Each, Kind, Part
from scoring.scheme.reading import TOP
from scoring.scheme.yaml_text import read_yaml

READING = asyncio.Semaphore(1)  # one file after the other, beside the event loop: a large one takes seconds


async def read(content: bytes) -> Document:
    """The document of a `rating-scheme/1` file as a draft; raises Invalid(file=...) for what cannot be edited."""
    async with READING:
        return await asyncio.to_thread(_read, content)


def _read(content: bytes) -> Document:
    try:
        return drafts.importable(read_yaml(content))
    except SchemeError as error:
        raise Invalid(file=faults.listed(error)) from error


class Difference(NamedTuple):
    """A field that two schemes word differently, as people read it; a dash where one of them has none."""

    where: str
    before: str
    after: str


def written(document: Mapping[str, Any]) -> bytes:
    """The YAML text of a draft, its keys in the order of the format."""
    ordered = _ordered(TOP, document)
    return yaml.safe_dump(ordered, allow_unicode=True, sort_keys=False, width=120).encode("utf-8", "replace")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """What another document changes, field by field: criteria and the like are compared by their short names."""
    old, new = _told(before), _told(after)
    found = [
        Difference(where, old.get(where, "–"), new.get(where, "–"))
        for where in dict.fromkeys([*old, *new])
        if old.get(where) != new.get(where)
    ]
    if not found and before != after:
        return [Difference(_("Notes"), _("as in the draft"), _("as in the file"))]
    return found


def _told(document: Mapping[str, Any]) -> dict[str, str]:
    """What every field says, by where it stands."""
    outline = Outline(document)
    said = [entry for entry in outline.entries.values() if entry.shown]
    return {_where(entry, outline.entries): wording.value(entry, entry.shown) for entry in said}


def _where(entry: Entry, entries: Mapping[str, Entry]) -> str:
    """Where a field stands: in the row of which short name, else of which number."""
    named, rows = wording.label(entry.place), []
    for at, index in enumerate(entry.path):
        if isinstance(index, int):
            key = entries.get(f"{editing.place_of(entry.path[: at + 1])}.key")
            noun = str(entry.path[at - 1])
            rows.append(wording.row(noun, index) if key is None else f"{wording.list_of(noun)} {key.shown}")
    if entry.place.startswith(editing.FOR_ORDER):
        named = f"{named} ({entry.path[-1]})"
    return f"{', '.join(rows)}: {named}" if rows else named


def _ordered(kind: Kind, given: Any) -> Any:
    if isinstance(kind, Part) and isinstance(given, Mapping):
        known, kinds = [*kind.fields], _kinds(kind)
        place = {key: known.index(root) if (root := _root(kind, key)) else len(known) for key in given}
        return {key: _ordered(kinds.get(key, Kind()), given[key]) for key in sorted(given, key=place.__getitem__)}
    if isinstance(kind, Each) and isinstance(given, list):
        return [_ordered(kind.of, one) for one in given]
    return given


def _kinds(part: Part) -> dict[str, Kind]:
    """The kind of every key of a part, those of its types among them."""
    found: dict[str, Kind] = {}
    for key, kind in part.fields.items():
        if isinstance(kind, ByType):
            for own in kind.of.values():
                found |= own.fields
        found.setdefault(key, kind)
    return found


def _root(part: Part, key: str) -> str:
    """The declaration that reads a key: label for label_de."""
    return next((name for name, kind in part.fields.items() if key in kind.keys(name)), "")


def name_of(document: Document) -> str:
    """The name of the file: by the short name of the scheme."""
    return f"{editing.slug(str(document.get('key') or '')) or 'scheme'}.yaml"
