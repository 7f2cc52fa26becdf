"""Costs by demand point, cheapest site first: the one table that searches and bounds of location models walk along."""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN202 - numba infers the types

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.problem import Problem

__all__ = ["SortedRows"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@dataclass(frozen=True, eq=False)
class SortedRows:
    """The pairs that may serve, by demand point, cheapest first, ties by site position.

    ``indptr`` (n + 1,), ``site`` and ``cost`` (number of pairs,), ``n_sites`` = ``m``.
    """

    indptr: NDArray[np.int64]
    site: NDArray[np.int32]
    cost: NDArray[np.float64]
    n_sites: int

    @classmethod
    def of(cls, problem: Problem) -> SortedRows:
        """Sort a problem's rows; forbidden sites are left out."""
        site = problem.site.astype(np.int32)
        indptr, site, cost = _sort(problem.indptr, site, problem.cost, ~problem.barred)
        return cls(indptr, site, cost, len(problem.site_id))

    @classmethod
    def dense(cls, cost: NDArray[np.float64], barred: NDArray[np.bool_]) -> SortedRows:
        """Sort the rows of a matrix (n, m); pairs without a finite cost are left out."""
        listed = np.isfinite(cost)
        indptr = np.concatenate([[0], np.cumsum(listed.sum(axis=1))])
        indptr, site, value = _sort(indptr, np.nonzero(listed)[1].astype(np.int32), cost[listed], ~barred)
        return cls(indptr, site, value, cost.shape[1])

    @property
    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]]:
        """The three arrays, as the kernels take them."""
        return self.indptr, self.site, self.cost

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of sites that may serve each demand point, (n,)."""
        return np.diff(self.indptr)

    def reduced(self, closed: NDArray[np.bool_], opened: NDArray[np.bool_], limit: NDArray[np.float64]) -> SortedRows:
        """Leave out closed sites, what comes after a site that is open for sure, and costs above a limit.

        Parameters
        ----------
        closed, opened : ndarray (m,) of bool
            Sites known to be closed, or open.
        limit : ndarray (n,)
            Highest cost worth keeping, by demand point.
        """
        indptr, site, cost = _reduce(*self.arrays, closed, opened, limit)
        return SortedRows(indptr, site, cost, self.n_sites)

    def within(self, radius: float) -> SortedRows:
        """Keep the pairs whose cost is at most ``radius``."""
        none = np.zeros(self.n_sites, dtype=bool)
        return self.reduced(none, none, np.full(len(self.indptr) - 1, radius))

    def nearest(self, is_open: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Find the pair of each demand point's cheapest open site, (n,); −1 where none can serve."""
        return _nearest(self.indptr, self.site, is_open)

    def total(self, is_open: NDArray[np.bool_]) -> float:
        """Sum the costs with everybody at the cheapest open site; ``inf`` if somebody has none."""
        pair = self.nearest(is_open)
        return float("inf") if (pair < 0).any() else float(self.cost[pair].sum())


@_kernel
def _sort(indptr, site, cost, allowed):
    """Sort each row by cost, leaving out sites that are not allowed."""
    n = len(indptr) - 1
    start = np.zeros(n + 1, np.int64)
    for i in range(n):
        count = 0
        for e in range(indptr[i], indptr[i + 1]):
            count += allowed[site[e]]
        start[i + 1] = start[i] + count
    to_site, to_cost = np.empty(start[n], np.int32), np.empty(start[n])
    for i in range(n):
        order = np.argsort(cost[indptr[i] : indptr[i + 1]], kind="mergesort")
        place = start[i]
        for k in order:
            e = indptr[i] + k
            if allowed[site[e]]:
                to_site[place], to_cost[place] = site[e], cost[e]
                place += 1
    return start, to_site, to_cost


@_kernel
def _reduce(indptr, site, cost, closed, opened, limit):
    """Copy the rows without what cannot matter."""
    n, place = len(indptr) - 1, 0
    start = np.zeros(n + 1, np.int64)
    to_site, to_cost = np.empty(len(site), np.int32), np.empty(len(site))
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            if cost[e] > limit[i]:
                break
            if not closed[site[e]]:
                to_site[place], to_cost[place] = site[e], cost[e]
                place += 1
                if opened[site[e]]:
                    break
        start[i + 1] = place
    return start, to_site[:place].copy(), to_cost[:place].copy()


@_kernel
def _nearest(indptr, site, is_open):
    n = len(indptr) - 1
    pair = np.full(n, -1, np.int64)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            if is_open[site[e]]:
                pair[i] = e
                break
    return pair
