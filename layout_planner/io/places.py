"""Where the rows of a table lie: coordinates checked and brought to the map, and the township that they are in."""

from __future__ import annotations

from collections.abc import Callable

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import Severity, Text
from layout_planner.io.cells import fold
from layout_planner.io.crs import is_geographic, to_crs
from layout_planner.io.tables import Loaded
from layout_planner.io.zones import projected_hint, zone_misfit

__all__ = [
    "check_inside",
    "coordinates",
    "locate",
    "settle_townships",
    "stated_areas",
    "township_names",
    "township_of",
]

Points = npt.NDArray[np.float64]
BORDER_M = 200.0
"""How far outside the boundary (metres) a point still counts as inside, for the generalisation of boundaries."""
_NORTHING = (1_000_000.0, 6_500_000.0)
_SUFFIXES = ("街道办事处", "街道", "镇", "乡", "办事处", "民族乡")


def coordinates(loaded: Loaded) -> Points:
    """Give the coordinates as the table has them, shape (n, 2), not-a-number where missing."""
    return loaded.frame[["lon", "lat"]].to_numpy(dtype=np.float64)


def locate(loaded: Loaded, declared: str) -> Points:
    """Bring a table's coordinates to WGS-84, reporting those that are missing, swapped or impossible.

    Parameters
    ----------
    declared : str
        Coordinate system declared for the table.

    Returns
    -------
    array of float, shape (n, 2)
        Longitude and latitude; not-a-number where unusable.
    """
    raw = coordinates(loaded)
    rows = loaded.frame.index.to_numpy()
    known = np.asarray(np.isfinite(raw).all(axis=1))
    if any(column not in loaded.labels and np.isnan(raw[:, i]).all() for i, column in enumerate(("lon", "lat"))):
        return np.full_like(raw, np.nan)  # the missing column was reported with the header
    for i in np.flatnonzero(~known):
        row = int(rows[i])
        if (row, "lon") not in loaded.bad and (row, "lat") not in loaded.bad:
            what = Text("缺经纬度", "the coordinates are missing")
            loaded.report("coordinates_missing", what, Text("补填经度和纬度", "fill in both"), row=row, column="lon")
    geographic = is_geographic(declared)
    if known.any() and not _kind_fits(loaded, raw[known], declared, geographic):
        return np.full_like(raw, np.nan)
    if geographic:
        known &= _range_fits(loaded, raw, known, rows)
    out = np.full_like(raw, np.nan)
    out[known] = to_crs(raw[known], declared, "wgs84")
    _report_impossible(loaded, raw, known & ~np.isfinite(out).all(axis=1), int(known.sum()), declared)
    return out


def _report_impossible(loaded: Loaded, raw: Points, lost: npt.NDArray[np.bool_], known: int, declared: str) -> None:
    """Report coordinates that have no place in the declared system: one flaw where it is the whole table."""
    if not lost.any():
        return
    first = raw[np.flatnonzero(lost)[0]]
    mend = _zone_mend(first[None, :])
    if lost.sum() > max(2, known // 2):
        pair = f"{first[0]:.10g}, {first[1]:.10g}"
        what = Text(
            f"{known} 行中有 {int(lost.sum())} 行的坐标在声明的坐标系 {declared} 里不成立（{pair}）",
            f"{int(lost.sum())} of {known} rows are impossible in {declared} ({pair})",
        )
        loaded.report("coordinates_impossible", what, mend, column="lon")
        return
    for row, xy in zip(loaded.frame.index[lost], raw[lost], strict=True):
        what = Text(
            f"坐标在声明的坐标系 {declared} 里不成立（{xy[0]:.10g}, {xy[1]:.10g}）",
            f"impossible in {declared} ({xy[0]:.10g}, {xy[1]:.10g})",
        )
        loaded.report("coordinates_impossible", what, mend, row=int(row), column="lon")


def _kind_fits(loaded: Loaded, raw: Points, declared: str, geographic: bool) -> bool:
    degrees = (np.abs(raw) <= 360).all(axis=1)
    share = float(degrees.mean())
    if geographic and share < 0.5:
        what = Text(
            f"坐标声明为经纬度（{declared}），数值却像投影坐标（米）",
            f"the coordinates are declared as degrees ({declared}) but look like metres",
        )
        hint = projected_hint(float(np.median(raw.max(axis=1) if (raw > 1e7).any() else raw[:, 0])))
        mend = Text(f"在 data.crs 中声明投影坐标系；{hint.zh}", f"declare the projected system in data.crs; {hint.en}")
    elif not geographic and share > 0.5:
        what = Text(
            f"坐标声明为投影坐标（{declared}），数值却像经纬度（度）",
            f"the coordinates are declared as projected ({declared}) but look like degrees",
        )
        mend = Text(
            "在 data.crs 中改为 wgs84、cgcs2000、gcj02 或 bd09", "declare wgs84, cgcs2000, gcj02 or bd09 in data.crs"
        )
    elif not geographic and (misfit := zone_misfit(float(np.median(raw[:, 0])), declared)):
        loaded.report("coordinates_impossible", misfit, _zone_mend(raw), column="lon")
        return False
    else:
        return True
    loaded.report("coordinates_kind", what, mend, column="lon")
    return False


def _zone_mend(raw: Points) -> Text:
    """Say how to mend eastings of another zone: northings in their place, or the zone that they show."""
    east, north = np.median(raw, axis=0)
    if _NORTHING[0] <= east <= _NORTHING[1] and not _NORTHING[0] <= north <= _NORTHING[1]:
        return Text("测绘坐标 X 为北向、Y 为东向：两列的表头对调", "survey X is north, Y east: swap the two headers")
    hint = projected_hint(float(east))
    return Text(f"改正 data.crs 中的投影带；{hint.zh}", f"correct the zone in data.crs; {hint.en}")


def _range_fits(
    loaded: Loaded, raw: Points, known: npt.NDArray[np.bool_], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    lon, lat = raw.T
    fits = (np.abs(np.where(known, lon, 0)) <= 180) & (np.abs(np.where(known, lat, 0)) <= 90)
    for i in np.flatnonzero(known & ~fits):
        if abs(lat[i]) <= 180 and abs(lon[i]) <= 90:
            _report_swapped(loaded, int(rows[i]), raw[i])
        else:
            what = Text(
                f"坐标不可能（{lon[i]:.6g}, {lat[i]:.6g}）", f"impossible coordinates ({lon[i]:.6g}, {lat[i]:.6g})"
            )
            loaded.report(
                "coordinates_range",
                what,
                Text("核对经纬度", "check longitude and latitude"),
                row=int(rows[i]),
                column="lon",
            )
    return fits


def _report_swapped(loaded: Loaded, row: int, xy: Points) -> None:
    what = Text(
        f"经度和纬度写反了（经度 {xy[0]:.6g}，纬度 {xy[1]:.6g}）",
        f"longitude and latitude are swapped ({xy[0]:.6g}, {xy[1]:.6g})",
    )
    loaded.report("coordinates_swapped", what, Text("两列对调", "swap them"), row=row, column="lon")


def check_inside(loaded: Loaded, lonlat: Points, declared: str, boundary: BaseGeometry, crs: CRS) -> None:
    """Report rows outside the county, telling swapped coordinates and wholly misplaced tables from single slips.

    Parameters
    ----------
    boundary : Polygon or MultiPolygon
        In the working ``crs``.
    """
    known = np.isfinite(lonlat).all(axis=1)
    if not known.any():
        return
    shapely.prepare(boundary)
    away = np.zeros(len(lonlat))
    away[known] = _metres_outside(lonlat[known], "wgs84", boundary, crs)
    outside = np.flatnonzero(away > BORDER_M)
    swapped = np.zeros(len(lonlat), dtype=bool)
    if len(outside):
        swapped[outside] = _metres_outside(coordinates(loaded)[outside][:, ::-1], declared, boundary, crs) <= BORDER_M
    rows = loaded.frame.index.to_numpy()
    if len(outside) > max(2, known.sum() // 2):
        _report_table(loaded, len(outside), int(known.sum()), bool(swapped[outside].mean() > 0.5), declared)
        return
    for i in outside:
        if swapped[i]:
            _report_swapped(loaded, int(rows[i]), coordinates(loaded)[i])
        else:
            what = Text(f"在县界外 {away[i] / 1000:.1f} 公里", f"{away[i] / 1000:.1f} km outside the county")
            mend = Text("核对坐标；不属于本县的删去", "check the coordinates, or delete what is not in the county")
            loaded.report("outside_county", what, mend, row=int(rows[i]), column="lon")


def _metres_outside(xy: Points, declared: str, boundary: BaseGeometry, crs: CRS) -> npt.NDArray[np.float64]:
    moved = to_crs(xy, declared, crs)
    fine = np.isfinite(moved).all(axis=1)
    away = np.full(len(moved), np.inf)
    away[fine] = shapely.distance(shapely.points(moved[fine]), boundary)
    return away


def _report_table(loaded: Loaded, outside: int, known: int, swapped: bool, declared: str) -> None:
    if swapped:
        what = Text(
            f"{known} 行中有 {outside} 行的经度和纬度写反了",
            f"longitude and latitude are swapped in {outside} of {known} rows",
        )
        loaded.report(
            "coordinates_swapped", what, Text("两列的表头对调", "swap the headers of the two columns"), column="lon"
        )
    else:
        what = Text(
            f"{known} 行中有 {outside} 行在县界外（坐标系声明为 {declared}）",
            f"{outside} of {known} rows lie outside the county (declared as {declared})",
        )
        mend = Text("核对 data.crs 中的声明和县界文件", "check the declaration in data.crs and the boundary file")
        loaded.report("outside_county", what, mend, column="lon")


def township_of(points: npt.ArrayLike, townships: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Find the township that each point lies in, or the nearest one.

    Parameters
    ----------
    points : array of Point, shape (n,)
        In the CRS of ``townships``.

    Returns
    -------
    array of str, shape (n,)
        ``township_id``; on a shared border the one that stands first.
    """
    shapes = np.asarray(points, dtype=object)
    ids = townships["township_id"].to_numpy(dtype=object)
    if len(ids) == 1:
        return np.full(len(shapes), ids[0], dtype=object)
    tree = shapely.STRtree(townships.geometry.to_numpy())
    found = np.full(len(shapes), len(ids), dtype=np.int64)
    point, area = tree.query(shapes, predicate="intersects")
    np.minimum.at(found, point, area)
    lost = np.flatnonzero(found == len(ids))
    if len(lost):
        found[lost] = tree.nearest(shapes[lost])
    return ids[found]


def _short(name: str) -> str:
    text = fold(name)
    return next((text.removesuffix(s) for s in _SUFFIXES if text.endswith(s) and len(text) > len(s) + 1), text)


def _elsewhere(
    loaded: Loaded, row: int, stated: str, place: str, shape: BaseGeometry, areas: dict[str, BaseGeometry]
) -> bool:
    """Tell whether a row lies well outside the township that it states (and not for a fault already reported)."""
    if not stated or not place or stated == place or (row, "lon") in loaded.bad:
        return False
    return bool(shape.distance(areas[stated]) > BORDER_M)


def _stated(code: str, name: str, names: dict[str, str], by_name: dict[str, str]) -> str:
    """Find the township that a row states, by code, else by name; empty if none of the layer."""
    return code if code in names else by_name.get(_short(name), "") if name and not code else ""


def township_names(townships: gpd.GeoDataFrame) -> tuple[dict[str, str], Callable[[str, str], str]]:
    """Give the names by code, and how to find a township by the code or name that a table states (``""`` if none)."""
    names = dict(zip(townships["township_id"], townships["name"], strict=True))
    by_name = {_short(name): code for code, name in reversed(list(names.items()))}
    return names, lambda code, name: _stated(code, name, names, by_name)


def stated_areas(loaded: Loaded, townships: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Give the polygon of the township that each row states, ``None`` where it states none, before they are settled."""
    _, find = township_names(townships)
    areas = dict(zip(townships["township_id"], townships.geometry, strict=True))
    pairs = zip(loaded.frame["township_id"], loaded.frame["township"], strict=True)
    out = np.empty(len(loaded.frame), dtype=object)
    out[:] = [areas.get(find(code, name)) for code, name in pairs]
    return out


def settle_townships(
    loaded: Loaded, points: npt.ArrayLike, townships: gpd.GeoDataFrame, *, given: bool
) -> pd.DataFrame:
    """Fill ``township_id`` and ``township`` of a table: by code, else by name, else by where the row lies.

    Parameters
    ----------
    points : array of Point, shape (n,)
        In the CRS of ``townships``; ``None`` where unknown.
    given : bool
        Whether the townships were read from a file, so that other codes are mistakes.

    Returns
    -------
    DataFrame
        Columns ``township_id`` and ``township`` on the table's index.
    """
    names, find = township_names(townships)
    shapes = np.asarray(points, dtype=object)
    placed = np.array([p is not None and not p.is_empty for p in shapes], dtype=bool)
    located = np.full(len(shapes), "", dtype=object)
    if placed.any():
        located[placed] = township_of(shapes[placed], townships)
    areas = dict(zip(townships["township_id"], townships.geometry, strict=True))
    out = []
    frame = loaded.frame
    for row, code, name, place, shape in zip(
        frame.index, frame["township_id"], frame["township"], located, shapes, strict=True
    ):
        if not given:
            out.append(place)
            continue
        stated = find(code, name)
        if code and code not in names and (row, "township_id") not in loaded.bad:
            what = Text(f"乡镇代码“{code}”不在乡镇图层里", f"the township code {code!r} is not in the township layer")
            loaded.report(
                "township_unknown",
                what,
                Text("改正代码，或留空由坐标判定", "correct it, or leave it empty to go by the coordinates"),
                row=row,
                column="township_id",
            )
        elif name and not code and not stated:
            what = Text(
                f"乡镇“{name}”不在乡镇图层里，按坐标归入{names.get(place, '')}",
                f"the township {name!r} is not in the layer; by its coordinates it is {names.get(place, '')}",
            )
            loaded.report(
                "township_unknown",
                what,
                Text("核对乡镇名称", "check the name"),
                row=row,
                column="township",
                severity=Severity.WARNING,
            )
        elif _elsewhere(loaded, row, stated, place, shape, areas):
            what = Text(
                f"填的是{names[stated]}，坐标却在{names[place]}",
                f"it says {names[stated]}, but the coordinates lie in {names[place]}",
            )
            loaded.report(
                "township_differs",
                what,
                Text("核对坐标和乡镇", "check the coordinates and the township"),
                row=row,
                column="township_id" if code else "township",
                severity=Severity.WARNING,
                cells=[loaded.cell(row, c) for c in ("township_id" if code else "township", "lon", "lat")],
            )
        out.append(stated or place)
    labels = [names.get(code, "") for code in out]
    return pd.DataFrame({"township_id": out, "township": labels}, index=frame.index, dtype="str")
