"""What one warning and one check look like, and what each check means to a reader."""

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np

from scoring.advice.calibrate.design import Booleans, Floats

MEANINGS = {
    "severity": "Rates clearly higher or lower than colleagues do on the same proposals: talk about the scale.",
    "outlying_rating": "Lies far from what all other ratings suggest: ask for the reasons, they may be good.",
    "disagreement": "The ratings of this proposal scatter more than those of the others: worth a discussion.",
    "same_marks": "All marks of this reviewer are alike: they do not help to tell proposals apart.",
    "halo": "Criteria move together more than in colleagues' reviews: information; a real strength looks alike.",
    "closeness": "Reviewers rate proposals they are close to differently: look at the rules of conflict.",
    "decisive_extreme": "A total at an end of the scale, far from the others, decides about a place: ask for one more.",
    "connectivity": "No reviewer joins these groups of proposals: rank each group by itself.",
    "single_rating": "Has rated one proposal only: nothing can be said of this reviewer's severity.",
    "missing": "Marks not given. The models take it that blanks have nothing to do with quality: see the reasons.",
    "too_few_ratings": "Has fewer ratings than required.",
}


class Flag(NamedTuple):
    """One warning. `points`: the same thing in points of the scale; `p`: chance of it where nothing is the matter."""

    check: str
    proposal: Hashable
    reviewer: Hashable
    n: int
    statistic: str
    value: float
    points: float = np.nan
    p: float = np.nan


class Check(NamedTuple):
    """One check: how many were looked at, the warnings, how many chance alone would give, or why it did not run."""

    check: str
    tested: int
    expected_false_alarms: float
    flags: Sequence[Flag]
    note: str = ""


def not_run(check: str, why: str) -> Check:
    """A check that these data do not allow."""
    return Check(check, 0, 0.0, (), why)


def benjamini_hochberg(p: Floats, share: float) -> Booleans:
    """True where the false discovery rate is at most `share` (Benjamini & Hochberg 1995, JRSS B 57:289-300)."""
    order = np.argsort(p)
    under = np.flatnonzero(p[order] <= share * np.arange(1, len(p) + 1) / len(p))
    found = np.zeros(len(p), dtype=bool)
    if len(under):
        found[order[: under[-1] + 1]] = True
    return np.asarray(found)
