"""Block ``classes.clearing``: what may be done about classes that are too large, and what weighs how much."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from layout_planner.config.blocks import Block
from layout_planner.config.layout import Count, Seconds, Yuan
from layout_planner.grades import Tier

__all__ = ["Clearing"]


class Clearing(Block):
    """化解大班额：可以做什么、做到什么程度。教室、教师、校车的价格和一分钟的折价取自 layout 的 prices 和 goal。"""

    clear_from: Literal[46, 56, 66] = 56
    """从多少人起的班要化解（人/班）：56 大班额；66 只化解超大班额；46 连偏大的班一并化解。Source: class.bands [V2]"""
    rezone: bool = True
    """可否调整学区：一个村在该校的一个年级段整体改去时限内有空余学位的学校"""
    split_entrants: bool = True
    """可否分流新生：一个村的一年级、七年级新生只去一部分"""
    least_group: Annotated[int, Field(ge=1, le=1000)] = 5
    """一个村分流到一所学校的新生至少几人：不把一两个孩子单独分出去 [M]"""
    receive: tuple[Tier, ...] = tuple(tier for tier in Tier if tier is not Tier.TEACHING_POINT)
    """可以接收学生的学校类别"""
    split_villages: bool = False
    """可否把一个村其他年级的学生也分开，只去一部分"""
    move_grades: bool = True
    """可否把一所学校的高年级（四、五或六年级起）整体迁到另一所学校"""
    rooms_per_school: Count = 12
    """每校最多新增教室（间）；0 为不增 [M]"""
    one_off_budget_yuan: Yuan | None = None
    """一次性投入的上限（元）；留空为不限"""
    longer_min: Annotated[float, Field(ge=0, le=120)] = 20.0
    """换校的学生单程最多比原来多走多少分钟 [M]"""
    change_yuan: Yuan = 500.0
    """一名学生换校折合多少元：不熟悉、重新适应 [M]"""
    grades_yuan: Yuan = 30_000.0
    """迁移高年级一次的安置（元）[M]"""
    choices_per_village: Annotated[int, Field(ge=1, le=50)] = 6
    """一个村最多考虑改去几所学校，近的在先"""
    time_limit_s: Seconds = 20.0
    """每个方案的求解时限（秒）"""
    gap: Annotated[float, Field(ge=0, le=0.5)] = 0.005
    """证明到离最省的方案差距不超过此比例即停"""
