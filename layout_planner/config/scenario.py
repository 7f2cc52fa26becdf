"""The scenario: everything a person decides before the computer starts, as frozen data.

Every key has a default that a careful planner would choose, its unit in its name, and a Chinese description.
Unknown keys are refused. :func:`layout_planner.config.loader.load_scenario` reads one from YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from html import escape
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictStr,
    model_validator,
)

from layout_planner.config.systems import system_name
from layout_planner.grades import GradeBand

__all__ = [
    "Assign",
    "Change",
    "Classes",
    "CrsName",
    "Data",
    "Decisions",
    "Demand",
    "Output",
    "Publish",
    "Scenario",
    "Season",
    "SeasonClosures",
    "TableCrs",
    "Travel",
]

Minutes = Annotated[float, Field(gt=0, le=600)]
Speed = Annotated[float, Field(gt=0, le=120)]


def _no_number(value: object) -> object:
    if isinstance(value, (int, float)):
        msg = "write a code in quotes, or its leading zeros are lost / 代码请加引号，否则前导零会丢失"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns ValueError into a located error
    if isinstance(value, str) and value and value[0] in "“”‘’＂":
        msg = 'the quotes are Chinese ones: write " / 引号是中文引号，改为半角引号 "'
        raise ValueError(msg)
    return value


SchoolId = Annotated[StrictStr, BeforeValidator(_no_number), Field(min_length=1)]


class Block(BaseModel):
    """Base of every block: frozen, and refusing unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, validate_default=True)


@dataclass(frozen=True)
class Change:
    """One key that was overridden: by which file or option, from what, to what (as YAML would spell them)."""

    key: str
    old: str
    new: str
    source: str


class CrsName(StrEnum):
    """Coordinate systems that Chinese tables come in, besides any ``EPSG:n``."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def _crs(value: object) -> object:
    if isinstance(value, (str, int)) and (name := system_name(str(value))):
        return name
    msg = (
        "one of wgs84, cgcs2000, gcj02 (Amap, Tencent), bd09 (Baidu), webmercator, EPSG:n, or a Gauss-Krüger grid such "
        "as “cgcs2000 3度带 37带” or “cgcs2000 中央经线111” / "
        "只能是 wgs84、cgcs2000（天地图）、gcj02（高德、腾讯）、bd09（百度）、webmercator、EPSG:编号，"
        "或写明投影带，如“cgcs2000 3度带 37带”（横坐标带带号）、“cgcs2000 中央经线111”（不带带号）"
    )
    raise ValueError(msg)


Crs = Annotated[str, BeforeValidator(_crs)]


class TableCrs(Block):
    """坐标系，逐表声明，绝不猜测：wgs84、cgcs2000、gcj02、bd09、webmercator、EPSG:编号，或“cgcs2000 3度带 37带”。

    A file that carries its own CRS (GeoTIFF, GeoPackage, GeoJSON, .prj) needs none here.
    """

    schools: Crs = "wgs84"
    """学校表坐标系"""
    villages: Crs = "wgs84"
    """村表坐标系"""
    boundary: Crs | None = None
    """县界坐标系（文件自带时留空）"""
    townships: Crs | None = None
    """乡镇界坐标系（文件自带时留空）"""
    rivers: Crs | None = None
    """河流图层坐标系（文件自带时留空）"""
    projects: Crs = "wgs84"
    """小区与建设项目表坐标系"""
    buildings: Crs | None = None
    """建筑图层坐标系（文件自带时留空；OSM 文件恒为 wgs84）"""
    roads: Crs | None = None
    """道路矢量坐标系（文件自带时留空；OSM 文件恒为 wgs84）"""
    population: Crs | None = None
    """人口栅格坐标系（文件自带时留空）"""
    terrain: Crs | None = None
    """数字高程坐标系（文件自带时留空）"""


class Data(Block):
    """数据：一个文件夹（按惯用名查找各文件），或逐个指定。"""

    folder: Path | None = None
    """数据文件夹，相对路径从情景文件所在处算起"""
    boundary: Path | None = None
    """县界多边形"""
    townships: Path | None = None
    """乡镇多边形"""
    villages: Path | None = None
    """村表（xlsx/csv）或点图层"""
    schools: Path | None = None
    """学校表（xlsx/csv）"""
    roads: Path | None = None
    """道路：.osm .osm.pbf .graphml .gpkg .shp .geojson"""
    rivers: Path | None = None
    """河流图层，只画在地图上"""
    projects: Path | None = None
    """住宅小区与建设项目表（xlsx/csv）或图层"""
    buildings: Path | None = None
    """建筑：.osm.pbf .osm 或面、点图层；把乡镇学生摊到居住建筑时用"""
    population: tuple[Path, ...] = ()
    """人口栅格，可多个（五岁年龄组各一个或各一个波段，或一个总人口）"""
    population_unit: Literal["count", "per_km2", "per_ha"] | None = None
    """人口栅格的值：count 每像元人数，per_km2 每平方公里人数，per_ha 每公顷人数；留空则按文件名判断（默认 count）"""
    terrain: Path | None = None
    """数字高程（米）：步行按坡度计时，校车在陡坡限速"""
    land_cover: Path | None = None
    """土地覆盖栅格（WorldCover 或 GlobeLand30 的类别码），用于道路以外的步行"""
    place: str | None = None
    """从 OpenStreetMap 按地名下载道路（联网）"""
    crs: TableCrs = TableCrs()
    """各表坐标系"""
    working_crs: Crs | None = None
    """量算用投影坐标系；留空则按县的位置自动选取"""


def _filled_from(defaults: Mapping[GradeBand, float]) -> BeforeValidator:
    """Let a mapping by band name only the bands that it changes; ``null`` takes a band out."""

    def fill(value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        merged = {**{band.value: number for band, number in defaults.items()}, **{str(k): v for k, v in value.items()}}
        return {band: number for band, number in merged.items() if number is not None}

    return BeforeValidator(fill)


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
    school_age_share: Annotated[dict[GradeBand, Annotated[float, Field(gt=0, lt=1)]], _filled_from(_SHARE)] = _SHARE
    """只有总人口栅格时，各年级段占总人口的比例"""
    enrolment_rate: Annotated[dict[GradeBand, Rate], BeforeValidator(_one_rate_for_all)] = dict.fromkeys(GradeBand, 1.0)
    """适龄人口中在县内就学的比例：一个数，或逐年级段写"""
    boarding_rate: dict[GradeBand, Annotated[float, Field(ge=0, le=1)]] = {}
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
        dict[GradeBand, Annotated[float, Field(ge=0, le=200)]], _filled_from(_PER_100_HOUSEHOLDS)
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


_WALK_LIMIT = {GradeBand.G1_3: 30.0, GradeBand.G4_6: 40.0, GradeBand.G7_9: 60.0}
_RIDE_LIMIT = {GradeBand.G1_3: 30.0, GradeBand.G4_6: 40.0, GradeBand.G7_9: 50.0}
_WALK_SPEED = {GradeBand.G1_3: 3.3, GradeBand.G4_6: 3.9, GradeBand.G7_9: 4.5}


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
    close_ways: tuple[Annotated[StrictStr, BeforeValidator(_no_number)], ...] = ()
    """封闭的道路：名称或编号"""
    close: SeasonClosures = SeasonClosures()
    """整类封闭"""
    slow: Annotated[dict[str, Annotated[float, Field(ge=0, le=1)]], AfterValidator(_slowed)] = {}
    """道路等级（或 unpaved、narrow、bridge、tunnel、all）: 剩余速度的比例，0 为不通，如 {unpaved: 0.5}"""
    raise_river_m: Annotated[float, Field(gt=0, le=50)] | None = None
    """河水上涨（米）：河边 100 米内低于此水位的道路（桥除外）不通，粗估；需有河流和地形数据"""
    raise_rivers: tuple[StrictStr, ...] = ()
    """只涨这些河（名称）；留空为全部"""


class Travel(Block):
    """路上的时间。按年级段的键只写要改的年级段即可，其余保持默认。"""

    walk_limit_min: Annotated[dict[GradeBand, Minutes], _filled_from(_WALK_LIMIT)] = _WALK_LIMIT
    """步行时限（分钟）。Source: G1-3 国办发〔2018〕27号；其余为规划取值"""
    ride_limit_min: Annotated[dict[GradeBand, Minutes], _filled_from(_RIDE_LIMIT)] = _RIDE_LIMIT
    """乘车时限（分钟，含候车）；某年级段写 null 表示不乘车"""
    ride_wait_min: Annotated[float, Field(ge=0, le=60)] = 10.0
    """乘车时步行到站、候车和上下车的时间（分钟）"""
    walk_speed_kmh: Annotated[dict[GradeBand, Speed], _filled_from(_WALK_SPEED)] = _WALK_SPEED
    """步行速度（公里/小时）：55、65、75 米/分钟"""
    ride_speed_kmh: dict[str, Speed] = {}
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


class Classes(Block):
    """班额上限（人/班）。Source: GB 50099-2011 3.0.1."""

    primary: Annotated[int, Field(ge=1, le=80)] = 45
    """完全小学"""
    junior: Annotated[int, Field(ge=1, le=80)] = 50
    """初中"""
    incomplete_primary: Annotated[int, Field(ge=1, le=80)] = 30
    """非完全小学（教学点）"""


class Assign(Block):
    """学生分到哪所学校。"""

    method: Literal["nearest", "capacitated"] = "nearest"
    """nearest 就近（不看学位）；capacitated 学位约束下总时间最小"""
    closest_first: bool = False
    """学位约束下，近处有空位就不得舍近求远（否则求总时间最小）"""


class Decisions(Block):
    """人已经决定的事：谁关、谁开、谁改为教学点、谁寄宿。"""

    close: tuple[SchoolId, ...] = ()
    """撤并的学校代码"""
    open: tuple[SchoolId, ...] = ()
    """恢复或启用的学校代码（学校表中状态为停办或拟建者）"""
    convert_to_teaching_point: tuple[SchoolId, ...] = ()
    """改为教学点（只留一至三年级）的学校代码"""
    board: dict[SchoolId, Annotated[int, Field(ge=0, le=20_000)]] = {}
    """学校代码: 寄宿床位数"""
    add_classrooms: dict[SchoolId, Annotated[int, Field(ge=0, le=500)]] = {}
    """学校代码: 新增教室间数"""

    @model_validator(mode="after")
    def _one_decision_a_school(self) -> Decisions:
        closed = set(self.close)
        for name in ("open", "convert_to_teaching_point", "board", "add_classrooms"):
            both = sorted(closed & set(getattr(self, name)))
            if both:
                msg = f"closed and also in {name} / 既撤并又列入 {name}：{', '.join(both)}"
                raise ValueError(msg)
        return self


class Publish(Block):
    """地图和报告上写明的出版信息。"""

    date: StrictStr = ""
    """数据日期，如 2025年9月"""
    source: StrictStr = ""
    """数据来源"""
    approval: StrictStr = "内部资料 未审"
    """审图号；公开前须送审（地图管理条例）"""
    min_pupils: Annotated[int, Field(ge=0, le=1000)] = 5
    """地图上一个地点的学生少于此数时不写人数（人）"""


class Output(StrEnum):
    """What a run writes."""

    MAP = "map"
    TABLES = "tables"
    REPORT = "report"


class Scenario(Block):
    """一个情景。"""

    name: Annotated[StrictStr, Field(min_length=1, max_length=60)]
    """情景名称"""
    title_en: StrictStr = ""
    """英文名称"""
    note: StrictStr = ""
    """说明，写进报告"""
    based_on: StrictStr | None = None
    """继承的情景文件"""
    data: Data
    """数据"""
    demand: Demand = Demand()
    """学生"""
    travel: Travel = Travel()
    """出行"""
    classes: Classes = Classes()
    """班额"""
    assign: Assign = Assign()
    """分配"""
    decisions: Decisions = Decisions()
    """决定"""
    layout: None = None
    """优化器可以决定的事；null 表示只按上面的决定办"""
    rules: tuple[StrictStr, ...] = ("cn.gbf2018-27", "cn.gb50099-2011", "cn.class-bands")
    """检查所依据的规则集"""
    publish: Publish = Publish()
    """出版信息"""
    outputs: tuple[Output, ...] = (Output.MAP, Output.TABLES, Output.REPORT)
    """输出内容"""
    seed: Annotated[int, Field(ge=0)] = 0
    """随机种子"""

    _changes: tuple[Change, ...] = PrivateAttr(default=())
    _files: tuple[Path, ...] = PrivateAttr(default=())
    _places: dict[tuple[str | int, ...], tuple[str, int]] = PrivateAttr(default={})

    @property
    def changes(self) -> tuple[Change, ...]:
        """What this scenario changes against the one that it is based on, and what overrides changed in it."""
        return self._changes

    @property
    def files(self) -> tuple[Path, ...]:
        """Scenario files that were read, this one first, then the ones that it is based on."""
        return self._files

    def place(self, *key: str | int) -> tuple[str, int] | None:
        """Find the file and line that set a key, as ``place("decisions", "close")``; ``None`` for a default."""
        return self._places.get(key)

    def __repr__(self) -> str:
        decided = sum(len(getattr(self.decisions, name)) for name in type(self.decisions).model_fields)
        base = f", based on {self.based_on}" if self.based_on else ""
        return (
            f"<Scenario {self.name!r}{base}: demand from {self.demand.source}, assignment {self.assign.method}, "
            f"{decided} decisions, {len(self.changes)} changes>"
        )

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.name)}</b> {escape(self.title_en)}<br>{escape(self.note)}"
        facts = f"demand: {self.demand.source} · assign: {self.assign.method} · rules: {', '.join(self.rules)}"
        changes = "".join(
            f"<tr><td>{escape(c.key)}</td><td>{escape(c.old)}</td><td>{escape(c.new)}</td></tr>" for c in self.changes
        )
        titles = "<tr><th>key</th><th>old</th><th>new</th></tr>"
        return f"{head}<br>{escape(facts)}" + (f"<table>{titles}{changes}</table>" if changes else "")
