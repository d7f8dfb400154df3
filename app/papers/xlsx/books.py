"""The lists as workbooks: the decision list and the ranking with their whole calculation, other lists as they are."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from xlsxwriter.worksheet import Worksheet

from app import i18n
from app.domain import proposals, rankings, reasons
from app.domain.rankings.content import Ranking
from app.domain.rating_schemes import Scheme
from app.i18n import gettext as _
from app.i18n import later
from app.papers import lists, provenance
from app.papers.lists import Table
from app.papers.provenance import Source
from app.papers.xlsx import formulas, single_points
from app.papers.xlsx.book import LINE, Book, fitting, lines, width
from app.papers.xlsx.columns import FIRST, HEAD, ROW, Calculation, Column, Points, Row, quoted

LINKED = {
    "rank": "rank",
    "valid_reviews": "raters",
    "total": "total",
    "failed_minima": "failed",
    "decided_by": "decided_by",
}
HEADS = {"weight": later("Weight"), "maximum": later("Maximum points"), "minimum": later("Minimum")}
WIDE = ("organisation", "decided_by")
EXPLAINED = (
    (
        later("Formulas"),
        later(
            "Rank, total, minima and tie rule follow the sheet with the single points by formulas. Whoever changes a"
            " mark, a weight or a conflict of interest (yellow cells) sees what would follow."
        ),
    ),
    (
        later("Order of the rows"),
        later("The rows keep the order of this ranking; after a change the column “Rank” shows the new order."),
    ),
    (
        later("What stays"),
        later(
            "Recommendation, start, reason and conditions are the committee's and do not change with the formulas; “By"
            " ranking” is what this ranking alone gave where the committee departed from it."
        ),
    ),
    (
        later("Left out"),
        later(
            "Marks of members with a conflict of interest are shown and do not count. “Cannot be judged” is never 0."
        ),
    ),
)


class Calculated(NamedTuple):
    """The calculation as it was written: its name in quotes, its steps, and row and values of each rated proposal."""

    sheet: str
    steps: Calculation
    rows: dict[str, tuple[int, Row]]

    def cell(self, key: str, row: int) -> str:
        """A cell of the calculation, as seen from another sheet."""
        return f"{self.sheet}!{self.steps.letters[key]}{row}"


def plain(found: Source, title: str, table: Table) -> bytes:
    """A table as a workbook without formulas."""
    book = Book(title, found.at, provenance.line(found))
    sheet = _headed(book, title, table, found.ranking)
    table = in_words(table, found.ranking)
    for row, cells in enumerate(table.rows, start=1):
        _high_enough(sheet, row, table, cells)
        for column, (name, value) in enumerate(zip(table.columns, cells, strict=True)):
            book.write(sheet, row, column, value, name)
    book.about(provenance.facts(found))
    return book.finished()


def calculated(found: Source, title: str, table: Table) -> bytes:
    """A list of the ranking with its calculation: first the list, then single points, calculation, source.

    Rank, total, valid ratings, minima and tie rule of the list are formulas that lead to the single points. The list
    keeps its order when a mark is changed; the number in the column rank is what changes.
    """
    scheme = Scheme.from_document(found.ranking.scheme)
    book = Book(title, found.at, provenance.line(found), scheme.decimals)
    sheet = _headed(book, title, table, found.ranking)
    explained = rankings.explained(found.ranking)
    points = single_points.write(book, found.ranking, scheme, explained.sheets)
    rows = [
        Row(line, explained.proposals[line.proposal])
        for line in found.ranking.lines
        if line.proposal in explained.proposals
    ]
    _list(book, sheet, in_words(table, found.ranking), _calculation(book, rows, scheme, points))
    book.about([*provenance.facts(found), *((_(label), _(text)) for label, text in EXPLAINED)])
    return book.finished()


# ── the list ────────────────────────────────────────────────────────────────────────────────────


def _headed(book: Book, title: str, table: Table, ranking: Ranking) -> Worksheet:
    named = reasons.names(ranking, i18n.locale.get())
    sheet = book.sheet(title, [(lists.label(name, named), width(name)) for name in table.columns], (1, 2))
    sheet.autofilter(0, 0, max(len(table.rows), 1), len(table.columns) - 1)
    return sheet


def _list(book: Book, sheet: Worksheet, table: Table, done: Calculated) -> None:
    """The list itself: numbers of rated proposals lead to the calculation, everything else stands as it is."""
    place = table.columns.index("proposal")
    for row, cells in enumerate(table.rows, start=1):
        at = done.rows.get(cells[place])
        _high_enough(sheet, row, table, cells)
        for number, (name, value) in enumerate(zip(table.columns, cells, strict=True)):
            if at is None or not _link(book, sheet, (row, number), name, done, at):
                book.write(sheet, row, number, value, name)


def _link(
    book: Book, sheet: Worksheet, cell: tuple[int, int], name: str, done: Calculated, at: tuple[int, Row]
) -> bool:
    """Write a cell that leads to the calculation; False where the column has no part in it."""
    look, (row, values) = book.formats, at
    if name == "passed":
        there, shown = done.cell("passed", row), values.line.passed
        yes, no = _("yes"), _("no")
        formula = f'=IF({there}="","",IF({there},{quoted(yes)},{quoted(no)}))'
        sheet.write_formula(*cell, formula, look.word, "" if shown is None else yes if shown else no)
        return True
    key = f"mark:{name.removeprefix('mean_')}" if name.startswith("mean_") else LINKED.get(name)
    if key is None:
        return False
    value = done.steps.column(key).value(values)
    forms = {"total": look.total, "rank": look.whole, "valid_reviews": look.whole, "failed_minima": look.word}
    form = look.text if name == "decided_by" else forms.get(name, look.number)
    sheet.write_formula(*cell, f"={done.cell(key, row)}", form, "" if value is None else value)
    return True


def _high_enough(sheet: Worksheet, row: int, table: Table, cells: Sequence[Any]) -> None:
    """The height that the longest text of a row needs."""
    pairs = zip(table.columns, cells, strict=True)
    needed = lines((value, width(name)) for name, value in pairs if isinstance(value, str))
    if needed > 1:
        sheet.set_row(row, needed * LINE)


def in_words(table: Table, ranking: Ranking) -> Table:
    """A table as a person reads it: recommendations, formal checks and fields of activity by their names."""
    telling = reasons.Telling(ranking)
    said = {line.proposal: telling.of(line) for line in ranking.lines}
    place = table.columns.index("proposal")
    return Table(
        table.columns,
        [
            [_in_words(name, value, said.get(cells[place])) for name, value in zip(table.columns, cells, strict=True)]
            for cells in table.rows
        ],
    )


def _in_words(column: str, value: Any, told: reasons.Told | None) -> Any:
    if told and column in ("status", "departure"):
        return getattr(told, column)
    if column == "formal_check":
        return _(lists.CHECKS[value])
    return proposals.field_name(value) if column == "field" and value else value


# ── the calculation ─────────────────────────────────────────────────────────────────────────────


def _calculation(book: Book, found: list[Row], scheme: Scheme, points: Points) -> Calculated:
    """The sheet of the calculation: headings, weights and minima, then a row for each rated proposal."""
    steps = formulas.columns(scheme, points, FIRST + max(len(found), 1) - 1, i18n.locale.get())
    name = _("Calculation")
    headings = [(column.label, 34.0 if column.key in WIDE else 14.0) for column in steps.columns]
    sheet = book.sheet(name, headings, (FIRST - 1, 1))
    _head(book, sheet, steps)
    for row, one in enumerate(found, start=FIRST):
        for number, column in enumerate(steps.columns):
            _step(book, sheet, row, number, column, one)
    return Calculated(f"'{name}'", steps, {one.line.proposal: (row, one) for row, one in enumerate(found, FIRST)})


def _head(book: Book, sheet: Worksheet, steps: Calculation) -> None:
    """Weight, most points and minimum above the columns that they belong to."""
    for row, what in enumerate(HEAD, start=1):
        sheet.write_string(row, 0, _(HEADS[what]), book.formats.strong)
        for number, column in enumerate(steps.columns):
            if (value := column.head.get(what)) is not None:
                sheet.write_number(row, number, float(value), book.formats.given)


def _step(book: Book, sheet: Worksheet, row: int, number: int, column: Column, one: Row) -> None:
    """One cell of the calculation; row as the spreadsheet counts, from 1."""
    value, form = column.value(one), book.formats.of(column.form)
    shown = "" if value is None else value
    formula = f"={column.formula.replace(ROW, str(row))}"
    if column.array:
        sheet.write_array_formula(row - 1, number, row - 1, number, f"{{{formula}}}", form, shown)
    elif column.formula:
        sheet.write_formula(row - 1, number, formula, form, shown)
    elif isinstance(value, str):
        sheet.write_string(row - 1, number, fitting(value), form)
    elif value is not None:
        sheet.write_number(row - 1, number, value, form)
