"""The contracted network: for matrices in which most origins reach most sites.

Nodes are taken out one by one, least degree first, and the neighbours of each are joined by a shortcut, so that every
quickest way climbs from the origin to higher nodes and then comes down to the site. A site is searched upwards only,
over a few hundred nodes; one sweep from the highest node to the lowest then gives the minutes of all nodes, for
sixteen sites at once, in order of memory and without a queue. The order depends on who is joined to whom and not on
minutes: all profiles of a network share it. Chains and dead ends go first of all, as in any reduction to a core.

Work grows with nodes × sites, so this is for cut-offs that reach much of the network; see
:func:`~layout_planner.travel.search.search_sites` for the others.

Source: J. Dibbelt, B. Strasser, D. Wagner, Customizable Contraction Hierarchies, ACM JEA 21, 2016; D. Delling et al.,
PHAST, J. Parallel Distrib. Comput. 73, 2013; A. George, J. Liu, The evolution of the minimum degree ordering
algorithm, SIAM Review 31, 1989.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layout_planner.travel.contract_kernels import (
    LANES,
    arrange,
    customise,
    eliminate,
    enter_arcs,
    list_neighbours,
    mark_needed,
    prune,
    pull_together,
    search_pass,
    tell_direct,
)
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.search import Pairs, SearchGraph, Terminals, list_by
from layout_planner.travel.threads import Progress, in_blocks

__all__ = ["LANES", "Hierarchy", "Order", "sweep_pairs", "sweep_sites"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Singles = npt.NDArray[np.float32]
Arcs = tuple[Ints, Int32s, Floats, Floats]


@dataclass(frozen=True, eq=False)
class Order:
    """In which order the n nodes of a network are taken out, and who is joined to whom by then.

    Attributes
    ----------
    rank : (n,) int32
        Turn of every node; the subtrees of the elimination tree have consecutive ranks.
    above : (n,) int32
        Parent of every rank in the elimination tree, -1 at its roots.
    start : (n + 1,) int64
        Offsets into ``high`` by rank.
    high : (p,) int32
        Higher ranks joined to each rank, ascending.
    """

    rank: Int32s
    above: Int32s
    start: Ints
    high: Int32s

    @classmethod
    def build(cls, network: RoadNetwork) -> Order:
        """Find the order for a network, whoever may use its edges."""
        neighbours = list_neighbours(network.n_nodes, network.edge_u, network.edge_v)
        return cls(*arrange(*eliminate(*neighbours)))


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The shortcuts of one profile on an order: only those that some quickest way needs.

    Attributes
    ----------
    order : Order
        The order.
    up : arcs (start, high, minutes, metres) by rank
        From each rank, the higher ranks from which one can come down to it.
    down : arcs (start, high, minutes, metres) by rank
        From each rank, the higher ranks to which one can climb.
    """

    order: Order
    up: Arcs
    down: Arcs

    @classmethod
    def build(cls, order: Order, graph: SearchGraph) -> Hierarchy:
        """Put the minutes of a profile on an order."""
        start, high = order.start, order.high
        rise, fall = np.full(len(high), np.inf), np.full(len(high), np.inf)
        rise_m, fall_m = np.zeros(len(high)), np.zeros(len(high))
        arcs = graph.start, graph.tail, graph.minutes, graph.metres
        enter_arcs(order.rank, start, high, *arcs, rise, rise_m, fall, fall_m)
        customise(start, high, rise, rise_m, fall, fall_m)
        keep_rise, keep_fall = prune(start, high, rise.copy(), fall.copy())
        return cls(order, _pick(order, keep_fall, fall, fall_m), _pick(order, keep_rise, rise, rise_m))


def sweep_pairs(
    hierarchy: Hierarchy, sites: Terminals, origins: Terminals, edge_cost: Floats, cutoff: float,
    workers: int | None = None, progress: Progress | None = None,
) -> Pairs:  # fmt: skip
    """Search from all sites; give rows by origin: offsets, sites, minutes and metres of the pairs in reach.

    Holds a table of origins × sites while it works.
    """
    n, m = len(origins.edge), len(sites.edge)
    minutes, metres = np.empty((n, m), dtype=np.float32), np.empty((n, m), dtype=np.float32)
    search = sweep_sites(hierarchy, sites, origins, edge_cost, cutoff, minutes, metres)
    in_blocks(search, m, LANES, workers, progress)
    indptr, indices = pull_together(minutes, metres)
    if indptr[-1] < n * m:
        return indptr, indices, minutes.ravel()[: indptr[-1]].copy(), metres.ravel()[: indptr[-1]].copy()
    return indptr, indices, minutes.ravel(), metres.ravel()


def sweep_sites(
    hierarchy: Hierarchy, sites: Terminals, origins: Terminals, edge_cost: Floats, cutoff: float, minutes: Singles,
    metres: Singles,
) -> Callable[[int, int], None]:  # fmt: skip
    """Make ready to search from sites; the result is a function of the first and the last site of a block.

    Parameters
    ----------
    edge_cost : (m, 3) float64
        Minutes from u to v, from v to u, and metres of whole edges, for origins on a site's own edge.
    cutoff : float
        Minutes, everything included.
    minutes, metres : (origins, sites) float32
        Written column by column: the minutes (inf beyond the cut-off) and the metres of the same way.

    Returns
    -------
    callable
        Takes ``(begin, end)``, any number of sites. Safe on several threads at once for blocks that do not overlap.
    """
    order, n = hierarchy.order, len(hierarchy.order.rank)
    rank = np.append(order.rank, np.int32(n))
    at = rank[origins.node]
    cost = np.column_stack([origins.minutes, origins.metres])
    needed = np.zeros(n + 1, dtype=np.bool_)
    needed[at] = True
    mark_needed(hierarchy.down[0], hierarchy.down[1], needed)
    todo = np.flatnonzero(needed[:n])[::-1].astype(np.int32)
    shared = np.zeros(len(edge_cost) + 1, dtype=np.bool_)
    shared[sites.edge] = True
    shared[-1] = False
    beside = list_by(np.where(shared[origins.edge], origins.edge, -1).astype(np.int32), len(edge_cost))
    spaces = threading.local()

    def search(begin: int, end: int) -> None:
        if not hasattr(spaces, "best"):
            spaces.best, spaces.best_m = np.empty((n + 1, LANES)), np.zeros((n + 1, LANES))
        best, best_m = spaces.best, spaces.best_m
        for first in range(begin, end, LANES):
            last = min(end, first + LANES)
            search_pass(
                first, last, sites.node, sites.minutes, sites.metres, order.rank, order.above, hierarchy.up,
                hierarchy.down, todo, cutoff, at, cost, best, best_m, minutes, metres,
            )  # fmt: skip
            part = slice(first, last)
            tell_direct(
                first, sites.edge[part], sites.along[part], sites.access[part], edge_cost, *beside, at, cost,
                origins.along, origins.access, cutoff, best, minutes, metres,
            )  # fmt: skip

    return search


def _pick(order: Order, keep: npt.NDArray[np.bool_], minutes: Floats, metres: Floats) -> Arcs:
    """Keep some arcs, and their offsets by rank."""
    before = np.concatenate([[0], np.cumsum(keep, dtype=np.int64)])
    picked = np.flatnonzero(keep)
    return before[order.start], order.high[picked], minutes[picked], metres[picked]
