"""Roads from vector layers: GeoPackage, Shapefile, GeoJSON."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from layout_planner.errors import CrsError, Flaw, InputError, NetworkError, Severity, Text
from layout_planner.io.crs import to_crs
from layout_planner.travel.build import Ways, build_network
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.tags import RoadTags, parse_tags

__all__ = ["read_roads_vector"]

Ints = npt.NDArray[np.int64]
Geometries = npt.NDArray[np.object_]

_CLASS_COLUMNS = (
    "highway",
    "fclass",
    "class",
    "roadclass",
    "road_class",
    "type",
    "道路等级",
    "等级",
    "道路类型",
    "类型",
)
_OTHER_COLUMNS = {
    "oneway": ("oneway", "单行"), "bridge": ("bridge", "桥梁"), "tunnel": ("tunnel", "隧道"), "layer": ("layer",),
    "maxspeed": ("maxspeed", "限速"), "surface": ("surface", "路面", "路面类型"), "tracktype": ("tracktype",),
    "name": ("name", "名称", "道路名称"), "osm_id": ("osm_id", "osmid", "way_id", "id"), "access": ("access",),
    "foot": ("foot",), "motor_vehicle": ("motor_vehicle",), "motorcar": ("motorcar",), "vehicle": ("vehicle",),
    "bicycle": ("bicycle",), "junction": ("junction",), "route": ("route",), "width": ("width", "路宽", "宽度"),
    "sac_scale": ("sac_scale",), "oneway:foot": ("oneway:foot",),
}  # fmt: skip
_ONEWAY = {"f": "yes", "t": "-1", "b": "no", "ft": "yes", "tf": "-1", "1.0": "yes", "0.0": "no", "-1.0": "-1"}
_TRUE = frozenset({"t", "yes", "true", "1", "1.0", "是"})
_DEFAULT_CLASS = "unclassified"
_GRID_DEG = 1e-7
_GRID_M = 0.01


def read_roads_vector(
    path: Path, crs_declared: str | CRS | None = None, crs: CRS | str | int | None = None
) -> RoadNetwork:
    """Read road lines from a vector file and join them where they share an end or a vertex.

    Lines that cross without a common vertex are not joined, nor is a bridge or tunnel joined to what it passes over
    or under; only its ends meet the ground. Vertices within a centimetre are the same.

    Parameters
    ----------
    path : Path
        Any vector file; of several layers the first with lines is taken.
    crs_declared : str or CRS, optional
        ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09`` or ``EPSG:n``; overrides what the file says.
    crs : CRS, optional
        Projected working CRS of the network; by default the UTM zone.

    Raises
    ------
    InputError
        The file cannot be read, holds no lines, or no coordinate system is known.
    """
    frame, lines, layer_crs = _read_lines(path)
    declared = crs_declared or layer_crs
    if declared is None:
        what = Text("文件没有坐标系", "the file has no coordinate system")
        raise _error("roads_no_crs", path, what, Text("在 data.crs.roads 中声明", "declare it in data.crs.roads"))
    columns = {str(name).strip().lower(): str(name) for name in frame.columns}
    class_column = next((columns[c] for c in _CLASS_COLUMNS if c in columns), None)
    checks = []
    if class_column is None:
        what = Text(
            f"没有道路等级列，全部按 {_DEFAULT_CLASS} 计",
            f"there is no road class column; every road counts as {_DEFAULT_CLASS}",
        )
        mend = Text("增加 highway 或 fclass 列", "add a column highway or fclass")
        checks.append(Flaw("roads_no_class", what, mend, file=path.name, severity=Severity.WARNING))
    rows = _tag_rows(frame, columns, class_column)
    parsed = [parse_tags(row) for row in rows]
    keep = np.array([tags is not None for tags in parsed], dtype=bool) & ~shapely.is_empty(lines)
    kept = np.flatnonzero(keep)
    parts, owner = shapely.get_parts(lines[kept], return_index=True)
    parts, owner = parts[shapely.get_num_coordinates(parts) > 1], kept[owner][shapely.get_num_coordinates(parts) > 1]
    tags = [t for t in (parsed[i] for i in owner) if t is not None]
    if not len(parts):
        raise _error("roads_empty", path, Text("文件中没有道路", "the file holds no roads"), _AGAIN)
    xy, index = shapely.get_coordinates(parts, return_index=True)
    start = np.concatenate([[0], np.cumsum(np.bincount(index, minlength=len(parts)))])
    lonlat = to_crs(xy, declared, "wgs84")
    if not np.isfinite(lonlat).all():
        raise _error(
            "roads_bad_coordinates",
            path,
            Text("坐标不在声明的坐标系内", "coordinates do not fit the declared system"),
            _AGAIN,
        )
    point = _join(xy, start, tags)
    lonlat = lonlat[_first_of(point)[point]]
    ways = Ways(start, point + 1, lonlat[:, 0], lonlat[:, 1], _way_ids(frame, columns)[owner], tags,
                [rows[i].get("name", "") for i in owner], np.zeros(0, dtype=np.int64))  # fmt: skip
    try:
        return build_network(ways, crs, checks=checks)
    except NetworkError as error:
        raise _error("roads_empty", path, error.message, _AGAIN) from error


_AGAIN = Text("重新导出道路图层", "export the road layer again")


def _read_lines(path: Path) -> tuple[pd.DataFrame, Geometries, CRS | None]:
    if not path.is_file():
        raise _error("roads_unreadable", path, Text("文件不存在", "the file is missing"), _AGAIN)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind and _may_hold_lines(kind)]
            if not layers:
                raise _error("roads_empty", path, Text("文件中没有线图层", "the file has no layer of lines"), _AGAIN)
            meta, _, geometry, values = pyogrio.raw.read(path, layer=layers[0], force_2d=True, **_encoding(path))
            lines = shapely.from_wkb(geometry)
            crs = CRS.from_user_input(meta["crs"]) if meta["crs"] else None
    except (DataSourceError, DataLayerError, ValueError, shapely.errors.GEOSException, CrsError) as error:
        if isinstance(error, InputError):
            raise
        what = Text(f"无法读取道路图层（{error}）", f"the road layer cannot be read ({error})")
        raise _error("roads_unreadable", path, what, _AGAIN) from error
    frame = pd.DataFrame(dict(zip(meta["fields"], values, strict=True)))
    is_line = np.isin(shapely.get_type_id(lines), [1, 5])
    return frame[is_line].reset_index(drop=True), np.asarray(lines, dtype=object)[is_line], crs


def _may_hold_lines(kind: str) -> bool:
    return any(word in kind for word in ("Line", "Unknown", "Collection"))


def _encoding(path: Path) -> dict[str, str]:
    """Read a Shapefile without a code page as Chinese offices write it."""
    if path.suffix.lower() == ".shp" and not path.with_suffix(".cpg").is_file():
        return {"encoding": "gb18030"}
    return {}


def _tag_rows(frame: pd.DataFrame, columns: dict[str, str], class_column: str | None) -> list[dict[str, str]]:
    found = {key: next((columns[c] for c in names if c in columns), None) for key, names in _OTHER_COLUMNS.items()}
    texts = {key: frame[name].tolist() for key, name in found.items() if name is not None and key != "osm_id"}
    classes = frame[class_column].tolist() if class_column else [_DEFAULT_CLASS] * len(frame)
    rows = []
    for i, road_class in enumerate(classes):
        row = {key: _text(values[i]) for key, values in texts.items()}
        row["highway"] = _text(road_class).removesuffix("_unknown")
        if not row["highway"] and not row.get("route"):
            row["highway"] = "road"
        if row["highway"].startswith("track_grade"):
            row["highway"], row["tracktype"] = "track", row["highway"].removeprefix("track_")
        row["oneway"] = _ONEWAY.get(row.get("oneway", "").lower(), row.get("oneway", ""))
        for key in ("bridge", "tunnel"):
            if row.get(key, "").lower() in _TRUE:
                row[key] = "yes"
        if row.get("maxspeed") in ("0", "0.0"):
            row["maxspeed"] = ""
        rows.append({key: value for key, value in row.items() if value})
    return rows


def _text(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _way_ids(frame: pd.DataFrame, columns: dict[str, str]) -> Ints:
    name = next((columns[c] for c in _OTHER_COLUMNS["osm_id"] if c in columns), None)
    ids = np.arange(1, len(frame) + 1, dtype=np.int64)
    if name is None:
        return ids
    given = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64)
    return np.where(np.isfinite(given), given, ids).astype(np.int64)


def _join(xy: npt.NDArray[np.float64], start: Ints, tags: Sequence[RoadTags]) -> Ints:
    """Label the vertices with numbers, the same number for the same place and level."""
    step = _GRID_DEG if np.abs(xy).max() <= 360.0 else _GRID_M
    whole = np.round(xy / step).astype(np.int64)
    whole -= whole.min(axis=0)
    _, point = np.unique(whole[:, 0] * (whole[:, 1].max() + 1) + whole[:, 1], return_inverse=True)
    level = np.array([_level(t) for t in tags], dtype=np.int64)[np.repeat(np.arange(len(start) - 1), np.diff(start))]
    level[start[:-1]] = level[start[1:] - 1] = 0
    _, place = np.unique(point * 512 + (level + 256), return_inverse=True)
    return np.asarray(place, dtype=np.int64)


def _level(tags: RoadTags) -> int:
    if tags.layer:
        return tags.layer
    return 1 if tags.flags & 1 else -1 if tags.flags & 2 else 0


def _first_of(point: Ints) -> Ints:
    """Position of the first vertex of every place."""
    return np.asarray(np.unique(point, return_index=True)[1], dtype=np.int64)


def _error(code: str, path: Path, what: Text, mend: Text) -> InputError:
    return InputError.collect([Flaw(code, what, mend, file=path.name)])
