"""Columns of exact numbers: integers over one common denominator, so that a threshold is never missed by a hair.

`Column(values, unit)` stands for values / unit. Values are int64 while that is safe, else Python integers or Fractions
in an object array; both calculate alike.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.scheme.parts import Rounding

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Values = npt.NDArray[Any]

SAFE = 2**61


@dataclass(frozen=True)
class Column:
    """One exact number a row: values / unit."""

    values: Values
    unit: int

    def __add__(self, other: "Column | Fraction") -> "Column":
        if isinstance(other, Fraction):
            other = constant(other, len(self.values))
        unit = math.lcm(self.unit, other.unit)
        left, right = widened(self.values, unit // self.unit), widened(other.values, unit // other.unit)
        if left.dtype != object and right.dtype != object and largest(left) + largest(right) > SAFE:
            left = left.astype(object)
        return Column(left + right, unit)

    def __mul__(self, factor: "Fraction | Ints | Flags") -> "Column":
        """Every row times the same number, or each times its own whole number (a flag leaves it or makes it 0)."""
        if isinstance(factor, np.ndarray):
            return self._times(factor)
        return Column(widened(self.values, factor.numerator), self.unit * factor.denominator)

    def __neg__(self) -> "Column":
        return Column(-self.values, self.unit)

    def _times(self, counts: Ints | Flags) -> "Column":
        values = self.values
        if values.dtype != object and counts.dtype != bool and largest(values) * largest(counts) > SAFE:
            values = values.astype(object)
        return Column(values * counts, self.unit)

    def take(self, rows: Ints) -> "Column":
        """The numbers of these rows."""
        return Column(self.values[rows], self.unit)

    def __gt__(self, least: Fraction) -> Flags:
        """Which rows lie above it, exactly: above the last whole unit that is not above it."""
        bound = least * self.unit
        return np.asarray(self.values > (bound if self.values.dtype == object else math.floor(bound)), dtype=bool)

    def __ge__(self, least: Fraction) -> Flags:
        """Which rows reach it, exactly: the first whole unit that does, and those above."""
        bound = least * self.unit
        return np.asarray(self.values >= (bound if self.values.dtype == object else math.ceil(bound)), dtype=bool)

    def places(self) -> Ints:
        """0 for the lowest value, equal numbers for equal values."""
        return np.unique(self.values, return_inverse=True)[1].reshape(-1).astype(np.int64)

    def rounded(self, rounding: Rounding) -> "Column":
        """The published numbers, again as an exact column."""
        scale = 10**rounding.decimals
        return Column(rounding.units(widened(self.values, scale), self.unit), scale)

    def decimals(self, rounding: Rounding) -> Values:
        """The published numbers as Decimal with exactly the scheme's decimals."""
        different, inverse = np.unique(self.rounded(rounding).values, return_inverse=True)
        shown = np.empty(len(different), dtype=object)
        shown[:] = [Decimal(int(one)).scaleb(-rounding.decimals) for one in different]
        return shown[inverse.reshape(-1)]

    def fractions(self) -> Values:
        """Every number as a Fraction."""
        different, inverse = np.unique(self.values, return_inverse=True)
        found = np.empty(len(different), dtype=object)
        found[:] = [_fraction(one) / self.unit for one in different]
        return found[inverse.reshape(-1)]


def constant(value: Fraction, rows: int) -> Column:
    """The same number in every row."""
    return Column(np.full(rows, value.numerator, dtype=np.int64), value.denominator)


def column(numbers: Iterable[Fraction]) -> Column:
    """A column of these numbers; whole over a common unit where that stays small."""
    fractions = list(numbers)
    unit = 1
    for number in fractions:
        unit = math.lcm(unit, number.denominator)
        if unit > SAFE:
            break
    if unit <= SAFE and all(abs(number * unit) <= SAFE for number in fractions):
        return Column(np.array([int(number * unit) for number in fractions], dtype=np.int64), unit)
    values = np.empty(len(fractions), dtype=object)
    values[:] = fractions
    return Column(values, 1)


def quotient(sums: Values, counts: Ints, unit: int) -> Column:
    """sums / (counts * unit) row by row; where a count is 0 the number is 0 and means nothing."""
    shared = math.lcm(*(int(count) for count in np.unique(counts) if count)) if counts.any() else 1
    if sums.dtype == object or shared * max(largest(sums), 1) > SAFE:
        return column(_fraction(s) / (int(n) * unit) if n else Fraction(0) for s, n in zip(sums, counts, strict=True))
    return Column(sums * (shared // np.where(counts, counts, 1)), shared * unit)


def _fraction(one: Any) -> Fraction:
    """One entry of a column, whichever way it is kept."""
    return one if isinstance(one, Fraction) else Fraction(int(one))


def widened(values: Values, factor: int) -> Values:
    """values * factor, in Python integers where 64 bits are not enough."""
    if values.dtype != object and largest(values) * abs(factor) > SAFE:
        return values.astype(object) * factor
    return values * factor


def largest(values: Values) -> int:
    """The largest amount in a column, rounded up; 0 of none."""
    return math.ceil(np.abs(values).max()) if len(values) else 0
