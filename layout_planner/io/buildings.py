"""Where people may live: residential buildings out of OpenStreetMap files and vector layers."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import shapely
from osmium.filter import KeyFilter
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.columns import BUILDINGS
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.io.cells import fold, to_number, to_text
from layout_planner.io.geometry import made_valid, project
from layout_planner.io.headers import match_labels
from layout_planner.io.vector import VECTOR_SUFFIXES, read_features

__all__ = ["is_residential", "read_buildings"]

Floats = npt.NDArray[np.float64]

STOREY_M = 3.0
"""Height of a storey in metres where only a building's height is known. Source: GB 50096-2011 5.5.1 (2.80 m)."""
MOST_LEVELS = 60.0
_POLYGONS = (3, 6)
_HOMES = frozenset({
    "", "yes", "residential", "house", "detached", "semidetached_house", "semi", "terrace", "apartments", "bungalow",
    "farm", "hut", "cabin", "dormitory", "static_caravan", "houseboat", "ger", "villa", "unknown", "building",
    "buildings", "unclassified", "1",
})  # fmt: skip
_HOMES_ZH = re.compile("住|居|宅|民房|公寓|宿舍|农房|自建|别墅")
_OTHER_USE = ("amenity", "shop", "office", "industrial", "man_made", "leisure", "tourism", "healthcare", "military")


def is_residential(use: str) -> bool:
    """Tell whether people may live in a building of some use; where nobody said what it is for, they may.

    >>> [is_residential(use) for use in ("yes", "apartments", "住宅", "商住楼", "school", "厂房", "")]
    [True, True, True, True, False, False, True]
    """
    folded = fold(use)
    return folded in _HOMES or bool(_HOMES_ZH.search(folded))


def read_buildings(
    path: Path, outline: BaseGeometry, crs: CRS, *, declared: str | None = None
) -> tuple[gpd.GeoDataFrame | None, list[Flaw]]:
    """Read the residential buildings of an area with their floor space.

    Parameters
    ----------
    path : Path
        OpenStreetMap file (XML, PBF), or a layer of polygons or points with table ``buildings``.
    outline : Polygon or MultiPolygon
        In degrees on WGS-84; buildings whose point inside lies beyond it are left out.
    crs : CRS
        Projected working CRS, metres.
    declared : str, optional
        Coordinate system of a layer; wins over the file's own.

    Returns
    -------
    buildings : GeoDataFrame or None
        ``floor_m2`` (footprint x levels, square metres; of points without an area, the levels) and a point inside;
        ``None`` where a flaw says why not.
    flaws : list of Flaw
    """
    if path.suffix.lower() in VECTOR_SUFFIXES:
        frame, flaws = _from_layer(path, declared)
    else:
        frame, flaws = _from_osm(path)
    if frame is None:
        return None, flaws
    shapes = np.asarray(frame.geometry, dtype=object)
    inside = np.asarray(shapely.points(shapely.get_coordinates(shapely.point_on_surface(shapes))), dtype=object)
    shapely.prepare(outline)
    homes = np.array([is_residential(use) for use in frame["use"]], dtype=bool)
    keep = homes & shapely.intersects(outline, inside)
    if not keep.any():
        what = Text("范围内没有居住建筑", "there is no residential building in the area")
        mend = Text("核对建筑图层的范围、坐标系和用途列", "check the layer's extent, coordinate system and use column")
        return None, [*flaws, Flaw("buildings_none", what, mend, file=path.name)]
    area = np.where(
        np.isin(shapely.get_type_id(shapes[keep]), _POLYGONS),
        shapely.area(project(shapes[keep], "wgs84", crs)),
        frame.loc[keep, "area_m2"].to_numpy(dtype=np.float64),
    )
    alike = float(np.nanmedian(area)) if np.isfinite(area).any() else 1.0
    levels = _levels(frame.loc[keep])
    buildings = gpd.GeoDataFrame(
        {"floor_m2": np.where(np.isfinite(area), area, alike) * levels},
        geometry=project(inside[keep], "wgs84", crs),
        crs=crs,
    )
    what = Text(
        f"居住建筑 {int(keep.sum()):,} 栋，非居住建筑 {int((~homes).sum()):,} 栋不计",
        f"{int(keep.sum()):,} residential buildings; {int((~homes).sum()):,} others are left out",
    )
    mend = Text("核对用途的填写", "check what the uses say")
    return buildings, [*flaws, Flaw("buildings_read", what, mend, file=path.name, severity=Severity.NOTE)]


def _levels(frame: pd.DataFrame) -> Floats:
    """Choose the number of storeys: as stated, else by the height, else one."""
    stated = frame["levels"].to_numpy(dtype=np.float64)
    tall = np.maximum(np.round(frame["height"].to_numpy(dtype=np.float64) / STOREY_M), 1.0)
    levels = np.where(np.isfinite(stated) & (stated > 0), stated, np.where(np.isfinite(tall), tall, 1.0))
    return np.minimum(levels, MOST_LEVELS)


def _from_layer(path: Path, declared: str | None) -> tuple[gpd.GeoDataFrame | None, list[Flaw]]:
    layer, flaws = read_features(path, declared=declared)
    if layer is None:
        return None, flaws
    labels = [str(c) for c in layer.columns]
    places = match_labels(labels, BUILDINGS).places
    columns: dict[str, object] = {}
    for column in BUILDINGS:
        cells = layer[labels[places[column.name]]].tolist() if column.name in places else [None] * len(layer)
        columns[column.name] = [to_text(v) for v in cells] if column.kind == "text" else _numbers(cells)
    frame = gpd.GeoDataFrame(columns, geometry=layer.geometry.to_numpy(), crs=4326)
    usable = frame.geometry.notna() & ~frame.geometry.is_empty & (frame.geom_type != "LineString")
    frame = frame[usable].reset_index(drop=True)
    frame.geometry = made_valid(shapely.force_2d(frame.geometry.to_numpy()))
    return frame, flaws


def _numbers(cells: list[object]) -> Floats:
    """Read numbers as people tag them (``3``, ``3.5``, ``9 m``, ``2;3``); not-a-number where they say none."""
    out = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        text = re.split("[;,]", to_text(cell))[0].removesuffix("m").strip()
        number, problem = to_number(text, "float") if text else (None, "")
        if number is not None and not problem:
            out[i] = number
    return out


def _from_osm(path: Path) -> tuple[gpd.GeoDataFrame | None, list[Flaw]]:
    """Read closed ways and multipolygons with a key ``building``."""
    wkb = osmium.geom.WKBFactory()
    shapes: list[str] = []
    uses: list[str] = []
    numbers: dict[str, list[object]] = {"levels": [], "height": []}
    broken = 0
    try:
        areas = osmium.FileProcessor(path).with_areas(KeyFilter("building"))
        for item in areas.with_filter(KeyFilter("building")):
            if not isinstance(item, osmium.osm.Area):
                continue
            try:
                shapes.append(wkb.create_multipolygon(item))
            except RuntimeError:
                broken += 1
                continue
            tags = {tag.k: tag.v for tag in item.tags}
            use = tags["building"]
            uses.append(next((key for key in _OTHER_USE if key in tags), use) if use == "yes" else use)
            numbers["levels"].append(tags.get("building:levels"))
            numbers["height"].append(tags.get("height") or tags.get("building:height"))
    except (RuntimeError, OSError, ValueError) as error:
        what = Text(f"建筑文件读不出（{error}）", f"the file of buildings cannot be read ({error})")
        return None, [Flaw("buildings_unreadable", what, _AGAIN, file=path.name)]
    flaws = []
    if broken:
        what = Text(f"{broken} 栋建筑的轮廓不完整，未计", f"{broken} buildings have no whole outline and are left out")
        flaws.append(Flaw("buildings_broken", what, _AGAIN, file=path.name, severity=Severity.WARNING))
    if not shapes:
        what = Text("文件中没有建筑（building）", "the file holds no buildings")
        return None, [*flaws, Flaw("buildings_none", what, _AGAIN, file=path.name)]
    columns = {"use": uses, "area_m2": np.nan} | {name: _numbers(cells) for name, cells in numbers.items()}
    return gpd.GeoDataFrame(columns, geometry=made_valid(shapely.from_wkb(shapes)), crs=4326), flaws


_AGAIN = Text("重新下载或导出该文件", "download or export the file again")
