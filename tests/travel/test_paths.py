"""The quickest way of a pair: as long as the matrix says, along the roads, in the right direction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import NetworkError, UnknownIdError
from layout_planner.travel import RoadNetwork, ride_profile, travel_matrix, walk_profile
from layout_planner.travel.paths import Paths, find_paths, shortest_paths
from tests.travel.random_roads import random_roads
from tests.travel.road_builders import ORIGIN, at, draw

WALK = walk_profile("walk", 6.0)  # 100 m a minute
RIDE = ride_profile("ride", wait_min=7.0)
PACE = {"snap_limit_m": 1000.0, "access_speed_kmh": 3.0, "access_detour": 1.0}  # 50 m a minute
ELL = draw({1: (0, 0), 2: (400, 0), 3: (400, 300)}, [((1, 2), {"name": "甲路"}), ((2, 3), {"name": "乙路"})], split=[2])


def ways(network: RoadNetwork, profile, home, school, pairs=(("h", "s"),), **more) -> Paths:
    return find_paths(network, profile, ["h"], at(home), ["s"], at(school), pairs, **(PACE | more))


def vertices(paths: Paths, row: int = 0) -> list[tuple[float, float]]:
    return [(round(x), round(y)) for x, y in shapely.get_coordinates(paths.line[row]) - np.array(ORIGIN)]


def test_a_way_round_a_corner():
    paths = ways(ELL, WALK, (100, 50), (420, 200))
    assert vertices(paths) == [(100, 50), (100, 0), (400, 0), (400, 200), (420, 200)]
    assert paths.metres == pytest.approx([50 + 300 + 200 + 20], rel=1e-3)
    assert paths.minutes == pytest.approx([1 + 3 + 2 + 0.4], rel=1e-3)
    assert paths.edges_frame()["name"].tolist() == ["甲路", "乙路"]
    assert paths.edges.begin == pytest.approx([0.25, 0.0], abs=1e-3)
    assert paths.edges.end == pytest.approx([1.0, 2 / 3], abs=1e-3)
    assert paths.edges.metres.sum() == pytest.approx(500, rel=1e-3)


def test_two_points_on_one_edge_meet_along_it():
    there = ways(ELL, WALK, (300, 10), (100, 0))
    assert vertices(there) == [(300, 10), (300, 0), (100, 0)]
    assert there.edges.forward.tolist() == [False]
    assert there.metres == pytest.approx([210], rel=1e-3)


def test_home_at_the_school_needs_no_road():
    paths = ways(ELL, WALK, (100, 0), (100, 0))
    assert paths.minutes == pytest.approx([0], abs=1e-6)
    assert len(paths.edges.edge) == 0
    assert vertices(paths) == [(100, 0), (100, 0)]


def test_a_one_way_street_sends_the_bus_round_the_block():
    block = {1: (0, 0), 2: (300, 0), 3: (300, 300), 4: (0, 300)}
    network = draw(block, [((1, 2), {"oneway": "yes"}), ((2, 3, 4, 1), {})])
    to = ways(network, RIDE, (200, 0), (100, 0))
    assert vertices(to) == [(200, 0), (300, 0), (300, 300), (0, 300), (0, 0), (100, 0)]
    back = ways(network, RIDE, (200, 0), (100, 0), direction="from_site")
    assert vertices(back) == [(100, 0), (200, 0)]
    assert back.edges.forward.tolist() == [True]
    on_foot = ways(network, WALK, (200, 0), (100, 0))
    assert vertices(on_foot) == [(200, 0), (100, 0)]


def test_the_way_from_the_site_is_drawn_from_the_site():
    paths = ways(ELL, WALK, (100, 50), (420, 200), direction="from_site")
    assert vertices(paths)[0] == (420, 200)
    assert paths.edges_frame()["name"].tolist() == ["乙路", "甲路"]
    assert paths.edges.forward.tolist() == [False, False]


def test_a_ring_road_on_one_node():
    network = draw(
        {1: (0, 0), 2: (500, 0), 3: (500, 500), 4: (0, 500), 5: (-300, 0)}, [((1, 2, 3, 4, 1), {}), ((5, 1), {})]
    )
    paths = ways(network, WALK, (-300, 0), (0, 100))
    assert paths.metres == pytest.approx([400], rel=1e-3)
    assert vertices(paths) == [(-300, 0), (0, 0), (0, 100)]


def test_no_way_is_said_not_invented():
    for paths in (ways(ELL, WALK, (0, 5000), (400, 0)), ways(ELL, WALK, (0, 0), (400, 0), cutoff_min=3.9)):
        frame = paths.to_frame()
        assert np.isnan(frame["minutes"]).all()
        assert np.isnan(frame["metres"]).all()
        assert frame.geometry.isna().all()
        assert len(paths.edges.edge) == 0
    assert np.isnan(ways(ELL, WALK, (0, 0), (9000, 0)).minutes).all()


def test_pairs_keep_their_order_and_may_repeat():
    homes = {"b": (0, 0), "a": (400, 100)}
    pairs = pd.DataFrame({"origin_id": ["a", "b", "a"], "site_id": ["y", "x", "x"], "pupils": 1})
    frame = shortest_paths(
        ELL, WALK, list(homes), at(*homes.values()), ["x", "y"], at((200, 0), (400, 300)), pairs, **PACE
    )
    assert frame["origin_id"].tolist() == ["a", "b", "a"]
    assert frame["metres"].to_numpy() == pytest.approx([200, 200, 300], rel=1e-3)
    assert [len(e) for e in frame["edges"]] == [1, 1, 2]
    assert frame.crs == ELL.crs
    none = find_paths(ELL, WALK, ["b"], at((0, 0)), ["x"], at((9, 0)), [], **PACE)
    assert len(none.to_frame()) == 0
    assert len(none.edges_frame()) == 0


def test_mistakes_are_named():
    with pytest.raises(UnknownIdError, match="nowhere"):
        ways(ELL, WALK, (0, 0), (9, 0), pairs=[("h", "nowhere")])
    with pytest.raises(NetworkError):
        ways(ELL, WALK, (np.nan, 0), (9, 0))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_ways_are_as_long_as_the_matrix_says_and_hang_together(seed: int):
    network, rng = random_roads(seed), np.random.default_rng(seed)
    homes, schools = (at(*rng.uniform(0, 4000, (k, 2))) for k in (40, 4))
    ids = [f"h{i}" for i in range(40)]
    names = [f"s{i}" for i in range(4)]
    for profile in (WALK, RIDE):
        table = travel_matrix(network, ids, homes, names, schools, profile, cutoff_min=60, **PACE).to_frame()
        every = pd.MultiIndex.from_product([ids, names], names=["origin_id", "site_id"]).to_frame(index=False)
        truth = every.merge(table, how="left")
        paths = find_paths(network, profile, ids, homes, names, schools, every, cutoff_min=60, **PACE)
        assert paths.minutes == pytest.approx(truth["minutes"].to_numpy(), rel=1e-6, abs=1e-5, nan_ok=True)
        assert paths.metres == pytest.approx(truth["metres"].to_numpy(), rel=1e-6, abs=1e-3, nan_ok=True)
        pieces = paths.edges
        there, back = profile.edge_minutes(network)
        assert np.isfinite(np.where(pieces.forward, there[pieces.edge], back[pieces.edge])).all()
        within = pieces.path[1:] == pieces.path[:-1]
        leaves = np.where(pieces.end == 1.0, network.edge_v[pieces.edge], network.edge_u[pieces.edge])[:-1][within]
        enters = np.where(pieces.begin == 0.0, network.edge_u[pieces.edge], network.edge_v[pieces.edge])[1:][within]
        assert np.array_equal(leaves, enters)
        known = np.isfinite(paths.minutes)
        assert shapely.length(paths.line[known]) == pytest.approx(paths.metres[known], rel=2e-3)
