"""Connected zones for one set of open sites: from the divided demand, then annealed at the prices of room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.zone_kernels import anneal_zones
from layout_planner.locate.zones import reattach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.open_sets import SetSearch
    from layout_planner.locate.zones import Zoning

__all__ = ["SetZones"]

_COLD, _LIGHT, _HEAVY = 0.003, 1.0, 30.0
_STRICT = 5.0
"""Cost of overload in the ranking, in multiples of the mean price of room and the mean cost of serving one unit."""


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

    def anneal(self, key: tuple[int, ...], *, steps: int, hot: float, seed: int) -> list[NDArray[np.int64]]:
        """Anneal the zones of a set, from the best known ones; lists zones that fit, if any were met, and the last.

        Parameters
        ----------
        key : tuple of int
            Open sites, sorted.
        steps : int
            Number of moves that are tried.
        hot : float
            First temperature, in multiples of the mean cost of serving a unit.
        seed : int
            Seed of the draws.
        """
        z, sites = self.zoning, np.array(key, np.int64)
        start = self.labels.get(key)
        start = self.first(key) if start is None else start
        if start is None:
            self.soft[key] = float("inf")
            return []
        seated = np.zeros(len(z.demand), dtype=bool)
        seated[z.seat[sites]] = True
        best, least, last = anneal_zones(
            np.ascontiguousarray(z.cost[:, sites]), z.demand, z.capacity[sites],
            self.sets.divide(key).price[sites] + 0.3 * self._unit, (z.indptr, z.adj), seated,
            np.searchsorted(sites, start), steps, hot * self._typical, _COLD * self._typical, _LIGHT, _HEAVY, seed,
        )  # fmt: skip
        met = [sites[last]] if not np.isfinite(least) else [sites[best], sites[last]]
        for label in met:
            self.keep(key, label)
        return met

    def keep(self, key: tuple[int, ...], label: NDArray[np.int64]) -> None:
        """Remember zones (n,) if they are the best of their set."""
        soft = self.value(key, label)
        if soft < self.soft.get(key, float("inf")):
            self.soft[key], self.labels[key] = soft, label

    def value(self, key: tuple[int, ...], label: NDArray[np.int64]) -> float:
        """Cost of zones with their overload priced."""
        rate = _STRICT * (float(self.sets.divide(key).price[list(key)].mean()) + self._unit)
        return self.zoning.value(label) + rate * float(self.zoning.overload(label).sum())

    def ranked(self) -> list[tuple[float, tuple[int, ...]]]:
        """List the sets with zones, cheapest first."""
        return sorted((self.soft[key], key) for key in self.labels)
