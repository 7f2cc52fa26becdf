from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from map_fakes import CRS_METRES, fake_plan, road_network

from layout_planner.columns import MOVES
from layout_planner.grades import GradeBand
from layout_planner.maps import compare_map, plan_map, travelled_of
from layout_planner.maps.travelled import roads_used

BOX = (500_000.0, 3_000_000.0)


@pytest.fixture(scope="module")
def street(county):
    """One road of 4 km from west to east: the school at its west end, two homes along it."""
    west, south = BOX
    line = shapely.LineString([(west, south), (west + 4000, south)])
    schools = county.schools.iloc[[0]].assign(grade_from=1, grade_to=6, seats=100, seats_primary=100, seats_junior=0)
    schools = schools.set_geometry(gpd.points_from_xy([west], [south]), crs=CRS_METRES)
    demand = county.demand.iloc[:2].assign(pupils_g1_3=[8.0, 2.0], pupils_g4_6=0.0, pupils_g7_9=0.0)
    demand = demand.set_geometry(gpd.points_from_xy([west + 500, west + 1000], [south, south]), crs=CRS_METRES)
    boundary = gpd.GeoDataFrame(geometry=[line.buffer(800)], crs=CRS_METRES)
    network = road_network(np.array([line], dtype=object), np.array(["unclassified"]))
    return dataclasses.replace(county, schools=schools, demand=demand, boundary=boundary, network=network)


def test_every_pupil_is_counted_on_the_roads_of_the_way(street):
    plan, _ = fake_plan(street)
    assert roads_used(plan, GradeBand.G1_3).tolist() == [10.0]
    assert roads_used(plan, GradeBand.G7_9).tolist() == [0.0]


def test_who_boards_or_has_no_school_is_on_no_road(street):
    plan, _ = fake_plan(street)
    rows = plan.assignment.assign(mode=["board", "walk"], school_id=[plan.assignment["school_id"].iloc[0], ""])
    assert roads_used(dataclasses.replace(plan, assignment=rows), GradeBand.G1_3).sum() == 0


def test_the_page_carries_busy_roads_and_rings_around_the_school(street):
    plan, tables = fake_plan(street)
    band = plan_map(plan, tables, travelled=True, privacy_min_pupils=5).payload["plans"][0]["bands"][0]
    assert [group["class"] for group in band["ways"]] == [1]
    assert [k for k, _ in band["rings"]] == sorted({k for k, _ in band["rings"]})
    assert len(band["rings"]) >= 3
    few = plan.assignment.assign(pupils=[1.0, 1.0])
    quiet = dataclasses.replace(plan, assignment=pd.DataFrame(few))
    assert plan_map(quiet, tables, travelled=True).payload["plans"][0]["bands"][0]["ways"] == []


def test_plans_share_the_roads_and_rings_that_are_the_same_in_both(street):
    plan, _ = fake_plan(street)
    one, other = travelled_of([plan, plan.relabel("again")], privacy=1)
    assert one.roads.equals(other.roads)
    assert one.rings.equals(other.rings)
    payload = plan_map([plan, plan.relabel("again")], travelled=[one, None]).payload
    assert payload["plans"][0]["bands"][0]["rings"]
    assert payload["plans"][1]["bands"][0]["rings"] == []


def test_a_comparison_shows_the_roads_and_rings_of_both(street):
    plan, tables = fake_plan(street)
    again = plan.relabel("again")
    moves = pd.DataFrame(columns=list(MOVES.names))
    shown = compare_map(plan, again, tables, tables, moves=moves, travelled=[None, travelled_of([again], 1)[0]])
    bands = [one["bands"][0] for one in shown.payload["plans"]]
    assert [bool(band["ways"]) for band in bands] == [False, True]


def test_a_stricter_map_leaves_out_the_classes_that_reach_below_it(street):
    plan, tables = fake_plan(street)
    kept = travelled_of([plan], privacy=1)
    assert kept[0].roads["pupils_from"].tolist() == [5.0]
    for privacy, shown in ((5, 1), (6, 0)):
        page = plan_map(plan, tables, travelled=kept, privacy_min_pupils=privacy)
        assert len(page.payload["plans"][0]["bands"][0]["ways"]) == shown
