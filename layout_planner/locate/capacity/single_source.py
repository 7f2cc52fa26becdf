"""Assign every demand whole to one of the open sites (generalised assignment): annealed, then a few sites at a time.

Source: Martello & Toth (1990), Knapsack Problems, chapter 7.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.facilities import Division, Facilities
from layout_planner.locate.capacity.single_source_exact import Whole, settle_set
from layout_planner.locate.capacity.single_source_kernels import anneal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch

__all__ = ["anneal_set", "polish_set"]

_TOGETHER = (4, 6)
"""Sites whose demands are assigned anew together, at first and once that brings nothing any more."""

_NEAR = 5
"""Sites of least reduced cost that a demand may move to while annealing."""

_EFFORT = 0.2
"""Limit on the exact assignment of one group of sites, in CP-SAT's deterministic seconds."""

_ROUNDING = 1e-6
"""Share of its cost that the assignment of a group may miss by rounding."""


def anneal_set(facilities: Facilities, sites: NDArray[np.int64], division: Division, *, steps: int, seed: int) -> Whole:
    """Assign whole demands to a set of sites by annealing.

    Parameters
    ----------
    facilities : Facilities
        The problem.
    sites : ndarray (k,)
        Open sites.
    division : Division
        Their cheapest service with divided demand.
    steps : int
        Number of moves that are tried.
    seed : int
        Seed of the draws.
    """
    cost, price = facilities.cost[:, sites], division.price[sites]
    reduced = cost + price * facilities.size[:, None]
    order = np.argsort(reduced, axis=1, kind="stable")[:, :_NEAR]
    near = np.where(np.isfinite(np.take_along_axis(cost, order, axis=1)), order, -1)
    typical = float(np.where(np.isfinite(cost), cost, np.inf).min(axis=1).mean())
    scale = max(typical, 1e-9) * 0.2
    unit = typical / max(float(facilities.size.mean()), 1e-12)
    member, value = anneal(
        cost,
        facilities.size,
        facilities.room[sites],
        price + 0.2 * float(price.mean()) + 0.01 * unit,
        near,
        division.share.argmax(axis=1),
        steps,
        scale,
        scale / 100,
        100.0,
        seed,
    )
    if not np.isfinite(value):
        return Whole(sites, np.empty(0, np.int64), float("inf"))
    total = float(cost[np.arange(len(member)), member].sum() + facilities.fixed[sites].sum())
    return Whole(sites, member, total)


def polish_set(facilities: Facilities, plan: Whole, division: Division, watch: Watch, *, seed: int) -> Whole:
    """Improve an assignment by solving a few neighbouring sites exactly at a time, until a round brings nothing.

    Neighbours are the sites between which demands could change at the least reduced cost.
    """
    price = division.price[plan.sites]
    reduced = facilities.cost[:, plan.sites] + price * facilities.size[:, None]
    for together in _TOGETHER:
        improved = True
        while improved and not watch.stopped():
            improved = False
            for centre in range(len(plan.sites)):
                if watch.stopped():
                    break
                group = _neighbours(reduced, plan.member, centre, together)
                better = _settle_group(facilities, plan, price, group, watch, seed)
                if better.value < plan.value - 1e-9 * abs(plan.value):
                    plan, improved = better, True
    return plan


def _neighbours(
    reduced: NDArray[np.float64], member: NDArray[np.int64], centre: int, together: int
) -> NDArray[np.int64]:
    n, k = reduced.shape
    extra = reduced - reduced[np.arange(n), member][:, None]
    away = np.sort(np.where((member == centre)[:, None], extra, np.inf), axis=0)[:3]
    away = np.where(np.isfinite(away), away, np.nanmax(np.where(np.isfinite(extra), extra, 0.0)))
    distance = away.mean(axis=0)
    for j in range(k):
        back = np.sort(extra[member == j, centre])[:3]
        if len(back) and np.isfinite(back).all():
            distance[j] = min(distance[j], float(back.mean()))
    distance[centre] = -np.inf
    return np.sort(np.argsort(distance, kind="stable")[:together])


def _settle_group(
    facilities: Facilities, plan: Whole, price: NDArray[np.float64], group: NDArray[np.int64], watch: Watch, seed: int
) -> Whole:
    """Assign the demands of a group of sites anew among them."""
    rows = np.flatnonzero(np.isin(plan.member, group))
    sites, m = plan.sites[group], len(group)
    part = Facilities(
        cost=facilities.cost[np.ix_(rows, sites)],
        fixed=np.zeros(m),
        room=facilities.room[sites],
        size=facilities.size[rows],
        forced=np.ones(m, bool),
        barred=np.zeros(m, bool),
        fewest=m,
        most=m,
        budget=float("inf"),
    )
    local = np.searchsorted(group, plan.member[rows])
    now = float(part.cost[np.arange(len(rows)), local].sum())
    pays = price[group]
    least = float((part.cost + pays * part.size[:, None]).min(axis=1).sum() - pays @ part.room)
    start = Whole(np.arange(m), local, now)
    guess = Division(least, pays, np.empty((0, 0)), complete=True)
    better, _ = settle_set(
        part, np.arange(m), guess, now, start=start, watch=watch, effort=_EFFORT, rounding=_ROUNDING, seed=seed
    )
    if better is None:
        return plan
    member = plan.member.copy()
    member[rows] = group[better.member]
    value = float(
        facilities.cost[np.arange(len(member)), plan.sites[member]].sum() + facilities.fixed[plan.sites].sum()
    )
    return Whole(plan.sites, member, value)
