"""How fast cells become natural villages. Run with ``make bench`` (``--benchmark-only``)."""

from __future__ import annotations

import numpy as np
import pytest

from layout_planner.demand.clusters import Clusters, WalkingWays, cluster_on_foot
from layout_planner.travel import RoadNetwork
from tests.benchmarks.road_makers import county_like, nodes_of

CELL_M = 100.0


@pytest.fixture(scope="module")
def roads() -> RoadNetwork:
    """Roads of 40,000 nodes."""
    return county_like(203)


def populated(network: RoadNetwork, count: int) -> np.ndarray:
    """Pick the cells of a 100 m grid that lie nearest to the roads' nodes, hamlet by hamlet."""
    rng = np.random.default_rng(11)
    xy = nodes_of(network)
    around = xy[rng.integers(len(xy), size=8 * count)] + rng.normal(0, 120.0, (8 * count, 2))
    cells = np.unique(np.floor(around / CELL_M), axis=0)
    return (cells[np.sort(rng.permutation(len(cells))[:count])] + 0.5) * CELL_M


@pytest.mark.parametrize("radius_m", [300.0, 500.0, 800.0])
@pytest.mark.parametrize("count", [20_000, 100_000])
def test_cells_to_natural_villages(benchmark, roads: RoadNetwork, count: int, radius_m: float):
    xy = populated(roads, count)
    west, south = xy.min(axis=0)
    towns = np.array([f"t{int(x // 12_000)}-{int(y // 12_000)}" for x, y in xy - (west, south)], dtype=object)
    pupils = np.random.default_rng(12).gamma(0.6, 6.0, len(xy))

    def group() -> Clusters:
        ways = WalkingWays(roads, xy, snap_limit_m=2000.0, detour=1.3)
        return cluster_on_foot(ways, xy, towns, pupils, radius_m=radius_m, least=5.0)

    found = benchmark.pedantic(group, rounds=1, warmup_rounds=0)
    assert (found.centre_m <= radius_m).all()
    units = len(np.unique(found.centre))
    benchmark.extra_info.update(cells=len(xy), units=units, nodes=roads.n_nodes)
    print(f"\nunits: {len(xy):,} cells, {radius_m:.0f} m, {units:,} units, {benchmark.stats.stats.min:.2f} s")
