"""Cost against travel: the plans of which none is both cheaper and nearer than another, each with its bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import FRONT
from layout_planner.config.layout import Term
from layout_planner.layout.arguments import check_number, check_terms
from layout_planner.layout.facts import plan_facts
from layout_planner.layout.model import LayoutSolution, Limits, Objective
from layout_planner.layout.relaxed import Relaxation
from layout_planner.layout.solver import solve_layout
from layout_planner.locate.result import relative_gap
from layout_planner.locate.stopping import Cancel, Progress, Watch, check_search

if TYPE_CHECKING:
    from layout_planner.layout.model import LayoutModel

__all__ = ["Front", "FrontPoint", "pareto_front"]

_MONEY = (Term.YEARLY_YUAN, Term.ONE_OFF_YUAN)
_TINY = 1e-4  # share of a pupil-minute's price in searches under a limit: breaks ties, no more
_PULLS = (1.0, 0.0, 16.0)  # times the scenario's price of a pupil-minute
_USUAL_PULL = 40.0
_ROOM = 1e-6
_LEAST_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class FrontPoint:
    """One plan on the front.

    Attributes
    ----------
    name : str
        ``最近`` (the shortest travel), ``最省`` (the least cost), ``折中`` (the knee), else ``方案2`` and so on.
    limit : float
        Pupil-minutes that travel was held to; ``inf`` for the cheapest.
    solution : LayoutSolution
        The plan.
    cost, bound : float
        Yuan a year, and what no plan within ``limit`` can be below.
    """

    name: str
    limit: float
    solution: LayoutSolution
    cost: float
    bound: float

    @property
    def travel(self) -> float:
        """Pupil-minutes of the plan."""
        return self.solution.terms[Term.PUPIL_MINUTES]

    @property
    def gap(self) -> float:
        """``(cost − bound) / |cost|``."""
        return relative_gap(self.cost, self.bound)


@dataclass(frozen=True, eq=False)
class Front:
    """Points by travel, the nearest first; ``shortest_bound`` are pupil-minutes that no plan can be below."""

    points: tuple[FrontPoint, ...]
    shortest_bound: float

    def __getitem__(self, name: str) -> FrontPoint:
        for point in self.points:
            if point.name == name:
                return point
        raise KeyError(name)

    def __iter__(self) -> Iterator[FrontPoint]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)

    @property
    def table(self) -> pd.DataFrame:
        """Table ``front``, one row a point."""
        rows = [
            {
                "plan": point.name,
                "status": str(point.solution.status),
                "limit_minutes": point.limit if np.isfinite(point.limit) else np.nan,
                "cost_yuan": point.cost,
                "bound_yuan": point.bound,
                "gap": point.gap,
            }
            | plan_facts(point.solution)
            for point in self.points
        ]
        return pd.DataFrame(rows, columns=list(FRONT.names))


def pareto_front(
    model: LayoutModel,
    *,
    points: int = 9,
    weights: dict[Term, float] | None = None,
    extra: Limits | None = None,
    start: LayoutSolution | None = None,
    time_limit: float = 120.0,
    gap: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Front:
    """Find plans of which none is both cheaper and nearer than another.

    Plans that weigh travel against cost come first, from no weight (the cheapest) to 16 times the scenario's (the
    nearest): each begins with the best one before it and proves a bound for every limit on travel. The widest
    stretches are then searched at the price at which both ends are equal, and with a limit in the middle.

    Parameters
    ----------
    model : LayoutModel
        The county.
    points : int
        Plans wanted, at least 2; there may be fewer, as equal and dominated ones are left out.
    weights : dict of Term to float, optional
        Prices of the two money terms in yuan a year; those of the scenario otherwise (1 and 0.05 if it has none).
    extra : Limits, optional
        Further limits.
    start : LayoutSolution, optional
        A plan to begin with.
    time_limit : float
        Seconds for the whole front.
    gap : float, optional
        Relative gap of each search, as a share of the cost; that of the scenario otherwise.
    seed : int
        Seed of the solver.
    progress : callable, optional
        Told seconds, and how many plans are found of how many.
    cancel : callable, optional
        ``True`` ends the work with the points so far.

    Returns
    -------
    Front
        Empty if no plan was found.

    Notes
    -----
    Source: Cohon, Church & Sheer (1979), Generating multiobjective trade-offs, Water Resources Research 15(5):1001-1010
    (the weights); Mavrotas (2009), Effective implementation of the ε-constraint method in multi-objective mathematical
    programming problems, Applied Mathematics and Computation 213(2):455-465.
    """
    check_number("points", points, 2, whole=True)
    check_search(0.0 if gap is None else gap, seed)
    check_terms(weights or {}, "weights")
    watch, money = Watch(time_limit, progress, cancel), _prices(model, weights)
    hunt = _Hunt(model, money, extra or Limits(), watch, gap, seed, max(points, 2))
    pull = model.layout.goal.weights.get(Term.PUPIL_MINUTES, 0.0) or _USUAL_PULL
    for times in _PULLS:
        if not hunt.stopped():
            hunt.weigh(pull * times, start)
    while hunt.more() and hunt.fill():
        pass
    if not hunt.plans:
        return Front((), max(0.0, hunt.shortest()))
    limits = sorted({*hunt.limits, *(_travel(plan) * (1 + _ROOM) for plan in hunt.plans)})
    found = [hunt.point(limit) for limit in limits] + [hunt.point(np.inf)]
    return Front(_named(_kept(found)), max(0.0, hunt.shortest()))


class _Hunt:
    """The searches of one front: plans found so far, and what each search proved about cost.

    A search with travel weighed by λ proves cost ≥ bound − λ × limit under every limit; one under a limit proves
    its bound for all tighter ones.
    """

    def __init__(
        self, model: LayoutModel, money: dict[Term, float], extra: Limits, watch: Watch, gap: float | None, seed: int,
        parts: int,
    ) -> None:  # fmt: skip
        self.model, self.money, self.extra, self.watch, self.seed = model, money, extra, watch, seed
        self.gap = model.layout.gap if gap is None else gap
        self.wanted, self.parts = parts, 2 * parts + len(_PULLS)
        self.plans: list[LayoutSolution] = []
        self.limits: list[float] = []
        self.proofs: list[tuple[float, float, float]] = []
        longest = np.zeros(len(model.units.pupils))
        np.maximum.at(longest, model.arcs.unit, model.arcs.minutes)
        self.longest = float(longest.sum())

    def stopped(self) -> bool:
        """Tell whether to end; the first search is always made."""
        return bool(self.proofs) and self.watch.stopped()

    def more(self) -> bool:
        """Tell whether points are lacking and there is time for a search."""
        return bool(self.plans) and len(self.corners()) < self.wanted and self.parts > 0 and not self.stopped()

    def corners(self) -> list[tuple[float, float]]:
        """Give travel and cost of the plans of which none is both cheaper and nearer than another, nearest first."""
        ends = sorted({(_travel(plan), _cost(plan, self.money)) for plan in self.plans})
        return [end for k, end in enumerate(ends) if all(end[1] < other[1] for other in ends[:k])]

    def search(self, pull: float, limit: float, begin: LayoutSolution | None) -> None:
        """Minimise cost + pull × travel within a limit on travel; a gap counts as a share of the cost."""
        limits = self.extra
        if np.isfinite(limit):
            most = min(limit, limits.max_term.get(Term.PUPIL_MINUTES, np.inf))
            limits = replace(limits, max_term={**limits.max_term, Term.PUPIL_MINUTES: most})
        lacking = max(2, len(_PULLS) - len(self.proofs), self.wanted - len(self.corners()))
        seconds = max(_LEAST_SECONDS, self.watch.left / lacking)
        self.parts -= 1
        share = 1.0
        if begin is not None and begin.found:
            cost = _cost(begin, self.money)
            share = cost / max(cost + pull * _travel(begin), _ROOM)
        answer = solve_layout(
            self.model, Objective({**self.money, Term.PUPIL_MINUTES: pull}), extra=limits, start=begin,
            time_limit=seconds, gap=self.gap * share, seed=self.seed, cancel=self.watch.cancel,
        )  # fmt: skip
        self.proofs.append((answer.bound, pull, limit))
        if answer.found:
            self.plans.append(answer)
        self.watch.tell(float(min(len(self.corners()), self.wanted)), float(self.wanted))

    def weigh(self, pull: float, start: LayoutSolution | None) -> None:
        """Minimise cost + pull × travel, beginning with the best plan known by that measure."""
        known = [*self.plans, *([start] if start is not None and start.found else [])]
        best = min(known, key=lambda plan: _cost(plan, self.money) + pull * _travel(plan), default=None)
        self.search(pull, np.inf, best)

    def fill(self) -> bool:
        """Search between the two plans that lie farthest apart, first by the price at which both are equal, then in
        the middle; say whether there was a stretch left.
        """  # noqa: D205
        ends = self.corners()
        if len(ends) < 2:
            return False
        near, cheap = ends[0], ends[-1]
        width, height = cheap[0] - near[0], near[1] - cheap[1]
        stretches = [
            ((b[0] - a[0]) / width + (a[1] - b[1]) / height, (a[1] - b[1]) / (b[0] - a[0]), (a[0] + b[0]) / 2)
            for a, b in pairwise(ends)
            if b[0] - a[0] > _ROOM * b[0]
        ]
        for _, pull, middle in sorted(stretches, reverse=True):
            if not any(abs(pull - tried) <= _ROOM * pull for _, tried, _ in self.proofs):
                self.weigh(pull, None)
                return True
            if middle not in self.limits:
                self.limits.append(middle)
                self.search(_TINY * max(1.0, pull), middle, self.within(middle))
                return True
        return False

    def within(self, limit: float) -> LayoutSolution:
        """Give the cheapest plan known within a limit, the nearer of equals."""
        keeps = [plan for plan in self.plans if _travel(plan) <= limit + _ROOM]
        return min(keeps, key=lambda plan: (_cost(plan, self.money), _travel(plan)))

    def shortest(self) -> float:
        """Prove a number of pupil-minutes that no plan can be below."""
        return Relaxation(self.model, Objective({Term.PUPIL_MINUTES: 1.0}), self.extra).bound

    def point(self, limit: float) -> FrontPoint:
        """Give the best plan known within a limit, and the least cost that is proven there."""
        plan = self.within(limit)
        cost = _cost(plan, self.money)
        proven = [
            bound - pull * min(limit, until, self.longest) for bound, pull, until in self.proofs if until >= limit
        ]
        return FrontPoint("", limit, plan, cost, min(max(proven, default=-np.inf), cost))


def _prices(model: LayoutModel, weights: dict[Term, float] | None) -> dict[Term, float]:
    given = model.layout.goal.weights if weights is None else weights
    money = {term: float(given.get(term, 0.0)) for term in _MONEY}
    return money if any(money.values()) else {Term.YEARLY_YUAN: 1.0, Term.ONE_OFF_YUAN: 0.05}


def _cost(solution: LayoutSolution, money: dict[Term, float]) -> float:
    return sum(solution.terms[term] * weight for term, weight in money.items())


def _travel(solution: LayoutSolution) -> float:
    return solution.terms[Term.PUPIL_MINUTES]


def _kept(found: list[FrontPoint]) -> list[FrontPoint]:
    """Leave out the plans than which another is as cheap and as near; the tightest limit of equals stays."""
    kept: list[FrontPoint] = []
    for point in found:
        rivals = {(other.cost, other.travel) for other in found} - {(point.cost, point.travel)}
        worse = any(cost <= point.cost and travel <= point.travel for cost, travel in rivals)
        twice = any((other.cost, other.travel) == (point.cost, point.travel) for other in kept)
        if not worse and not twice:
            kept.append(point)
    return sorted(kept, key=lambda point: point.travel)


def _named(points: list[FrontPoint]) -> tuple[FrontPoint, ...]:
    """Name the ends, the knee (farthest below the line between the ends), and number the rest."""
    names = [f"方案{k + 1}" for k in range(len(points))]
    if len(points) > 2:
        travel, cost = (np.array([getattr(point, name) for point in points]) for name in ("travel", "cost"))
        x = (travel - travel[0]) / max(travel[-1] - travel[0], _ROOM)
        y = (cost - cost[-1]) / max(cost[0] - cost[-1], _ROOM)
        names[1 + int(np.argmin((x + y)[1:-1]))] = "折中"
    if len(points) > 1:
        names[0] = "最近"
    if points:
        names[-1] = "最省"
    return tuple(replace(point, name=name) for point, name in zip(points, names, strict=True))
