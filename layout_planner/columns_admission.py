"""The part of the column registry that tells of admission: who got a seat by which claim, and where.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import BAND, PUPILS, Column, Table

__all__ = ["ADMISSION", "ADMISSION_FLOWS", "ADMISSION_RESULTS", "CLAIMS"]

_GROUP = Column("group", "text", "学生群体", "group", about="本地学生、随迁子女、特殊教育学生")
_CLAIM = Column(
    "claim",
    "text",
    "入学类别",
    "claim to a seat",
    about="户籍与住房一致、只有户籍、只有房产、长幼随学、随迁子女保障、特殊教育、其他",
)
_MODE = Column("mode", "text", "方式", "mode")

_COUNTED = "每名学生只计一次，计入最先的一类；只取各类的比例"
CLAIMS = Table("claims", "入学类别人数", "claims by village", (
    Column("village_id", "id", "村代码", "village code", synonyms=("村编码", "行政村代码", "村（居）代码", "社区代码")),
    Column("name", "text", "村名", "village", synonyms=("村", "村名称", "行政村", "村（居）", "村居", "社区", "社区名称", "村（社区）", "居委会"), about="没有村代码时按村名"),
    Column("stage", "text", "学段", "stage", synonyms=("招生学段", "报名学段"), about="小学、初中；空白为两个学段相同"),
    Column("claim_zoned", "float", "户籍与住房一致人数", "hukou and home", "人", ("户籍与住房一致", "户籍房产一致", "户籍+房产一致", "户籍+房产", "户籍和房产一致", "房户一致", "户房一致", "人户一致", "户籍住房一致", "两一致", "三一致", "第一类", "一类"), about=_COUNTED),
    Column("claim_hukou", "float", "只有户籍人数", "hukou only", "人", ("只有户籍", "户籍", "仅有户籍", "仅户籍", "有户无房", "有户籍无房产", "本地户籍无房", "单户籍", "集体户", "第二类", "二类"), about="户籍在学区、住房不在"),
    Column("claim_house", "float", "只有房产人数", "home only", "人", ("只有房产", "房产", "仅有房产", "仅房产", "有房无户", "有房产无户籍", "购房", "单房产", "第三类", "三类"), about="住房在学区、户籍不在，父母为本县户籍"),
    Column("claim_sibling", "float", "长幼随学人数", "siblings", "人", ("长幼随学", "多孩随学", "兄姐在读", "同胞随学"), about="哥哥姐姐在校、户籍和住房都不在学区的"),
    Column("claim_migrant", "float", "随迁子女人数", "migrant pupils", "人", ("随迁子女", "居住证", "持居住证", "居住证随迁", "进城务工人员随迁子女", "务工随迁", "外来务工人员子女", "房产/居住证", "第四类", "四类"), about="持居住证的非本县户籍；有没有房产都计在此"),
    Column("claim_special", "float", "特殊教育人数", "special education", "人", ("特殊教育", "特殊教育学生", "特教", "残疾儿童", "残疾儿童少年"), about="只核对，不改特殊教育学生数"),
    Column("claim_other", "float", "其他人数", "others", "人", ("其他", "其它", "统筹", "统筹安排", "政策照顾", "其他类别"), about="以上都不是的"),
    Column("claim", "text", "入学类别", "claim", synonyms=("类别", "报名类别", "入学条件", "入学顺序", "户籍房产类别", "录取类别"), about="一行一个类别时填写"),
    Column("count", "float", "人数", "persons", "人", ("学生数", "报名人数", "登记人数", "小计"), about="一行一个类别时填写"),
), sheets=("分类入学人数", "入学类别", "招生摸底"))  # fmt: skip
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
