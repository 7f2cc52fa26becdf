"""Layouts of the small county: what is solved, what is proven, and what becomes of it."""

from __future__ import annotations

import numpy as np
import pytest

from layout_planner.config.layout import Term
from layout_planner.layout import Choice, Exclusion, Limits, Objective, proposal, solve_layout
from layout_planner.locate.result import Status
from layout_planner.testing import assert_plan_valid
from tests.layout.asks import model
from tests.small_county import county, scenario, times


def test_lexicographic_minutes_come_first():
    order = {"method": "lexicographic", "order": ["pupil_minutes", "yearly_yuan"], "yield_share": 0.0}
    solution = solve_layout(model(goal=order))
    assert [term for term, _, _ in solution.passes] == [Term.PUPIL_MINUTES, Term.YEARLY_YUAN]
    assert Choice.CLOSE not in solution.config.values()


def test_worst_minutes_are_counted_alike_by_the_solver_and_from_the_plan():
    solution = solve_layout(model(goal={"weights": {"pupil_minutes": 0, "yearly_yuan": 0, "worst_minutes": 1}}))
    assert solution.objective == pytest.approx(solution.terms[Term.WORST_MINUTES])
    assert solution.bound == pytest.approx(solution.objective, rel=1e-5)


@pytest.mark.parametrize("whole", [True, False])
def test_the_plan_is_valid_and_costs_what_the_model_says(whole):
    here, both = county(), scenario(assign={"method": "capacitated"})
    solution = solve_layout(model(must={"whole_villages": whole}))
    made = proposal(solution, here, times(), both)
    assert_plan_valid(made.plan)
    assert (made.plan.assignment["reason"] == "").all()
    load = made.plan.assignment.groupby("school_id")["pupils"].sum()
    np.testing.assert_allclose(load.sum(), solution.load.sum())
    assert made.decisions["reason"].str.len().min() > 3
    assert made.decisions.set_index("school_id").loc["S1", "receiving"] == "柳镇中心小学"


def test_nobody_passes_a_nearer_school_with_seats():
    solution = solve_layout(model(must={"closest_first": True, "oppose": ["S1"]}))
    flows = solution.flows()
    assert set(flows.loc[(flows["village_id"] == "V1") & (flows["band"] != "G7-9"), "school_id"]) == {"S1"}


def test_limits_close_keep_fix_and_exclude():
    here = model()
    first = solve_layout(here)
    assert solve_layout(here, extra=Limits(keep=("S1",))).config["S1"] is not Choice.CLOSE
    assert solve_layout(here, extra=Limits(fix={"S1": Choice.CONVERT})).config["S1"] is Choice.CONVERT
    other = solve_layout(here, extra=Limits(exclude=(Exclusion(first, 2),)))
    assert sum(other.config[code] != choice for code, choice in first.config.items()) >= 2
    assert other.objective >= first.objective


def test_a_village_without_any_school_is_named():
    lonely = model(must={"unsafe_ways": [{"village": "V3", "school": "S3"}]})
    solution = solve_layout(lonely)
    assert solution.status is Status.INFEASIBLE
    assert "V3|G7-9" in solution.log


def test_same_seed_same_plan_and_a_warm_start_changes_no_value():
    here = model(goal={"weights": {"pupil_minutes": 40, "yearly_yuan": 1}})
    one, two = solve_layout(here), solve_layout(here)
    np.testing.assert_array_equal(one.choice, two.choice)
    np.testing.assert_array_equal(one.flow, two.flow)
    assert solve_layout(here, start=one).objective == pytest.approx(one.objective)
    assert solve_layout(here, Objective({Term.YEARLY_YUAN: 1.0})).terms[Term.YEARLY_YUAN] <= one.terms[Term.YEARLY_YUAN]
