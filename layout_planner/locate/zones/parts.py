"""Improve a zoning part by part: the zones of a few neighbouring sites are divided anew by CP-SAT.

Source: Pisinger & Ropke (2010), Large neighborhood search, Handbook of Metaheuristics, 399-419.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.zones.chains import Chains

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.open_sets import SetSearch
    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.graph import Zoning

__all__ = ["PartSearch", "way_to_room"]

_TOGETHER = 2
"""Parts without a zone in common that are divided at the same time."""

_MORE = 1.5
"""How many times as many pairs a part must have that did not improve, to be tried again."""

_PACKED_PAIRS, _PACKED_EFFORT = 2.0, 2.5
"""Pairs for every unit and CP-SAT's deterministic seconds where all zones are packed."""

_FEWEST, _MOST = 0.3, 6.0
"""Pairs of unit and site, besides today's, that a part may consider for every unit."""


def way_to_room(zoning: Zoning, label: NDArray[np.int64], center: int) -> list[int]:
    """List the zones on a shortest way from an overfull zone to one with room; ``center`` alone where it is not."""
    here, there = np.repeat(label, np.diff(zoning.indptr)), label[zoning.adj]
    free = zoning.capacity - np.bincount(label, weights=zoning.demand, minlength=len(zoning.capacity))
    back, queue = {center: -1}, [center] if zoning.overload(label)[center] > 0 else []
    for j in queue:
        if free[j] > 1e-9 * max(1.0, float(zoning.capacity[j])):
            way = [j]
            while back[way[-1]] >= 0:
                way.append(back[way[-1]])
            return way[::-1]
        for k in np.unique(there[here == j]).tolist():
            if k not in back:
                back[k] = j
                queue.append(k)
    return [center]


@dataclass(eq=False)
class PartSearch:
    """A neighbourhood search by programmes in whole numbers.

    ``penalty`` is the cost of one unit of demand above a capacity, ``effort`` CP-SAT's deterministic seconds a part,
    ``pairs`` the pairs of unit and site besides today's that the next part may consider for every unit, ``failed``
    the pairs with which parts are known not to improve.
    """

    zoning: Zoning
    sets: SetSearch
    penalty: float
    rng: np.random.Generator
    watch: Watch
    effort: float = 1.0
    pairs: float = 1.0
    failed: dict[int, float] = field(default_factory=dict)
    solved: int = 0

    def price(self, label: NDArray[np.int64]) -> float:
        """Value a zoning with its overload."""
        return self.zoning.value(label) + self.penalty * float(self.zoning.overload(label).sum())

    def improve(self, label: NDArray[np.int64], width: int, *, closed: int = 0) -> NDArray[np.int64]:
        """Divide parts of ``width`` zones anew, one around every open site, the overfull ones first.

        Parameters
        ----------
        label : ndarray (n,)
            Connected zones to begin with.
        width : int
            Zones a part.
        closed : int
            Closed sites nearby that a part may open; its own sites may then close.
        """
        over = self.zoning.overload(label)
        waiting = sorted(self.rng.permutation(np.unique(label)).tolist(), key=lambda j: -float(over[j]))
        together = 1 if closed and np.isfinite(self.zoning.budget) else _TOGETHER
        with ThreadPoolExecutor(together) as threads:
            while waiting and not self.watch.stopped():
                parts = self._next(label, waiting, width, together)
                label = self._divide(label, parts, closed, threads)
        return label

    def pack(self, labels: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        """Divide all zones of overfull zonings (n,) anew so that nothing is overfull; lists what was found."""
        tasks = [self._chains(label, np.unique(label), 0, _PACKED_PAIRS, float("inf")) for label in labels]
        seeds = self.rng.integers(2**31, size=len(tasks)).tolist()
        with ThreadPoolExecutor(_TOGETHER) as threads:
            answers = list(threads.map(lambda task, seed: task.solve(self.watch, _PACKED_EFFORT, seed), tasks, seeds))
        return [label for label, _ in answers if label is not None]

    def _next(self, label: NDArray[np.int64], waiting: list[int], width: int, together: int) -> list[NDArray[np.int64]]:
        """Take parts without a zone in common around the first sites that wait for it."""
        parts: list[NDArray[np.int64]] = []
        for center in list(waiting):
            if len(parts) == together:
                break
            taken = np.concatenate([*parts, np.empty(0, np.int64)])
            if center in taken:
                continue
            part = self._part(label, center, width) if (label == center).any() else np.empty(0, np.int64)
            if not np.isin(part, taken).any():
                waiting.remove(center)
                parts += [part] if len(part) else []
        return parts

    def _part(self, label: NDArray[np.int64], center: int, width: int) -> NDArray[np.int64]:
        """Take ``center``, from an overfull one the way to the nearest room, and by luck what touches them."""
        z = self.zoning
        here, there = np.repeat(label, np.diff(z.indptr)), label[z.adj]
        part = way_to_room(z, label, center)[:width]
        while len(part) < width:
            border = np.bincount(there[np.isin(here, part)], minlength=len(z.fixed)).astype(float)
            border[part] = 0
            if not border.any():
                break
            part.append(int((border * self.rng.random(len(border))).argmax()))
        return np.array(sorted(part), dtype=np.int64)

    def _divide(
        self, label: NDArray[np.int64], parts: list[NDArray[np.int64]], closed: int, threads: ThreadPoolExecutor
    ) -> NDArray[np.int64]:
        """Divide parts without a zone in common anew, all at once; returns the zones (n,), better or the same."""
        tasks: list[tuple[int, Chains]] = []
        for part in parts:
            signature = hash((closed, np.where(np.isin(label, part), label, -1).tobytes()))
            if self.pairs > self.failed.get(signature, 0.0) * _MORE:
                tasks.append((signature, self._chains(label, part, closed, self.pairs, self.penalty)))
        seeds = self.rng.integers(2**31, size=len(tasks)).tolist()
        answers = threads.map(lambda task, seed: task[1].solve(self.watch, self.effort, seed), tasks, seeds)
        pairs = self.pairs
        for (signature, chains), (found, complete) in zip(tasks, answers, strict=True):
            self.solved += 1
            self.pairs = float(np.clip(self.pairs * (1.05 if complete else 0.85), _FEWEST, _MOST))
            now = self.price(chains.label)
            if found is not None and self.price(found) < now - 1e-9 * max(1.0, abs(now)):
                label = label.copy()
                label[chains.units] = found[chains.units]
            else:
                self.failed[signature] = pairs
        return label

    def _chains(
        self, label: NDArray[np.int64], part: NDArray[np.int64], closed: int, pairs: float, penalty: float
    ) -> Chains:
        z = self.zoning
        units, opened = np.flatnonzero(np.isin(label, part)), np.unique(label)
        outside = np.setdiff1d(opened, part)
        sites = self._with_closed(units, part, outside, closed) if closed else part
        movable = ~z.forced[sites] if closed else np.zeros(len(sites), bool)
        price = self.sets.divide(tuple(opened.tolist())).price
        return Chains(
            z, label, units, sites, self._keep(label, units, sites, price, pairs), movable, penalty,
            count=None if z.p is None else z.p - len(outside), budget=z.budget - float(z.fixed[outside].sum()),
        )  # fmt: skip

    def _with_closed(
        self, units: NDArray[np.int64], part: NDArray[np.int64], outside: NDArray[np.int64], closed: int
    ) -> NDArray[np.int64]:
        z = self.zoning
        free = np.setdiff1d(np.flatnonzero(~z.barred), np.union1d(part, outside))
        free = free[np.isin(z.seat[free], units)]
        return np.union1d(part, free[np.argsort(z.cost[np.ix_(units, free)].sum(axis=0), kind="stable")[:closed]])

    def _keep(
        self,
        label: NDArray[np.int64],
        units: NDArray[np.int64],
        sites: NDArray[np.int64],
        price: NDArray[np.float64],
        pairs: float,
    ) -> NDArray[np.bool_]:
        """Keep today's pairs and those of least reduced cost at the prices of room."""
        z = self.zoning
        reduced = z.cost[np.ix_(units, sites)] + price[sites] * z.demand[units, None]
        reduced = reduced - reduced.min(axis=1, keepdims=True)
        last = min(int((1 + pairs) * len(units)), reduced.size - 1)
        limit = np.partition(reduced.ravel(), last)[last]
        keep = np.isfinite(reduced) & (reduced <= limit)
        own = z.seat[sites][None, :] == units[:, None]
        return np.asarray(keep | (label[units, None] == sites) | (own & np.isfinite(reduced)))
