"""The part of the column registry for studies of 就近入学: who goes to school where, how near that is, and why not nearer.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.grades import GradeBand
from layout_planner.registry import BAND, PUPILS, Column, Table

__all__ = ["STUDY_FLOWS", "STUDY_MEASURES", "STUDY_REASONS", "STUDY_SHARES", "VILLAGE_ENROLMENT"]

VILLAGE_ENROLMENT = Table("village_enrolment", "各村就读情况", "enrolment by village", (
    Column("name", "text", "村名", "village", synonyms=("村名称", "行政村", "行政村名称", "村（居）", "村居名称", "村（社区）", "社区", "村", "家庭所在村", "居住村"), about="没有村代码时按村名；重名的须填村代码"),
    Column("village_id", "id", "村代码", "village code", synonyms=("村编码", "行政村代码", "村（居）代码", "村（居）委会代码", "村居代码", "统计用区划代码", "居住村代码"), about="学生居住的村，村表中的代码"),
    Column("school_id", "id", "学校代码", "school code", synonyms=("学校标识码", "机构标识码", "学校（机构）标识码", "学校编码", "就读学校代码"), about="就读学校，学校表中的代码"),
    Column("school", "text", "学校名称", "school", synonyms=("校名", "学校", "就读学校", "就读学校名称", "学校全称"), about="没有学校代码时按名称"),
    Column("grade", "text", "年级", "grade", synonyms=("年级段", "年级（段）", "所在年级", "就读年级"), about="一年级至九年级，或 1—3年级、4—6年级、7—9年级；一行一个年级（段）时填写"),
    Column("count", "int", "人数", "persons", "人", ("学生数", "学生人数", "就读人数", "在校生数", "在读人数", "合计"), about="该村在该校该年级（段）就读的学生"),
    Column("boarders", "int", "其中寄宿生", "boarders among them", "人", ("寄宿生", "寄宿生数", "住校生", "住校生数", "寄宿人数", "其中：寄宿生", "其中住校生"), about="空白为不知道：按路程是否超过走读时限推断"),
    *(Column(b.pupils_column, "int", f"{b.label_zh}学生数", f"pupils {b.value}", "人", (f"{b.value}学生", b.value, f"{b.label_zh}学生", f"{b.label_zh}人数", b.label_zh), about="一行一村一校、各年级段分列时填写") for b in GradeBand),
), sheets=("各村就读情况表", "就读情况", "学生就读情况", "各村学生就读情况"))  # fmt: skip

_SCHOOL_ID = Column("school_id", "id", "学校代码", "school code")
_SCHOOL = Column("school", "text", "就读学校", "school attended")
_REASON = Column(
    "reason", "text", "情况", "why", about="就读最近学校、相差无几，或越过最近学校的原因；按判定次序取第一个成立的"
)
_MINUTES = Column(
    "minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权平均；寄宿生为回家一次的单程"
)
_METRES = Column("metres_mean", "float", "平均距离", "mean distance", "米", about="单程，沿道路量算，按学生加权平均")
_NEAREST_MINUTES = Column(
    "nearest_minutes", "float", "到最近学校时间", "minutes to nearest", "分钟", about="单程，到开设其年级的最近学校"
)
_NEAREST_METRES = Column(
    "nearest_metres", "float", "到最近学校距离", "distance to nearest", "米", about="单程，沿道路到开设其年级的最近学校"
)


def _between(name: str, zh: str, en: str, kind: str = "share") -> tuple[Column, ...]:
    return (
        Column(f"{name}_low", kind, f"{zh}下限", f"{en}, low", about="不确定区间下限"),  # type: ignore[arg-type]
        Column(f"{name}_high", kind, f"{zh}上限", f"{en}, high", about="不确定区间上限"),  # type: ignore[arg-type]
    )


STUDY_FLOWS = Table("study_flows", "就读流向", "enrolment flows", (
    Column("village_id", "id", "村代码", "village code"), Column("village", "text", "村名", "village"),
    Column("township", "text", "所属乡镇", "township"), Column("setting", "text", "城乡", "setting", about="有城镇小学的乡镇为城镇，或按参数指定；其余为乡村"),
    BAND, _SCHOOL_ID, _SCHOOL, _REASON,
    Column("in_zone", "share", "划片内比例", "share in zone", about="就读学校是所在片区的学校；空白为没有学区资料"),
    PUPILS, Column("boarders", "float", "其中寄宿生", "boarders", "人"), _MINUTES, _METRES,
    Column("nearest_school_id", "id", "最近学校代码", "nearest school code"),
    Column("nearest_school", "text", "最近学校", "nearest school", about="开设其年级的在办学校中最近的；村内各处不同时取学生最多的"),
    _NEAREST_MINUTES, _NEAREST_METRES,
))  # fmt: skip
STUDY_SHARES = Table("study_shares", "就近入学情况", "compliance by group", (
    Column("grouping", "text", "分组方式", "grouping"), Column("member", "text", "组", "group"), PUPILS,
    Column("nearest_share", "share", "就读最近学校", "at the nearest school"), *_between("nearest", "就读最近学校", "at the nearest"),
    Column("tied_share", "share", "相差无几", "as near", about="与最近学校的时间之差不超过规定的分钟数，不算舍近求远"),
    Column("past_share", "share", "越过最近学校", "past the nearest school"), *_between("past", "越过最近学校", "past the nearest"),
    Column("grade_share", "share", "最近学校无此年级", "nearest lacks the grade"),
    Column("board_share", "share", "寄宿", "boards"),
    Column("seats_share", "share", "近处学位已满", "nearer schools are full"),
    Column("season_share", "share", "季节性不通", "seasonal"),
    Column("air_share", "share", "直线最近", "nearest in the air"),
    Column("zone_share", "share", "划片安排", "zoned there"),
    Column("choice_share", "share", "未能解释", "unexplained"), *_between("choice", "未能解释", "unexplained"),
    Column("unknown_share", "share", "最近学校不明", "nearest unknown", about="住处没有道路通到任何学校"),
    Column("in_zone_share", "share", "划片内就学率", "in-zone share", about="空白为没有学区资料"),
    _MINUTES, _NEAREST_MINUTES, _METRES, _NEAREST_METRES,
    Column("excess_share", "share", "过度通学", "excess commute", about="（实际距离 − 最近距离）÷ 实际距离", source="Hamilton 1982"),
    *_between("excess", "过度通学", "excess commute"),
))  # fmt: skip
STUDY_REASONS = Table("study_reasons", "越过最近学校的原因", "reasons", (
    BAND, _REASON, PUPILS, Column("share", "share", "占学生", "share of pupils"), *_between("share", "占学生", "share of pupils"),
    Column("of_past_share", "share", "占越过者", "share of those past"), _MINUTES, _NEAREST_MINUTES,
    Column("extra_minutes", "float", "多走时间", "extra minutes", "分钟", about="平均时间 − 到最近学校时间；方式不同时可为负"),
))  # fmt: skip
STUDY_MEASURES = Table("study_measures", "总体结果", "headline results", (
    Column("measure", "id", "指标代码", "measure"), Column("label", "text", "指标", "label in Chinese"), Column("label_en", "text", "英文名称", "label"),
    Column("value", "float", "数值", "value"), Column("low", "float", "下限", "low"), Column("high", "float", "上限", "high"),
    Column("unit", "text", "单位", "unit"), Column("about", "text", "说明", "about"),
))  # fmt: skip
