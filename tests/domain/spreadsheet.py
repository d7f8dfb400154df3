"""A small spreadsheet program: calculates the formulas of a workbook anew, as Excel and LibreOffice do.

It knows the functions that our workbooks use and nothing else; a formula with any other fails the test.
"""

import io
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

import openpyxl
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.formula import ArrayFormula

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+\.?\d*(?:E[+-]?\d+)?) | "(?P<text>(?:[^"]|"")*)" |
    (?P<reference>(?:'[^']+'!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?) |
    (?P<name>(?:_xlfn\.)?[A-Z][A-Z0-9.]*) | (?P<sign><>|<=|>=|[-+*/&=<>(),])
    )""",
    re.VERBOSE,
)
ERROR = "#ERROR"


class Fault(Exception):
    """A cell that shows an error."""


class Book:
    """A workbook whose cells can be changed and asked for."""

    def __init__(self, content: bytes) -> None:
        book = openpyxl.load_workbook(io.BytesIO(content))
        self.names = book.sheetnames
        self.cells: dict[tuple[str, int, int], Any] = {}
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    value = cell.value.text if isinstance(cell.value, ArrayFormula) else cell.value
                    if value is not None:
                        self.cells[sheet.title, cell.row, cell.column] = value
        self.known: dict[tuple[str, int, int], Any] = {}

    def change(self, sheet: str, row: int, column: int, value: Any) -> None:
        """Type something into a cell."""
        self.cells[sheet, row, column] = value
        self.known.clear()

    def value(self, sheet: str, row: int, column: int) -> Any:
        """What a cell shows; None for an empty one."""
        place = (sheet, row, column)
        if place not in self.known:
            found = self.cells.get(place)
            formula = isinstance(found, str) and found.startswith("=")
            self.known[place] = Formula(self, sheet, found[1:]).result() if formula else found
        if self.known[place] == ERROR:
            raise Fault(place)
        return self.known[place]

    def rows(self, sheet: str) -> list[list[Any]]:
        """All values of a sheet, row by row."""
        height = max(row for name, row, _ in self.cells if name == sheet)
        width = max(column for name, _, column in self.cells if name == sheet)
        return [[self.value(sheet, row, column) for column in range(1, width + 1)] for row in range(1, height + 1)]


class Formula:
    """One formula, read from left to right by the usual precedence: compare, join, add, multiply, sign."""

    def __init__(self, book: Book, sheet: str, text: str) -> None:
        self.book, self.sheet = book, sheet
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            assert found, f"cannot read {text[at:]!r}"
            assert found.lastgroup
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self.at = 0

    def result(self) -> Any:
        try:
            value = self.compared()
        except (Fault, ZeroDivisionError, TypeError, ValueError):
            return ERROR
        assert self.at == len(self.tokens), f"left over: {self.tokens[self.at :]}"
        return value

    def peek(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        return text if kind == "sign" else ""

    def take(self, sign: str) -> None:
        assert self.peek() == sign, f"expected {sign}, found {self.tokens[self.at]}"
        self.at += 1

    def chain(self, signs: str, inner: Callable[[], Any]) -> Any:
        value = inner()
        while (sign := self.peek()) and sign in signs.split():
            self.at += 1
            value = each(OPERATORS[sign], value, inner())
        return value

    def compared(self) -> Any:
        return self.chain("= <> < > <= >=", self.joined)

    def joined(self) -> Any:
        return self.chain("&", self.added)

    def added(self) -> Any:
        return self.chain("+ -", self.multiplied)

    def multiplied(self) -> Any:
        return self.chain("* /", self.signed)

    def signed(self) -> Any:
        if self.peek() == "-":
            self.at += 1
            return each(lambda _, value: -number(value), 0, self.signed())
        return self.single()

    def single(self) -> Any:
        if self.peek() == "(":
            self.take("(")
            value = self.compared()
            self.take(")")
            return value
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "number":
            return float(text)
        if kind == "text":
            return text.replace('""', '"')
        if kind == "reference":
            return self.referred(text)
        return {"TRUE": True, "FALSE": False}[text] if text in ("TRUE", "FALSE") else self.called(text)

    def referred(self, text: str) -> Any:
        sheet, _, place = text.rpartition("!")
        left, top, right, bottom = range_boundaries(place.replace("$", ""))
        name = sheet.strip("'") or self.sheet
        values = [
            self.book.value(name, row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)
        ]
        return values if ":" in place else values[0]

    def called(self, name: str) -> Any:
        """A function; what must not be worked out (the other branch of an IF) is passed over."""
        self.take("(")
        name = name.removeprefix("_xlfn.")
        if name == "IF":
            value = self.either()
        elif name == "IFERROR":
            value = self.unless_error()
        else:
            given = [] if self.peek() == ")" else [self.compared()]
            while self.peek() == ",":
                self.take(",")
                given.append(self.compared())
            value = FUNCTIONS[name](*given)
        self.take(")")
        return value

    def either(self) -> Any:
        condition = self.compared()
        if isinstance(condition, list):
            self.take(",")
            yes = self.compared()
            return [value if met else False for met, value in zip(condition, yes, strict=True)]
        self.take(",")
        value = self.compared() if true(condition) else self.passed_over()
        if self.peek() != ",":
            return value
        self.take(",")
        other = self.passed_over() if true(condition) else self.compared()
        return value if true(condition) else other

    def unless_error(self) -> Any:
        start = self.at
        try:
            value = self.compared()
        except (Fault, ZeroDivisionError, TypeError, ValueError):
            self.at = start
            self.passed_over()
            self.take(",")
            return self.compared()
        self.take(",")
        self.passed_over()
        return value

    def passed_over(self) -> None:
        depth = 0
        while depth or self.peek() not in (",", ")"):
            depth += {"(": 1, ")": -1}.get(self.peek(), 0)
            self.at += 1


def each(work: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """An operation on two values, or on every value of a list."""
    if isinstance(left, list) and isinstance(right, list):
        return [work(one, other) for one, other in zip(left, right, strict=True)]
    if isinstance(left, list):
        return [work(one, right) for one in left]
    return [work(left, one) for one in right] if isinstance(right, list) else work(left, right)


def number(value: Any) -> float:
    """A value in arithmetic: an empty cell is 0, a text is an error."""
    if isinstance(value, str):
        raise Fault(value)
    return float(value or 0)


def true(value: Any) -> bool:
    if isinstance(value, str):
        raise Fault(value)
    return bool(value)


def equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return ("" if left is None else left) == ("" if right is None else right)
    return (left or 0) == (right or 0)


def text(value: Any) -> str:
    """A value in a text: numbers with fifteen digits."""
    return "" if value is None else value if isinstance(value, str) else f"{value:.15g}"


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "=": equal,
    "<>": lambda left, right: not equal(left, right),
    "<": lambda left, right: number(left) < number(right),
    ">": lambda left, right: number(left) > number(right),
    "<=": lambda left, right: number(left) <= number(right),
    ">=": lambda left, right: number(left) >= number(right),
    "&": lambda left, right: text(left) + text(right),
    "+": lambda left, right: number(left) + number(right),
    "-": lambda left, right: number(left) - number(right),
    "*": lambda left, right: number(left) * number(right),
    "/": lambda left, right: number(left) / number(right),
}


def numbers(*given: Any) -> list[float]:
    """The numbers among values and cells; texts, truth and empty cells are passed over."""
    flat = [one for value in given for one in (value if isinstance(value, list) else [value])]
    return [float(one) for one in flat if isinstance(one, int | float) and not isinstance(one, bool)]


def meets(value: Any, criterion: Any) -> bool:
    """Whether a cell meets the criterion of COUNTIFS and its like."""
    if isinstance(criterion, str) and (found := re.fullmatch(r"(>=|<=|<>|>|<)(.+)", criterion)):
        return bool(numbers(value)) and OPERATORS[found[1]](value, float(found[2]))
    if isinstance(criterion, str):
        return isinstance(value, str) and value.lower() == criterion.lower()
    return bool(numbers(value)) and float(value) == float(criterion)


def chosen(*pairs: Any) -> list[bool]:
    """Which rows meet all criteria; pairs of cells and criterion."""
    columns = [[meets(value, pairs[at + 1]) for value in pairs[at]] for at in range(0, len(pairs), 2)]
    return [all(row) for row in zip(*columns, strict=True)]


def those(values: list[Any], *pairs: Any) -> list[float]:
    return numbers([value for value, met in zip(values, chosen(*pairs), strict=True) if met])


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def rounded(value: Any, digits: Any) -> float:
    """Half away from zero, on the decimal number that a person reads."""
    exact = Decimal(f"{number(value):.15g}")
    return float(exact.quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ABS": lambda value: abs(number(value)),
    "AND": lambda *given: all(true(one) for one in given),
    "AVERAGEIFS": lambda values, *pairs: mean(those(values, *pairs)),
    "COUNT": lambda *given: float(len(numbers(*given))),
    "COUNTIFS": lambda *pairs: float(sum(chosen(*pairs))),
    "ISNUMBER": lambda value: (
        [bool(numbers(one)) for one in value] if isinstance(value, list) else bool(numbers(value))
    ),
    "MAX": lambda *given: max(numbers(*given)),
    "MAXIFS": lambda values, *pairs: max(those(values, *pairs), default=0.0),
    "MEDIAN": lambda *given: median(numbers(*given)),
    "MID": lambda value, first, length: text(value)[int(first) - 1 : int(first) - 1 + int(length)],
    "MINIFS": lambda values, *pairs: min(those(values, *pairs), default=0.0),
    "N": lambda value: sum(numbers(value)),
    "OR": lambda *given: any(true(one) for one in given),
    "ROUND": rounded,
    "SUM": lambda *given: sum(numbers(*given)),
    "SUMIFS": lambda values, *pairs: sum(those(values, *pairs)),
    "SUMPRODUCT": lambda values: sum(numbers(values)),
    "TRUNC": lambda value: float(int(number(value))),
}
