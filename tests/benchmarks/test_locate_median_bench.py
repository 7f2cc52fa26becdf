"""How fast medians and centres are found and proven, beside published values and spopt with HiGHS in the same run."""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path

import numpy as np
import pytest

from layout_planner.locate import LocationResult, Status, max_cover, p_center, p_median
from layout_planner.testing import assert_plan_valid
from tests.benchmarks.location_instances import henan_costs, henan_medians, orlib_costs, orlib_optima, plane

HEAD = f"{'instance':22}{'published':>16}{'ours':>16}{'above':>11}{'proven gap':>12}{'seconds':>9}"


def line(name: str, published: float | None, result: LocationResult) -> str:
    above = "" if published is None else f"{result.objective / published - 1:.4%}"
    told = "" if published is None else f"{published:.5f}"
    return f"{name:22}{told:>16}{result.objective:16.5f}{above:>11}{result.gap:12.4%}{result.runtime:9.2f}"


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    p_median(np.random.default_rng(0).random((60, 20)), 5, gap=0.0)


@pytest.mark.real
def test_orlib_medians(benchmark, real_data: Path):
    folder = real_data / "orlib_pmed"
    optima = orlib_optima(folder, "pmedopt.txt")
    costs = {name: orlib_costs(folder, name) for name in optima}
    results = benchmark.pedantic(lambda: {name: p_median(cost, p) for name, (cost, p) in costs.items()}, rounds=1)
    print(f"\n\nOR-Library p-median\n{HEAD}")
    for name, result in results.items():
        print(line(f"{name} p={costs[name][1]}", optima[name], result))
        assert_plan_valid(result, cost=costs[name][0], p=costs[name][1])
        assert result.objective == optima[name]
        assert result.bound <= optima[name]
        assert result.gap <= 1e-3
    mean = float(np.mean([result.runtime for result in results.values()]))
    print(f"mean {mean:.2f} s (bar: 5 s)")
    assert mean <= 5


@pytest.mark.real
def test_henan_medians(benchmark, real_data: Path):
    folder = real_data / "cn_henan_pmp"
    published = list(henan_medians(folder))
    costs = {name: henan_costs(folder, name) for name, *_ in published}
    results = benchmark.pedantic(lambda: [p_median(costs[name], p) for name, p, *_ in published], rounds=1)
    print(f"\n\nHenan p-median (bar: published, proven 0.01 %, 3 s each)\n{HEAD}")
    for (name, p, value, digit), result in zip(published, results, strict=True):
        print(line(f"{name} p={p}", value, result))
        assert_plan_valid(result, cost=costs[name], p=p)
        assert result.objective <= value + digit
        assert result.gap <= 1e-4
        assert result.runtime <= 3


@pytest.mark.real
def test_orlib_centres(benchmark, real_data: Path):
    folder = real_data / "orlib_pmed"
    optima = orlib_optima(folder, "pcenter_opt.txt")
    costs = {name: orlib_costs(folder, name) for name in optima}
    results = benchmark.pedantic(lambda: {name: p_center(cost, p) for name, (cost, p) in costs.items()}, rounds=1)
    print(f"\n\nOR-Library p-centre\n{HEAD}")
    for name, result in results.items():
        print(line(f"{name} p={costs[name][1]}", optima[name], result))
        assert result.bound <= optima[name] <= result.objective
    proven = sum(result.status is Status.OPTIMAL for result in results.values())
    print(f"{proven} of {len(results)} proven")


def spopt_median(cost: np.ndarray, p: int) -> tuple[float, float]:
    """Solve with spopt and HiGHS; returns value and seconds."""
    import pulp
    from spopt.locate import PMedian

    began = time.perf_counter()
    model = PMedian.from_cost_matrix(cost, np.ones(len(cost)), p).solve(pulp.HiGHS(msg=False))
    return float(pulp.value(model.problem.objective)), time.perf_counter() - began


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "p"), [(600, 60, 18), (3000, 200, 60)])
def test_beside_spopt(benchmark, n: int, m: int, p: int):
    cost = plane(n, m)
    result = benchmark.pedantic(lambda: p_median(cost, p), rounds=1)
    print(f"\n\n{n:,} x {m}, p = {p} (bar for 3,000 x 200: 0.1 % in 5 s, 50 x faster than spopt)\n{HEAD}")
    assert_plan_valid(result, cost=cost, p=p)
    peer = importlib.util.find_spec("spopt") and importlib.util.find_spec("pulp")
    value, seconds = spopt_median(cost, p) if peer else (None, float("nan"))
    print(line("", value, result))
    if value is not None:
        print(f"spopt with HiGHS: {seconds:.1f} s, {seconds / result.runtime:.0f} times ours")
        assert result.objective <= value * (1 + 1e-4)
        assert n < 3000 or seconds >= 50 * result.runtime
    assert result.gap <= 1e-3
    assert result.runtime <= 5


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
def test_large_medians(benchmark, n: int, m: int, p: int, gap: float, bar_s: float):
    cost = plane(n, m)
    result = benchmark.pedantic(lambda: p_median(cost, p, gap=gap, time_limit=bar_s), rounds=1)
    print(f"\n\n{n:,} x {m:,}, p = {p}, asked for {gap:.2%} in {bar_s:g} s\n{HEAD}\n{line('', None, result)}")
    assert_plan_valid(result, cost=cost, p=p)
    assert result.gap <= gap
    assert result.runtime <= bar_s


@pytest.mark.slow
def test_maximal_cover(benchmark):
    cost = plane(3000, 200)
    result = benchmark.pedantic(lambda: max_cover(cost, 30, 3.0), rounds=1)
    print(f"\n\nmaximal cover 3,000 x 200, p = 30: left out\n{HEAD}\n{line('', None, result)}")
    assert result.bound <= result.objective


def test_growth(benchmark):
    """Print seconds against the number of pairs, one tenth of the sites open."""
    sizes = [(500, 50), (1000, 100), (2000, 200), (4000, 400), (8000, 800)]
    results = benchmark.pedantic(lambda: [p_median(plane(n, m), m // 10, gap=1e-3) for n, m in sizes], rounds=1)
    print(f"\n\n{'pairs':>12}{'p':>6}{'gap':>10}{'seconds':>9}")
    for (n, m), result in zip(sizes, results, strict=True):
        print(f"{n * m:12,}{m // 10:6}{result.gap:10.4%}{result.runtime:9.2f}")
