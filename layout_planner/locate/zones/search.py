"""The search for zones: sets of open sites by annealed zones, the best of them longer, then part by part exactly.

Every step ends by a number of rounds, so that the same seed gives the same plan; a time limit only cuts it short.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.result import relative_gap
from layout_planner.locate.zones.anneal import SetZones
from layout_planner.locate.zones.parts import PartSearch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.open_sets import SetSearch
    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.graph import Zoning

__all__ = ["BestZones", "search_zones"]

_LISTED = 60
"""Sets of least divided cost that are annealed first."""

_WALKS, _BESIDE, _MEASURED = 12, 12, 60
"""Sets around which the search goes on; sets annealed beside each; sets measured beside each to choose those."""

_QUICK = 3000
"""Moves of a first annealing, for every unit."""

_SLOW, _AGAIN = 12000, 16
"""The same of a second annealing, and the sets with the best zones that get it."""

_PACKED, _TOGETHER = 8, 2
"""Sets of least divided cost that are packed where annealing leaves them overfull, and how many of them a turn."""

_TURNS = ((4, 0, 8), (5, 0, 4), (5, 2, 3), (4, 0, 4), (6, 0, 3), (3, 1, 3), (5, 2, 3), (4, 0, 3), (7, 0, 2))
"""Zones divided anew together, closed sites that may open there, and sets whose zones are improved, turn by turn."""

_STALE = 18
"""Turns without a better plan after which the search ends."""


@dataclass(eq=False)
class BestZones:
    """The best zones that fit so far (``label`` (n,), ``None`` before any), their cost, and a proven bound."""

    zoning: Zoning
    watch: Watch
    bound: float = float("-inf")
    value: float = float("inf")
    label: NDArray[np.int64] | None = None
    log: list[str] = field(default_factory=list)

    def offer(self, label: NDArray[np.int64]) -> None:
        """Take zones if they fit and are cheaper."""
        if self.zoning.overload(label).any():
            return
        value = self.zoning.value(label)
        if value < self.value:
            self.value, self.label = value, label.copy()
            self.watch.tell(value, self.bound)

    def done(self, gap: float) -> bool:
        """Tell whether the time is up or the plan good enough."""
        return self.watch.stopped() or relative_gap(self.value, self.bound) <= gap


def search_zones(best: BestZones, sets: SetSearch, gap: float, seed: int) -> None:
    """Search zones for sets that were measured, and for sets beside the best of them.

    Parameters
    ----------
    best : BestZones
        Takes the plans.
    sets : SetSearch
        Sets measured so far.
    gap : float
        Relative gap within which a plan is good enough.
    seed : int
        Seed of the draws.
    """
    found = SetZones(best.zoning, sets)
    _explore(best, found, gap, seed)
    late = best.watch.part(0.15)
    for _, key in found.ranked()[:_AGAIN]:
        if not late.stopped() and not best.done(gap) and sets.value(key) < best.value:
            _anneal(best, found, key, _SLOW, seed + 1)
    best.log.append(f"zones annealed for {len(found.labels)} of {len(sets.values)} open sets")
    _improve(best, found, gap, seed)


def _anneal(best: BestZones, found: SetZones, key: tuple[int, ...], steps: int, seed: int) -> None:
    for label in found.anneal(key, steps=steps, seed=seed):
        best.offer(label)


def _explore(best: BestZones, found: SetZones, gap: float, seed: int) -> None:
    """Anneal the sets of least divided cost, then those beside the sets with the best zones, again and again."""
    sets, early = found.sets, replace(best.watch, time_limit=best.watch.elapsed + 0.4 * best.watch.left)
    for value, key in sets.ranked()[:_LISTED]:
        if best.done(gap) or early.stopped() or value >= best.value:
            break
        _anneal(best, found, key, _QUICK, seed)
    walked: set[tuple[int, ...]] = set()
    for _ in range(_WALKS):
        here = next((key for _, key in found.ranked() if key not in walked), None)
        if here is None:
            return
        walked.add(here)
        beside = [other for _, other in sets.changes(here)[:_MEASURED] if other not in found.soft]
        beside = [other for other in beside if np.isfinite(sets.value(other)) and other in sets.complete]
        for other in sorted(beside, key=lambda other: (sets.value(other), other))[:_BESIDE]:
            if best.done(gap) or early.stopped() or sets.value(other) >= best.value:
                break
            _anneal(best, found, other, _QUICK, seed)


def _pack(best: BestZones, found: SetZones, search: PartSearch, packed: set[tuple[int, ...]]) -> None:
    """Pack the zones of the next two sets of least divided cost that annealing left overfull."""
    overfull = [
        key
        for value, key in found.sets.ranked()
        if key in found.labels and value < best.value and best.zoning.overload(found.labels[key]).any()
    ]
    pair = [key for key in overfull if key not in packed][:_TOGETHER]
    packed.update(pair)
    for label in search.pack([found.labels[key] for key in pair]):
        best.offer(label)
        found.keep(label)


def _improve(best: BestZones, found: SetZones, gap: float, seed: int) -> None:
    """Improve the zones of the best sets part by part, turn by turn, until nothing better is found."""
    z = best.zoning
    some = z.demand > 0
    unit = z.cost[some] / z.demand[some, None]
    penalty = 10.0 * float(unit[np.isfinite(unit)].max(initial=1.0))
    search = PartSearch(z, found.sets, penalty, np.random.default_rng(seed), best.watch)
    packed: set[tuple[int, ...]] = set()
    turn, stale = 0, 0
    while stale < _STALE and not best.done(gap):
        width, closed, count = _TURNS[turn % len(_TURNS)]
        before = best.value
        if len(packed) < _PACKED:
            _pack(best, found, search, packed)
        for _, key in found.ranked()[:count]:
            if best.done(gap):
                break
            if found.sets.value(key) < best.value:
                label = search.improve(found.labels[key], width, closed=closed)
                best.offer(label)
                found.keep(label)
        turn, stale = turn + 1, 0 if best.value < before else stale + 1
    best.log.append(f"{search.solved} parts divided anew")
