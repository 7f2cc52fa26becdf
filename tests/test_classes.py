"""The task of classes on a tiny county: a workbook whole or not at all, and mistakes told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layout_planner.assign.classes import whole_size
from layout_planner.classes import ClassesResult, plan_classes
from layout_planner.errors import LANGUAGE_VARIABLE, LayoutError
from layout_planner.manifest import verify_outputs

SCENARIO = """\
name: 编班
data: {folder: ../data, crs: {schools: gcj02}}
classes: {clearing: {time_limit_s: 5}}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory, tiny_county: Callable[[Path, int], None]) -> Path:
    folder = tmp_path_factory.mktemp("classes")
    tiny_county(folder / "data", 1)
    (folder / "scenarios").mkdir()
    path = folder / "scenarios" / "classes.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(scenario: Path) -> ClassesResult:
    return plan_classes(scenario)


def test_the_folder_holds_the_workbook_and_says_what_it_is_made_of(made: ClassesResult, scenario: Path) -> None:
    assert made.folder == scenario.parent.parent / "runs" / "classes-编班"
    assert {path.name for path in made.folder.iterdir()} == {"班级编制与大班额.xlsx", "manifest.json"}
    assert not verify_outputs(made.folder)
    assert str(made.folder) in made.summary()


def test_the_sheets_are_those_of_a_county_office(made: ClassesResult) -> None:
    book = openpyxl.load_workbook(made.folder / "班级编制与大班额.xlsx")
    assert book.sheetnames == ["说明", "班级编制表", "大班额清单", "化解方案", "办法比较", "教师与教室", "班额"]
    plan = pd.read_excel(made.folder / "班级编制与大班额.xlsx", sheet_name="班级编制表", dtype={"学校代码": str},
                         engine="calamine")  # fmt: skip
    assert plan["学校代码"].str.len().eq(10).all()
    assert plan["编班数（班）"].sum() == made.answers.classes["classes"].sum()


def test_no_large_class_is_left_that_was_said_to_be_cleared(made: ClassesResult) -> None:
    answers = made.answers
    assert answers.after["pupils"].sum() == pytest.approx(answers.classes["pupils"].sum())
    if answers.cleared.over.sum() == 0:
        assert (whole_size(answers.after["class_size"]) < 56).all()


def test_a_second_result_goes_beside_the_first_and_messages_can_be_english(
    scenario: Path, made: ClassesResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LANGUAGE_VARIABLE, "en")
    again = plan_classes(scenario)
    assert again.folder.name == f"{made.folder.name}-2"
    assert (again.folder / "classes.xlsx").is_file()
    assert "classes;" in again.summary()


def test_a_mistake_in_the_block_is_told_and_nothing_is_written(scenario: Path) -> None:
    before = sorted(scenario.parent.parent.iterdir())
    with pytest.raises(LayoutError, match="clear_from"):
        plan_classes(scenario, ["classes.clearing.clear_from=50"], out=scenario.parent.parent / "none")
    assert sorted(scenario.parent.parent.iterdir()) == before
