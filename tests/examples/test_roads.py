"""The roads of the synthetic county: tags, connections, crossings."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from layout_planner.examples.frame import Frame
from tests.examples.county_files import Files

FEET_NEVER = ("motorway", "motorway_link")


def walkable(county: Files) -> nx.Graph:
    graph = nx.Graph()
    for nodes, tags in county.roads.ways:
        if tags.get("highway") and tags["highway"] not in FEET_NEVER:
            nx.add_path(graph, nodes)
    return graph


def lines(county: Files, *, highway: tuple[str, ...]) -> list[tuple[shapely.LineString, dict[str, str]]]:
    return [
        (shapely.LineString([county.roads.nodes[n] for n in nodes]), tags)
        for nodes, tags in county.roads.ways
        if tags.get("highway") in highway
    ]


def test_every_class_and_structure_is_there(shipped: Files) -> None:
    classes = Counter(tags.get("highway") for _, tags in shipped.roads.ways)
    for highway in ("motorway", "motorway_link", "trunk", "secondary", "tertiary", "unclassified", "residential",
                    "living_street", "pedestrian", "track", "path", "footway", "steps"):  # fmt: skip
        assert classes[highway], highway
    tags = [t for _, t in shipped.roads.ways]
    assert any(t.get("junction") == "roundabout" for t in tags)
    assert any(t.get("route") == "ferry" for t in tags)
    assert any(t.get("railway") == "rail" for t in tags)
    assert any(t.get("oneway") in ("yes", "-1") for t in tags if t.get("highway") == "residential")
    assert any(t.get("bridge") for t in tags)
    assert any(t.get("tunnel") for t in tags)
    assert all("tracktype" in t for t in tags if t.get("highway") == "track")


def test_all_roads_that_one_may_walk_hang_together(county: Files) -> None:
    graph = walkable(county)
    assert nx.is_connected(graph)


def test_villages_are_on_the_network(county: Files) -> None:
    graph = walkable(county)
    reachable = sorted(max(nx.connected_components(graph), key=len))
    xy = np.array([county.roads.nodes[n] for n in reachable])
    scale = np.array([94_000.0, 111_320.0])
    villages = county.villages[["经度（°）", "纬度（°）"]].astype(float).to_numpy()
    away, _ = cKDTree(xy * scale).query(villages * scale)
    assert (away < 400.0).mean() >= 0.995


def test_the_motorway_shares_nodes_only_with_its_ramps(county: Files) -> None:
    motorway = {n for nodes, t in county.roads.ways if t.get("highway") == "motorway" for n in nodes}
    links = {n for nodes, t in county.roads.ways if t.get("highway") == "motorway_link" for n in nodes}
    others = {n for nodes, t in county.roads.ways if t.get("highway") not in (*FEET_NEVER, None) for n in nodes}
    rails = {n for nodes, t in county.roads.ways if t.get("railway") for n in nodes}
    assert not motorway & others
    assert not rails & (motorway | links | others)
    assert motorway & links
    assert links & others
    assert all(t["oneway"] == "yes" for _, t in county.roads.ways if t.get("highway") == "motorway")


def test_roads_pass_the_motorway_over_or_under(shipped: Files) -> None:
    motorway = lines(shipped, highway=("motorway",))
    roads = lines(shipped, highway=("trunk", "secondary", "tertiary", "unclassified", "residential", "track", "path"))
    tree = shapely.STRtree([line for line, _ in roads])
    for line, tags in motorway:
        if tree.query(line, predicate="crosses").size:
            assert "layer" in tags, tags


def test_cars_come_and_go_everywhere_in_spite_of_one_way_streets(county: Files) -> None:
    graph = nx.DiGraph()
    for nodes, tags in county.roads.ways:
        if tags.get("highway") in (None, *FEET_NEVER, "path", "footway", "steps", "pedestrian"):
            continue
        if tags.get("oneway") != "-1":
            nx.add_path(graph, nodes)
        if tags.get("oneway") != "yes":
            nx.add_path(graph, nodes[::-1])
    largest = max(nx.strongly_connected_components(graph), key=len)
    assert len(largest) >= 0.97 * graph.number_of_nodes()


def test_few_bridges_cross_the_main_river(shipped: Files) -> None:
    bridges = [t for _, t in shipped.roads.ways if t.get("bridge") and t.get("highway") == "trunk"]
    assert 1 <= len(bridges) <= 40


def test_frames_turn_metres_into_degrees_and_cells_back() -> None:
    frame = Frame(110.0, 33.0, 12, 24)
    cells = np.arange(12 * 24)
    assert (frame.cells(frame.centres(cells)) == cells).all()
    corner = frame.lonlat([(0.0, frame.size_m[1])])
    np.testing.assert_allclose(corner, [(110.0, 33.0)], atol=1e-12)
    west, south, east, north = frame.shifted(12, 24).bounds
    assert (west, north) == pytest.approx((110.02, 32.99))
    assert (east - west, north - south) == pytest.approx((0.02, 0.01))
