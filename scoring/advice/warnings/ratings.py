"""Checks of totals against the two-way model: severity, outlying, disagreeing, close and decisive ratings."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from scoring.advice.calibrate import LEAST_LOAD
from scoring.advice.calibrate.design import (
    Booleans,
    Design,
    Floats,
    Integers,
    chosen,
    positions,
    refuse_blank_ids,
    summed,
)
from scoring.advice.calibrate.posterior import LEAST_S, Nodes, Sums, quadrature, solutions, sums_of
from scoring.advice.calibrate.ranks import effects_of
from scoring.advice.warnings.flag import Check, Flag, benjamini_hochberg, not_run

SURE = 0.95
# Measured: 0.2 to 0.6 % of reviewers with a true sd of 0.25 grades are flagged.
SEVERITY_FALSE_ALARMS = 0.005
LEAST_RATINGS = 3
OUTLYING = 3.0
OUTLYING_SHARE = 0.1
DISAGREEING_SHARE = 0.05
DECISIVE = 2.5
LEAST_CLOSE = 10
CLOSE_P = 0.01
SHUFFLES = 1999
NO_CHANCE = "the ratings agree perfectly: there is no chance variation to compare with"


class Fitted(NamedTuple):
    """Each rating against the model at the posterior mean of (tau, s), for N ratings in points of the scale.

    `residual`: y - ybar - nu_j, what is left of a total when severity is taken out (proposal still in it);
    `surprise`: y - m, with m predicted from all other ratings; `t`: the same over its standard deviation; `s`.
    """

    design: Design
    sums: Sums
    nodes: Nodes
    span: float
    residual: Floats
    surprise: Floats
    t: Floats
    s: float


def fitted(design: Design, low: float, high: float) -> Fitted:
    """Leave-one-out in closed form: with u = e_j - d_i B_i and h = d_i + u' S^-1 u

    t = e / (s sqrt(1 - h)),   y - m = e / (1 - h),   e = y - ybar - theta_i - nu_j
    """
    sums = sums_of(design, low, high)
    nodes = quadrature(sums)
    mean = Nodes(np.array([nodes.weight @ nodes.tau]), np.array([nodes.weight @ nodes.s]), np.ones(1))
    solved = next(solutions(sums, mean))
    row, column, span = design.row, design.column, high - low
    d = solved.d[0][sums.members][row]
    inverse = solved.inverse[0].T @ solved.inverse[0]
    shared = (sums.table @ inverse)[sums.members][row, column]
    around = summed(shared, row, len(design.proposals))[row]
    left = 1 - d - (inverse[column, column] - 2 * d * shared + d**2 * around)
    residual = (design.value - sums.mean) / span - solved.nu[0][column]
    error = residual - solved.theta[0][sums.members][row]
    s = float(mean.s[0])
    return Fitted(
        design, sums, nodes, span, span * residual, span * error / left, error / (s * np.sqrt(left)), span * s
    )


def severity(fit: Fitted) -> Check:
    """P(|nu_j| > 0.1 R) >= .95 for reviewers with 10 or more ratings beside colleagues; points: positive = stricter."""
    judged = np.flatnonzero(fit.design.shared_loads >= LEAST_LOAD)
    if not len(judged):
        return not_run("severity", f"too few: no reviewer has {LEAST_LOAD} ratings beside colleagues")
    effects = effects_of(fit.sums, fit.nodes, ranks=False)
    flags = [
        Flag(
            "severity",
            None,
            fit.design.reviewers[j],
            int(fit.design.loads[j]),
            "chance to lie more than a tenth of the scale from colleagues",
            float(effects.beyond[j]),
            float(0.0 - fit.span * effects.nu[j]),
        )
        for j in judged
        if effects.beyond[j] >= SURE
    ]
    return Check("severity", len(judged), SEVERITY_FALSE_ALARMS * len(judged), flags)


def outlying_rating(fit: Fitted) -> Check:
    """|t| > 3, or Benjamini-Hochberg at .1 over all ratings of proposals with three or more."""
    p, tested = tail(fit)
    if not len(tested):
        return not_run("outlying_rating", f"too few: no proposal has {LEAST_RATINGS} ratings")
    found = (np.abs(fit.t[tested]) > OUTLYING) | benjamini_hochberg(p[tested], OUTLYING_SHARE)
    flags = [rating_flag("outlying_rating", fit, int(at), float(p[at])) for at in tested[found]]
    return Check("outlying_rating", len(tested), 0.0027 * len(tested) + OUTLYING_SHARE, flags)


def tail(fit: Fitted) -> tuple[Floats, Integers]:
    """Two-sided p of every rating, and the places of those that may be tested."""
    from scipy.special import ndtr

    tested = np.flatnonzero(fit.design.ratings[fit.design.row] >= LEAST_RATINGS)
    return np.asarray(2 * ndtr(-np.abs(fit.t))), tested


def rating_flag(check: str, fit: Fitted, index: int, p: float) -> Flag:
    """A warning about one rating; n is the number of ratings of its proposal."""
    row, column = fit.design.row[index], fit.design.column[index]
    proposal, reviewer = fit.design.proposals[row], fit.design.reviewers[column]
    n, t, points = int(fit.design.ratings[row]), float(fit.t[index]), float(fit.surprise[index])
    return Flag(check, proposal, reviewer, n, "t against all other ratings", t, points, p)


def disagreement(fit: Fitted) -> Check:
    """Q_i = sum_j e_ij^2/s^2 against chi2(n_i - 1), e free of severity and of the proposal's mean; BH at .05."""
    from scipy.special import chdtrc

    ratings = fit.design.ratings
    tested = np.flatnonzero(ratings >= LEAST_RATINGS)
    if not len(tested):
        return not_run("disagreement", f"too few: no proposal has {LEAST_RATINGS} ratings")
    squares = scatter(fit)
    p = np.asarray(chdtrc(ratings - 1, squares / fit.s**2), dtype=float)
    found = tested[benjamini_hochberg(p[tested], DISAGREEING_SHARE)]
    flags = [scatter_flag(fit, int(i), float(squares[i]), float(p[i])) for i in found]
    return Check("disagreement", len(tested), DISAGREEING_SHARE, flags)


def scatter_flag(fit: Fitted, i: int, squares: float, p: float) -> Flag:
    """A warning about one proposal; points: standard deviation of its ratings free of severity."""
    n, proposal = int(fit.design.ratings[i]), fit.design.proposals[i]
    points = float(np.sqrt(squares / (n - 1)))
    return Flag("disagreement", proposal, None, n, "chi2 of the scatter", squares / fit.s**2, points, p)


def scatter(fit: Fitted) -> Floats:
    """Sum of squares of a proposal's ratings about their mean once severity is taken out, length I, squared points."""
    row, proposals = fit.design.row, len(fit.design.proposals)
    mean = summed(fit.residual, row, proposals) / fit.design.ratings
    return summed((fit.residual - mean[row]) ** 2, row, proposals)


def closeness(fit: Fitted, close: pd.DataFrame | None, seed: int) -> Check:
    """Do reviewers rate proposals they are close to differently? Pooled over all, shuffled inside each reviewer.

    points: mean surprise of close less other ratings of the same reviewers. Runs from 10 close ratings on: per reviewer
    with 10 ratings, 3 of them close, only 1.5 to 2 grades would show.
    """
    if close is None:
        return not_run("closeness", "needs the pairs who are close")
    own = is_close(fit.design, close).astype(float)
    share = summed(own, fit.design.column, len(fit.design.reviewers)) / fit.design.loads
    mixed = ((share > 0) & (share < 1))[fit.design.column]
    own, surprise, reviewer = own[mixed], fit.surprise[mixed], fit.design.column[mixed]
    if own.sum() < LEAST_CLOSE:
        return not_run("closeness", f"too few: under {LEAST_CLOSE} close ratings by reviewers who rated others too")
    weight = (own - share[reviewer]) / (own * (1 - share[reviewer])).sum()
    found = float(weight @ surprise)
    shuffled = shuffles(weight, surprise, reviewer, seed)
    p = float(1 + (np.abs(shuffled) >= abs(found) - 1e-12).sum()) / (1 + SHUFFLES)
    flag = Flag("closeness", None, None, int(own.sum()), "difference of mean surprise", found, found, p)
    return Check("closeness", 1, CLOSE_P, [flag] if p < CLOSE_P else [])


def is_close(design: Design, close: pd.DataFrame) -> Floats:
    """1 for the ratings whose pair stands in `close` (proposal, reviewer)."""
    pairs = chosen(close, ["proposal", "reviewer"])
    refuse_blank_ids(pairs, ["proposal", "reviewer"])
    rows = positions(pairs["proposal"].to_numpy(dtype=object), design.proposals)
    columns = positions(pairs["reviewer"].to_numpy(dtype=object), design.reviewers)
    width = len(design.reviewers)
    known = (rows >= 0) & (columns >= 0)
    return np.isin(design.row * width + design.column, (rows * width + columns)[known]).astype(float)


def shuffles(weight: Floats, values: Floats, group: Integers, seed: int) -> Floats:
    """Weighted sums after shuffling the values inside each group, SHUFFLES times."""
    random = np.random.default_rng(seed)
    order = np.argsort(group, kind="stable")
    weight, values, group = weight[order], values[order], group[order]
    return np.array([weight @ values[np.argsort(group + random.random(len(group)))] for _ in range(SHUFFLES)])


def decisive_extreme(fit: Fitted, low: float, high: float, top: int | None) -> Check:
    """Totals at an end of the scale without which the mean's place among the `top` would change, and |t| > 2.5."""
    if top is None:
        return not_run("decisive_extreme", "needs the number of places")
    p, tested = tail(fit)
    value = fit.design.value[tested]
    at_end = (np.abs(value - low) < 1e-9 * fit.span) | (np.abs(value - high) < 1e-9 * fit.span)
    tested = tested[at_end & decisive(fit.design, top)[tested]]
    flags = [rating_flag("decisive_extreme", fit, int(at), float(p[at])) for at in tested if abs(fit.t[at]) > DECISIVE]
    return Check("decisive_extreme", len(tested), 0.0124 * len(tested), flags)


def decisive(design: Design, top: int) -> Booleans:
    """Whether the proposal's mean would enter or leave the best `top` means without this rating, length N."""
    sums, ratings = design.proposal_sums, design.ratings
    means = sums / ratings
    ordered = np.sort(means)
    row = design.row
    without = (sums[row] - design.value) / np.maximum(ratings[row] - 1, 1)
    slack = 1e-9 * np.ptp(design.value)
    before = len(ordered) - np.searchsorted(ordered, means[row] + slack, side="right")
    after = len(ordered) - np.searchsorted(ordered, without + slack, side="right") - (means[row] > without + slack)
    return np.asarray((before < top) != (after < top))


def no_chance(fit: Fitted) -> bool:
    """Whether the residual scatter sits at the model's floor, so that every test would fire on nothing."""
    return fit.s < 3 * LEAST_S * fit.span
