"""Plans spelled as scenario files."""

from __future__ import annotations

from pathlib import Path

import layout_planner as lp
from layout_planner.config.yamltext import parse_yaml
from layout_planner.layout.named import named_scenarios
from tests.small_county import county, scenario, times

BASE = """\
name: 现状
data: {folder: data, crs: {schools: gcj02}}
decisions: {board: {"S2": 12}}
"""
ASKED = """\
name: 建议
based_on: base.yaml
travel: {ride_wait_min: 12}
layout: {must: {closest_first: true}}
"""


def spelled(asked: lp.Scenario, home: Path) -> dict[str, object]:
    found = lp.optimise(county(), times(), asked, quick=True)
    [(name, text)] = named_scenarios(found.options, asked, home).items()
    assert name == "方案A.yaml"
    tree = parse_yaml(text)
    assert isinstance(tree, dict)
    return tree


def test_a_scenario_without_a_file_states_everything(tmp_path: Path) -> None:
    tree = spelled(scenario(), tmp_path)
    assert "based_on" not in tree
    assert tree["assign"] == {"method": "capacitated", "closest_first": False}
    assert {"data", "demand", "travel", "classes"} <= set(tree)
    assert "layout" not in tree


def test_a_scenario_of_a_file_states_what_differs_from_its_base(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "asked.yaml").write_text(ASKED, encoding="utf-8")
    asked = lp.load_scenario(tmp_path / "asked.yaml")
    tree = spelled(asked, tmp_path / "runs" / "a" / "scenarios")
    assert tree["based_on"] == "../../../base.yaml"
    assert not {"data", "demand", "classes"} & set(tree)
    assert tree["travel"]["ride_wait_min"] == 12  # type: ignore[index]
    assert tree["assign"] == {"method": "capacitated", "closest_first": True}


def test_beds_of_the_base_that_the_plan_gives_up_are_not_inherited(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "base.yaml").write_text(BASE.replace("S2", "S4"), encoding="utf-8")
    (tmp_path / "asked.yaml").write_text(ASKED + "decisions: {board: {}}\n", encoding="utf-8")
    asked = lp.load_scenario(tmp_path / "asked.yaml")
    asked = asked.model_copy(update={"decisions": lp.Scenario.model_validate({"name": "a", "data": {}}).decisions})
    tree = spelled(asked, tmp_path / "runs")
    assert "based_on" not in tree
    assert tree["data"]["folder"] == "../data"  # type: ignore[index]
