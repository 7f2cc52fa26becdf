"""The part of the column registry that tells how schools are organised: classes, staff, large classes, districts.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.grades import GRADES, grade_label
from layout_planner.registry import BAND, PUPILS, Column, Table

__all__ = ["CLASS_PLAN", "CLEARING_ACTIONS", "CLEARING_WAYS", "DISTRICTS", "DISTRICT_SCHOOLS", "DISTRICT_UNITS",
           "GRADE_ASSIGNMENT", "GRADE_LOADS", "LARGE_CLASSES", "ORGANISATIONS", "ORGANISATION_SITES", "STAFFING"]  # fmt: skip

_SCHOOL = (Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"))
_TIER = Column("tier", "text", "学校类别", "school type")
_TOWNSHIP = Column("township", "text", "所属乡镇", "township")
_CLASSES = Column("classes", "int", "编班数", "classes", "班")
_NEEDED = Column(
    "classes_needed", "int", "按班额应设班数", "classes needed", "班", about="每班不超过班额上限时应设的班数"
)

GRADE_ASSIGNMENT = Table("grade_assignment", "分年级学生去向", "assignment by grade", (
    Column("demand_id", "id", "需求点代码", "demand point"), BAND, Column("grade", "int", "年级", "grade"),
    Column("school_id", "id", "学校代码", "school code", about="空白为没有学校"), Column("mode", "text", "方式", "mode"), PUPILS,
))  # fmt: skip
GRADE_LOADS = Table("grade_loads", "分年级学位", "seats by grade", (
    *_SCHOOL, Column("grade", "int", "年级", "grade"),
    Column("seats", "int", "学位数", "seats", "人", about="学校表填了分年级学位的按所填；否则教室按年级分配 × 班额上限"), PUPILS,
    Column("load", "float", "学位使用率", "load", about="学生 ÷ 学位"),
    Column("beyond", "float", "超出学位", "beyond the seats", "人", about="学校代码空白的行：全县该年级没有学校的学生"),
))  # fmt: skip
CLASS_PLAN = Table("class_plan", "班级编制表", "classes by school and grade", (
    *_SCHOOL, _TIER, _TOWNSHIP, PUPILS, _CLASSES,
    *(c for g in GRADES for c in (
        Column(f"pupils_g{g}", "float", f"{grade_label(g)}人数", f"pupils grade {g}", "人"),
        Column(f"classes_g{g}", "int", f"{grade_label(g)}班数", f"classes grade {g}", "班", about="复式班记在其最低的年级"),
    )),
    Column("combined", "text", "复式班", "grades taught together", about="同班上课的年级，如 1+2；教学点教室少于年级数时编"),
))  # fmt: skip
STAFFING = Table("staffing", "教师与教室", "teachers and classrooms", (
    *_SCHOOL, _TIER, _TOWNSHIP, PUPILS, _CLASSES, _NEEDED,
    Column("rooms", "int", "普通教室数", "classrooms", "间"),
    Column("rooms_missing", "int", "缺教室", "rooms missing", "间", about="应设班数 − 普通教室数"),
    Column("rooms_spare", "int", "余教室", "rooms spare", "间", about="普通教室数 − 应设班数"),
    Column("staff_by_pupils", "float", "按生师比", "by pupils", "名", about="小学 1∶19、初中 1∶13.5（见情景 layout.prices.pupils_per_teacher）", source="中央编办发〔2014〕72号"),
    Column("staff_by_classes", "float", "按班师比", "by classes", "名", about="村小和教学点：编班数 × 班师比（见情景 layout.prices.teachers_per_class，由省定）；其他学校空白"),
    Column("staff_needed", "int", "应配教职工", "staff needed", "名", about="村小和教学点取两项中大的，其他学校按生师比；进位取整"),
    Column("staff", "int", "现有教职工", "staff", "名", about="学校表没有教职工数时为专任教师数"),
    Column("staff_gap", "int", "教职工余缺", "staff gap", "名", about="现有 − 应配，负数为缺"),
))  # fmt: skip
LARGE_CLASSES = Table("large_classes", "大班额清单", "large classes", (
    *_SCHOOL, _TOWNSHIP,
    Column("grade", "text", "年级", "grade"), PUPILS, _CLASSES,
    Column("class_size_max", "int", "最大班额", "largest class", "人/班", about="该年级人数最多的班，整人"),
    Column("size_band", "text", "类别", "size band", about="偏大 46—55 人、大班额 56—65 人、超大班额 66 人及以上"),
    Column("classes_over", "int", "本类别班数", "such classes", "班"),
    Column("rooms_to_split", "int", "拆分需教室", "rooms to split", "间", about="按班额上限编班尚缺的班数"),
    Column("pupils_after", "float", "化解后学生数", "pupils after", "人"),
    Column("classes_after", "int", "化解后班数", "classes after", "班"),
    Column("class_size_after", "int", "化解后最大班额", "largest class after", "人/班"),
    Column("cleared", "text", "结果", "outcome", about="已化解、未化解、不在化解之列（人数未到情景规定的起点）"),
    Column("why", "text", "说明", "why", about="怎样化解，或为什么化解不了"),
))  # fmt: skip
CLEARING_ACTIONS = Table("clearing_actions", "化解方案", "actions", (
    Column("number", "int", "序号", "no."),
    Column("action", "text", "措施", "action", about="调配教室、新增教室、调整学区、分流新生、迁移年级"),
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("village", "text", "村（社区）", "village"),
    Column("grades", "text", "年级", "grades"),
    Column("to_school", "text", "改去学校", "to school"),
    PUPILS,
    Column("minutes_before", "float", "原单程时间", "minutes before", "分钟", about="按学生加权平均"),
    Column("minutes_after", "float", "新单程时间", "minutes after", "分钟", about="按学生加权平均"),
    Column("rooms", "int", "新增教室", "rooms added", "间"),
    Column("one_off_yuan", "float", "一次性投入", "one-off money", "元"),
    Column("cost_yuan", "float", "折合费用", "cost", "元/年", about="多走的路、换校、投入的年摊和增加的教师，按情景中的价格折算"),
    Column("what", "text", "内容", "what"),
))  # fmt: skip
CLEARING_WAYS = Table("clearing_ways", "办法比较", "ways compared", (
    Column("way", "text", "办法", "way"),
    Column("classes_left", "int", "仍有大班", "large classes left", "班", about="仍达到情景规定的化解起点的班"),
    Column("pupils_over", "float", "超出人数", "pupils over", "人", about="化解后仍超出的学生"),
    Column("rooms", "int", "新增教室", "rooms added", "间"),
    Column("pupils_moved", "float", "换校学生", "pupils who change school", "人"),
    Column("minutes_more", "float", "换校学生平均多走", "mean minutes more", "分钟", about="单程"),
    Column("one_off_yuan", "float", "一次性投入", "one-off money", "元"),
    Column("cost_yuan", "float", "折合费用", "cost", "元/年", about="多走的路、换校、投入的年摊和增加的教师，按情景中的价格折算"),
    Column("bound_yuan", "float", "费用下限", "least possible cost", "元/年", about="已证明：同样化解的任何方案都不会低于此数"),
))  # fmt: skip
_DISTRICT = Column("district", "text", "协作区", "district")
_TEACHERS = Column("teachers", "int", "专任教师数", "teachers", "名")
_MINUTES = Column(
    "minutes", "float", "到牵头学校的时间", "minutes to the lead school", "分钟", about="乘车，单程，沿道路"
)
DISTRICTS = Table("districts", "协作区一览", "districts", (
    _DISTRICT, Column("lead", "text", "牵头学校", "lead school", about="到区内各单元按教师加权最近的一个单元的中心学校"),
    Column("centre", "text", "所在单元", "centre"),
    Column("units", "int", "单元数", "units", about="乡镇或学校"), Column("schools", "int", "学校数", "schools", "所"),
    PUPILS, Column("pupils_apart", "share", "学生与平均相差", "pupils against the mean", about="与各区平均数相差的比例；单独成区的空白"),
    _TEACHERS, Column("teachers_apart", "share", "教师与平均相差", "teachers against the mean", about="与各区平均数相差的比例；单独成区的空白"),
    Column("minutes_mean", "float", "到牵头学校平均时间", "mean minutes to the lead school", "分钟", about="乘车，单程，按教师加权"),
    Column("minutes_max", "float", "到牵头学校最长时间", "longest minutes to the lead school", "分钟", about="乘车，单程"),
    Column("alone", "bool", "单独成区", "alone", about="一个单元就超过各区平均规模的上限"),
    Column("members", "text", "组成", "members"),
))  # fmt: skip
DISTRICT_UNITS = Table("district_units", "各单元归属", "units of the districts", (
    _DISTRICT, Column("unit_id", "id", "单元代码", "unit code"), Column("name", "text", "单元", "unit"),
    Column("lead", "text", "中心学校", "main school", about="单元内的中心小学；没有时为其他学校，先看类别再看学生数"),
    Column("schools", "int", "学校数", "schools", "所"), PUPILS, _TEACHERS, _MINUTES,
    Column("is_centre", "bool", "牵头单元", "centre"),
))  # fmt: skip
DISTRICT_SCHOOLS = Table("district_schools", "学校名单", "schools of the districts", (
    _DISTRICT, *_SCHOOL, _TIER, _TOWNSHIP, PUPILS, _TEACHERS, Column("is_lead", "bool", "牵头学校", "lead school"),
))  # fmt: skip
_ORGANISATION = Column("organisation", "text", "法人学校", "legal school")
_SEATS = Column("seats", "int", "学位数", "seats", "人", about="核定学位，未填时为教室数 × 班额上限")
_LOAD = Column("load", "share", "学位使用率", "load", about="学生数 ÷ 学位数")
ORGANISATIONS = Table("organisations", "法人学校", "legal schools", (
    Column("organisation_id", "id", "主校代码", "main school", about="空白为法人单位不在学校表里"), _ORGANISATION,
    Column("sites", "int", "校点数", "sites", "个校点", about="在办的校点，含主校"), PUPILS, _SEATS, _LOAD, _CLASSES, _NEEDED,
    Column("class_size_mean", "float", "平均班额", "mean class size", "人/班"),
    Column("class_size_max", "float", "最大班额", "largest class", "人/班"),
    _TEACHERS, Column("pupils_per_teacher", "float", "生师比", "pupils per teacher", "人/名", about="每名专任教师的学生数"),
    Column("farthest_m", "float", "最远校点", "farthest site", "米", about="各校点到主校的直线距离，取最远的"),
))  # fmt: skip
ORGANISATION_SITES = Table("organisation_sites", "一校多点", "sites of legal schools", (
    _ORGANISATION, *_SCHOOL, _TIER, _TOWNSHIP, Column("is_main", "bool", "主校", "main site"),
    Column("main_m", "float", "到主校距离", "metres to the main site", "米", about="直线距离；主校不在学校表里时空白"),
    PUPILS, _SEATS, _LOAD, _CLASSES, Column("class_size_max", "float", "最大班额", "largest class", "人/班"), _TEACHERS,
    Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="走读学生单程，按学生加权平均"),
    Column("minutes_max", "float", "最长时间", "longest minutes", "分钟", about="走读学生单程"),
    Column("metres_mean", "float", "平均距离", "mean distance", "米", about="走读学生单程，按学生加权平均"),
))  # fmt: skip
