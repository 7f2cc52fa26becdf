"""What passes through the county without stopping: a motorway with one interchange, and a railway."""

from __future__ import annotations

import itertools

import numpy as np
import shapely
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra
from shapely.geometry.base import BaseGeometry
from shapely.strtree import STRtree

from layout_planner.examples.frame import Bools, Floats
from layout_planner.examples.osm import OsmMap, crossings
from layout_planner.examples.routing import MID, Ground
from layout_planner.examples.terrain import Terrain, fractal, neighbours

__all__ = ["add_through_lines"]

_STEP_M = 90.0
_HALF_WIDTH_M = 13.0
_RAMP_M = 420.0
_BEYOND_CELLS = 25
_MOTORWAY = {
    "highway": "motorway",
    "oneway": "yes",
    "lanes": "2",
    "maxspeed": "100",
    "surface": "asphalt",
    "ref": "G9901",
    "name": "样梨高速",
}
_RAILWAY = {"railway": "rail", "gauge": "1435", "electrified": "contact_line", "name": "样梨铁路"}


def _corridor(terrain: Terrain, ground: Ground, avoid: BaseGeometry, points: Floats) -> Floats:
    """Find a smooth line through ``points`` that minds slopes little and built-up land much: (n, 2) metres."""
    frame = terrain.frame
    rows, cols = frame.rows // MID, frame.cols // MID
    first, second = neighbours(rows, cols)
    length = np.hypot((second // cols - first // cols) * frame.cell_y, (second % cols - first % cols) * frame.cell_x)
    rough = ndimage.gaussian_filter(ground.slope.reshape(rows, cols), 3).ravel()
    xy = ground.centres(np.arange(rows * cols))
    built = shapely.contains_xy(avoid, xy[:, 0], xy[:, 1])
    wander = fractal(np.random.default_rng(int(length.size)), (rows, cols), 3.0).ravel()
    cost = length * (np.exp(0.35 * wander[first]) + 5.0 * rough[first] ** 2 + 25.0 * built[first])
    half = coo_matrix((cost, (first, second)), shape=(rows * cols,) * 2)
    graph = (half + half.T).tocsr()
    stops = ground.cells(points)
    line: list[int] = [int(stops[0])]
    for start, end in itertools.pairwise(stops):
        _, before = dijkstra(graph, indices=np.array([start]), return_predecessors=True)
        part = [int(end)]
        while part[-1] != start:
            part.append(int(before[0, part[-1]]))
        line += part[::-1][1:]
    dense = shapely.LineString(ground.centres(line))
    count = max(8, int(dense.length // _STEP_M))
    even = shapely.get_coordinates(shapely.line_interpolate_point(dense, np.linspace(0, dense.length, count)))
    soft = ndimage.gaussian_filter1d(even, min(9.0, count / 20), axis=0, mode="nearest")
    away = ndimage.distance_transform_edt(~terrain.inside).ravel()[frame.cells(soft)]
    kept = np.flatnonzero(away < _BEYOND_CELLS)
    return np.asarray(soft[kept[0] : kept[-1] + 1], dtype=np.float64)


def _structures(terrain: Terrain, line: Floats, others: STRtree) -> tuple[Bools, Bools]:
    """Tell for each segment of a line whether it runs in a tunnel, or on a bridge: two (n - 1,) masks."""
    height = terrain.height.ravel()[terrain.frame.cells(line)]
    cover = height - ndimage.gaussian_filter1d(height, 1400.0 / _STEP_M, mode="nearest")
    cover = (cover[1:] + cover[:-1]) / 2
    tunnel = cover > 38.0
    bridge = ~tunnel & ((cover < -26.0) | crossings(others, line))
    return np.asarray(tunnel, dtype=np.bool_), np.asarray(bridge, dtype=np.bool_)


def _beside(line: Floats, metres: float) -> Floats:
    """Shift a line (n, 2) to its right."""
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None]
    return np.asarray(line + metres * np.column_stack([along[:, 1], -along[:, 0]]), dtype=np.float64)


def _carriageway(plan: OsmMap, terrain: Terrain, line: Floats, others: STRtree, tags: dict[str, str]) -> list[int]:
    """Add one line to the map in pieces of tunnel, bridge and open road; return its nodes."""
    nodes = [plan.node(p) for p in line]
    tunnel, bridge = _structures(terrain, line, others)
    parts = [(tunnel, {"tunnel": "yes", "layer": "-1"}), (bridge, {"bridge": "yes", "layer": "2"})]
    plan.add_split(nodes, tags, parts)
    return nodes


def _interchange(plan: OsmMap, ways: tuple[list[int], list[int]], centre: Floats, others: STRtree) -> None:
    """Join both carriageways to the nearest road of the county by a toll gate and four ramps."""
    anchors = sorted({
        n for w in plan.ways if w.tags.get("highway") in ("trunk", "secondary", "tertiary") and "bridge" not in w.tags
        for n in (w.nodes[0], w.nodes[-1])
    })  # fmt: skip
    ours = np.array([plan.xy[n] for n in ways[0]])
    margin = max(8, len(ours) // 10)
    xy = np.array([plan.xy[n] for n in anchors])
    gap = np.linalg.norm(xy[:, None, :] - ours[None, margin:-margin], axis=2)
    near, pick = gap.min(axis=1), gap.argmin(axis=1) + margin
    score = np.abs(near - 550.0) + 0.25 * np.linalg.norm(xy - centre, axis=1) + np.where(near < 200.0, 5000.0, 0.0)
    best = int(np.argmin(score))
    middle, anchor = int(pick[best]), xy[best]
    gate = plan.node(ours[middle] + 0.45 * (anchor - ours[middle]), barrier="toll_booth", name="样例收费站")
    link = {"highway": "motorway_link", "surface": "asphalt", "maxspeed": "40"}
    plan.add([gate, anchors[best]], {**link, "name": "高速连接线", "lanes": "2"})
    reach = int(np.ceil(_RAMP_M / _STEP_M))
    for nodes, forward in ((ways[0], True), (ways[1], False)):
        at = middle if forward else len(nodes) - 1 - middle
        for target, leaving in ((max(at - reach, 1), True), (min(at + reach, len(nodes) - 2), False)):
            start, end = np.array(plan.xy[nodes[target]]), np.array(plan.xy[gate])
            along = np.array(plan.xy[nodes[target + 1]]) - np.array(plan.xy[nodes[target - 1]])
            along *= (0.45 if leaving else -0.45) * np.linalg.norm(end - start) / np.linalg.norm(along)
            t = np.linspace(0, 1, 9)[1:-1, None]
            curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * (start + along) + t**2 * end
            ramp = [nodes[target], *(plan.node(p) for p in curve), gate]
            ramp = ramp if leaving else ramp[::-1]
            over = crossings(others, np.array([plan.xy[n] for n in ramp]))
            plan.add_split(ramp, {**link, "oneway": "yes"}, [(over, {"bridge": "yes", "layer": "3"})])


def add_through_lines(plan: OsmMap, terrain: Terrain, ground: Ground, built: BaseGeometry, rivers: STRtree) -> None:
    """Add the motorway (west to east) and the railway (north to south), crossing all other roads without junctions."""
    frame = terrain.frame
    width, height = frame.size_m
    centre = frame.centres([terrain.town_cell])[0]
    west, south, east, north = built.bounds
    box = [0.03 * width, 0.97 * width, 0.03 * height, 0.97 * height]
    row = float(np.clip(centre[1], 0.2 * height, 0.8 * height))
    beyond = np.array([(west + east) / 2, north + 350.0 if centre[1] < height / 2 else south - 350.0])
    column = float(np.clip(centre[0], 0.25 * width, 0.75 * width))
    station = np.array([east + 300.0 if centre[0] < width / 2 else west - 300.0, centre[1]])
    roads = [shapely.LineString(plan.line(w)) for w in plan.ways]
    water = list(rivers.geometries)

    middle = _corridor(terrain, ground, built, np.array([[box[0], row], beyond, [box[1], row]]))
    others = STRtree([*roads, *water])
    ours, theirs = _beside(middle, _HALF_WIDTH_M), _beside(middle[::-1], _HALF_WIDTH_M)
    ways = (
        _carriageway(plan, terrain, ours, others, _MOTORWAY),
        _carriageway(plan, terrain, theirs, others, _MOTORWAY),
    )

    rail = _corridor(terrain, ground, built, np.array([[column, box[3]], station, [column, box[2]]]))
    motorway = [shapely.LineString(ours), shapely.LineString(theirs)]
    plan.node(rail[np.argmin(np.linalg.norm(rail - station, axis=1))], railway="station", name="样例站")
    _carriageway(plan, terrain, rail, STRtree([*roads, *water, *motorway]), _RAILWAY)
    _interchange(plan, ways, centre, STRtree([*roads, *water, shapely.LineString(rail), *motorway]))  # fmt: skip
