"""Whole units under seats: all pupils of a unit go to one school (generalised assignment), with a proven bound.

The divisible assignment bounds the total from below and prices seats and beds. With a known plan of cost U and the
divisible total L, no pair whose reduced cost is above U − L is in a better plan: what remains is a whole programme,
first over the few cheapest pairs of every unit, then over all that can matter.

Source: Martello & Toth (1990), Knapsack Problems, chapter 7.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array

from layout_planner.assign.capacitated import Seating, capacitated, reduced_costs
from layout_planner.locate.cpsat import solve_whole
from layout_planner.locate.highs import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from layout_planner.assign.options import Options
    from layout_planner.assign.resources import Resources

__all__ = ["whole"]

_NEAR = 5
"""Cheapest pairs of a unit that are tried first."""
_FIRST = 0.3
"""Part of the time for the first programme."""
_SLACK = 1e-7
"""Pupils by which rounding may overfill a room."""
_UNIT = 1e-3
"""Pupil-minutes that count as one where pupils are whole persons."""


class _Programme(NamedTuple):
    """A whole programme over some pairs: the last columns leave units without a seat."""

    entry: NDArray[np.int64]
    stays: NDArray[np.int64]
    cost: NDArray[np.float64]
    matrix: csc_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def whole(
    pairs: Options, resources: Resources, *, time_limit: float = 60.0, gap: float = 1e-4, seed: int = 0
) -> Seating:
    """Send every unit whole to one school with room: most pupils seated, then least total daily-equivalent minutes.

    Parameters
    ----------
    pairs : Options
        Units (the pupils of one band at one demand point) and the schools in their reach.
    resources : Resources
        Seats by school and stage, beds by school.
    time_limit : float
        Seconds; the best plan so far is returned at the limit.
    gap : float
        Relative gap within which a plan is good enough.
    seed : int
        Seed of the solver.

    Returns
    -------
    Seating
        ``objective`` and the proven lower ``bound`` of all whole plans; prices are those of the divisible assignment.
    """
    began = time.perf_counter()
    divisible = capacitated(pairs, resources)
    reduced = reduced_costs(pairs, resources, divisible.price)
    best = np.full(len(pairs.pupils), divisible.no_seat_cost)
    np.minimum.at(best, pairs.rows, reduced)
    chosen = _greedy(pairs, resources, divisible, reduced)
    total, bound = _total(pairs, chosen, divisible.no_seat_cost), divisible.bound
    loss, lost = (reduced - best[pairs.rows]) * pairs.pupils[pairs.rows], divisible.no_seat_cost - best
    for near, part in ((True, _FIRST), (False, 1.0)):
        left = time_limit * part - (time.perf_counter() - began)
        if total - bound <= gap * total or left <= 0:
            break
        room = total - divisible.bound + 1e-9 * max(1.0, total)
        kept = loss <= room
        if near:
            kept &= _nearest_few(pairs, reduced)
        kept[chosen[chosen >= 0]] = True
        stays = np.flatnonzero((lost * pairs.pupils <= room) | (chosen < 0))
        programme = _programme(pairs, resources, np.flatnonzero(kept), stays, divisible.no_seat_cost)
        found, least = _solve(pairs, programme, chosen, total, min(left, time_limit), gap, seed, exact=not near)
        if found is not None and _fits(pairs, resources, found):
            value = _total(pairs, found, divisible.no_seat_cost)
            chosen, total = (found, value) if value < total else (chosen, total)
        if not near:
            bound = max(bound, min(least, total))
    seated = chosen >= 0
    flow = np.zeros(len(pairs.school))
    flow[chosen[seated]] = pairs.pupils[seated]
    return replace(
        divisible, flow=flow, unseated=np.where(seated, 0.0, pairs.pupils), objective=total, bound=min(bound, total)
    )


def _total(pairs: Options, chosen: NDArray[np.int64], no_seat_cost: float) -> float:
    seated = chosen >= 0
    return float(pairs.pupils[seated] @ pairs.cost[chosen[seated]] + no_seat_cost * pairs.pupils[~seated].sum())


def _fits(pairs: Options, resources: Resources, chosen: NDArray[np.int64]) -> bool:
    """Tell whether nobody is left out by rounding and no room is overfull."""
    seated = np.flatnonzero(chosen >= 0)
    flow = np.zeros(len(pairs.school))
    flow[chosen[seated]] = pairs.pupils[seated]
    return bool((resources.used(flow) <= resources.capacity + _SLACK).all())


def _greedy(
    pairs: Options, resources: Resources, divisible: Seating, reduced: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Keep units that the divisible assignment leaves whole, then place the others, the largest first."""
    units, rows = len(pairs.pupils), pairs.rows
    chosen, left = np.full(units, -1, dtype=np.int64), resources.capacity.copy()
    complete = np.flatnonzero(divisible.flow >= pairs.pupils[rows] * (1 - 1e-12))
    complete = complete[pairs.pupils[rows[complete]] > 0]
    chosen[rows[complete]] = complete
    taken = np.zeros(len(rows))
    taken[complete] = pairs.pupils[rows[complete]]
    left -= resources.used(taken)
    open_units = np.flatnonzero(chosen < 0)
    for i in open_units[np.argsort(-pairs.pupils[open_units], kind="stable")]:
        own = np.arange(pairs.indptr[i], pairs.indptr[i + 1])
        for e in own[np.argsort(reduced[own], kind="stable")]:
            bed = resources.bed[e]
            room = min(left[resources.seat[e]], left[bed] if bed >= 0 else np.inf)
            if pairs.pupils[i] <= room + 1e-9:
                chosen[i] = e
                left[resources.seat[e]] -= pairs.pupils[i]
                if bed >= 0:
                    left[bed] -= pairs.pupils[i]
                break
    return chosen


def _nearest_few(pairs: Options, reduced: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the few pairs of every unit with the least reduced cost."""
    order = np.lexsort((reduced, pairs.rows))
    rank = np.arange(len(order)) - pairs.indptr[pairs.rows]
    few = np.zeros(len(order), dtype=np.bool_)
    few[order[rank < _NEAR]] = True
    return few


def _programme(
    pairs: Options, resources: Resources, entry: NDArray[np.int64], stays: NDArray[np.int64], no_seat_cost: float
) -> _Programme:
    """Write down one row a unit, then one a resource; one column a pair, then one a unit that may stay."""
    units, size, count = pairs.rows[entry], len(pairs.pupils), len(entry)
    boards = np.flatnonzero(resources.bed[entry] >= 0)
    need = pairs.pupils[units]
    at = np.concatenate([units, size + resources.seat[entry], size + resources.bed[entry[boards]], stays])
    column = np.concatenate([np.arange(count), np.arange(count), boards, count + np.arange(len(stays))])
    value = np.concatenate([np.ones(count), need, need[boards], np.ones(len(stays))])
    shape = (size + len(resources.capacity), count + len(stays))
    return _Programme(
        entry=entry,
        stays=stays,
        cost=np.concatenate([need * pairs.cost[entry], no_seat_cost * pairs.pupils[stays]]),
        matrix=coo_array((value, (at, column)), shape=shape).tocsc(),
        low=np.concatenate([np.ones(size), np.full(len(resources.capacity), -np.inf)]),
        high=np.concatenate([np.ones(size), resources.capacity]),
    )


def _solve(
    pairs: Options, programme: _Programme, chosen: NDArray[np.int64], total: float, seconds: float, gap: float,
    seed: int, *, exact: bool,
) -> tuple[NDArray[np.int64] | None, float]:  # fmt: skip
    """Solve a programme from a plan; returns the choices of a better plan, if any, and the bound."""
    place = np.full(len(pairs.school), -1, dtype=np.int64)
    place[programme.entry] = np.arange(len(programme.entry))
    stay = np.full(len(pairs.pupils), -1, dtype=np.int64)
    stay[programme.stays] = len(programme.entry) + np.arange(len(programme.stays))
    start = np.zeros(len(programme.cost))
    start[np.where(chosen >= 0, place[chosen], stay)] = 1.0
    persons = bool((pairs.pupils == np.rint(pairs.pupils)).all())
    if exact and persons:
        answer = solve_whole(
            programme.cost, programme.matrix.tocsr(), programme.low, programme.high, unit=_UNIT, hint=start,
            below=total, time_limit=seconds, seed=seed,
        )  # fmt: skip
        picked, bound = answer.values, answer.bound
    else:
        found = solve(
            programme.cost, programme.matrix, programme.low, programme.high, col_upper=np.ones(len(start)),
            integer=np.ones(len(start), dtype=np.bool_), start=start, time_limit=seconds, gap=gap, seed=seed,
        )  # fmt: skip
        picked, bound = None if found.values is None else np.rint(found.values).astype(np.int64), found.bound
    if picked is None:
        return None, bound
    better, used = np.full(len(chosen), -1, dtype=np.int64), np.flatnonzero(picked)
    entry = programme.entry[used[used < len(programme.entry)]]
    better[pairs.rows[entry]] = entry
    return better, bound
