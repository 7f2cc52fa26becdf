import dataclasses
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from layout_planner.errors import CrsError, DataCell, Flaw, NetworkError, Severity, Text
from layout_planner.travel import Ways, build_network, load_network, parse_tags, ride_profile, walk_profile
from layout_planner.travel.geodesy import ellipsoid_metres, hilbert_order, projected_crs, utm_crs
from layout_planner.travel.tags import HIGHWAYS, Blocked, RoadFlag
from tests.travel.road_builders import at, draw

CROSS = {1: (0, 0), 2: (100, 0), 3: (200, 0), 4: (100, 100), 5: (50, 10)}


def edges(network):
    pairs = zip(network.node_id[network.edge_u], network.node_id[network.edge_v], strict=True)
    return sorted(tuple(sorted(map(int, pair))) for pair in pairs)


def test_ways_split_where_they_share_a_point_and_keep_their_bends():
    network = draw(CROSS, [([1, 5, 2, 3], {"name": "甲路"}), ([2, 4], {"highway": "track"})])
    assert edges(network) == [(1, 2), (2, 3), (2, 4)]
    bent = int(np.flatnonzero(np.diff(network.shape_start) == 3)[0])
    assert network.length_m[bent] == pytest.approx(np.hypot(50, 10) * 2, rel=1e-3)
    assert network.way_id[bent] == 100
    assert network.names[network.name_code[bent]] == "甲路"


def test_crossing_without_a_shared_point_does_not_connect():
    places = {1: (0, 0), 2: (100, 0), 3: (50, -50), 4: (50, 50)}
    network = draw(places, [([1, 2], {}), ([3, 4], {"bridge": "yes"})])
    assert edges(network) == [(1, 2), (3, 4)]
    assert network.components().max() == 1
    assert network.roads.has(RoadFlag.BRIDGE).sum() == 1


def test_some_edges_are_drawn_as_all_of_them_are():
    network = draw(CROSS, [([1, 5, 2, 3], {}), ([2, 4], {})])
    every, pick = network.edge_geometries(), np.array([2, 0])
    assert [line.wkt for line in network.edge_geometries(pick)] == [line.wkt for line in every[pick]]
    assert len(network.edge_geometries(pick[:0])) == 0


def test_loops_parallels_and_repeated_points_are_kept_or_cleaned():
    places = {1: (0, 0), 2: (100, 0), 3: (50, 40), 4: (150, 50), 5: (200, 0)}
    roads = [([1, 2], {}), ([1, 3, 2], {}), ([2, 4, 5, 2], {}), ([1, 1, 2], {"highway": "path"})]
    network = draw(places, roads)
    assert edges(network) == [(1, 2), (1, 2), (1, 2), (2, 2)]


def test_a_way_that_meets_itself_is_split_there():
    places = {1: (0, 0), 2: (100, 0), 3: (100, 100), 4: (0, 100), 5: (-50, 0)}
    network = draw(places, [([5, 1, 2, 3, 4, 1], {})])
    assert edges(network) == [(1, 1), (1, 5)]


def test_points_that_carry_a_barrier_become_nodes():
    assert edges(draw(CROSS, [([1, 5, 2], {})], split=[5])) == [(1, 5), (2, 5)]


def test_lengths_are_those_of_the_ellipsoid_not_of_the_projection():
    rng = np.random.default_rng(0)
    lon, lat = 110 + rng.uniform(-3, 3, 50), 32 + rng.uniform(-5, 5, 50)
    near_lon, near_lat = lon + rng.uniform(-0.01, 0.01, 50), lat + rng.uniform(-0.01, 0.01, 50)
    truth = Geod(ellps="WGS84").inv(lon, lat, near_lon, near_lat)[2]
    steps = zip(lon, near_lon, lat, near_lat, strict=True)
    ours = [ellipsoid_metres(np.array([a, b]), np.array([c, d]))[0] for a, b, c, d in steps]
    assert ours == pytest.approx(truth, rel=1e-7)
    network = draw({1: (0, 0), 2: (1000, 0)}, [([1, 2], {})])
    assert network.length_m[0] == pytest.approx(1000 / 0.9996, rel=1e-6)


def test_steps_over_the_date_line_are_short():
    assert ellipsoid_metres(np.array([179.999, -179.999]), np.array([0.0, 0.0]))[0] == pytest.approx(222.6, abs=0.1)


def test_nodes_are_ordered_in_space():
    places = {i: (float(i % 20) * 50, float(i // 20) * 50) for i in range(400)}
    roads = [([i, i + 1], {}) for i in range(400) if i % 20 < 19] + [([i, i + 20], {}) for i in range(380)]
    network = draw(places, roads)
    assert np.abs(network.edge_u - network.edge_v).mean() < 40
    order = hilbert_order(np.array([0.0, 1, 0, 1]), np.array([0.0, 0, 1, 1]))
    assert order.tolist() in ([0, 2, 3, 1], [0, 1, 3, 2])


def test_the_hash_depends_on_content_and_on_nothing_else():
    one, same = draw(CROSS, [([1, 2, 3], {}), ([2, 4], {})]), draw(CROSS, [([1, 2, 3], {}), ([2, 4], {})])
    other = draw(CROSS, [([1, 2, 3], {}), ([2, 4], {"oneway": "yes"})])
    assert one.content_hash == same.content_hash != other.content_hash
    assert len(one.content_hash) == 64


def test_a_network_survives_saving_and_loading(tmp_path: Path):
    cell = DataCell("a.xlsx", "甲", 2, "乙", "3", "B2")
    flaw = Flaw("x", Text("甲", "a"), Text("乙", "b"), severity=Severity.WARNING, cells=(cell,))
    network = dataclasses.replace(draw(CROSS, [([1, 5, 2, 3], {"name": "甲路"}), ([2, 4], {})]), checks=(flaw,))
    network.save(tmp_path / "roads.npz")
    again = load_network(tmp_path / "roads.npz")
    assert again.content_hash == network.content_hash
    assert again.names == network.names
    assert again.checks == (flaw,)
    assert hash(again.checks) == hash((flaw,))
    assert [p.name for p in tmp_path.iterdir()] == ["roads.npz"]


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04broken"])
def test_a_damaged_cache_is_an_error_of_its_own(tmp_path: Path, content: bytes):
    (tmp_path / "roads.npz").write_bytes(content)
    with pytest.raises(NetworkError):
        load_network(tmp_path / "roads.npz")


def test_the_edges_frame_reads_like_a_table():
    frame = draw(CROSS, [([1, 2, 3], {"oneway": "-1", "foot": "no"}), ([2, 4], {"highway": "steps"})]).edges_frame()
    assert frame["highway"].tolist().count("steps") == 1
    assert set(frame["oneway"]) == {"backward", "no"}
    assert set(frame["foot"]) == {"no", "unset"}
    assert frame.crs.to_epsg() == 32649
    assert frame.geometry.geom_type.eq("LineString").all()


def test_a_subset_keeps_shapes_and_ids():
    network = draw(CROSS, [([1, 5, 2, 3], {}), ([2, 4], {"highway": "track"})])
    part = network.subset(~network.roads.is_class("track"))
    assert edges(part) == [(1, 2), (2, 3)]
    assert sorted(np.diff(part.shape_start).tolist()) == [2, 3]
    assert part.length_m.sum() == pytest.approx(network.length_m[~network.roads.is_class("track")].sum())


def test_another_crs_moves_shapes_but_not_lengths():
    network = draw(CROSS, [([1, 5, 2, 3], {})])
    moved = network.to_crs(projected_crs(32650))
    assert np.array_equal(moved.length_m, network.length_m)
    back = moved.to_crs(network.crs)
    assert back.shape_x == pytest.approx(network.shape_x, abs=1e-6)
    assert moved.node_x[0] != network.node_x[0]


def test_degrees_are_refused_as_a_working_crs():
    with pytest.raises(CrsError):
        projected_crs(4326)
    with pytest.raises(CrsError):
        projected_crs("EPSG:999999")
    assert utm_crs(-51.2, -30.0).to_epsg() == 32722


def test_roads_without_two_points_are_no_network():
    with pytest.raises(NetworkError):
        draw(CROSS, [([1, 1], {})])


def test_class_codes_fit_their_dtype():
    assert len(HIGHWAYS) < 256
    assert at((0, 0)).shape == (1, 2)


def test_a_bollard_stops_cars_and_lets_children_through():
    lon = 111 + np.array([0, 0.01, 0.02, 0.01])
    lat = 32.5 + np.array([0, 0, 0, 0.01])
    at_point = lambda *ids: np.array([i - 1 for i in ids])  # noqa: E731
    ids = np.array([1, 2, 3, 4, 2])
    ways = Ways(np.array([0, 3, 5]), ids, lon[at_point(*ids)], lat[at_point(*ids)], np.array([10, 20]),
                [parse_tags({"highway": "residential"})] * 2, ["", ""], np.array([2]),
                np.array([Blocked.MOTOR], dtype=np.uint8))  # fmt: skip
    network = build_network(ways, 32649)
    plain = build_network(dataclasses.replace(ways, blocked=np.zeros(1, dtype=np.uint8)), 32649)
    assert network.length_m.sum() == pytest.approx(plain.length_m.sum(), rel=1e-9)
    assert plain.n_edges == 3
    assert network.n_edges == 6
    for profile, parts in ((walk_profile("w", 5), 1), (ride_profile("r"), 3)):
        allowed = np.isfinite(profile.edge_minutes(network)[0])
        used = np.unique(np.r_[network.edge_u[allowed], network.edge_v[allowed]])
        assert len(set(network.components(allowed)[used].tolist())) == parts
    assert network.length_m[~allowed] == pytest.approx([1, 1, 1], rel=1e-3)
