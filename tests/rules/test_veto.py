"""The veto sheet: each condition fires, stays silent, and is for people to say, on mergers made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pytest

from layout_planner.ancestors import open_before
from layout_planner.assign import assign
from layout_planner.columns import VETOES
from layout_planner.config.hearing import Hearing
from layout_planner.config.ruling import RuleSettings
from layout_planner.errors import Severity
from layout_planner.rules import Condition, VetoState, check_plan, veto_frame, veto_sheet
from layout_planner.rules.veto import veto_rules
from tests.small_county import county, scenario, times

CLOSE_S1 = {"close": ("S1",)}


def plans(*, decisions=CLOSE_S1, hearing=None, **county_and_travel):
    """Give the plan before and after, S1 closed unless other decisions are given."""
    before, after = _pair(json.dumps([decisions, county_and_travel], sort_keys=True))
    said = after.scenario.model_copy(update={"hearing": Hearing.model_validate(hearing or {})})
    changed = replace(after, scenario=said)
    changed.__dict__["tables"] = after.tables
    return before, changed


@cache
def _pair(told):
    decisions, given = json.loads(told)
    travel = {"travel": given.pop("travel", {})}
    here = county(**given)
    before = assign(here, times(), scenario(**travel), label="现状")
    return before, assign(here, times(), scenario(decisions=decisions, **travel), label="合并")


def state(condition, **given):
    found = [veto for veto in veto_sheet(*plans(**given)) if veto.condition == condition]
    assert len(found) == 1
    return found[0]


def said(**statement):
    return {"hearing": {"schools": {"S1": statement}}}


def village_1(*pupils, v2=(60, 60, 48)):
    return {"pupils": {"V1": pupils, "V2": v2, "V3": (12, 12, 12)}}


ON_FOOT = {"travel": {"ride_limit_min": {"G1-3": None}}}
BOARD = {"travel": {"ride_limit_min": {"G1-3": 30, "G4-6": 15, "G7-9": 15}}}
ADD_ROOMS = {"decisions": {"close": ("S1",), "add_classrooms": {"S2": 2}}}
NEW_BEDS = {"decisions": {"close": ("S1",), "board": {"S2": 60, "S3": 60}}} | BOARD

# Condition, what triggers it, what clears it, what leaves it to people.
CASES = [
    (Condition.PARENTS, said(parents_for=4, parents_against=9), said(parents_for=9, parents_against=4), {}),
    (Condition.DELEGATES, said(delegates_for=3, delegates_against=4), said(delegates_for=4, delegates_against=4),
     said(delegates_against=2)),
    (Condition.FAR_YOUNG, ON_FOOT, {}, village_1(0.3, 30, 24) | ON_FOOT),
    (Condition.UNSAFE_WAY, said(unsafe_way=True), said(unsafe_way=True, way_mended_by="2027年6月前设护栏"), {}),
    (Condition.NO_BUS, said(bus_ready=False), said(bus_ready=True), {}),
    (Condition.BEDS, {"beds": {"S2": 5, "S3": 90}} | BOARD, {"beds": {"S2": 90, "S3": 90}} | BOARD, NEW_BEDS),
    (Condition.CANTEEN, said(canteen_ready=False), said(canteen_ready=True), {}),
    (Condition.BIG_CLASS, village_1(400, 400, 24), {}, None),
    (Condition.GIANT, village_1(1300, 700, 24), {}, None),
    (Condition.NOT_BUILT, said(receiver_ready_on="2027-10-01", closing_on="2027-09-01") | ADD_ROOMS, {}, ADD_ROOMS),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "fires", "silent", "unknown"), CASES, ids=[case[0] for case in CASES])
def test_each_condition_fires_stays_silent_and_is_for_people_to_say(condition, fires, silent, unknown):
    veto = state(condition, **fires)
    assert veto.state == VetoState.TRIGGERED
    assert all((veto.evidence.zh, veto.evidence.en, veto.source, veto.mend.zh))
    assert state(condition, **silent).state == VetoState.CLEAR
    if unknown is not None:
        assert state(condition, **unknown).state == VetoState.UNKNOWN


def test_the_cases_are_all_conditions_and_the_rules_have_one_each():
    assert [case[0] for case in CASES] == list(Condition)
    assert [one.rule.condition for one in veto_rules()] == list(Condition)


def test_numbers_limits_and_whom_it_concerns_are_given():
    veto = state(Condition.PARENTS, **said(parents_for=1, parents_against=3))
    assert (veto.value, veto.limit, veto.unit) == (0.75, 0.5, "%")
    far = state(Condition.FAR_YOUNG, **ON_FOOT)
    assert far.value == pytest.approx(4000 / 55)
    assert (far.limit, far.receiving, far.villages) == (30.0, ("柳镇中心小学",), ("V1村",))
    big = state(Condition.BIG_CLASS, **village_1(400, 0, 24))
    assert (big.value, big.limit) == (52, 45)  # 460 pupils of three grades in three rooms each
    assert "柳镇中心小学三年级每班52人（现状20人，上限45人）" in big.evidence.zh


def test_pupils_whom_no_way_takes_to_a_school_forbid_it():
    before, after = plans()
    lost = after.assignment["demand_id"].eq("D1") & after.assignment["band"].eq("G4-6")
    rows = after.assignment.copy()
    rows.loc[lost, ["school_id", "mode"]] = ["", "none"]
    found = [v for v in veto_sheet(before, replace(after, assignment=rows)) if v.condition == Condition.NO_BUS]
    assert found[0].state == VetoState.TRIGGERED
    assert found[0].value == 30


def test_a_school_that_becomes_a_teaching_point_keeps_its_youngest():
    given = {"decisions": {"convert_to_teaching_point": ("S1",)}}
    assert state(Condition.FAR_YOUNG, **given, **ON_FOOT).state == VetoState.CLEAR
    assert state(Condition.NO_BUS, **given).value == 30  # grades 4 to 6 ride to the central school


def test_a_plan_that_closes_nothing_has_no_sheet_and_an_empty_frame():
    sheet = veto_sheet(*plans(decisions={}))
    assert sheet == ()
    assert list(veto_frame(sheet).columns) == list(VETOES.names)


def test_the_sheet_is_a_table_in_both_languages():
    sheet = veto_sheet(*plans(hearing={"decided_by": "县人民政府"}))
    frame, english = veto_frame(sheet), veto_frame(sheet, "en")
    assert len(frame) == len(Condition)
    assert set(frame["veto"]) <= {str(s) for s in VetoState}
    assert not english["title"].str.contains("[\u4e00-\u9fff]").any()
    assert (frame["evidence"] != english["evidence"]).all()


def test_dates_of_one_school_win_over_the_common_one():
    hearing = Hearing.model_validate({"closing_on": "2027-09-01", "schools": {"S1": {"closing_on": "2028-09-01"}}})
    assert (hearing.of("S1").closing_on, hearing.of("S4").closing_on) == ("2028-09-01", "2027-09-01")


def test_findings_begin_with_what_must_not_be_forced_and_end_with_what_is_open():
    opposed = said(parents_for=1, parents_against=2)
    before, after = plans(**village_1(400, 400, 24), **opposed)
    found = check_plan(after, after.tables, ["cn.gb50099-2011"], before=before)
    vetoes = [f for f in found if f.is_veto]
    assert {f.rule_id for f in vetoes} >= {"cn.gbf2012-48.nogo-parents", "cn.gbf2012-48.nogo-big-class"}
    assert found[: len(vetoes)] == vetoes
    assert {f.severity for f in vetoes} == {Severity.WARNING}  # read at second hand: it stands first, but is no bar
    assert all("不得强行推进" in f.message_zh for f in vetoes)
    open_ = [f for f in found if f.rule_id == "cn.gbf2012-48.nogo-open"]
    assert [f.subject_id for f in open_] == ["S1"]
    assert "待核实" in open_[0].message_zh


def test_a_scenario_changes_the_number_of_a_condition_and_makes_it_binding():
    before, after = plans(**said(parents_for=4, parents_against=3))
    assert after.scenario.rule_settings == RuleSettings()
    strict = RuleSettings(numbers={"cn.gbf2012-48.nogo-parents": 0.4}, block=("cn.gbf2012-48.nogo-parents",))
    found = check_plan(after, after.tables, [], before=before, settings=strict)
    assert [(f.rule_id, f.severity, f.limit) for f in found if f.is_veto] == [
        ("cn.gbf2012-48.nogo-parents", Severity.ERROR, 0.4)
    ]
    assert "本情景改为40%，原为50%；本情景列为必须遵守" in found[0].message_zh


def test_a_plan_without_a_parent_or_with_one_that_closes_the_school_too_is_compared_with_no_decisions():
    here, reach = county(), times()
    after = assign(here, reach, scenario(decisions=CLOSE_S1))
    for parent in (None, after):
        before = open_before(parent, after, here, reach)
        assert {v.school_id for v in veto_sheet(before, after)} == {"S1"}
    assert open_before(before, after, here, reach) is before
    assert open_before(None, before, here, reach) is None
