"""Coordinate systems that Chinese data comes in, turned into each other and into one projected system.

GCJ-02 and BD-09 are offsets of WGS-84 by 0.5 and 1.2 km; CGCS2000 agrees with WGS-84 within decimetres. A system is
declared for every table and never guessed. Coordinates are arrays of shape (n, 2): east (longitude) first.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjError

from layout_planner.config.systems import system_name
from layout_planner.errors import CrsError, Text

__all__ = [
    "bd09_to_gcj02",
    "gcj02_to_bd09",
    "gcj02_to_wgs84",
    "in_china",
    "is_geographic",
    "parse_crs",
    "to_crs",
    "wgs84_to_gcj02",
    "working_crs",
]

Points = npt.NDArray[np.float64]

_AXIS = 6_378_245.0  # Krasovsky 1940, as the offset is defined
_ECCENTRICITY2 = 0.006_693_421_622_965_943_23
_BD_FREQUENCY = np.pi * 3000.0 / 180.0
_STEPS = 30
_TOLERANCE_DEG = 1e-11
_LONLAT = CRS.from_epsg(4326)
# A coarse outline of the land area, good to some 50 km; it only chooses a map projection.
_OUTLINE = shapely.Polygon([
    (73.4, 39.5), (73.9, 37.5), (76.0, 35.8), (78.6, 34.3), (78.6, 31.4), (81.0, 30.1), (84.0, 28.7),
    (86.0, 28.0), (88.8, 27.8), (91.8, 27.7), (94.0, 28.9), (97.2, 28.2), (97.6, 24.5), (99.5, 22.5),
    (101.7, 21.1), (105.5, 22.8), (107.9, 21.4), (108.0, 17.8), (111.5, 17.8), (122.3, 21.5), (123.5, 30.0),
    (122.0, 37.0), (119.5, 38.8), (124.0, 39.6), (128.2, 41.5), (131.0, 42.5), (133.5, 45.0), (135.2, 48.5),
    (130.8, 48.9), (126.0, 53.0), (121.0, 53.7), (119.5, 50.2), (115.8, 47.8), (119.0, 47.3), (115.5, 45.3),
    (111.5, 43.3), (104.8, 41.6), (97.0, 42.6), (91.2, 45.3), (87.8, 49.3), (85.5, 47.0), (82.4, 45.1),
    (80.2, 42.2),
])  # fmt: skip


def _offset(lonlat: Points) -> Points:
    """Compute GCJ-02 minus WGS-84 in degrees, at WGS-84 positions (n, 2)."""
    x, y = lonlat[:, 0] - 105.0, lonlat[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    wave = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + wave
    d_lat += (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    d_lat += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + wave
    d_lon += (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    d_lon += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    radians = np.deg2rad(lonlat[:, 1])
    magic = 1.0 - _ECCENTRICITY2 * np.sin(radians) ** 2
    d_lat = np.rad2deg(d_lat / (_AXIS * (1.0 - _ECCENTRICITY2) / (magic * np.sqrt(magic))))
    d_lon = np.rad2deg(d_lon / (_AXIS / np.sqrt(magic) * np.cos(radians)))
    return np.column_stack([d_lon, d_lat])


def _shifted(lonlat: Points) -> npt.NDArray[np.bool_]:
    """Tell which points lie in the rectangle in which GCJ-02 differs from WGS-84."""
    lon, lat = lonlat[:, 0], lonlat[:, 1]
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def wgs84_to_gcj02(lonlat: Points) -> Points:
    """Shift WGS-84 longitudes and latitudes (n, 2) to GCJ-02; points outside China stay.

    Examples
    --------
    >>> wgs84_to_gcj02(np.array([[121.0917077, 30.6107779]])).round(8).tolist()
    [[121.09626928, 30.60860437]]
    """
    out = np.array(lonlat, dtype=np.float64)
    inside = _shifted(out)
    out[inside] += _offset(out[inside])
    return out


def gcj02_to_wgs84(lonlat: Points) -> Points:
    """Shift GCJ-02 back to WGS-84 by iteration, to better than 1e-9 degrees."""
    target = np.array(lonlat, dtype=np.float64)
    inside = _shifted(target)
    wanted = target[inside]
    guess = wanted.copy()
    for _ in range(_STEPS):
        step = wanted - (guess + _offset(guess))
        guess += step
        if step.size == 0 or np.abs(step).max() < _TOLERANCE_DEG:
            break
    target[inside] = guess
    return target


def gcj02_to_bd09(lonlat: Points) -> Points:
    """Shift GCJ-02 longitudes and latitudes (n, 2) to BD-09.

    Examples
    --------
    >>> gcj02_to_bd09(np.array([[121.09626927850977, 30.608604368560773]])).round(8).tolist()
    [[121.10271725, 30.61484576]]
    """
    x, y = np.asarray(lonlat, dtype=np.float64).T
    radius = np.sqrt(x * x + y * y) + 0.00002 * np.sin(y * _BD_FREQUENCY)
    angle = np.arctan2(y, x) + 0.000003 * np.cos(x * _BD_FREQUENCY)
    return np.column_stack([radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006])


def bd09_to_gcj02(lonlat: Points) -> Points:
    """Shift BD-09 back to GCJ-02 by iteration, to better than 1e-9 degrees."""
    wanted = np.array(lonlat, dtype=np.float64)
    guess = wanted - np.array([0.0065, 0.006])
    for _ in range(_STEPS):
        step = wanted - gcj02_to_bd09(guess)
        guess += step
        if step.size == 0 or np.abs(step).max() < _TOLERANCE_DEG:
            break
    return guess


def _name(declared: str | CRS) -> str:
    """Spell a declared system by its one name; empty for a pyproj CRS and for what only pyproj may know."""
    return (system_name(declared) or "") if isinstance(declared, str) else ""


def parse_crs(declared: str | CRS) -> CRS:
    """Make the pyproj CRS of a declared system; that of WGS-84 for GCJ-02 and BD-09, which PROJ does not know.

    Raises
    ------
    CrsError
        If the system is unknown.

    Examples
    --------
    >>> parse_crs("cgcs2000 3度带 37带").name
    'CGCS2000 / 3-degree Gauss-Kruger zone 37'
    """
    if isinstance(declared, CRS):
        return declared
    name = _name(declared)
    if name in ("wgs84", "gcj02", "bd09"):
        return _LONLAT
    if name == "cgcs2000":
        return CRS.from_epsg(4490)
    try:
        return CRS.from_user_input(name or declared)
    except ProjError as error:
        what = Text(f"不认识坐标系“{declared}”", f"the coordinate system {declared!r} is unknown")
        raise CrsError(what) from error


@lru_cache(maxsize=64)
def _transformer(source: CRS, sink: CRS) -> Transformer:
    return Transformer.from_crs(source, sink, always_xy=True)


def is_geographic(declared: str | CRS) -> bool:
    """Tell whether coordinates declared so are degrees."""
    return bool(parse_crs(declared).is_geographic)


def to_crs(xy: Points, declared: str | CRS, target: str | CRS) -> Points:
    """Bring points from one coordinate system to another.

    Parameters
    ----------
    xy : array of float, shape (n, 2)
        East (longitude) first. Not-a-number stays so.
    declared, target : str or CRS
        A name of :func:`layout_planner.config.systems.system_name` or a pyproj CRS.

    Returns
    -------
    array of float, shape (n, 2)

    Raises
    ------
    CrsError
        If a system is unknown.

    Notes
    -----
    CGCS2000 counts as WGS-84, from which it differs by less than the width of a road.
    """
    points = np.array(xy, dtype=np.float64).reshape(-1, 2)
    origin, goal = _name(declared), _name(target)
    if origin and origin == goal:
        return points
    source, sink = parse_crs(declared), parse_crs(target)
    if origin in ("bd09", "gcj02"):
        points = gcj02_to_wgs84(bd09_to_gcj02(points) if origin == "bd09" else points)
    if source != sink and {source.to_epsg(), sink.to_epsg()} != {4326, 4490}:
        points = np.column_stack(_transformer(source, sink).transform(points[:, 0], points[:, 1]))
        points[~np.isfinite(points)] = np.nan
    if goal in ("bd09", "gcj02"):
        points = wgs84_to_gcj02(points)
    return gcj02_to_bd09(points) if goal == "bd09" else points


def in_china(lon: float, lat: float) -> bool:
    """Tell whether a WGS-84 point lies in China, to the 50 km that choosing a projection needs."""
    return bool(shapely.contains_xy(_OUTLINE, lon, lat))


def working_crs(lon: float, lat: float) -> CRS:
    """Choose the projected system in metres for a county around a WGS-84 point.

    CGCS2000 Gauss-Krüger in three-degree zones, without the zone prefix, in China (EPSG:4534 to 4554); UTM on
    WGS-84 elsewhere.

    Examples
    --------
    >>> working_crs(111.1, 32.6).to_epsg(), working_crs(85.32, 27.7).to_epsg(), working_crs(-51.2, -30.0).to_epsg()
    (4546, 32645, 32722)
    """
    if in_china(lon, lat):
        meridian = int(np.clip(np.floor(lon / 3.0 + 0.5) * 3, 75, 135))
        return CRS.from_epsg(4534 + (meridian - 75) // 3)
    zone = int((lon + 180.0) // 6.0) % 60 + 1
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)
