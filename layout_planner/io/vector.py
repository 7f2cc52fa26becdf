"""Boundaries, townships and point layers from GeoPackage, Shapefile and GeoJSON, checked like tables."""

from __future__ import annotations

import codecs
import warnings
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.columns import TOWNSHIPS, Table
from layout_planner.config.systems import system_name
from layout_planner.errors import CrsError, Flaw, Severity, Text
from layout_planner.io.cells import to_text
from layout_planner.io.crs import is_geographic
from layout_planner.io.geometry import Geometries, made_valid, polygon_parts, project
from layout_planner.io.grids import Grid, decode_text
from layout_planner.io.headers import complete_label, match_labels
from layout_planner.io.tables import Loaded, empty_frame, parse_grid
from layout_planner.io.zones import projected_hint, zone_misfit

__all__ = ["VECTOR_SUFFIXES", "LoadedLayer", "read_features", "read_layer", "read_lines", "read_polygon"]

VECTOR_SUFFIXES = (".gpkg", ".geojson", ".json", ".shp", ".fgb", ".kml", ".gml")


class LoadedLayer(Loaded):
    """A layer that was read: the attribute table of :class:`Loaded` and, row by row, WGS-84 geometries.

    ``areas`` holds the polygons that points inside stand for in a layer of points, and ``None`` for other rows.
    """

    geometry: Geometries
    areas: Geometries


def _flaw(path: Path, code: str, what: Text, mend: Text, severity: Severity = Severity.ERROR) -> Flaw:
    return Flaw(code, what, mend, file=path.name, severity=severity)


def _open(path: Path) -> tuple[gpd.GeoDataFrame | None, list[Flaw]]:
    """Read a layer whole; attributes of shapefiles are decoded by what is in them, whatever a .cpg says."""
    if not path.is_file():
        what, mend = (
            Text("找不到文件", "the file does not exist"),
            Text("核对文件名和位置", "check the name and the folder"),
        )
        return None, [_flaw(path, "file_missing", what, mend)]
    raw_text = path.suffix.lower() == ".shp"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL grumbles about shows in the cells and shapes that come out
            layer, flaws = _choose_layer(path)
            encoding = "ISO-8859-1" if raw_text else None
            frame = pyogrio.read_dataframe(path, layer=layer, encoding=encoding, on_invalid="ignore")
    except (DataSourceError, DataLayerError, ValueError) as error:
        what = Text("图层打不开", f"the layer cannot be opened ({type(error).__name__})")
        mend = Text(
            "核对文件是否完整（.shp 须与 .dbf、.shx 同在），或另存为 .gpkg",
            "check that the file is whole (a .shp needs its .dbf and .shx), or save it as .gpkg",
        )
        return None, [_flaw(path, "file_unreadable", what, mend)]
    if "geometry" not in frame.columns:
        what = Text("图层没有几何", "the layer has no geometry")
        return None, [_flaw(path, "geometry_missing", what, Text("换用带几何的图层", "give a layer with geometry"))]
    alike = frame.columns.duplicated()
    if alike.any():
        names = "、".join(sorted({str(name) for name in frame.columns[alike]}))
        what = Text(f"有几列同名（{names}），只读了最后一列", f"columns share a name ({names}): the last was read")
        mend = Text("删去或改名多余的列", "remove or rename the others")
        flaws.append(_flaw(path, "columns_alike", what, mend, Severity.WARNING))
        frame = frame.loc[:, ~alike]
    return (_decoded(frame) if raw_text else frame), flaws


def _choose_layer(path: Path) -> tuple[str, list[Flaw]]:
    """Name the first layer with shapes, saying so where there are more; raise if there is no layer at all."""
    layers = [(str(name), kind) for name, kind in pyogrio.list_layers(path)]
    if not layers:
        raise DataLayerError(path.name)
    shaped = [name for name, kind in layers if kind is not None] or [layers[0][0]]
    if len(shaped) == 1:
        return shaped[0], []
    used, other = shaped[0], shaped[1:6]
    what = Text(
        f"文件里有 {len(shaped)} 个图层，用了“{used}”，没用{'、'.join(f'“{name}”' for name in other)}",
        f"the file holds {len(shaped)} layers: {used!r} was used, {', '.join(map(repr, other))} not",
    )
    mend = Text("另存为只含所需图层的文件", "save the layer that is wanted in a file of its own")
    return used, [_flaw(path, "layer_first_used", what, mend, Severity.WARNING)]


def _whole_characters(data: bytes) -> bytes:
    """Drop the UTF-8 character that a field's width cut through; raise if the bytes are not UTF-8."""
    return codecs.getincrementaldecoder("utf-8")().decode(data).encode("utf-8")


def _decoded(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Decode the text columns and names of a shapefile that was read byte by byte."""
    texts = [c for c in frame.columns if c != "geometry" and not pd.api.types.is_numeric_dtype(frame[c].dtype)]
    sample = [str(c) for c in frame.columns] + [str(v) for c in texts for v in frame[c].dropna().unique()]
    try:
        _, encoding = decode_text(b"\n".join(_whole_characters(text.encode("latin-1")) for text in sample))
    except UnicodeError:
        encoding = "gb18030"

    def decode(value: object) -> object:
        return value.encode("latin-1", "replace").decode(encoding, "ignore") if isinstance(value, str) else value

    out = frame.copy()
    for column in texts:
        out[column] = [decode(v) for v in frame[column]]
    return out.rename(columns={c: decode(c) for c in frame.columns if c != "geometry"})


def _system(
    path: Path, own: CRS | None, declared: str | None, bounds: npt.NDArray[np.float64]
) -> tuple[str | CRS | None, list[Flaw]]:
    """Choose the system of a layer: what was declared, else what the file carries."""
    if declared is not None:
        declared = system_name(declared) or declared
        if own is not None and declared.startswith("EPSG:") and CRS.from_user_input(declared) != own:
            what = Text(
                f"文件自带坐标系 {own.to_string()[:40]}，按声明的 {declared} 读取",
                f"the file says {own.to_string()[:40]}; it was read as declared, {declared}",
            )
            mend = Text("核对 data.crs 中的声明", "check the declaration in data.crs")
            return declared, [_flaw(path, "crs_conflict", what, mend, Severity.WARNING)]
        return declared, []
    if own is None:
        what = Text("文件不带坐标系（没有 .prj）", "the file carries no coordinate system (no .prj)")
        if np.isfinite(bounds).all() and np.abs(bounds).max() > 360:
            hint = projected_hint(float(bounds[0]))
            mend = Text(f"在情景文件 data.crs 中声明；{hint.zh}", f"declare it in data.crs of the scenario; {hint.en}")
        else:
            mend = Text(
                "坐标是经纬度：在情景文件 data.crs 中声明 wgs84、cgcs2000、gcj02（高德、腾讯）或 bd09（百度）",
                "the coordinates are degrees: declare wgs84, cgcs2000, gcj02 or bd09 in data.crs of the scenario",
            )
        return None, [_flaw(path, "crs_missing", what, mend)]
    return own, []


def _unfit(path: Path, system: str | CRS, bounds: npt.NDArray[np.float64]) -> Flaw | None:
    """Tell coordinates that cannot be of a layer's system: degrees for metres, or another zone's eastings."""
    degrees = bool(np.abs(bounds).max() <= 360)
    geographic = is_geographic(system)
    if degrees != geographic:
        what = Text(
            (
                f"声明为{'经纬度' if geographic else '投影坐标'}，"
                f"坐标却像{'经纬度' if degrees else '米'}（{bounds[0]:.10g}, {bounds[1]:.10g}）"
            ),
            (
                f"declared as {'degrees' if geographic else 'metres'}, but the coordinates look like "
                f"{'degrees' if degrees else 'metres'} ({bounds[0]:.10g}, {bounds[1]:.10g})"
            ),
        )
        hint = Text("", "") if degrees else projected_hint(float(bounds[0]))
        mend = Text(
            f"改正 data.crs 中的声明或文件的坐标系{'；' if hint.zh else ''}{hint.zh}",
            f"correct the declaration in data.crs or the file's system{'; ' if hint.en else ''}{hint.en}",
        )
        return _flaw(path, "crs_wrong_kind", what, mend)
    if degrees and (np.abs(bounds[[1, 3]]).max() > 90 or np.abs(bounds[[0, 2]]).max() > 180):
        what = Text(
            f"坐标不是经纬度的先后（{bounds[0]:.10g}, {bounds[1]:.10g}）：纬度超过 90 度或经度超过 180 度",
            f"no longitudes and latitudes ({bounds[0]:.10g}, {bounds[1]:.10g}): beyond 90 or 180 degrees",
        )
        mend = Text(
            "经度在前、纬度在后；写反的用 GIS 软件对调后另存",
            "longitude comes first, latitude second: swap them in a GIS and save the layer again",
        )
        return _flaw(path, "coordinates_swapped", what, mend)
    if misfit := None if degrees else zone_misfit(float(bounds[0] + bounds[2]) / 2, system):
        hint = projected_hint(float(bounds[0]))
        mend = Text(f"改正 data.crs 中的投影带；{hint.zh}", f"correct the zone in data.crs; {hint.en}")
        return _flaw(path, "crs_wrong", misfit, mend)
    return None


def _has_place(shapes: Geometries) -> npt.NDArray[np.bool_]:
    """Tell which shapes have vertices, all of them at true numbers."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    count = np.bincount(owner, minlength=len(shapes))
    return (count > 0) & (np.bincount(owner[~np.isfinite(xy).all(axis=1)], minlength=len(shapes)) == 0)


def _located(path: Path, frame: gpd.GeoDataFrame, declared: str | None) -> tuple[Geometries | None, list[Flaw]]:
    """Bring a layer's geometries to WGS-84, or say why not; those without a place become ``None``."""
    raw = np.array(frame.geometry.values, dtype=object)
    raw[~_has_place(raw)] = None
    bounds = shapely.total_bounds(raw) if len(raw) else np.full(4, np.nan)
    system, flaws = _system(path, frame.crs, declared, bounds)
    if system is None:
        return None, flaws
    if len(raw) == 0:
        return raw, flaws
    if np.isfinite(bounds).all() and (unfit := _unfit(path, system, bounds)):
        return None, [*flaws, unfit]
    try:
        return project(raw, system, "wgs84"), flaws
    except CrsError as error:
        mend = Text("核对投影带号和 data.crs 中的声明", "check the zone and the declaration in data.crs")
        return None, [*flaws, _flaw(path, "crs_wrong", error.message, mend)]


def read_layer(path: Path, table: Table, *, declared: str | None = None, polygons: bool = False) -> LoadedLayer:
    """Read a layer whose attributes are a table of the registry.

    Parameters
    ----------
    table : Table
        Columns are matched as in workbooks; ``lon`` and ``lat`` come from the geometry.
    declared : str, optional
        Coordinate system declared in the scenario; wins over the file's own.
    polygons : bool
        Whether polygons are needed (made valid; lines and points are flaws). Otherwise polygons count as a point
        inside them.

    Returns
    -------
    LoadedLayer
        ``geometry`` is in WGS-84, aligned with ``frame``; rows are numbered from 1 as the file's features.
    """
    frame, flaws = _open(path)
    geometry: Geometries | None = None
    if frame is not None:
        geometry, more = _located(path, frame, declared)
        flaws += more
    if frame is None or geometry is None:
        return _layer(Loaded(table, empty_frame(table), path.name, flaws=flaws), np.zeros(0, dtype=object))
    attributes = frame.drop(columns="geometry").astype(object)
    labels = [str(c) for c in attributes.columns]
    if path.suffix.lower() == ".shp":
        labels = [complete_label(text, table) for text in labels]
    rows = [list(row) for row in attributes.where(attributes.notna(), None).itertuples(index=False, name=None)]
    grid = Grid(path.name, "", [labels, *rows])
    loaded = parse_grid(grid, match_labels(labels, table), table, optional=("lon", "lat"), numbered=False)
    loaded.flaws[:0] = flaws
    loaded.flaws = [f for f in loaded.flaws if f.code != "column_repeated"]
    layer = _layer(loaded, geometry[loaded.frame.index.to_numpy() - 1])
    _settle_geometry(layer, polygons=polygons)
    if polygons:
        _join_parts(layer)
    return layer


def read_features(path: Path, *, declared: str | None = None) -> tuple[gpd.GeoDataFrame | None, list[Flaw]]:
    """Read a layer of any geometry in WGS-84 with its attributes; ``None`` where it cannot be read, and flaws why."""
    frame, flaws = _open(path)
    geometry: Geometries | None = None
    if frame is not None:
        geometry, more = _located(path, frame, declared)
        flaws += more
    if frame is None or geometry is None:
        return None, flaws
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=geometry, crs=4326), flaws


def read_lines(path: Path, *, declared: str | None = None) -> tuple[gpd.GeoDataFrame | None, list[Flaw]]:
    """Read a layer of lines in WGS-84 with its attributes; ``None`` where it cannot be read, with warnings why."""
    lines, flaws = read_features(path, declared=declared)
    flaws = [replace(flaw, severity=Severity.WARNING) for flaw in flaws]
    if lines is None:
        return None, flaws
    kept = lines.geom_type.isin(["LineString", "MultiLineString"]) & ~lines.geometry.is_empty
    return lines.loc[kept], flaws


def _layer(loaded: Loaded, geometry: Geometries) -> LoadedLayer:
    layer = LoadedLayer(loaded.table, loaded.frame, loaded.file, loaded.sheet, loaded.labels, loaded.flaws, loaded.bad)
    layer.geometry = geometry
    layer.areas = np.full(len(geometry), None, dtype=object)
    return layer


def _inner_points(shapes: Geometries) -> Geometries:
    """Give a point inside each shape, and points themselves; ``None`` where a shape has collapsed to nothing."""
    points = shapely.point_on_surface(made_valid(shapes))
    points = np.where(shapely.get_type_id(shapes) == 0, shapes, points)
    points[shapely.is_empty(points)] = None
    return points


def _settle_geometry(layer: LoadedLayer, *, polygons: bool) -> None:
    shapes = layer.geometry
    if polygons:
        layer.geometry = polygon_parts(shapes)
    else:
        is_area = np.isin(shapely.get_type_id(shapes), (3, 6))
        layer.areas[is_area] = made_valid(shapes[is_area])
        layer.geometry = _inner_points(shapes)
        if "lon" in layer.table:
            layer.frame["lon"] = shapely.get_x(layer.geometry)
            layer.frame["lat"] = shapely.get_y(layer.geometry)
    for row, shape in zip(layer.frame.index, layer.geometry, strict=True):
        if shape is None or shape.is_empty:
            wanted = ("多边形", "polygon") if polygons else ("点", "point")
            layer.report(
                "geometry_wrong",
                Text(f"第 {row} 个要素没有可用的{wanted[0]}", f"feature {row} has no usable {wanted[1]}"),
                Text("修补或删去这个要素", "mend or delete the feature"),
                row=int(row),
            )


def _join_parts(layer: LoadedLayer) -> None:
    """Join features that repeat one record with another part of its area (single-part layers)."""
    key = layer.table.columns[0].name
    alike = layer.frame.duplicated(keep="first") & (layer.frame[key] != "")
    if not alike.any():
        return
    first = {code: i for i, code in reversed(list(enumerate(layer.frame[key])))}
    rows = {int(row) for row in layer.frame.index[alike]}
    for i in np.flatnonzero(alike.to_numpy()):
        target = first[layer.frame[key].iloc[i]]
        parts = [p for p in (layer.geometry[target], layer.geometry[i]) if p is not None]
        layer.geometry[target] = shapely.union_all(parts) if parts else None
    layer.frame = layer.frame[~alike]
    layer.geometry = layer.geometry[~alike.to_numpy()]
    layer.flaws = [f for f in layer.flaws if not (f.code == "code_repeated" and f.row in rows)]


def read_polygon(path: Path, *, declared: str | None = None) -> tuple[BaseGeometry | None, str, list[Flaw]]:
    """Read a layer of polygons as one area: the boundary of a county.

    Returns
    -------
    area : Polygon or MultiPolygon or None
        In WGS-84; ``None`` where a flaw says why not.
    name : str
        Name of the area where the layer holds one feature with a name.
    flaws : list of Flaw
    """
    frame, flaws = _open(path)
    if frame is None:
        return None, "", flaws
    located, more = _located(path, frame, declared)
    flaws += more
    if located is None:
        return None, "", flaws
    shapes = polygon_parts(located)
    parts = [p for p in shapes if p is not None]
    if parts and (odd := [str(i) for i, p in enumerate(shapes, 1) if p is None]):
        what = Text(
            f"第 {'、'.join(odd[:12])} 个要素没有可用的多边形，未计入范围",
            f"features {', '.join(odd[:12])} hold no usable polygon and were left out of the area",
        )
        mend = Text("修补或删去这些要素", "mend or delete them")
        flaws.append(_flaw(path, "geometry_wrong", what, mend, Severity.WARNING))
    if not parts:
        what = Text("图层里没有多边形", "the layer holds no polygon")
        return None, "", [*flaws, _flaw(path, "geometry_wrong", what, Text("换用面图层", "give a polygon layer"))]
    place = match_labels([str(c) for c in frame.columns], TOWNSHIPS).places.get("name")
    name = to_text(frame.iloc[0, place]) if place is not None and len(frame) == 1 else ""
    return shapely.union_all(parts), name, flaws
