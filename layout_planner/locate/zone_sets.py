"""Search the sets of open sites by the cost of the best divisible assignment, which is exact for every set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.transport import transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from layout_planner.locate.zones import Zoning

__all__ = ["OpenSets"]

Sites = frozenset[int]


@dataclass(eq=False)
class OpenSets:
    """Values of sets of open sites under divisible assignment, each computed once.

    A set without enough room, or that breaks the count or the budget, is priced by how much, so that a search may
    pass through it; it is never listed by ``ranked``.
    """

    zoning: Zoning
    values: dict[Sites, float] = field(default_factory=dict)
    short: set[Sites] = field(default_factory=set)

    def __post_init__(self) -> None:
        z = self.zoning
        unit = z.cost / np.where(z.demand > 0, z.demand, 1.0)[:, None]
        self._unit = unit
        self._order = np.argsort(unit, axis=1, kind="stable")
        finite = unit[np.isfinite(unit)]
        self._unserved = 2.0 * float(finite.max(initial=1.0))

    def solve(self, sites: NDArray[np.int64]) -> tuple[float, NDArray[np.int64], NDArray[np.float64], float]:
        """Assign divisibly: (cost with what stays unserved, largest share (n,), price of room (m,), unserved)."""
        z = self.zoning
        n, m = z.cost.shape
        local = np.full(m, -1, np.int64)
        local[sites] = np.arange(len(sites))
        picked = self._order[local[self._order] >= 0].reshape(n, len(sites))
        unit = np.take_along_axis(self._unit, picked, axis=1)
        there = np.isfinite(unit)
        indptr = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
        answer = transport(
            indptr, local[picked[there]], unit[there], z.demand, z.capacity[sites], np.full(len(sites), -1),
            self._unserved,
        )  # fmt: skip
        flow = np.zeros((n, len(sites)))
        flow[there] = answer.flow
        price = np.zeros(m)
        price[sites] = answer.price
        unserved = float(answer.unserved.sum())
        cost = float(answer.flow @ unit[there]) + self._unserved * unserved + float(z.fixed[sites].sum())
        share = picked[np.arange(n), flow.argmax(axis=1)]
        return cost, share, price, unserved

    def value(self, sites: Sites) -> float:
        """Look up or compute the value of a set, with a penalty where room, count or budget is broken."""
        if sites not in self.values:
            self.values[sites] = self._compute(sites)
        return self.values[sites]

    def _compute(self, sites: Sites) -> float:
        z = self.zoning
        chosen = np.array(sorted(sites), dtype=np.int64)
        if not len(chosen):
            return float("inf")
        cost, _, _, unserved = self.solve(chosen)
        over = max(0.0, float(z.fixed[chosen].sum()) - z.budget) / max(z.budget, 1e-9)
        off = 0 if z.p is None else abs(len(chosen) - z.p)
        shared = len(chosen) - len(np.unique(z.seat[chosen]))
        if over > 1e-9 or off or shared or unserved > 1e-9 * max(1.0, float(z.demand.sum())):
            self.short.add(sites)
        return cost + self._unserved * max(1.0, float(z.demand.sum())) * (over + off + shared)

    def ranked(self) -> list[tuple[float, Sites]]:
        """List the sets that serve everybody, cheapest first."""
        good = [(v, s) for s, v in self.values.items() if np.isfinite(v) and s not in self.short]
        return sorted(good, key=lambda pair: (pair[0], sorted(pair[1])))

    def descend(self, sites: Sites, stop: Callable[[], bool]) -> Sites:
        """Drop, add or swap sites while it pays."""
        current = self.value(sites)
        while not stop():
            best = min(self._moves(sites, current, stop), key=lambda s: (self.value(s), sorted(s)), default=sites)
            if not self.value(best) < current - 1e-9 * max(1.0, abs(current)):
                break
            sites, current = best, self.value(best)
        return sites

    def _moves(self, sites: Sites, current: float, stop: Callable[[], bool]) -> Iterator[Sites]:
        z = self.zoning
        closable = [j for j in sorted(sites) if not z.forced[j]]
        openable = [j for j in range(len(z.fixed)) if j not in sites and not z.barred[j]]
        paid = False
        for j in closable:
            paid = paid or self.value(sites - {j}) < current
            yield sites - {j}
        for j in openable:
            paid = paid or self.value(sites | {j}) < current
            yield sites | {j}
        if paid:
            return
        for i in closable:
            for j in openable:
                if stop():
                    return
                yield sites - {i} | {j}

    def search(self, start: Sites, rounds: int, seed: int, stop: Callable[[], bool]) -> None:
        """Descend from ``start``, then ``rounds`` times from a shaken copy of the best set."""
        rng = np.random.default_rng(seed)
        best = self.descend(start, stop)
        for k in range(rounds):
            if stop():
                return
            found = self.descend(self._shake(best, rng, 1 + k % 4), stop)
            if self.value(found) < self.value(best) - 1e-9 and found not in self.short:
                best = found

    def _shake(self, sites: Sites, rng: np.random.Generator, count: int) -> Sites:
        z = self.zoning
        inside = [j for j in sorted(sites) if not z.forced[j]]
        outside = [j for j in range(len(z.fixed)) if j not in sites and not z.barred[j]]
        count = min(count, len(inside), len(outside))
        out = rng.choice(inside, count, replace=False).tolist() if count else []
        into = rng.choice(outside, count, replace=False).tolist() if count else []
        return sites - frozenset(out) | frozenset(into)
