"""The sheet of the single points: one row a rating sheet, what everything else is calculated from."""

from collections.abc import Collection
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from app import i18n
from app.domain import assignments
from app.domain.rankings.content import Mark, Ranking
from app.domain.rating_schemes import Scheme
from app.i18n import gettext as _
from app.papers.xlsx.book import Book, fitting
from app.papers.xlsx.columns import ROW, Points, quoted

FIXED = ("proposal", "member", "recused", "counts")


class Cells(NamedTuple):
    """What a row is written from."""

    book: Book
    sheet: Worksheet
    asked: dict[str, assignments.Asked]
    counts: str
    marks: dict[tuple[str, str, str], Mark]


def write(book: Book, ranking: Ranking, scheme: Scheme, counting: Collection[tuple[str, str]]) -> Points:
    """Add the sheet; returns where everything stands in it. Yellow cells are those that may be changed.

    counting: which sheets count, as (proposal, member).
    """
    asked, given = assignments.asked(scheme), sorted({(mark.proposal, mark.member) for mark in ranking.marks})
    letters = {key: xl_col_to_name(number) for number, key in enumerate((*FIXED, *asked))}
    name, headings = _("Single points"), _headings(asked)
    points = Points(f"'{name}'", max(len(given) + 1, 2), letters)
    marks = {(mark.proposal, mark.member, mark.criterion): mark for mark in ranking.marks}
    cells = Cells(book, book.sheet(name, headings, (1, 2)), asked, counts(scheme, letters), marks)
    biased = {(mark.proposal, mark.member) for mark in ranking.marks if not mark.counts}
    for row, whose in enumerate(given, start=1):
        _row(cells, row, whose, whose in biased, whose in counting)
    cells.sheet.autofilter(0, 0, points.last - 1, len(headings) - 1)
    return points


def _headings(asked: dict[str, assignments.Asked]) -> list[tuple[str, float]]:
    language = i18n.locale.get()
    return [
        (_("Proposal"), 10.0),
        (_("Member"), 10.0),
        (_("Conflict of interest"), 14.0),
        (_("Counts"), 8.0),
        *((f"{key} {one.label(language)}", 16.0) for key, one in asked.items()),
        *((_("Reason %(key)s") % {"key": key}, 40.0) for key in asked),
    ]


def counts(scheme: Scheme, letters: dict[str, str]) -> str:
    """1 for a sheet that counts: of a member without bias, with a mark, complete where the scheme asks for that."""
    rated = [f"{letters[one.key]}{ROW}" for one in scheme.rated_criteria]
    given = f"COUNT({','.join(rated)})>0"
    if scheme.aggregation.missing == "drop_sheet":
        wanted = [f"{letters[one.key]}{ROW}" for one in scheme.rated_criteria if not one.optional]
        given = f"AND({given},COUNT({','.join(wanted)})={len(wanted)})"
    no = quoted(_("no"))
    return f"IF({letters['recused']}{ROW}={no},IF({given},1,0),0)"


def _row(cells: Cells, row: int, whose: tuple[str, str], biased: bool, counting: bool) -> None:
    sheet, look = cells.sheet, cells.book.formats
    for column, key in enumerate(whose):
        sheet.write_string(row, column, fitting(key), look.word)
    sheet.write_string(row, 2, _("yes") if biased else _("no"), look.given)
    sheet.write_formula(row, 3, "=" + cells.counts.replace(ROW, str(row + 1)), look.whole, int(counting))
    for column, key in enumerate(cells.asked, start=len(FIXED)):
        mark = cells.marks.get((*whose, key))
        _mark(cells, row, column, mark)
        if mark and mark.comment:
            sheet.write_string(row, column + len(cells.asked), fitting(mark.comment), look.text)


def _mark(cells: Cells, row: int, column: int, mark: Mark | None) -> None:
    """Points as a number; that it cannot be judged as a text, which no formula counts."""
    sheet, given = cells.sheet, cells.book.formats.given
    if mark is not None and mark.value is not None:
        sheet.write_number(row, column, float(mark.value), given)
    elif mark is not None and mark.not_assessable:
        sheet.write_string(row, column, _("cannot be judged"), given)
    else:
        sheet.write_blank(row, column, None, given)
