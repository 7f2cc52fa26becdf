"""Block ``travel``: limits, speeds, seasons and what lies beside the roads."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr

from layout_planner.config.blocks import Block, Minutes, Speed, filled_from, no_number
from layout_planner.grades import GradeBand

__all__ = ["Season", "SeasonClosures", "Travel"]

_WALK_LIMIT = {GradeBand.G1_3: 30.0, GradeBand.G4_6: 40.0, GradeBand.G7_9: 60.0}
_RIDE_LIMIT = {GradeBand.G1_3: 30.0, GradeBand.G4_6: 40.0, GradeBand.G7_9: 50.0}
_WALK_SPEED = {GradeBand.G1_3: 3.3, GradeBand.G4_6: 3.9, GradeBand.G7_9: 4.5}

Share = Annotated[float, Field(ge=0, le=1)]


class SeasonClosures(Block):
    """一个季节里整类封闭的道路。"""

    ford: bool = False
    """涉水路面（ford）"""
    ferry: bool = False
    """渡口"""
    bridge_names: tuple[StrictStr, ...] = ()
    """封闭的桥，写道路名称"""


def _slowed(value: dict[str, float]) -> dict[str, float]:
    if value:
        from layout_planner.travel.closures import SLOW_GROUPS
        from layout_planner.travel.tags import HIGHWAYS

        unknown = sorted(set(value) - {*SLOW_GROUPS, *HIGHWAYS})
        if unknown:
            msg = f"no such road class / 没有这样的道路等级：{', '.join(unknown)}；可写 {', '.join(SLOW_GROUPS)}"
            raise ValueError(msg)
    return value


class Season(Block):
    """一个季节：哪些路断了、慢了、淹了，历时哪几个月。"""

    name: Annotated[StrictStr, Field(min_length=1, max_length=40)]
    """名称，如 汛期"""
    months: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(min_length=1)]
    """月份"""
    close_ways: tuple[Annotated[StrictStr, BeforeValidator(no_number)], ...] = ()
    """封闭的道路：名称或编号"""
    close: SeasonClosures = SeasonClosures()
    """整类封闭"""
    slow: Annotated[dict[str, Share], AfterValidator(_slowed)] = Field(default_factory=dict)
    """道路等级（或 unpaved、narrow、bridge、tunnel、all）: 剩余速度的比例，0 为不通，如 {unpaved: 0.5}"""
    raise_river_m: Annotated[float, Field(gt=0, le=50)] | None = None
    """河水上涨（米）：河边 100 米内低于此水位的道路（桥除外）不通，粗估；需有河流和地形数据"""
    raise_rivers: tuple[StrictStr, ...] = ()
    """只涨这些河（名称）；留空为全部"""


class Travel(Block):
    """路上的时间。按年级段的键只写要改的年级段即可，其余保持默认。"""

    walk_limit_min: Annotated[dict[GradeBand, Minutes], filled_from(_WALK_LIMIT)] = _WALK_LIMIT
    """步行时限（分钟）。Source: G1-3 国办发〔2018〕27号；其余为规划取值"""
    ride_limit_min: Annotated[dict[GradeBand, Minutes], filled_from(_RIDE_LIMIT)] = _RIDE_LIMIT
    """乘车时限（分钟，含候车）；某年级段写 null 表示不乘车"""
    ride_wait_min: Annotated[float, Field(ge=0, le=60)] = 10.0
    """乘车时步行到站、候车和上下车的时间（分钟）"""
    walk_speed_kmh: Annotated[dict[GradeBand, Speed], filled_from(_WALK_SPEED)] = _WALK_SPEED
    """步行速度（公里/小时）：55、65、75 米/分钟"""
    ride_speed_kmh: dict[str, Speed] = Field(default_factory=dict)
    """按道路等级覆盖乘车速度（公里/小时），如 {track: 15}"""
    ride_by: Literal["bus", "car", "ebike"] = "bus"
    """乘车指：bus 校车（法定限速）、car 家用车、ebike 家长的电动自行车；后两者请酌减 ride_wait_min"""
    ebike_speed_kmh: Annotated[float, Field(gt=0, le=25)] = 15.0
    """电动自行车平路速度（公里/小时）。Source: 道路交通安全法第五十八条；GB 17761 设计上限 25"""
    sharp_bends: bool = True
    """校车和汽车在急弯限速"""
    slope: bool = True
    """有地形数据时，步行和电动自行车按坡度计时（Tobler），校车和汽车在陡坡限速"""
    report_direction: Literal["worse", "to_school", "both"] = "worse"
    """上学与放学时间不同：worse 取较长者；to_school 只算上学；both 取较长者并另存两个方向"""
    speed_factor: Annotated[float, Field(ge=0.2, le=3)] = 1.0
    """路上各种速度一并乘以此数（住处到道路一段和候车不变）"""
    speed_range: Annotated[float, Field(ge=0, lt=0.8)] = 0.2
    """不确定性：速度上下浮动的比例，用于覆盖率的区间"""
    seasons: tuple[Season, ...] = ()
    """汛期、冰雪期等：道路封闭或变慢的月份"""
    off_road: Literal["straight", "surface"] = "straight"
    """道路以外怎么走：straight 直线乘绕行系数到最近道路；surface 按土地覆盖、坡度和河流逐格计时（需地形和土地覆盖）"""
    land_cover_legend: Literal["worldcover", "globeland30"] = "worldcover"
    """土地覆盖栅格的图例"""
    access_speed_kmh: Speed = 3.0
    """从住处到最近道路这一段的步行速度（公里/小时）"""
    access_detour: Annotated[float, Field(ge=1, le=3)] = 1.3
    """上述一段的绕行系数（实际路程 ÷ 直线距离）"""
    snap_limit_m: Annotated[float, Field(gt=0, le=20_000)] = 2000.0
    """住处离道路超过此距离（米）即报告为不可达，不强行拉近"""
    cutoff_min: Minutes = 120.0
    """超过此时间（分钟）不再搜索"""
    board_trips_per_week: Annotated[float, Field(gt=0, le=10)] = 2.0
    """寄宿生每周单程次数（走读为 10 次），用于折算日均时间"""
