"""What the posterior says about ranks: expected ranks in closed form, rank quantiles and chances by seeded draws."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from scoring.advice.calibrate.design import Floats
from scoring.advice.calibrate.posterior import REVIEWER_SD, Nodes, Solved, Sums, chunks, solutions

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
DRAWS = 4000
# Above this many classes the closed form costs K^2 per node; the mean of the drawn ranks stands in.
MOST_PAIRED = 2000
BLOCK = 64_000


class Effects(NamedTuple):
    """Posterior of the effects in units of R, mixed over all nodes: K classes of proposals, J reviewers.

    `theta`, `theta_sd` (K), `nu`, `nu_sd` (J), `beyond` (J): chance that a reviewer lies more than 0.1 R from the
    others in either direction; `expected_rank` (K), blank where it was not asked for or K is too large.
    """

    theta: Floats
    theta_sd: Floats
    nu: Floats
    nu_sd: Floats
    beyond: Floats
    expected_rank: Floats


def effects_of(sums: Sums, nodes: Nodes, ranks: bool = True) -> Effects:
    """Means, standard deviations and, with `ranks`, expected ranks over the nodes.

    ER_i = 1 + sum_g w_g sum_{j != i} Phi((m_j - m_i) / sqrt(V_ii + V_jj - 2 V_ij)), with m, V of node g.
    """
    paired = ranks and len(sums.alike) <= MOST_PAIRED
    theta, theta_squares = np.zeros(len(sums.alike)), np.zeros(len(sums.alike))
    nu, nu_squares, beyond = (np.zeros(len(sums.loads)) for _ in range(3))
    rank = np.full(len(sums.alike), 0.5 if paired else np.nan)
    for solved in solutions(sums, nodes):
        weight = solved.nodes.weight
        # L^-1 patterns' (G x J x P), so that patterns S^-1 patterns' = spread' spread.
        spread = solved.inverse @ sums.patterns.T
        variance, nu_variance = proposal_variances(sums, solved, spread), reviewer_variances(solved)
        theta += weight @ solved.theta
        theta_squares += weight @ (variance + solved.theta**2)
        nu += weight @ solved.nu
        nu_squares += weight @ (nu_variance + solved.nu**2)
        beyond += weight @ chance_beyond(solved.nu, np.sqrt(nu_variance))
        if paired:
            rank += beaten_by(sums, solved, spread, variance)
    return Effects(theta, spread_of(theta_squares, theta), nu, spread_of(nu_squares, nu), beyond, rank)


def proposal_variances(sums: Sums, solved: Solved, spread: Floats) -> Floats:
    """V_ii = s^2 (d_i + d_i^2 (B S^-1 B')_ii), G x K."""
    own = np.einsum("gjp,gjp->gp", spread, spread)[:, sums.pattern]
    return np.asarray(solved.nodes.s[:, None] ** 2 * (solved.d + solved.d**2 * own))


def reviewer_variances(solved: Solved) -> Floats:
    """s^2 (S^-1)_jj, G x J."""
    return np.asarray(solved.nodes.s[:, None] ** 2 * np.einsum("gij,gij->gj", solved.inverse, solved.inverse))


def chance_beyond(mean: Floats, sd: Floats) -> Floats:
    """Chance that a normal effect lies outside plus or minus one tenth of the scale."""
    from scipy.special import ndtr  # loaded late: scipy costs more than all of scoring

    return ndtr((mean - REVIEWER_SD) / sd) + ndtr((-mean - REVIEWER_SD) / sd)


def beaten_by(sums: Sums, solved: Solved, spread: Floats, variance: Floats) -> Floats:
    """How many proposals a member of each class expects before it (K), weighted with the nodes' weights.

    Its own class counts one half each, itself included: expected rank = 1/2 + the sum over all nodes. Only pairs of the
    upper triangle are computed, block by block.
    """
    scaled = spread[:, :, sums.pattern] * (solved.nodes.s[:, None] * solved.d)[:, None, :]
    weight, alike = solved.nodes.weight, sums.alike
    before = np.zeros(len(alike))
    for rows in chunks(len(alike), scaled.shape[0] * len(alike), BLOCK):
        better = np.tensordot(weight, chance_better(scaled, variance, solved.theta, rows), axes=1)
        before[rows] += better @ alike[rows.start :]
        later = better[:, rows.stop - rows.start :]
        before[rows.stop :] += alike[rows] @ (weight.sum() - later)
    return before


def chance_better(scaled: Floats, variance: Floats, theta: Floats, rows: slice) -> Floats:
    """Phi((m_j - m_i) / sd of the difference) for classes i in `rows` and j from there on, one half where j is i."""
    from scipy.special import ndtr

    rest = slice(rows.start, None)
    apart = -2 * np.swapaxes(scaled[:, :, rows], 1, 2) @ scaled[:, :, rest]
    apart += variance[:, rows, None] + variance[:, None, rest]
    own = np.arange(rows.stop - rows.start)
    apart[:, own, own] = 1.0
    ahead = theta[:, None, rest] - theta[:, rows, None]
    return np.asarray(ndtr(np.divide(ahead, np.sqrt(apart, out=apart), out=ahead)))


def spread_of(squares: Floats, mean: Floats) -> Floats:
    """Standard deviation from the mean of squares."""
    return np.sqrt(np.maximum(squares - mean**2, 0.0))


class Ranks(NamedTuple):
    """Drawn ranks of K classes: `quantiles` (K x 5), `mean` (K), `within_top` (K, blank without a top)."""

    quantiles: Floats
    mean: Floats
    within_top: Floats


def drawn_ranks(sums: Sums, nodes: Nodes, top: int | None, seed: int) -> Ranks:
    """DRAWS joint draws of all proposals, ranked; the ranks of proposals of one class are pooled.

    A quantile q is the least rank r with at least a share q of the draws at r or better.
    """
    proposals = len(sums.members)
    ranks = np.empty((proposals, DRAWS), dtype=np.int32)
    done = 0
    for theta in draws(sums, nodes, np.random.default_rng(seed)):
        drawn_now = ranks[:, done : done + len(theta)].T
        np.put_along_axis(drawn_now, np.argsort(-theta, axis=1), np.arange(1, proposals + 1, dtype=np.int32), axis=1)
        done += len(theta)
    by_class = np.split(np.argsort(sums.members, kind="stable"), np.cumsum(sums.alike.astype(np.intp))[:-1])
    pooled = [ranks[members].ravel() for members in by_class]
    quantiles = np.stack([np.quantile(one, QUANTILES, method="inverted_cdf") for one in pooled])
    mean = np.array([one.mean() for one in pooled])
    within = np.array([(one <= top).mean() if top is not None else np.nan for one in pooled])
    return Ranks(quantiles.astype(float), mean, within)


def draws(sums: Sums, nodes: Nodes, random: np.random.Generator) -> Iterator[Floats]:
    """DRAWS draws of theta of every proposal in units of R, in blocks (draws x I), as many per node as its weight says.

    theta = D (y_p - B (nu + s L^-T z1)) + s sqrt(D) z2 with S = L L' and independent standard normal z1, z2.
    """
    shares = np.diff(np.floor(np.cumsum(nodes.weight) * DRAWS + 0.5).astype(int), prepend=0)
    begun = 0
    for solved in solutions(sums, nodes):
        for g in range(len(solved.nodes.s)):
            for part in chunks(int(shares[begun + g]), len(sums.members)):
                yield drawn(sums, solved, g, part.stop - part.start, random)
        begun += len(solved.nodes.s)


def drawn(sums: Sums, solved: Solved, g: int, size: int, random: np.random.Generator) -> Floats:
    """`size` draws of theta of every proposal at node g."""
    s, d = solved.nodes.s[g], solved.d[g]
    chance = random.standard_normal((size, len(sums.loads)))
    nu = solved.nu[g] + s * chance @ solved.inverse[g]
    centre = d * (sums.proposal_sums - nu @ sums.table.T)
    own = random.standard_normal((size, len(sums.members)))
    return np.asarray(centre[:, sums.members] + s * np.sqrt(d)[sums.members] * own)
