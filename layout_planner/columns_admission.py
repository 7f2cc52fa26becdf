"""The part of the column registry that tells of admission: who got a seat by which claim, and where.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import BAND, PUPILS, Column, Table

__all__ = ["ADMISSION", "ADMISSION_FLOWS", "ADMISSION_RESULTS"]

_GROUP = Column("group", "text", "学生群体", "group", about="本地学生、随迁子女、特殊教育学生")
_CLAIM = Column(
    "claim", "text", "入学类别", "claim to a seat", about="户籍与住房一致、长幼随学、随迁子女保障、特殊教育、其他"
)
_MODE = Column("mode", "text", "方式", "mode")

ADMISSION = Table("admission", "分批录取明细", "admission in detail", (
    Column("demand_id", "id", "需求点代码", "demand point"), BAND, _GROUP, _CLAIM,
    Column("school_id", "id", "学校代码", "school code", about="空白为没有学校"), _MODE, PUPILS,
    Column("minutes", "float", "单程时间", "minutes one way", "分钟"),
    Column("nearest_school_id", "id", "最近学校代码", "nearest school"),
    Column("nearest_minutes", "float", "最近学校时间", "minutes to nearest", "分钟"),
    Column("public", "bool", "公办", "public"),
))  # fmt: skip
ADMISSION_RESULTS = Table("admission_results", "分类入学", "admission by claim", (
    _GROUP, _CLAIM, BAND, PUPILS,
    Column("assigned", "float", "有学校的学生", "pupils with a school", "人"),
    Column("at_nearest", "float", "在最近学校", "at the nearest school", "人"),
    Column("sent_on", "float", "统筹到别处", "sent on", "人", about="最近学校学位已满，安排到其他学校"),
    Column("extra_minutes", "float", "统筹多走时间", "extra minutes of those sent on", "分钟", about="单程，按统筹到别处的学生加权平均；方式不同时可为负"),
    Column("unassigned", "float", "没有学校的学生", "pupils without a school", "人"),
    Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权"),
    Column("public", "float", "在公办学校", "in public schools", "人", about="含政府购买学位的民办学校"),
    Column("public_share", "share", "公办就读比例", "share in public schools", about="在公办学校 ÷ 该行学生，没有学校的也在分母里"),
    Column("public_least", "share", "公办比例下限", "least share in public schools", source="教督〔2017〕6号"),
    Column("verdict", "text", "是否达到", "met", about="达到、未达到；空白为没有规定"),
))  # fmt: skip
ADMISSION_FLOWS = Table("admission_flows", "分类去向", "who was placed where", (
    Column("school_id", "id", "学校代码", "school code", about="空白为没有学校"), Column("school", "text", "学校名称", "school"),
    Column("public", "bool", "公办", "public"), BAND, _GROUP, _CLAIM, PUPILS,
    Column("sent_on", "float", "其中统筹来的", "of them sent on to here", "人", about="最近学校是别的学校"),
    Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权"),
))  # fmt: skip
