"""Connected zones for a set of open sites: from the divided demand, annealed at the prices of room, then exchanged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.zones.graph import reattach
from layout_planner.locate.zones.kernels import anneal_zones
from layout_planner.locate.zones.transfers import exchange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.open_sets import SetSearch
    from layout_planner.locate.zones.graph import Zoning

__all__ = ["SetZones"]

_HOT, _COLD, _LIGHT, _HEAVY = 0.3, 0.003, 1.0, 10.0
"""First and last temperature in multiples of the mean cost of a unit; price of overload at first and in the end."""

_LADDER = (3.0, 10.0, 30.0)
"""Cost of overload while exchanging, in multiples of the mean price of room and the mean cost of serving one unit."""

_ALMOST_ANY = 500.0
"""The same where zones must be packed."""

_STRICT = 15.0
"""The same in the ranking."""

_LOOSE = 0.001
"""Share by which zones may be dearer than the best of their set and still be packed."""

_MANY = 150
"""Open sites up to which exchanges are tried; their tables grow with the square."""

_MOST = 40
"""Largest amount passed on from zone to zone, in whole units of demand or twelfths of the mean demand."""


@dataclass(eq=False)
class SetZones:
    """Zones of sets of open sites, and what was found for every set.

    ``soft`` the least cost with overload priced, ``labels`` the zones (n,) behind it, by set.
    """

    zoning: Zoning
    sets: SetSearch
    soft: dict[tuple[int, ...], float] = field(default_factory=dict)
    labels: dict[tuple[int, ...], NDArray[np.int64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compute once what every annealing needs."""
        z = self.zoning
        least = np.where(np.isfinite(z.cost), z.cost, np.inf).min(axis=1)
        self._typical = max(float(least.mean()), 1e-9)
        self._unit = max(float(least.sum()) / max(float(z.demand.sum()), 1e-9), 1e-9)
        mean = float(z.demand.mean())
        self._grain = 1.0 if self.sets.facilities.whole and mean <= _MOST else max(mean, 1e-9) / 12.0

    def first(self, key: tuple[int, ...]) -> NDArray[np.int64] | None:
        """Make connected zones (n,), perhaps overfull, from divided demand; ``None`` where a unit stays cut off."""
        z, sites = self.zoning, np.array(key, np.int64)
        if len(np.unique(z.seat[sites])) < len(sites) or not np.isfinite(z.cost[z.seat[sites], sites]).all():
            return None
        is_open = np.zeros(len(z.fixed), dtype=bool)
        is_open[sites] = True
        cost = np.where(is_open, z.cost, np.inf)
        label = sites[self.sets.divide(key).share.argmax(axis=1)]
        reattach(z.indptr, z.adj, cost, z.demand, z.capacity, label, z.seat, is_open, 10.0 * self._unit)
        return None if (label < 0).any() else label

    def anneal(self, key: tuple[int, ...], *, steps: int, seed: int) -> list[NDArray[np.int64]]:
        """Make zones for a set by annealing and exchanges; lists those that fit.

        Parameters
        ----------
        key : tuple of int
            Open sites, sorted.
        steps : int
            Number of moves that are tried for every unit.
        seed : int
            Seed of the draws.
        """
        start = self.labels.get(key)
        start = self.first(key) if start is None else start
        if start is None:
            self.soft[key] = float("inf")
            return []
        z, sites = self.zoning, np.array(key, np.int64)
        seated = np.zeros(len(start), dtype=bool)
        seated[z.seat[sites]] = True
        cost, price = np.ascontiguousarray(z.cost[:, sites]), self.sets.divide(key).price[sites]
        best, least, last = anneal_zones(
            cost, z.demand, z.capacity[sites], price + 0.3 * self._unit, (z.indptr, z.adj), seated,
            np.searchsorted(sites, start), steps * len(start), _HOT * self._typical, _COLD * self._typical,
            _LIGHT, _HEAVY, seed,
        )  # fmt: skip
        met = [sites[best]] if np.isfinite(least) else []
        label = sites[last]
        for strict in _LADDER:
            label = self._exchanged(key, label, strict)
        near = self.value(key, label) <= self.soft.get(key, float("inf")) * (1 + _LOOSE)
        met.append(self.packed(label) if near else label)
        for zones in (*met, label):
            self.keep(zones)
        return [zones for zones in met if not z.overload(zones).any()]

    def packed(self, label: NDArray[np.int64]) -> NDArray[np.int64]:
        """Exchange until nothing is overfull, at almost any cost."""
        if not self.zoning.overload(label).any():
            return label
        return self._exchanged(tuple(np.unique(label).tolist()), label, _ALMOST_ANY, together=3)

    def _exchanged(
        self, key: tuple[int, ...], label: NDArray[np.int64], strict: float, together: int = 2
    ) -> NDArray[np.int64]:
        z, sites = self.zoning, np.array(key, np.int64)
        if len(sites) > _MANY:
            return label
        moved = exchange(
            np.ascontiguousarray(z.cost[:, sites]), z.demand / self._grain, z.capacity[sites] / self._grain,
            strict * self._rate(key) * self._grain, (z.indptr, z.adj), z.seat[sites],
            np.searchsorted(sites, label), _MOST, together, 300,
        )  # fmt: skip
        return sites[moved]

    def keep(self, label: NDArray[np.int64]) -> tuple[int, ...]:
        """Remember zones (n,) if they are the best of their set; returns the set."""
        key = tuple(np.unique(label).tolist())
        soft = self.value(key, label)
        if soft < self.soft.get(key, float("inf")):
            self.soft[key], self.labels[key] = soft, label
        return key

    def _rate(self, key: tuple[int, ...]) -> float:
        return float(self.sets.divide(key).price[list(key)].mean()) + self._unit

    def value(self, key: tuple[int, ...], label: NDArray[np.int64]) -> float:
        """Cost of zones with their overload priced."""
        return self.zoning.value(label) + _STRICT * self._rate(key) * float(self.zoning.overload(label).sum())

    def ranked(self) -> list[tuple[float, tuple[int, ...]]]:
        """List the sets with zones, cheapest first."""
        return sorted((self.soft[key], key) for key in self.labels)
