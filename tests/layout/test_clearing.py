"""Clearing large classes: rooms, whole villages, entrants, upper grades, and the cheapest mix of them."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.assign import assign
from layout_planner.assign.classes import whole_size
from layout_planner.layout.clearing import answer_classes, classes_after
from layout_planner.layout.clearing_choices import clearing_choices
from layout_planner.layout.clearing_model import clear
from layout_planner.plan import Plan
from tests.small_county import county, scenario, times

RIDE = {"ride_limit_min": {"G1-3": 30, "G4-6": 40, "G7-9": 50}}
CROWDED = {"V1": (210.0, 30.0, 0.0), "V2": (60.0, 60.0, 0.0), "V3": (0.0, 0.0, 0.0)}
A_PUPIL = 18 * 40 + 500 + 1500  # 18 minutes more, a change of school, a seat in the bus


def plan_of(pupils=CROWDED, staff_yuan=0.0, **clearing) -> Plan:
    prices = {"prices": {"staff_yuan": staff_yuan}}
    asked = scenario(travel=RIDE, classes={"clearing": clearing}, layout=prices)
    return assign(county(pupils, beds={}), times(), asked)


def cleared_by(pupils=CROWDED, **clearing):
    plan = plan_of(pupils, **clearing)
    return clear(clearing_choices(plan, times()), plan.scenario, plan.scenario.classes.clearing)


def test_three_rooms_are_cheaper_than_a_long_way():
    found = cleared_by()
    assert found.rooms.to_dict() == {"S1": 3, "S2": 0}
    assert found.cost_yuan == pytest.approx(3 * 300_000 * 0.05)
    assert found.proven
    assert found.bound_yuan == pytest.approx(found.cost_yuan, rel=0.01)


def test_without_rooms_the_fewest_pupils_go_and_leave_their_rooms_to_the_large_grades():
    found = cleared_by(rooms_per_school=0, move_grades=False)
    assert found.whole[["school_id", "to", "band"]].to_numpy().tolist() == [["S1", "S2", "G4-6"]]
    assert found.cost_yuan == pytest.approx(30 * A_PUPIL)


def test_entrants_alone_relieve_the_grade_that_no_room_is_left_for():
    found = cleared_by(rooms_per_school=2, move_grades=False)
    assert found.rooms["S1"] == 2
    assert found.some[["grade", "persons"]].to_numpy().tolist() == [[1, 15.0]]
    assert found.cost_yuan == pytest.approx(2 * 15_000 + 15 * A_PUPIL)


def test_no_child_is_diverted_alone():
    just = {"V1": (168.0, 30.0, 0.0), "V2": (60.0, 60.0, 0.0), "V3": (0.0, 0.0, 0.0)}  # 56 a grade
    asked = {"rooms_per_school": 2, "move_grades": False, "rezone": False}
    assert cleared_by(just, **asked).some["persons"].tolist() == [5]
    assert cleared_by(just, least_group=1, **asked).some["persons"].tolist() == [1]


def test_a_type_of_school_that_may_not_receive_is_left_alone():
    found = cleared_by(rooms_per_school=0, receive=("primary",))
    assert found.whole.empty
    assert found.over.sum() == pytest.approx(45)


def test_the_plan_of_classes_leaves_grades_blank_that_a_school_does_not_teach():
    frame = answer_classes(plan_of(), times()).frames["class_plan"].set_index("school_id")
    assert frame.loc["S1", ["pupils_g1", "classes_g1", "pupils_g6"]].tolist() == [70, 1, 10]
    assert frame.loc["S3", ["pupils_g1", "classes_g1"]].isna().all()
    assert frame.loc["S1", ["pupils_g7"]].isna().all()


def test_upper_grades_move_whole_where_that_is_all_that_may_be_done():
    upper = {"V1": (30.0, 210.0, 0.0), "V2": (60.0, 60.0, 0.0), "V3": (0.0, 0.0, 0.0)}
    found = cleared_by(upper, rooms_per_school=0, rezone=False, split_entrants=False)
    assert found.upper[["first", "to", "pupils"]].to_numpy().tolist() == [[5, "S2", 140.0]]  # grade 4 has three rooms
    assert found.cost_yuan == pytest.approx(140 * A_PUPIL + 30_000 * 0.05)


def test_a_way_that_grows_too_long_is_not_offered():
    plan = plan_of(rooms_per_school=0, longer_min=10)
    answers = answer_classes(plan, times())
    assert answers.cleared.over.sum() == pytest.approx(3 * 15)
    listed = answers.frames["large_classes"]
    assert listed["cleared"].tolist() == ["left"] * 3
    assert "时限内没有别的学校" in listed["why"].iloc[0]
    assert answers.frames["clearing_actions"].empty


def test_a_budget_stops_the_rooms_and_says_so():
    plan = plan_of(one_off_budget_yuan=700_000, longer_min=0)
    answers = answer_classes(plan, times())
    assert answers.cleared.rooms.sum() == 2
    assert answers.cleared.over.sum() == pytest.approx(15)
    left = answers.frames["large_classes"].set_index("cleared").loc[["left"]]
    assert "余下的经费不够" in left["why"].item()


def test_no_large_class_asks_for_nothing():
    calm = {"V1": (60.0, 60.0, 0.0), "V2": (60.0, 60.0, 0.0), "V3": (0.0, 0.0, 0.0)}
    answers = answer_classes(plan_of(calm), times())
    assert answers.cleared.cost_yuan == 0
    assert answers.frames["large_classes"].empty
    assert answers.frames["clearing_actions"].empty


def test_ways_are_ordered_all_together_being_the_cheapest_that_clears_most():
    ways = answer_classes(plan_of(), times()).frames["clearing_ways"].set_index("way")
    assert ways.loc["all", "pupils_over"] <= ways["pupils_over"].min() + 1e-6
    complete = ways[ways["classes_left"] == 0]
    assert ways.loc["all", "cost_yuan"] <= complete["cost_yuan"].min() + 1e-6


def test_pupils_are_conserved_and_the_classes_formed_anew_are_small_enough():
    plan = plan_of(rooms_per_school=2, move_grades=False)
    answers = answer_classes(plan, times())
    assert answers.after["pupils"].sum() == pytest.approx(answers.classes["pupils"].sum())
    assert (whole_size(answers.after["class_size"]) < 56).all()
    assert answers.frames["clearing_actions"]["cost_yuan"].sum() == pytest.approx(answers.cleared.cost_yuan)
    assert answers.frames["clearing_actions"]["pupils"].sum() == 15


def test_staff_counts_by_classes_in_a_village_school_and_by_pupils_elsewhere():
    staff = answer_classes(plan_of(), times()).frames["staffing"].set_index("school_id")
    assert staff.loc["S1", "staff_needed"] == max(math.ceil(240 / 19), math.ceil(6 * 1.8))
    assert staff.loc["S2", "staff_needed"] == math.ceil(120 / 19)
    assert staff["staff_by_classes"].isna().to_dict() == {"S1": False, "S2": True, "S3": True, "S4": False}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 3), st.lists(st.integers(0, 75) | st.integers(56, 75), min_size=2, max_size=2), st.integers(0, 2))
def test_the_programme_finds_what_trying_everything_finds(spare, grades, rooms):
    """Two bands of one village at a school of ``6 + spare`` rooms, and ``12`` rooms for 120 pupils at the next."""
    low, high = grades
    pupils = {"V1": (3.0 * low, 3.0 * high, 0.0), "V2": (60.0, 60.0, 0.0), "V3": (0.0, 0.0, 0.0)}
    asked = scenario(travel=RIDE, classes={"clearing": {"rooms_per_school": rooms, "move_grades": False}})
    small = county(pupils, beds={})
    small.schools.loc[small.schools["school_id"] == "S1", "rooms"] = 6 + spare
    plan = assign(small, times(), asked)
    choices = clearing_choices(plan, times())
    found = clear(choices, asked, asked.classes.clearing)
    formed = choices.classes[choices.classes["school_id"] == "S1"].set_index("grade")["classes"]
    today = [int(formed.get(grade, 0)) for grade in range(1, 7)]
    large = any(n > 55 * k for n, k in zip([low] * 3 + [high] * 3, today, strict=True))
    best = min(_tried(low, high, today, 6 + spare, rooms)) if large else (0.0, 0.0)
    assert found.over.sum() == pytest.approx(best[0], abs=1e-6)
    assert found.cost_yuan == pytest.approx(best[1], rel=0.0051, abs=1e-6)
    after = classes_after(plan, choices, found)
    assert (whole_size(after["class_size"]) > 55).any() == (best[0] > 0)


def _tried(low, high, today, rooms, more):
    """Give (pupils over, yuan) of every combination, the staff of village schools included."""
    moves = itertools.product((False, True), (False, True), range(low + 1), range(more + 1), range(more + 1))
    for goes_low, goes_high, entrants, r1, r2 in moves:
        if (goes_low and entrants) or 0 < entrants < 5:
            continue
        here = [0 if goes_low else low - (k == 0) * entrants for k in range(3)] + [0 if goes_high else high] * 3
        come = [n - m for n, m in zip([low] * 3 + [high] * 3, here, strict=True)]
        if sum(come) and (sum(-(-(20 + n) // 45) for n in come) > 12 + r2 or sum(come) > 540 - 120 + 45 * r2):
            continue
        yuan = 15_000 * (r1 + r2) + sum(come) * A_PUPIL
        for count, over in _fewest(here, [low] * 3 + [high] * 3, today, rooms + r1).items():
            before = max(0.0, 1.8 * sum(today) - (3 * low + 3 * high) / 19)
            yield over, yuan + 100_000 * max(0.0, 1.8 * count - sum(here) / 19 - before)


def _fewest(here, was, today, rooms):
    """Give the fewest pupils over by number of classes; a grade that was not large keeps the limit or its size."""
    found = {0: 0.0}
    for n, before, formed in zip(here, was, today, strict=True):
        longer: dict[int, float] = {}
        for (count, over), k in itertools.product(found.items(), range(4)):
            large, beyond = before > 55 * formed, max(0, before - 45 * formed)
            if count + k <= rooms and (large or n <= min(55 * k, 45 * k + beyond)):
                longer[count + k] = min(over + max(0, n - 55 * k), longer.get(count + k, math.inf))
        found = longer
    return found
