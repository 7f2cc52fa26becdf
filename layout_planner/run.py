"""The main job: from a scenario file to a plan, its measures and findings, and what is published of them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from layout_planner import maps, measures, report
from layout_planner.assign import assign
from layout_planner.assign.journeys import journeys, way_checks
from layout_planner.assign.uncertainty import coverage_band
from layout_planner.columns import unit_word
from layout_planner.config.layout import Layout
from layout_planner.config.loader import load_scenario, parent_path, scenario_error
from layout_planner.config.scenario import Decisions, Scenario
from layout_planner.errors import Flaw, InputError, LayoutError, OutputError, Text
from layout_planner.examples import copy_project
from layout_planner.io.staging import free_folder, staged_folder
from layout_planner.layout.answers import Optimised, optimise
from layout_planner.layout.optimise import interruptible
from layout_planner.manifest import MANIFEST_FILE, read_manifest, run_hash, verify_outputs, write_manifest
from layout_planner.plan import same_pupils
from layout_planner.prepare import Overrides, check, check_report, prepare, read_county
from layout_planner.publish import Clock, Computed, Progress, comparable, publish, seat_facts, solver_facts
from layout_planner.rules import Finding, check_plan

if TYPE_CHECKING:
    import pandas as pd

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
_LONGEST_NAME = 80
_SHORT_NAME = 20


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


@dataclass(frozen=True)
class RunResult:
    """A finished run: its folder, the plan and its measures (``None`` where an equal run was there already)."""

    folder: Path
    name: str
    plan: Plan | None = None
    tables: measures.PlanTables | None = None
    findings: tuple[Finding, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    optimised: Optimised | None = None

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
            said: list[Text] = []
            notes: tuple[Text, ...] = ()
            if self.optimised is not None:
                said, notes = [self.optimised.headline, self.optimised.proof], self.optimised.notes
            said += _barred(self.findings)
            lines[:0] = [f"【{self.name}】", *map(str, said), *_indicator_lines(shown), *map(str, notes)]
            if self.optimised is not None:
                where = self.folder / "scenarios"
                lines.append(str(Text(f"可以直接运行的方案：{where}", f"Plans ready to run: {where}")))
            lines.append(str(Text(f"用时 {sum(self.seconds.values()):.1f} 秒", f"{sum(self.seconds.values()):.1f} s")))
        lines.extend(
            f"  {self.folder / name}  {said}" for name, said in _FILES.items() if (self.folder / name).is_file()
        )
        return "\n".join(lines)


_FILES = {
    "map.html": Text("地图，双击打开，不联网", "the map: a double click opens it, no network needed"),
    "report.html": Text("报告，可直接打印", "the report, ready to print"),
    "tables.xlsx": Text("工作簿，每张表一个工作表", "the workbook, a sheet a table"),
    "plan.gpkg": Text("图层，供 QGIS 使用", "layers for QGIS"),
}
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


def _barred(findings: Iterable[Finding]) -> list[Text]:
    """Name the schools whose merger must not be forced, and how many conditions are to be removed first."""
    vetoes = [f for f in findings if f.is_veto]
    if not vetoes:
        return []
    counts = Counter(f.subject_name for f in vetoes)
    zh = "、".join(f"{name}（{count}项）" for name, count in counts.items())
    en = ", ".join(f"{name} ({count})" for name, count in counts.items())
    return [Text(f"不得强行撤并，须先解除：{zh}", f"Not to be forced, conditions to be removed first: {en}")]


def _indicator_lines(indicators: pd.DataFrame) -> list[str]:
    lines = []
    for _, row in indicators.loc[[name for name in _HEADLINES if name in indicators.index]].iterrows():
        share, unit = row["unit"] == "%", str(row["unit"])
        value = f"{row['value']:.1%}" if share else f"{row['value']:,.1f}".removesuffix(".0")
        zh, en = ("", "") if share else (f" {unit}", f" {unit_word(unit)}")
        lines.append(str(Text(f"  {row['label']}：{value}{zh}", f"  {row['label_en']}: {value}{en}")))
    return lines


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
        before = _open_before(comparable(parent, plan), plan, county, times)
        if before is not None:
            tables = replace(tables, released=measures.released(before, plan))
        findings = tuple(check_plan(plan, tables, scenario.rules, before=before))
        assert county.demand is not None
        coverage = coverage_band(times, plan.schools, county.demand, scenario.travel)
    return Computed(scenario, plan, tables, findings, coverage, parent, digest, found)


def _open_before(parent: Plan | None, plan: Plan, county: County, times: dict[str, TravelMatrix]) -> Plan | None:
    """Find the plan in which the schools that a plan closes or converts are open, to tell who leaves them.

    It is the parent, unless there is none or the parent closes some of them too: then the plan without its decisions.
    """
    decided = plan.scenario.decisions
    going = {*decided.close, *decided.convert_to_teaching_point}
    if parent is not None:
        was = parent.schools
        left = was.loc[~was["is_open"].astype(bool) | was["decision"].isin(["close", "convert"]), "school_id"]
        if not going & set(left):
            return parent
    if not going:
        return parent
    return assign(county, times, plan.scenario.model_copy(update={"decisions": Decisions()}))


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


_ASSUMPTIONS = ("data", "demand", "travel", "classes")


def parent_plan(
    path: Path, scenario: Scenario, overrides: Overrides, county: County, times: dict[str, TravelMatrix]
) -> Plan | None:
    """Compute the plan that a scenario is based on, to show before and after; ``None`` where it has no parent."""
    if scenario.based_on is None:
        return None
    return ancestor_plan(parent_path(path, scenario.based_on), scenario, overrides, county, times)


def ancestor_plan(
    path: Path, scenario: Scenario, overrides: Overrides, county: County, times: dict[str, TravelMatrix]
) -> Plan:
    """Compute the plan of a scenario file that another scenario is based on, near or far.

    Overrides of what both have in common (data, demand, travel, classes) hold for the ancestor too.

    Parameters
    ----------
    path : Path
        File of the ancestor.
    scenario : Scenario
        What is based on it, read into ``county`` with travel ``times``.
    """
    pairs = overrides.items() if isinstance(overrides, Mapping) else (text.split("=", 1) for text in overrides)
    common = {key.strip(): value for key, value in pairs if key.split(".")[0].strip() in _ASSUMPTIONS}
    shared = common if isinstance(overrides, Mapping) else [f"{key}={value}" for key, value in common.items()]
    parent = load_scenario(path, shared)
    if _read_from(parent) != _read_from(scenario):
        county = read_county(parent)
        times = travel_times(county, parent)
    elif parent.travel != scenario.travel:
        times = travel_times(county, parent)
    return assign(county, times, parent)


def _read_from(scenario: Scenario) -> tuple[object, ...]:
    """Everything in a scenario that decides what the county is."""
    travel = scenario.travel
    return scenario.data, scenario.demand, scenario.classes, travel.off_road, travel.land_cover_legend


def _is_done(folder: Path) -> bool:
    """Tell whether a folder is a finished, unharmed run that nobody cut short."""
    if not (folder / MANIFEST_FILE).is_file() or verify_outputs(folder):
        return False
    return not read_manifest(folder).solver.get("cancelled", False)


@dataclass(frozen=True)
class Comparison:
    """Two runs side by side."""

    folder: Path
    text: str
    notes: tuple[Text, ...] = ()

    def summary(self) -> str:
        """Show the table and say where the files lie."""
        files = "\n".join(f"  {path}" for path in sorted(self.folder.glob("*.html")))
        notes = "".join(f"{note}\n" for note in self.notes)
        return f"{self.text}\n{notes}{Text('对比结果：', 'Comparison: ')}{self.folder}\n{files}"


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
        If a folder is not a finished run, was changed since, both are the same, or nothing can be written.
    """
    folders = [Path(run).resolve() for run in (run_a, run_b)]
    if folders[0] == folders[1]:
        name = folders[0].name
        raise OutputError(Text(f"前后是同一个结果 {name}，请给出两个不同的结果", f"both are the run {name}: name two"))
    before, after = (report.load_run(folder, verify=True) for folder in folders)
    language = Text("zh", "en")
    frame = report.compare_frame(before.tables, after.tables, lang=str(language))
    target = out or free_folder(folders[1].parent / _pair_name(*folders))
    notes = []
    if before.plan.parent == after.label:
        notes.append(
            Text(
                f"注意：“{before.label}”是以“{after.label}”为基础的情景，先后可能写反了",
                f"Note: {before.label} is based on {after.label}; they may be in the wrong order",
            )
        )
    with staged_folder(target) as folder:
        if same_pupils(before.plan, after.plan):
            maps.compare_map(before.plan, after.plan, before.tables, after.tables).save(folder / "map.html")
        else:
            notes.append(
                Text(
                    "注意：两次结果的学生数据不同，只比较指标，不画对比地图",
                    "Note: the two runs do not speak of the same pupils: indicators only, no map",
                )
            )
        report.write_comparison(before, after, folder)
    labels = [run.label if str(language) == "zh" else run.scenario.title_en or run.label for run in (before, after)]
    text = report.compare_text(frame, *labels, lang=str(language))
    return Comparison(target, text, tuple(notes))


def _pair_name(before: Path, after: Path) -> str:
    """Name a comparison by both runs; by their hashes only where Windows could not take the length."""
    name = f"compare-{before.name}-{after.name}"
    if len(name) <= _LONGEST_NAME:
        return name
    return "-".join(["compare", *(folder.name[:_SHORT_NAME] + folder.name[-11:] for folder in (before, after))])


def demo(folder: Path, *, progress: Progress = lambda _: None) -> list[str]:
    """Run the shipped county: today's schools, one merger scenario, and the two compared.

    A project folder that is there already is used as it is.
    """
    scenarios = folder / "scenarios"
    if not (scenarios / "baseline.yaml").is_file():
        copy_project(folder)
    results = [run_scenario(scenarios / name, progress=progress) for name in ("baseline.yaml", "merge-three.yaml")]
    lines = [result.summary() for result in results]
    target = folder / "runs" / _pair_name(results[0].folder, results[1].folder)
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
