"""The part of the column registry for forecasts: pupils expected in later years, and what a plan comes to with them.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.grades import GRADES, GradeBand, grade_label, grade_pupils_column
from layout_planner.registry import Column, Table

__all__ = ["FORECAST", "FORECAST_SCHOOLS", "FORECAST_YEARS"]

_DIGITS = "一二三四五六七八九"
FORECAST = Table("forecast", "学生数预测", "expected pupils", (
    Column("year", "int", "学年", "school year", synonyms=("年份", "年度", "预测年份", "预测学年", "学年度", "入学年份"), required=True, about="秋季学期所在的年份，如 2028"),
    Column("village_id", "id", "村代码", "village code", synonyms=("村编码", "行政村代码", "村（居）代码", "村居代码", "统计用区划代码"), about="按村预测时填写；按乡镇预测的留空"),
    Column("name", "text", "村名", "village", synonyms=("村名称", "行政村", "行政村名称", "村（居）", "村居名称", "村（社区）", "社区", "村"), about="没有村代码时按村名；重名的须填村代码"),
    Column("township_id", "id", "乡镇代码", "township code", synonyms=("乡镇编码", "乡镇区划代码", "街道代码", "所属乡镇代码"), about="按乡镇预测时填写"),
    Column("township", "text", "乡镇名称", "township", synonyms=("乡镇", "所属乡镇", "乡镇街道", "乡（镇）", "街道", "乡镇（街道）"), about="没有乡镇代码时按名称；填了村的，乡镇只供核对"),
    Column("grade", "text", "年级", "grade", synonyms=("年级段", "年级（段）"), about="一年级至九年级，或 1—3年级、4—6年级、7—9年级；一行一个年级（段）时填写"),
    Column("count", "float", "人数", "persons", "人", ("学生数", "学生人数", "预测人数", "预计学生数", "预测学生数", "在校生数"), about="该年级（段）预计在本县就读的学生"),
    *(Column(b.pupils_column, "float", f"{b.label_zh}学生数", f"pupils {b.value}", "人", (f"{b.value}学生", b.value, f"{b.label_zh}学生", f"{b.label_zh}人数", b.label_zh), about="各年级段分列时填写") for b in GradeBand),
    *(Column(grade_pupils_column(g), "float", f"{grade_label(g)}学生数", f"pupils grade {g}", "人", (grade_label(g), f"{g}年级", f"{grade_label(g)}人数", f"{_DIGITS[g - 1]}年级学生"), about="各年级分列时填写") for g in GRADES),
), sheets=("生源预测", "学位需求预测", "学龄人口预测"))  # fmt: skip

_YEAR = Column("year", "int", "学年", "school year", about="秋季学期所在的年份")
_ASSUMED = "各地学生按预测增减，去向同本方案"
FORECAST_YEARS = Table("forecast_years", "预测年份", "years of the forecast", (
    _YEAR, Column("pupils", "float", "预计学生", "pupils expected", "人", about="有预测的按预测，没有预测的按现在的人数"),
    *(Column(b.pupils_column, "float", f"{b.label_zh}学生", f"pupils {b.value}", "人") for b in GradeBand),
    Column("change", "float", "比现在增减", "change", "人", about="预计学生 − 方案的学生"),
    Column("forecast_share", "share", "有预测的学生占比", "share with a forecast", about="方案学生中，所在村或乡镇的该年级有预测的"),
    Column("not_placed", "float", "无法落点的学生", "pupils without a home on the map", "人", about="预测有学生而现在没有学生的村（乡镇）和年级，去向无从推算；不在各校之内"),
    Column("seats", "int", "学位", "seats", "人"), Column("seats_short", "float", "各校学位缺口合计", "pupils beyond their school's seats", "人", about=f"逐校逐学段计算；{_ASSUMED}"),
    Column("schools_over", "int", "学位不够的学校", "schools beyond their seats", "所"), Column("schools_under_50", "int", "不足50人学校", "schools under 50 pupils", "所"),
    Column("schools_under_100", "int", "不足100人学校", "schools under 100 pupils", "所"), Column("classes_needed", "int", "需要班数", "classes needed", "班", about="按班额上限"),
    Column("class_size_max", "float", "最大班额", "largest class", "人/班", about="按现有教室编班"), Column("classes_56_up", "int", "大班额班数", "classes of 56 and over", "班", about="56 人及以上"),
    Column("rooms_missing", "int", "缺教室", "rooms missing", "间"),
))  # fmt: skip
FORECAST_SCHOOLS = Table("forecast_schools", "预测年份各校", "schools in the years of the forecast", (
    _YEAR, Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("tier", "text", "学校类别", "school type"), Column("township", "text", "所属乡镇", "township"),
    Column("pupils_now", "float", "方案学生", "pupils in the plan", "人"), Column("pupils", "float", "预计学生", "pupils expected", "人", about=_ASSUMED),
    Column("change", "float", "增减", "change", "人"), Column("entrants", "float", "起始年级新生", "entrants", "人", about="本校最低年级的预计学生"),
    Column("seats", "int", "学位", "seats", "人"), Column("load", "share", "学位使用率", "load", about="预计学生 ÷ 学位"), Column("seats_gap", "float", "学位余缺", "seats minus pupils", "人"),
    Column("classes", "int", "编班数", "classes", "班", about="按现有教室编班"), Column("classes_needed", "int", "需要班数", "classes needed", "班", about="按班额上限"),
    Column("class_size_max", "float", "最大班额", "largest class", "人/班"), Column("rooms_missing", "int", "缺教室", "rooms missing", "间"),
))  # fmt: skip
