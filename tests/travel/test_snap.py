import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.travel import SnapIndex, islands, ride_profile, walk_profile
from tests.travel.road_builders import at, draw

WALK = walk_profile("walk", 6.0)
BENT = {1: (0, 0), 2: (300, 0), 3: (300, 400), 4: (-500, 900), 5: (-400, 900)}


def test_a_point_meets_the_road_beside_it_not_the_nearest_node():
    network = draw(BENT, [([1, 2, 3], {})])
    snapped = SnapIndex(network, WALK).snap(*at((150, 30), (310, 200)).T)
    from_first = snapped.along_m if network.node_id[network.edge_u[0]] == 1 else network.length_m[0] - snapped.along_m
    assert snapped.edge.tolist() == [0, 0]
    assert from_first * 0.9996 == pytest.approx([150, 500], abs=0.01)
    assert snapped.access_m == pytest.approx([30, 10], abs=1e-6)
    assert np.column_stack([snapped.x, snapped.y]) == pytest.approx(at((150, 0), (300, 200)), abs=1e-6)


def test_profiles_that_may_use_the_same_roads_share_an_index():
    network = draw(BENT, [([1, 2], {"highway": "motorway"}), ([2, 3], {})])
    index = SnapIndex.shared(network, WALK)
    assert SnapIndex.shared(network, walk_profile("slow", 3.0)) is index
    assert SnapIndex.shared(network, ride_profile("ride")) is not index
    assert SnapIndex.shared(draw(BENT, [([2, 3], {})]), WALK) is not index


def test_a_point_beyond_the_limit_is_reported_not_dragged():
    network = draw(BENT, [([1, 2, 3], {})])
    snapped = SnapIndex(network, WALK).snap(*at((150, -99), (150, -100), (150, -101), (1e6, 1e6)).T, limit_m=100)
    assert snapped.ok.tolist() == [True, True, False, False]
    assert np.isnan(snapped.access_m[2:]).all()
    assert snapped.edge.tolist() == [0, 0, -1, -1]


def test_ends_are_exactly_nought_and_one():
    network = draw(BENT, [([1, 2, 3], {})])
    snapped = SnapIndex(network, WALK).snap(*at((-50, 0), (300, 450)).T)
    assert sorted(snapped.fraction.tolist()) == [0.0, 1.0]


def test_only_allowed_edges_count():
    network = draw(BENT, [([1, 2], {"highway": "motorway"}), ([2, 3], {})])
    assert network.way_id[SnapIndex(network, WALK).snap(*at((10, 5)).T).edge].tolist() == [200]
    barred = draw(BENT, [([1, 2, 3], {"foot": "no"})])
    assert not SnapIndex(barred, WALK).snap(*at((10, 5)).T).ok.any()
    assert SnapIndex(barred, ride_profile("ride")).snap(*at((10, 5)).T).ok.all()


def test_small_islands_are_ignored_and_named():
    network = draw(BENT, [([1, 2], {}), ([2, 3], {}), ([4, 5], {})])
    index = SnapIndex(network, WALK)
    point = at((-450, 910)).T
    assert network.way_id[index.snap(*point).edge][0] != 300
    assert index.ignored["nodes"].tolist() == [2]
    assert index.ignored["km"].tolist() == pytest.approx([0.1], rel=1e-2)
    everything = SnapIndex(network, WALK, min_island_nodes=0)
    assert network.way_id[everything.snap(*point).edge][0] == 300
    assert len(everything.ignored) == 0
    assert islands(network, WALK)["edges"].tolist() == [2, 1]


def test_no_points_and_no_roads_are_fine():
    network = draw(BENT, [([1, 2, 3], {"access": "no"})])
    empty = SnapIndex(network, WALK).snap(np.zeros(0), np.zeros(0))
    assert len(empty.edge) == 0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), limit=st.sampled_from([30.0, 500.0, np.inf]), stretch=st.sampled_from([1.0, 0.01]))
def test_the_grid_finds_what_shapely_finds(seed, limit, stretch):
    rng = np.random.default_rng(seed)
    places = {i: tuple(rng.uniform(0, 2000, 2) * (1, stretch)) for i in range(30)}
    roads = [(rng.choice(30, rng.integers(2, 5), replace=False).tolist(), {}) for _ in range(12)]
    network = draw(places, roads)
    points = at(*rng.uniform(-800, 2800, (60, 2)))
    snapped = SnapIndex(network, WALK, min_island_nodes=0).snap(*points.T, limit_m=limit)
    distance = shapely.distance(shapely.points(points)[:, None], network.edge_geometries()[None, :])
    nearest = distance.min(axis=1)
    assert np.array_equal(snapped.ok, nearest <= limit)
    assert snapped.access_m[snapped.ok] == pytest.approx(nearest[snapped.ok], abs=1e-6)
    lines = network.edge_geometries()[snapped.edge[snapped.ok]]
    share = shapely.line_locate_point(lines, shapely.points(points[snapped.ok]), normalized=True)
    on_line = shapely.line_interpolate_point(lines, snapped.fraction[snapped.ok], normalized=True)
    straight = shapely.distance(on_line, shapely.points(points[snapped.ok]))
    assert straight == pytest.approx(nearest[snapped.ok], abs=1e-5)
    assert share.shape == straight.shape
