"""How fast a PBF becomes a road network, beside bare osmium passes over the same file. Run with ``make bench``."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import osmium
import pytest
from pyproj import CRS

from layout_planner.io.cache import cached, network_key, sha256_file
from layout_planner.io.osm import read_osm
from layout_planner.travel import RoadNetwork, load_network

from .conftest import Bars

SIDE, VERTICES = 161, 20
CLASSES = ("residential", "unclassified", "tertiary", "track", "path", "footway", "service", "secondary", "primary")
CRS_OF_IT = CRS.from_epsg(32649)


@pytest.fixture(scope="module")
def pbf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a mesh of 51,520 roads with 1,030,400 vertices, tagged and named like a county's."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("osm") / "million.osm.pbf"
    at = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    links = np.concatenate(
        [np.stack([at[:-1], at[1:]], -1).reshape(-1, 2), np.stack([at[:, :-1], at[:, 1:]], -1).reshape(-1, 2)]
    )
    corner = np.stack(np.divmod(np.arange(SIDE * SIDE), SIDE), -1) * 0.005 + rng.uniform(
        -0.002, 0.002, (SIDE * SIDE, 2)
    )
    share = np.linspace(0, 1, VERTICES)[1:-1, None]
    inner = corner[links[:, :1]] * (1 - share) + corner[links[:, 1:]] * share
    inner += rng.normal(0, 2e-5, inner.shape)
    place = np.concatenate([corner, inner.reshape(-1, 2)]) + np.array([110.5, 31.5])
    middle = SIDE * SIDE + np.arange(len(links) * (VERTICES - 2)).reshape(len(links), -1)
    ids = np.column_stack([links[:, 0], middle, links[:, 1]]) + 1
    with osmium.SimpleWriter(path) as writer:
        for i, lonlat in enumerate(place.tolist()):
            tags = {"barrier": "gate"} if i % 2000 == 1999 else {}
            writer.add_node(osmium.osm.mutable.Node(id=i + 1, location=lonlat, tags=tags))
        for way, refs in enumerate(ids.tolist()):
            tags = {
                "highway": CLASSES[way % 9],
                "surface": ("asphalt", "gravel")[way % 2],
                "lit": ("yes", "no")[way % 3 % 2],
            }
            tags |= {"name": f"道路{way % 3000}"} if way % 3 else {}
            tags |= {"oneway": "yes"} if way % 17 == 0 else {}
            writer.add_way(osmium.osm.mutable.Way(id=way + 1, nodes=refs, tags=tags))
    return path


class _Touches(osmium.SimpleHandler):
    def way(self, way: osmium.osm.Way) -> None:
        """Look at nothing."""


def locations_only(path: Path) -> None:
    osmium.apply(str(path), osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem")))


def with_a_handler(path: Path) -> None:
    _Touches().apply_file(str(path), locations=True)


def filtered_to_nothing(path: Path) -> None:
    for _ in osmium.FileProcessor(path).with_locations().with_filter(osmium.filter.KeyFilter("no such key")):
        pass


def least(work: Callable[[Path], object], path: Path) -> float:
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        work(path)
        times.append(time.perf_counter() - begin)
    return min(times)


def test_a_million_vertices(benchmark, bars: Bars, pbf: Path):
    network = benchmark.pedantic(lambda: read_osm(pbf), rounds=5, warmup_rounds=1)
    assert len(network.shape_x) > 1_000_000
    ours = benchmark.stats.stats.min
    bare = {work.__name__: least(work, pbf) for work in (locations_only, with_a_handler, filtered_to_nothing)}
    benchmark.extra_info.update(bare)
    print(
        f"\n{network.n_nodes:,} nodes, {network.n_edges:,} edges from {pbf.stat().st_size / 1e6:.0f} MB: {ours:.2f} s"
    )
    for name, seconds in bare.items():
        print(f"  bare osmium pass, {name.replace('_', ' ')}: {seconds:.2f} s, ratio {ours / seconds:.1f}")
    ratio = ours / bare["locations_only"]
    bars("PBF of 1 M vertices: times a bare osmium pass", "2", f"{ratio:.1f}", ratio <= 2)


def test_a_cached_network(benchmark, pbf: Path, tmp_path: Path):
    def fetch() -> RoadNetwork:
        key = network_key(f".pbf {sha256_file(pbf)}", CRS_OF_IT)
        return cached(
            key,
            build=lambda: read_osm(pbf, CRS_OF_IT),
            save=RoadNetwork.save,
            load=load_network,
            folder=tmp_path,
        )

    first = fetch()
    again = benchmark.pedantic(fetch, rounds=5, warmup_rounds=1)
    assert again.content_hash == first.content_hash
    print(f"\nfrom the cache, hashing the file included: {benchmark.stats.stats.min:.2f} s")
