"""Whose pass hangs on one mark: would one step up or down in one rating turn it?"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from scoring.marks.columns import Column, Flags, column, quotient
from scoring.ranking.totals import Standing, anywhere, marks_by_proposal
from scoring.scheme.criteria import Criterion
from scoring.scheme.parts import Aggregation
from scoring.scheme.steps import added, contribution, shortfalls


def near_threshold(found: Standing) -> Flags:
    """For each proposal whether its pass would turn if one rater had given the next higher or lower mark once."""
    near = np.zeros(len(found.keys), dtype=bool)
    if found.below:
        for index, one in enumerate(found.scheme.rated_criteria):
            for up in (False, True):
                near |= _turned(found, one, _moved(found, index, one, up))
    return near & found.complete


def _turned(found: Standing, one: Criterion, value: Column) -> Flags:
    """Which proposals would pass instead of failing, or the other way round, with this mark of one criterion."""
    mark = replace(found.marks[one.key], value=value)
    marks = found.marks | {one.key: mark}
    points = found.points | {one.key: contribution(found.scheme, one, mark)}
    total = added([found.extra, *points.values()])
    below = shortfalls(found.scheme, marks, points, total, found.complete)
    return anywhere(below, len(found.keys)) ^ anywhere(found.below, len(found.keys))


def _moved(found: Standing, index: int, one: Criterion, up: bool) -> Column:
    """The aggregated mark of each proposal after the single step that moves it furthest up, or down."""
    aggregation = found.scheme.aggregation
    if aggregation.across_raters in ("median", "drop_one"):
        moved = (_furthest(one, marks, aggregation, up) for _, marks in marks_by_proposal(found.ratings, index))
        return column(moved)
    entries = found.ratings.entries
    steps = column(
        _step(one, points, up) if part == index else Fraction(0)
        for part, points in zip(entries.part.tolist(), entries.points, strict=True)
    )
    furthest = np.zeros(len(found.keys), dtype=steps.values.dtype)
    proposal, entry = found.ratings.of(index)
    np.maximum.at(furthest, proposal, np.abs(steps.values)[entry])
    mark = found.marks[one.key]
    return mark.value + quotient(furthest if up else -furthest, mark.count, steps.unit)


def _step(one: Criterion, mark: Fraction, up: bool) -> Fraction:
    """How far the next mark lies from this one; 0 at the end of the scale, negative downwards."""
    below, above = one.neighbours_of(mark)
    return Fraction(above) if up else -Fraction(below)


def _furthest(one: Criterion, marks: list[Fraction], aggregation: Aggregation, up: bool) -> Fraction:
    """The best (or worst) average over every single mark moved by a step."""
    moved = (sorted([*marks[:row], mark + _step(one, mark, up), *marks[row + 1 :]]) for row, mark in enumerate(marks))
    return (max if up else min)((aggregation.average(one_moved) for one_moved in moved), default=Fraction(0))
