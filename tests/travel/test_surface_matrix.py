import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import NetworkError
from layout_planner.travel import walk_profile
from layout_planner.travel.surface import CellMode
from layout_planner.travel.surface_matrix import combined_matrix, road_arcs, surface_matrix
from layout_planner.travel.surface_search import travel_time
from tests.travel.road_builders import ORIGIN, draw
from tests.travel.surface_builders import NORTH, WEST, judge_graph, middle, plane

WALK = walk_profile("walk", 6.0)


def ids(n, letter="o"):
    return [f"{letter}{i}" for i in range(n)]


def dense(matrix):
    full = np.full(matrix.shape, np.inf)
    full[matrix.rows, matrix.indices] = matrix.minutes
    return full


def roads(*lines, tags=None):
    """Draw roads in metres east and south of the surface's north-west corner; equal points are one node."""
    places, drawn = {}, []
    for line in lines:
        for x, y in line:
            places.setdefault((x, y), len(places) + 1)
        drawn.append(([places[point] for point in line], tags or {}))
    shift = np.array([WEST, NORTH]) - ORIGIN
    return draw({i: (shift[0] + x, shift[1] - y) for (x, y), i in places.items()}, drawn)


def test_a_matrix_is_the_raster_plus_the_way_to_the_middle_of_the_cell():
    surface = plane(np.full((20, 20), 5.0), elevation=np.add.outer(np.arange(20.0) * 3, np.zeros(20)))
    home = middle(surface, (3, 4), (15, 9)) + np.array([[10.0, 0.0], [0.0, -7.0]])
    school = middle(surface, (9, 9), (19, 0))
    matrix = surface_matrix(surface, ids(2), home, ids(2, "s"), school, cutoff_min=60, knights_move=False)
    for j in range(2):
        raster = travel_time(surface, school[j : j + 1], knights_move=False)
        expected = raster[[3, 15], [4, 9]] + np.array([10.0, 7.0]) / 5000 * 60
        assert dense(matrix)[:, j] == pytest.approx(expected, rel=1e-6)
    assert matrix.metres[0] == pytest.approx(10 + 30 * (5 * np.sqrt(2) + 1), rel=1e-6)
    assert matrix.origin_access_m.tolist() == pytest.approx([10.0, 7.0])


def test_two_points_in_one_cell_meet_straight():
    surface = plane(np.full((2, 2), 6.0), cell=100.0)
    here = middle(surface, (0, 0)) + np.array([[30, 0]])
    matrix = surface_matrix(surface, ["o"], here, ["s"], here + np.array([[0, 40]]), cutoff_min=9)
    assert matrix.minutes[0] == pytest.approx(0.4)
    assert matrix.metres[0] == pytest.approx(40.0)


def test_points_in_closed_cells_move_to_the_nearest_open_one_or_are_reported():
    kmh = np.full((5, 40), 6.0)
    kmh[:, 10:] = 0.0
    surface = plane(kmh, cell=100.0)
    home = [*middle(surface, (2, 10), (2, 39)), [WEST - 500.0, NORTH]]
    matrix = surface_matrix(surface, ids(3), home, ["s"], middle(surface, (2, 0)), cutoff_min=60)
    assert matrix.to_frame()["minutes"].tolist() == pytest.approx([10.0])
    assert matrix.unreachable.tolist() == ["o1", "o2"]
    assert np.isnan(matrix.origin_access_m).tolist() == [False, True, True]
    assert [flaw.code for flaw in matrix.checks] == ["off_surface"]


def test_a_slower_age_band_takes_longer_in_proportion():
    surface = plane(np.full((9, 9), 5.0), elevation=np.add.outer(np.arange(9.0), np.arange(9.0)))
    args = (ids(1), middle(surface, (0, 0)), ["s"], middle(surface, (8, 5)))
    grown = surface_matrix(surface, *args, cutoff_min=60)
    small = surface_matrix(surface, *args, cutoff_min=60, speed_scale=0.66, mode="walk:G1-3")
    assert small.minutes[0] == pytest.approx(grown.minutes[0] / 0.66, rel=1e-6)
    assert small.metres[0] == grown.metres[0]
    assert small.mode == "walk:G1-3"


def test_the_cut_off_holds_and_threads_change_nothing():
    rng = np.random.default_rng(3)
    surface = plane(rng.choice([0.0, 2.0, 5.0], (40, 50)), elevation=rng.normal(0, 4, (40, 50)))
    home = [WEST, NORTH] + rng.uniform(0, 1200, (60, 2)) * [1, -1]
    school = [WEST, NORTH] + rng.uniform(0, 1200, (23, 2)) * [1, -1]
    runs = [
        surface_matrix(surface, ids(60), home, ids(23, "s"), school, cutoff_min=c, workers=w)
        for c, w in ((9.0, 1), (9.0, 3), (1e9, 2))
    ]
    assert (runs[0].minutes == runs[1].minutes).all()
    assert (runs[0].indices == runs[1].indices).all()
    short, whole = dense(runs[0]), dense(runs[2])
    np.testing.assert_allclose(short, np.where(whole <= 9.0, whole, np.inf), rtol=1e-6)
    assert 0 < runs[0].n_pairs < runs[2].n_pairs


def test_many_origins_are_found_through_the_cells_that_a_search_touched():
    surface = plane(np.full((60, 60), 5.0))
    home = surface.centre(np.arange(3600))
    matrix = surface_matrix(surface, ids(3600), home, ["s"], middle(surface, (30, 30)), cutoff_min=2.0)
    raster = travel_time(surface, middle(surface, (30, 30)), cutoff_min=2.0).ravel()
    assert matrix.n_pairs == np.isfinite(raster).sum()
    assert matrix.minutes == pytest.approx(raster[np.isfinite(raster)], rel=1e-6)


def test_ids_that_do_not_fit_are_refused():
    surface = plane([[5.0]])
    for wrong in (["a", "a"], ["a"]):
        with pytest.raises(NetworkError):
            surface_matrix(surface, wrong, np.zeros((2, 2)), ["s"], np.zeros((1, 2)), cutoff_min=5)


def test_a_pupil_walks_to_the_road_and_along_it():
    # Rough ground at 1 km/h, a road at 6 km/h along the middle of the third row of cells.
    surface = plane(np.full((6, 21), 1.0), cell=100.0)
    network = roads([(50.0, 250.0), (2050.0, 250.0)])
    home, school = middle(surface, (0, 2)), middle(surface, (2, 18))
    matrix = combined_matrix(surface, network, WALK, ["o"], home, ["s"], school, cutoff_min=200)
    metres = float(network.length_m[0]) / 2000
    # 200 m over rough ground, then 1600 m of road: or the corner cut towards the road.
    assert matrix.minutes[0] == pytest.approx(12 + 16 * metres, rel=1e-5)
    assert matrix.metres[0] == pytest.approx(200 + 1600 * metres, rel=1e-5)
    assert surface_matrix(surface, ["o"], home, ["s"], school, cutoff_min=200).minutes[0] > 90


def test_a_bridge_of_the_network_opens_a_river_but_nobody_gets_on_it_midway():
    kmh = np.full((5, 11), 2.0)
    kmh[:, 5] = 0.0
    surface = plane(kmh, cell=100.0)
    home, school = middle(surface, (2, 1)), middle(surface, (2, 9))
    line = [(150.0, 250.0), (450.0, 250.0), (650.0, 250.0), (950.0, 250.0)]
    linked = combined_matrix(surface, roads(line), WALK, ["o"], home, ["s"], school, cutoff_min=200)
    assert linked.minutes[0] == pytest.approx(8.0, rel=1e-3)
    whole = roads(line, tags={"bridge": "yes"})
    assert combined_matrix(surface, whole, WALK, ["o"], home, ["s"], school, cutoff_min=200).n_pairs == 0
    assert surface_matrix(surface, ["o"], home, ["s"], school, cutoff_min=200).n_pairs == 0


def road_judge(surface, network):
    """Build roads and the ways on and off them, piece by piece; nodes are cells, then what road_arcs adds."""
    extra = road_arcs(surface, network, WALK)
    graph = nx.DiGraph()
    for head in range(len(extra.start) - 1):
        for a in range(extra.start[head], extra.start[head + 1]):
            tail, minutes = int(extra.tail[a]), float(extra.minutes[a])
            if not graph.has_edge(tail, head) or minutes < graph.edges[tail, head]["minutes"]:
                graph.add_edge(tail, head, minutes=minutes)
    return graph


places = st.tuples(st.integers(0, 18), st.integers(0, 18)).map(lambda p: (p[0] * 14.0, p[1] * 14.0))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 5.0]), min_size=81, max_size=81),
    st.lists(st.integers(0, 20), min_size=81, max_size=81),
    st.lists(st.lists(places, min_size=2, max_size=4, unique=True), min_size=1, max_size=4),
)
def test_together_is_never_slower_than_either_alone_and_equals_networkx(speeds, heights, lines):
    kmh, height = np.array(speeds).reshape(9, 9), np.array(heights, dtype=float).reshape(9, 9)
    if not (kmh > 0).any():
        return
    surface, network = plane(kmh, elevation=height), roads(*lines)
    cells = np.flatnonzero(kmh > 0)
    home, school = surface.centre(cells[::3]), surface.centre(cells[-2:])
    names = ids(len(home)), ids(len(school), "s")
    both = dense(combined_matrix(surface, network, WALK, names[0], home, names[1], school, cutoff_min=1e6))
    alone = dense(surface_matrix(surface, names[0], home, names[1], school, cutoff_min=1e6))
    road = road_judge(surface, network)
    joint = nx.compose(judge_graph(surface, knights_move=True, averaging="time"), road)
    for j, site in enumerate(cells[-2:]):
        by_road = nx.single_source_dijkstra_path_length(road.reverse(), site, weight="minutes") if site in road else {}
        judged = nx.single_source_dijkstra_path_length(joint.reverse(), site, weight="minutes")
        on_road = np.array([by_road.get(cell, np.inf) for cell in cells[::3]])
        assert (both[:, j] <= np.minimum(alone[:, j], on_road) * (1 + 1e-6) + 1e-9).all()
        expected = [judged.get(cell, np.inf) for cell in cells[::3]]
        np.testing.assert_allclose(both[:, j], expected, rtol=1e-6, atol=1e-9)


def test_roads_keep_their_length_and_their_one_ways_however_they_are_cut():
    surface = plane(np.full((9, 9), 3.0))
    network = roads([(20.0, 20.0), (200.0, 80.0), (230.0, 240.0)], [(20.0, 20.0), (20.0, 250.0)])
    graph = road_judge(surface, network)
    n, forward = surface.mode.size, WALK.edge_minutes(network)[0]
    on_roads = graph.subgraph([node for node in graph if node >= n])
    for e in range(network.n_edges):
        u, v = n + int(network.edge_u[e]), n + int(network.edge_v[e])
        assert nx.shortest_path_length(on_roads, u, v, weight="minutes") == pytest.approx(forward[e])
    assert (surface.mode == CellMode.WALK).all()
