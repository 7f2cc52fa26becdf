"""The search: from one site backwards over the roads, to every node in reach and every origin beside it.

The graph is reversed once, so that one search from a school finds the time from everywhere to the school. The
queue is a wheel of buckets: nodes wait in the bucket of their minutes, a node whose time improves is queued again,
and a bucket is emptied before the next is opened. That settles every node at its least time whatever the order
inside a bucket, and costs less than a heap on roads, whose arcs are all of similar length. Work and memory grow
with the nodes in reach: everything that a search touched is put back before the next one.

Source: E. Dijkstra 1959; R. Dial, CACM 12(11), 1969; U. Meyer and P. Sanders, Δ-stepping, J. Algorithms 49, 2003.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from layout_planner.travel.kernels import count_pairs, scatter_pairs, search_block
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.threads import Progress, in_blocks

__all__ = ["Pairs", "SearchGraph", "Terminals", "list_by", "search_pairs", "search_sites"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Pairs = tuple[Ints, npt.NDArray[np.int32], npt.NDArray[np.float32], npt.NDArray[np.float32]]

_SITES_A_BLOCK = 32
_PAIRS_HELD = 1 << 20  # pairs that a thread collects before it hands them over
_MAX_BUCKETS = 1 << 16
_BUCKET_SPAN = 0.7  # of the mean arc; measured best between 0.5 and 1 on road graphs


@dataclass(frozen=True, eq=False)
class SearchGraph:
    """Arcs of one profile, reversed: for node v, where one can come from.

    Attributes
    ----------
    start : (n + 1,) int64
        Offsets into the arc arrays, by the node where the arc arrives.
    tail : (a,) int32
        Node where the arc departs.
    minutes, metres : (a,) float64
        Cost of the arc. Of several arcs between two nodes only the quickest is kept (then the shortest).
    width : float
        Minutes that one bucket spans.
    n_buckets : int
        Buckets of the wheel; their span exceeds the longest arc.
    """

    start: Ints
    tail: npt.NDArray[np.int32]
    minutes: Floats
    metres: Floats
    width: float
    n_buckets: int

    @classmethod
    def build(cls, network: RoadNetwork, forward: Floats, backward: Floats) -> SearchGraph:
        """Build the reversed arcs from the minutes of every edge in both directions (inf where closed)."""
        f, b = np.flatnonzero(np.isfinite(forward)), np.flatnonzero(np.isfinite(backward))
        tail = np.concatenate([network.edge_u[f], network.edge_v[b]]).astype(np.int64)
        head = np.concatenate([network.edge_v[f], network.edge_u[b]]).astype(np.int64)
        minutes = np.concatenate([forward[f], backward[b]])
        metres = np.concatenate([network.length_m[f], network.length_m[b]])
        pair = head * network.n_nodes + tail
        order = np.lexsort((metres, minutes, pair))
        best = np.ones(len(order), dtype=bool)
        best[1:] = pair[order][1:] != pair[order][:-1]
        keep = order[best & (tail[order] != head[order])]
        start = np.zeros(network.n_nodes + 1, dtype=np.int64)
        np.cumsum(np.bincount(head[keep], minlength=network.n_nodes), out=start[1:])
        longest = float(minutes.max()) if len(minutes) else 1.0
        typical = float(np.mean(minutes[keep])) if len(keep) else 1.0
        width = max(_BUCKET_SPAN * typical, longest / (_MAX_BUCKETS - 3), 1e-9)
        return cls(start, tail[keep].astype(np.int32), minutes[keep], metres[keep], width, int(longest / width) + 3)


@dataclass(frozen=True, eq=False)
class Terminals:
    """Where k points join the network: the cost between each point and the two ends of its edge.

    Attributes
    ----------
    edge : (k,) int32
        Edge, -1 where the point is not on the network.
    along : (k,) float64
        Share of the edge from its u end.
    node : (k, 2) int32
        u and v of the edge; -1 where the way between the point and that end is closed or needless.
    minutes, metres : (k, 2) float64
        Cost between the point and that end, the way to the road (or from it) included.
    access : (k, 2) float64
        Minutes and metres of the way between the point and the road alone.
    """

    edge: npt.NDArray[np.int32]
    along: Floats
    node: npt.NDArray[np.int32]
    minutes: Floats
    metres: Floats
    access: Floats

    @classmethod
    def build(
        cls, network: RoadNetwork, forward: Floats, backward: Floats, edge: npt.NDArray[np.int32], along: Floats,
        access: Floats, *, leaving: bool,
    ) -> Terminals:  # fmt: skip
        """Cost the pieces of edge next to each point.

        Parameters
        ----------
        forward, backward : (m,) float64
            Minutes of each edge from u to v and from v to u.
        edge, along : (k,)
            Edge (-1: none) and share of it from u.
        access : (k, 2)
            Minutes and metres between the point and the road.
        leaving : bool
            True for origins (from the point to the ends), False for sites (from the ends to the point).
        """
        off = edge < 0
        at = np.where(off, 0, along)
        on = np.where(off, 0, edge)
        to_u, to_v = (backward, forward) if leaving else (forward, backward)
        node = np.column_stack([network.edge_u[on], network.edge_v[on]]).astype(np.int32)
        share = np.column_stack([at, 1.0 - at])
        with np.errstate(invalid="ignore"):
            minutes = share * np.column_stack([to_u[on], to_v[on]])
        minutes[share == 0.0] = 0.0
        metres = share * network.length_m[on][:, None] + access[:, 1:]
        minutes = minutes + access[:, :1]
        at_other_end = np.column_stack([at == 1.0, at == 0.0])
        node[off[:, None] | at_other_end | ~np.isfinite(minutes)] = -1
        return cls(edge, at, node, minutes, metres, access)

    def take(self, order: Ints) -> Terminals:
        """Pick points by position."""
        return Terminals(*(getattr(self, f.name)[order] for f in fields(self)))


def search_pairs(
    graph: SearchGraph, sites: Terminals, origins: Terminals, edge_cost: Floats, cutoff: float,
    workers: int | None = None, progress: Progress | None = None,
) -> Pairs:  # fmt: skip
    """Search from all sites; give rows by origin: offsets, sites (ascending), minutes and metres of pairs in reach.

    Holds what is in reach twice, and a few numbers a node on each thread.
    """
    m = len(sites.edge)
    search = search_sites(graph, sites, origins, edge_cost, cutoff)
    blocks = in_blocks(search, m, max(1, min(_SITES_A_BLOCK, -(-m // 16))), workers, progress)
    pieces = [piece for block in blocks for piece in block]
    del blocks
    return _by_origin(pieces, len(origins.edge))


def search_sites(
    graph: SearchGraph, sites: Terminals, origins: Terminals, edge_cost: Floats, cutoff: float
) -> Callable[[int, int], list[Pairs]]:
    """Make ready to search from sites; the result is a function of the first and the last site of a block.

    Parameters
    ----------
    edge_cost : (m, 3) float64
        Minutes from u to v, from v to u, and metres of whole edges, for origins on a site's own edge.
    cutoff : float
        Minutes, everything included.

    Returns
    -------
    callable
        ``(begin, end)`` to a list of ``(count, origin, minutes, metres)``: the number of origins in reach of each
        of some consecutive sites, and those origins, one site after the other. Safe on several threads at once.
    """
    n_nodes = len(graph.start) - 1
    by_first = np.where(origins.node[:, 0] >= 0, origins.node[:, 0], origins.node[:, 1])
    order = np.argsort(by_first, kind="stable")
    at = origins.take(order)
    by_node, by_edge = list_by(at.node.ravel(), n_nodes), list_by(at.edge, len(edge_cost))
    node = np.where(at.node >= 0, at.node, n_nodes).astype(np.int32)
    cost = np.column_stack([at.minutes, at.metres])
    position = order.astype(np.int32)

    bound = cutoff - float(at.access[:, 0].min(initial=cutoff))
    spaces = threading.local()

    def search(begin: int, end: int) -> list[Pairs]:
        if not hasattr(spaces, "own"):
            spaces.own = _workspace(n_nodes, len(position), graph.n_buckets)
        count, pieces = np.zeros(end, dtype=np.int64), []
        while begin < end:
            following, size = search_block(
                graph.start, graph.tail, graph.minutes, graph.metres, graph.width,
                sites.node, sites.minutes, sites.metres, sites.edge, sites.along, sites.access, begin, end,
                cutoff, bound, edge_cost, node, cost, at.edge, at.along, at.access, position, *by_node, *by_edge,
                *spaces.own[:-3], count, *spaces.own[-3:],
            )  # fmt: skip
            pieces.append((count[begin:following], *(array[:size].copy() for array in spaces.own[-3:])))
            begin = following
        return pieces

    return search


def _workspace(n_nodes: int, n_origins: int, n_buckets: int) -> tuple[npt.NDArray[np.generic], ...]:
    """Make the arrays that one thread reuses for all its searches; the last node stands for "no node"."""
    room = n_origins + _PAIRS_HELD
    return (
        np.full(n_nodes + 1, np.inf), np.zeros(n_nodes + 1), np.empty(n_nodes, np.int32), np.empty(n_nodes, np.int32),
        np.full(n_nodes, -1, np.int32), np.full(n_buckets, -1, np.int32), np.empty(n_nodes, np.int32),
        np.empty(n_origins, np.int32), np.empty(room, np.int32), np.empty(room, np.float32), np.empty(room, np.float32),
    )  # fmt: skip


def list_by(key: npt.NDArray[np.int32], size: int) -> tuple[Ints, Ints]:
    """List positions by key (negative keys are left out), as offsets and items."""
    start = np.zeros(size + 1, dtype=np.int64)
    held = np.flatnonzero(key >= 0)
    np.cumsum(np.bincount(key[held], minlength=size), out=start[1:])
    return start, held[np.argsort(key[held], kind="stable")]


def _by_origin(pieces: list[Pairs], n: int) -> Pairs:
    """Turn pairs listed by site into rows by origin, sites ascending; the pieces are freed as they are used."""
    indptr = np.zeros(n + 1, dtype=np.int64)
    for _, origin, _, _ in pieces:
        count_pairs(origin, indptr)
    np.cumsum(indptr, out=indptr)
    place = indptr[:-1].copy()
    indices = np.empty(indptr[-1], dtype=np.int32)
    minutes, metres = np.empty(indptr[-1], dtype=np.float32), np.empty(indptr[-1], dtype=np.float32)
    first_site = 0
    pieces.reverse()
    while pieces:
        count, *pairs = pieces.pop()
        scatter_pairs(first_site, count, *pairs, place, indices, minutes, metres)
        first_site += len(count)
    return indptr, indices, minutes, metres
