"""Cost against travel: the plans of which none is both cheaper and nearer than another, each with its bound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import FRONT
from layout_planner.config.layout import Term
from layout_planner.layout.facts import plan_facts
from layout_planner.layout.model import LayoutSolution, Limits, Objective
from layout_planner.layout.solver import solve_layout
from layout_planner.locate.result import relative_gap
from layout_planner.locate.stopping import Cancel, Progress, Watch

if TYPE_CHECKING:
    from layout_planner.layout.model import LayoutModel

__all__ = ["Front", "FrontPoint", "pareto_front"]

_MONEY = (Term.YEARLY_YUAN, Term.ONE_OFF_YUAN)
_TINY = 1e-4  # share of the cost's range that all travel may weigh: breaks ties, no more
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
    """Find plans of least cost under limits on travel that widen step by step.

    The limits lie evenly between the travel of the nearest plan and that of the cheapest. Every plan keeps the
    limit of the next, and so is what the next search begins with: cost never rises along the front.

    Parameters
    ----------
    model : LayoutModel
        The county.
    points : int
        Limits to try, at least 2; equal and dominated plans are left out.
    weights : dict of Term to float, optional
        Prices of the two money terms in yuan a year; those of the scenario otherwise (1 and 0.05 if it has none).
    extra : Limits, optional
        Further limits.
    start : LayoutSolution, optional
        A plan to begin with.
    time_limit : float
        Seconds for the whole front.
    gap : float, optional
        Relative gap of each search; that of the scenario otherwise.
    seed : int
        Seed of the solver.
    progress : callable, optional
        Told seconds, and how many limits are done of how many.
    cancel : callable, optional
        ``True`` ends the work with the points so far.

    Returns
    -------
    Front
        Empty if no plan was found.

    Notes
    -----
    Source: Mavrotas (2009), Effective implementation of the ε-constraint method in multi-objective mathematical
    programming problems, Applied Mathematics and Computation 213(2):455-465.
    """
    extra, watch, money = extra or Limits(), Watch(time_limit, progress, cancel), _prices(model, weights)
    share = 1.0 / (points + 2)

    def search(weights: dict[Term, float], limit: float, begin: LayoutSolution | None, part: float) -> LayoutSolution:
        limits = extra
        if np.isfinite(limit):
            most = min(limit, extra.max_term.get(Term.PUPIL_MINUTES, np.inf))
            limits = replace(extra, max_term={**extra.max_term, Term.PUPIL_MINUTES: most})
        return solve_layout(
            model, Objective(weights), extra=limits, start=begin, time_limit=max(_LEAST_SECONDS, watch.left * part),
            gap=gap, seed=seed, cancel=cancel,
        )  # fmt: skip

    nearest = search({Term.PUPIL_MINUTES: 1.0}, np.inf, start, share)
    cheapest = search(money, np.inf, start, share / (1 - share))
    if not (nearest.found and cheapest.found):
        return Front((), nearest.bound)
    least, most = nearest.objective, max(nearest.objective, cheapest.terms[Term.PUPIL_MINUTES])
    limits = np.linspace(least * (1 + _ROOM) + _ROOM, most, points)
    tiny = _TINY * max(1.0, abs(_cost(nearest, money) - _cost(cheapest, money))) / max(1.0, most)
    found: list[FrontPoint] = []
    last = nearest
    for k, limit in enumerate(limits):
        if cancel is not None and cancel():
            break
        wide = limit if k < points - 1 or most == least else np.inf
        begin = cheapest if np.isinf(wide) and _cost(cheapest, money) <= _cost(last, money) else last
        answer = search({**money, Term.PUPIL_MINUTES: tiny}, wide, begin, 1.0 / (points - k))
        last, bound = _better(answer, begin, wide, money, tiny)
        found.append(FrontPoint("", wide, last, _cost(last, money), bound))
        watch.tell(float(k + 1), float(points))
    return Front(_named(_kept(found)), nearest.bound)


def _prices(model: LayoutModel, weights: dict[Term, float] | None) -> dict[Term, float]:
    given = model.layout.goal.weights if weights is None else weights
    money = {term: float(given.get(term, 0.0)) for term in _MONEY}
    return money if any(money.values()) else {Term.YEARLY_YUAN: 1.0, Term.ONE_OFF_YUAN: 0.05}


def _cost(solution: LayoutSolution, money: dict[Term, float]) -> float:
    return sum(solution.terms[term] * weight for term, weight in money.items())


def _better(
    answer: LayoutSolution, begin: LayoutSolution, limit: float, money: dict[Term, float], tiny: float
) -> tuple[LayoutSolution, float]:
    """Give the cheaper of two plans within the limit, and the least cost that the search proves.

    No plan within the limit has more travel than ``limit``, so its cost is at least ``bound − tiny × limit``.
    """
    model = answer.model
    longest = np.zeros(len(model.units.pupils))
    np.maximum.at(longest, model.arcs.unit, model.arcs.minutes)
    bound = answer.bound - tiny * min(limit, float(longest.sum()))
    if not answer.found or _cost(begin, money) < _cost(answer, money):
        answer = begin
    return answer, min(bound, _cost(answer, money))


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
