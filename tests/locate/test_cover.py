"""Set cover, maximal cover and p-centre against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate import LocationResult, Status, max_cover, p_center, set_cover
from tests.locate.brute import fewest_sites, instances, least_centre, least_uncovered


def check_common(result: LocationResult, cost, forced, barred):
    opened = [int(s) for s in result.open]
    assert result.bound <= result.objective
    assert set(forced) <= set(opened)
    assert not set(barred) & set(opened)
    for i, site in enumerate(result.assignment):
        if site != "":
            assert cost[i, int(site)] == cost[i, opened].min() < np.inf
    return opened


@settings(max_examples=120, deadline=None)
@given(instances(), st.integers(0, 10))
def test_set_cover_opens_as_few_sites_as_brute_force(instance, radius):
    cost, _, forced, barred = instance
    want = fewest_sites(cost, radius, forced, barred)
    result = set_cover(cost, radius, fixed_open=forced, forbidden=barred)
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
        return
    opened = check_common(result, cost, forced, barred)
    assert result.status is Status.OPTIMAL
    assert (result.objective, len(opened), result.bound) == (want, want, want)
    assert (cost[:, opened].min(axis=1) <= radius).all()


@settings(max_examples=120, deadline=None)
@given(instances())
def test_p_center_is_that_of_brute_force(instance):
    cost, p, forced, barred = instance
    want = least_centre(cost, p, forced, barred)
    result = p_center(cost, p, fixed_open=forced, forbidden=barred)
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
        return
    opened = check_common(result, cost, forced, barred)
    assert len(opened) == p
    assert cost[:, opened].min(axis=1).max() == result.objective
    assert result.status is Status.OPTIMAL
    assert (result.objective, result.bound) == (want, want)


@settings(max_examples=120, deadline=None)
@given(instances(), st.integers(0, 10))
def test_max_cover_leaves_out_as_little_as_brute_force(instance, radius):
    cost, p, forced, barred = instance
    weights = np.arange(len(cost)) % 4 + 0.5 * (len(cost) % 2)
    want = least_uncovered(cost, p, radius, weights, forced, barred)
    result = max_cover(cost, p, radius, weights=weights, fixed_open=forced, forbidden=barred)
    opened = check_common(result, cost, forced, barred)
    assert len(opened) == p
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(want)
    assert result.bound <= want + 1e-9
    assert weights[result.assignment == ""].sum() == pytest.approx(want)


def test_a_point_beyond_every_radius_is_named():
    result = set_cover(np.array([[1.0], [9.0]]), 5, demand_id=["甲", "乙"])
    assert result.status is Status.INFEASIBLE
    assert "乙" in result.log


def test_weights_choose_whom_the_centre_is_near():
    cost = np.array([[1.0, 4.0], [4.0, 1.0]])
    assert p_center(cost, 1, weights=[1, 9]).open.tolist() == ["1"]


def test_a_cancelled_centre_is_a_plan_that_nobody_calls_optimal():
    cost = np.hypot(*(np.random.default_rng(1).random((2, 200, 1)) - np.random.default_rng(2).random((2, 1, 60))))
    result = p_center(cost, 6, cancel=lambda: True)
    assert result.status is Status.FEASIBLE
    assert len(result.open) == 6
    assert result.bound < p_center(cost, 6).objective < result.objective < np.inf
