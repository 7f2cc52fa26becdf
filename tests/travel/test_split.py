"""Edges are split where the pace changes along them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layout_planner.travel.matrix import travel_matrix
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.relief import Relief
from layout_planner.travel.speeds import walk_profile
from layout_planner.travel.split import split_uneven
from layout_planner.travel.surface_slope import tobler_factor

from .road_builders import at, draw


def road(metres: float = 2000.0) -> RoadNetwork:
    return draw({1: (0.0, 0.0), 2: (metres, 0.0)}, [([1, 2], {})])


WALK = walk_profile("walk", 3.0)


def flat_then_steep(metres: float = 2000.0):
    network = road(metres)
    rise = np.concatenate([np.zeros(40), np.arange(1, 41) * metres / 80 * 0.25])
    height = np.concatenate([[0.0], rise])
    return replace(network, relief=Relief(np.array([0, len(height)]), height))


def minutes(network, home: float, school: float) -> float:
    matrix = travel_matrix(
        network, ["h"], at((home, 0.0)), ["s"], at((school, 0.0)), WALK,
        cutoff_min=600, snap_limit_m=100, access_speed_kmh=3, access_detour=1,
    )  # fmt: skip
    return float(matrix.minutes[0])


def test_a_home_half_way_up_is_as_far_as_its_part_of_the_slope() -> None:
    whole = flat_then_steep()
    even = split_uneven(whole)
    scale = float(whole.length_m[0]) / 2000
    pace = 60 / 3000 * scale
    assert even.n_edges == 2
    assert minutes(even, 900, 0) == pytest.approx(900 * pace, rel=1e-3)
    up, down = (1 / float(tobler_factor(s / scale)) for s in (0.25, -0.25))
    assert minutes(even, 0, 1500) == pytest.approx((1000 + 500 * up) * pace, rel=2e-3)
    assert minutes(even, 1500, 0) == pytest.approx((1000 + 500 * down) * pace, rel=2e-3)
    assert abs(minutes(whole, 900, 0) - 900 * pace) > 5


def test_splitting_changes_no_whole() -> None:
    whole = flat_then_steep()
    even = split_uneven(whole)
    assert even.length_m.sum() == pytest.approx(whole.length_m.sum(), rel=1e-12)
    assert minutes(even, 0, 2000) == pytest.approx(minutes(whole, 0, 2000), rel=1e-6)
    for one, other in zip(even.relief.ascent_m(), whole.relief.ascent_m(), strict=True):
        assert one.sum() == pytest.approx(other.sum())
    assert len(set(even.node_id.tolist())) == even.n_nodes
    at_v = even.shape_start[1:] - 1
    np.testing.assert_allclose(even.shape_x[at_v], even.node_x[even.edge_v])
    np.testing.assert_allclose(even.shape_x[even.shape_start[:-1]], even.node_x[even.edge_u])


def test_an_even_road_is_left_as_it_is() -> None:
    network = road()
    ramp = replace(network, relief=Relief(np.array([0, 21]), np.linspace(0, 200, 21)))
    assert split_uneven(ramp) is ramp
    assert split_uneven(network) is network
