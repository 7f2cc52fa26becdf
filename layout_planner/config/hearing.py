"""Block ``hearing``: what only people know of schools that are to close or become teaching points, and the dates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictStr, model_validator

from layout_planner.config.blocks import Block, Day, SchoolId

__all__ = ["Hearing", "Procedure", "Statement"]

Persons = Annotated[int, Field(ge=0, le=1_000_000)]


class Procedure(Block):
    """论证、公示、听证、审查的日期；没有办到的不写。Source: 国务院令第713号 [V]；国办发〔2012〕48号 [V2]."""

    started_on: Day | None = None
    """启动日期"""
    argued_on: Day | None = None
    """专家论证日期"""
    published_on: Day | None = None
    """公示（公开征求意见）开始日期"""
    comments_until: Day | None = None
    """公示（公开征求意见）截止日期；不少于 30 日"""
    papers_sent_on: Day | None = None
    """听证材料送达听证代表的日期；听证会前不少于 7 日"""
    hearing_on: Day | None = None
    """听证会日期"""
    risk_assessed_on: Day | None = None
    """社会稳定风险评估完成日期"""
    legality_from: Day | None = None
    """合法性审查开始日期"""
    legality_until: Day | None = None
    """合法性审查完成日期；不少于 7 个工作日"""
    decided_on: Day | None = None
    """集体讨论决定日期"""
    approved_on: Day | None = None
    """批准（备案）日期"""

    @model_validator(mode="after")
    def _in_order(self) -> Procedure:
        for first, last, zh, en in (
            ("published_on", "comments_until", "公示截止早于公示开始", "comments end before they begin"),
            ("papers_sent_on", "hearing_on", "听证材料送达晚于听证会", "hearing papers come after the hearing"),
            ("legality_from", "legality_until", "合法性审查完成早于开始", "the review ends before it begins"),
            ("started_on", "approved_on", "批准早于启动", "approval comes before the start"),
        ):
            one, other = getattr(self, first), getattr(self, last)
            if one is not None and other is not None and other < one:
                msg = (
                    f"{en}: {first} {one}, {last} {other} / {zh}：{first} {one}，{last} {other} | "
                    "put the dates right / 核对并改正日期"
                )
                raise ValueError(msg)
        return self


class Statement(Block):
    """一所拟撤并（或拟改教学点）学校的情况：只有人才知道的事。没有把握的不写，报告里列为“待核实”。"""

    parents_for: Persons | None = None
    """赞成的家长（人）"""
    parents_against: Persons | None = None
    """反对的家长（人）"""
    delegates_for: Persons | None = None
    """赞成的听证代表（人）"""
    delegates_against: Persons | None = None
    """反对的听证代表（人）"""
    unsafe_way: bool | None = None
    """实地查看，学生到接收校的路是否不安全"""
    way_mended_by: StrictStr = ""
    """不安全的路如何整治、何时完成，如 2027年6月前修好人行道并设护栏"""
    bus_ready: bool | None = None
    """需要乘车的学生，校车或公共交通是否落实"""
    dormitory_ready: bool | None = None
    """接收校宿舍是否够用"""
    canteen_ready: bool | None = None
    """接收校食堂是否够用"""
    receiver_ready_on: Day | None = None
    """接收校建好可用的日期（先建后撤）"""
    closing_on: Day | None = None
    """撤并日期；不写的按 hearing.closing_on"""
    teachers: StrictStr = ""
    """教师安置"""
    building_m2: Annotated[float, Field(ge=0, le=1_000_000)] | None = None
    """腾出的校舍面积（平方米）；不写的取学校表"""
    asset_use: StrictStr = ""
    """校舍校产的用途"""
    decided_by: StrictStr = ""
    """由谁决定；不写的按 hearing.decided_by"""

    @property
    def is_opposed(self) -> bool:
        """Whether most parents or most hearing delegates are against it, as far as both sides are stated."""
        votes = ((self.parents_against, self.parents_for), (self.delegates_against, self.delegates_for))
        return any(no is not None and yes is not None and no > yes for no, yes in votes)


class Hearing(Block):
    """撤并学校的论证和听证：只有人才知道的事，由人填写。"""

    decided_by: StrictStr = ""
    """由谁决定（批准机关），如 县人民政府"""
    closing_on: Day | None = None
    """撤并日期，各校相同时写在这里"""
    procedure: Procedure = Procedure()
    """程序日期"""
    schools: dict[SchoolId, Statement] = Field(default_factory=dict)
    """学校代码: 这所学校的情况"""

    def of(self, school_id: str) -> Statement:
        """Give what was said of a school, with the county's date and authority where it has none of its own.

        >>> said = Hearing(closing_on="2027-09-01", schools={"S1": Statement(parents_for=3)}).of("S1")
        >>> said.parents_for, said.closing_on
        (3, '2027-09-01')
        """
        said = self.schools.get(school_id, Statement())
        common = {"closing_on": said.closing_on or self.closing_on, "decided_by": said.decided_by or self.decided_by}
        return said.model_copy(update=common)

    @property
    def opposed(self) -> tuple[str, ...]:
        """Codes of the schools whose closing most parents or most hearing delegates oppose, sorted.

        >>> Hearing(schools={"S1": Statement(parents_for=3, parents_against=4)}).opposed
        ('S1',)
        """
        return tuple(sorted(code for code, said in self.schools.items() if said.is_opposed))
