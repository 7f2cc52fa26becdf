"""How fast, and in how much memory, rasters far larger than a county are read. Run with ``make bench``."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
import shapely

from tests.benchmarks.raster_reading import NORTH, STEP, WEST, county, write_nation, write_province

from .conftest import Bars

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ["ours"] + (["exactextract"] if importlib.util.find_spec("exactextract") else [])


def read_apart(engine: str, path: Path, shape: shapely.Geometry, rounds: int) -> dict[str, float]:
    area = path.with_suffix(".wkt")
    area.write_text(shapely.to_wkt(shape, rounding_precision=-1), encoding="ascii")
    command = [sys.executable, "-m", "tests.benchmarks.raster_reading", engine, str(path), str(area), str(rounds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def show(title: str, rows: dict[str, dict[str, float]]) -> None:
    print(f"\n\n{title}\n{'engine':14}{'first s':>9}{'least s':>9}{'cpu s':>8}{'peak MiB':>10}{'people':>18}")
    for engine, row in rows.items():
        print(f"{engine:14}{row['first_s']:9.2f}{row['least_s']:9.2f}{row['cpu_s']:8.2f}{row['mib']:10.0f}"
              f"{row['people']:18,.3f}")  # fmt: skip
    people = [row["people"] for row in rows.values()]
    assert people == pytest.approx([people[0]] * len(people), rel=1e-6)


@pytest.mark.parametrize("tiled", [True, False], ids=["tiles", "rows"])
def test_one_county_of_a_national_raster(benchmark, bars: Bars, tmp_path: Path, tiled: bool):
    path, shape = tmp_path / "chn_ppp_2020.tif", county()
    write_nation(path, tiled=tiled)
    rows = benchmark.pedantic(lambda: {e: read_apart(e, path, shape, 5) for e in ENGINES}, rounds=1)
    show(f"one county of 60,000 x 50,000 cells of 3 arc seconds, stored by {'tiles' if tiled else 'rows'}",
         rows)  # fmt: skip
    ours, stored = rows["ours"], "tiles" if tiled else "rows"
    bars(f"county of a national raster in {stored}: time", "2 s", f"{ours['least_s']:.2f} s", ours["least_s"] <= 2)
    bars(f"county of a national raster in {stored}: process", "500 MiB", f"{ours['mib']:.0f} MiB", ours["mib"] <= 500)


@pytest.mark.slow
def test_a_stack_of_100_bands_of_a_province(benchmark, bars: Bars, tmp_path: Path):
    path = tmp_path / "stack.tif"
    write_province(path)
    shape = shapely.box(WEST, NORTH - 6_000 * STEP, WEST + 6_000 * STEP, NORTH).buffer(-0.05)
    rows = benchmark.pedantic(lambda: {e: read_apart(e, path, shape, 1) for e in ENGINES}, rounds=1)
    show("a province of 6,000 x 6,000 cells, 100 bands, people in 8 % of the cells (by the peer: a sum only)",
         rows)  # fmt: skip
    seconds = rows["ours"]["least_s"]
    bars("100 bands of a province: time", "60 s", f"{seconds:.1f} s", seconds <= 60)
