"""The lists of a draft: rows are added, moved and removed, and what named one that is gone is forgotten."""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from app.domain.rating_schemes.editing import Document, Outline, Rows, at, made
from scoring.scheme.grammar import Part

MOST = 200
PREFIXES = {"criteria": "k", "groups": "g", "gates": "f", "adjustments": "z", "options": "a"}
START: dict[str, Document] = {"adjustments": {"kind": "bonus"}, "gates": {"ko": True}}
SCALE = {"min": 0, "max": 5, "step": 1}


class Rearranged(NamedTuple):
    """The document after a row was added, moved or removed, and the place to look at."""

    document: Document
    place: str


def rearranged(document: Mapping[str, Any], action: str) -> Rearranged | None:
    """The document after `add criteria`, `remove criteria[2]`, `up criteria[2]` or `down criteria[2]`.

    None where there is no such list or row.
    """
    verb, _, place = action.partition(" ")
    listed = Outline(document).rows
    if verb == "add" and place in listed and listed[place].number < MOST:
        return _added(document, listed[place])
    named = re.fullmatch(r"(.+)\[(\d{1,4})\]", place, re.ASCII)
    if verb not in ("remove", "up", "down") or not named or named[1] not in listed:
        return None
    rows, index = listed[named[1]], int(named[2])
    if index >= rows.number:
        return None
    found: Document = deepcopy(dict(document))
    here = at(found, rows.path)
    if verb == "remove":
        _forgotten(found, rows, here.pop(index))
        return Rearranged(found, rows.place)
    to = min(max(index + (1 if verb == "down" else -1), 0), rows.number - 1)
    here.insert(to, here.pop(index))
    return Rearranged(found, f"{rows.place}[{to}]")


def _added(document: Mapping[str, Any], rows: Rows) -> Rearranged:
    found: Document = deepcopy(dict(document))
    new = _new(found, rows)
    made(found, (*rows.path, 0)).append(new)
    return Rearranged(found, f"{rows.place}[{rows.number}]")


def _new(document: Document, rows: Rows) -> Any:
    """A new row with what people need not think of: its key, and of a criterion the scale of the one before."""
    noun = str(rows.path[-1])
    if not isinstance(rows.of, Part):
        return ""
    if noun == "criteria":
        before = document.get("criteria") or []
        same = before[-1] if before and isinstance(before[-1], dict) and before[-1].get("type") == "scale" else {}
        return {"key": _free_key(document, noun), "type": "scale", "scale": deepcopy(same.get("scale", SCALE))}
    start: Document = START.get(noun, {})
    return ({"key": _free_key(document, noun)} if "key" in rows.of.fields else {}) | start


def _free_key(document: Document, noun: str) -> str:
    taken = {entry.shown for entry in Outline(document).entries.values() if entry.path[-1] == "key"}
    prefix = PREFIXES[noun]
    return next(key for key in (f"{prefix}{number}" for number in range(1, 10_000)) if key not in taken)


def _forgotten(document: Document, rows: Rows, gone: Any) -> None:
    """Drop what named a criterion or a group that is gone: rules for ties, weights for the order, groups."""
    key = gone.get("key") if isinstance(gone, dict) else None
    if rows.place not in ("criteria", "groups") or not isinstance(key, str):
        return
    ranking = document.get("ranking") or {}
    if key in (ranking.get("tie_breakers") or []):
        ranking["tie_breakers"].remove(key)
    if isinstance(ranking.get("weights_for_ranking"), dict):
        ranking["weights_for_ranking"].pop(key, None)
    for one in document.get("criteria") or []:
        if rows.place == "groups" and one.get("group") == key:
            del one["group"]
