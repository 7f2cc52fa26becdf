"""Layouts of the small county, by hand: each rule changes the plan when it is switched on."""

from __future__ import annotations

import numpy as np
import pytest

from layout_planner.config.layout import Term
from layout_planner.layout import Choice, Exclusion, Limits, Objective, layout_model, proposal, solve_layout
from layout_planner.locate.result import Status
from layout_planner.testing import assert_plan_valid
from tests.small_county import county, scenario, times

MONEY = {"weights": {"pupil_minutes": 0, "yearly_yuan": 1}}
PAST = {"time_limit": {"G1-3": "none", "G4-6": "none", "G7-9": "none"}}


def model(*, here=None, travel=None, may=None, must=None, goal=None, **layout):
    """Set up the small county; money alone counts and no time rule holds unless said otherwise."""
    block = {"may": may or {}, "must": PAST | (must or {}), "goal": goal or MONEY, "gap": 0.0} | layout
    return layout_model(here or county(), times(), scenario(layout=block, travel=travel or {}))


def config(**blocks):
    """Solve to the optimum and give the choice of every school."""
    solution = solve_layout(model(**blocks))
    assert solution.status is Status.OPTIMAL
    assert solution.bound <= solution.objective
    return solution.config


def test_money_alone_closes_whatever_may_be_closed():
    assert config() == {"S1": Choice.CLOSE, "S2": Choice.KEEP, "S3": Choice.KEEP, "S4": Choice.CLOSE}


def test_minutes_alone_close_nothing():
    assert Choice.CLOSE not in config(goal={"weights": {"pupil_minutes": 1, "yearly_yuan": 0}}).values()


def test_a_school_whose_parents_oppose_is_neither_closed_nor_converted():
    assert config(must={"oppose": ["S1"]})["S1"] is Choice.KEEP


def test_a_protected_school_stays_open():
    assert config(must={"keep": ["S4"]})["S4"] is Choice.KEEP


def test_the_youngest_keep_their_teaching_point_where_the_half_hour_would_break():
    walk_only = {"ride_limit_min": {"G1-3": None}}
    assert config(travel=walk_only)["S4"] is Choice.CLOSE
    assert config(travel=walk_only, must={"time_limit": {"G1-3": "strict"}})["S4"] is Choice.KEEP
    assert config(travel=walk_only, must={"time_limit": {"G1-3": "keep"}})["S4"] is Choice.KEEP


def test_low_grades_stay_where_high_grades_leave():
    walk_only = {"ride_limit_min": {"G1-3": None}}
    near = {"G1-3": 30, "G4-6": 70, "G7-9": 90}
    found = config(travel=walk_only | {"walk_limit_min": near}, must={"time_limit": {"G1-3": "strict"}})
    assert found["S1"] is Choice.CONVERT


def test_an_unsafe_way_keeps_the_village_school():
    unsafe = [{"village": "V1", "school": "S2"}, {"village": "V1", "school": "S4"}]
    assert config(must={"unsafe_ways": unsafe})["S1"] is Choice.KEEP


def test_a_school_with_big_classes_receives_nobody():
    crowded = county()
    crowded.schools["enrolment"] = [60, 700, 84, 12]
    crowded.schools["classes"] = [6, 12, 3, 1]
    assert config(here=crowded)["S1"] is Choice.KEEP
    assert config(here=crowded, must={"overfull_receive_none": False})["S1"] is Choice.CLOSE


def test_a_school_too_large_is_not_made():
    assert config(must={"largest": {"central_primary": 100}})["S1"] is Choice.KEEP


def test_at_most_so_many_closures_and_changes():
    assert list(config(must={"max_closures": 1}).values()).count(Choice.CLOSE) == 1
    assert Choice.CLOSE not in config(must={"max_changes": 0}).values()


def test_a_budget_for_one_off_money_binds():
    assert list(config(must={"one_off_budget_yuan": 60_000}).values()).count(Choice.CLOSE) == 1


def test_every_township_keeps_a_central_primary():
    open_to_all = {"close": ["teaching_point", "village_primary", "central_primary"], "rooms_per_school": 20}
    assert config(may=open_to_all, must={"central_primary_per_township": True})["S2"] is Choice.KEEP


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
