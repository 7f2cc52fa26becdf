"""Blocks ``lottery`` and ``class_draw``: how lots are drawn for schools (电脑派位) and for classes (电脑随机分班)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictStr, model_validator

from layout_planner.config.blocks import Block, Day, SchoolId

__all__ = ["ClassDraw", "Draw", "Lottery", "LotterySchool", "PublicValue"]

FEWEST_DIGITS = 6
Name = Annotated[StrictStr, Field(min_length=1, max_length=60)]


class PublicValue(Block):
    """一个事先约定、到时人人可查的数。"""

    name: Name
    """是什么数，如 中国福利彩票双色球第2026096期开奖号码（按公布次序）"""
    source: Name
    """在哪里公布，如 中国福利彩票发行管理中心官网"""
    date: Day
    """公布日期；须在承诺公布之日以后"""
    digits: Annotated[int, Field(ge=1, le=60)]
    """取其中的数字，共几位（标点和空格不计）"""


class Draw(Block):
    """一次公开抽签都要写明的事。"""

    title: Name
    """名称，印在公告上"""
    organiser: StrictStr = ""
    """组织单位"""
    place: StrictStr = ""
    """抽签地点"""
    witnesses: tuple[StrictStr, ...] = ()
    """到场监督的人，如 县公证处、县纪委监委派驻组、家长代表"""
    published_on: Day
    """名册哈希、规则和程序的公布日期"""
    drawn_on: Day
    """抽签日期"""
    public_values: Annotated[tuple[PublicValue, ...], Field(min_length=1)]
    """种子取自哪些公开的数；合计不少于 6 位数字，公布承诺时谁也不知道"""

    @model_validator(mode="after")
    def _values_come_later(self) -> Draw:
        for value in self.public_values:
            if not self.published_on < value.date <= self.drawn_on:
                since, until = self.published_on, self.drawn_on
                msg = (
                    f"“{value.name}” ({value.date}) must become known after {since} and by {until} / "
                    f"“{value.name}”（{value.date}）须在公布承诺（{since}）之后、抽签（{until}）当日或之前公布 | "
                    "choose a value of a later day / 换一个公布承诺以后才有的数"
                )
                raise ValueError(msg)
        digits = sum(value.digits for value in self.public_values)
        if digits < FEWEST_DIGITS:
            msg = (
                f"the public values have {digits} digits in all / 公开的数合计只有 {digits} 位 | "
                f"agree on {FEWEST_DIGITS} digits or more / 约定合计不少于 {FEWEST_DIGITS} 位的数"
            )
            raise ValueError(msg)
        return self


class LotterySchool(Block):
    """一所参加派位的学校。"""

    school_id: SchoolId
    """学校代码"""
    seats: Annotated[int, Field(ge=1, le=5000)]
    """拿出来派位的学位（人）"""
    held_back: Annotated[int, Field(ge=0, le=5000)] = 0
    """预留、不派位的学位（人）"""


class Lottery(Draw):
    """电脑派位：报名人数超过学位的学校，或几所学校共用的片区。"""

    schools: Annotated[tuple[LotterySchool, ...], Field(min_length=1, max_length=30)]
    """参加派位的学校和学位"""
    priorities: tuple[Name, ...] = ()
    """优先类别，前面的先派；留空为所有人一起派"""
    siblings_first: bool = True
    """长幼随学：哥哥姐姐在读的，先派该校"""
    groups_over_seats: bool = False
    """同胞抽中而学位不够全组时：true 全组录取，超出的学位由学校解决；false 不拆开，派下一志愿，都不够就递补"""
    migrant_guarantee: Annotated[float, Field(ge=0, le=1)] = 0.0
    """随迁子女至少录取的比例；县级要求在公办学校就读不低于 0.85。Source: 优质均衡评估"""

    @model_validator(mode="after")
    def _each_once(self) -> Lottery:
        for names, zh, en in (
            ([school.school_id for school in self.schools], "学校", "school"),
            (list(self.priorities), "优先类别", "priority"),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                msg = (
                    f"the {en} {', '.join(twice)} stands twice / {zh} {'、'.join(twice)} 写了两次 | keep one / 只留一个"
                )
                raise ValueError(msg)
        return self


class ClassDraw(Draw):
    """电脑随机分班：各班人数、男女人数最多差一人，不看成绩。"""

    school_id: SchoolId
    """学校代码"""
    grade: Annotated[int, Field(ge=1, le=9)]
    """年级"""
    classes: Annotated[int, Field(ge=1, le=60)] | None = None
    """班数；留空按 classes 中的班额上限推算"""
    teams: tuple[Name, ...] = ()
    """事先搭配好的教师组（如班主任姓氏或组号），学生编好班后抽到各班；组数等于班数，留空不抽"""

    @model_validator(mode="after")
    def _a_team_a_class(self) -> ClassDraw:
        if len(set(self.teams)) < len(self.teams):
            msg = "a team of teachers stands twice / 教师组写了两次 | give each its own name / 各组取不同的名称"
            raise ValueError(msg)
        if self.teams and self.classes is not None and len(self.teams) != self.classes:
            count = len(self.teams)
            msg = (
                f"{count} teams for {self.classes} classes / {count} 个教师组对 {self.classes} 个班 | "
                "as many teams as classes, or none / 组数与班数一致，或留空"
            )
            raise ValueError(msg)
        return self
