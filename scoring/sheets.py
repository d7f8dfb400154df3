"""What each sheet alone comes to, and how far the sheets of a proposal lie apart."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.evaluate import contribution
from scoring.exact import Column, Flags, Ints, column, sum_of
from scoring.proof import most, reachable
from scoring.totals import Standing, standing

if TYPE_CHECKING:
    from scoring.scheme import Scheme

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sheets:
    """One row a sheet: places of its proposal and reviewer, its total in points, whether no obligatory mark is open."""

    proposal: Ints
    reviewer: Ints
    total: Floats
    complete: Flags


def review_totals(scheme: "Scheme", scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> pd.DataFrame:
    """The total of every sheet that counts, in points of the scheme: what calibrate and agreement start from.

    scores, proposals: as for rank. Columns: proposal, reviewer, total (float; NaN where only optional criteria have
    marks), complete (every obligatory criterion has a mark). The total of an unfinished sheet is its points by the
    points within reach of what it rates, times all points; an optional criterion without a mark adds nothing and lowers
    nothing. Computed criteria and adjustments are included. Sorted by proposal and reviewer. Raises ScoresError.
    """
    found = standing(scheme, scores, proposals)
    sheets = sheets_of(found)
    columns = {
        "proposal": found.keys[sheets.proposal],
        "reviewer": found.ratings.reviewers[sheets.reviewer],
        "total": sheets.total,
        "complete": sheets.complete,
    }
    return pd.DataFrame(columns)


def sheets_of(found: Standing) -> Sheets:
    """The sheets that count, by proposal and reviewer."""
    scheme, rows = found.scheme, found.ratings
    points, number = _points(found), len(rows.sheet_proposal)
    raw = np.bincount(rows.sheet, weights=points.values[rows.entry], minlength=number) / points.unit
    wanted = np.array([not one.optional for one in scheme.rated_criteria], dtype=np.int64)
    worth = wanted * np.array([float(most(one, scheme.aggregation)) for one in scheme.rated_criteria])
    lacking = wanted.sum() - np.bincount(rows.sheet, weights=wanted[rows.part], minlength=number)
    seen = np.bincount(rows.sheet, weights=worth[rows.part], minlength=number)
    whole = float(reachable(scheme.rated_criteria, scheme.aggregation))
    within = np.where(lacking > 0, whole - (worth.sum() - seen), whole)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(within > 0, raw * (whole / within), np.nan) + _same_for_all(found)[rows.sheet_proposal]
    valid = rows.valid
    return Sheets(rows.sheet_proposal[valid], rows.sheet_reviewer[valid], total[valid], (lacking == 0)[valid])


def _points(found: Standing) -> Column:
    """What each different mark adds to its sheet."""
    entries, criteria = found.ratings.entries, found.scheme.rated_criteria
    added = [
        contribution(found.scheme, criteria[part], points) if part < len(criteria) else None
        for part, points in zip(entries.part.tolist(), entries.points, strict=True)
    ]
    return column(one or Fraction(0) for one in added)


def _same_for_all(found: Standing) -> Floats:
    """What every sheet of a proposal gets: computed criteria and adjustments."""
    same = sum_of([found.adjusted, *(found.points[one.key] for one in found.scheme.computed_criteria)])
    return np.asarray(same.values / same.unit, dtype=np.float64)


def spread(found: Standing) -> Floats:
    """Standard deviation (n - 1) of the totals of each proposal's sheets, in points; NaN below two sheets."""
    sheets, rows = sheets_of(found), len(found.keys)
    known = ~np.isnan(sheets.total)
    proposal, total = sheets.proposal[known], sheets.total[known]
    count = np.bincount(proposal, minlength=rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(proposal, weights=total, minlength=rows) / count
        squares = np.bincount(proposal, weights=(total - mean[proposal]) ** 2, minlength=rows)
        return np.asarray(np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan))
