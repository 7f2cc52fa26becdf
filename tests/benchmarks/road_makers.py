"""Road networks of any size for the benchmarks."""

from __future__ import annotations

import numpy as np
from pyproj import Transformer
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from layout_planner.travel import RoadNetwork, Router, Ways, build_network, parse_tags, walk_profile

EPSG = 32649
WALK = walk_profile("walk", 4.5)
SPACING_M = 200.0


def county_like(side: int, seed: int = 0) -> RoadNetwork:
    """Draw a road network like a county's: a bent grid with 30 % of its links gone, four vertices a link."""
    rng = np.random.default_rng(seed)
    i, j = np.divmod(np.arange(side * side), side)
    x, y = (np.array([i, j]) + rng.uniform(-0.4, 0.4, (2, side * side))) * SPACING_M
    at = np.arange(side * side).reshape(side, side)
    up, across = (at[:-1].ravel(), at[1:].ravel()), (at[:, :-1].ravel(), at[:, 1:].ravel())
    links = np.column_stack([np.concatenate([a, b]) for a, b in zip(up, across, strict=True)])
    links = links[rng.random(len(links)) > 0.3]
    graph = csr_array((np.ones(len(links)), links.T), shape=(side * side,) * 2)
    _, part = connected_components(graph, directed=False)
    links = links[part[links[:, 0]] == np.bincount(part).argmax()]
    share = np.linspace(0, 1, 4)
    px, py = (c[links[:, :1]] * (1 - share) + c[links[:, 1:]] * share for c in (x, y))
    bend = rng.normal(0, SPACING_M / 12, (2, len(links), 2))
    px[:, 1:3] += bend[0]
    py[:, 1:3] += bend[1]
    ids = np.column_stack([links[:, 0], side * side + np.arange(2 * len(links)).reshape(-1, 2), links[:, 1]])
    to_degrees = Transformer.from_crs(EPSG, 4326, always_xy=True)
    lon, lat = to_degrees.transform(px.ravel() + 4.5e5, py.ravel() + 3.5e6)
    n, tags = len(links), parse_tags({"highway": "unclassified"})
    none = np.zeros(0, dtype=np.int64)
    return build_network(
        Ways(np.arange(n + 1) * 4, ids.ravel(), lon, lat, np.arange(n), [tags] * n, [""] * n, none), EPSG
    )


def nodes_of(network: RoadNetwork) -> np.ndarray:
    return np.column_stack([network.node_x, network.node_y])


def names(n: int) -> list[str]:
    return [str(i) for i in range(n)]


def scipy_graph(router: Router) -> csr_array:
    """Give the reversed arcs of a router to scipy: the very same question."""
    graph = router.graph
    return csr_array((graph.minutes, graph.tail, graph.start), shape=(router.network.n_nodes,) * 2)
