"""From marks to totals: one exact mark per proposal and criterion, what it adds, and what falls short."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.columns import Column, Flags, Ints, Values, column, constant, largest, quotient, sum_of
from scoring.marks.facts import Facts
from scoring.marks.scores import Ratings, rated, ratings
from scoring.scheme.criteria import Criterion, Threshold
from scoring.scheme.evaluate import by_rule
from scoring.scheme.scheme import Scheme


@dataclass(frozen=True)
class Mark:
    """The mark of one criterion for every proposal: a number and, for each, whether there is one; `count` raters."""

    value: Column
    given: Flags
    count: Ints


@dataclass(frozen=True)
class Standing:
    """Everything that decides, one row a proposal in the order of `keys`.

    ratings: the marks of criteria that count. marks: by criterion, unweighted; points: what they add. adjusted: bonus
    less malus. total: exact points, meaningless where not `complete`. below: which proposals fall short, by key of the
    criterion, group or `total`. barred: which fail a gate with `ko`, by its key. scope: number of each one's ranking.
    """

    scheme: Scheme
    ratings: Ratings
    facts: Facts
    scope: Ints
    valid_reviews: Ints
    marks: dict[str, Mark]
    points: dict[str, Column]
    adjusted: Column
    total: Column
    complete: Flags
    below: dict[str, Flags]
    barred: dict[str, Flags]

    @property
    def keys(self) -> Values:
        """The proposals, sorted."""
        return self.ratings.proposals


def standing(scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None) -> Standing:
    """Marks, totals and minima of every proposal; ScoresError names what cannot be used."""
    everything = ratings(scheme, scores, proposals)
    found = rated(scheme, everything)
    facts = Facts(proposals, found.proposals)
    scope = _scope(scheme, facts)
    valid_reviews = np.bincount(found.sheet_proposal[found.valid], minlength=len(found.proposals))
    barred = _barred(scheme, facts)
    competing = (valid_reviews > 0) & ~anywhere(barred, len(scope))
    marks = _rated_marks(scheme, found) | _computed_marks(scheme, facts, scope, competing)
    marks = {one.key: marks[one.key] for one in scheme.criteria}
    points = {one.key: counted(scheme, one, marks[one.key]) for one in scheme.criteria}
    adjusted = _adjusted(scheme, everything, facts)
    total = sum_of([adjusted, *points.values()])
    complete = competing & ~anywhere(
        {one.key: ~marks[one.key].given for one in scheme.criteria if not one.optional}, len(scope)
    )
    below = shortfalls(scheme, marks, points, total, complete)
    return Standing(scheme, found, facts, scope, valid_reviews, marks, points, adjusted, total, complete, below, barred)


def _scope(scheme: Scheme, facts: Facts) -> Ints:
    """The ranking that each proposal is in, by the order of the names; all in one where the table names none."""
    name = scheme.ranking.scope or ""
    entry = facts.entry(name)
    if facts.has(name) and (entry.code < 0).any():
        keys = facts.keys[entry.code < 0]
        raise ScoresError([(f"{key}, {name}", "is missing, and the scheme ranks them apart") for key in keys])
    names = sorted(entry.said, key=str)
    return np.array([*(names.index(one) for one in entry.said), 0], dtype=np.int64)[entry.code]


def _rated_marks(scheme: Scheme, found: Ratings) -> dict[str, Mark]:
    method = scheme.aggregation.across_raters
    marks = {}
    for index, one in enumerate(scheme.rated_criteria):
        mean, count = _mean(found, index)
        value = _middle(found, index, method) if method in ("median", "drop_one") else mean
        marks[one.key] = Mark(value, count > 0, count)
    return marks


def _mean(found: Ratings, part: int) -> tuple[Column, Ints]:
    """The mean mark of each proposal, and of how many."""
    proposal, entry = found.of(part)
    count = np.bincount(proposal, minlength=len(found.proposals))
    units = found.entries.units
    return quotient(_sums(proposal, units.values[entry], len(count)), count, units.unit), count


def _sums(cell: Ints, values: Values, cells: int) -> Ints:
    """Whole numbers added up by cell; exact, because floats hold whole numbers up to 2**53."""
    if values.dtype == object or largest(values) * len(values) >= 2**53:
        sums = np.zeros(cells, dtype=object)
        np.add.at(sums, cell, values.astype(object))
        return sums
    return np.rint(np.bincount(cell, weights=values, minlength=cells)).astype(np.int64)


def _middle(found: Ratings, index: int, method: str) -> Column:
    """The median, or the mean without the ends, of one criterion."""
    return column(average(marks, method) for _, marks in marks_by_proposal(found, index))


def marks_by_proposal(found: Ratings, index: int) -> list[tuple[int, list[Fraction]]]:
    """For each proposal its place and its marks of one rated criterion, lowest first."""
    marks: list[list[Fraction]] = [[] for _ in found.proposals]
    for proposal, entry in zip(*(one.tolist() for one in found.of(index)), strict=True):
        marks[proposal].append(found.entries.points[entry])
    return [(place, sorted(given)) for place, given in enumerate(marks)]


def average(marks: list[Fraction], method: str) -> Fraction:
    """The median, or (drop_one) the mean without one highest and one lowest of at least five; 0 of none."""
    if method == "median":
        half = max((len(marks) - 1) // 2, 0)
        marks = marks[half : len(marks) - half]
    elif len(marks) >= 5:
        marks = marks[1:-1]
    return sum(marks, Fraction(0)) / max(len(marks), 1)


def _computed_marks(scheme: Scheme, facts: Facts, scope: Ints, competing: Flags) -> dict[str, Mark]:
    """The criteria that follow from a number; the lowest is taken over the rated proposals of the same ranking."""
    marks = {}
    for one in scheme.computed_criteria:
        code, numbers = facts.numbers(str(one.fact))
        if not one.optional:
            _refuse_missing(one, facts, competing & (code < 0))
        given = competing & (code >= 0)
        marks[one.key] = Mark(_by_rule(one, numbers, code, scope, given), given, given.astype(np.int64))
    return marks


def _by_rule(one: Criterion, numbers: list[Fraction], code: Ints, scope: Ints, given: Flags) -> Column:
    row = np.full(len(code), -1, dtype=np.int64)
    values = [Fraction(0)]
    for ranking in np.unique(scope[given]).tolist():
        here = given & (scope == ranking)
        used = np.unique(code[here]).tolist()
        lowest = min(numbers[index] for index in used)
        place = np.zeros(len(numbers), dtype=np.int64)
        place[used] = np.arange(len(values), len(values) + len(used))
        values += [by_rule(one, numbers[index], lowest) for index in used]
        row[here] = place[code[here]]
    return column(values).take(np.maximum(row, 0))


def _refuse_missing(one: Criterion, facts: Facts, missing: Flags) -> None:
    if missing.any():
        problem = f"the criterion {one.key} is computed from this number, it is missing"
        raise ScoresError([(f"{key}, {one.fact}", problem) for key in facts.keys[missing]])


def counted(scheme: Scheme, one: Criterion, mark: Mark) -> Column:
    """What a mark adds to the total, 0 where there is none."""
    if scheme.aggregation.total == "count":
        met = mirrored(one, mark.value).meets(one.to_be_met)
        return Column((met & mark.given).astype(np.int64), 1)
    value = mirrored(one, mark.value) * one.coefficient
    if scheme.aggregation.sums_marks and one.is_rated:
        value = value.times(mark.count)
    return value.where(mark.given)


def mirrored(one: Criterion, value: Column) -> Column:
    """The mark as it counts: turned round on its scale where low is good."""
    if not one.low_is_good:
        return value
    return constant(Fraction(one.minimum) + Fraction(one.maximum), len(value.values)) + -value


def _adjusted(scheme: Scheme, found: Ratings, facts: Facts) -> Column:
    """Bonus less malus of each proposal: from the table of proposals, or as entered with the scores (then averaged)."""
    total = constant(Fraction(0), len(found.proposals))
    for index, one in enumerate(scheme.adjustments, start=len(scheme.rated_criteria)):
        mean, count = _mean(found, index)
        if facts.has(one.key) and count.any():
            raise ScoresError([(one.key, "is given with the scores and with the proposals, give it once")])
        code, amounts = facts.read(one.key, one.signed)
        total = total + mean + column([*amounts, Fraction(0)]).take(code)
    return total


def _barred(scheme: Scheme, facts: Facts) -> dict[str, Flags]:
    """Who fails a gate with `ko` by what its row says; a gate without a column was checked by the office."""
    barred = {}
    for gate in scheme.gates:
        name = gate.key if facts.has(gate.key) else gate.fact
        if gate.ko and facts.has(name):
            code, holds = facts.read(name, gate.holds)
            barred[gate.key] = ~np.array([*holds, True], dtype=bool)[code]
    return barred


def shortfalls(
    scheme: Scheme, marks: dict[str, Mark], points: dict[str, Column], total: Column, complete: Flags
) -> dict[str, Flags]:
    """Who is below which minimum, in the order of the scheme: criteria, groups, `total`."""
    below = {}
    for one in scheme.criteria:
        if one.threshold is not None:
            below[one.key] = marks[one.key].given & ~mirrored(one, marks[one.key].value).meets(one.threshold)
    return below | _groups_below(scheme, marks, points) | _total_below(scheme, marks, total, complete)


def _groups_below(scheme: Scheme, marks: dict[str, Mark], points: dict[str, Column]) -> dict[str, Flags]:
    below = {}
    for group in scheme.groups:
        if group.minimum is not None:
            members = [one for one in scheme.criteria if one.group == group.key]
            short = ~sum_of([points[one.key] for one in members]).meets(Threshold(group.minimum, strict=False))
            open_marks = {one.key: ~marks[one.key].given for one in members if not one.optional}
            below[group.key] = short & ~anywhere(open_marks, len(short))
    return below


def _total_below(scheme: Scheme, marks: dict[str, Mark], total: Column, complete: Flags) -> dict[str, Flags]:
    rule = scheme.pass_rule
    short = np.zeros(len(complete), dtype=bool)
    if rule.total is not None:
        short |= ~total.meets(rule.total)
    if rule.percent is not None:
        share = Fraction(rule.percent.minimum) / 100
        short |= ~(total + within_reach(scheme, marks) * -share).meets(replace(rule.percent, minimum=Decimal(0)))
    return {"total": short & complete} if rule.total or rule.percent else {}


def within_reach(scheme: Scheme, marks: dict[str, Mark]) -> Column:
    """The most points each proposal could have: where marks are summed, the more the more raters gave one."""
    if not scheme.aggregation.sums_marks:
        rows = len(next(iter(marks.values())).given)
        return constant(scheme.aggregation.reachable(scheme.criteria), rows)
    most = [constant(scheme.aggregation.most(one), len(marks[one.key].count)) for one in scheme.criteria]
    return sum_of([one.times(marks[key].count) for one, key in zip(most, marks, strict=True)])


def anywhere(flags: dict[str, Flags], rows: int) -> Flags:
    """Which of the rows are flagged at least once."""
    found = np.zeros(rows, dtype=bool)
    for one in flags.values():
        found |= one
    return found
