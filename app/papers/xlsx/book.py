"""Workbooks: texts stay texts, numbers are numbers, and the same content gives the same bytes."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from app import i18n
from app.clock import BERLIN
from app.i18n import gettext as _
from app.papers.safe_text import clean

LONGEST = 32_000  # Excel cuts a cell silently at 32,767
LINE = 15.0  # points, the height of one line
WIDTHS = {
    "rank": 6.5,
    "proposal": 9.5,
    "organisation": 32.0,
    "title": 32.0,
    "field": 22.0,
    "places": 8.0,
    "status": 19.0,
    "formal_check": 19.0,
    "submitted_at": 16.0,
    "receipt_number": 18.0,
    "decided_by": 22.0,
    "failed_minima": 22.0,
    "reason": 42.0,
    "conditions": 36.0,
    "departure": 19.0,
    "comment": 60.0,
}
USUAL_WIDTH = 11.5


@dataclass(frozen=True)
class Formats:
    """How cells look, by kind."""

    text: Format
    word: Format
    head: Format
    whole: Format
    number: Format
    total: Format
    exact: Format
    money: Format
    cents: Format
    day: Format
    moment: Format
    given: Format
    strong: Format

    def of(self, form: str) -> Format:
        """The look of a step of the calculation."""
        looks = {"text": self.word, "whole": self.whole, "total": self.total, "exact": self.exact}
        return looks.get(form, self.number)


class Sheet(Worksheet):  # type: ignore[misc]
    """A sheet whose formulas are written as they are."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        """Without the search for thirty new functions in every formula: ours name them rightly by themselves."""
        return formula.removeprefix("{").removesuffix("}").removeprefix("=")


class Book:
    """A workbook being written. `stamp` stands in the foot of every printed page, `at` is its only date."""

    def __init__(self, title: str, at: datetime, stamp: str, decimals: int = 2) -> None:
        self.file = io.BytesIO()
        options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
        self.book: Workbook = xlsxwriter.Workbook(self.file, {"in_memory": True, **options})
        self.book.set_properties({"title": clean(title), "author": "Votum", "created": _naive(at)})
        self.formats = _formats(self.book, decimals)
        self.stamp = stamp

    def sheet(self, name: str, columns: Sequence[tuple[str, float]], frozen: tuple[int, int] = (1, 0)) -> Worksheet:
        """A new sheet with its headings in the first row; columns: heading and width."""
        sheet = self.book.add_worksheet(clean(name)[:31], Sheet)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(frozen[0] - 1)
        sheet.freeze_panes(*frozen)
        sheet.set_footer(f"&L&7{_for_the_foot(self.stamp)}&R&7&P / &N")
        sheet.set_row(0, lines(columns) * LINE + 4)
        for number, (heading, wide) in enumerate(columns):
            sheet.set_column(number, number, wide)
            sheet.write_string(0, number, clean(heading), self.formats.head)
        return sheet

    def finished(self) -> bytes:
        """The bytes of the workbook."""
        self.book.close()
        return self.file.getvalue()

    def write(self, sheet: Worksheet, row: int, column: int, value: Any, name: str = "") -> None:
        """One cell by the kind of its value; nothing for None. `name` is the column's, where money looks different."""
        look = self.formats
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_string(row, column, _("yes") if value else _("no"), look.text)
        elif isinstance(value, int):
            sheet.write_number(row, column, value, look.whole)
        elif isinstance(value, Decimal):
            sheet.write_number(row, column, float(value), self.of_number(name, value))
        elif isinstance(value, datetime):
            sheet.write_datetime(row, column, _naive(value), look.moment)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), look.day)
        else:
            sheet.write_string(row, column, fitting(str(value)), look.text)

    def of_number(self, name: str, value: Decimal) -> Format:
        """How a decimal number looks in a column."""
        if name in ("grant_requested", "cumulative_grant"):
            return self.formats.money if value == value.to_integral_value() else self.formats.cents
        return self.formats.total if name == "total" else self.formats.number

    def about(self, facts: Iterable[tuple[str, str]]) -> None:
        """The last sheet: where the list comes from, label and text in each row."""
        sheet = self.sheet(_("Source"), [(_("What"), 34), (_("Content"), 96)])
        for row, (label, text) in enumerate(facts, start=1):
            sheet.write_string(row, 0, clean(label), self.formats.strong)
            sheet.write_string(row, 1, fitting(text), self.formats.text)


def fitting(text: str) -> str:
    """A cleaned text that fits into a cell; what is cut off is said."""
    text = clean(text)
    if len(text) <= LONGEST:
        return text
    return text[:LONGEST] + " " + _("[cut here, the CSV file has the whole text]")


def width(column: str) -> float:
    """How wide a column is, in letters."""
    return WIDTHS.get(column, USUAL_WIDTH)


def lines(texts: Iterable[tuple[str, float]]) -> int:
    """How many lines texts take in columns of these widths; no program works that out for a file it only prints."""
    return max((-(-len(text) * 11 // int(wide * 10)) + text.count("\n") for text, wide in texts), default=1) or 1


def _naive(at: datetime) -> datetime:
    """German wall clock, as spreadsheets know no zones."""
    return at.astimezone(BERLIN).replace(tzinfo=None, microsecond=0)


def _for_the_foot(text: str) -> str:
    return clean(text).replace("&", "&&")[:230]


def _formats(book: Workbook, decimals: int) -> Formats:
    """All looks of cells; euro and days as the reader's language writes them."""
    german = i18n.locale.get() == "de"
    top = {"valign": "top"}
    left = {**top, "align": "left", "indent": 1}
    digits = "0." + "0" * decimals if decimals else "0"
    return Formats(
        text=book.add_format({**left, "text_wrap": True}),
        word=book.add_format(left),
        head=book.add_format({**left, "bold": True, "text_wrap": True, "bg_color": "#E4EAF4", "bottom": 1}),
        whole=book.add_format({**top, "num_format": "0"}),
        number=book.add_format({**top, "num_format": "0.00"}),
        total=book.add_format({**top, "num_format": digits, "bold": True}),
        exact=book.add_format({**top, "num_format": "0.0000######", "font_color": "#555555"}),
        money=book.add_format({**top, "num_format": '#,##0 "€"' if german else '"€"#,##0'}),
        cents=book.add_format({**top, "num_format": '#,##0.00 "€"' if german else '"€"#,##0.00'}),
        day=book.add_format({**top, "num_format": "dd.mm.yyyy" if german else "d mmm yyyy"}),
        moment=book.add_format({**top, "num_format": "dd.mm.yyyy hh:mm" if german else "d mmm yyyy hh:mm"}),
        given=book.add_format({**top, "bg_color": "#FFF8DC", "num_format": "0.##"}),
        strong=book.add_format({**left, "bold": True}),
    )
