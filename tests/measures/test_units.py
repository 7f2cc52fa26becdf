"""What grouping cells costs: the walk to the nearest school from cell and unit."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import layout_planner as lp
from layout_planner.columns import UNITS
from layout_planner.config.scenario import Scenario
from layout_planner.demand.units import group_cells
from layout_planner.errors import LayoutError
from layout_planner.io.county import County
from layout_planner.measures import measure_units, unit_loss
from tests.demand.test_units import at, county, draw

ROAD = draw({1: (0, 0), 2: (4000, 0)}, [([1, 2], {})])


def case() -> County:
    """Make cells at 0, 110 and 2,000 m of a road, with schools at 1,000 and 1,200 m; the first walks 55 m a minute."""
    given = county(at((0, 0), (110, 0), (2000, 0)), [3.0, 9.0, 12.0], ROAD)
    schools = gpd.GeoDataFrame(
        {"school_id": ["s1", "s2"], "name": ["一小", "九年制"], "tier": ["village_primary", "nine_year"],
         "township_id": ["t1", "t1"], "township": ["t1镇", "t1镇"], "status": ["active", "active"],
         "grade_from": [1, 1], "grade_to": [6, 9], "rooms": [6, 9], "seats": [270, 400], "seats_primary": [270, 270],
         "seats_junior": [0, 130], "beds": [0, 0]},
        geometry=shapely.points(at((1000, 0), (1200, 0))), crs=given.crs,
    )  # fmt: skip
    return replace(given, schools=schools)


def scenario(**demand: object) -> Scenario:
    return Scenario.model_validate({"name": "试", "data": {}, "demand": {"unit_min_pupils": 0.0} | demand})


def test_the_loss_is_the_difference_of_the_walks_weighted_by_pupils() -> None:
    table = unit_loss(case(), scenario(), (300.0,)).set_index("band")
    assert table["units"].tolist() == [2] * 4
    first = table.loc["G1-3"]  # 110 m at 55 m a minute for 1 of 8 pupils; the rest live at the centres
    assert first["pupils"] == pytest.approx(8)
    assert first["error_mean"] == pytest.approx(2 / 8, abs=0.002)
    assert first["error_p95"] == first["error_max"] == pytest.approx(2.0, abs=0.01)
    assert first["minutes_cells"] - first["minutes_units"] == pytest.approx(2 / 8, abs=0.002)
    assert first["moved"] == 0
    assert table.loc["all", "pupils"] == pytest.approx(24)


def test_schools_that_are_closed_or_do_not_teach_the_band_do_not_count() -> None:
    closed = Scenario.model_validate(
        scenario().model_dump(exclude={"data"}) | {"data": {}, "decisions": {"close": ["s1"]}}
    )
    before, after = (unit_loss(case(), s, (300.0,)).set_index("band")["minutes_cells"] for s in (scenario(), closed))
    assert before["G1-3"] < after["G1-3"]
    assert before["G7-9"] == after["G7-9"]


def test_pupils_whose_nearest_school_or_limit_changes_are_counted() -> None:
    given = case()
    near = replace(
        given, schools=given.schools.assign(grade_to=[9, 9]).set_geometry(shapely.points(at((0, 0), (990, 0))))
    )
    table = unit_loss(
        replace(near, demand=county(at((480, 0), (510, 0)), [1.0, 9.0], ROAD).demand), scenario(), (300.0,)
    )
    whole = table.set_index("band").loc["all"]
    assert whole["moved"] == pytest.approx(1)
    assert whole["moved_share"] == pytest.approx(0.1)
    tight = Scenario.model_validate({"name": "试", "data": {}, "demand": {"unit_min_pupils": 0.0},
                                     "travel": {"walk_limit_min": {"G1-3": 17.0}}})  # fmt: skip
    first = unit_loss(case(), tight, (300.0,)).set_index("band").loc["G1-3"]  # 18.2 min from 0 m, 16.2 from 110 m
    assert first["within_cells"] == pytest.approx(7 / 8)
    assert first["within_units"] == 1.0
    assert first["within_change"] == pytest.approx(1 / 8)


def test_a_grouped_county_is_measured_and_says_so() -> None:
    grouped, _ = group_cells(case(), scenario(unit_radius_m=300.0))
    measured = measure_units(grouped, scenario(unit_radius_m=300.0))
    assert measured.unit_loss is not None
    pd.testing.assert_frame_equal(measured.unit_loss, unit_loss(case(), scenario(), (300.0,)))
    assert list(measured.unit_loss.columns) == list(UNITS.names)
    assert [f.code for f in measured.checks] == ["units_loss"]
    assert "平均差 0.2 分钟" in measured.checks[0].what.zh
    assert measure_units(case(), scenario()).unit_loss is None


def test_the_curve_rises_with_the_radius_from_nought() -> None:
    given = case()
    xy = at(*[(40.0 * i, 0.0) for i in range(100)])
    given = replace(given, demand=county(xy, np.ones(100).tolist(), ROAD).demand)
    curve = lp.unit_loss(given, scenario(), (1.0, 100.0, 400.0, 1500.0)).query("band == 'all'")
    assert curve["error_mean"].iloc[0] == 0
    assert curve["error_mean"].is_monotonic_increasing
    assert curve["units"].is_monotonic_decreasing


def test_a_county_of_villages_has_nothing_to_compare() -> None:
    given = case()
    assert given.demand is not None
    with pytest.raises(LayoutError, match=r"没有人口栅格|no cells"):
        unit_loss(replace(given, demand=given.demand.assign(kind="village")), scenario())
