"""The search behind the capacitated models: open sets on divided demand, whole demands on the best of them, proof.

Every step ends by a number of rounds, so that the same seed gives the same plan; a time limit only cuts it short.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity_bound import Relaxation, relax
from layout_planner.locate.capacity_model import choose_within_budget, surviving, whole_model
from layout_planner.locate.open_sets import SetSearch
from layout_planner.locate.result import relative_gap
from layout_planner.locate.single_source import Whole, anneal_set, polish_set, settle_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.facilities import Facilities
    from layout_planner.locate.stopping import Watch

__all__ = ["Found", "search"]

_COARSE, _FINE = 200, 700
"""Subgradient steps before the search over open sets, and after it."""

_DESCENTS = 25
"""Sets met by the relaxation from which the search descends."""

_WALKS = 3
"""Local optima around which the search goes on, each for ``_ROUNDS`` descents from shaken sets."""

_ROUNDS = 40

_ANNEALED = 40
"""Open sets on which whole demands are annealed, each from ``_SEEDS`` seeds."""

_POLISHED = 12
"""Annealed sets whose neighbouring sites are then assigned anew exactly."""

_SEEDS = 3
_STEPS = 300_000
_MODEL_PAIRS = 30_000
"""Largest model that goes to the solver for a proof."""


@dataclass(eq=False)
class Found:
    """The best plan and bound so far: open ``sites`` (k,), ``share`` (n, k), ``objective``, ``bound``, ``notes``."""

    sites: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    share: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    objective: float = float("inf")
    bound: float = float("-inf")
    notes: list[str] = field(default_factory=list)

    def offer(self, sites: NDArray[np.int64], share: NDArray[np.float64], value: float) -> None:
        """Take a plan if it is cheaper."""
        if value < self.objective:
            self.sites, self.share, self.objective = sites, share, value

    def prove(self, bound: float) -> None:
        """Take a bound if it is higher; it never exceeds the plan."""
        self.bound = min(max(self.bound, bound), self.objective)


def search(facilities: Facilities, *, whole: bool, watch: Watch, gap: float, seed: int) -> Found:
    """Find a plan and a bound.

    Parameters
    ----------
    facilities : Facilities
        The problem; everybody has a site that can serve them.
    whole : bool
        Demands go to one site each.
    watch : Watch
        Time limit, progress, cancellation.
    gap : float
        Relative gap within which the plan counts as optimal.
    seed : int
        Seed of the draws.
    """
    found = Found()
    first = choose_within_budget(facilities, facilities.fixed - facilities.room * 1e-9)
    if first is None:
        found.bound = float("inf")
        found.notes.append("no choice of sites keeps number, budget and room")
        return found
    sets = SetSearch(facilities, seed)
    early = replace(watch, time_limit=watch.elapsed + 0.35 * watch.left)
    best = _open_sets(sets, first, found, early)
    proof = replace(watch, time_limit=watch.elapsed + 0.3 * watch.left)
    relaxation = _bound(sets, best, found, rounds=_FINE, exact=whole and facilities.whole, watch=proof)
    best = min(_descents(sets, relaxation, early) | {best}, key=lambda key: (sets.value(key), key))
    found.notes.append(f"{len(sets.values)} open sets measured, least with divided demand {sets.value(best):.9g}")
    division = sets.divide(best)
    if division.complete and (not whole or bool(((division.share > 1e-9).sum(axis=1) == 1).all())):
        found.offer(np.array(best, np.int64), division.share, division.value)
        found.prove(found.bound)
    watch.tell(found.objective, found.bound)
    if whole:
        _assign_whole(sets, found, watch, seed)
    watch.tell(found.objective, found.bound)
    if relative_gap(found.objective, found.bound) > gap and not watch.stopped():
        _finish(facilities, found, relaxation, whole=whole, watch=watch, gap=gap, seed=seed)
    watch.tell(found.objective, found.bound)
    return found


def _open_sets(sets: SetSearch, first: NDArray[np.int64], found: Found, watch: Watch) -> tuple[int, ...]:
    """Search for the open set that is cheapest with divided demand."""
    problem = sets.facilities
    start = tuple(int(j) for j in first)
    every = tuple(int(j) for j in np.flatnonzero(~problem.barred))
    best = sets.descend(every if problem.permits(np.array(every)) else start, watch)
    relaxation = _bound(sets, best, found, rounds=_COARSE, exact=False, watch=watch)
    optima = _descents(sets, relaxation, watch) | {best}
    for key in sorted(optima, key=lambda key: (sets.value(key), key))[:_WALKS]:
        optima.add(sets.iterate(key, _ROUNDS, watch))
    return min(optima, key=lambda key: (sets.value(key), key))


def _descents(sets: SetSearch, relaxation: Relaxation, watch: Watch) -> set[tuple[int, ...]]:
    """Descend from the cheapest of the sets that the relaxation met."""
    met = []
    for key in relaxation.sets:
        if watch.stopped():
            break
        met.append((sets.value(key), key))
    return {sets.descend(key, watch) for value, key in sorted(met)[:_DESCENTS] if np.isfinite(value)}


def _bound(
    sets: SetSearch, key: tuple[int, ...], found: Found, *, rounds: int, exact: bool, watch: Watch
) -> Relaxation:
    problem, division = sets.facilities, sets.divide(key)
    open_sites = list(key)
    offer = (problem.cost[:, open_sites] + division.price[open_sites] * problem.size[:, None]).min(axis=1)
    dearest = np.where(np.isfinite(problem.cost), problem.cost, 0.0).max(axis=1)
    offer = np.where(np.isfinite(offer), offer, dearest)
    upper = division.value if division.complete else float(offer.sum() + problem.fixed[open_sites].sum())
    relaxation = relax(problem, offer, upper, whole=exact, rounds=rounds, watch=watch)
    found.prove(relaxation.bound)
    return relaxation


def _assign_whole(sets: SetSearch, found: Found, watch: Watch, seed: int) -> None:
    """Anneal on the cheapest sets, then settle them one by one while they can still be better."""
    problem, plans = sets.facilities, {}
    deadline = watch.elapsed + 0.85 * watch.left
    for value, key in sets.ranked()[:_ANNEALED]:
        if value >= found.objective or watch.elapsed > deadline or watch.stopped():
            break
        sites = np.array(key, np.int64)
        tries = (anneal_set(problem, sites, sets.divide(key), steps=_STEPS, seed=seed + k) for k in range(_SEEDS))
        plans[key] = min(tries, key=lambda plan: plan.value)
        _take(found, plans[key])
        watch.tell(found.objective, found.bound)
    late = replace(watch, time_limit=watch.elapsed + 0.5 * watch.left)
    order = sorted((key for key in plans if np.isfinite(plans[key].value)), key=lambda key: (plans[key].value, key))
    for key in order[:_POLISHED]:
        if sets.value(key) < found.objective and not late.stopped():
            plans[key] = polish_set(problem, plans[key], sets.divide(key), late, seed=seed)
            _take(found, plans[key])
            watch.tell(found.objective, found.bound)
    for value, key in sets.ranked()[: 2 * _ANNEALED]:
        if value >= found.objective or watch.elapsed > deadline or watch.stopped():
            break
        plan = plans.get(key)
        better, _ = settle_set(
            problem, np.array(key, np.int64), sets.divide(key), _finite(found, sets, key),
            start=plan if plan is not None and np.isfinite(plan.value) else None,
            time_limit=min(8.0, max(0.1, deadline - watch.elapsed)), seed=seed,
        )  # fmt: skip
        if better is not None:
            _take(found, better)
            watch.tell(found.objective, found.bound)


def _finite(found: Found, sets: SetSearch, key: tuple[int, ...]) -> float:
    """Cost of the plan to beat, or, without a plan, what a set may cost at a generous guess."""
    problem = sets.facilities
    if np.isfinite(found.objective):
        return found.objective
    return sets.value(key) + float(np.where(np.isfinite(problem.cost), problem.cost, 0.0).max(axis=1).sum())


def _take(found: Found, plan: Whole) -> None:
    if np.isfinite(plan.value):
        found.offer(plan.sites, np.eye(len(plan.sites))[plan.member], plan.value)
        found.prove(found.bound)


def _finish(
    facilities: Facilities,
    found: Found,
    relaxation: Relaxation,
    *,
    whole: bool,
    watch: Watch,
    gap: float,
    seed: int,
) -> None:
    """Hand what is left to the solver: a proof, and perhaps a better plan."""
    kept = surviving(facilities, relaxation, found.objective, whole=whole)
    if kept.sum() > _MODEL_PAIRS:
        found.notes.append(f"{int(kept.sum())} pairs left: no exact finish")
        upper = found.objective if np.isfinite(found.objective) else relaxation.bound * 1.02
        found.prove(relax(facilities, relaxation.offer, upper, whole=False, rounds=2 * _FINE, watch=watch).bound)
        return
    start = (found.sites, found.share) if np.isfinite(found.objective) else None
    chosen = whole_model(
        facilities, kept, whole=whole, start=start, time_limit=max(0.1, watch.left), gap=gap / 2, seed=seed
    )
    found.notes.append(chosen.answer.log)
    if len(chosen.sites):
        _take_model(facilities, found, chosen.sites, chosen.share, whole=whole)
    if chosen.answer.infeasible:
        found.bound = found.objective
    else:
        found.prove(min(chosen.answer.bound - 1e-9 * abs(chosen.answer.bound), found.objective))


def _take_model(
    facilities: Facilities, found: Found, sites: NDArray[np.int64], share: NDArray[np.float64], *, whole: bool
) -> None:
    """Clean the solver's shares of rounding: whole again, or divided exactly anew on its open sites."""
    if whole:
        member = share.argmax(axis=1)
        load = np.bincount(member, facilities.size, len(sites))
        cost = facilities.cost[np.arange(len(member)), sites[member]]
        if (load <= facilities.room[sites] + 1e-7 * facilities.size.sum()).all():
            _take(found, Whole(sites, member, float(cost.sum() + facilities.fixed[sites].sum())))
        return
    division = facilities.divide(sites, facilities.unit, facilities.loss)
    if division.complete:
        found.offer(sites, division.share, division.value)
