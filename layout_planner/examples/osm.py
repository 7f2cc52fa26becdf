"""A road map as OpenStreetMap keeps it: nodes, ways and tags, written as PBF."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable
from shapely import LineString
from shapely.strtree import STRtree

from layout_planner.examples.frame import Bools, Floats, Frame

__all__ = ["Link", "OsmMap", "Way", "crossings", "write_pbf"]


Link = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Way:
    """One way: positions of its nodes, in order, and its tags."""

    nodes: tuple[int, ...]
    tags: Mapping[str, str]


@dataclass
class OsmMap:
    """Nodes in local metres, their tags, and the ways over them."""

    xy: list[tuple[float, float]] = field(default_factory=list)
    node_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    ways: list[Way] = field(default_factory=list)

    def node(self, point: Sequence[float] | Floats, **tags: str) -> int:
        """Add a node at ``point`` and give its position."""
        self.xy.append((float(point[0]), float(point[1])))
        if tags:
            self.node_tags[len(self.xy) - 1] = tags
        return len(self.xy) - 1

    def line(self, way: Way) -> Floats:
        """Give the points (n, 2) of a way."""
        return np.array([self.xy[n] for n in way.nodes])

    def add(self, nodes: Iterable[int], tags: Mapping[str, str]) -> None:
        """Add a way of at least two nodes."""
        self.ways.append(Way(tuple(nodes), dict(tags)))

    def add_split(
        self, nodes: Sequence[int], tags: Mapping[str, str], parts: Sequence[tuple[Bools, Mapping[str, str]]]
    ) -> None:
        """Add a way in pieces: segments marked by a mask (n - 1,) of ``parts`` take its tags too; the first wins."""
        kind = np.full(len(nodes) - 1, -1)
        for k in range(len(parts) - 1, -1, -1):
            kind[parts[k][0]] = k
        cuts = np.concatenate([[0], np.flatnonzero(np.diff(kind)) + 1, [len(kind)]])
        for start, stop in itertools.pairwise(cuts):
            extra = parts[kind[start]][1] if kind[start] >= 0 else {}
            self.add(nodes[start : stop + 1], {**tags, **extra})


def crossings(tree: STRtree, line: Floats) -> Bools:
    """Tell for each segment of ``line`` (n, 2) whether it meets one of the tree's geometries: (n - 1,)."""
    hit = np.zeros(len(line) - 1, dtype=np.bool_)
    if tree.query(LineString(line), predicate="intersects").size:
        pieces = [LineString(line[i : i + 2]) for i in range(len(line) - 1)]
        hit[np.unique(tree.query(pieces, predicate="intersects")[0])] = True
    return hit


def write_pbf(path: Path, maps: Sequence[tuple[Frame, OsmMap]], links: Sequence[Link] = ()) -> Path:
    """Write one PBF file of several maps, each laid down in its own frame.

    Parameters
    ----------
    path : Path
        The file; it is replaced.
    maps : sequence of (Frame, OsmMap)
    links : sequence of ((map, node), (map, node))
        Nodes of two maps that a straight national road joins.
    """
    starts = np.concatenate([[1], 1 + np.cumsum([len(plan.xy) for _, plan in maps])]).tolist()
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for start, (frame, plan) in zip(starts, maps, strict=False):
            for i, (lon, lat) in enumerate(frame.lonlat(plan.xy).round(7).tolist()):
                tags = plan.node_tags.get(i, {})
                writer.add_node(mutable.Node(id=start + i, location=(lon, lat), tags=tags, version=1))
        way_id = 0
        for start, (_, plan) in zip(starts, maps, strict=False):
            for way in plan.ways:
                way_id += 1
                refs = [start + n for n in way.nodes]
                writer.add_way(mutable.Way(id=way_id, nodes=refs, tags=dict(way.tags), version=1))
        for ends in links:
            way_id += 1
            refs = [starts[m] + n for m, n in ends]
            tags = {"highway": "trunk", "ref": "G990", "surface": "asphalt"}
            writer.add_way(mutable.Way(id=way_id, nodes=refs, tags=tags, version=1))
    return path
