"""P-centres against brute force, and what they say when they are cut short."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from layout_planner.locate import Status, p_center
from tests.locate.brute import assert_nearest, instances, least_centre


@settings(max_examples=120, deadline=None)
@given(instances())
def test_p_center_is_that_of_brute_force(instance):
    cost, p, forced, barred = instance
    want = least_centre(cost, p, forced, barred)
    result = p_center(cost, p, fixed_open=forced, forbidden=barred)
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
        return
    opened = assert_nearest(result, cost, forced, barred)
    assert len(opened) == p
    assert cost[:, opened].min(axis=1).max() == result.objective
    assert result.status is Status.OPTIMAL
    assert (result.objective, result.bound) == (want, want)


def test_weights_choose_whom_the_centre_is_near():
    cost = np.array([[1.0, 4.0], [4.0, 1.0]])
    assert p_center(cost, 1, weights=[1, 9]).open.tolist() == ["1"]


def test_a_cancelled_centre_is_a_plan_that_nobody_calls_optimal():
    cost = np.hypot(*(np.random.default_rng(1).random((2, 200, 1)) - np.random.default_rng(2).random((2, 1, 60))))
    result = p_center(cost, 6, cancel=lambda: True)
    assert result.status is Status.FEASIBLE
    assert len(result.open) == 6
    assert result.bound < p_center(cost, 6).objective < result.objective < np.inf


def test_a_centre_of_many_points_is_decided_by_few_of_them():
    points = np.random.default_rng(0).random((2000, 2))
    cost = np.hypot(*(points[:, None] - points[None, :100]).transpose(2, 0, 1))
    result = p_center(cost, 8)
    assert result.status is Status.OPTIMAL
    assert cost[:, assert_nearest(result, cost)].min(axis=1).max() == result.objective
