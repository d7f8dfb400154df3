"""The form of one section: its fields and those of its rows, as typed, as kept, as told to people."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from app import i18n, web
from app.domain.programmes import Facts
from app.i18n import gettext as _
from app.pages.programmes.entries import Entry, Section
from app.pages.programmes.sections import SECTIONS

MOST = 100  # rows of a section
Offered = Mapping[str, Mapping[str, str]]
LABELS = {
    name: entry.label
    for section in reversed(SECTIONS.values())
    for name, entry in {**section.entries, **(section.rows.entries if section.rows else {})}.items()
}


def label(section: Section, name: str) -> str:
    """What a field of a section is called, with the number of its row."""
    base, _dash, row = name.rpartition("-")
    if not base or not row.isdigit():
        return _(LABELS[name]) if name in LABELS else ""
    known = section.rows.entries[base].label if section.rows else LABELS.get(base, "")
    return f"{_(known)} ({int(row) + 1})" if known else ""


class SectionForm(web.Form):
    """The form of a section with so many rows: the fields of row 0 are called `name-0`."""

    untyped: ClassVar = ("rows", "seen", "do")
    section: ClassVar[Section] = Section("", "")
    count: ClassVar[int] = 0
    offered: ClassVar[Offered] = {}
    focus = ""  # what the reader goes on with after a row was added or moved

    def label(self, name: str) -> str:
        """What a field is called, with the number of its row."""
        return label(self.section, name)

    def options(self, entry: Entry) -> list[tuple[str, str]]:
        """What a choice offers; nothing chosen comes first."""
        offered = self.offered[entry.offered] if entry.offered else None
        words = offered.items() if offered is not None else ((key, _(word)) for key, word in entry.field.words.items())
        return [("", _("Please choose") if entry.needed else _("not stated")), *words]

    @property
    def kept(self) -> dict[str, Any]:
        """What was entered, by the names of the facts."""
        entered = {name: self.data[name] for name in self.section.entries}
        if rows := self.section.rows:
            entered[rows.name] = tuple(rows.kind(**self._row(number)) for number in range(self.count))
        return entered

    def _row(self, number: int) -> dict[str, Any]:
        """The values of a row; what was left empty is as if it had never been there."""
        assert self.section.rows
        data = {name: self.data[f"{name}-{number}"] for name in self.section.rows.entries}
        return {name: value for name, value in data.items() if value is not None}


def of(section: Section, facts: Facts, offered: Offered) -> SectionForm:
    """The form as it is kept; a section of rows that is empty begins with one."""
    values = {name: _typed(entry, getattr(facts, name)) for name, entry in section.entries.items()}
    if not section.rows:
        return _made(section, offered, values, [])
    kept = getattr(facts, section.rows.name)
    rows = [{name: _typed(entry, getattr(row, name)) for name, entry in section.rows.entries.items()} for row in kept]
    return _made(section, offered, values, rows or ([{}] if section.rows.add else []))


async def submitted(request: web.Request, section: Section, offered: Offered) -> tuple[SectionForm, str]:
    """The form that was sent, rows in which nothing was written left out, and what is to be done with its rows."""
    sent = await request.form()
    count, do = str(sent.get("rows", "")), str(sent.get("do", ""))
    number = min(int(count), MOST) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    form = await web.submitted(request, _class(section, number, offered))
    values = {name: form.values[name] for name in section.entries}
    rows = _rows(form) if section.rows else []
    if do in ("", "next"):
        rows = [row for row in rows if _is_written(section, row)]
        form = _made(section, offered, values, rows)
        form.read()
        return form, do
    rows, focus = arranged(rows, do)
    form = _made(section, offered, values, rows)
    form.focus = focus
    return form, do


def arranged(rows: list[dict[str, Any]], do: str) -> tuple[list[dict[str, Any]], str]:
    """The rows with one more, one less, or one moved; and where to go on: in the new row, or at a button."""
    verb, _dash, number = do.partition("-")
    if verb == "add":
        more = [*rows, {}] if len(rows) < MOST else rows
        return more, f"row-{len(more) - 1}"
    at = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else len(rows)
    if at >= len(rows):
        return rows, "add"
    rest = [*rows[:at], *rows[at + 1 :]]
    if verb == "remove":
        return rest, "add"
    to = max(0, at - 1) if verb == "up" else min(len(rest), at + 1)
    rest.insert(to, rows[at])
    verb = "down" if verb == "up" and to == 0 else "up" if verb == "down" and to == len(rest) - 1 else verb
    return rest, f"{verb}-{to}"


def _rows(form: SectionForm) -> list[dict[str, Any]]:
    assert form.section.rows
    names = form.section.rows.entries
    return [{name: form.values[f"{name}-{number}"] for name in names} for number in range(form.count)]


def _is_written(section: Section, row: Mapping[str, Any]) -> bool:
    """Whether somebody wrote something; what is only chosen counts where nothing is to be written."""
    assert section.rows
    names = [name for name, entry in section.rows.entries.items() if entry.look not in ("select", "hidden", "tick")]
    return any(str(row[name]).strip() for name in names) or bool(row.get("sha256"))


def _made(
    section: Section, offered: Offered, values: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> SectionForm:
    numbered = {f"{name}-{number}": value for number, row in enumerate(rows) for name, value in row.items()}
    return _class(section, len(rows), offered)({**values, **numbered})


def _class(section: Section, count: int, offered: Offered) -> type[SectionForm]:
    """The kind of form that a section with so many rows has."""
    fields = {name: _field(entry, offered) for name, entry in section.entries.items()}
    for number in range(count if section.rows else 0):
        entries = section.rows.entries.items() if section.rows else ()
        fields |= {f"{name}-{number}": _field(entry, offered) for name, entry in entries}
    return type("SectionForm", (SectionForm,), {**fields, "section": section, "count": count, "offered": offered})


def _field(entry: Entry, offered: Offered) -> web.Field:
    if entry.offered and entry.look == "select":
        return web.choice(offered[entry.offered], required=entry.field.required)
    return entry.field


# ── as people write it, and as they read it ────────────────────────────────────────────────────


def _typed(entry: Entry, value: Any) -> str:
    """A kept value as it is typed."""
    if value is None or value is False:
        return ""
    if entry.look == "euro":
        return i18n.grouped(f"{value // 100}.{value % 100:02}").removesuffix(",00").removesuffix(".00")
    if entry.look == "tick":
        return "1"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return i18n.number(value)
    return "\n".join(value) if isinstance(value, tuple) else str(value)


def told(section: Section, kept: Mapping[str, Any], offered: Offered) -> dict[str, str]:
    """What stands in a section, for two people who changed it at once: label -> text."""
    found = {_(entry.label): _said(entry, kept[name], offered) for name, entry in section.entries.items()}
    if rows := section.rows:
        lines = [" · ".join(_row_said(rows.entries, row, offered)) for row in kept[rows.name]]
        found[_(section.title)] = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1)) or "–"
    return found


def _row_said(entries: Mapping[str, Entry], row: Any, offered: Offered) -> Iterator[str]:
    for name, entry in entries.items():
        value = getattr(row, name)
        if entry.look != "hidden" and value not in (None, "", (), False):
            yield _said(entry, value, offered)


def _said(entry: Entry, value: Any, offered: Offered) -> str:
    """A value as people read it."""
    if entry.look == "tick":
        return _(entry.label)
    if entry.look == "euro":
        return i18n.money(value)
    if entry.look == "select":
        return (
            offered[entry.offered].get(value, value) if entry.offered else _(entry.field.words[value]) if value else "–"
        )
    if isinstance(value, date):
        return i18n.date(value)
    return "; ".join(value) if isinstance(value, tuple) else _typed(entry, value) or "–"
