"""An assignment by chance within limits: nobody can be sure of a certain proposal, so collusion does not pay."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from scoring.assignment.exact import Rows, best, free_pairs, limits
from scoring.assignment.network import carried, network
from scoring.assignment.request import Bools, Ints, Pairs, Request, read_request
from scoring.assignment.result import Assignment, assignment, pair_frame
from scoring.assignment.rounding import rounded
from scoring.assignment.shortage import shortage
from scoring.errors import ScoresError
from scoring.marks.frames import finite

FINEST = 10_000


def assign_randomised(
    proposals: pd.DataFrame,
    reviewers: pd.DataFrame,
    conflicts: pd.DataFrame | None,
    *,
    per_proposal: int | Mapping[Any, int],
    load: tuple[int, int],
    limit: float,
    affinity: pd.DataFrame | None = None,
    fixed: pd.DataFrame | None = None,
    unknown: float | None = None,
    seed: int = 0,
) -> Assignment:
    """Draws an assignment in which no pair was likelier than `limit`, the best of that kind on average.

    Frames and limits as in `assign`. limit: 0 < limit <= 1, taken as the nearest fraction with a denominator up to
    10,000; 1 is the plain optimum. Fixed pairs are certain. Every draw keeps all limits; the same seed draws the same.
    Result: pairs with the column chance; chances (proposal, reviewer, affinity, stated, fixed, chance) of all pairs
    that could be drawn; objective is the expected total affinity.

    Formula: max sum a_pr x_pr under the limits of `assign` and 0 <= x_pr <= limit, then dependent rounding: every pair
    is drawn with its x_pr. Source: Jecmen, Zhang, Liu, Shah, Conitzer, Fang, NeurIPS 2020; Gandhi, Khuller,
    Parthasarathy, Srinivasan, JACM 53:324, 2006.
    Errors: ScoresError also if the limit leaves too few candidates; Infeasible if no assignment exists at all.
    """
    if not 0 < finite(limit) <= 1:
        raise ScoresError(f"limit: must lie above 0 and be at most 1, not {limit!r}")
    request = read_request(
        proposals,
        reviewers,
        conflicts,
        per_proposal=per_proposal,
        load=load,
        affinity=affinity,
        fixed=fixed,
        cover=None,
        unknown=unknown,
    )
    pairs = free_pairs(request)
    share = Fraction(limit).limit_denominator(FINEST)
    units = _units(request, pairs, share, seed)
    drawn = _draw(request, pairs, units, share.denominator, seed)
    chance = request.fixed.astype(float)
    chance[pairs] = units / share.denominator
    return replace(
        assignment(request, drawn),
        pairs=pair_frame(request, drawn, chance=chance),
        objective=float((request.affinity * chance).sum()),
        chances=pair_frame(request, chance > 0, chance=chance),
    )


def _units(request: Request, pairs: Pairs, share: Fraction, seed: int) -> Ints:
    """The chances in units of 1/denominator: with all limits multiplied by it they are whole numbers."""
    rows = limits(request, pairs)
    many = Rows(rows.matrix, rows.bound * share.denominator, rows.kind, rows.who, rows.part)
    values = request.affinity[pairs]
    found = best(many, values, most=share.numerator, seed=seed)
    if found is not None:
        return np.round(found).astype(np.int64)
    if best(rows, values, seed=seed) is None:
        raise shortage(request, rows)
    raise ScoresError(f"limit: {float(share):g} leaves too few candidates for some proposal or reviewer; raise it")


def _draw(request: Request, pairs: Pairs, units: Ints, whole: int, seed: int) -> Bools:
    """One assignment out of the chances, by dependent rounding on the network of all limits."""
    net = network(request, pairs)
    flow = rounded(net.tail, net.head, carried(net, units), whole, np.random.default_rng(seed))
    drawn = request.fixed.copy()
    drawn[pairs] = flow[: len(units)] == whole
    return drawn
