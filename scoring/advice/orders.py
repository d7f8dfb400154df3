"""One order out of many, for committees that hand in orders instead of marks: Borda's count and Kemeny's order."""

from collections.abc import Hashable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from scoring.advice.calibrate.design import (
    Floats,
    Integers,
    chosen,
    numbers,
    positions,
    refuse_blank_ids,
    refuse_duplicates,
)
from scoring.errors import ScoresError
from scoring.marks.frames import in_order

MOST_PROPOSALS = 60
MOST_VOTES = 1_000_000


class Kemeny(NamedTuple):
    """`ranking`: proposal, rank, best first; `score`: how many votes for "this before that" it agrees with."""

    ranking: pd.DataFrame
    score: float


def borda(orders: pd.DataFrame) -> pd.DataFrame:
    """Points for every proposal that somebody puts behind it: proposal, points, rank (equal points, equal rank).

    `orders`: one row per reviewer and proposal with `reviewer`, `proposal`, `position` (1 = best; equal positions are
    ties and share their points; blank = not placed, counts for nothing) and optionally `votes` (how many people hand in
    this order, default 1). Row order does not matter.
    Formula: points_i = sum of votes x (number placed behind i + half the number tied with i).
    Raises ScoresError for missing columns, blank ids, duplicates, no position at all, positions that are no numbers,
    votes that are no whole numbers from 0 to 1,000,000 or not the same within an order.
    Source: Borda (1781), Memoire sur les elections au scrutin.
    """
    proposals, before = preferences(orders)
    points = before.sum(axis=1)
    frame = pd.DataFrame({"proposal": proposals, "points": points})
    frame["rank"] = frame["points"].rank(ascending=False, method="min").astype(int)
    return frame.sort_values(["rank"], kind="stable", ignore_index=True)


def kemeny(orders: pd.DataFrame) -> Kemeny:
    """The order that contradicts the fewest votes for "this before that"; exact.

    `orders` and errors as for `borda`; up to 60 proposals. Formula: max sum w_ij x_ij over orders, w_ij the votes for i
    before j, as an integer program with x_ij + x_jk - x_ik in [0, 1] for i < j < k. Of several best orders that nearest
    to Borda's, then by key. Time grows steeply: 20 proposals 0.05 s, 40 about 0.5 s.
    Source: Kemeny (1959), Daedalus 88:577-591; Young & Levenglick (1978), SIAM J. Appl. Math. 35:285-300.
    """
    proposals, before = preferences(orders)
    if len(proposals) > MOST_PROPOSALS:
        raise ScoresError(
            f"{len(proposals)} proposals are more than {MOST_PROPOSALS}: an exact order would take too long"
        )
    first = nearest_order(before)
    ranked = sorted(range(len(proposals)), key=lambda i: -first[i].sum())
    ranking = pd.DataFrame({"proposal": [proposals[i] for i in ranked], "rank": range(1, len(ranked) + 1)})
    return Kemeny(ranking, float((before * first).sum()))


def preferences(orders: pd.DataFrame) -> tuple[list[Hashable], Floats]:
    """The proposals in order of keys, and how many votes put i before j (ties half to each side)."""
    frame = chosen(orders, ["reviewer", "proposal", "position"])
    refuse_blank_ids(frame, ["reviewer", "proposal"])
    refuse_duplicates(frame, ["reviewer", "proposal"])
    position = numbers(frame, "position")
    votes = numbers(orders.reset_index(drop=True), "votes") if "votes" in orders.columns else np.ones(len(frame))
    if np.isnan(position).all():
        raise ScoresError("there is no position: every row is blank" if len(frame) else "there is no position: no rows")
    if not ((votes >= 0) & (votes <= MOST_VOTES)).all() or (votes % 1).any():
        raise ScoresError(f"votes must be whole numbers from 0 to {MOST_VOTES}")
    proposals = in_order(frame["proposal"])
    row = positions(frame["proposal"].to_numpy(dtype=object), proposals)
    before = np.zeros((len(proposals), len(proposals)))
    for places in frame[frame["position"].notna()].groupby("reviewer", sort=True).groups.values():
        at = np.asarray(places, dtype=np.intp)
        if np.ptp(votes[at]) > 0:
            raise ScoresError(f"votes of reviewer {frame['reviewer'].iloc[at[0]]!r} differ within one order")
        gap = position[at] - position[at][:, None]
        before[np.ix_(row[at], row[at])] += votes[at][:, None] * ((gap > 0) + 0.5 * (gap == 0))
    np.fill_diagonal(before, 0.0)
    return proposals, before


def nearest_order(before: Floats) -> Floats:
    """1 where i stands before j in the best order, for n x n votes."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    n = len(before)
    pairs = list(combinations(range(n), 2))
    number = {pair: at for at, pair in enumerate(pairs)}
    first = np.zeros((n, n))
    if not pairs:
        return first
    points = before.sum(axis=1)
    # Whole votes differ by 1 at least, all nudges together by less: they only choose among equally good orders.
    nudge = np.array([1.0 if points[i] >= points[j] else -1.0 for i, j in pairs]) / (2 * len(pairs) + 2)
    gain = np.array([before[i, j] - before[j, i] for i, j in pairs]) + nudge
    rows = np.array([(number[i, j], number[j, k], number[i, k]) for i, j, k in combinations(range(n), 3)], dtype=int)
    limits = [LinearConstraint(triangles(rows, len(pairs)), 0, 1)] if len(rows) else []
    whole = np.ones(len(pairs), dtype=np.intp)
    found = milp(-gain, constraints=limits, integrality=whole, bounds=Bounds(0, 1), options={"mip_rel_gap": 0})
    for (i, j), ahead in zip(pairs, np.round(np.asarray(found.x, dtype=float)), strict=True):
        first[i, j], first[j, i] = ahead, 1 - ahead
    return first


def triangles(rows: Integers, pairs: int) -> Any:
    """x_ij + x_jk - x_ik for every three proposals, as a sparse matrix."""
    from scipy.sparse import csr_array

    at = np.repeat(np.arange(len(rows)), 3)
    return csr_array((np.tile([1.0, 1.0, -1.0], len(rows)), (at, rows.ravel())), shape=(len(rows), pairs))
