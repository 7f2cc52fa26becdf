"""The workbook opens clean, shows every table with its headers, and gives the same bytes for the same plan."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layout_planner import columns
from layout_planner.errors import Text
from layout_planner.report import write_workbook
from layout_planner.report.frames import flows
from layout_planner.report.narrative import Fact
from layout_planner.report.tables import Sheet, write_sheets

SHEETS = [
    "说明",
    "总体指标",
    "上学路程",
    "学校",
    "班额",
    "各村",
    "各乡镇",
    "学生去向",
    "达标率",
    "公平程度",
    "路程分布",
    "配备与经费",
    "撤并影响",
    "谁受影响",
    "规则检查",
    "数据检查",
]


@pytest.fixture(scope="module")
def path(tmp_path_factory, merger, merger_tables, findings, moves, impact) -> Path:
    path = tmp_path_factory.mktemp("book") / "tables.xlsx"
    write_workbook(merger, merger_tables, findings, path, moves=moves, impact=impact)
    return path


@pytest.fixture(scope="module")
def book(path):
    return openpyxl.load_workbook(path)


def column(page, head: str) -> list[object]:
    heads = [c.value for c in page[1]]
    return [row[heads.index(head)].value for row in page.iter_rows(min_row=2)]


def test_sheets_stand_in_their_order_and_the_cover_links_to_each(book) -> None:
    assert book.sheetnames == SHEETS
    cover = book["说明"]
    links = {c.hyperlink.location for row in cover.iter_rows() for c in row if c.hyperlink}
    assert links == {f"'{name}'!A1" for name in SHEETS[1:]}
    said = {str(c.value) for row in cover.iter_rows() for c in row if c.value}
    assert "样例县义务教育学校布局测算：两校合并" in said
    assert any("撤并学校2所：青石教学点（0429021011）" in line for line in said)
    assert "2025—2026学年初" in said


def test_the_cover_explains_every_header(book) -> None:
    cover = book["说明"]
    explained = {row[0].value for row in cover.iter_rows()}
    for name in SHEETS[1:]:
        for cell in book[name][1]:
            assert str(cell.value).rsplit("（", 1)[0] in explained or str(cell.value) in explained, (name, cell.value)


def test_headers_are_chinese_with_units_frozen_and_filtered(book) -> None:
    page = book["学校"]
    assert [c.value for c in page[1]][:4] == ["学校代码", "学校名称", "学校类别", "乡镇代码"]
    assert "学生数（人）" in [c.value for c in page[1]]
    assert page.freeze_panes == "C2"
    assert page.auto_filter.ref.startswith("A1:")
    assert page.print_title_rows == "$1:$1"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)


def test_ids_stay_text_without_warnings(path, book, merger) -> None:
    assert column(book["学校"], "学校代码") == merger.schools["school_id"].tolist()
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet4.xml").decode()
    assert 'numberStoredAsText="1"' in xml


def test_codes_are_words(book) -> None:
    assert set(column(book["学校"], "决定")) == {"保留", "撤并"}
    assert set(column(book["学校"], "是否在办")) == {"是", "否"}
    assert {"步行", "乘车", "无学校"} <= set(column(book["学生去向"], "方式"))
    assert set(column(book["学生去向"], "年级段")) == {"1—3年级", "4—6年级", "7—9年级"}


def test_numbers_are_those_of_the_tables(book, merger_tables) -> None:
    pupils = column(book["学校"], "学生数（人）")
    assert pupils == pytest.approx(merger_tables.schools["pupils"].tolist(), rel=1e-12)
    values = column(book["总体指标"], "数值")
    expected = merger_tables.indicators["value"]
    assert [v is None for v in values] == expected.isna().tolist()
    assert [v for v in values if v is not None] == pytest.approx(expected.dropna().tolist(), rel=1e-12)


def test_number_formats_tell_estimates_from_whole_counts(book) -> None:
    page = book["学校"]
    formats = {c.value: page.cell(2, c.column).number_format for c in page[1]}
    assert formats["学生数（人）"] == "#,##0.0"
    assert formats["学位数（人）"] == "#,##0"
    assert formats["学位使用率"] == "0.0%"
    assert formats["平均时间（分钟）"] == "#,##0.0"


def test_text_that_looks_like_a_formula_stays_text(path, book, findings) -> None:
    assert findings[1].message_zh in column(book["规则检查"], "说明")
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                assert "<f>" not in archive.read(name).decode()


def test_large_classes_and_long_ways_are_coloured(book) -> None:
    rules = [r for group in book["班额"].conditional_formatting for r in group.rules]
    assert {r.formula[0] for r in rules if r.type == "cellIs"} == {"65.5", "55.5"}
    formulas = [
        r.formula[0] for g in book["谁受影响"].conditional_formatting for r in g.rules if r.type == "expression"
    ]
    assert any('"1—3年级"' in f and ">30" in f for f in formulas)


def test_the_same_plan_gives_the_same_bytes(tmp_path, path, merger, merger_tables, findings, moves, impact) -> None:
    again = tmp_path / "again.xlsx"
    write_workbook(merger, merger_tables, findings, again, moves=moves, impact=impact)
    assert again.read_bytes() == path.read_bytes()


def test_flows_add_up_to_the_pupils_of_the_plan(merger) -> None:
    found = flows(merger)
    assert found["pupils"].sum() == pytest.approx(merger.assignment["pupils"].sum(), rel=1e-12)
    assert found.loc[found["mode"] == "none", "reason"].eq("unreachable").all()


def test_detail_adds_every_demand_point(tmp_path, baseline, baseline_tables) -> None:
    target = tmp_path / "detail.xlsx"
    write_workbook(baseline, baseline_tables, [], target, detail=True)
    book = openpyxl.load_workbook(target, read_only=True)
    assert book["学生去向明细"].max_row == len(baseline.assignment) + 1
    assert "谁受影响" not in book.sheetnames
    assert next(book["规则检查"].iter_rows(min_row=2))[0].value == "（无）"


def test_tables_longer_than_a_sheet_go_on_and_the_cover_says_so(tmp_path) -> None:
    frame = pd.DataFrame({"demand_id": [f"{i:03d}" for i in range(25)], "name": "甲", "village_id": "v"})
    sheet = Sheet(Text("需求点", "Points"), Text("每点一行", "one row a point"), columns.DEMAND, frame)
    target = tmp_path / "long.xlsx"
    write_sheets(target, [Fact("题目")], [sheet], max_rows=11)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["说明", "需求点", "需求点（2）", "需求点（3）"]
    assert [book[n].max_row for n in book.sheetnames[1:]] == [11, 11, 6]
    assert column(book["需求点（3）"], "需求点代码") == [f"{i:03d}" for i in range(20, 25)]
    said = [str(c.value) for row in book["说明"].iter_rows() for c in row if c.value]
    assert any("接上表" in line for line in said)


def test_an_english_workbook_has_no_chinese_header(tmp_path, baseline, baseline_tables, findings) -> None:
    target = tmp_path / "en.xlsx"
    write_workbook(baseline, baseline_tables, findings, target, lang="en")
    book = openpyxl.load_workbook(target)
    for page in book.worksheets[1:]:
        assert all(str(c.value).replace("–", "-").replace("²", "").isascii() for c in page[1]), page.title
        assert page.title.isascii()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.slow
def test_libreoffice_opens_it(tmp_path, path) -> None:
    profile = "-env:UserInstallation=" + (tmp_path / "profile").as_uri()
    command = ["soffice", profile, "--headless", "--convert-to", "pdf",
               "--outdir", str(tmp_path), str(path)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "tables.pdf").stat().st_size > 10_000
