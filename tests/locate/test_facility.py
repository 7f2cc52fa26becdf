"""Facility location and capacitated p-median against brute force, with honest statuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import LayoutError
from layout_planner.locate import Status, capacitated_p_median, facility_location
from layout_planner.testing import assert_plan_valid
from tests.locate.brute import least_facilities


def instance(seed, n, m):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 50, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.1] = np.inf
    demand = rng.integers(0, 9, n).astype(float)
    capacity = rng.integers(4, 25, m).astype(float)
    return cost, rng.integers(0, 40, m).astype(float), demand, capacity


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 5), st.integers(1, 4), st.booleans(), st.booleans())
def test_the_objective_is_that_of_brute_force(seed, n, m, single, limited):
    cost, fixed, demand, capacity = instance(seed, n, m)
    budget = 45.0 if limited else None
    want = least_facilities(cost, fixed, demand, capacity, single=single, budget=budget or np.inf)
    facts = {"demand": demand, "capacity": capacity, "budget": budget}
    result = facility_location(cost, fixed, single_source=single, **facts)
    assert_plan_valid(result, cost=cost, fixed_cost=fixed, **facts)
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(want, rel=1e-4, abs=1e-6)
    assert result.bound <= want + 1e-6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 5), st.integers(1, 4), st.booleans(), st.data())
def test_a_given_number_of_sites_is_kept(seed, n, m, single, data):
    cost, _, demand, capacity = instance(seed, n, m)
    p = data.draw(st.integers(1, m))
    want = least_facilities(cost, np.zeros(m), demand, capacity, single=single, p=p)
    result = capacitated_p_median(cost, p, demand, capacity, single_source=single)
    assert_plan_valid(result, cost=cost, p=p, demand=demand, capacity=capacity)
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(want, rel=1e-4, abs=1e-6)
    assert result.bound <= want + 1e-6


def test_without_capacities_everybody_goes_to_the_cheapest_open_site():
    result = facility_location([[1.0, 9.0, 9.0], [9.0, 1.0, 9.0], [2.0, 2.0, 0.0]], [5.0, 5.0, 50.0])
    assert result.open.tolist() == ["0", "1"]
    assert result.objective == 14.0
    assert result.status is Status.OPTIMAL


def test_a_split_village_is_told_by_its_flow():
    result = capacitated_p_median([[0.0, 10.0], [0.0, 100.0]], 2, [4.0, 4.0], [6.0, 6.0], single_source=False)
    assert result.objective == pytest.approx(5.0)
    assert result.flow.toarray().tolist() == [[2.0, 2.0], [4.0, 0.0]]
    whole = capacitated_p_median([[0.0, 10.0], [0.0, 100.0]], 2, [4.0, 4.0], [6.0, 6.0])
    assert whole.objective == 10.0
    assert whole.flow is None


def test_a_demand_larger_than_every_site_is_named():
    result = capacitated_p_median([[1.0], [1.0]], 1, [3.0, 12.0], 10.0, demand_id=["甲", "乙"])
    assert result.status is Status.INFEASIBLE
    assert "乙" in result.log
    assert "甲" not in result.log


def test_too_little_room_is_said_by_how_much():
    result = facility_location([[1.0, 1.0]] * 3, 0.0, demand=[4.0, 4.0, 4.0], capacity=5.0)
    assert result.status is Status.INFEASIBLE
    assert "lack room for 2" in result.log


def test_a_point_that_nobody_can_serve_is_named():
    result = facility_location([[1.0], [np.nan]], 0.0, demand_id=["甲", "乙"])
    assert result.status is Status.INFEASIBLE
    assert "乙" in result.log


def test_fixed_and_forbidden_sites_are_kept():
    cost = np.array([[0.0, 5.0, 9.0], [0.0, 7.0, 2.0]])
    result = facility_location(cost, 1.0, fixed_open=[1], forbidden=[0])
    assert_plan_valid(result, cost=cost, fixed_cost=1.0, fixed_open=[1], forbidden=[0])
    assert result.objective == 9.0


def test_wrong_amounts_are_refused():
    with pytest.raises(LayoutError):
        facility_location([[1.0]], 0.0, demand=[-1.0])
    with pytest.raises(LayoutError):
        facility_location([[1.0]], [1.0, 2.0])
    with pytest.raises(LayoutError):
        capacitated_p_median([[1.0]], 2, [1.0], [1.0])


def town(n=60, m=12):
    rng = np.random.default_rng(3)
    cost = np.hypot(*(rng.random((2, n, 1)) - rng.random((2, 1, m))))
    return cost, rng.integers(1, 9, n).astype(float), np.full(m, 60.0)


def test_the_same_seed_gives_the_same_plan():
    cost, demand, capacity = town()
    one, two = (capacitated_p_median(cost, 6, demand, capacity, time_limit=20, gap=0.05) for _ in range(2))
    assert one.assignment.tolist() == two.assignment.tolist()


def test_a_cancelled_search_returns_its_plan_and_is_not_called_optimal_without_proof():
    cost, demand, capacity = town()
    told = []
    result = capacitated_p_median(
        cost, 6, demand, capacity, single_source=False, progress=lambda *now: told.append(now), cancel=lambda: True
    )
    assert_plan_valid(result, cost=cost, p=6, demand=demand, capacity=capacity)
    assert (result.status is Status.OPTIMAL) == (result.gap <= 1e-4)
    assert told
