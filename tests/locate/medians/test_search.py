"""The parts of the median search, each against brute force or against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate import Status, p_median
from layout_planner.locate.medians.bounds import Dual
from layout_planner.locate.medians.branching import Tree
from layout_planner.locate.medians.local_search import greedy, interchange, relink
from layout_planner.locate.medians.radius import RadiusModel
from layout_planner.locate.problem import Problem
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Watch
from layout_planner.testing import assert_plan_valid
from tests.locate.brute import instances, least_median, plans


def mask(m, sites):
    chosen = np.zeros(m, dtype=bool)
    chosen[list(sites)] = True
    return chosen


@settings(max_examples=150, deadline=None)
@given(instances(), st.sampled_from([0.0, 1e-4, 0.3]))
def test_medians_are_those_of_brute_force_and_bounds_never_exceed_them(instance, gap):
    cost, p, forced, barred = instance
    want = least_median(cost, p, forced, barred)
    result = p_median(cost, p, fixed_open=forced, forbidden=barred, gap=gap)
    assert_plan_valid(result, cost=cost, p=p, fixed_open=forced, forbidden=barred)
    assert result.bound <= want + 1e-9
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
    else:
        assert result.objective <= want * (1 + gap) / (1 - gap) + 1e-9
        assert result.objective >= want - 1e-9
        assert gap == 0.0 or result.status is Status.OPTIMAL


@settings(max_examples=100, deadline=None)
@given(instances(), st.integers(0, 99))
def test_any_prices_bound_the_optimum_and_fix_only_what_it_allows(instance, seed):
    cost, p, forced, barred = instance
    want = least_median(cost, p, forced, barred)
    problem = Problem.build(cost, fixed_open=forced, forbidden=barred)
    rows = SortedRows.of(problem)
    if np.isinf(want) or (rows.lengths == 0).any():
        return
    rng = np.random.default_rng(seed)
    dual = Dual.start(rows, problem.forced)
    dual.price[:] = rng.random(len(cost)) * 30
    dual.improve(rows, p, problem.forced, ~problem.barred, want, int(rng.integers(1, 60)))
    assert dual.bound <= want + 1e-9
    closed, opened, slack = dual.fixed(rows, p, problem.forced, ~problem.barred, want + 1e-9)
    every = plans(cost.shape[1], [p], forced, barred)
    for sites in [s for s in every if cost[:, s].min(axis=1).sum() <= want]:
        assert not closed[list(sites)].any()
        assert set(np.flatnonzero(opened)) <= set(sites)
        assert (cost[:, sites].min(axis=1) <= dual.price + slack + 1e-9).all()


@settings(max_examples=100, deadline=None)
@given(instances())
def test_tree_and_radius_model_find_the_optimum_alone(instance):
    cost, p, forced, barred = instance
    want = least_median(cost, p, forced, barred)
    problem = Problem.build(cost, fixed_open=forced, forbidden=barred)
    rows = SortedRows.of(problem)
    if (rows.lengths == 0).any():
        return
    model = RadiusModel.build(rows, problem.forced)
    answer = model.solve(p, problem.forced, ~problem.barred, start=None, watch=Watch(30.0), gap=0.0, seed=0)
    if np.isinf(want):
        assert answer.infeasible
        return
    assert answer.objective + model.constant == pytest.approx(want, abs=1e-6)
    tree = Tree(rows, p, problem.forced, ~problem.barred, np.zeros(len(cost)), want + 1e-6, whole=False)
    assert not tree.grow(10_000)
    assert tree.value == pytest.approx(want)
    assert tree.bound == np.inf


@settings(max_examples=100, deadline=None)
@given(instances())
def test_no_swap_improves_what_interchange_returns(instance):
    cost, p, forced, barred = instance
    problem = Problem.build(cost, fixed_open=forced, forbidden=barred)
    rows, m = SortedRows.of(problem), cost.shape[1]
    plan = interchange(rows, greedy(rows, p, problem.forced, problem.barred), problem.forced, problem.barred)
    assert plan.sum() == p
    assert plan[problem.forced].all()
    assert not plan[problem.barred].any()
    value = rows.total(plan)
    for out in np.flatnonzero(plan & ~problem.forced):
        for into in np.flatnonzero(~plan & ~problem.barred):
            other = plan.copy()
            other[[out, into]] = False, True
            assert rows.total(other) >= value - 1e-9 * max(1.0, abs(value)) if np.isfinite(value) else True
    assert m == len(plan)


def test_a_path_between_two_plans_stays_between_them():
    cost = np.random.default_rng(3).random((30, 8))
    rows = SortedRows.of(Problem.build(cost))
    here, there = mask(8, [0, 1, 2]), mask(8, [2, 3, 4])
    middle = relink(rows, here, there)
    assert middle[2]
    assert middle[[0, 1]].sum() == 1
    assert middle[[3, 4]].sum() == 1


def test_the_best_plan_is_kept_when_cancelled_and_progress_is_told():
    cost = np.hypot(*(np.random.default_rng(1).random((2, 300, 1)) - np.random.default_rng(2).random((2, 1, 90))))
    heard = []
    result = p_median(cost, 9, cancel=lambda: len(heard) > 0, progress=lambda *news: heard.append(news))
    assert heard
    assert result.objective < np.inf
    assert_plan_valid(result, cost=cost, p=9)
    assert result.status is Status.FEASIBLE or result.gap <= 1e-4


def test_the_same_seed_gives_the_same_plan():
    cost = np.random.default_rng(5).random((120, 40))
    first, second = (p_median(cost, 10, seed=7) for _ in range(2))
    assert first.open.tolist() == second.open.tolist()
    assert first.bound == second.bound
