"""The parts of a scheme beside its criteria: gates, groups, adjustments, and the rules for total, pass and rank."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scoring.scheme.criteria import Criterion, Option, Threshold, exact, worded, yes_or_no

LEAST_TO_DROP = 5
"""From so many marks on, drop_one leaves out one highest and one lowest."""


@dataclass(frozen=True)
class Gate:
    """A condition that the office checks before rating; a failed one with `ko` means: not rated."""

    key: str
    type: str
    labels: Mapping[str, str]
    ko: bool = False
    curable: bool = False
    fact: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    options: tuple[Option, ...] = ()

    def label(self, language: str = "de") -> str:
        """Its name in this language, else in any, else its key."""
        return worded(self.labels, language) or self.key

    def holds(self, given: object) -> bool:
        """Whether the answer (yes or no, a number, or the options that apply) meets the condition.

        Raises ValueError with a sentence for an answer of another kind.
        """
        if self.type == "number":
            number = exact(given)
            return not (
                (self.minimum is not None and number < self.minimum)
                or (self.maximum is not None and number > self.maximum)
            )
        if self.type == "choose_min":
            return self.chosen(given) >= (self.minimum or 0)
        answer = {"0": False, "1": True}.get(str(given).strip(), yes_or_no(given))
        if answer is None:
            raise ValueError(f"{given!r} is neither yes nor no")
        return answer

    def chosen(self, given: object) -> int:
        keys = given.split(",") if isinstance(given, str) else given
        if not isinstance(keys, list | tuple | set | frozenset):
            raise ValueError(f"{given!r} is no list of options")
        chosen = {str(key).strip() for key in keys} - {""}
        if unknown := sorted(chosen.difference(option.key for option in self.options)):
            raise ValueError(f"{', '.join(unknown)} is not among the options")
        return len(chosen)


@dataclass(frozen=True)
class Group:
    """A block of criteria; its points are the sum of what its criteria add to the total."""

    key: str
    labels: Mapping[str, str]
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    weight_percent: Decimal | None = None

    def label(self, language: str = "de") -> str:
        """Its name in this language, else in any, else its key."""
        return worded(self.labels, language) or self.key


@dataclass(frozen=True)
class Adjustment:
    """Bonus or malus after the sum: one of the allowed amounts is added or subtracted."""

    key: str
    labels: Mapping[str, str]
    kind: str
    allowed: tuple[Decimal, ...]

    def label(self, language: str = "de") -> str:
        """Its name in this language, else in any, else its key."""
        return worded(self.labels, language) or self.key

    def signed(self, given: object) -> Fraction:
        """What it adds to the total (a malus is negative); ValueError for an amount that is not allowed."""
        amount = exact(given)
        if amount not in self.allowed:
            allowed = ", ".join(str(one) for one in self.allowed)
            raise ValueError(f"{given} is not an amount of {self.key}: {allowed}")
        return Fraction(amount) * (1 if self.kind == "bonus" else -1)


@dataclass(frozen=True)
class Rounding:
    """How totals are shown; when is `display` (compare exact values) or `rank` (the order follows the rounded ones)."""

    decimals: int = 2
    mode: str = "half_up"
    when: str = "display"

    def __call__(self, value: Fraction) -> Decimal:
        """The value as shown, with exactly this many decimals."""
        return Decimal(self.units(value.numerator * 10**self.decimals, value.denominator)).scaleb(-self.decimals)

    def units(self, scaled: Any, unit: int) -> Any:
        """scaled / unit as a whole number, or each of a column: the last published decimal counts one."""
        whole = scaled // unit
        twice = (scaled - whole * unit) * 2
        upward = whole % 2 == 1 if self.mode == "half_even" else whole >= 0
        return whole + ((twice > unit) | ((twice == unit) & upward))


@dataclass(frozen=True)
class Aggregation:
    """How marks of several raters become one, and marks a total; `missing` says what an unfinished sheet does."""

    across_raters: str = "unspecified"
    total: str = "weighted_sum"
    min_valid_ratings: int = 1
    missing: str = "use_given"
    rounding: Rounding = field(default_factory=Rounding)

    @property
    def sums_marks(self) -> bool:
        """Whether the marks of all raters add up instead of being averaged; a criterion that is met is met once."""
        return self.across_raters == "sum" and self.total != "count"

    def adds_up(self, criterion: Criterion) -> bool:
        """Whether each rater's mark of this criterion is added; what follows from a number counts once."""
        return self.sums_marks and criterion.is_rated

    def ends(self, raters: int) -> int:
        """How many of the highest, and as many of the lowest, of so many marks do not count."""
        if self.across_raters == "median":
            return max((raters - 1) // 2, 0)
        return 1 if self.across_raters == "drop_one" and raters >= LEAST_TO_DROP else 0

    def average(self, marks: list[Fraction]) -> Fraction:
        """The mark of several raters, given lowest first: median, mean without one highest and one lowest, or mean."""
        ends = self.ends(len(marks))
        marks = marks[ends : len(marks) - ends]
        return sum(marks, Fraction(0)) / max(len(marks), 1)

    def most(self, criterion: Criterion) -> Fraction:
        """The most that a criterion can add to the total."""
        return Fraction(1) if self.total == "count" else Fraction(criterion.maximum) * criterion.coefficient

    def reachable(self, criteria: Iterable[Criterion]) -> Fraction:
        """The most that these criteria can add together."""
        return sum((self.most(one) for one in criteria), Fraction(0))


@dataclass(frozen=True)
class PassRule:
    """What the total must reach: points, or percent of the reachable points."""

    total: Threshold | None = None
    percent: Threshold | None = None


@dataclass(frozen=True)
class Ranking:
    """How the passed are put in order."""

    ordered: bool = True
    scope: str | None = None
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    tie_breakers: tuple[str, ...] = ()
    reserve_list: bool | int = True


@dataclass(frozen=True)
class Example:
    """A worked example of the scheme: what goes in and what must come out."""

    name: str
    given: Mapping[str, object]
    expected: Mapping[str, object]
