"""P-median (P-中位): open ``p`` sites so that the total cost of serving every demand point is least.

Source: ReVelle & Swain (1970), Central facilities location, Geographical Analysis 2(1):30-42.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import LayoutError, Text
from layout_planner.locate.median_search import MedianSearch
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import LocationResult, Status, relative_gap
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Cancel, Progress, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

__all__ = ["check_count", "p_median", "without_plan"]


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
    problem = Problem.build(
        cost,
        weights=weights,
        fixed_open=tuple(fixed_open),
        forbidden=tuple(forbidden),
        demand_id=demand_id,
        site_id=site_id,
    )
    check_count(problem, p)
    rows = SortedRows.of(problem)
    stranded = problem.demand_id[rows.lengths == 0]
    if len(stranded):
        names = ", ".join(str(i) for i in stranded[:20])
        log = f"infeasible: no allowed site can serve {len(stranded)} demand points: {names}"
        return without_plan(problem, Status.INFEASIBLE, float("inf"), watch.elapsed, log)
    search = MedianSearch(rows, p, problem.forced, problem.barred, watch=watch, gap=gap, seed=seed)
    search.run()
    log = "; ".join(search.log)
    if search.best is None:
        status = Status.INFEASIBLE if search.bound == float("inf") else Status.UNKNOWN
        return without_plan(problem, status, search.bound, watch.elapsed, log)
    pair = rows.nearest(search.best)
    objective = float(rows.cost[pair].sum())
    bound = min(search.bound, objective)
    reached = relative_gap(objective, bound)
    return LocationResult(
        status=Status.OPTIMAL if reached <= gap else Status.FEASIBLE,
        objective=objective,
        bound=bound,
        gap=reached,
        open=np.array(sorted(problem.site_id[search.best]), dtype=object),
        assignment=problem.site_id[rows.site[pair]],
        demand_id=problem.demand_id,
        runtime=watch.elapsed,
        log=log,
    )


def check_count(problem: Problem, p: int) -> None:
    """Refuse a number of open sites that the fixed and forbidden ones rule out.

    Raises
    ------
    LayoutError
        With the numbers that are possible.
    """
    low, high = int(problem.forced.sum()), int((~problem.barred).sum())
    if not max(low, 1) <= p <= high:
        between = f"{max(low, 1)} … {high}"
        raise LayoutError(Text(f"p = {p} 不可行，须在 {between} 之间", f"p = {p} must lie in {between}"))


def without_plan(problem: Problem, status: Status, bound: float, runtime: float, log: str) -> LocationResult:
    """Make the result of a search that found no plan."""
    nowhere = np.full(len(problem.demand_id), "", dtype=object)
    return LocationResult(
        status, float("inf"), bound, float("inf"), np.array([], object), nowhere, problem.demand_id, runtime, log
    )
