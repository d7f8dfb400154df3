"""From marks to totals: one exact mark per proposal and criterion, what it adds, and what falls short."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from scoring.errors import ScoresError
from scoring.marks.columns import Column, Flags, Ints, Values, column, constant, largest, quotient
from scoring.marks.facts import Facts
from scoring.marks.scores import Ratings, rated, ratings
from scoring.scheme.criteria import Criterion
from scoring.scheme.evaluate import computed_mark
from scoring.scheme.parts import Aggregation
from scoring.scheme.scheme import Scheme
from scoring.scheme.steps import Mark, added, complete, contribution, shortfalls


@dataclass(frozen=True)
class Standing:
    """Everything that decides, one row a proposal in the order of `keys`.

    ratings: the marks of criteria that count. competing: which have one, and fail no gate. marks: by criterion,
    unweighted; points: what they add. adjusted: bonus and malus by key, with their sign; extra: their sum. total: exact
    points, meaningless where not `complete`. below: which proposals fall short, by key of the criterion, group or
    `total`. barred: which fail a gate with `ko`, by its key. scope: number of each one's ranking.
    """

    scheme: Scheme
    ratings: Ratings
    facts: Facts
    scope: Ints
    valid_reviews: Ints
    competing: Flags
    marks: dict[str, Mark[Column]]
    points: dict[str, Column]
    adjusted: dict[str, Column]
    extra: Column
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
    points = {one.key: contribution(scheme, one, marks[one.key]) for one in scheme.criteria}
    adjusted = _adjusted(scheme, everything, facts)
    extra = added([constant(Fraction(0), len(scope)), *adjusted.values()])
    total = added([extra, *points.values()])
    whole = complete(scheme, marks, competing)
    below = shortfalls(scheme, marks, points, total, whole)
    return Standing(
        scheme=scheme,
        ratings=found,
        facts=facts,
        scope=scope,
        valid_reviews=valid_reviews,
        competing=competing,
        marks=marks,
        points=points,
        adjusted=adjusted,
        extra=extra,
        total=total,
        complete=whole,
        below=below,
        barred=barred,
    )


def _scope(scheme: Scheme, facts: Facts) -> Ints:
    """The ranking that each proposal is in, by the order of the names; all in one where the table names none."""
    name = scheme.ranking.scope or ""
    entry = facts.entry(name)
    if facts.has(name) and (entry.code < 0).any():
        keys = facts.keys[entry.code < 0]
        raise ScoresError([(f"{key}, {name}", "is missing, and the scheme ranks them apart") for key in keys])
    names = sorted(entry.said, key=str)
    return np.array([*(names.index(one) for one in entry.said), 0], dtype=np.int64)[entry.code]


def _rated_marks(scheme: Scheme, found: Ratings) -> dict[str, Mark[Column]]:
    by_order = scheme.aggregation.across_raters in ("median", "drop_one")
    marks = {}
    for index, one in enumerate(scheme.rated_criteria):
        mean, count = _mean(found, index)
        value = _middle(found, index, scheme.aggregation) if by_order else mean
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


def _middle(found: Ratings, index: int, aggregation: Aggregation) -> Column:
    """The median, or the mean without the ends, of one criterion."""
    return column(aggregation.average(marks) for _, marks in marks_by_proposal(found, index))


def marks_by_proposal(found: Ratings, index: int) -> list[tuple[int, list[Fraction]]]:
    """For each proposal its place and its marks of one rated criterion, lowest first."""
    marks: list[list[Fraction]] = [[] for _ in found.proposals]
    for proposal, entry in zip(*(one.tolist() for one in found.of(index)), strict=True):
        marks[proposal].append(found.entries.points[entry])
    return [(place, sorted(given)) for place, given in enumerate(marks)]


def _computed_marks(scheme: Scheme, facts: Facts, scope: Ints, competing: Flags) -> dict[str, Mark[Column]]:
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
        values += [computed_mark(one, numbers[index], lowest) for index in used]
        row[here] = place[code[here]]
    return column(values).take(np.maximum(row, 0))


def _refuse_missing(one: Criterion, facts: Facts, missing: Flags) -> None:
    if missing.any():
        problem = f"the criterion {one.key} is computed from this number, it is missing"
        raise ScoresError([(f"{key}, {one.fact}", problem) for key in facts.keys[missing]])


def _adjusted(scheme: Scheme, found: Ratings, facts: Facts) -> dict[str, Column]:
    """Bonus and malus of each proposal: from the table of proposals, or as entered with the scores (then averaged)."""
    adjusted = {}
    for index, one in enumerate(scheme.adjustments, start=len(scheme.rated_criteria)):
        mean, count = _mean(found, index)
        if facts.has(one.key) and count.any():
            raise ScoresError([(one.key, "is given with the scores and with the proposals, give it once")])
        code, amounts = facts.read(one.key, one.signed)
        adjusted[one.key] = mean + column([*amounts, Fraction(0)]).take(code)
    return adjusted


def _barred(scheme: Scheme, facts: Facts) -> dict[str, Flags]:
    """Who fails a gate with `ko` by what its row says; a gate without a column was checked by the office."""
    barred = {}
    for gate in scheme.gates:
        name = gate.key if facts.has(gate.key) else gate.fact
        if gate.ko and facts.has(name):
            code, holds = facts.read(name, gate.holds)
            barred[gate.key] = ~np.array([*holds, True], dtype=bool)[code]
    return barred


def anywhere(flags: dict[str, Flags], rows: int) -> Flags:
    """Which of the rows are flagged at least once."""
    found = np.zeros(rows, dtype=bool)
    for one in flags.values():
        found |= one
    return found
