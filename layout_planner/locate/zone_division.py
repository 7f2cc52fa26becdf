"""The course of a zoning: a bound, walks among connected zones, then corridor by corridor; small ones all at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.highs import solve
from layout_planner.locate.result import relative_gap
from layout_planner.locate.zone_corridors import Corridors
from layout_planner.locate.zone_programme import ZoneProgramme
from layout_planner.locate.zone_relax import Relaxed, relax_zones
from layout_planner.locate.zone_walk import walk_zones
from layout_planner.locate.zones import reattach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zone_task import ZoneTask

__all__ = ["ZoneSearch", "divide"]

_SMALL = 400
"""Pairs of unit and site up to which the whole problem is given to the solver."""

_SAFE = 1e-7
"""Share by which a bound is lowered for rounding."""

_MOVES, _WALKS, _WALKING = 4_000_000, 24, 0.25
"""Moves that are tried in a walk, walks, and the share of the time for them."""

_HOT, _COLD, _PERIOD, _FACTOR = 1.0, 0.03, 20, 1.1
"""First and last temperature of a walk in multiples of the mean least cost of a unit; moves for every unit after
which the price of excess changes, and the factor."""

_WIDTHS = (3, 4, 5, 4, 6, 5)
"""Zones divided anew together, turn by turn."""

_HERD, _FIRST = 4, (3, 5)
"""Walks whose ends are improved, and the widths of corridors before they are merged."""

_LITTLE, _WIDER = 0.0002, 1.15
"""Share that a turn must win, or corridors become wider by the factor."""

_STALE, _HOPELESS = 14, 7
"""Turns without a better division after which the search goes on from another walk, and the same before any fits."""


def divide(task: ZoneTask, watch: Watch, gap: float, seed: int) -> tuple[NDArray[np.int64] | None, float, str]:
    """Divide the units among the sites.

    Returns
    -------
    label : ndarray (n,) or None
        Site position of every unit.
    bound : float
        Proven lower bound; ``inf`` if there is no plan.
    log : str
        What was done.
    """
    search = ZoneSearch(task, watch, gap, seed)
    if int(np.isfinite(task.cost).sum()) <= _SMALL:
        search.whole(watch.part(0.5))
    if not search.done():
        search.run()
    return search.label, search.bound, "; ".join(search.log)


@dataclass(eq=False)
class ZoneSearch:
    """The best division so far, a proven bound, and how they were found."""

    task: ZoneTask
    watch: Watch
    gap: float
    seed: int
    label: NDArray[np.int64] | None = None
    value: float = float("inf")
    bound: float = float("-inf")
    log: list[str] = field(default_factory=list)

    def offer(self, label: NDArray[np.int64]) -> None:
        """Take a division if it fits and is cheaper."""
        value = self.task.value(label)
        if value < self.value and self.task.fits(label):
            self.label, self.value = label.copy(), value
            self.watch.tell(value, self.bound)

    def done(self) -> bool:
        """Tell whether the time is up, the division good enough, or none possible."""
        return self.watch.stopped() or relative_gap(self.value, self.bound) <= self.gap

    def _say(self, what: str) -> None:
        self.log.append(f"{what}, {self.watch.elapsed:.1f} s")

    def whole(self, watch: Watch) -> None:
        """Solve the programme over all pairs, with the cuts that its solutions break, until one is connected."""
        programme = ZoneProgramme(self.task, np.isfinite(self.task.cost))
        while not watch.stopped():
            matrix, lower, upper = programme.rows()
            answer = solve(
                programme.price, matrix, lower, upper, col_upper=programme.upper,
                integer=np.arange(programme.size) < len(programme.unit), time_limit=watch.left,
                gap=min(self.gap, 1e-6), seed=self.seed, cancel=watch.cancel,
            )  # fmt: skip
            lowered = answer.bound - _SAFE * abs(answer.bound) if np.isfinite(answer.bound) else answer.bound
            self.bound, self.log = max(self.bound, lowered), [answer.log]
            if answer.values is None:
                return
            label = programme.label(answer.values)
            if not programme.separate(label):
                self.offer(label)
                return

    def run(self) -> None:
        """Bound the cost, walk among zones, and improve the best of them corridor by corridor."""
        relaxed = relax_zones(self.task, self.watch.part(0.25))
        self.bound = max(self.bound, relaxed.bound)
        self.log.append(
            f"relaxation {relaxed.bound:.9g} with {len(relaxed.cuts)} cuts after {self.watch.elapsed:.1f} s"
        )
        if relaxed.bound == float("inf"):
            return
        starts = self._walks(relaxed)
        self._say(f"{len(starts)} walks {self.value:.9g}")
        if starts and not self.done():
            self._corridors(relaxed, starts)

    def _walks(self, relaxed: Relaxed) -> list[NDArray[np.int64]]:
        """Walk among zones from the relaxation, on two threads; lists where every walk ended."""
        t, n = self.task, len(self.task.demand)
        start = self._first(relaxed)
        if start is None:
            return []
        cheapest, mean = t.cost.min(axis=1), float(t.demand.mean())
        typical = max(float(cheapest.mean()), 1e-9)
        rate = typical / max(mean, 1e-9)
        border = mean / max(float(t.length.mean()), 1e-9) if len(t.length) else 0.0
        asked = (
            t.border_price, t.most_border, t.balance_price, t.mean, t.most_change, border,
            mean / max(float(t.change.mean()), 1e-9),
        )  # fmt: skip
        course = (_MOVES, _HOT * typical, _COLD * typical, rate, _PERIOD * n, _FACTOR)
        still = np.isfinite(t.cost).sum(axis=1) == 1

        def walk(k: int) -> tuple[NDArray[np.int64], float, NDArray[np.int64]]:
            found: tuple[NDArray[np.int64], float, NDArray[np.int64]] = walk_zones(
                t.cost, t.demand, t.floor, t.room, (*t.graph, t.lengths), still, start, t.today, t.change, asked,
                course, self.seed % 10_000 * _WALKS + k,
            )  # fmt: skip
            return found

        ends, early = [], self.watch.part(_WALKING)
        with ThreadPoolExecutor(2) as threads:
            for first in range(0, _WALKS, 2):
                for best, least, last in threads.map(walk, (first, first + 1)):
                    if np.isfinite(least):
                        self.offer(best)
                    ends.append(best if np.isfinite(least) else last)
                if early.stopped() or self.done():
                    break
        return ends

    def _first(self, relaxed: Relaxed) -> NDArray[np.int64] | None:
        """Make connected zones, perhaps beyond their limits, from the relaxation; ``None`` where a unit is cut off."""
        t = self.task
        label = relaxed.share.argmax(axis=1).astype(np.int64)
        price = 10 * float(t.cost.min(axis=1).sum()) / max(float(t.demand.sum()), 1e-9)
        open_ = np.ones(len(t.seat), dtype=bool)
        reattach(*t.graph, t.cost, t.demand, t.room, label, t.seat, open_, price)
        return None if (label < 0).any() else label

    def _corridors(self, relaxed: Relaxed, starts: list[NDArray[np.int64]]) -> None:
        """Improve divisions corridor by corridor until nothing more is found."""
        dearest = float(np.where(np.isfinite(self.task.cost), self.task.cost, 0.0).max(axis=1).sum())
        penalty = 10 * dearest / max(float(self.task.demand.sum()), 1e-9)
        corridors = Corridors(
            self.task, relaxed.reduced, relaxed.cuts, penalty, self.watch, np.random.default_rng(self.seed)
        )
        herd = sorted(starts, key=lambda label: (not self.task.fits(label), corridors.value(label)))[:_HERD]
        for k, label in enumerate(herd):
            for width in _FIRST:
                herd[k] = corridors.improve(herd[k], width) if k == 0 or not self.done() else label
            self.offer(herd[k])
            if k and not self.done():
                herd[0] = corridors.merge(herd[0], [herd[k]])
                self.offer(herd[0])
        self._say(f"{corridors.solved} corridors from {len(herd)} walks {self.value:.9g}")
        for k in range(len(herd)):
            if self.done():
                break
            herd[k] = self._polished(corridors, herd[k])
            herd[0] = corridors.merge(herd[0], [herd[k]]) if k else herd[0]
            self.offer(herd[0])
        self._say(f"{corridors.solved} corridors {self.value:.9g}")

    def _polished(self, corridors: Corridors, label: NDArray[np.int64]) -> NDArray[np.int64]:
        """Improve a division corridor by corridor, wider and wider, until nothing more is found."""
        stale, turn = 0, 0
        while not self.done() and stale < (_HOPELESS if self.label is None else _STALE):
            better = corridors.improve(label, _WIDTHS[turn % len(_WIDTHS)])
            won = 1 - corridors.value(better) / corridors.value(label)
            stale = 0 if won > 0 else stale + 1
            if won < _LITTLE:
                corridors.widen(_WIDER)
            label, turn = better, turn + 1
            self.offer(label)
        return label
