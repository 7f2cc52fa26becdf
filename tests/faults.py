"""Forty and more faults of a county's files, each with what a check must say of it and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rasterio
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

SCHOOLS, YEARS, ROSTER, VILLAGES = "学校基本情况", "历年在校生", "教师名册", "村表"
_FILES = {SCHOOLS: "schools.xlsx", YEARS: "schools.xlsx", ROSTER: "schools.xlsx", VILLAGES: "villages.xlsx"}


@dataclass(frozen=True)
class Fault:
    """Cells of a sheet written over (by the beginning of their header, with the row), and the finding expected.

    The finding stands at ``row`` and ``column``; ``cells`` maps (row, header) to the new value, to a function of the
    old one, or to the row whose value is taken (``"{7}"``).
    """

    code: str
    sheet: str
    row: int | None
    column: str
    cells: Mapping[tuple[int, str], Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        return _FILES[self.sheet]


def one(code: str, sheet: str, row: int, column: str, value: Any) -> Fault:
    """Make a fault of one cell that is reported where it stands."""
    return Fault(code, sheet, row, column, {(row, column): value})


def times(factor: float) -> Callable[[Any], float]:
    return lambda old: round(float(old) * factor, 2)


def plus(more: int) -> Callable[[Any], int]:
    return lambda old: int(old) + more


CONTRADICTIONS: tuple[Fault, ...] = (
    one("parts_total", SCHOOLS, 2, "在校生总数", plus(10)),
    one("enrolment_outside_grades", SCHOOLS, 22, "五年级在校生", 9),
    one("closed_with_pupils", SCHOOLS, 15, "办学状态", "停办"),
    Fault("closed_with_seats", SCHOOLS, 74, "办学状态", {(74, "核定学位数"): 120}),
    Fault("boarders_beds", SCHOOLS, 10, "寄宿生数", {(10, "寄宿床位数"): 8}),
    one("boarders_pupils", SCHOOLS, 28, "寄宿生数", 460),
    one("boarders_young", SCHOOLS, 23, "寄宿生数", 5),
    one("beds_without_dormitory", SCHOOLS, 11, "宿舍面积", 0),
    Fault("dormitory_without_beds", SCHOOLS, 16, "寄宿床位数", {(16, "宿舍面积"): 120}),
    one("class_size_odd", SCHOOLS, 4, "现有班数", 2),
    one("pupils_without_classes", SCHOOLS, 17, "现有班数", 0),
    one("rooms_classes", SCHOOLS, 5, "普通教室数", 5),
    one("seats_rooms", SCHOOLS, 6, "核定学位数", times(10)),
    one("pupils_without_teachers", SCHOOLS, 24, "专任教师数", 0),
    one("roster_differs", SCHOOLS, 7, "专任教师数", 87),
    Fault("teachers_staff", SCHOOLS, 8, "专任教师数", {(8, "教职工数"): 50}),
    one("pupils_teachers_odd", SCHOOLS, 14, "专任教师数", 1340),
    one("per_pupil_differs", SCHOOLS, 9, "生均校舍面积", times(1.15)),
    one("per_pupil_differs", SCHOOLS, 13, "生均图书册数", times(2)),
    one("per_pupil_differs", SCHOOLS, 12, "生师比", times(1.5)),
    one("unit_slip", SCHOOLS, 18, "占地面积", times(1.5e-3)),
    one("unit_slip", SCHOOLS, 19, "教学仪器设备值", times(1e-4)),
    one("site_building", SCHOOLS, 20, "占地面积", 500),
    Fault("building_parts", SCHOOLS, 21, "校舍建筑面积", {(21, "食堂面积"): 9000}),
    one("name_repeated", SCHOOLS, 25, "学校名称", "城关镇碾石坪教学点"),
    Fault("site_repeated", SCHOOLS, 27, "经度", {(27, "经度"): 110.64455, (27, "纬度"): 32.17141}),
    one("township_differs", SCHOOLS, 32, "乡镇代码", "990101100"),
    one("roads_elsewhere", SCHOOLS, 33, "乡镇代码", "990101214"),
    one("tier_name", SCHOOLS, 29, "学校类别", "村小"),
    Fault("tier_grades", SCHOOLS, 30, "学校类别", {(30, "终止年级"): 9}),
    Fault("latest_year_differs", SCHOOLS, 34, "一年级", {(34, "一年级在校生"): plus(3), (34, "在校生总数"): plus(3)}),
    one("school_unknown", YEARS, 2, "学校代码", "0990101999"),
    Fault("year_gap", YEARS, 10, "学年", {(9, "学年"): 2033}),
    one("year_odd", YEARS, 14, "学年", 1923),
    Fault("enrolment_jump", YEARS, 19, "学年", {(19, f"{g}年级在校生"): times(3) for g in "一二三四五六"}),
    one("cohort_grows", YEARS, 25, "二年级在校生", plus(90)),
    one("cohort_shrinks", YEARS, 30, "五年级在校生", 26),
    one("grade_jump", YEARS, 35, "一年级在校生", 24),
    one("school_unknown", ROSTER, 3, "学校代码", "0990101888"),
    one("pupils_people", VILLAGES, 5, "人口", 190),
    one("bands_imbalance", VILLAGES, 6, "4—6年级学生数", 7),
    one("name_repeated", VILLAGES, 9, "村名", "{7}"),
    Fault("village_alone", VILLAGES, 30, "经度", {(30, "经度"): "{190}", (30, "纬度"): "{190}"}),
)  # fmt: skip
ERRORS: tuple[Fault, ...] = (
    one("code_repeated", SCHOOLS, 3, "学校代码", "0990101001"),
    one("code_lost_zero", SCHOOLS, 4, "学校代码", 990101003),
    Fault("coordinates_swapped", SCHOOLS, 5, "经度", {(5, "经度"): 32.18, (5, "纬度"): 110.69}),
    one("outside_county", SCHOOLS, 6, "经度", 108.2),
    one("tier_unknown", SCHOOLS, 7, "学校类别", "夏令营"),
    one("status_unknown", SCHOOLS, 8, "办学状态", "说不清"),
    one("not_a_number", SCHOOLS, 9, "一年级在校生", "三百来人"),
    one("negative", SCHOOLS, 10, "核定学位数", -495),
    one("coordinates_missing", SCHOOLS, 11, "经度", None),
    one("grades_reversed", SCHOOLS, 12, "起始年级", 12),
    one("township_unknown", SCHOOLS, 13, "乡镇代码", "990101199"),
    Fault("code_repeated", YEARS, 4, "学校代码", {(4, "学年"): 2022}),
)


def inject(folder: Path, faults: tuple[Fault, ...]) -> None:
    """Write the faults into the workbooks of a county's folder."""
    for name in sorted({_FILES[fault.sheet] for fault in faults}):
        book = load_workbook(folder / name)
        for fault in faults:
            if _FILES[fault.sheet] == name:
                _write(book, fault)
        book.save(folder / name)


def _write(book: Workbook, fault: Fault) -> None:
    sheet: Worksheet = book[fault.sheet]
    heads = [str(cell.value) for cell in sheet[1]]
    for (row, head), value in fault.cells.items():
        place = next(i for i, text in enumerate(heads, 1) if text.startswith(head))
        cell = sheet.cell(row, place)
        if isinstance(value, str) and value.startswith("{"):
            value = sheet.cell(int(value.strip("{}")), place).value
        cell.value = value(cell.value) if callable(value) else value


def strip_crs(raster: Path) -> None:
    """Write a raster anew without its coordinate system."""
    with rasterio.open(raster) as source:
        profile, values = source.profile, source.read(1)
    profile.update(crs=None)
    with rasterio.open(raster, "w", **profile) as target:
        target.write(values, 1)


def cut_short(file: Path) -> None:
    """Cut the end off a file."""
    file.write_bytes(file.read_bytes()[:-200])


def multiply_township(layer: Path, township_id: str, name: str, factor: int) -> None:
    """Multiply one township's total in its layer."""
    data = json.loads(layer.read_text(encoding="utf-8"))
    for feature in data["features"]:
        if feature["properties"]["township_id"] == township_id:
            feature["properties"][name] *= factor
    layer.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
