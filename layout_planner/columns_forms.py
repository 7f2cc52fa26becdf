"""Field names of the official statistics forms for schools (教育事业统计, 基础基 series), as further headers to know.

The forms print a quantity over its parts (在校生数 over 合计, 其中：女, 一年级 …), so that many names are a heading and a part.
The names of 基础基111 (标识码, 名称, 办学类型) and of the published tables on school conditions were seen at second hand;
the others are as county workbooks write them and were not checked against the forms.
"""

from __future__ import annotations

from dataclasses import replace

from layout_planner.grades import GRADES, grade_label
from layout_planner.registry import Column

__all__ = ["with_form_names"]

_PUPILS_OVER = ("在校生数", "在校生", "在校学生数", "在校学生", "学生数", "分年级在校生数", "各年级在校生数")
_CLASSES_OVER = ("班数", "班级数", "教学班数", "教学班", "现有班数", "分年级班数", "各年级班数")
_OTHER_COUNTS = (
    "班",
    "寄宿",
    "住宿",
    "住校",
    "内宿",
    "女",
    "教师",
    "教职工",
    "招生",
    "毕业",
    "随迁",
    "留守",
    "残疾",
    "幼儿",
)
"""Words in a heading over the grades that make their figures no enrolment."""

_NAMES: dict[str, tuple[str, ...]] = {
    "tier": ("学校（机构）办学类型", "学校（机构）办学类型名称"),
    "township": ("学校（机构）驻地所属乡镇", "学校（机构）驻地乡镇", "学校驻地乡镇", "驻地乡镇", "学校所在乡镇"),
    "classes": ("教学班数合计", "班数合计", "教学班总数", "现有教学班数"),
    "enrolment": ("在校生数合计", "在校生合计", "学生数合计"),
    "girls": ("在校生数其中：女", "在校生其中：女", "在校生数女", "学生数其中：女", "在校生数其中：女生"),
    "boarders": ("内宿生", "内宿生数", "寄宿生合计", "在校生数其中：寄宿生"),
    "staff": ("教职工合计", "教职工数合计"),
    "teachers": ("专任教师合计", "专任教师数合计", "教职工数其中：专任教师"),
    "beds": ("学生床位数", "学生宿舍床位总数"),
    "site_m2": ("学校占地面积", "占地面积合计"),
    "building_m2": ("学校产权校舍建筑面积", "产权校舍建筑面积", "校舍建筑面积合计", "校舍建筑总面积"),
    "dorm_m2": ("学生宿舍（平方米）", "校舍建筑面积学生宿舍", "生活用房学生宿舍", "校舍建筑面积其中：学生宿舍"),
    "canteen_m2": ("学生餐厅（平方米）", "食堂（平方米）", "学生食堂（平方米）", "学生餐厅面积", "校舍建筑面积学生餐厅", "校舍建筑面积食堂", "生活用房学生餐厅", "生活用房食堂"),
    "books": ("纸质图书", "图书合计"),
    "computers": ("学生终端数", "学生终端", "数字终端数学生终端", "数字终端数其中：学生终端", "教学用计算机", "教学用终端数"),
    "equipment_yuan": ("教学、实习仪器设备资产值", "教学实习仪器设备资产值", "教学仪器设备资产总值", "固定资产总值其中：教学仪器设备资产值"),
    "kindergarten": ("附设幼儿班幼儿数", "附设幼儿班在园人数"),
    "branches": ("教学点数", "村小个数", "下辖教学点数", "所辖村小和教学点数"),
    "computers_per_100": ("每百名学生拥有教学用终端（计算机）台数", "每百名学生拥有计算机台数", "百名学生拥有计算机台数", "百名学生拥有教学用终端数"),
    **{f"classes_g{g}": tuple(f"{over}{grade_label(g)}" for over in _CLASSES_OVER) for g in GRADES},
    **{f"enrol_g{g}": tuple(f"{over}{grade_label(g)}" for over in _PUPILS_OVER) for g in GRADES},
}  # fmt: skip


def with_form_names(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Add the forms' names to the synonyms of columns; grades take no figures that stand under another count."""
    return tuple(
        replace(
            column,
            synonyms=(*column.synonyms, *_NAMES.get(column.name, ())),
            not_under=_OTHER_COUNTS if column.name.startswith("enrol_g") else column.not_under,
        )
        for column in columns
    )
