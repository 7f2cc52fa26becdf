"""Every figure of the small county, worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from layout_planner import columns
from layout_planner.assign import assign
from layout_planner.measures import INDICATORS, moves, tables
from layout_planner.measures.capacity import attended_under
from tests.small_county import county, scenario, times


@pytest.fixture(scope="module")
def plan():
    return assign(county(), times(), scenario(), label="现状")


@pytest.fixture(scope="module")
def merged():
    return assign(county(), times(), scenario(decisions={"close": ("S1",)}), label="合并", parent="现状")


def values(plan):
    return plan.indicators.set_index("indicator")["value"]


def test_every_table_has_exactly_the_registry_s_columns(plan):
    result = tables(plan)
    for name, frame in (("indicators", result.indicators), ("commute", result.commute),
                        ("village_results", result.villages), ("township_results", result.townships),
                        ("class_results", result.classes)):  # fmt: skip
        assert tuple(frame.columns) == columns.table(name).names
    assert tuple(result.schools.columns) == (*columns.PLAN_SCHOOLS.names, "geometry")


def test_county_indicators(plan):
    got = values(plan)
    want = {
        "pupils": 288, "assigned": 288, "unassigned": 0, "walking": 264, "riding": 24, "boarding": 0,
        "minutes_mean": 4413.986 / 288, "minutes_median": 1000 / 65, "minutes_p90": 20, "minutes_p95": 4000 / 75,
        "minutes_max": 4000 / 75, "within_limit_share": 1, "nearest_share": 1, "g1_3_over_30": 0,
        "schools_open": 4, "schools_under_50": 1, "schools_under_100": 3, "classes": 16, "class_size_mean": 18,
        "class_size_max": 28, "classes_over_limit": 0, "classes_56_up": 0, "rooms_missing": 0,
        "seats": 270 + 540 + 300 + 30, "seats_gap": 1140 - 288, "seats_short": 0, "beds": 0, "beds_short": 0,
        "walking_share": 264 / 288,
    }  # fmt: skip
    for name, value in want.items():
        assert got[name] == pytest.approx(value, rel=1e-6), name


def test_indicators_are_labelled_in_both_languages(plan):
    frame = plan.indicators
    assert frame["indicator"].tolist() == list(INDICATORS)
    assert (frame["label"] != "").all()
    assert (frame["label_en"] != "").all()
    assert set(frame["better"]) <= {"low", "high", ""}


def test_commute_by_band_and_mode(plan):
    table = plan.tables.commute.set_index(["band", "mode"])
    assert len(table) == 16
    assert table.loc[("G4-6", "walk"), "pupils"] == 90
    assert table.loc[("G4-6", "all"), "pupils"] == 102
    assert table.loc[("G4-6", "ride"), "minutes_mean"] == pytest.approx(20)
    assert table.loc[("G7-9", "all"), "minutes_mean"] == pytest.approx((1280 + 640 + 240) / 84)
    assert table.loc[("all", "board"), "pupils"] == 0


def test_a_boarder_s_weekly_trip_is_not_a_daily_one():
    limits = {"ride_limit_min": {"G1-3": 30, "G4-6": 15, "G7-9": 15}}
    plan = assign(county(beds={"S2": 20, "S3": 20}), times(), scenario(travel=limits))
    table = plan.tables.commute.set_index(["band", "mode"])
    assert table.loc[("G4-6", "board"), ["pupils", "minutes_mean"]].tolist() == [12, 20]
    assert table.loc[("G4-6", "all"), "pupils"] == 90
    assert values(plan)["boarding"] == 24
    assert values(plan)["within_limit_share"] == 1
    assert values(plan)["day_within_limit_share"] == pytest.approx(264 / 288)


def test_schools_show_load_and_classes(plan):
    table = plan.tables.schools.set_index("school_id")
    row = table.loc["S2"]
    assert (row["pupils"], row["pupils_g1_3"], row["pupils_g4_6"], row["classes"]) == (132, 60, 72, 6)
    assert row["load"] == pytest.approx(132 / 540)
    assert row["seats_gap"] == 408
    assert table["classes_to_35"].tolist() == [6, 6, 3, 1]
    assert row["minutes_max"] == pytest.approx(20)


def test_a_teaching_point_with_one_room_is_one_combined_class(plan):
    table = plan.tables.classes
    mine = table[table["school_id"] == "S4"]
    assert mine["combined"].tolist() == ["1+2+3"] * 3
    assert mine["class_size"].tolist() == [12.0] * 3


def test_villages_and_townships(plan):
    villages = plan.tables.villages.set_index("village_id")
    assert villages.loc["V3", ["name", "township", "school_primary", "school_junior"]].tolist() == [
        "V3村", "岭乡", "柳镇中心小学", "柳镇初级中学"]  # fmt: skip
    # 12 pupils each at S2 and S4: a tie goes to the lower id.
    assert villages.loc["V3", "minutes_mean"] == pytest.approx(480 / 36)
    townships = plan.tables.townships.set_index("township_id")
    assert townships.loc["T1", ["schools", "seats", "seats_gap", "schools_under_100"]].tolist() == [3, 1110, 834, 2]
    assert townships.loc["T2", ["pupils", "schools_under_50"]].tolist() == [36, 1]


def test_pupils_are_the_same_in_every_table(plan, merged):
    for p in (plan, merged):
        result = p.tables
        total = p.assignment["pupils"].sum()
        assert result.villages["pupils"].sum() == pytest.approx(total)
        assert result.townships["pupils"].sum() == pytest.approx(total)
        assert result.schools["pupils"].sum() == pytest.approx(total - result.villages["unassigned"].sum())
        assert result.classes["pupils"].sum() == pytest.approx(result.schools["pupils"].sum())


def test_a_closed_school_stays_in_the_table_empty(merged):
    row = merged.tables.schools.set_index("school_id").loc["S1"]
    assert (row["is_open"], row["pupils"], row["classes"], row["seats_gap"]) == (False, 0, 0, 0)


def test_moves_name_villages_schools_and_minutes(plan, merged):
    table = moves(plan, merged)
    assert table[["village_id", "band", "pupils", "from_school", "to_school"]].to_numpy().tolist() == [
        ["V1", "G1-3", 30, "东村小学", "柳镇中心小学"], ["V1", "G4-6", 30, "东村小学", "柳镇中心小学"]]  # fmt: skip
    assert table["minutes_before"].tolist() == [0, 0]
    assert table["minutes_change"].tolist() == pytest.approx([18, 18])
    assert tuple(table.columns) == columns.MOVES.names


def test_a_plan_compared_with_itself_moves_nobody(plan):
    assert moves(plan, plan).empty


def test_pupils_without_a_school_are_counted_not_dropped():
    plan = assign(county(seats={"S1": 40, "S2": 100}), times(), scenario(assign={"method": "capacitated"}))
    got = values(plan)
    assert got["unassigned_no_seat"] == pytest.approx(34)
    assert got["assigned"] + got["unassigned"] == pytest.approx(288)


def test_nearest_may_overfill_and_says_by_how_many():
    plan = assign(county(seats={"S2": 100}, pupils={"V1": (0, 0, 0), "V2": (150, 156, 0), "V3": (0, 0, 0)}), times(),
                  scenario())  # fmt: skip
    got = values(plan)
    assert got["seats_short"] == pytest.approx(206)
    assert got["class_size_max"] == pytest.approx(26)


def test_fifty_pupils_less_a_rounding_error_are_not_under_fifty():
    assert attended_under(pd.Series([0.0, 49.0, 50 - 1e-12, 50.0]), 50).tolist() == [False, True, False, False]
