"""A 学校基本情况表 in the wording of the official statistics forms: stacked headings read, contradictions found."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from layout_planner.columns import SCHOOLS
from layout_planner.errors import Severity
from layout_planner.io import checks
from layout_planner.io.headers import find_header
from layout_planner.io.loaded import Loaded
from layout_planner.io.tables import load_table
from layout_planner.io.words import settle_words

_HEADS = (
    ("学校（机构）标识码", ("",)), ("学校（机构）名称", ("",)), ("学校（机构）办学类型", ("",)),
    ("经度", ("",)), ("纬度", ("",)),
    ("班数", ("合计", "一年级", "二年级", "三年级")),
    ("在校生数", ("合计", "其中：女", "其中：寄宿生", "一年级", "二年级", "三年级")),
    ("招生数", ("合计", "其中：女")),
    ("教职工数", ("合计", "其中：女", "其中：专任教师")),
    ("占地面积（平方米）", ("合计", "其中：绿化用地")),
    ("校舍建筑面积（平方米）", ("合计", "学生宿舍", "学生餐厅")),
    ("图书（册）", ("",)), ("数字终端数（台）", ("合计", "其中：学生终端")),
    ("教学、实习仪器设备资产值（万元）", ("",)),
    ("生均占地面积", ("",)), ("生均校舍建筑面积", ("",)), ("生均图书", ("",)),
)  # fmt: skip
_GOOD = {
    "学校（机构）标识码": "2142000123", "学校（机构）名称": "东岭小学", "学校（机构）办学类型": "小学",
    "经度": 110.76, "纬度": 32.15, "班数合计": 6, "班数一年级": 2, "班数二年级": 2, "班数三年级": 2,
    "在校生数合计": 240, "在校生数其中：女": 118, "在校生数其中：寄宿生": 30, "在校生数一年级": 80,
    "在校生数二年级": 82,
    "在校生数三年级": 78, "招生数合计": 80, "招生数其中：女": 39, "教职工数合计": 20, "教职工数其中：女": 13,
    "教职工数其中：专任教师": 18, "占地面积（平方米）合计": 6000, "占地面积（平方米）其中：绿化用地": 900,
    "校舍建筑面积（平方米）合计": 2400, "校舍建筑面积（平方米）学生宿舍": 240, "校舍建筑面积（平方米）学生餐厅": 120,
    "图书（册）": 7200, "数字终端数（台）合计": 60, "数字终端数（台）其中：学生终端": 40,
    "教学、实习仪器设备资产值（万元）": 48, "生均占地面积": 25, "生均校舍建筑面积": 10, "生均图书": 30,
}  # fmt: skip


def write(path: Path, **changes: object) -> Path:
    """Write the form with a title, stacked headings with merged cells, the row that numbers the columns, and a foot."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "学校基本情况"
    sheet.append(["基础教育学校（机构）基本情况表"])
    sheet.append([])
    sheet.append([])
    place = 1
    for head, parts in _HEADS:
        sheet.cell(2, place, head)
        last = place + len(parts) - 1
        if parts == ("",):
            sheet.merge_cells(start_row=2, end_row=3, start_column=place, end_column=place)
        else:
            sheet.merge_cells(start_row=2, end_row=2, start_column=place, end_column=last)
            for i, part in enumerate(parts):
                sheet.cell(3, place + i, part)
        place = last + 1
    names = [f"{head}{part}" for head, parts in _HEADS for part in parts]
    sheet.append(["甲", "乙", *range(1, len(names) - 1)])
    good = _GOOD | changes
    sheet.append([good[name] for name in names])
    sheet.append(["单位负责人：", "填表人：", "填表日期：2025年9月10日"])
    book.save(path)
    return path


def read(path: Path, **changes: object) -> Loaded:
    loaded = load_table(write(path / "form.xlsx", **changes), SCHOOLS)
    settle_words(loaded)
    checks.check_rows(loaded)
    return loaded


def warnings(loaded: Loaded) -> list[str]:
    return [f.code for f in loaded.flaws if f.severity is not Severity.NOTE and f.code != "column_unused"]


def test_every_stacked_heading_finds_its_column(tmp_path: Path) -> None:
    loaded = read(tmp_path)
    wanted = {
        "school_id": "2142000123", "tier": "primary", "classes": 6, "classes_g1": 2, "classes_g3": 2, "enrolment": 240,
        "girls": 118, "boarders": 30, "enrol_g1": 80, "enrol_g2": 82, "enrol_g3": 78, "staff": 20, "teachers": 18,
        "site_m2": 6000, "building_m2": 2400, "dorm_m2": 240, "canteen_m2": 120, "books": 7200, "computers": 40,
        "equipment_yuan": 480_000, "site_per_pupil": 25, "building_per_pupil": 10, "books_per_pupil": 30,
    }  # fmt: skip
    assert {name: loaded.frame[name].iloc[0] for name in wanted} == wanted
    assert len(loaded.frame) == 1
    assert warnings(loaded) == []


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"在校生数合计": 250, "生均占地面积": 24, "生均校舍建筑面积": 9.6, "生均图书": 28.8}, "enrolment"),
        ({"班数合计": 9}, "classes"),
        ({"生均图书": 62}, "books_per_pupil"),
        ({"生均占地面积": 32.9}, "site_per_pupil"),
        ({"教职工数其中：专任教师": 28}, "teachers"),
        ({"在校生数其中：女": 300}, "girls"),
    ],
)
def test_contradictions_of_the_form_are_found(tmp_path: Path, changes: dict[str, object], column: str) -> None:
    loaded = read(tmp_path, **changes)
    told = [f for f in loaded.flaws if f.severity is not Severity.NOTE and f.code != "column_unused"]
    assert len(told) >= 1
    assert any(loaded.header(column) == cell.column for flaw in told for cell in flaw.cells)
    assert all(flaw.row == 5 for flaw in told)


@pytest.mark.parametrize("above", ["班数", "寄宿生数", "招生数", "其中：女生", "各年级班级数"])
def test_grades_under_another_count_are_no_enrolment(above: str) -> None:
    header = find_header([["学校代码", "学校名称", above, ""], ["", "", "一年级", "二年级"]], SCHOOLS)
    assert header is not None
    assert not {"enrol_g1", "enrol_g2"} & set(header.places)


def test_grades_stand_for_enrolment_under_its_own_heading_or_none() -> None:
    for above in ("在校生数", "各年级学生情况", ""):
        header = find_header([["学校代码", "学校名称", above, ""], ["", "", "一年级", "二年级"]], SCHOOLS)
        assert header is not None
        assert {"enrol_g1", "enrol_g2"} <= set(header.places)
