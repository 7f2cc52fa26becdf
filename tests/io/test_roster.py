"""Rosters for drawing lots: what is refused, what is understood, and where each problem stands."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from layout_planner.errors import Severity
from layout_planner.io.roster import Roster, read_class_roster, read_lottery_roster

SCHOOLS = {"0001": "东小学", "0002": "西小学"}


def lottery(folder: Path, text: str, priorities: tuple[str, ...] = ()) -> Roster:
    path = folder / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return read_lottery_roster(path, SCHOOLS, priorities)


def classes(folder: Path, text: str) -> Roster:
    path = folder / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return read_class_roster(path)


def errors(roster: Roster) -> list[tuple[str, int | None, str]]:
    return [(flaw.code, flaw.row, flaw.column) for flaw in roster.flaws if flaw.severity is Severity.ERROR]


def test_other_peoples_headers_and_words_become_canonical(tmp_path: Path) -> None:
    text = "受理号,批次,是否随迁子女,双胞胎组,志愿1,是否服从调剂\nB2,乙,yes,,西小学,n\nB1,甲,,,0001,\n"
    roster = lottery(tmp_path, text, ("甲", "乙"))
    assert errors(roster) == []
    assert roster.columns == ("application_no", "priority", "migrant", "choice_1", "accepts_other")
    assert [tuple(row.values()) for row in roster.rows] == [
        ("B1", "甲", "否", "0001", "是"),
        ("B2", "乙", "是", "0002", "否"),
    ]


def test_a_single_column_of_application_numbers_is_a_roster(tmp_path: Path) -> None:
    roster = lottery(tmp_path, "报名号\n002\n001\n")
    assert [row["application_no"] for row in roster.rows] == ["001", "002"]


@pytest.mark.parametrize(
    "header",
    [
        "姓名",
        "学生姓名",
        "身份证号码",
        "监护人电话",
        "家庭住址",
        "出生日期",
        "学籍号",
        "父亲姓名",
        "Full name",
        "ID card",
        "Phones",
    ],
)
def test_personal_columns_are_refused(tmp_path: Path, header: str) -> None:
    roster = lottery(tmp_path, f"报名号,{header}\nA1,x\n")
    assert errors(roster) == [("roster_personal", 1, header)]


@pytest.mark.parametrize("header", ["成绩", "语文", "入学测试", "面试等级", "获奖情况", "Score", "test result", "Exam"])
def test_score_columns_are_refused(tmp_path: Path, header: str) -> None:
    assert errors(classes(tmp_path, f"报名号,性别,{header}\nA1,男,90\n")) == [("roster_score", 1, header)]


@pytest.mark.parametrize("header", ["序号", "备注", "Remarks", "报名时间", "contestant"])
def test_harmless_columns_are_left_out_and_told(tmp_path: Path, header: str) -> None:
    roster = lottery(tmp_path, f"报名号,{header}\nA1,x\n")
    assert errors(roster) == []
    assert roster.columns == ("application_no",)
    assert "column_unused" in {flaw.code for flaw in roster.flaws}


def test_identity_numbers_in_place_of_application_numbers_are_refused_without_repeating_them(tmp_path: Path) -> None:
    roster = lottery(tmp_path, "报名号,村（社区）\nA1,420381201901017654\n110101201901012345,东村\n")
    assert errors(roster) == [("roster_personal", 2, "村（社区）"), ("roster_personal", 3, "报名号")]
    assert not any("201901012345" in flaw.render() for flaw in roster.flaws)


def test_every_problem_of_every_row_is_told_at_once(tmp_path: Path) -> None:
    text = (
        "报名号,优先类别,随迁子女,第一志愿,第二志愿,服从调剂\n"
        "A1,甲,也许,0001,0001,是\n"
        "A1,丙,是,北小学,,大概\n"
        "A:3,,否,,,\n"
        ",甲,,,,\n"
    )
    found = set(errors(lottery(tmp_path, text, ("甲", "乙"))))
    assert found == {
        ("word_unknown", 2, "随迁子女"), ("choice_twice", 2, "第二志愿"), ("code_repeated", 3, "报名号"),
        ("priority_unknown", 3, "优先类别"), ("word_unknown", 3, "第一志愿"), ("word_unknown", 3, "服从调剂"),
        ("application_no", 4, "报名号"), ("priority_unknown", 4, "优先类别"), ("value_missing", 5, "报名号"),
    }  # fmt: skip


def test_siblings_must_agree_and_lone_or_large_groups_are_remarked_upon(tmp_path: Path) -> None:
    text = "报名号,同胞组,第一志愿\nA1,D1,0001\nA2,D1,0002\nA3,D2,\n" + "".join(f"B{i},D3,\n" for i in range(4))
    roster = lottery(tmp_path, text)
    assert errors(roster) == [("siblings_differ", 3, "第一志愿")]
    warned = [(flaw.code, flaw.row) for flaw in roster.flaws if flaw.severity is Severity.WARNING]
    assert warned == [("group_size", 4), ("group_size", 5)]


def test_priorities_that_the_scenario_does_not_state_are_told_and_have_no_effect(tmp_path: Path) -> None:
    roster = lottery(tmp_path, "报名号,优先类别\nA1,甲\n")
    assert roster.rows == ({"application_no": "A1"},)
    assert "priority_unused" in {flaw.code for flaw in roster.flaws}


def test_a_sibling_at_another_school_gives_no_privilege(tmp_path: Path) -> None:
    roster = lottery(tmp_path, "报名号,长幼随学学校\nA1,北小学\nA2,东小学\n")
    assert errors(roster) == []
    assert [row["sibling_school"] for row in roster.rows] == ["", "0001"]


def test_the_roster_is_found_beside_notes_and_under_a_title(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        pd.DataFrame([["说明"], ["只填报名号"]]).to_excel(book, sheet_name="说明", header=False, index=False)
        frame = pd.DataFrame([["2026年新生", None], ["报名号", "性别"], ["0012", "女生"], ["0011", "M"]])
        frame.to_excel(book, sheet_name="名册", header=False, index=False)
    roster = read_class_roster(path)
    assert errors(roster) == []
    assert [tuple(row.values()) for row in roster.rows] == [("0011", "男"), ("0012", "女")]


def test_a_wish_needs_a_group_and_a_word_that_is_known(tmp_path: Path) -> None:
    text = "报名号,性别,同胞组,双胞胎编班\nA1,男,,同班\nA2,女,D1,都行\nA3,女,D1,不同班\nA4,,,\n"
    found = set(errors(classes(tmp_path, text)))
    assert found == {("group_missing", 2, "同胞组"), ("word_unknown", 3, "双胞胎编班"), ("value_missing", 5, "性别")}


@pytest.mark.parametrize("text", ["", "甲,乙\n1,2\n"])
def test_a_file_without_the_header_is_told(tmp_path: Path, text: str) -> None:
    assert errors(lottery(tmp_path, text))
