"""Network catchments: the border lies where two sites are equally near, and the pieces fill the area."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.config.loader import load_scenario
from layout_planner.errors import NetworkError
from layout_planner.run import read_county
from layout_planner.travel import ride_profile, walk_profile
from layout_planner.travel.coverage import UNREACHED, network_catchments
from tests.travel.coverage_checks import PACE, assert_coverage, far_from_borders, inside, nearest_by_matrix, row_of
from tests.travel.random_roads import random_roads
from tests.travel.road_builders import ORIGIN, at, draw

WALK = walk_profile("walk", 6.0)
RIDE = ride_profile("ride")
X, Y = ORIGIN
ARM = 1000.0
CROSS = draw(
    {0: (0, 0), 1: (ARM, 0), 2: (0, ARM), 3: (-ARM, 0), 4: (0, -ARM)},
    [((1, 0, 3), {}), ((2, 0, 4), {})],
)
SQUARE = shapely.box(X - 1200, Y - 1200, X + 1200, Y + 1200)
ROOT = Path(__file__).resolve().parents[2]


def site_at(frame: gpd.GeoDataFrame, *points: tuple[float, float]) -> list[str]:
    return frame["site_id"].to_numpy(dtype=object)[row_of(frame, at(*points))].tolist()


def test_the_border_crosses_a_road_at_the_break_even_point():
    areas = network_catchments(CROSS, WALK, ["west", "east"], at((-1000, 0), (600, 0)), SQUARE, **PACE)
    assert_coverage(areas, SQUARE)
    assert areas["site_id"].tolist() == ["east", "west"]
    road = shapely.LineString(at((-1100, 3), (1100, 3)))
    west = shapely.bounds(shapely.intersection(areas.geometry.iloc[1], road))
    assert west[2] - X == pytest.approx(-200, abs=2)
    assert site_at(areas, (0, 900), (0, -900), (900, 0), (-900, 0)) == ["east", "east", "east", "west"]
    halfway = shapely.LineString(at((-800, 400), (-400, 800)))
    assert shapely.length(shapely.intersection(areas.geometry.iloc[1], halfway)) == pytest.approx(
        np.hypot(200, 200), rel=0.05
    )


def test_four_sites_meet_in_the_middle():
    ends = at((ARM, 0), (0, ARM), (-ARM, 0), (0, -ARM))
    areas = network_catchments(CROSS, WALK, list("enws"), ends, SQUARE, simplify_m=0, **PACE)
    assert_coverage(areas, SQUARE)
    assert areas["site_id"].tolist() == ["e", "n", "s", "w"]
    assert areas.area.to_numpy() == pytest.approx([SQUARE.area / 4] * 4, rel=0.02)


def test_a_one_way_ring_is_divided_by_the_direction_of_travel():
    ring = draw({1: (0, 0), 2: (1000, 0), 3: (1000, 1000), 4: (0, 1000)}, [((1, 2, 3, 4, 1), {"oneway": "yes"})])
    area, sites = shapely.box(X - 200, Y - 200, X + 1200, Y + 1200), at((0, 0), (1000, 1000))
    places = [(500, 0), (1000, 500), (500, 1000), (0, 500)]
    to = network_catchments(ring, RIDE, ["a", "b"], sites, area, **PACE)
    assert site_at(to, *places) == ["b", "b", "a", "a"]
    back = network_catchments(ring, RIDE, ["a", "b"], sites, area, direction="from_site", **PACE)
    assert site_at(back, *places) == ["a", "a", "b", "b"]
    walk = network_catchments(ring, WALK, ["a", "b"], sites, area, **PACE)
    assert site_at(walk, (900, 0), (1000, 100), (0, 900), (100, 1000)) == ["a", "b", "a", "b"]
    for frame in (to, back, walk):
        assert_coverage(frame, area)


def test_nobody_crosses_the_river_off_the_road():
    places = {1: (0, 0), 2: (5000, 0), 3: (5000, 300), 4: (0, 300)}
    banks = draw(places, [((1, 2), {}), ((2, 3), {"bridge": "yes"}), ((3, 4), {})])
    area = shapely.box(X - 100, Y - 400, X + 5100, Y + 700)
    areas = network_catchments(banks, WALK, ["south", "north"], at((0, 0), (4000, 300)), area, **PACE)
    assert_coverage(areas, area)
    assert site_at(areas, (50, 140), (50, 160), (3000, 140), (3000, 160)) == ["south", "north", "south", "north"]
    assert site_at(areas, (3100, 100), (3200, 100)) == ["south", "north"]  # the way round is 6300 m: half is 3150


def test_what_is_out_of_reach_is_said():
    wide = SQUARE.buffer(4000)
    areas = network_catchments(CROSS, WALK, ["a"], at((0, 0)), wide, **PACE | {"snap_limit_m": 500.0})
    assert_coverage(areas, wide)
    assert areas["site_id"].tolist() == [UNREACHED, "a"]
    near = network_catchments(CROSS, WALK, ["a"], at((0, 0)), SQUARE, cutoff_min=5.0, **PACE)
    assert site_at(near, (490, 0), (510, 0), (0, -400), (400, 90)) == ["a", "", "a", ""]
    off = network_catchments(CROSS, WALK, ["far"], at((50_000, 0)), SQUARE, **PACE)
    assert off["site_id"].tolist() == [UNREACHED]
    assert len(network_catchments(CROSS, WALK, [], np.zeros((0, 2)), SQUARE, **PACE)) == 1


def test_sites_at_one_place_go_by_their_ids_whatever_the_order():
    xy = at((0, 5), (0, 5), (900, 0))
    one = network_catchments(CROSS, WALK, ["b", "a", "c"], xy, SQUARE, **PACE)
    two = network_catchments(CROSS, WALK, ["c", "a", "b"], xy[[2, 1, 0]], SQUARE, **PACE)
    assert one["site_id"].tolist() == ["a", "c"]
    assert one.geometry.geom_equals_exact(two.geometry, 0).all()


def test_a_boundary_may_be_a_frame_in_another_crs():
    frame = gpd.GeoSeries([SQUARE], crs=CROSS.crs).to_crs(4326)
    areas = network_catchments(CROSS, WALK, ["a", "b"], at((0, 0), (500, 0)), frame, **PACE)
    assert_coverage(areas, frame.to_crs(CROSS.crs).iloc[0])
    assert areas.crs == CROSS.crs
    for wrong in (shapely.Polygon(), shapely.Point(0, 0), shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])):
        with pytest.raises(NetworkError):
            network_catchments(CROSS, WALK, ["a"], at((0, 0)), wrong, **PACE)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([WALK, RIDE]), st.integers(1, 6))
def test_catchments_of_random_roads_tile_the_area_as_the_matrix_says(seed: int, profile, n_sites: int):
    network, rng = random_roads(seed), np.random.default_rng(seed)
    sites, ids = at(*rng.uniform(0, 4000, (n_sites, 2))), [f"s{i}" for i in range(n_sites)]
    corner = shapely.Point(X + 2000, Y + 2000)
    area = shapely.difference(corner.buffer(2300, quad_segs=3), corner.buffer(300))
    areas = network_catchments(network, profile, ids, sites, area, **PACE)
    assert_coverage(areas, area)
    points = inside(area, 1500, seed)
    points = points[far_from_borders(areas, points, 25)]
    truth = nearest_by_matrix(network, profile, ids, sites, points)[1]
    found = areas["site_id"].to_numpy(dtype=object)[row_of(areas, points)]
    assert (found == truth).mean() >= 0.99


def test_the_shipped_county_is_divided_as_the_matrix_says():
    county = read_county(load_scenario(ROOT / "scenarios" / "baseline.yaml"))
    xy = np.column_stack([county.schools.geometry.x, county.schools.geometry.y])
    ids = county.schools["school_id"].to_numpy(dtype=object)
    area = shapely.union_all(county.boundary.geometry.to_numpy())
    areas = network_catchments(county.network, walk_profile("walk", 4.5), ids, xy, area, **PACE)
    assert_coverage(areas, area)
    assert set(areas["site_id"]) - {UNREACHED} == set(ids)
    points = inside(area, 20_000, 1)
    points = points[far_from_borders(areas, points, areas.attrs["resolution_m"])]
    truth = nearest_by_matrix(county.network, walk_profile("walk", 4.5), ids, xy, points)[1]
    assert (areas["site_id"].to_numpy(dtype=object)[row_of(areas, points)] == truth).mean() >= 0.995
