"""What formulas are written with: columns that know their formula and value, and how cells are referred to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from xlsxwriter.utility import xl_col_to_name

from app.domain.rankings.content import Placed
from app.domain.rating_schemes import Steps

HEAD = ("weight", "maximum", "minimum")
FIRST = 2 + len(HEAD)
EXACT = 10
ROW = "{r}"

Value = int | float | str | bool


class Row(NamedTuple):
    """A rated proposal: its line in the list, and how it came to its total and its place."""

    line: Placed
    steps: Steps


@dataclass(frozen=True)
class Points:
    """Where the single points stand: the sheet's name in quotes, its last row, and the column of every key."""

    sheet: str
    last: int
    columns: dict[str, str]

    def span(self, key: str) -> str:
        """The cells of one column."""
        column = self.columns[key]
        return f"{self.sheet}!${column}$2:${column}${self.last}"


@dataclass(frozen=True)
class Column:
    """One step of the calculation: heading, formula (None = a given value), value, and its weight, most and least."""

    key: str
    label: str
    value: Callable[[Row], Value | None]
    formula: str = ""
    form: str = "number"
    array: bool = False
    head: Mapping[str, Decimal | None] = field(default_factory=dict)


class Calculation:
    """The columns so far, by key; refers to their cells in formulas."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.columns: list[Column] = []
        self.letters: dict[str, str] = {}

    def add(self, *columns: Column) -> None:
        """Put columns behind the ones that are there."""
        for column in columns:
            self.letters[column.key] = xl_col_to_name(len(self.columns))
            self.columns.append(column)

    def column(self, key: str) -> Column:
        """The column of a key."""
        return self.columns[list(self.letters).index(key)]

    def cell(self, key: str) -> str:
        """The cell of a column in the same row."""
        return f"{self.letters[key]}{ROW}"

    def head(self, key: str, what: str) -> str:
        """The weight, maximum or minimum of a column."""
        return f"{self.letters[key]}${2 + HEAD.index(what)}"

    def span(self, key: str) -> str:
        """All cells of a column."""
        letter = self.letters[key]
        return f"${letter}${FIRST}:${letter}${self.last}"


def number(value: Fraction | Decimal | int) -> str:
    """A constant in a formula: whole, decimal, or as a quotient."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return str(exact.numerator)
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{decimal:f}" if Fraction(decimal) == exact else f"({exact.numerator}/{exact.denominator})"


def quoted(text: str) -> str:
    """A text in a formula."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def rounded(value: Fraction | Decimal | int | None) -> float | None:
    """A number as the cells show it: to ten decimals."""
    return None if value is None else round(float(value), EXACT)
