"""How fast medians, centres and covers are found and proven, beside published values and spopt with HiGHS."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from layout_planner.locate import LocationResult, Status, max_cover, p_center, p_median, set_cover
from layout_planner.testing import assert_plan_valid
from tests.benchmarks.location_instances import henan_costs, henan_medians, orlib_costs, orlib_optima, plane

from .conftest import Bars

ROOT = Path(__file__).resolve().parents[2]
HEAD = f"{'instance':22}{'published':>16}{'ours':>16}{'above':>11}{'proven gap':>12}{'seconds':>9}"


def line(name: str, published: float | None, result: LocationResult) -> str:
    above = "" if published is None else f"{result.objective / published - 1:.4%}"
    told = "" if published is None else f"{published:.5f}"
    return f"{name:22}{told:>16}{result.objective:16.5f}{above:>11}{result.gap:12.4%}{result.runtime:9.2f}"


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    p_median(np.random.default_rng(0).random((60, 20)), 5, gap=0.0)


@pytest.mark.real
def test_orlib_medians(benchmark, real_data: Path, bars: Bars):
    folder = real_data / "orlib_pmed"
    optima = orlib_optima(folder, "pmedopt.txt")
    costs = {name: orlib_costs(folder, name) for name in optima}
    results = benchmark.pedantic(lambda: {name: p_median(cost, p) for name, (cost, p) in costs.items()}, rounds=1)
    print(f"\n\nOR-Library p-median\n{HEAD}")
    for name, result in results.items():
        print(line(f"{name} p={costs[name][1]}", optima[name], result))
        assert_plan_valid(result, cost=costs[name][0], p=costs[name][1])
        assert result.bound <= optima[name]
    reached = sum(result.objective == optima[name] for name, result in results.items())
    worst = max(result.gap for result in results.values())
    mean = float(np.mean([result.runtime for result in results.values()]))
    bars("OR-Library pmed: published optima reached", "all", f"{reached} of {len(results)}", reached == len(results))
    bars("OR-Library pmed: largest proven gap", "0.1 %", f"{worst:.3%}", worst <= 1e-3)
    bars("OR-Library pmed: mean time", "5 s", f"{mean:.2f} s", mean <= 5)


@pytest.mark.real
def test_henan_medians(benchmark, real_data: Path, bars: Bars):
    folder = real_data / "cn_henan_pmp"
    published = list(henan_medians(folder))
    costs = {name: henan_costs(folder, name) for name, *_ in published}
    results = benchmark.pedantic(lambda: [p_median(costs[name], p) for name, p, *_ in published], rounds=1)
    print(f"\n\nHenan p-median\n{HEAD}")
    reached = 0
    for (name, p, value, digit), result in zip(published, results, strict=True):
        print(line(f"{name} p={p}", value, result))
        assert_plan_valid(result, cost=costs[name], p=p)
        assert result.bound <= value + digit
        reached += result.objective <= value + digit
    worst, slowest = max(result.gap for result in results), max(result.runtime for result in results)
    bars("Henan p-median: published optima reached", "all", f"{reached} of {len(results)}", reached == len(results))
    bars("Henan p-median: largest proven gap", "0.01 %", f"{worst:.4%}", worst <= 1e-4)
    bars("Henan p-median: slowest", "3 s", f"{slowest:.2f} s", slowest <= 3)


@pytest.mark.real
def test_orlib_centres(benchmark, real_data: Path, bars: Bars):
    folder = real_data / "orlib_pmed"
    optima = orlib_optima(folder, "pcenter_opt.txt")
    costs = {name: orlib_costs(folder, name) for name in optima}
    results = benchmark.pedantic(lambda: {name: p_center(cost, p) for name, (cost, p) in costs.items()}, rounds=1)
    print(f"\n\nOR-Library p-centre\n{HEAD}")
    for name, result in results.items():
        print(line(f"{name} p={costs[name][1]}", optima[name], result))
        assert result.bound <= optima[name] <= result.objective
    proven = sum(result.status is Status.OPTIMAL for result in results.values())
    slowest = max(result.runtime for result in results.values())
    bars("OR-Library p-centre: proven optimal", "all", f"{proven} of {len(results)}", proven == len(results))
    bars("OR-Library p-centre: slowest", "60 s", f"{slowest:.1f} s", slowest <= 60)


def spopt_median(cost: np.ndarray, p: int, time_limit: float) -> tuple[float | None, float]:
    """Solve with spopt and HiGHS for at most so many seconds; returns the value, if there is one, and seconds."""
    import pulp
    from spopt.locate import PMedian

    began = time.perf_counter()
    model = PMedian.from_cost_matrix(cost, np.ones(len(cost)), p)
    left = max(1.0, time_limit - (time.perf_counter() - began))
    model.problem.solve(pulp.HiGHS(msg=False, timeLimit=left))
    return pulp.value(model.problem.objective), time.perf_counter() - began


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "p"), [(600, 60, 18), (3000, 200, 60)])
def test_beside_spopt(benchmark, bars: Bars, n: int, m: int, p: int):
    """Give spopt up to 300 seconds; where it is not done by then, the ratio is the least that it can be."""
    cost = plane(n, m)
    result = benchmark.pedantic(lambda: p_median(cost, p), rounds=1)
    print(f"\n\n{n:,} x {m}, p = {p}\n{HEAD}\n{line('', None, result)}")
    assert_plan_valid(result, cost=cost, p=p)
    what = f"p-median {n:,} x {m}, p = {p}"
    bars(f"{what}: proven gap", "0.1 %", f"{result.gap:.3%}", result.gap <= 1e-3)
    bars(f"{what}: time", "5 s", f"{result.runtime:.2f} s", result.runtime <= 5)
    if not (importlib.util.find_spec("spopt") and importlib.util.find_spec("pulp")):
        return
    limit = 300.0
    value, seconds = spopt_median(cost, p, limit)
    ratio, mark = seconds / result.runtime, "≥ " if seconds >= limit else ""
    print(f"spopt with HiGHS: {value} after {seconds:.1f} s of at most {limit:g}, {mark}{ratio:.0f} x ours")
    assert value is None or result.objective <= value * (1 + 1e-4)
    if n >= 3000:
        bars(f"{what}: times faster than spopt", "50", f"{mark}{ratio:.0f}", ratio >= 50)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "m", "p", "gap", "bar_s"),
    [
        (7000, 320, 48, 0.003, 60),
        (7000, 320, 48, 1e-3, 60),
        (20_000, 1000, 300, 0.01, 120),
        (20_000, 1000, 300, 1e-4, 120),
    ],
)
def test_large_medians(benchmark, bars: Bars, n: int, m: int, p: int, gap: float, bar_s: float):
    """Each in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "tests.benchmarks.large_median", *map(str, (n, m, p, gap, bar_s))]

    def run() -> dict[str, float]:
        return json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    found = benchmark.pedantic(run, rounds=1)
    what = f"p-median {n:,} x {m:,}, p = {p}, {gap:.2%} wanted"
    print(f"\n\n{what}: {found}")
    assert found["gap"] >= 0
    bars(f"{what}: proven gap", f"{gap:.2%}", f"{found['gap']:.4%}", found["gap"] <= gap)
    bars(f"{what}: time", f"{bar_s} s", f"{found['seconds']:.1f} s", found["seconds"] <= bar_s)
    bars(f"{what}: whole process", "6 GiB", f"{found['mib'] / 1024:.2f} GiB", found["mib"] <= 6 * 1024)


@pytest.mark.slow
def test_covers(benchmark):
    cost = plane(3000, 200)
    most, fewest = benchmark.pedantic(lambda: (max_cover(cost, 30, 3.0), set_cover(cost, 15.0)), rounds=1)
    print("\n\n3,000 x 200: weight that 30 sites leave uncovered; sites that cover everybody")
    print(f"{HEAD}\n{line('maximal cover', None, most)}\n{line('set cover', None, fewest)}")
    assert most.bound <= most.objective
    assert fewest.bound <= fewest.objective


def test_growth(benchmark, bars: Bars):
    """Ten times the pairs, a tenth of the sites open: the seconds that a proof takes."""
    sizes = [(500, 50), (1000, 100), (2000, 200), (4000, 400), (8000, 800)]
    results = benchmark.pedantic(lambda: [p_median(plane(n, m), m // 10, gap=1e-3) for n, m in sizes], rounds=1)
    print(f"\n\n{'pairs':>12}{'p':>6}{'gap':>10}{'seconds':>9}")
    for (n, m), result in zip(sizes, results, strict=True):
        print(f"{n * m:12,}{m // 10:6}{result.gap:10.4%}{result.runtime:9.2f}")
        assert_plan_valid(result, cost=plane(n, m), p=m // 10)
    worst = max(result.gap for result in results)
    bars("p-median, 25,000 to 6,400,000 pairs: proven gap", "0.3 %", f"{worst:.3%}", worst <= 3e-3)
