"""Location with contiguous service areas (连片学区): every zone is connected and holds the unit of its own site.

Open sets are searched by their divisible assignment, a bound that leaves few of them; for those, connected zones are
annealed at the prices of room and packed by exchanges along chains of zones; small mixed-integer programmes over
neighbouring sites improve the best; a Lagrangean relaxation bounds the cost from below.

Source: Kong (2021), 设施区位与服务区划分问题的数学启发算法 (CFLSAP), chinaXiv 202106.00031, for the problem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import LayoutError, Text, UnknownIdError
from layout_planner.locate.answers import check_budget, check_count, with_plan, without_plan
from layout_planner.locate.problem import Costs, Problem, amounts
from layout_planner.locate.result import LocationResult
from layout_planner.locate.stopping import Watch, check_search
from layout_planner.locate.zones.graph import Zoning, detached, neighbours, reach
from layout_planner.locate.zones.plan import plan_zones

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from layout_planner.locate.stopping import Cancel, Progress

__all__ = ["contiguous_facility_location"]


def contiguous_facility_location(
    cost: Costs,
    fixed_cost: ArrayLike,
    adjacency: ArrayLike,
    site_unit: ArrayLike,
    *,
    demand: ArrayLike | None = None,
    capacity: ArrayLike | None = None,
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
    """Choose sites and divide all units among them, each zone connected and with its site's own unit in it.

    Parameters
    ----------
    cost : array (n, m) or TravelMatrix
        Cost of serving each unit from each site; not finite, or not listed, means "cannot be served from there".
    fixed_cost : array (m,) or float
        Cost of opening each site, in the unit of ``cost``.
    adjacency : array (k, 2)
        Pairs of units that touch: positions, or ids of demand points. Order and repetition do not matter.
    site_unit : array (m,)
        The unit in which each site lies: position, or id of the demand point. It is served by that site if the site
        is open.
    demand : array (n,), optional
        Room that each unit takes, default 1.
    capacity : array (m,) or float, optional
        Room of each site, default unlimited.
    p : int, optional
        Exact number of open sites.
    budget : float, optional
        Limit on the sum of the fixed costs of open sites.
    weights, fixed_open, forbidden, time_limit, gap, seed, demand_id, site_id, progress, cancel
        As for :func:`~layout_planner.locate.median.p_median`.

    Returns
    -------
    LocationResult
        Units that no site can serve, or that are larger than every site within reach, are named in its ``log``.

    Raises
    ------
    LayoutError
        If shapes disagree or amounts are negative.
    UnknownIdError
        If a fixed or forbidden site, a neighbour or the unit of a site is unknown.
    """
    watch = Watch(time_limit, progress, cancel)
    check_search(gap, seed)
    problem = Problem.build(
        cost, weights=weights, fixed_open=fixed_open, forbidden=forbidden, demand_id=demand_id, site_id=site_id
    )
    zoning = _zoning(problem, fixed_cost, adjacency, site_unit, demand, capacity, p, budget)
    hopeless = _hopeless(problem, zoning)
    if hopeless:
        return _answer(problem, zoning, None, float("inf"), gap, watch, hopeless)
    label, bound, log = plan_zones(zoning, watch, gap, seed)
    return _answer(problem, zoning, label, bound, gap, watch, log)


def _zoning(
    problem: Problem,
    fixed_cost: ArrayLike,
    adjacency: ArrayLike,
    site_unit: ArrayLike,
    demand: ArrayLike | None,
    capacity: ArrayLike | None,
    p: int | None,
    budget: float | None,
) -> Zoning:
    n, m = len(problem.demand_id), len(problem.site_id)
    size = amounts(1.0 if demand is None else demand, problem.demand_id, "需求量", "demand")
    room = amounts(np.inf if capacity is None else capacity, problem.site_id, "容量", "capacity", endless=True)
    pairs = _pairs(adjacency)
    place = {str(name): k for k, name in enumerate(problem.demand_id)}
    indptr, adj = neighbours(_places(place, pairs.ravel()).reshape(-1, 2), n)
    seat = _places(place, np.asarray(site_unit, dtype=object).ravel())
    if np.ndim(site_unit) != 1 or len(seat) != m:
        raise LayoutError(Text("每个地点须有一个所在单元", "every site needs the unit in which it lies"))
    if p is not None:
        check_count(problem, p)
    return Zoning(
        cost=problem.dense(),
        demand=size,
        capacity=np.minimum(room, max(1.0, float(size.sum()))),
        fixed=amounts(fixed_cost, problem.site_id, "开办费用", "fixed cost"),
        seat=seat,
        indptr=indptr,
        adj=adj,
        forced=problem.forced,
        barred=problem.barred,
        p=p,
        budget=check_budget(budget),
    )


def _pairs(adjacency: ArrayLike) -> NDArray[np.object_]:
    """Read the pairs of neighbouring units, (k, 2)."""
    pairs = np.asarray(adjacency, dtype=object)
    if pairs.size and (pairs.ndim != 2 or pairs.shape[1] != 2):
        raise LayoutError(
            Text("adjacency 的每一行须是一对相邻单元", "each row of adjacency must be a pair of neighbouring units")
        )
    return pairs.reshape(-1, 2)


def _places(place: dict[str, int], names: NDArray[np.object_]) -> NDArray[np.int64]:
    spelled = [str(name) for name in names]
    unknown = sorted({name for name in spelled if name not in place})
    if unknown:
        some = "、".join(unknown[:20])
        raise UnknownIdError(Text(f"没有这些需求点：{some}", f"no such demand point: {some}"))
    return np.array([place[name] for name in spelled], dtype=np.int64)


def _hopeless(problem: Problem, zoning: Zoning) -> str:
    """Name the units that no site can serve, and those larger than every site that could; "" where there are none."""
    n, m = zoning.cost.shape
    joined = np.zeros((n, m), dtype=bool)
    for j in np.flatnonzero(~zoning.barred):
        if np.isfinite(zoning.cost[zoning.seat[j], j]):
            joined[:, j] = reach(zoning.indptr, zoning.adj, np.isfinite(zoning.cost[:, j]), zoning.seat[j])
    roomy = joined & (zoning.demand[:, None] <= zoning.capacity * (1 + 1e-12))
    lost, large = ~joined.any(axis=1), joined.any(axis=1) & ~roomy.any(axis=1)
    said = []
    for mask, words in ((lost, "no allowed site can serve, over connected units,"), (large, "no site is as large as")):
        if mask.any():
            names = ", ".join(str(i) for i in problem.demand_id[mask][:20])
            said.append(f"infeasible: {words} {int(mask.sum())} demand points: {names}")
    room = float(zoning.capacity[~zoning.barred].sum())
    if not said and room < zoning.demand.sum() * (1 - 1e-12):
        said.append(f"infeasible: all allowed sites have room for {room:g}, the demand is {zoning.demand.sum():g}")
    return "; ".join(said)


def _answer(
    problem: Problem,
    zoning: Zoning,
    label: NDArray[np.int64] | None,
    bound: float,
    gap: float,
    watch: Watch,
    log: str,
) -> LocationResult:
    if label is None:
        return without_plan(problem, bound, watch.elapsed, log)
    assert not detached(zoning.indptr, zoning.adj, label, zoning.seat).any()
    served, opened = problem.site_id[label], np.unique(label)
    return with_plan(problem, opened, served, zoning.value(label), bound, gap, watch.elapsed, log)
