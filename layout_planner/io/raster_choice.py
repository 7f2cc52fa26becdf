"""Which of a county's population rasters are used, and the grid on which they are brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.cell_grid import CellGrid, cell_areas
from layout_planner.io.crs import to_crs
from layout_planner.io.raster_sources import Source, raster_flaw

__all__ = ["Parts", "check_cover", "choose_grid", "choose_sources", "is_aligned"]

Parts = Mapping[Path, BaseGeometry]

_EXACT_CELLS = 0.01  # how far grids may lie apart over their whole extent and still be the same
_EQUAL_AREA = 1e-6  # cells of one size differ by less
_EDITION_SHARE, _SEAM_SHARE = 0.5, 0.001
_COVERED = 0.99


def choose_sources(sources: Sequence[Source], parts: Parts) -> tuple[list[Source], list[Flaw]]:
    """Take age bands before totals and both sexes before one; refuse two editions of one count.

    Parameters
    ----------
    sources : sequence of Source
    parts : mapping of Path to geometry
        What each raster covers of the county, in WGS-84.
    """
    flaws: list[Flaw] = []
    banded = [s for s in sources if s.name.low is not None]
    for path in dict.fromkeys(s.path for s in sources if s.name.low is None) if banded else []:
        what = Text("已有分年龄栅格，总人口栅格未用", "age-band rasters are there; the total was not used")
        mend = Text("无须处理", "nothing to do")
        flaws.append(raster_flaw(path, "raster_total_unused", what, mend, Severity.NOTE))
    chosen = banded or list(sources)
    both = {s.name.column for s in chosen if s.name.sex == "t"}
    chosen = [s for s in chosen if s.name.sex == "t" or s.name.column not in both]
    for column in sorted({s.name.column for s in chosen}):
        sexes = {s.name.sex for s in chosen if s.name.column == column}
        if sexes in ({"f"}, {"m"}):
            first = next(s for s in chosen if s.name.column == column)
            what = Text(f"{column} 只有一个性别的栅格", f"only one sex of {column} is there")
            mend = Text("补上另一个性别的栅格", "add the raster of the other sex")
            flaws.append(raster_flaw(first.path, "raster_sex_missing", what, mend))
    for i, a in enumerate(chosen):
        for b in chosen[:i]:
            if (a.name.column, a.name.sex) == (b.name.column, b.name.sex):
                flaws += _check_repeated(a, b, parts)
    return chosen, flaws


def _check_repeated(a: Source, b: Source, parts: Parts) -> list[Flaw]:
    """Tell two rasters of the same people from two tiles of one raster."""
    if _same_system(a.system, b.system) and a.grid.is_upright and b.grid.is_upright:
        one, two = a.footprint().bounds, b.footprint().bounds
        wide, tall = min(one[2], two[2]) - max(one[0], two[0]), min(one[3], two[3]) - max(one[1], two[1])
        share = 1.0 if wide > abs(a.grid.dx) / 2 and tall > abs(a.grid.dy) / 2 else 0.0
    else:
        least = min(parts[a.path].area, parts[b.path].area)
        share = shapely.intersection(parts[a.path], parts[b.path]).area / least if least > 0 else 0.0
    if share < _SEAM_SHARE:
        return []
    if share < _EDITION_SHARE:
        what = Text(
            f"与 {b.path.name} 的图幅重叠 {share:.1%}，重叠处若都有人口会重复计数",
            f"it overlaps {b.path.name} by {share:.1%}: people in both would count twice",
        )
        mend = Text("核对图幅接边处是否只有一幅有值", "check that only one of them holds people along the seam")
        return [raster_flaw(a.path, "raster_overlap", what, mend, Severity.WARNING)]
    which = Text(b.path.name, b.path.name) if a.path != b.path else Text(f"第 {b.band} 波段", f"band {b.band}")
    what = Text(
        f"与 {which.zh} 是同一人口的两个版本，会重复计数",
        f"{which.en} counts the same people: they would count twice",
    )
    mend = Text("在 data.population 里只列其中一个", "list only one of them in data.population")
    return [raster_flaw(a.path, "raster_repeated", what, mend)]


def _same_system(a: str | CRS, b: str | CRS) -> bool:
    if a == b:
        return True
    return isinstance(a, CRS) and isinstance(b, CRS) and a.equals(b, ignore_axis_order=True)


def is_aligned(source: Source, grid: CellGrid, system: str | CRS) -> bool:
    """Tell whether a raster's cells are cells of a grid."""
    if not (_same_system(source.system, system) and source.grid.is_upright and grid.is_upright):
        return False
    reach = max(source.width, source.height)
    column, row = grid.places(np.array([[source.grid.x0, source.grid.y0]]))[0]
    return bool(
        abs(source.grid.dx / grid.dx - 1) * reach < _EXACT_CELLS
        and abs(source.grid.dy / grid.dy - 1) * reach < _EXACT_CELLS
        and max(abs(row - round(row)), abs(column - round(column))) < _EXACT_CELLS
    )


def choose_grid(sources: Sequence[Source], middle: BaseGeometry) -> tuple[CellGrid, str | CRS, list[Flaw]]:
    """Choose the grid on which all rasters are brought together: the finest of those that are not rotated.

    Parameters
    ----------
    sources : sequence of Source
        Those that touch the county.
    middle : Point
        Where cells are measured, in WGS-84.

    Returns
    -------
    grid : CellGrid
        From the outermost corner of all rasters whose cells it shares.
    system : str or CRS
    flaws : list of Flaw
        A note where rasters on another grid are split to it.
    """
    able = [s for s in sources if s.grid.is_upright] or list(sources)
    sizes = np.array([_cell_size(s, middle) for s in able])
    finest = able[int(np.flatnonzero(sizes <= sizes.min() * (1 + _EQUAL_AREA))[0])]
    grid, system = finest.grid, finest.system
    if not grid.is_upright:
        side = float(np.sqrt(grid.cell_area))
        grid = CellGrid(grid.x0, grid.y0, side, -side)
    alike = [s for s in sources if is_aligned(s, grid, system)]
    corners = [grid.places(np.array([[s.grid.x0, s.grid.y0]])) for s in alike]
    column, row = np.round(np.concatenate(corners).min(axis=0)).astype(int) if corners else (0, 0)
    split = list(dict.fromkeys(s.path.name for s in sources if s not in alike))
    flaws = []
    if split:
        zh = "、".join(split[:3]) + (f" 等 {len(split)} 个文件" if len(split) > 3 else "")
        en = ", ".join(split[:3]) + (f" and {len(split) - 3} more" if len(split) > 3 else "")
        what = Text(
            f"{zh} 的格网与它不同（像元大小、起点、坐标系或方向），像元已按面积拆分到它的格网，总数不变",
            f"the grid of {en} differs (cell size, origin, system or direction): cells were split by area to the grid "
            "of this file, totals kept",
        )
        mend = Text("无须处理；各栅格同源同格网更好", "nothing to do; rasters of one source and grid are better")
        flaws.append(raster_flaw(finest.path, "raster_regridded", what, mend, Severity.NOTE))
    return grid.shifted(int(row), int(column)), system, flaws


def _cell_size(source: Source, middle: BaseGeometry) -> float:
    """Measure a source's cell at a place, in square metres."""
    place = to_crs(shapely.get_coordinates(middle), "wgs84", source.system)
    column, row = np.floor(source.grid.places(place)[0]).astype(int)
    return float(cell_areas(source.grid, source.system, (row, row + 1), (column, column + 1))[0, 0])


def check_cover(sources: Sequence[Source], parts: Parts, boundary: BaseGeometry) -> list[Flaw]:
    """Report rasters that miss the county or a part of it, the tiles of one count taken together."""
    tiles: dict[tuple[str, str], list[Source]] = {}
    for source in sources:
        tiles.setdefault((source.name.column, source.name.sex), []).append(source)
    known: dict[frozenset[bytes], float] = {}
    shares: dict[tuple[str, str], float] = {}
    for key, group in tiles.items():
        place = frozenset(parts[s.path].wkb for s in group)
        if place not in known:
            known[place] = shapely.union_all([parts[s.path] for s in group]).area / boundary.area
        shares[key] = known[place]
    worst = min(shares, key=lambda key: shares[key])
    first, share = tiles[worst][0], shares[worst]
    if share <= 0:
        west, south, east, north = first.footprint().bounds
        what = Text(
            f"栅格不在本县范围内（栅格：{west:.6g}—{east:.6g}, {south:.6g}—{north:.6g}）",
            f"the raster lies outside the county (it covers {west:.6g} to {east:.6g}, {south:.6g} to {north:.6g})",
        )
        mend = Text(
            "换用覆盖本县的栅格，或核对坐标系", "give a raster that covers the county, or check its coordinate system"
        )
        return [raster_flaw(first.path, "raster_elsewhere", what, mend)]
    if share < _COVERED:
        what = Text(f"栅格只覆盖县域的 {share:.1%}", f"the raster covers only {share:.1%} of the county")
        mend = Text("补上缺的图幅", "add the missing tiles")
        return [raster_flaw(first.path, "raster_partial", what, mend, Severity.WARNING)]
    return []
