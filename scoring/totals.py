"""From marks to totals: one exact mark per proposal and criterion, what it adds, and what falls short."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scoring.criteria import Criterion, Threshold
from scoring.errors import ScoresError
from scoring.evaluate import by_rule, failed_gates
from scoring.exact import Column, Flags, Ints, column, constant, quotient
from scoring.facts import Facts
from scoring.proof import reachable
from scoring.scores import Ratings, ratings

if TYPE_CHECKING:
    from scoring.scheme import Scheme

ABOVE_ZERO = Threshold(Decimal(0), strict=True)


@dataclass(frozen=True)
class Mark:
    """The mark of one criterion for every proposal: a number and, for each, whether there is one; `count` raters."""

    value: Column
    given: Flags
    count: Ints


@dataclass(frozen=True)
class Standing:
    """Everything that decides, one row a proposal in the order of `keys`.

    marks: by criterion, unweighted. total: exact points, meaningless where not `complete`. below: which proposals fall
    short, by key of the criterion, group or `total`. barred: failed gates of each proposal.
    """

    scheme: "Scheme"
    ratings: Ratings
    facts: Facts
    marks: dict[str, Mark]
    points: dict[str, Column]
    adjusted: Column
    total: Column
    complete: Flags
    below: dict[str, Flags]
    barred: list[list[str]]
    valid_reviews: Ints

    @property
    def keys(self) -> Any:
        """The proposals, sorted."""
        return self.ratings.proposals

    @property
    def passed(self) -> Flags:
        """Complete and nowhere below a minimum."""
        return self.complete & ~np.logical_or.reduce(list(self.below.values()) or [~self.complete])


def standing(scheme: "Scheme", scores: pd.DataFrame, proposals: pd.DataFrame | None) -> Standing:
    """Marks, totals and minima of every proposal."""
    found = ratings(scheme, scores, proposals)
    facts = Facts(proposals, found.proposals)
    rated = found.rows(found.criterion < len(scheme.rated_criteria))
    valid_reviews = np.bincount(rated.sheets()[1], minlength=len(found.proposals))
    barred = gates(scheme, facts)
    competing = (valid_reviews > 0) & np.array([not one for one in barred], dtype=bool)
    marks = rated_marks(scheme, found) | computed_marks(scheme, facts, competing)
    marks = {one.key: marks[one.key] for one in scheme.criteria}
    points = {one.key: counted(scheme, one, marks[one.key]) for one in scheme.criteria}
    adjusted = adjustments(scheme, found, facts)
    total = sum_of([adjusted, *points.values()])
    open_marks = [~marks[one.key].given for one in scheme.criteria if not one.optional]
    complete = competing & ~np.logical_or.reduce(open_marks or [~competing])
    return Standing(
        *(scheme, found, facts, marks, points, adjusted, total, complete),
        below=shortfalls(scheme, marks, points, total, complete),
        barred=barred,
        valid_reviews=valid_reviews,
    )


def rated_marks(scheme: "Scheme", found: Ratings) -> dict[str, Mark]:
    shape = (len(found.proposals), len(scheme.rated_criteria) + len(scheme.adjustments))
    sums, counts = tally(found, shape)
    method = scheme.aggregation.across_raters
    marks = {}
    for index, one in enumerate(scheme.rated_criteria):
        if method in ("median", "drop_one"):
            value = middle(found.rows(found.criterion == index), shape[0], method)
        else:
            value = quotient(sums[:, index], counts[:, index], found.unit)
        marks[one.key] = Mark(value, counts[:, index] > 0, counts[:, index])
    return marks


def tally(found: Ratings, shape: tuple[int, int]) -> tuple[Ints, Ints]:
    """Sum and number of the marks by proposal and criterion; sums of whole numbers, exact below 2**53."""
    cell = found.proposal * shape[1] + found.criterion
    sums = np.bincount(cell, weights=found.mark, minlength=shape[0] * shape[1])
    counts = np.bincount(cell, minlength=shape[0] * shape[1])
    return np.rint(sums).astype(np.int64).reshape(shape), counts.reshape(shape)


def middle(found: Ratings, proposals: int, method: str) -> Column:
    """The median, or the mean without one highest and one lowest mark (from five marks on)."""
    order = np.lexsort((found.mark, found.proposal))
    split = np.split(found.mark[order], np.searchsorted(found.proposal[order], np.arange(1, proposals)))
    kept = [trimmed([int(mark) for mark in marks], method) for marks in split]
    return column(Fraction(sum(marks), max(len(marks), 1) * found.unit) for marks in kept)


def trimmed(marks: list[int], method: str) -> list[int]:
    if method == "median":
        half = max((len(marks) - 1) // 2, 0)
        return marks[half : len(marks) - half]
    return marks[1:-1] if len(marks) >= 5 else marks


def computed_marks(scheme: "Scheme", facts: Facts, competing: Flags) -> dict[str, Mark]:
    marks = {}
    for one in scheme.computed_criteria:
        numbers = facts.numbers(str(one.fact))
        refuse_missing_facts(one, facts, [number is None for number in numbers], competing)
        lowest = lowest_numbers(scheme, facts, numbers, competing) if one.formula else numbers
        values = [
            computed(one, number, least) if takes_part else None
            for number, least, takes_part in zip(numbers, lowest, competing, strict=True)
        ]
        given = np.array([value is not None for value in values], dtype=bool)
        marks[one.key] = Mark(column(value or Fraction(0) for value in values), given, given.astype(np.int64))
    return marks


def computed(one: Criterion, number: Fraction | None, lowest: Fraction | None) -> Fraction | None:
    if number is None or lowest is None:
        return None
    return by_rule(one, number, lowest)


def lowest_numbers(
    scheme: "Scheme", facts: Facts, numbers: list[Fraction | None], competing: Flags
) -> list[Fraction | None]:
    """For each proposal the lowest number among the rated proposals of the same ranking."""
    scopes = scope_of(scheme, facts)
    lowest: dict[object, Fraction] = {}
    for scope, number, takes_part in zip(scopes, numbers, competing, strict=True):
        if number is not None and takes_part:
            lowest[scope] = min(number, lowest.get(scope, number))
    return [lowest.get(scope) for scope in scopes]


def refuse_missing_facts(one: Criterion, facts: Facts, missing: list[bool], competing: Flags) -> None:
    wrong = np.array(missing, dtype=bool) & competing
    if wrong.any() and not one.optional:
        problem = f"the criterion {one.key} is computed from this number, it is missing"
        raise ScoresError([(f"{key}, {one.fact}", problem) for key in facts.keys[wrong]])


def scope_of(scheme: "Scheme", facts: Facts) -> list[object]:
    """The lot or core topic of each proposal, where the scheme ranks them apart and the table names it."""
    return list(facts.column(scheme.ranking.scope or ""))


def counted(scheme: "Scheme", one: Criterion, mark: Mark) -> Column:
    """What a mark adds to the total, 0 where there is none."""
    rows = len(mark.given)
    if scheme.aggregation.total == "count":
        met = mark.value.meets(one.threshold or ABOVE_ZERO)
        return Column((met & mark.given).astype(np.int64), 1)
    value = mirrored(one, mark.value, rows) * one.coefficient
    if scheme.aggregation.across_raters == "sum" and one.is_rated:
        value = value.times(mark.count)
    return value.where(mark.given)


def mirrored(one: Criterion, value: Column, rows: int) -> Column:
    """The mark as it counts: turned round where low is good."""
    if not one.low_is_good:
        return value
    return constant(Fraction(one.minimum) + Fraction(one.maximum), rows) + -value


def adjustments(scheme: "Scheme", found: Ratings, facts: Facts) -> Column:
    """Bonus less malus of each proposal: from the table of proposals, or as rated (then averaged)."""
    shape = (len(found.proposals), len(scheme.rated_criteria) + len(scheme.adjustments))
    total = constant(Fraction(0), shape[0])
    if not scheme.adjustments:
        return total
    sums, counts = tally(found, shape)
    for index, one in enumerate(scheme.adjustments, start=len(scheme.rated_criteria)):
        if facts.has(one.key) and counts[:, index].any():
            raise ScoresError([(one.key, "is given with the scores and with the proposals, give it once")])
        total = total + quotient(sums[:, index], counts[:, index], found.unit)
        total = total + column(amount_of(one, key, given) for key, given in zip(facts.keys, facts.column(one.key), strict=True))
    return total


def amount_of(one: Any, key: object, given: object) -> Fraction:
    try:
        return Fraction(0) if given is None else one.signed(given)
    except ValueError as error:
        raise ScoresError([(f"{key}, {one.key}", str(error))]) from error


def gates(scheme: "Scheme", facts: Facts) -> list[list[str]]:
    """The gates that each proposal fails by what its row says; a gate without a column was checked elsewhere."""
    names = {name for gate in scheme.gates for name in (gate.key, gate.fact) if facts.has(name)}
    columns = {name: facts.column(name) for name in sorted(names)}
    failed = []
    for row, key in enumerate(facts.keys):
        try:
            failed.append(failed_gates(scheme, {name: given[row] for name, given in columns.items()}))
        except ScoresError as error:
            raise ScoresError([(f"{key}, {place}", problem) for place, problem in error.faults]) from error
    return failed


def shortfalls(
    scheme: "Scheme", marks: dict[str, Mark], points: dict[str, Column], total: Column, complete: Flags
) -> dict[str, Flags]:
    """Who is below which minimum, in the order of the scheme."""
    below = {}
    for one in scheme.criteria:
        if one.threshold is not None:
            value = mirrored(one, marks[one.key].value, len(complete))
            below[one.key] = marks[one.key].given & ~value.meets(one.threshold)
    return below | groups_below(scheme, marks, points) | total_below(scheme, total, complete)


def groups_below(scheme: "Scheme", marks: dict[str, Mark], points: dict[str, Column]) -> dict[str, Flags]:
    below = {}
    for group in scheme.groups:
        members = [one for one in scheme.criteria if one.group == group.key]
        if group.minimum is not None:
            given = [marks[one.key].given for one in members if not one.optional]
            reached = sum_of([points[one.key] for one in members])
            short = ~reached.meets(Threshold(group.minimum, strict=False))
            below[group.key] = short & np.logical_and.reduce(given or [short])
    return below


def total_below(scheme: "Scheme", total: Column, complete: Flags) -> dict[str, Flags]:
    rule = scheme.pass_rule
    short = np.zeros(len(complete), dtype=bool)
    if rule.total is not None:
        short |= ~total.meets(rule.total)
    if rule.percent is not None:
        least = reachable(scheme.criteria, scheme.aggregation) * Fraction(rule.percent.minimum) / 100
        short |= ~(total + constant(-least, len(complete))).meets(replace(rule.percent, minimum=Decimal(0)))
    return {"total": short & complete} if rule.total or rule.percent else {}


def sum_of(columns: list[Column]) -> Column:
    first, *rest = columns
    for one in rest:
        first = first + one
    return first
