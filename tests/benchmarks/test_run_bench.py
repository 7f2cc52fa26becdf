"""A whole run of a large county in a process of its own: from files to map, workbook and report, stage by stage."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import osmium
import pytest

from layout_planner import write_county
from layout_planner.examples import shipped_scenarios
from layout_planner.io.osm import read_network

ROOT = Path(__file__).resolve().parents[2]
CELLS, SCHOOLS, NODES = 20_000, 200, 250_000
MOST_S, MOST_GIB = 60.0, 2.0


class Ran(NamedTuple):
    """One run: its folder, wall and processor seconds, and the most memory that it held, GiB."""

    folder: Path
    wall_s: float
    cpu_s: float
    gib: float


def project(folder: Path, size: str) -> Path:
    """Write a county and the baseline over it; give the scenario file."""
    write_county(folder / "data" / "yangli", size=size)
    scenario = folder / "scenarios" / "baseline.yaml"
    scenario.parent.mkdir()
    scenario.write_bytes((shipped_scenarios() / "baseline.yaml").read_bytes())
    return scenario


def run(scenario: Path) -> Ran:
    out = scenario.parents[1] / "runs"
    begin = time.perf_counter()
    command = [sys.executable, "-m", "layout_planner", "run", str(scenario), "--out", str(out), "--again"]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    newest = max(out.iterdir(), key=lambda folder: folder.stat().st_mtime)
    unit = 1024**3 if sys.platform == "darwin" else 1024**2
    return Ran(newest, wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "wait4"), reason="needs POSIX to measure another process")
def test_whole_run_of_a_large_county(benchmark, bars, tmp_path):
    run(project(tmp_path / "tiny", "tiny"))  # kernels compiled, libraries in the cache of the disk
    scenario = project(tmp_path / "large", "large")
    ran = benchmark.pedantic(lambda: run(scenario), rounds=1)
    stages = json.loads((ran.folder / "manifest.json").read_text(encoding="utf-8"))["timings_s"]
    roads = scenario.parents[1] / "data" / "yangli" / "roads.osm.pbf"
    nodes = sum(1 for _ in osmium.FileProcessor(str(roads), osmium.osm.NODE))
    held = json.loads((ran.folder / "plan" / "frames.json").read_text(encoding="utf-8"))["frames"]
    cells, schools = held["demand"]["rows"], held["county_schools"]["rows"]
    print(f"\n{cells:,} cells, {schools} schools, {nodes:,} road nodes ({read_network(roads).n_nodes:,} junctions)")
    for name, seconds in {"starting": ran.wall_s - sum(stages.values()), **stages}.items():
        print(f"{name:36} {seconds:6.1f} s {seconds / ran.wall_s:5.0%}")
    print(f"{'together':36} {ran.wall_s:6.1f} s, {ran.cpu_s:.1f} s of processor, {ran.gib:.2f} GiB")
    for file in sorted(path for path in ran.folder.iterdir() if path.is_file()):
        print(f"{file.name:36} {file.stat().st_size / 1e6:6.2f} MB")
    assert cells >= CELLS
    assert schools >= SCHOOLS
    assert nodes >= NODES
    bars("whole run of 20,000 cells: time", "<= 60 s", f"{ran.wall_s:.1f} s", ran.wall_s <= MOST_S)
    bars("whole run of 20,000 cells: memory", "<= 2 GiB", f"{ran.gib:.2f} GiB", ran.gib <= MOST_GIB)


def test_a_tiny_county_is_soon_made(benchmark, bars, tmp_path):
    def make():
        begin = time.process_time()
        return write_county(tmp_path, size="tiny"), time.process_time() - begin

    paths, seconds = benchmark.pedantic(make, rounds=1)
    assert all(path.is_file() for path in paths)
    bars("a tiny county written", "<= 2 CPU s", f"{seconds:.1f} s", seconds <= 2)
