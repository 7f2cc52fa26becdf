"""Plans of whole demands for many open sets: annealed first, then settled exactly while a set can still be better."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.single_source import Whole, anneal_set, polish_set, settle_set
from layout_planner.locate.single_source_bound import Pairs, SetBound

if TYPE_CHECKING:
    from layout_planner.locate.open_sets import SetSearch
    from layout_planner.locate.stopping import Watch

__all__ = ["WholePlans"]

_SEEDS = 3
_STEPS = 300_000

_SETTLING = 15.0
"""Seconds for the exact assignment of one set."""

_STEP = 2e-4
"""Share of its floor by which plans of a set may be dearer at first; doubled until nothing is left to be found."""

Key = tuple[int, ...]


@dataclass(eq=False)
class WholePlans:
    """The best plan of whole demands so far, and what is known of every open set.

    ``best`` is the cheapest plan of all; ``plans`` by open set; ``floors`` the bounds of single sets that the tree
    left to be settled.
    """

    sets: SetSearch
    seed: int
    best: Whole = field(default_factory=lambda: Whole(np.empty(0, np.int64), np.empty(0, np.int64), float("inf")))
    plans: dict[Key, Whole] = field(default_factory=dict)
    floors: dict[Key, float] = field(default_factory=dict)
    _cases: dict[Key, SetBound] = field(default_factory=dict)
    _pairs: dict[Key, Pairs] = field(default_factory=dict)

    def floor(self, key: Key) -> float:
        """Bound the plans of one set from below."""
        return max(self.floors.get(key, float("-inf")), self.sets.value(key))

    @property
    def open_floor(self) -> float:
        """Bound the plans of the sets that were left to be settled."""
        return min(self.floors.values(), default=float("inf"))

    def anneal(self, key: Key) -> None:
        """Assign whole demands to a set by annealing, once."""
        if key in self.plans or self.floor(key) >= self.best.value or key not in self.sets.complete:
            return
        sites, division = np.array(key, np.int64), self.sets.divide(key)
        tries = [
            anneal_set(self.sets.facilities, sites, division, steps=_STEPS, seed=self.seed + k) for k in range(_SEEDS)
        ]
        self._take(key, min(tries, key=lambda plan: plan.value))

    def anneal_ranked(self, count: int, watch: Watch) -> None:
        """Anneal the first so many sets by divided demand."""
        for value, key in self.sets.ranked()[:count]:
            if value >= self.best.value or watch.stopped():
                break
            self.anneal(key)

    def polish(self, count: int, watch: Watch) -> None:
        """Assign neighbouring sites anew in the best so many plans."""
        order = sorted((plan.value, key) for key, plan in self.plans.items() if np.isfinite(plan.value))
        for _, key in order[:count]:
            if self.floor(key) < self.best.value and not watch.stopped():
                better = polish_set(self.sets.facilities, self.plans[key], self.sets.divide(key), watch, seed=self.seed)
                self._take(key, better)

    def settle(self, watch: Watch) -> None:
        """Settle sets step by step, always the one of least floor; one that cannot be better has no floor any more."""
        for key, plan in self.plans.items():
            if np.isfinite(plan.value) and key in self.sets.complete:
                self.floors.setdefault(key, self.sets.value(key))
        steps = dict.fromkeys(self.floors, _STEP)
        waiting, seconds = list(self.floors), _SETTLING
        while waiting and not watch.stopped():
            stuck = []
            heap = [(self.floor(key), key) for key in waiting]
            heapq.heapify(heap)
            while heap and not watch.stopped():
                _, key = heapq.heappop(heap)
                answer = self._settle_step(key, steps[key], min(seconds, max(0.1, watch.left)))
                if answer is None:
                    stuck.append(key)
                elif answer:
                    self.floors.pop(key)
                else:
                    steps[key] *= 2
                    heapq.heappush(heap, (self.floors[key], key))
            waiting, seconds = stuck, 2 * seconds

    def _settle_step(self, key: Key, step: float, seconds: float) -> bool | None:
        """Look for plans of a set up to a step above its floor.

        Tells whether nothing is left to be found in it; ``None`` if time was too short to tell.
        """
        ceiling, floor = self._ceiling(key), self.floor(key)
        if floor >= ceiling:
            return True
        case = self._case(key)
        pairs = self._pairs[key] = case.narrow(self._pairs[key], ceiling)
        floor = max(floor, min(pairs.bound, ceiling))
        self.floors[key] = floor
        if floor >= ceiling:
            return True
        upper = min(ceiling, floor + step * abs(floor) + 1e-12)
        narrow = case.narrow(pairs, upper)
        settled, value = True, float("inf")
        if narrow.bound < upper:
            better, settled = settle_set(
                self.sets.facilities, np.array(key, np.int64), self.sets.divide(key), ceiling,
                kept=narrow.kept, start=self.plans.get(key), time_limit=seconds, seed=self.seed,
            )  # fmt: skip
            if better is not None:
                value = better.value
                self._take(key, better)
        if not settled:
            return None
        self.floors[key] = max(floor, min(value, upper))
        return value <= upper or upper >= ceiling

    def _case(self, key: Key) -> SetBound:
        """Bounds of one set, with the pairs that its prices of room leave."""
        if key not in self._cases:
            facts, division, sites = self.sets.facilities, self.sets.divide(key), np.array(key, np.int64)
            offer = (facts.cost[:, sites] + division.price[sites] * facts.size[:, None]).min(axis=1)
            kept = np.isfinite(facts.cost[:, sites]) & (facts.size[:, None] <= facts.room[sites] * (1 + 1e-12))
            self._cases[key] = SetBound(facts, sites)
            self._pairs[key] = Pairs(division.value, offer, kept)
        return self._cases[key]

    def _ceiling(self, key: Key) -> float:
        """Cost of the plan to beat, or, without a plan, what a set may cost at a generous guess."""
        if np.isfinite(self.best.value):
            return self.best.value
        cost = self.sets.facilities.cost
        return self.sets.value(key) + float(np.where(np.isfinite(cost), cost, 0.0).max(axis=1).sum())

    def _take(self, key: Key, plan: Whole) -> None:
        known = self.plans.get(key)
        if known is None or plan.value < known.value:
            self.plans[key] = plan
        if plan.value < self.best.value:
            self.best = replace(plan)
