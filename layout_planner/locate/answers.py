"""What all location models have in common: the limits of their questions, and how their answers are made."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import LayoutError, Text
from layout_planner.locate.result import LocationResult, Status, relative_gap

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from layout_planner.locate.problem import Problem
    from layout_planner.locate.rows import SortedRows

__all__ = ["check_budget", "check_count", "check_radius", "nearest_plan", "unserved", "with_plan", "without_plan"]

_NAMED = 20


def check_count(problem: Problem, p: int) -> None:
    """Refuse a number of open sites that the fixed and forbidden ones rule out.

    Raises
    ------
    LayoutError
        With the numbers that are possible.
    """
    if not isinstance(p, Real) or not np.isfinite(p) or int(p) != p:
        raise LayoutError(Text(f"p = {p} 须是整数", f"p = {p} must be a whole number"))
    low, high = max(int(problem.forced.sum()), 1), int((~problem.barred).sum())
    if low <= p <= high:
        return
    if low > high:
        raise LayoutError(Text("所有地点都被禁止开办，无从选择", "every site is forbidden: there is none to open"))
    facts = f"{low} … {high}"
    raise LayoutError(
        Text(
            f"p = {p} 不可行：必须开办 {int(problem.forced.sum())} 处，可以开办 {high} 处，p 须在 {facts} 之间",
            f"p = {p} must lie in {facts}: {int(problem.forced.sum())} sites are fixed open, {high} are not forbidden",
        )
    )


def check_budget(budget: float | None) -> float:
    """Give the largest sum of fixed costs, ``inf`` for no limit.

    Raises
    ------
    LayoutError
        If it is negative or not a number.
    """
    if budget is None:
        return float("inf")
    if not (isinstance(budget, Real) and budget >= 0):
        raise LayoutError(Text(f"预算须是不小于 0 的数：{budget!r}", f"the budget must be a number ≥ 0: {budget!r}"))
    return float(budget)


def check_radius(radius: float) -> None:
    """Refuse a radius that is no distance.

    Raises
    ------
    LayoutError
        If it is negative or not a number.
    """
    if not radius >= 0:
        raise LayoutError(Text(f"半径须是不小于 0 的数：{radius}", f"the radius must be a number ≥ 0: {radius}"))


def nearest_plan(
    problem: Problem, rows: SortedRows, is_open: NDArray[np.bool_], objective: float, bound: float, gap: float,
    runtime: float, log: str,
) -> LocationResult:  # fmt: skip
    """Make the result of a plan in which everybody goes to the cheapest open site among ``rows``, or nowhere."""
    pair = rows.nearest(is_open)
    served = np.full(len(pair), "", dtype=object)
    served[pair >= 0] = problem.site_id[rows.site[pair[pair >= 0]]]
    return with_plan(problem, np.flatnonzero(is_open), served, objective, bound, gap, runtime, log)


def with_plan(
    problem: Problem, opened: NDArray[np.int64], served: NDArray[np.object_], objective: float, bound: float,
    gap: float, runtime: float, log: str, flow: csr_array | None = None,
) -> LocationResult:  # fmt: skip
    """Make the result of a plan: open positions, the site id of every demand point, and whether that is proven."""
    bound = min(bound, objective)
    reached = relative_gap(objective, bound)
    return LocationResult(
        status=Status.OPTIMAL if reached <= gap else Status.FEASIBLE,
        objective=objective,
        bound=bound,
        gap=reached,
        open=np.array(sorted(problem.site_id[opened]), dtype=object),
        assignment=served,
        demand_id=problem.demand_id,
        runtime=runtime,
        log=log,
        flow=flow,
    )


def without_plan(problem: Problem, bound: float, runtime: float, log: str) -> LocationResult:
    """Make the result of a search that found no plan: there is none if ``bound`` is ``inf``, else nobody knows."""
    status = Status.INFEASIBLE if bound == float("inf") else Status.UNKNOWN
    nowhere = np.full(len(problem.demand_id), "", dtype=object)
    return LocationResult(
        status, float("inf"), bound, float("inf"), np.array([], object), nowhere, problem.demand_id, runtime, log
    )


def unserved(problem: Problem, rows: SortedRows, runtime: float, within: str = "") -> LocationResult:
    """Name the demand points that no allowed site can serve, as the result of an infeasible problem."""
    stranded = problem.demand_id[rows.lengths == 0]
    names = ", ".join(str(i) for i in stranded[:_NAMED])
    log = f"infeasible: no allowed site can serve {len(stranded)} demand points{within}: {names}"
    return without_plan(problem, float("inf"), runtime, log)
