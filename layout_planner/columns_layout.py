"""The part of the column registry that an optimised layout answers with: front, prices, conflicts, sureness, choice.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import BAND, PUPILS, Column, Table

__all__ = [
    "ALTERNATIVES", "ALTERNATIVE_SCHOOLS", "CONFLICTS", "CONFLICT_VILLAGES", "FRONT", "LAYOUT_DECISIONS", "LOSERS",
    "PASSED_BY", "PRICES", "ROBUST_CASES", "ROBUST_SCHOOLS",
]  # fmt: skip

_LAYOUT_TERMS = (
    Column(
        "pupil_minutes",
        "float",
        "学生路程",
        "travel",
        "人·分钟",
        about="学生数乘以折合时间：时限内走读的按实际单程分钟；寄宿的按最长允许的走读时间加每周往返的分摊；超时限的再加重",
    ),
    Column("minutes_mean", "float", "平均折合时间", "mean equivalent minutes", "分钟", about="上一项除以学生数"),
    Column(
        "worst_minutes",
        "float",
        "路最远学生的折合时间",
        "equivalent minutes of the worst off",
        "分钟",
        about="默认为路最远的 5%",
    ),
    Column("yearly_yuan", "float", "每年支出", "yearly money", "元/年", about="只含随布局变化的部分"),
    Column("one_off_yuan", "float", "一次性投入", "one-off money", "元"),
)
_LAYOUT_COUNTS = (
    Column("changes", "int", "变动学校", "schools changed", "所"), Column("closed", "int", "撤并", "closed", "所"),
    Column("converted", "int", "改为教学点", "converted to teaching points", "所"),
    Column("lifted", "int", "办成完全小学", "lifted to full primary", "所"), Column("opened", "int", "新办或恢复", "opened", "所"),
)  # fmt: skip
_OUTCOME = Column(
    "status",
    "text",
    "求解结果",
    "status",
    about="optimal 在要求的差距内已证明、feasible 到时停止、infeasible 已证明无解、unknown 到时仍未找到",
)
_GAP = Column("gap", "share", "离最好的最大差距", "proven gap", about="已证明：与最好的方案最多差这么多")
_DECISION = Column(
    "decision",
    "text",
    "方案中的去留",
    "decision",
    about="keep 保留、close 撤并、convert 改为教学点、lift 办成完全小学、open 新办或恢复、closed 不办",
)
FRONT = Table("front", "费用与路程的取舍", "cost against travel", (
    Column("plan", "text", "方案", "plan"), _OUTCOME,
    Column("limit_minutes", "float", "路程上限", "limit on travel", "人·分钟", about="此方案的学生路程不超过此值；空白为不限"),
    Column("cost_yuan", "float", "折合费用", "cost", "元/年", about="每年支出加一次性投入的年摊"),
    Column("bound_yuan", "float", "费用下限", "least possible cost", "元/年", about="已证明：路程不超过上限的任何方案都不会低于此数"), _GAP,
    *_LAYOUT_TERMS, *_LAYOUT_COUNTS,
))  # fmt: skip
PRICES = Table("prices", "保留和撤并的代价", "price of keeping and closing", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"), _DECISION,
    Column("instead", "text", "改为", "instead", about="keep 保留、close 撤并；其余随之重新优化"), _OUTCOME,
    Column("price_yuan", "float", "代价", "price", "元/年", about="改变这一项后目标值的增加，按情景的权重折算；负数为反而更省（方案尚未证明最好时）"),
    Column("verdict", "text", "结论", "verdict", about="代价与证明的误差（方案与已证明下限之差）相比：小于误差的说不准"),
    Column("price_least_yuan", "float", "代价至少", "price at least", "元/年", about="已证明的下限"),
    Column("price_most_yuan", "float", "代价至多", "price at most", "元/年", about="已证明的上限"),
    Column("yearly_change_yuan", "float", "每年支出变化", "change of yearly money", "元/年"),
    Column("one_off_change_yuan", "float", "一次性投入变化", "change of one-off money", "元"),
    Column("minutes_change", "float", "学生路程变化", "change of travel", "人·分钟"),
    Column("pupils_concerned", "float", "涉及学生", "pupils concerned", "人", about="与原方案相比换学校的学生"),
    Column("pupils_worse", "float", "路变远的学生", "pupils with a longer way", "人"),
    Column("villages", "int", "涉及村数", "villages"),
    Column("others", "text", "随之变动的学校", "other schools that change"),
))  # fmt: skip
LOSERS = Table("losers", "谁的路变远", "who loses", (
    Column("village_id", "id", "村代码", "village code"), Column("name", "text", "村名", "village"), BAND, PUPILS,
    Column("schools_before", "text", "原学校", "schools before"), Column("schools_after", "text", "新学校", "schools after"),
    Column("minutes_before", "float", "原折合时间", "equivalent minutes before", "分钟", about="折合时间（见“学生路程”），按学生加权平均"),
    Column("minutes_after", "float", "新折合时间", "equivalent minutes after", "分钟", about="同上"),
    Column("minutes_change", "float", "时间变化", "change", "分钟"),
    Column("pupil_minutes", "float", "合计", "in total", "人·分钟", about="学生数乘以时间变化"),
))  # fmt: skip
CONFLICTS = Table("conflicts", "互相冲突的限制", "limits in conflict", (
    Column("rule", "id", "规则代码", "rule"), Column("label", "text", "限制", "limit"),
    Column("subject_id", "id", "对象代码", "subject", about="学校、村|年级段、乡镇代码，或 county"), Column("name", "text", "名称", "name"),
    Column("in_conflict", "bool", "属于冲突", "in the conflict", about="这些限制不能同时满足，去掉任何一条其余就能满足"),
    Column("relax_by", "float", "至少放宽", "relax by", about="放宽后就有方案；空白为不必放宽"), Column("unit", "text", "单位", "unit"),
    Column("pupils", "float", "涉及学生", "pupils concerned", "人"), Column("villages", "text", "涉及的村", "villages"),
))  # fmt: skip
CONFLICT_VILLAGES = Table("conflict_villages", "引起冲突的村", "villages behind the conflict", (
    Column("village_id", "id", "村代码", "village code"), BAND, PUPILS,
    Column("ways", "int", "允许去的学校", "schools allowed", "所", about="现行限制下可去的学校数，0 为无处可去"),
    Column("schools", "text", "其中冲突中的学校", "schools in the conflict"),
    Column("only", "bool", "只能去这些学校", "nowhere else to go"),
))  # fmt: skip
ROBUST_CASES = Table("robust_cases", "情况变化时的后悔值", "regret when things turn out otherwise", (
    Column("case", "text", "情况", "case"), _OUTCOME,
    Column("plan_yuan", "float", "按本方案", "with this plan", "元/年", about="学校去留不变，学生重新分配、教室床位可补；空白为本方案行不通"),
    Column("best_yuan", "float", "按当时最好的方案", "with the best plan then", "元/年"),
    Column("regret_yuan", "float", "后悔值", "regret", "元/年", about="两者之差"),
    Column("regret_least_yuan", "float", "后悔值至少", "regret at least", "元/年", about="已证明的下限"),
    Column("regret_most_yuan", "float", "后悔值至多", "regret at most", "元/年", about="已证明的上限"),
    Column("regret_share", "share", "后悔值占比", "regret share"),
    Column("lacking", "text", "行不通时所缺", "what is lacking", about="本方案在此情况下行不通时，至少要放宽什么"),
    Column("flips", "text", "当时会改变的学校", "schools decided otherwise then"),
))  # fmt: skip
ROBUST_SCHOOLS = Table("robust_schools", "去留的把握", "how sure each decision is", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"), _DECISION,
    Column("surety", "text", "把握", "surety", about="certain 确定、likely 较有把握、open 待议"),
    Column("flip_yuan", "float", "改变的代价", "price of the opposite", "元/年"),
    Column("flip_least_yuan", "float", "代价至少", "price at least", "元/年", about="已证明的下限"),
    Column("cases", "int", "情况数", "cases"), Column("cases_same", "int", "去留相同的情况", "cases that agree"),
    Column("why", "text", "理由", "why"),
))  # fmt: skip
ALTERNATIVES = Table("alternatives", "可供选择的方案", "plans to choose from", (
    Column("plan", "text", "方案", "plan"), _OUTCOME,
    Column("objective_yuan", "float", "目标值", "objective", "元/年", about="按情景的权重折算"),
    Column("extra_share", "share", "比最好方案多", "above the best"), _GAP,
    Column("differs", "int", "与最接近的方案不同的学校", "schools apart from the nearest plan", "所"),
    *_LAYOUT_TERMS, *_LAYOUT_COUNTS,
))  # fmt: skip
ALTERNATIVE_SCHOOLS = Table("alternative_schools", "各方案中的学校", "schools in each plan", (
    Column("plan", "text", "方案", "plan"), Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"), _DECISION,
))  # fmt: skip
LAYOUT_DECISIONS = Table("layout_decisions", "布局建议", "proposed layout", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("tier", "text", "学校类别", "school type"), Column("township", "text", "所属乡镇", "township"),
    Column("decision", "text", "建议", "proposal", about="keep 保留、close 撤并、convert 改教学点、lift 办成完全小学、open 启用、closed 未办"),
    Column("pupils_before", "float", "现状学生数", "pupils before", "人", about="就近入学，不看学位"), Column("pupils_after", "float", "建议后学生数", "pupils after", "人"),
    Column("rooms_added", "int", "新增教室", "rooms added", "间"), Column("beds_added", "int", "新增床位", "beds added", "张"),
    Column("boards", "bool", "是否寄宿", "boarding"),
    Column("receiving", "text", "接收学校", "receiving schools", about="现状就近到该校的学生建议后去的学校，人数多的在前"),
    Column("minutes_before", "float", "现状平均时间", "mean minutes before", "分钟", about="现状就近到该校的学生，单程折算"),
    Column("minutes_after", "float", "建议后平均时间", "mean minutes after", "分钟", about="同一批学生"),
    Column("one_off_yuan", "float", "一次性投入", "one-off money", "元"),
    Column("reason", "text", "理由", "reason"), Column("reason_en", "text", "理由（英文）", "reason in English"),
))  # fmt: skip
PASSED_BY = Table("passed_by", "舍近求远", "sent past a nearer school", (
    Column("village_id", "id", "村代码", "village code"), Column("name", "text", "村名", "village"), BAND,
    Column("school_id", "id", "学校代码", "school code"), Column("school", "text", "学校名称", "school"), PUPILS,
    Column("minutes_mean", "float", "平均时间", "mean minutes", "分钟", about="单程，按学生加权"),
    Column("nearest_school_id", "id", "最近学校代码", "nearest school"), Column("nearest_school", "text", "最近学校", "nearest school's name"),
    Column("nearest_minutes", "float", "最近学校时间", "minutes to nearest", "分钟"),
    Column("reason", "text", "原因", "reason", about="unsafe 路不安全、overfull 不得再接收、full 学位已满、classes 编班已满、total 全县总时间或支出更少"),
))  # fmt: skip
