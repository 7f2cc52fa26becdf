"""The road network: junctions, the undirected edges between them with their shapes, and what their tags say."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layout_planner.errors import Flaw, NetworkError, Text, counted
from layout_planner.travel.geodesy import WGS84, transform
from layout_planner.travel.relief import Bends, Relief, find_bends
from layout_planner.travel.tags import HIGHWAYS, SURFACES, Access, Oneway, RoadAttributes, RoadFlag

__all__ = ["Lines", "RoadNetwork", "load_network"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_FORMAT = 2
_ARRAYS = ("node_id", "node_x", "node_y", "node_lon", "node_lat", "edge_u", "edge_v", "length_m", "shape_start",
           "shape_x", "shape_y", "way_id", "name_code")  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lines:
    """Polylines kept beside the roads: ``start`` (k + 1,) offsets into ``x`` and ``y`` (metres).

    ``raised`` (k,) bool marks lines on a bridge or in a tunnel, which cross no road at grade; empty if nobody knows.
    """

    start: Ints
    x: Floats
    y: Floats
    raised: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @classmethod
    def empty(cls) -> Lines:
        """Make a set of no lines."""
        return cls(np.zeros(1, dtype=np.int64), np.zeros(0), np.zeros(0))

    def take(self, pick: Ints) -> Lines:
        """Keep some lines, by position."""
        count = np.diff(self.start)[pick]
        start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
        at = np.repeat(self.start[pick] - start[:-1], count) + np.arange(start[-1])
        return Lines(start, self.x[at], self.y[at], self.raised[pick] if len(self.raised) else self.raised)

    def geometries(self) -> npt.NDArray[np.object_]:
        """Give the lines as shapely geometries."""
        if len(self.start) == 1:
            return np.zeros(0, dtype=object)
        points = np.column_stack([self.x, self.y])
        return shapely.from_ragged_array(shapely.GeometryType.LINESTRING, points, (self.start,))


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Roads of an area as a graph of n nodes and m undirected edges.

    Nodes are junctions and road ends, in an order that keeps neighbours together; edges are the pieces of road
    between them. Several edges may join the same two nodes, and an edge may return to its own node.

    Attributes
    ----------
    crs : CRS
        Projected working CRS, metres.
    node_id : (n,) int64
        OpenStreetMap ids (or numbers given while reading a file without ids). Unique.
    node_x, node_y, node_lon, node_lat : (n,) float64
        Metres in ``crs`` and degrees on WGS-84.
    edge_u, edge_v : (m,) int32
        Positions of the nodes at both ends, in the direction in which the road was drawn.
    length_m : (m,) float64
        Metres along the road on the ellipsoid, not on the plane of the projection.
    shape_start : (m + 1,) int64
        Offsets into ``shape_x`` and ``shape_y``: the vertices of each edge from u to v, both included, metres.
    roads : RoadAttributes
        Codes read from the tags, one entry an edge.
    way_id : (m,) int64
        OpenStreetMap way that the edge is part of.
    name_code : (m,) int32
        Position in ``names`` of the road's name.
    rails : Lines
        Railway lines, for danger checks; they carry nobody.
    checks : tuple of Flaw
        What was noticed while reading.
    relief : Relief, optional
        Heights along every edge, once :func:`layout_planner.travel.slope.drape` has laid the roads over a terrain.
    """

    crs: CRS
    node_id: Ints
    node_x: Floats
    node_y: Floats
    node_lon: Floats
    node_lat: Floats
    edge_u: npt.NDArray[np.int32]
    edge_v: npt.NDArray[np.int32]
    length_m: Floats
    shape_start: Ints
    shape_x: Floats
    shape_y: Floats
    roads: RoadAttributes
    way_id: Ints
    name_code: npt.NDArray[np.int32]
    names: tuple[str, ...] = ("",)
    rails: Lines = field(default_factory=Lines.empty)
    checks: tuple[Flaw, ...] = ()
    relief: Relief | None = None

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_id)

    @property
    def n_edges(self) -> int:
        """Number of undirected edges."""
        return len(self.edge_u)

    def __repr__(self) -> str:
        km = float(self.length_m.sum()) / 1000
        size = f"{counted(self.n_nodes, 'node')}, {counted(self.n_edges, 'edge')}"
        return f"RoadNetwork({size}, {km:,.0f} km, {self.crs.to_string()})"

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of everything that can change a travel time, as hexadecimal text."""
        digest = hashlib.sha256(f"{_FORMAT}|{self.crs.to_wkt()}|{json.dumps(self.names)}".encode())
        arrays = {name: getattr(self, name) for name in _ARRAYS} | self.roads.arrays() | self._beside()
        for name in sorted(arrays):
            array = np.ascontiguousarray(arrays[name])
            digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
            digest.update(array.data)
        return digest.hexdigest()

    def _beside(self) -> dict[str, npt.NDArray[np.generic]]:
        """Give the arrays of rails and relief by name."""
        rails = self.rails
        arrays: dict[str, npt.NDArray[np.generic]] = {"rail_start": rails.start, "rail_x": rails.x, "rail_y": rails.y}
        arrays["rail_raised"] = rails.raised
        if self.relief is not None:
            arrays |= {"relief_start": self.relief.start, "relief_height_m": self.relief.height_m}
        return arrays

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What was made of these roads and serves again, by name; a changed network begins anew."""
        return {}

    @cached_property
    def bends(self) -> Bends:
        """Where and how sharply every edge turns, whoever travels on it."""
        return find_bends(self.shape_start, self.shape_x, self.shape_y)

    def edge_geometries(self, edges: Ints | None = None) -> npt.NDArray[np.object_]:
        """Give every edge, or those at some positions, as a shapely LineString from u to v, shape (m,)."""
        lines = Lines(self.shape_start, self.shape_x, self.shape_y)
        return (lines if edges is None else lines.take(edges)).geometries()

    def edges_frame(self) -> gpd.GeoDataFrame:
        """Tabulate the edges with readable attributes, one row an edge, for maps and GeoPackages."""
        roads = self.roads
        names = np.array(self.names, dtype=object)
        frame = pd.DataFrame(
            {
                "edge_id": np.arange(self.n_edges).astype(str).astype(object),
                "way_id": self.way_id.astype(str).astype(object),
                "u": self.node_id[self.edge_u].astype(str).astype(object),
                "v": self.node_id[self.edge_v].astype(str).astype(object),
                "name": names[self.name_code],
                "highway": np.array(HIGHWAYS, dtype=object)[roads.highway],
                "length_m": self.length_m,
                "oneway": np.array([o.name.lower() for o in Oneway], dtype=object)[roads.oneway],
                "foot": np.array([a.name.lower() for a in Access], dtype=object)[roads.foot],
                "motor": np.array([a.name.lower() for a in Access], dtype=object)[roads.motor],
                "bridge": roads.has(RoadFlag.BRIDGE),
                "tunnel": roads.has(RoadFlag.TUNNEL),
                "surface": np.array(SURFACES, dtype=object)[roads.surface],
                "tracktype": roads.tracktype,
                "maxspeed_kmh": roads.maxspeed_kmh.astype(np.float64),
            }
        )
        return gpd.GeoDataFrame(frame, geometry=self.edge_geometries(), crs=self.crs)

    def components(self, edges: npt.NDArray[np.bool_] | None = None) -> npt.NDArray[np.int32]:
        """Label the connected parts of the network, whatever the direction of traffic.

        Parameters
        ----------
        edges : (m,) bool, optional
            Edges that count; by default all.

        Returns
        -------
        (n,) int32
            Part of each node; 0 is the part with the most nodes, and so on down.
        """
        keep = slice(None) if edges is None else np.flatnonzero(edges)
        u, v = self.edge_u[keep], self.edge_v[keep]
        graph = coo_array((np.ones(len(u), dtype=np.int8), (u, v)), shape=(self.n_nodes, self.n_nodes))
        _, part = connected_components(graph, directed=False)
        rank = np.argsort(np.argsort(-np.bincount(part, minlength=1), kind="stable"), kind="stable")
        return rank[part].astype(np.int32)

    def subset(self, edges: npt.NDArray[np.bool_]) -> RoadNetwork:
        """Keep some edges (a mask of length m) and the nodes at their ends."""
        kept = np.flatnonzero(edges)
        used = np.zeros(self.n_nodes, dtype=bool)
        used[self.edge_u[kept]] = used[self.edge_v[kept]] = True
        position = np.cumsum(used, dtype=np.int64) - 1
        count = np.diff(self.shape_start)[kept]
        start = np.concatenate([[0], np.cumsum(count)])
        pick = np.repeat(self.shape_start[kept] - start[:-1], count) + np.arange(start[-1])
        return RoadNetwork(
            self.crs, self.node_id[used], self.node_x[used], self.node_y[used], self.node_lon[used],
            self.node_lat[used], position[self.edge_u[kept]].astype(np.int32),
            position[self.edge_v[kept]].astype(np.int32), self.length_m[kept], start, self.shape_x[pick],
            self.shape_y[pick], self.roads.take(kept), self.way_id[kept], self.name_code[kept], self.names,
            self.rails, self.checks, self.relief.take(kept) if self.relief is not None else None,
        )  # fmt: skip

    def to_crs(self, crs: CRS) -> RoadNetwork:
        """Move the network to another projected CRS; lengths stay as measured on the ellipsoid."""
        if crs == self.crs:
            return self
        node_x, node_y = transform(self.node_lon, self.node_lat, WGS84, crs)
        shape_x, shape_y = transform(self.shape_x, self.shape_y, self.crs, crs)
        rail_x, rail_y = transform(self.rails.x, self.rails.y, self.crs, crs)
        changed = {"crs": crs, "node_x": node_x, "node_y": node_y, "shape_x": shape_x, "shape_y": shape_y}
        changed["rails"] = Lines(self.rails.start, rail_x, rail_y, self.rails.raised)
        return RoadNetwork(**({f.name: getattr(self, f.name) for f in fields(self)} | changed))

    def save(self, path: Path) -> None:
        """Write the network as an npz file of plain arrays, whole or not at all."""
        arrays: dict[str, Any] = {name: getattr(self, name) for name in _ARRAYS}
        arrays |= {f"road_{name}": array for name, array in self.roads.arrays().items()}
        arrays |= self._beside()
        about = {"format": _FORMAT, "crs": self.crs.to_wkt(), "names": self.names,
                 "checks": [asdict(flaw) for flaw in self.checks]}  # fmt: skip
        arrays["about"] = np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8)
        part = path.with_name(path.name + ".part")
        with part.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
        part.replace(path)


def load_network(path: Path) -> RoadNetwork:
    """Read a network that :meth:`RoadNetwork.save` wrote.

    Raises
    ------
    NetworkError
        The file is damaged or of another format.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes().decode())
            roads = RoadAttributes(**{f.name: stored[f"road_{f.name}"] for f in fields(RoadAttributes)})
            rails = Lines(stored["rail_start"], stored["rail_x"], stored["rail_y"], stored["rail_raised"])
            relief = Relief(stored["relief_start"], stored["relief_height_m"]) if "relief_start" in stored else None
            arrays = {name: stored[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        message = Text(f"路网缓存 {path.name} 已损坏，请删除", f"The cached network {path.name} is damaged; delete it")
        raise NetworkError(message) from error
    if about["format"] != _FORMAT:
        raise NetworkError(
            Text(f"路网缓存 {path.name} 版本不符", f"The cached network {path.name} is of another version")
        )
    checks = tuple(Flaw.from_plain(row) for row in about["checks"])
    crs = CRS.from_wkt(about["crs"])
    names = tuple(about["names"])
    return RoadNetwork(crs=crs, roads=roads, rails=rails, names=names, checks=checks, relief=relief, **arrays)
