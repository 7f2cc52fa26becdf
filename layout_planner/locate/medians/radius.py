"""The radius model of a median: one column for every set of sites that are all closed, shared by whom it concerns.

A demand point pays its cheapest cost, and every further step of cost if all sites that are nearer are closed. Two
demand points with the same nearest sites share the column, so the model is far smaller than one of pairs, and as
tight.

Source: Cornuejols, Nemhauser & Wolsey (1980), A canonical representation of simple plant location problems and its
applications, SIAM J. Alg. Disc. Meth. 1(3):261-272; Church (2003), COBRA: a new formulation of the classic p-median
location problem, Annals of Operations Research 122:103-120.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN202 - numba infers the types

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np
from scipy.sparse import coo_array

from layout_planner.locate.solvers import highs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.rows import SortedRows
    from layout_planner.locate.stopping import Watch

__all__ = ["RadiusModel"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@dataclass(frozen=True, eq=False)
class RadiusModel:
    """Columns: the ``m`` sites, then one for every set of nearest sites whose closing costs something.

    Attributes
    ----------
    constant : float
        Cost of serving everybody from the cheapest site.
    weight : ndarray (k,)
        What each set costs when all its sites are closed.
    parent : ndarray (k,)
        The set one step smaller, −1 for none; always an earlier column.
    new_set, new_site : ndarray
        The sites that each set adds to its parent.
    must : ndarray (k,) of bool
        Sets of which a site must be open.
    """

    n_sites: int
    constant: float
    weight: NDArray[np.float64]
    parent: NDArray[np.int64]
    new_set: NDArray[np.int64]
    new_site: NDArray[np.int32]
    must: NDArray[np.bool_]

    @classmethod
    def build(cls, rows: SortedRows, forced: NDArray[np.bool_]) -> RadiusModel:
        """Read the sets off sorted rows; a row whose last site is not surely open must have one of its sites open."""
        keys = np.random.default_rng(0).integers(1, 2**63, (2, rows.n_sites), dtype=np.uint64)
        mark, mark2, weight, parent, begin, end, must = _levels(*rows.arrays, forced, *keys)
        _, first, group = np.unique(mark, return_index=True, return_inverse=True)
        if len(np.unique(mark2)) != len(first):  # two sets share a mark: share no columns
            first = group = np.arange(len(mark))
        rank = np.empty(len(first), np.int64)
        rank[np.argsort(first, kind="stable")] = np.arange(len(first))
        group, first = rank[group], np.sort(first)
        above = parent[first]
        sizes = end[first] - begin[first]
        entries = np.repeat(begin[first] - np.append(0, np.cumsum(sizes)[:-1]), sizes) + np.arange(sizes.sum())
        filled = rows.lengths > 0
        return cls(
            n_sites=rows.n_sites,
            constant=float(rows.cost[rows.indptr[:-1][filled]].sum()),
            weight=np.bincount(group, weight, minlength=len(first)).astype(np.float64),
            parent=np.where(above < 0, -1, group[np.maximum(above, 0)]),
            new_set=np.repeat(np.arange(len(first)), sizes),
            new_site=rows.site[entries],
            must=np.bincount(group, must, minlength=len(first)) > 0,
        )

    def solve(
        self,
        p: int,
        forced: NDArray[np.bool_],
        allowed: NDArray[np.bool_],
        *,
        start: NDArray[np.bool_] | None,
        watch: Watch,
        gap: float,
        seed: int,
    ) -> highs.MilpAnswer:
        """Open ``p`` sites at least cost in HiGHS; objective and bound leave out ``constant``."""
        k, m = len(self.weight), self.n_sites
        inner = np.flatnonzero(self.parent >= 0)
        row = np.concatenate([np.arange(k), inner, self.new_set, np.full(m, k)])
        col = np.concatenate([m + np.arange(k), m + self.parent[inner], self.new_site, np.arange(m)])
        value = np.concatenate([np.ones(k), -np.ones(len(inner)), np.ones(len(self.new_set)), np.ones(m)])
        matrix = coo_array((value, (row, col)), shape=(k + 1, m + k)).tocsc()
        lower = np.append((self.parent < 0).astype(float), p)
        upper = np.append(np.full(k, np.inf), p)
        integer = np.arange(m + k) < m

        unit = float(self.weight.max(initial=0.0)) / 1000 or 1.0  # the solver's tolerances are absolute

        def heard(_: float, best: float, bound: float) -> None:
            watch.tell(best * unit + self.constant, bound * unit + self.constant)

        answer = highs.solve(
            np.concatenate([np.zeros(m), self.weight / unit]),
            matrix,
            lower,
            upper,
            col_lower=np.concatenate([forced.astype(float), np.zeros(k)]),
            col_upper=np.concatenate([allowed.astype(float), (~self.must).astype(float)]),
            integer=integer,
            start=None if start is None else np.concatenate([start, self._closed(start)]),
            time_limit=max(0.1, watch.left),
            gap=gap,
            seed=seed,
            restart=False,
            progress=None if watch.progress is None else heard,
            cancel=watch.cancel,
        )
        return replace(answer, objective=answer.objective * unit, bound=answer.bound * unit)

    def _closed(self, is_open: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Tell which sets are wholly closed in a plan, as columns of the model."""
        return _all_closed(self.parent, self.new_set, self.new_site, is_open)


@_kernel
def _levels(indptr, site, cost, forced, key, key2):
    """List, row by row, the sets of sites up to each step of cost, with marks that tell equal sets."""
    size = len(site)
    mark, mark2 = np.empty(size, np.uint64), np.empty(size, np.uint64)
    weight, parent, must = np.empty(size), np.empty(size, np.int64), np.empty(size, np.bool_)
    begin, end = np.empty(size, np.int64), np.empty(size, np.int64)
    count = 0
    for i in range(len(indptr) - 1):
        above, first, a, b = -1, indptr[i], np.uint64(0), np.uint64(0)
        for e in range(indptr[i], indptr[i + 1]):
            if forced[site[e]]:
                break
            a += key[site[e]]
            b += key2[site[e]]
            final = e + 1 == indptr[i + 1]
            if final or cost[e + 1] > cost[e]:
                mark[count], mark2[count], parent[count], must[count] = a, b, above, final
                weight[count] = 0.0 if final else cost[e + 1] - cost[e]
                begin[count], end[count] = first, e + 1
                above, first = count, e + 1
                count += 1
    return mark[:count], mark2[:count], weight[:count], parent[:count], begin[:count], end[:count], must[:count]


@_kernel
def _all_closed(parent, new_set, new_site, is_open):
    closed = np.ones(len(parent))
    place = 0
    for k in range(len(parent)):
        if parent[k] >= 0:
            closed[k] = closed[parent[k]]
        while place < len(new_set) and new_set[place] == k:
            if is_open[new_site[place]]:
                closed[k] = 0.0
            place += 1
    return closed
