"""Population rasters before they are read: what each band holds, and where it lies."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import rasterio
import shapely
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.cell_grid import CellGrid
from layout_planner.io.geometry import made_valid, project
from layout_planner.io.raster_names import RasterName, Unit, parse_band_names, parse_raster_name

__all__ = ["Source", "inspect_raster", "raster_flaw"]


@dataclass(frozen=True)
class Source:
    """One band of one raster: the ages, sex and unit that it holds, and its grid.

    ``blocks`` are the rows and columns that the file stores together.
    """

    path: Path
    band: int
    name: RasterName
    unit: Unit
    system: str | CRS
    grid: CellGrid
    height: int
    width: int
    blocks: tuple[int, int]

    def footprint(self) -> BaseGeometry:
        """Outline the raster in its own system."""
        return self.grid.outline(self.height, self.width)

    def part_of(self, area: BaseGeometry) -> BaseGeometry:
        """Cut out of an area in WGS-84 what the raster covers.

        Raises
        ------
        CrsError
            If the area has no place in the raster's system.
        """
        shape = made_valid(project(area, "wgs84", self.system)).item()
        return project(shapely.intersection(shape, self.footprint()), self.system, "wgs84").item()


def raster_flaw(path: Path, code: str, what: Text, mend: Text, severity: Severity = Severity.ERROR) -> Flaw:
    """Make a flaw of a raster; a raster in a folder of files is named by the folder."""
    name = path.parent.name if path.suffix.lower() == ".adf" else path.name
    return Flaw(code, what, mend, file=name, severity=severity)


def inspect_raster(path: Path, declared: str | None, unit: Unit | None = None) -> tuple[list[Source], list[Flaw]]:
    """Look at a raster's head: one source a band with people.

    Parameters
    ----------
    path : Path
    declared : str, optional
        Coordinate system; wins over the file's own.
    unit : {"count", "per_km2", "per_ha"}, optional
        What the values are; else what the names say.
    """
    if not path.is_file():
        what = Text("找不到文件", "the file does not exist")
        return [], [raster_flaw(path, "file_missing", what, Text("核对文件名和位置", "check the name and the folder"))]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as raster:
                flaws = _check_placed(path, raster, declared)
                if flaws:
                    return [], flaws
                return _list_bands(path, raster, declared, unit)
    except RasterioError as error:
        return [], [_unreadable(path, error)]


def _unreadable(path: Path, error: Exception) -> Flaw:
    what = Text(
        f"栅格读不出，文件可能不完整（{error}）", f"the raster cannot be read; the file may be truncated ({error})"
    )
    return raster_flaw(path, "raster_unreadable", what, Text("重新下载或复制该文件", "download or copy the file again"))


def _check_placed(path: Path, raster: rasterio.DatasetReader, declared: str | None) -> list[Flaw]:
    flaws = []
    if raster.crs is None and declared is None:
        what = Text("栅格不带坐标系", "the raster carries no coordinate system")
        mend = Text(
            "在情景文件 data.crs.population 中声明，如 EPSG:4326",
            "declare it in data.crs.population of the scenario, e.g. EPSG:4326",
        )
        flaws.append(raster_flaw(path, "raster_crs_missing", what, mend))
    if raster.transform.is_identity or raster.transform.is_degenerate:
        what = Text("栅格没有定位（没有起点和像元大小）", "the raster is not georeferenced (no origin, no cell size)")
        mend = Text("用 GIS 软件配准后另存", "georeference it in a GIS and save it again")
        flaws.append(raster_flaw(path, "raster_not_placed", what, mend))
    return flaws


def _list_bands(
    path: Path, raster: rasterio.DatasetReader, declared: str | None, unit: Unit | None
) -> tuple[list[Source], list[Flaw]]:
    t = raster.transform
    grid = CellGrid(t.c, t.f, t.a, t.e, t.b, t.d)
    system: str | CRS = declared or CRS.from_wkt(raster.crs.to_wkt())
    stem = path.parent.name if path.suffix.lower() == ".adf" else path.stem
    bands = [b for b, colour in zip(raster.indexes, raster.colorinterp, strict=True) if colour != ColorInterp.alpha]
    names: list[RasterName | None] = [parse_raster_name(stem)]
    if len(bands) > 1:
        names = parse_band_names([raster.descriptions[b - 1] or "" for b in bands], stem)
    unnamed = [b for b, name in zip(bands, names, strict=True) if name is None]
    flaws = []
    if unnamed:
        shown = "、".join(map(str, unnamed[:5])) + ("…" if len(unnamed) > 5 else "")
        what = Text(
            f"有 {len(bands)} 个波段，第 {shown} 波段没有写明年龄",
            f"of its {len(bands)} bands, {shown.replace('、', ', ')} do not say which ages they hold",
        )
        mend = Text(
            "给每个波段写上描述（如 F_5、5-9、总人口），或每个年龄组另存为一个文件",
            "describe every band (such as F_5, 5-9 or population), or save one file an age band",
        )
        flaws.append(raster_flaw(path, "raster_bands_unnamed", what, mend))
    sources = [
        Source(path, b, name, unit or name.unit, system, grid, raster.height, raster.width, raster.block_shapes[b - 1])
        for b, name in zip(bands, names, strict=True)
        if name is not None
    ]
    return sources, flaws + _note_unit(path, sources, unit)


def _note_unit(path: Path, sources: Sequence[Source], unit: Unit | None) -> list[Flaw]:
    """Say where a raster was read as a density, and warn where it says so and was declared a count."""
    said = next((s.name.unit for s in sources if s.name.unit != "count"), None)
    words = {"per_km2": Text("人/平方公里", "persons per km²"), "per_ha": Text("人/公顷", "persons per hectare")}
    if said is not None and unit is None:
        what = Text(
            f"文件名表明是人口密度，按{words[said].zh}乘以像元面积折算为人数",
            f"its name says that it is a density: read as {words[said].en}, times the area of each cell",
        )
        mend = Text(
            "不是密度时，在情景文件写 data.population_unit: count",
            "if it is none, write data.population_unit: count in the scenario",
        )
        return [raster_flaw(path, "raster_density", what, mend, Severity.NOTE)]
    if said is not None and unit == "count":
        what = Text("文件名像人口密度，按声明当作人数读取", "its name says density; it was read as counts, as declared")
        mend = Text("核对 data.population_unit", "check data.population_unit")
        return [raster_flaw(path, "raster_density", what, mend, Severity.WARNING)]
    return []
