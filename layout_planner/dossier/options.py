"""What else could be done with a school that the plan closes or converts: keep it, or keep its lower grades."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign import assign
from layout_planner.columns_dossier import CASE_OPTIONS
from layout_planner.dossier.cases import CLOSE, Cases, persons_of
from layout_planner.grades import GradeBand
from layout_planner.measures.capacity import seats_short
from layout_planner.measures.commute import DAY_MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layout_planner.config.scenario import Decisions
    from layout_planner.plan import Plan

__all__ = ["case_options"]

_HALF_HOUR = 30.0
_LOWER = 3
_UNIT = ["demand_id", "band"]


def case_options(cases: Cases) -> pd.DataFrame:
    """Compare, for every school concerned, keeping it with what the plan does (table ``case_options``).

    The other decisions of the plan stay; pupils are assigned anew. Without travel times there is nothing to compare.
    """
    names = [name for name in CASE_OPTIONS.names if name != "ref"]
    if cases.times is None:
        return pd.DataFrame(columns=names)
    total = _daily_minutes(cases.after)
    rows = []
    for code in cases.decided:
        moved = cases.moved_from(code)
        if moved.empty:
            continue
        units = moved.groupby(_UNIT, sort=True)["pupils"].sum()
        for label, plan in _plans(cases, code):
            rows.append(
                {"school_id": code, "name": cases.name_of(code), "option": label,
                 "pupils": int(cases.moves.loc[cases.moves["school_id"] == code, "pupils"].sum()),
                 "seats_short": round(float(seats_short(plan.schools, plan.assignment).sum())),
                 "people_minutes": round(2 * (_daily_minutes(plan) - total))}
                | _ways(plan, units)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _plans(cases: Cases, code: str) -> Iterator[tuple[str, Plan]]:
    """Give the plans to compare: the school kept, its lower grades kept, and the plan itself."""
    decisions = cases.scenario.decisions
    yield "保留该校", _assigned(cases, _kept(decisions, code))
    low, high = (
        int(cases.before.schools.set_index("school_id").loc[code, name]) for name in ("grade_from", "grade_to")
    )
    if cases.decided[code] == CLOSE and low == 1 and high > _LOWER:
        kept = _kept(decisions, code)
        convert = tuple(sorted({*kept.convert_to_teaching_point, code}))
        yield "改为教学点", _assigned(cases, kept.model_copy(update={"convert_to_teaching_point": convert}))
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


def _daily_minutes(plan: Plan) -> float:
    """Sum one-way minutes over the pupils who travel daily."""
    day = plan.assignment[plan.assignment["mode"].isin(DAY_MODES)]
    return float(np.dot(day["pupils"].to_numpy(np.float64), day["minutes"].to_numpy(np.float64)))


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
    return {
        "minutes": round(float(np.average(minutes[day], weights=weight[day])), 1) if known else np.nan,
        "minutes_max": round(float(minutes[day].max()), 1) if known else np.nan,
        "walkers": persons_of(weight[rows["mode"] == "walk"]), "riders": persons_of(weight[rows["mode"] == "ride"]),
        "boarders": persons_of(weight[rows["mode"] == "board"]),
        "far_young": persons_of(weight[day & young & (minutes > _HALF_HOUR)]),
        "beyond": persons_of(weight[day & ~rows["within_limit"].astype(bool)]),
    }  # fmt: skip
