"""The transportation problem with few sinks: send every supply to sinks with room at least total cost, exactly.

Successive shortest augmentation over the graph of the sinks: everybody starts at the cheapest sink, and the
excess of an overfull sink moves along the cheapest chain of displacements to a sink with room. The residual
arc between two sinks is the cheapest displacement among the supplies held at the first, kept in a skew heap for
every pair of sinks, so that the size of the search does not depend on the number of supplies. Prices keep all
displacement costs non-negative (Dijkstra), and in the end prove the total least.

A large problem starts from good prices (:mod:`layout_planner.locate.capacity.transport_prices`), at which little is
left to move, and with the pairs that are cheap at those prices; in the end the prices are held against every pair, and
pairs that would lower the total are added until there are none.

Source: Edmonds & Karp (1972), J. ACM 19(2):248-264; Sleator & Tarjan (1986) for skew heaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

from layout_planner.locate.capacity.transport_kernels import augment
from layout_planner.locate.capacity.transport_prices import Table, cheap_entries, scarcity_prices

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Transport", "transport"]

_LARGE = 100_000
"""Pairs from which on good prices are worth their search."""
_EXACT = 1e-12

_kernel: Any = nb.njit(cache=True, nogil=True)


@dataclass(frozen=True, eq=False)
class Transport:
    """Solution of a transportation problem.

    ``flow`` (number of entries,); ``unserved`` (n,) amount of every supply that stays; ``price`` (v,) of one more
    unit of room at every node (dual values, ≥ 0).
    """

    flow: NDArray[np.float64]
    unserved: NDArray[np.float64]
    price: NDArray[np.float64]


def transport(
    indptr: NDArray[np.int64],
    node: NDArray[np.int64],
    cost: NDArray[np.float64],
    supply: NDArray[np.float64],
    capacity: NDArray[np.float64],
    drain: NDArray[np.int64],
    unserved_cost: float,
) -> Transport:
    """Send every supply to nodes with room at least total cost.

    Parameters
    ----------
    indptr, node, cost : ndarray
        Sparse rows by supply: node and cost per unit of supply.
    supply : ndarray (n,)
        Amounts, ≥ 0, divisible.
    capacity : ndarray (v,)
        Room of a sink, or of the passage from a gate to its sink.
    drain : ndarray (v,)
        −1 for a sink; for a gate (a node that only leads on, such as the beds of a school) the sink behind it.
    unserved_cost : float
        Cost of leaving one unit of supply unserved. If it exceeds the number of nodes times the largest cost, as
        much as possible is served.

    Returns
    -------
    Transport
        Exact to rounding; ties go to the entry that is listed first, so the same input gives the same answer.
    """
    indptr, node = np.ascontiguousarray(indptr, np.int64), np.ascontiguousarray(node, np.int64)
    cost, supply = np.ascontiguousarray(cost, np.float64), np.ascontiguousarray(supply, np.float64)
    drain = np.ascontiguousarray(drain, np.int64)
    room = np.minimum(np.asarray(capacity, np.float64), 2.0 * supply.sum() + 1.0)
    stay = float(unserved_cost)
    price, window = np.zeros(len(room)), np.inf
    if len(node) >= _LARGE:
        stay = min(stay, 2.0 * float(cost.max(initial=0.0)) + 1.0)
        price, window = scarcity_prices(indptr, node, cost, supply, room, drain, stay)
    table = cheap_entries(indptr, node, cost, price, stay, window)
    kept = np.zeros(0 if len(table.node) == len(node) else len(node), dtype=np.bool_)
    while True:
        held, price = _solve(table, supply, room, drain, price, stay, float(unserved_cost) - stay)
        stay = float(unserved_cost)
        kept[table.entry if len(kept) else slice(0)] = True
        if not len(kept) or not _add_cheaper(indptr, node, cost, price, stay, window, kept):
            break
        entry = np.flatnonzero(kept)
        table = Table(np.searchsorted(entry, indptr), node[entry], cost[entry], entry)
    stays = table.indptr[1:] + np.arange(len(supply))
    flow = np.zeros(len(node))
    flow[table.entry] = np.delete(held, stays)
    return Transport(flow, held[stays], price)


def _solve(
    table: Table,
    supply: NDArray[np.float64],
    room: NDArray[np.float64],
    drain: NDArray[np.int64],
    price: NDArray[np.float64],
    stay: float,
    more: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Solve over some pairs from prices; returns amounts, each row ending with what stays, and prices of the nodes."""
    ends = table.indptr[1:]
    node, cost = np.insert(table.node, ends, len(room)), np.insert(table.cost, ends, stay)
    asked = np.append(price, 0.0)
    indptr = table.indptr + np.arange(len(table.indptr))
    held: NDArray[np.float64] = augment(indptr, node, cost, supply, room, drain, asked, max(0.0, more))
    gates = np.flatnonzero(drain >= 0)
    asked[gates] = np.maximum(asked[gates], asked[drain[gates]])
    return held, asked[:-1]


@_kernel
def _add_cheaper(indptr, node, cost, price, stay, window, kept):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Mark the pairs of rows where a pair left out costs less, price included, than those kept; returns the rows."""
    rows = 0
    for i in range(len(indptr) - 1):
        best, least = stay, stay
        for e in range(indptr[i], indptr[i + 1]):
            asked = cost[e] + price[node[e]]
            least = min(least, asked)
            if kept[e]:
                best = min(best, asked)
        if least < best - _EXACT * (1.0 + abs(best)):
            rows += 1
            for e in range(indptr[i], indptr[i + 1]):
                if cost[e] + price[node[e]] <= least + window:
                    kept[e] = True
    return rows
