"""Covering models (覆盖): fewest sites, most demand within a radius, and the smallest radius that ``p`` sites allow.

A set cover is reduced by dominance before HiGHS sees it. A maximal cover is a median in which a covered demand point
costs nothing and an uncovered one its weight. A p-centre is found among the distinct costs: a radius is too small as
soon as its set cover needs more than ``p`` sites.

Source: Toregas, Swain, ReVelle & Bergman (1971), The location of emergency service facilities, Operations Research
19(6):1363-1373; Church & ReVelle (1974), The maximal covering location problem, Papers RSA 32:101-118; Minieka (1970),
The m-center problem, SIAM Review 12(1):138-139.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from layout_planner.locate import highs
from layout_planner.locate.median import check_count, without_plan
from layout_planner.locate.median_search import MedianSearch
from layout_planner.locate.problem import Costs, Problem
from layout_planner.locate.result import LocationResult, Status, relative_gap
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Cancel, Progress, Watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["max_cover", "p_center", "set_cover"]


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
    problem = Problem.build(
        cost, fixed_open=tuple(fixed_open), forbidden=tuple(forbidden), demand_id=demand_id, site_id=site_id
    )
    rows = SortedRows.of(problem).within(radius)
    if (rows.lengths == 0).any():
        return _uncovered(problem, rows, radius, watch)
    is_open, bound, log = _fewest(rows, problem.forced, watch, gap, seed)
    if is_open is None:
        return without_plan(problem, Status.UNKNOWN, bound, watch.elapsed, log)
    return _result(problem, SortedRows.of(problem), is_open, float(is_open.sum()), bound, gap, watch, log)


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
        return _uncovered(problem, rows, float("inf"), watch)
    best, low, log = _least_radius(rows, p, problem, watch, gap, seed)
    if best is None:
        status = Status.INFEASIBLE if low == float("inf") else Status.UNKNOWN
        return without_plan(problem, status, low, watch.elapsed, log)
    return _result(problem, rows, best, _worst(rows, best), low, gap, watch, log)


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
    problem = Problem.build(
        cost, fixed_open=tuple(fixed_open), forbidden=tuple(forbidden), demand_id=demand_id, site_id=site_id
    )
    check_count(problem, p)
    near = SortedRows.of(problem).within(radius)
    weight = Problem.build(np.zeros((len(near.lengths), 1)) + 1.0, weights=weights).cost
    rows = _with_nowhere(near, weight)
    forced, barred = np.append(problem.forced, True), np.append(problem.barred, False)
    search = MedianSearch(rows, p + 1, forced, barred, watch=watch, gap=gap, seed=seed)
    search.run()
    assert search.best is not None, "leaving everybody out is a plan"
    is_open = search.best[:-1]
    return _result(problem, near, is_open, search.value, search.bound, gap, watch, "; ".join(search.log))


def _with_nowhere(near: SortedRows, weight: NDArray[np.float64]) -> SortedRows:
    """Let every site nearby serve for nothing, and a last one, "nowhere", everybody for the weight."""
    n, ends = len(near.lengths), near.indptr[1:]
    return SortedRows(
        near.indptr + np.arange(n + 1),
        np.insert(near.site, ends, near.n_sites).astype(np.int32),
        np.insert(np.zeros(len(near.cost)), ends, weight),
        near.n_sites + 1,
    )


def _fewest(
    rows: SortedRows, forced: NDArray[np.bool_], watch: Watch, gap: float, seed: int, enough: int | None = None
) -> tuple[NDArray[np.bool_] | None, float, str]:
    """Cover all rows with as few sites as possible; a greedy cover of at most ``enough`` sites is taken as it is."""
    covers = csr_array((np.ones(len(rows.site)), rows.site, rows.indptr), shape=(len(rows.lengths), rows.n_sites))
    greedy = _greedy_cover(covers, forced)
    base = float(forced.sum())
    watch.tell(float(greedy.sum()), max(base, 1.0))
    if enough is not None and greedy.sum() <= enough:
        return greedy, base, "greedy cover"
    rest, columns = _undominated(covers, forced)
    if not rest.shape[0]:
        return forced, base, "the fixed sites cover everybody"
    size = rest.shape[1]
    answer = highs.solve(
        np.ones(size),
        rest.tocsc(),
        np.ones(rest.shape[0]),
        np.full(rest.shape[0], np.inf),
        col_upper=np.ones(size),
        integer=np.ones(size, dtype=bool),
        start=greedy[columns].astype(float),
        time_limit=max(0.1, watch.left),
        gap=gap,
        seed=seed,
        cancel=watch.cancel,
    )
    bound = base + max(1.0, np.ceil(answer.bound - 1e-6)) if np.isfinite(answer.bound) else base + 1.0
    found = greedy
    if answer.values is not None:
        chosen = forced.copy()
        chosen[columns[answer.values > 0.5]] = True
        found = min(greedy, chosen, key=lambda plan: int(plan.sum()))
    log = f"{answer.log}; {rest.shape[0]} of {len(rows.lengths)} rows, {size} of {rows.n_sites} sites after dominance"
    return found, min(bound, float(found.sum())), log


def _greedy_cover(covers: csr_array, forced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Open the site that covers most of what is uncovered, until nothing is; then drop what is not needed."""
    by_site = covers.T.tocsr()
    is_open = forced.copy()
    times = covers @ is_open
    while (times == 0).any():
        pick = int(np.argmax(by_site @ (times == 0)))
        is_open[pick] = True
        times = times + by_site[[pick]].toarray().ravel()
    for j in np.flatnonzero(is_open & ~forced):
        without = times - by_site[[j]].toarray().ravel()
        if (without > 0).all():
            is_open[j], times = False, without
    return is_open


def _undominated(covers: csr_array, forced: NDArray[np.bool_]) -> tuple[csr_array, NDArray[np.int64]]:
    """Leave out covered rows, rows that another implies, and sites that another covers for; until nothing changes."""
    rest = covers[np.flatnonzero(covers @ forced == 0)]
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


def _least_radius(
    rows: SortedRows, p: int, problem: Problem, watch: Watch, gap: float, seed: int
) -> tuple[NDArray[np.bool_] | None, float, str]:
    """Bisect the distinct costs; every radius is either reached by a plan, or proven too small."""
    lowest = float(rows.cost[rows.indptr[:-1]].max())
    steps = np.unique(rows.cost[rows.cost >= lowest])
    low, high = 0, len(steps) - 1
    best, tried, undecided = None, 0, False
    while low <= high and not watch.stopped():
        middle = (low + high) // 2
        plan, bound, _ = _fewest(rows.within(float(steps[middle])), problem.forced, watch, 0.0, seed, enough=p)
        tried += 1
        if plan is not None and plan.sum() <= p:
            best = _filled(plan, p, problem)
            high = int(np.searchsorted(steps, _worst(rows, best))) - 1
        elif bound > p:
            low = middle + 1
        else:
            undecided = True
            break
        if best is not None:
            watch.tell(_worst(rows, best), float(steps[min(low, len(steps) - 1)]))
            if relative_gap(_worst(rows, best), float(steps[min(low, high + 1)])) <= gap:
                break
    if best is None and not undecided and low > high:
        return None, float("inf"), f"no {p} sites can serve everybody"
    bound = float(steps[min(low, len(steps) - 1)])
    return best, bound, f"{tried} radii of {len(steps)} tried"


def _filled(plan: NDArray[np.bool_], p: int, problem: Problem) -> NDArray[np.bool_]:
    """Open the first sites that may be open until there are ``p``."""
    spare = np.flatnonzero(~plan & ~problem.barred)
    full = plan.copy()
    full[spare[: p - int(plan.sum())]] = True
    return full


def _worst(rows: SortedRows, is_open: NDArray[np.bool_]) -> float:
    return float(rows.cost[rows.nearest(is_open)].max())


def _uncovered(problem: Problem, rows: SortedRows, radius: float, watch: Watch) -> LocationResult:
    stranded = problem.demand_id[rows.lengths == 0]
    names = ", ".join(str(i) for i in stranded[:20])
    within = "" if radius == float("inf") else f" within {radius:g}"
    log = f"infeasible: no allowed site can serve {len(stranded)} demand points{within}: {names}"
    return without_plan(problem, Status.INFEASIBLE, float("inf"), watch.elapsed, log)


def _result(
    problem: Problem, rows: SortedRows, is_open: NDArray[np.bool_], objective: float, bound: float, gap: float,
    watch: Watch, log: str,
) -> LocationResult:  # fmt: skip
    pair = rows.nearest(is_open)
    served = np.full(len(pair), "", dtype=object)
    served[pair >= 0] = problem.site_id[rows.site[pair[pair >= 0]]]
    reached = relative_gap(objective, min(bound, objective))
    return LocationResult(
        status=Status.OPTIMAL if reached <= gap else Status.FEASIBLE,
        objective=objective,
        bound=min(bound, objective),
        gap=reached,
        open=np.array(sorted(problem.site_id[is_open]), dtype=object),
        assignment=served,
        demand_id=problem.demand_id,
        runtime=watch.elapsed,
        log=log,
    )
