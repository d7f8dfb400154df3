"""Answers of several values: periods, choices, rows of a table, finance plans, files."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from app.forms import values
from app.forms.cells import Answer, Choice, Money, Option
from app.forms.values import Call, OfCall
from scoring.scheme.grammar import Place

MOST_ROWS = 500
MOST_FILES = 50
ALL = "all"
YEAR = re.compile(r"(19|2[01])[0-9]{2}")
MEGABYTE = 1_000_000
FORMATS = ("pdf", "docx", "xlsx", "odt", "ods", "png", "jpg")
NAMES = {
    "jpeg": "jpg",
    "application/pdf": "pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "image/png": "png",
    "image/jpeg": "jpg",
}


@dataclass(frozen=True)
class Note(Answer):
    """Words to read; nothing is answered."""

    text: Mapping[str, str]


@dataclass(frozen=True)
class Declaration(Answer):
    """Words to agree to; unsaid, nothing can be handed in."""

    text: Mapping[str, str]

    def read(self, given: object, at: Place, call: Call) -> Any:
        return True if given is True else at.fault("declaration")


@dataclass(frozen=True)
class Choices(Choice):
    """Several of the options."""

    min: int | None = None
    max: int | None = None

    def gives(self, key: str) -> dict[str, bool]:
        return {key: False}

    def read(self, given: object, at: Place, call: Call) -> Any:
        if not isinstance(given, list | tuple):
            return at.fault("type")
        chosen = [super(Choices, self).read(one, at.item(index), call) for index, one in enumerate(given[:MOST_ROWS])]
        found = [key for key in self.offered if key in chosen]
        _counted(len(found), self.min, self.max, at)
        return found

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        return {key: Fraction(len(said or ()))}


@dataclass(frozen=True)
class Period(Answer):
    """From a first to a last day, both included."""

    max_months: int | OfCall | None = None
    not_before: date | OfCall | None = None

    def gives(self, key: str) -> dict[str, bool]:
        return {"months": False}

    def read(self, given: object, at: Place, call: Call) -> Any:
        if not isinstance(given, Mapping):
            return at.fault("type")
        start, end = (_end(given, name, at.key(name)) for name in ("from", "to"))
        values.within(start, values.day_of(self.not_before, call), None, at.key("from"))
        values.within(end, start, None, at.key("to"))
        if start and end and start <= end:
            self._length(start, end, at, call)
        return {name: one.isoformat() for name, one in (("from", start), ("to", end)) if one} or None

    def _length(self, start: date, end: date, at: Place, call: Call) -> None:
        most = values.number_of(self.max_months, call)
        if most is not None and end > start and values.months(start, end - timedelta(days=1)) >= most:
            at.fault("too_large", found=values.months(start, end), most=most)

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        if not said or len(said) < 2 or said["to"] < said["from"]:
            return {}
        return {"months": Fraction(values.months(*map(date.fromisoformat, (said["from"], said["to"]))))}


def _end(given: Mapping[str, object], name: str, at: Place) -> Any:
    return at.fault("missing") if values.blank(given.get(name)) else values.day(given[name], at)


@dataclass(frozen=True)
class Column:
    """A column of rows: how its cells are answered, and whether none may be blank."""

    key: str
    labels: Mapping[str, str]
    cell: Answer
    required: bool = False


@dataclass(frozen=True)
class Rows(Answer):
    """Rows of known columns, counted under the question's key, and all of a type under its name; blank ones not."""

    columns: tuple[Column, ...]
    min_rows: int | None = None
    max_rows: int | None = None
    counted: str = ""

    def gives(self, key: str) -> dict[str, bool]:
        return dict.fromkeys((key, self.counted or key), False)

    def read(self, given: object, at: Place, call: Call) -> Any:
        if not isinstance(given, list | tuple):
            return at.fault("type")
        said = [(index, one) for index, one in enumerate(given) if not self._is_blank_row(one)]
        _counted(len(said), self.min_rows, MOST_ROWS if self.max_rows is None else self.max_rows, at)
        rows = (self._row(one, at.item(index), call) for index, one in said[:MOST_ROWS])
        return [row for row in rows if row is not None]

    def is_blank(self, given: object) -> bool:
        return all(map(self._is_blank_row, given)) if isinstance(given, list | tuple) else values.blank(given)

    def _is_blank_row(self, given: object) -> bool:
        """Whether none of the known cells says anything."""
        if not isinstance(given, Mapping):
            return values.blank(given)
        return all(column.cell.is_blank(given.get(column.key)) for column in self.columns)

    def _row(self, given: object, at: Place, call: Call) -> Any:
        if not isinstance(given, Mapping):
            return at.fault("type")
        found = {}
        for column in self.columns:
            if not column.cell.is_blank(given.get(column.key)):
                found[column.key] = column.cell.read(given[column.key], at.key(column.key), call)
            elif column.required:
                at.fault("missing", column.key)
        self.proved(found, at)
        return {key: one for key, one in found.items() if one is not None}

    def proved(self, row: dict[str, Any], at: Place) -> None:
        """Whether the cells of a row fit together: nothing ends before it begins."""
        start, end = row.get("from"), row.get("to")
        if start and end and end < start:
            at.fault("before", "to", day=start)

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        return dict.fromkeys(self.gives(key), Fraction(len(said or ())))


@dataclass(frozen=True)
class Partners(Rows):
    """Who else takes part; `confirm`: each of them is asked whether that is so."""

    confirm: bool = False


@dataclass(frozen=True)
class Table(Rows):
    """Rows whose columns the form names; sums are facts."""

    sums: tuple[str, ...] = ()

    def gives(self, key: str) -> dict[str, bool]:
        named = {f"{key}.rows": False}
        for column in self.columns:
            if column.key in self.sums:
                cents = isinstance(column.cell, Money)
                named |= dict.fromkeys(self._names(key, column), cents)
        return named

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        found = {f"{key}.rows": Fraction(len(said or ()))}
        for column in self.columns:
            if column.key in self.sums:
                found |= dict.fromkeys(self._names(key, column), _sum(said, column.key))
        return found

    @staticmethod
    def _names(key: str, column: Column) -> list[str]:
        """The sum of a column of money is known by either rule: that of tables, and that of money."""
        name = f"{key}.{column.key}"
        return [name, f"{name}_cents"] if isinstance(column.cell, Money) else [name]


@dataclass(frozen=True)
class Staffing(Rows):
    """Who works there before and after, in full-time equivalents."""

    def gives(self, key: str) -> dict[str, bool]:
        return {"fte_before": False, "fte_after": False}

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        return {name: _sum(said, name) for name in self.gives(key)}


@dataclass(frozen=True)
class Targets(Rows):
    """Targets in numbers; where a target has parts, they are the whole."""

    def proved(self, row: dict[str, Any], at: Place) -> None:
        parts, stated = row.get("parts"), row.get("target")
        reached = _sum(parts, "target")
        if parts and stated is not None and reached != Fraction(stated):
            at.fault("parts_differ", "parts", stated=stated, reached=values.shown(reached))


def _sum(said: Any, key: str) -> Fraction:
    return sum((Fraction(row[key]) for row in said or () if key in row), Fraction(0))


@dataclass(frozen=True)
class Amount(Option):
    """A kind of cost or a source of money; `grant`: what is asked of the call."""

    grant: bool = False


@dataclass(frozen=True)
class FinancePlan(Answer):
    """Costs and the sources that pay for them, in cents; in all, or by year."""

    costs: tuple[Amount, ...]
    sources: tuple[Amount, ...]
    by_year: bool = False
    overhead: str | None = None

    def gives(self, key: str) -> dict[str, bool]:
        return dict.fromkeys(self._sums({}), True)

    def read(self, given: object, at: Place, call: Call) -> Any:
        if not isinstance(given, Mapping):
            return at.fault("type")
        before = len(at.faults)
        sides = {"costs": self.costs, "sources": self.sources}
        for key in given:
            if key not in sides and not values.blank(given[key]):
                at.fault("not_offered", str(key)[:60])
        found = {name: self._side(given.get(name), rows, at.key(name)) for name, rows in sides.items()}
        if len(at.faults) == before:
            self._balance(found, at)
        return found

    def _side(self, given: object, rows: tuple[Amount, ...], at: Place) -> dict[str, dict[str, int]]:
        if values.blank(given):
            return {}
        if not isinstance(given, Mapping):
            return at.fault("type") or {}
        known = {one.key for one in rows}
        for key in given:
            if key not in known and not values.blank(given[key]):
                at.fault("not_offered", str(key)[:60])
        return {key: self._amounts(given[key], at.key(key)) for key in known if not values.blank(given.get(key))}

    def _amounts(self, given: object, at: Place) -> dict[str, int]:
        columns = given if isinstance(given, Mapping) else {ALL: given}
        found = {}
        for name, amount in columns.items():
            here = at.key(str(name)[:60])
            if not values.blank(amount):
                known = YEAR.fullmatch(str(name)) or (name == ALL and not self.by_year)
                found[str(name)] = MONEY.read(amount, here, {}) if known else here.fault("not_offered")
        return {name: cents for name, cents in found.items() if cents is not None}

    def _balance(self, found: Mapping[str, Mapping[str, Mapping[str, int]]], at: Place) -> None:
        """Whether both sides are equal, in all and, where there are years, in each of them."""
        costs, sources = (list(found[side].values()) for side in ("costs", "sources"))
        years = {year for amounts in (*costs, *sources) for year in amounts}
        for year in [None] if ALL in years else [None, *sorted(years)]:
            left, right = _total(costs, year), _total(sources, year)
            if left != right:
                at.fault("unbalanced", costs=left, sources=right, year=year)
                return

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        return {} if said is None else {name: Fraction(cents) for name, cents in self._sums(said).items()}

    def _sums(self, said: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, int]:
        costs = {one.key: _total([said.get("costs", {}).get(one.key, {})]) for one in self.costs}
        sources = {one.key: _total([said.get("sources", {}).get(one.key, {})]) for one in self.sources}
        asked = [sources[one.key] for one in self.sources if one.grant]
        return {
            **{"costs_cents": sum(costs.values()), "sources_cents": sum(sources.values())},
            **{f"cost.{name}_cents": cents for name, cents in costs.items()},
            **{f"source.{name}_cents": cents for name, cents in sources.items()},
            **({"grant_requested_cents": sum(asked)} if asked else {}),
            "direct_costs_cents": sum(costs.values()) - (costs[self.overhead] if self.overhead else 0),
        }


def _total(rows: list[Mapping[str, int]], year: str | None = None) -> int:
    return sum(cents for row in rows for name, cents in row.items() if year in (None, name))


@dataclass(frozen=True)
class Files(Answer):
    """Files by their fingerprints; whether they are kept is not known here."""

    accept: tuple[str, ...] = FORMATS
    max_mb: int = MOST_FILES
    max_files: int = MOST_FILES

    def gives(self, key: str) -> dict[str, bool]:
        return {key: False}

    def read(self, given: object, at: Place, call: Call) -> Any:
        if not isinstance(given, list | tuple):
            return at.fault("type")
        _counted(len(given), None, self.max_files, at)
        read = (self._file(one, at.item(index)) for index, one in enumerate(given[:MOST_ROWS]))
        return [file for file in read if file is not None]

    def _file(self, given: object, at: Place) -> Any:
        if not isinstance(given, Mapping):
            return at.fault("type")
        found = {name: values.text(given.get(name), 255, at.key(name)) for name in ("sha256", "name")}
        if values.blank(found):
            return None
        size = values.number(given.get("size"), 0, at.key("size"))
        if size is not None and not 0 <= size <= self.max_mb * MEGABYTE:
            at.fault("size", size=size, most=self.max_mb * MEGABYTE)
        kind = _format(given.get("type"), found["name"])
        if kind not in self.accept:
            at.fault("type")
        return found | {"size": None if size is None else int(size), "type": kind}

    def facts(self, key: str, said: Any) -> dict[str, Fraction]:
        return {key: Fraction(len(said or ()))}


def _format(given: object, name: str | None) -> str:
    """The format of a file by what was said of it, else by its name."""
    said = given if isinstance(given, str) and given.strip() else (name or "").rpartition(".")[2]
    found = said.strip().lower().removeprefix(".")
    return NAMES.get(found, found)[:60]


def _counted(number: int, least: int | None, most: int | None, at: Place) -> None:
    if least is not None and number < least:
        at.fault("too_few", number=number, least=least)
    if most is not None and number > most:
        at.fault("too_many", number=number, most=most)


MONEY = Money()
