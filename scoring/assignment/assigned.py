"""The best assignment of reviewers to proposals, and the one that is best for the worst-served proposal."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from scoring.assignment.exact import Rows, best, block, chosen, free_pairs, limits, stack
from scoring.assignment.network import network, reachable
from scoring.assignment.request import Bools, Cover, Floats, Ints, Pairs, Request, read_request
from scoring.assignment.result import Assignment, assignment
from scoring.assignment.shortage import shortage


def assign(
    proposals: pd.DataFrame,
    reviewers: pd.DataFrame,
    conflicts: pd.DataFrame | None,
    *,
    per_proposal: int | Mapping[Any, int],
    load: tuple[int, int],
    affinity: pd.DataFrame | None = None,
    fixed: pd.DataFrame | None = None,
    cover: Cover | None = None,
    unknown: float | None = None,
    fair: bool = False,
    seed: int = 0,
) -> Assignment:
    """Gives every proposal its reviewers so that the sum of the affinities is the largest possible.

    proposals: proposal. reviewers: reviewer[, organisation][, load_min][, load_max][, columns named in `cover`];
    a blank organisation is nobody's, a blank limit means `load`. conflicts, fixed: proposal, reviewer;
    nothing else is a conflict, not even the organisation that applies.
    affinity: proposal, reviewer, affinity (any unit, more is better); a blank or missing pair is not 0 but `unknown`,
    by default the median of those given. Without `affinity` every assignment within the limits is as good, the seed
    picks one.
    per_proposal: how many reviewers, one number or one for each proposal; load: fewest and most proposals of a
    reviewer; both count the fixed pairs. At most one reviewer of an organisation for each proposal.
    cover: {column of reviewers: {value: fewest of them for each proposal}}. fair: as `assign_fair`.
    Same input and seed, same result; the order of rows never matters, no argument is changed.

    Formula: max sum a_pr x_pr with sum_r x_pr = k_p, lo_r <= sum_p x_pr <= hi_r, x_pr in {0, 1}, a linear program with
    whole corner points (totally unimodular), solved exactly by HiGHS.
    Source: Taylor, On the optimal assignment of conference papers to reviewers, 2008; Hoffman & Kruskal 1956.
    Errors: ScoresError for input that contradicts itself; Infeasible says who is short of whom.
    """
    request = read_request(
        proposals,
        reviewers,
        conflicts,
        per_proposal=per_proposal,
        load=load,
        affinity=affinity,
        fixed=fixed,
        cover=cover,
        unknown=unknown,
    )
    pairs = free_pairs(request)
    rows = limits(request, pairs)
    if fair:
        return assignment(request, _fair(request, pairs, rows, seed))
    share = best(rows, request.affinity[pairs], seed=seed)
    if share is None:
        raise shortage(request, rows)
    return assignment(request, chosen(request, pairs, rows, share))


def assign_fair(
    proposals: pd.DataFrame, reviewers: pd.DataFrame, conflicts: pd.DataFrame | None, **options: Any
) -> Assignment:
    """As `assign`, but the proposal with the smallest mean affinity gets as large a mean as this search finds.

    For kappa = 1..k: the largest threshold t such that every proposal can have kappa reviewers of affinity >= t, then
    the largest total under it; of these and the plain optimum the one whose worst-served proposal (smallest mean of its
    reviewers) has most, then the larger total. One round of PeerReview4All (Stelmakh, Shah, Singh, JMLR 22:163, 2021),
    its fill joined with the threshold in one solve. The exact maximum of the minimum is NP-hard (Garg et al. 2010) and
    is not promised.
    """
    return assign(proposals, reviewers, conflicts, **{**options, "fair": True})


def _fair(request: Request, pairs: Pairs, rows: Rows, seed: int) -> Bools:
    plain = best(rows, request.affinity[pairs], seed=seed)
    if plain is None:
        raise shortage(request, rows)
    kappas = range(1, int(request.needed.max()) + 1)
    found = [chosen(request, pairs, rows, plain)]
    found += [_above_threshold(request, pairs, rows, kappa, seed) for kappa in kappas]
    return max(found, key=lambda mask: (round(_worst_served(request, mask), 9), request.affinity[mask].sum()))


def _worst_served(request: Request, mask: Bools) -> float:
    """The smallest mean affinity of a proposal's reviewers."""
    served = request.needed > 0
    sums = np.where(mask, request.affinity, 0.0).sum(axis=1)
    return float((sums[served] / request.needed[served]).min(initial=np.inf))


def _above_threshold(request: Request, pairs: Pairs, rows: Rows, kappa: int, seed: int) -> Bools:
    """The best assignment under the largest threshold that `kappa` reviewers of every proposal can reach.

    The flow tells in milliseconds which thresholds the `kappa` alone allow; whether the other reviewers and the fewest
    proposals of everybody still fit is seen by the solver, as a rule at the first try.
    """
    steps = np.unique(request.affinity[request.allowed])
    net, values = network(request, pairs), request.affinity[pairs]

    def by_flow(step: int) -> bool:
        strong, wanted = _strong(request, float(steps[step]), kappa)
        return reachable(net, wanted, request.high - request.fixed.sum(axis=0), strong[pairs])

    def under(step: int) -> tuple[Rows, Floats | None]:
        strong, wanted = _strong(request, float(steps[step]), kappa)
        inside = np.where(strong[pairs], pairs[0], -1)
        more = stack([rows, block(inside, len(request.proposals), wanted, "cover")])
        return more, best(more, values, seed=seed)

    step = _last(by_flow, len(steps))
    limited, share = under(step)
    if share is None:
        limited, share = under(_last(lambda lower: under(lower)[1] is not None, step))
    if share is None:
        raise RuntimeError("the lowest threshold asks for more than the plain assignment has")
    return chosen(request, pairs, limited, share)


def _strong(request: Request, threshold: float, kappa: int) -> tuple[Bools, Ints]:
    """The pairs whose affinity reaches the threshold, and how many more of them each proposal needs to have `kappa`."""
    strong = request.affinity >= threshold
    wanted = np.minimum(kappa, request.needed) - (strong & request.fixed).sum(axis=1)
    return strong, np.maximum(wanted, 0)


def _last(holds: Callable[[int], bool], end: int) -> int:
    """The last of the steps 0..end-1 that holds, when all before it hold; the first is taken for granted."""
    first = 0
    while end - first > 1:
        middle = (first + end) // 2
        first, end = (middle, end) if holds(middle) else (first, middle)
    return first
