"""Covering models (覆盖): fewest sites that cover everybody, or most demand within a radius.

A set cover is solved over the few demand points that matter. A maximal cover is a median in which a covered demand
point costs nothing and an uncovered one its weight.

Source: Toregas, Swain, ReVelle & Bergman (1971), The location of emergency service facilities, Operations Research
19(6):1363-1373; Church & ReVelle (1974), The maximal covering location problem, Papers RSA 32:101-118.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.answers import check_count, check_radius, nearest_plan, unserved
from layout_planner.locate.covering import CoverSearch
from layout_planner.locate.medians.search import MedianSearch
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import LocationResult
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Cancel, Progress, Watch, check_search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["max_cover", "set_cover"]


def set_cover(
    cost: Costs,
    radius: float,
    *,
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
    """Open as few sites as possible so that every demand point has one within ``radius``.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each demand point from each site; not finite, or not listed, means "cannot be served".
    radius : float
        Largest cost that counts as covered, in the unit of the costs.
    fixed_open, forbidden, time_limit, gap, seed, demand_id, site_id, progress, cancel
        As in :func:`p_median`.

    Returns
    -------
    LocationResult
        ``objective`` is the number of open sites; everybody is assigned to the cheapest open site.
    """
    watch = Watch(time_limit, progress, cancel)
    check_search(gap, seed)
    problem = Problem.build(cost, fixed_open=fixed_open, forbidden=forbidden, demand_id=demand_id, site_id=site_id)
    check_radius(radius)
    rows = SortedRows.of(problem)
    if ((near := rows.within(radius)).lengths == 0).any():
        return unserved(problem, near, watch.elapsed, f" within {radius:g}")
    search = CoverSearch(rows, radius, problem.forced, problem.barred)
    watch.tell(float(search.size), search.bound)
    search.run(watch, gap=gap, seed=seed)
    return nearest_plan(problem, rows, search.best, float(search.size), search.bound, gap, watch.elapsed, search.log)


def max_cover(
    cost: Costs,
    p: int,
    radius: float,
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
    """Open ``p`` sites so that as much weight as possible has one within ``radius``.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each demand point from each site, compared with ``radius`` as it is.
    p : int
        Number of open sites.
    radius : float
        Largest cost that counts as covered, in the unit of the costs.
    weights : array (n,), optional
        What each demand point counts, for example pupils; 1 without.
    fixed_open, forbidden, time_limit, gap, seed, demand_id, site_id, progress, cancel
        As in :func:`p_median`.

    Returns
    -------
    LocationResult
        ``objective`` is the weight left uncovered (least, so that ``bound`` is a lower bound as everywhere; the gap
        is relative to it); the assignment of an uncovered demand point is ``""``.
    """
    watch = Watch(time_limit, progress, cancel)
    check_search(gap, seed)
    problem = Problem.build(cost, fixed_open=fixed_open, forbidden=forbidden, demand_id=demand_id, site_id=site_id)
    check_count(problem, p)
    check_radius(radius)
    near = SortedRows.of(problem).within(radius)
    weight = Problem.build(np.ones((len(near.lengths), 1)), weights=weights, demand_id=problem.demand_id.tolist()).cost
    rows = _with_nowhere(near, weight)
    forced, barred = np.append(problem.forced, True), np.append(problem.barred, False)
    search = MedianSearch(rows, p + 1, forced, barred, watch=watch, gap=gap, seed=seed)
    search.run()
    assert search.best is not None, "leaving everybody out is a plan"
    is_open = search.best[:-1]
    log = "; ".join(search.log)
    return nearest_plan(problem, near, is_open, search.value, search.bound, gap, watch.elapsed, log)


def _with_nowhere(near: SortedRows, weight: NDArray[np.float64]) -> SortedRows:
    """Let every site nearby serve for nothing, and a last one, "nowhere", everybody for the weight."""
    n, ends = len(near.lengths), near.indptr[1:]
    return SortedRows(
        near.indptr + np.arange(n + 1),
        np.insert(near.site, ends, near.n_sites).astype(np.int32),
        np.insert(np.zeros(len(near.cost)), ends, weight),
        near.n_sites + 1,
    )
