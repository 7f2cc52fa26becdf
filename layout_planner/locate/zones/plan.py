"""The course of a zoning: good open sets, a bound, zones for the best of them; all at once where it is small."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.bound import relax
from layout_planner.locate.capacity.model import choose_within_budget
from layout_planner.locate.capacity.open_sets import SetSearch
from layout_planner.locate.result import relative_gap
from layout_planner.locate.zones.model import ZoneModel
from layout_planner.locate.zones.search import BestZones, search_zones

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.graph import Zoning

__all__ = ["plan_zones"]

_SMALL = 400
"""Pairs of unit and site up to which the whole problem is given to the solver."""

_DESCENTS = 40
_STEPS = 300


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
    best = BestZones(zoning, watch)
    if zoning.cost.size <= _SMALL and _whole(best, gap, seed):
        return best.label, best.bound, "; ".join(best.log)
    facilities = zoning.facilities
    sets = SetSearch(facilities, seed)
    start = choose_within_budget(facilities, facilities.fixed - facilities.room * 1e-9)
    if start is None:
        return None, float("inf"), "no choice of sites keeps number, budget and room"
    every = np.flatnonzero(~zoning.barred)
    key = tuple((every if facilities.permits(every) else start).tolist())
    early = replace(watch, time_limit=watch.elapsed + 0.15 * watch.left)
    key = sets.iterate(key, _DESCENTS, early)
    _bound(best, sets, key)
    search_zones(best, sets, gap, seed)
    return best.label, best.bound, "; ".join(best.log)


def _bound(best: BestZones, sets: SetSearch, key: tuple[int, ...]) -> None:
    """Bound the cost without contiguity from the prices of a set."""
    z, division, watch = sets.facilities, sets.divide(key), best.watch
    chosen = list(key)
    dearest = np.where(np.isfinite(z.cost), z.cost, 0.0).max(axis=1)
    offer = (z.cost[:, chosen] + division.price[chosen] * z.size[:, None]).min(axis=1)
    offer = np.where(np.isfinite(offer), offer, dearest)
    upper = division.value if division.complete else float(offer.sum() + z.fixed[chosen].sum())
    early = replace(watch, time_limit=watch.elapsed + 0.15 * watch.left)
    best.bound = max(best.bound, relax(z, offer, upper, whole=z.whole, rounds=_STEPS, watch=early).bound)


def _whole(best: BestZones, gap: float, seed: int) -> bool:
    """Give the whole problem to the solver; tell whether it was solved or proven to have no plan."""
    model = ZoneModel(best.zoning)
    label = model.solve(best.watch, min(gap, 1e-6), seed)
    best.bound = model.bound
    best.log.append(model.log)
    if label is not None:
        best.offer(label)
    return best.bound == float("inf") or relative_gap(best.value, best.bound) <= gap
