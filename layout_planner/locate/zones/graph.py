"""Zones: connected sets of units around the unit of a site, on a graph of neighbouring units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from layout_planner.locate.capacity.facilities import Facilities

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Zoning", "detached", "fence", "neighbours", "reach", "reattach", "ways"]


@dataclass(frozen=True, eq=False)
class Zoning:
    """Frozen arrays of a zoning problem with ``n`` units and ``m`` sites.

    Attributes
    ----------
    cost : ndarray (n, m)
        Cost of serving the whole unit from the site; ``inf`` where it cannot.
    demand : ndarray (n,)
        Demand of every unit, ≥ 0.
    capacity, fixed : ndarray (m,)
        Room and cost of opening, by site.
    seat : ndarray (m,)
        Unit that holds the site.
    indptr, adj : ndarray
        Neighbours of every unit, both ways.
    forced, barred : ndarray (m,) of bool
        Sites that must be open, or must not.
    p : int or None
        Number of open sites where it is given.
    budget : float
        Limit on the sum of ``fixed``.
    """

    cost: NDArray[np.float64]
    demand: NDArray[np.float64]
    capacity: NDArray[np.float64]
    fixed: NDArray[np.float64]
    seat: NDArray[np.int64]
    indptr: NDArray[np.int64]
    adj: NDArray[np.int64]
    forced: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    p: int | None = None
    budget: float = float("inf")

    def value(self, label: NDArray[np.int64]) -> float:
        """Add up the cost of serving every unit from the site ``label`` (n,) and of opening those sites."""
        opened = np.unique(label)
        return float(self.cost[np.arange(len(label)), label].sum() + self.fixed[opened].sum())

    @property
    def facilities(self) -> Facilities:
        """The same problem without neighbourhoods."""
        total, able = float(self.demand.sum()), int((~self.barred).sum())
        return Facilities(
            cost=np.where(self.barred, np.inf, self.cost),
            fixed=self.fixed,
            room=np.minimum(self.capacity, total),
            size=self.demand,
            forced=self.forced,
            barred=self.barred,
            fewest=max(1, int(self.forced.sum())) if self.p is None else self.p,
            most=able if self.p is None else self.p,
            budget=self.budget,
        )

    def overload(self, label: NDArray[np.int64]) -> NDArray[np.float64]:
        """Tell by how much every site (m,) is overfull."""
        load = np.bincount(label, weights=self.demand, minlength=len(self.capacity))
        over = load - self.capacity
        return np.where(over > 1e-9 * np.maximum(1.0, self.capacity), over, 0.0)


def neighbours(pairs: NDArray[np.int64], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Turn pairs (k, 2) of neighbouring units into sparse rows, both ways, each neighbour once and sorted.

    >>> neighbours(np.array([[0, 1], [2, 1], [1, 0]]), 3)
    (array([0, 1, 3, 4]), array([1, 0, 2, 1]))
    """
    both = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int64)
    both = np.unique(both[both[:, 0] != both[:, 1]], axis=0)
    indptr = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(both[:, 0], minlength=count), out=indptr[1:])
    return indptr, np.ascontiguousarray(both[:, 1])


@njit("b1[:](i8[:], i8[:], b1[:], i8)", cache=True)
def reach(indptr, adj, allowed, start):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - compiled
    """Mark what can be reached from ``start`` over allowed units; ``start`` itself is always marked."""
    seen = np.zeros(len(allowed), dtype=np.bool_)
    queue = np.empty(len(allowed), dtype=np.int64)
    queue[0] = start
    seen[start] = True
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if allowed[v] and not seen[v]:
                seen[v] = True
                queue[tail] = v
                tail += 1
    return seen


@njit("f8[:](i8[:], i8[:], f8[:], b1[:], i8)", cache=True)
def ways(indptr, adj, step, allowed, start):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - compiled
    """Measure the shortest way from ``start`` over allowed units, ``inf`` where none leads; steps are > 0."""
    n = len(allowed)
    way, waiting = np.full(n, np.inf), np.zeros(n, dtype=np.bool_)
    queue = np.empty(n, dtype=np.int64)
    queue[0], way[start], waiting[start] = start, 0.0, True
    head, count = 0, 1
    while count:
        u = queue[head]
        head, count, waiting[u] = (head + 1) % n, count - 1, False
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if allowed[v] and way[u] + step[e] < way[v]:
                way[v] = way[u] + step[e]
                if not waiting[v]:
                    queue[(head + count) % n], waiting[v] = v, True
                    count += 1
    return way


@njit("b1[:](i8[:], i8[:], i8[:], i8[:])", cache=True)
def detached(indptr, adj, label, seat):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - compiled
    """Mark the units (n,) that no path within their own zone joins to the seat of their site."""
    lost = np.ones(len(label), dtype=np.bool_)
    queue = np.empty(len(label), dtype=np.int64)
    tail = 0
    for j in range(len(seat)):
        u = seat[j]
        if label[u] == j and lost[u]:
            lost[u] = False
            queue[tail] = u
            tail += 1
    head = 0
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if lost[v] and label[v] == label[u]:
                lost[v] = False
                queue[tail] = v
                tail += 1
    return lost


@njit("b1[:](i8[:], i8[:], b1[:], b1[:], i8)", cache=True)
def fence(indptr, adj, allowed, piece, seat):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - compiled
    """Mark the units next to a piece that every path from the seat to the piece must cross, and no others.

    Paths run over ``allowed`` units. Of the units next to the piece only those count that the seat reaches
    without crossing another one.
    """
    n = len(allowed)
    rim = np.zeros(n, dtype=np.bool_)
    for u in range(n):
        if piece[u]:
            for e in range(indptr[u], indptr[u + 1]):
                v = adj[e]
                if allowed[v] and not piece[v]:
                    rim[v] = True
    found = np.zeros(n, dtype=np.bool_)
    seen = np.zeros(n, dtype=np.bool_)
    queue = np.empty(n, dtype=np.int64)
    seen[seat] = True
    queue[0] = seat
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        if rim[u]:
            found[u] = True
            continue
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if allowed[v] and not seen[v] and not piece[v]:
                seen[v] = True
                queue[tail] = v
                tail += 1
    return found


@njit("void(i8[:], i8[:], f8[:, :], f8[:], f8[:], i8[:], i8[:], b1[:], f8)", cache=True)
def reattach(indptr, adj, cost, demand, capacity, label, seat, is_open, penalty):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201 - compiled
    """Give every open site its seat and move detached units, cheapest first, to a zone next to them, in place.

    Overload counts ``penalty`` a unit of demand. Units that no zone can reach keep the label −1.
    """
    n, m = cost.shape
    for j in range(m):
        if is_open[j]:
            label[seat[j]] = j
    lost = detached(indptr, adj, label, seat)
    load = np.zeros(m)
    for i in range(n):
        if lost[i]:
            label[i] = -1
        else:
            load[label[i]] += demand[i]
    while True:
        best = np.inf
        unit, site = -1, -1
        for i in range(n):
            if label[i] >= 0:
                continue
            low = cost[i].min()
            for e in range(indptr[i], indptr[i + 1]):
                j = label[adj[e]]
                if j >= 0:
                    price = cost[i, j] - low + penalty * max(0.0, min(demand[i], load[j] + demand[i] - capacity[j]))
                    if price < best:
                        best, unit, site = price, i, j
        if unit < 0:
            return
        label[unit] = site
        load[site] += demand[unit]
