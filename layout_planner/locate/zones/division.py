"""The course of a zoning: a bound, walks among connected zones, then corridor by corridor; small ones all at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
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

_FITTING, _WALKS, _WALKING = 12, 24, 0.2
"""Walks to begin with: how many are to fit, how many there are at most, and the share of the time for them."""

_CHAINS = 2
"""Divisions that are improved at once, each by its own thread."""

_FIRST, _WIDTHS = 3, (4, 5, 6)
"""Zones that are divided anew together: where a walk ended, and, turn by turn, in the best division."""

_QUICK, _THOROUGH = 1.0, 2.0
"""Deterministic seconds for a programme with an order of its units, and for one of the best division, without."""

_POOL, _BEFORE, _IMPROVING = 6, 4, 0.4
"""Improved walks that are merged together; walks, or share of the time, after which the best is improved."""

_LITTLE, _IDLE = 0.0001, 1
"""Share that a turn must win; turns that may win less."""

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
    turn: int = 0

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
        early, fitting = self.watch.part(_WALKING), 0
        while not (ends and (early.stopped() or self.done() or fitting >= _FITTING or len(ends) >= _WALKS)):
            for label, fits in starts.pair():
                self.offer(label)
                fitting += fits
                ends.append((not fits, self.task.value(label), len(ends), label))
        self._say(f"{len(ends)} walks {self.value:.9g}")
        return [label for *_, label in sorted(ends, key=lambda end: end[:3])]

    def _gather(self, relaxed: Relaxed, starts: Starts) -> None:
        """Improve where walks ended, two at once, and merge what comes of it, until that wins no more.

        Walks are improved under an order of units, which is quick; merging and the best division know none.
        """
        quick = [self._corridors(relaxed, chain, ordered=True) for chain in range(_CHAINS)]
        wide = [self._corridors(relaxed, chain, ordered=False) for chain in range(_CHAINS)]
        waiting, improved, stale = self._walks(starts), 0, 0
        early = self.watch.part(_IMPROVING)
        best = waiting[0]
        pool: list[NDArray[np.int64]] = []
        with ThreadPoolExecutor(_CHAINS) as threads:
            while not self.done() and stale < _STALE:
                while len(waiting) < _CHAINS:
                    waiting += [label for label, _ in starts.pair()]
                ends = list(threads.map(_climbed, quick, waiting[:_CHAINS]))
                waiting, pool, improved = waiting[_CHAINS:], [*ends, *pool][:_POOL], improved + _CHAINS
                before = wide[0].value(best)
                best = self._merged(wide[0], best, pool)
                if improved >= _BEFORE or early.stopped():
                    best = self._polished(threads, wide, best, pool)
                stale = 0 if wide[0].value(best) < before else stale + _CHAINS
        solved = sum(corridors.solved for corridors in (*quick, *wide))
        self._say(f"{solved} corridors from {improved} walks {self.value:.9g}")

    def _corridors(self, relaxed: Relaxed, chain: int, *, ordered: bool) -> Corridors:
        dearest = float(np.where(np.isfinite(self.task.cost), self.task.cost, 0.0).max(axis=1).sum())
        penalty = 10 * dearest / max(float(self.task.demand.sum()), 1e-9)
        rng = np.random.default_rng((self.seed, chain))
        effort = _QUICK if ordered else _THOROUGH
        return Corridors(self.task, relaxed.reduced, penalty, self.watch, rng, ordered=ordered, effort=effort)

    def _merged(
        self, corridors: Corridors, best: NDArray[np.int64], others: list[NDArray[np.int64]]
    ) -> NDArray[np.int64]:
        """Take the best of several divisions, and merge it with the others."""
        for label in others:
            self.offer(label)
        best = min((best, *others), key=corridors.value)
        best = corridors.merge(best, others)
        self.offer(best)
        return best

    def _polished(
        self, threads: ThreadPoolExecutor, chains: list[Corridors], best: NDArray[np.int64],
        pool: list[NDArray[np.int64]],
    ) -> NDArray[np.int64]:  # fmt: skip
        """Improve a division on all threads, each in its own way, and merge the ends, until that wins little."""
        idle = 0
        while not self.done() and idle < _IDLE:
            before = chains[0].value(best)
            widths = [_WIDTHS[(self.turn + chain) % len(_WIDTHS)] for chain in range(_CHAINS)]
            ends = threads.map(_turned, chains, [best] * _CHAINS, widths, [[], pool])
            best = self._merged(chains[0], best, list(ends))
            idle, self.turn = idle + (chains[0].value(best) > before * (1 - _LITTLE)), self.turn + 1
        return best


def _climbed(corridors: Corridors, label: NDArray[np.int64]) -> NDArray[np.int64]:
    """Improve where a walk ended: in corridors, then all zones at once."""
    corridors.begin()
    return corridors.grow(corridors.improve(label, _FIRST))


def _turned(
    corridors: Corridors, label: NDArray[np.int64], width: int, others: list[NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Improve a division in corridors of some width, then all zones at once, with the pairs of other divisions."""
    return corridors.grow(corridors.improve(label, width), others)
