"""The two-way model y = general mean + proposal + reviewer + chance, its two variances integrated by quadrature.

Source: Heyard, Ott, Salanti, Egger (2022), Rethinking the Funding Line at the Swiss National Science Foundation,
Statistics and Public Policy 9:110-121. For total y_ij of proposal i by reviewer j on a scale of range R:

    y_ij = ybar + theta_i + nu_j + e_ij,   theta_i ~ N(0, tau^2),   nu_j ~ N(0, (0.1 R)^2),   e_ij ~ N(0, s^2)

ybar is the mean of the proposals' means. Each pair is seen once, so of the residual variance sigma^2 and the variance
tau_l^2 of a reviewer's own taste only the sum s^2 can be learnt. With tau, sigma, tau_l ~ U(0, T), T = 0.4 R:

    p(s) = s pi/2                            for s <= T
    p(s) = s (pi/2 - 2 arccos(T/s))          for T < s <= sqrt(2) T

Given (tau, s) all is normal and in closed form. With lam = s^2/tau^2, kap = s^2/(0.1 R)^2, B the I x J table of who
rated what, d_i = 1/(n_i + lam), D = diag(d), and y_p, y_r the row and column sums of y - ybar:

    S = diag(n_j + kap) - B'DB,   b = y_r - B'D y_p,   nu = S^-1 b,   theta = D (y_p - B nu)
    Cov(nu) = s^2 S^-1,   Cov(theta) = s^2 (D + D B S^-1 B' D),   Q = y'y - y_p'D y_p - b'nu
    log p(y | tau, s) = -1/2 [N log s^2 + I log tau^2 + J log (0.1 R)^2 + sum log(n_i + lam) + log|S|
                              - (I + J) log s^2 + Q/s^2] + const

Everything here is in units of R, so that another unit for the same marks and scale gives the same ranks.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scoring.advice.calibrate.design import Design, Floats, Integers, summed
from scoring.errors import ScoresError

REVIEWER_SD = 0.1
TOP = 0.4
LEAST_TAU = 1e-6
# Ratings that agree perfectly have no least s; a thousandth of the scale keeps the algebra well-conditioned.
LEAST_S = 1e-3
# The box around the mode holds 99.8 % of a normal posterior. Against the whole plane it moves an expected rank by less
# than 0.006 from eight proposals on and by 0.02 below, where intervals are as wide as the list.
DEPTH = 6.5
SCAN = 13
NODES = 15
LEAST_WEIGHT = 1e-6
MOST_REVIEWERS = 1000
# Numbers in one block: small enough for the processor's cache.
CHUNK = 400_000


class Sums(NamedTuple):
    """What the likelihood needs of a design, in units of the range R.

    Proposals with the same reviewers and the same sum cannot be told apart and form one of K classes; `pattern` (K)
    points into the P different reviewer sets `patterns` (P x J of 0 and 1), `table` (K x J) is B for the classes,
    `members` (I) points from proposals to classes, `alike` (K) says how many share one. `gram` (U x J x J) is B'B
    summed apart for each of the U different numbers of ratings `gram_ratings`; `gram_of` (K) points into them.
    """

    mean: float
    patterns: Floats
    pattern: Integers
    table: Floats
    members: Integers
    alike: Floats
    proposal_sums: Floats
    reviewer_sums: Floats
    squares: float
    loads: Floats
    grams: Floats
    gram_of: Integers
    gram_ratings: Floats
    size: int


class Nodes(NamedTuple):
    """G points (tau, s) in units of R and their weights, which sum to 1."""

    tau: Floats
    s: Floats
    weight: Floats


class Solved(NamedTuple):
    """The normal posterior at some of the nodes (leading axis G), for K classes, J reviewers, P patterns.

    `theta` (G x K), `nu` (G x J), `d` (G x K), `inverse` (G x J x J): L^-1 of the Cholesky factor S = L L'.
    """

    nodes: Nodes
    theta: Floats
    nu: Floats
    d: Floats
    inverse: Floats


def sums_of(design: Design, low: float, high: float) -> Sums:
    """Centres the totals at the mean of the proposals' means, scales by R and groups what cannot be told apart."""
    refuse_too_many(design)
    ratings = design.ratings.astype(float)
    span = high - low
    mean = float((design.proposal_sums / ratings).mean())
    centred = (design.value - mean) / span
    patterns, of_proposal = reviewer_sets(design)
    totals = np.round((design.proposal_sums - ratings * mean) / span, 10)
    keys = np.column_stack([of_proposal.astype(float), totals])
    classes, members, alike = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    pattern = classes[:, 0].astype(np.intp)
    gram_ratings, gram_of, grams = reviewer_grams(patterns, of_proposal)
    return Sums(
        mean=mean,
        patterns=patterns,
        pattern=pattern,
        table=patterns[pattern],
        members=members.reshape(-1),
        alike=alike.astype(float),
        proposal_sums=classes[:, 1],
        reviewer_sums=summed(centred, design.column, len(design.reviewers)),
        squares=float(centred @ centred),
        loads=design.loads.astype(float),
        grams=grams,
        gram_of=gram_of[pattern],
        gram_ratings=gram_ratings,
        size=len(design.value),
    )


def refuse_too_many(design: Design) -> None:
    """ScoresError where the dense reviewer block would not fit: those data want `reml`."""
    if len(design.reviewers) > MOST_REVIEWERS:
        raise ScoresError(f"{len(design.reviewers)} reviewers are more than {MOST_REVIEWERS}: use reml for such data")


def reviewer_sets(design: Design) -> tuple[Floats, Integers]:
    """The different sets of reviewers as rows of 0 and 1 (P x J), and which one each proposal has (I)."""
    starts = np.flatnonzero(np.diff(design.row, prepend=-1))
    seen: dict[bytes, int] = {}
    of_proposal = np.empty(len(starts), dtype=np.intp)
    firsts: list[Integers] = []
    for proposal, columns in enumerate(np.split(design.column, starts[1:])):
        of_proposal[proposal] = seen.setdefault(columns.tobytes(), len(firsts))
        if of_proposal[proposal] == len(firsts):
            firsts.append(columns)
    patterns = np.zeros((len(firsts), len(design.reviewers)))
    for index, columns in enumerate(firsts):
        patterns[index, columns] = 1.0
    return patterns, of_proposal


def reviewer_grams(patterns: Floats, of_proposal: Integers) -> tuple[Floats, Integers, Floats]:
    """B'B summed apart for each different number of ratings (U): those numbers, which one a pattern has, U x J x J."""
    ratings = patterns.sum(axis=1)
    different, which = np.unique(ratings, return_inverse=True)
    times = np.bincount(of_proposal, minlength=len(patterns)).astype(float)
    own = [which == u for u in range(len(different))]
    grams = np.stack([(patterns[rows].T * times[rows]) @ patterns[rows] for rows in own])
    return different, which.reshape(-1), grams


def log_posterior(sums: Sums, tau: Floats, s: Floats) -> Floats:
    """Log of likelihood times prior at G points (formula above), up to a constant."""
    return np.concatenate([_log_posterior(sums, tau[part], s[part]) for part in chunks(len(tau), len(sums.loads) ** 2)])


def _log_posterior(sums: Sums, tau: Floats, s: Floats) -> Floats:
    factor, nu, right, d = reviewers_given(sums, tau, s)
    misfit = sums.squares - (d * sums.proposal_sums**2) @ sums.alike - np.einsum("gj,gj->g", right, nu)
    log_system = 2 * np.log(np.diagonal(factor, axis1=1, axis2=2)).sum(axis=1)
    # I log tau^2 + sum log(n_i + lam), written so that it stays finite as tau goes to 0.
    log_proposals = np.log(s[:, None] ** 2 + sums.gram_ratings[sums.gram_of] * tau[:, None] ** 2) @ sums.alike
    free = sums.size - sums.alike.sum() - len(sums.loads)
    logs = free * np.log(s**2) + log_proposals + log_system + misfit / s**2
    return np.asarray(log_prior(s) - 0.5 * logs)


def log_prior(s: Floats) -> Floats:
    """Log density of s = sqrt(sigma^2 + tau_l^2) when both are uniform up to T (in units of R)."""
    beyond = np.arccos(np.minimum(TOP / s, 1.0))
    return np.asarray(np.log(s) + np.log(np.maximum(np.pi / 2 - 2 * beyond, 1e-300)))


def reviewers_given(sums: Sums, tau: Floats, s: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """At G nodes: Cholesky factor of S (G x J x J), nu = S^-1 b and b (G x J), and d of the classes (G x K)."""
    by_ratings = tau[:, None] ** 2 / (s[:, None] ** 2 + sums.gram_ratings * tau[:, None] ** 2)
    d = by_ratings[:, sums.gram_of]
    system = -np.tensordot(by_ratings, sums.grams, axes=1)
    diagonal = np.arange(len(sums.loads))
    system[:, diagonal, diagonal] += sums.loads + (s[:, None] / REVIEWER_SD) ** 2
    right = sums.reviewer_sums - (d * sums.proposal_sums * sums.alike) @ sums.table
    nu = np.asarray(np.linalg.solve(system, right[:, :, None])[:, :, 0], dtype=float)
    return np.asarray(np.linalg.cholesky(system), dtype=float), nu, right, d


def quadrature(sums: Sums, nodes: int = NODES) -> Nodes:
    """Gauss-Legendre nodes over the box in which the log posterior lies within DEPTH of its greatest value."""
    tau_low, tau_high, s_low, s_high = box_of(sums)
    point, weight = np.polynomial.legendre.leggauss(nodes)
    tau, s = (grid.ravel() for grid in np.meshgrid(between(tau_low, tau_high, point), between(s_low, s_high, point)))
    logs = log_posterior(sums, tau, s)
    weights = np.outer(weight, weight).ravel() * np.exp(logs - logs.max())
    weights /= weights.sum()
    kept = weights >= LEAST_WEIGHT
    return Nodes(tau[kept], s[kept], weights[kept] / weights[kept].sum())


def between(low: float, high: float, point: Floats) -> Floats:
    """Points of [-1, 1] moved into [low, high]."""
    return low + (high - low) * (point + 1) / 2


def box_of(sums: Sums) -> tuple[float, float, float, float]:
    """Zooms a SCAN x SCAN grid until the part worth integrating fills it: (tau low, tau high, s low, s high)."""
    box = (LEAST_TAU, TOP, LEAST_S, np.sqrt(2.0) * TOP * (1 - 1e-9))
    for _ in range(20):
        tau, s = np.linspace(box[0], box[1], SCAN), np.linspace(box[2], box[3], SCAN)
        logs = log_posterior(sums, np.repeat(tau, SCAN), np.tile(s, SCAN)).reshape(SCAN, SCAN)
        along_tau, along_s = logs.max(axis=1), logs.max(axis=0)
        padded = (*padded_part(tau, along_tau), *padded_part(s, along_s))
        if padded[1] - padded[0] > 0.6 * (box[1] - box[0]) and padded[3] - padded[2] > 0.6 * (box[3] - box[2]):
            break
        box = padded
    return (*crossings(tau, along_tau), *crossings(*at_the_cliff(sums, tau, s, along_s)))


def at_the_cliff(sums: Sums, tau: Floats, s: Floats, logs: Floats) -> tuple[Floats, Floats]:
    """The scan of s, the step in which it rises above the depth halved until its lower end lies close below.

    With few ratings the density falls off a cliff towards s = 0: a straight line down that step would cut off too much.
    """
    while True:
        first = int(np.argmax(logs > logs.max() - DEPTH))
        if first == 0 or logs[first - 1] > logs.max() - 1.5 * DEPTH:
            return s, logs
        middle = (s[first - 1] + s[first]) / 2
        greatest = log_posterior(sums, tau, np.full(len(tau), middle)).max()
        s, logs = np.insert(s, first, middle), np.insert(logs, first, greatest)


def padded_part(at: Floats, logs: Floats) -> tuple[float, float]:
    """The part of a scan within DEPTH of the greatest value, and one step more on each side."""
    kept = np.flatnonzero(logs > logs.max() - DEPTH)
    return float(at[max(kept[0] - 1, 0)]), float(at[min(kept[-1] + 1, len(at) - 1)])


def crossings(at: Floats, logs: Floats) -> tuple[float, float]:
    """Where a scan rises above and falls below its greatest value minus DEPTH, between the steps."""
    over = logs - logs.max() + DEPTH
    kept = np.flatnonzero(over > 0)
    first, last = int(kept[0]), int(kept[-1])
    low, high = at[first], at[last]
    if first > 0:
        low -= (at[first] - at[first - 1]) * over[first] / (over[first] - over[first - 1])
    if last < len(at) - 1:
        high += (at[last + 1] - at[last]) * over[last] / (over[last] - over[last + 1])
    return float(low), float(high)


def solutions(sums: Sums, nodes: Nodes) -> Iterator[Solved]:
    """The posterior at all nodes, some at a time so that memory stays bounded."""
    widest = max(len(sums.loads) * max(len(sums.loads), len(sums.patterns)), len(sums.alike) ** 2)
    for part in chunks(len(nodes.tau), widest):
        some = Nodes(nodes.tau[part], nodes.s[part], nodes.weight[part])
        factor, nu, _, d = reviewers_given(sums, some.tau, some.s)
        theta = d * (sums.proposal_sums - nu @ sums.table.T)
        yield Solved(some, theta, nu, d, np.asarray(np.linalg.inv(factor), dtype=float))


def chunks(length: int, width: int, most: int = CHUNK) -> Iterator[slice]:
    """Slices of 0..length so that a slice times width stays under `most` numbers."""
    step = max(1, most // max(width, 1))
    for start in range(0, length, step):
        yield slice(start, min(start + step, length))
