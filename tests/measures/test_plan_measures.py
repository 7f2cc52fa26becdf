"""Equity, access, balance and provision of the small county, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layout_planner import columns
from layout_planner.assign import assign
from layout_planner.measures import (
    coefficient_of_variation,
    excess_over_optimum,
    gini,
    measure_access,
    theil,
)
from layout_planner.plan import Plan
from tests.small_county import conditions, county, scenario, times

TABLES = ("reach", "equity", "lorenz", "access", "balance", "balance_schools", "provision")
DAILY_MINUTES = 4413.986


@pytest.fixture(scope="module")
def plan() -> Plan:
    whole = county()
    whole = replace(whole, schools=whole.schools.assign(**conditions(), site_m2=[1200.0, 2640.0, 840.0, np.nan]))
    return measure_access(assign(whole, times(), scenario(), label="现状"), times())


@pytest.fixture(scope="module")
def bare() -> Plan:
    return replace(assign(county(), times(), scenario(), label="现状"), times=None)


def values(plan: Plan) -> pd.Series:
    return plan.indicators.set_index("indicator")["value"]


def test_every_table_has_exactly_the_registry_s_columns(plan: Plan, bare: Plan) -> None:
    for each in (plan, bare):
        for name in TABLES:
            assert tuple(getattr(each.tables, name).columns) == columns.table(name).names
    assert bare.tables.access.empty
    assert bare.tables.balance.empty
    assert np.isnan(values(bare)[["access_variation_primary", "balance_variation_primary"]]).all()


def test_a_plan_that_knows_its_times_measures_access_by_itself(plan: Plan) -> None:
    itself = assign(plan.county, times(), scenario(), label="现状")
    pd.testing.assert_frame_equal(itself.tables.access, plan.tables.access)
    pd.testing.assert_frame_equal(itself.indicators, plan.indicators)


def test_provision_by_hand(plan: Plan) -> None:
    table = plan.tables.provision.set_index("school_id")
    assert table["pupils"].tolist() == pytest.approx([60, 132, 84, 12])
    assert table["riders"].tolist() == pytest.approx([0, 12, 12, 0])
    assert table["buses"].tolist() == [0, 1, 1, 0]
    assert table["staff_needed"].tolist() == [11, 7, 7, 2]
    assert table["funds_yuan"].tolist() == pytest.approx([72_000, 132 * 720, 94_000, 72_000])
    assert table["floor_yuan"].tolist() == pytest.approx([40 * 720, 0, 16 * 940, 88 * 720])
    assert table["site_per_pupil"].tolist()[:3] == pytest.approx([20, 20, 10])
    found = values(plan)
    assert found[["staff_needed", "buses", "funds_yuan", "funds_floor_yuan"]].tolist() == pytest.approx([
        27, 2, 72_000 + 95_040 + 94_000 + 72_000, 28_800 + 15_040 + 63_360,
    ])  # fmt: skip


def test_closing_a_small_school_saves_its_floor(bare: Plan) -> None:
    merged = assign(county(), times(), scenario(decisions={"close": ("S1",)}), label="合并")
    assert values(bare)["funds_yuan"] - values(merged)["funds_yuan"] == pytest.approx(40 * 720)
    assert "S1" not in merged.tables.provision["school_id"].tolist()


def test_equity_is_that_of_the_trips(plan: Plan) -> None:
    trips, table = plan.assignment, plan.tables.equity.set_index(["quantity", "band"])
    whole = table.loc[("minutes", "all")]
    assert whole["mean"] == pytest.approx(DAILY_MINUTES / 288, rel=1e-6)
    assert whole["gini"] == pytest.approx(gini(trips["minutes"], trips["pupils"]))
    assert whole["theil"] == pytest.approx(theil(trips["minutes"], trips["pupils"]))
    assert whole["theil_between"] + whole["theil_within"] == pytest.approx(whole["theil"])
    young = table.loc[("minutes", "G1-3")]
    assert young["gini"] == pytest.approx(1 - 60 / 102)
    assert young["theil"] == pytest.approx(np.log(102 / 60))
    assert values(plan)["minutes_gini"] == pytest.approx(whole["gini"])


def test_the_curve_in_tenths_ends_at_the_whole(plan: Plan) -> None:
    for _, rows in plan.tables.lorenz.groupby("band"):
        assert rows["pupils_share"].tolist() == pytest.approx([k / 10 for k in range(1, 11)])
        assert rows["minutes_share"].iloc[-1] == pytest.approx(1.0)
        assert rows["tenth_share"].sum() == pytest.approx(1.0)


def test_coverage_counts_all_pupils(plan: Plan) -> None:
    whole = plan.tables.reach.set_index("band").loc["all"]
    assert whole["walk_share"] == pytest.approx(264 / 288)
    assert whole["day_share"] == whole["within_limit_share"] == pytest.approx(1.0)
    assert whole["to_60_share"] == pytest.approx(1.0)


def test_every_seat_in_reach_is_shared_out(plan: Plan) -> None:
    table = plan.tables.access.set_index(["stage", "township_id"])
    for stage, seats in (("primary", 270 + 540 + 30), ("junior", 300)):
        whole = table.loc[(stage, "")]
        assert whole["seats_per_pupil"] * whole["pupils"] == pytest.approx(seats)
        assert whole["seats_per_pupil_flat"] * whole["pupils"] == pytest.approx(seats)
        assert whole["relative"] == 1.0
        assert whole["out_of_reach"] == pytest.approx(0.0)
        towns = table.loc[stage].drop(index="")
        assert towns["pupils"].sum() == pytest.approx(whole["pupils"])
        assert towns["seats_per_pupil_flat"] @ towns["pupils"] == pytest.approx(seats)


def test_a_needless_ride_is_excess_over_either_least(plan: Plan) -> None:
    saved = 60 * (1000 / 55 - 16)  # D2's youngest walk to S2 by rule, while the ride to S1 is shorter
    assert values(plan)["excess_commute"] == 0.0
    assert values(plan)["excess_commute_seats"] == pytest.approx(saved / DAILY_MINUTES, rel=1e-5)
    rows = plan.assignment
    away = (rows["demand_id"] == "D1") & (rows["band"] == "G4-6")
    longer = rows.assign(
        school_id=rows["school_id"].mask(away, "S2"), mode=rows["mode"].mask(away, "ride"),
        minutes=rows["minutes"].mask(away, 18.0),
    )  # fmt: skip
    moved = replace(plan, assignment=longer)
    want = 30 * 18 / (DAILY_MINUTES + 30 * 18)
    both = (30 * 18 + saved) / (DAILY_MINUTES + 30 * 18)
    assert excess_over_optimum(moved, times()) == pytest.approx(both, rel=1e-5)
    assert values(replace(moved, access=None))["excess_commute"] == pytest.approx(want, rel=1e-6)


def test_overfull_schools_have_no_comparable_least() -> None:
    crowded = assign(county(seats={"S2": 100}), times(), scenario())
    assert np.isnan(excess_over_optimum(crowded, times()))
    seated = assign(county(seats={"S2": 100}), times(), scenario(assign={"method": "capacitated"}))
    assert excess_over_optimum(seated, times()) == pytest.approx(0.0, abs=1e-9)


def test_balance_is_measured_as_filed_and_as_planned(plan: Plan) -> None:
    table = plan.tables.balance.set_index(["basis", "standard", "stage", "indicator"])
    for basis in ("filed", "plan"):
        row = table.loc[(basis, "dd2017-6", "primary", "media_rooms_per_100")]
        assert row[["schools", "missing", "low", "high", "worst_school"]].tolist() == [2, 0, 400.0, 500.0, "东村小学"]
        want = coefficient_of_variation(pd.Series([4.0, 5.0]), pd.Series([60, 132]))
        assert row["variation"] == pytest.approx(want)
        assert (row["variation_limit"], row["verdict"], row["below"]) == (0.5, "met", 0)
        composite = table.loc[(basis, "dd2012-3", "primary", "composite")]
        assert (composite["variation_limit"], composite["verdict"]) == (0.65, "unknown")
        books = table.loc[(basis, "dd2012-3", "primary", "books_per_pupil")]
        assert (books["missing"], books["verdict"]) == (2, "")
    assert values(plan)["balance_variation_primary"] == pytest.approx(want)
    assert np.isnan(values(plan)["balance_composite_primary"])


def test_pupils_that_are_stated_in_all_and_not_by_grade_are_filed_too(plan: Plan) -> None:
    whole = county()
    grades = {f"enrol_g{g}": 0 for g in range(1, 10)}
    lumped = whole.schools.assign(**conditions() | grades, enrolment=[60, 132, 84, 12])
    found = assign(replace(whole, schools=lumped), times(), scenario()).tables.balance
    keys = ["basis", "standard", "stage", "indicator"]
    at = ("filed", "dd2017-6", "primary", "media_rooms_per_100")
    assert found.set_index(keys).loc[at, "variation"] == plan.tables.balance.set_index(keys).loc[at, "variation"]


def test_every_school_is_tested_against_the_norms(plan: Plan) -> None:
    table = plan.tables.balance_schools.set_index(["basis", "school_id"])
    assert table.index.get_level_values("school_id").unique().tolist() == ["S1", "S2", "S3"]
    village = table.loc[("plan", "S1")]
    assert village[["stage", "met", "unknown", "verdict"]].tolist() == ["primary", 4, 0, "missed"]
    assert village["lowest"] == "equipment_yuan_per_pupil"
    assert village["lowest_share"] == pytest.approx(4 / 2000)


def test_what_some_schools_do_not_state_leaves_the_verdict_open() -> None:
    whole = county()
    part = conditions() | {"media_rooms": [240.0, np.nan, 84.0, 12.0]}
    partly = assign(replace(whole, schools=whole.schools.assign(**part)), times(), scenario())
    table = partly.tables.balance.set_index(["basis", "standard", "stage", "indicator"])
    row = table.loc[("plan", "dd2017-6", "primary", "media_rooms_per_100")]
    assert row[["schools", "missing", "verdict"]].tolist() == [2, 1, "unknown"]
    assert np.isnan(values(partly)["balance_variation_primary"])


def test_a_county_without_an_open_school_is_measured_too() -> None:
    closed = assign(county(), times(), scenario(decisions={"close": ("S1", "S2", "S3", "S4")}))
    found = measure_access(closed, times()).tables
    assert found.provision.empty
    assert (found.access["seats_per_pupil"] == 0).all()
    assert (found.reach["within_limit_share"] == 0).all()
    assert found.indicators.set_index("indicator").loc["funds_yuan", "value"] == 0
