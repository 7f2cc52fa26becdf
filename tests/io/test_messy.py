"""Workbooks as they come from townships: merged cells, units of every kind, old formats, formulas that failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
import xlwt

from layout_planner.columns import ENROLMENT, PROJECTS, SCHOOLS, VILLAGES, Column, Table
from layout_planner.errors import Severity
from layout_planner.io.tables import Loaded, find_sheet, load_table

from .conftest import SCHOOL_HEADER, VILLAGE_HEADER, write_csv, write_xlsx
from .conftest import SCHOOLS as ROWS

Rows = Sequence[Sequence[object]]
MONEY = Table("money", "设备", "equipment", (
    Column("school_id", "id", "学校代码", "school code", required=True),
    Column("equipment_yuan", "float", "设备总值", "equipment", "元"),
    Column("building_m2", "float", "校舍建筑面积", "building area", "平方米"),
    Column("site_m2", "float", "占地面积", "site area", "平方米"),
    Column("people", "int", "人口", "people", "人"),
    Column("per_pupil_yuan", "float", "生均设备", "equipment per pupil", "元/人"),
))  # fmt: skip


def save(path: Path, rows: Rows, *, merge: Sequence[str] = (), title: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for cells in merge:
        sheet.merge_cells(cells)
    book.save(path)
    return path


def told(loaded: Loaded, *severities: Severity) -> list[tuple[str, int | None]]:
    wanted = severities or tuple(Severity)
    return [(f.code, f.row) for f in loaded.shortened() if f.severity in wanted]


@pytest.mark.parametrize(
    ("header", "value", "metres2"),
    [
        ("占地面积（亩）", 3, 2000.0),
        ("占地面积（公顷）", 1.5, 15000.0),
        ("占地面积(万㎡)", "０．５", 5000.0),
        ("占地面积 m²", 800, 800.0),
        ("占地面积（单位：亩）", "3亩", 2000.0),
        ("占地面积（㎡）", "800㎡", 800.0),
        ("占地面积（㎡）", "３亩", 2000.0),
        ("占地面积（亩）", "800平方米", 800.0),
        ("占地面积亩", 3, 2000.0),
    ],
)
def test_areas_come_in_any_unit(tmp_path: Path, header: str, value: object, metres2: float) -> None:
    loaded = load_table(save(tmp_path / "m.xlsx", [["学校代码", header], ["01", value]]), MONEY)
    assert loaded.frame["site_m2"].tolist() == [pytest.approx(metres2)]
    assert told(loaded, Severity.ERROR, Severity.WARNING) == []


def test_money_in_ten_thousands_is_brought_to_yuan(tmp_path: Path) -> None:
    header = ["学校代码", "设备总值（万元）", "生均设备（万元/生）", "人口（百人）"]
    rows = [header, ["01", 152.3456, 0.25, 12.34], ["02", "5000元", None, "320人"]]
    loaded = load_table(save(tmp_path / "m.xlsx", rows), MONEY)
    assert loaded.frame["equipment_yuan"].tolist() == [1_523_456.0, 5_000.0]
    assert loaded.frame["per_pupil_yuan"].iloc[0] == 2_500.0
    assert loaded.frame["people"].tolist() == [1_234, 320]
    assert told(loaded) == [("unit_in_cell", 3), ("unit_in_cell", 3)]


def test_a_note_above_the_table_scales_the_columns_that_state_no_unit(tmp_path: Path) -> None:
    rows = [
        ["某县学校资产表", None, None, None],
        ["填报单位：青石镇", None, None, "单位：万元、人"],
        ["学校代码", "设备总值", "校舍建筑面积（平方米）", "占地面积", "人口"],
        ["01", 1.5, 900, 4000, 70],
    ]
    loaded = load_table(save(tmp_path / "m.xlsx", rows), MONEY)
    row = loaded.frame.iloc[0]
    assert (row["equipment_yuan"], row["building_m2"], row["site_m2"], row["people"]) == (15_000.0, 900, 4_000, 70)
    [flaw] = loaded.flaws
    assert (flaw.code, flaw.severity) == ("unit_note", Severity.NOTE)
    assert "万元" in flaw.what.zh
    assert "设备总值" in flaw.what.zh


def test_a_row_of_units_below_the_header_belongs_to_it(tmp_path: Path) -> None:
    rows = [["学校代码", "设备总值", "占地面积"], [None, "万元", "（亩）"], ["01", 2, 3]]
    loaded = load_table(save(tmp_path / "m.xlsx", rows), MONEY)
    assert loaded.flaws == []
    assert loaded.frame[["equipment_yuan", "site_m2"]].iloc[0].tolist() == [20_000.0, pytest.approx(2000.0)]


def test_the_unit_of_a_merged_heading_holds_below_it_and_no_further(tmp_path: Path) -> None:
    rows = [["学校代码", "面积（亩）", None, "人口"], [None, "占地面积", "校舍建筑面积", None], ["01", 3, 1.5, 40]]
    loaded = load_table(save(tmp_path / "m.xlsx", rows, merge=["A1:A2", "B1:C1", "D1:D2"]), MONEY)
    assert loaded.frame[["site_m2", "building_m2", "people"]].iloc[0].tolist() == pytest.approx([2000.0, 1000.0, 40])
    beside = [["学校代码", "用地（亩）", None], [None, "占地面积", "校舍建筑面积"], ["01", 3, 500]]
    narrow = load_table(save(tmp_path / "n.xlsx", beside, merge=["A1:A2"]), MONEY)
    assert narrow.frame["building_m2"].iloc[0] == 500


def test_a_unit_of_another_quantity_is_an_error(tmp_path: Path) -> None:
    loaded = load_table(save(tmp_path / "m.xlsx", [["学校代码", "设备总值（平方米）"], ["01", 3]]), MONEY)
    assert [(f.code, f.row, f.column) for f in loaded.flaws] == [("unit_wrong", 1, "设备总值（平方米）")]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("#REF!", "formula_error"),
        ("#VALUE!", "formula_error"),
        ("=A1+1", "formula_error"),
        ("约35人", "not_a_number"),
        ("35间", "not_a_number"),
    ],
)
def test_a_cell_that_gives_no_number_is_an_error_not_a_blank(tmp_path: Path, value: str, code: str) -> None:
    rows = [SCHOOL_HEADER, *[list(r) for r in ROWS]]
    rows[2][SCHOOL_HEADER.index("核定学位数（人）")] = value
    loaded = load_table(save(tmp_path / "s.xlsx", rows), SCHOOLS)
    assert told(loaded) == [(code, 3)]


def test_a_failed_formula_is_no_name_and_no_code(tmp_path: Path) -> None:
    rows = [SCHOOL_HEADER, *[list(r) for r in ROWS]]
    rows[1][0], rows[2][1] = "#N/A", "#NAME?"
    loaded = load_table(save(tmp_path / "s.xlsx", rows), SCHOOLS)
    assert told(loaded) == [("formula_error", 2), ("formula_error", 3)]
    assert loaded.frame.iloc[1]["name"] == ""


def test_a_look_up_without_result_in_an_optional_column_is_a_warning(tmp_path: Path) -> None:
    rows = [SCHOOL_HEADER, *[list(r) for r in ROWS]]
    rows[1][SCHOOL_HEADER.index("一年级在校生（人）")] = "#N/A"
    assert told(load_table(save(tmp_path / "s.xlsx", rows), SCHOOLS), Severity.WARNING) == [("formula_error", 2)]


def test_subtotals_headings_and_headers_again_are_no_schools(tmp_path: Path) -> None:
    a, b = [list(r) for r in ROWS[:3]], [list(r) for r in ROWS[3:]]
    rows: list[list[object]] = [
        SCHOOL_HEADER,
        ["一、东镇"], *a, ["东镇小计", None, None, None, None, None, 24],
        ["西乡（3所）"], SCHOOL_HEADER, *b, [None, "西乡合计", None, None, None, None, 36],
        ["全县总计", None, None, None, None, None, 60],
    ]  # fmt: skip
    loaded = load_table(save(tmp_path / "s.xlsx", rows), SCHOOLS)
    assert loaded.frame["school_id"].tolist() == [r[0] for r in ROWS]
    assert told(loaded) == [
        ("row_heading", 2), ("row_total", 6), ("row_heading", 7), ("row_header", 8), ("row_total", 12),
        ("row_total", 13),
    ]  # fmt: skip


def test_merged_codes_hold_for_each_year_and_merged_places_for_each_school(tmp_path: Path) -> None:
    header = ["学校代码", "学校名称", "学年", "一年级"]
    years = [header, ["01", "甲校", 2023, 20], [None, None, 2024, 18], ["02", "乙校", 2024, 9]]
    loaded = load_table(save(tmp_path / "e.xlsx", years, merge=["A2:A3", "B2:B3"]), ENROLMENT)
    assert loaded.flaws == []
    assert loaded.frame["school_id"].tolist() == ["01", "01", "02"]
    schools = [["代码", "校名", "乡镇", "在校生"], ["01", "甲校", "东镇", 50], ["02", "乙校", None, None]]
    loaded = load_table(save(tmp_path / "s.xlsx", schools, merge=["C2:C3", "D2:D3"]), SCHOOLS)
    assert loaded.frame["township"].tolist() == ["东镇", "东镇"]
    assert ("number_merged", 2) in told(loaded, Severity.WARNING)
    assert loaded.frame["enrolment"].fillna(-1).tolist() == [50, -1]


def test_a_code_merged_over_two_schools_is_told(tmp_path: Path) -> None:
    rows = [VILLAGE_HEADER, ["01", "甲村", "", 110.7, 32.1], [None, "乙村", "", 110.8, 32.1]]
    loaded = load_table(save(tmp_path / "v.xlsx", rows, merge=["A2:A3"]), VILLAGES)
    assert told(loaded) == [("code_repeated", 3)]


def test_dates_and_unseen_marks(tmp_path: Path) -> None:
    finished, mangled, day = (dt.date(2026, 6, 30), dt.date(2025, 3, 4), dt.date(2025, 1, 2))
    rows = [
        ["项目代码", "项目名称", "项目类别", "经度", "纬度", "户数", "交付时间", "入住率（%）"],
        ["01\u200b", "\xa0锦绣\u200b花园\u3000", "现有小区", 110.8, 32.5, "\xa01 200\u200b", finished, 85],
        [mangled, "滨江", "规划住宅", 110.8, 32.5, day, "2027年9月", "90%"],
    ]
    loaded = load_table(save(tmp_path / "p.xlsx", rows), PROJECTS)
    frame = loaded.frame
    assert (frame["project_id"].iloc[0], frame["name"].iloc[0], frame["households"].iloc[0]) == ("01", "锦绣花园", 1200)
    assert frame["completion_year"].tolist() == [2026, 2027]
    assert frame["occupancy"].tolist() == [0.85, 0.9]
    assert told(loaded) == [("code_date", 3), ("not_a_number", 3)]


@pytest.mark.parametrize(
    ("header", "cells", "shares"),
    [
        ("入住率", [0.85, "60%"], [0.85, 0.6]),
        ("入住率（%）", [85, 60.5], [0.85, 0.605]),
        ("入住率（%）", [0.85, 1], [0.85, 1.0]),
        ("入住率（%）", ["85", "60.5%"], [0.85, 0.605]),
    ],
)
def test_shares_are_fractions_or_percentages(
    tmp_path: Path, header: str, cells: list[object], shares: list[float]
) -> None:
    rows = [["项目代码", "项目名称", header], *[[f"{i}", "甲", c] for i, c in enumerate(cells)]]
    loaded = load_table(save(tmp_path / "p.xlsx", rows), PROJECTS)
    assert loaded.frame["occupancy"].tolist() == pytest.approx(shares)


def test_a_share_of_85_without_a_percent_sign_is_asked_about(tmp_path: Path) -> None:
    rows = [["项目代码", "项目名称", "入住率"], ["01", "甲", 85]]
    loaded = load_table(save(tmp_path / "p.xlsx", rows), PROJECTS)
    assert "not_a_share" in [f.code for f in loaded.flaws]


def write_xls(path: Path, sheets: dict[str, Rows], merge: Sequence[tuple[int, int, int, int]] = ()) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell is not None and not any(a <= r <= b and left <= c <= right for a, b, left, right in merge):
                    sheet.write(r, c, cell)
        for a, b, left, right in merge if len(rows) > 1 else ():
            sheet.write_merge(a, b, left, right, rows[a][left] or "")
    book.save(str(path))
    return path


def test_an_old_xls_reads_like_an_xlsx(tmp_path: Path) -> None:
    rows: Rows = [
        ["某县学校基本情况", *[None] * 8],
        ["学校", None, "类别", "位置", None, "面积（亩）", None, "学位数", None],
        ["代码", "名称", None, "经度", "纬度", "占地面积", "校舍面积", None, "在校生"],
        ["0990101001", "东镇中心小学", "中心小学", 110.76, 32.15, 3.0, 1.5, "５４０人", 500],
        ["合计", None, None, None, None, 3.0, 1.5, 540, 500],
    ]  # fmt: skip
    merge = [(0, 0, 0, 8), (1, 1, 0, 1), (1, 1, 3, 4), (1, 1, 5, 6), (1, 2, 2, 2), (1, 2, 7, 7)]
    path = write_xls(tmp_path / "s.xls", {"封面": [["封面"]], "学校": rows}, merge)
    loaded = load_table(path, SCHOOLS)
    assert (loaded.sheet, told(loaded)) == ("学校", [("row_total", 5)])
    row = loaded.frame.iloc[0]
    assert (row["school_id"], row["seats"], row["enrolment"]) == ("0990101001", 540, 500)
    assert (row["site_m2"], row["building_m2"]) == pytest.approx((2000.0, 1000.0))


def test_an_old_xls_with_failed_formulas_says_so(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for c, text in enumerate(("学校代码", "设备总值", "占地面积")):
        sheet.write(0, c, text)
    sheet.write(1, 0, "01")
    sheet.row(1).set_cell_error(1, "#REF!")
    sheet.write(1, 2, 5)
    book.save(str(tmp_path / "m.xls"))
    loaded = load_table(tmp_path / "m.xls", MONEY)
    assert told(loaded) == [("formula_error", None)]
    assert "1 个单元格" in loaded.flaws[0].what.zh


def test_each_table_is_found_on_its_own_sheet(tmp_path: Path) -> None:
    villages = [["代码", "名称", "经度", "纬度"], ["01", "东坪村", 110.77, 32.12]]
    path = write_xlsx(tmp_path / "all.xlsx", {"村": villages, "学校": [SCHOOL_HEADER, *ROWS]})
    for table, sheet in ((SCHOOLS, "学校"), (VILLAGES, "村")):
        loaded = load_table(path, table)
        assert (loaded.sheet, loaded.flaws, find_sheet(path, table)) == (sheet, [], sheet)


def test_one_table_under_unclear_sheet_names_is_never_half_read(tmp_path: Path) -> None:
    east, west = [SCHOOL_HEADER, *ROWS[:3]], [SCHOOL_HEADER, *ROWS[3:]]
    loaded = load_table(write_xlsx(tmp_path / "a.xlsx", {"新表": east, "旧表": west}), SCHOOLS)
    assert told(loaded) == [("sheet_ambiguous", None)]
    assert "旧表" in loaded.flaws[0].what.zh
    loaded = load_table(
        write_xlsx(tmp_path / "b.xlsx", {"旧表": west, "学校基本情况": [SCHOOL_HEADER, *ROWS]}), SCHOOLS
    )
    assert told(loaded, Severity.WARNING) == [("sheet_ambiguous", None)]
    assert len(loaded.frame) == 6


def test_hidden_sheets_and_rows_are_read_and_told(tmp_path: Path) -> None:
    path = save(tmp_path / "s.xlsx", [SCHOOL_HEADER, *ROWS], title="旧表")
    book = openpyxl.load_workbook(path)
    book["旧表"].sheet_state = "hidden"
    visible = book.create_sheet("新表")
    for row in [SCHOOL_HEADER, *ROWS]:
        visible.append(list(row))
    visible.row_dimensions[4].hidden = True
    book.save(path)
    loaded = load_table(path, SCHOOLS)
    assert (loaded.sheet, len(loaded.frame), told(loaded)) == ("新表", 6, [("hidden_read", 4)])
    loaded = load_table(path, SCHOOLS, sheet="旧表")
    assert told(loaded) == [("hidden_read", None)]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_text_tables_keep_codes_and_units(tmp_path: Path, encoding: str) -> None:
    rows: Rows = [
        ["填报单位：青石镇", "", "单位：万元"],
        ["学校代码", "设备总值", "占地面积（亩）"],
        ["001", "１．５", "3"],
        ["小计", "1.5", ""],
    ]
    loaded = load_table(write_csv(tmp_path / "m.csv", rows, encoding), MONEY)
    assert loaded.frame["school_id"].tolist() == ["001"]
    assert loaded.frame[["equipment_yuan", "site_m2"]].iloc[0].tolist() == [15_000.0, pytest.approx(2000.0)]
    assert told(loaded, Severity.ERROR, Severity.WARNING) == []
