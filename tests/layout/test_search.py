"""The search of a layout: bounds that hold, plans to begin with, progress, Ctrl-C and a time that runs out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.layout import Objective, solve_layout
from layout_planner.layout.assemble import assemble, term_vectors
from layout_planner.layout.search import Milp, safe_bound
from layout_planner.locate import Status
from tests.layout.small_layout import draw, layout
from tests.layout.test_brute_force import WEIGHTS

OBJECTIVE = Objective(WEIGHTS)
UNPROVEN = 29
"""A county whose relaxation alone does not prove its best plan."""


def county(seed=UNPROVEN, **blocks):
    return draw(seed, 7, 5, layout(may={"rooms_per_school": 3, "beds_per_school": 20}, **blocks))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 9999), prices=st.integers(0, 9999))
def test_no_row_prices_prove_more_than_the_best_plan(seed, prices):
    model = county(seed)
    solution = solve_layout(model, OBJECTIVE)
    if not solution.found:
        return
    programme = assemble(model, frozenset(WEIGHTS))
    terms = term_vectors(programme, model, OBJECTIVE.worst_share)
    whole = Milp.of(programme, sum(terms[term] * weight for term, weight in WEIGHTS.items()))
    bound = safe_bound(whole, np.random.default_rng(prices).normal(0, 1e4, programme.n_rows))
    assert np.isfinite(bound)
    assert bound <= solution.objective + 1e-6


def test_progress_tells_better_plans_and_higher_bounds():
    heard = []
    solution = solve_layout(county(), OBJECTIVE, progress=lambda *news: heard.append(news))
    seconds, objectives, bounds = map(list, zip(*heard, strict=True))
    assert seconds == sorted(seconds)
    assert objectives == sorted(objectives, reverse=True)
    assert bounds == sorted(bounds)
    assert solution.objective == pytest.approx(objectives[-1])
    assert bounds[0] > 0


def test_cancelled_after_the_first_plan_the_plan_comes_with_its_bound():
    best, heard = solve_layout(county(), OBJECTIVE), []

    def listen(_seconds, objective, bound):
        if np.isfinite(objective):
            heard.append(bound)

    solution = solve_layout(county(), OBJECTIVE, progress=listen, cancel=lambda: bool(heard))
    assert solution.found
    assert solution.status is Status.FEASIBLE
    assert 0 < solution.bound <= best.objective <= solution.objective + 1e-6
    assert solution.gap > 0


def test_cancelled_at_once_the_plan_to_begin_with_is_kept_and_nothing_claimed():
    model = county()
    plan = solve_layout(model, OBJECTIVE)
    solution = solve_layout(model, OBJECTIVE, start=plan, cancel=lambda: True)
    assert solution.objective == pytest.approx(plan.objective)
    assert solution.bound <= plan.objective
    none = solve_layout(county(start_from="nothing"), OBJECTIVE, cancel=lambda: True)
    assert none.status in (Status.UNKNOWN, Status.FEASIBLE)


def test_without_time_the_plan_to_begin_with_is_kept():
    model = county()
    plan = solve_layout(model, OBJECTIVE)
    solution = solve_layout(model, OBJECTIVE, start=plan, time_limit=0.0)
    assert solution.status is not Status.INFEASIBLE
    assert solution.objective == pytest.approx(plan.objective)


def test_a_plan_of_this_model_is_begun_with_whole_and_one_of_another_by_its_choices():
    model = county()
    plan = solve_layout(model, OBJECTIVE)
    again = solve_layout(model, OBJECTIVE, start=plan)
    assert "start: " in again.log
    assert again.objective == pytest.approx(plan.objective)
    slower = replace(model, arcs=replace(model.arcs, minutes=model.arcs.minutes * 1.1))
    other = solve_layout(slower, OBJECTIVE, start=plan)
    assert other.objective == pytest.approx(solve_layout(slower, OBJECTIVE).objective)


def test_a_plan_to_begin_with_may_break_the_limits():
    here = county()
    plan = solve_layout(here, OBJECTIVE)
    narrow = county(must={"one_off_budget_yuan": 0})
    held = solve_layout(narrow, OBJECTIVE, start=plan)
    assert held.objective == pytest.approx(solve_layout(narrow, OBJECTIVE).objective)
