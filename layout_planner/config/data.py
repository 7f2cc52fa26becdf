"""Block ``data``: where the files lie, and which coordinate system each of them is in."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator

from layout_planner.config.blocks import Block
from layout_planner.config.systems import system_name

__all__ = ["Crs", "CrsName", "Data", "TableCrs"]


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
    zones: Crs | None = None
    """现有学区图层坐标系（文件自带时留空）"""
    zone_edits: Crs | None = None
    """学区调整图层坐标系（文件自带时留空）"""
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
    township_pupils: Path | None = None
    """乡镇学生数表（乡镇、年级或年龄、人数），校准用；也可以是学校工作簿里名为“乡镇学生数”的工作表"""
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
    zones: Path | None = None
    """现有学区：带学校代码的多边形图层，或写明各村（片区）归哪所学校的表（xlsx/csv）；与现状比较时用"""
    zone_edits: Path | None = None
    """学区调整：带学校代码的多边形图层，住处在其中的划片单元改归该校"""
    village_enrolment: Path | None = None
    """各村就读情况（xlsx/csv）：村、学校、年级、人数；就近入学研究（命令 study）用"""
    forecast: Path | None = None
    """学生数预测表（xlsx/csv）：学年、村或乡镇、年级（段）、人数；方案据此测算今后各年的班额和学位"""
    claims: Path | None = None
    """各村入学类别人数表（xlsx/csv）：只有人数，没有姓名、身份证号；分批安排学位（assign.admission）时用"""
    lottery_roster: Path | None = None
    """派位报名表（xlsx/csv）：只有报名号，没有姓名、身份证号和成绩"""
    class_roster: Path | None = None
    """分班名册（xlsx/csv）：报名号、性别、同胞"""
    place: str | None = None
    """从 OpenStreetMap 按地名下载道路（联网）"""
    crs: TableCrs = TableCrs()
    """各表坐标系"""
    working_crs: Crs | None = None
    """量算用投影坐标系；留空则按县的位置自动选取"""
