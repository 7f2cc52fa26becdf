"""Plans of whole demands for many open sets: annealed first, then settled exactly while a set can still be better."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.single_source import Whole, anneal_set, polish_set, settle_set

if TYPE_CHECKING:
    from layout_planner.locate.open_sets import SetSearch
    from layout_planner.locate.stopping import Watch

__all__ = ["WholePlans"]

_SEEDS = 3
_STEPS = 300_000

_SETTLING = 10.0
"""Seconds for the exact assignment of one set."""

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
        """Settle sets one by one, those with the best plans first; a set that is settled has no floor any more."""
        known = {key for key, plan in self.plans.items() if np.isfinite(plan.value)}
        for key in sorted(known | set(self.floors), key=lambda key: (self._hope(key), key)):
            if watch.stopped():
                return
            if self.floor(key) >= self.best.value:
                self.floors.pop(key, None)
                continue
            better, settled = settle_set(
                self.sets.facilities, np.array(key, np.int64), self.sets.divide(key), self._upper(key),
                start=self.plans[key] if key in known else None,
                time_limit=min(_SETTLING, max(0.1, watch.left)), seed=self.seed,
            )  # fmt: skip
            if better is not None:
                self._take(key, better)
            if settled:
                self.floors.pop(key, None)
                self.sets.complete.discard(key)

    def _hope(self, key: Key) -> float:
        return self.plans[key].value if key in self.plans else self.floor(key)

    def _upper(self, key: Key) -> float:
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
