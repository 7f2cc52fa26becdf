"""Isochrones: as far as one gets, ring by ring, without gaps or overlaps."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import NetworkError
from layout_planner.travel import ride_profile, walk_profile
from layout_planner.travel.isochrones import NEAREST, isochrones
from tests.travel.coverage_checks import PACE, assert_coverage, far_from_borders, inside, nearest_by_matrix, row_of
from tests.travel.random_roads import random_roads
from tests.travel.road_builders import ORIGIN, at, draw

WALK = walk_profile("walk", 6.0)  # 100 m a minute
X, Y = ORIGIN
LONG = draw({1: (-3000, 0), 2: (3000, 0)}, [((1, 2), {})])
EASY = {"snap_limit_m": 2000.0, "access_speed_kmh": 3.0, "access_detour": 1.0}  # 50 m a minute


def ring_of(frame, *points) -> list[float]:
    row = row_of(frame, at(*points))
    return np.where(row >= 0, frame["to_min"].to_numpy()[row], np.nan).tolist()


def test_rings_on_a_straight_road_are_rhombs():
    rings = isochrones(LONG, WALK, ["s"], at((0, 0)), **EASY)
    assert_coverage(rings)
    assert rings["site_id"].tolist() == [NEAREST] * 5
    assert rings["from_min"].tolist() == [0, 5, 10, 15, 20]
    assert rings["to_min"].tolist() == [5, 10, 15, 20, 30]
    within = np.cumsum(rings.area.to_numpy())
    assert within == pytest.approx([2 * (100 * t) * (50 * t) for t in (5, 10, 15, 20, 30)], rel=0.01)
    assert rings.geometry.iloc[1].interiors[0].equals(shapely.LinearRing(rings.geometry.iloc[0].exterior))
    assert rings.crs == LONG.crs


def test_a_home_off_the_road_loses_the_minutes_to_it_and_the_wait():
    rings = isochrones(LONG, WALK, ["s"], at((0, 100)), (3, 6), **EASY)  # the school is 2 minutes off the road
    assert ring_of(rings, (80, 0), (120, 0), (390, 0), (410, 0), (0, 45), (0, 60)) == pytest.approx(
        [3, 6, 6, np.nan, 3, 6], nan_ok=True
    )
    bus = ride_profile("bus", wait_min=7)
    ride = isochrones(LONG, bus, ["s"], at((0, 0)), (5, 10), **EASY)
    assert ride["from_min"].tolist() == [5]


def test_the_snap_limit_ends_the_rings():
    rings = isochrones(LONG, WALK, ["s"], at((0, 0)), (30,), **EASY | {"snap_limit_m": 200.0})
    assert shapely.bounds(rings.geometry.iloc[0])[[1, 3]] - Y == pytest.approx([-200, 200], abs=2)


def test_nobody_crosses_the_river_off_the_road():
    banks = draw({1: (0, 0), 2: (2000, 0), 3: (2000, 200), 4: (0, 200)}, [((1, 2, 3, 4), {})])
    rings = isochrones(banks, WALK, ["s"], at((0, 0)), (5, 10, 60), **EASY)
    assert_coverage(rings)
    assert ring_of(rings, (0, 90), (0, 110), (450, 0), (450, 200)) == [5, 60, 5, 60]


def test_one_way_streets_make_there_and_back_differ():
    ring = draw({1: (0, 0), 2: (900, 0), 3: (900, 900), 4: (0, 900)}, [((1, 2, 3, 4, 1), {"oneway": "yes"})])
    bus = ride_profile("bus")
    to = isochrones(ring, bus, ["s"], at((0, 0)), (1, 2, 9), **EASY)
    back = isochrones(ring, bus, ["s"], at((0, 0)), (1, 2, 9), direction="from_site", **EASY)
    assert ring_of(to, (100, 0), (0, 100)) == [9, 1]
    assert ring_of(back, (100, 0), (0, 100)) == [1, 9]


def test_by_site_each_has_its_own_rings_and_together_the_nearest():
    sites = at((-700, 0), (700, 0))
    each = isochrones(LONG, WALK, ["b", "a"], sites, (5, 10), per_site=True, **EASY)
    assert each[["site_id", "to_min"]].to_numpy().tolist() == [["b", 5], ["b", 10], ["a", 5], ["a", 10]]
    for _, rings in each.groupby("site_id"):
        assert_coverage(rings)
    both = isochrones(LONG, WALK, ["b", "a"], sites, (5, 10), **EASY)
    union = shapely.union_all(each.geometry.to_numpy())
    assert shapely.symmetric_difference(shapely.union_all(both.geometry.to_numpy()), union).area < 0.01 * union.area


def test_rings_stop_at_the_boundary_and_the_rest_can_be_shown():
    county = shapely.box(X - 400, Y - 300, X + 2500, Y + 900)
    rings = isochrones(LONG, WALK, ["s"], at((0, 0)), boundary=county, **EASY)
    assert_coverage(rings)
    assert shapely.difference(shapely.union_all(rings.geometry.to_numpy()), county).area < 1e-3
    full = isochrones(LONG, WALK, ["s"], at((0, 0)), boundary=county, beyond=True, **EASY)
    assert_coverage(full, county)
    assert full["to_min"].tolist() == [5, 10, 15, 20, 30, np.inf]
    assert full["from_min"].iloc[-1] == 30


def test_nothing_in_reach_gives_an_empty_table():
    none = isochrones(LONG, WALK, ["s"], at((90_000, 0)), **EASY)
    assert len(none) == 0
    assert list(none.columns) == ["site_id", "from_min", "to_min", "geometry"]
    assert none.crs == LONG.crs


@pytest.mark.parametrize("breaks", [(), (0, 5), (5, 5), (10, 5), (5, np.inf), (np.nan,)])
def test_wrong_breaks_are_refused(breaks):
    with pytest.raises(NetworkError):
        isochrones(LONG, WALK, ["s"], at((0, 0)), breaks, **EASY)


def test_the_rest_needs_a_boundary():
    with pytest.raises(NetworkError):
        isochrones(LONG, WALK, ["s"], at((0, 0)), beyond=True, **EASY)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([WALK, ride_profile("ride", wait_min=3)]), st.integers(1, 4))
def test_rings_of_random_roads_tile_the_area_as_the_matrix_says(seed: int, profile, n_sites: int):
    network, rng = random_roads(seed), np.random.default_rng(seed)
    sites, ids = at(*rng.uniform(0, 4000, (n_sites, 2))), [f"s{i}" for i in range(n_sites)]
    area = shapely.Point(X + 2000, Y + 2000).buffer(2300, quad_segs=3)
    rings = isochrones(network, profile, ids, sites, boundary=area, beyond=True, **PACE)
    assert_coverage(rings, area)
    points = inside(area, 1500, seed)
    points = points[far_from_borders(rings, points, 25)]
    truth = nearest_by_matrix(network, profile, ids, sites, points)[0]
    row = row_of(rings, points)
    low, high = rings["from_min"].to_numpy()[row], rings["to_min"].to_numpy()[row]
    assert ((truth >= low) & (truth <= high)).mean() >= 0.98
