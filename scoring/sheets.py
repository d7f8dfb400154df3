"""What each sheet alone comes to, and how far the sheets of a proposal lie apart."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.exact import Ints
from scoring.proof import most, reachable
from scoring.totals import Standing, standing

if TYPE_CHECKING:
    from scoring.scheme import Scheme

Floats = npt.NDArray[np.float64]


def review_totals(scheme: "Scheme", scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> pd.DataFrame:
    """The total of every sheet that counts, in points of the scheme: what calibrate and agreement start from.

    scores, proposals: as for rank. Columns: proposal, reviewer, total (float), complete (every obligatory criterion has
    a mark). The total of an unfinished sheet is its points over the points within reach of what it rates, times all;
    an optional criterion without a mark adds nothing and lowers nothing. Computed criteria and adjustments are included.
    Sorted by proposal and reviewer. Raises ScoresError as rank does.
    """
    found = standing(scheme, scores, proposals)
    sheet, of_proposal, totals, complete = sheet_totals(found)
    reviewer = np.zeros(len(of_proposal), dtype=np.int64)
    rated = found.ratings.rows(found.ratings.criterion < len(scheme.rated_criteria))
    reviewer[sheet] = rated.reviewer
    return pd.DataFrame(
        {
            "proposal": found.keys[of_proposal],
            "reviewer": found.ratings.reviewers[reviewer],
            "total": totals,
            "complete": complete,
        }
    )


def sheet_totals(found: Standing) -> tuple[Ints, Ints, Floats, npt.NDArray[np.bool_]]:
    """The sheet of each rated mark, and for each sheet its proposal, total and whether it is complete."""
    scheme, rated = found.scheme, found.ratings.rows(found.ratings.criterion < len(found.scheme.rated_criteria))
    sheet, of_proposal = rated.sheets()
    shape = len(of_proposal)
    raw = np.bincount(sheet, weights=points_of(found, rated.criterion, rated.mark), minlength=shape)
    obligatory = np.array([0 if one.optional else float(most(one, scheme.aggregation)) for one in scheme.rated_criteria])
    seen = np.bincount(sheet, weights=obligatory[rated.criterion], minlength=shape) if len(sheet) else np.zeros(shape)
    within = float(reachable(scheme.rated_criteria, scheme.aggregation))
    lacking = obligatory.sum() - seen
    lacking[np.abs(lacking) < 1e-9] = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        totals = np.where(lacking < within, raw * (within / (within - lacking)), np.nan)
    return sheet, of_proposal, totals + constant_points(found)[of_proposal], lacking == 0


def points_of(found: Standing, criterion: Ints, mark: Ints) -> Floats:
    """What each mark adds to its sheet; whole multiples of one unit, so that sums do not depend on their order."""
    scheme = found.scheme
    factors = [one.coefficient / found.ratings.unit for one in scheme.rated_criteria]
    if scheme.aggregation.total == "count":
        least = [0 if one.threshold is None else float(one.threshold.minimum) for one in scheme.rated_criteria]
        return (mark / found.ratings.unit >= np.array(least)[criterion]).astype(np.float64)
    unit = math.lcm(*(factor.denominator for factor in factors))
    slope = np.array([int(factor * unit) * (-1 if one.low_is_good else 1) for factor, one in zip(factors, scheme.rated_criteria, strict=True)])
    base = np.array([
        int((one.minimum + one.maximum) * found.ratings.unit) * int(factor * unit) if one.low_is_good else 0
        for factor, one in zip(factors, scheme.rated_criteria, strict=True)
    ])
    return (base[criterion] + slope[criterion] * mark) / unit


def constant_points(found: Standing) -> Floats:
    """What is the same for every sheet of a proposal: computed criteria and adjustments."""
    same: list[Any] = [found.adjusted, *(found.points[one.key] for one in found.scheme.computed_criteria)]
    return np.sum([np.asarray(one.values, dtype=np.float64) / one.unit for one in same], axis=0)


def spread(found: Standing) -> Floats:
    """Standard deviation (n - 1) of the totals of each proposal's sheets, in points; NaN below two sheets."""
    _, of_proposal, totals, _ = sheet_totals(found)
    count = np.bincount(of_proposal, minlength=len(found.keys))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(of_proposal, weights=totals, minlength=len(found.keys)) / count
        squares = np.bincount(of_proposal, weights=(totals - mean[of_proposal]) ** 2, minlength=len(found.keys))
        return np.where(count > 1, np.sqrt(squares / (count - 1)), np.nan)
