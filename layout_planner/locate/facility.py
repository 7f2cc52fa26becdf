"""Facility location (设施选址): open sites at a fixed cost and serve every demand, with or without capacities.

Source: Beasley (1993), European Journal of Operational Research 65(3):383-399; Klose & Drexl (2005), Facility
location models for distribution system design, European Journal of Operational Research 162(1):4-29.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from layout_planner.locate.answers import check_budget, check_count, with_plan, without_plan
from layout_planner.locate.capacity.facilities import Facilities
from layout_planner.locate.capacity.search import Found, search
from layout_planner.locate.problem import Costs, Problem, amounts
from layout_planner.locate.result import LocationResult
from layout_planner.locate.stopping import Cancel, Progress, Watch, check_search

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike

__all__ = ["facility_location"]


def facility_location(
    cost: Costs,
    fixed_cost: ArrayLike,
    *,
    demand: ArrayLike | None = None,
    capacity: ArrayLike | None = None,
    single_source: bool = False,
    p: int | None = None,
    budget: float | None = None,
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
    """Choose sites so that opening them and serving everybody costs least, with a proven bound.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each whole demand from each site; not finite, or not listed, means "cannot be served from
        there".
    fixed_cost : array (m,) or float
        Cost of opening each site, in the unit of ``cost``.
    demand : array (n,), optional
        Amounts, ≥ 0, such as pupils; 1 each by default.
    capacity : array (m,) or float, optional
        Amount that each site can serve, such as seats; no limit by default.
    single_source : bool
        Every demand goes to one site whole; otherwise it may be split, and ``flow`` tells how.
    p : int, optional
        Exact number of open sites.
    budget : float, optional
        Largest sum of fixed costs.
    weights : array (n,), optional
        Multiplied into the rows of ``cost``.
    fixed_open, forbidden : iterable of str or int
        Sites that must be open, or must not: ids, or positions of a dense array.
    time_limit : float
        Seconds for the whole call; the best plan so far is returned at the limit, and never called optimal.
    gap : float
        Relative gap within which a plan counts as optimal.
    seed : int
        Seed of the search.
    demand_id, site_id : sequence of str, optional
        Ids for a dense array; positions spelled as text otherwise.
    progress : callable, optional
        Told seconds, objective and bound now and then.
    cancel : callable, optional
        Ends the search with the best plan so far once it returns ``True``.

    Raises
    ------
    LayoutError
        If amounts are negative or not finite, shapes disagree, or ``p`` cannot be met.

    Examples
    --------
    >>> facility_location([[1, 9], [9, 1]], [5, 5]).objective
    12.0
    """
    watch = Watch(time_limit, progress, cancel)
    check_search(gap, seed)
    problem = Problem.build(
        cost, weights=weights, fixed_open=fixed_open, forbidden=forbidden, demand_id=demand_id,
        site_id=site_id,
    )  # fmt: skip
    facilities = _facilities(problem, fixed_cost, demand, capacity, p, budget)
    trouble = _hopeless(problem, facilities, single_source)
    found = Found(bound=float("inf"), notes=[trouble])
    if not trouble:
        found = search(facilities, whole=single_source, watch=watch, gap=gap, seed=seed)
    return _result(problem, facilities, found, gap, watch, whole=single_source)


def _facilities(
    problem: Problem,
    fixed_cost: ArrayLike,
    demand: ArrayLike | None,
    capacity: ArrayLike | None,
    p: int | None,
    budget: float | None,
) -> Facilities:
    size = amounts(1.0 if demand is None else demand, problem.demand_id, "需求量", "demand")
    room = amounts(np.inf if capacity is None else capacity, problem.site_id, "容量", "capacity", endless=True)
    low, high = int(problem.forced.sum()), int((~problem.barred).sum())
    if p is not None:
        check_count(problem, p)
    return Facilities(
        cost=problem.dense(),
        fixed=amounts(fixed_cost, problem.site_id, "固定费用", "fixed cost"),
        room=np.minimum(room, size.sum()),
        size=size,
        forced=problem.forced,
        barred=problem.barred,
        fewest=max(low, 1) if p is None else p,
        most=high if p is None else p,
        budget=check_budget(budget),
    )


def _hopeless(problem: Problem, facilities: Facilities, single_source: bool) -> str:
    """Name whoever cannot be served at all, and what is missing when the room is too small."""
    reach = np.isfinite(facilities.cost)
    stranded = problem.demand_id[~reach.any(axis=1)]
    if len(stranded):
        names = ", ".join(str(i) for i in stranded[:20])
        return f"infeasible: no allowed site can serve {len(stranded)} demand points: {names}"
    if single_source:
        most = np.where(reach, facilities.room, 0.0).max(axis=1)
        large = problem.demand_id[facilities.size > most * (1 + 1e-12)]
        if len(large):
            names = ", ".join(str(i) for i in large[:20])
            return f"infeasible: larger than the capacity of every site within reach: {names}"
    rooms = np.sort(facilities.room[~facilities.barred])[::-1][: facilities.most]
    short = float(facilities.size.sum() - rooms.sum())
    if short > 1e-9 * max(1.0, float(facilities.size.sum())):
        return f"infeasible: the {len(rooms)} largest sites lack room for {short:.9g}"
    return ""


def _result(
    problem: Problem, facilities: Facilities, found: Found, gap: float, watch: Watch, *, whole: bool
) -> LocationResult:
    log = "; ".join(found.notes)
    if not np.isfinite(found.objective):
        return without_plan(problem, found.bound, watch.elapsed, log)
    table = np.zeros(facilities.cost.shape)
    table[:, found.sites] = found.share * facilities.size[:, None]
    served, flow = problem.site_id[found.sites[found.share.argmax(axis=1)]], None if whole else csr_array(table)
    return with_plan(problem, found.sites, served, found.objective, found.bound, gap, watch.elapsed, log, flow)
