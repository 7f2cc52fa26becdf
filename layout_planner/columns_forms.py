"""Field names of the official statistics forms for schools (教育事业统计, 基础基 series), as further headers to know.

The forms print a quantity over its parts (在校生数 over 合计, 其中：女, 一年级 …), so that many names are a heading and a part.
The names of 基础基111 (标识码, 名称, 办学类型) and of the published tables on school conditions were seen at second hand;
the others are as county workbooks write them and were not checked against the forms.
"""

from __future__ import annotations

from dataclasses import replace

from layout_planner.grades import GRADES, grade_label
from layout_planner.registry import Column

__all__ = ["FORM_COLUMNS", "with_form_names"]

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

_MEASURED = ("books", "computers", "equipment_yuan")
"""Columns of the form that the tests of balance read; the others only serve to check."""

FORM_COLUMNS = tuple(replace(column, advisory=column.name not in _MEASURED) for column in (
    Column("boys", "int", "男生数", "boys", "人", ("男生", "男生人数", "男学生数")),
    Column("girls", "int", "女生数", "girls", "人", ("女生", "女生人数", "女学生数", "在校女生数")),
    Column("pupils_central", "int", "校本部学生数", "pupils at the main campus", "人", ("中心校学生数", "本部学生数", "校本部在校生"), about="中心校只计本部，不含下属村小和教学点"),
    Column("pupils_branches", "int", "下属校点学生数", "pupils at its branches", "人", ("村小学生数", "村小及教学点学生数", "下属学校学生数")),
    Column("branches", "int", "下属校点数", "branches", "所", ("村小数", "村级小学数", "村小及教学点数", "下属学校数")),
    Column("branch_names", "text", "下属校点名称", "names of branches", synonyms=("村小名称", "下属学校名称", "村小及教学点名称"), about="用顿号隔开"),
    Column("kindergarten", "int", "附设幼儿园幼儿数", "kindergarten children", "人", ("在园幼儿数", "幼儿园人数", "附设幼儿班人数", "学前班人数"), about="不计入在校生"),
    Column("staff", "int", "教职工数", "staff", "人", ("教职工", "教职工总数", "教职工人数")),
    Column("class_size", "float", "平均班额", "mean class size", "人/班", ("班均人数", "平均每班人数"), about="表中所填，用来核对"),
    Column("class_size_max", "int", "最大班额", "largest class", "人", ("最大班人数", "最大班额人数", "班额最大值")),
    *(Column(f"classes_g{g}", "int", f"{grade_label(g)}班数", f"classes grade {g}", "班", (f"{g}年级班数", f"{grade_label(g)}班级数")) for g in GRADES),
    Column("dorm_m2", "float", "宿舍面积", "dormitory area", "平方米", ("学生宿舍面积", "宿舍建筑面积", "学生宿舍建筑面积")),
    Column("canteen_m2", "float", "食堂面积", "canteen area", "平方米", ("食堂建筑面积", "学生食堂面积")),
    Column("books", "int", "图书册数", "books", "册", ("图书", "藏书", "图书藏量", "图书数", "纸质图书册数", "藏书量")),
    Column("computers", "int", "计算机台数", "computers", "台", ("学生用计算机台数", "教学用计算机台数", "计算机数", "学生计算机台数")),
    Column("equipment_yuan", "float", "教学仪器设备值", "teaching equipment", "元", ("教学仪器设备总值", "仪器设备值", "教学设备值", "教学仪器设备资产值")),
    Column("site_per_pupil", "float", "生均占地面积", "site per pupil", "平方米/人", ("生均校园占地面积", "生均用地面积"), about="表中所填，用来核对；下同"),
    Column("building_per_pupil", "float", "生均校舍面积", "building per pupil", "平方米/人", ("生均校舍建筑面积", "生均建筑面积")),
    Column("books_per_pupil", "float", "生均图书册数", "books per pupil", "册/人", ("生均图书", "生均藏书", "生均图书册")),
    Column("equipment_per_pupil", "float", "生均教学仪器设备值", "equipment per pupil", "元/人", ("生均仪器设备值", "生均教学设备值", "生均设备值")),
    Column("computers_per_100", "float", "每百名学生计算机台数", "computers per 100 pupils", "台/百人", ("百名学生计算机台数", "每百生计算机台数", "百生计算机台数")),
    Column("pupils_per_teacher", "float", "生师比", "pupils per teacher", "人/名", ("生师比例", "学生教师比"), about="每名专任教师的学生数"),
))  # fmt: skip
"""Columns of the school form beside those that every plan needs."""


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
