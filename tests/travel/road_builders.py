"""Small road networks for tests, drawn on a plane in metres, and an independent judge of travel times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import networkx as nx
import numpy as np
from pyproj import Transformer

from layout_planner.travel import Profile, RoadNetwork, Snapped, Ways, build_network, parse_tags

EPSG = 32649
ORIGIN = (500_000.0, 3_600_000.0)
_TO_DEGREES = Transformer.from_crs(EPSG, 4326, always_xy=True)

Point = tuple[float, float]


def at(*points: Point) -> np.ndarray:
    """Shift plane coordinates to where the test networks lie."""
    return np.array(points, dtype=float) + ORIGIN


def draw(
    places: Mapping[int, Point],
    roads: Sequence[tuple[Sequence[int], Mapping[str, str]]],
    *,
    split: Sequence[int] = (),
) -> RoadNetwork:
    """Draw roads over named places; ``highway`` is residential unless given."""
    ids = [i for road, _ in roads for i in road]
    xy = at(*[places[i] for i in ids])
    lon, lat = _TO_DEGREES.transform(xy[:, 0], xy[:, 1])
    tags = [parse_tags({"highway": "residential"} | dict(t)) for _, t in roads]
    start = np.concatenate([[0], np.cumsum([len(r) for r, _ in roads])])
    names = [t.get("name", "") for _, t in roads]
    way_id = np.arange(1, len(roads) + 1) * 100
    ways = Ways(start, np.array(ids), lon, lat, way_id, tags, names, np.array(split, dtype=np.int64))
    return build_network(ways, EPSG)


def judge(
    network: RoadNetwork,
    profile: Profile,
    origins: Snapped,
    sites: Snapped,
    origin_leg: np.ndarray,
    site_leg: np.ndarray,
) -> np.ndarray:
    """Find the minutes of every pair with networkx, each point a node of its own on its edge; inf if unreachable."""
    forward, backward = profile.edge_minutes(network)
    graph: nx.MultiDiGraph = nx.MultiDiGraph()
    graph.add_nodes_from(range(network.n_nodes))
    stops: dict[int, list[tuple[float, str]]] = {e: [] for e in range(network.n_edges)}
    for kind, points in (("o", origins), ("s", sites)):
        for i in np.flatnonzero(points.edge >= 0):
            stops[int(points.edge[i])].append((float(points.fraction[i]), f"{kind}{i}"))
    for e, on_edge in stops.items():
        ends = [(0.0, int(network.edge_u[e])), *sorted(on_edge), (1.0, int(network.edge_v[e]))]
        for (a, first), (b, second) in pairwise(ends):
            for tail, head, cost in ((first, second, forward[e]), (second, first, backward[e])):
                if b == a or np.isfinite(cost):
                    graph.add_edge(tail, head, weight=(b - a) * cost if b > a else 0.0)
    found = np.full((len(origins.edge), len(sites.edge)), np.inf)
    reverse = graph.reverse(copy=False)
    for j in np.flatnonzero(sites.edge >= 0):
        reached = nx.single_source_dijkstra_path_length(reverse, f"s{j}", weight="weight")
        for i in np.flatnonzero(origins.edge >= 0):
            if f"o{i}" in reached:
                found[i, j] = reached[f"o{i}"] + origin_leg[i] + site_leg[j] + profile.wait_min
    return found


def random_network(rng: np.random.Generator, n_nodes: int, n_roads: int) -> RoadNetwork:
    """Draw roads at random: bends, one-ways in both senses, parallels, loops, dead ends, closed roads."""
    places = {i: tuple(rng.uniform(0, 3000, 2)) for i in range(n_nodes)}
    classes = [{"highway": name} for name in ("primary", "track", "motorway", "steps")]
    kinds = [{}, {}, *classes, *({"oneway": way} for way in ("yes", "-1", "reversible")), {"oneway:foot": "yes"}]
    roads = []
    for _ in range(n_roads):
        path = rng.choice(n_nodes, rng.integers(2, 5)).tolist()
        roads.append((path, kinds[rng.integers(len(kinds))]))
    roads.append(([0, 1, 2, 0], {}))
    return draw(places, [(path, tags) for path, tags in roads if len(set(path)) > 1])
