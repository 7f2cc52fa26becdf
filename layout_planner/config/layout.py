"""Block ``layout``: what the optimiser may decide, what it must respect, what it is asked to make small.

Every weight and price stands here with its unit; nothing is weighed that the scenario does not show.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StrictStr, field_validator, model_validator

from layout_planner.config.blocks import Block, SchoolId, filled_from
from layout_planner.grades import GradeBand, Stage, Tier

__all__ = ["Answers", "Goal", "Layout", "May", "Must", "Prices", "Term", "TimeRule", "UnsafeWay"]


class Term(StrEnum):
    """One quantity that a layout can be asked to make small."""

    PUPIL_MINUTES = "pupil_minutes"
    WORST_MINUTES = "worst_minutes"
    YEARLY_YUAN = "yearly_yuan"
    ONE_OFF_YUAN = "one_off_yuan"
    CHANGES = "changes"


class TimeRule(StrEnum):
    """What holds for pupils beyond the time limit of their band.

    ``strict``: nobody beyond it who could be within it somewhere. ``keep``: no place with more of them than today, nor
    with them longer on the way; less than half a pupil at today's school is nobody.
    ``none``: counted, not forbidden.
    """

    STRICT = "strict"
    KEEP = "keep"
    NONE = "none"


_WEIGHTS = {
    Term.PUPIL_MINUTES: 40.0, Term.WORST_MINUTES: 0.0, Term.YEARLY_YUAN: 1.0, Term.ONE_OFF_YUAN: 0.05,
    Term.CHANGES: 0.0,
}  # fmt: skip
_TIME_RULES = {GradeBand.G1_3: TimeRule.KEEP, GradeBand.G4_6: TimeRule.KEEP, GradeBand.G7_9: TimeRule.KEEP}
_STAFF = {Stage.PRIMARY: 19.0, Stage.JUNIOR: 13.5}
_FUNDS = {Stage.PRIMARY: 720.0, Stage.JUNIOR: 940.0}
_UPKEEP = {
    Tier.TEACHING_POINT: 30_000.0, Tier.VILLAGE_PRIMARY: 80_000.0, Tier.CENTRAL_PRIMARY: 150_000.0,
    Tier.PRIMARY: 150_000.0, Tier.JUNIOR: 250_000.0, Tier.NINE_YEAR: 300_000.0,
}  # fmt: skip
_LARGEST = {
    Tier.TEACHING_POINT: 2000, Tier.VILLAGE_PRIMARY: 2000, Tier.CENTRAL_PRIMARY: 2000, Tier.PRIMARY: 2000,
    Tier.JUNIOR: 2000, Tier.NINE_YEAR: 2500,
}  # fmt: skip

Yuan = Annotated[float, Field(ge=0, le=1e12)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Count = Annotated[int, Field(ge=0, le=100_000)]


class Goal(Block):
    """优化目标：各项的单位写在名称里，权重都在这里，没有隐藏的权重。"""

    method: Literal["weighted", "lexicographic"] = "weighted"
    """weighted 加权之和最小；lexicographic 按 order 依次最小"""
    weights: Annotated[dict[Term, Annotated[float, Field(ge=0)]], filled_from(_WEIGHTS)] = _WEIGHTS
    """每单位折合多少元/年：pupil_minutes 40（单程一人·分钟；一年往返 400 次约 6.7 小时，每小时 6 元）[M]、
    worst_minutes 路最远的 5% 学生的平均分钟 [M]，yearly_yuan 每年的钱，one_off_yuan 按 20 年分摊、不计利息 [M]，
    changes 每处变动 [M]。都是规划取值：改一改，看方案变不变"""
    order: Annotated[tuple[Term, ...], Field(min_length=1)] = (Term.PUPIL_MINUTES, Term.YEARLY_YUAN)
    """lexicographic 时的先后；没有列出的项不看"""
    yield_share: Annotated[float, Field(ge=0, le=1)] = 0.01
    """lexicographic 时，为了后一项，前一项最多可让出的比例 [M]"""
    worst_share: Annotated[float, Field(gt=0, le=1)] = 0.05
    """worst_minutes 所指的路最远的学生的比例"""

    @model_validator(mode="after")
    def _something_to_want(self) -> Goal:
        if self.method == "weighted" and not any(self.weights.values()):
            msg = "every weight is 0 / 权重都是 0，没有目标 | give one a number above 0 / 至少一项写大于 0 的数"
            raise ValueError(msg)
        if len(set(self.order)) < len(self.order):
            msg = "a term stands twice in order / order 中有重复的项 | write each once / 每项只写一次"
            raise ValueError(msg)
        return self


class May(Block):
    """优化器可以决定的事。"""

    close: tuple[Tier, ...] = (Tier.TEACHING_POINT, Tier.VILLAGE_PRIMARY)
    """可以撤并的学校类别"""
    convert: tuple[Tier, ...] = (Tier.VILLAGE_PRIMARY,)
    """可以改为教学点（只留一至三年级）的学校类别"""
    lift: bool = False
    """教学点可否办成完全小学"""
    open: bool = True
    """停办的学校可否恢复、拟建的可否建设（校址保留三年，仍是候选）"""
    board: tuple[Tier, ...] = (Tier.CENTRAL_PRIMARY, Tier.JUNIOR, Tier.NINE_YEAR)
    """可以新办寄宿的学校类别；已有床位的一律可以保留或停办寄宿"""
    beds_per_school: Count = 200
    """每所学校最多新增床位（张）[M]"""
    expand: tuple[Tier, ...] = tuple(Tier)
    """可以新增教室的学校类别"""
    rooms_per_school: Annotated[int, Field(ge=0, le=500)] = 12
    """每所学校最多新增教室（间）[M]"""

    @field_validator("convert")
    @classmethod
    def _has_grades_to_keep_and_to_give_up(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        for tier in (Tier.TEACHING_POINT, Tier.JUNIOR):
            if tier in tiers:
                msg = (
                    f"{tier.value} cannot become a teaching point / {tier.label_zh}不能改为教学点 | "
                    f"take {tier.value} off convert / 从 convert 中删去 {tier.value}"
                )
                raise ValueError(msg)
        return tiers

    @field_validator("board")
    @classmethod
    def _is_old_enough(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        if Tier.TEACHING_POINT in tiers:
            msg = (
                "grades 1-3 of teaching points do not board / 教学点只有一至三年级，不得寄宿 | "
                "take teaching_point off board / 从 board 中删去 teaching_point"
            )
            raise ValueError(msg)
        return tiers


class UnsafeWay(Block):
    """一条不安全的上学路：该村学生不得分到该校。"""

    village: Annotated[StrictStr, Field(min_length=1)]
    """村代码"""
    school: SchoolId
    """学校代码"""


class Must(Block):
    """必须遵守的事：不能用别的好处来换。"""

    keep: tuple[SchoolId, ...] = ()
    """受保护的学校：必须在办"""
    oppose: tuple[SchoolId, ...] = ()
    """多数家长或听证代表反对的学校：不得撤并、不得改为教学点。Source: 国办发〔2012〕48号 [V2]"""
    close: tuple[SchoolId, ...] = ()
    """已决定撤并的学校"""
    unsafe_ways: tuple[UnsafeWay, ...] = ()
    """不安全的路：该村学生不得走读到该校。Source: 国办发〔2012〕48号 [V2]"""
    time_limit: Annotated[dict[GradeBand, TimeRule], filled_from(_TIME_RULES)] = _TIME_RULES
    """各年级段超时限的学生：strict 能不超就不许超；keep 每处不比现状多、也不比现状更远；none 只统计。

    Source: 国办发〔2018〕27号 [V2]
    """
    whole_villages: bool = False
    """一个村一个年级段的学生是否整体去同一所学校（否则可分到几所）"""
    whole_classes: bool = True
    """教室是否按各年级编班（每班不超过 classes 规定的班额）计算；否则只看学位数"""
    closest_first: bool = False
    """近的学校有空位就不得舍近求远：只有近处学校学位已满，才可以分到更远的学校；此时满不满按学位数算，
    不按编班算（whole_classes 不起作用）。学位不够时谁留在近处，
    由目标定（全县的路和钱合计最少）。远近同就近分配：限内步行先于乘车，乘车先于寄宿，再比分钟"""
    central_primary_per_township: bool = True
    """现有中心小学（或其他完全小学）的乡镇至少留一所。Source: 国办发〔2012〕48号 [V2]"""
    junior_per_township: bool = False
    """现有初中的乡镇至少留一所。Source: 国办发〔2012〕48号 [M]"""
    junior_in_town: bool = False
    """初中进镇：初中年级只办在离中心小学或城镇小学 town_radius_m 以内的学校"""
    upper_primary_in_town: bool = False
    """高年级集中：四至六年级只办在离中心小学或城镇小学 town_radius_m 以内的学校"""
    town_radius_m: Annotated[float, Field(gt=0, le=50_000)] = 3000.0
    """上两项所说的距离（米，直线）[M]"""
    overfull_receive_none: bool = True
    """已有大班额（56 人及以上，[V2]）或超过 largest 的学校不得再接收其他学校的学生；这些学校之间可以在学位之内
    互相调剂，合起来不多收一人。Source: 国办发〔2012〕48号 [M]"""
    board_only_if_needed: bool = True
    """今天的学校之外还有学校可以在时限内走读的，不因布局变动改为寄宿（高年级以走读为主，确有必要才寄宿）。
    Source: 国办发〔2012〕48号 [V2]"""
    largest: Annotated[dict[Tier, Annotated[int, Field(ge=1)]], filled_from(_LARGEST)] = _LARGEST
    """各类学校最多学生数（人）。Source: 教督〔2017〕6号 [V2]：2000，九年一贯制 2500"""
    smallest: dict[Tier, Annotated[int, Field(ge=0)]] = Field(default_factory=dict)
    """各类学校在办时最少学生数（人）；默认不设：人少不是撤并的理由（应留必留）"""
    max_changes: Count | None = None
    """最多变动几所学校"""
    max_closures: Count | None = None
    """最多撤并几所学校"""
    one_off_budget_yuan: Yuan | None = None
    """一次性投入的上限（元）"""
    yearly_budget_yuan: Yuan | None = None
    """每年随布局变化的支出的上限（元）"""


class Prices(Block):
    """价格。除注明者外都是规划取值 [M]，请按本地决算改。"""

    staff_yuan: Yuan = 100_000.0
    """一名教师一年（元）[M]"""
    pupils_per_teacher: Annotated[dict[Stage, Annotated[float, Field(gt=0)]], filled_from(_STAFF)] = _STAFF
    """生师比（人/名）。Source: 中央编办发〔2014〕72号 [V2]"""
    teachers_per_class: Annotated[float, Field(ge=0, le=5)] = 1.8
    """小规模学校的班师比（名/班），按每年级至少一个班计。Source: 常见 1.7—2.0，由省定 [M]"""
    upkeep_yuan: Annotated[dict[Tier, Yuan], filled_from(_UPKEEP)] = _UPKEEP
    """一所学校一年的水电、维修、安保等固定支出（元）[M]"""
    funds_yuan: Annotated[dict[Stage, Yuan], filled_from(_FUNDS)] = _FUNDS
    """公用经费基准（元/人·年）[M]：不足保底人数的学校按保底人数拨"""
    funds_floor_pupils: Annotated[int, Field(ge=0, le=1000)] = 100
    """公用经费保底人数（人）。Source: 国发〔2015〕67号 [V2]"""
    boarder_yuan: Yuan = 200.0
    """寄宿生公用经费（元/人·年）。Source: 国办发〔2018〕27号 [V2]"""
    boarder_care_yuan: Yuan = 1200.0
    """寄宿生的生活教师、食堂补助等（元/人·年）[M]"""
    boarding_yuan: Yuan = 60_000.0
    """一所学校一年办寄宿的固定支出：宿管、炊事、取暖（元）[M]"""
    rider_yuan: Yuan = 1500.0
    """校车（元/人·年）[M]"""
    room_yuan: Yuan = 300_000.0
    """新增一间教室（元）[M]"""
    bed_yuan: Yuan = 15_000.0
    """新增一张床位，含食堂（元）[M]"""
    build_yuan: Yuan = 8_000_000.0
    """建成一所拟建学校（元），不含征地 [M]"""
    restore_yuan: Yuan = 200_000.0
    """恢复一所停办学校（元）[M]"""
    lift_yuan: Yuan = 300_000.0
    """一个教学点办成完全小学（元），教室另计 [M]"""
    convert_yuan: Yuan = 30_000.0
    """一所学校改为教学点（元）[M]"""
    close_yuan: Yuan = 50_000.0
    """撤并一所学校的安置（元）[M]"""


class Answers(Block):
    """除方案本身外还要回答的问题；每一项各有时限，到时写出已有的部分。"""

    front_points: Annotated[int, Field(ge=0, le=50)] = 5
    """费用与路程的取舍：试几个路程上限；0 或 1 为不问"""
    front_limit_s: Seconds = 120.0
    """上一项的时限（秒）"""
    prices: Literal["all", "closed", "none"] = "all"
    """去留的代价：all 每所可撤可留的学校；closed 只问方案撤并或不启用的学校；none 不问"""
    prices_limit_s: Seconds = 150.0
    """上一项的时限（秒）"""
    demand_factors: tuple[Annotated[float, Field(gt=0, le=3)], ...] = (0.8, 1.2)
    """情况变化：学生数是现在的几倍；空表为不问"""
    travel_factors: tuple[Annotated[float, Field(ge=1, le=3)], ...] = (1.25,)
    """情况变化：路上时间是现在的几倍；空表为不问"""
    robust_limit_s: Seconds = 90.0
    """上两项的时限（秒）"""
    near_optimal_share: Annotated[float, Field(ge=0, le=1)] = 0.01
    """目标值相差多少以内算同样好（比例）：同样好的方案都这样决定才算“确定”"""
    alternatives: Annotated[int, Field(ge=0, le=26)] = 3
    """可供选择的方案数，含方案本身；0 或 1 为不问"""
    alternatives_apart: Annotated[int, Field(ge=1, le=1000)] = 3
    """任意两个方案至少有几所学校的去留不同"""
    alternatives_within: Annotated[float, Field(ge=0, le=10)] = 0.05
    """可供选择的方案最多比方案本身差多少（目标值的比例）"""
    alternatives_limit_s: Seconds = 60.0
    """上三项的时限（秒）"""
    conflict_limit_s: Seconds = 60.0
    """没有方案能守住全部规定时，查明哪些限制互相冲突的时限（秒）"""

    def none(self) -> Answers:
        """Give the block that asks nothing but the plan."""
        return self.model_copy(
            update={
                "front_points": 0, "prices": "none", "demand_factors": (), "travel_factors": (), "alternatives": 0,
            }
        )  # fmt: skip


class Layout(Block):
    """优化器可以决定的事、必须遵守的事、目标和价格。"""

    may: May = May()
    """可以决定的事"""
    must: Must = Must()
    """必须遵守的事"""
    goal: Goal = Goal()
    """目标"""
    prices: Prices = Prices()
    """价格"""
    answers: Answers = Answers()
    """除方案本身外还要回答的问题"""
    time_limit_s: Seconds = 60.0
    """求解时限（秒）；到时给出当时最好的方案和已证明的差距"""
    gap: Annotated[float, Field(ge=0, le=0.5)] = 0.01
    """证明到离最好方案的差距不超过此比例即停"""
    assign_by: Literal["model", "method"] = "model"
    """提出的方案中学生的去向：model 按优化结果；method 在优化后的学校上按 assign 重新分配"""
    start_from: Literal["today", "nothing"] = "today"
    """求解的起点：today 现状布局，先给出一个守得住规定的方案；nothing 从头求解"""
