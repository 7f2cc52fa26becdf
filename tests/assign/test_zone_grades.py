"""Zones under seats by grade: three units in a row, a school at each end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layout_planner.assign.zone_drawing import Drawing, draw_layer
from layout_planner.assign.zone_faults import zone_faults
from layout_planner.assign.zone_grades import Grades, StageGrades
from layout_planner.assign.zones import draw_zones
from layout_planner.config.zoning import Zoning
from layout_planner.grades import Stage
from tests.small_county import county, scenario, times

ZONES = (("S1",), ("S2",))
PUPILS = np.zeros((3, 9))
PUPILS[:, 0] = 5, 10, 5
PUPILS[:, 1] = 5, 0, 5
SEATS = np.full((2, 9), 10.0)


def drawing(grades: Grades | None) -> Drawing:
    """Make three units in a row, the middle one nearer to the school at the left."""
    bands = PUPILS.reshape(3, 3, 3).sum(axis=2)
    minutes = np.array([[1.0, 9.0], [2.0, 3.0], [9.0, 1.0]])
    frame = gpd.GeoDataFrame({"township_id": ["T"] * 3, "name": ["甲", "乙", "丙"]})
    units = SimpleNamespace(
        frame=frame, unit_id=np.array(["A", "B", "C"], dtype=object), pairs=np.array([[0, 1], [1, 2]]),
        border_m=np.ones(2), at=lambda points: np.array([0 if p.x < 1 else 2 for p in points]),
    )  # fmt: skip
    ways = SimpleNamespace(
        pupils=bands, school_id=np.array(["S1", "S2"], dtype=object),
        costs=lambda sends, groups, seats: minutes * (bands * sends).sum(axis=1)[:, None],
    )  # fmt: skip
    schools = gpd.GeoDataFrame(
        {"school_id": ["S1", "S2"], "name": ["东小学", "西小学"], "seats_primary": [60, 60]},
        geometry=[shapely.Point(0, 0), shapely.Point(2, 0)],
    )
    return Drawing(cast("Any", units), cast("Any", ways), schools, Zoning(time_limit_s=2), grades=grades)


def drawn(grades: Grades | None) -> list[int]:
    sends = np.array([[True, True, False]] * 3)
    groups = (ZONES, np.array([60.0, 60.0]), np.array([0, 2]))
    return draw_layer(drawing(grades), "primary", groups, sends)[0].zone.tolist()


def test_a_zone_takes_no_unit_whose_grade_has_no_seats_left() -> None:
    assert drawn(None) == [0, 0, 1]
    seats = SEATS.copy()
    seats[1, 0] = 15
    assert drawn(Grades(np.array(["S1", "S2"], dtype=object), PUPILS, seats)) == [0, 1, 1]


def test_where_no_zones_hold_every_grade_those_with_fewest_beyond_count() -> None:
    grades = Grades(np.array(["S1", "S2"], dtype=object), PUPILS, SEATS)
    zone = np.array(drawn(grades))
    stage = grades.of(Stage.PRIMARY, ZONES, np.ones((3, 3), dtype=bool))
    assert stage.beyond(zone).sum() == 5


def test_room_keeps_every_grade_within_its_seats_where_ages_are_mixed_alike() -> None:
    stage = StageGrades((1, 2), np.array([[10.0, 30.0], [5.0, 15.0]]), np.array([[10.0, 12.0], [40.0, 90.0]]))
    assert stage.room().tolist() == [16.0, 120.0]
    assert stage.load(np.array([0, 0])).tolist() == [[15.0, 45.0], [0.0, 0.0]]
    assert stage.beyond(np.array([0, 0])).tolist() == [[5.0, 33.0], [0.0, 0.0]]
    assert stage.tightened(np.array([60.0, 120.0]), np.array([0, 0])) == pytest.approx([16.0, 120.0], rel=1e-5)


def test_zones_of_a_county_say_which_grades_lack_seats_and_their_plan_knows_the_grades() -> None:
    case = scenario(assign={"method": "capacitated", "seats_by": "grade"})
    small = county(seats={"S2": 132})
    zones = draw_zones(small, times(), case)
    told = [flaw for flaw in zone_faults(zones) if flaw.code == "zone_grade_overfull"]
    assert [flaw.subject for flaw in told] == ["柳镇中心小学"]
    plan = zones.plan()
    assert plan.grades is not None
    assert plan.grades["pupils"].sum() == pytest.approx(plan.assignment["pupils"].sum())
    loads = plan.tables.grade_loads.query("school_id == 'S2'")
    assert loads["beyond"].sum() > 0
    assert loads["pupils"].sum() == pytest.approx(132.0)
