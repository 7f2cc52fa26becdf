"""Seats respected at least total time: an exact transportation problem over sparse pairs.

First as many pupils as possible get a seat, then the total of daily-equivalent minutes is least. Seats and beds
form a network (beds lead on to the seats of their school), which :mod:`layout_planner.locate.capacity.transport` solves
exactly. Only where one school's beds are wanted by boarders of several stages (or grades) is it not a network: then
a linear programme decides the units that are in doubt at the network's prices, its prices are checked against every
pair of the whole problem, and pairs that would lower the total are added until there are none.

Either way the total is proven least by the prices: ``objective`` equals ``bound``.

Source: Hitchcock (1941), The distribution of a product from several sources, J. Math. Phys. 20:224-230.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from layout_planner.assign.resources import Resources
from layout_planner.errors import LayoutError, Text
from layout_planner.locate.capacity.transport import transport
from layout_planner.locate.solvers.highs import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options

__all__ = ["Seating", "capacitated", "reduced_costs"]

_WINDOW_MIN = 1.0
_MAX_ROUNDS = 200
_CRUMB = 1e-9
_PROOF = 1e-9


@dataclass(frozen=True, eq=False)
class Seating:
    """An exact assignment under seats.

    ``flow`` (number of entries,) pupils on every pair; ``unseated`` (u,) pupils of every unit without a seat;
    ``objective`` and its proven lower ``bound`` in pupil × daily-equivalent minutes, the unseated at the price
    ``no_seat_cost`` each; ``price`` minutes that one more seat or bed of every resource would save;
    ``fewest_unseated`` pupils stay without a seat in any assignment, which is proven.
    """

    flow: NDArray[np.float64]
    unseated: NDArray[np.float64]
    objective: float
    bound: float
    no_seat_cost: float
    price: NDArray[np.float64]
    fewest_unseated: float

    @property
    def minutes(self) -> tuple[float, float]:
        """Total daily-equivalent minutes and their lower bound, each with the price of pupils left avoidably."""
        unavoidable = self.no_seat_cost * self.fewest_unseated
        return self.objective - unavoidable, self.bound - unavoidable


def capacitated(pairs: Options, resources: Resources) -> Seating:
    """Seat the pupils of all units: most pupils seated, then least total daily-equivalent minutes.

    Parameters
    ----------
    pairs : Options
        Units and the schools in their reach.
    resources : Resources
        Seats by school and stage (or grade), beds by school.

    Raises
    ------
    LayoutError
        If the total cannot be proven least; no assignment is ever returned unproven.
    """
    # A chain of moves visits a resource at most once, so this outweighs whatever one more seated pupil can cost.
    dummy = (float(pairs.cost.max(initial=0.0)) + 1.0) * (2 * len(resources.capacity) + 2)
    flow, unseated, price = _as_network(pairs, resources, dummy)
    boards = resources.bed >= 0
    beds = np.bincount(resources.bed[boards], weights=flow[boards], minlength=len(resources.capacity))
    if (beds > resources.capacity + _CRUMB).any():
        flow, unseated, price = _with_shared_beds(pairs, resources, price, dummy)
    flow, unseated = _tidy(pairs, flow, unseated)
    objective = float(flow @ pairs.cost + dummy * unseated.sum())
    rows = pairs.rows
    least = np.full(len(pairs.pupils), dummy)
    np.minimum.at(least, rows, reduced_costs(pairs, resources, price))
    bound = float(pairs.pupils @ least - price @ resources.capacity)
    if objective - bound > _PROOF * max(1.0, abs(objective)):
        raise LayoutError(Text("学位分配未能证明最优", "the assignment under seats could not be proven least"))
    return Seating(flow, unseated, objective, bound, dummy, price, float(unseated.sum()))


_Answer = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]


def _as_network(pairs: Options, resources: Resources, dummy: float) -> _Answer:
    """Solve with each stage (or grade) free to use all of its school's beds; returns flow, unseated, resource prices.

    Nodes: the seats, then, for every stage (or grade) of a school where anybody boards, its beds as a gate.
    """
    m = len(pairs.school_id)
    first = len(resources.capacity) - m
    boards = resources.bed >= 0
    seats = np.unique(resources.seat[boards])
    node = resources.seat.copy()
    node[boards] = first + np.searchsorted(seats, resources.seat[boards])
    capacity = np.concatenate([resources.capacity[:first], resources.capacity[first + seats % m]])
    drain = np.concatenate([np.full(first, -1), seats])
    answer = transport(pairs.indptr, node, pairs.cost, pairs.pupils, capacity, drain, dummy)
    price = np.concatenate([answer.price[:first], np.zeros(m)])
    gate = np.maximum(0.0, answer.price[first:] - answer.price[seats])
    np.maximum.at(price, first + seats % m, gate)
    return answer.flow, answer.unserved, price


def reduced_costs(pairs: Options, resources: Resources, price: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add the prices of the seat and the bed to the cost of every pair, per pupil."""
    reduced: NDArray[np.float64] = pairs.cost + price[resources.seat]
    boards = resources.bed >= 0
    reduced[boards] += price[resources.bed[boards]]
    return reduced


def _with_shared_beds(pairs: Options, resources: Resources, price: NDArray[np.float64], dummy: float) -> _Answer:
    """Solve by linear programming with restricted pairs and exact pricing, from good prices."""
    rows = pairs.rows
    tolerance = 1e-7 * (1.0 + float(pairs.cost.max(initial=0.0)))
    reduced = reduced_costs(pairs, resources, price)
    best = np.full(len(pairs.pupils), dummy)
    np.minimum.at(best, rows, reduced)
    candidate = reduced <= best[rows] + _WINDOW_MIN
    active = _doubtful(pairs, resources, candidate, best, dummy)
    for _ in range(_MAX_ROUNDS):
        flow, unseated, price, best = _solve_doubtful(pairs, resources, candidate, active, price, dummy)
        reduced = reduced_costs(pairs, resources, price)
        missing = (best[rows] - reduced > tolerance) & ~(candidate & active[rows])
        touched = (best > dummy + tolerance) & ~active
        touched[rows[missing]] = True
        if not touched.any():
            return flow, unseated, price
        candidate |= missing | (touched[rows] & ~active[rows] & (reduced <= best[rows] + _WINDOW_MIN))
        active |= touched
    raise LayoutError(Text("学位分配未能证明最优", "the assignment under seats could not be proven least"))


def _doubtful(
    pairs: Options,
    resources: Resources,
    candidate: NDArray[np.bool_],
    best: NDArray[np.float64],
    dummy: float,
) -> NDArray[np.bool_]:
    """Mark the units that the linear programme must decide; the others' only choice must fit.

    Where the plain units alone overfill a resource, all of its units become doubtful.
    """
    rows = pairs.rows
    choices = np.bincount(rows[candidate], minlength=len(pairs.pupils))
    active: NDArray[np.bool_] = (choices != 1) | (best >= dummy - _WINDOW_MIN)
    while True:
        plain = candidate & ~active[rows]
        over = resources.used(np.where(plain, pairs.pupils[rows], 0.0)) > resources.capacity
        hit = plain & (over[resources.seat] | ((resources.bed >= 0) & over[resources.bed]))
        if not hit.any():
            return active
        active[rows[hit]] = True


def _solve_doubtful(
    pairs: Options,
    resources: Resources,
    candidate: NDArray[np.bool_],
    active: NDArray[np.bool_],
    price: NDArray[np.float64],
    dummy: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Solve the doubtful units with what the plain ones leave over; returns flow, unseated, prices, unit prices."""
    rows, count, units = pairs.rows, len(resources.capacity), len(pairs.pupils)
    plain = candidate & ~active[rows]
    flow = np.where(plain, pairs.pupils[rows], 0.0)
    left = resources.capacity - resources.used(flow)
    unseated, best, doubtful = np.zeros(units), np.full(units, dummy), np.flatnonzero(active)
    if len(doubtful):
        place = np.full(units, -1, dtype=np.int64)
        place[doubtful] = np.arange(len(doubtful))
        entries = np.flatnonzero(candidate & active[rows])
        boards = np.flatnonzero(resources.bed[entries] >= 0)
        k, d = len(entries), len(doubtful)
        cols = np.concatenate([np.arange(k), np.arange(k), boards, k + np.arange(d)])
        at = np.concatenate(
            [place[rows[entries]], d + resources.seat[entries], d + resources.bed[entries[boards]], np.arange(d)]
        )
        matrix = coo_array((np.ones(len(cols)), (at, cols)), shape=(d + count, k + d)).tocsc()
        need = pairs.pupils[doubtful]
        answer = solve(
            np.concatenate([pairs.cost[entries], np.full(d, dummy)]),
            matrix,
            np.concatenate([need, np.full(count, -np.inf)]),
            np.concatenate([need, left]),
        )
        if answer.values is None or not answer.complete:
            raise LayoutError(Text("学位分配求解失败", f"the assignment under seats failed: {answer.log}"))
        flow[entries] = answer.values[:k]
        unseated[doubtful] = answer.values[k:]
        price = np.maximum(0.0, -answer.row_dual[d:])
        best[doubtful] = answer.row_dual[:d]
    chosen = np.flatnonzero(plain)
    best[rows[chosen]] = reduced_costs(pairs, resources, price)[chosen]
    return flow, unseated, price, best


def _tidy(
    pairs: Options, flow: NDArray[np.float64], unseated: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Drop crumbs of the solver and make every unit's parts sum to its pupils."""
    scale = _CRUMB * np.maximum(1.0, pairs.pupils)
    flow = np.where(flow > np.minimum(scale, pairs.pupils / 2)[pairs.rows], flow, 0.0)
    unseated = np.where(unseated > np.minimum(scale, pairs.pupils / 2), unseated, 0.0)
    total = np.bincount(pairs.rows, weights=flow, minlength=len(pairs.pupils)) + unseated
    factor = pairs.pupils / np.where(total > 0, total, 1.0)
    return flow * factor[pairs.rows], unseated * factor
