"""Assertions about plans, for tests here and elsewhere; each says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import ASSIGNMENT
from layout_planner.grades import GradeBand
from layout_planner.plan import demand_by_band, same_pupils

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["assert_aligned", "assert_plan_valid"]

_BANDS = {band.value: band for band in GradeBand}


def assert_plan_valid(plan: Plan, *, tolerance: float = 1e-6) -> None:
    """Check that a plan keeps every promise of its type.

    Pupils of every demand point and band are those of the county; they go only to open schools that teach them;
    seats by stage and beds are respected where the scenario says so; no pupils are negative; minutes are finite
    exactly where there is a school; whoever has none has a reason.

    Parameters
    ----------
    plan : Plan
        What is checked.
    tolerance : float
        Pupils by which a sum may be off.

    Raises
    ------
    AssertionError
        With the first promise that is broken and by what.
    """
    rows = plan.assignment
    assert list(rows.columns) == list(ASSIGNMENT.names), f"columns: {list(rows.columns)}"
    keys = ["demand_id", "band", "school_id", "mode"]
    assert not rows.duplicated(keys).any(), f"rows twice: {rows[rows.duplicated(keys)][keys].to_dict('records')[:3]}"
    assert (rows["pupils"] > 0).all(), f"pupils must be positive: {rows.loc[~(rows['pupils'] > 0), keys].head(3)}"
    _check_conserved(plan, tolerance)
    seated = rows[rows["school_id"] != ""]
    _check_schools(plan, seated)
    assert np.isfinite(seated[["minutes", "metres"]]).all(axis=None), "minutes and metres must be finite"
    assert (seated["reason"] == "").all(), "a seated pupil needs no reason"
    lost = rows[rows["school_id"] == ""]
    assert (lost["mode"] == "none").all(), "whoever has no school has mode 'none'"
    assert lost["minutes"].isna().all(), "whoever has no school has no minutes"
    assert lost["reason"].isin(["unreachable", "no_seat", "no_school"]).all(), "whoever has no school has a reason"
    if plan.scenario.assign.method == "capacitated":
        _check_room(plan, seated, tolerance)


def assert_aligned(*plans: Plan) -> None:
    """Check that plans speak of the same pupils and the same schools.

    Raises
    ------
    AssertionError
        With the labels of the first two plans that differ.
    """
    for other in plans[1:]:
        names = f"{plans[0].label!r} and {other.label!r}"
        assert same_pupils(plans[0], other), f"{names} do not speak of the same pupils"
        same = set(plans[0].schools["school_id"]) == set(other.schools["school_id"])
        assert same, f"{names} do not speak of the same schools"


def _check_conserved(plan: Plan, tolerance: float) -> None:
    demand = plan.county.demand
    assert demand is not None, "the county has no demand"
    columns = {band.pupils_column: band.value for band in GradeBand}
    long = demand.rename(columns=columns).melt("demand_id", list(columns.values()), "band", "pupils")
    want = long[long["pupils"] > 0].set_index(["demand_id", "band"])["pupils"]
    got = demand_by_band(plan)
    both = want.index.union(got.index)
    got = got.reindex(both).fillna(0.0)
    gap = (got - want.reindex(both).fillna(0.0)).abs()
    assert not (gap > tolerance).any(), f"pupils lost or made: {gap.nlargest(3).to_dict()}"


def _check_schools(plan: Plan, seated: pd.DataFrame) -> None:
    schools = plan.schools.set_index(plan.schools["school_id"].astype(str))
    unknown = sorted(set(seated["school_id"]) - set(schools.index))
    assert not unknown, f"schools that do not exist: {unknown}"
    opened = seated["school_id"].map(schools["is_open"]).astype(bool)
    assert opened.all(), f"pupils at schools that are not open: {sorted(set(seated.loc[~opened, 'school_id']))}"
    first = seated["band"].map({name: band.grades[0] for name, band in _BANDS.items()})
    last = seated["band"].map({name: band.grades[-1] for name, band in _BANDS.items()})
    teaches = (seated["school_id"].map(schools["grade_from"]) <= first) & (
        seated["school_id"].map(schools["grade_to"]) >= last
    )
    assert teaches.all(), f"pupils at schools that do not teach them: {sorted(set(seated.loc[~teaches, 'school_id']))}"
    young = seated["band"] == GradeBand.G1_3.value
    assert not (young & (seated["mode"] == "board")).any(), "grades 1-3 never board"


def _check_room(plan: Plan, seated: pd.DataFrame, tolerance: float) -> None:
    schools = plan.schools.set_index(plan.schools["school_id"].astype(str))
    stage = seated["band"].map({name: band.stage.value for name, band in _BANDS.items()})
    for name in sorted(set(stage)):
        load = seated[stage == name].groupby("school_id")["pupils"].sum()
        over = load - schools[f"seats_{name}"].reindex(load.index)
        assert (over <= tolerance).all(), f"{name} seats overfull: {over[over > tolerance].to_dict()}"
    boards = seated[seated["mode"] == "board"].groupby("school_id")["pupils"].sum()
    over = boards - schools["beds"].reindex(boards.index)
    assert (over <= tolerance).all(), f"beds overfull: {over[over > tolerance].to_dict()}"
