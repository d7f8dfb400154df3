"""A form as people type it: every key of the format is a field at its place, read and written by its declared kind.

A draft is the plain document itself. What was typed and cannot be read yet stands in it as text, so that nothing is
lost and the reader of forms names the fault at its place. A field that was not touched leaves the document as it is.
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

from app import i18n
from app.domain.form_drafts import references
from app.domain.rating_schemes import editing
from app.domain.rating_schemes.editing import ABSENT, Document, Entry, Path, Rows, folded, place_of
from app.forms.kinds import Compared, DayBound, Flagged, Key, Listed, NameOr, OrOfCall, Worded
from app.forms.reading import GRAMMAR
from scoring.scheme.grammar import LANGUAGES as LANGUAGES
from scoring.scheme.grammar import Flag, Kind, Number, OneOf, Part, Text, Values, Whole

GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
LONG = (("help",), ("text",), ("say",))
SAID = {"true": True, "false": False}


class Outline(editing.Outline):
    """The fields and lists of a draft in the order of the format, by their places.

    within: of rows only those inside this part or around it; of all where it is empty.
    """

    def __init__(self, document: Mapping[str, Any], within: Path = ()) -> None:
        self.entries: dict[str, Entry] = {}
        self.rows: dict[str, Rows] = {}
        self.parts: list[tuple[Path, Part]] = []
        self.criteria, self.within = [], within
        self._part(GRAMMAR, document, ())

    def _one(self, kind: Kind, key: str, raw: Mapping[str, Any], path: Path) -> None:
        here, given = (*path, key), raw.get(key)
        if isinstance(kind, Worded):
            texts = dict.fromkeys(LANGUAGES, given) if isinstance(given, str) else given
            for language in LANGUAGES:
                self._leaf(Text(kind.most), texts if isinstance(texts, Mapping) else {}, (*here, language))
        elif isinstance(kind, Listed) and _row(kind.of) is None:
            self._leaf(kind, raw, here)
        else:
            super()._one(kind, key, raw, path)

    def _rows(self, of: Kind, given: Sequence[Any], path: Path) -> None:
        part = _row(of)
        assert part is not None
        self.rows[place_of(path)] = Rows(path, part, len(given))
        for index, one in enumerate(given):
            here = (*path, index)
            if all(mine == wanted for mine, wanted in zip(here, self.within, strict=False)):
                self._part(part, {"key": one} if isinstance(one, str) else one, here)

    def _leaf(self, kind: Kind, raw: Mapping[str, Any], path: Path, key: str | None = None) -> None:
        given = raw.get(str(path[-1]) if key is None else key)
        self.entries[place_of(path)] = Entry(path, kind, folded(shown(kind, given)))


def _row(of: Kind) -> Part | None:
    """The part that each row of a list is; None for lists of words."""
    inside = of.kind if isinstance(of, NameOr) else of
    return inside if isinstance(inside, Part) else None


# ── from the document to the field, and back ───────────────────────────────────────────────────


def is_threefold(kind: Kind) -> bool:
    """Whether a flag may be unsaid, which is neither yes nor no."""
    return isinstance(kind, Flag) and kind.default is None


def widget(entry: Entry) -> str:
    """How a field is filled in: several (of what is offered, or a line each), select, checkbox, number, lines, text."""
    known = (
        ((Listed,), "several"),
        ((OneOf,), "select"),
        ((Flag, Flagged), "select" if is_threefold(entry.kind) else "checkbox"),
        ((Number, Whole), "number"),
        ((Values,), "lines"),
    )
    found = next((name for kinds, name in known if isinstance(entry.kind, kinds)), "")
    long = entry.path[-2:-1] in LONG or "\n" in entry.shown
    return found or ("lines" if long else "text")


def shown(kind: Kind, given: Any) -> str:
    """The text of a value in its field; of a missing one what stands for it."""
    if isinstance(kind, Listed):
        listed = kind.default if given is None else given
        return "\n".join(map(_word, listed)) if isinstance(listed, list | tuple) else _word(listed)
    if isinstance(kind, Flagged):
        return "1" if given else ""
    if is_threefold(kind) or isinstance(kind, Compared):
        return "" if given is None else _word(given)
    if isinstance(kind, DayBound) and isinstance(given, str) and i18n.locale.get() == "de":
        return DAY.sub(r"\3.\2.\1", given)
    if isinstance(kind, OrOfCall) and not isinstance(kind, DayBound):
        return editing.shown(Number(), given)
    return str(given) if isinstance(kind, Key) and isinstance(given, int) else editing.shown(kind, given)


def _word(given: Any) -> str:
    if isinstance(given, bool):
        return str(given).lower()
    return given if isinstance(given, str) else editing.shown(Number(), given)


def read(kind: Kind, text: str, before: Any = None, compared: str = "") -> Any:
    """The value of what was typed; ABSENT for nothing, the text itself where it is no value of this kind.

    before: what stood there; `compared`: the type of the question whose answer a condition looks at.
    """
    if isinstance(kind, Flagged):
        return text == "1"
    if is_threefold(kind):
        return SAID.get(text, ABSENT)
    if isinstance(kind, Listed):
        return _read_list(kind, text, before, compared)
    if not text:
        return False if isinstance(kind, Flag) else ABSENT
    if isinstance(kind, Compared):
        return _read_compared(text, compared)
    if isinstance(kind, DayBound):
        return GERMAN_DAY.sub(lambda day: f"{day[3]}-{int(day[2]):02}-{int(day[1]):02}", text)
    if isinstance(kind, OrOfCall):
        return editing.read(Number(), text)
    return editing.read(kind, text) if isinstance(kind, Flag | Number | Whole | Values) else text


def _read_list(kind: Listed, text: str, before: Any, compared: str) -> Any:
    """The lines of a text; what stood there before keeps its order and its spelling."""
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    listed = kind.default if before is None else before if isinstance(before, list) else [before]
    known = {_word(one): one for one in listed}
    kept = [known[line] for line in known if line in lines]
    new = [line for line in lines if line not in known]
    if isinstance(kind.of, Compared):
        new = [_read_compared(line, compared) for line in new]
    return kept + new or ABSENT


def _read_compared(text: str, compared: str) -> Any:
    if compared in ("yes_no", "declaration"):
        return SAID.get(text, text)
    return editing.read(Number(), text) if compared in ("integer", "decimal", "money", "percent") else text


# ── changes ────────────────────────────────────────────────────────────────────────────────────


def changes(document: Mapping[str, Any], typed: Mapping[str, str], within: Path = ()) -> list[editing.Change]:
    """The fields that say something else than the document; those that were not sent stay out."""
    entries = Outline(document, within).entries
    sent = ((entry, folded(typed[place])) for place, entry in entries.items() if place in typed)
    return [editing.Change(entry, text) for entry, text in sent if _differs(entry, text)]


def _differs(entry: Entry, text: str) -> bool:
    if isinstance(entry.kind, Listed):
        return set(text.splitlines()) != set(entry.shown.splitlines())
    return text != entry.shown


def applied(document: Mapping[str, Any], typed: Mapping[str, str], within: Path = ()) -> Document:
    """The document with what was typed into this part; its own parts are not changed."""
    found: Document = deepcopy(dict(document))
    renamed: list[tuple[Path, str, str]] = []
    for entry, text in changes(document, typed, within):
        if entry.path[-1] == "key" and text and entry.shown:
            renamed.append((entry.path, entry.shown, text))
        _put(found, entry, text)
    for path, before, after in renamed:
        references.follow(found, path, before, after)
    return keyed(found, within)


def _put(document: Document, entry: Entry, text: str) -> None:
    holder, path = made(document, entry.path), entry.path
    before = holder.get(path[-1])
    value = read(entry.kind, text, before, _compared(document, entry, holder))
    if value is not ABSENT:
        holder[path[-1]] = value
        return
    holder.pop(path[-1], None)
    if path[-2:-1] == ("when",) and path[-1] == "question":
        holder.clear()
    if not holder and (path[-1] in LANGUAGES or path[-2:-1] == ("when",)):
        del editing.at(document, path[:-2])[path[-2]]


def made(document: Document, path: Path) -> Any:
    """What holds the last step of a path, made as far as it is missing; a word stands for what it abbreviates."""
    holder: Any = document
    for key, following in pairwise(path):
        held = holder.get(key) if isinstance(holder, dict) else holder[key]
        if isinstance(held, str):
            held = dict.fromkeys(LANGUAGES, held) if following in LANGUAGES else {"key": held}
        elif not isinstance(held, dict | list):
            held = [] if isinstance(following, int) else {}
        holder[key] = held
        holder = held
    return holder


def _compared(document: Document, entry: Entry, holder: Any) -> str:
    """The type of the question that a condition looks at."""
    if "when" not in entry.path:
        return ""
    return references.types(document).get(str(holder.get("question")), "")


def keyed(document: Document, within: Path = ()) -> Document:
    """The draft in which everything that has a name has a key as well: made of its name, once in its list."""
    outline = Outline(document, within)
    named = [one for one in outline.entries.values() if one.path[-1] == "key" and not one.shown]
    for entry in named:
        names = (f"{place_of(entry.path[:-1])}.{noun}".strip(".") for noun in ("label", "title"))
        texts = (outline.entries.get(f"{name}.{language}") for name in names for language in LANGUAGES)
        name = next((one.shown for one in texts if one and one.shown), "")
        base = editing.slug(name)[:40].strip("-")
        if base:
            taken = references.keys_beside(document, entry.path)
            made(document, entry.path)["key"] = references.free(base, taken, entry.path)
    return document
