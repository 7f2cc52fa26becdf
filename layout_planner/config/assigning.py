"""Block ``assign``: how pupils are sent to schools."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import model_validator

from layout_planner.config.admission import Admission
from layout_planner.config.blocks import Block
from layout_planner.config.layout import Seconds

__all__ = ["Assign"]


class Assign(Block):
    """学生分到哪所学校。"""

    method: Literal["nearest", "capacitated"] = "nearest"
    """nearest 就近（不看学位）；capacitated 学位约束下总时间最小"""
    seats_by: Literal["stage", "grade"] = "stage"
    """学位按什么算：stage 按学段（教室数 × 班额上限，各年级可以调剂）；grade 按年级，各年级不得互相占用"""
    beyond_seats: Literal["unplaced", "overload", "stretch"] = "unplaced"
    """学位不够时：unplaced 安排不下的单列；overload 就近超员安排，先使超员人数最少（整体分配、就近优先、分批安排时，
    先按各自的规则安排学位，安排不下的再就近超员）；stretch 各校学位按同一倍数放宽（不能与 whole_units 同用）"""
    closest_first: bool = False
    """学位约束下，近处有空位就不得舍近求远（否则求总时间最小）"""
    whole_units: bool = False
    """学位约束下，每个需求点（村、小区或格）的每个年级段（按年级算学位时为每个年级）整体去一所学校，不拆开"""
    whole_units_time_limit_s: Seconds = 60.0
    """整体分配的求解时限（秒）；到时取已找到的最好方案，并说明离最优不超过多少"""
    admission: Admission | None = None
    """学位约束下，按入学类别分批安排学位；null 表示不分类别"""

    @model_validator(mode="after")
    def _fit_together(self) -> Assign:
        found = [words for words, holds in self._conflicts() if holds]
        if found:
            raise ValueError("；".join(found))
        return self

    def _conflicts(self) -> Iterator[tuple[str, bool]]:
        rule = None if self.admission is None else self.admission.overflow
        seats, first, whole = self.method == "capacitated", self.closest_first, self.whole_units
        yield (
            "admission needs method: capacitated / 分批安排学位（admission）须用 method: capacitated",
            rule is not None and not seats,
        )
        yield (
            "seats_by: grade needs method: capacitated / 按年级算学位（seats_by: grade）须用 method: capacitated",
            self.seats_by == "grade" and not seats,
        )
        yield (
            "beyond_seats: overload and stretch need method: capacitated / beyond_seats 写 overload、stretch 时须用 "
            "method: capacitated",
            self.beyond_seats != "unplaced" and not seats,
        )
        yield (
            "beyond_seats: stretch and whole_units exclude each other / whole_units 时 beyond_seats 不能写 stretch，"
            "可写 overload",
            self.beyond_seats == "stretch" and whole,
        )
        yield (
            "whole_units needs method: capacitated / 整体分配（whole_units）须用 method: capacitated",
            whole and not seats,
        )
        yield (
            "whole_units and closest_first exclude each other / whole_units 与 closest_first 只能选一个",
            whole and first,
        )
        yield (
            "with closest_first write overflow: farthest / 用 closest_first 时 overflow 只能写 farthest",
            first and rule not in {None, "farthest"},
        )
        yield (
            "with whole_units write overflow: least_minutes / 用 whole_units 时 overflow 只能写 least_minutes",
            whole and rule not in {None, "least_minutes"},
        )
