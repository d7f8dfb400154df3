"""A table of criteria and weights, pasted from a spreadsheet or uploaded as CSV or XLSX, becomes a draft."""

import asyncio
import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeAlias
from xml.etree import ElementTree

from app.domain.rating_schemes import editing
from app.domain.rating_schemes.drafts import BLANK
from app.domain.rating_schemes.editing import Document
from app.errors import Invalid
from app.i18n import gettext as _
from scoring.scheme.grammar import Number

Table: TypeAlias = list[list[str]]

MOST_ROWS, MOST_COLUMNS, LARGEST_PART = 500, 60, 5_000_000
SHEET = "xl/worksheets/sheet1.xml"
NUMBER = re.compile(r"[0-9]{1,9}([.,][0-9]{1,6})?\s*%?")
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, ElementTree.ParseError, EOFError),
    *(KeyError, ValueError, IndexError, NotImplementedError, RuntimeError),
)
HEADS = {  # what stands above a column, by how it begins
    "name": ("kriteri", "criteri", "bezeichnung", "name", "merkmal"),
    "group": ("gruppe", "block", "bereich", "group", "kategorie", "category"),
    "weight": ("gewicht", "weight", "faktor", "factor", "anteil", "prozent", "percent", "%"),
    "most": ("max", "höchst", "punkte", "points"),
    "least": ("mind", "min", "schwelle", "threshold"),
    "help": ("beschreib", "erläuter", "hilfe", "descri", "help", "leitfrage", "hinweis"),
}
NUMBER_KIND = Number()
SUM = ("summe", "gesamt", "total", "sum", "insgesamt")


async def document_of(content: bytes, name: str) -> Document:
    """A draft of the criteria in a file: XLSX by its first sheet, anything else as CSV. Raises Invalid(file=...)."""
    return await asyncio.to_thread(_of_file, content, name)


def _of_file(content: bytes, name: str) -> Document:
    if content[:2] == b"PK" or name.lower().endswith((".xlsx", ".xlsm")):
        return _document(_workbook(content))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return document_of_text(text, "file")


def document_of_text(text: str, field: str = "pasted") -> Document:
    """A draft of criteria as they are pasted: cells between tabs, semicolons or commas, a criterion a line."""
    lines = [line for line in text.replace("\x00", "").splitlines() if line.strip()][:MOST_ROWS]
    mark = next((mark for mark in "\t;" if any(mark in line for line in lines)), ",")
    try:
        table = [row[:MOST_COLUMNS] for row in csv.reader(lines, delimiter=mark)]
    except csv.Error as error:
        raise Invalid({field: _("The table cannot be read.")}) from error
    return _document([[cell.strip() for cell in row] for row in table], field)


# ── from the table to the scheme ───────────────────────────────────────────────────────────────


def _document(table: Table, field: str = "file") -> Document:
    columns, rows = _columns([row for row in table if any(row)])
    found = [row for row in rows if row.get("name") and not row["name"].casefold().startswith(SUM)]
    if not found:
        raise Invalid({field: _("No criterion was found: the table needs a column with names.")})
    _out_of_a_hundred(found)
    percent = _percent(columns.get("weight", ""), found)
    groups = list(dict.fromkeys(row["group"] for row in found if row.get("group")))
    document: Document = {
        **BLANK,
        "groups": [{"key": f"g{number}", "label_de": name} for number, name in enumerate(groups, 1)],
        "criteria": [_criterion(row, number, groups, percent) for number, row in enumerate(found, 1)],
        "aggregation": {"across_raters": "mean", "total": "weighted_percent" if percent else "weighted_sum"},
    }
    return document if groups else {key: value for key, value in document.items() if key != "groups"}


def _columns(table: Table) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The head of each column by what it holds, and the rows; without a head the first is the name, then the weight."""
    if not table:
        return {}, []
    named = {kind: index for index, head in reversed(list(enumerate(table[0]))) if (kind := _kind(head))}
    body = table[1:] if named else table
    if "name" not in named:
        texts = [at for at in range(max(map(len, table))) if at not in named.values() and _is_text(body, at)]
        named["name"] = texts[0] if texts else 0
    if not any(_kind(head) for head in table[0]):
        numbers = [at for at in range(max(map(len, table))) if at != named["name"] and not _is_text(body, at)]
        named |= {"weight": numbers[0]} if numbers else {}
    heads = {kind: table[0][at] for kind, at in named.items() if body is not table and at < len(table[0])}
    return heads, [{kind: row[at] for kind, at in named.items() if at < len(row)} for row in body]


def _kind(head: str) -> str:
    """What a column holds, by its head; empty where that says nothing."""
    word = head.casefold().strip()
    return next((kind for kind, beginnings in HEADS.items() if word.startswith(beginnings)), "")


def _is_text(rows: Table, column: int) -> bool:
    cells = [row[column] for row in rows if column < len(row) and row[column]]
    return any(not NUMBER.fullmatch(cell) for cell in cells)


def _percent(head: str, rows: list[dict[str, str]]) -> bool:
    """Whether the weights are percentages: the head or a cell says so, or they add up to 100."""
    weights = [row.get("weight", "") for row in rows]
    numbers = [one for one in map(_number, weights) if isinstance(one, int | float)]
    said = any(sign in text for sign in ("%", "rozent", "ercent") for text in (head, *weights))
    return bool(numbers) and (said or abs(sum(numbers) - 100) < 1e-6)


def _out_of_a_hundred(rows: list[dict[str, str]]) -> None:
    """Shares that add up to 1, as a spreadsheet keeps what it shows in percent, become percentages."""
    numbers = [_number(row.get("weight", "")) for row in rows]
    exact = [Decimal(repr(one)) for one in numbers if isinstance(one, int | float)]
    if len(exact) == len(rows) > 1 and sum(exact) == 1:
        for row, share in zip(rows, exact, strict=True):
            row["weight"] = f"{editing.shown(NUMBER_KIND, float(100 * share))} %"


def _number(cell: str) -> Any:
    return editing.read_number(cell.replace("%", "").strip()) if cell else None


def _criterion(row: dict[str, str], number: int, groups: list[str], percent: bool) -> Document:
    most = _number(row.get("most", ""))
    found: Document = {"key": f"k{number}", "label_de": row["name"], "type": "scale"}
    found["scale"] = {"min": 0, "max": 5 if most is None else most, "step": 1}
    if row.get("group"):
        found["group"] = f"g{groups.index(row['group']) + 1}"
    if row.get("help"):
        found["description_de"] = row["help"]
    if row.get("weight"):
        found["weight_percent" if percent else "weight"] = _number(row["weight"])
    if row.get("least"):
        found["threshold"] = {"min": _number(row["least"])}
    return found


# ── XLSX: the values of the first sheet ────────────────────────────────────────────────────────


def _workbook(content: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            shared = _shared(_part(book, "xl/sharedStrings.xml")) if "xl/sharedStrings.xml" in book.namelist() else []
            return list(_rows(_part(book, SHEET), shared))[:MOST_ROWS]
    except UNREADABLE as error:
        raise Invalid(file=_("The workbook cannot be read. Please save it as XLSX or CSV.")) from error


def _part(book: zipfile.ZipFile, name: str) -> bytes:
    """A part of the workbook, never more than is stated and allowed, and without declarations of its own."""
    with book.open(name) as file:
        found = file.read(LARGEST_PART + 1)
    if len(found) > LARGEST_PART or b"<!DOCTYPE" in found or b"<!ENTITY" in found:
        raise ValueError(name)
    return found


def _shared(part: bytes) -> list[str]:
    return [_text(one) for one in ElementTree.fromstring(part) if _tag(one) == "si"]


def _rows(part: bytes, shared: list[str]) -> Iterator[list[str]]:
    for row in ElementTree.fromstring(part).iter():
        if _tag(row) == "row":
            cells: dict[int, str] = {}
            for cell in row:
                at = _column(cell.get("r", ""), len(cells))
                if at < MOST_COLUMNS:
                    cells[at] = _value(cell, shared)
            yield [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]


def _value(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return _text(cell).strip()
    value = next((one.text or "" for one in cell if _tag(one) == "v"), "")
    if cell.get("t", "n") == "n" and value.strip():
        return editing.shown(NUMBER_KIND, float(value))  # a number is kept with a point, whoever reads it
    return (shared[int(value)] if cell.get("t") == "s" else value).strip()


def _text(element: ElementTree.Element) -> str:
    return "".join(one.text or "" for one in element.iter() if _tag(one) == "t")


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _column(reference: str, following: int) -> int:
    """0 for A1, 26 for AA1; the following one where the file names none."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    if not letters:
        return following
    found = 0
    for letter in letters[0]:
        found = found * 26 + ord(letter) - 64
    return found - 1
