"""Every shipped rule fires where it should and stays silent where it should."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from layout_planner.assign import assign
from layout_planner.errors import ScenarioError, Severity
from layout_planner.rules import Rule, check_plan, known_rule_sets, load_rule_sets
from layout_planner.rules.check import _CHECKERS
from layout_planner.rules.ruleset import Measure
from tests.small_county import county, scenario, times


def findings(rule_id, *, pupils=None, seats=None, beds=None, decisions=None, travel=None):
    here = county(pupils=pupils, seats=seats, beds=beds)
    plan = assign(here, times(), scenario(decisions=decisions or {}, travel=travel or {}))
    found = check_plan(plan, plan.tables, [rule_id.rsplit(".", 1)[0]])
    return [f for f in found if f.rule_id == rule_id]


def only(v1=(0, 0, 0), v2=(0, 0, 0), v3=(0, 0, 0)):
    return {"pupils": {"V1": v1, "V2": v2, "V3": v3}}


LIMITS_15 = {"travel": {"ride_limit_min": {"G1-3": 30, "G4-6": 15, "G7-9": 15}}}
NO_RIDE = {"travel": {"ride_limit_min": {"G1-3": None}}}
CLOSE_S1 = {"decisions": {"close": ("S1",)}}
CLOSE_S4 = {"decisions": {"close": ("S4",)}}

# Rule, what makes it fire, what leaves it silent (None: not shown here), kind of subject.
CASES = [
    ("cn.gbf2018-27.time", only(v3=(9, 0, 0)) | NO_RIDE | CLOSE_S4, {}, "village"),
    ("cn.gbf2018-27.small", {}, only((300, 300, 0), (300, 300, 300), (300, 0, 0)), "county"),
    ("cn.gbf2012-48.township", {}, None, "township"),
    ("cn.gbf2012-48.procedure", CLOSE_S1, {}, "school"),
    ("cn.gb50099-2011.class-primary", only(v2=(600, 0, 0)), {}, "school"),
    ("cn.gb50099-2011.class-incomplete", only(v3=(31, 0, 0)), {}, "school"),
    ("cn.gb50099-2011.class-junior", only(v2=(0, 0, 306)), only(v2=(0, 0, 300)), "school"),
    ("cn.gb50099-2011.radius-junior", {}, only(v2=(0, 0, 9)), "county"),
    ("cn.class-bands.big", only(v2=(0, 0, 336)), only(v2=(0, 0, 330)), "school"),
    ("cn.class-bands.big-rate", only(v2=(0, 0, 336)), {}, "county"),
    ("cn.class-bands.super-rate", only(v2=(0, 0, 396)), only(v2=(0, 0, 390)), "county"),
    ("cn.jb109-2008.point-max", only(v3=(121, 0, 0)), {}, "school"),
    ("cn.jb109-2008.primary-max", only(v2=(1100, 0, 0)), {}, "school"),
    ("cn.jb109-2008.primary-min", {}, only(v2=(300, 0, 0)), "school"),
    ("cn.jb109-2008.junior-max", only(v2=(0, 0, 1300)), {}, "school"),
    ("cn.jb109-2008.junior-min", {}, only(v2=(0, 0, 700)), "school"),
]  # fmt: skip


@pytest.mark.parametrize(("rule_id", "fires", "silent", "kind"), CASES, ids=[case[0] for case in CASES])
def test_the_rule_fires_and_stays_silent(rule_id, fires, silent, kind):
    hits = findings(rule_id, **fires)
    assert hits, "must fire"
    assert {hit.subject_kind for hit in hits} == {kind}
    assert all(hit.message_zh and hit.message_en and hit.source for hit in hits)
    if silent is not None:
        assert not findings(rule_id, **silent), "must stay silent"


def test_nobody_in_grades_1_to_3_boards_so_the_boarding_rules_are_silent():
    for rule_id in ("cn.gbf2018-27.boarding", "cn.gbf2012-48.boarding"):
        assert not findings(rule_id, beds={"S1": 50, "S2": 50}, **LIMITS_15)


def test_a_boarder_in_grades_1_to_3_and_a_town_school_far_away_are_found():
    plan = assign(county(), times(), scenario())
    plan.assignment.loc[plan.assignment["band"] == "G1-3", "mode"] = "board"
    found = {f.rule_id for f in check_plan(plan, plan.tables, ["cn.gbf2018-27", "cn.gbf2012-48"])}
    assert {"cn.gbf2018-27.boarding", "cn.gbf2012-48.boarding"} <= found
    plan = assign(county(), times(), scenario())
    plan.schools.loc[plan.schools["school_id"] == "S2", "tier"] = "primary"
    found = {f.rule_id for f in check_plan(plan, plan.tables, ["cn.gb50099-2011"])}
    assert "cn.gb50099-2011.radius-primary" in found


def test_a_township_with_a_junior_school_is_in_order():
    hits = findings("cn.gbf2012-48.township")
    assert [hit.subject_id for hit in hits] == ["T2"]  # T1 has S3


def test_every_measure_has_a_checker_and_every_set_loads():
    assert set(_CHECKERS) == set(Measure)
    sets = load_rule_sets(known_rule_sets())
    ids = [rule.id for rule_set in sets for rule in rule_set.rules]
    assert len(ids) == len(set(ids))
    assert tuple(rule_set.id for rule_set in sets) == known_rule_sets()


def test_low_confidence_never_blocks():
    for rule_set in load_rule_sets(known_rule_sets()):
        for rule in rule_set.rules:
            assert rule.confidence == "V" or rule.severity is not Severity.ERROR
    rule = load_rule_sets(["cn.gbf2018-27"])[0].rules[0]
    with pytest.raises(ValidationError, match="cannot be an error"):
        Rule.model_validate(rule.model_dump() | {"severity": "error", "confidence": "M"})


def test_errors_come_first():
    plan = assign(county(pupils={"V1": (0, 0, 0), "V2": (0, 0, 400), "V3": (5, 5, 5)}), times(), scenario())
    found = check_plan(plan, plan.tables, known_rule_sets())
    order = [list(Severity).index(f.severity) for f in found]
    assert order == sorted(order)
    assert found[0].rule_id == "cn.gb50099-2011.class-junior"


def test_unknown_sets_are_all_named_with_a_guess():
    with pytest.raises(ScenarioError) as caught:
        load_rule_sets(["cn.gbf2018-72", "cn.class-bands", "nothing"])
    assert [flaw.code for flaw in caught.value.flaws] == ["unknown_rule_set"] * 2
    assert "cn.gbf2018-27" in caught.value.flaws[0].mend.en


def test_small_rural_schools_are_village_schools_and_teaching_points_and_value_and_limit_share_a_unit():
    hits = findings("cn.gbf2018-27.small", **only((20, 20, 0), (60, 60, 30), (9, 0, 0)))
    assert len(hits) == 1
    assert (hits[0].value, hits[0].limit, hits[0].unit) == (9, 100, "人")  # the smallest school, not their number
    assert "2所" in hits[0].message_zh  # S1 and S4; the junior school's 30 pupils make it no small rural school
    assert not findings("cn.gbf2018-27.small", **only(v2=(60, 60, 30)))


def test_a_primary_school_that_ends_before_grade_6_is_held_to_the_size_of_an_incomplete_one():
    plan = assign(county(pupils={"V1": (121, 0, 0), "V2": (0, 0, 0), "V3": (0, 0, 0)}), times(), scenario())
    plan.schools.loc[plan.schools["school_id"] == "S1", "grade_to"] = 4
    found = check_plan(plan, plan.tables, ["cn.jb109-2008"])
    assert ("cn.jb109-2008.point-max", "S1") in {(f.rule_id, f.subject_id) for f in found}


def test_the_rural_standard_does_not_measure_town_schools():
    plan = assign(county(pupils={"V1": (0, 0, 0), "V2": (1100, 0, 0), "V3": (0, 0, 0)}), times(), scenario())
    plan.schools.loc[plan.schools["school_id"] == "S2", "tier"] = "primary"
    assert "S2" not in {f.subject_id for f in check_plan(plan, plan.tables, ["cn.jb109-2008"])}
