"""The part of the column registry that tells how a plan is measured: balance, equity, access, provision, accuracy.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import BAND, PUPILS, Column, Table

__all__ = [
    "ACCESS",
    "BALANCE",
    "BALANCE_INDICATORS",
    "BALANCE_SCHOOLS",
    "COMPARISON",
    "CONDITIONS",
    "COVERAGE",
    "EQUITY",
    "IN_ZONE",
    "LORENZ",
    "PROVISION",
    "REACH",
    "RELEASED",
    "UNITS",
]

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
    Column("indicator", "id", "指标代码", "indicator"), Column("measured", "text", "指标", "measured"), Column("unit", "text", "单位", "unit"),
    Column("schools", "int", "参评学校", "schools evaluated", "所", about="不含不足50人的教学点"),
    Column("missing", "int", "未填学校", "schools without data", "所", about="各数只由填报的学校算出；有未填的，不下结论"),
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

_OF_ALL = "占该年级段全部学生，含没有学校的"
REACH = Table("reach", "达标率", "coverage", (
    BAND, PUPILS,
    Column("walk_share", "share", "步行达标率", "on foot within the limit", about=f"步行且在时限内；{_OF_ALL}"),
    Column("day_share", "share", "走读达标率", "walking or riding within the limit", about=f"步行或乘车且在时限内；{_OF_ALL}"),
    Column("within_limit_share", "share", "含寄宿达标率", "within the limit, boarders too", about=f"走读在时限内或寄宿；{_OF_ALL}"),
    *(Column(f"to_{n}_share", "share", f"{n}分钟以内", f"within {n} min", about=f"走读单程不超过{n}分钟；{_OF_ALL}") for n in (15, 30, 45, 60)),
))  # fmt: skip
IN_ZONE = Table("in_zone", "划片内就学", "attending within the catchment", (
    BAND, PUPILS,
    Column("zoned", "float", "学区内有学校的学生", "pupils whose catchment has a school", "人", about="现有学区（data.zones）或所划学区的学校在办、开设其年级；比例以此为分母"),
    Column("in_zone", "float", "在所在学区学校就读", "at a school of their catchment", "人"),
    Column("in_zone_share", "share", "划片内就学率", "in-zone share", about="多校划片、学区重叠的，去其中任何一所都算", source=_EVEN_2017),
    Column("zone_gone", "float", "学区内无在办学校的学生", "pupils whose catchment lost its school", "人", about="所在学区的学校在方案中撤并，或不再开设其年级，学区须重新划定"),
    Column("zone_unknown", "float", "没有学区资料的学生", "pupils of no known catchment", "人", about="住处不在任何学区内，或学区表没有写其所在的村"),
))  # fmt: skip
EQUITY = Table("equity", "公平程度", "equity", (
    Column("quantity", "text", "衡量什么", "quantity", about="单程时间：走读学生；人均可得学位：高斯两步移动搜索法"), BAND, PUPILS,
    Column("mean", "float", "平均", "mean", about="按学生加权；时间为分钟", digits=2),
    Column("gini", "float", "基尼系数", "Gini", about="按学生加权；0 为人人相同，越大越不均", digits=3),
    Column("theil", "float", "泰尔指数", "Theil index", about="按学生加权；等于乡镇之间加乡镇之内", digits=4),
    Column("theil_between", "float", "乡镇之间", "between townships", about="泰尔指数中各乡镇平均水平不同造成的部分", digits=4),
    Column("theil_within", "float", "乡镇之内", "within townships", about="泰尔指数中同一乡镇内部不同造成的部分", digits=4),
    Column("between_share", "share", "乡镇之间占比", "share between townships"),
    Column("variation_townships", "float", "乡镇间差异系数", "variation of townships", about="各乡镇平均值，按学生加权的标准差 ÷ 平均", digits=3),
))  # fmt: skip
LORENZ = Table("lorenz", "路程分布", "who bears the way", (
    BAND, Column("pupils_share", "share", "路程最短的学生", "pupils with the shortest way", about="走读学生按单程时间从短到长累计"),
    Column("minutes_share", "share", "占总时间", "share of all minutes", about="洛伦兹曲线：这些学生的时间占全部走读时间"),
    Column("tenth_share", "share", "其中这一成", "this tenth alone"),
))  # fmt: skip
ACCESS = Table("access", "学位可得性", "seats in reach", (
    Column("township_id", "id", "乡镇代码", "township code", about="空白为全县"), Column("name", "text", "乡镇名称", "township"), _STAGE, PUPILS,
    Column("seats_per_pupil", "float", "人均可得学位", "seats a pupil", about="高斯两步移动搜索法：时限内的学校按远近打折，与同样想去的学生相比；1 为每人一个学位", digits=2),
    Column("relative", "float", "与全县相比", "against the county", "倍", about="本乡镇 ÷ 全县", digits=2),
    Column("seats_per_pupil_flat", "float", "不计远近", "without decay", about="两步移动搜索法：时限内的学校一律同等看待", digits=2),
    Column("out_of_reach", "float", "时限内没有学校的学生", "pupils with no school within the limits", "人", about="步行、乘车在情景规定的时限内都到不了"),
))  # fmt: skip
PROVISION = Table("provision", "配备与经费", "provision", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("tier", "text", "学校类别", "school type"), Column("township", "text", "所属乡镇", "township"), PUPILS,
    Column("boarders", "float", "寄宿生", "boarders", "人"), Column("riders", "float", "乘车学生", "riders", "人"),
    Column("classes", "int", "编班数", "classes", "班"),
    Column("staff_needed", "int", "应配教职工", "staff needed", "名", about="生师比；村小和教学点取生师比、班师比中大的", source="中央编办发〔2014〕72号"),
    Column("staff", "int", "现有教职工", "staff", "名", about="学校表的教职工数，没有填的用专任教师数；都没有填的空白"),
    Column("staff_gap", "int", "教职工余缺", "staff beyond the need", "名", about="现有 − 应配；撤并学校的教职工尚未计入接收学校"),
    Column("beds", "int", "床位", "beds", "张"), Column("beds_wanted", "int", "需床位", "beds wanted", "张", about="一人一床"),
    Column("dorm_m2_wanted", "float", "需宿舍使用面积", "dormitory area wanted", "平方米", about="小学每人 3 平方米，初中 3.5 平方米；省定标准，请按本省改"),
    Column("canteen_m2_wanted", "float", "需食堂面积", "canteen area wanted", "平方米", about="每名寄宿生 1.5 平方米；省定标准，请按本省改"),
    Column("buses", "int", "需校车", "buses wanted", "辆", about="每车一趟，核载 56 人减驾驶员 1 名、照管员 2 名；未排线路，拼线或多趟可减", source="GB 24407-2012"),
    Column("funds_yuan", "float", "公用经费", "public funds", "元/年", about="学生 × 基准，不足 100 人按 100 人，另加寄宿生；基准见情景 layout.prices", source="国发〔2015〕67号", digits=0),
    Column("floor_yuan", "float", "其中：保底增加", "of it by the floor", "元/年", about="不足 100 人的学校按 100 人拨付而多拨的", digits=0),
    Column("site_per_pupil", "float", "生均占地面积", "site per pupil", "平方米/人", about="学校表的占地面积 ÷ 方案的学生数"),
))  # fmt: skip
RELEASED = Table("released", "撤并校人员设备去向", "staff and equipment set free", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "撤并或改办学校", "school closed or converted"),
    Column("decision", "text", "处置", "decision"),
    Column("staff_released", "int", "腾出教职工", "staff set free", "名", about="撤并的为全部教职工（没有填的用专任教师数），改教学点的为超出应配的"),
    Column("to_school_id", "id", "去向学校代码", "receiving school code", about="空白为未安排"), Column("to_school", "text", "去向学校", "receiving school"),
    Column("pupils", "float", "转入学生", "pupils received", "人", about="由该校转到去向学校的学生，按居住地推算"),
    Column("staff", "int", "去向学校现有教职工", "its staff", "名"), Column("staff_needed", "int", "去向学校应配教职工", "staff it needs", "名", about="按方案的学生数：小学 1∶19、初中 1∶13.5；村小和教学点取生师比、班师比中大的", source="中央编办发〔2014〕72号"),
    Column("staff_lacking", "int", "去向学校缺教职工", "staff it lacks", "名", about="应配 − 现有"),
    Column("staff_proposed", "int", "拟调教职工", "staff proposed", "名", about="转入学生多的学校先补，补到应配为止；是测算，不是决定"),
    Column("outcome", "text", "情况", "outcome", about="未安排的由县级统筹"),
    Column("equipment_yuan", "float", "拟调设备值", "equipment", "元", about="按转入学生比例", digits=0), Column("computers", "int", "拟调计算机", "computers", "台", about="按转入学生比例取整，余数列入未安排"),
    Column("books", "int", "拟调图书", "books", "册", about="按转入学生比例取整，余数列入未安排"),
))  # fmt: skip
COVERAGE = Table("coverage", "速度不确定时的覆盖率", "coverage under uncertain speeds", (
    Column("speed_factor", "float", "速度倍数", "speed factor", about="路上各种速度一并乘以此数；住处到道路一段和候车不变"), BAND, PUPILS,
    Column("within_limit_share", "share", "时限内有学校的比例", "share with a school within limits", about="不看学位"),
    Column("complete", "bool", "搜索是否完整", "complete", about="否：更快时可达的学校有些在搜索上限之外，比例偏低"),
))  # fmt: skip
UNITS = Table("units", "自然村归并误差", "loss by grouping cells", (
    Column("radius_m", "float", "归并半径", "radius", "米", about="栅格离所属自然村中心的步行路程不超过此值"), BAND, PUPILS,
    Column("cells", "int", "栅格数", "cells"), Column("units", "int", "自然村数", "natural villages"),
    Column("minutes_cells", "float", "按栅格的平均时间", "mean minutes from cells", "分钟", about="步行到最近在办学校，单程，按学生加权；只计两种算法都有学校可达的学生"),
    Column("minutes_units", "float", "按自然村的平均时间", "mean minutes from units", "分钟", about="同上，从自然村中心起算"),
    Column("error_mean", "float", "时间平均差", "mean difference", "分钟", about="逐个栅格相减取绝对值，按学生加权平均"),
    Column("error_p95", "float", "时间差95分位", "P95 difference", "分钟", about="95%的学生时间差不超过此值"),
    Column("error_max", "float", "最大时间差", "largest difference", "分钟"),
    Column("within_cells", "share", "按栅格的时限内比例", "share within limit from cells", about="步行时限内有学校的学生占比"),
    Column("within_units", "share", "按自然村的时限内比例", "share within limit from units", about="同上，从自然村中心起算"),
    Column("within_change", "share", "时限内比例之差", "change of share", about="按自然村 − 按栅格"),
    Column("moved", "float", "最近学校不同的学生", "pupils with another nearest school", "人"),
    Column("moved_share", "share", "最近学校不同的比例", "share with another nearest school"),
    Column("reach_changed", "float", "可达与否不同的学生", "pupils in reach from one only", "人", about="栅格与自然村中心只有一方有学校可达"),
))  # fmt: skip
COMPARISON = Table("comparison", "方案比较", "comparison", (
    Column("indicator", "id", "指标代码", "indicator"), Column("label", "text", "指标", "label"), Column("unit", "text", "单位", "unit"),
    Column("before", "float", "原方案", "before"), Column("after", "float", "新方案", "after"), Column("change", "float", "变化", "change", about="新方案 − 原方案"),
    Column("verdict", "text", "好坏", "verdict", about="改善、变差、持平；规模类指标不分好坏"), Column("arrow", "text", "方向", "direction"),
))  # fmt: skip
