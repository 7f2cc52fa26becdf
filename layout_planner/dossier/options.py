"""What else could be done with a school that the plan closes or converts: keep it, or keep its lower grades."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from layout_planner.assign import assign
from layout_planner.columns_dossier import CASE_OPTIONS
from layout_planner.dossier.cases import CLOSE, Cases, persons_of, whole_persons
from layout_planner.dossier.prices import priced
from layout_planner.dossier.tables import case_impact
from layout_planner.grades import GradeBand
from layout_planner.measures.capacity import seats_short
from layout_planner.measures.commute import DAY_MODES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from layout_planner.config.scenario import Decisions
    from layout_planner.plan import Plan

__all__ = ["case_options"]

_HALF_HOUR = 30.0
_LOWER = 3
_UNIT = ["demand_id", "band"]


def case_options(cases: Cases) -> pd.DataFrame:
    """Compare, for every school concerned, keeping it with what the plan does (table ``case_options``).

    The other decisions of the plan stay; pupils are assigned anew. Without travel times there is nothing to compare.
    A school that the optimiser has priced is left to its own answer (table ``case_prices``).
    """
    names = [name for name in CASE_OPTIONS.names if name != "ref"]
    if cases.times is None:
        return pd.DataFrame(columns=names)
    impact = {str(row["school_id"]): row for row in case_impact(cases).to_dict("records")}
    base, asked = _comparable(cases), priced(cases)
    total = _daily_minutes(base)
    rows = []
    for code in cases.decided:
        moved = cases.moved_from(code)
        if moved.empty or code in asked:
            continue
        units = moved.groupby(_UNIT, sort=True)["pupils"].sum()
        own = impact[code]
        for label, plan in _plans(cases, base, code):
            rows.append(
                {"school_id": code, "name": cases.name_of(code), "option": label, "pupils": int(own["pupils"]),
                 "seats_short": round(float(seats_short(plan.schools, plan.assignment).sum())),
                 "people_minutes": 0 if plan is cases.after else round(2 * (_daily_minutes(plan) - total))}
                | (_as_planned(own) if plan is cases.after else _ways(plan, units))
            )  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _plans(cases: Cases, base: Plan, code: str) -> Iterator[tuple[str, Plan]]:
    """Give the plans to compare: the school kept, its lower grades kept, and the plan itself."""
    decisions = cases.scenario.decisions
    yield "保留该校", _instead(cases, base, code, _kept(decisions, code))
    low, high = (
        int(cases.before.schools.set_index("school_id").loc[code, name]) for name in ("grade_from", "grade_to")
    )
    if cases.decided[code] == CLOSE and low == 1 and high > _LOWER:
        kept = _kept(decisions, code)
        convert = tuple(sorted({*kept.convert_to_teaching_point, code}))
        kept = kept.model_copy(update={"convert_to_teaching_point": convert})
        yield "改为教学点", _instead(cases, base, code, kept)
    yield "本方案", cases.after


def _kept(decisions: Decisions, code: str) -> Decisions:
    return decisions.model_copy(update={
        "close": tuple(c for c in decisions.close if c != code),
        "convert_to_teaching_point": tuple(c for c in decisions.convert_to_teaching_point if c != code),
    })  # fmt: skip


def _assigned(cases: Cases, decisions: Decisions) -> Plan:
    assert cases.times is not None
    scenario = cases.scenario.model_copy(update={"decisions": decisions})
    return assign(cases.after.county, cases.times, scenario)


def _instead(cases: Cases, base: Plan, code: str, decisions: Decisions) -> Plan:
    """Assign the pupils with another decision on one school.

    Where seats are not asked, nobody's way depends on another's: only those who can reach the school are sent anew.
    """
    if cases.scenario.assign.method != "nearest":
        return _assigned(cases, decisions)
    county, demand = cases.after.county, cases.after.county.demand
    assert demand is not None
    near = _reaching(cases, code)
    some = replace(county, demand=demand[demand["demand_id"].astype(str).isin(near)])
    scenario = cases.scenario.model_copy(update={"decisions": decisions})
    part = assign(some, cases.times_from(near), scenario)
    rest = base.assignment[~base.assignment["demand_id"].astype(str).isin(near)]
    return replace(part, county=county, assignment=pd.concat([rest, part.assignment], ignore_index=True))


def _reaching(cases: Cases, code: str) -> set[str]:
    """Name the demand points from which a school is in reach by any mode."""
    found: set[str] = set()
    for matrix in (cases.times or {}).values():
        here = matrix.indices == matrix.site_positions([code])[0]
        found.update(matrix.origin_id[matrix.rows[here]].astype(str))
    return found


def _daily_minutes(plan: Plan) -> float:
    """Sum one-way minutes over the pupils who travel daily."""
    day = plan.assignment[plan.assignment["mode"].isin(DAY_MODES)]
    return float(np.dot(day["pupils"].to_numpy(np.float64), day["minutes"].to_numpy(np.float64)))


def _comparable(cases: Cases) -> Plan:
    """Give the plan assigned as the other options are: where the optimiser sent the pupils, they are sent anew."""
    return cases.after if cases.prices is None else _assigned(cases, cases.scenario.decisions)


def _as_planned(own: Mapping[Hashable, Any]) -> dict[str, float]:
    """Take what the plan itself does from its impact, so that both are one number."""
    same = ("walkers", "riders", "boarders", "far_young", "beyond")
    return {"minutes": own["minutes_after"], "minutes_max": own["minutes_max_after"], **{n: int(own[n]) for n in same}}


def _ways(plan: Plan, units: pd.Series) -> dict[str, float]:
    """Measure the ways of some pupils (``units``: persons by demand point and band) under a plan."""
    rows = plan.assignment.set_index(_UNIT)
    rows = rows.loc[rows.index.isin(units.index)].reset_index()
    whole = rows.groupby(_UNIT)["pupils"].transform("sum")
    share = units.reindex(pd.MultiIndex.from_frame(rows[_UNIT])).to_numpy(np.float64)
    weight = pd.Series(rows["pupils"].to_numpy(np.float64) * share / whole.to_numpy(np.float64), index=rows.index)
    day = rows["mode"].isin(DAY_MODES)
    minutes = rows["minutes"].astype("float64")
    young = rows["band"] == GradeBand.G1_3.value
    known = bool(day.any())
    modes = weight.groupby(rows["mode"]).sum().reindex(["walk", "ride", "board", "none"], fill_value=0.0)
    walkers, riders, boarders, _ = (int(n) for n in whole_persons(modes.to_numpy(np.float64)))
    return {
        "minutes": round(float(np.average(minutes[day], weights=weight[day])), 1) if known else np.nan,
        "minutes_max": round(float(minutes[day].max()), 1) if known else np.nan,
        "walkers": walkers, "riders": riders, "boarders": boarders,
        "far_young": persons_of(weight[day & young & (minutes > _HALF_HOUR)]),
        "beyond": persons_of(weight[day & ~rows["within_limit"].astype(bool)]),
    }  # fmt: skip
