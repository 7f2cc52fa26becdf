"""Block ``zoning``: how catchments are drawn, what they must respect, and what people changed by hand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr, model_validator

from layout_planner.config.blocks import Block, SchoolId
from layout_planner.grades import Stage

__all__ = ["Zoning"]

Share = Annotated[float, Field(ge=0, le=1)]
Group = Annotated[tuple[SchoolId, ...], Field(min_length=2)]
VillageName = Annotated[StrictStr, Field(min_length=1)]


class Zoning(Block):
    """学区划分：每个村（或小区、片区）归一所学校或一个共用学区，学区连片，学位够用。"""

    stages: Annotated[tuple[Stage, ...], Field(min_length=1)] = (Stage.PRIMARY, Stage.JUNIOR)
    """划哪些学段：primary 小学、junior 初中"""
    start: Literal["optimise", "today"] = "optimise"
    """optimise 由程序划分；today 从现有学区（data.zones）出发，只做下面的调整"""
    cost: Literal["minutes", "metres"] = "minutes"
    """使全县学生之和最小的是：minutes 折合时间，metres 路程"""
    largest_unit_pupils: Annotated[int, Field(ge=0, le=100_000)] = 500
    """一个划片单元最多的学生（人，一至九年级）；学生更多的村（社区）沿道路、河流分成几片，0 为不分"""
    connected_by: Literal["border", "road"] = "border"
    """相邻的标准：border 边界相接；road 边界相接且有道路直接相通"""
    min_border_m: Annotated[float, Field(ge=0, le=10_000)] = 50.0
    """边界相接少于此长度的不算相邻（米）"""
    barriers: tuple[Literal["river", "motorway"], ...] = ("river", "motorway")
    """学区不跨越：river 河流、motorway 高速公路；有桥或通道处可以跨"""
    within_townships: bool = False
    """学区不跨乡镇（没有该学段学校的乡镇除外）"""
    together: tuple[Group, ...] = ()
    """多校划片：每组学校共用一个学区，如 [["代码1", "代码2"]]；在同一个单元里的学校自动共用"""
    load_spread: Annotated[float, Field(gt=0, le=10)] | None = None
    """各学区的学位使用率最多比全部学区平均高多少，如 0.1；null 只要求学位够用"""
    beyond_seats: Literal["overload", "stretch"] = "overload"
    """学位不够时：overload 先使超出学位的人数最少，再使路程最短，学位够的学区不超；stretch 各校学位按同一倍数放宽"""
    border_min_per_km: Annotated[float, Field(ge=0, le=1e9)] = 0.0
    """学区边界每公里折合多少人·分钟（按路程划分时为人·米），越大学区越紧凑；0 不要求"""
    keep_today_share: Share = 0.0
    """至少有多大比例的学生留在现有学区，如 0.9；0 不要求"""
    move: dict[VillageName, SchoolId] = Field(default_factory=dict)
    """手工调整，村代码（或村名）: 学校代码"""
    merge: tuple[Group, ...] = ()
    """手工调整，合并的学区：每组写学校代码"""
    time_limit_s: Annotated[float, Field(gt=0, le=86_400)] = 60.0
    """每个学段最多求解多久（秒）；学位不够、须放宽时每次再用一半；按年级算学位（assign.seats_by: grade）时最多划三遍"""
    gap: Annotated[float, Field(ge=0, le=1)] = 0.001
    """证明与最好的划法相差在此比例以内即停"""

    @model_validator(mode="after")
    def _one_group_a_school(self) -> Zoning:
        for name in ("together", "merge"):
            listed = [school for group in getattr(self, name) for school in group]
            twice = sorted({school for school in listed if listed.count(school) > 1})
            if twice:
                msg = f"{name}: in two groups / 同一所学校写进了两组：{', '.join(twice)}"
                raise ValueError(msg)
        return self
