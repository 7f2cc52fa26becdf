"""Layouts of small counties, every rule on, agree with trying every plan; and so do front, prices and choice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.config.layout import Term
from layout_planner.layout import Objective, solve_layout
from layout_planner.layout.alternatives import alternative_plans
from layout_planner.layout.pareto import pareto_front
from layout_planner.layout.prices import price_decisions
from layout_planner.locate import Status
from tests.layout.brute import every_plan
from tests.layout.small_layout import draw, layout

WEIGHTS = {
    Term.PUPIL_MINUTES: 40.0, Term.WORST_MINUTES: 900.0, Term.YEARLY_YUAN: 1.0, Term.ONE_OFF_YUAN: 0.05,
    Term.CHANGES: 7e3,
}  # fmt: skip
SMALL = {"rooms_per_school": 3, "beds_per_school": 20}


def drawn(seed, villages, sites, may=None, lacking=0.2, idle=False, **must):
    """Draw a county whose villages stay whole."""
    block = {"whole_villages": True, "junior_per_township": True, "smallest": {"village_primary": 10}} | must
    return draw(seed, villages, sites, layout(may=SMALL | (may or {}), must=block), lacking=lacking, idle=idle)


def weigh(terms, weights=WEIGHTS):
    return sum(terms[term] * weight for term, weight in weights.items())


def same(value):
    return pytest.approx(value, rel=1e-6, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 9999), villages=st.integers(1, 8), sites=st.integers(1, 5), closest=st.booleans(),
    whole_classes=st.booleans(), lift=st.booleans(), idle=st.booleans(), largest=st.sampled_from([2000, 90]),
    changes=st.sampled_from([None, 2, 4]), closures=st.sampled_from([None, 1]),
    once=st.sampled_from([None, 4e5]), yearly=st.sampled_from([None, 1.5e6]),
)  # fmt: skip
def test_no_plan_is_better_and_none_is_missed(
    seed, villages, sites, closest, whole_classes, lift, idle, largest, changes, closures, once, yearly
):
    must = {
        "closest_first": closest, "whole_classes": whole_classes, "max_changes": changes, "max_closures": closures,
        "one_off_budget_yuan": once, "yearly_budget_yuan": yearly, "largest": {"village_primary": largest},
    }  # fmt: skip
    lacking = 0.55 if villages > 6 else 0.2
    model = drawn(seed, villages, sites, may={"lift": lift}, lacking=lacking, idle=idle, **must)
    if closest:
        model.choices.may_add_rooms[:] = 0
    plans = every_plan(model)
    solution = solve_layout(model, Objective(WEIGHTS))
    if not plans:
        assert solution.status is Status.INFEASIBLE
        return
    best = min(weigh(terms) for _, terms in plans)
    assert solution.status is Status.OPTIMAL
    assert solution.objective == same(best)
    assert solution.bound <= best + 1e-3


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 9999))
def test_prices_are_those_of_brute_force(seed):
    model = drawn(seed, 5, 4)
    solution, plans = solve_layout(model, Objective(WEIGHTS)), every_plan(model)
    if not solution.found:
        assert not plans
        return
    opens = model.choices.is_open
    for price in price_decisions(solution, Objective(WEIGHTS)):
        j, want = model.position(price.school_id), price.instead == "keep"
        other = [weigh(terms) for chosen, terms in plans if opens[chosen[j]] == want]
        if not other:
            assert price.other.status is Status.INFEASIBLE
            continue
        assert price.value == same(min(other) - solution.objective)
        assert price.least - 1e-3 <= price.value <= price.most + 1e-3


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 9999))
def test_no_plan_lies_below_the_front(seed):
    model = drawn(seed, 5, 4)
    money = {Term.YEARLY_YUAN: 1.0, Term.ONE_OFF_YUAN: 0.05}
    plans = [(terms[Term.PUPIL_MINUTES], weigh(terms, money)) for _, terms in every_plan(model)]
    front = pareto_front(model, points=4)
    assert bool(len(front)) == bool(plans)
    for point in front:
        within = min(cost for travel, cost in plans if travel <= point.limit + 1e-3)
        assert point.bound <= within + 1e-3
        assert point.cost == pytest.approx(within, rel=1e-3)
        assert not any(cost < point.cost * (1 - 1e-3) and travel <= point.travel for travel, cost in plans)
    assert front.shortest_bound <= min((travel for travel, _ in plans), default=front.shortest_bound) + 1e-3


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 3))
def test_alternatives_are_the_best_that_differ_enough(seed, apart):
    model = drawn(seed, 5, 4)
    solution, plans = solve_layout(model, Objective(WEIGHTS)), every_plan(model)
    if not solution.found:
        return
    found = alternative_plans(solution, Objective(WEIGHTS), count=3, schools=apart, within=10.0)
    earlier = []
    for name, plan in found.plans.items():
        if earlier:
            far = [
                weigh(terms) for chosen, terms in plans
                if all(sum(a != b for a, b in zip(chosen, each.choice, strict=True)) >= apart for each in earlier)
            ]  # fmt: skip
            assert plan.objective == same(min(far)), name
        earlier.append(plan)
    assert found.table["differs"].min() >= apart or len(earlier) == 1
