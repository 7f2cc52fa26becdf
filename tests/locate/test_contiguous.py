"""Contiguous service areas against brute force, and on plans that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import LayoutError, UnknownIdError
from layout_planner.locate import Status, contiguous_facility_location
from layout_planner.testing import assert_plan_valid
from tests.locate.brute import least_zones

LINE = np.array([[0, 1], [1, 2], [2, 3], [3, 4]])


def instance(seed, n=7, m=3):
    rng = np.random.default_rng(seed)
    adjacency = np.array([[i, rng.integers(0, i)] for i in range(1, n)] + rng.integers(0, n, (2, 2)).tolist())
    seats = rng.choice(n, m, replace=False)
    cost = rng.integers(0, 20, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.1] = np.inf
    return cost, rng.integers(0, 15, m).astype(float), adjacency, seats, rng.integers(0, 5, n).astype(float)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([None, 1, 2]), st.sampled_from([6.0, 9.0, 30.0]), st.booleans())
def test_the_cheapest_connected_zones_are_found_and_proven(seed, p, room, scarce):
    cost, fixed, adjacency, seats, demand = instance(seed)
    budget = 15.0 if scarce else np.inf
    given_ = {"demand": demand, "capacity": room, "p": p, "budget": None if not scarce else budget}
    result = contiguous_facility_location(cost, fixed, adjacency, seats, **given_)
    assert_plan_valid(result, cost=cost, fixed_cost=fixed, adjacency=adjacency, site_unit=seats, **given_)
    want = least_zones(cost, fixed, adjacency, seats, demand, np.full(3, room), p, budget)
    assert result.status == (Status.OPTIMAL if np.isfinite(want) else Status.INFEASIBLE)
    assert result.objective == pytest.approx(want, rel=1e-4)
    assert result.bound <= want


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([None, 3]))
def test_larger_counties_get_valid_plans_and_bounds_without_the_whole_programme(seed, p):
    rng = np.random.default_rng(seed)
    side, m = 8, 8
    at = np.array([(x, y) for x in range(side) for y in range(side)])
    far = np.abs(at[:, None] - at[None]).sum(axis=2)
    adjacency, seats = np.argwhere(np.triu(far == 1)), rng.choice(len(at), m, replace=False)
    demand = rng.integers(1, 9, len(at)).astype(float)
    cost = np.hypot(*(at[:, None] - at[None, seats]).transpose(2, 0, 1)) * demand[:, None]
    given_ = {"demand": demand, "capacity": np.full(m, demand.sum() / 2.7), "p": p}
    result = contiguous_facility_location(cost, 60.0, adjacency, seats, time_limit=4.0, seed=seed, **given_)
    assert_plan_valid(result, cost=cost, fixed_cost=np.full(m, 60.0), adjacency=adjacency, site_unit=seats, **given_)
    assert result.status in (Status.OPTIMAL, Status.FEASIBLE)
    assert result.gap < 0.1


def test_a_zone_does_not_jump_over_another():
    # Unit 4 is cheapest at site 0, but 2 and 3 lie between and belong to site 1.
    cost = np.array([[0, 9], [0, 9], [9, 0], [9, 0], [0, 5.0]])
    result = contiguous_facility_location(cost, 0.0, LINE, [0, 2])
    assert result.assignment.tolist() == ["0", "0", "1", "1", "1"]
    assert result.objective == 5


def test_an_open_site_serves_its_own_unit():
    # Everybody would be cheaper at the other site; opening both costs nothing, yet each keeps its own unit.
    cost = np.array([[8, 1], [8, 1], [8, 1], [1, 8], [1, 8.0]])
    result = contiguous_facility_location(cost, 0.0, LINE, [0, 4], fixed_open=[0, 1])
    assert result.assignment[[0, 4]].tolist() == ["0", "1"]
    assert_plan_valid(result, cost=cost, adjacency=LINE, site_unit=[0, 4], fixed_open=[0, 1])


def test_ids_are_kept():
    names = ["甲", "乙", "丙", "丁", "戊"]
    cost = np.abs(np.arange(5)[:, None] - np.array([1, 4])[None]).astype(float)
    pairs = [[names[a], names[b]] for a, b in LINE]
    result = contiguous_facility_location(cost, 0.5, pairs, ["乙", "戊"], demand_id=names, site_id=["S1", "S2"])
    assert result.open.tolist() == ["S1", "S2"]
    assert result.assignment.tolist() == ["S1", "S1", "S1", "S2", "S2"]


def test_what_makes_a_plan_impossible_is_named():
    cost = np.ones((5, 2))
    large = contiguous_facility_location(cost, 0.0, LINE, [0, 4], demand=[1, 1, 9, 1, 1], capacity=6.0)
    assert large.status == Status.INFEASIBLE
    assert "no site is as large as 1 demand points: 2" in large.log
    island = contiguous_facility_location(cost, 0.0, LINE[:3], [0, 1])
    assert island.status == Status.INFEASIBLE
    assert "demand points: 4" in island.log
    tight = contiguous_facility_location(cost, 0.0, LINE, [0, 4], capacity=2.0)
    assert "room for 4, the demand is 5" in tight.log


def test_a_cancelled_call_says_that_it_knows_nothing_more():
    rng = np.random.default_rng(0)
    at = rng.random((60, 2))
    cost = np.hypot(*(at[:, None] - at[None, :10]).transpose(2, 0, 1))
    chain = np.column_stack([np.arange(59), np.arange(1, 60)])
    result = contiguous_facility_location(cost, 0.1, chain, np.arange(10), cancel=lambda: True)
    assert result.status in (Status.UNKNOWN, Status.FEASIBLE)


def test_bad_input_is_refused_with_words():
    cost = np.ones((5, 2))
    with pytest.raises(UnknownIdError, match="77"):
        contiguous_facility_location(cost, 0.0, [[0, 77]], [0, 4])
    with pytest.raises(LayoutError, match="每个地点"):
        contiguous_facility_location(cost, 0.0, LINE, [0])
    with pytest.raises(LayoutError, match="开办费用"):
        contiguous_facility_location(cost, -1.0, LINE, [0, 4])
    with pytest.raises(LayoutError, match="p = 3"):
        contiguous_facility_location(cost, 0.0, LINE, [0, 4], p=3)
