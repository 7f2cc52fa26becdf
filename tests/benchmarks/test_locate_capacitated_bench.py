"""Capacitated p-median and facility location on published instances, beside the published values and plain HiGHS.

Run with ``make bench``. Each line: published value, ours, how far ours is above it, the proven gap, seconds.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from layout_planner.locate import Status, capacitated_p_median, facility_location
from layout_planner.locate.capacity.facilities import Facilities
from layout_planner.locate.capacity.model import surviving, whole_model
from layout_planner.testing import assert_plan_valid

from .conftest import Bars

pytestmark = pytest.mark.real

ORLIB = range(1, 20, 2)
FIXED_COST = [f"{area}{room}{level}" for area in ("zy", "gy") for room in "abc" for level in (1, 3, 5)]
PMEDCAP, SSCFLP = "OR-Library pmedcap1", "Henan SSCFLP"
MEDIANS = [("geo_zy", p) for p in range(10, 15)] + [("geo_gy", p) for p in range(22, 33, 2)]


def henan(path: Path):
    table = np.loadtxt(path, skiprows=1, usecols=range(7))
    sites = np.flatnonzero(table[:, 6] > 0)
    metres = np.hypot(*(table[:, None, k] - table[None, sites, k] for k in (2, 3)))
    return metres / 1000 * table[:, [1]], table[:, 1], table[sites, 6], table[sites, 5]


def published(path: Path, **wanted: str) -> dict[str, str]:
    with path.open(encoding="utf-8") as lines:
        return next(row for row in csv.DictReader(lines) if all(row[k] == v for k, v in wanted.items()))


@pytest.fixture(scope="module")
def ends(bars: Bars):
    """Collect, by family, how far results end above the published value, their proven gaps and their seconds."""
    families: dict[str, list[tuple[float, float, float]]] = {}
    yield families
    for family, told in families.items():
        above, gap, seconds = np.array(told).T
        what = f"{family} ({len(told)})"
        if family == PMEDCAP:
            reached = int((above <= 1e-9).sum())
            bars(f"{what}: published optima reached", "all", f"{reached}", reached == len(told))
            bars(f"{what}: slowest", "30 s", f"{seconds.max():.1f} s", seconds.max() <= 30.5)
        elif family == SSCFLP:
            bars(f"{what}: mean above published", "0.03 %", f"{above.mean():+.3%}", above.mean() <= 3e-4)
            bars(f"{what}: worst above published", "0.15 %", f"{above.max():+.3%}", above.max() <= 1.5e-3)
            bars(f"{what}: slowest", "90 s", f"{seconds.max():.1f} s", seconds.max() <= 91)
        else:
            bars(f"{what}: largest proven gap", "1 %", f"{gap.max():.3%}", gap.max() <= 0.01)
            bars(f"{what}: slowest", "60 s", f"{seconds.max():.1f} s", seconds.max() <= 61)


def say(ends, family: str, name: str, best: float, result) -> None:
    ends.setdefault(family, []).append((result.objective / best - 1, result.gap, result.runtime))
    print(f"\n{name}: published {best:.2f} | ours {result.objective:.2f} | {result.objective / best - 1:+.4%} |"
          f" proven {result.gap:.3%} | {result.runtime:.1f} s | {result.status}", flush=True)  # fmt: skip


@pytest.mark.parametrize("number", ORLIB)
def test_orlib_pmedcap(benchmark, ends, real_data: Path, number: int):
    path = real_data / "orlib_pmedcap" / f"pmedcap1_{number}.txt"
    values = np.array(path.read_text(encoding="utf-8").split(), dtype=float)
    best, n, p, room = values[1], int(values[2]), int(values[3]), values[4]
    points = values[5:].reshape(-1, 4)[:n]
    cost = np.floor(np.hypot(*(points[:, None, k] - points[None, :, k] for k in (1, 2))))
    result = benchmark.pedantic(
        lambda: capacitated_p_median(cost, p, points[:, 3], room, time_limit=30), rounds=1
    )  # fmt: skip
    assert_plan_valid(result, cost=cost, p=p, demand=points[:, 3], capacity=room)
    say(ends, PMEDCAP, path.stem, best, result)
    assert result.bound <= best + 1e-6


@pytest.mark.parametrize("single", [False, True], ids=["divided", "single"])
@pytest.mark.parametrize(("area", "p"), MEDIANS)
def test_henan_capacitated_p_median(benchmark, ends, real_data: Path, area: str, p: int, single: bool):
    folder = real_data / "cn_henan_pmp"
    cost, demand, capacity, _ = henan(folder / f"{area}.txt")
    row = published(folder / "geo_pmp_cpmp_published.csv", instance=area, model="CPMP", P=str(p))
    best = float(row["objective_km_person"])
    result = benchmark.pedantic(
        lambda: capacitated_p_median(cost, p, demand, capacity, single_source=single, time_limit=60), rounds=1
    )  # fmt: skip
    assert_plan_valid(result, cost=cost, p=p, demand=demand, capacity=capacity)
    kind = "single source" if single else "divided"
    say(ends, f"Henan capacitated p-median, {kind}", f"{area} p={p} {kind}", best, result)


@pytest.mark.parametrize("name", FIXED_COST)
def test_henan_single_source_facility_location(benchmark, ends, real_data: Path, name: str):
    folder = real_data / "cn_henan_cflsap"
    cost, demand, capacity, fixed = henan(folder / f"{name}.txt")
    row = published(folder / "published_tables.csv", instance=name, problem="SSCFLP")
    best = min(float(row["cplex_UB"]), float(row["MH_obj"]))
    facts = {"demand": demand, "capacity": capacity}
    result = benchmark.pedantic(
        lambda: facility_location(cost, fixed, single_source=True, time_limit=90, **facts), rounds=1
    )  # fmt: skip
    assert_plan_valid(result, cost=cost, fixed_cost=fixed, **facts)
    say(ends, SSCFLP, name, best, result)
    assert result.bound <= best + 0.01


def test_plain_highs_on_one_of_them(benchmark, real_data: Path):
    cost, demand, capacity, fixed = henan(real_data / "cn_henan_cflsap" / "zyb1.txt")
    nobody = np.zeros(len(fixed), bool)
    problem = Facilities(
        cost, fixed, capacity, demand, nobody, nobody, fewest=1, most=len(fixed), budget=np.inf
    )  # fmt: skip
    kept = surviving(problem, None, np.inf, whole=True)
    theirs = benchmark.pedantic(
        lambda: whole_model(problem, kept, whole=True, start=None, time_limit=90, gap=1e-4, seed=0), rounds=1
    )  # fmt: skip
    ours = facility_location(cost, fixed, demand=demand, capacity=capacity, single_source=True, time_limit=90)
    print(f"\nzyb1 in 90 s: ours {ours.objective:.2f}, HiGHS alone {theirs.answer.objective:.2f}")
    assert ours.status in (Status.OPTIMAL, Status.FEASIBLE)
