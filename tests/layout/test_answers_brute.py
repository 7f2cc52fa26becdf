"""Answers on counties of up to eight villages, and with one goal after the other, agree with trying every plan."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.config.layout import Term
from layout_planner.layout import Objective, solve_layout
from layout_planner.layout.alternatives import alternative_plans
from layout_planner.layout.facts import first_value
from layout_planner.layout.pareto import pareto_front
from layout_planner.layout.prices import price_decisions
from layout_planner.locate import Status
from tests.layout.brute import every_plan
from tests.layout.test_brute_force import WEIGHTS, drawn, same, weigh

MONEY = {Term.YEARLY_YUAN: 1.0, Term.ONE_OFF_YUAN: 0.05}
IN_TURN = Objective({}, order=(Term.PUPIL_MINUTES, Term.YEARLY_YUAN), yield_share=0.05)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 9999), st.integers(6, 8))
def test_prices_of_larger_counties(seed, villages):
    model = drawn(seed, villages, 3)
    solution, plans = solve_layout(model, Objective(WEIGHTS)), every_plan(model)
    if not solution.found:
        assert not plans
        return
    opens = model.choices.is_open
    for price in price_decisions(solution, Objective(WEIGHTS)):
        j, want = model.position(price.school_id), price.instead == "keep"
        other = [weigh(terms) for chosen, terms in plans if opens[chosen[j]] == want]
        assert bool(other) == (price.other.status is not Status.INFEASIBLE)
        if other:
            assert price.value == same(min(other) - solution.objective)
            assert price.least - 1e-3 <= price.value <= price.most + 1e-3


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 9999))
def test_prices_count_the_first_goal_where_one_comes_after_the_other(seed):
    model = drawn(seed, 5, 4)
    solution, plans = solve_layout(model, IN_TURN), every_plan(model)
    if not solution.found:
        assert not plans
        return
    opens = model.choices.is_open
    for price in price_decisions(solution, IN_TURN):
        j, want = model.position(price.school_id), price.instead == "keep"
        other = [terms[Term.PUPIL_MINUTES] for chosen, terms in plans if opens[chosen[j]] == want]
        assert bool(other) == (price.other.status is not Status.INFEASIBLE)
        if other:
            assert price.value == same(min(other) - first_value(solution)[0])


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 3))
def test_alternatives_where_one_goal_comes_after_the_other(seed, apart):
    model = drawn(seed, 5, 4)
    solution, plans = solve_layout(model, IN_TURN), every_plan(model)
    if not solution.found:
        return
    found = alternative_plans(solution, IN_TURN, count=2, schools=apart, within=10.0)
    far = [
        terms[Term.PUPIL_MINUTES] for chosen, terms in plans
        if sum(a != b for a, b in zip(chosen, solution.choice, strict=True)) >= apart
    ]  # fmt: skip
    for plan in list(found.plans.values())[1:]:
        assert first_value(plan)[0] == same(min(far))
    assert found.exhausted or len(found.plans) == 2


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 9999))
def test_ends_of_the_front_where_pupils_may_be_split(seed):
    block = drawn(seed, 7, 3, whole_villages=False)
    whole = [(t[Term.PUPIL_MINUTES], weigh(t, MONEY)) for _, t in every_plan(drawn(seed, 7, 3))]
    front = pareto_front(block, points=4)
    if whole:
        assert len(front)
    for travel, cost in whole:
        within = [point.bound for point in front if point.limit >= travel - 1e-3]
        assert front.shortest_bound <= travel + 1e-3
        assert not within or min(within) <= cost + 1e-3
    assert all(np.diff([point.cost for point in front]) < 0)


def test_the_same_seed_gives_the_same_answers():
    model = drawn(4, 6, 4)
    solution = solve_layout(model, Objective(WEIGHTS))
    one, two = (price_decisions(solution, Objective(WEIGHTS), seed=3) for _ in range(2))
    assert [price.value for price in one] == [price.value for price in two]
    fronts = [pareto_front(model, points=4, seed=3).table for _ in range(2)]
    assert fronts[0].equals(fronts[1])


@pytest.mark.parametrize("stop", [0, 2])
def test_answers_cut_short_say_what_they_know(stop):
    model = drawn(4, 6, 4)
    solution = solve_layout(model, Objective(WEIGHTS))
    asked = iter(range(10**6))
    prices = price_decisions(solution, Objective(WEIGHTS), cancel=lambda: next(asked) >= stop)
    assert all(price.least <= price.value for price in prices)
    assert len(prices) < 5
    assert len(pareto_front(model, cancel=lambda: True)) <= 1
