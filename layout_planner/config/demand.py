"""Block ``demand``: where the pupils come from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from layout_planner.config.blocks import Block, filled_from
from layout_planner.grades import GradeBand

__all__ = ["Demand"]


def _one_rate_for_all(value: object) -> object:
    """Spread a single rate over the bands, and fill up with 1 the bands that a mapping leaves out."""
    if isinstance(value, Mapping):
        return {**{band.value: 1.0 for band in GradeBand}, **{str(k): v for k, v in value.items()}}
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 1:
        msg = "a share above 0 and up to 1, or one for each band / 应为大于 0、不大于 1 的比例，或逐年级段写"
        raise ValueError(msg)
    return {band.value: float(value) for band in GradeBand}


def _iso_date(value: object) -> object:
    text = value.isoformat() if isinstance(value, date) else value
    try:
        if isinstance(text, str) and len(text) == len("2020-11-01"):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    msg = "a date such as 2020-11-01 / 应为日期，如 2020-11-01"
    raise ValueError(msg)


IsoDate = Annotated[str, BeforeValidator(_iso_date)]
Rate = Annotated[float, Field(gt=0, le=1)]

_SHARE = {GradeBand.G1_3: 0.035, GradeBand.G4_6: 0.035, GradeBand.G7_9: 0.033}


# 80 and 40 pupils per 1,000 people in six and three grades, 2.62 people a household: 10.48 a band in either stage.
_PER_100_HOUSEHOLDS = {GradeBand.G1_3: 10.5, GradeBand.G4_6: 10.5, GradeBand.G7_9: 10.5}


_ROAD_WEIGHT = dict.fromkeys(("residential", "living_street", "unclassified", "road"), 1.0) | {
    "service": 0.5, "track": 0.5,
}  # fmt: skip


def _road_classes(value: dict[str, float]) -> dict[str, float]:
    if value:
        from layout_planner.travel.tags import HIGHWAYS

        unknown = sorted(set(value) - set(HIGHWAYS))
        if unknown:
            msg = f"no such road class / 没有这样的道路等级：{', '.join(unknown)}；可写 {', '.join(HIGHWAYS)}"
            raise ValueError(msg)
    return value


class Demand(Block):
    """学生从哪里来。"""

    source: Literal["raster", "villages", "townships"] = "raster"
    """raster 人口栅格；villages 村表学生数；townships 乡镇学生数按 spread_over 摊到乡镇内"""
    spread_over: Literal["cells", "buildings", "residential_roads"] = "cells"
    """source: townships 时摊到：cells 人口栅格、buildings 居住建筑、residential_roads 居住道路"""
    cell_m: Annotated[float, Field(ge=20, le=2_000)] = 100.0
    """建筑和道路归并成此边长的网格（米），不显示单栋住房"""
    residential_road_weight: Annotated[
        dict[str, Annotated[float, Field(ge=0, le=10)]], AfterValidator(_road_classes)
    ] = _ROAD_WEIGHT
    """居住道路的等级和每米的权重；没写的等级不计。Source: Reibel, Bufalino 2005（街道加权）；权重为规划取值"""
    age_split: Literal["sprague", "monotone"] = "sprague"
    """五岁年龄组拆成单岁的方法：sprague 斯普拉格系数（出现负数时改用后者）；monotone 单调插值"""
    reference_date: IsoDate | None = None
    """人口数据的时点，如 2020-11-01（人口普查）；按它到 year 当年 9 月 1 日增龄；留空则视为当日"""
    births_by_month: (
        Annotated[tuple[Annotated[float, Field(ge=0)], ...], Field(min_length=12, max_length=12)] | None
    ) = None
    """一月至十二月的出生人数或比例；留空则视为全年均匀"""
    calibrate_to: Literal["none", "county", "townships", "enrolment", "schools"] = "townships"
    """学生校准到：none 不校准；county 县总数；townships 乡镇数；enrolment 全县各年级在校生；schools 各校各年级在校生"""
    county_pupils: dict[GradeBand, Annotated[float, Field(ge=0)]] | None = None
    """calibrate_to: county 时的各年级段学生总数（人）"""
    school_age_share: Annotated[dict[GradeBand, Annotated[float, Field(gt=0, lt=1)]], filled_from(_SHARE)] = _SHARE
    """只有总人口栅格时，各年级段占总人口的比例"""
    enrolment_rate: Annotated[dict[GradeBand, Rate], BeforeValidator(_one_rate_for_all)] = dict.fromkeys(GradeBand, 1.0)
    """适龄人口中在县内就学的比例：一个数，或逐年级段写"""
    boarding_rate: dict[GradeBand, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """预计寄宿的学生比例，逐年级段写，如 {G4-6: 0.1, G7-9: 0.35}；只用来估计所需床位，不改变分配"""
    min_cell_pupils: Annotated[float, Field(ge=0, le=5)] = 0.0
    """学生数低于此值的栅格并入最近的同乡镇栅格（人；0 为不合并）"""
    units: Literal["cells", "natural_villages"] = "cells"
    """规划单元：cells 逐个人口栅格；natural_villages 没有村表时按步行路程把栅格归并为自然村"""
    unit_radius_m: Annotated[float, Field(ge=50, le=5000)] = 500.0
    """自然村里的栅格离中心的步行路程不超过此值（米；上下坡按耗时折成平路）"""
    unit_min_pupils: Annotated[float, Field(ge=0, le=500)] = 5.0
    """学生少于此值的自然村，若各栅格都有别的中心在上述路程内，就分给它们（人；0 为不分）"""
    year: Annotated[int, Field(ge=1990, le=2100)] | None = None
    """推算到哪一年（秋季学期）：到这一年建成的住宅项目计入，人口按时点增龄到这一年；留空只计现有小区"""
    pupils_per_100_households: Annotated[
        dict[GradeBand, Annotated[float, Field(ge=0, le=200)]], filled_from(_PER_100_HOUSEHOLDS)
    ] = _PER_100_HOUSEHOLDS
    """小区每百户的学生数（人）。Source: 焦作 2019 千人指标（小学 80、初中 40）× 户均 2.62 人（第七次人口普查）"""
    groups_counted: Literal["added", "within"] = "added"
    """表中的随迁子女、特教学生数：added 在学生数之外另计；within 已含在学生数里（表头写“其中”的总按后者）"""
    migrant_share: Annotated[float, Field(ge=0, le=1)] | None = None
    """各表都没有随迁子女数时，学生中随迁子女的比例"""
    special_share: Annotated[float, Field(ge=0, le=0.2)] | None = None
    """各表都没有特教学生数时，学生中特殊教育学生的比例"""

    @property
    def uses_cells(self) -> bool:
        """Whether pupils are derived from, or spread over, the population raster."""
        return self.source == "raster" or (self.source == "townships" and self.spread_over == "cells")

    @model_validator(mode="after")
    def _date_with_year(self) -> Demand:
        if self.reference_date is not None and self.year is None:
            msg = "reference_date needs the school year: give year / 写了 reference_date，还须用 year 写明学年"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _youngest_do_not_board(self) -> Demand:
        if self.boarding_rate.get(GradeBand.G1_3, 0.0) > 0:
            msg = (
                "boarding_rate: grades 1-3 do not board (General Office 2018 No. 27) / "
                "boarding_rate：一至三年级不寄宿（国办发〔2018〕27号），请删去 G1-3"
            )
            raise ValueError(msg)
        return self
