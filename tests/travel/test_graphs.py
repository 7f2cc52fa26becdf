import networkx as nx
import numpy as np
import pytest
from shapely import LineString

from layout_planner.errors import NetworkError
from layout_planner.travel import from_networkx, ride_profile, to_networkx, walk_profile
from tests.travel.road_builders import at, draw

PLACES = {1: (0, 0), 2: (1000, 0), 3: (500, 300), 4: (1000, 900), 5: (1500, 950), 6: (1600, 300)}
ROADS = [
    ([1, 2], {"name": "甲路", "maxspeed": "30"}),
    ([1, 3, 2], {"oneway": "yes", "highway": "primary", "bridge": "yes", "layer": "2"}),
    ([4, 2], {"oneway": "-1", "surface": "gravel", "foot": "no"}),
    ([4, 5, 6, 4], {"oneway": "yes"}),
    ([5, 6], {"highway": "path", "sac_scale": "mountain_hiking", "oneway:foot": "yes", "lit": "no"}),
    ([1, 4], {"highway": "track", "tracktype": "grade3", "motor_vehicle": "agricultural", "access": "private"}),
    ([2, 6], {"oneway": "reversible", "tunnel": "yes"}),
]


def table(network):
    """List edges as a set of rows that does not depend on their order."""
    frame = network.edges_frame()
    frame["wkt"] = [g.wkt if hasattr(g, "wkt") else g for g in frame.geometry.set_precision(0.001)]
    return frame.drop(columns=["edge_id", "geometry"]).sort_values(["way_id", "u", "v"]).reset_index(drop=True)


def test_a_network_comes_back_from_networkx_as_it_went():
    network = draw(PLACES, ROADS)
    again = from_networkx(to_networkx(network))
    assert again.node_id.tolist() == network.node_id.tolist()
    one, two = table(network), table(again)
    assert two["length_m"].tolist() == one["length_m"].tolist()
    assert two.drop(columns="length_m").equals(one.drop(columns="length_m"))
    for name, codes in network.roads.arrays().items():
        assert np.array_equal(codes, again.roads.arrays()[name], equal_nan=codes.dtype.kind == "f"), name


@pytest.mark.parametrize("profile", [walk_profile("walk", 4.5), ride_profile("ride")])
def test_shortest_paths_are_the_same_on_either_side(profile):
    network = draw(PLACES, ROADS)
    graph = to_networkx(network, profile)
    forward, backward = profile.edge_minutes(network)
    assert graph.number_of_edges() == np.isfinite(forward).sum() + np.isfinite(backward).sum()
    lengths = nx.get_edge_attributes(graph, "minutes")
    assert all(data["travel_time"] == pytest.approx(data["minutes"] * 60) for *_, data in graph.edges(data=True))
    assert min(lengths.values()) > 0


def osmnx_style(*, simplified: bool) -> nx.MultiDiGraph:
    """Build a graph as OSMnx gives it: degrees, two edges a two-way street, lists where ways were merged."""
    graph = nx.MultiDiGraph(crs="epsg:4326", simplified=simplified)
    for node, (x, y) in {11: (110.0, 32.0), 12: (110.01, 32.0), 13: (110.01, 32.01)}.items():
        graph.add_node(node, x=x, y=y)
    bend = [(110.0, 32.0), (110.005, 32.002), (110.01, 32.0)]
    two_way = {"osmid": [7, 8], "highway": ["residential", "tertiary"], "oneway": False, "name": ["甲", "乙"]}
    graph.add_edge(11, 12, **two_way, reversed=False, length=1000.0, geometry=LineString(bend))
    graph.add_edge(12, 11, **two_way, reversed=True, length=1000.0, geometry=LineString(bend[::-1]))
    graph.add_edge(12, 13, osmid=9, highway="primary", oneway=True, reversed=False, length=1109.0)
    graph.add_edge(13, 11, osmid=10, highway="path", oneway=False, reversed=False, length=1500.0)
    graph.add_edge(11, 13, osmid=10, highway="path", oneway=False, reversed=True, length=1500.0)
    return graph


@pytest.mark.parametrize("simplified", [True, False])
def test_two_directions_of_a_street_become_one_edge(simplified):
    network = from_networkx(osmnx_style(simplified=simplified))
    assert network.crs.to_epsg() == 32649
    assert network.n_edges == 3
    frame = network.edges_frame().set_index("way_id")
    assert frame["oneway"].to_dict() == {"7": "no", "9": "forward", "10": "no"}
    assert frame["highway"].to_dict() == {"7": "residential", "9": "primary", "10": "path"}
    assert frame.loc["7", "name"] == "甲"
    assert frame["length_m"].to_dict() == {"7": 1000.0, "9": 1109.0, "10": 1500.0}
    assert sorted(np.diff(network.shape_start).tolist()) == [2, 2, 3]


def test_lengths_can_be_measured_anew():
    network = from_networkx(osmnx_style(simplified=True), keep_lengths=False)
    assert network.length_m.max() != 1500.0
    assert network.length_m.sum() == pytest.approx(1044 + 1109 + 1456, rel=2e-3)


def test_a_one_way_drawn_against_its_traffic_keeps_its_sense():
    graph = nx.MultiDiGraph(crs="epsg:32649")
    for node, (x, y) in {1: (5e5, 36e5), 2: (501e3, 36e5)}.items():
        graph.add_node(node, x=x, y=y)
    graph.add_edge(2, 1, osmid=5, highway="residential", oneway=True, reversed=True)
    network = from_networkx(graph)
    frame = network.edges_frame()
    assert (frame.loc[0, "u"], frame.loc[0, "v"], frame.loc[0, "oneway"]) == ("1", "2", "backward")
    assert to_networkx(network).has_edge(2, 1)
    assert not to_networkx(network).has_edge(1, 2)


def test_any_graph_with_positions_will_do():
    graph = nx.Graph(crs="epsg:32649")
    for name, xy in zip("abc", at((0, 0), (100, 0), (100, 100)), strict=True):
        graph.add_node(name, x=xy[0], y=xy[1])
    graph.add_edges_from([("a", "b"), ("b", "c")])
    network = from_networkx(graph)
    assert (network.n_nodes, network.n_edges) == (3, 2)
    assert not network.roads.oneway.any()


def test_a_graph_without_edges_or_places_is_refused():
    with pytest.raises(NetworkError):
        from_networkx(nx.MultiDiGraph())
    graph = nx.MultiDiGraph()
    graph.add_edge(1, 2)
    with pytest.raises(NetworkError):
        from_networkx(graph)
