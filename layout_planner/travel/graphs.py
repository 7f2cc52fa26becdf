"""To and from NetworkX: the MultiDiGraph that OSMnx makes and understands."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from layout_planner.errors import NetworkError, Text
from layout_planner.travel.build import Ways, build_network
from layout_planner.travel.geodesy import WGS84, projected_crs, transform, utm_crs
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.speeds import Profile
from layout_planner.travel.tags import (
    HIGHWAYS,
    SAC_SCALES,
    SMOOTHNESS,
    SURFACES,
    Access,
    Oneway,
    RoadFlag,
    RoadTags,
    parse_tags,
)

__all__ = ["from_networkx", "to_networkx"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_Shape = tuple[tuple[float, float], ...]
_Row = dict[str, Any]

_ONEWAY_VALUE = {Oneway.NO: False, Oneway.FORWARD: True, Oneway.BACKWARD: True, Oneway.CLOSED: "reversible"}
_FOOT_VALUE = {Oneway.FORWARD: "yes", Oneway.BACKWARD: "-1", Oneway.CLOSED: "reversible"}
_BICYCLE_VALUE = {Oneway.NO: "no", **_FOOT_VALUE}
_ACCESS_VALUE = {Access.YES: "yes", Access.NO: "no", Access.PRIVATE: "private", Access.LIMITED: "agricultural"}
_FLAG_TAGS = (
    (RoadFlag.BRIDGE, "bridge", "yes"), (RoadFlag.TUNNEL, "tunnel", "yes"),
    (RoadFlag.ROUNDABOUT, "junction", "roundabout"),
    (RoadFlag.NARROW, "narrow", "yes"), (RoadFlag.UNLIT, "lit", "no"), (RoadFlag.LIT, "lit", "yes"),
    (RoadFlag.AREA, "area", "yes"), (RoadFlag.FORD, "ford", "yes"),
    (RoadFlag.MOTORROAD, "motorroad", "yes"),
)  # fmt: skip


def to_networkx(network: RoadNetwork, profile: Profile | None = None) -> nx.MultiDiGraph[Any]:
    """Make an OSMnx-style MultiDiGraph: nodes by OSM id, an edge for each direction that may be used.

    Without a profile the directions are those of vehicles, as OSMnx has them. With one, only what the profile allows
    is kept, each edge with ``minutes`` and ``travel_time`` (seconds).

    Returns
    -------
    MultiDiGraph
        Nodes have ``x``, ``y`` (metres in the network's CRS), ``lon``, ``lat``; edges ``osmid``, ``length`` (metres),
        ``highway``, ``oneway``, ``reversed``, ``geometry`` and what is known of the tags.
    """
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph(crs=network.crs, simplified=True)
    for i, node in enumerate(network.node_id.tolist()):
        graph.add_node(node, x=float(network.node_x[i]), y=float(network.node_y[i]),
                       lon=float(network.node_lon[i]), lat=float(network.node_lat[i]))  # fmt: skip
    if profile is None:
        way = network.roads.oneway
        forward = np.where(way == Oneway.BACKWARD, np.inf, network.length_m)
        backward = np.where(way == Oneway.FORWARD, np.inf, network.length_m)
    else:
        forward, backward = profile.edge_minutes(network)
    lines = network.edge_geometries()
    ends = network.node_id[network.edge_u].tolist(), network.node_id[network.edge_v].tolist()
    for e in range(network.n_edges):
        u, v = ends[0][e], ends[1][e]
        data = _edge_data(network, e)
        for tail, head, cost, turned in ((u, v, forward[e], False), (v, u, backward[e], True)):
            if np.isfinite(cost):
                line = shapely.reverse(lines[e]) if turned else lines[e]
                times = {} if profile is None else {"minutes": float(cost), "travel_time": float(cost) * 60.0}
                graph.add_edge(tail, head, **data, reversed=turned, geometry=line, **times)
    return graph


def _edge_data(network: RoadNetwork, e: int) -> dict[str, Any]:
    roads = network.roads
    data: dict[str, Any] = {
        "osmid": int(network.way_id[e]),
        "highway": HIGHWAYS[roads.highway[e]],
        "oneway": _ONEWAY_VALUE[Oneway(roads.oneway[e])],
        "length": float(network.length_m[e]),
    }
    if network.names[network.name_code[e]]:
        data["name"] = network.names[network.name_code[e]]
    for key, codes in (("foot", roads.foot), ("motor_vehicle", roads.motor), ("bicycle", roads.bicycle)):
        if codes[e] != Access.UNSET:
            data[key] = _ACCESS_VALUE[Access(codes[e])]
    data |= {key: value for flag, key, value in _FLAG_TAGS if int(roads.flags[e]) & flag}
    if roads.bus[e] not in (Access.UNSET, roads.motor[e]):
        data["bus"] = _ACCESS_VALUE[Access(roads.bus[e])]
    if roads.oneway_bicycle[e] != roads.oneway[e]:
        data["oneway:bicycle"] = _BICYCLE_VALUE[Oneway(roads.oneway_bicycle[e])]
    if roads.smoothness[e]:
        data["smoothness"] = SMOOTHNESS[roads.smoothness[e]]
    if roads.duration_min[e] > 0:
        data["duration"] = f"{roads.duration_min[e]:.0f}"
    if roads.oneway_foot[e] != Oneway.NO:
        data["oneway:foot"] = _FOOT_VALUE[Oneway(roads.oneway_foot[e])]
    if roads.surface[e]:
        data["surface"] = SURFACES[roads.surface[e]]
    if roads.tracktype[e]:
        data["tracktype"] = f"grade{roads.tracktype[e]}"
    if roads.sac_scale[e]:
        data["sac_scale"] = SAC_SCALES[roads.sac_scale[e]]
    if roads.layer[e]:
        data["layer"] = str(roads.layer[e])
    if not np.isnan(roads.maxspeed_kmh[e]):
        data["maxspeed"] = f"{roads.maxspeed_kmh[e]:g}"
    return data


def from_networkx(
    graph: nx.Graph[Any], crs: CRS | str | int | None = None, *, keep_lengths: bool = True
) -> RoadNetwork:
    """Make a network from an OSMnx graph (simplified or not) or any graph whose nodes have ``x`` and ``y``.

    The two directions of one road, which OSMnx keeps as two edges with reversed shapes, become one undirected edge
    again. A directed edge without its counterpart is a one-way for vehicles.

    Parameters
    ----------
    graph : networkx graph
        ``graph.graph["crs"]`` is the CRS of x and y (EPSG:4326 if absent). Undirected graphs have no one-ways.
    crs : CRS, optional
        Projected working CRS; by default the graph's own if it is projected, otherwise the UTM zone.
    keep_lengths : bool
        Take ``length`` where an edge has it; otherwise every length is measured on the ellipsoid.

    Raises
    ------
    NetworkError
        There are no edges, or a node has no position.
    """
    nodes = list(graph.nodes(data=True))
    if graph.number_of_edges() == 0:
        raise NetworkError(Text("图中没有任何边", "The graph has no edges"))
    if any("x" not in data or "y" not in data for _, data in nodes):
        raise NetworkError(Text("图的节点缺少坐标 x、y", "Nodes of the graph lack x or y"))
    x, y = (np.array([float(data[key]) for _, data in nodes]) for key in "xy")
    source = CRS.from_user_input(graph.graph.get("crs", WGS84))
    lon, lat = transform(x, y, source, WGS84)
    if source.is_projected and all("lon" in data and "lat" in data for _, data in nodes):
        lon, lat = (np.array([float(data[key]) for _, data in nodes]) for key in ("lon", "lat"))
    if crs is None:
        crs = source if source.is_projected else utm_crs(float(np.median(lon)), float(np.median(lat)))
    places = _Places(source, x, y, lon, lat)
    rows = _merge(graph, {node: i for i, (node, _) in enumerate(nodes)}, places)
    return _assemble(rows, _node_ids([node for node, _ in nodes]), places, projected_crs(crs), keep_lengths)


def _node_ids(names: list[Hashable]) -> Ints:
    try:
        ids = np.array([int(str(name)) for name in names], dtype=np.int64)
    except (ValueError, OverflowError):
        return np.arange(1, len(names) + 1, dtype=np.int64)
    return ids if len(set(ids.tolist())) == len(ids) else np.arange(1, len(names) + 1, dtype=np.int64)


@dataclass(frozen=True)
class _Places:
    """Where the nodes are, and the shape of an edge: its geometry, or the straight line between its nodes."""

    crs: CRS
    x: Floats
    y: Floats
    lon: Floats
    lat: Floats

    def shape(self, u: int, v: int, data: dict[str, Any]) -> _Shape:
        ends = [(float(self.x[i]), float(self.y[i])) for i in (u, v)]
        geometry = data.get("geometry")
        if isinstance(geometry, str):
            geometry = shapely.from_wkt(geometry)
        if geometry is None or geometry.is_empty:
            return tuple(ends)
        points = [(float(px), float(py)) for px, py in shapely.get_coordinates(geometry)]
        if u != v and math.dist(ends[0], points[-1]) < math.dist(ends[0], points[0]):
            points.reverse()
        return (ends[0], *points[1:-1], ends[1])


def _merge(graph: nx.Graph[Any], position: dict[Hashable, int], places: _Places) -> list[_Row]:
    """Pair the directed edges that are two directions of one road."""
    rows: list[_Row] = []
    waiting: dict[Hashable, list[_Row]] = {}
    directed = graph.is_directed()
    for a, b, data in graph.edges(data=True):
        u, v = position[a], position[b]
        points = places.shape(u, v, data)
        way = tuple(_many(data.get("osmid")))
        rounded = tuple((round(px, 7), round(py, 7)) for px, py in points)
        key = (v, u, tuple(sorted(way)), rounded[::-1])
        pair = waiting.get(key)
        if directed and pair:
            row = pair.pop(0)
            row["both"] = True
            if _truth(row["data"].get("reversed")) and not _truth(data.get("reversed")):
                row.update(u=u, v=v, points=points, data=data)
            continue
        row = {"u": u, "v": v, "points": points, "data": data, "way": way, "both": not directed}
        rows.append(row)
        waiting.setdefault((u, v, tuple(sorted(way)), rounded), []).append(row)
    for row in rows:
        if not row["both"] and _truth(row["data"].get("reversed")):
            row.update(u=row["v"], v=row["u"], points=row["points"][::-1], against=True)
    return rows


def _truth(value: object) -> bool:
    return value is True or str(value).lower() == "true"


def _many(value: object) -> list[int]:
    if value is None:
        return [0]
    if isinstance(value, str) and value.startswith("["):
        value = value.strip("[]").split(",")
    items = value if isinstance(value, (list, tuple, set)) else [value]
    numbers = (str(item).strip().strip("'") for item in items)
    return [int(number) if number.lstrip("-").isdigit() else 0 for number in numbers] or [0]


def _first(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return value[0] if value else ""
    if isinstance(value, str) and value.startswith("['"):
        return value[2:].split("'")[0]
    return "" if value is None or value != value else value


def _tags(row: _Row) -> RoadTags:
    data = row["data"]
    tags = {str(key): str(_first(value)) for key, value in data.items() if key != "geometry"}
    if tags.get("oneway") not in ("reversible", "alternating"):
        tags["oneway"] = "no" if row["both"] else "-1" if row.get("against") else "yes"
        tags.pop("oneway:motor_vehicle", None)
        tags.pop("oneway:vehicle", None)
    tags.setdefault("highway", "road")
    parsed = parse_tags(tags) or parse_tags(tags | {"highway": "road"})
    assert parsed is not None
    return parsed


def _assemble(rows: list[_Row], ids: Ints, places: _Places, plane: CRS, keep_lengths: bool) -> RoadNetwork:
    points = [row["points"] for row in rows]
    start = np.concatenate([[0], np.cumsum([len(p) for p in points])])
    x, y = np.array([xy for p in points for xy in p]).T
    lon, lat = transform(x, y, places.crs, WGS84)
    point_id = min(0, int(ids.min())) - 1 - np.arange(len(x), dtype=np.int64)
    for at, key in ((start[:-1], "u"), (start[1:] - 1, "v")):
        node = np.array([row[key] for row in rows])
        point_id[at], lon[at], lat[at] = ids[node], places.lon[node], places.lat[node]
    names = [str(_first(row["data"].get("name"))) for row in rows]
    ways = Ways(start, point_id, lon, lat, np.arange(len(rows)), [_tags(row) for row in rows], names, ids)
    network = build_network(ways, plane)
    row_of = network.way_id
    length = network.length_m
    if keep_lengths:
        given = np.array([float(row["data"].get("length", np.nan)) for row in rows])[row_of]
        length = np.where(np.isnan(given), length, given)
    way_id = np.array([row["way"][0] for row in rows], dtype=np.int64)[row_of]
    return replace(network, length_m=length, way_id=way_id)
