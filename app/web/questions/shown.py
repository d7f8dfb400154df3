"""Answers as somebody reads them: the office, the committee, or everybody; in the reader's language and notation."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from app import forms, i18n
from app.forms import Form, Question, blocks, cells, values
from app.forms.cells import Answer
from app.forms.parts import PUBLIC
from app.i18n import gettext as _
from app.i18n import ngettext
from app.web.questions import sums, words

MOST_COLUMNS = 5


class Cell(NamedTuple):
    """One cell: the head of its column, what it says, whether that is a number."""

    head: str | Markup
    text: str | Markup
    numeric: bool = False


class Shown(NamedTuple):
    """One answer: kind is line, text, list, table, cards or plan, and says which of the others it has."""

    key: str
    label: str | Markup
    kind: str
    lines: tuple[str | Markup, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    foot: tuple[Cell, ...] = ()
    tables: tuple["Shown", ...] = ()


class Part(NamedTuple):
    """The answers of one section; unanswered: what was asked and not answered, said once."""

    key: str
    title: str | Markup
    answers: list[Shown]
    unanswered: list[str | Markup]

    @property
    def runs(self) -> list[tuple[str, list[Shown]]]:
        """Neighbours that are shown alike: short answers stand in one list."""
        return [(kind, list(run)) for kind, run in groupby(self.answers, key=lambda one: one.kind)]


def of_answers(form: Form, answers: object, by: str, *, blind: bool = False) -> list[Part]:
    """What this reader sees, section by section; sections in which they see nothing are left out."""
    said = forms.seen(form, answers, by, blind=blind)
    asked = {one.key for one in forms.asked(form, answers) if one.is_seen(by) and not (blind and one.identifies)}
    parts = [
        Part(
            section.key,
            words.spoken(section.titles, section.key),
            [of_question(one, said[one.key]) for one in section.questions if one.key in said],
            [_label(one) for one in section.questions if by != PUBLIC and _is_open(one, said, asked)],
        )
        for section in form.sections
    ]
    return [part for part in parts if part.answers or part.unanswered]


def for_criterion(form: Form, answers: object, criterion: str, by: str, *, blind: bool = False) -> list[Shown]:
    """The answers that speak to a criterion, as this reader sees them."""
    said = forms.seen(form, answers, by, blind=blind)
    return [of_question(one, said[one.key]) for one in form.questions if criterion in one.criteria and one.key in said]


def of_question(question: Question, said: Any) -> Shown:
    """One answer as it is read."""
    answer, label = question.answer, _label(question)
    if isinstance(answer, blocks.Rows) and isinstance(said, list):
        return _rows(question, answer, said)
    if isinstance(answer, blocks.FinancePlan) and isinstance(said, Mapping):
        return _plan(question, answer, said)
    if isinstance(answer, blocks.Files) and isinstance(said, list):
        return Shown(question.key, label, "list", tuple(_file(one) for one in said))
    if isinstance(answer, blocks.Choices) and isinstance(said, list):
        return Shown(question.key, label, "list", tuple(_option(answer, one) for one in said))
    if isinstance(answer, cells.Words) and answer.lines:
        return Shown(question.key, label, "text", tuple(_paragraphs(str(said))))
    return Shown(question.key, label, "line", (_one(answer, said),))


def _label(question: Question) -> str | Markup:
    return words.spoken(question.labels, question.key)


def _is_open(question: Question, said: Mapping[str, Any], asked: set[str]) -> bool:
    return question.is_asked and question.key in asked and question.key not in said


def _paragraphs(text: str) -> Iterator[str | Markup]:
    return (i18n.german(one.strip()) for one in text.replace("\r\n", "\n").split("\n\n") if one.strip())


def _one(answer: Answer, said: Any) -> str | Markup:
    """One value in the reader's words; what cannot be read as it was kept."""
    if isinstance(answer, cells.YesNo | blocks.Declaration) and isinstance(said, bool):
        return _("Yes") if said else _("No")
    if isinstance(answer, cells.Numbers):
        return _number(answer, said)
    if isinstance(answer, cells.Day):
        return _day(said)
    if isinstance(answer, cells.Choice):
        return _option(answer, said)
    if isinstance(answer, blocks.Period) and isinstance(said, Mapping):
        return _period(said)
    if isinstance(answer, blocks.Rows) and isinstance(said, list):
        return Markup("; ").join(_joined(answer, row) for row in said if isinstance(row, Mapping))
    return i18n.german(str(said))


def _joined(answer: blocks.Rows, row: Mapping[str, Any]) -> Markup:
    """A row inside a row on one line."""
    return Markup(": ").join(_one(column.cell, row[column.key]) for column in answer.columns if column.key in row)


def _number(answer: cells.Numbers, said: Any) -> str | Markup:
    if not values.NUMBER.fullmatch(str(said)):
        return str(said)
    if isinstance(answer, cells.Money):
        return sums.euro(Fraction(str(said)))
    unit = words.spoken(answer.unit)
    number = i18n.number(Decimal(str(said)))
    return Markup("{}&nbsp;{}").format(number, unit) if unit else number


def _day(said: Any) -> str:
    try:
        return i18n.date(date.fromisoformat(str(said)))
    except ValueError:
        return str(said)


def _period(said: Mapping[str, Any]) -> str:
    start, end = said.get("from"), said.get("to")
    told = _("%(start)s to %(end)s") % {"start": _day(start or "?"), "end": _day(end or "?")}
    months = blocks.Period().facts("", dict(said)).get("months") if start and end else None
    if not months:
        return told
    return ", ".join((told, ngettext("%(num)s month", "%(num)s months", int(months)) % {"num": int(months)}))


def _option(answer: cells.Choice, said: Any) -> str | Markup:
    if isinstance(said, Mapping):
        return i18n.german(str(said.get(cells.OTHER, "")))
    known = {one.key: one.labels for one in answer.options}
    return words.spoken(known[str(said)], str(said)) if str(said) in known else str(said)


def _file(said: Any) -> str:
    given = said if isinstance(said, Mapping) else {}
    size = words.size(given.get("size"))
    return f"{given.get('name', '')} ({size})" if size else str(given.get("name", said))


def _rows(question: Question, answer: blocks.Rows, said: list[Any]) -> Shown:
    rows = [row for row in said if isinstance(row, Mapping)]
    columns = [one for one in answer.columns if any(not one.cell.is_blank(row.get(one.key)) for row in rows)]
    read = tuple(tuple(_cell(column, row.get(column.key)) for column in columns) for row in rows)
    wide = len(columns) > MOST_COLUMNS
    foot = () if wide else tuple(_foot(answer, columns, rows))
    return Shown(question.key, _label(question), "cards" if wide else "table", rows=read, foot=foot)


def _cell(column: blocks.Column, said: Any) -> Cell:
    numeric = isinstance(column.cell, cells.Numbers)
    return Cell(words.column(column), "" if column.cell.is_blank(said) else _one(column.cell, said), numeric)


def _foot(answer: blocks.Rows, columns: list[blocks.Column], rows: list[Mapping[str, Any]]) -> Iterable[Cell]:
    """The sums under a table whose first column names its rows."""
    summed = getattr(answer, "sums", ())
    if not any(one.key in summed for one in columns[1:]):
        return
    for index, column in enumerate(columns):
        head = words.column(column)
        if column.key in summed:
            found = sum((_counted(row.get(column.key)) for row in rows), Fraction(0))
            yield Cell(head, _number(column.cell, values.shown(found)), numeric=True)  # type: ignore[arg-type]
        else:
            yield Cell(head, "" if index else _("Sum"))


def _counted(said: Any) -> Fraction:
    """A number in a sum; what is none counts nothing."""
    try:
        return Fraction(str(said))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)


def _plan(question: Question, plan: blocks.FinancePlan, said: Mapping[str, Any]) -> Shown:
    sides = ((_("Costs"), "costs", plan.costs), (_("Financing"), "sources", plan.sources))
    years = sorted({str(year) for _t, side, _l in sides for line in _amounts(said, side).values() for year in line})
    tables = tuple(
        _side(f"{question.key}-{side}", title, lines, _amounts(said, side), years) for title, side, lines in sides
    )
    return Shown(question.key, _label(question), "plan", tables=tables)


def _amounts(said: Mapping[str, Any], side: str) -> dict[str, dict[str, int]]:
    """The readable amounts of a side, line by line."""
    given = said.get(side)
    found = given if isinstance(given, Mapping) else {}
    lines = {key: line if isinstance(line, Mapping) else {blocks.ALL: line} for key, line in found.items()}
    return {
        key: {str(name): one for name, one in line.items() if isinstance(one, int) and not isinstance(one, bool)}
        for key, line in lines.items()
    }


def _side(
    key: str, title: str, lines: tuple[blocks.Amount, ...], amounts: Mapping[str, Mapping[str, int]], years: list[str]
) -> Shown:
    """One side of a plan: each line with its amounts, the years where there are any, and its share or sum."""
    whole = sum(cents for line in amounts.values() for cents in line.values())
    by_year = years != [blocks.ALL]
    rows = tuple(
        _line(title, words.spoken(one.labels, one.key), amounts[one.key], years if by_year else [], whole)
        for one in lines
        if amounts.get(one.key)
    )
    summed = {year: sum(line.get(year, 0) for line in amounts.values()) for year in years}
    return Shown(key, title, "table", rows=rows, foot=_line(title, _("Sum"), summed, years if by_year else [], whole))


def _line(
    title: str, label: str | Markup, amounts: Mapping[str, int], years: list[str], whole: int
) -> tuple[Cell, ...]:
    total = sum(amounts.values())
    named = [Cell(year, sums.euro(Fraction(amounts[year])) if year in amounts else "", True) for year in years]
    share = [] if years or not whole else [Cell(_("Share"), f"{i18n.points(Decimal(100 * total) / whole, 1)} %", True)]
    last = Cell(_("Sum") if years else _("Amount"), sums.euro(Fraction(total)), True)
    return (Cell(title, escape(label)), *named, last, *share)
