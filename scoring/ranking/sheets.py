"""What each sheet alone comes to, and how far the sheets of a proposal lie apart."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.marks.columns import Column, Flags, Ints, column
from scoring.ranking.totals import Standing, standing
from scoring.scheme.scheme import Scheme
from scoring.scheme.steps import Mark, added, contribution

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sheets:
    """One row a sheet: places of its proposal and reviewer, its total in points, whether no obligatory mark is open."""

    proposal: Ints
    reviewer: Ints
    total: Floats
    complete: Flags


def review_totals(scheme: Scheme, scores: pd.DataFrame, proposals: pd.DataFrame | None = None) -> pd.DataFrame:
    """The total of every sheet that counts, in points of the scheme: what calibrate and agreement start from.

    scores, proposals: as for rank. Columns: proposal, reviewer, total (float; NaN where only optional criteria have
    marks), complete (every obligatory criterion has a mark). Where obligatory marks are missing, those given count up
    to the whole: their points by the points within reach of them, times those of all obligatory criteria. Optional ones
    add their points as they are. Computed criteria and adjustments are included. Sorted by proposal and reviewer.
    Raises ScoresError.
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
    scheme, rows, each = found.scheme, found.ratings, _points(found)
    points = np.append(each.values.astype(np.float64) / each.unit, 0)[rows.marks]
    wanted = np.array([not one.optional for one in scheme.rated_criteria], dtype=bool)
    worth = np.array([float(scheme.aggregation.most(one)) for one in scheme.rated_criteria])[wanted]
    blank = rows.marks[wanted] < 0
    within = np.where(blank.all(axis=0), 0, worth.sum() - worth @ blank)
    with np.errstate(divide="ignore", invalid="ignore"):
        obligatory = points[wanted].sum(axis=0) * np.where(blank.any(axis=0), worth.sum() / within, 1)
    total = obligatory + points[~wanted].sum(axis=0) + _same_for_all(found)[rows.sheet_proposal]
    valid = rows.valid
    return Sheets(rows.sheet_proposal[valid], rows.sheet_reviewer[valid], total[valid], ~blank.any(axis=0)[valid])


def _points(found: Standing) -> Column:
    """What each different mark adds to its sheet."""
    entries, criteria = found.ratings.entries, found.scheme.rated_criteria
    each = [
        contribution(found.scheme, criteria[part], Mark(points, True, 1)) if part < len(criteria) else Fraction(0)
        for part, points in zip(entries.part.tolist(), entries.points, strict=True)
    ]
    return column(each)


def _same_for_all(found: Standing) -> Floats:
    """What every sheet of a proposal gets: computed criteria and adjustments."""
    same = added([found.extra, *(found.points[one.key] for one in found.scheme.computed_criteria)])
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
