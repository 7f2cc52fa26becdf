"""P-median (P-中位): open ``p`` sites so that the total cost of serving every demand point is least.

Source: ReVelle & Swain (1970), Central facilities location, Geographical Analysis 2(1):30-42.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from layout_planner.errors import LayoutError, Text
from layout_planner.locate.highs import MilpAnswer, solve
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import LocationResult, Status, relative_gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

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
        Seed of the solver.
    demand_id, site_id : sequence of str, optional
        Ids for a dense array; positions spelled as text otherwise.

    Raises
    ------
    LayoutError
        If ``p`` is smaller than the number of fixed sites or larger than the number of allowed sites.
    """
    began = time.perf_counter()
    problem = Problem.build(
        cost,
        weights=weights,
        fixed_open=tuple(fixed_open),
        forbidden=tuple(forbidden),
        demand_id=demand_id,
        site_id=site_id,
    )
    _check_count(problem, p)
    stranded = problem.demand_id[~np.isfinite(problem.dense()).any(axis=1)]
    if len(stranded):
        names = ", ".join(str(i) for i in stranded[:20])
        log = f"infeasible: no allowed site can serve {len(stranded)} demand points: {names}"
        return _without_plan(problem, Status.INFEASIBLE, float("inf"), time.perf_counter() - began, log)
    first = _interchange(problem, p)
    answer = _exact(problem, p, first, time_limit - (time.perf_counter() - began), gap, seed)
    chosen = _sites_of(problem, answer, first)
    runtime = time.perf_counter() - began
    if chosen is None:
        status = Status.INFEASIBLE if answer.infeasible else Status.UNKNOWN
        return _without_plan(problem, status, answer.bound, runtime, answer.log)
    return _with_plan(problem, chosen, answer, gap, runtime)


def _check_count(problem: Problem, p: int) -> None:
    low, high = int(problem.forced.sum()), int((~problem.barred).sum())
    if not max(low, 1) <= p <= high:
        between = f"{max(low, 1)} … {high}"
        raise LayoutError(Text(f"p = {p} 不可行，须在 {between} 之间", f"p = {p} must lie in {between}"))


def _interchange(problem: Problem, p: int) -> NDArray[np.int64] | None:
    """Find a good first plan: add sites greedily, then swap while a swap pays; ``None`` if it leaves someone out."""
    dense = problem.dense()
    finite = dense[np.isfinite(dense)]
    penalty = (float(finite.max()) + 1.0) * (len(dense) + 1)
    table = np.where(np.isfinite(dense), dense, penalty)
    chosen = [int(j) for j in np.flatnonzero(problem.forced)]
    allowed = np.flatnonzero(~problem.barred)
    best = table[:, chosen].min(axis=1) if chosen else np.full(len(table), penalty)
    while len(chosen) < p:
        totals = np.minimum(table[:, allowed], best[:, None]).sum(axis=0)
        totals[np.isin(allowed, chosen)] = np.inf
        pick = int(allowed[int(np.argmin(totals))])
        chosen.append(pick)
        best = np.minimum(best, table[:, pick])
    value = best.sum()
    while True:
        swap = _best_swap(table, chosen, allowed, problem.forced)
        if swap is None or swap[0] >= value - 1e-9 * max(1.0, abs(value)):
            break
        value, out, into = swap
        chosen[out] = into
    served = np.isfinite(dense[:, chosen]).any(axis=1).all()
    return np.array(sorted(chosen), dtype=np.int64) if served else None


def _best_swap(
    table: NDArray[np.float64], chosen: list[int], allowed: NDArray[np.int64], forced: NDArray[np.bool_]
) -> tuple[float, int, int] | None:
    best: tuple[float, int, int] | None = None
    free = np.setdiff1d(allowed, chosen)
    if not len(free):
        return None
    for out, site in enumerate(chosen):
        if forced[site]:
            continue
        rest = [j for j in chosen if j != site]
        kept = table[:, rest].min(axis=1) if rest else np.full(len(table), np.inf)
        totals = np.minimum(table[:, free], kept[:, None]).sum(axis=0)
        k = int(np.argmin(totals))
        if best is None or totals[k] < best[0]:
            best = (float(totals[k]), out, int(free[k]))
    return best


def _exact(
    problem: Problem, p: int, first: NDArray[np.int64] | None, time_limit: float, gap: float, seed: int
) -> MilpAnswer:
    """Solve the strong formulation: each pair at most as open as its site."""
    keep = ~problem.barred[problem.site]
    rows, sites, cost = problem.rows[keep], problem.site[keep], problem.cost[keep]
    n, m, k = len(problem.demand_id), len(problem.site_id), len(cost)
    pair, site_col = np.arange(k), k + np.arange(m)
    data = np.concatenate([np.ones(k), np.ones(k), -np.ones(k), np.ones(m)])
    row = np.concatenate([rows, n + pair, n + pair, np.full(m, n + k)])
    col = np.concatenate([pair, pair, k + sites, site_col])
    matrix = coo_array((data, (row, col)), shape=(n + k + 1, k + m)).tocsc()
    lower = np.concatenate([np.ones(n), np.full(k, -np.inf), [float(p)]])
    upper = np.concatenate([np.ones(n), np.zeros(k), [float(p)]])
    integer = np.concatenate([np.zeros(k, bool), np.ones(m, bool)])
    opened = np.zeros(m)
    if first is not None:
        opened[first] = 1.0
    return solve(
        np.concatenate([cost, np.zeros(m)]),
        matrix,
        lower,
        upper,
        col_lower=np.concatenate([np.zeros(k), problem.forced.astype(float)]),
        col_upper=np.concatenate([np.ones(k), (~problem.barred).astype(float)]),
        integer=integer,
        start=None if first is None else np.concatenate([_shares(rows, sites, cost, opened), opened]),
        time_limit=max(0.1, time_limit),
        gap=gap,
        seed=seed,
    )


def _shares(
    rows: NDArray[np.int64], sites: NDArray[np.int64], cost: NDArray[np.float64], opened: NDArray[np.float64]
) -> NDArray[np.float64]:
    price = np.where(opened[sites] > 0, cost, np.inf)
    order = np.lexsort((sites, price, rows))
    leads = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    shares = np.zeros(len(cost))
    shares[leads] = 1.0
    return shares


def _sites_of(problem: Problem, answer: MilpAnswer, first: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """Take the cheaper of the solver's plan and the first plan."""
    plans = [] if first is None else [first]
    if answer.values is not None:
        plans.append(np.flatnonzero(answer.values[-len(problem.site_id) :] > 0.5))
    dense = problem.dense()
    plans = [plan for plan in plans if np.isfinite(dense[:, plan]).any(axis=1).all()]
    return min(plans, key=lambda plan: float(dense[:, plan].min(axis=1).sum())) if plans else None


def _with_plan(
    problem: Problem, chosen: NDArray[np.int64], answer: MilpAnswer, gap: float, runtime: float
) -> LocationResult:
    dense = problem.dense()
    served = dense[:, chosen]
    objective = float(served.min(axis=1).sum())
    bound = min(max(answer.bound, float(dense.min(axis=1).sum())), objective)
    reached = relative_gap(objective, bound)
    return LocationResult(
        status=Status.OPTIMAL if reached <= gap else Status.FEASIBLE,
        objective=objective,
        bound=bound,
        gap=reached,
        open=np.array(sorted(problem.site_id[chosen]), dtype=object),
        assignment=problem.site_id[chosen[served.argmin(axis=1)]],
        demand_id=problem.demand_id,
        runtime=runtime,
        log=answer.log,
    )


def _without_plan(problem: Problem, status: Status, bound: float, runtime: float, log: str) -> LocationResult:
    nowhere = np.full(len(problem.demand_id), "", dtype=object)
    return LocationResult(
        status, float("inf"), bound, float("inf"), np.array([], object), nowhere, problem.demand_id, runtime, log
    )
