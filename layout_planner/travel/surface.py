"""The friction surface: how fast one moves over every cell, where most paths are on no map.

Land cover gives each cell a speed and a mode; barriers close cells; roads are burnt in over both, so that a bridge
opens a river; closures shut whatever lies under them. Slope comes in when a search asks for the time of a move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from affine import Affine
from pyproj import CRS
from rasterio.errors import RasterioIOError
from rasterio.features import rasterize
from rasterio.warp import Resampling, reproject
from ruamel.yaml import YAML

from layout_planner.errors import CrsError, Flaw, InputError, Severity, Text
from layout_planner.travel.geodesy import projected_crs
from layout_planner.travel.surface_slope import Cyclist, SlopeCurve

__all__ = ["CellMode", "Raster", "SpeedClass", "Surface", "build_surface", "land_cover_sources",
           "land_cover_speeds"]  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Touched = Literal["all", "lines", "none"]

NO_CLASS = -1


class CellMode(IntEnum):
    """How one moves over a cell: not at all, on foot (Tobler), by bicycle (power), or at one speed up and down."""

    CLOSED = 0
    WALK = 1
    CYCLE = 2
    LEVEL = 3


@dataclass(frozen=True)
class SpeedClass:
    """Speed on the flat (km/h) and mode of one class of land cover or road; 0 km/h closes it."""

    kmh: float
    mode: CellMode = CellMode.WALK


@dataclass(frozen=True, eq=False)
class Raster:
    """Values (rows, columns) with the affine transform and the CRS that place them; masked where ``nodata``."""

    values: npt.NDArray[Any]
    transform: Affine
    crs: CRS
    nodata: float | None = None

    @classmethod
    def read(cls, path: Path) -> Raster:
        """Read the first band of a raster file.

        Raises
        ------
        InputError
            The file cannot be read, or says not where it lies.
        """
        try:
            with rasterio.open(path) as source:
                if source.crs is None:
                    raise _bad_raster(path, Text("栅格没有坐标系", "the raster has no coordinate system"))
                return cls(source.read(1), source.transform, CRS.from_user_input(source.crs), source.nodata)
        except RasterioIOError as error:
            raise _bad_raster(path, Text("无法读取栅格", "the raster cannot be read")) from error

    @property
    def valid(self) -> Mask:
        """Tell which cells hold a value."""
        held = ~np.isnan(self.values) if self.values.dtype.kind == "f" else np.ones(self.values.shape, dtype=bool)
        if self.nodata is not None and not np.isnan(self.nodata):
            held &= self.values != self.nodata
        return held


@dataclass(frozen=True, eq=False)
class Surface:
    """A grid of cells with height, speed and mode.

    Attributes
    ----------
    transform : Affine
        North-up: from (column, row) to metres in ``crs``.
    crs : CRS
        Projected, metres.
    elevation : (rows, columns) float32
        Metres; nan where unknown. A move to or from such a cell counts as flat.
    speed_kmh : (rows, columns) float32
        Speed on the flat; 0 where closed.
    mode : (rows, columns) uint8
        :class:`CellMode` of each cell.
    land_class : (rows, columns) int32
        Class of land cover or road that each cell got, -1 where closed: for checks and maps.
    barrier : (rows, columns) bool
        Cells that a barrier or a closure shut.
    cycling : SlopeCurve
        Speeds of cycling classes on slopes.
    checks : tuple of Flaw
        What was noticed while building.
    """

    transform: Affine
    crs: CRS
    elevation: npt.NDArray[np.float32]
    speed_kmh: npt.NDArray[np.float32]
    mode: npt.NDArray[np.uint8]
    land_class: npt.NDArray[np.int32]
    barrier: Mask
    cycling: SlopeCurve = field(default_factory=Cyclist)
    checks: tuple[Flaw, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""
        return self.speed_kmh.shape[0], self.speed_kmh.shape[1]

    @property
    def cell_m(self) -> tuple[float, float]:
        """Width and height of a cell in metres."""
        return float(self.transform.a), float(-self.transform.e)

    def cell_at(self, xy: Floats) -> Ints:
        """Give the position (row * columns + column) of the cell under each of k points (k, 2), -1 outside."""
        xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        rows, columns = self.shape
        column = np.floor((xy[:, 0] - self.transform.c) / self.transform.a)
        row = np.floor((xy[:, 1] - self.transform.f) / self.transform.e)
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        return np.where(inside, np.where(inside, row, 0) * columns + np.where(inside, column, 0), -1).astype(np.int64)

    def centre(self, cell: Ints) -> Floats:
        """Give the middles (k, 2) of cells in metres."""
        row, column = np.divmod(np.asarray(cell, dtype=np.int64), self.shape[1])
        x = self.transform.c + (column + 0.5) * self.transform.a
        y = self.transform.f + (row + 0.5) * self.transform.e
        return np.column_stack([x, y])

    def __repr__(self) -> str:
        rows, columns = self.shape
        share = float((self.mode != CellMode.CLOSED).mean()) if self.mode.size else 0.0
        size = f"{rows:,} × {columns:,} cells of {self.cell_m[0]:g} m"
        return f"Surface({size}, {share:.0%} open, {self.crs.to_string()})"


def build_surface(
    dem: Path | Raster, land_cover: Path | Raster, speeds: Mapping[int, SpeedClass], *,
    roads: gpd.GeoDataFrame | None = None, road_class: str = "class", barriers: gpd.GeoDataFrame | None = None,
    closures: gpd.GeoDataFrame | None = None, touched: Touched = "all", cycling: SlopeCurve | None = None,
) -> Surface:  # fmt: skip
    """Build a friction surface on the grid of the land cover.

    Parameters
    ----------
    dem : Path or Raster
        Elevation in metres; resampled (bilinear) where its grid is another.
    land_cover : Path or Raster
        Classes; cells without data are closed.
    speeds : mapping of class to SpeedClass
        For every class of land cover and road.
    roads : GeoDataFrame, optional
        Lines with their class in the column ``road_class``. Where several share a cell, the fastest wins.
    barriers : GeoDataFrame, optional
        Lines or areas that nobody crosses but on a road: rivers, cliffs, lakes.
    closures : GeoDataFrame, optional
        Lines or areas where roads are closed too: restricted ground, a flood, a pass in winter.
    touched : {"all", "lines", "none"}
        What takes every cell that it touches: lines and areas, or lines only (areas then take the cells whose middle
        they hold, as in AccessMod), or nothing (diagonal moves then slip through a river).
    cycling : SlopeCurve, optional
        Speeds of cycling classes on slopes; by default :class:`Cyclist`.

    Raises
    ------
    InputError
        A class has no speed, a speed is no number, or a raster is turned or unreadable.
    CrsError
        The land cover is in degrees, or vectors have no coordinate system.
    """
    cover = land_cover if isinstance(land_cover, Raster) else Raster.read(land_cover)
    heights = dem if isinstance(dem, Raster) else Raster.read(dem)
    crs = projected_crs(cover.crs)
    if cover.transform.b or cover.transform.d or cover.transform.a <= 0 or cover.transform.e >= 0:
        raise InputError(Text("土地覆盖栅格不是正北朝上", "the land cover raster is not north-up; warp it first"))
    roads = None if roads is None else _placed(roads, crs, "roads")
    _check_speeds(cover, speeds, roads, road_class)
    land_class = np.where(cover.valid, cover.values, 0).astype(np.int32)
    land_class[~cover.valid] = NO_CLASS
    shut = _burn(_placed(barriers, crs, "barriers"), cover, touched)
    land_class[shut] = NO_CLASS
    if roads is not None and len(roads):
        burnt = _burn_roads(roads, road_class, speeds, cover, touched != "none")
        land_class = np.where(burnt != NO_CLASS, burnt, land_class)
        shut &= burnt == NO_CLASS
    closed = _burn(_placed(closures, crs, "closures"), cover, touched)
    land_class[closed] = NO_CLASS
    speed, mode = _speeds_of(land_class, speeds)
    elevation = _on_grid(heights, cover)
    return Surface(cover.transform, crs, elevation, speed, mode, land_class, shut | closed, cycling or Cyclist(),
                   tuple(_height_checks(elevation, mode)))  # fmt: skip


def land_cover_speeds(legend: str = "worldcover") -> dict[int, SpeedClass]:
    """Give walking speeds for a land cover legend ("worldcover", "globeland30") and for roads (1001) and paths (1002).

    Raises
    ------
    InputError
        There is no such legend.
    """
    table = _table()
    if legend not in table["legends"]:
        known = ", ".join(table["legends"])
        raise InputError(Text(f"没有土地覆盖图例 {legend}，可用 {known}", f"no land cover {legend}; use {known}"))
    rows = {**table["legends"][legend], **table["ways"]}
    return {int(code): SpeedClass(float(row["kmh"]), CellMode[row["mode"].upper()]) for code, row in rows.items()}


def land_cover_sources() -> dict[str, str]:
    """Give the source behind every figure of the land cover table, by its key, with its confidence."""
    return {key: f"[{row['confidence']}] {row['text']}" for key, row in _table()["sources"].items()}


@cache
def _table() -> dict[str, Any]:
    text = files("layout_planner.travel").joinpath("landcover.yaml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


def _bad_raster(path: Path, what: Text) -> InputError:
    mend = Text("换一个带坐标系的 GeoTIFF", "give a GeoTIFF that says where it lies")
    return InputError.collect([Flaw("bad_raster", what, mend, file=path.name)])


def _placed(frame: gpd.GeoDataFrame | None, crs: CRS, name: str) -> gpd.GeoDataFrame:
    """Move vectors to the CRS of the grid."""
    if frame is None:
        return gpd.GeoDataFrame(geometry=[], crs=crs)
    if frame.crs is None:
        raise CrsError(Text(f"{name} 没有坐标系", f"{name} have no coordinate system"))
    kept = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    return kept if kept.crs == crs else kept.to_crs(crs)


def _check_speeds(
    cover: Raster, speeds: Mapping[int, SpeedClass], roads: gpd.GeoDataFrame | None, road_class: str
) -> None:
    used = {int(code): "land cover" for code in np.unique(cover.values[cover.valid])}
    if roads is not None:
        used |= {int(code): "roads" for code in sorted(set(roads[road_class]))}
    flaws = []
    for code, where in sorted(used.items()):
        if code not in speeds:
            what = Text(f"类别 {code}（{where}）没有速度", f"class {code} ({where}) has no speed")
            mend = Text("在速度表中加上它，速度 0 表示不可通行", "add it to the speeds; 0 km/h closes it")
            flaws.append(Flaw("class_without_speed", what, mend))
    for code, row in sorted(speeds.items()):
        if not (np.isfinite(row.kmh) and row.kmh >= 0):
            what = Text(f"类别 {code} 的速度 {row.kmh} 不可用", f"the speed {row.kmh} of class {code} is no speed")
            flaws.append(Flaw("bad_speed", what, Text("写成千米/小时", "write km/h")))
    if flaws:
        raise InputError.collect(flaws)


def _burn(frame: gpd.GeoDataFrame, grid: Raster, touched: Touched) -> Mask:
    """Mark the cells that any of the geometries covers."""
    burnt = np.zeros(grid.values.shape, dtype=np.uint8)
    areas = shapely.get_dimensions(frame.geometry.to_numpy()) == 2
    for part, every in ((areas, touched == "all"), (~areas, touched != "none")):
        if part.any():
            rasterize(list(frame.geometry[part]), out=burnt, transform=grid.transform, all_touched=every)
    return burnt.astype(bool)


def _burn_roads(
    roads: gpd.GeoDataFrame, road_class: str, speeds: Mapping[int, SpeedClass], grid: Raster, all_touched: bool
) -> npt.NDArray[np.int32]:
    """Give the class of the fastest road of each cell (of equally fast ones the least class), or -1."""
    codes = roads[road_class].astype(int).to_numpy()
    kmh = np.array([speeds[code].kmh for code in codes])
    order = np.lexsort((-codes, kmh))  # what is burnt last stays
    lines = roads.geometry.to_numpy()[order]
    burnt = rasterize(zip(lines, codes[order].tolist(), strict=True), grid.values.shape, fill=NO_CLASS,
                      transform=grid.transform, all_touched=all_touched, dtype="int32")  # fmt: skip
    return np.asarray(burnt, dtype=np.int32)


def _speeds_of(
    land_class: npt.NDArray[np.int32], speeds: Mapping[int, SpeedClass]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    codes, which = np.unique(land_class, return_inverse=True)
    rows = [speeds.get(int(code), SpeedClass(0.0, CellMode.CLOSED)) for code in codes]
    is_open = np.array([row.kmh > 0 and row.mode != CellMode.CLOSED for row in rows])
    kmh = np.where(is_open, [row.kmh for row in rows], 0.0).astype(np.float32)
    mode = np.where(is_open, [int(row.mode) for row in rows], int(CellMode.CLOSED)).astype(np.uint8)
    return kmh[which].reshape(land_class.shape), mode[which].reshape(land_class.shape)


def _on_grid(dem: Raster, grid: Raster) -> npt.NDArray[np.float32]:
    """Bring elevation onto the grid; nan where it is unknown."""
    heights = np.where(dem.valid, dem.values, np.nan).astype(np.float32)
    same = heights.shape == grid.values.shape and dem.transform.almost_equals(grid.transform, 1e-6)
    if same and dem.crs == grid.crs:
        return heights
    out = np.full(grid.values.shape, np.nan, dtype=np.float32)
    reproject(heights, out, src_transform=dem.transform, src_crs=dem.crs.to_wkt(), src_nodata=np.nan,
              dst_transform=grid.transform, dst_crs=grid.crs.to_wkt(), dst_nodata=np.nan,
              resampling=Resampling.bilinear)  # fmt: skip
    return out


def _height_checks(elevation: npt.NDArray[np.float32], mode: npt.NDArray[np.uint8]) -> Iterator[Flaw]:
    unknown = np.isnan(elevation) & (mode != CellMode.CLOSED)
    if unknown.any():
        share = float(unknown.sum()) / float((mode != CellMode.CLOSED).sum())
        what = Text(f"{share:.1%} 的可通行格没有高程，按平地计", f"{share:.1%} of open cells have no elevation: flat")
        mend = Text("补全高程数据的空洞", "fill the voids of the elevation model")
        yield Flaw("no_elevation", what, mend, severity=Severity.WARNING)
