"""The part of the column registry that catchments answer with: zones, their villages, changes, effects, faults.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import PUPILS, Column, Table

__all__ = ["ATTENDANCE", "ATTENDANCE_AREAS", "ZONES", "ZONE_CHANGES", "ZONE_EFFECTS", "ZONE_FAULTS", "ZONE_PARTS",
           "ZONE_SCARCITY", "ZONE_UNITS"]  # fmt: skip

_SCHOOL = Column("school_id", "id", "学校代码", "school code", synonyms=("学校标识码", "学校编码", "学校（机构）标识码", "学区学校代码", "招生学校代码", "代码", "school", "code", "学校", "学校名称", "学区", "学区学校", "招生学校", "所属学校"), required=True, about="学校表中的代码；没有代码列时写学校名称")  # fmt: skip
ATTENDANCE = Table("attendance", "现有学区表", "attendance by village", (
    Column("name", "text", "村名", "village", synonyms=("村名称", "行政村", "村（居）", "村（社区）", "社区", "村", "划片单元", "片区")),
    Column("village_id", "id", "村代码", "village code", synonyms=("村编码", "行政村代码", "村（居）代码", "村居代码", "划片单元代码", "片区代码", "unit_id"), about="村表中的代码；没有代码列时按村名"),
    _SCHOOL,
), sheets=("现有学区", "学区", "划片", "招生范围"))  # fmt: skip
ATTENDANCE_AREAS = Table("attendance_areas", "现有学区图层", "attendance areas", (_SCHOOL,))
_KIND = Column("kind", "text", "学段", "kind of zone", about="小学、初中；教学点为小学学区内一至三年级的就读点")
_ZONE_ID = Column("zone_id", "id", "学区代码", "zone code", about="学区学校的代码，共用学区为第一所")
_ZONE = Column("zone", "text", "学区", "zone", about="以学校命名；几所学校共用的学区逐校列出")
_SEATS = Column("seats", "float", "学位数", "seats", "人", about="核定学位，未填时为教室数 × 班额上限")
_LOAD = Column("load", "share", "学位使用率", "load", about="学生数 ÷ 学位数")
_UNIT = (
    Column("unit_id", "id", "划片单元代码", "unit code", about="村代码；学生多的村（社区）分成几片，代码后加 -1、-2"),
    Column("unit", "text", "划片单元", "unit", about="村、社区或其中一片"),
    Column("township", "text", "所属乡镇", "township"),
)
_MINUTES = Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权平均")

ZONES = Table("zones", "学区", "zones", (
    _KIND, _ZONE_ID, Column("name", "text", "学区学校", "schools of the zone"),
    Column("school_ids", "text", "学校代码", "school codes"),
    Column("shared", "bool", "多校划片", "shared zone", about="几所学校共用的学区，由电脑派位决定去哪所"),
    Column("units", "int", "划片单元数", "units", "个"), PUPILS, _SEATS, _LOAD,
    Column("seats_gap", "float", "学位余缺", "seats gap", "人", about="学位数 − 学生数，负数为缺口"),
    _MINUTES, Column("minutes_max", "float", "最长时间", "longest minutes", "分钟", about="单程时间最长的学生"),
    Column("metres_mean", "float", "平均距离", "mean distance", "米", about="单程，按学生加权平均"),
    Column("east", "text", "东至", "east"), Column("south", "text", "南至", "south"),
    Column("west", "text", "西至", "west"), Column("north", "text", "北至", "north"),
    Column("villages", "text", "村组清单", "villages"),
))  # fmt: skip
ZONE_UNITS = Table("zone_units", "村组清单", "villages by zone", (
    _KIND, _ZONE_ID, _ZONE, *_UNIT, PUPILS, _MINUTES,
    Column("minutes_max", "float", "最长时间", "longest minutes", "分钟", about="单程时间最长的学生"),
    Column("metres_mean", "float", "平均距离", "mean distance", "米", about="单程，按学生加权平均"),
))  # fmt: skip
ZONE_PARTS = Table("zone_parts", "分片范围", "parts of communities", (
    *_UNIT[:2], Column("streets", "text", "沿线道路", "streets", about="片内最长的几条有名称的道路，供改写为道路、楼栋或小区名称"),
    Column("bounds", "text", "四至", "bounded by", about="片的四面沿着哪条道路或河流；不沿道路处写相邻的村、片"),
    PUPILS, Column("primary", "text", "小学", "primary school"), Column("junior", "text", "初中", "junior school"),
))  # fmt: skip
ZONE_SCARCITY = Table("zone_scarcity", "紧缺学位", "scarce seats", (
    _KIND, _ZONE_ID, _ZONE, PUPILS, _SEATS,
    Column("more_seats", "float", "若多开一个班", "seats of one more class", "人", about="一个班的学位，按班额上限"),
    Column("saved", "float", "全县可少走", "saved in the county", "人·分钟", about="单程折合时间；按学生可以拆分、学区不必连片估算，实际划片与此相近"),
    Column("saved_each", "float", "平均每个学位省", "saved by each seat", "分钟"),
))  # fmt: skip
ZONE_CHANGES = Table("zone_changes", "学区变动", "changes of zone", (
    _KIND, *_UNIT, Column("from_zone", "text", "原学区", "zone before"), Column("to_zone", "text", "新学区", "zone after"),
    PUPILS,
    Column("minutes_before", "float", "原单程时间", "minutes before", "分钟", about="到原学区学校，按学生加权平均"),
    Column("minutes_after", "float", "新单程时间", "minutes after", "分钟", about="到新学区学校，按学生加权平均"),
    Column("minutes_change", "float", "时间变化", "change", "分钟"),
))  # fmt: skip
ZONE_EFFECTS = Table("zone_effects", "调整前后", "before and after", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    _SEATS,
    Column("pupils_before", "float", "原学生数", "pupils before", "人"),
    Column("pupils_after", "float", "新学生数", "pupils after", "人"),
    Column("load_before", "share", "原学位使用率", "load before"), Column("load_after", "share", "新学位使用率", "load after"),
    Column("minutes_before", "float", "原平均时间", "minutes before", "分钟"),
    Column("minutes_after", "float", "新平均时间", "minutes after", "分钟"),
    Column("longest_before", "float", "原最长时间", "longest before", "分钟"),
    Column("longest_after", "float", "新最长时间", "longest after", "分钟"),
    Column("classes_before", "int", "原编班数", "classes before", "班"),
    Column("classes_after", "int", "新编班数", "classes after", "班"),
    Column("class_size_before", "float", "原最大班额", "largest class before", "人/班"),
    Column("class_size_after", "float", "新最大班额", "largest class after", "人/班"),
))  # fmt: skip
ZONE_FAULTS = Table("zone_faults", "学区问题", "faults of zones", (
    _KIND, Column("fault", "text", "问题", "fault", about="gap 空白、overlap 重叠、detached 飞地、seat_outside 学校不在学区内"),
    Column("zones", "text", "涉及学区", "zones concerned"), Column("where", "text", "位置", "where", about="经度, 纬度"),
    PUPILS, Column("area_m2", "float", "面积", "area", "平方米"),
))  # fmt: skip
