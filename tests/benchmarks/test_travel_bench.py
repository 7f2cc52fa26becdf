"""How fast the travel engine is, beside four others in the same run. Run with ``make bench`` (``--benchmark-only``)."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from layout_planner.travel import RoadNetwork, Router, travel_matrix
from layout_planner.travel.contract import Hierarchy, Order
from layout_planner.travel.incremental import NearestOpen
from layout_planner.travel.matrix import TravelMatrix
from tests.benchmarks.one_engine import COMPARED, ENGINES
from tests.benchmarks.road_makers import WALK, county_like, names, nodes_of

from .conftest import Bars

ROOT = Path(__file__).resolve().parents[2]
BARS = {"scipy": 3, "networkx": 50, "pandana": 100, "igraph": None}
OFF_ROAD = {"snap_limit_m": 2000, "access_speed_kmh": 3.0, "access_detour": 1.3}


@pytest.fixture(scope="module")
def county() -> RoadNetwork:
    return county_like(230)


@pytest.fixture(scope="module")
def cells(county: RoadNetwork) -> np.ndarray:
    nodes = nodes_of(county)
    return np.random.default_rng(2).uniform(nodes.min(axis=0), nodes.max(axis=0), (100_000, 2))


def cells_to_300(county: RoadNetwork, cells: np.ndarray, cutoff_min: float) -> TravelMatrix:
    ids = names(len(cells))
    return travel_matrix(county, ids, cells, ids[:300], cells[:300], WALK, cutoff_min=cutoff_min, **OFF_ROAD)


def test_side_by_side(benchmark, bars: Bars, county: RoadNetwork, tmp_path: Path):
    """Compare engines on 200 sites x all nodes, each in a process of its own, one after the other."""
    county.save(tmp_path / "county.npz")
    present = [name for name in ENGINES if name == "ours" or importlib.util.find_spec(name)]

    def run(engine: str) -> dict:
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
        command = [sys.executable, "-c", f"{code}; from tests.benchmarks.one_engine import main; "
                   f"main({engine!r}, 'county.npz', 200, '{engine}.npz')"]  # fmt: skip
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.splitlines()[-1])

    rows = benchmark.pedantic(lambda: [run(engine) for engine in present], rounds=1)
    minutes = {engine: np.load(tmp_path / f"{engine}.npz")["minutes"] for engine in present}
    ours, pairs = rows[0], 200 * county.n_nodes
    print(f"\n\n200 sites x {county.n_nodes:,} nodes ({pairs:,} pairs), 2 threads at most, least of 5 runs")
    print(f"{'engine':10}{'ready s':>9}{'matrix s':>10}{'us/pair':>9}{'MiB more':>10}{'ours is':>10}{'bar':>7}")
    for row in rows:
        name, ratio = row["engine"], row["ask_s"] / ours["ask_s"]
        bar = BARS.get(name)
        note = " from a sample" if row["sampled"] else ""
        print(f"{name:10}{row['build_s']:9.2f}{row['ask_s']:10.2f}{row['ask_s'] / pairs * 1e6:9.4f}"
              f"{row['peak_mib']:10.0f}{ratio:9.1f}x{f'{bar}x' if bar else '':>7}{note}")  # fmt: skip
        assert np.allclose(minutes[name][:COMPARED], minutes["ours"], rtol=1e-6 if name != "pandana" else 1e-3)
        if bar is not None:
            bars(f"200 sites x 50,000 nodes: times faster than {name}", f"{bar}", f"{ratio:.1f}", ratio >= bar)
    benchmark.extra_info.update({row["engine"]: row["ask_s"] for row in rows})


def test_contracting_a_county(benchmark, county: RoadNetwork):
    graph = Router(county, WALK).graph
    Hierarchy.build(Order.build(county), graph)
    built = benchmark.pedantic(lambda: Hierarchy.build(Order.build(county), graph), rounds=5)
    assert isinstance(built, Hierarchy)
    print(f"\ncontracting {county.n_nodes:,} nodes: {benchmark.stats.stats.min:.3f} s, once a network and profile")


@pytest.mark.parametrize("cutoff_min", [60.0, 1e6])
def test_100_000_points_to_300_sites(benchmark, bars: Bars, county: RoadNetwork, cells: np.ndarray, cutoff_min: float):
    found = benchmark.pedantic(lambda: cells_to_300(county, cells, cutoff_min), rounds=5, warmup_rounds=1)
    benchmark.extra_info.update(pairs=found.n_pairs)
    print(f"\n100,000 cells x 300 sites from a loaded network, {found.n_pairs:,} pairs within {cutoff_min:g} min: "
          f"{benchmark.stats.stats.min:.2f} s")  # fmt: skip
    if cutoff_min == 60:
        least = benchmark.stats.stats.min
        bars("100,000 cells x 300 schools, 60 min: time", "2 s", f"{least:.2f} s", least <= 2)


@pytest.mark.parametrize("cutoff_min", [60.0, 1e6])
def test_one_school_closes_and_opens_again(
    benchmark, bars: Bars, county: RoadNetwork, cells: np.ndarray, cutoff_min: float
):
    near = NearestOpen(cells_to_300(county, cells, cutoff_min), k=3)
    sites = iter(names(300) * 2)

    def toggle() -> None:
        site = next(sites)
        near.close(site)
        near.open(site)

    toggle()
    benchmark.pedantic(toggle, rounds=100)
    median, worst = benchmark.stats.stats.median, benchmark.stats.stats.max
    print(f"\n{near}\none site closes and opens again, 3 nearest kept: "
          f"median {median * 1e3:.1f} ms, worst {worst * 1e3:.1f} ms")  # fmt: skip
    pairs = "60 min" if cutoff_min == 60 else "all pairs"
    bars(f"one school closes or opens, {pairs}: median", "100 ms", f"{median * 500:.1f} ms", median <= 0.2)


@pytest.mark.slow
def test_province_10_000_sites_5_km(benchmark, bars: Bars):
    def run() -> dict:
        command = [sys.executable, "-m", "tests.benchmarks.province"]
        return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    found = benchmark.pedantic(run, rounds=1)
    print(f"\n{found['nodes']:,} nodes x 10,000 sites, {found['pairs']:,} pairs within 5 km: "
          f"{found['least_s']:.2f} s, whole process {found['mib'] / 1024:.2f} GiB")  # fmt: skip
    bars("province, 10,000 sites, 5 km: time", "5 s", f"{found['least_s']:.2f} s", found["least_s"] <= 5)
    bars("province: whole process", "2 GiB", f"{found['mib'] / 1024:.2f} GiB", found["mib"] < 2048)


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
    from layout_planner.io.osm import read_network  # the rest of the file needs no reader

    network = benchmark.pedantic(lambda: read_network(real_data / file), rounds=3, warmup_rounds=1)
    assert network.n_edges > 0
    benchmark.extra_info.update(nodes=network.n_nodes, edges=network.n_edges)
