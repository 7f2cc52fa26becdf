"""With which plan the papers compare: the nearest in which the schools concerned are open as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner.config.loader import load_scenario
from layout_planner.dossier.calendar import Dates
from layout_planner.dossier.cases import Cases
from layout_planner.dossier.facts import gather
from layout_planner.dossiers import _before
from tests.small_county import county, times

FILES = {
    "today": "name: 现状\ndata: {}\n",
    "first": "name: 先撤西岭\nbased_on: today.yaml\ndecisions: {close: [S4]}\n",
    "both": "name: 再撤东村\nbased_on: first.yaml\ndecisions: {close: [S4, S1]}\n",
    "other": "name: 只撤东村\nbased_on: first.yaml\ndecisions: {close: [S1]}\n",
    "alone": "name: 单独\ndata: {}\ndecisions: {close: [S4]}\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "label", "passed"),
    [("first", "现状", ()), ("both", "现状", ("先撤西岭",)), ("other", "先撤西岭", ()), ("alone", "现状", ())],
)
def test_papers_compare_with_the_last_plan_in_which_the_school_is_open(
    folder: Path, name: str, label: str, passed: tuple[str, ...]
) -> None:
    path = folder / f"{name}.yaml"
    found = _before(path, load_scenario(path), (), county(), times())
    assert (found[0].label, found[1]) == (label, passed)


def test_a_plan_that_was_passed_over_is_named_in_words(folder: Path) -> None:
    from layout_planner.assign import assign

    path = folder / "both.yaml"
    scenario = load_scenario(path)
    before, passed = _before(path, scenario, (), county(), times())
    after = assign(county(), times(), scenario)
    said = gather(Cases(before, after, None, passed), Dates()).compared
    assert said is not None
    assert "先撤西岭" in said.text
    assert "“现状”" in said.text
