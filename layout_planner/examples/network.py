"""The road map of a county: country roads, the town, the motorway, the railway and a ferry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from layout_planner.examples.frame import Bools, Ints
from layout_planner.examples.osm import OsmMap, crossings
from layout_planner.examples.places import Places
from layout_planner.examples.roads import CLASSES, RoadPlan, chains, jitter, plan_roads, soften
from layout_planner.examples.routing import MID, Ground
from layout_planner.examples.sizes import Size
from layout_planner.examples.streets import Town, make_town, town_area, write_town
from layout_planner.examples.terrain import Terrain
from layout_planner.examples.through import add_through_lines

__all__ = ["Network", "make_network"]

_BASE_TAGS: dict[str, dict[str, str]] = {
    "trunk": {"surface": "asphalt", "lanes": "2", "maxspeed": "70", "ref": "G990"},
    "secondary": {"surface": "asphalt", "lanes": "2", "maxspeed": "60", "ref": "S991"},
    "tertiary": {"surface": "asphalt", "lanes": "2", "maxspeed": "40"},
    "unclassified": {"surface": "concrete", "lanes": "1"},
    "residential": {"surface": "concrete"},
    "track": {},
    "path": {"surface": "ground"},
}
_TRACKS = (("grade2", "gravel"), ("grade3", "compacted"), ("grade4", "dirt"), ("grade5", "ground"))
_STEPS_GRADE = 0.42
_FERRY = {"route": "ferry", "name": "柳荫渡口", "foot": "yes", "motor_vehicle": "no", "duration": "00:10"}


@dataclass(frozen=True)
class Network:
    """The road map, and the nodes at which the national road leaves the county (west, east)."""

    map: OsmMap
    exits: tuple[int, int]


def _town_mask(ground: Ground, area: BaseGeometry) -> Bools:
    """Mark the cells of the ground that the town's streets serve."""
    frame = ground.frame
    xy = ground.centres(np.arange(ground.height.size))
    mask = shapely.contains_xy(area, xy[:, 0], xy[:, 1]).reshape(frame.rows // MID, -1)
    return np.asarray(ndimage.binary_fill_holes(mask), dtype=np.bool_).ravel()


def _tags(highway: str, name: str, grade: float, draw: float) -> dict[str, str]:
    """Tag a country road of a class, of mean ``grade``; ``draw`` in [0, 1) varies what is not settled."""
    tags = {"highway": highway, **_BASE_TAGS[highway]}
    if name:
        tags["name"] = name
    if highway == "track":
        tracktype, surface = _TRACKS[min(3, int(draw * 4))]
        tags |= {"tracktype": tracktype, "surface": surface}
    if highway == "unclassified" and draw > 0.8:
        tags["surface"] = "unpaved"
    if highway == "path" and grade > _STEPS_GRADE:
        tags |= {"highway": "steps", "surface": "stone"}
    elif highway == "path" and draw < 0.25:
        tags["highway"] = "footway"
    return tags


def _country(
    plan: OsmMap, roads: RoadPlan, ground: Ground, town: Town, mask: Bools, rivers: STRtree, spacing: float,
    rng: np.random.Generator,
) -> dict[int, int]:  # fmt: skip
    """Add the country roads to the map; return the node of each cell that became a junction."""
    moved = ground.centres(np.arange(ground.height.size)) + jitter(ground, ground.height.size, rng)
    keys, street_xy = town.points
    gate_of: dict[int, int] = {}
    nodes: dict[int, int] = {}

    def node(cell: int) -> int:
        if mask[cell]:
            if cell not in gate_of:
                gate_of[cell] = int(np.argmin(np.linalg.norm(street_xy - moved[cell], axis=1)))
            return town.nodes[keys[gate_of[cell]]]
        if cell not in nodes:
            nodes[cell] = plan.node(moved[cell])
        return nodes[cell]

    for cells, rank, name in chains(roads, mask):
        first, last = node(cells[0]), node(cells[-1])
        if first == last and len(cells) < 4:
            continue
        corners = np.vstack([plan.xy[first], moved[cells[1:-1]], plan.xy[last]])
        line = shapely.LineString(soften(corners)).simplify(4.0).segmentize(spacing)
        points = np.asarray(line.coords)
        inner = [plan.node(p) for p in points[1:-1]]
        rise = float(np.abs(np.diff(ground.height[cells])).sum())
        tags = _tags(CLASSES[rank], name, rise / max(line.length, 1.0), float(rng.random()))
        wet = crossings(rivers, points)
        plan.add_split([first, *inner, last], tags, [(wet, {"bridge": "yes", "layer": "1"})])
    return nodes


def _join_through_town(town: Town, roads: RoadPlan, ground: Ground, mask: Bools) -> None:
    """Lead the national and provincial roads through the town along its avenues."""
    gates: dict[str, set[tuple[int, int]]] = {"trunk": set(), "secondary": set()}
    for (a, b), (rank, _) in sorted(roads.stretches.items()):
        if mask[a] != mask[b] and rank <= 1:
            inside = a if mask[a] else b
            gates[CLASSES[rank]].add(town.nearest(ground.centres([inside])[0]))
    hub = town.nearest(ground.centres(np.flatnonzero(mask)).mean(axis=0))
    for highway in ("trunk", "secondary"):
        for gate in sorted(gates[highway]):
            if gate != hub:
                town.upgrade(gate, hub, highway)


def _ferry(plan: OsmMap, terrain: Terrain, nodes: dict[int, int]) -> None:
    """Put a ferry where the largest river has no bridge for the longest way."""
    decks = [plan.line(w).mean(axis=0) for w in plan.ways if w.tags.get("bridge") == "yes"]
    ids = np.array(sorted(nodes.values()))
    xy = np.array([plan.xy[n] for n in ids])
    limit = 0.25 * max(r.drains_km2 for r in terrain.rivers)
    best: tuple[float, int, int] | None = None
    for river in terrain.rivers:
        if river.drains_km2 < limit or len(river.line) < 6:
            continue
        for k in range(2, len(river.line) - 2, 6):
            point, along = river.line[k], river.line[k + 2] - river.line[k - 2]
            away = float(np.min(np.linalg.norm(np.array(decks) - point, axis=1))) if decks else 1e6
            offset = xy - point
            near = np.linalg.norm(offset, axis=1) < 420.0
            side = along[0] * offset[:, 1] - along[1] * offset[:, 0]
            left, right = np.flatnonzero(near & (side > 0)), np.flatnonzero(near & (side < 0))
            if left.size and right.size and (best is None or away > best[0]):
                gap = np.linalg.norm(xy[left][:, None] - xy[right][None], axis=2)
                a, b = np.unravel_index(int(np.argmin(gap)), gap.shape)
                best = (away, int(ids[left[a]]), int(ids[right[b]]))
    if best and best[0] > 600.0:
        plan.add(best[1:], _FERRY)


def make_network(
    terrain: Terrain, ground: Ground, places: Places, size: Size, town_cells: Ints, rng: np.random.Generator
) -> Network:
    """Build the whole road map of a county."""
    frame = terrain.frame
    rivers = STRtree([shapely.LineString(r.line) for r in terrain.rivers])
    centre = frame.centres([terrain.town_cell])[0]
    spread = frame.centres(town_cells) - frame.centres(town_cells).mean(axis=0)
    _, axes = np.linalg.eigh(spread.T @ spread)
    heading = float(np.arctan2(axes[1, 1], axes[0, 1]))
    town = make_town(frame, town_cells, centre, heading, rivers, rng)
    area = town_area(town)
    mask = _town_mask(ground, area)
    share = 0.22 if size.node_spacing_m > 50 else 0.5
    suburbs = frame.centres(town_cells)
    roads = plan_roads(terrain, ground, places, mask, suburbs, share, rng)
    _join_through_town(town, roads, ground, mask)
    plan = OsmMap()
    write_town(plan, town, rivers)
    nodes = _country(plan, roads, ground, town, mask, rivers, size.node_spacing_m, rng)
    _ferry(plan, terrain, nodes)
    exits = (nodes[roads.exits[0]], nodes[roads.exits[1]])
    add_through_lines(plan, terrain, ground, area, rivers)
    return Network(plan, exits)
