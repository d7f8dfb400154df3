"""Krippendorff's alpha for any number of reviewers, any gaps, at four levels of measurement."""

import numpy as np

from scoring.advice.agreement.statistic import NO_VARIATION, TOO_FEW, Statistic, around, blank
from scoring.advice.calibrate.design import Design, Floats, Integers, summed

NAME = "krippendorff_alpha"
ROWS = 512


def krippendorff_alpha(design: Design, level: str, confidence: float) -> Statistic:
    """alpha = 1 - observed / expected disagreement; 1 = perfect, 0 = chance, below 0 = systematic disagreement.

    Only proposals with two or more ratings count (`n`). With N their ratings, m_u those of proposal u, delta the
    squared difference of two ratings at this level:

        alpha = 1 - (N - 1) A / E,   A = sum_u sum_{i,j in u} delta_ij / (m_u - 1),   E = sum_{i,j} delta_ij

    delta: nominal 0 or 1; ordinal (sum of counts from c to k, less half of both ends)^2; interval (c - k)^2; ratio
    ((c - k)/(c + k))^2. Interval: linearised over proposals, Student with n - 1 degrees of freedom.
    Blank: "no variation", "too few" (under two such proposals), ratio with negative values.
    Source: Krippendorff (2011), Computing Krippendorff's alpha-reliability; Gwet (2014), Handbook of Inter-Rater
    Reliability, chapter 6.
    """
    paired = design.ratings[design.row] >= 2
    unit = np.unique(design.row[paired], return_inverse=True)[1].reshape(-1)
    value = design.value[paired]
    ratings = np.bincount(unit).astype(float)
    if len(ratings) < 2:
        return blank(NAME, len(ratings), f"{TOO_FEW}: under two proposals with two ratings")
    if np.ptp(value) == 0:
        return blank(NAME, len(ratings), NO_VARIATION)
    if level == "ratio" and value.min() < 0:
        return blank(NAME, len(ratings), "a ratio needs values of 0 or more")
    within, towards_all = DISAGREEMENTS[level](value, unit, ratings)
    return alpha_of(within / (ratings - 1), summed(towards_all, unit, len(ratings)), ratings, confidence)


def alpha_of(observed: Floats, expected: Floats, ratings: Floats, confidence: float) -> Statistic:
    """Alpha from each proposal's share of observed and expected disagreement, and how far each one moves it."""
    total = ratings.sum()
    ratio = (total - 1) * observed.sum() / expected.sum()
    relative = observed / observed.sum() if observed.sum() else observed
    influence = -ratio * (ratings / (total - 1) + relative - 2 * expected / expected.sum())
    return around(NAME, float(1 - ratio), influence, len(ratings), confidence)


def nominal(value: Floats, unit: Integers, ratings: Floats) -> tuple[Floats, Floats]:
    """Sum of delta inside each unit, and of each rating towards all ratings."""
    _, code, count = np.unique(value, return_inverse=True, return_counts=True)
    code = code.reshape(-1)
    both, same = np.unique(unit * len(count) + code, return_counts=True)
    alike = summed(same.astype(float) ** 2, both // len(count), len(ratings))
    return ratings**2 - alike, len(value) - count[code].astype(float)


def interval(value: Floats, unit: Integers, ratings: Floats) -> tuple[Floats, Floats]:
    """As `nominal`, from sums and squares; centred, so that nothing is lost to cancellation."""
    value = value - value.mean()
    within = 2 * (ratings * summed(value**2, unit, len(ratings)) - summed(value, unit, len(ratings)) ** 2)
    return np.maximum(within, 0.0), (value**2).sum() + len(value) * value**2 - 2 * value * value.sum()


def ordinal(value: Floats, unit: Integers, ratings: Floats) -> tuple[Floats, Floats]:
    """The ordinal delta is the interval delta of mid-ranks: counts below, and half of one's own."""
    _, code, count = np.unique(value, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - count / 2
    return interval(middle[code.reshape(-1)], unit, ratings)


def ratio(value: Floats, unit: Integers, ratings: Floats) -> tuple[Floats, Floats]:
    """As `nominal`; rows of the table of different values are taken some at a time."""
    order = np.argsort(unit, kind="stable")
    within = np.array([apart(one, one).sum() for one in np.split(value[order], np.cumsum(ratings.astype(int))[:-1])])
    different, code, count = np.unique(value, return_inverse=True, return_counts=True)
    parts = [apart(different[at : at + ROWS], different) @ count for at in range(0, len(different), ROWS)]
    return within, np.concatenate(parts)[code.reshape(-1)]


def apart(left: Floats, right: Floats) -> Floats:
    """((c - k)/(c + k))^2 for all pairs; 0 where both are 0."""
    added = left[:, None] + right
    return np.asarray(((left[:, None] - right) / np.where(added == 0, 1.0, added)) ** 2)


DISAGREEMENTS = {"nominal": nominal, "ordinal": ordinal, "interval": interval, "ratio": ratio}
