"""The part of the column registry for drawing lots: rosters by application number, what the draw gave, and its audit.

Import these tables from :mod:`layout_planner.columns`, as all others. A roster has no names, no identity numbers and no
scores: :data:`REFUSED_HEADERS` lists the words of a header that must not even stand in the file.
"""

from __future__ import annotations

from collections.abc import Mapping

from layout_planner.registry import Column, Table

__all__ = [
    "APART",
    "BOY",
    "CLASS_DRAW_RESULT",
    "CLASS_DRAW_SUMMARY",
    "CLASS_ROSTER",
    "GIRL",
    "LOTTERY_RESULT",
    "LOTTERY_ROSTER",
    "LOTTERY_SCHOOLS",
    "LOTTERY_SHARES",
    "LOTTERY_WAITING",
    "NO",
    "REFUSED_HEADERS",
    "TOGETHER",
    "YES",
]  # fmt: skip

REFUSED_HEADERS: Mapping[str, tuple[str, ...]] = {
    "personal": (
        "姓名", "名字", "曾用名", "身份证", "证件", "公民身份", "户口本", "户口簿", "户号", "学籍号", "电话", "手机", "联系方式", "联系人", "微信", "邮箱",
        "住址", "地址", "门牌", "房号", "房产证", "产权", "出生", "生日", "年龄", "民族", "父亲", "母亲", "家长", "监护人", "照片", "工作单位",
        "full name", "pupil name", "first name", "surname", "identity", "id card", "passport", "phone", "mobile", "email", "address", "birth", "parent", "guardian", "photo",
    ),
    "score": (
        "成绩", "分数", "得分", "总分", "总评", "语文", "数学", "英语", "科学", "测试", "测评", "考试", "考核", "面试", "名次", "排名", "等第", "等级",
        "评语", "获奖", "奖项", "证书", "特长", "竞赛", "score", "mark", "grade point", "rank", "test", "exam", "interview", "award", "talent",
    ),
}  # fmt: skip
"""Words in headers that a roster must not have, by what they tell of a child. Source: PIPL 28, 义务教育法 12."""

YES, NO = "是", "否"
BOY, GIRL = "男", "女"
TOGETHER, APART = "同班", "分班"
"""Words of a published roster."""

_NUMBER = Column(
    "application_no",
    "id",
    "报名号",
    "application number",
    synonyms=("报名序号", "报名编号", "报名登记号", "受理号", "受理编号", "申请号", "申请编号", "登记号", "编号", "序列号", "application no", "application id"),
    required=True,
    about="报名系统给出的编号，字母、数字和短横；不用身份证号、学籍号",
)  # fmt: skip
_GROUP = Column("sibling_group", "id", "同胞组", "sibling group", synonyms=("多胞胎组", "双胞胎组", "同胞组号", "多胞胎组号", "双胞胎组号", "捆绑号", "捆绑组号", "捆绑编号"), about="同时报名、要一起抽签的双（多）胞胎填同一个组号；其余留空")  # fmt: skip
_VILLAGE = Column(
    "village",
    "text",
    "村（社区）",
    "village",
    synonyms=("村", "社区", "村名", "居委会", "村居", "村（居）"),
    about="只到村、社区，不写门牌",
)
_CHOICES = tuple(
    Column(f"choice_{n}", "text", f"第{zh}志愿", f"choice {n}", synonyms=(f"志愿{n}", f"志愿{zh}", f"第{n}志愿", f"{zh}志愿"), about="学校代码或学校全称；不填志愿的由电脑排定各校的先后")
    for n, zh in enumerate("一二三四五六", 1)
)  # fmt: skip
_PRIORITY = Column("priority", "text", "优先类别", "priority", synonyms=("录取批次", "录取类别", "批次", "优先级", "优先顺序", "类别", "报名类别", "生源类别"), about="方案 lottery.priorities 中的一类")  # fmt: skip
_SEX = Column("sex", "text", "性别", "sex", synonyms=("学生性别", "gender"), required=True, about="男、女")
_LOT = Column("lot", "id", "抽签号码", "lot", about="HMAC-SHA-256 的 64 位十六进制数，小者在前；同胞用其中最小的报名号")
_SCHOOL_ID = Column("school_id", "id", "录取学校代码", "school code")
_SCHOOL = Column("school", "text", "录取学校", "school")

LOTTERY_ROSTER = Table("lottery_roster", "派位报名表", "lottery roster", (
    _NUMBER, _PRIORITY,
    Column("migrant", "text", "随迁子女", "migrant pupil", synonyms=("是否随迁子女", "随迁", "进城务工人员随迁子女"), about="是、否；空白为否"),
    _GROUP,
    Column("sibling_school", "text", "长幼随学学校", "sibling's school", synonyms=("随学学校", "同胞在读学校", "兄姐就读学校", "哥哥姐姐就读学校", "多孩随学学校", "长幼随学"), about="哥哥姐姐今年秋季仍在读的学校，代码或全称；没有的留空"),
    *_CHOICES,
    Column("accepts_other", "text", "服从调剂", "accepts other schools", synonyms=("是否服从调剂", "服从统筹", "是否服从统筹", "统筹安排"), about="是、否；空白为是"),
    Column("zone", "text", "片区", "zone", synonyms=("学区", "招生片区", "服务区", "施教区"), about="公布结果时核对各片的中签率"), _VILLAGE,
), sheets=("报名表", "派位名册", "报名名册"))  # fmt: skip
CLASS_ROSTER = Table("class_roster", "分班名册", "class roster", (
    _NUMBER, _SEX, _GROUP,
    Column("sibling_class", "text", "同胞编班", "siblings' classes", synonyms=("双胞胎编班", "多胞胎编班", "双胞胎编班意愿", "同胞编班意愿", "编班意愿"), about="同班、分班；空白为不作要求，随机编入"),
), sheets=("分班表", "新生名册"))  # fmt: skip
LOTTERY_RESULT = Table("lottery_result", "派位结果", "lottery result", (
    Column("draw_no", "int", "抽签序号", "number drawn", about="先按优先类别、再按抽签号码排出的先后；同胞同号"),
    _NUMBER, _PRIORITY, Column("outcome", "text", "结果", "outcome", about="admitted 录取、waiting 递补"), _SCHOOL_ID, _SCHOOL,
    Column("admitted_by", "text", "录取方式", "admitted by", about="长幼随学、第几志愿，或派位（没有填报该校的，按抽定的学校先后）"),
    Column("waiting_no", "int", "递补序号", "waiting number", about="有空余学位时由小到大递补；同胞同号"), _LOT,
))  # fmt: skip
LOTTERY_SCHOOLS = Table("lottery_schools", "各校学位与录取", "seats and admissions by school", (
    Column("school_id", "id", "学校代码", "school code"), Column("school", "text", "学校名称", "school"),
    Column("seats", "int", "参加派位学位", "seats drawn", "人"), Column("held_back", "int", "预留学位", "seats held back", "人", about="不参加派位，用途见方案"),
    Column("admitted", "int", "录取人数", "admitted", "人"), Column("free", "int", "剩余学位", "seats left", "人", about="负数为同胞随录超出的人数"),
    Column("first_choice", "int", "第一志愿录取", "admitted at first choice", "人"), Column("siblings", "int", "长幼随学录取", "following siblings", "人"),
    Column("migrants", "int", "随迁子女录取", "migrant pupils", "人"),
))  # fmt: skip
LOTTERY_WAITING = Table("lottery_waiting", "各校递补名单", "waiting lists", (
    Column("school_id", "id", "学校代码", "school code"), Column("school", "text", "学校名称", "school"),
    Column("place", "int", "本校递补顺序", "place on its list", about="只列愿去该校的；同胞同号"),
    _NUMBER, _PRIORITY, Column("waiting_no", "int", "递补序号", "waiting number"),
))  # fmt: skip
LOTTERY_SHARES = Table("lottery_shares", "中签率核对", "shares by group", (
    Column("grouping", "text", "分组方式", "grouping"), Column("member", "text", "组", "group"),
    Column("applicants", "int", "报名人数", "applicants", "人"), Column("admitted", "int", "录取人数", "admitted", "人"),
    Column("admitted_share", "share", "录取比例", "share admitted"),
    Column("p_value", "float", "χ² 检验 p 值", "p of χ²", about="同一分组内各组录取比例相同时，出现这样或更大差异的概率；优先类别之间本应不同，不检验"),
))  # fmt: skip
CLASS_DRAW_RESULT = Table("class_draw_result", "分班结果", "classes drawn", (
    Column("class_no", "int", "班级", "class"), _NUMBER, _SEX, Column("team", "text", "教师组", "team of teachers"), _LOT,
))  # fmt: skip
CLASS_DRAW_SUMMARY = Table("class_draw_summary", "各班人数", "classes at a glance", (
    Column("class_no", "int", "班级", "class"), Column("team", "text", "教师组", "team of teachers"),
    Column("pupils", "int", "学生数", "pupils", "人"), Column("boys", "int", "男生", "boys", "人"), Column("girls", "int", "女生", "girls", "人"),
    Column("together", "int", "同班的同胞", "siblings together", "人", about="要求同班且已编在一起的"),
))  # fmt: skip
