"""The course of a zoning: a bound, walks among connected zones, then corridor by corridor; small ones all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.result import relative_gap
from layout_planner.locate.solvers.highs import solve
from layout_planner.locate.zones.corridors import Corridors
from layout_planner.locate.zones.programme import ZoneProgramme
from layout_planner.locate.zones.relax import Relaxed, relax_zones
from layout_planner.locate.zones.starts import Starts, joined_start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.task import ZoneTask

__all__ = ["ZoneSearch", "divide"]

_SMALL = 400
"""Pairs of unit and site up to which the whole problem is given to the solver."""

_SAFE = 1e-7
"""Share by which a bound is lowered for rounding."""

_WALKS, _WALKING = 10, 0.15
"""Walks to begin with, and the share of the time for them."""

_FIRST, _WIDTHS = (3, 5), (4, 5, 6)
"""Zones that are divided anew together, turn by turn: where a walk ended, and in the best division."""

_THOROUGH = 2.0
"""Deterministic seconds for a corridor of the best division, without an order of its units."""

_POOL, _EVERY, _IMPROVING = 6, 3, 0.25
"""Improved walks that are merged together; walks, or share of the time left, after which the best is improved again."""

_LITTLE, _WIDER, _IDLE = 0.0002, 1.15, 3
"""Share that a turn must win, or corridors become wider by the factor; turns that may win less."""

_STALE = 12
"""Walks on end that may win nothing before the search ends."""


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
        start = joined_start(self.task, relaxed.share)
        if start is None:
            self.whole(self.watch)
            return
        self._gather(relaxed, Starts(self.task, start, self.seed))

    def _walks(self, starts: Starts) -> list[NDArray[np.int64]]:
        """Walk for a share of the time; lists where the walks ended, those that fit first, then by cost."""
        ends: list[tuple[bool, float, int, NDArray[np.int64]]] = []
        early = self.watch.part(_WALKING)
        while not ends or not (early.stopped() or self.done() or len(ends) >= _WALKS):
            for label, fits in starts.pair():
                self.offer(label)
                ends.append((not fits, self.task.value(label), len(ends), label))
        self._say(f"{len(ends)} walks {self.value:.9g}")
        return [label for *_, label in sorted(ends, key=lambda end: end[:3])]

    def _gather(self, relaxed: Relaxed, starts: Starts) -> None:
        """Improve where walks ended, one after the other, and merge each with the best, until that wins no more.

        Walks are improved under an order of units, which is quick; merging and the best division know none.
        """
        corridors, wide = self._corridors(relaxed, ordered=True), self._corridors(relaxed, ordered=False)
        waiting, improved, stale = self._walks(starts), 0, 0
        early = self.watch.part(_IMPROVING)
        best: NDArray[np.int64] | None = None
        pool: list[NDArray[np.int64]] = []
        while not self.done() and stale < _STALE:
            waiting = waiting or [label for label, _ in starts.pair()]
            label = waiting.pop(0)
            for width in _FIRST:
                label = corridors.improve(label, width)
                self.offer(label)
            before = float("inf") if best is None else corridors.value(best)
            best, pool = label if best is None else wide.merge(best, [label]), [*pool, label][-_POOL:]
            best = wide.merge(best, pool)
            self.offer(best)
            if improved % _EVERY == 0 or early.stopped():
                best = self._polished(wide, best)
                early = self.watch.part(_IMPROVING)
            improved, stale = improved + 1, 0 if corridors.value(best) < before else stale + 1
        self._say(f"{corridors.solved + wide.solved} corridors from {improved} walks {self.value:.9g}")

    def _corridors(self, relaxed: Relaxed, *, ordered: bool) -> Corridors:
        dearest = float(np.where(np.isfinite(self.task.cost), self.task.cost, 0.0).max(axis=1).sum())
        penalty = 10 * dearest / max(float(self.task.demand.sum()), 1e-9)
        rng = np.random.default_rng(self.seed)
        return Corridors(
            self.task, relaxed.reduced, penalty, self.watch, rng, ordered=ordered, effort=1.0 if ordered else _THOROUGH
        )

    def _polished(self, corridors: Corridors, label: NDArray[np.int64]) -> NDArray[np.int64]:
        """Improve a division corridor by corridor, wider and wider, until that wins little."""
        idle, turn = 0, 0
        while not self.done() and idle < _IDLE:
            better = corridors.improve(label, _WIDTHS[turn % len(_WIDTHS)])
            if corridors.value(better) > corridors.value(label) * (1 - _LITTLE):
                corridors.widen(_WIDER)
                idle += 1
            label, turn = better, turn + 1
            self.offer(label)
        return label
