"""Intraclass correlations: the six forms for complete ratings, and from the two-way model for any ratings."""

import numpy as np

from scoring.advice.agreement.statistic import INCOMPLETE, NO_DISAGREEMENT, NO_VARIATION, TOO_FEW, Statistic, blank
from scoring.advice.calibrate.design import Design, Floats
from scoring.advice.calibrate.posterior import REVIEWER_SD, quadrature, sums_of

SINGLE = ("icc(1,1)", "icc(2,1)", "icc(3,1)")
MEAN = ("icc(1,k)", "icc(2,k)", "icc(3,k)")
COMPONENTS = (
    "icc_components_consistency(1)",
    "icc_components_agreement(1)",
    "icc_components_consistency(k)",
    "icc_components_agreement(k)",
)
ALIKE = "no variation between the proposals' means"
# Finer than for ranks: quantiles are read off the nodes.
NODES = 25

Interval = tuple[float, float, float]


def icc(design: Design, confidence: float) -> list[Statistic]:
    """The six forms of Shrout & Fleiss with exact F intervals; n proposals by k reviewers.

    With mean squares MSR (proposals), MSW (within), MSC (reviewers), MSE (rest):

        ICC(1,1) = (MSR - MSW)/(MSR + (k-1) MSW)                          ICC(1,k) = (MSR - MSW)/MSR
        ICC(2,1) = (MSR - MSE)/(MSR + (k-1) MSE + k (MSC - MSE)/n)        ICC(2,k) = (MSR - MSE)/(MSR + (MSC - MSE)/n)
        ICC(3,1) = (MSR - MSE)/(MSR + (k-1) MSE)                          ICC(3,k) = (MSR - MSE)/MSR

    (1,.): each proposal has other reviewers, equally many; (2,.): the same ones, drawn from many; (3,.): only these.
    (.,1): one reviewer's total; (.,k): the mean of k. Blank: "no variation", "too few", incomplete ratings ((1,.)
    needs equally many ratings each, (2,.) and (3,.) every reviewer on every proposal). Where nothing is left to
    chance (MSW or MSE 0) there is a value and no interval.
    Source: Shrout & Fleiss (1979), Psychological Bulletin 86:420-428; McGraw & Wong (1996), Psychological Methods
    1:30-46.
    """
    n, k = len(design.proposals), int(design.ratings[0])
    names = (*SINGLE, *MEAN)
    if n < 2 or design.ratings.max() < 2 or len(design.reviewers) < 2:
        return [blank(name, n, f"{TOO_FEW}: under two proposals or two ratings each") for name in names]
    if np.ptp(design.value) == 0:
        return [blank(name, n, NO_VARIATION) for name in names]
    if np.ptp(design.ratings) > 0:
        return [blank(name, n, INCOMPLETE) for name in names]
    value = design.value.reshape(n, k)
    if np.ptp(value.mean(axis=1)) < 1e-12 * np.ptp(value):
        return [blank(name, n, ALIKE) for name in names]
    forms = [one_way(value, confidence)]
    if k == len(design.reviewers):
        forms += [two_way_random(value, confidence), two_way_fixed(value, confidence)]
    found = {name: told(name, form, n) for name, form in zip(SINGLE, forms, strict=False)}
    found |= {name: told(name, stepped_up(form, k), n) for name, form in zip(MEAN, forms, strict=False)}
    return [found.get(name, blank(name, n, INCOMPLETE)) for name in names]


def told(name: str, form: Interval, n: int) -> Statistic:
    """A form as a row; without scatter F is endless and there is no interval."""
    value, low, high = form
    if np.isfinite(low) and np.isfinite(high):
        return Statistic(name, value, low, high, n, "")
    return Statistic(name, value, np.nan, np.nan, n, NO_DISAGREEMENT)


def stepped_up(form: Interval, k: int) -> Interval:
    """Spearman-Brown: from one reviewer's total to the mean of k, ends of the interval included."""
    value, low, high = (k * one / (1 + (k - 1) * one) for one in form)
    return value, low, high


def mean_squares(value: Floats) -> tuple[float, float, float, float]:
    """MSR, MSW, MSC, MSE of a complete n x k table."""
    n, k = value.shape
    centred = value - value.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    within = ((centred - rows[:, None]) ** 2).sum()
    rest = ((centred - rows[:, None] - columns) ** 2).sum()
    between = (k * (rows**2).sum() / (n - 1), within / (n * (k - 1)), n * (columns**2).sum() / (k - 1))
    return float(between[0]), float(between[1]), float(between[2]), float(rest / ((n - 1) * (k - 1)))


def one_way(value: Floats, confidence: float) -> Interval:
    """ICC(1,1)."""
    n, k = value.shape
    msr, msw, _, _ = mean_squares(value)
    return ratio_form(msr, msw, k, (n - 1, n * (k - 1)), confidence)


def two_way_fixed(value: Floats, confidence: float) -> Interval:
    """ICC(3,1)."""
    n, k = value.shape
    msr, _, _, mse = mean_squares(value)
    return ratio_form(msr, mse, k, (n - 1, (n - 1) * (k - 1)), confidence)


def ratio_form(msr: float, noise: float, k: int, free: tuple[int, int], confidence: float) -> Interval:
    """(F - 1)/(F + k - 1) for F = msr/noise, and the same with F at the ends of its interval."""
    value = (msr - noise) / (msr + (k - 1) * noise)
    if noise < 1e-12 * msr:
        return value, np.nan, np.nan
    ratio = msr / noise
    low, high = ratio / quantile(*free, confidence), ratio * quantile(*free[::-1], confidence)
    return value, (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)


def two_way_random(value: Floats, confidence: float) -> Interval:
    """ICC(2,1); its interval with Satterthwaite's degrees of freedom."""
    n, k = value.shape
    msr, _, msc, mse = mean_squares(value)
    icc = (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)
    if mse < 1e-12 * msr:
        return icc, np.nan, np.nan
    rows, columns = n * (1 + (k - 1) * icc) - k * icc, k * icc * msc / mse
    free = (k - 1) * (n - 1) * (columns + rows) ** 2 / ((n - 1) * columns**2 + rows**2)
    upper, lower = quantile(n - 1, free, confidence), quantile(free, n - 1, confidence)
    shared = k * msc + (k * n - k - n) * mse
    low = n * (msr - upper * mse) / (upper * shared + n * msr)
    return icc, low, n * (lower * msr - mse) / (shared + n * lower * msr)


def quantile(upper: float, lower: float, confidence: float) -> float:
    """The F quantile that leaves half of 1 - confidence above it."""
    from scipy.special import fdtri

    return float(fdtri(upper, lower, 0.5 + confidence / 2))


def icc_components(design: Design, scale: tuple[float, float] | None, confidence: float) -> list[Statistic]:
    """ICC from the two-way model of `calibrate`, for any pattern of who rated what: posterior mean and interval.

        consistency(1) = tau^2/(tau^2 + s^2)          agreement(1) = tau^2/(tau^2 + s^2 + (0.1 R)^2)

    (k): the same with the other variances divided by the harmonic mean of the numbers of ratings. Value and interval
    are posterior mean and central quantiles. R is the range of `scale`; without one the span of the totals stands in
    and the note says so. 0.1 R is the model's own severity, not one estimated from these reviewers.
    Blank: "no variation", "too few" (under two proposals, two reviewers, or no proposal with two ratings).
    """
    n = len(design.proposals)
    if n < 2 or len(design.reviewers) < 2 or design.ratings.max() < 2:
        return [blank(name, n, f"{TOO_FEW}: under two proposals or two ratings each") for name in COMPONENTS]
    if np.ptp(design.value) == 0:
        return [blank(name, n, NO_VARIATION) for name in COMPONENTS]
    low, high = scale or (float(design.value.min()), float(design.value.max()))
    note = "" if scale else f"scale not given: {low:g} to {high:g} as observed"
    nodes = quadrature(sums_of(design, low, high), NODES)
    many = 1 / float((1 / design.ratings).mean())
    proposals, rest, reviewers = nodes.tau**2, nodes.s**2, REVIEWER_SD**2
    others = (rest, rest + reviewers, rest / many, (rest + reviewers) / many)
    shares = [posterior_interval(proposals / (proposals + other), nodes.weight, confidence) for other in others]
    return [Statistic(name, *share, n, note) for name, share in zip(COMPONENTS, shares, strict=True)]


def posterior_interval(values: Floats, weight: Floats, confidence: float) -> Interval:
    """Mean and equal-tailed interval of weighted values, interpolated between the middles of the weights."""
    order = np.argsort(values)
    middle = np.cumsum(weight[order]) - weight[order] / 2
    low, high = np.interp((0.5 - confidence / 2, 0.5 + confidence / 2), middle, values[order])
    return float(weight @ values), float(low), float(high)
