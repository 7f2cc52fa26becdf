"""Population rasters as counted cells: read by window, clipped by area share, with the totals kept.

A population raster counts people in cells. Nothing is interpolated: every populated cell becomes a point with the
people of the part of the cell that lies inside the boundary. Cells on the boundary are split by area, so that the
counties of a partition share out exactly what the raster holds; so are the cells of rasters on other grids.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import CrsError, Flaw, InputError, Severity, Text, counted
from layout_planner.io.cell_grid import CellGrid
from layout_planner.io.crs import to_crs
from layout_planner.io.geometry import project
from layout_planner.io.raster_choice import check_cover, choose_grid, choose_sources
from layout_planner.io.raster_gather import Gathered, gather_cells
from layout_planner.io.raster_names import Unit
from layout_planner.io.raster_sources import Source, inspect_raster, raster_flaw

__all__ = ["RASTER_SUFFIXES", "Population", "raster_extent", "read_population"]

RASTER_SUFFIXES = (".tif", ".tiff", ".geotiff", ".img", ".asc", ".vrt", ".bil", ".flt", ".hgt", ".hgt.zip", ".adf")


@dataclass(frozen=True)
class Population:
    """What was read: one row a populated cell, the files used, and the flaws.

    ``cell_m`` is the side in metres of a square as large as a cell, ``cell_aspect`` a cell's height over its width.

    ``cells`` is ``None`` where a flaw of severity error stopped the reading.
    """

    cells: gpd.GeoDataFrame | None
    cell_m: float
    cell_aspect: float
    used: tuple[Path, ...]
    flaws: tuple[Flaw, ...]


def raster_extent(paths: Sequence[Path], *, declared: str | None = None) -> BaseGeometry | None:
    """Outline in WGS-84 what the rasters cover together; ``None`` if none can be read."""
    boxes = []
    for bands, _ in (inspect_raster(path, declared) for path in paths):
        with suppress(CrsError):  # a raster of the whole world reaches beyond its projection: it outlines no county
            boxes += [project(s.footprint(), s.system, "wgs84").item() for s in bands[:1]]
    return shapely.union_all(boxes) if boxes else None


def read_population(
    paths: Sequence[Path],
    boundary: BaseGeometry,
    crs: CRS,
    *,
    declared: str | None = None,
    unit: Unit | None = None,
) -> Population:
    """Read population rasters inside a boundary, keeping their totals.

    Parameters
    ----------
    paths : sequence of Path
        Age bands (by sex or not), or one total; one file a band, or bands of one file with descriptions; several
        tiles of each are joined. Names tell which (see :mod:`layout_planner.io.raster_names`). Rasters on different
        grids or in different systems are split, cell by cell and by area, to the finest of their grids.
    boundary : Polygon or MultiPolygon
        In WGS-84. Cells that it crosses are split by area share.
    crs : CRS
        Working CRS of the cells' centre points.
    declared : str, optional
        Coordinate system of rasters that carry none; wins over their own.
    unit : {"count", "per_km2", "per_ha"}, optional
        Persons a cell, or a density that is multiplied by each cell's area on the ellipsoid; by default what the
        names say, else persons a cell.

    Returns
    -------
    Population
        Columns ``cell_id`` (``r<row>c<column>`` of the whole raster, so that it does not change with the boundary),
        ``township_id`` (empty), ``people_<from>_<to>`` or ``people`` (persons, float) and ``geometry``.

    Notes
    -----
    Only the boundary's window is read, in windows of at most 500,000 cells: whatever the size of the files, reading
    takes at most 256 MiB of sums and GDAL's block cache (32 MiB, or two blocks of all bands). The result takes 8 bytes
    a populated cell and column and some 250 bytes a cell for its id and point, and up to three times the columns while
    it is put together.
    """
    sources: list[Source] = []
    flaws: list[Flaw] = []
    for path in sorted(paths):
        bands, more = inspect_raster(path, declared, unit)
        flaws += more
        sources += bands
    if _stopped(flaws) or not sources:
        return _nothing(flaws)
    try:
        parts = {s.path: s.part_of(boundary) for s in sources}
        sources, more = choose_sources(sources, parts)
        flaws += [*more, *check_cover(sources, parts, boundary)]
        if _stopped(flaws):
            return _nothing(flaws)
        near = [s for s in sources if not parts[s.path].is_empty]
        grid, system, more = choose_grid(near, boundary.point_on_surface())
        outline = project(boundary, "wgs84", system).item()
        found = gather_cells(near, grid, system, outline)
        flaws += [*more, *_check_values(near, found)]
    except CrsError as error:
        mend = Text("核对栅格的坐标系", "check the raster's coordinate system")
        return _nothing([*flaws, raster_flaw(sources[0].path, "raster_crs_wrong", error.message, mend)])
    except InputError as error:
        return _nothing([*flaws, *error.flaws])
    if _stopped(flaws):
        return _nothing(flaws)
    cells = _cell_frame(found.cells, grid, system, crs)
    cell_m, aspect = _cell_metres(grid, outline, system, crs)
    return Population(cells, cell_m, aspect, tuple(dict.fromkeys(s.path for s in near)), tuple(flaws))


def _stopped(flaws: Sequence[Flaw]) -> bool:
    return any(f.severity is Severity.ERROR for f in flaws)


def _nothing(flaws: Sequence[Flaw]) -> Population:
    return Population(None, 0.0, 1.0, (), tuple(flaws))


def _cell_frame(frame: pd.DataFrame, grid: CellGrid, system: str | CRS, crs: CRS) -> gpd.GeoDataFrame:
    """Make one point a cell, with its id and people by age."""
    rows, columns = frame.pop("row"), frame.pop("column")
    ids = pd.Series([f"r{r}c{c}" for r, c in zip(rows.tolist(), columns.tolist(), strict=True)], dtype="str")
    centres = to_crs(grid.points(columns + 0.5, rows + 0.5), system, crs)
    return gpd.GeoDataFrame(
        {"cell_id": ids, "township_id": pd.Series("", index=frame.index, dtype="str")}
        | {name: frame[name] for name in _merge_infants(frame)},
        geometry=shapely.points(centres),
        crs=crs,
    )


def _merge_infants(frame: pd.DataFrame) -> list[str]:
    """Join WorldPop's ages 0 and 1 to 4 to one five-year band; list the people columns by age."""
    if {"people_0_0", "people_1_4"} <= set(frame.columns):
        frame["people_0_4"] = frame.pop("people_0_0") + frame.pop("people_1_4")
    names = [c for c in frame.columns if c.startswith("people")]
    return sorted(names, key=lambda c: [int(part) for part in c.split("_")[1:]])


def _cell_metres(grid: CellGrid, outline: BaseGeometry, system: str | CRS, crs: CRS) -> tuple[float, float]:
    """Measure a cell in the middle of the county: the side of a square as large (metres), and height over width."""
    west, south, east, north = outline.bounds
    x, y = (west + east) / 2, (south + north) / 2
    corners = np.array([[x, y], [x + grid.dx, y], [x + grid.dx, y + grid.dy], [x, y + grid.dy]])
    placed = to_crs(corners, system, crs)
    width, height = (float(np.hypot(*(placed[i] - placed[0]))) for i in (1, 3))
    return float(np.sqrt(shapely.Polygon(placed).area)), height / width


def _check_values(sources: Sequence[Source], found: Gathered) -> list[Flaw]:
    """Report values that cannot be people, and rasters without any."""
    flaws = []
    for path, count in sorted(found.odd.items()):
        if count:
            what = Text(
                f"县内有 {count} 个像元为负数或大得不可能，按无人处理",
                f"{counted(count, 'cell')} in the county negative or absurdly large, counted as empty",
            )
            mend = Text("核对栅格的 NoData 值", "check the raster's nodata value")
            flaws.append(raster_flaw(path, "raster_odd_values", what, mend, Severity.WARNING))
    for path, count in sorted(found.full.items()):
        if count:
            what = Text(
                f"县内有 {count} 个像元恰为该数据类型的最大值，人数可能被截断，也可能是未声明的 NoData",
                f"{counted(count, 'cell holds', 'cells hold')} the largest number of the file's type: cut off, "
                "or undeclared nodata",
            )
            mend = Text(
                "用浮点型或更宽的整型重新导出，或声明 NoData 值",
                "export it as floating point or a wider integer, or declare the nodata value",
            )
            flaws.append(raster_flaw(path, "raster_saturated", what, mend, Severity.WARNING))
    if found.cells.empty:
        what = Text("栅格在本县范围内没有人口", "the raster holds nobody inside the county")
        mend = Text("换用有人口的栅格", "give a raster with people")
        flaws.append(raster_flaw(sources[0].path, "raster_empty", what, mend))
    return flaws
