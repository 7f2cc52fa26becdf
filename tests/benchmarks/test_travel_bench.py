"""How fast the travel engine is, beside scipy in the same run. Run with ``make bench`` (``--benchmark-only``)."""

from __future__ import annotations

import time
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from pyproj import Transformer
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from layout_planner.io.osm import read_network
from layout_planner.travel import RoadNetwork, Router, Ways, build_network, parse_tags, travel_matrix, walk_profile

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


@pytest.fixture(scope="module")
def county() -> RoadNetwork:
    return county_like(230)


def nodes_of(network: RoadNetwork) -> np.ndarray:
    return np.column_stack([network.node_x, network.node_y])


def names(n: int) -> list[str]:
    return [str(i) for i in range(n)]


def scipy_graph(router: Router) -> csr_array:
    graph = router.graph
    return csr_array((graph.minutes, graph.tail, graph.start), shape=(router.network.n_nodes,) * 2)


def fresh(router: Router, network: RoadNetwork) -> None:
    """Let numba compile before the clock starts."""
    xy = nodes_of(network)
    router.matrix(names(2), xy[:2], names(2), xy[:2], cutoff_min=1.0)


def test_200_sites_to_all_nodes(benchmark, county: RoadNetwork):
    router, xy = Router(county, WALK), nodes_of(county)
    pick = np.random.default_rng(1).choice(county.n_nodes, 200, replace=False)
    fresh(router, county)
    ours = benchmark.pedantic(
        lambda: router.matrix(names(len(xy)), xy, names(200), xy[pick], cutoff_min=1e6), rounds=5, warmup_rounds=1
    )
    graph, times = scipy_graph(router), []
    for _ in range(3):
        begin = time.perf_counter()
        theirs = dijkstra(graph, indices=pick)
        times.append(time.perf_counter() - begin)
    assert np.allclose(ours.to_csr().toarray().T, theirs, rtol=1e-6, atol=1e-6)
    benchmark.extra_info.update(nodes=county.n_nodes, scipy_s=min(times), ratio=min(times) / benchmark.stats.stats.min)
    print(f"\n{county.n_nodes:,} nodes: ours {benchmark.stats.stats.min:.2f} s, scipy {min(times):.2f} s, "
          f"ratio {min(times) / benchmark.stats.stats.min:.1f}")  # fmt: skip


def test_100_000_points_to_300_sites_on_foot(benchmark, county: RoadNetwork):
    rng = np.random.default_rng(2)
    low, high = nodes_of(county).min(axis=0), nodes_of(county).max(axis=0)
    points = rng.uniform(low, high, (100_000, 2))
    ids = names(100_000)
    fresh(Router(county, WALK), county)
    found = benchmark.pedantic(
        lambda: travel_matrix(county, ids, points, ids[:300], points[:300], WALK, cutoff_min=60, snap_limit_m=2000,
                              access_speed_kmh=3.0, access_detour=1.3),
        rounds=5, warmup_rounds=1,
    )  # fmt: skip
    benchmark.extra_info.update(pairs=found.n_pairs)
    print(f"\n{found.n_pairs:,} pairs, {benchmark.stats.stats.min:.2f} s (bar: 2 s)")


def test_networkx_for_the_same_pairs(benchmark, county: RoadNetwork):
    router = Router(county, WALK)
    graph = nx.from_scipy_sparse_array(scipy_graph(router), create_using=nx.DiGraph)
    sources = np.random.default_rng(1).choice(county.n_nodes, 4, replace=False).tolist()
    benchmark.pedantic(
        lambda: [nx.single_source_dijkstra_path_length(graph, s, weight="weight") for s in sources], rounds=1
    )
    print(f"\nnetworkx: {benchmark.stats.stats.min / 4 * 200:.0f} s for 200 sites")


@pytest.mark.slow
def test_province_10_000_sites_5_km(benchmark):
    network = county_like(1_130)
    router, xy = Router(network, WALK), nodes_of(network)
    ids = names(len(xy))
    pick = np.random.default_rng(3).choice(len(xy), 10_000, replace=False)
    fresh(router, network)
    found = benchmark.pedantic(
        lambda: router.matrix(ids, xy, ids[:10_000], xy[pick], cutoff_min=5_000 / 75), rounds=2, warmup_rounds=0
    )
    print(f"\n{network.n_nodes:,} nodes, {found.n_pairs:,} pairs, {benchmark.stats.stats.min:.2f} s (bar: 5 s)")


@pytest.mark.real
@pytest.mark.parametrize(
    "file",
    [
        "osm_andorra/andorra.osm.pbf",
        "osm_liechtenstein/liechtenstein-latest.osm.pbf",
        "r5r_porto_alegre/poa_osm.pbf",
        "cn_shanghai_osm/shanghai.osm",
        "worldpop_kathmandu/kathmandu_hw.gpkg",
    ],
)
def test_reading_an_extract(benchmark, real_data: Path, file: str):
    network = benchmark.pedantic(lambda: read_network(real_data / file), rounds=3, warmup_rounds=1)
    benchmark.extra_info.update(nodes=network.n_nodes, edges=network.n_edges)
