"""Kendall's coefficient of concordance, corrected for ties."""

import numpy as np

from scoring.advice.agreement.statistic import INCOMPLETE, NO_VARIATION, TOO_FEW, Statistic, blank
from scoring.advice.calibrate.design import Design, Floats

NAME = "kendall_w"


def kendall_w(design: Design) -> Statistic:
    """W from 0 (the reviewers' orders have nothing in common) to 1 (all alike); needs complete ratings.

    W = 12 S / (m^2 (n^3 - n) - m sum (t^3 - t)) for m reviewers, n proposals, S the sum of squared deviations of the
    rank sums, t the sizes of ties. The note gives chi2 = m (n - 1) W with n - 1 degrees of freedom and its p.
    There is no interval. Blank: "too few" (under two reviewers or three proposals), "no variation", incomplete ratings.
    Source: Kendall & Babington Smith (1939), Ann. Math. Stat. 10:275-287; Siegel & Castellan (1988), section 9.7.
    """
    from scipy.special import chdtrc

    n, m = len(design.proposals), len(design.reviewers)
    if m < 2 or n < 3:
        return blank(NAME, n, f"{TOO_FEW}: under two reviewers or three proposals")
    if len(design.value) < n * m:
        return blank(NAME, n, INCOMPLETE)
    ranks = np.stack([mid_ranks(column) for column in design.value.reshape(n, m).T])
    sums = ranks.sum(axis=0)
    most = m**2 * (n**3 - n) - m * sum(ties(column) for column in ranks)
    if most == 0:
        return blank(NAME, n, NO_VARIATION)
    value = float(12 * ((sums - sums.mean()) ** 2).sum() / most)
    chi2 = m * (n - 1) * value
    note = f"chi2 {chi2:.4f}, {n - 1} degrees of freedom, p {float(chdtrc(n - 1, chi2)):.3g}"
    return Statistic(NAME, value, np.nan, np.nan, n, note)


def mid_ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, code, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[code.reshape(-1)])


def ties(ranks: Floats) -> float:
    """Sum of t^3 - t over groups of equal ranks."""
    count = np.unique(ranks, return_counts=True)[1].astype(float)
    return float((count**3 - count).sum())
