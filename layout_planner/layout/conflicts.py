"""Infeasible is never the last word: which limits conflict, which villages cause it, and the least relaxation.

Every limit that people set gets a slack with a price; the cheapest slack is the least relaxation that works. The
limits that had to give way are then enforced until nothing works any more, and thinned out until each is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import CONFLICT_VILLAGES, CONFLICTS
from layout_planner.config.layout import Layout, TimeRule
from layout_planner.errors import LayoutError, Text
from layout_planner.grades import GradeBand
from layout_planner.layout.elastic import COUNTY, Elastic, Relaxation, elastic
from layout_planner.layout.linear_core import COUNTY_RULES, LinearCore, kind_of, linear_core
from layout_planner.layout.model import LayoutModel, Limits, layout_model
from layout_planner.locate.stopping import Cancel, Watch, check_search

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["RELAXATION_PRICES", "Conflict", "find_conflict", "wider_model"]

RELAXATION_PRICES: Mapping[str, float] = MappingProxyType({
    "seats": 1.0, "classrooms": 30.0, "beds": 1.0, "largest": 1.0, "smallest": 1.0, "ways": 3.0, "nowhere": 100.0,
    "townships": 300.0, "decided": 300.0, "changes": 60.0, "closest": 30.0, "yuan": 1e-4, "minutes": 1e-2,
})  # fmt: skip
"""How hard it is to relax each kind of limit, per unit: a seat too few, a classroom, a pupil on a way that is
forbidden (longer than the limit, unsafe, or to an overfull school), a school decided otherwise, a yuan …"""

_CRUMB = 1e-6
_ROUGH, _ANY = 0.5, 1e3  # relative gaps: which limits give way, and whether anything works at all
_NEAREST = 6  # ways of a unit that may be opened to it
_LEAST_SHARE = 0.8  # of the time, for the least relaxation
_SINGLES = 40  # limits of which each is proven to be needed
_MANY = 3  # of a kind; more make one row
_SEPARATOR = "、"
_BANDS = np.array([band.value for band in GradeBand], dtype=object)


@dataclass(frozen=True, eq=False)
class Conflict:
    """What is in the way of any plan.

    Attributes
    ----------
    feasible : bool
        Whether there is a plan as things are; all tables are empty then.
    minimal : bool
        Whether it is proven that each limit of the conflict is needed for it (no time limit cut in).
    table : DataFrame
        Table ``conflicts``: the limits in conflict and those to relax, by how much.
    villages : DataFrame
        Table ``conflict_villages``: pupils that the limits in conflict concern.
    amount : float
        Price of the least relaxation, by ``RELAXATION_PRICES``; ``bound`` is a proven lower bound on it.
    """

    feasible: bool
    minimal: bool
    table: pd.DataFrame
    villages: pd.DataFrame
    amount: float
    bound: float


def find_conflict(
    model: LayoutModel,
    wider: LayoutModel | None = None,
    *,
    extra: Limits | None = None,
    prices: Mapping[str, float] = RELAXATION_PRICES,
    time_limit: float = 60.0,
    gap: float = 0.01,
    seed: int = 0,
    cancel: Cancel | None = None,
) -> Conflict:
    """Tell why a model has no plan, and what would have to give way.

    Parameters
    ----------
    model : LayoutModel
        The county as it is limited.
    wider : LayoutModel, optional
        The same county without the rules that leave ways or choices out (time limits, unsafe ways, overfull schools,
        boarding without need, schools that must stay or go); what it has beyond ``model`` can be had at a price, of
        forbidden ways the six nearest of each unit. Without it those rules stand fast, and units that they leave
        without any school are named.
    extra : Limits, optional
        Limits beyond those of the model; all of them may be relaxed but exclusions.
    prices : mapping of str to float
        See :data:`RELAXATION_PRICES`.
    time_limit : float
        Seconds for everything.
    gap : float
        Relative gap of the least relaxation.
    seed : int
        Seed of the solver.
    cancel : callable, optional
        ``True`` ends the work; the conflict so far is then not proven minimal.

    Returns
    -------
    Conflict

    Notes
    -----
    Source: Chinneck & Dravnieks (1991), Locating minimal infeasible constraint sets in linear programs, ORSA Journal
    on Computing 3(2):157-168: elastic filter, then deletion filter.
    """
    watch = Watch(time_limit, None, cancel)
    check_search(gap, seed)
    if lacking := sorted(set(RELAXATION_PRICES) - set(prices)):
        kinds = "、".join(lacking)
        raise LayoutError(Text(f"prices 缺少：{kinds}", f"prices lacks {', '.join(lacking)}"))
    problem = elastic(model, _near(model, wider or model), extra or Limits(), prices)
    linear = linear_core(problem, Watch(watch.left / 2, None, cancel))
    least = _least(problem, linear, watch, gap, seed)
    if least.amount <= _CRUMB and least.found:
        return Conflict(True, True, _empty(CONFLICTS.names), _empty(CONFLICT_VILLAGES.names), 0.0, 0.0)
    core, minimal = _core(problem, linear.core, least.stretched(), watch, seed)
    subjects = _schools_concerned(problem, core | least.stretched())
    return Conflict(
        feasible=False,
        minimal=minimal,
        table=_table(problem, core, least.by_limit),
        villages=_villages(problem, core | least.stretched(), subjects),
        amount=least.amount,
        bound=least.bound,
    )


def wider_model(county: County, times: Mapping[str, TravelMatrix], scenario: Scenario) -> LayoutModel:
    """Set up the county's model without the rules that leave ways or choices out, for :func:`find_conflict`.

    Parameters
    ----------
    county, times, scenario
        As for :func:`layout_planner.layout.model.layout_model`.
    """
    layout = scenario.layout or Layout()
    free = {
        "time_limit": dict.fromkeys(GradeBand, TimeRule.NONE), "unsafe_ways": (), "overfull_receive_none": False,
        "board_only_if_needed": False, "keep": (), "oppose": (), "close": (),
    }  # fmt: skip
    must = layout.must.model_copy(update=free)
    return layout_model(county, times, scenario.model_copy(update={"layout": layout.model_copy(update={"must": must})}))


def _near(model: LayoutModel, wider: LayoutModel) -> LayoutModel:
    """Leave out of the wider model the ways that are not allowed and not among the nearest of their unit."""
    arcs, own, m = wider.arcs, model.arcs, len(wider.school_id)
    rank = np.arange(len(arcs.unit)) - np.searchsorted(arcs.unit, arcs.unit)
    unit = pd.Index(wider.units.unit_id).get_indexer(pd.Index(model.units.unit_id))[own.unit]
    allowed = np.isin((arcs.unit * m + arcs.school) * 2 + arcs.boards, (unit * m + own.school) * 2 + own.boards)
    return replace(wider, arcs=arcs.select(allowed | (rank < _NEAREST)))


def _least(problem: Elastic, linear: LinearCore, watch: Watch, gap: float, seed: int) -> Relaxation:
    """Find what must give way: among the county's own limits in the conflict, among those that clash, among all.

    Of nearly equal ones the first is taken, as it names the fewest limits.
    """
    every = frozenset(range(len(problem.limits)))
    own = frozenset(k for k in linear.core if problem.limits[k].rule in COUNTY_RULES)
    free = [some for some in (own, linear.loose) if some] + [every]
    best, bound = Relaxation({}, np.inf, -np.inf, found=False, infeasible=False), linear.bound
    for k, some in enumerate(free):
        seconds = watch.left * _LEAST_SHARE / (len(free) - k)
        answer = problem.relax(every - some, watch, seconds, gap, seed)
        if some == every:
            bound = max(bound, answer.bound)
            best = best if best.found else replace(best, infeasible=answer.infeasible)
        if answer.found and answer.amount < best.amount * (1 - gap):
            best = answer
        if best.found and best.amount - bound <= gap * best.amount:
            break
    return replace(best, bound=min(best.amount, bound))


def _core(
    problem: Elastic, linear: frozenset[int], stretched: frozenset[int], watch: Watch, seed: int
) -> tuple[frozenset[int], bool]:
    """Enforce what gives way until nothing works, then drop what is not needed for that, first whole rules.

    A conflict of the linear relaxation is one already: only whether each limit is needed remains to be seen.
    """
    held, proven = linear or stretched, True
    while not linear:
        answer = problem.relax(held, watch, watch.left / 4, _ROUGH, seed)
        if not answer.found:
            proven &= answer.infeasible
            break
        more = answer.stretched()
        if not more or watch.stopped():
            return held, False
        held = held | more
    if len(held) > _SINGLES:
        return held, False
    rules = sorted({problem.limits[k].rule for k in held})
    groups = [frozenset(k for k in held if problem.limits[k].rule == rule) for rule in rules] if len(rules) > 1 else []
    for group in (*groups, *(frozenset({k}) for k in sorted(held))):
        fewer = held - group
        if fewer == held or (len(group) > 1 and group == held):
            continue
        if watch.stopped():
            return held, False
        answer = problem.relax(fewer, watch, watch.left / 4, _ANY, seed)
        if answer.infeasible:
            held = fewer
        proven &= answer.infeasible or answer.found or len(group) > 1
    return held, proven


def _empty(names: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(names))


def _table(problem: Elastic, core: frozenset[int], relaxed: Mapping[int, float]) -> pd.DataFrame:
    """Spell limits, those in conflict first; many of a kind make one row."""
    kinds: dict[tuple[str, str], list[int]] = {}
    for k in sorted(core | set(relaxed), key=lambda k: (problem.limits[k].rule, problem.limits[k].subject)):
        kinds.setdefault(kind_of(problem.limits[k]), []).append(k)
    groups = [
        part for members in kinds.values() for part in ([members] if len(members) > _MANY else [[k] for k in members])
    ]
    rows = [_row(problem, group, core, relaxed) for group in groups]
    table = pd.DataFrame(rows, columns=list(CONFLICTS.names))
    order = table.sort_values("in_conflict", ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _row(problem: Elastic, group: list[int], core: frozenset[int], relaxed: Mapping[int, float]) -> dict[str, object]:
    limit, units = problem.limits[group[0]], _units_of(problem, group)
    given = [relaxed[k] for k in group if k in relaxed]
    one = len(group) == 1
    return {
        "rule": limit.rule,
        "label": limit.words,
        "subject_id": limit.subject if one else COUNTY,
        "name": problem.name(limit.subject) if one else _together(problem, group),
        "in_conflict": any(k in core for k in group),
        "relax_by": sum(given) if given else np.nan,
        "unit": limit.unit,
        "pupils": float(problem.wider.units.pupils[units].sum()),
        "villages": _SEPARATOR.join(sorted(set(problem.wider.units.village_id[units].astype(str)))),
    }


def _together(problem: Elastic, group: list[int]) -> str:
    """Name many subjects in a few words."""
    limit = problem.limits[group[0]]
    _, band = kind_of(limit)
    if band:
        return f"{GradeBand(band).label_zh} {len(group)} 处学生"
    return f"{problem.name(limit.subject)}等 {len(group)} 所"


def _units_of(problem: Elastic, limits: list[int]) -> NDArray[np.int64]:
    """Units that limits concern: the unit itself, or those with a way to the school; none for the county's."""
    subjects, wide, narrow = [problem.limits[k].subject for k in limits], problem.wider, problem.model.arcs
    own = np.flatnonzero(np.isin(wide.units.unit_id.astype(str), subjects))
    schools = np.flatnonzero(np.isin(wide.school_id.astype(str), subjects))
    return np.union1d(own, narrow.unit[np.isin(narrow.school, schools)])


def _schools_concerned(problem: Elastic, limits: frozenset[int]) -> NDArray[np.int64]:
    subjects = [problem.limits[k].subject for k in limits]
    return np.flatnonzero(np.isin(problem.wider.school_id.astype(str), subjects))


def _villages(problem: Elastic, limits: frozenset[int], schools: NDArray[np.int64]) -> pd.DataFrame:
    """List the units with a way to the schools in conflict, those with no other first."""
    model = problem.model
    units, arcs, named = model.units, model.arcs, {problem.limits[k].subject for k in limits}
    rows = []
    for i, code in enumerate(units.unit_id):
        ways = np.unique(arcs.school[arcs.unit == i])
        hit = ways[np.isin(ways, schools)]
        if len(hit) == 0 and code not in named:
            continue
        rows.append({
            "village_id": units.village_id[i],
            "band": _BANDS[units.band[i]],
            "pupils": units.pupils[i],
            "ways": len(ways),
            "schools": _SEPARATOR.join(model.choices.name[hit].astype(str)),
            "only": len(hit) == len(ways),
        })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(CONFLICT_VILLAGES.names))
    order = ["only", "pupils", "village_id", "band"]
    table = table.sort_values(order, ascending=[False, False, True, True], kind="stable")
    return table.reset_index(drop=True)
