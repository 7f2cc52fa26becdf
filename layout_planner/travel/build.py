"""From ways to edges: split at junctions, measure on the ellipsoid, order in space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from layout_planner.errors import Flaw, NetworkError, Text
from layout_planner.travel.geodesy import WGS84, ellipsoid_metres, hilbert_order, projected_crs, transform, utm_crs
from layout_planner.travel.network import Lines, RoadNetwork
from layout_planner.travel.tags import Access, Blocked, RoadAttributes, RoadTags
from layout_planner.travel.threads import in_blocks

__all__ = ["Ways", "build_network"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_STUB_M = 1.0
_BLOCK = 1 << 16


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
    tags : sequence of RoadTags
        What each way's tags say, or the different tags if ``tag_code`` tells which of them are each way's.
    names : sequence of str, length w
        Road names, empty where unknown.
    split_id : (s,) int64
        Points that must become nodes even where only one road passes (barriers).
    blocked : (s,) uint8
        Whom the barrier at each of those points keeps out (:class:`~layout_planner.travel.tags.Blocked`); empty if
        it keeps out nobody.
    vertex : (p,) int64, optional
        Positions of the vertices in ``point_id``, ``lon`` and ``lat``, which then hold every point once, ids
        ascending.
    tag_code : (w,) int64, optional
        Position of each way's tags in ``tags``.
    """

    start: Ints
    point_id: Ints
    lon: Floats
    lat: Floats
    way_id: Ints
    tags: Sequence[RoadTags]
    names: Sequence[str]
    split_id: Ints
    blocked: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, dtype=np.uint8))
    vertex: Ints | None = None
    tag_code: Ints | None = None

    def shared(self) -> Ways:
        """Bring the points into the form of ``vertex``: every place once, by ascending id."""
        if self.vertex is not None:
            return self
        point_id, first, vertex = np.unique(self.point_id, return_index=True, return_inverse=True)
        return replace(self, point_id=point_id, lon=self.lon[first], lat=self.lat[first], vertex=vertex)

    def find(self, ids: Ints) -> Ints:
        """Give the positions of points by id, -1 for unknown ones (in the form of ``vertex``)."""
        if not len(self.point_id):
            return np.full(len(ids), -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.point_id, ids), len(self.point_id) - 1)
        return np.where(self.point_id[at] == ids, at, -1)


def build_network(
    ways: Ways,
    crs: CRS | str | int | None = None,
    *,
    rails: tuple[Ints, Floats, Floats] | None = None,
    rails_raised: npt.NDArray[np.bool_] | None = None,
    checks: Sequence[Flaw] = (),
) -> RoadNetwork:
    """Build a network: an edge for every piece of road between junctions.

    A junction is a point that two ways share, that one way passes twice, or where a way ends. The metre of road on
    each side of a barrier becomes an edge of its own, closed to those whom the barrier keeps out.

    Parameters
    ----------
    ways : Ways
        The roads.
    crs : CRS, optional
        Projected working CRS in metres; by default the UTM zone of the middle of the roads.
    rails : (start, lon, lat), optional
        Railway lines in degrees.
    rails_raised : (k,) bool, optional
        Railway lines on a bridge or in a tunnel.
    checks : sequence of Flaw
        What was noticed while reading; kept with the network.

    Raises
    ------
    CrsError
        ``crs`` is not projected in metres.
    NetworkError
        There is no road of two different points.
    """
    ways, blocked, split = _with_stubs(ways.shared())
    way, point = _clean(ways)
    if len(way) < 2 or not (way[1:] == way[:-1]).any():
        raise NetworkError(Text("没有任何道路", "There are no roads"))
    lon, lat = ways.lon, ways.lat
    if crs is None:
        crs = utm_crs(float(np.median(lon)), float(np.median(lat)))
    plane = projected_crs(crs)
    x, y = _on_threads(lambda a, b: transform(lon[a:b], lat[a:b], WGS84, plane), len(lon))
    begin, end = _pieces(way, point, split)
    along = _metres_along(way, lon[point], lat[point])
    used = _junctions(ways.point_id, x, y, point[begin], point[end])
    position = np.full(len(lon), -1, dtype=np.int32)
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
    kind = way[begin] if ways.tag_code is None else ways.tag_code[way[begin]]
    roads = _shut(RoadAttributes.from_rows(ways.tags).take(kind), blocked[point[begin]] | blocked[point[end]])
    return RoadNetwork(
        crs=plane,
        node_id=ways.point_id[used],
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
        roads=roads,
        way_id=ways.way_id[way[begin]],
        name_code=name_code[way[begin]],
        names=tuple(names),
        rails=_project(rails, plane, rails_raised),
        checks=tuple(checks),
    )


def _metres_along(way: Ints, lon: Floats, lat: Floats) -> Floats:
    """Add up the metres along the ways, one after the other; from a way to the next there are none."""
    (step,) = _on_threads(lambda a, b: (ellipsoid_metres(lon[a : b + 1], lat[a : b + 1]),), len(lon) - 1)
    return np.concatenate([[0.0], np.cumsum(np.where(way[1:] == way[:-1], step, 0.0))])


def _junctions(point_id: Ints, x: Floats, y: Floats, begin: Ints, end: Ints) -> Ints:
    """List the points at which pieces of road end, in an order that keeps neighbours together."""
    is_used = np.zeros(len(x), dtype=bool)
    is_used[begin] = is_used[end] = True
    used = np.flatnonzero(is_used)
    used = used[np.argsort(point_id[used], kind="stable")]
    return np.asarray(used[hilbert_order(x[used], y[used])])


def _on_threads(work: Callable[[int, int], tuple[Floats, ...]], n: int) -> tuple[Floats, ...]:
    """Compute long arrays piece by piece on threads and put the pieces together."""
    return tuple(np.concatenate(parts) for parts in zip(*in_blocks(work, n, _BLOCK), strict=True))


def _clean(ways: Ways) -> tuple[Ints, Ints]:
    """Drop repeated points in a row; give each vertex its way and the position of its point."""
    point = ways.vertex
    assert point is not None
    way = np.repeat(np.arange(len(ways.start) - 1), np.diff(ways.start))
    keep = np.ones(len(point), dtype=bool)
    keep[1:] = (point[1:] != point[:-1]) | (way[1:] != way[:-1])
    return (way, point) if keep.all() else (way[keep], point[keep])


def _pieces(way: Ints, point: Ints, split: npt.NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Find where each piece of road begins and ends in the vertex list."""
    is_end = np.ones(len(way), dtype=bool)
    is_end[1:-1] = (way[1:-1] != way[:-2]) | (way[1:-1] != way[2:])
    shared = (np.bincount(point, minlength=len(split)) >= 2) | split
    at = np.flatnonzero(is_end | shared[point])
    same = way[at[1:]] == way[at[:-1]]
    return at[:-1][same], at[1:][same]


def _project(
    lines: tuple[Ints, Floats, Floats] | None, crs: CRS, raised: npt.NDArray[np.bool_] | None
) -> Lines:  # fmt: skip
    if lines is None or len(lines[0]) < 2:
        return Lines.empty()
    x, y = transform(lines[1], lines[2], WGS84, crs)
    return Lines(lines[0], x, y, np.zeros(0, dtype=bool) if raised is None else raised)


def _with_stubs(ways: Ways) -> tuple[Ways, npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Add a point a metre before and after every barrier, which then splits the road there.

    Returns
    -------
    ways : Ways
        With the new points, whose ids are negative, after the others.
    blocked : (n,) uint8
        Whom a barrier at each point keeps out.
    split : (n,) bool
        Points that become nodes whatever passes there.
    """
    vertex, at = ways.vertex, ways.find(ways.split_id)
    assert vertex is not None
    n = len(ways.point_id)
    blocked, split = np.zeros(n, dtype=np.uint8), np.zeros(n, dtype=bool)
    split[at[at >= 0]] = True
    if len(ways.blocked):
        np.bitwise_or.at(blocked, at[at >= 0], ways.blocked[at >= 0])
    if not blocked.any():
        return ways, blocked, split
    barrier = blocked[vertex] > 0
    way = np.repeat(np.arange(len(ways.start) - 1), np.diff(ways.start))
    joined = np.append(way[1:] == way[:-1], False)  # a segment leads from vertex i to i + 1
    after = np.flatnonzero(barrier & joined)
    before = np.flatnonzero(barrier[1:] & joined[:-1])
    base = np.concatenate([after, before])
    one, other = vertex[base], vertex[base + 1]
    ends = np.column_stack([one, other]).ravel()
    metres = ellipsoid_metres(ways.lon[ends], ways.lat[ends])[::2]
    share = np.minimum(_STUB_M / np.maximum(metres, 1e-9), 0.4)
    part = np.where(np.arange(len(base)) < len(after), share, 1.0 - share)
    new = n + np.arange(len(base), dtype=np.int64)
    order = np.argsort(np.concatenate([np.arange(len(vertex), dtype=float), base + part]), kind="stable")
    way_of = np.concatenate([way, way[base]])[order]
    none = np.zeros(len(base))
    changed = replace(
        ways,
        start=np.concatenate([[0], np.cumsum(np.bincount(way_of, minlength=len(ways.start) - 1))]),
        vertex=np.concatenate([vertex, new])[order],
        point_id=np.concatenate([ways.point_id, min(0, int(ways.point_id.min())) - 1 - (new - n)]),
        lon=np.concatenate([ways.lon, ways.lon[one] + part * (ways.lon[other] - ways.lon[one])]),
        lat=np.concatenate([ways.lat, ways.lat[one] + part * (ways.lat[other] - ways.lat[one])]),
    )
    return changed, np.concatenate([blocked, none.astype(np.uint8)]), np.concatenate([split, none == 0])


def _shut(roads: RoadAttributes, held: npt.NDArray[np.uint8]) -> RoadAttributes:
    """Close edges to those whom a barrier at one of their ends keeps out."""
    shut = {}
    for who, names in ((Blocked.FOOT, ("foot",)), (Blocked.BICYCLE, ("bicycle",)), (Blocked.MOTOR, ("motor", "bus"))):
        at = np.flatnonzero(held & np.uint8(who))
        for name in names if len(at) else ():
            codes = getattr(roads, name).copy()
            codes[at] = Access.NO
            shut[name] = codes
    return replace(roads, **shut)
