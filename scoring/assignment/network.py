"""The assignment as a network: proposal -> organisation (where several reviewers share one) -> reviewer -> sink."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from scoring.assignment.request import Bools, Ints, Pairs, Request, same_organisation


@dataclass(frozen=True)
class Network:
    """Arcs from `tail` to `head`: first the pairs, then every reviewer to the sink, then proposals to organisations."""

    tail: Ints
    head: Ints
    sink: int
    nodes: int
    organisations: Ints  # the nodes at the heads of the last arcs


def network(request: Request, pairs: Pairs) -> Network:
    """The arcs of the free pairs; nodes are numbered proposals, reviewers, sink, organisations of each proposal."""
    proposals, reviewers = len(request.proposals), len(request.reviewers)
    sink = nodes = proposals + reviewers
    nodes += 1
    tail, organisations = pairs[0].copy(), []
    for members in same_organisation(request):
        inside = members[pairs[1]]
        tail[inside] = nodes + pairs[0][inside]
        organisations.append(nodes + np.arange(proposals))
        nodes += proposals
    shared = np.concatenate([np.zeros(0, dtype=np.int64), *organisations])
    tails = [tail, proposals + np.arange(reviewers), np.tile(np.arange(proposals), len(organisations))]
    heads = [pairs[1] + proposals, np.full(reviewers, sink), shared]
    return Network(np.concatenate(tails), np.concatenate(heads), sink, nodes, shared)


def carried(net: Network, pair_flow: Ints) -> Ints:
    """The flow of every arc when the pairs carry `pair_flow`."""
    count = len(pair_flow)
    given = np.bincount(net.head[:count], pair_flow, minlength=net.nodes)
    taken = np.bincount(net.tail[:count], pair_flow, minlength=net.nodes)
    reviewers = net.tail[count : len(net.tail) - len(net.organisations)]
    return np.concatenate([pair_flow, given[reviewers], taken[net.organisations]]).astype(np.int64)


def reachable(net: Network, wanted: Ints, room: Ints, usable: Bools) -> bool:
    """Whether every proposal can get `wanted` reviewers over usable pairs within the reviewers' room (maximum flow)."""
    capacity = np.concatenate([usable, room, np.ones(len(net.organisations)), wanted]).astype(np.int32)
    tail = np.concatenate([net.tail, np.full(len(wanted), net.nodes)])
    head = np.concatenate([net.head, np.arange(len(wanted))])
    graph = csr_array((capacity, (tail, head)), shape=(net.nodes + 1, net.nodes + 1))
    graph.eliminate_zeros()
    return bool(maximum_flow(graph, net.nodes, net.sink).flow_value == wanted.sum())
