"""Plans of whole demands for many open sets: annealed first, then settled exactly while a set can still be better."""

from __future__ import annotations

import heapq
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.single_source import anneal_set, polish_set
from layout_planner.locate.capacity.single_source_bound import Pairs, SetBound
from layout_planner.locate.capacity.single_source_exact import Whole, crowded, settle_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.facilities import Division
    from layout_planner.locate.capacity.open_sets import SetSearch
    from layout_planner.locate.stopping import Watch

__all__ = ["WholePlans"]

_SEEDS = 3
_STEPS = 300_000

_EFFORT = 2.0
"""First limit on a step of the exact assignment of one set, in CP-SAT's deterministic seconds."""

_AT_ONCE = 2
"""Sets that are settled at once."""

_ROUNDING = 2e-5
"""Largest share that the exact assignment may lose to whole units of cost."""

_STEP = 2e-4
"""Share of its floor by which plans of a set may be dearer at first."""

_WIDER, _EMPTY = 1.5, 1.2
"""Factors by which that share grows after a step with plans, and after one without."""

Key = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class _Step:
    """Pairs ``kept`` (n, k) of a set that hold all its plans below ``upper``, and the solver that is to try them.

    ``ceiling`` is the cost to beat.
    """

    key: Key
    division: Division
    ceiling: float
    upper: float
    kept: NDArray[np.bool_]
    by_highs: bool


@dataclass(eq=False)
class WholePlans:
    """The best plan of whole demands so far, and what is known of every open set.

    ``best`` is the cheapest plan of all; ``plans`` by open set; ``floors`` the bounds of single sets that the tree
    left to be settled, and ``offers`` the offers of demands behind them. Plans that are less than half a ``gap``
    cheaper than the best are not looked for.
    """

    sets: SetSearch
    seed: int
    gap: float = 0.0
    best: Whole = field(default_factory=lambda: Whole(np.empty(0, np.int64), np.empty(0, np.int64), float("inf")))
    plans: dict[Key, Whole] = field(default_factory=dict)
    floors: dict[Key, float] = field(default_factory=dict)
    offers: dict[Key, NDArray[np.float64]] = field(default_factory=dict)
    _cases: dict[Key, SetBound] = field(default_factory=dict)
    _pairs: dict[Key, Pairs] = field(default_factory=dict)
    _width: dict[Key, float] = field(default_factory=dict)
    _effort: dict[Key, float] = field(default_factory=dict)
    _by_highs: dict[Key, bool] = field(default_factory=dict)
    _polished: dict[Key, float] = field(default_factory=dict)

    @property
    def worth(self) -> float:
        """Cost below which a plan is still looked for."""
        if not np.isfinite(self.best.value):
            return float("inf")
        return self.best.value - max(0.5 * self.gap, 3 * self._rounding) * abs(self.best.value)

    @property
    def _rounding(self) -> float:
        return min(_ROUNDING, max(0.1 * self.gap, 1e-9))

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
        """Assign neighbouring sites anew in the best so many plans, two plans at once, once in each."""
        order = sorted((plan.value, key) for key, plan in self.plans.items() if np.isfinite(plan.value))
        keys = [
            key for value, key in order[:count] if self.floor(key) < self.worth and self._polished.get(key) != value
        ]
        divisions = [self.sets.divide(key) for key in keys]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            better = pool.map(
                lambda key, division: polish_set(
                    self.sets.facilities, self.plans[key], division, watch, seed=self.seed
                ),
                keys, divisions,
            )  # fmt: skip
            for key, plan in zip(keys, list(better), strict=True):
                self._take(key, plan)
                self._polished[key] = plan.value

    def settle(self, watch: Watch, until: float = float("inf")) -> None:
        """Take steps on the sets of least floor, two at a time, until no floor is below ``until``.

        A set whose step does not end within its effort waits for the next call, which doubles the effort.
        """
        for key, plan in self.plans.items():
            if np.isfinite(plan.value) and key in self.sets.complete:
                self.floors.setdefault(key, self.sets.value(key))
        heap = [(self.floor(key), key) for key in self.floors]
        heapq.heapify(heap)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while heap and heap[0][0] < min(until, self.worth) and not watch.stopped():
                keys = [heapq.heappop(heap)[1] for _ in range(min(_AT_ONCE, len(heap)))]
                steps = [step for key in keys if (step := self._step(key)) is not None]
                both = [replace(step, by_highs=not step.by_highs) for step in steps] if len(steps) == 1 else []
                answers = list(pool.map(lambda step: self._solve(step, watch), [*steps, *both]))
                for place, step in enumerate(steps):
                    if self._end(step, answers[place :: len(steps)]):
                        heapq.heappush(heap, (self.floor(step.key), step.key))
                for key in set(keys) - {step.key for step in steps}:
                    heapq.heappush(heap, (self.floor(key), key))

    def _step(self, key: Key) -> _Step | None:
        """Narrow a set to the plans up to a step above its floor; ``None`` if that already tells all about them."""
        ceiling = self._ceiling(key)
        case, pairs = self._case(key), self._pairs[key]
        floor = self.floors[key] = max(self.floor(key), min(pairs.bound, ceiling))
        if floor >= self.worth:
            return None
        upper = min(ceiling, floor + self._width.setdefault(key, _STEP) * abs(floor) + 1e-12)
        narrow = case.narrow(pairs, upper)
        floor = self.floors[key] = max(floor, min(narrow.bound, upper))
        self._pairs[key] = narrow if upper >= ceiling else Pairs(floor, narrow.offer, pairs.kept)
        if narrow.bound >= upper:
            self._width[key] *= _EMPTY
            return None
        return _Step(
            key, self.sets.divide(key), ceiling, upper, narrow.kept, self._by_highs.setdefault(key, self._crowded)
        )

    def _solve(self, step: _Step, watch: Watch) -> tuple[Whole | None, float]:
        return settle_set(
            self.sets.facilities, np.array(step.key, np.int64), step.division, step.ceiling, kept=step.kept,
            start=self.plans.get(step.key), watch=watch, effort=self._effort.setdefault(step.key, _EFFORT),
            rounding=self._rounding, seed=self.seed, by_highs=step.by_highs,
        )  # fmt: skip

    def _end(self, step: _Step, answers: list[tuple[Whole | None, float]]) -> bool:
        """Take what a step brought, by one solver or both; tells whether its plans are all known."""
        value, bound = step.ceiling, max(bound for _, bound in answers)
        for better, _ in answers:
            if better is not None:
                value = min(value, better.value)
                self._take(step.key, better)
        self.floors[step.key] = max(self.floors[step.key], min(bound, step.upper))
        ended = bound >= min(value, step.upper) - 2 * self._rounding * abs(step.upper)
        if ended:
            self._width[step.key] *= _WIDER
        else:
            self._effort[step.key] *= 2
            self._by_highs[step.key] = not step.by_highs
        return ended

    @property
    def _crowded(self) -> bool:
        """Tell whether sites take many demands each: HiGHS goes farther then, CP-SAT with few large ones."""
        return crowded(len(self.sets.facilities.size), len(self.best.sites))

    def _case(self, key: Key) -> SetBound:
        """Bounds of one set, with the pairs that its prices of room leave."""
        if key not in self._cases:
            facts, division, sites = self.sets.facilities, self.sets.divide(key), np.array(key, np.int64)
            offer = (facts.cost[:, sites] + division.price[sites] * facts.size[:, None]).min(axis=1)
            kept = np.isfinite(facts.cost[:, sites]) & (facts.size[:, None] <= facts.room[sites] * (1 + 1e-12))
            self._cases[key] = SetBound(facts, sites)
            self._pairs[key] = Pairs(division.value, self.offers.get(key, offer), kept)
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
