"""What reading a county keeps along the way, its further sheets, and the layers beside its tables: rivers, ground."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.columns import Table
from layout_planner.config.scenario import Scenario
from layout_planner.errors import Flaw, Text
from layout_planner.io.cache import sha256_file
from layout_planner.io.county import InputFile
from layout_planner.io.files import USUAL_NAMES, Files
from layout_planner.io.geometry import project
from layout_planner.io.grids import TEXT_SUFFIXES, WORKBOOK_SUFFIXES
from layout_planner.io.ground import read_surface
from layout_planner.io.loaded import Loaded, empty_frame
from layout_planner.io.tables import find_sheet, load_table
from layout_planner.io.vector import VECTOR_SUFFIXES, read_lines
from layout_planner.travel.surface import Surface

__all__ = ["Reading", "read_ground", "read_rivers", "read_sheet"]


_TABLES = (*WORKBOOK_SUFFIXES, *TEXT_SUFFIXES)
_IN_TABLES = ("schools", "villages", "township_pupils")
_NAMED = 6


@dataclass(eq=False)
class Reading:
    """What has been read so far, and every flaw met."""

    scenario: Scenario
    files: Files
    flaws: list[Flaw] = field(default_factory=list)
    inputs: list[InputFile] = field(default_factory=list)
    name: str = ""

    def use(self, role: str, path: Path) -> str:
        """Note that a file was used; give its SHA-256 (empty for a missing file)."""
        if not path.is_file():
            return ""
        found = next((f for f in self.inputs if f.path == path), None)
        digest = found.sha256 if found else sha256_file(path)
        if not any(f.role == role and f.path == path for f in self.inputs):
            self.inputs.append(InputFile(role, path, digest))
        return digest

    def missing(self, role: str, zh: str, mend_zh: str, mend_en: str) -> None:
        """Note that a file is needed and absent."""
        where = self.files.folder
        names = f"{where.name}/" if where else ""
        what = Text(f"数据里没有{zh}（{names}{role}.*）", f"there is no {role} file ({names}{role}.*)")
        known = USUAL_NAMES.get(role, ((), ()))[0]
        entries = sorted(where.iterdir()) if where and where.is_dir() else []
        odd = [p.name for p in entries if p.stem.lower() in known]
        if odd:
            what = Text(f"{what.zh}；{'、'.join(odd)} 的格式读不了", f"{what.en}; {', '.join(odd)} cannot be read")
        used = {*odd, *(p.name for p in self.files.paths.values() if p is not None)}
        tables = [p.name for p in entries if p.suffix.lower() in _TABLES and p.name not in used]
        if tables and role in _IN_TABLES:
            names = "、".join(tables[:_NAMED]) + ("等" if len(tables) > _NAMED else "")
            what = Text(f"{what.zh}；没有用到的表格：{names}", f"{what.en}; tables not used: {names}")
        self.flaws.append(Flaw("file_missing", what, Text(mend_zh, mend_en), key=f"data.{role}"))


def read_ground(reading: Reading, boundary: gpd.GeoDataFrame, rivers: gpd.GeoDataFrame | None) -> Surface | None:
    """Read the ground beside the roads where the scenario wants to walk on it."""
    if reading.scenario.travel.off_road != "surface":
        return None
    paths = {role: reading.files[role] for role in ("terrain", "land_cover")}
    for role, path in paths.items():
        if path is None:
            reading.missing(
                role,
                {"terrain": "地形", "land_cover": "土地覆盖"}[role],
                f"放入 {role} 栅格，或把 travel.off_road 改为 straight",
                f"add a {role} raster, or set travel.off_road to straight",
            )
        else:
            reading.use(role, path)
    terrain, land_cover = paths["terrain"], paths["land_cover"]
    if terrain is None or land_cover is None:
        return None
    legend = reading.scenario.travel.land_cover_legend
    surface, flaws = read_surface(terrain, land_cover, boundary, rivers, legend=legend)
    reading.flaws += flaws
    return surface


def read_rivers(reading: Reading, boundary: BaseGeometry, crs: CRS) -> gpd.GeoDataFrame | None:
    """Read the rivers that maps show, cut to the county; a layer that cannot be read is a warning only."""
    path = reading.files["rivers"]
    if path is None:
        return None
    reading.use("rivers", path)
    lines, flaws = read_lines(path, declared=reading.scenario.data.crs.rivers)
    reading.flaws += flaws
    if lines is None:
        return None
    lines = lines.set_geometry(project(lines.geometry.to_numpy(), "wgs84", crs), crs=crs)
    return lines.clip(boundary, keep_geom_type=True).sort_index().reset_index(drop=True)


def read_sheet(reading: Reading, table: Table) -> Loaded:
    """Read a table that has a file of its own or is a sheet of the school workbook.

    A sheet is known by the table's required columns; where it has none, by its name.
    """
    path, schools = reading.files[table.name], reading.files["schools"]
    if path is not None:
        reading.use(table.name, path)
        return load_table(path, table)
    if schools is not None and schools.suffix.lower() not in VECTOR_SUFFIXES and (sheet := find_sheet(schools, table)):
        if any(column.required for column in table):
            return load_table(schools, table)
        if table.is_named(sheet):
            return load_table(schools, table, sheet=sheet)
    return Loaded(table, empty_frame(table), "")
