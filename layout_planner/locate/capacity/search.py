"""The search behind the capacitated models: open sets on divided demand, a tree over them, whole demands on the best.

Every step ends by a number of rounds, so that the same seed gives the same plan; a time limit only cuts it short.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.model import choose_within_budget, surviving, whole_model
from layout_planner.locate.capacity.open_sets import SetSearch
from layout_planner.locate.capacity.plans import WholePlans
from layout_planner.locate.capacity.single_source_exact import Whole
from layout_planner.locate.capacity.tree import Node, SetTree
from layout_planner.locate.medians.local_search import interchange
from layout_planner.locate.result import relative_gap
from layout_planner.locate.rows import SortedRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.facilities import Facilities
    from layout_planner.locate.stopping import Watch

__all__ = ["Found", "search"]

_ROUNDS = 25
"""Descents from shaken sets before the tree."""

_FIRST, _LAST = 8, 40
"""Open sets on which whole demands are annealed before the tree, and after it."""

_POLISHED = 4
"""Plans whose neighbouring sites are assigned anew exactly."""

_AHEAD = 5e-4
"""Share by which the tree first goes ahead of the sets to be settled; doubled every turn."""

_OFTEN = 25
"""Nodes of the tree between two looks at the sets that it suggests."""

_NEAR = 0.01
"""Share by which a suggested set may be dearer than the best and still be improved by changes."""

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
    hunt = _Hunt(SetSearch(facilities, seed), found, watch, gap, whole=whole)
    best = _first_set(hunt.sets, first, watch.part(0.25))
    hunt.take_sets()
    tree = SetTree(facilities, whole=whole, offer=_offers(hunt.sets, best), upper=hunt.goal(best))
    if whole:
        hunt.follow_and_settle(tree)
    else:
        hunt.follow(tree, watch.part(0.95))
    found.notes.append(f"{len(hunt.sets.values)} open sets measured, {tree.nodes} nodes of the tree")
    watch.tell(found.objective, found.bound)
    if relative_gap(found.objective, found.bound) > gap and not watch.stopped():
        _finish(facilities, found, tree.root, whole=whole, watch=watch, gap=gap, seed=seed)
    watch.tell(found.objective, found.bound)
    return found


def _first_set(sets: SetSearch, first: NDArray[np.int64], watch: Watch) -> tuple[int, ...]:
    """Search for an open set that is cheap with divided demand."""
    every = np.flatnonzero(~sets.facilities.barred)
    start = every if sets.facilities.permits(every) else _nearer(sets.facilities, first)
    return sets.iterate(tuple(int(j) for j in start), _ROUNDS, watch)


def _nearer(problem: Facilities, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Swap sites while that brings them nearer to everybody, room left aside; the set itself if that loses a limit."""
    opened = np.zeros(len(problem.room), dtype=bool)
    opened[first] = True
    rows = SortedRows.dense(problem.cost, problem.barred)
    near = np.flatnonzero(interchange(rows, opened, problem.forced, problem.barred))
    return near if problem.permits(near) else first


def _offers(sets: SetSearch, key: tuple[int, ...]) -> NDArray[np.float64]:
    """Let every demand offer what it pays in a set, room included."""
    problem, division, sites = sets.facilities, sets.divide(key), list(key)
    offer = (problem.cost[:, sites] + division.price[sites] * problem.size[:, None]).min(axis=1)
    dearest = np.where(np.isfinite(problem.cost), problem.cost, 0.0).max(axis=1)
    return np.where(np.isfinite(offer), offer, dearest)


@dataclass(eq=False)
class _Hunt:
    """Walk through the tree, and measure, improve and assign the open sets that it suggests."""

    sets: SetSearch
    found: Found
    watch: Watch
    gap: float
    whole: bool
    plans: WholePlans = field(init=False)

    def __post_init__(self) -> None:
        self.plans = WholePlans(self.sets, self.sets.seed, self.gap)

    def goal(self, key: tuple[int, ...]) -> float:
        """Estimate what a good plan costs."""
        if np.isfinite(self.found.objective):
            return self.found.objective
        division, sites = self.sets.divide(key), list(key)
        loose = float(_offers(self.sets, key).sum() + self.sets.facilities.fixed[sites].sum())
        return division.value if division.complete else loose

    def take_sets(self) -> None:
        """Take the best plan of the sets measured so far."""
        if self.whole:
            self.plans.anneal_ranked(_FIRST, self.watch)
            self._take(self.plans.best)
            return
        for value, key in self.sets.ranked()[:1]:
            self.found.offer(np.array(key, np.int64), self.sets.divide(key).share, value)

    def follow(self, tree: SetTree, watch: Watch, ahead: float = float("inf")) -> None:
        """Grow the tree until it is done, ``ahead`` of the sets to be settled by a share, or the time is up."""
        while np.isfinite(tree.bound) and not watch.stopped() and tree.bound < self._least(ahead):
            self._limit(tree)
            leaf, children = tree.grow()
            if leaf is not None:
                self._leaf(leaf)
            for child in children:
                self._suggested(child, watch)
            if tree.nodes % _OFTEN < 2 or leaf is not None:
                self.take_sets()
                self._prove(tree)
                self.watch.tell(self.found.objective, self.found.bound)
        self._limit(tree)
        self.take_sets()
        self._prove(tree)

    def follow_and_settle(self, tree: SetTree) -> None:
        """Grow the tree and settle whole demands on the sets that it leaves, in turns, the least bounds first."""
        watch, ahead = self.watch.part(0.95), _AHEAD
        self.follow(tree, watch.part(0.5), ahead)
        self.plans.anneal_ranked(_LAST, watch.part(0.15))
        self.plans.polish(_POLISHED, watch.part(0.15))
        while True:
            self._take(self.plans.best)
            self._limit(tree)
            self._prove(tree)
            self.watch.tell(self.found.objective, self.found.bound)
            left = min(tree.bound, self.plans.open_floor)
            if watch.stopped() or not np.isfinite(left) or left >= self.plans.worth:
                break
            growing = np.isfinite(tree.bound)
            self.plans.settle(watch.part(0.5) if growing else watch, max(tree.bound, self._least(ahead)))
            self.plans.polish(1, watch.part(0.3))
            self.follow(tree, watch.part(0.3), ahead)
            ahead *= 2

    def _least(self, ahead: float) -> float:
        """Tell the least floor of the sets to be settled, and a share more."""
        floor = self.plans.open_floor
        return floor + ahead * abs(floor) if np.isfinite(floor) else float("inf")

    def _limit(self, tree: SetTree) -> None:
        if np.isfinite(self.found.objective):
            tree.worth = self.found.objective - 0.5 * self.gap * abs(self.found.objective)
            tree.upper = self.found.objective

    def _prove(self, tree: SetTree) -> None:
        left = min(tree.bound, self.plans.open_floor)
        self.found.prove(min(left, tree.worth))

    def _leaf(self, leaf: Node) -> None:
        if np.isfinite(self.sets.value(leaf.sites)) and self.whole and leaf.sites in self.sets.complete:
            self.plans.floors[leaf.sites], self.plans.offers[leaf.sites] = leaf.bound, leaf.offer
            self.plans.anneal(leaf.sites)
            self._take(self.plans.best)

    def _suggested(self, child: Node, watch: Watch) -> None:
        value = self.sets.value(child.sites)
        best = self.sets.ranked()[0][0] if self.sets.complete else float("inf")
        if np.isfinite(value) and value <= best + _NEAR * abs(best):
            self.sets.descend(child.sites, watch)

    def _take(self, plan: Whole) -> None:
        if plan.value < self.found.objective:
            self.found.offer(plan.sites, np.eye(len(plan.sites))[plan.member], plan.value)


def _finish(
    facilities: Facilities,
    found: Found,
    root: Node,
    *,
    whole: bool,
    watch: Watch,
    gap: float,
    seed: int,
) -> None:
    """Hand what is left to the solver: a proof, and perhaps a better plan."""
    kept = surviving(facilities, root, found.objective, whole=whole)
    if kept.sum() > _MODEL_PAIRS:
        found.notes.append(f"{int(kept.sum())} pairs left: no exact finish")
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
            found.offer(sites, np.eye(len(sites))[member], float(cost.sum() + facilities.fixed[sites].sum()))
        return
    division = facilities.divide(sites, facilities.unit, facilities.loss)
    if division.complete:
        found.offer(sites, division.share, division.value)
