"""Block ``districts``: how townships or schools are grouped into districts (教育协作区, 学区制)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from layout_planner.config.blocks import Block
from layout_planner.config.layout import Seconds

__all__ = ["Districts"]


class Districts(Block):
    """教育协作区：把乡镇（或学校）组合成几个相邻、规模相近、离中心近的区。"""

    count: Annotated[int, Field(ge=1, le=200)] = 5
    """区数"""
    unit: Literal["township", "school"] = "township"
    """组合的单元：township 乡镇；school 学校"""
    balance: Annotated[tuple[Literal["pupils", "teachers", "schools"], ...], Field(min_length=1)] = (
        "pupils",
        "teachers",
    )
    """各区要相近的规模：pupils 学生、teachers 专任教师、schools 学校"""
    tolerance: Annotated[float, Field(ge=0, le=5)] = 0.3
    """各区规模与平均数最多相差的比例 [M]；一个单元自己就超过的，单独成区，其余的再求平均"""
    min_border_m: Annotated[float, Field(ge=0, le=50_000)] = 200.0
    """两个乡镇的共同边界至少多长才算相邻（米）"""
    time_limit_s: Seconds = 60.0
    """求解时限（秒）"""
