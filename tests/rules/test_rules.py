"""Every shipped rule fires where it should and stays silent where it should; none that is not verified blocks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from layout_planner.assign import assign
from layout_planner.columns import ADMISSION_RESULTS, DANGERS, IN_ZONE
from layout_planner.config.ruling import RuleSettings
from layout_planner.errors import ScenarioError, Severity
from layout_planner.grades import Stage, Tier
from layout_planner.measures.balance_indicators import EIGHT_INDICATORS, SEVEN_INDICATORS
from layout_planner.rules import Rule, check_plan, known_rule_sets, load_rule_sets
from layout_planner.rules.checkers import CHECKERS
from layout_planner.rules.ruleset import Measure
from tests.rules import test_veto
from tests.small_county import county, scenario, times

SETS = {rule_set.id: rule_set for rule_set in load_rule_sets(known_rule_sets())}
RULES = {rule.id: (rule_set.id, rule) for rule_set in SETS.values() for rule in rule_set.rules}
HOME = {Tier.TEACHING_POINT: "S4", Tier.VILLAGE_PRIMARY: "S1", Tier.JUNIOR: "S3"}
BASE = assign(county(), times(), scenario())
TABLES = BASE.tables
RESOURCES = sorted({i.resource for i in (*SEVEN_INDICATORS, *EIGHT_INDICATORS)} | {"sports_m2"})


def subject(rule):
    """Choose a school of the county and the tier to play that a rule applies to."""
    tiers, stages = rule.applies.tiers, rule.applies.stages
    if stages == (Stage.JUNIOR,) and (not tiers or Tier.JUNIOR in tiers):
        return "S3", Tier.JUNIOR
    tier = tiers[0] if tiers else Tier.CENTRAL_PRIMARY
    return HOME.get(tier, "S2"), tier


def world(rule, *, rows=None, classes=None, tables=None, schools=None, stated=None, people=None, closing=(), **blocks):
    """Change what is told of the county: columns of tables by the school that the rule applies to, or by all."""
    code, tier = subject(rule)
    first, last = tier.default_grades
    role = {"tier": tier.value, "grade_from": first, "grade_to": last}
    plan_schools, measured, table = BASE.schools.copy(), TABLES.schools.copy(), BASE.county.schools.copy()
    for frame, edits in ((plan_schools, role), (measured, role | (tables or {})), (table, {})):
        for column, value in edits.items():
            frame.loc[frame["school_id"] == code, column] = value
    for column, value in (schools or {}).items():
        measured[column] = value
    for column, value in (stated or {}).items():
        table[column] = value
    plan_schools.loc[plan_schools["school_id"].isin(closing), "decision"] = "close"
    here = replace(BASE.county, schools=table)
    if people is not None:
        here = replace(here, townships=here.townships.assign(people=people))
    given = {name: blocks.pop(name) for name in ("dangers", "admission", "in_zone") if name in blocks}
    plan = replace(BASE, county=here, schools=plan_schools, scenario=scenario(**blocks),
                   assignment=BASE.assignment if rows is None else rows)  # fmt: skip
    return plan, replace(TABLES, schools=measured, classes=TABLES.classes if classes is None else classes, **given)


def trip(rule, **edits):
    """One pupil group that the rule applies to, ten strong."""
    code, _ = subject(rule)
    band = str(rule.applies.bands[0]) if rule.applies.bands else ("G7-9" if code == "S3" else "G1-3")
    row = BASE.assignment.head(1).copy()
    mode = rule.applies.modes[0] if rule.applies.modes else "walk"
    return {"rows": row.assign(**({"school_id": code, "band": band, "mode": mode, "pupils": 10.0} | edits))}


def a_class(rule, size, count=1, grade=None):
    code, _ = subject(rule)
    grade = grade or (7 if code == "S3" else 1)
    row = TABLES.classes.head(1).copy()
    return row.assign(school_id=code, grade=grade, classes=count, class_size=float(size), pupils=float(size * count))


def shares(rule, big):
    """A hundred classes, so many of them as large as the rule counts."""
    return {"classes": pd.concat([a_class(rule, rule.class_from, big), a_class(rule, 20, 100 - big, 2)])}


def resources(rule, amount, *, poor=None):
    """All schools teach the stage only, 100 pupils each, and hold ``amount`` of everything; one holds less."""
    stage = rule.applies.stages[0]
    bands = {"pupils_g1_3": 50.0, "pupils_g4_6": 50.0, "pupils_g7_9": 0.0}
    if stage is Stage.JUNIOR:
        bands = {"pupils_g1_3": 0.0, "pupils_g4_6": 0.0, "pupils_g7_9": 100.0}
    held = np.full(len(BASE.county.schools), float(amount))
    if poor is not None:
        held[:2] = poor
    return {"schools": bands | {"pupils": 100.0}, "stated": dict.fromkeys(RESOURCES, held)}


def danger(rule, kind):
    row = {"village_id": "V1", "name": "V1村", "school_id": subject(rule)[0], "kind": kind, "danger": "平面横穿铁路"}
    return {"dangers": pd.DataFrame([row | {"pupils": 9.0}], columns=list(DANGERS.names))}


def migrants(share):
    row = {"group": "migrant", "claim": "all", "band": "all", "pupils": 100.0, "public_share": share}
    return {"admission": pd.DataFrame([row], columns=list(ADMISSION_RESULTS.names))}


def zoned(rule, share):
    """Ten thousand pupils of the rule's stage, so many of them at the school of their catchment."""
    band = "G7-9" if rule.applies.stages == (Stage.JUNIOR,) else "G1-3"
    row = {"band": band, "pupils": 1e4, "zoned": 1e4, "in_zone": share * 1e4, "in_zone_share": share, "zone_gone": 0.0}
    return {"in_zone": pd.DataFrame([row], columns=list(IN_ZONE.names))}


def hearing(**said):
    return {"closing": ("S1",), "hearing": said}


def dates(rule, until):
    first, last = rule.dates
    return hearing(procedure={first: "2026-03-02", last: until})  # a Monday


def alone(rule, amount):
    """Give the school that the rule applies to an amount, and every other one plenty."""
    return [float(amount) if code == subject(rule)[0] else 1e6 for code in BASE.county.schools["school_id"]]


def amount_of(rule, heads, each):
    return {"tables": {"pupils": heads, "boarders": heads}, "stated": {rule.column: alone(rule, heads * each)}}


def fact(rule, value):
    return {"rule_settings": {"facts": {rule.id: value}}}


def speeds(rule, value):
    return {"travel": {"ride_speed_kmh": {rule.column or "primary": value}}}


def staffed(rule, count):
    number = {"rule_settings": {"numbers": {rule.id: 2.0}}} if rule.measure is Measure.STAFF_PER_CLASS else {}
    bands = {"pupils_g1_3": 20.0, "pupils_g4_6": 37.0, "pupils_g7_9": 0.0}
    if rule.applies.stages == (Stage.JUNIOR,):
        bands = {"pupils_g1_3": 0.0, "pupils_g4_6": 0.0, "pupils_g7_9": 54.0}
    return number | {"tables": bands | {"pupils": 57.0, "classes": 3}, "stated": {"staff": alone(rule, count)}}


def other_side(rule, step=1.0):
    """Give a figure on the wrong side of the number, and the number itself."""
    return (rule.number + step if rule.sense == "most" else rule.number - step / 100), rule.number


# By measure: what makes a rule of it fire, and what leaves it silent.
CASES = {
    Measure.MINUTES: lambda r: (trip(r, minutes=r.number + 1), trip(r, minutes=r.number)),
    Measure.METRES: lambda r: (trip(r, metres=r.number + 1), trip(r, metres=r.number)),
    Measure.CROSSING: lambda r: (danger(r, "rail_crossing"), danger(r, "ford")),
    Measure.MODE_COUNT: lambda r: (trip(r), trip(r, mode="none")),
    Measure.SPEED: lambda r: (speeds(r, r.number + 1), speeds(r, r.number)),
    Measure.BOARDING: lambda r: (trip(r, mode="board"), trip(r)),
    Measure.CLASS_SIZE: lambda r: ({"classes": a_class(r, r.number + 1)}, {"classes": a_class(r, r.number)}),
    Measure.CLASSES_FROM: lambda r: ({"classes": a_class(r, r.number)}, {"classes": a_class(r, r.number - 1)}),
    Measure.CLASS_SHARE: lambda r: (shares(r, 10), shares(r, 2 if r.number else 0)),
    Measure.ENTRANTS: lambda r: ({"classes": a_class(r, r.number - 1)}, {"classes": a_class(r, r.number)}),
    Measure.PUPILS_MAX: lambda r: ({"tables": {"pupils": r.number + 1}}, {"tables": {"pupils": r.number}}),
    Measure.PUPILS_MIN: lambda r: ({"tables": {"pupils": r.number - 1}}, {"tables": {"pupils": r.number}}),
    Measure.SMALL_SCHOOLS: lambda r: ({}, {"schools": {"pupils": r.number}}),
    Measure.BEDS: lambda r: ({"schools": {"boarders": 2.0, "beds": 1}}, {"schools": {"boarders": 2.0, "beds": 2}}),
    Measure.PER_HEAD: lambda r: (amount_of(r, 50.0, r.number / 60), amount_of(r, 50.0, r.number + 0.01)),
    Measure.STAFF: lambda r: (staffed(r, 2 if r.number == 19 else 3), staffed(r, 3 if r.number == 19 else 4)),
    Measure.STAFF_PER_CLASS: lambda r: (staffed(r, 5), staffed(r, 6)),
    Measure.TOWNSHIP_STAGE: lambda r: ({}, {"schools": {"township_id": ["T1", "T1", "T2", "T2"], "grade_from": 1,
                                                        "grade_to": 9}}),
    Measure.SEATS_PER_1000: lambda r: ({"people": [1e6, 1e6]}, {"people": [1.0, 0.0]}),
    Measure.INDICATOR: lambda r: (resources(r, 1e6, poor=0.0), resources(r, 1e6)),
    Measure.SCHOOL_TEST: lambda r: (resources(r, 1e6, poor=0.0), resources(r, 1e6)),
    Measure.VARIATION: lambda r: (resources(r, 1e6, poor=0.0), resources(r, 1e6)),
    Measure.COMPOSITE: lambda r: (resources(r, 1e6, poor=1.0), resources(r, 1e6)),
    Measure.MIGRANT_PUBLIC: lambda r: (migrants(r.number - 0.01), migrants(r.number)),
    Measure.IN_ZONE: lambda r: (zoned(r, r.number - 0.01), zoned(r, r.number)),
    Measure.CLOSING: lambda _: (hearing(), {}),
    Measure.HEARD: lambda _: (hearing(), hearing(schools={"S1": {"parents_for": 9, "parents_against": 1}})),
    Measure.DAYS: lambda r: (dates(r, "2026-03-05"), dates(r, "2026-04-01")),
    Measure.FACT: lambda r: tuple(fact(r, value) for value in other_side(r)),
}  # fmt: skip


def hits(rule_id, **told):
    set_id, rule = RULES[rule_id]
    alone_in_its_set = SETS[set_id].model_copy(update={"rules": (rule,)})
    return check_plan(*world(rule, **told), [alone_in_its_set])


MEASURED = [rule_id for rule_id, (_, rule) in RULES.items() if rule.measure is not Measure.VETO]


@pytest.mark.parametrize("rule_id", MEASURED)
def test_the_rule_fires_and_stays_silent(rule_id):
    rule = RULES[rule_id][1]
    fires, silent = CASES[rule.measure](rule)
    found = hits(rule_id, **fires)
    assert [f for f in found if f.is_checked], "must fire"
    for f in found:
        assert all((f.message_zh, f.message_en, f.source, f.confidence, f.subject_name))
        assert f.severity is not Severity.ERROR or rule.confidence == "V"
    assert not [f for f in hits(rule_id, **silent) if f.is_checked], "must stay silent"


def test_every_shipped_rule_has_a_case():
    veto = {rule.condition for _, rule in RULES.values() if rule.measure is Measure.VETO}
    assert veto == {case[0] for case in test_veto.CASES}
    assert {RULES[rule_id][1].measure for rule_id in MEASURED} == set(CASES)
    assert set(CHECKERS) == set(Measure) == {*CASES, Measure.VETO}
    assert len(RULES) == sum(len(s.rules) for s in load_rule_sets(known_rule_sets()))  # ids are unique


def test_every_set_of_the_rule_book_ships():
    national = ("gbf2018-27", "gbf2012-48", "gb50099-2011", "jb109-2008", "gb50180-2018", "dd2017-6", "dd2012-3",
                "class-bands", "bb2014-72", "sc617", "gb24407-2012", "sc713")  # fmt: skip
    local = ("xinjiang.2015-bus", "hebei.layout", "henan.2011-layout", "guangzhou.2022", "anyang.2021",
             "jiaozuo.2019", "shaanxi.2020-small")  # fmt: skip
    wanted = {*(f"cn.{name}" for name in national), *(f"cn-{name}" for name in local), "lit.walk40"}
    assert wanted <= set(known_rule_sets())


@pytest.mark.parametrize("rule_id", list(RULES))
def test_a_rule_whose_source_is_not_verified_cannot_block(rule_id):
    rule = RULES[rule_id][1]
    assert rule.severity is not Severity.ERROR or rule.confidence == "V"
    if rule.confidence != "V":
        with pytest.raises(ValidationError, match="cannot be an error"):
            Rule.model_validate(rule.model_dump() | {"severity": "error"})


@pytest.mark.parametrize("rule_id", [r for r in MEASURED if RULES[r][1].confidence in ("M", "?")])
def test_not_even_a_scenario_makes_a_rule_block_that_nobody_has_read(rule_id):
    set_id, rule = RULES[rule_id]
    fires, _ = CASES[rule.measure](rule)
    settings = {"rule_settings": fires.get("rule_settings", {}) | {"block": [rule_id, set_id]}}
    assert all(f.severity is not Severity.ERROR for f in hits(rule_id, **fires | settings))


def test_a_scenario_makes_a_rule_read_at_second_hand_binding_and_the_finding_says_so():
    far = trip(RULES["cn.gbf2018-27.time"][1], minutes=31.0)
    assert {f.severity for f in hits("cn.gbf2018-27.time", **far)} == {Severity.WARNING}
    for name in ("cn.gbf2018-27", "cn.gbf2018-27.time"):
        found = hits("cn.gbf2018-27.time", **far, rule_settings={"block": [name]})
        assert {f.severity for f in found} == {Severity.ERROR}
        assert all("本情景列为必须遵守" in f.message_zh for f in found)


def test_a_number_that_a_scenario_changes_counts_and_is_shown_beside_the_old_one():
    far = trip(RULES["cn.gbf2018-27.time"][1], minutes=35.0)
    changed = {"rule_settings": {"numbers": {"cn.gbf2018-27.time": 34}}}
    found = hits("cn.gbf2018-27.time", **far, **changed)
    assert found[0].limit == 34
    assert "本情景改为34分钟，原为30分钟" in found[0].message_zh
    assert "34 instead of 30" in found[0].message_en
    assert not hits("cn.gbf2018-27.time", **far, rule_settings={"numbers": {"cn.gbf2018-27.time": 36}})


UNMEASURED = {
    "cn.dd2017-6.pass-primary": "学校表没有填齐", "cn.dd2017-6.variation-junior": "学校表没有填齐",
    "cn.dd2012-3.composite-primary": "学校表没有填齐", "cn.dd2017-6.rotation": "由人统计", "cn.sc713.notice": "日期",
    "cn.dd2017-6.in-zone-primary": "没有现有学区",
    "cn.dd2017-6.migrant": "随迁子女", "cn.bb2014-72.small": "班师比", "cn.bb2014-72.primary": "教职工数",
    "cn-jiaozuo.2019.seats-primary": "人口", "cn-anyang.2021.land-primary": "占地面积",
}  # fmt: skip


@pytest.mark.parametrize(("rule_id", "said"), UNMEASURED.items())
def test_a_rule_that_cannot_be_checked_says_which_data_are_missing(rule_id, said):
    found = hits(rule_id, closing=("S1",))
    assert found
    assert all(not f.is_checked and f.severity is Severity.NOTE for f in found)
    assert said in found[0].message_zh
    assert found[0].message_zh.startswith("无法检查")


def test_what_forbids_comes_first_then_the_grave_and_last_what_is_not_checked():
    crowded = assign(county(pupils={"V1": (0, 0, 0), "V2": (0, 0, 400), "V3": (5, 5, 5)}), times(), scenario())
    found = check_plan(crowded, crowded.tables, known_rule_sets())
    order = [(not f.is_checked, list(Severity).index(f.severity)) for f in found]
    assert order == sorted(order)
    assert found[0].rule_id == "cn.gb50099-2011.class-junior"


def test_unknown_sets_are_all_named_with_a_guess():
    with pytest.raises(ScenarioError) as caught:
        load_rule_sets(["cn.gbf2018-72", "cn.class-bands", "nothing"])
    assert [flaw.code for flaw in caught.value.flaws] == ["unknown_rule_set"] * 2
    assert "cn.gbf2018-27" in caught.value.flaws[0].mend.en


def test_small_rural_schools_are_village_schools_and_teaching_points_and_value_and_limit_share_a_unit():
    small = {"schools": {"pupils": [20.0, 200.0, 30.0, 9.0]}}
    found = hits("cn.gbf2018-27.small", **small)
    assert len(found) == 1
    assert (found[0].value, found[0].limit, found[0].unit) == (9, 100, "人")  # the smallest school, not their number
    assert "2所" in found[0].message_zh  # S1 and S4; the junior school's 30 pupils make it no small rural school


def test_a_primary_school_that_ends_before_grade_6_is_held_to_the_size_of_an_incomplete_one():
    plan, tables = world(RULES["cn.jb109-2008.primary-min"][1], tables={"pupils": 121.0})
    plan.schools.loc[plan.schools["school_id"] == "S2", "grade_to"] = 4
    found = check_plan(plan, tables, ["cn.jb109-2008"])
    assert ("cn.jb109-2008.point-max", "S2") in {(f.rule_id, f.subject_id) for f in found}


def test_the_rural_standard_does_not_measure_town_schools():
    plan, tables = world(RULES["cn.gb50099-2011.radius-primary"][1], tables={"pupils": 1100.0})
    assert "S2" not in {f.subject_id for f in check_plan(plan, tables, ["cn.jb109-2008"])}


def test_the_staff_of_a_nine_year_school_is_split_between_its_stages():
    rule = RULES["cn.bb2014-72.primary"][1]
    wide = rule.model_copy(update={"applies": rule.applies.model_copy(update={"tiers": (Tier.NINE_YEAR,)})})
    plan, tables = world(wide, tables={"pupils_g1_3": 57.0, "pupils_g4_6": 0.0, "pupils_g7_9": 54.0, "pupils": 111.0},
                         stated={"staff": 6})  # fmt: skip
    assert subject(wide)[0] == "S2"
    found = [f for f in check_plan(plan, tables, ["cn.bb2014-72"]) if f.is_checked and f.subject_id == "S2"]
    # 6 staff × 57 ÷ (57 + 1.1 × 54) = 2.94 for 3 primary posts, 3.06 for 4 junior ones
    assert [f.rule_id for f in found] == ["cn.bb2014-72.primary", "cn.bb2014-72.junior"]


def test_where_catchments_are_not_known_the_share_that_people_counted_is_compared():
    told = {"rule_settings": {"facts": {"cn.dd2017-6.in-zone-junior": 0.9}}}
    assert [f.value for f in hits("cn.dd2017-6.in-zone-junior", **told)] == [0.9]
    measured = zoned(RULES["cn.dd2017-6.in-zone-junior"][1], 0.97)
    assert not hits("cn.dd2017-6.in-zone-junior", **told, **measured)


def test_settings_given_to_the_check_win_over_those_of_the_scenario():
    plan, tables = world(RULES["cn.dd2017-6.rotation"][1])
    found = check_plan(plan, tables, ["cn.dd2017-6"], settings=RuleSettings(facts={"cn.dd2017-6.rotation": 0.05}))
    assert [f.value for f in found if f.rule_id == "cn.dd2017-6.rotation"] == [0.05]
