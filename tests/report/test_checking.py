"""The check report: a workbook and a page that say what was found, or plainly that nothing was."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from layout_planner.errors import DataCell, Flaw, Severity, Text
from layout_planner.io.county import ReadTable
from layout_planner.report import CheckedData, write_check_report

CELLS = (
    DataCell("schools.xlsx", "学校", 3, "在校生总数", "61", "S3"),
    DataCell("schools.xlsx", "历年", 9, "一年级", "60", "D9"),
)
FLAWS = (
    Flaw("parts_total", Text("各年级之和 60，总数 61", ""), Text("似应为 60", ""), "schools.xlsx", "学校", 3,
         "在校生总数", severity=Severity.WARNING, cells=CELLS, subject="东岭小学"),
    Flaw("tier_unknown", Text("不认识的学校类别“<b>”", ""), Text("改正", ""), "schools.xlsx", "学校", 9, "学校类别"),
    Flaw("key_unknown", Text("没有 demnd 这个键", ""), Text("改为 demand", ""), "a.yaml", row=3, key="demnd"),
)  # fmt: skip
TABLES = (ReadTable("schools", "schools.xlsx", "学校", 12, "gcj02"),)


def sheets(folder: Path) -> dict[str, pd.DataFrame]:
    return pd.read_excel(folder / "数据检查.xlsx", sheet_name=None, engine="calamine")


def test_findings_stand_with_their_cells_and_the_gravest_first(tmp_path: Path) -> None:
    write_check_report(CheckedData("现状", FLAWS, TABLES), tmp_path)
    listed = sheets(tmp_path)["问题清单"]
    assert listed["程度"].tolist() == ["错误", "提醒", "错误"]
    assert listed["名称"].fillna("").tolist() == ["", "东岭小学", ""]
    assert listed.loc[1, "不符的单元格"] == "S3 在校生总数=61；历年 D9 一年级=60"
    assert sheets(tmp_path)["问题汇总"].to_numpy().tolist()[0][2:] == [1, 1, 0]
    page = (tmp_path / "数据检查.html").read_text(encoding="utf-8")
    for word in ("错误 2 处，提醒 1 处", "东岭小学", "S3 在校生总数=61", "似应为 60", "a.yaml", "&lt;b&gt;", "gcj02"):
        assert word in page
    assert "http" not in page


def test_nothing_found_is_said_plainly(tmp_path: Path) -> None:
    write_check_report(CheckedData("现状", (), TABLES, "CGCS2000"), tmp_path)
    page = (tmp_path / "数据检查.html").read_text(encoding="utf-8")
    assert "没有发现问题" in page
    assert "CGCS2000" in page
    assert sheets(tmp_path)["问题清单"]["序号"].tolist() == ["（无）"]


def test_an_english_report_holds_no_chinese_but_what_the_files_say(tmp_path: Path) -> None:
    cell = DataCell("schools.xlsx", "schools", 3, "enrolment", "61")
    what, mend = Text("各年级之和 60", "the grades add up to 60"), Text("似应为 60", "probably 60")
    flaws = (
        Flaw("parts_total", what, mend, "schools.xlsx", "schools", 3, severity=Severity.WARNING, cells=(cell, cell)),
        Flaw("key_unknown", what, mend, key="demnd"),
        Flaw("no_pupils", what, mend),
    )
    for i, found in enumerate((flaws, ())):
        folder = tmp_path / str(i)
        folder.mkdir()
        write_check_report(
            CheckedData("baseline", found, (ReadTable("schools", "schools.xlsx", "", 2),)), folder, lang="en"
        )
        page = (folder / "data_check.html").read_text(encoding="utf-8").split("</style>")[1]
        book = pd.read_excel(folder / "data_check.xlsx", sheet_name=None, header=None, engine="calamine")
        text = page + "".join(f"{name} {sheet.to_csv()}" for name, sheet in book.items())
        assert re.findall("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]+", text) == []
        assert ("row 3 enrolment=61; row 3 enrolment=61" in text) == bool(found)


def test_the_language_of_messages_is_that_of_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYOUT_PLANNER_LANG", "en")
    write_check_report(CheckedData("baseline", (), TABLES), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data_check.html", "data_check.xlsx"]


@pytest.mark.parametrize("flaws", [(), FLAWS])
def test_the_same_findings_give_the_same_bytes(tmp_path: Path, flaws: tuple[Flaw, ...]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_check_report(CheckedData("现状", flaws, TABLES), tmp_path / name)
    for file in ("数据检查.html", "数据检查.xlsx"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
