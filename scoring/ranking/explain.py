"""How every proposal comes to its total and its place, number by number: what screens and spreadsheets print."""

from collections.abc import Hashable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from scoring.marks.columns import Column, Flags, Ints
from scoring.ranking.rank import order_of, why_unranked
from scoring.ranking.ties import rule_values
from scoring.ranking.totals import standing
from scoring.scheme.scheme import Scheme
from scoring.scheme.steps import Steps

T = TypeVar("T")


@dataclass(frozen=True)
class Explanation:
    """The steps of each proposal by its key, and which sheets count, as (proposal, reviewer)."""

    proposals: dict[Any, Steps]
    sheets: frozenset[tuple[Any, Any]]


def explain(
    scheme: Scheme,
    scores: pd.DataFrame,
    proposals: pd.DataFrame | None = None,
    *,
    seed: str | None = None,
    only: Hashable = None,
) -> Explanation:
    """What the ranking of these scores was made of, exactly; arguments and errors as for rank.

    only: the key of a proposal whose steps alone are wanted; all others are still compared with. Nothing here is worked
    out anew: these are the numbers by which `rank` puts the proposals in order.
    """
    found = standing(scheme, scores, proposals)
    rows = np.flatnonzero([only is None or key == only for key in found.keys])
    order, (rules, _) = order_of(found), rule_values(found, seed)
    ranked = why_unranked(found) == ""
    by_row = zip(
        found.valid_reviews[rows].tolist(),
        found.competing[rows].tolist(),
        _each({key: mark.count[rows].tolist() for key, mark in found.marks.items()}, rows),
        _each({key: _known(mark.value, mark.given, rows) for key, mark in found.marks.items()}, rows),
        _each({key: _known(points, found.marks[key].given, rows) for key, points in found.points.items()}, rows),
        _each({key: _all(column, rows) for key, column in found.adjusted.items()}, rows),
        _known(found.total, found.complete, rows),
        _known(order, ranked, rows),
        _each({rule: _all(column, rows) for rule, column in rules.items()}, rows),
        strict=True,
    )
    sheets = found.ratings
    whose = zip(found.keys[sheets.sheet_proposal], sheets.reviewers[sheets.sheet_reviewer], strict=True)
    return Explanation(
        {key: Steps(*steps) for key, steps in zip(found.keys[rows], by_row, strict=True)},
        frozenset(sheet for sheet, counts in zip(whose, sheets.valid, strict=True) if counts),
    )


def _each(columns: dict[str, list[T]], rows: Ints) -> list[dict[str, T]]:
    """Columns by key, row by row."""
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)] or [{}] * len(rows)


def _all(column: Column, rows: Ints) -> list[Fraction]:
    return list(column.take(rows).fractions())


def _known(column: Column, given: Flags, rows: Ints) -> list[Fraction | None]:
    return [one if known else None for one, known in zip(_all(column, rows), given[rows], strict=True)]
