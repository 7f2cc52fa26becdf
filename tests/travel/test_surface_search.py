import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layout_planner.errors import NetworkError
from layout_planner.travel.surface import CellMode
from layout_planner.travel.surface_search import travel_time
from tests.travel.surface_builders import judge_graph, middle, plane, tobler_kmh


def test_a_single_hill_is_tobler_up_and_down():
    height = [[0.0, 6.0, 3.0, 0.0]]
    surface = plane(np.full((1, 4), 5.0), cell=30.0, elevation=height)
    up, down_steep, down = 6 / 30, -6 / 30, -3 / 30
    there = sum(0.03 / tobler_kmh(5.0, s) * 60 for s in (up, down, down))
    back = sum(0.03 / tobler_kmh(5.0, s) * 60 for s in (3 / 30, 3 / 30, down_steep))
    school = middle(surface, (0, 3))
    to, away = travel_time(surface, school), travel_time(surface, school, direction="from")
    assert to[0, 0] == pytest.approx(there, rel=1e-6)
    assert away[0, 0] == pytest.approx(back, rel=1e-6)
    # By hand: 6 exp(-3.5 * 0.25) km/h over the 5.0367 of the flat is 0.49659 of 5 km/h uphill.
    assert tobler_kmh(5.0, up) == pytest.approx(0.49659 * 5, rel=1e-4)


def test_times_on_a_plane_follow_the_octile_and_the_knight_metric():
    surface = plane(np.full((21, 21), 6.0), cell=100.0)
    octile = travel_time(surface, middle(surface, (10, 10)), knights_move=False)
    knight = travel_time(surface, middle(surface, (10, 10)))
    row, column = np.indices((21, 21)) - 10
    long, short = np.maximum(abs(row), abs(column)), np.minimum(abs(row), abs(column))
    assert octile == pytest.approx(long - short + math.sqrt(2) * short, rel=1e-6)
    flat, steep = short <= long / 2, short > long / 2
    jumps = np.where(flat, short * math.sqrt(5) + (long - 2 * short), 0)
    jumps += np.where(steep, (long - short) * math.sqrt(5) + (2 * short - long) * math.sqrt(2), 0)
    assert knight == pytest.approx(jumps, rel=1e-6)
    straight = np.hypot(row, column)
    worst = [float(np.nanmax(times[straight > 0] / straight[straight > 0])) for times in (octile, knight)]
    assert worst[0] < 1.083
    assert worst[1] < 1.028


def test_a_river_is_crossed_at_its_only_bridge():
    kmh = np.full((7, 9), 6.0)
    kmh[:, 4] = 0.0
    kmh[6, 4] = 6.0
    surface = plane(kmh, cell=100.0)
    minutes = travel_time(surface, middle(surface, (0, 5)), knights_move=False)
    # Six rows down, two columns to the west with one corner cut on either bank: no diagonal squeezes past the river.
    assert minutes[0, 3] == pytest.approx(2 * (5 + math.sqrt(2)), rel=1e-6)
    kmh[6, 4] = 0.0
    assert np.isnan(travel_time(plane(kmh, cell=100.0), middle(surface, (0, 5)))[:, :4]).all()


def test_corners_are_cut_only_where_that_is_asked_for():
    kmh = np.array([[5.0, 0.0], [0.0, 5.0]])
    surface = plane(kmh)
    assert np.isnan(travel_time(surface, middle(surface, (0, 0)))[1, 1])
    assert np.isfinite(travel_time(surface, middle(surface, (0, 0)), cut_corners=True)[1, 1])


def test_moves_between_two_speeds_take_the_mean_of_times_or_the_time_of_the_mean():
    surface = plane([[2.0, 6.0]], cell=100.0)
    target = middle(surface, (0, 1))
    assert travel_time(surface, target)[0, 0] == pytest.approx(50 / 2000 * 60 + 50 / 6000 * 60, rel=1e-6)
    assert travel_time(surface, target, averaging="speed")[0, 0] == pytest.approx(100 / 4000 * 60, rel=1e-6)


def test_level_modes_ignore_slope_and_the_scale_of_walking():
    surface = plane([[60.0, 60.0]], cell=100.0, elevation=[[0.0, 50.0]], mode=CellMode.LEVEL)
    assert travel_time(surface, middle(surface, (0, 1)), speed_scale=0.5)[0, 0] == pytest.approx(0.1, rel=1e-6)


def test_cycling_follows_the_curve_of_the_surface():
    surface = plane([[12.0, 12.0]], cell=100.0, elevation=[[0.0, 4.0]], mode=CellMode.CYCLE)
    uphill = float(surface.cycling(12.0, np.array([0.04]))[0])
    assert travel_time(surface, middle(surface, (0, 1)))[0, 0] == pytest.approx(0.1 / uphill * 60, rel=1e-4)


def test_cells_beyond_the_cut_off_are_left_out_and_the_nearest_target_counts():
    surface = plane(np.full((1, 11), 6.0), cell=100.0)
    minutes = travel_time(surface, middle(surface, (0, 0), (0, 10)), cutoff_min=3.0)
    assert np.flatnonzero(np.isnan(minutes[0])).tolist() == [4, 5, 6]
    assert minutes[0, 8] == pytest.approx(2.0)


def test_targets_that_nobody_can_reach_are_refused():
    surface = plane([[5.0, 0.0]])
    with pytest.raises(NetworkError):
        travel_time(surface, middle(surface, (0, 1)))
    with pytest.raises(NetworkError):
        travel_time(surface, middle(surface, (0, 0)), speed_scale=0.0)


grids = st.tuples(st.integers(1, 7), st.integers(1, 7)).flatmap(
    lambda shape: st.tuples(
        arrays(np.float32, shape, elements=st.sampled_from([0.0, 1.5, 2.0, 3.25, 5.0])),
        arrays(np.float32, shape, elements=st.integers(0, 40).map(float)),
    )
)


@settings(deadline=None, max_examples=150)
@given(grids, st.booleans(), st.sampled_from(["time", "speed"]), st.sampled_from(["to", "from"]), st.data())
def test_times_equal_networkx_on_random_grids(grid, knights_move, averaging, direction, data):
    kmh, height = grid
    surface = plane(kmh, cell=25.0, cell_high=31.0, elevation=height)
    if not (kmh > 0).any():
        return
    target = data.draw(st.sampled_from(np.flatnonzero(kmh > 0).tolist()))
    scale = data.draw(st.sampled_from([1.0, 0.6]))
    graph = judge_graph(surface, knights_move=knights_move, averaging=averaging, scale=scale)
    judge = graph.reverse() if direction == "to" else graph
    expected = np.full(kmh.size, np.nan)
    for cell, minutes in nx.single_source_dijkstra_path_length(judge, target, weight="minutes").items():
        expected[cell] = minutes
    found = travel_time(surface, surface.centre(np.array([target])), direction=direction, averaging=averaging,
                        knights_move=knights_move, speed_scale=scale).ravel()  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


@settings(deadline=None, max_examples=40)
@given(grids, st.booleans())
def test_on_level_ground_there_and_back_take_the_same_time(grid, knights_move):
    kmh, _ = grid
    surface = plane(kmh)
    if not (kmh > 0).any():
        return
    target = surface.centre(np.flatnonzero(kmh > 0)[:1])
    to, away = (travel_time(surface, target, direction=d, knights_move=knights_move) for d in ("to", "from"))
    np.testing.assert_allclose(to, away, rtol=1e-6)
