"""P-centre (P-中心): open ``p`` sites so that the worst-served demand point is as near as possible.

The answer is among the distinct costs: a radius is too small as soon as its set cover needs more than ``p`` sites.

Source: Minieka (1970), The m-center problem, SIAM Review 12(1):138-139.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.answers import check_count, nearest_plan, unserved, without_plan
from layout_planner.locate.covering import CoverSearch
from layout_planner.locate.medians.local_search import interchange
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import LocationResult, relative_gap
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Cancel, Progress, Watch, check_search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["p_center"]

_SHAKES, _MOVED = 20, 4
_DEEPER = 0.1  # share of the gap by which a smaller radius is tried
_PART = 0.3  # of the time left, for one radius


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
    check_search(gap, seed)
    problem = Problem.build(
        cost, weights=weights, fixed_open=fixed_open, forbidden=forbidden, demand_id=demand_id,
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
        """Bisect by quick covers and rows that share no site, then by exact covers, until the gap is closed."""
        low = self._low
        while low < self._high and not (self.best is not None and watch.stopped()):
            middle = (low + self._high) // 2
            search = self._cover(middle)
            search.shrink(watch, self.p)
            if not self._reach(middle, search):
                low = middle + 1
        self._shake(watch, seed)
        watch.tell(self.value, self.bound)
        tried, known, undecided = 0, None, self._high
        while self._low < undecided and relative_gap(self.value, self.bound) > gap and not watch.stopped():
            middle = self._between(undecided)
            search = self._cover(middle)
            known = search.run(watch.part(_PART), gap=0.0, seed=seed, enough=self.p, known=known)
            tried += 1
            reached = self._reach(middle, search)
            undecided = min(undecided, self._high if reached or self._low > middle else middle)
            watch.tell(self.value, self.bound)
        self.log = f"{tried} radii of {len(self._steps)} decided by exact covers"

    def _between(self, high: int) -> int:
        """Give a step about midway between the bound and another step, by their costs."""
        costs = self._steps[self._low], self._steps[min(high, len(self._steps) - 1)]
        middle = int(np.searchsorted(self._steps, sum(costs) / 2))
        return min(max(middle, self._low), high - 1)

    def _shake(self, watch: Watch, seed: int) -> None:
        """Move a few sites of the best plan at random, and interchange by what costs exceed a smaller radius by."""
        rng, rows, idle = np.random.default_rng(seed), self.rows, 0
        while self.best is not None and self._high > self._low and idle < _SHAKES and not watch.stopped():
            movable, closed = (np.flatnonzero(mask) for mask in (self.best & ~self.forced, ~self.best & ~self.barred))
            count = min(_MOVED, len(movable), len(closed))
            plan = self.best.copy()
            plan[rng.choice(movable, count, replace=False)] = False
            plan[rng.choice(closed, count, replace=False)] = True
            least = float(self._steps[self._low])
            radius = self.value - _DEEPER * (self.value - least)
            excess = replace(rows, cost=np.maximum(rows.cost - radius, 0.0))
            plan = interchange(excess, plan, self.forced, self.barred)
            idle = 0 if self._take(plan) else idle + 1

    def _take(self, plan: NDArray[np.bool_]) -> bool:
        """Keep a plan of ``p`` sites if it is the best; tells whether it is."""
        pair = self.rows.nearest(plan)
        value = float(self.rows.cost[pair].max()) if (pair >= 0).all() else float("inf")
        if value >= self.value:
            return False
        self.best, self.value = plan, value
        self._high = int(np.searchsorted(self._steps, value))
        return True

    def _cover(self, step: int) -> CoverSearch:
        return CoverSearch(self.rows, float(self._steps[step]), self.forced, self.barred)

    def _reach(self, step: int, search: CoverSearch) -> bool:
        """Learn from the covers of one radius; tells whether ``p`` sites reach it."""
        if search.size > self.p:
            if search.bound > self.p:
                self._low = max(self._low, step + 1)
            return False
        spare = np.flatnonzero(~search.best & ~self.barred)
        search.best[spare[: self.p - search.size]] = True
        self._take(search.best)
        return True
