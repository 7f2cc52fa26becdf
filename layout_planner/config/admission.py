"""Block ``assign.admission``: in which order pupils of different claims get seats, and who is sent on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from layout_planner.config.blocks import Block, SchoolId

__all__ = ["CLAIMS", "Admission", "Claim"]

Claim = Literal["special", "zoned", "hukou", "house", "sibling", "migrant", "other"]
CLAIMS: tuple[Claim, ...] = ("special", "zoned", "hukou", "house", "sibling", "migrant", "other")
"""Claims to a seat, in the order in which they are met unless the scenario says otherwise."""
_OPTIONAL: tuple[Claim, ...] = ("hukou", "house")

Share = Annotated[float, Field(ge=0, le=1)]


class Admission(Block):
    """按入学类别分批安排学位：前一类安排完，余下的学位再给后一类。"""

    order: tuple[Claim, ...] = CLAIMS
    """先后次序，各写一次：special 特殊教育；zoned 户籍与住房一致；hukou 只有户籍；house 只有房产；sibling 长幼随学；
    migrant 随迁保障；other 其他。hukou、house 只在有入学类别人数表（data.claims）时有人，不写排在 zoned 之后"""
    house_share: Share = 1.0
    """本地学生中户籍与住房一致的比例；其余本地学生列入“其他”。有 data.claims 的村按表中人数的比例"""
    sibling_share: Share = 0.0
    """户籍与住房不一致的本地学生和随迁子女中，有兄姐在校、要求长幼随学的比例"""
    migrant_public_share: Share = 0.85
    """随迁子女在公办学校就读的比例不低于此数。Source: 教督〔2017〕6号 [V2]"""
    private_schools: tuple[SchoolId, ...] = ()
    """民办学校的代码（政府购买学位的民办学校不写）；没有写的都按公办"""
    overflow: Literal["least_minutes", "farthest", "lottery"] = "least_minutes"
    """同一类别的人多于学位时谁去别处：least_minutes 改去别处多走最少的先去；farthest 离校远的先去；lottery 抽签"""

    @field_validator("order")
    @classmethod
    def _each_claim_once(cls, order: tuple[Claim, ...]) -> tuple[Claim, ...]:
        needed = [claim for claim in CLAIMS if claim not in _OPTIONAL]
        if sorted(claim for claim in order if claim not in _OPTIONAL) != sorted(needed) or len(set(order)) < len(order):
            names, more = ", ".join(needed), ", ".join(_OPTIONAL)
            msg = f"write each of {names} once, and {more} once at most / 五类各写一次：{names}；{more} 最多各写一次"
            raise ValueError(msg)
        absent = tuple(claim for claim in _OPTIONAL if claim not in order)
        at = order.index("zoned") + 1
        return (*order[:at], *absent, *order[at:])
