"""Classes: needed, formed within the rooms, taught together in a short teaching point."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.assign.classes import CLASS_BANDS, classes_of_size, form_classes, grade_pupils, whole_size
from layout_planner.config.scenario import Classes


def form(tier, rooms, sizes, grade_to=None):
    last = grade_to or max(sizes)
    school = pd.DataFrame({"school_id": ["S"], "name": ["校"], "tier": [tier], "grade_to": [last], "rooms": [rooms]})
    pupils = pd.DataFrame({"school_id": "S", "grade": list(sizes), "pupils": list(sizes.values())})
    return form_classes(school, pupils, Classes())


def test_each_grade_needs_whole_classes_of_45():
    table = form("central_primary", 20, dict.fromkeys(range(1, 7), 46.0))
    assert table["classes_needed"].tolist() == [2] * 6
    assert table["classes"].tolist() == [2] * 6
    assert table["class_size"].tolist() == [23.0] * 6


def test_free_rooms_go_to_the_largest_class_first():
    table = form("junior", 5, {7: 120.0, 8: 90.0, 9: 60.0})
    assert table["classes"].tolist() == [2, 2, 1]
    assert table["classes_needed"].tolist() == [3, 2, 2]


def test_a_room_short_of_grades_still_forms_one_class_a_grade_outside_teaching_points():
    table = form("village_primary", 4, dict.fromkeys(range(1, 7), 10.0))
    assert table["classes"].sum() == 6


def test_a_teaching_point_with_two_rooms_teaches_neighbouring_grades_together():
    table = form("teaching_point", 2, {1: 12.0, 2: 5.0, 3: 6.0}, grade_to=3)
    assert table["combined"].tolist() == ["", "2+3", "2+3"]
    assert table["classes"].tolist() == [1, 1, 0]
    assert table["class_size"].tolist() == [12.0, 11.0, 11.0]
    assert table["classes_needed"].tolist() == [1, 1, 0]


def test_a_teaching_point_without_rooms_forms_one_class():
    table = form("teaching_point", 0, {1: 12.0, 2: 15.0, 3: 6.0}, grade_to=3)
    assert table["classes"].tolist() == [1, 0, 0]
    assert table["classes_needed"].tolist() == [2, 0, 0]


def test_class_limits_are_30_45_and_50():
    assert form("teaching_point", 3, {1: 1.0}, grade_to=3)["class_limit"].item() == 30
    assert form("village_primary", 4, {1: 1.0}, grade_to=4)["class_limit"].item() == 30
    nine = form("nine_year", 9, {6: 1.0, 7: 1.0}, grade_to=9)
    assert nine["class_limit"].tolist() == [45, 50]


def test_sizes_are_counted_in_whole_persons_rounded_up():
    assert whole_size(pd.Series([55.0, 55.0000001, 55.1])).tolist() == [55, 55, 56]


def test_a_band_is_spread_evenly_over_its_grades():
    rows = pd.DataFrame({"school_id": ["S", "S", ""], "band": ["G1-3", "G7-9", "G4-6"], "pupils": [9.0, 3.0, 5.0]})
    spread = grade_pupils(rows)
    assert spread["grade"].tolist() == [1, 2, 3, 7, 8, 9]
    assert spread["pupils"].tolist() == [3.0, 3.0, 3.0, 1.0, 1.0, 1.0]


def test_a_point_s_own_mix_of_grades_goes_to_its_schools():
    demand = pd.DataFrame({"demand_id": ["a", "b"]} | {f"pupils_grade_{g}": [g, 0.0] for g in range(1, 10)})
    rows = pd.DataFrame({"demand_id": ["a", "a", "b"], "school_id": ["S", "T", "S"], "band": "G1-3",
                         "pupils": [4.0, 2.0, 6.0]})  # fmt: skip
    spread = grade_pupils(rows, demand).set_index(["school_id", "grade"])["pupils"].round(9)
    assert spread.loc["S"].tolist() == pytest.approx([4 / 6 + 2, 8 / 6 + 2, 12 / 6 + 2])
    assert spread.loc["T"].tolist() == pytest.approx([2 / 6, 4 / 6, 1])


@given(st.integers(0, 30), st.lists(st.floats(0.5, 300), min_size=1, max_size=6))
def test_formed_never_exceeds_needed_nor_rooms_beyond_one_a_grade(rooms, sizes):
    table = form("primary", rooms, dict(enumerate(sizes, 1)), grade_to=6)
    assert (table["classes"] <= table["classes_needed"]).all()
    assert table["classes"].sum() <= max(rooms, len(sizes))
    assert table["pupils"].sum() == sum(sizes)


def test_whole_pupils_are_dealt_out_so_that_classes_differ_by_one_at_most():
    table = form("primary", 2, {1: 91.0}, grade_to=6)
    count = [int(classes_of_size(table, *ends).sum()) for ends in CLASS_BANDS.values()]
    assert count == [0, 1, 1, 0, 0]  # 46 and 45, not twice 46
    assert classes_of_size(table, 46).tolist() == [1]


@given(st.integers(1, 12), st.integers(1, 900))
def test_class_counts_are_those_of_dealing_pupils_one_by_one(rooms, pupils):
    classes = pd.DataFrame({"classes": [rooms], "class_size": [pupils / rooms]})
    dealt = [pupils // rooms + (k < pupils % rooms) for k in range(rooms)]
    for first, last in CLASS_BANDS.values():
        assert classes_of_size(classes, first, last).item() == sum(first <= size <= last for size in dealt)
    assert max(dealt) == whole_size(classes["class_size"]).item()
