"""Districts of a county: townships or schools, their lead schools, tables, and what cannot be made."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, box

from layout_planner.assign import assign
from layout_planner.assign import districts as made_of
from layout_planner.assign.districts import district_units, make_districts
from layout_planner.errors import ScenarioError
from layout_planner.plan import Plan
from tests.small_county import CRS_M, X0, Y0, county, scenario, times

BESIDE = {"T1": 0, "T2": 1, "T3": 2, "T4": 3}


def plan_of(monkeypatch, **asked) -> Plan:
    """Make a county of four square townships in a row, 10 minutes from each to the next, a school in each."""
    monkeypatch.setattr(made_of, "_minutes", lambda _, units: _steps(units))
    small = county(beds={})
    squares = [box(X0 + k * 3000, Y0 - 500, X0 + (k + 1) * 3000, Y0 + 500) for k in range(4)]
    named = {"township_id": list(BESIDE), "name": ["甲乡", "乙乡", "丙乡", "丁乡"]}
    townships = gpd.GeoDataFrame(named, geometry=squares, crs=CRS_M)
    schools = small.schools.assign(township_id=list(BESIDE), teachers=[10, 10, 12, 8])
    schools = schools.set_geometry([Point(X0 + 1500 + k * 3000, Y0) for k in range(4)], crs=CRS_M)
    block = scenario(districts=asked)
    plan = assign(replace(small, townships=townships, schools=schools), times(), block)
    everywhere = pd.DataFrame({"school_id": ["S1", "S2", "S3", "S4"], "pupils": [100.0, 100.0, 120.0, 80.0]})
    return replace(plan, assignment=everywhere)


def _steps(units):
    spot = units.geometry.x.to_numpy()
    return np.abs(np.subtract.outer(spot, spot)) / 300


def test_four_townships_make_two_pairs(monkeypatch):
    made = make_districts(plan_of(monkeypatch, count=2, tolerance=0.1))
    assert made.districts["members"].tolist() in (["甲乡、乙乡", "丙乡、丁乡"], ["乙乡、甲乡", "丙乡、丁乡"])
    assert made.districts["pupils"].tolist() == [200, 200]
    assert made.districts["pupils_apart"].tolist() == pytest.approx([0, 0])
    assert made.districts["schools"].tolist() == [2, 2]
    assert made.districts["minutes_max"].tolist() == [10, 10]
    assert made.result.status == "optimal"
    assert made.areas.geometry.area.tolist() == [6e6, 6e6]


def test_every_school_stands_once_in_the_list_and_a_lead_leads_each_district(monkeypatch):
    made = make_districts(plan_of(monkeypatch, count=2, tolerance=0.1))
    assert sorted(made.schools["school_id"]) == ["S1", "S2", "S3", "S4"]
    assert made.schools.groupby("district")["is_lead"].sum().tolist() == [1, 1]
    assert made.units.groupby("district")["is_centre"].sum().tolist() == [1, 1]


def test_schools_can_be_the_units(monkeypatch):
    made = make_districts(plan_of(monkeypatch, count=4, unit="school", tolerance=0.5))
    assert made.districts["units"].tolist() == [1, 1, 1, 1]
    assert made.areas.geometry.geom_type.unique().tolist() == ["Point"]


def test_the_lead_of_a_township_is_its_central_school_before_larger_ones(monkeypatch):
    plan = plan_of(monkeypatch, count=1)
    plan.schools["township_id"] = "T1"
    units, schools = district_units(plan)
    assert units.set_index("unit_id")["lead_id"].to_dict() == {"T1": "S2", "T2": "", "T3": "", "T4": ""}
    assert units["schools"].tolist() == [4, 0, 0, 0]
    assert schools["unit_id"].unique().tolist() == ["T1"]


def test_a_school_without_a_township_code_belongs_where_it_stands(monkeypatch):
    plan = plan_of(monkeypatch, count=1)
    plan.schools["township_id"] = ["", None, "T9", "T4"]
    assert district_units(plan)[1]["unit_id"].tolist() == ["T1", "T2", "T3", "T4"]


def test_what_cannot_be_balanced_says_what_could(monkeypatch):
    with pytest.raises(ScenarioError, match=r"tolerance 改为 0\.50"):
        make_districts(plan_of(monkeypatch, count=3, tolerance=0.2, balance=("pupils",)))


def test_more_districts_than_units_are_refused(monkeypatch):
    with pytest.raises(ScenarioError, match="可组合的单元只有 4 个"):
        make_districts(plan_of(monkeypatch, count=5))


def test_townships_that_touch_in_a_corner_are_no_neighbours(monkeypatch):
    plan = plan_of(monkeypatch, count=2, tolerance=0.1)
    moved = plan.county.townships.copy()
    moved.loc[1, "geometry"] = box(X0 + 3000, Y0 + 500, X0 + 6000, Y0 + 1500)
    plan = replace(plan, county=replace(plan.county, townships=moved))
    with pytest.raises(ScenarioError):
        make_districts(plan)


def test_schools_in_line_or_at_one_place_are_neighbours():
    line = np.column_stack([np.arange(4.0), np.zeros(4)])
    assert made_of._triangulated(line).tolist() == [[0, 1], [1, 2], [2, 3]]
    square = np.array([[0.0, 0], [0, 9], [9, 0], [9, 9], [9, 9]])
    pairs = made_of._triangulated(square)
    assert set(pairs.ravel().tolist()) == {0, 1, 2, 3, 4}
    assert LineString(square).length > 0


def test_twenty_three_townships_become_seven_districts(monkeypatch):
    # The seeds' case: 23 townships into 7. Squares in rows of five, a school in each, minutes by the straight way.
    monkeypatch.setattr(made_of, "_minutes", lambda _, units: _straight(units))
    rng, small = np.random.default_rng(7), county(beds={})
    corners = [(k % 5, k // 5) for k in range(23)]
    squares = [box(X0 + x * 3000, Y0 + y * 3000, X0 + (x + 1) * 3000, Y0 + (y + 1) * 3000) for x, y in corners]
    codes = [f"T{k:02d}" for k in range(23)]
    townships = gpd.GeoDataFrame({"township_id": codes, "name": codes}, geometry=squares, crs=CRS_M)
    schools = pd.concat([small.schools.iloc[[1]]] * 23, ignore_index=True).assign(
        school_id=[f"S{k:02d}" for k in range(23)], name=[f"{code}中心小学" for code in codes], township_id=codes,
        teachers=rng.integers(20, 40, 23), geometry=[square.centroid for square in squares],
    )  # fmt: skip
    asked = scenario(districts={"count": 7, "tolerance": 0.3, "time_limit_s": 2})
    plan = assign(small, times(), asked)
    pupils = pd.DataFrame({"school_id": schools["school_id"], "pupils": rng.integers(300, 600, 23).astype(float)})
    plan = replace(
        plan, county=replace(plan.county, townships=townships), assignment=pupils,
        schools=schools.assign(is_open=True),
    )  # fmt: skip
    plan = replace(plan, county=replace(plan.county, schools=schools))
    made = make_districts(plan)
    assert len(made.districts) == 7
    assert sorted(made.units["unit_id"]) == codes
    assert made.schools.groupby("district")["is_lead"].sum().tolist() == [1] * 7
    assert made.districts[["pupils_apart", "teachers_apart"]].abs().max(axis=None) <= 0.3 + 1e-9
    # Every district is one piece, though it was made of squares that may touch in corners.
    assert set(made.areas.geometry.geom_type) == {"Polygon"}
    assert made.areas.geometry.area.sum() == pytest.approx(23 * 9e6)


def _straight(units):
    spots = np.column_stack([units.geometry.x, units.geometry.y])
    return np.linalg.norm(spots[:, None] - spots, axis=2) / 300
