"""Zones for given schools on the published Henan service-area instances, beside their optima.

Run with ``make bench``. Each line: the published value (CPLEX with contiguity, optimal or within the gap it reports),
ours, how far ours is above it, the proven gap, seconds; every result is checked independently.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from layout_planner.locate import zoning
from layout_planner.testing import assert_zones_valid
from tests.benchmarks.location_instances import henan_area

from .conftest import Bars

pytestmark = pytest.mark.real

HEAD = f"{'instance':10}{'published':>13}{'ours':>13}{'above':>10}{'proven gap':>12}{'seconds':>9}"
COUNTS = {"zys": range(13, 18), "gys": range(37, 42), "gy2s": range(18, 23)}
NAMES = [f"{area}_{count}{room}" for area, counts in COUNTS.items() for room in "ac" for count in counts]


def published(folder: Path) -> dict[str, tuple[float, float]]:
    """Read the published value and half a unit of its last digit, by instance."""
    with (folder / "sap_optima.csv").open(encoding="utf-8") as lines:
        rows = [(*row["instance"].split("_"), row["cplex_obj"]) for row in csv.DictReader(lines)]
    return {f"{area}s_{rest}": (float(text), 0.5 * 10.0 ** -len(text.partition(".")[2])) for area, rest, text in rows}


@pytest.fixture(scope="module")
def above(bars: Bars):
    """Collect how far every instance ends above the published value, and after how many seconds."""
    ends: dict[str, tuple[float, float]] = {}
    yield ends
    if ends:
        shares, seconds = np.array(list(ends.values())).T
        what = f"zones for given schools ({len(ends)})"
        bars(f"{what}: mean above published", "0.05 %", f"{shares.mean():+.3%}", shares.mean() <= 0.0005)
        bars(f"{what}: worst above published", "0.3 %", f"{shares.max():+.3%}", shares.max() <= 0.003)
        bars(f"{what}: slowest", "60 s", f"{seconds.max():.0f} s", seconds.max() <= 61)


@pytest.mark.parametrize("name", NAMES)
def test_henan_zones_for_given_schools(benchmark, real_data: Path, above: dict[str, tuple[float, float]], name: str):
    folder = real_data / "cn_henan_sap"
    area = henan_area(folder / f"{name}.txt", folder / f"{name.split('_')[0]}_connectivity.txt")
    result = benchmark.pedantic(
        lambda: zoning(area.cost, area.demand, area.capacity, area.adjacency, area.seats, time_limit=59), rounds=1
    )
    best, half = published(folder)[name]
    share = result.objective / best - 1
    above[name] = 0.0 if abs(result.objective - best) <= half else share, result.runtime
    print(f"\n{HEAD}\n{name:10}{best:13.2f}{result.objective:13.2f}{share:+10.4%}{result.gap:12.4%}"
          f"{result.runtime:9.1f} {result.status}", flush=True)  # fmt: skip
    assert_zones_valid(
        result, cost=area.cost, demand=area.demand, seats=area.capacity, adjacency=area.adjacency, seat_units=area.seats
    )
    assert result.bound <= best + half
    assert result.runtime <= 65
