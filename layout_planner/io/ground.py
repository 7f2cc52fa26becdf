"""The ground beside the roads: land cover, terrain and rivers read into a friction surface for one county."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import from_origin
from rasterio.vrt import WarpedVRT

from layout_planner.errors import Flaw, InputError, Severity, Text
from layout_planner.travel.surface import Raster, Surface, build_surface, land_cover_speeds

__all__ = ["read_surface"]

_MARGIN_M = 1_000.0
_LARGEST_CELLS = 40_000_000


def read_surface(
    terrain: Path,
    land_cover: Path,
    boundary: gpd.GeoDataFrame,
    rivers: gpd.GeoDataFrame | None,
    *,
    legend: str,
) -> tuple[Surface | None, list[Flaw]]:
    """Read what lies off the roads around a county.

    Parameters
    ----------
    terrain, land_cover : Path
        Rasters of heights (metres) and of classes, in any CRS; read in the window of the county only, 1 km beyond it.
    boundary : GeoDataFrame
        The county in a projected CRS; the surface is made in it, with cells as large as those of the land cover.
    rivers : GeoDataFrame, optional
        Lines; those with ``waterway`` ``river`` or ``canal`` (all, where the column is missing) stop walkers except
        on roads.
    legend : {"worldcover", "globeland30"}
        Classes of the land cover.

    Returns
    -------
    Surface or None, list of Flaw
        ``None`` with an error where a raster cannot be used.
    """
    crs = CRS.from_user_input(boundary.crs)
    try:
        cover = _window(land_cover, boundary, crs, Resampling.nearest)
        heights = _window(terrain, boundary, crs, Resampling.bilinear)
        surface = build_surface(heights, cover, land_cover_speeds(legend), barriers=_crossed(rivers))
    except InputError as error:
        mend = Text("核对土地覆盖和地形栅格", "check the rasters of land cover and terrain")
        return None, list(error.flaws) or [Flaw("ground_unusable", error.message, mend, file=land_cover.name)]
    note = Text(
        "路外步行按土地覆盖和坡度计时，只算上学方向",
        "off the roads, minutes follow land cover and slope, towards school only",
    )
    mend = Text(
        "需要往返都算时，把 travel.off_road 改为 straight", "for both directions set travel.off_road to straight"
    )
    return surface, [
        *surface.checks,
        Flaw("off_road_to_school", note, mend, severity=Severity.NOTE, key="travel.off_road"),
    ]


def _crossed(rivers: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    if rivers is None or "waterway" not in rivers.columns:
        return rivers
    return rivers[rivers["waterway"].isin(["river", "canal"])]


def _window(path: Path, boundary: gpd.GeoDataFrame, crs: CRS, resampling: Resampling) -> Raster:
    """Read a raster in the county's CRS, in its window, at its own resolution."""
    try:
        with rasterio.open(path) as source:
            if source.crs is None:
                what = Text("栅格没有坐标系", "the raster has no coordinate system")
                mend = Text("用带坐标系的 GeoTIFF", "give a GeoTIFF with a CRS")
                raise InputError(what, [Flaw("crs_missing", what, mend, file=path.name)])
            with WarpedVRT(source, crs=crs.to_wkt(), resampling=resampling) as vrt:
                side = float(np.sqrt(abs(vrt.transform.a * vrt.transform.e)))
                west, south, east, north = boundary.total_bounds
                columns = int(np.ceil((east - west + 2 * _MARGIN_M) / side))
                rows = int(np.ceil((north - south + 2 * _MARGIN_M) / side))
                if columns * rows > _LARGEST_CELLS:
                    what = Text(f"栅格在本县有 {columns * rows:,} 个格，太细", f"{columns * rows:,} cells are too many")
                    mend = Text("重采样到 30 米或更粗", "resample to 30 m or coarser")
                    raise InputError(what, [Flaw("ground_too_fine", what, mend, file=path.name)])
                transform = from_origin(west - _MARGIN_M, north + _MARGIN_M, side, side)
                options = {"crs": crs.to_wkt(), "transform": transform, "width": columns, "height": rows}
            with WarpedVRT(source, resampling=resampling, **options) as vrt:
                return Raster(vrt.read(1), transform, crs, vrt.nodata)
    except RasterioError as error:
        what = Text("栅格打不开或不完整", "the raster cannot be opened or is cut short")
        mend = Text("重新导出或下载", "export or download it again")
        raise InputError(what, [Flaw("file_unreadable", what, mend, file=path.name)]) from error
