"""The part of the column registry that tells how evenly a county provides: school conditions and their balance.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import PUPILS, Column, Table

__all__ = ["BALANCE", "BALANCE_INDICATORS", "BALANCE_SCHOOLS", "CONDITIONS"]

_EVEN_2017, _EVEN_2012 = "教督〔2017〕6号", "教督〔2012〕3号"

CONDITIONS = (
    Column("teachers_above_norm", "int", "高于规定学历教师数", "teachers with a degree above the norm", "名", ("高于规定学历教师", "高于规定学历专任教师数", "高于规定学历的教师数", "专任教师其中：高于规定学历", "专任教师高于规定学历"), about="照评估报表填", source=_EVEN_2017),
    Column("teachers_backbone", "int", "县级以上骨干教师数", "backbone teachers", "名", ("骨干教师数", "骨干教师", "县级以上骨干教师", "县级及以上骨干教师数", "县级及以上骨干教师"), source=_EVEN_2017),
    Column("teachers_pe_art", "float", "体育、艺术专任教师数", "PE and art teachers", "名", ("体艺教师数", "体艺专任教师数", "体艺教师", "体育艺术教师数", "体育艺术专任教师数", "体育、艺术教师数", "体育、艺术（美术、音乐）专任教师数", "体育、音乐、美术教师数", "音体美教师数"), about="50—99 人的学校可计入交流、兼职、走教教师", source=_EVEN_2017),
    Column("teachers_mid_title", "int", "中级及以上职称教师数", "teachers of middle or higher title", "名", ("中级及以上专业技术职务教师数", "中级及以上职称专任教师数", "中级及以上专业技术职务专任教师数", "中级以上职称教师数", "中级及以上教师数"), source=_EVEN_2012),
    Column("teaching_m2", "float", "教学及辅助用房面积", "teaching area", "平方米", ("教学及辅助用房", "教学及教学辅助用房面积", "教学及辅助用房合计", "教学及辅助用房建筑面积", "校舍建筑面积教学及辅助用房", "教学辅助用房面积"), about="照报表填，含室内体育用房；评估时扣除", source=_EVEN_2017),
    Column("indoor_sports_m2", "float", "室内体育用房面积", "indoor sports area", "平方米", ("室内体育用房", "体育馆面积", "室内体育场馆面积", "风雨操场面积", "教学及辅助用房其中：室内体育用房"), about="空白为没有", source=_EVEN_2017),
    Column("sports_ground_m2", "float", "运动场地面积", "sports grounds", "平方米", ("体育运动场地面积", "室外运动场地面积", "体育运动场（馆）面积其中：室外", "运动场地", "占地面积其中：运动场地面积", "占地面积运动场地面积"), about="不含室内", source=_EVEN_2017),
    Column("sports_m2", "float", "体育运动场馆面积", "sports area", "平方米", ("体育运动场（馆）面积", "体育场馆面积", "体育运动场馆总面积"), about="室内和室外合计；空白时由前两列相加", source=_EVEN_2017),
    Column("media_rooms", "int", "网络多媒体教室数", "multimedia classrooms", "间", ("网络多媒体教室", "多媒体教室数", "多媒体教室", "教室其中：网络多媒体教室"), source=_EVEN_2017),
)  # fmt: skip
"""School conditions that the evaluations of balance ask for, as the school table holds them."""

_STAGE = Column("stage", "text", "学段", "stage")
_BASIS = Column("basis", "text", "学生数口径", "pupils counted", about="填报：学校表的在校生；方案：方案安排到校的学生")
_VALUE = "数值 ÷ 学生数；九年一贯制学校的共用资源按小学、初中学生 1∶1.1 分开"
BALANCE_INDICATORS = (
    Column("above_norm_per_100", "float", "每百名学生高于规定学历教师数", "teachers above the norm per 100", "名/百人", about=_VALUE, digits=2),
    Column("backbone_per_100", "float", "每百名学生县级以上骨干教师数", "backbone teachers per 100", "名/百人", about=_VALUE, digits=2),
    Column("pe_art_per_100", "float", "每百名学生体育、艺术专任教师数", "PE and art teachers per 100", "名/百人", about=_VALUE, digits=2),
    Column("teaching_m2_per_pupil", "float", "生均教学及辅助用房面积", "teaching area per pupil", "平方米/人", about=_VALUE, digits=2),
    Column("sports_m2_per_pupil", "float", "生均体育运动场馆面积", "sports area per pupil", "平方米/人", about=_VALUE, digits=2),
    Column("equipment_yuan_per_pupil", "float", "生均教学仪器设备值", "equipment per pupil", "元/人", about=_VALUE, digits=0),
    Column("media_rooms_per_100", "float", "每百名学生网络多媒体教室数", "multimedia rooms per 100", "间/百人", about=_VALUE, digits=2),
    Column("computers_per_100", "float", "每百名学生计算机台数", "computers per 100", "台/百人", about=_VALUE, digits=2),
    Column("books_per_pupil", "float", "生均图书册数", "books per pupil", "册/人", about=_VALUE, digits=2),
    Column("teachers_per_100", "float", "师生比（每百名学生专任教师数）", "teachers per 100", "名/百人", about=_VALUE, digits=2),
    Column("mid_title_per_100", "float", "每百名学生中级及以上职称教师数", "teachers of middle title per 100", "名/百人", about=_VALUE, digits=2),
)  # fmt: skip
"""What both evaluations divide by pupils: the seven of 优质均衡, then the further ones of 基本均衡."""

_VERDICT = Column("verdict", "text", "结论", "verdict", about="达到、未达到；数据不全为填报有空缺，尚不能下结论")
BALANCE = Table("balance", "校际均衡", "balance between schools", (
    _BASIS, Column("standard", "text", "评估标准", "evaluation", about="优质均衡为教督〔2017〕6号，基本均衡为教督〔2012〕3号"), _STAGE,
    Column("indicator", "id", "指标代码", "indicator"), Column("label", "text", "指标", "label"), Column("unit", "text", "单位", "unit"),
    Column("schools", "int", "参评学校", "schools evaluated", "所", about="不含不足50人的教学点"),
    Column("missing", "int", "未填学校", "schools without data", "所"),
    Column("mean", "float", "全县平均", "county mean", about="合计 ÷ 学生数", digits=2),
    Column("low", "float", "最低", "lowest", digits=2), Column("high", "float", "最高", "highest", digits=2),
    Column("range", "float", "极差", "range", about="最高 − 最低", digits=2),
    Column("worst_school_id", "id", "最低学校代码", "code of the lowest"), Column("worst_school", "text", "最低学校", "lowest school"),
    Column("norm", "float", "达标线", "norm", about="优质均衡对每所学校的要求", source=_EVEN_2017, digits=2),
    Column("below", "int", "未达标学校", "schools below the norm", "所"),
    Column("variation", "float", "差异系数", "coefficient of variation", about="按学生数加权：√Σ(Pᵢ/P)(xᵢ−X̄)² ÷ X̄", digits=4),
    Column("variation_limit", "float", "差异系数上限", "limit", about="优质均衡逐项看：小学 0.50、初中 0.45；基本均衡看综合：小学 0.65、初中 0.55", digits=2),
    _VERDICT,
))  # fmt: skip
BALANCE_SCHOOLS = Table("balance_schools", "学校达标情况", "schools against the norms", (
    _BASIS, _STAGE, Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("tier", "text", "学校类别", "school type"), Column("township", "text", "所属乡镇", "township"), PUPILS,
    *BALANCE_INDICATORS[:7],
    Column("met", "int", "达标项数", "norms met", about="7 项中达到要求的项数"),
    Column("unknown", "int", "未填项数", "not known", about="7 项中没有填报的项数"),
    Column("lowest_share", "share", "最低项达标程度", "lowest share of its norm", about="未达标的各项不得低于要求的 85%"),
    Column("lowest", "text", "最低项", "lowest indicator"),
    _VERDICT,
))  # fmt: skip
