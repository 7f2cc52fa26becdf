"""The course of a zoning: good open sets, a bound, zones for the best of them; all at once where it is small."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.result import relative_gap
from layout_planner.locate.zone_bound import zoning_bound
from layout_planner.locate.zone_model import ZoneModel
from layout_planner.locate.zone_search import ZoneSearch, first_zoning
from layout_planner.locate.zone_sets import OpenSets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones import Zoning

__all__ = ["plan_zones"]

_SMALL = 400
"""Pairs of unit and site up to which the whole problem is given to the solver."""


@dataclass(eq=False)
class _Best:
    """The best zoning that fits, so far."""

    zoning: Zoning
    watch: Watch
    bound: float = float("-inf")
    value: float = float("inf")
    label: NDArray[np.int64] | None = None
    log: list[str] = field(default_factory=list)

    def offer(self, label: NDArray[np.int64]) -> None:
        if self.zoning.overload(label).any():
            return
        value = self.zoning.value(label)
        if value < self.value:
            self.value, self.label = value, label.copy()
            self.watch.tell(value, self.bound)


def plan_zones(zoning: Zoning, watch: Watch, gap: float, seed: int) -> tuple[NDArray[np.int64] | None, float, str]:
    """Find connected zones of least cost.

    Returns
    -------
    label : ndarray (n,) or None
        Site position of every unit.
    bound : float
        Proven lower bound; ``inf`` if no plan exists.
    log : str
        What was done.
    """
    best = _Best(zoning, watch)
    if zoning.cost.size <= _SMALL:
        complete = _whole(best, gap, seed)
        if complete:
            return best.label, best.bound, "; ".join(best.log)
    sets = OpenSets(zoning)
    start = frozenset(np.flatnonzero(~zoning.barred).tolist())
    sets.search(start, 12, seed, lambda: watch.stopped() or watch.elapsed > 0.2 * watch.time_limit)
    ranked = sets.ranked()
    best.log.append(f"{len(sets.values)} open sets, {len(ranked)} with room")
    _bound(best, sets, ranked)
    _search(best, sets, ranked, gap, seed)
    return best.label, best.bound, "; ".join(best.log)


def _bound(best: _Best, sets: OpenSets, ranked: list[tuple[float, frozenset[int]]]) -> None:
    z, watch = best.zoning, best.watch
    if ranked:
        upper, sites = ranked[0]
        chosen = np.array(sorted(sites), dtype=np.int64)
        price = sets.solve(chosen)[2]
        full = np.minimum(z.capacity, z.demand.sum())
        own = price + np.where(full > 0, z.fixed / np.maximum(full, 1e-12), 0.0)
        offer = (z.cost[:, chosen] + own[chosen] * z.demand[:, None]).min(axis=1)
        offer = np.where(np.isfinite(offer), offer, 0.0)
    else:
        upper, offer = float(np.where(np.isfinite(z.cost), z.cost, 0.0).max(axis=1).sum()), z.cost.min(axis=1)
    until = watch.elapsed + 0.1 * watch.time_limit
    bound, _ = zoning_bound(z, offer, upper, 300, lambda: watch.stopped() or watch.elapsed > until)
    best.bound = max(best.bound, bound)


def _search(best: _Best, sets: OpenSets, ranked: list[tuple[float, frozenset[int]]], gap: float, seed: int) -> None:
    z, watch = best.zoning, best.watch
    unit = z.cost / np.where(z.demand > 0, z.demand, np.inf)[:, None]
    penalty = 10.0 * float(unit[np.isfinite(unit)].max(initial=1.0))
    search = ZoneSearch(
        sets, penalty, 500, seed, lambda: watch.stopped() or relative_gap(best.value, best.bound) <= gap
    )
    found: list[tuple[float, int, NDArray[np.int64]]] = []
    for k, (value, sites) in enumerate(ranked[:8]):
        if search.stop() or value >= best.value or watch.elapsed > 0.7 * watch.time_limit:
            break
        label = first_zoning(sets, sites, penalty)
        if label is not None:
            label = search.improve(label, 3)
            best.offer(label)
            found.append((search.price(label), k, label))
    found.sort(key=lambda item: item[:2])
    for width, closed in ((4, 0), (3, 2), (5, 0), (4, 2), (6, 0)):
        for k, (_, order, label) in enumerate(found[:2]):
            if search.stop():
                return
            label = search.improve(label, width, closed=closed)
            best.offer(label)
            found[k] = (search.price(label), order, label)


def _whole(best: _Best, gap: float, seed: int) -> bool:
    """Give the whole problem to the solver; tell whether it was solved or proven to have no plan."""
    z, watch = best.zoning, best.watch
    sites = np.flatnonzero(~z.barred)
    units = np.arange(len(z.demand))
    model = ZoneModel(
        z, units, sites, np.isfinite(z.cost[:, sites]), ~z.forced[sites], penalty=None, count=z.p, budget=z.budget
    )
    label = model.solve(None, rounds=10_000, time_limit=max(0.1, watch.left), gap=min(gap, 1e-6), seed=seed)
    best.bound = model.bound
    best.log.append(model.log)
    if label is not None:
        best.offer(label)
    return best.bound == float("inf") or relative_gap(best.value, best.bound) <= gap
