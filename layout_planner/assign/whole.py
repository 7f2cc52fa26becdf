"""Whole units under seats: all pupils of a unit go to one school (generalised assignment), with a proven bound.

First as many pupils as possible get a seat, then the total of daily-equivalent minutes is least. The divisible
assignment bounds both from below and prices seats and beds. With a known plan of cost U and the divisible total L, no
pair whose reduced cost is above U − L is in a better plan: what remains is a whole programme, first over the few
cheapest pairs of every unit, then over all that can matter.

Source: Martello & Toth (1990), Knapsack Problems, chapter 7.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from layout_planner.assign.capacitated import Seating, capacitated, reduced_costs
from layout_planner.locate.solvers.cpsat import solve_whole
from layout_planner.locate.solvers.highs import solve
from layout_planner.locate.stopping import Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from layout_planner.assign.options import Options
    from layout_planner.assign.resources import Resources

__all__ = ["whole"]

_NEAR = 5
"""Cheapest pairs of a unit that are tried first."""
_MANY = 15
"""Cheapest pairs of a unit that are looked at to seat as many pupils as possible, where there are many units."""
_LARGE = 100_000
"""Pairs from which on there are many units."""
_PART = 0.4
"""Part of the time that is left for each search but the last."""
_SLACK = 1e-7
"""Pupils by which rounding may overfill a room."""
_UNIT = 1e-3
"""Pupil-minutes that count as one where pupils are whole persons."""


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
        Relative gap of the minutes within which a plan is good enough.
    seed : int
        Seed of the solver.

    Returns
    -------
    Seating
        ``objective`` and the proven lower ``bound`` of all whole plans; prices are those of the divisible assignment.
    """
    size = pairs.pupils[pairs.rows]
    bed = np.where(resources.bed >= 0, resources.capacity[resources.bed], np.inf)
    entry = np.flatnonzero(size <= np.minimum(resources.capacity[resources.seat], bed) + _SLACK / 100)
    fitting = pairs.among(np.ones(len(pairs.pupils), dtype=np.bool_), entry, pairs.pupils)
    room = resources.among(entry)
    task = _Task(fitting, room, capacitated(fitting, room), Watch(time_limit), gap, seed)
    chosen, fewest = task.seat_most(task.greedy())
    chosen, minutes = task.shorten(chosen)
    flow = np.zeros(len(pairs.school))
    flow[entry] = task.flow(chosen)
    stay = task.divisible.no_seat_cost
    total = float(flow @ pairs.cost) + stay * task.left(chosen)
    bound = min(total, max(task.divisible.bound, stay * fewest + minutes))
    unseated = np.where(chosen >= 0, 0.0, pairs.pupils)
    return replace(task.divisible, flow=flow, unseated=unseated, objective=total, bound=bound, fewest_unseated=fewest)


@dataclass(frozen=True, eq=False)
class _Programme:
    """A whole programme over some pairs; the last columns leave units without a seat."""

    entry: NDArray[np.int64]
    stays: NDArray[np.int64]
    cost: NDArray[np.float64]
    matrix: csc_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Task:
    """Whole units and what is known of them; a plan is ``chosen`` (u,), the entry of every unit, −1 for no seat."""

    pairs: Options
    resources: Resources
    divisible: Seating
    watch: Watch
    gap: float
    seed: int

    def flow(self, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
        """Write a plan as pupils on every pair."""
        seated = chosen >= 0
        flow = np.zeros(len(self.pairs.school))
        flow[chosen[seated]] = self.pairs.pupils[seated]
        return flow

    def left(self, chosen: NDArray[np.int64]) -> float:
        """Sum the pupils without a seat."""
        return float(self.pairs.pupils[chosen < 0].sum())

    def minutes(self, chosen: NDArray[np.int64]) -> float:
        """Sum the daily-equivalent minutes of a plan."""
        return float(self.flow(chosen) @ self.pairs.cost)

    def fits(self, chosen: NDArray[np.int64]) -> bool:
        """Tell whether no room is overfull."""
        return bool((self.resources.used(self.flow(chosen)) <= self.resources.capacity + _SLACK).all())

    @property
    def persons(self) -> bool:
        """Whether pupils are whole persons, which CP-SAT asks for."""
        return bool((self.pairs.pupils == np.rint(self.pairs.pupils)).all())

    @property
    def reduced(self) -> NDArray[np.float64]:
        """Cost of every pair with the prices of seat and bed, per pupil."""
        return reduced_costs(self.pairs, self.resources, self.divisible.price)

    def greedy(self) -> NDArray[np.int64]:
        """Keep units that the divisible assignment leaves whole, then place the others, the largest first."""
        pairs, resources, reduced, rows = self.pairs, self.resources, self.reduced, self.pairs.rows
        chosen = np.full(len(pairs.pupils), -1, dtype=np.int64)
        complete = np.flatnonzero((self.divisible.flow >= pairs.pupils[rows] * (1 - 1e-12)) & (pairs.pupils[rows] > 0))
        chosen[rows[complete]] = complete
        free = resources.capacity - resources.used(self.flow(chosen))
        waiting = np.flatnonzero(chosen < 0)
        for i in waiting[np.argsort(-pairs.pupils[waiting], kind="stable")]:
            own = np.arange(pairs.indptr[i], pairs.indptr[i + 1])
            for e in own[np.argsort(reduced[own], kind="stable")]:
                takes = [resources.seat[e], resources.bed[e]] if resources.bed[e] >= 0 else [resources.seat[e]]
                if pairs.pupils[i] <= free[takes].min() + _SLACK / 100:
                    chosen[i] = e
                    free[takes] -= pairs.pupils[i]
                    break
        return chosen

    def seat_most(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], float]:
        """Seat as many pupils as possible; returns the plan and the proven fewest without a seat."""
        fewest = float(self.divisible.unseated.sum())
        if self.left(chosen) <= fewest + _SLACK:
            return chosen, fewest
        stays = np.arange(len(self.pairs.pupils))
        for count, exact in ((_NEAR, False), (_MANY if len(self.pairs.school) > _LARGE else None, True)):
            kept = np.ones(len(self.pairs.school), dtype=np.bool_) if count is None else self._cheapest(count)
            kept[chosen[chosen >= 0]] = True
            programme = self._programme(np.flatnonzero(kept), stays, np.inf)
            cost, value = np.concatenate([np.zeros(len(programme.entry)), self.pairs.pupils]), self.left(chosen)
            if not exact:
                # Minutes besides lead the search to plans where many fit.
                cost = programme.cost + self.divisible.no_seat_cost * cost
                value = self.minutes(chosen) + self.divisible.no_seat_cost * value
            found, bound = self._solve(replace(programme, cost=cost), chosen, value, 1.0, _PART, exact=exact)
            if found is not None and self.fits(found) and self.left(found) < self.left(chosen):
                chosen = found
            if exact and kept.all():
                fewest = max(fewest, float(np.ceil(bound - 0.01)) if self.persons else bound)
            if self.left(chosen) <= fewest + _SLACK:
                break
        return chosen, min(fewest, self.left(chosen))

    def shorten(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], float]:
        """Lessen the minutes with no more pupils left; returns the plan and a lower bound of its minutes."""
        pairs, stay, left = self.pairs, self.divisible.no_seat_cost, self.left(chosen)
        best = np.full(len(pairs.pupils), stay)
        np.minimum.at(best, pairs.rows, self.reduced)
        loss, lost = (self.reduced - best[pairs.rows]) * pairs.pupils[pairs.rows], (stay - best) * pairs.pupils
        total, bound = self.minutes(chosen), max(0.0, self.divisible.bound - stay * left)
        for near, part in ((True, _PART), (False, 1.0)):
            if total - bound <= self.gap * total or self.watch.left <= 0:
                break
            room = total + stay * left - self.divisible.bound + 1e-9 * max(1.0, total)
            kept = (loss <= room) & (self._cheapest(_NEAR) if near else True)
            kept[chosen[chosen >= 0]] = True
            may_stay = (chosen < 0) | ((lost <= room) & (pairs.pupils <= left + _SLACK))
            programme = self._programme(np.flatnonzero(kept), np.flatnonzero(may_stay), left)
            found, least = self._solve(programme, chosen, total, _UNIT, part, exact=not near)
            if found is not None and self.fits(found) and self.left(found) <= left + _SLACK:
                chosen = found if self.minutes(found) < total else chosen
                total = self.minutes(chosen)
            if not near:
                bound = max(bound, min(least, total))
        return chosen, bound

    def _cheapest(self, count: int) -> NDArray[np.bool_]:
        """Mark the few pairs of every unit with the least reduced cost."""
        order = np.lexsort((self.reduced, self.pairs.rows))
        rank = np.arange(len(order)) - self.pairs.indptr[self.pairs.rows]
        few = np.zeros(len(order), dtype=np.bool_)
        few[order[rank < count]] = True
        return few

    def _programme(self, entry: NDArray[np.int64], stays: NDArray[np.int64], left: float) -> _Programme:
        """Write down one row a unit, one a resource, and one for the pupils who may be left at most."""
        pairs, resources, size, count = self.pairs, self.resources, len(self.pairs.pupils), len(entry)
        units, most = pairs.rows[entry], size + len(resources.capacity)
        boards = np.flatnonzero(resources.bed[entry] >= 0)
        need, own, last = pairs.pupils[units], np.arange(count), count + np.arange(len(stays))
        seat, bed = size + resources.seat[entry], size + resources.bed[entry[boards]]
        at = np.concatenate([units, seat, bed, stays, np.full(len(stays), most)])
        column = np.concatenate([own, own, boards, last, last])
        value = np.concatenate([np.ones(count), need, need[boards], np.ones(len(stays)), pairs.pupils[stays]])
        return _Programme(
            entry=entry,
            stays=stays,
            cost=np.concatenate([need * pairs.cost[entry], np.zeros(len(stays))]),
            matrix=coo_array((value, (at, column)), shape=(most + 1, count + len(stays))).tocsc(),
            low=np.concatenate([np.ones(size), np.full(len(resources.capacity) + 1, -np.inf)]),
            high=np.concatenate([np.ones(size), resources.capacity, [left + _SLACK / 100]]),
        )

    def _solve(
        self,
        programme: _Programme,
        chosen: NDArray[np.int64],
        value: float,
        unit: float,
        part: float,
        *,
        exact: bool,
    ) -> tuple[NDArray[np.int64] | None, float]:
        """Solve a programme from a plan of that value; returns a better plan, if any, and the bound."""
        place = np.full(len(self.pairs.school), -1, dtype=np.int64)
        place[programme.entry] = np.arange(len(programme.entry))
        stay = np.full(len(chosen), -1, dtype=np.int64)
        stay[programme.stays] = len(programme.entry) + np.arange(len(programme.stays))
        start, seconds = np.zeros(len(programme.cost)), max(0.1, self.watch.left * part)
        start[np.where(chosen >= 0, place[chosen], stay)] = 1.0
        rows = (programme.low, programme.high)
        if exact and self.persons:
            answer = solve_whole(
                programme.cost, programme.matrix.tocsr(), *rows, unit=unit, hint=start, below=value,
                time_limit=seconds, seed=self.seed,
            )  # fmt: skip
            values, bound = answer.values, answer.bound
        else:
            found = solve(
                programme.cost, programme.matrix, *rows, col_upper=np.ones(len(start)), start=start, gap=self.gap,
                integer=np.ones(len(start), dtype=np.bool_), time_limit=seconds, seed=self.seed,
            )  # fmt: skip
            values = None if found.values is None else np.rint(found.values).astype(np.int64)
            bound = found.bound
        if values is None:
            return None, bound
        better, used = np.full(len(chosen), -1, dtype=np.int64), np.flatnonzero(values)
        entry = programme.entry[used[used < len(programme.entry)]]
        better[self.pairs.rows[entry]] = entry
        return better, bound
