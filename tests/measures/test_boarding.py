"""Beds wanted by the rates of a scenario, beside the beds that there are."""

from __future__ import annotations

import pytest

from layout_planner.assign import assign
from layout_planner.columns import BOARDING
from layout_planner.measures.boarding import beds_wanted
from tests.small_county import county, scenario, times


def test_rates_times_pupils_stand_beside_the_beds_of_each_township() -> None:
    rates = scenario(demand={"boarding_rate": {"G4-6": 0.1, "G7-9": 0.5}})
    plan = assign(county(beds={"S2": 20, "S3": 30}), times(), rates)
    table = beds_wanted(plan)
    assert tuple(table.columns) == BOARDING.names
    assert table["name"].tolist() == ["柳镇", "岭乡", "全县"]
    assert table["boarders_g4_6"].tolist() == pytest.approx([9, 1.2, 10.2])
    assert table["boarders_g7_9"].tolist() == pytest.approx([36, 6, 42])
    assert table["beds"].tolist() == [50, 0, 50]
    assert table["beds_gap"].tolist() == pytest.approx([5, -7.2, -2.2])


def test_without_rates_there_is_no_table() -> None:
    assert beds_wanted(assign(county(), times(), scenario())).empty
