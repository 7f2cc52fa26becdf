"""The main job: from a scenario file to a plan, its measures and findings, and what is published of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from layout_planner import measures
from layout_planner.ancestors import open_before, parent_plan
from layout_planner.assign import assign
from layout_planner.assign.journeys import journeys, way_checks
from layout_planner.assign.uncertainty import coverage_band
from layout_planner.comparison import Comparison, compare, pair_name
from layout_planner.config.layout import Layout
from layout_planner.config.loader import scenario_error
from layout_planner.config.scenario import Scenario
from layout_planner.errors import Flaw, InputError, LayoutError, OutputError, Text
from layout_planner.examples import copy_project
from layout_planner.io.staging import staged_folder
from layout_planner.layout.answers import Optimised, optimise
from layout_planner.layout.optimise import interruptible
from layout_planner.manifest import MANIFEST_FILE, read_manifest, run_hash, verify_outputs, write_manifest
from layout_planner.prepare import Overrides, check, check_report, prepare, read_county
from layout_planner.publish import Clock, Computed, Progress, comparable, publish, seat_facts, solver_facts
from layout_planner.rules import check_plan
from layout_planner.run_result import RunResult

if TYPE_CHECKING:
    from layout_planner.io.county import County
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = [
    "Comparison",
    "RunResult",
    "check",
    "check_report",
    "compare",
    "console_progress",
    "demo",
    "parent_plan",
    "read_county",
    "run_scenario",
    "runs_folder",
    "travel_times",
]

_LONGEST_STEM = 30


def travel_times(county: County, scenario: Scenario) -> dict[str, TravelMatrix]:
    """Compute minutes and metres from every demand point to every school in reach.

    Returns
    -------
    dict of str to TravelMatrix
        ``walk:G1-3``, ``walk:G4-6``, ``walk:G7-9`` (children walk at the pace of their age) and ``ride``; all
        schools of the county are sites, open or not, so that a decision needs no new search. Minutes are those of
        the longer way, to school or home, unless ``travel.report_direction`` says otherwise.
    """
    return journeys(county, scenario.travel)


def run_scenario(
    path: str | Path,
    overrides: Overrides = (),
    *,
    out: Path | None = None,
    again: bool = False,
    optimised: bool = False,
    quick: bool = False,
    progress: Progress = lambda _: None,
) -> RunResult:
    """Run a scenario file from its inputs to a folder with map, workbook, report, layers and manifest.

    Parameters
    ----------
    path : str or Path
        Scenario file.
    overrides : mapping or iterable of str
        As in :func:`layout_planner.config.loader.load_scenario`.
    out : Path, optional
        Where run folders go; by default ``runs`` of the project that the scenario belongs to.
    again : bool
        Compute even if an equal run (same inputs, scenario and version) is there, unharmed. An earlier folder is
        never overwritten: a second result goes beside it.
    optimised : bool
        Let the block ``layout`` decide (its defaults where there is none), beginning with the scenario's decisions.
    quick : bool
        With ``optimised``: the plan only, without the answers of ``layout.answers``.
    progress : callable
        Told each step as it begins.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario and data; nothing was written.
    LayoutError
        If no layout respects every limit, with the limits in conflict and the least relaxation; nothing was written.
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    clock = Clock(progress)
    scenario, county = _read(path, overrides, clock, optimised=optimised, quick=quick)
    digest = run_hash(scenario, county.inputs)
    folder, is_done = _target(out or runs_folder(path), scenario, digest, again=again)
    if is_done:
        return RunResult(folder, scenario.name)
    county, times = _reach(county, scenario, clock)
    done = _compute(path, overrides, scenario, county, times, clock, digest, optimised=optimised, quick=quick)
    try:
        with staged_folder(folder) as staged:
            publish(done, staged, clock, home=folder)
            solver = seat_facts(done.plan) if done.optimised is None else solver_facts(done.optimised)
            write_manifest(staged, scenario, county.inputs, solver=solver, timings_s=clock.seconds)
    except OutputError:
        if again or not _is_done(folder):
            raise
        return RunResult(folder, scenario.name)  # another process wrote the same run meanwhile
    return RunResult(folder, scenario.name, done.plan, done.tables, done.findings, clock.seconds, done.optimised)


def _read(path: Path, overrides: Overrides, clock: Clock, *, optimised: bool, quick: bool) -> tuple[Scenario, County]:
    """Read scenario and county, everything that is wrong with either at once."""
    with clock.step(Text("读取情景和数据", "reading scenario and data")):
        prepared = prepare(path, overrides, optimised=optimised)
        if prepared.flaws or prepared.scenario is None or prepared.county is None:
            raise _error(prepared.flaws)
        scenario, county = prepared.scenario, prepared.county
    if optimised:
        layout = scenario.layout or Layout()
        layout = layout.model_copy(update={"answers": layout.answers.none()}) if quick else layout
        scenario = scenario.model_copy(update={"name": f"{scenario.name}（优化）", "layout": layout})
    for flaw in county.checks:
        if flaw.code == "calibrated":
            clock.progress(flaw.what)
    return scenario, county


def _reach(county: County, scenario: Scenario, clock: Clock) -> tuple[County, dict[str, TravelMatrix]]:
    """Compute travel times, and what they tell about the data."""
    with clock.step(Text("计算路上时间", "computing travel times")):
        times = travel_times(county, scenario)
        odd = [flaw for matrix in times.values() for flaw in matrix.checks]
        odd += way_checks(county, scenario.travel, times)
        county = replace(county, checks=tuple(dict.fromkeys((*county.checks, *odd))))
    if county.cells is not None:
        with clock.step(Text("量算归并为自然村的误差", "measuring what natural villages cost")):
            county = measures.measure_units(county, scenario)
            clock.progress(county.checks[-1].what)
    return county, times


def _compute(
    path: Path, overrides: Overrides, scenario: Scenario, county: County, times: dict[str, TravelMatrix],
    clock: Clock, digest: str, *, optimised: bool, quick: bool,
) -> Computed:  # fmt: skip
    """Assign pupils under the scenario's decisions, or let the optimiser decide; measure and check the plan."""
    found: Optimised | None = None
    parent: Plan | None
    if optimised:
        with clock.step(Text("优化布局（Ctrl-C 取当时最好的方案）", "optimising (Ctrl-C takes the best plan so far)")):
            with interruptible() as cancelled:
                found = optimise(county, times, scenario, quick=quick, progress=clock.progress, cancel=cancelled)
            plan, parent = found.plan, found.before
    else:
        with clock.step(Text("分配学生、编班", "assigning pupils, forming classes")):
            parent = parent_plan(path, scenario, overrides, county, times)
            plan = assign(county, times, scenario, parent=parent.label if parent is not None else "")
    with clock.step(Text("计算指标、对照规则", "measuring, checking rules")):
        tables = plan.tables
        before = open_before(comparable(parent, plan), plan, county, times)
        if before is not None:
            tables = replace(tables, released=measures.released(before, plan))
        findings = tuple(check_plan(plan, tables, scenario.rules, before=before))
        assert county.demand is not None
        coverage = coverage_band(times, plan.schools, county.demand, scenario.travel)
    return Computed(scenario, plan, tables, findings, coverage, parent, digest, found)


def _error(flaws: tuple[Flaw, ...]) -> LayoutError:
    if all(flaw.key or flaw.code.startswith(("scenario_", "yaml_", "based_on_")) for flaw in flaws):
        return scenario_error(flaws)
    return InputError.collect(flaws)


def runs_folder(scenario_file: Path) -> Path:
    """Find where the runs of a scenario go; a plan of an earlier run goes beside that run."""
    folder = Path(os.path.abspath(scenario_file)).parent  # noqa: PTH100 - links stay as the user typed them
    if (folder.parent / MANIFEST_FILE).is_file():
        return folder.parent.parent
    return (folder.parent if folder.name == "scenarios" else folder) / "runs"


def _target(out: Path, scenario: Scenario, digest: str, *, again: bool) -> tuple[Path, bool]:
    """Choose the run's folder; say whether an unharmed equal run is there already."""
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f\s]+', "-", scenario.name).strip(". -")[:_LONGEST_STEM].strip(". -") or "run"
    for n in range(1, 1000):
        folder = out / (f"{stem}-{digest}" if n == 1 else f"{stem}-{digest}-{n}")
        if not folder.exists():
            return folder, False
        if not again and _is_done(folder):
            return folder, True
    raise OutputError(Text(f"{out} 中同名结果太多", f"too many results of this name in {out}"))


def _is_done(folder: Path) -> bool:
    """Tell whether a folder is a finished, unharmed run that nobody cut short."""
    if not (folder / MANIFEST_FILE).is_file() or verify_outputs(folder):
        return False
    return not read_manifest(folder).solver.get("cancelled", False)


def demo(folder: Path, *, progress: Progress = lambda _: None) -> list[str]:
    """Run the shipped county: today's schools, one merger scenario, and the two compared.

    A project folder that is there already is used as it is.
    """
    scenarios = folder / "scenarios"
    if not (scenarios / "baseline.yaml").is_file():
        copy_project(folder)
    results = [run_scenario(scenarios / name, progress=progress) for name in ("baseline.yaml", "merge-three.yaml")]
    lines = [result.summary() for result in results]
    target = folder / "runs" / pair_name(results[0].folder, results[1].folder)
    if target.exists():
        lines.append(str(target))
    else:
        progress(Text("对比两个情景", "comparing both"))
        lines.append(compare(results[0].folder, results[1].folder, out=target).summary())
    return [*lines, *_next_steps(target / "map.html", scenarios / "merge-three.yaml")]


def _next_steps(page: Path, scenario: Path) -> list[str]:
    """Tell a newcomer what to look at first, and what to try then."""
    command = f'layout-planner run "{scenario}"'
    steps = (
        Text(f"打开 {page}，点一所撤并的学校，看谁受影响", f"open {page} and click a school that closes"),
        Text(f"在 {scenario} 的 close 里换一所学校，再运行 {command}", f"name another school there, then: {command}"),
        Text("换成本县数据：layout-planner init 我的县", "your own data: layout-planner init my-county"),
    )
    return [str(Text("接下来：", "Next:")), *(f"  {n}. {step}" for n, step in enumerate(steps, 1))]


@contextmanager
def console_progress() -> Iterator[Progress]:
    """Show each step on the console with a spinner while it lasts."""
    console = Console(stderr=True, log_path=False)
    with console.status(str(Text("开始", "starting"))) as status:

        def tell(step: Text) -> None:
            console.log(str(step))
            status.update(str(step))

        yield tell
