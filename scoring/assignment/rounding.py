"""Dependent rounding: a flow in fractions becomes one in whole numbers, and every arc keeps its flow on average."""

import numpy as np

from scoring.assignment.request import Ints


def rounded(tail: Ints, head: Ints, flow: Ints, whole: int, random: np.random.Generator) -> Ints:
    """A flow of multiples of `whole` (units), each arc next below or above its `flow`, with `flow` as expected value.

    The net flow of every node must be a multiple of `whole` and stays what it is. While arcs with a broken flow remain
    they contain a cycle (a node never has just one of them); along it flow is shifted one way or the other until an arc
    is whole, with chances such that the shift is 0 on average. Source: Gandhi et al., JACM 53:324, 2006.
    """
    flow = flow.copy()
    arcs: dict[int, dict[int, int]] = {}
    for arc in np.flatnonzero(flow % whole).tolist():
        arcs.setdefault(int(tail[arc]), {})[arc] = int(head[arc])
        arcs.setdefault(int(head[arc]), {})[arc] = int(tail[arc])
    while arcs:
        cycle, forward = _cycle(arcs, tail)
        _shift(flow, cycle, forward, whole, random)
        for arc in cycle[flow[cycle] % whole == 0].tolist():
            _forget(arcs, arc, (int(tail[arc]), int(head[arc])))
    return flow


def _cycle(arcs: dict[int, dict[int, int]], tail: Ints) -> tuple[Ints, np.ndarray]:
    """The arcs of a cycle of broken flows and whether it runs along each (True) or against it."""
    node, came = next(iter(arcs)), -1
    seen, path, along = {node: 0}, [], []
    while True:
        arc = next(arc for arc in arcs[node] if arc != came)
        path.append(arc)
        along.append(int(tail[arc]) == node)
        node, came = arcs[node][arc], arc
        if node in seen:
            start = seen[node]
            return np.array(path[start:]), np.array(along[start:])
        seen[node] = len(path)


def _shift(flow: Ints, cycle: Ints, forward: np.ndarray, whole: int, random: np.random.Generator) -> None:
    above = flow[cycle] % whole
    below = whole - above
    ahead = int(np.where(forward, below, above).min())
    back = int(np.where(forward, above, below).min())
    step = ahead if random.integers(ahead + back) < back else -back
    flow[cycle] += np.where(forward, step, -step)


def _forget(arcs: dict[int, dict[int, int]], arc: int, ends: tuple[int, int]) -> None:
    for node in ends:
        del arcs[node][arc]
        if not arcs[node]:
            del arcs[node]
