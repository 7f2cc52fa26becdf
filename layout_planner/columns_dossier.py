"""The part of the column registry behind the files of a merger: the ledger whose rows the documents cite.

The rooms that fill and cite the ledger import these tables from here; :mod:`layout_planner.columns` lists them.
"""

from __future__ import annotations

from layout_planner.grades import GRADES, grade_label
from layout_planner.registry import BAND, Column, Table

__all__ = [
    "CASE_CALENDAR", "CASE_COUNTY", "CASE_DANGERS", "CASE_FLOWS", "CASE_FORECAST", "CASE_GRADES", "CASE_IMPACT", "CASE_MONEY",
    "CASE_MOVES",
    "CASE_NEAREST", "CASE_OPTIONS", "CASE_PARAMETERS", "CASE_PRICES", "CASE_RECEIVING", "CASE_RULES", "CASE_SCHOOLS",
    "CASE_STATED", "CASE_TABLES", "CASE_TOTAL", "CASE_TRACES",
]  # fmt: skip

_REF = Column(
    "ref", "id", "编号", "reference", about="文件中的上标［编号］即指本行：前一个数是工作表序号，后一个数是行的序号"
)
_SCHOOL_ID = Column("school_id", "id", "学校代码", "school code")
_NAME = Column("name", "text", "学校名称", "school")
_PERSONS = "按居住地推算的人数取整；同一所学校各行取整后之和等于合计"
_PUPILS = Column("pupils", "int", "学生数", "pupils", "人", about=_PERSONS)
_TO = (
    Column("to_school_id", "id", "接收学校代码", "receiving school code"),
    Column("to_school", "text", "接收学校", "receiving school"),
)
_SHORT = Column("shown", "text", "文件中的人数", "pupils as documents show them", about="取整后为 0 的写作“不足1”")


def _minutes(name: str, zh: str, en: str) -> Column:
    return Column(name, "float", zh, en, "分钟", about="单程，按学生加权平均，保留一位小数")


CASE_SCHOOLS = Table("case_schools", "学校现状", "schools today", (
    _REF, _SCHOOL_ID, _NAME, Column("township", "text", "所属乡镇", "township"),
    Column("role", "text", "在方案中", "in the plan", about="撤并、改为教学点、接收"),
    Column("tier", "text", "学校类别", "school type"), Column("grades", "text", "开设年级", "grades taught"),
    Column("enrolment", "int", "在校生", "enrolment", "人", about="学校表所填", source="学校表"),
    Column("classes", "int", "现有班数", "classes", "班", source="学校表"),
    Column("rooms", "int", "普通教室", "classrooms", "间", source="学校表"),
    Column("seats", "int", "学位数", "seats", "人", about="核定学位，未填时为教室数 × 班额上限", source="学校表"),
    Column("teachers", "int", "专任教师", "teachers", "人", source="学校表"),
    Column("pupils_per_teacher", "float", "每名教师的学生数", "pupils per teacher", "人/名", about="在校生 ÷ 专任教师"),
    Column("beds", "int", "床位", "beds", "张", source="学校表"), Column("boarders", "int", "寄宿生", "boarders", "人", source="学校表"),
    Column("building_m2", "int", "校舍建筑面积", "building area", "平方米", source="学校表"),
    Column("site_m2", "int", "占地面积", "site area", "平方米", source="学校表"),
    Column("canteen_m2", "int", "食堂面积", "canteen area", "平方米", source="学校表"),
    Column("books", "int", "图书", "books", "册", source="学校表"),
    Column("nearby_pupils", "int", "推算就近入学的学生", "pupils assigned today", "人", about="按居住地和现有学校推算应到该校的学生，与在校生口径不同"),
))  # fmt: skip
CASE_GRADES = Table("case_grades", "历年分年级在校生", "enrolment by year and grade", (
    _REF, _SCHOOL_ID, _NAME, Column("year", "text", "学年", "school year"),
    *(Column(f"enrol_g{g}", "int", grade_label(g), f"grade {g}", "人") for g in GRADES),
    Column("enrolment", "int", "合计", "total", "人"),
))  # fmt: skip
CASE_MOVES = Table("case_moves", "学生去向", "where pupils go", (
    _REF, Column("school_id", "id", "原学校代码", "school code before"), Column("name", "text", "原学校", "school before"),
    Column("village_id", "id", "村代码", "village code"), Column("village", "text", "村（社区）", "village"),
    Column("township", "text", "乡镇", "township"), BAND, _PUPILS, _SHORT,
    Column("pupils_estimated", "float", "推算人数", "pupils estimated", "人", about="取整以前"),
    Column("mode_before", "text", "原方式", "mode before"), _minutes("minutes_before", "原单程时间", "minutes before"),
    Column("km_before", "float", "原单程距离", "km before", "公里"), *_TO,
    Column("mode_after", "text", "新方式", "mode after"), _minutes("minutes_after", "新单程时间", "minutes after"),
    Column("km_after", "float", "新单程距离", "km after", "公里"),
    _minutes("minutes_change", "时间变化", "change"), Column("within_limit", "bool", "在时限内", "within the limit"),
    Column("published", "text", "公示的人数", "pupils as published", about="少于情景 publish.min_pupils 的不写具体人数"),
))  # fmt: skip
CASE_TOTAL = Table("case_total", "合计", "in all", (
    _REF, Column("closed", "int", "撤并", "closed", "所"), Column("converted", "int", "改为教学点", "converted", "所"), _PUPILS,
    Column("villages", "int", "涉及村", "villages", "个", about="同一个村只计一次"), Column("longer", "int", "时间增加的学生", "pupils with a longer way", "人", about="单程增加 1 分钟以上"),
    Column("riders", "int", "乘车", "ride", "人"), Column("riders_before", "int", "原乘车", "ride before", "人"),
    Column("boarders", "int", "寄宿", "board", "人"),
    Column("far_young", "int", "一至三年级超过半小时的学生", "G1-3 beyond half an hour", "人"),
    Column("far_young_before", "int", "原一至三年级超过半小时的学生", "G1-3 beyond half an hour before", "人"), Column("beyond", "int", "超出时限的学生", "pupils beyond the limits", "人"),
    Column("unassigned", "int", "没有学校的学生", "pupils without a school", "人"),
    Column("vetoes", "int", "须先解除的情形", "vetoes", "项", about="各校合计"), Column("open_questions", "int", "待核实的情形", "open questions", "项", about="各校合计"),
    Column("opened", "int", "新办或恢复学校", "opened", "所"), Column("lifted", "int", "办成完全小学", "lifted", "所"),
    Column("rooms_added", "int", "新增教室", "rooms added", "间", about="仍在办的学校"), Column("beds_added", "int", "新增床位", "beds added", "张"),
    Column("beds_removed", "int", "停用床位", "beds given up", "张", about="仍在办的学校"),
    Column("note", "text", "情景说明", "note of the scenario", source="情景文件"),
))  # fmt: skip
CASE_FLOWS = Table("case_flows", "分流汇总", "pupils by receiving school", (
    _REF, Column("school_id", "id", "原学校代码", "school code before"), Column("name", "text", "原学校", "school before"), *_TO,
    _PUPILS, _SHORT, Column("villages", "int", "涉及村", "villages", "个"), Column("walkers", "int", "步行", "walk", "人"),
    Column("riders", "int", "乘车", "ride", "人"), Column("boarders", "int", "寄宿", "board", "人"),
    Column("buses", "int", "至少需要的校车", "buses at least", "辆", about="乘车学生 ÷ 每辆校车可载的学生（见“测算口径”），每辆每天接送一趟；未看线路"),
    _minutes("minutes_before", "原平均时间", "mean minutes before"), _minutes("minutes_after", "新平均时间", "mean minutes after"),
    Column("minutes_max", "float", "新最长时间", "longest minutes after", "分钟", about="走读学生单程"),
))  # fmt: skip
CASE_IMPACT = Table("case_impact", "影响汇总", "impact by school", (
    _REF, _SCHOOL_ID, _NAME, _PUPILS, Column("villages", "int", "涉及村", "villages", "个"),
    _minutes("minutes_before", "原平均时间", "mean minutes before"), _minutes("minutes_after", "新平均时间", "mean minutes after"),
    _minutes("minutes_change", "平均时间变化", "change of the mean"),
    Column("minutes_max_before", "float", "原最长时间", "longest before", "分钟", about="走读学生单程"),
    Column("minutes_max_after", "float", "新最长时间", "longest after", "分钟", about="走读学生单程"),
    Column("longer", "int", "时间增加的学生", "pupils with a longer way", "人", about="单程增加 1 分钟以上"),
    Column("far_young", "int", "一至三年级超过半小时的学生", "G1-3 beyond half an hour", "人"),
    Column("far_young_before", "int", "原一至三年级超过半小时的学生", "G1-3 beyond half an hour before", "人"),
    Column("beyond", "int", "超出时限的学生", "pupils beyond the limits", "人", about="步行、乘车都超出情景规定的时限"),
    Column("walkers", "int", "步行", "walk", "人"), Column("riders", "int", "乘车", "ride", "人", about="撤并后；校车座位按此数准备"),
    Column("riders_before", "int", "原乘车", "ride before", "人"),
    Column("boarders", "int", "寄宿", "board", "人"), Column("unassigned", "int", "没有学校的学生", "pupils without a school", "人"),
    Column("vetoes", "int", "须先解除的情形", "vetoes", "项", about="不得强行撤并的情形中已有的"),
    Column("open_questions", "int", "待核实的情形", "open questions", "项", about="只有人才知道的，核实前不得撤并"),
    Column("clear", "int", "没有的情形", "clear", "项"),
    Column("exposed", "int", "途中有危险路段的学生", "pupils on dangerous ways", "人", about="由道路数据推断，须实地核对"),
))  # fmt: skip
CASE_RECEIVING = Table("case_receiving", "接收学校", "receiving schools", (
    _REF, _SCHOOL_ID, _NAME, Column("seats", "int", "学位数", "seats", "人"),
    Column("pupils_before", "int", "现有学生", "pupils before", "人", about="按居住地推算"), Column("received", "int", "接收", "received", "人", about="从各撤并、改办学校接收的合计"),
    Column("pupils_after", "int", "并入后学生", "pupils after", "人"), Column("seats_left", "int", "学位余缺", "seats left", "人", about="学位数 − 并入后学生，负数为缺口"),
    Column("rooms", "int", "教室", "classrooms", "间"), Column("classes_before", "int", "原班数", "classes before", "班"), Column("classes_after", "int", "并入后班数", "classes after", "班"),
    Column("rooms_missing_before", "int", "原缺教室", "rooms missing before", "间", about="调整前按班额上限编班已缺的教室"),
    Column("rooms_missing", "int", "缺教室", "rooms missing", "间", about="按班额上限编班尚缺的教室"),
    Column("class_max_before", "int", "原最大班额", "largest class before", "人"), Column("class_max_after", "int", "并入后最大班额", "largest class after", "人"),
    Column("beds", "int", "床位", "beds", "张", about="含方案增加的"), Column("boarders_after", "int", "并入后寄宿生", "boarders after", "人"),
    Column("beds_left", "int", "床位余缺", "beds left", "张"), Column("teachers", "int", "专任教师", "teachers", "人", source="学校表"),
    Column("pupils_per_teacher", "float", "并入后每名教师的学生数", "pupils per teacher after", "人/名", about="并入后学生 ÷ 现有专任教师"),
))  # fmt: skip
CASE_NEAREST = Table("case_nearest", "邻近学校", "schools nearby", (
    _REF, Column("school_id", "id", "原学校代码", "school code before"), Column("name", "text", "原学校", "school before"),
    *_TO, Column("tier", "text", "学校类别", "school type"),
    _minutes("minutes", "平均单程时间", "mean minutes"), Column("reached", "int", "时限内可到的学生", "pupils in reach", "人", about="步行或乘车在时限内，不看学位"),
    Column("pupils", "int", "涉及学生", "pupils concerned", "人"),
    Column("seats", "int", "学位数", "seats", "人"), Column("seats_left", "int", "方案后学位余缺", "seats left after the plan", "人"),
    Column("chosen", "text", "方案是否采用", "chosen by the plan"),
))  # fmt: skip
CASE_FORECAST = Table("case_forecast", "生源预测", "expected pupils", (
    _REF, _SCHOOL_ID, _NAME, Column("state", "text", "情形", "case", about="保留本校：本校不调整时；并入后：接收学校按本方案"),
    *_TO, Column("year", "id", "学年", "school year", source="学生数预测"),
    Column("pupils", "int", "预计学生", "pupils expected", "人", about="各村（乡镇）预测的学生，去向同方案"), Column("entrants", "int", "起始年级新生", "entrants", "人"),
    Column("seats", "int", "学位数", "seats", "人"), Column("seats_left", "int", "学位余缺", "seats left", "人", about="学位数 − 预计学生，负数为缺口"),
    Column("class_max", "int", "最大班额", "largest class", "人", about="按现有教室编班"),
))  # fmt: skip
CASE_OPTIONS = Table("case_options", "备选方案", "options", (
    _REF, _SCHOOL_ID, _NAME, Column("option", "text", "方案", "option"), _PUPILS,
    _minutes("minutes", "平均单程", "mean minutes"), Column("minutes_max", "float", "最长单程", "longest", "分钟", about="走读学生单程"),
    Column("walkers", "int", "步行", "walk", "人"), Column("riders", "int", "乘车", "ride", "人"), Column("boarders", "int", "寄宿", "board", "人"),
    Column("far_young", "int", "一至三年级超半小时", "G1-3 beyond half an hour", "人"),
    Column("beyond", "int", "超出时限", "beyond the limits", "人"), Column("seats_short", "int", "全县学位缺口", "seats short", "人", about="各校学生超过学位的合计"),
    Column("people_minutes", "int", "与本方案相比每天往返多花的时间", "more minutes a day", "分钟", about="全县走读学生每天往返合计；负数为少花"),
))  # fmt: skip
_ASKED = "保留该校（或保留原有年级）、其余学校重新优化，与本方案相比"
CASE_PRICES = Table("case_prices", "优化测算的保留代价", "the optimiser's price of keeping", (
    _REF, _SCHOOL_ID, _NAME, Column("verdict", "text", "结论", "verdict", about=_ASKED),
    Column("price_yuan", "float", "代价", "price", "元/年", about="目标值的增加，按情景的权重折算；负数为反而更省"),
    Column("price_least_yuan", "float", "代价至少", "price at least", "元/年", about="已证明的下限"),
    Column("price_most_yuan", "float", "代价至多", "price at most", "元/年", about="已证明的上限"),
    Column("yearly_change_yuan", "float", "每年支出变化", "change of yearly money", "元/年", about=_ASKED),
    Column("one_off_change_yuan", "float", "一次性投入变化", "change of one-off money", "元", about=_ASKED),
    Column("minutes_change", "int", "学生路程变化", "change of travel", "人·分钟", about="每天单程折合时间，全县合计"),
    Column("pupils_concerned", "int", "换学校的学生", "pupils concerned", "人", about=_ASKED),
    Column("pupils_worse", "int", "路变远的学生", "pupils with a longer way", "人", about=_ASKED),
    Column("others", "text", "随之变动的学校", "other schools that change"),
))  # fmt: skip
_STATED = "情景文件 hearing 中由承办人填报"
CASE_STATED = Table("case_stated", "填报情况", "what people stated", (
    _REF, _SCHOOL_ID, _NAME,
    Column("parents_for", "int", "赞成的家长", "parents for", "人", source=_STATED), Column("parents_against", "int", "反对的家长", "parents against", "人", source=_STATED),
    Column("delegates_for", "int", "赞成的听证代表", "delegates for", "人", source=_STATED), Column("delegates_against", "int", "反对的听证代表", "delegates against", "人", source=_STATED),
    Column("unsafe_way", "text", "途中安全", "safety of the way", source=_STATED), Column("way_mended_by", "text", "整治措施", "how the way is mended", source=_STATED),
    Column("bus_ready", "text", "校车或公共交通", "bus", source=_STATED), Column("dormitory_ready", "text", "宿舍", "dormitory", source=_STATED),
    Column("canteen_ready", "text", "食堂", "canteen", source=_STATED), Column("receiver_ready_on", "text", "接收学校建成日期", "receiving school ready", source=_STATED),
    Column("closing_on", "text", "撤并（改办）日期", "closing", source=_STATED), Column("building_m2", "int", "腾出校舍", "area vacated", "平方米", source=_STATED),
    Column("teachers_to", "text", "教师安置", "teachers", source=_STATED), Column("asset_use", "text", "校舍用途", "use of the building", source=_STATED),
    Column("decided_by", "text", "批准（备案）机关", "decided by", source=_STATED),
))  # fmt: skip
_STAFF_SOURCE, _FUNDS_SOURCE = "中央编办发〔2014〕72号", "国发〔2015〕67号、国办发〔2012〕48号"
CASE_MONEY = Table("case_money", "教职工和公用经费", "staff and public funds", (
    _REF, _SCHOOL_ID, _NAME,
    Column("staff_before", "int", "原应配教职工", "staff needed before", "人", about="生师比；村小和教学点取生师比、班师比中大的", source=_STAFF_SOURCE),
    Column("staff_after", "int", "调整后应配教职工", "staff needed after", "人", source=_STAFF_SOURCE),
    Column("staff_receivers", "int", "接收学校增加", "more at the receivers", "人", about="含其他学校并入的影响", source=_STAFF_SOURCE),
    Column("staff_change", "int", "合计变化", "change", "人", source=_STAFF_SOURCE),
    Column("funds_before", "int", "原公用经费", "funds before", "元/年", about="学生 × 基准，不足保底人数的按保底人数，另加寄宿生", source=_FUNDS_SOURCE),
    Column("floor_before", "int", "其中保底增加", "of it by the floor", "元/年", source=_FUNDS_SOURCE),
    Column("funds_after", "int", "调整后公用经费", "funds after", "元/年", source=_FUNDS_SOURCE),
    Column("funds_receivers", "int", "接收学校增加", "more at the receivers", "元/年", about="含其他学校并入的影响", source=_FUNDS_SOURCE),
    Column("funds_change", "int", "合计变化", "change", "元/年", source=_FUNDS_SOURCE),
))  # fmt: skip
CASE_DANGERS = Table("case_dangers", "途中危险", "dangers on the new way", (
    _REF, Column("school_id", "id", "原学校代码", "school code before"), Column("name", "text", "原学校", "school before"),
    Column("village", "text", "村（社区）", "village"), BAND, *_TO, Column("danger", "text", "危险", "danger", about="由道路数据推断，须实地核对"),
    _PUPILS, Column("km", "float", "平均长度", "mean length", "公里"), Column("times", "float", "平均横穿次数", "mean crossings", "次"),
))  # fmt: skip
CASE_COUNTY = Table("case_county", "全县指标", "county figures", (
    _REF, Column("indicator", "id", "指标代码", "indicator"), Column("label", "text", "指标", "label"),
    Column("before", "float", "现状", "before"), Column("after", "float", "方案", "after"), Column("change", "float", "变化", "change"),
    Column("unit", "text", "单位", "unit"),
))  # fmt: skip
CASE_CALENDAR = Table("case_calendar", "程序日程", "calendar of the procedure", (
    _REF, Column("school_id", "id", "学校代码", "school code", about="空白为各校相同；写明的只用于该校"), Column("step", "text", "步骤", "step"), Column("from_day", "text", "最早开始", "begins at the earliest"), Column("to_day", "text", "最早完成", "ends at the earliest"),
    Column("days", "text", "时限", "time limit"), Column("output", "text", "形成的材料", "papers"), Column("rule", "text", "依据", "rule"),
    Column("confidence", "text", "依据可信度", "confidence"),
))  # fmt: skip
CASE_RULES = Table("case_rules", "依据", "rules", (
    _REF, Column("rule_id", "id", "规则代码", "rule"), Column("title", "text", "规定", "title"), Column("number", "float", "数值", "number"),
    Column("unit", "text", "单位", "unit"), Column("source", "text", "文件", "document"), Column("confidence", "text", "可信度", "confidence"),
))  # fmt: skip
CASE_PARAMETERS = Table("case_parameters", "测算口径", "parameters", (
    _REF, Column("key", "id", "情景键", "key"), Column("label", "text", "口径", "parameter"), Column("number", "float", "数值", "number"), Column("unit", "text", "单位", "unit"),
))  # fmt: skip
CASE_TRACES = Table("case_traces", "出处", "where each number comes from", (
    Column("ref", "id", "编号", "reference"), Column("sheet", "text", "工作表", "sheet"), Column("cell", "id", "单元格", "cell"),
    Column("label", "text", "数值名称", "quantity"), Column("shown", "text", "文件中写作", "as documents show it"), Column("unit", "text", "单位", "unit"),
    Column("source", "text", "来源", "source"), Column("rule", "text", "规则代码", "rule"), Column("confidence", "text", "可信度", "confidence"),
    Column("used", "text", "见于", "used in"),
))  # fmt: skip
CASE_TABLES = (
    CASE_SCHOOLS, CASE_GRADES, CASE_IMPACT, CASE_TOTAL, CASE_FLOWS, CASE_MOVES, CASE_RECEIVING, CASE_FORECAST, CASE_NEAREST, CASE_OPTIONS,
    CASE_PRICES, CASE_MONEY, CASE_DANGERS, CASE_STATED, CASE_COUNTY, CASE_CALENDAR, CASE_RULES, CASE_PARAMETERS, CASE_TRACES,
)  # fmt: skip
