"""The fewest sites that cover every row within a radius: an exact search over the few rows that matter.

Most rows of a cover are implied by others. A programme over a few of them bounds the whole from below; the rows that
its answer leaves uncovered are added, until nothing is left uncovered or the bound meets the best cover. Interchange,
counting what costs exceed the radius by, makes covers of those answers, and smaller covers of larger ones.

Source: Toregas, Swain, ReVelle & Bergman (1971), The location of emergency service facilities, Operations Research
19(6):1363-1373, for dominance; Contardo, Iori & Kramer (2019), A scalable exact algorithm for the vertex p-center
problem, Computers & Operations Research 103:211-220, for adding rows.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN202 - numba infers the types

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np
from scipy.sparse import csc_array, csr_array, vstack

from layout_planner.locate.medians.local_search import greedy, interchange
from layout_planner.locate.solvers import highs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.rows import SortedRows
    from layout_planner.locate.stopping import Watch

__all__ = ["CoverSearch"]

_kernel: Any = nb.njit(cache=True, nogil=True)


class CoverSearch:
    """Cover rows that all have a site within a radius, with the sites of ``forced`` and as few others as possible.

    Parameters
    ----------
    rows : SortedRows
        Costs.
    radius : float
        Largest cost that covers.
    forced, barred : ndarray (m,) of bool
        Sites that are open in any case, or in none.

    Attributes
    ----------
    best : ndarray (m,) of bool
        The smallest cover so far, greedy at first; it has ``size`` sites.
    bound : float
        No cover has fewer sites; at first, how many rows share no site with one another.
    log : str
        What was done last.
    """

    def __init__(self, rows: SortedRows, radius: float, forced: NDArray[np.bool_], barred: NDArray[np.bool_]) -> None:
        near, shape = rows.within(radius), (len(rows.lengths), rows.n_sites)
        self._rows, self._forced, self._barred = (
            csr_array((np.ones(len(near.site)), near.site, near.indptr), shape=shape), forced, barred
        )  # fmt: skip
        self._excess = replace(rows, cost=np.maximum(rows.cost - radius, 0.0))
        by_site = self._rows.tocsc()
        self._arrays = (near.indptr, near.site, by_site.indptr.astype(np.int64), by_site.indices.astype(np.int32))
        self._order = np.argsort(near.lengths, kind="stable")
        self._apart = self._disjoint(self._rows @ forced == 0)
        self.best = self._completed(forced)
        self.bound = float(forced.sum() + len(self._apart))
        self.log = "greedy cover"

    @property
    def size(self) -> int:
        """Number of sites of the smallest cover so far."""
        return int(self.best.sum())

    def run(
        self, watch: Watch, *, gap: float, seed: int, enough: int | None = None, known: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Improve cover and bound until they meet, or it is known whether ``enough`` sites are enough.

        Parameters
        ----------
        watch : Watch
            Time, cancellation, progress.
        gap, seed : float, int
            Relative gap at which to stop; seed of HiGHS.
        enough : int, optional
            Stop once a cover of so many sites is found, or proven to be none.
        known : ndarray of int, optional
            Rows that mattered in a similar problem.

        Returns
        -------
        ndarray of int
            The rows that mattered.
        """
        self.shrink(watch, 0 if enough is None else enough)
        active = self._apart if known is None else np.union1d(self._apart, known)
        while not self._settled(gap, enough) and not watch.stopped():
            most = self.size - 1 if enough is None else enough
            rest, columns = _undominated(csr_array(self._rows[active]), self._forced)
            answer = self._programme(rest, most, watch, gap if enough is None else 1.0, seed)
            self.log = f"{answer.log}; {rest.shape[0]} of {len(self._order)} rows, {len(columns)} sites"
            active = np.union1d(active, self._learn(answer, columns, most))
            if not (answer.complete or answer.infeasible):
                break
        return active

    def _programme(self, rest: csr_array, most: int, watch: Watch, gap: float, seed: int) -> highs.MilpAnswer:
        """Cover some rows with at most so many sites, the forced ones counted, in HiGHS."""
        rows, size = rest.shape
        return highs.solve(
            np.ones(size),
            csc_array(vstack([rest, csr_array(np.ones((1, size)))])),
            np.append(np.ones(rows), 0.0),
            np.append(np.full(rows, np.inf), most - self._forced.sum()),
            col_upper=np.ones(size),
            integer=np.ones(size, dtype=bool),
            time_limit=max(0.1, watch.left),
            gap=gap,
            seed=seed,
            cancel=watch.cancel,
        )

    def shrink(self, watch: Watch, enough: int) -> None:
        """Take the site away that matters least, and interchange until all is covered anew; until that fails."""
        while self.size > max(enough, self.bound) and not watch.stopped():
            times = self._rows @ self.best
            alone = self._rows.T @ (times == 1)
            fewer = self.best.copy()
            fewer[np.argmin(np.where(self.best & ~self._forced, alone, np.inf))] = False
            if not self.mend(fewer, self.size - 1):
                return

    def mend(self, plan: NDArray[np.bool_], size: int) -> bool:
        """Add sites up to a size and interchange them; takes the plan and tells so if it is the smallest cover yet."""
        filled = greedy(self._excess, size, plan, self._barred)
        moved = interchange(self._excess, filled, self._forced, self._barred)
        if size >= self.size or (self._rows @ moved == 0).any():
            return False
        self.best = self._completed(moved)
        return True

    def _settled(self, gap: float, enough: int | None) -> bool:
        decided = enough is not None and (self.size <= enough or self.bound > enough)
        return decided or self.size - self.bound <= gap * self.size

    def _learn(self, answer: highs.MilpAnswer, columns: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        """Take a bound and a cover from an answer to some rows, and list rows that it leaves uncovered."""
        if answer.infeasible:
            self.bound = max(self.bound, most + 1.0)
        elif np.isfinite(answer.bound):
            self.bound = max(self.bound, min(self.size, self._forced.sum() + np.ceil(answer.bound - 1e-6)))
        if answer.values is None:
            return np.array([], dtype=np.int64)
        chosen = self._forced.copy()
        chosen[columns[answer.values > 0.5]] = True
        full = self._completed(chosen)
        if full.sum() < self.size:
            self.best = full
        elif chosen.sum() <= most:
            self.mend(chosen, min(most, self.size - 1))
        return self._disjoint(self._rows @ chosen == 0)

    def _completed(self, is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Open the site that covers most of what is uncovered, until nothing is; then drop what is not needed."""
        return _completed(*self._arrays, is_open.copy(), self._forced)

    def _disjoint(self, wanted: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Pick wanted rows that share no site, those with few sites first."""
        return _disjoint(*self._arrays[:2], self._order[wanted[self._order]], self._rows.shape[1])


@_kernel
def _completed(indptr, site, start, row, is_open, forced):
    n, m = len(indptr) - 1, len(forced)
    times, gain = np.zeros(n, np.int64), np.zeros(m, np.int64)
    for j in range(m):
        if is_open[j]:
            times[row[start[j] : start[j + 1]]] += 1
    for i in range(n):
        if times[i] == 0:
            gain[site[indptr[i] : indptr[i + 1]]] += 1
    while True:
        pick = np.argmax(gain)
        if gain[pick] == 0:
            break
        is_open[pick] = True
        for e in range(start[pick], start[pick + 1]):
            i = row[e]
            if times[i] == 0:
                gain[site[indptr[i] : indptr[i + 1]]] -= 1
            times[i] += 1
    for j in range(m):
        if is_open[j] and not forced[j] and (times[row[start[j] : start[j + 1]]] > 1).all():
            is_open[j] = False
            times[row[start[j] : start[j + 1]]] -= 1
    return is_open


@_kernel
def _disjoint(indptr, site, order, n_sites):
    taken, picked, count = np.zeros(n_sites, np.bool_), np.empty(len(order), np.int64), 0
    for i in order:
        if not taken[site[indptr[i] : indptr[i + 1]]].any():
            taken[site[indptr[i] : indptr[i + 1]]] = True
            picked[count] = i
            count += 1
    return picked[:count].copy()


def _undominated(sets: csr_array, forced: NDArray[np.bool_]) -> tuple[csr_array, NDArray[np.int64]]:
    """Leave out covered rows, rows that another implies, and sites that another covers for; until nothing changes."""
    rest = sets[np.flatnonzero(sets @ forced == 0)]
    columns = np.flatnonzero(~forced)
    rest = csr_array(rest[:, columns])
    while True:
        before = rest.shape
        rest = rest[_minimal(rest)]
        keep = _minimal(rest.T.tocsr(), largest=True)
        rest, columns = csr_array(rest[:, keep]), columns[keep]
        if rest.shape == before:
            return rest, columns


def _minimal(sets: csr_array, *, largest: bool = False) -> NDArray[np.int64]:
    """List the rows that contain no other row (``largest``: that no other contains); of equal ones the first."""
    size = np.diff(sets.indptr)
    common = (sets @ sets.T).tocoo()
    one, other, shared = common.row, common.col, common.data
    inside = shared == (size[one] if largest else size[other])
    equal = inside & (size[one] == size[other])
    drop = inside & (one != other) & (~equal | (other < one))
    keep = np.ones(len(size), dtype=bool)
    keep[one[drop]] = False
    return np.flatnonzero(keep & (size > 0))
