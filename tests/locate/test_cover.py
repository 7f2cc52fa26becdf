"""Set cover and maximal cover against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate import Status, max_cover, set_cover
from tests.locate.brute import assert_nearest, fewest_sites, instances, least_uncovered


@settings(max_examples=120, deadline=None)
@given(instances(), st.integers(0, 10))
def test_set_cover_opens_as_few_sites_as_brute_force(instance, radius):
    cost, _, forced, barred = instance
    want = fewest_sites(cost, radius, forced, barred)
    result = set_cover(cost, radius, fixed_open=forced, forbidden=barred)
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
        return
    opened = assert_nearest(result, cost, forced, barred)
    assert result.status is Status.OPTIMAL
    assert (result.objective, len(opened), result.bound) == (want, want, want)
    assert (cost[:, opened].min(axis=1) <= radius).all()


@settings(max_examples=120, deadline=None)
@given(instances(), st.integers(0, 10))
def test_max_cover_leaves_out_as_little_as_brute_force(instance, radius):
    cost, p, forced, barred = instance
    weights = np.arange(len(cost)) % 4 + 0.5 * (len(cost) % 2)
    want = least_uncovered(cost, p, radius, weights, forced, barred)
    result = max_cover(cost, p, radius, weights=weights, fixed_open=forced, forbidden=barred)
    opened = assert_nearest(result, cost, forced, barred)
    assert len(opened) == p
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(want)
    assert result.bound <= want + 1e-9
    assert weights[result.assignment == ""].sum() == pytest.approx(want)


def test_a_point_beyond_every_radius_is_named():
    result = set_cover(np.array([[1.0], [9.0]]), 5, demand_id=["甲", "乙"])
    assert result.status is Status.INFEASIBLE
    assert "乙" in result.log
