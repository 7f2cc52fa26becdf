"""From a solution of the layout model to decisions and a plan like any other, measured by the same functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign import apply_decisions, assign, assignment_table, options
from layout_planner.columns import PASSED_BY
from layout_planner.config.scenario import Decisions, Scenario
from layout_planner.errors import LayoutError, Text
from layout_planner.grades import GradeBand
from layout_planner.layout.choices import Choice
from layout_planner.layout.decided import decision_table
from layout_planner.plan import Plan

if TYPE_CHECKING:
    from layout_planner.io.county import County
    from layout_planner.layout.model import LayoutSolution
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["Proposal", "proposal", "solution_decisions"]

_FULL = 1.0


@dataclass(frozen=True, eq=False)
class Proposal:
    """A proposed layout.

    ``plan`` is the plan and ``before`` today's; ``decisions`` table ``layout_decisions`` (a row a school, with the
    reason in both languages); ``passed_by`` table ``passed_by`` (every village sent past a nearer school,
    and why).
    """

    solution: LayoutSolution
    plan: Plan
    before: Plan
    decisions: pd.DataFrame
    passed_by: pd.DataFrame


def proposal(
    solution: LayoutSolution,
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    *,
    before: Plan | None = None,
    label: str | None = None,
) -> Proposal:
    """Turn a solution into a plan with reasons.

    Parameters
    ----------
    solution : LayoutSolution
        With a plan.
    county, times, scenario
        What the model was made of.
    before : Plan, optional
        Today's plan, to say what changes; the scenario's own decisions, everybody to the nearest school, otherwise.
    label : str, optional
        Name of the plan; the scenario's name otherwise.

    Raises
    ------
    LayoutError
        If the solution has no plan.
    """
    if not solution.found:
        raise LayoutError(Text(f"没有找到方案：{solution.log}", f"there is no plan: {solution.log}"))
    decided = scenario.model_copy(update={"decisions": solution_decisions(solution, scenario), "layout": None})
    label = scenario.name if label is None else label
    if before is None:
        before = assign(county, times, _nearest(scenario), label="现状")
    if solution.model.layout.assign_by == "method":
        plan = assign(county, times, decided, label=label, parent=before.label)
    else:
        plan = _by_flows(solution, county, times, decided, label, before.label)
    return Proposal(solution, plan, before, decision_table(solution, before, plan), passed_by(solution, plan))


def _nearest(scenario: Scenario) -> Scenario:
    method = scenario.assign.model_copy(update={"method": "nearest"})
    return scenario.model_copy(update={"assign": method, "layout": None})


def solution_decisions(solution: LayoutSolution, scenario: Scenario) -> Decisions:
    """Write a solution as decisions, on top of those that the scenario had made.

    Returns
    -------
    Decisions
        Beds are stated where some are added, and as 0 where boarding is given up.
    """
    model, base = solution.model, scenario.decisions
    choices = model.choices
    taken = solution.config

    def chosen(choice: Choice, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*given, *(code for code, c in taken.items() if c == choice))))

    closed, converted = chosen(Choice.CLOSE, base.close), chosen(Choice.CONVERT, base.convert_to_teaching_point)
    is_open = choices.is_open[solution.choice]
    without = {*closed, *converted}
    beds = {code: n for code, n in base.board.items() if code not in without}
    rooms = {code: n for code, n in base.add_classrooms.items() if code not in set(closed)}
    for j, code in enumerate(model.school_id):
        if not is_open[j] or code in without:
            continue
        if solution.rooms_added[j]:
            rooms[code] = rooms.get(code, 0) + int(solution.rooms_added[j])
        if solution.beds_added[j]:
            beds[code] = int(choices.beds[j] + solution.beds_added[j])
        elif choices.beds[j] and not solution.boards[j]:
            beds[code] = 0
    return Decisions(
        close=closed,
        open=tuple(code for code in chosen(Choice.OPEN, base.open) if code not in set(closed)),
        convert_to_teaching_point=converted,
        lift_to_full_primary=chosen(Choice.LIFT, base.lift_to_full_primary),
        board=dict(sorted(beds.items())),
        add_classrooms=dict(sorted(rooms.items())),
    )


def _by_flows(
    solution: LayoutSolution, county: County, times: Mapping[str, TravelMatrix], scenario: Scenario, label: str,
    parent: str,
) -> Plan:  # fmt: skip
    """Send every demand point where its unit goes."""
    assert county.demand is not None
    model, units = solution.model, solution.model.units
    schools = apply_decisions(county.schools, scenario.decisions, scenario.classes)
    pairs = options(times, schools, county.demand, scenario.travel)
    share = np.zeros((len(units.pupils) + 1, len(model.school_id)))
    np.add.at(share, (model.arcs.unit, model.arcs.school), solution.flow)
    school = np.searchsorted(model.school_id.astype(str), pairs.school_id.astype(str))
    rows = pairs.rows
    flow = pairs.pupils[rows] * share[units.point_unit[rows], school[pairs.school]]
    return Plan(label, county, scenario, schools, assignment_table(pairs, flow), parent, times=times)


def passed_by(solution: LayoutSolution, plan: Plan) -> pd.DataFrame:
    """List every village whose pupils are sent past a nearer open school, and why.

    Returns
    -------
    DataFrame
        Table ``passed_by``. The reason is the first that holds: the way is declared ``unsafe``; the school must
        receive nobody (``overfull``); its seats of the stage are taken (``full``); its rooms are taken by whole
        ``classes``; else ``total``: less time and money for the county as a whole.
    """
    rows, demand = plan.assignment, plan.county.demand
    assert demand is not None
    rows = rows[(rows["school_id"] != "") & (rows["school_id"] != rows["nearest_school_id"])]
    home = demand.assign(demand_id=demand["demand_id"].astype(str)).set_index("demand_id")
    rows = rows.assign(
        village_id=rows["demand_id"].map(home["village_id"]).fillna("").to_numpy(),
        weighted=rows["minutes"] * rows["pupils"], nearer=rows["nearest_minutes"] * rows["pupils"],
    )  # fmt: skip
    keys = ["village_id", "band", "school_id", "nearest_school_id"]
    table = rows.groupby(keys, sort=True)[["pupils", "weighted", "nearer"]].sum().reset_index()
    table = table[table["pupils"] > 0]
    names = plan.schools.set_index(plan.schools["school_id"].astype(str))["name"].astype(str)
    villages = plan.county.villages
    village = dict(zip(villages["village_id"].astype(str), villages["name"].astype(str), strict=True))
    reasons = _Reasons(solution, plan)
    table = table.assign(
        name=table["village_id"].map(village).fillna(""),
        school=table["school_id"].map(names),
        nearest_school=table["nearest_school_id"].map(names),
        minutes_mean=table["weighted"] / table["pupils"],
        nearest_minutes=table["nearer"] / table["pupils"],
        reason=[
            reasons.of(str(village_id), str(band), str(school_id))
            for village_id, band, school_id in zip(
                table["village_id"], table["band"], table["nearest_school_id"], strict=True
            )
        ],
    )
    return table[list(PASSED_BY.names)].reset_index(drop=True)


class _Reasons:
    """Why a village does not go to a nearer school."""

    def __init__(self, solution: LayoutSolution, plan: Plan) -> None:
        layout = solution.model.layout
        self.unsafe = {(way.village, way.school) for way in layout.must.unsafe_ways}
        self.overfull = set(solution.model.school_id[~solution.model.choices.receives])
        stage = plan.assignment["band"].map({band.value: band.stage.value for band in GradeBand})
        load = plan.assignment["pupils"].groupby([plan.assignment["school_id"], stage]).sum()
        schools = plan.schools.set_index(plan.schools["school_id"].astype(str))
        self.full = {
            (str(code), str(name))
            for (code, name), pupils in zip(load.index, load, strict=True)
            if code and pupils > schools.loc[code, f"seats_{name}"] - _FULL
        }
        classes = plan.tables.schools.set_index("school_id")
        rooms = layout.must.whole_classes & (classes["classes_needed"] >= classes["rooms"])
        self.crowded = set(classes.index[rooms])

    def of(self, village_id: str, band: str, school_id: str) -> str:
        """Name the first reason that holds."""
        cases = {
            "unsafe": (village_id, school_id) in self.unsafe,
            "overfull": school_id in self.overfull,
            "full": (school_id, GradeBand(band).stage.value) in self.full,
            "classes": school_id in self.crowded,
        }
        return next((name for name, holds in cases.items() if holds), "total")
