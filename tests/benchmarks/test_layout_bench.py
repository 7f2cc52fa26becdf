"""How fast a county's layout is found and proven: the shipped county, and one of four times its size.

Run with ``make bench``. Each line: size, status, objective, proven gap, seconds from travel times to the proof.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from layout_planner.examples import write_county
from layout_planner.layout import LayoutSolution, layout_model, solve_layout
from layout_planner.prepare import prepare
from layout_planner.run import travel_times

from .conftest import Bars

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "optimise.yaml"
NAMES = ("county", "units", "schools", "ways", "status", "yuan a year", "gap", "seconds", "bar")
WIDTHS = (16, 8, 8, 8, 10, 15, 9, 9, 16)
SHIPPED = ("shipped", [], 0.01, 60.0)
SHIPPED_CLOSEST = ("closest first", ["layout.must.closest_first=true", "layout.gap=0.03"], 0.03, 60.0)
FOUR_TIMES = ("four times", ["layout.gap=0.02", "layout.time_limit_s=300"], 0.02, 300.0)


def line(*cells: str) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))


def told(name: str, solution: LayoutSolution, bar: str, seconds: float) -> str:
    model = solution.model
    sizes = [f"{count:,}" for count in (len(model.units.pupils), len(model.school_id), len(model.arcs.unit))]
    found = (str(solution.status), f"{solution.objective:,.0f}", f"{solution.gap:.3%}", f"{seconds:.1f}")
    return line(name, *sizes, *found, bar)


@pytest.mark.parametrize(("name", "asked", "gap", "most"), [SHIPPED, SHIPPED_CLOSEST, FOUR_TIMES])
def test_county_layout(benchmark, tmp_path: Path, bars: Bars, name: str, asked: list[str], gap: float, most: float):
    if name == FOUR_TIMES[0]:
        write_county(tmp_path, counties=4)
        asked = [*asked, f"data.folder={tmp_path}"]
    prepared = prepare(SCENARIO, asked)
    county, scenario = prepared.county, prepared.scenario
    assert county is not None
    assert scenario is not None
    times = travel_times(county, scenario)

    def propose() -> tuple[LayoutSolution, float]:
        began = time.perf_counter()
        solution = solve_layout(layout_model(county, times, scenario), seed=scenario.seed)
        return solution, time.perf_counter() - began

    solution, seconds = benchmark.pedantic(propose, rounds=1)
    bar = f"{gap:.0%} in {most:.0f} s"
    print(f"\n\n{line(*NAMES)}\n{told(name, solution, bar, seconds)}\n{solution.log}")
    assert solution.found
    met = solution.gap <= gap and seconds <= most
    bars(f"Layout of the county, {name}: proven gap", bar, f"{solution.gap:.2%} in {seconds:.1f} s", met)
