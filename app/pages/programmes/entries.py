"""What the editor can ask: a field, rows of fields, a page of both; and short ways to say the usual ones."""

from collections.abc import Mapping
from itertools import groupby
from typing import NamedTuple

from app import web
from app.domain.programmes import facts
from app.i18n import later

LONG, LINE, NAME = 4000, 300, 200


class Entry(NamedTuple):
    """One field: what it is called, how it is read and how it looks; needed to save, to publish, or never.

    look: text, wide, lines, select, day, euro, number, tick, hidden. offered names the options of a select, or what a
    text may be, that depend on the programme.
    """

    label: str
    field: web.Field
    look: str = "text"
    hint: str = ""
    needed: bool | str = False
    offered: str = ""


class Rows(NamedTuple):
    """What there can be several of: the name among the facts, the part each one is, its fields.

    one is what a row is called, add what the button says; shows is the field that tells one from another.
    """

    name: str
    kind: type[facts.Part]
    one: str
    add: str
    shows: str
    entries: Mapping[str, Entry]

    @property
    def blocks(self) -> list[tuple[bool, list[str]]]:
        """The fields in their order: short ones that follow each other stand side by side (True), others alone."""
        found = groupby(self.entries, lambda name: self.entries[name].look not in ("wide", "lines", "tick", "hidden"))
        return [(beside, list(names)) for beside, names in found]


class Section(NamedTuple):
    """A page of the editor."""

    title: str
    lead: str
    entries: Mapping[str, Entry] = {}
    rows: Rows | None = None


def text(label: str, most: int = LINE, hint: str = "", *, needed: bool | str = False) -> Entry:
    """A line beside others."""
    return Entry(label, web.text(most, required=needed is True), hint=hint, needed=needed)


def wide(label: str, most: int = LINE, hint: str = "", *, needed: bool = False) -> Entry:
    """A line of its own."""
    return Entry(label, web.text(most, required=needed), "wide", hint, needed)


def long(label: str, hint: str = "", *, needed: bool | str = False) -> Entry:
    """A text of several lines."""
    return Entry(label, web.text(LONG, lines=True, required=needed is True), "lines", hint, needed)


def lines(label: str, hint: str = "") -> Entry:
    """Several short texts, one a line."""
    return Entry(label, web.lines(LONG), "lines", hint or later("One per line."))


def day(label: str, hint: str = "", *, needed: bool | str = False) -> Entry:
    """A day."""
    return Entry(label, web.day(required=needed is True), "day", hint, needed)


def number(label: str, hint: str = "", *, needed: bool = False) -> Entry:
    """A number."""
    return Entry(label, web.number(required=needed), "number", hint, needed)


def choice(label: str, options: Mapping[str, str], *, needed: bool = False) -> Entry:
    """One of some options, by its key."""
    return Entry(label, web.choice(options, required=needed), "select", "", needed)


def suggested(label: str, offered: str, hint: str = "", *, needed: bool = False) -> Entry:
    """A line; what was named before is suggested."""
    return Entry(label, web.text(NAME, required=needed), "text", hint, needed, offered)


def offered(label: str, offered: str, *, needed: bool = False) -> Entry:
    """One of what the programme has."""
    return Entry(label, web.choice({}, required=needed), "select", "", needed, offered)
