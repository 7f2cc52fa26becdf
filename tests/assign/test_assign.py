"""The whole assignment on the county that can be checked by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.assign import assign
from layout_planner.errors import LayoutError
from layout_planner.testing import assert_plan_valid
from tests.small_county import county, scenario, times


def where(plan):
    return {(r.demand_id, r.band, r.school_id): (r.mode, round(r.pupils, 6)) for r in plan.assignment.itertuples()}


def test_nearest_sends_every_village_to_its_nearest_school():
    plan = assign(county(), times(), scenario())
    assert_plan_valid(plan)
    assert where(plan) == {
        ("D1", "G1-3", "S1"): ("walk", 30), ("D1", "G4-6", "S1"): ("walk", 30), ("D1", "G7-9", "S3"): ("walk", 24),
        ("D2", "G1-3", "S2"): ("walk", 60), ("D2", "G4-6", "S2"): ("walk", 60), ("D2", "G7-9", "S3"): ("walk", 48),
        ("D3", "G1-3", "S4"): ("walk", 12), ("D3", "G4-6", "S2"): ("ride", 12), ("D3", "G7-9", "S3"): ("ride", 12),
    }  # fmt: skip
    assert plan.assignment["within_limit"].all()


def test_closing_sends_pupils_to_the_next_school():
    plan = assign(county(), times(), scenario(decisions={"close": ("S1",)}), label="并", parent="今")
    assert_plan_valid(plan)
    assert where(plan)["D1", "G1-3", "S2"] == ("ride", 30)
    assert (plan.label, plan.parent) == ("并", "今")


def test_a_grade_that_nobody_teaches_and_a_place_that_nobody_reaches_keep_their_pupils():
    plan = assign(county(), times(), scenario(decisions={"close": ("S3",)}))
    assert_plan_valid(plan)
    assert set(plan.assignment.loc[plan.assignment["band"] == "G7-9", "reason"]) == {"no_school"}
    plan = assign(county(), times(cutoff=5.0), scenario(travel={"cutoff_min": 5}))
    assert_plan_valid(plan)
    lost = plan.assignment[plan.assignment["reason"] == "unreachable"]
    assert lost["pupils"].sum() == 60 + 60 + 24 + 48 + 12 + 12


def test_seats_are_respected_and_the_rest_is_reported():
    plan = assign(county(seats={"S1": 40, "S2": 100}), times(), scenario(assign={"method": "capacitated"}))
    assert_plan_valid(plan)
    # 204 primary pupils, 40 + 100 + 30 seats: the teaching point fills up with the youngest of other villages.
    assert plan.assignment.loc[plan.assignment["reason"] == "no_seat", "pupils"].sum() == pytest.approx(204 - 170)


def test_closest_first_keeps_the_nearest_where_least_total_moves_them_on():
    # G4-6 only: 10 seats at S2, which V2 (1 km) and V3 (5 km, by ride) want; S1 has room for all.
    pupils = {"V1": (0, 0, 0), "V2": (0, 10, 0), "V3": (0, 10, 0)}
    here = county(pupils=pupils, seats={"S1": 20, "S2": 10})
    closest = assign(here, times(), scenario(assign={"method": "capacitated", "closest_first": True}))
    least = assign(here, times(), scenario(assign={"method": "capacitated"}))
    assert where(closest) == {("D2", "G4-6", "S2"): ("walk", 10), ("D3", "G4-6", "S1"): ("ride", 10)}
    # In all 15.4 + 28 minutes a pupil; the other way round 16 + 20 are less, at V2's expense.
    assert where(least) == {("D2", "G4-6", "S1"): ("ride", 10), ("D3", "G4-6", "S2"): ("ride", 10)}


def test_boarders_stay_within_the_beds():
    limits = {"ride_limit_min": {"G1-3": 30, "G4-6": 15, "G7-9": 15}}
    plan = assign(county(beds={"S2": 5, "S3": 20}), times(),
                  scenario(travel=limits, assign={"method": "capacitated"}))  # fmt: skip
    assert_plan_valid(plan)
    boards = plan.assignment[plan.assignment["mode"] == "board"].set_index(["demand_id", "school_id"])["pupils"]
    assert boards["D3", "S2"] == pytest.approx(5)
    assert boards["D3", "S3"] == pytest.approx(12)


def test_nobody_home_is_an_error_not_a_crash():
    with pytest.raises(LayoutError):
        assign(dataclasses.replace(county(), demand=None), times(), scenario())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 500), min_size=9, max_size=9),
    st.sampled_from([{}, {"method": "capacitated"}, {"method": "capacitated", "closest_first": True}]),
    st.sampled_from([{}, {"close": ("S1",)}, {"close": ("S3",)}, {"convert_to_teaching_point": ("S2",)},
                     {"board": {"S2": 30, "S3": 7}}]),
    st.integers(0, 300),
)  # fmt: skip
def test_pupils_are_conserved_whatever_is_decided(pupils, method, decisions, seats):
    split = {f"V{i + 1}": pupils[3 * i : 3 * i + 3] for i in range(3)}
    here = county(pupils=split, seats={"S2": seats})
    travel = {"ride_limit_min": {"G1-3": 20, "G4-6": 15}, "cutoff_min": 100}
    plan = assign(here, times(100.0), scenario(assign=method, decisions=decisions, travel=travel))
    assert_plan_valid(plan, tolerance=1e-6)
    assert plan.assignment["pupils"].sum() == pytest.approx(np.sum(pupils), abs=1e-9 * max(1.0, np.sum(pupils)))
