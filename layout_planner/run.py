"""The main job: from a scenario file to a plan, its measures and findings, and what is published of them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console

from layout_planner import maps, measures, report
from layout_planner.assign import assign
from layout_planner.assign.decisions import apply_decisions
from layout_planner.config.loader import load_scenario, salvage_scenario, scenario_error
from layout_planner.config.scenario import Output, Scenario
from layout_planner.demand import build_demand
from layout_planner.errors import Flaw, InputError, LayoutError, OutputError, Text
from layout_planner.examples import copy_project
from layout_planner.grades import GradeBand
from layout_planner.io.read import read_county as read_tables
from layout_planner.io.staging import staged_folder
from layout_planner.layout.reasons import closure_impact
from layout_planner.manifest import MANIFEST_FILE, run_hash, verify_outputs, write_manifest
from layout_planner.rules import Finding, check_plan, load_rule_sets
from layout_planner.supply import school_supply
from layout_planner.travel.matrix import TravelMatrix, travel_matrix
from layout_planner.travel.speeds import Profile, ride_profile, walk_profile

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.io.county import County
    from layout_planner.plan import Plan

__all__ = [
    "Comparison",
    "RunResult",
    "check",
    "compare",
    "console_progress",
    "demo",
    "read_county",
    "run_scenario",
    "travel_times",
]

T = TypeVar("T")
Overrides = Mapping[str, object] | Iterable[str]
Progress = Callable[[Text], None]


def read_county(scenario: Scenario) -> County:
    """Read a scenario's county, with seats by school and pupils by demand point and grade band.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    return build_demand(school_supply(read_tables(scenario), scenario.classes), scenario)


def travel_times(county: County, scenario: Scenario) -> dict[str, TravelMatrix]:
    """Compute minutes and metres from every demand point to every school in reach.

    Returns
    -------
    dict of str to TravelMatrix
        ``walk:G1-3``, ``walk:G4-6``, ``walk:G7-9`` (children walk at the pace of their age) and ``ride``; all
        schools of the county are sites, open or not, so that a decision needs no new search.
    """
    demand = county.demand
    assert demand is not None
    travel = scenario.travel
    profiles: dict[str, Profile] = {
        f"walk:{band}": walk_profile(f"walk:{band}", travel.walk_speed_kmh[band]) for band in GradeBand
    }
    profiles["ride"] = ride_profile("ride", travel.ride_speed_kmh, travel.ride_wait_min)
    return {
        key: travel_matrix(
            county.network,
            demand["demand_id"].to_numpy(object),
            demand.geometry.get_coordinates().to_numpy(),
            county.schools["school_id"].to_numpy(object),
            county.schools.geometry.get_coordinates().to_numpy(),
            profile,
            cutoff_min=travel.cutoff_min,
            snap_limit_m=travel.snap_limit_m,
            access_speed_kmh=travel.access_speed_kmh,
            access_detour=travel.access_detour,
        )
        for key, profile in profiles.items()
    }


def check(path: str | Path, overrides: Overrides = ()) -> tuple[Flaw, ...]:
    """List everything that is wrong or odd with a scenario and its data, without computing a plan."""
    prepared = _prepare(Path(path), overrides)
    return (*prepared.flaws, *(prepared.county.checks if prepared.county is not None else ()))


@dataclass(frozen=True)
class _Prepared:
    scenario: Scenario | None
    county: County | None
    flaws: tuple[Flaw, ...]


def _prepare(path: Path, overrides: Overrides) -> _Prepared:
    """Read a scenario and its county as far as they can be read, with the errors of both together."""
    scenario, flaws = salvage_scenario(path, overrides)
    if scenario is None:
        return _Prepared(None, None, tuple(flaws))
    file = path.name
    _collect(flaws, file, lambda: load_rule_sets(scenario.rules))
    county = _collect(flaws, file, lambda: read_county(scenario))
    if county is not None:
        _collect(flaws, file, lambda: apply_decisions(county.schools, scenario.decisions, scenario.classes))
    return _Prepared(scenario, county, tuple(flaws))


def _collect(flaws: list[Flaw], file: str, step: Callable[[], T]) -> T | None:
    """Do a step; if it raises, keep its flaws that are not yet known and go on."""
    try:
        return step()
    except LayoutError as error:
        found = [replace(flaw, file=flaw.file or file) for flaw in error.flaws]
        if not found:
            found = [
                Flaw(type(error).__name__, error.message, Text("检查情景文件和数据", "check scenario and data"), file)
            ]
        known = {(flaw.code, flaw.what) for flaw in flaws}
        flaws.extend(flaw for flaw in found if (flaw.code, flaw.what) not in known)
        return None


@dataclass(frozen=True)
class RunResult:
    """A finished run: its folder, the plan and its measures (``None`` where an equal run was there already)."""

    folder: Path
    name: str
    plan: Plan | None = None
    tables: measures.PlanTables | None = None
    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def reused(self) -> bool:
        """Whether an equal run was there already and nothing was computed."""
        return self.plan is None

    def summary(self) -> str:
        """Say in a few lines what came out and where it lies."""
        lines = [str(Text(f"结果：{self.folder}", f"Result: {self.folder}"))]
        if self.tables is None:
            kept = Text(
                "输入、情景和版本都没有变，沿用已有结果（--again 重算）",
                "inputs, scenario and version are unchanged: the result that was there is kept (--again recomputes)",
            )
            lines.insert(0, str(kept))
        else:
            shown = self.tables.indicators.set_index("indicator")
            lines[:0] = [f"【{self.name}】", *_indicator_lines(shown)]
            lines.append(str(Text(f"用时 {sum(self.seconds.values()):.1f} 秒", f"{sum(self.seconds.values()):.1f} s")))
        lines.extend(f"  {path}" for path in sorted(self.folder.glob("*.html")))
        return "\n".join(lines)


_HEADLINES = (
    "pupils",
    "unassigned",
    "minutes_mean",
    "minutes_p95",
    "within_limit_share",
    "within_limit_share_g1_3",
    "schools_open",
    "schools_under_50",
    "class_size_max",
    "classes_56_up",
    "rooms_missing",
)


def _indicator_lines(indicators: pd.DataFrame) -> list[str]:
    lines = []
    for _, row in indicators.loc[[name for name in _HEADLINES if name in indicators.index]].iterrows():
        value = f"{row['value']:.1%}" if row["unit"] == "%" else f"{row['value']:,.1f}".removesuffix(".0")
        lines.append(f"  {row['label']}：{value}{'' if row['unit'] == '%' else ' ' + str(row['unit'])}")
    return lines


def run_scenario(
    path: str | Path,
    overrides: Overrides = (),
    *,
    out: Path | None = None,
    again: bool = False,
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
    progress : callable
        Told each step as it begins.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario and data; nothing was written.
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    clock = _Clock(progress)
    with clock.step(Text("读取情景和数据", "reading scenario and data")):
        prepared = _prepare(path, overrides)
        if prepared.flaws or prepared.scenario is None or prepared.county is None:
            raise _error(prepared.flaws)
        scenario, county = prepared.scenario, prepared.county
    digest = run_hash(scenario, county.inputs)
    folder, done = _target(out or _runs_folder(path), scenario, digest, again=again)
    if done:
        return RunResult(folder, scenario.name)
    with clock.step(Text("计算路上时间", "computing travel times")):
        times = travel_times(county, scenario)
        county = replace(county, checks=tuple(dict.fromkeys((*county.checks, *_travel_checks(times)))))
    with clock.step(Text("分配学生、编班", "assigning pupils, forming classes")):
        parent = _parent_plan(path, scenario, county, times)
        plan = assign(county, times, scenario, parent=parent.label if parent is not None else "")
        tables = measures.tables(plan)
        findings = check_plan(plan, tables, scenario.rules)
    with staged_folder(folder) as staged:
        _publish(plan, tables, findings, parent, staged, clock, digest)
        write_manifest(staged, scenario, county.inputs, timings_s=clock.seconds)
    return RunResult(folder, scenario.name, plan, tables, tuple(findings), clock.seconds)


class _Clock:
    """Names each step to the user and keeps its seconds."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: Text) -> Iterator[None]:
        self.progress(name)
        start = time.perf_counter()
        yield
        self.seconds[name.en] = self.seconds.get(name.en, 0.0) + time.perf_counter() - start


def _error(flaws: tuple[Flaw, ...]) -> LayoutError:
    if all(flaw.key or flaw.code.startswith(("scenario_", "yaml_", "based_on_")) for flaw in flaws):
        return scenario_error(flaws)
    return InputError.collect(flaws)


def _runs_folder(scenario_file: Path) -> Path:
    folder = Path(os.path.abspath(scenario_file)).parent  # noqa: PTH100 - links stay as the user typed them
    return (folder.parent if folder.name == "scenarios" else folder) / "runs"


def _target(out: Path, scenario: Scenario, digest: str, *, again: bool) -> tuple[Path, bool]:
    """Choose the run's folder; say whether an unharmed equal run is there already."""
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f\s]+', "-", scenario.name).strip(". -") or "run"
    for n in range(1, 1000):
        folder = out / (f"{stem}-{digest}" if n == 1 else f"{stem}-{digest}-{n}")
        if not folder.exists():
            return folder, False
        if not again and (folder / MANIFEST_FILE).is_file() and not verify_outputs(folder):
            return folder, True
    raise OutputError(Text(f"{out} 中同名结果太多", f"too many results of this name in {out}"))


def _parent_plan(path: Path, scenario: Scenario, county: County, times: dict[str, TravelMatrix]) -> Plan | None:
    """Compute the plan that a scenario is based on, to show before and after; ``None`` where it has no parent."""
    if scenario.based_on is None:
        return None
    parent = load_scenario(path.parent / scenario.based_on)
    if (parent.data, parent.demand, parent.classes) != (scenario.data, scenario.demand, scenario.classes):
        county = read_county(parent)
        times = travel_times(county, parent)
    elif parent.travel != scenario.travel:
        times = travel_times(county, parent)
    return assign(county, times, parent)


def _travel_checks(times: Mapping[str, TravelMatrix]) -> Iterator[Flaw]:
    for matrix in times.values():
        yield from matrix.checks


def _map_of(plan: Plan, tables: measures.PlanTables) -> maps.PlanMap:
    said = plan.scenario.publish
    return maps.plan_map(
        plan,
        tables,
        date=said.date,
        source=said.source,
        approval=said.approval,
        privacy_min_pupils=said.min_pupils,
    )


def _publish(
    plan: Plan,
    tables: measures.PlanTables,
    findings: Sequence[Finding],
    parent: Plan | None,
    folder: Path,
    clock: _Clock,
    run: str,
) -> None:
    """Write what the scenario asks for into a folder."""
    outputs = plan.scenario.outputs
    moves = measures.moves(parent, plan) if parent is not None else None
    impact = closure_impact(parent, plan) if parent is not None else None
    if Output.MAP in outputs:
        with clock.step(Text("画地图", "drawing the map")):
            _map_of(plan, tables).save(folder / "map.html")
    if Output.TABLES in outputs:
        with clock.step(Text("写工作簿和图层", "writing workbook and layers")):
            report.write_workbook(plan, tables, findings, folder / "tables.xlsx", moves=moves, impact=impact)
            report.write_geopackage(plan, tables, folder / "plan.gpkg")
    if Output.REPORT in outputs:
        with clock.step(Text("写报告", "writing the report")):
            report.write_html(
                plan,
                tables,
                findings,
                folder / "report.html",
                moves=moves,
                impact=impact,
                parent=parent,
                parent_tables=parent.tables if parent is not None else None,
                run=run,
            )
    with clock.step(Text("保存结果数据", "saving the run's data")):
        report.save_run_data(plan, tables, findings, folder, moves=moves)


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side."""

    folder: Path
    text: str

    def summary(self) -> str:
        """Show the table and say where the files lie."""
        files = "\n".join(f"  {path}" for path in sorted(self.folder.glob("*.html")))
        return f"{self.text}\n{Text('对比结果', 'Comparison')}: {self.folder}\n{files}"


def compare(run_a: str | Path, run_b: str | Path, *, out: Path | None = None) -> Comparison:
    """Compare two finished runs: indicators with arrows, and a map of both side by side.

    Parameters
    ----------
    run_a, run_b : str or Path
        Run folders, before and after.
    out : Path, optional
        Folder to write; by default beside ``run_b``. An existing folder is never overwritten.

    Raises
    ------
    OutputError
        If a folder is not a finished run, or nothing can be written.
    """
    before, after = report.load_run(Path(run_a)), report.load_run(Path(run_b))
    frame = report.compare_frame(before.tables, after.tables)
    target = out or _free(
        Path(run_b).resolve().parent / f"compare-{Path(run_a).resolve().name}-{Path(run_b).resolve().name}"
    )
    with staged_folder(target) as folder:
        maps.compare_map(before.plan, after.plan, before.tables, after.tables).save(folder / "map.html")
        report.write_comparison(before, after, folder)
    return Comparison(target, report.compare_text(frame, before.label, after.label))


def _free(folder: Path) -> Path:
    candidates = [folder, *(folder.with_name(f"{folder.name}-{n}") for n in range(2, 1000))]
    return next(f for f in candidates if not f.exists())


def demo(folder: Path, *, progress: Progress = lambda _: None) -> list[str]:
    """Run the shipped county: today's schools, one merger scenario, and the two compared.

    A project folder that is there already is used as it is.
    """
    scenarios = folder / "scenarios"
    if not (scenarios / "baseline.yaml").is_file():
        copy_project(folder)
    results = [run_scenario(scenarios / name, progress=progress) for name in ("baseline.yaml", "merge-three.yaml")]
    lines = [result.summary() for result in results]
    target = folder / "runs" / f"compare-{results[0].folder.name}-{results[1].folder.name}"
    if target.exists():
        return [*lines, str(target)]
    progress(Text("对比两个情景", "comparing both"))
    return [*lines, compare(results[0].folder, results[1].folder, out=target).summary()]


@contextmanager
def console_progress() -> Iterator[Progress]:
    """Show each step on the console with a spinner while it lasts."""
    console = Console(stderr=True, log_path=False)
    with console.status(str(Text("开始", "starting"))) as status:

        def tell(step: Text) -> None:
            console.log(str(step))
            status.update(str(step))

        yield tell
