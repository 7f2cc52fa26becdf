"""How sure a plan is: its regret when things turn out otherwise, and which of its decisions would stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import ROBUST_CASES, ROBUST_SCHOOLS
from layout_planner.layout.arguments import check_number, check_plan
from layout_planner.layout.conflicts import RELAXATION_PRICES, find_conflict
from layout_planner.layout.facts import better_of, first_value, school_names
from layout_planner.layout.model import LayoutModel, LayoutSolution, Limits, Objective, layout_model
from layout_planner.layout.solver import solve_layout
from layout_planner.locate.result import Status
from layout_planner.locate.stopping import Cancel, Progress, Watch

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.layout.prices import Price
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["CaseResult", "case_models", "regrets", "regrets_table", "scale_demand", "slow_down", "sureties_table"]

_ABOUT = 0.5  # a bound of at least this share of an amount shows it to be about the least
_SAID = 5  # limits told one by one
_FAST = 1e6  # price of undoing a decision while asking what the decisions lack


@dataclass(frozen=True, eq=False)
class CaseResult:
    """A plan in one case.

    Attributes
    ----------
    case : str
        What turned out otherwise.
    held : LayoutSolution
        The best with the plan's decisions on schools; pupils go anew, rooms and beds may be added.
    best : LayoutSolution
        The best of all plans in this case.
    lacking : str
        What would have to give way where the plan's decisions do not work.
    """

    case: str
    held: LayoutSolution
    best: LayoutSolution
    lacking: str = ""

    @property
    def regret(self) -> float:
        """What the plan's decisions cost beyond those of the best plan found; ``inf`` where they do not work."""
        return first_value(self.held)[0] - first_value(self.best)[0] if self.held.found else float("inf")

    @property
    def range(self) -> tuple[float, float]:
        """Proven limits of the regret."""
        held, best = first_value(self.held), first_value(self.best)
        return max(0.0, held[1] - best[0]), held[0] - best[1]


def scale_demand(model: LayoutModel, factor: float) -> LayoutModel:
    """Give the model of a county with more, or fewer, pupils everywhere."""
    units, arcs = model.units, model.arcs
    amounts = ("minutes", "riders", "boarders", "far", "beyond")
    return replace(
        model,
        units=replace(
            units, pupils=units.pupils * factor, far_today=units.far_today * factor,
            beyond_today=units.beyond_today * factor, unreachable=units.unreachable * factor,
        ),
        arcs=replace(arcs, **{name: getattr(arcs, name) * factor for name in amounts}),
    )  # fmt: skip


def slow_down(times: Mapping[str, TravelMatrix], factor: float) -> dict[str, TravelMatrix]:
    """Give travel matrices in which every way takes longer; what was in reach stays in the matrix."""
    return {
        key: replace(matrix, minutes=(matrix.minutes * np.float32(factor)), cutoff_min=matrix.cutoff_min * factor)
        for key, matrix in times.items()
    }


def case_models(
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    *,
    demand: Sequence[float] = (0.8, 1.2),
    slower: Sequence[float] = (1.25,),
) -> dict[str, LayoutModel]:
    """Set up the county's model for other numbers of pupils and slower travel.

    Parameters
    ----------
    county, times, scenario
        As for :func:`layout_planner.layout.model.layout_model`.
    demand : sequence of float
        Factors on all pupils.
    slower : sequence of float
        Factors on all minutes, at least 1.

    Returns
    -------
    dict of str to LayoutModel
        By case.
    """
    for k, factor in enumerate(demand):
        check_number(f"demand[{k}]", factor, 0.01)
    for k, factor in enumerate(slower):
        check_number(f"slower[{k}]", factor, 1.0)
    usual = layout_model(county, times, scenario)
    cases = {f"学生 {factor - 1:+.0%}": scale_demand(usual, factor) for factor in demand}
    for factor in slower:
        cases[f"路上时间 {factor - 1:+.0%}"] = layout_model(county, slow_down(times, factor), scenario)
    return cases


def regrets(
    plan: LayoutSolution,
    cases: Mapping[str, LayoutModel],
    objective: Objective | None = None,
    *,
    extra: Limits | None = None,
    time_limit: float = 120.0,
    gap: float | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[CaseResult, ...]:
    """Measure in each case what the plan's decisions cost beyond those of the best plan then.

    Parameters
    ----------
    plan : LayoutSolution
        With a plan.
    cases : mapping of str to LayoutModel
        From :func:`case_models`: of the same schools.
    objective : Objective, optional
        With which the plan was made; that of the scenario otherwise.
    extra : Limits, optional
        The limits with which the plan was made.
    time_limit : float
        Seconds for all cases.
    gap : float, optional
        Relative gap of each search; that of the scenario otherwise.
    seed : int
        Seed of the solver.
    progress : callable, optional
        Told seconds, and how many cases are done of how many.
    cancel : callable, optional
        ``True`` ends the work with the cases so far.

    Returns
    -------
    tuple of CaseResult
        In the order of ``cases``.
    """
    check_plan(plan)
    extra, watch, done = extra or Limits(), Watch(time_limit, progress, cancel), []
    fixed = replace(extra, fix={**extra.fix, **plan.config})
    for k, (name, model) in enumerate(cases.items()):
        if cancel is not None and cancel():
            break
        seconds = max(0.1, watch.left / (len(cases) - k))
        held = solve_layout(
            model, objective, extra=fixed, start=plan, time_limit=seconds / 4, gap=gap, seed=seed, cancel=cancel
        )
        best = solve_layout(
            model, objective, extra=extra, start=held if held.found else plan, time_limit=seconds / 2, gap=gap,
            seed=seed, cancel=cancel,
        )  # fmt: skip
        best = better_of(best, held)
        lacking = "" if held.found else _lacking(model, held, fixed, seconds / 4, seed)
        done.append(CaseResult(name, held, best, lacking))
        watch.tell(float(k + 1), float(len(cases)))
    return tuple(done)


def _lacking(model: LayoutModel, held: LayoutSolution, fixed: Limits, seconds: float, seed: int) -> str:
    """Spell what must give way for the decisions to work, the decisions themselves last.

    An amount is told only where a bound shows it to be about the least; else only what clashes.
    """
    if held.status is not Status.INFEASIBLE:
        return "时限内没有排出分配办法，不等于行不通"
    prices = {**RELAXATION_PRICES, "decided": _FAST}
    found = find_conflict(model, extra=fixed, prices=prices, time_limit=seconds, seed=seed)
    rows = found.table.dropna(subset="relax_by")
    if len(rows) and found.bound >= _ABOUT * found.amount:
        parts = [
            f"须改变去留的学校 {row.relax_by:,.0f} {row.unit}"
            if row.rule == "fix"
            else f"{row.name}{row.label} {row.relax_by:,.0f} {row.unit}"
            for row in rows.itertuples(index=False)
        ]
        rest = f"；等共 {len(parts)} 项" if len(parts) > _SAID else ""
        return "；".join(parts[:_SAID]) + rest
    clash = found.table[found.table["in_conflict"].astype(bool)]
    said = "、".join(f"{row.name}{row.label}" for row in clash.itertuples(index=False))
    return f"不能同时满足：{said}" if said else "时限内没有查明缺什么"


def regrets_table(results: Sequence[CaseResult]) -> pd.DataFrame:
    """Spell regrets as table ``robust_cases``."""
    rows = []
    for each in results:
        row: dict[str, object] = {
            "case": each.case,
            "status": str(each.held.status),
            "lacking": each.lacking,
            "flips": "",
        }
        if each.best.found:
            row["best_yuan"] = first_value(each.best)[0]
        if each.held.found and each.best.found:
            least, most = each.range
            best = first_value(each.best)[0]
            row |= {
                "plan_yuan": first_value(each.held)[0], "regret_yuan": each.regret, "regret_least_yuan": least,
                "regret_most_yuan": most, "regret_share": each.regret / abs(best) if best else 0.0,
                "flips": school_names(each.best, _flips(each)),
            }  # fmt: skip
        rows.append(row)
    return pd.DataFrame(rows, columns=list(ROBUST_CASES.names))


def _flips(each: CaseResult) -> list[int]:
    held, best = _states(each.held), _states(each.best)
    return [j for j, code in enumerate(each.best.model.school_id) if held[code] != best[code]]


def _states(plan: LayoutSolution) -> dict[str, bool]:
    """Say of every school whether it is in operation."""
    return dict(zip(plan.model.school_id, plan.model.choices.is_open[plan.choice], strict=True)) if plan.found else {}


def sureties_table(
    prices: Sequence[Price], results: Sequence[CaseResult] = (), *, within: float = 0.01
) -> pd.DataFrame:
    """Say how sure each keeping and closing is, as table ``robust_schools``.

    ``certain``: proven that no plan within the share of the objective decides otherwise, and the best plan of every
    case agrees. ``open``: a plan within it that decides otherwise is at hand. ``likely``: neither.

    Parameters
    ----------
    prices : sequence of Price
        Of every school that is asked about.
    results : sequence of CaseResult
        Cases whose best plans are to agree; cases without any plan do not count.
    within : float
        Which plans are near-optimal: at most this share above the objective of the plan.
    """
    states = [_states(each.best) for each in results if each.best.found]
    rows = []
    for price in prices:
        plan, at = price.plan, price.plan.model.position(price.school_id)
        choices = plan.model.choices
        here = _states(plan)[price.school_id]
        same = sum(bool(state[price.school_id]) == bool(here) for state in states)
        room = within * abs(first_value(plan)[0])
        proven = first_value(price.other)[1] - first_value(plan)[0] > room
        at_hand = price.other.found and price.value <= room
        surety = "open" if at_hand else "certain" if proven and same == len(states) else "likely"
        rows.append({
            "school_id": price.school_id,
            "name": str(choices.name[at]),
            "decision": str(choices.choice[plan.choice[at]]),
            "surety": surety,
            "flip_yuan": price.value if price.other.found else np.nan,
            "flip_least_yuan": price.least if np.isfinite(price.least) else np.nan,
            "cases": len(states),
            "cases_same": same,
            "why": _why(price, proven=proven, at_hand=at_hand, split=len(states) - same, within=within),
        })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(ROBUST_SCHOOLS.names)).astype({"cases": "int64", "cases_same": "int64"})
    rank = table["surety"].map({"certain": 0, "likely": 1, "open": 2})
    order = table.assign(rank=rank).sort_values(["rank", "school_id"], kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _why(price: Price, *, proven: bool, at_hand: bool, split: int, within: float) -> str:
    if at_hand:
        return f"改变后的代价不超过目标值的 {within:.0%}，已有这样的方案"
    reasons = []
    if np.isinf(first_value(price.other)[1]) and not price.other.found:
        reasons.append("改变后没有可行的方案")
    elif proven:
        reasons.append(f"已证明：代价在 {within:.0%} 以内的方案都这样决定")
    else:
        reasons.append(f"尚未证明 {within:.0%} 以内没有相反的方案，但没有找到")
    reasons.append(f"{split} 种情况下最好的方案相反" if split else "各种情况下都一样")
    return "；".join(reasons)
