"""P-centre (P-中心): open ``p`` sites so that the worst-served demand point is as near as possible.

The answer is among the distinct costs: a radius is too small as soon as its set cover needs more than ``p`` sites.

Source: Minieka (1970), The m-center problem, SIAM Review 12(1):138-139.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.answers import check_count, nearest_plan, unserved, without_plan
from layout_planner.locate.covering import CoverSearch
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import LocationResult, relative_gap
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Cancel, Progress, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["p_center"]


def p_center(
    cost: Costs,
    p: int,
    *,
    weights: ArrayLike | None = None,
    fixed_open: Iterable[str | int] = (),
    forbidden: Iterable[str | int] = (),
    time_limit: float = 60.0,
    gap: float = 1e-4,
    seed: int = 0,
    demand_id: Sequence[str] | None = None,
    site_id: Sequence[str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> LocationResult:
    """Open ``p`` sites so that the worst-served demand point pays as little as possible.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each demand point from each site; not finite, or not listed, means "cannot be served".
    p : int
        Number of open sites.
    weights : array (n,), optional
        Multiplied into the rows before the worst is looked for.
    fixed_open, forbidden, time_limit, gap, seed, demand_id, site_id, progress, cancel
        As in :func:`p_median`.

    Returns
    -------
    LocationResult
        ``objective`` is the largest cost that anybody pays.
    """
    watch = Watch(time_limit, progress, cancel)
    problem = Problem.build(
        cost, weights=weights, fixed_open=tuple(fixed_open), forbidden=tuple(forbidden), demand_id=demand_id,
        site_id=site_id,
    )  # fmt: skip
    check_count(problem, p)
    rows = SortedRows.of(problem)
    if (rows.lengths == 0).any():
        return unserved(problem, rows, watch.elapsed)
    search = _RadiusSearch(rows, p, problem.forced, problem.barred)
    search.run(watch, gap, seed)
    if search.best is None:
        return without_plan(problem, search.bound, watch.elapsed, search.log)
    return nearest_plan(problem, rows, search.best, search.value, search.bound, gap, watch.elapsed, search.log)


class _RadiusSearch:
    """Bisect the distinct costs: every radius is either reached by a plan, or proven too small.

    ``best`` is the plan of the smallest radius so far, ``value``; ``bound`` the largest cost that is proven needed,
    ``inf`` if no plan serves everybody.
    """

    def __init__(self, rows: SortedRows, p: int, forced: NDArray[np.bool_], barred: NDArray[np.bool_]) -> None:
        self.rows, self.p, self.forced, self.barred = rows, p, forced, barred
        lowest = float(rows.cost[rows.indptr[:-1]].max())
        self._steps = np.unique(rows.cost[rows.cost >= lowest])
        self._low, self._high = 0, len(self._steps)
        self.best: NDArray[np.bool_] | None = None
        self.value, self.log = float("inf"), ""

    @property
    def bound(self) -> float:
        """The smallest radius that is not proven too small; ``inf`` if all are."""
        return float(self._steps[self._low]) if self._low < len(self._steps) else float("inf")

    def run(self, watch: Watch, gap: float, seed: int) -> None:
        """Bisect by greedy covers and rows that share no site, then by exact covers, until the gap is closed."""
        low, tried = self._low, 0
        while low < self._high:
            middle = (low + self._high) // 2
            if not self._reach(middle, self._cover(middle)):
                low = middle + 1
        watch.tell(self.value, self.bound)
        known = None
        while self._low < self._high and relative_gap(self.value, self.bound) > gap and not watch.stopped():
            middle = (self._low + self._high) // 2
            search = self._cover(middle)
            known = search.run(watch, gap=0.0, seed=seed, enough=self.p, known=known)
            tried += 1
            if not self._reach(middle, search) and self._low <= middle:
                break
            watch.tell(self.value, self.bound)
        self.log = f"{tried} radii of {len(self._steps)} decided by exact covers"

    def _cover(self, step: int) -> CoverSearch:
        return CoverSearch(self.rows.within(float(self._steps[step])), self.forced)

    def _reach(self, step: int, search: CoverSearch) -> bool:
        """Learn from the covers of one radius; tells whether ``p`` sites reach it."""
        if search.size > self.p:
            if search.bound > self.p:
                self._low = max(self._low, step + 1)
            return False
        spare = np.flatnonzero(~search.best & ~self.barred)
        search.best[spare[: self.p - search.size]] = True
        self.best = search.best
        self.value = float(self.rows.cost[self.rows.nearest(search.best)].max())
        self._high = int(np.searchsorted(self._steps, self.value))
        return True
