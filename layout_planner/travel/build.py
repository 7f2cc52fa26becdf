"""From ways to edges: split at junctions, measure on the ellipsoid, order in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from layout_planner.errors import Flaw, NetworkError, Text
from layout_planner.travel.geodesy import WGS84, ellipsoid_metres, hilbert_order, projected_crs, transform, utm_crs
from layout_planner.travel.network import Lines, RoadNetwork
from layout_planner.travel.tags import RoadAttributes, RoadTags

__all__ = ["Ways", "build_network"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ways:
    """Roads as they were drawn: w polylines over shared points.

    Attributes
    ----------
    start : (w + 1,) int64
        Offsets into the point arrays.
    point_id : (p,) int64
        Id of each vertex; the same id is the same place, wherever it occurs.
    lon, lat : (p,) float64
        Degrees on WGS-84.
    way_id : (w,) int64
        Id of each way.
    tags : sequence of RoadTags, length w
        What each way's tags say.
    names : sequence of str, length w
        Road names, empty where unknown.
    split_id : (s,) int64
        Points that must become nodes even where only one road passes (barriers).
    """

    start: Ints
    point_id: Ints
    lon: Floats
    lat: Floats
    way_id: Ints
    tags: Sequence[RoadTags]
    names: Sequence[str]
    split_id: Ints


def build_network(
    ways: Ways,
    crs: CRS | str | int | None = None,
    *,
    rails: tuple[Ints, Floats, Floats] | None = None,
    checks: Sequence[Flaw] = (),
) -> RoadNetwork:
    """Build a network: an edge for every piece of road between junctions.

    A junction is a point that two ways share, that one way passes twice, or where a way ends.

    Parameters
    ----------
    ways : Ways
        The roads.
    crs : CRS, optional
        Projected working CRS in metres; by default the UTM zone of the middle of the roads.
    rails : (start, lon, lat), optional
        Railway lines in degrees.
    checks : sequence of Flaw
        What was noticed while reading; kept with the network.

    Raises
    ------
    CrsError
        ``crs`` is not projected in metres.
    NetworkError
        There is no road of two different points.
    """
    way, first_of_id, point = _clean(ways)
    if len(way) < 2 or not (way[1:] == way[:-1]).any():
        raise NetworkError(Text("没有任何道路", "There are no roads"))
    lon, lat = ways.lon[first_of_id], ways.lat[first_of_id]
    if crs is None:
        crs = utm_crs(float(np.median(lon)), float(np.median(lat)))
    plane = projected_crs(crs)
    x, y = transform(lon, lat, WGS84, plane)
    split = np.isin(ways.point_id[first_of_id], ways.split_id)
    begin, end = _pieces(way, point, split)
    step = ellipsoid_metres(lon[point], lat[point])
    along = np.concatenate([[0.0], np.cumsum(np.where(way[1:] == way[:-1], step, 0.0))])
    used = np.unique(np.concatenate([point[begin], point[end]]))
    used = used[hilbert_order(x[used], y[used])]
    position = np.full(len(first_of_id), -1, dtype=np.int32)
    position[used] = np.arange(len(used), dtype=np.int32)
    u, v = position[point[begin]], position[point[end]]
    order = np.lexsort((np.arange(len(u)), np.maximum(u, v), np.minimum(u, v)))
    begin, end, u, v = begin[order], end[order], u[order], v[order]
    count = end - begin + 1
    start = np.concatenate([[0], np.cumsum(count)])
    vertex = point[np.repeat(begin - start[:-1], count) + np.arange(start[-1])]
    names = sorted({"", *ways.names})
    code = {name: i for i, name in enumerate(names)}
    name_code = np.array([code[name] for name in ways.names], dtype=np.int32)
    return RoadNetwork(
        crs=plane,
        node_id=ways.point_id[first_of_id][used],
        node_x=x[used],
        node_y=y[used],
        node_lon=lon[used],
        node_lat=lat[used],
        edge_u=u,
        edge_v=v,
        length_m=along[end] - along[begin],
        shape_start=start,
        shape_x=x[vertex],
        shape_y=y[vertex],
        roads=RoadAttributes.from_rows(ways.tags).take(way[begin]),
        way_id=ways.way_id[way[begin]],
        name_code=name_code[way[begin]],
        names=tuple(names),
        rails=_project(rails, plane),
        checks=tuple(checks),
    )


def _clean(ways: Ways) -> tuple[Ints, Ints, Ints]:
    """Drop repeated points in a row; give each vertex its way and the position of its id among the unique ids."""
    _, first_of_id, point = np.unique(ways.point_id, return_index=True, return_inverse=True)
    way = np.repeat(np.arange(len(ways.start) - 1), np.diff(ways.start))
    keep = np.ones(len(point), dtype=bool)
    keep[1:] = (point[1:] != point[:-1]) | (way[1:] != way[:-1])
    return way[keep], first_of_id, point[keep]


def _pieces(way: Ints, point: Ints, split: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Find where each piece of road begins and ends in the vertex list."""
    is_end = np.ones(len(way), dtype=bool)
    is_end[1:-1] = (way[1:-1] != way[:-2]) | (way[1:-1] != way[2:])
    shared = (np.bincount(point, minlength=len(split)) >= 2) | split
    at = np.flatnonzero(is_end | shared[point])
    same = way[at[1:]] == way[at[:-1]]
    return at[:-1][same], at[1:][same]


def _project(lines: tuple[Ints, Floats, Floats] | None, crs: CRS) -> Lines:
    if lines is None or len(lines[0]) < 2:
        return Lines.empty()
    x, y = transform(lines[1], lines[2], WGS84, crs)
    return Lines(lines[0], x, y)
