"""Decisions: what each does to a school, and every mistake named at once."""

from __future__ import annotations

import pytest

from layout_planner.assign import apply_decisions
from layout_planner.config.scenario import Classes, Decisions
from layout_planner.errors import ScenarioError
from tests.small_county import schools_frame


def decide(**decisions):
    return apply_decisions(schools_frame(), Decisions(**decisions), Classes()).set_index("school_id")


def test_without_decisions_every_active_school_is_kept():
    table = decide()
    assert table["decision"].tolist() == ["keep"] * 4
    assert table["is_open"].all()


def test_a_closed_school_is_not_open():
    table = decide(close=("S1",))
    assert table.loc["S1", "decision"] == "close"
    assert not table.loc["S1", "is_open"]


def test_a_converted_school_keeps_three_grades_and_thirty_seats_a_room():
    row = decide(convert_to_teaching_point=("S1",)).loc["S1"]
    assert (row["grade_from"], row["grade_to"], row["tier"]) == (1, 3, "teaching_point")
    assert (row["seats"], row["seats_primary"], row["beds"], row["decision"]) == (180, 180, 0, "convert")


def test_new_rooms_bring_seats_at_the_class_limit():
    table = decide(add_classrooms={"S2": 2, "S3": 1, "S4": 1})
    assert table.loc["S2", ["rooms", "seats", "seats_primary", "seats_junior"]].tolist() == [14, 630, 630, 0]
    assert table.loc["S3", ["rooms", "seats", "seats_primary", "seats_junior"]].tolist() == [7, 350, 0, 350]
    assert table.loc["S4", ["rooms", "seats"]].tolist() == [2, 60]


def test_boarding_sets_the_beds_and_opening_opens():
    schools = schools_frame()
    schools.loc[schools["school_id"] == "S3", "status"] = "planned"
    table = apply_decisions(schools, Decisions(open=("S3",), board={"S2": 40}), Classes()).set_index("school_id")
    assert table.loc["S2", ["beds", "decision"]].tolist() == [40, "board"]
    without = apply_decisions(schools, Decisions(board={"S2": 0}), Classes()).set_index("school_id")
    assert without.loc["S2", ["beds", "decision"]].tolist() == [0, "keep"]
    assert table.loc["S3", ["is_open", "decision"]].tolist() == [True, "open"]


def test_a_planned_school_stays_inactive():
    schools = schools_frame()
    schools.loc[schools["school_id"] == "S3", "status"] = "planned"
    table = apply_decisions(schools, Decisions(), Classes()).set_index("school_id")
    assert table.loc["S3", ["is_open", "decision"]].tolist() == [False, "inactive"]


def test_every_mistake_is_listed_at_once():
    schools = schools_frame()
    schools.loc[schools["school_id"] == "S1", "status"] = "closed"
    wrong = Decisions(
        close=("S1", "S9"),
        open=("S2",),
        convert_to_teaching_point=("S3", "S4"),
        board={"S4": 10},
        add_classrooms={"西岭教学": 1},
    )
    with pytest.raises(ScenarioError) as caught:
        apply_decisions(schools, wrong, Classes())
    codes = [flaw.code for flaw in caught.value.flaws]
    assert codes == ["nothing_to_close", "unknown_school", "already_open", "not_primary", "already_point",
                     "no_boarding", "unknown_school"]  # fmt: skip
    assert "S4 西岭教学点" in caught.value.flaws[-1].mend.zh
