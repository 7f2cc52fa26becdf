"""How fast areas and ways are drawn. Run with ``make bench`` (``--benchmark-only``)."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layout_planner.travel import RoadNetwork
from layout_planner.travel.coverage import network_catchments
from layout_planner.travel.isochrones import isochrones
from layout_planner.travel.paths import find_paths
from tests.benchmarks.road_makers import WALK, county_like, names, nodes_of

from .conftest import Bars

PACE = {"snap_limit_m": 2000.0, "access_speed_kmh": 3.0, "access_detour": 1.3}
Place = tuple[RoadNetwork, list[str], np.ndarray, shapely.Geometry]


@pytest.fixture(scope="module")
def place() -> Place:
    """Roads of 40,000 nodes, 157 sites, and a boundary around all."""
    network = county_like(203)
    xy = nodes_of(network)
    picked = np.random.default_rng(5).choice(len(xy), 157, replace=False)
    return network, names(157), xy[picked], shapely.convex_hull(shapely.multipoints(xy)).buffer(300)


def test_catchments_of_157_sites(benchmark, bars: Bars, place: Place):
    network, ids, sites, area = place
    areas = benchmark.pedantic(
        lambda: network_catchments(network, WALK, ids, sites, area, **PACE), rounds=3, warmup_rounds=1
    )
    assert shapely.coverage_is_valid(areas.geometry.to_numpy())
    benchmark.extra_info.update(nodes=network.n_nodes, km2=area.area / 1e6)
    print(f"\ncatchments: {network.n_nodes:,} nodes, 157 sites, {area.area / 1e6:,.0f} km2, "
          f"{benchmark.stats.stats.min:.2f} s")  # fmt: skip
    least = benchmark.stats.stats.min
    bars("catchments of 157 sites, 40,000 nodes: time", "3 s", f"{least:.2f} s", least <= 3)


@pytest.mark.parametrize("per_site", [False, True], ids=["nearest", "each"])
def test_isochrones_of_157_sites(benchmark, place: Place, per_site: bool):
    network, ids, sites, area = place
    rings = benchmark.pedantic(
        lambda: isochrones(network, WALK, ids, sites, boundary=area, per_site=per_site, **PACE),
        rounds=3, warmup_rounds=1,
    )  # fmt: skip
    assert shapely.coverage_is_valid(rings.geometry.to_numpy()) or per_site
    assert not rings.empty
    print(f"\nisochrones: {len(rings)} rings, {benchmark.stats.stats.min:.2f} s")


def test_ways_of_20_000_homes_to_their_sites(benchmark, place: Place):
    network, ids, sites, area = place
    rng = np.random.default_rng(6)
    box = shapely.bounds(area)
    homes = rng.uniform(box[:2], box[2:], (20_000, 2))
    near = shapely.STRtree(shapely.points(sites)).nearest(shapely.points(homes))
    pairs = [(f"h{i}", ids[s]) for i, s in enumerate(near)]
    own = [f"h{i}" for i in range(20_000)]
    paths = benchmark.pedantic(
        lambda: find_paths(network, WALK, own, homes, ids, sites, pairs, **PACE), rounds=3, warmup_rounds=1
    )
    assert len(paths.edges.edge) > 20_000
    print(f"\nways: 20,000, {len(paths.edges.edge):,} pieces of road, {benchmark.stats.stats.min:.2f} s")
