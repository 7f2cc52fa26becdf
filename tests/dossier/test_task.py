"""The task of dossiers: what it refuses, and what it does where no browser is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner.config.hearing import Hearing, Procedure
from layout_planner.dossier import page
from layout_planner.dossier.cases import Cases
from layout_planner.dossier.ledger import Line, line
from layout_planner.dossiers import _dates, _first_day, _refuse
from layout_planner.errors import ScenarioError


def test_a_figure_outside_the_ledger_is_refused() -> None:
    with pytest.raises(ValueError, match="outside the ledger"):
        Line(("共有学生15人。",))
    assert line("不足一人").text == "不足一人"


def test_a_plan_that_closes_nothing_has_no_papers(cases: Cases) -> None:
    with pytest.raises(ScenarioError, match="没有撤并学校"):
        _refuse(Cases(cases.before, cases.before), cases.before.scenario)


def test_a_wrong_first_day_is_refused() -> None:
    with pytest.raises(ScenarioError, match="不是日期"):
        _first_day("2027-13-01")


def test_a_first_day_after_stated_dates_is_refused(cases: Cases) -> None:
    stated = Hearing(procedure=Procedure(published_on="2026-11-02", comments_until="2026-12-04"))
    scenario = cases.after.scenario.model_copy(update={"hearing": stated})
    with pytest.raises(ScenarioError, match="晚于情景中填报的日期"):
        _dates(scenario, "2027-03-01")
    assert _dates(scenario, "2026-11-03").published_on == "2026-11-03"


def test_without_a_browser_one_line_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(page, "find_browser", lambda: None)
    told = page.print_pages([tmp_path / "a.html"])
    assert [text.zh.startswith("没有找到浏览器") for text in told] == [True]
    assert not list(tmp_path.iterdir())
