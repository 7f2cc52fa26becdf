"""P-median (P-中位): open ``p`` sites so that the total cost of serving every demand point is least.

Source: ReVelle & Swain (1970), Central facilities location, Geographical Analysis 2(1):30-42.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from layout_planner.locate.answers import check_count, nearest_plan, unserved, without_plan
from layout_planner.locate.medians.search import MedianSearch
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import LocationResult
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Cancel, Progress, Watch, check_search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

__all__ = ["p_median"]


def p_median(
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
    """Choose ``p`` sites of least total cost, exactly, with a proven bound.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each demand point from each site (minutes of a matrix); not finite, or not listed, means
        "cannot be served from there".
    p : int
        Number of open sites, at most the number of sites that are not forbidden.
    weights : array (n,), optional
        Multiplied into the rows, for example pupils.
    fixed_open, forbidden : iterable of str or int
        Sites that must be open, or must not: ids, or positions of a dense array.
    time_limit : float
        Seconds for the whole call; the best plan so far is returned at the limit, and never called optimal.
    gap : float
        Relative gap within which a plan counts as optimal.
    seed : int
        Of the first plan and the solver; the same seed gives the same plan.
    demand_id, site_id : sequence of str, optional
        Ids for a dense array; positions spelled as text otherwise.
    progress : callable, optional
        Told seconds, best cost and proven bound whenever one of them improves.
    cancel : callable, optional
        Asked now and then; the best plan so far is returned once it answers true.

    Raises
    ------
    LayoutError
        If ``p`` is smaller than the number of fixed sites or larger than the number of allowed sites.
    """
    watch = Watch(time_limit, progress, cancel)
    check_search(gap, seed)
    problem = Problem.build(
        cost,
        weights=weights,
        fixed_open=fixed_open,
        forbidden=forbidden,
        demand_id=demand_id,
        site_id=site_id,
    )
    check_count(problem, p)
    rows = SortedRows.of(problem)
    if (rows.lengths == 0).any():
        return unserved(problem, rows, watch.elapsed)
    search = MedianSearch(rows, p, problem.forced, problem.barred, watch=watch, gap=gap, seed=seed)
    search.run()
    log = "; ".join(search.log)
    if search.best is None:
        return without_plan(problem, search.bound, watch.elapsed, log)
    return nearest_plan(problem, rows, search.best, rows.total(search.best), search.bound, gap, watch.elapsed, log)
