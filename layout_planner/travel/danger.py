"""Dangers on the way: trunk roads, level crossings, ferries, dark tunnels, fords, and who meets them.

RULES: a school is not to be merged where the way is not safe (国办发〔2012〕48号), and primary pupils are not to cross
trunk roads or railways (GBJ 99-86, 建标109-2008). This module finds the ways that need somebody to look at them; that a
way is safe no map can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.errors import Text
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.paths import PathEdges, find_paths
from layout_planner.travel.speeds import Profile
from layout_planner.travel.tags import RoadFlag

__all__ = ["DANGER_NAMES", "ON_FOOT", "RIDING", "Danger", "Dangers", "find_dangers", "unsafe_ways"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_FAST = ("motorway", "motorway_link", "trunk", "trunk_link")


class Danger(StrEnum):
    """One kind of danger."""

    TRUNK_ALONG = "trunk_along"
    TRUNK_CROSSING = "trunk_crossing"
    RAIL_CROSSING = "rail_crossing"
    FERRY = "ferry"
    DARK_TUNNEL = "dark_tunnel"
    FORD = "ford"


DANGER_NAMES: dict[Danger, Text] = {
    Danger.TRUNK_ALONG: Text("沿高速公路或干线公路行走", "walking along a motorway or trunk road"),
    Danger.TRUNK_CROSSING: Text("平面横穿干线公路", "crossing a trunk road at grade"),
    Danger.RAIL_CROSSING: Text("平面横穿铁路", "crossing a railway at grade"),
    Danger.FERRY: Text("乘渡船", "a ferry"),
    Danger.DARK_TUNNEL: Text("穿行没有照明的隧道", "a tunnel not known to be lit"),
    Danger.FORD: Text("涉水", "a ford"),
}
ON_FOOT = tuple(Danger)
"""Dangers of those who walk."""
RIDING = (Danger.RAIL_CROSSING, Danger.FERRY, Danger.FORD)
"""Dangers of those who ride: a bus may use trunk roads and tunnels."""


@dataclass(frozen=True, eq=False)
class Dangers:
    """Where the dangers of a network lie.

    Attributes
    ----------
    along : mapping of Danger to (m,) bool
        Edges that are dangerous for as long as one is on them.
    cross_edge, cross_share, cross_rail : (c,)
        Places, as shares of edges from their u ends, where an edge crosses a railway (True) or a trunk road that it
        does not meet in a junction (False); ascending by edge and share.
    trunk : (m,) bool
        Edges of trunk roads and motorways.
    bearing : (m, 2) float64
        Directions in which edges leave their u and v ends, radians.
    trunk_bearing : (n, 2) float64
        Directions of the two trunk edges at a node; nan where there are not exactly two of the same level.
    """

    along: dict[Danger, Mask]
    cross_edge: Ints
    cross_share: Floats
    cross_rail: Mask
    trunk: Mask
    bearing: Floats
    trunk_bearing: Floats


def find_dangers(network: RoadNetwork) -> Dangers:
    """Find what is dangerous on a network.

    A tunnel counts unless it is tagged as lit. Roads cross a railway at grade where the two lines cross and neither
    is on a bridge or in a tunnel; a railway whose level nobody recorded counts as on the ground.
    """
    roads = network.roads
    trunk = roads.is_class(*_FAST)
    off_ground = roads.has(RoadFlag.BRIDGE | RoadFlag.TUNNEL)
    along = {
        Danger.TRUNK_ALONG: trunk,
        Danger.FERRY: roads.is_class("ferry"),
        Danger.DARK_TUNNEL: roads.has(RoadFlag.TUNNEL) & ~roads.has(RoadFlag.LIT),
        Danger.FORD: roads.has(RoadFlag.FORD),
    }
    lines = network.edge_geometries()
    crossing = ~off_ground & ~roads.is_class("ferry")
    rails = network.rails.geometries()
    if len(network.rails.raised) == len(rails):
        rails = rails[~network.rails.raised]
    fast = np.flatnonzero(trunk & ~off_ground)
    slow = np.flatnonzero(crossing & ~trunk)
    both = [
        (*_crossings(lines, np.flatnonzero(crossing), rails), True),
        (*_crossings(lines, *_apart(network, lines, slow, fast)), False),
    ]
    edge = np.concatenate([b[0] for b in both])
    share = np.concatenate([b[1] for b in both])
    rail = np.repeat([b[2] for b in both], [len(b[0]) for b in both])
    order = np.lexsort((share, edge))
    bearing = _bearings(network)
    return Dangers(
        along, edge[order], share[order], rail[order], trunk, bearing, _trunk_bearings(network, trunk, bearing)
    )


def _crossings(
    lines: npt.NDArray[np.object_], edges: Ints, others: npt.NDArray[np.object_]
) -> tuple[Ints, Floats]:  # fmt: skip
    """Find where some edges cross other lines: edge and share from its u end."""
    if not len(edges) or not len(others):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    tree = shapely.STRtree(others)
    at, other = tree.query(lines[edges], predicate="intersects")
    points, owner = shapely.get_parts(shapely.intersection(lines[edges[at]], others[other]), return_index=True)
    places = shapely.centroid(points)
    edge = edges[at[owner]]
    found = np.column_stack([edge, np.round(shapely.line_locate_point(lines[edge], places, normalized=True), 9)])
    found = np.unique(found, axis=0) if len(found) else found
    return found[:, 0].astype(np.int64), found[:, 1]


def _apart(
    network: RoadNetwork, lines: npt.NDArray[np.object_], slow: Ints, fast: Ints
) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Keep the slow edges that cross a fast one without sharing a node with it; give the fast lines too."""
    if not len(slow) or not len(fast):
        return slow[:0], lines[:0]
    tree = shapely.STRtree(lines[fast])
    at, other = tree.query(lines[slow], predicate="crosses")
    one, two = slow[at], fast[other]
    ends = [(network.edge_u, network.edge_u), (network.edge_u, network.edge_v),
            (network.edge_v, network.edge_u), (network.edge_v, network.edge_v)]  # fmt: skip
    meet = np.any([a[one] == b[two] for a, b in ends], axis=0) if len(one) else np.zeros(0, dtype=bool)
    level = network.roads.layer[one] == network.roads.layer[two]
    keep = ~meet & level
    return np.unique(one[keep]), lines[np.unique(two[keep])]


def _bearings(network: RoadNetwork) -> Floats:
    first, last = network.shape_start[:-1], network.shape_start[1:] - 1
    x, y = network.shape_x, network.shape_y
    leave = np.arctan2(y[first + 1] - y[first], x[first + 1] - x[first])
    arrive = np.arctan2(y[last - 1] - y[last], x[last - 1] - x[last])
    return np.column_stack([leave, arrive])


def _trunk_bearings(network: RoadNetwork, trunk: Mask, bearing: Floats) -> Floats:
    edges = np.flatnonzero(trunk)
    node = np.concatenate([network.edge_u[edges], network.edge_v[edges]])
    angle = np.concatenate([bearing[edges, 0], bearing[edges, 1]])
    order = np.argsort(node, kind="stable")
    node, angle = node[order], angle[order]
    count = np.bincount(node, minlength=network.n_nodes)
    first = np.concatenate([[0], np.cumsum(count)])[:-1]
    two = np.flatnonzero(count == 2)
    found = np.full((network.n_nodes, 2), np.nan)
    found[two] = np.column_stack([angle[first[two]], angle[first[two] + 1]])
    return found


def _met(network: RoadNetwork, dangers: Dangers, pieces: PathEdges) -> pd.DataFrame:
    """List what each path meets: ``path``, ``kind``, ``metres`` along it and ``times`` crossed."""
    path = pieces.path
    rows = [
        pd.DataFrame({"path": path[on], "kind": kind.value, "metres": pieces.metres[on], "times": 0})
        for kind, edges in dangers.along.items()
        if (on := edges[pieces.edge]).any()
    ]
    low, high = np.minimum(pieces.begin, pieces.end), np.maximum(pieces.begin, pieces.end)
    first = np.searchsorted(dangers.cross_edge, pieces.edge, side="left")
    count = np.searchsorted(dangers.cross_edge, pieces.edge, side="right") - first
    piece = np.repeat(np.arange(len(path)), count)
    at = np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    share = dangers.cross_share[at]
    inside = (share >= low[piece]) & (share <= high[piece])
    for rail, kind in ((True, Danger.RAIL_CROSSING), (False, Danger.TRUNK_CROSSING)):
        hit = piece[inside & (dangers.cross_rail[at] == rail)]
        rows.append(pd.DataFrame({"path": path[hit], "kind": kind.value, "metres": 0.0, "times": 1}))
    turned = _crosses_trunk(network, dangers, pieces)
    rows.append(pd.DataFrame({"path": path[turned], "kind": Danger.TRUNK_CROSSING.value, "metres": 0.0, "times": 1}))
    met = pd.concat(rows, ignore_index=True)
    order = {kind.value: i for i, kind in enumerate(Danger)}
    summed = met.groupby(["path", "kind"], as_index=False)[["metres", "times"]].sum()
    return summed.sort_values(["path", "kind"], key=lambda c: c.map(order) if c.name == "kind" else c, kind="stable")


def _crosses_trunk(network: RoadNetwork, dangers: Dangers, pieces: PathEdges) -> Ints:
    """Find the pieces at whose end a path goes over a trunk road to its other side."""
    path, forward = pieces.path, pieces.forward
    here = np.flatnonzero(path[1:] == path[:-1])
    node = np.where(forward[here], network.edge_v[pieces.edge[here]], network.edge_u[pieces.edge[here]])
    onto = np.where(forward[here + 1], network.edge_u[pieces.edge[here + 1]], network.edge_v[pieces.edge[here + 1]])
    slow = ~dangers.trunk[pieces.edge[here]] & ~dangers.trunk[pieces.edge[here + 1]]
    keep = slow & (node == onto) & np.isfinite(dangers.trunk_bearing[node, 0])
    here, node = here[keep], node[keep]
    came = dangers.bearing[pieces.edge[here], np.where(forward[here], 1, 0)]
    goes = dangers.bearing[pieces.edge[here + 1], np.where(forward[here + 1], 0, 1)]
    zero, other = dangers.trunk_bearing[node].T
    turn = 2 * np.pi
    between = (other - zero) % turn
    return here[((came - zero) % turn < between) != ((goes - zero) % turn < between)]


def unsafe_ways(
    network: RoadNetwork, profile: Profile, origin_id: Sequence[str], origin_xy: Floats, site_id: Sequence[str],
    site_xy: Floats, chosen: pd.DataFrame, *, snap_limit_m: float, access_speed_kmh: float, access_detour: float,
    kinds: Sequence[Danger] = ON_FOOT, dangers: Dangers | None = None, keep_paths: bool = False,
) -> pd.DataFrame:  # fmt: skip
    """Say which dangers the quickest way from each origin to its chosen site meets.

    Parameters
    ----------
    network, profile : RoadNetwork, Profile
        The roads, and who travels.
    origin_id, origin_xy, site_id, site_xy
        Unique ids, and metres in the network's CRS.
    chosen : DataFrame
        ``origin_id`` and ``site_id``, and any columns that are to be carried along (pupils, band).
    snap_limit_m, access_speed_kmh, access_detour
        As in :func:`~layout_planner.travel.matrix.travel_matrix`.
    kinds : sequence of Danger
        What counts.
    dangers : Dangers, optional
        What :func:`find_dangers` found, if it is known already.
    keep_paths : bool
        Give each way as a LineString, in the column ``geometry`` of a GeoDataFrame.

    Returns
    -------
    DataFrame
        The columns of ``chosen``, ``kind``, ``metres`` (along the danger), ``times`` (crossings) and ``way_minutes``:
        one row a chosen pair and danger that it meets, in the order of ``chosen``; nothing for a safe way.
    """
    pairs = chosen.reset_index(drop=True)
    ways = find_paths(
        network, profile, origin_id, origin_xy, site_id, site_xy, pairs[["origin_id", "site_id"]],
        snap_limit_m=snap_limit_m, access_speed_kmh=access_speed_kmh, access_detour=access_detour,
    )  # fmt: skip
    met = _met(network, dangers or find_dangers(network), ways.edges)
    met = met[met["kind"].isin([kind.value for kind in kinds])]
    path = met["path"].to_numpy(dtype=np.int64)
    frame = pairs.iloc[path].reset_index(drop=True)
    for name in ("kind", "metres", "times"):
        frame[name] = met[name].to_numpy()
    frame["way_minutes"] = ways.minutes[path]
    if not keep_paths:
        return frame
    return gpd.GeoDataFrame(frame, geometry=ways.line[path], crs=network.crs)
