"""Choosing rows under limits in whole numbers, exactly: the solver proposes, whole numbers decide."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
AT_ONCE = 20  # rows whose weights 1, 2, 4, ... the solver can tell apart without rounding
FREE = -1
MARGIN = 1e-5  # of a limit: more than the solver's tolerance, so that it never excludes what is exactly possible


@dataclass(frozen=True)
class Limits:
    """Limits on a choice of rows, in whole numbers: `weights` @ choice <= `most`, `members` @ choice >= `least`.

    `caps` names the rows of weights (places, budget, quota:<column>=<value>), `minima` those of members.
    """

    caps: list[str]
    weights: Ints
    most: Ints
    minima: list[str]
    members: Ints
    least: Ints

    def missing(self, choice: Ints) -> Ints:
        return np.maximum(self.least - self.members @ choice, 0)


def first_in_order(limits: Limits) -> Ints:
    """The choice (0 or 1 a row) that is greatest in the order of the rows, with as little missing as possible."""
    rows = limits.weights.shape[1]
    choice = np.full(rows, FREE)
    missing = int(limits.missing(cheapest(limits, np.zeros(rows), choice, None)).sum())
    for start in range(0, rows, AT_ONCE):
        here = np.arange(start, min(start + AT_ONCE, rows))
        cost = np.zeros(rows)
        cost[here] = -(2.0 ** np.arange(len(here))[::-1])
        choice[here] = cheapest(limits, cost, choice, missing)[here]
    return choice


def cheapest(limits: Limits, cost: Floats, choice: Ints, missing: int | None) -> Ints:
    """The choice of least cost that keeps what is fixed (0 or 1, not FREE); missing None: as little as possible."""
    found = _attempt(limits, cost, choice, missing)
    assert found is not None, "choosing nothing more is always possible"
    return found


def possible(limits: Limits, choice: Ints, missing: int) -> bool:
    """Whether what is fixed can be completed with no more missing than that."""
    return _attempt(limits, np.zeros(len(choice)), choice, missing) is not None


def _attempt(limits: Limits, cost: Floats, choice: Ints, missing: int | None) -> Ints | None:
    """Solves with every cap a margin too wide, and cuts off what breaks one in whole numbers, until nothing does.

    A solver that calculates in floats cannot be trusted with limits in cents: near the limit it takes what is too much
    and drops what just fits.
    """
    rows, slacks = len(cost), len(limits.least)
    matrix, bound = _program(limits, missing)
    price = np.concatenate([cost, np.full(slacks, 1.0 if missing is None else 0.0)])
    lower = np.concatenate([np.where(choice == 1, 1.0, 0.0), np.zeros(slacks)])
    upper = np.concatenate([np.where(choice == 0, 0.0, 1.0), limits.least])
    whole = np.ones(rows + slacks, dtype=np.int64)
    while rows:
        within = LinearConstraint(matrix, -np.inf, bound)
        found = milp(
            price, integrality=whole, bounds=Bounds(lower, upper), constraints=within, options={"mip_rel_gap": 0.0}
        )
        if found.x is None:
            return None
        taken = np.round(found.x[:rows]).astype(np.int64)
        covers = [_cover(weights, most, taken) for weights, most in zip(limits.weights, limits.most, strict=True)]
        broken = [cover for cover in covers if cover.any()]
        if not broken:
            return taken
        matrix = np.vstack([matrix, *(np.concatenate([cover, np.zeros(slacks)]) for cover in broken)])
        bound = np.concatenate([bound, [cover.sum() - 1 for cover in broken]])
    return choice


def _program(limits: Limits, missing: int | None) -> tuple[Floats, Floats]:
    """Rows and bounds over the choice and, for each minimum, how much is missing."""
    slacks = len(limits.least)
    scale = np.maximum(limits.most, 1).astype(float)
    caps = np.column_stack([limits.weights / scale[:, None], np.zeros((len(limits.caps), slacks))])
    minima = np.column_stack([-limits.members, -np.eye(slacks)])
    matrix, bound = np.vstack([caps, minima]), np.concatenate([limits.most / scale + MARGIN, -limits.least])
    if missing is None:
        return matrix, bound
    together = np.repeat([0.0, 1.0], [limits.weights.shape[1], slacks])
    return np.vstack([matrix, together]), np.append(bound, missing)


def _cover(weights: Ints, most: int, taken: Ints) -> Ints:
    """A least part of the taken rows that is too much together; all 0 if they are not. Not all of it may be taken."""
    over = int(weights @ taken) - most
    cover: Ints = taken * (over > 0)
    for row in np.argsort(weights, kind="stable"):
        if cover[row] and weights[row] < over:
            cover[row] = 0
            over -= int(weights[row])
    return cover
