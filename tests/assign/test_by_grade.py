"""Seats by grade: exact against one plain linear programme, folded to bands, and what happens beyond the seats."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import linprog

from layout_planner.assign import assign
from layout_planner.assign.beyond import fewest_beyond, stretched
from layout_planner.assign.by_grade import by_grade, grade_assignment, grade_resources
from layout_planner.assign.capacitated import capacitated
from layout_planner.assign.closest import closest_first
from layout_planner.assign.whole import whole
from layout_planner.config.scenario import Assign
from layout_planner.grades import GRADE_PUPILS, GRADES
from layout_planner.testing import assert_plan_valid
from tests.assign.instances import instances, plain_lp
from tests.small_county import county, scenario, times


@st.composite
def graded(draw):
    """Draw units, pupils by grade and seats by grade; the seats of a stage are those of its grades."""
    pairs, _ = draw(instances())
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    ids = sorted(set(pairs.demand_id.tolist()))
    demand = pd.DataFrame(rng.integers(0, 4, (len(ids), 9)), columns=list(GRADE_PUPILS)).assign(demand_id=ids)
    seats = pd.DataFrame(rng.choice([0, 2, 5, 40], (len(pairs.school_id), 9)), pairs.school_id, list(GRADES))
    beds = pd.DataFrame({"school_id": pairs.school_id, "beds": rng.choice([1, 4, 9], len(pairs.school_id))})
    units = by_grade(pairs, demand)
    return pairs, units, grade_resources(units, beds, seats)


@settings(max_examples=30, deadline=None)
@given(graded())
def test_total_and_number_seated_equal_the_plain_linear_programme_over_grades(case):
    _, units, room = case
    answer = capacitated(units.pairs, room)
    total, seated = plain_lp(units.pairs, room, answer.no_seat_cost)
    assert answer.objective == pytest.approx(total, rel=1e-7, abs=1e-6)
    assert answer.flow.sum() == pytest.approx(seated, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(graded())
def test_grades_sum_to_their_bands_and_no_grade_is_overfull(case):
    pairs, units, room = case
    whole_band = np.bincount(units.unit, weights=units.pairs.pupils, minlength=len(pairs.pupils))
    np.testing.assert_allclose(whole_band, pairs.pupils, atol=1e-9)
    for flow in (capacitated(units.pairs, room).flow, closest_first(units.pairs, room)):
        assert (room.used(flow) <= room.capacity + 1e-6).all()
        placed = np.bincount(pairs.rows, weights=units.fold(flow), minlength=len(pairs.pupils))
        assert (placed <= pairs.pupils + 1e-9).all()
        table = grade_assignment(units, flow)
        assert table["pupils"].sum() == pytest.approx(pairs.pupils.sum())
        assert table.loc[table["school_id"] != "", "pupils"].sum() == pytest.approx(flow.sum())


@settings(max_examples=30, deadline=None)
@given(graded())
def test_seats_of_grades_are_never_better_than_the_same_seats_of_the_stage(case):
    _, units, room = case
    m = len(units.pairs.school_id)
    stage = np.where(room.seat // m < 6, 0, m) + room.seat % m
    sums = room.capacity[: 9 * m].reshape(9, m)
    pooled = dataclasses.replace(
        room, capacity=np.concatenate([sums[:6].sum(axis=0), sums[6:].sum(axis=0), room.capacity[9 * m :]]),
        seat=stage, bed=np.where(room.bed >= 0, room.bed - 7 * m, -1),
    )  # fmt: skip
    by_stage, own = capacitated(units.pairs, pooled), capacitated(units.pairs, room)
    assert own.unseated.sum() >= by_stage.unseated.sum() - 1e-6
    cost = units.pairs.cost
    dear = cost.max(initial=0.0) * 1e4 + 1e4
    totals = [float(a.flow @ cost + dear * a.unseated.sum()) for a in (by_stage, own)]
    assert totals[0] <= totals[1] + 1e-6 * max(1.0, totals[1])


def beyond_lp(pairs, room):
    """Find who stays out for want of beds, then the fewest beyond the seats, then the least total, in turn."""
    k, units, m = len(pairs.school), len(pairs.pupils), len(pairs.school_id)
    seats = len(room.capacity) - m
    count = k + units + seats
    equal = np.zeros((units, count))
    equal[pairs.rows, np.arange(k)] = 1.0
    equal[np.arange(units), k + np.arange(units)] = 1.0
    limit = np.zeros((len(room.capacity), count))
    limit[room.seat, np.arange(k)] = 1.0
    boards = np.flatnonzero(room.bed >= 0)
    limit[room.bed[boards], boards] = 1.0
    limit[np.arange(seats), k + units + np.arange(seats)] = -1.0
    out, over, cost = np.zeros(count), np.zeros(count), np.zeros(count)
    out[k : k + units], over[k + units :], cost[:k] = 1.0, 1.0, pairs.cost
    found, rows, rhs = [], limit, room.capacity
    for aim in (out, over, cost):
        best = linprog(aim, rows, rhs, equal, pairs.pupils, method="highs").fun
        found.append(best)
        rows, rhs = np.vstack([rows, aim]), np.append(rhs, best + 1e-9)
    return found


@settings(max_examples=50, deadline=None)
@given(graded())
def test_fewest_beyond_the_seats_equals_three_linear_programmes_in_turn(case):
    _, units, room = case
    found = fewest_beyond(units.pairs, room)
    out, over, minutes = beyond_lp(units.pairs, room)
    assert found.seating.unseated.sum() == pytest.approx(out, abs=1e-5)
    assert found.pupils == pytest.approx(over, abs=1e-4)
    assert float(found.seating.flow @ units.pairs.cost) == pytest.approx(minutes, rel=1e-5, abs=1e-3)


@settings(max_examples=30, deadline=None)
@given(graded())
def test_seats_are_stretched_no_more_than_it_takes(case):
    _, units, room = case
    found, m = stretched(units.pairs, room), len(units.pairs.school_id)
    seats = np.arange(len(room.capacity)) < len(room.capacity) - m

    def left(factor):
        capacity = np.where(seats, room.capacity * factor, room.capacity)
        return capacitated(units.pairs, dataclasses.replace(room, capacity=capacity)).unseated.sum()

    assert found.seating.unseated.sum() == pytest.approx(left(10.0), abs=1e-5)
    assert found.factor == 1.0 or left(found.factor - 0.001) > left(10.0) + 1e-7


@settings(max_examples=15, deadline=None)
@given(graded())
def test_whole_grades_take_no_less_than_divisible_ones(case):
    _, units, room = case
    parts, kept = capacitated(units.pairs, room), whole(units.pairs, room, time_limit=5.0)
    assert kept.unseated.sum() >= parts.unseated.sum() - 1e-6
    assert (room.used(kept.flow) <= room.capacity + 1e-6).all()


def one_grade(grade, seats):
    """Let V2 have 40 pupils in one grade and 10 in each of the two others of grades 4 to 6."""
    here = county(pupils={"V1": (0, 0, 0), "V2": (0, 60, 0), "V3": (0, 0, 0)})
    mix = {name: [0.0, 10.0 * (name in GRADE_PUPILS[3:6]), 0.0] for name in GRADE_PUPILS}
    mix[GRADE_PUPILS[grade - 1]][1] = 40.0
    room = here.schools["school_id"].map(seats).fillna(0).astype(int)
    schools = here.schools.assign(**{f"seats_g{g}": room for g in range(1, 7)}, seats_primary=6 * room)
    return dataclasses.replace(here, demand=here.demand.assign(**mix), schools=schools)


def test_a_crowded_grade_overflows_though_the_stage_has_room():
    # V2 lives next to S2 (15 seats a grade, 90 in all) and 3 km from S1 (15 a grade): of the 40 fifth-graders 15 and
    # 15 find a seat and ten none, while all others do. By stage all 60 sit at S2.
    here = one_grade(5, {"S1": 15, "S2": 15})
    by_stage = assign(here, times(), scenario(assign={"method": "capacitated"}))
    assert by_stage.assignment.groupby("school_id")["pupils"].sum().to_dict() == {"S2": 60}
    plan = assign(here, times(), scenario(assign={"method": "capacitated", "seats_by": "grade"}))
    assert_plan_valid(plan)
    assert plan.assignment.groupby("school_id")["pupils"].sum().round(6).to_dict() == {"": 10, "S1": 15, "S2": 35}
    found = plan.grades[plan.grades["grade"] == 5].groupby("school_id")["pupils"].sum().round(6).to_dict()
    assert found == {"": 10, "S1": 15, "S2": 15}
    loads = plan.tables.grade_loads.set_index(["school_id", "grade"])
    assert loads.loc[("S2", 5), "load"] == pytest.approx(1.0)
    assert loads.loc[("S2", 4), "pupils"] == pytest.approx(10)
    assert loads.loc[("", 5), "beyond"] == pytest.approx(10)
    classes = plan.tables.classes.set_index(["school_id", "grade"])["pupils"]
    assert classes["S2", 5] == pytest.approx(15)


def test_pupils_beyond_the_seats_go_near_or_all_seats_are_stretched():
    here = one_grade(5, {"S1": 15, "S2": 15})
    asked = {"method": "capacitated", "seats_by": "grade"}
    near = assign(here, times(), scenario(assign=asked | {"beyond_seats": "overload"}))
    assert_plan_valid(near)
    # Ten sit beyond the seats, all of them at S2; the 15 seats of S1 are taken first.
    assert near.assignment.groupby("school_id")["pupils"].sum().round(6).to_dict() == {"S1": 15, "S2": 45}
    assert near.tables.grade_loads["beyond"].sum() == pytest.approx(10)
    wide = assign(here, times(), scenario(assign=asked | {"beyond_seats": "stretch"}))
    assert_plan_valid(wide)
    # 15 × 1.334 twice is 40.02.
    assert wide.seat_factor == pytest.approx(1.334)
    assert wide.assignment.groupby("school_id")["pupils"].sum().to_dict() == pytest.approx({"S1": 19.99, "S2": 40.01})


@pytest.mark.parametrize("rule", [{"closest_first": True}, {"whole_units": True}, {"admission": {"house_share": 0.5}}])
def test_whom_a_rule_leaves_without_a_seat_sits_near_beyond_the_seats(rule):
    here = one_grade(5, {"S1": 15, "S2": 15})
    asked = {"method": "capacitated", "seats_by": "grade", "beyond_seats": "overload"} | rule
    plan = assign(here, times(), scenario(assign=asked))
    assert_plan_valid(plan)
    loads = plan.tables.grade_loads
    assert (plan.assignment["school_id"] != "").all()
    # Forty fifth-graders for thirty seats; whole, all forty go to the nearest school, which seats fifteen.
    assert loads["beyond"].sum() == pytest.approx(25 if "whole_units" in rule else 10)
    if plan.admission is not None:
        assert plan.admission["pupils"].sum() == pytest.approx(60)


def test_seats_are_stretched_as_little_as_a_rule_needs():
    here = one_grade(5, {"S1": 15, "S2": 15})
    asked = {"method": "capacitated", "seats_by": "grade", "beyond_seats": "stretch", "closest_first": True}
    plan = assign(here, times(), scenario(assign=asked))
    assert plan.seat_factor == pytest.approx(1.334)
    assert (plan.assignment["school_id"] != "").all()


def test_claims_are_met_grade_by_grade():
    here = one_grade(5, {"S1": 0, "S2": 15})
    method = {"method": "capacitated", "seats_by": "grade", "admission": {"house_share": 0.5}}
    plan = assign(here, times(), scenario(assign=method))
    assert_plan_valid(plan)
    sums = plan.admission.groupby(["claim", "school_id"])["pupils"].sum().round(6).to_dict()
    # Zoned: 20 fifth-graders for 15 seats, 5 + 5 others; then others: no fifth-grade seat is left.
    assert sums == {("zoned", "S2"): 25, ("zoned", ""): 5, ("other", "S2"): 10, ("other", ""): 20}


def test_choices_that_do_not_go_together_are_refused():
    with pytest.raises(ValidationError, match="seats_by: grade"):
        Assign(seats_by="grade")
    with pytest.raises(ValidationError, match="beyond_seats"):
        Assign(method="capacitated", whole_units=True, beyond_seats="stretch")
