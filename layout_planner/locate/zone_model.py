"""The zoning of a few sites as a mixed-integer programme, with contiguity cuts added where a solution breaks it.

A piece of a zone that does not hold the seat must pay for a bridge: for a unit i of the piece and the units S that
every path from the seat to the piece must cross, ``x[i, j] <= sum of x[k, j] over k in S``.

Source: Fischetti et al. (2017), Thinning out Steiner trees, Mathematical Programming Computation 9(2):203-229, for
node-separator cuts; Carvajal et al. (2013), Operations Research 61(4):824-836, for their use in spatial planning.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from layout_planner.locate.highs import solve
from layout_planner.locate.zones import fence, reach

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from layout_planner.locate.zones import Zoning

__all__ = ["ZoneModel"]

_MEMBERS = 6


@dataclass(eq=False)
class ZoneModel:
    """Units (u,) to be divided anew among sites (t,), some of which may open or close.

    Attributes
    ----------
    zoning : Zoning
        The whole problem.
    units, sites : ndarray
        Positions of the units and the sites of this part.
    keep : ndarray (u, t) of bool
        Pairs that may be used.
    movable : ndarray (t,) of bool
        Sites that may be opened or closed; the others stay open.
    penalty : float or None
        Cost of one unit of demand above the capacity; ``None`` if there must be none.
    count : int or None
        Number of open sites among ``sites`` where it is given.
    budget : float
        Limit on the fixed cost among ``sites``.
    bound : float
        Proven lower bound on the cost of this part, once solved; ``inf`` if it cannot be divided.
    log : str
        What the solver said last.
    """

    zoning: Zoning
    units: NDArray[np.int64]
    sites: NDArray[np.int64]
    keep: NDArray[np.bool_]
    movable: NDArray[np.bool_]
    penalty: float | None
    count: int | None = None
    budget: float = float("inf")
    cuts: list[tuple[int, int, NDArray[np.int64]]] = field(default_factory=list)
    bound: float = float("-inf")
    log: str = ""

    def __post_init__(self) -> None:
        self._place = np.full(len(self.zoning.demand), -1, np.int64)
        self._place[self.units] = np.arange(len(self.units))
        self._bind_seats()
        self._prune()
        self._unit, self._site = np.nonzero(self.keep)
        self._column = np.full(self.keep.shape, -1, np.int64)
        self._column[self._unit, self._site] = np.arange(len(self._unit))

    def _bind_seats(self) -> None:
        seats = self._place[self.zoning.seat[self.sites]]
        able = self.keep[seats, np.arange(len(seats))]
        self.keep[seats[~self.movable]] = False
        self.keep[seats, np.arange(len(seats))] = able
        self._able = able

    def _allowed(self, t: int) -> NDArray[np.bool_]:
        mask = np.zeros(len(self._place), dtype=bool)
        mask[self.units[self.keep[:, t]]] = True
        return mask

    def _prune(self) -> None:
        """Drop pairs that no chain of allowed units joins to the seat."""
        z = self.zoning
        for t, j in enumerate(self.sites):
            seated = self.keep[self._place[z.seat[j]], t]
            self.keep[:, t] &= seated & reach(z.indptr, z.adj, self._allowed(t), z.seat[j])[self.units]

    def solve(
        self, label: NDArray[np.int64] | None, *, rounds: int, time_limit: float, gap: float, seed: int
    ) -> NDArray[np.int64] | None:
        """Divide anew, starting from ``label`` (n,) if given; ``None`` if no connected division was found in time."""
        began = time.perf_counter()
        start = None if label is None else self._start(label)
        base = np.zeros(len(self._place), np.int64) if label is None else label
        for _ in range(rounds):
            left = time_limit - (time.perf_counter() - began)
            if left <= 0:
                return None
            chosen = self._once(start, left, gap, seed)
            if chosen is None:
                return None
            if not self._separate(chosen):
                answer = base.copy()
                answer[self.units] = self.sites[chosen]
                return answer
        return None

    def _start(self, label: NDArray[np.int64]) -> NDArray[np.float64]:
        z, k, t = self.zoning, len(self._unit), len(self.sites)
        here = label[self.units[self._unit]] == self.sites[self._site]
        opened = np.isin(self.sites, label[self.units]).astype(float)
        over = z.overload(label)[self.sites]
        return np.concatenate([here.astype(float)[:k], opened, over[:t]])

    def _once(
        self, start: NDArray[np.float64] | None, time_limit: float, gap: float, seed: int
    ) -> NDArray[np.int64] | None:
        z, k, t, u = self.zoning, len(self._unit), len(self.sites), len(self.units)
        matrix, lower, upper = self._rows()
        paid, excess = np.full(t, self.penalty or 0.0), 0.0 if self.penalty is None else float(z.demand.sum())
        pairs = z.cost[self.units[self._unit], self.sites[self._site]]
        answer = solve(
            np.concatenate([pairs, z.fixed[self.sites], paid]),
            matrix, lower, upper,
            col_lower=np.concatenate([np.zeros(k), ~self.movable & self._able, np.zeros(t)]),
            col_upper=np.concatenate([np.ones(k), self._able, np.full(t, excess)]),
            integer=np.concatenate([np.ones(k + t, bool), np.zeros(t, bool)]),
            start=start, time_limit=time_limit, gap=gap, seed=seed,
        )  # fmt: skip
        self.bound = max(
            self.bound, answer.bound - 1e-7 * abs(answer.bound) if np.isfinite(answer.bound) else answer.bound
        )
        self.log = answer.log
        if answer.values is None:
            return None
        share = np.zeros((u, t))
        share[self._unit, self._site] = answer.values[:k]
        return np.asarray(share.argmax(axis=1), dtype=np.int64)

    def _rows(self) -> tuple[csc_array, NDArray[np.float64], NDArray[np.float64]]:
        z, k, t, u = self.zoning, len(self._unit), len(self.sites), len(self.units)
        rows = [self._unit, u + self._site, u + np.arange(t), u + np.arange(t)]
        cols = [np.arange(k), np.arange(k), k + np.arange(t), k + t + np.arange(t)]
        room = np.minimum(z.capacity[self.sites], z.demand.sum())
        data = [np.ones(k), z.demand[self.units[self._unit]], -room, -np.ones(t)]
        lower, upper = [np.ones(u), np.full(t, -np.inf)], [np.ones(u), np.zeros(t)]
        size = u + t
        size = self._link(rows, cols, data, lower, upper, size)
        for i, site, bridge in self.cuts:
            columns = self._column[bridge, site]
            rows.append(np.full(len(bridge) + 1, size))
            cols.append(np.append(columns, self._column[i, site]))
            data.append(np.append(np.ones(len(bridge)), -1.0))
            lower.append(np.zeros(1))
            upper.append(np.full(1, np.inf))
            size += 1
        matrix = coo_array(
            (np.concatenate(data), (np.concatenate(rows), np.concatenate(cols))), shape=(size, k + 2 * t)
        ).tocsc()
        return matrix, np.concatenate(lower), np.concatenate(upper)

    def _link(
        self,
        rows: list[NDArray[np.int64]],
        cols: list[NDArray[np.int64]],
        data: list[NDArray[np.float64]],
        lower: list[NDArray[np.float64]],
        upper: list[NDArray[np.float64]],
        size: int,
    ) -> int:
        """Tie pairs to sites that may close, seats to their sites, and limit the number and cost of open sites."""
        k, t = len(self._unit), len(self.sites)
        loose = np.flatnonzero(self.movable[self._site])
        number = np.arange(len(loose))
        seat = self._place[self.zoning.seat[self.sites[self._site[loose]]]] == self._unit[loose]
        rows += [size + number, size + number]
        cols += [loose, k + self._site[loose]]
        data += [np.ones(len(loose)), -np.ones(len(loose))]
        lower.append(np.where(seat, 0.0, -np.inf))
        upper.append(np.zeros(len(loose)))
        size += len(loose)
        everyone = k + np.arange(t)
        for weight, low, high in (
            (np.ones(t), -np.inf if self.count is None else self.count, np.inf if self.count is None else self.count),
            (self.zoning.fixed[self.sites], -np.inf, self.budget),
        ):
            if np.isfinite(high):
                rows.append(np.full(t, size))
                cols.append(everyone)
                data.append(weight)
                lower.append(np.full(1, low))
                upper.append(np.full(1, high))
                size += 1
        return size

    def _separate(self, chosen: NDArray[np.int64]) -> int:
        """Add cuts for every piece of a zone that does not hold its seat; tell how many."""
        z, before = self.zoning, len(self.cuts)
        for t in np.unique(chosen):
            seat = z.seat[self.sites[t]]
            zone = np.zeros(len(self._place), dtype=bool)
            zone[self.units[chosen == t]] = True
            rest = zone & ~reach(z.indptr, z.adj, zone, seat)
            allowed = self._allowed(t)
            while rest.any():
                piece = reach(z.indptr, z.adj, rest, int(np.argmax(rest)))
                rest &= ~piece
                bridge = self._place[np.flatnonzero(fence(z.indptr, z.adj, allowed, piece, seat))]
                members = self._place[np.flatnonzero(piece)]
                heavy = members[np.argsort(-z.demand[self.units[members]], kind="stable")][:_MEMBERS]
                self.cuts += [(int(i), int(t), bridge) for i in heavy]
        return len(self.cuts) - before
