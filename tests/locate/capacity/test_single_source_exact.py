"""Whole demands on a few given sites: the best assignment below a cost, or a bound that no assignment undercuts."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate.capacity.facilities import Division, Facilities
from layout_planner.locate.capacity.single_source_exact import Whole, crowded, settle_set
from layout_planner.locate.stopping import Watch


def facts(cost, size, room, fixed):
    k = len(room)
    return Facilities(
        np.array(cost, float), np.array(fixed, float), np.array(room, float), np.array(size, float),
        np.ones(k, bool), np.zeros(k, bool), k, k, float("inf"),
    )  # fmt: skip


def settle(problem: Facilities, upper: float, **more):
    k = len(problem.room)
    free = Division(float(problem.cost.min(axis=1).sum() + problem.fixed.sum()), np.zeros(k), np.empty((0, 0)), True)
    options = {"start": None, "watch": Watch(20), "effort": 5.0, "rounding": 1e-7, "seed": 0, **more}
    return settle_set(problem, np.arange(k), free, upper, **options)


def cheapest(problem: Facilities) -> float:
    n, k = problem.cost.shape
    best = np.inf
    for member in product(range(k), repeat=n):
        if (np.bincount(member, problem.size, k) <= problem.room).all():
            best = min(best, float(problem.cost[np.arange(n), member].sum() + problem.fixed.sum()))
    return best


TIGHT = facts([[1, 5], [1, 5], [1, 9]], [2, 2, 3], [4, 3], [10, 0])


@pytest.mark.parametrize("by_highs", [True, False])
def test_both_solvers_send_the_cheapest_one_away(by_highs):
    plan, bound = settle(TIGHT, 30.0, by_highs=by_highs)
    assert plan.member.tolist() == [0, 0, 1]
    assert plan.value == 21 == pytest.approx(bound, abs=1e-4)


@pytest.mark.parametrize("by_highs", [True, False])
def test_nothing_below_the_best_is_found_and_the_bound_says_so(by_highs):
    plan, bound = settle(TIGHT, 21.0, by_highs=by_highs)
    assert plan is None
    assert 21 - 1e-4 <= bound <= 21


def test_pairs_that_are_not_kept_are_not_used():
    kept = np.array([[True, True], [True, False], [True, False]])
    plan, bound = settle(TIGHT, 99.0, kept=kept)
    assert plan is None
    assert bound >= 99 - 1e-3


def test_a_known_plan_may_be_handed_in():
    known = Whole(np.arange(2), np.array([0, 0, 1]), 21.0)
    assert settle(TIGHT, 30.0, start=known)[0].value == 21


def test_without_time_the_bound_is_that_of_divided_demand():
    plan, bound = settle(TIGHT, 30.0, watch=Watch(0.0))
    assert plan is None or plan.value >= 21
    assert 13 <= bound <= 21 + 1e-6


def test_amounts_in_fractions_go_to_highs():
    plan, _ = settle(facts([[1, 5], [1, 9]], [0.5, 0.75], [0.75, 0.5], [0, 0]), 30.0)
    assert plan.member.tolist() == [1, 0]


def test_forty_demands_a_site_are_a_crowd():
    assert crowded(400, 10)
    assert not crowded(399, 10)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 6), st.integers(1, 3), st.booleans(), st.floats(-3.0, 30.0))
def test_it_agrees_with_trying_everything(seed, n, k, by_highs, beyond):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 500, (n, k)) / 10
    cost[rng.random((n, k)) < 0.1] = np.inf
    cost[:, 0] = np.where(np.isfinite(cost).any(axis=1), cost[:, 0], 7.0)
    problem = facts(cost, rng.integers(0, 9, n), rng.integers(4, 25, k), rng.integers(0, 20, k))
    best = cheapest(problem)
    upper = (best if np.isfinite(best) else 100.0) + beyond
    plan, bound = settle(problem, upper, by_highs=by_highs)
    assert bound <= max(best, upper) + 1e-6
    assert bound <= min(best, upper) + 1e-6
    if best < upper - 1e-4:
        assert plan is not None
        assert plan.value == pytest.approx(best)
    elif plan is not None:
        assert best <= plan.value < upper
