"""The assignment as one linear program, whose corner points are whole numbers, so that its optimum is exact."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, diags_array, vstack

from scoring.assignment.request import Bools, Floats, Ints, Pairs, Request, refuse_seed, same_organisation

WHOLE = 1e-6
FEW = 16  # pairs of a proposal that the solver sees at first
IMPOSSIBLE = 2  # status of linprog


@dataclass(frozen=True)
class Rows:
    """Limits on pairs: each row of `matrix` sums some of them, `bound` says how many there must or may be.

    `kind` and `who` name the row: demand (a proposal's reviewers, exactly), high and low (a reviewer's proposals),
    organisation (at most one, a proposal), cover (a proposal; `part` is the number of the class).
    """

    matrix: csr_array
    bound: Floats
    kind: np.ndarray
    who: Ints
    part: Ints


def free_pairs(request: Request) -> Pairs:
    """The pairs that may still be chosen: no conflict, not fixed, no fixed reviewer of the same organisation."""
    free = request.allowed & ~request.fixed
    for members in same_organisation(request):
        free &= ~np.outer(request.fixed[:, members].sum(axis=1) > 0, members)
    row, column = np.nonzero(free)
    return row, column


def limits(request: Request, pairs: Pairs) -> Rows:
    """All limits of a request over its free pairs."""
    row, column = pairs
    proposals, reviewers = len(request.proposals), len(request.reviewers)
    given = request.fixed.sum(axis=0)
    blocks = [
        block(row, proposals, request.needed - request.fixed.sum(axis=1), "demand"),
        block(column, reviewers, request.high - given, "high"),
        block(column, reviewers, request.low - given, "low"),
    ]
    for members in same_organisation(request):
        inside = np.where(members[column], row, -1)
        blocks.append(block(inside, proposals, np.ones(proposals), "organisation"))
    for part, (members, least) in enumerate(request.classes.values()):
        inside = np.where(members[column], row, -1)
        blocks.append(block(inside, proposals, least - request.fixed[:, members].sum(axis=1), "cover", part))
    return stack(blocks)


def block(group: Ints, groups: int, bound: Ints | Floats, kind: str, part: int = -1) -> Rows:
    """One limit for each group of pairs; `group` gives every pair its number, -1 leaves it out."""
    inside = np.flatnonzero(group >= 0)
    matrix = coo_array((np.ones(len(inside)), (group[inside], inside)), shape=(groups, len(group))).tocsr()
    who = np.arange(groups)
    return Rows(matrix, bound.astype(float), np.full(groups, kind), who, np.full(groups, part))


def stack(blocks: list[Rows]) -> Rows:
    """The limits of several blocks over the same pairs."""
    rows = Rows(
        csr_array(vstack([block.matrix for block in blocks])),
        np.concatenate([block.bound for block in blocks]),
        np.concatenate([block.kind for block in blocks]),
        np.concatenate([block.who for block in blocks]),
        np.concatenate([block.part for block in blocks]),
    )
    return only(rows, _binding(rows))


def _binding(rows: Rows) -> Bools:
    """A limit that no choice can break is left out: it would only cost time."""
    most = np.diff(rows.matrix.indptr)
    idle = np.isin(rows.kind, ["high", "organisation"]) & (rows.bound >= most)
    idle |= np.isin(rows.kind, ["low", "cover"]) & (rows.bound <= 0)
    return ~idle


def only(rows: Rows, keep: Bools) -> Rows:
    """The limits marked in `keep`."""
    return Rows(rows.matrix[keep], rows.bound[keep], rows.kind[keep], rows.who[keep], rows.part[keep])


def best(rows: Rows, affinity: Floats, *, most: int = 1, seed: int = 0) -> Floats | None:
    """How much of every pair is chosen (0..most) in the assignment of the largest total affinity; None: impossible.

    HiGHS dual simplex. Rows that nest form a network, whose corner points are whole numbers; where classes cross
    organisations they need not, then branch and bound settles it. The seed shuffles the pairs,
    which decides between assignments that are equally good.
    """
    refuse_seed(seed)
    if affinity.size == 0:
        return None if _wants_any(rows) else affinity
    order = np.random.default_rng(seed).permutation(affinity.size)
    shuffled = Rows(rows.matrix[:, order], rows.bound, rows.kind, rows.who, rows.part)
    found = _optimum(shuffled, affinity[order], most)
    return None if found is None else found[np.argsort(order)]


def _wants_any(rows: Rows) -> bool:
    return bool((rows.bound[np.isin(rows.kind, ["demand", "low", "cover"])] > 0).any())


def _optimum(rows: Rows, affinity: Floats, most: int) -> Floats | None:
    cost = -affinity / max(float(np.abs(affinity).max()), 1e-300)
    upper = np.full(len(cost), float(most))
    found = _by_columns(rows, cost, upper)
    if found is None or np.all(np.abs(found - np.round(found)) < WHOLE):
        return found
    return whole_program(rows, cost, upper)


def _by_columns(rows: Rows, cost: Floats, upper: Floats) -> Floats | None:
    """The optimum over all pairs, found over few: the best of each proposal first, then whatever the prices ask for.

    It ends when no pair left out has a negative reduced cost, so nothing is given up (column generation).
    """
    proposal = rows.who[rows.matrix[rows.kind == "demand"].T.tocsr().indices]
    used = _cheapest(cost, np.ones(len(cost), dtype=bool), proposal, FEW)
    while True:
        part = Rows(rows.matrix[:, used], rows.bound, rows.kind, rows.who, rows.part)
        found = program(part, cost[used], upper[used])
        if found.status == IMPOSSIBLE and used.all():
            return None
        if found.status == IMPOSSIBLE:
            more = ~used
        else:
            reduced = cost - rows.matrix.T @ prices(rows, found)
            more = _cheapest(reduced, ~used & (reduced < -1e-9), proposal, FEW)
        if not more.any():
            share = np.zeros(len(cost))
            share[used] = found.x
            return share
        used |= more


def _cheapest(cost: Floats, among: Bools, proposal: Ints, number: int) -> Bools:
    """For every proposal its `number` cheapest pairs among the marked ones."""
    at = np.flatnonzero(among)
    at = at[np.lexsort((cost[at], proposal[at]))]
    place = np.arange(len(at)) - np.searchsorted(proposal[at], proposal[at])
    mask = np.zeros(len(cost), dtype=bool)
    mask[at[place < number]] = True
    return mask


def prices(rows: Rows, found: Any) -> Floats:
    """The dual price of every row: what the least cost gains if its bound rises by one."""
    price = np.zeros(len(rows.bound))
    exactly = rows.kind == "demand"
    price[exactly], price[~exactly] = found.eqlin.marginals, found.ineqlin.marginals
    return np.where(np.isin(rows.kind, ["low", "cover"]), -price, price)


def program(rows: Rows, cost: Floats, upper: Floats) -> Any:
    """HiGHS' answer to the linear program: least cost within the limits, every variable between 0 and `upper`."""
    exactly = rows.kind == "demand"
    sign = np.where(np.isin(rows.kind, ["low", "cover"]), -1.0, 1.0)
    matrix = csr_array(diags_array(sign) @ rows.matrix)
    bounds: Any = np.column_stack([np.zeros(len(cost)), upper])
    return linprog(
        cost,
        A_ub=matrix[~exactly],
        b_ub=(sign * rows.bound)[~exactly],
        A_eq=matrix[exactly],
        b_eq=rows.bound[exactly],
        bounds=bounds,
        method="highs-ds",
    )


def whole_program(rows: Rows, cost: Floats, upper: Floats) -> Floats | None:
    """The same in whole numbers, by branch and bound; None if there is no solution."""
    at_least = np.where(np.isin(rows.kind, ["demand", "low", "cover"]), rows.bound, -np.inf)
    at_most = np.where(np.isin(rows.kind, ["low", "cover"]), np.inf, rows.bound)
    found = milp(
        cost,
        integrality=np.ones(len(cost), dtype=np.int64),
        bounds=Bounds(0, upper),
        constraints=LinearConstraint(rows.matrix, at_least, at_most),
        options={"mip_rel_gap": 0.0},
    )
    return None if found.x is None else np.asarray(found.x)


def chosen(request: Request, pairs: Pairs, rows: Rows, share: Floats) -> Bools:
    """The pairs of an assignment, fixed ones included, proved against every limit in whole numbers."""
    whole = np.round(share).astype(np.int64)
    count = rows.matrix.astype(np.int64) @ whole
    bound = rows.bound.astype(np.int64)
    kept = np.where(np.isin(rows.kind, ["low", "cover"]), count >= bound, count <= bound)
    kept &= (rows.kind != "demand") | (count == bound)
    if not kept.all():
        raise RuntimeError("the solver broke a limit of the assignment")
    mask = request.fixed.copy()
    mask[pairs[0][whole == 1], pairs[1][whole == 1]] = True
    return mask
