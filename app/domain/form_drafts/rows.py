"""The lists of a draft: sections, questions and rows are added, copied, moved and removed."""

import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from app.domain.form_drafts import references
from app.domain.form_drafts.fields import Outline, made
from app.domain.rating_schemes.editing import Document, Path
from app.i18n import gettext as _

MOST = 500
STEP = re.compile(r"([a-z_]+)|\[(\d{1,4})\]")
START: dict[str, Document] = {"questions": {"type": "long_text"}, "columns": {"type": "text"}}


class Rearranged(NamedTuple):
    """The document after a row was added, copied, moved or removed, and where it stands now."""

    document: Document
    path: Path


def rearranged(document: Mapping[str, Any], action: str, names: Iterable[str] = ()) -> Rearranged | None:
    """The document after `add sections`, or after `up`, `down`, `copy` or `remove` of a row, such as `up sections[2]`.

    names: what new rows are called; one without a name where there are none. None where there is no such list or row.
    """
    verb, _space, place = action.partition(" ")
    path = path_of(place)
    if verb == "add":
        rows = Outline(document, path).rows.get(place)
        return None if rows is None or rows.number >= MOST else _added(document, path, list(names) or [""])
    found: Document = deepcopy(dict(document))
    listed = _listed(found, path)
    if verb not in VERBS or listed is None:
        return None
    return Rearranged(found, VERBS[verb](found, listed, path))


def path_of(place: str) -> Path:
    """The steps of a place such as sections[2].questions[0]."""
    return tuple(int(number) if number else word for word, number in STEP.findall(place))


def _listed(document: Document, path: Path) -> list[Any] | None:
    """The list in which a row stands; None where there is no such row."""
    held: Any = document
    for key in path[:-1]:
        inside = isinstance(held, dict) if isinstance(key, str) else isinstance(held, list)
        if not inside or (isinstance(key, int) and key >= len(held)) or (isinstance(key, str) and key not in held):
            return None
        held = held[key]
    index = path[-1] if path else ""
    return held if isinstance(held, list) and isinstance(index, int) and index < len(held) else None


def _added(document: Mapping[str, Any], path: Path, names: list[str]) -> Rearranged:
    found: Document = deepcopy(dict(document))
    noun = str(path[-1])
    made(found, (*path, 0))
    holder: Any = found
    for key in path:
        holder = holder[key]
    for name in names:
        new: Document = deepcopy(START.get(noun, {}))
        if noun == "sections":
            new["questions"] = []
        if name:
            new["title" if noun == "sections" else "label"] = _texts(name)
        holder.append(new)
    return Rearranged(found, (*path, len(holder) - 1))


def _texts(name: str) -> dict[str, str]:
    """German, then English behind a vertical bar."""
    german, _bar, english = (part.strip() for part in name.partition("|"))
    return {"de": german} | ({"en": english} if english else {})


# ── verbs ──────────────────────────────────────────────────────────────────────────────────────


def _up(document: Document, listed: list[Any], path: Path) -> Path:
    return _moved(document, listed, path, -1)


def _down(document: Document, listed: list[Any], path: Path) -> Path:
    return _moved(document, listed, path, 1)


def _moved(document: Document, listed: list[Any], path: Path, by: int) -> Path:
    """One place on; a question goes beyond the end of its section into the next one."""
    index = int(path[-1])
    to = index + by
    if 0 <= to < len(listed):
        listed.insert(to, listed.pop(index))
        return (*path[:-1], to)
    if len(path) == 4 and path[2] == "questions" and 0 <= int(path[1]) + by < len(document["sections"]):
        section = int(path[1]) + by
        here = document["sections"][section].setdefault("questions", [])
        here.insert(0 if by > 0 else len(here), listed.pop(index))
        return ("sections", section, "questions", 0 if by > 0 else len(here) - 1)
    return path


def _copied(document: Document, listed: list[Any], path: Path) -> Path:
    """A copy right below, with keys of its own; what only one may have stays with the first."""
    index = int(path[-1])
    new = deepcopy(listed[index])
    listed.insert(index + 1, new)
    here: Path = (*path[:-1], index + 1)
    for part in [new, *references_inside(new)]:
        _renamed(document, part)
    return here


def references_inside(given: Any) -> list[Any]:
    """The questions of a section."""
    return given.get("questions", []) if isinstance(given, dict) and isinstance(given.get("questions"), list) else []


def _renamed(document: Document, part: Any) -> None:
    if not isinstance(part, dict) or "key" not in part:
        return
    part.pop("role", None)
    taken = {str(one.get("key")) for one in references.questions(document)}
    taken |= {str(one.get("key")) for noun in ("sections", "facts") for one in _all(document, noun)}
    before = part.pop("key")
    part["key"] = references.free(str(before), taken)
    for name in ("label", "title"):
        if isinstance(part.get(name), dict) and isinstance(part[name].get("de"), str):
            part[name] = part[name] | {"de": _("%(name)s (copy)") % {"name": part[name]["de"]}}


def _all(document: Document, noun: str) -> list[Any]:
    return [one for one in document.get(noun) or [] if isinstance(one, dict)]


def _removed(document: Document, listed: list[Any], path: Path) -> Path:
    del listed[int(path[-1])]
    if not listed and path[-2] != "questions":
        holder: Any = document
        for key in path[:-2]:
            holder = holder[key]
        del holder[path[-2]]
    return path[:-1]


VERBS: dict[str, Callable[[Document, list[Any], Path], Path]] = {
    "up": _up,
    "down": _down,
    "copy": _copied,
    "remove": _removed,
}


def paths(document: Mapping[str, Any]) -> list[Path]:
    """Where each question stands, in their order."""
    sections = document.get("sections") if isinstance(document.get("sections"), list) else []
    return [
        ("sections", number, "questions", index)
        for number, section in enumerate(sections or [])
        for index in range(len(references_inside(section)))
    ]


def with_taken(document: Mapping[str, Any], section: int | None, taken: Iterable[Document]) -> Document:
    """The document with these sections at its end, or with these questions at the end of a section.

    Keys that are taken already become others, and what names them inside follows; a role stays with its question.
    """
    found: Document = deepcopy(dict(document))
    found.setdefault("sections", [])
    roles = {one.get("role") for one in references.questions(found)}
    for one in deepcopy(list(taken)):
        here = found["sections"] if section is None else found["sections"][section].setdefault("questions", [])
        fresh = [*references_inside(one), one] if section is None else [one]
        known = {str(each.get("key")) for each in [*references.questions(found), *_all(found, "facts")]}
        known |= {str(each.get("key")) for each in _all(found, "sections")}
        for part in fresh:
            before, part["key"] = str(part["key"]), references.free(str(part["key"]), known)
            known.add(part["key"])
            _follow(fresh, before, part["key"])
            if part.get("role") in roles:
                del part["role"]
        here.append(one)
    return found


def _follow(questions: Iterable[Document], before: str, after: str) -> None:
    for one in questions:
        when = one.get("when")
        if isinstance(when, dict) and when.get("question") == before:
            when["question"] = after
