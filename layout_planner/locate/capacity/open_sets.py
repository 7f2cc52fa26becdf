"""Search over sets of open sites by what they cost when demand may be split, an exact and quick measure.

Prices of room bound from below what every drop, addition and swap can bring, so that few of them need to be
measured. Descents from the last good set after a few random swaps; every set that was measured is remembered.

Source: Lourenço, Martin & Stützle (2003), Iterated local search, Handbook of Metaheuristics.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.kernels import move_bounds

if TYPE_CHECKING:
    from layout_planner.locate.capacity.facilities import Division, Facilities
    from layout_planner.locate.stopping import Watch

__all__ = ["SetSearch"]

_TRIED = 40
"""Changes measured from one set before it counts as a local optimum."""

_HANDED = 0.003
"""Share by which a set may be dearer, if nothing else changed, than the one before and still be measured."""

_NEAR = 0.005
"""Share by which a local optimum may be dearer than the best and still be the next to be shaken."""

_TINY = 1e-9


@dataclass(eq=False)
class SetSearch:
    """Measured sets of one problem, and the search that finds more of them."""

    facilities: Facilities
    seed: int = 0
    values: dict[tuple[int, ...], float] = field(default_factory=dict)
    complete: set[tuple[int, ...]] = field(default_factory=set)
    _rng: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        """Compute once what every measurement needs."""
        self._rng = np.random.default_rng(self.seed)
        self._unit, self._loss = self.facilities.unit, self.facilities.loss
        self._row_loss = self._loss * max(1.0, float(self.facilities.size.max(initial=0.0)))
        self._divisions: dict[tuple[int, ...], Division] = {}

    def divide(self, key: tuple[int, ...]) -> Division:
        """Serve everybody from a set, demand divisible."""
        if key not in self._divisions:
            if len(self._divisions) > 64:
                self._divisions.pop(next(iter(self._divisions)))
            self._divisions[key] = self.facilities.divide(np.array(key, np.int64), self._unit, self._loss)
            self.values[key] = self._divisions[key].value
            if self._divisions[key].complete:
                self.complete.add(key)
        return self._divisions[key]

    def value(self, key: tuple[int, ...]) -> float:
        """Measure a set: its cost with divided demand and losses, ``inf`` if it is not permitted."""
        if key not in self.values:
            if self.facilities.permits(np.array(key, np.int64)):
                self.divide(key)
            else:
                self.values[key] = float("inf")
        return self.values[key]

    def ranked(self) -> list[tuple[float, tuple[int, ...]]]:
        """List the measured sets that can serve everybody, the cheapest first."""
        return sorted((self.values[key], key) for key in self.complete)

    def descend(self, key: tuple[int, ...], watch: Watch) -> tuple[int, ...]:
        """Change a set while a change pays."""
        while not watch.stopped():
            better = self._better(key)
            if better is None:
                return key
            key = better
        return key

    def _better(self, key: tuple[int, ...]) -> tuple[int, ...] | None:
        """Find a cheaper set one change away: those that hand one site's service over first, then any."""
        now = self.value(key)
        worth = now - _TINY * max(1.0, abs(now))
        for value, other in self.handovers(key):
            if value > now + _HANDED * abs(now):
                break
            if self.value(other) < worth:
                return other
        for bound, other in self.changes(key)[:_TRIED]:
            if bound >= worth:
                break
            if self.value(other) < worth:
                return other
        return None

    def iterate(self, start: tuple[int, ...], rounds: int, watch: Watch) -> tuple[int, ...]:
        """Descend again and again from shaken sets; returns the best set."""
        best = here = self.descend(start, watch)
        quiet = 0
        for _ in range(rounds):
            if watch.stopped():
                break
            there = self.descend(self._shaken(here, 1 + quiet % 4), watch)
            quiet += 1
            if self.value(there) < self.value(best) - _TINY * max(1.0, abs(self.value(best))):
                best, quiet = there, 0
            here = there if self.value(there) <= self.value(best) + _NEAR * abs(self.value(best)) else best
        return best

    def handovers(self, key: tuple[int, ...]) -> list[tuple[float, tuple[int, ...]]]:
        """List the sets in which a closed site takes over all that an open one serves, the cheapest first.

        With each stands what it costs if nothing else changes, so that its value is no higher.
        """
        problem, sites, division = self.facilities, np.array(key, np.int64), self.divide(key)
        listed, served = np.isfinite(problem.cost), division.share > 0
        cost = np.where(listed, problem.cost, 0.0)
        change = division.share.T @ cost - (division.share * cost[:, sites]).sum(axis=0)[:, None]
        change += problem.fixed - problem.fixed[sites][:, None]
        change[served.T.astype(np.float64) @ (~listed).astype(np.float64) > 0] = np.inf
        load = problem.size @ division.share
        change[load[:, None] > problem.room * (1 + 1e-12)] = np.inf
        change[problem.forced[sites]] = np.inf
        change[:, problem.barred] = np.inf
        change[:, sites] = np.inf
        best = np.argsort(change, axis=None, kind="stable")[:_TRIED]
        pairs = [divmod(int(at), len(problem.room)) for at in best]
        found = [(division.value + float(change[r, into]), key[r], into) for r, into in pairs]
        return [(value, _changed(key, out, into)) for value, out, into in found if np.isfinite(value)]

    def changes(self, key: tuple[int, ...]) -> list[tuple[float, tuple[int, ...]]]:
        """List the sets one drop, addition or swap away with a bound on the value of each, the most promising first."""
        problem = self.facilities
        opened = np.zeros(len(problem.room), np.bool_)
        opened[list(key)] = True
        drop, add, swap = move_bounds(
            problem.cost, problem.size, problem.room, problem.fixed, opened, self.divide(key).price, self._row_loss
        )
        drop[problem.forced], add[problem.barred] = np.inf, np.inf
        swap[problem.forced], swap[:, problem.barred] = np.inf, np.inf
        if len(key) <= problem.fewest:
            drop[:] = np.inf
        if len(key) >= problem.most:
            add[:] = np.inf
        found = [(float(drop[j]), int(j), -1) for j in np.flatnonzero(np.isfinite(drop))]
        found += [(float(add[j]), -1, int(j)) for j in np.flatnonzero(np.isfinite(add))]
        found += [(float(swap[i, j]), int(i), int(j)) for i, j in np.argwhere(np.isfinite(swap))]
        found.sort()
        return [(bound, _changed(key, out, into)) for bound, out, into in found[: 4 * _TRIED]]

    def _shaken(self, key: tuple[int, ...], times: int) -> tuple[int, ...]:
        for _ in range(times):
            options = [other for _, other in self.changes(key) if np.isfinite(self._guess(other))]
            if not options:
                return key
            key = options[int(self._rng.integers(min(len(options), _TRIED)))]
            if not np.isfinite(self.value(key)):
                break
        return key

    def _guess(self, key: tuple[int, ...]) -> float:
        """Tell the value of a measured set, and 0 for a permitted one that was not measured yet."""
        if key in self.values:
            return self.values[key]
        return 0.0 if self.facilities.permits(np.array(key, np.int64)) else float("inf")


def _changed(key: tuple[int, ...], out: int, into: int) -> tuple[int, ...]:
    kept = [j for j in key if j != out]
    return tuple(sorted([*kept, into] if into >= 0 else kept))
