"""The county town: avenues, streets, one-way pairs, a roundabout and few bridges."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from layout_planner.examples.frame import Floats, Frame, Ints
from layout_planner.examples.names import STREETS
from layout_planner.examples.osm import OsmMap, crossings

__all__ = ["Town", "make_town"]

_ALONG, _ACROSS = 165.0, 135.0
_RANK = {"trunk": 0, "secondary": 1, "tertiary": 2, "residential": 3, "living_street": 4, "pedestrian": 5}


@dataclass
class Town:
    """Junctions of a street grid and the streets between neighbouring ones.

    ``junctions`` maps (line, position) of the grid to a point; ``streets`` is a graph over them whose edges have
    ``highway`` and ``line`` (``("u", i)`` or ``("v", j)``), in the order in which the ways are written.
    """

    junctions: dict[tuple[int, int], Floats]
    streets: nx.Graph[tuple[int, int]]
    nodes: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def points(self) -> tuple[list[tuple[int, int]], Floats]:
        """Junctions and their points, in order."""
        keys = sorted(self.junctions)
        return keys, np.array([self.junctions[k] for k in keys])

    def nearest(self, point: Floats) -> tuple[int, int]:
        """Find the junction nearest to a point."""
        keys, xy = self.points
        return keys[int(np.argmin(np.linalg.norm(xy - point, axis=1)))]

    def upgrade(self, start: tuple[int, int], end: tuple[int, int], highway: str) -> None:
        """Make the shortest way between two junctions at least ``highway``."""

        def length(u: tuple[int, int], v: tuple[int, int], data: dict[str, str]) -> float:
            metres = float(np.linalg.norm(self.junctions[u] - self.junctions[v]))
            return metres * (0.4 + 0.3 * _RANK[data["highway"]])

        way = nx.dijkstra_path(self.streets, start, end, weight=length)
        for u, v in itertools.pairwise(way):
            data = self.streets[u][v]
            if _RANK[highway] < _RANK[data["highway"]]:
                data["highway"] = highway


def make_town(
    frame: Frame, cells: Ints, centre: Floats, heading: float, rivers: STRtree, rng: np.random.Generator
) -> Town:
    """Lay a street grid, turned by ``heading`` radians, over the town's ``cells``."""
    built = np.zeros(frame.rows * frame.cols, dtype=bool)
    built[cells] = True
    reach = int(np.sqrt(len(cells)) * 1.4) + 4
    turn = np.array([[np.cos(heading), -np.sin(heading)], [np.sin(heading), np.cos(heading)]])
    junctions: dict[tuple[int, int], Floats] = {}
    for i in range(-reach, reach + 1):
        for j in range(-reach, reach + 1):
            bend = np.array([18.0 * np.sin(j / 2.3), 18.0 * np.sin(i / 2.9)])
            point = centre + turn @ (np.array([i * _ALONG, j * _ACROSS]) + bend) + rng.normal(0, 7.0, 2)
            if built[frame.cells(point)[0]]:
                junctions[i, j] = point
    streets: nx.Graph[tuple[int, int]] = nx.Graph()
    for i, j in sorted(junctions):
        for line, other in ((("v", j), (i + 1, j)), (("u", i), (i, j + 1))):
            if other not in junctions:
                continue
            avenue = (i if line[0] == "u" else j) % 5 == 0
            wet = crossings(rivers, np.array([junctions[i, j], junctions[other]])).any()
            if (wet and not avenue) or (not avenue and rng.random() < 0.10):
                continue
            streets.add_edge((i, j), other, highway=_street_class(line), line=line)
    parts = sorted(nx.connected_components(streets), key=lambda c: (-len(c), min(c)))
    streets = nx.Graph(streets.subgraph(parts[0]))
    return Town({k: p for k, p in junctions.items() if k in streets}, streets)


def _street_class(line: tuple[str, int]) -> str:
    if line[1] % 5 == 0:
        return "secondary" if line[1] == 0 else "tertiary"
    if line == ("u", 1):
        return "pedestrian"
    return "living_street" if line[1] % 5 == 3 else "residential"


def _ring(plan: OsmMap, town: Town, hub: tuple[int, int]) -> dict[tuple[int, int], int]:
    """Build a roundabout at ``hub``: the node of the ring at which the street to each neighbour begins."""
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    centre = town.junctions[hub]
    ring = [plan.node(centre + 28.0 * np.array([np.cos(a), np.sin(a)])) for a in angles]
    plan.add([*ring, ring[0]], {"highway": "trunk", "junction": "roundabout", "oneway": "yes", "name": "中心环岛",
                                "surface": "asphalt", "lanes": "2", "maxspeed": "30"})  # fmt: skip
    entry = {}
    for other in town.streets[hub]:
        way = town.junctions[other] - centre
        gap = np.abs(np.angle(np.exp(1j * (angles - np.arctan2(way[1], way[0])))))
        entry[other] = ring[int(np.argmin(gap))]
    return entry


def write_town(plan: OsmMap, town: Town, rivers: STRtree) -> tuple[int, int]:
    """Add the town's streets to the map; return the junction that became a roundabout."""
    main = [key for u, v, d in town.streets.edges(data=True) if d["highway"] == "trunk" for key in (u, v)]
    trunk = [key for key in sorted(town.streets) if main.count(key) > 1]
    hub = min(trunk or sorted(town.streets), key=lambda k: (abs(k[0]) + abs(k[1]), k))
    entry = _ring(plan, town, hub)
    for key in sorted(town.junctions):
        if key != hub:
            town.nodes[key] = plan.node(town.junctions[key])
    town.nodes[hub] = next(iter(entry.values()))
    lines = sorted({data["line"] for _, _, data in town.streets.edges(data=True)})
    for line in lines:
        edges = sorted((min(u, v), max(u, v)) for u, v, d in town.streets.edges(data=True) if d["line"] == line)
        run: list[tuple[tuple[int, int], tuple[int, int]]] = []
        for edge in edges:
            same = run and town.streets.edges[run[-1]]["highway"] == town.streets.edges[edge]["highway"]
            if run and not (same and run[-1][1] == edge[0] != hub):
                _write_street(plan, town, run, line, entry, hub, rivers)
                run = []
            run.append(edge)
        _write_street(plan, town, run, line, entry, hub, rivers)
    return hub


def _write_street(
    plan: OsmMap,
    town: Town,
    run: list[tuple[tuple[int, int], tuple[int, int]]],
    line: tuple[str, int],
    entry: dict[tuple[int, int], int],
    hub: tuple[int, int],
    rivers: STRtree,
) -> None:
    keys = [run[0][0], *(v for _, v in run)]
    nodes = [town.nodes[k] if k != hub else entry[keys[1] if n == 0 else keys[n - 1]] for n, k in enumerate(keys)]
    highway = town.streets.edges[run[0]]["highway"]
    name = STREETS[(2 * abs(line[1]) + (line[0] == "u")) % len(STREETS)]
    side = ("北" if line[1] > 0 else "南") if line[0] == "v" else ("东" if line[1] > 0 else "西")
    tags = {"highway": highway, "name": f"{name}{side if line[1] else ''}{'大道' if line[1] % 5 == 0 else '路'}",
            "surface": "asphalt" if highway != "pedestrian" else "paving_stones"}  # fmt: skip
    if highway in ("trunk", "secondary", "tertiary"):
        tags |= {"lanes": "4" if highway != "tertiary" else "2", "maxspeed": "40", "sidewalk": "both"}
    if highway == "trunk":
        tags["ref"] = "G990"
    if highway == "residential" and line[0] == "u" and abs(line[1]) % 5 in (1, 2):
        tags["oneway"] = "yes" if line[1] % 2 else "-1"
    wet = crossings(rivers, np.array([plan.xy[n] for n in nodes]))
    plan.add_split(nodes, tags, [(wet, {"bridge": "yes", "layer": "1"})])


def town_area(town: Town, margin: float = 90.0) -> BaseGeometry:
    """Draw the built-up area: streets with a margin, in metres."""
    lines = [shapely.LineString([town.junctions[u], town.junctions[v]]) for u, v in sorted(town.streets.edges)]
    return shapely.union_all(shapely.buffer(lines, margin))
