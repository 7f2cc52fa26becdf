"""Zones to begin with: walks from the relaxation, one after the other, each from its own seed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.zones.graph import reattach
from layout_planner.locate.zones.walk import walk_zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.zones.task import ZoneTask

__all__ = ["Starts", "joined_start"]

_MOVES = 4_000_000
"""Moves that are tried in a walk."""

_COURSES = ((0.5, 0.02, 20.0), (10.0, 0.05, 600.0))
"""First and last temperature of a walk in multiples of the mean least cost of a unit, and the price of excess in
multiples of that cost by demand; where a pair of walks does not fit, the next walks take the next course."""

_SEEDS = 10_000
"""Walks before seeds meet."""


def joined_start(task: ZoneTask, share: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """Make connected zones, perhaps beyond their limits, from divided units (n, m); ``None`` where one is cut off."""
    label = share.argmax(axis=1).astype(np.int64)
    price = 10 * float(task.cost.min(axis=1).sum()) / max(float(task.demand.sum()), 1e-9)
    every = np.ones(len(task.seat), dtype=bool)
    reattach(*task.graph, task.cost, task.demand, task.room, label, task.seat, every, price)
    return None if (label < 0).any() else label


@dataclass(eq=False)
class Starts:
    """Walks from one division (n,), numbered on from the first."""

    task: ZoneTask
    start: NDArray[np.int64]
    seed: int
    taken: int = 0
    course: int = 0

    def pair(self) -> list[tuple[NDArray[np.int64], bool]]:
        """Take the next two walks at once: where each ended, and whether that fits."""
        numbers = (self.taken, self.taken + 1)
        self.taken += 2
        with ThreadPoolExecutor(len(numbers)) as threads:
            ends = list(threads.map(self._walk, numbers))
        if not any(fits for _, fits in ends):
            self.course = min(self.course + 1, len(_COURSES) - 1)
        return ends

    def _walk(self, number: int) -> tuple[NDArray[np.int64], bool]:
        t, mean = self.task, float(self.task.demand.mean())
        typical = max(float(t.cost.min(axis=1).mean()), 1e-9)
        border = mean / max(float(t.length.mean()), 1e-9) if len(t.length) else 0.0
        asked = (
            t.border_price, t.most_border, t.balance_price, t.mean, t.most_change, border,
            mean / max(float(t.change.mean()), 1e-9),
        )  # fmt: skip
        hot, cold, rate = _COURSES[self.course]
        course = (_MOVES, hot * typical, cold * typical, rate * typical / max(mean, 1e-9))
        still = np.isfinite(t.cost).sum(axis=1) == 1
        best, least, last = walk_zones(
            t.cost, t.demand, t.floor, t.room, (*t.graph, t.lengths), still, self.start, t.today, t.change, asked,
            course, self.seed % (2**31 // _SEEDS) * _SEEDS + number % _SEEDS,
        )  # fmt: skip
        return (best, True) if np.isfinite(least) else (last, False)
