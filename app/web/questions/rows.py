"""Answers of many fields: rows that can be added, moved and taken away, files, and finance plans."""

import re
from collections.abc import Mapping
from typing import Any

from app.forms import blocks
from app.forms.cells import Answer
from app.web.questions.controls import SINGLE, Control, Typed, joined
from app.web.questions.notations import typed_cents

MOST_YEARS = 15
MOVES = ("add", "remove", "up", "down")


def control(name: str, answer: Answer) -> Control:
    """The control of an answer under this name."""
    for kind, make in [*MANY, *SINGLE]:
        if isinstance(answer, kind):
            return make(name, answer)
    return Control(name, answer)


class Rows(Control):
    """Rows of known columns; a row in which nothing was typed says nothing."""

    kind = "rows"
    answer: blocks.Rows

    def cells(self, number: int) -> list[tuple[blocks.Column, Control]]:
        """The fields of a row."""
        row = joined(self.name, number)
        return [(column, control(joined(row, column.key), column.cell)) for column in self.answer.columns]

    def numbers(self, typed: Typed) -> range:
        """The numbers of the rows that were sent."""
        return range(1, len(_taken(typed, self.name)) + 1)

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        """The rows in their places, blank ones as {}."""
        rows = []
        for number in self.numbers(typed):
            found = {column.key: field.read(typed, wrong) for column, field in self.cells(number)}
            rows.append({key: said for key, said in found.items() if said is not None})
        return rows or None

    def written(self, said: Any) -> Typed:
        rows = said if isinstance(said, list | tuple) else []
        found: Typed = {}
        for number, row in enumerate(rows[: blocks.MOST_ROWS], 1):
            given = row if isinstance(row, Mapping) else {}
            for column, field in self.cells(number):
                found |= field.written(given.get(column.key))
        return found

    def blank(self) -> Typed:
        """What an empty row is typed as, by the names after its number."""
        start = len(joined(self.name, 1)) + 1
        return {name[start:]: text for _column, field in self.cells(1) for name, text in field.written(None).items()}


FILE = ("sha256", "name", "size", "type")


class Files(Control):
    """Files that were handed over, each a row that nobody types."""

    kind = "file"
    answer: blocks.Files

    @property
    def upload(self) -> str:
        """The name of the field that hands files over."""
        return joined(self.name, "upload")

    def numbers(self, typed: Typed) -> range:
        """The numbers of the files that were sent."""
        return range(1, len(_taken(typed, self.name)) + 1)

    def file(self, typed: Typed, number: int) -> dict[str, Any]:
        """What is known of a file."""
        found = {key: str(typed.get(joined(self.name, number, key)) or "") for key in FILE}
        size = found["size"]
        return found | ({"size": int(size)} if re.fullmatch("[0-9]{1,15}", size, re.ASCII) else {})

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        files = [self.file(typed, number) for number in self.numbers(typed)]
        return [file for file in files if file["sha256"]] or None

    def written(self, said: Any) -> Typed:
        files = [one for one in said if isinstance(one, Mapping)] if isinstance(said, list | tuple) else []
        return {
            joined(self.name, number, key): str(file.get(key) if file.get(key) is not None else "")
            for number, file in enumerate(files[: blocks.MOST_FILES], 1)
            for key in FILE
        }

    def blank(self) -> Typed:
        """A file cannot be added by typing."""
        return {}


class FinancePlan(Control):
    """Costs and the sources that pay for them, in all or by year."""

    kind = "finance_plan"
    answer: blocks.FinancePlan

    @property
    def sides(self) -> list[tuple[str, tuple[blocks.Amount, ...]]]:
        """Both sides with their lines."""
        return [("costs", self.answer.costs), ("sources", self.answer.sources)]

    def field(self, side: str, line: str, column: str) -> str:
        """The name of the field of one amount."""
        return joined(self.name, side, line, column)

    def columns(self, typed: Typed, also: range = range(0)) -> list[str]:
        """The columns: one for all, or the years that amounts or the project's period name."""
        if not self.answer.by_year:
            return [blocks.ALL]
        named = (name.rpartition("-")[2] for name in typed if name.startswith(f"{self.name}-"))
        years = {year for year in named if blocks.YEAR.fullmatch(year)} | {str(year) for year in also}
        return sorted(years)[:MOST_YEARS]

    def read(self, typed: Typed, wrong: dict[str, str]) -> Any:
        columns = self.columns(typed)
        found: dict[str, dict[str, dict[str, int]]] = {}
        for side, lines in self.sides:
            for line in lines:
                amounts = {column: self._amount(typed, wrong, side, line.key, column) for column in columns}
                said = {column: amount for column, amount in amounts.items() if amount is not None}
                if said:
                    found.setdefault(side, {})[line.key] = said
        return found or None

    def _amount(self, typed: Typed, wrong: dict[str, str], side: str, line: str, column: str) -> int | None:
        return control(self.field(side, line, column), blocks.MONEY).read(typed, wrong)  # type: ignore[no-any-return]

    def written(self, said: Any) -> Typed:
        found: Typed = {}
        plan = said if isinstance(said, Mapping) else {}
        for side, lines in self.sides:
            given = plan.get(side)
            given = given if isinstance(given, Mapping) else {}
            for line in lines:
                amounts = given.get(line.key)
                columns = amounts if isinstance(amounts, Mapping) else {} if amounts is None else {blocks.ALL: amounts}
                found |= {self.field(side, line.key, str(column)): _cents(one) for column, one in columns.items()}
        return found


def _cents(said: Any) -> str:
    return "" if said is None else typed_cents(said)


def _taken(typed: Typed, name: str) -> list[Typed]:
    """The rows under a name, each by what stands behind its number."""
    rows: dict[int, Typed] = {}
    for one, text in typed.items():
        found = re.fullmatch(rf"{re.escape(name)}-([0-9]{{1,3}})-(.+)", one, re.DOTALL)
        if found and 0 < int(found[1]) <= blocks.MOST_ROWS:
            rows.setdefault(int(found[1]), {})[found[2]] = text
    return [rows.get(number, {}) for number in range(1, max(rows, default=0) + 1)]


def moved(typed: Typed, of: Rows | Files, move: str, number: int = 0) -> Typed:
    """What was typed with a row added at the end, taken away, or one place further up or down."""
    rows = _taken(typed, of.name)
    at = number - 1
    if move == "add" and len(rows) < blocks.MOST_ROWS:
        rows.append(of.blank())
    elif move == "remove" and 0 <= at < len(rows):
        del rows[at]
    elif move in ("up", "down") and 0 <= at < len(rows):
        to = at + (1 if move == "down" else -1)
        if 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    mine = re.compile(rf"{re.escape(of.name)}-[0-9]{{1,3}}-.+", re.DOTALL)
    kept = {name: text for name, text in typed.items() if not mine.fullmatch(name)}
    return kept | {
        f"{of.name}-{number}-{rest}": text for number, row in enumerate(rows, 1) for rest, text in row.items()
    }


MANY = [(blocks.FinancePlan, FinancePlan), (blocks.Files, Files), (blocks.Rows, Rows)]
