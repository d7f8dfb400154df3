"""Whose pass hangs on one mark: would one step up or down in one rating turn it?"""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from scoring.criteria import Criterion
from scoring.exact import Column, Flags, Ints, column, quotient
from scoring.scores import Ratings
from scoring.totals import Standing, counted, shortfalls, sum_of, trimmed


def near_threshold(found: Standing) -> Flags:
    """For each proposal whether its pass would turn if one rater had given the next higher or lower mark once."""
    near = np.zeros(len(found.keys), dtype=bool)
    if not found.below:
        return near
    for index, one in enumerate(found.scheme.rated_criteria):
        marks = found.ratings.rows(found.ratings.criterion == index)
        for up in (False, True):
            near |= turned(found, one, moved(found, one, marks, up))
    return near & found.complete


def turned(found: Standing, one: Criterion, value: Column) -> Flags:
    """Which proposals would pass instead of failing, or the other way round, with this mark."""
    mark = replace(found.marks[one.key], value=value)
    marks = found.marks | {one.key: mark}
    points = found.points | {one.key: counted(found.scheme, one, mark)}
    total = sum_of([found.adjusted, *points.values()])
    below = shortfalls(found.scheme, marks, points, total, found.complete)
    return np.logical_or.reduce(list(below.values())) != np.logical_or.reduce(list(found.below.values()))


def moved(found: Standing, one: Criterion, marks: Ratings, up: bool) -> Column:
    """The aggregated mark of each proposal after the one step that moves it furthest up, or down."""
    steps = step_of(one, marks, up)
    if found.scheme.aggregation.across_raters in ("median", "drop_one"):
        return moved_middle(marks, steps, len(found.keys), found.scheme.aggregation.across_raters, up)
    furthest = np.zeros(len(found.keys), dtype=np.int64)
    np.maximum.at(furthest, marks.proposal, np.abs(steps))
    return found.marks[one.key].value + quotient(furthest if up else -furthest, found.marks[one.key].count, marks.unit)


def step_of(one: Criterion, marks: Ratings, up: bool) -> Ints:
    """How far the next mark lies from each given mark, in units; 0 at the end of the scale, negative downwards."""
    different, inverse = np.unique(marks.mark, return_inverse=True)
    steps = []
    for mark in different.tolist():
        below, above = one.neighbours_of(Fraction(mark, marks.unit))
        steps.append(int((above if up else -below) * marks.unit))
    return np.array(steps, dtype=np.int64)[inverse.reshape(-1)] if steps else np.zeros(0, dtype=np.int64)


def moved_middle(marks: Ratings, steps: Ints, proposals: int, method: str, up: bool) -> Column:
    """The same for a median or a mean without the ends: the best (or worst) over every single moved mark."""
    order = np.lexsort((marks.mark, marks.proposal))
    cuts = np.searchsorted(marks.proposal[order], np.arange(1, proposals))
    best = max if up else min
    found = []
    for given, moves in zip(np.split(marks.mark[order], cuts), np.split(steps[order], cuts), strict=True):
        sets = [[*given[:row], given[row] + move, *given[row + 1 :]] for row, move in enumerate(moves)]
        found.append(best((average(one, method) for one in sets), default=Fraction(0)) / marks.unit)
    return column(found)


def average(marks: list[int], method: str) -> Fraction:
    kept = trimmed(sorted(int(mark) for mark in marks), method)
    return Fraction(sum(kept), len(kept))
