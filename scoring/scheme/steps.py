"""The steps from marks to a total, said once: for one sheet in fractions, for many proposals in columns of them.

`N` is a Fraction or a column of exact numbers (scoring.marks.columns), a flag a bool or an array of them, a count an
int or an array. What is written here with +, *, >=, & and | holds for both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, Generic, Protocol, Self, TypeVar

from scoring.scheme.criteria import Criterion, Threshold
from scoring.scheme.rules import Rules


class Exact(Protocol):
    """What an exact number can do, alone or in a column."""

    def __add__(self, other: Any, /) -> Self: ...
    def __mul__(self, other: Any, /) -> Self: ...
    def __neg__(self) -> Self: ...


N = TypeVar("N", bound=Exact)


@dataclass(frozen=True)
class Mark(Generic[N]):
    """The mark of one criterion, unweighted: a number, whether there is one, and how many raters gave one."""

    value: N
    given: Any
    count: Any


@dataclass(frozen=True)
class Steps:
    """How one proposal comes to its total and its place, number by number; None where there is none.

    valid_reviews: sheets that count; competing: there is one, and no gate keeps the proposal out. counts: how many
    raters gave a mark; marks: unweighted; points: what each mark adds; all by criterion. adjusted: bonus and malus by
    key, with their sign. total: unrounded. order: what the order follows, None where the proposal is not ranked. ties:
    what each tie rule compares that something is recorded for, the higher goes first.
    """

    valid_reviews: int
    competing: bool
    counts: dict[str, int]
    marks: dict[str, Fraction | None]
    points: dict[str, Fraction | None]
    adjusted: dict[str, Fraction]
    total: Fraction | None
    order: Fraction | None
    ties: dict[str, Fraction]


def added(numbers: Iterable[N]) -> N:
    """The numbers added up; at least one."""
    first, *rest = numbers
    for one in rest:
        first = first + one
    return first


def counted(one: Criterion, mark: N) -> N:
    """The mark as it counts: turned round on its scale where low is good."""
    return -mark + (Fraction(one.minimum) + Fraction(one.maximum)) if one.low_is_good else mark


def contribution(scheme: Rules, one: Criterion, mark: Mark[N]) -> N:
    """What a mark adds to the total, 0 where there is none."""
    value, times = counted(one, mark.value), mark.count if scheme.aggregation.adds_up(one) else mark.given
    if scheme.aggregation.total == "count":
        value, times = _everywhere(Fraction(1), value), one.to_be_met.holds(value) & mark.given
    points: N = value * one.coefficient * times
    return points


def reweighted(scheme: Rules, points: Mapping[str, N], adjusted: N) -> N:
    """The total with the weights for ranking in place of the weights."""
    return added([adjusted, *(points[one.key] * scheme.reweighting(one) for one in scheme.criteria)])


def complete(scheme: Rules, marks: Mapping[str, Mark[N]], competing: Any) -> Any:
    """Whether every obligatory criterion has a mark, of what competes."""
    for one in scheme.criteria:
        competing = competing if one.optional else competing & marks[one.key].given
    return competing


def shortfalls(
    scheme: Rules, marks: Mapping[str, Mark[N]], points: Mapping[str, N], total: N, whole: Any
) -> dict[str, Any]:
    """What is below which minimum, in the order of the scheme: criteria, groups, `total` (of what is `whole`)."""
    below = {}
    for one in scheme.criteria:
        if one.threshold is not None:
            mark = marks[one.key]
            below[one.key] = mark.given & _no(one.threshold.holds(counted(one, mark.value)))
    return below | _groups_below(scheme, marks, points) | _total_below(scheme, marks, total, whole)


def _groups_below(scheme: Rules, marks: Mapping[str, Mark[N]], points: Mapping[str, N]) -> dict[str, Any]:
    below = {}
    for group in scheme.groups:
        if group.minimum is not None:
            members = [one for one in scheme.criteria if one.group == group.key]
            short = _no(Threshold(group.minimum, strict=False).holds(added(points[one.key] for one in members)))
            for one in members:
                short = short if one.optional else short & marks[one.key].given
            below[group.key] = short
    return below


def _total_below(scheme: Rules, marks: Mapping[str, Mark[N]], total: N, whole: Any) -> dict[str, Any]:
    rule, short = scheme.pass_rule, whole ^ whole
    if rule.total is not None:
        short = short | _no(rule.total.holds(total))
    if rule.percent is not None:
        left = total + within_reach(scheme, marks) * (Fraction(rule.percent.minimum) / -100)
        short = short | _no(replace(rule.percent, minimum=Decimal(0)).holds(left))
    return {"total": short & whole} if rule.total or rule.percent else {}


def within_reach(scheme: Rules, marks: Mapping[str, Mark[N]]) -> N:
    """The most points there could be: where marks add up, the more the more raters gave one; of all if nobody did."""
    like, whole = next(iter(marks.values())).value, scheme.aggregation.reachable(scheme.criteria)
    if not scheme.aggregation.sums_marks:
        return _everywhere(whole, like)
    most = {one.key: scheme.aggregation.most(one) for one in scheme.criteria}
    parts: list[N] = [_everywhere(most[key], mark.value) * mark.count for key, mark in marks.items()]
    nobody = sum(mark.count for mark in marks.values()) == 0
    of_all: N = _everywhere(whole, like) * nobody
    return added([*parts, of_all])


def _everywhere(number: Fraction, like: N) -> N:
    """The same number in every row."""
    found: N = like * Fraction(0) + number
    return found


def _no(flag: Any) -> Any:
    """The opposite of a bool, or of each in an array."""
    return flag ^ True
