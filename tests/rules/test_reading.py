"""Rule sets of a user's own, settings of a scenario, and the mistakes in them, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner.config.loader import load_scenario, salvage_scenario
from layout_planner.config.scenario import Scenario
from layout_planner.errors import ScenarioError
from layout_planner.manifest import portable_scenario
from layout_planner.rules import known_rule_sets, load_rule_sets, rule_frame, set_lines, sets_lines, setting_flaws

OURS = """\
id: 本县
title_zh: 本县的规定
title_en: Our county's rules
rules:
  - id: 本县.time
    measure: minutes
    title_zh: 一至三年级不超过20分钟
    title_en: Grades 1-3, 20 min at most
    number: 20
    unit: 分钟
    applies: {bands: [G1-3]}
    source: 县政府文件
    confidence: V
    severity: error
    mend_zh: 设教学点
    mend_en: set up a teaching point
"""
HEAD = "name: 试\ndata: {folder: .}\n"


def written(folder: Path, text: str, name: str = "ours.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def asked(folder: Path, text: str) -> Scenario:
    scenario, flaws = salvage_scenario(written(folder, HEAD + text, "t.yaml"))
    assert scenario is not None
    assert not flaws
    return scenario


def test_a_set_of_the_users_own_is_read_beside_those_that_ship(tmp_path):
    path = written(tmp_path, OURS)
    ours, shipped = load_rule_sets([str(path), "cn.class-bands", str(path)])
    assert ours.rules[0].number == 20
    assert shipped.id == "cn.class-bands"
    assert load_rule_sets([ours]) == (ours,)


def test_the_path_of_a_set_counts_from_the_scenario_that_names_it(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "scenarios").mkdir()
    written(tmp_path / "rules", OURS)
    text = "name: 试\ndata: {folder: ..}\nrules: [cn.class-bands, ../rules/ours.yaml]\n"
    scenario = load_scenario(written(tmp_path / "scenarios", text, "t.yaml"))
    assert [s.id for s in load_rule_sets(scenario.rules)] == ["cn.class-bands", "本县"]
    assert portable_scenario(scenario)["rules"] == ["cn.class-bands", "../rules/ours.yaml"]


def test_every_mistake_of_a_set_is_told_at_once_with_its_line(tmp_path):
    wrong = (
        OURS.replace("title_en: Our", "titel_en: Our")
        .replace("number: 20", "number: 二十")
        .replace("confidence: V", "confidence: V2")
        .replace("measure: minutes", "measure: minuets")
        .replace("bands: [G1-3]", "bnads: [G1-3]")
    )
    with pytest.raises(ScenarioError) as caught:
        load_rule_sets([str(written(tmp_path, wrong))])
    told = {(f.row, f.key): f for f in caught.value.flaws}
    assert all(f.file == "ours.yaml" for f in told.values())
    assert told[3, "titel_en"].mend.en == "did you mean title_en?"
    assert "minutes" in told[6, "rules[1].measure"].mend.zh
    assert told[11, "rules[1].applies.bnads"].mend.en == "did you mean bands?"
    assert (9, "rules[1].number") in told


def test_what_nobody_has_read_cannot_be_an_error_and_a_measure_needs_its_number(tmp_path):
    for old, new, said in (
        ("confidence: V", "confidence: M", "不能列为 error"),
        ("    number: 20\n", "", "number"),
        ("id: 本县.time", "id: 本县.time\n    share: [1]", "数字"),
    ):
        with pytest.raises(ScenarioError) as caught:
            load_rule_sets([str(written(tmp_path, OURS.replace(old, new)))])
        assert said in caught.value.render("zh")


def test_a_set_that_is_not_there_is_named_with_a_guess_and_a_rule_may_not_come_twice(tmp_path):
    written(tmp_path, OURS)
    with pytest.raises(ScenarioError, match=r"是否为 ours\.yaml"):
        load_rule_sets([str(tmp_path / "our.yaml")])
    twin = written(tmp_path, OURS.replace("id: 本县\n", "id: 又一份\n"), "twin.yaml")
    with pytest.raises(ScenarioError, match=r"两条规则都叫“本县\.time”"):
        load_rule_sets([str(tmp_path / "ours.yaml"), str(twin)])


SETTINGS = [
    ("numbers: {cn.gbf2018-72.time: 40}", "是否为 cn.gbf2018-27.time"),
    ("numbers: {cn.gbf2012-48.procedure: 1}", "没有限值"),
    ("facts: {cn.gbf2018-27.time: 40}", "由方案测算"),
    ("block: [lit.walk40]", "依据没有核实"),
    ("block: [cn.gbf2018-27.small]", "只作说明"),
    ("block: [cn.dd2012-3]", "先把它的规则集写进 rules"),
]


@pytest.mark.parametrize(("line", "said"), SETTINGS)
def test_settings_that_cannot_be_are_told_with_their_line(tmp_path, line, said):
    text = f"rules: [cn.gbf2018-27, cn.gbf2012-48, lit.walk40]\nrule_settings:\n  {line}\n"
    flaws = setting_flaws(asked(tmp_path, text))
    assert [f.row for f in flaws] == [5]
    assert said in flaws[0].render("zh")


def test_settings_that_can_be_are_not_complained_of(tmp_path):
    text = (
        "rules: [cn.gbf2018-27, cn.dd2017-6, cn.bb2014-72]\nrule_settings:\n  block: [cn.gbf2018-27]\n"
        "  numbers: {cn.gbf2018-27.time: 40, cn.bb2014-72.small: 1.7}\n  facts: {cn.dd2017-6.rotation: 0.12}\n"
    )
    assert setting_flaws(asked(tmp_path, text)) == []


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("hearing:\n  schools: {0990101: {parents_for: 3}}\n", 4, '写成 "0990101"'),
        ('hearing:\n  schools:\n    "01": {parents_fro: 3}\n', 5, "是否为 parents_for"),
        ('hearing:\n  schools:\n    "01": {parents_for: 许多}\n', 5, "只写数字"),
        ("hearing:\n  closing_on: 明年9月\n", 4, "日期写成"),
        ("hearing:\n  procedure: {hearing_on: 2027-03-01, papers_sent_on: 2027-03-08}\n", 4, "晚于听证会"),
        ("rule_settings: {numbers: {cn.gbf2018-27.time: -4}}\n", 3, "不小于 0"),
    ],
)
def test_slips_in_what_people_state_are_told_with_their_line(tmp_path, text, row, said):
    _, flaws = salvage_scenario(written(tmp_path, HEAD + text, "t.yaml"))
    assert [f.row for f in flaws] == [row]
    assert said in flaws[0].render("zh")


def test_rules_are_tabulated_and_spelled_in_both_languages(monkeypatch):
    sets = load_rule_sets(known_rule_sets())
    assert tuple(rules.id for rules in sets) == known_rule_sets()  # a set's file has the name of its id
    frame, english = rule_frame(sets, "zh"), rule_frame(sets, "en")
    assert len(frame) == len(english) == sum(len(s.rules) for s in sets)
    row = frame.set_index("rule_id").loc["cn.gbf2018-27.time"]
    assert (row["number"], row["applies"], row["confidence"]) == ("30 分钟", "1—3年级", "V2 据转述")
    assert not english["title"].str.contains("[\u4e00-\u9fff]").any()
    assert len(sets_lines(sets)) == len(sets)
    monkeypatch.setenv("LAYOUT_PLANNER_LANG", "en")
    shown = "\n".join(set_lines(load_rule_sets(["cn.gbf2018-27"])[0]))
    assert "cn.gbf2018-27.time  [30 min]" in shown
    assert "read at second hand" in shown
