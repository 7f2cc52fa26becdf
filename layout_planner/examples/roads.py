"""Country roads: which places are joined, along which cells, and in which class."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import networkx as nx
import numpy as np
from scipy import ndimage
from scipy.spatial import Delaunay

from layout_planner.examples.frame import Bools, Floats
from layout_planner.examples.places import Places
from layout_planner.examples.routing import MID, Ground
from layout_planner.examples.terrain import Terrain

__all__ = ["CLASSES", "RoadPlan", "plan_roads"]

CLASSES = ("trunk", "secondary", "tertiary", "unclassified", "residential", "track", "path")
_RANK = {name: k for k, name in enumerate(CLASSES)}


@dataclass
class RoadPlan:
    """Stretches between neighbouring cells of the ground, each with the rank of its class and its name.

    ``exits`` are the two cells at which the national road leaves the county, west first.
    """

    stretches: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)
    exits: tuple[int, int] = (0, 0)

    def lay(self, cells: list[int], highway: str, name: str = "") -> None:
        """Build a way along ``cells``; what is there already is never made less."""
        rank = _RANK[highway]
        for a, b in itertools.pairwise(cells):
            pair = (a, b) if a < b else (b, a)
            if pair not in self.stretches or self.stretches[pair][0] > rank:
                self.stretches[pair] = (rank, name)

    def cells(self, highway: str = "path") -> list[int]:
        """List the cells on ways of class ``highway`` or better."""
        rank = _RANK[highway]
        return sorted({c for pair, (r, _) in self.stretches.items() if r <= rank for c in pair})

    def untangle(self, cols: int) -> None:
        """Where two diagonal stretches cross without meeting, lead the lesser one over the other's end."""
        for a, b in sorted(self.stretches):
            step = b - a
            if step not in (cols + 1, cols - 1) or (a, b) not in self.stretches:
                continue
            right = 1 if step == cols + 1 else -1
            other = (min(a + right, b - right), max(a + right, b - right))
            if other in self.stretches:
                worse = max((a, b), other, key=lambda pair: (self.stretches[pair][0], pair))
                corner = other[0] if worse == (a, b) else a
                rank, name = self.stretches.pop(worse)
                self.lay([worse[0], corner, worse[1]], CLASSES[rank], name)


def _exits(terrain: Terrain, ground: Ground, town: int) -> tuple[int, int]:
    """Find where a road along the main valley would leave: cells a little outside the county, west and east."""
    frame = terrain.frame
    rows, cols = frame.rows // MID, frame.cols // MID
    inside = terrain.inside[::MID, ::MID][:rows, :cols]
    outer = ndimage.binary_dilation(inside, iterations=5)
    ring = np.flatnonzero((outer & ~ndimage.binary_dilation(inside, iterations=4)).ravel())
    cost = ground.ways([town]).cost[ring]
    xy = ground.centres(ring) - ground.centres([town])[0]
    direction = xy / np.linalg.norm(xy, axis=1)[:, None]
    east = int(np.argmin(np.where(direction[:, 0] > 0.6, cost, np.inf)))
    away = direction @ direction[east]
    west = int(np.argmin(np.where((away < -0.2) & (xy[:, 0] < xy[:, 0].mean()), cost, np.inf)))
    return int(ring[west]), int(ring[east])


def _main_roads(plan: RoadPlan, terrain: Terrain, ground: Ground, places: Places) -> None:
    """Join the county town, the exits and the seats: national, provincial and county roads."""
    seats = ground.cells(places.seats).tolist()
    plan.exits = _exits(terrain, ground, seats[0])
    ways = [ground.ways([s]) for s in seats]
    for end in plan.exits:
        plan.lay(ways[0].way(end), "trunk", "国道990线")
    graph: nx.Graph[int] = nx.Graph()
    for a in range(len(seats)):
        for b in range(a + 1, len(seats)):
            graph.add_edge(a, b, weight=float(ways[a].cost[seats[b]]))
    tree = nx.minimum_spanning_tree(graph)
    links = sorted(tuple(sorted(edge)) for edge in tree.edges)
    detour = dict(nx.all_pairs_dijkstra_path_length(tree))
    for a, b, data in sorted(graph.edges(data=True), key=lambda e: -detour[e[0]][e[1]] / e[2]["weight"]):
        if len(links) < len(seats) - 1 + max(1, len(seats) // 4) and detour[a][b] > 1.8 * data["weight"]:
            links.append((a, b))
            detour[a][b] = detour[b][a] = data["weight"]
    names = [name[:-1] if k else "县城" for k, name in enumerate(places.township_names)]
    for a, b in links:
        without = tree.copy()
        if without.has_edge(a, b):
            without.remove_edge(a, b)
        far = next(c for c in nx.connected_components(without) if 0 not in c) if tree.has_edge(a, b) else set()
        provincial = len(far) >= max(2, len(seats) // 5)
        name = "省道991线" if provincial else f"{names[a]}—{names[b]}公路"
        plan.lay(ways[a].way(seats[b]), "secondary" if provincial else "tertiary", name)


def _far(ground: Ground, cells: list[int]) -> float:
    """Mean grade along a way of cells."""
    points = ground.centres(cells)
    length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
    return float(np.abs(np.diff(ground.height[cells])).sum() / max(length, 1.0))


def _local_roads(plan: RoadPlan, ground: Ground, places: Places, town: Bools, suburbs: Floats) -> None:
    """Join villages by roads, hamlets by tracks and paths, and the houses of each to its middle."""
    inner = np.flatnonzero(town).tolist()
    ways = ground.ways([*plan.cells(), *inner])
    for village in places.villages:
        cells = ways.way(int(ground.cells(village.xy)[0]))
        plan.lay(cells, "unclassified", "" if village.kind == "quarter" else f"通{village.name}路")
    ways = ground.ways([*plan.cells(), *inner], "path")
    for hamlet in places.hamlets:
        cells = ways.way(int(ground.cells(hamlet.xy)[0]))
        plan.lay(cells, "track" if _far(ground, cells) < 0.17 else "path")
    ways = ground.ways([*plan.cells(), *inner], "path")
    for settlement in places.settlements:
        if settlement.cells.size and settlement.kind != "quarter":
            homes = np.unique(ground.cells(ground.frame.centres(settlement.cells)))
            for home in homes.tolist():
                plan.lay(ways.way(home), "path" if settlement.kind == "hamlet" else "residential")
    for home in np.unique(ground.cells(suburbs)).tolist():
        plan.lay(ways.way(home), "residential")


def _footpaths(plan: RoadPlan, ground: Ground, places: Places, share: float, rng: np.random.Generator) -> None:
    """Join neighbouring villages and hamlets across the hills, some of them, by footpaths."""
    middle = np.array([s.xy for s in places.settlements])
    corners = Delaunay(middle).simplices
    sides = np.vstack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]])
    for a, b in np.unique(np.sort(sides, axis=1), axis=0).tolist():
        gap = float(np.linalg.norm(middle[a] - middle[b]))
        if gap > 4200.0 or rng.random() > share:
            continue
        start, end = ground.cells(middle[[a, b]]).tolist()
        ways = ground.ways([start], "path", limit=6.0 * gap)
        if np.isfinite(ways.cost[end]):
            plan.lay(ways.way(end), "path")


def _open_to_cars(plan: RoadPlan, town: Bools) -> None:
    """Make the footpaths into tracks that alone join roads and tracks to the rest."""
    graph: nx.Graph[int] = nx.Graph()
    cars: nx.Graph[int] = nx.Graph()
    for (a, b), (rank, _) in sorted(plan.stretches.items()):
        on_foot = rank == _RANK["path"] and not (town[a] and town[b])
        graph.add_edge(a, b, weight=1.0 if on_foot else 1e-6)
        if not on_foot:
            cars.add_edge(a, b)
    main = {cell for cell in cars if town[cell]} | set(plan.cells("tertiary"))
    cost = nx.multi_source_dijkstra_path_length(graph, main, weight="weight")
    ways = nx.multi_source_dijkstra_path(graph, main, weight="weight")
    for part in sorted(nx.connected_components(cars), key=min):
        if not part & main:
            plan.lay(ways[min(part, key=lambda cell: (cost[cell], cell))], "track")


def plan_roads(
    terrain: Terrain, ground: Ground, places: Places, town: Bools, suburbs: Floats, share: float,
    rng: np.random.Generator,
) -> RoadPlan:  # fmt: skip
    """Plan every road of the county outside the ``town`` cells (mask over the ground).

    ``suburbs`` are the points (n, 2) where the town's people live, ``share`` the share of neighbouring hamlets that
    a footpath joins.
    """
    plan = RoadPlan()
    _main_roads(plan, terrain, ground, places)
    _local_roads(plan, ground, places, town, suburbs)
    _footpaths(plan, ground, places, share, rng)
    _open_to_cars(plan, town)
    plan.untangle(terrain.frame.cols // MID)
    return plan


def chains(plan: RoadPlan, town: Bools) -> list[tuple[list[int], int, str]]:
    """Cut the stretches outside town into chains of one class and name between junctions.

    A chain that enters the town ends with its first cell inside.
    """
    around: dict[int, list[int]] = {}
    for (a, b), _ in sorted(plan.stretches.items()):
        if not (town[a] and town[b]):
            around.setdefault(a, []).append(b)
            around.setdefault(b, []).append(a)

    def kind(a: int, b: int) -> tuple[int, str]:
        return plan.stretches[(a, b) if a < b else (b, a)]

    def stops(cell: int) -> bool:
        ends = around[cell]
        return bool(town[cell]) or len(ends) != 2 or kind(cell, ends[0]) != kind(cell, ends[1])

    seen: set[tuple[int, int]] = set()
    result = []
    starts = [c for c in sorted(around) if stops(c)]
    for start in [*starts, *sorted(around)]:
        for following in around[start]:
            if (start, following) in seen:
                continue
            cells = [start, following]
            while not stops(cells[-1]) and cells[-1] != start:
                ahead = [c for c in around[cells[-1]] if c != cells[-2]]
                cells.append(ahead[0])
            for a, b in itertools.pairwise(cells):
                seen |= {(a, b), (b, a)}
            result.append((cells, *kind(start, following)))
    return result


def soften(line: Floats, rounds: int = 2) -> Floats:
    """Round the corners of a line (n, 2), keeping its ends. Source: Chaikin (1974)."""
    for _ in range(rounds):
        if len(line) < 3:
            return line
        near, far = 0.75 * line[:-1] + 0.25 * line[1:], 0.25 * line[:-1] + 0.75 * line[1:]
        inner = np.stack([near, far], axis=1).reshape(-1, 2)[1:-1]
        line = np.vstack([line[:1], inner, line[-1:]])
    return line


def jitter(ground: Ground, count: int, rng: np.random.Generator) -> Floats:
    """Move cell centres a little, the same for every road through the cell: offsets (count, 2) in metres."""
    spread = 0.16 * MID * ground.frame.cell_x
    return rng.uniform(-spread, spread, (count, 2))
