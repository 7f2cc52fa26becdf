"""Contiguous service areas on the published Henan instances, beside the published values.

Run with ``make bench``. Each line: published value, ours, how far ours is above it, the proven gap, seconds. The
published value is the better one of CPLEX (2 h) and the authors' own heuristic; a plan of ours that is cheaper, checked
independently, is marked.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from layout_planner.locate import contiguous_facility_location
from layout_planner.testing import assert_plan_valid
from tests.benchmarks.location_instances import henan_area

from .conftest import Bars

pytestmark = pytest.mark.real

HEAD = f"{'instance':10}{'published':>13}{'ours':>13}{'above':>10}{'proven gap':>12}{'seconds':>9}"
NAMES = [f"{area}{room}{level}" for area in ("zy", "gy") for room in "abc" for level in (1, 3, 5)]


def published(folder: Path) -> dict[str, tuple[float, float]]:
    """Read the published value and half a unit of its last digit, by instance."""
    with (folder / "published_tables.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["problem"] == "CFLSAP"]
    best = {row["instance"]: min(row["cplex_UB"], row["MH_obj"], key=float) for row in rows}
    return {name: (float(text), 0.5 * 10.0 ** -len(text.partition(".")[2])) for name, text in best.items()}


@pytest.fixture(scope="module")
def above(bars: Bars):
    """Collect how far every instance ends above the published value, and after how many seconds."""
    ends: dict[str, tuple[float, float]] = {}
    yield ends
    if ends:
        shares, seconds = np.array(list(ends.values())).T
        news, what = int((shares < 0).sum()), f"contiguous service areas ({len(ends)})"
        bars(f"{what}: mean above published", "0.15 %", f"{shares.mean():+.3%}", shares.mean() <= 0.0015)
        bars(f"{what}: new bests", "2", f"{news}", news >= 2)
        bars(f"{what}: slowest", "120 s", f"{seconds.max():.0f} s", seconds.max() <= 121)


@pytest.mark.parametrize("name", NAMES)
def test_henan_contiguous_facility_location(
    benchmark, real_data: Path, above: dict[str, tuple[float, float]], name: str
):
    folder = real_data / "cn_henan_cflsap"
    area = henan_area(folder / f"{name}.txt", folder / f"{'zy' if name.startswith('zy') else 'gy2'}_connectivity.txt")
    facts = {"demand": area.demand, "capacity": area.capacity}
    result = benchmark.pedantic(
        lambda: contiguous_facility_location(
            area.cost, area.fixed, area.adjacency, area.seats, time_limit=120, **facts
        ), rounds=1,
    )  # fmt: skip
    best, half = published(folder)[name]
    share = result.objective / best - 1
    new = " new best" if result.objective < best - half else ""
    above[name] = 0.0 if abs(result.objective - best) <= half else share, result.runtime
    print(f"\n{HEAD}\n{name:10}{best:13.2f}{result.objective:13.2f}{share:+10.4%}{result.gap:12.4%}"
          f"{result.runtime:9.1f} {result.status}{new}", flush=True)  # fmt: skip
    assert_plan_valid(
        result, cost=area.cost, fixed_cost=area.fixed, adjacency=area.adjacency, site_unit=area.seats, **facts
    )
    assert result.bound <= best + half
    assert result.runtime <= 125
