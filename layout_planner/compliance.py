"""The task of a 就近入学 study: from a scenario file to tables, a figure and conclusions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner.assign import assign
from layout_planner.errors import Flaw, InputError, Severity, Text, language
from layout_planner.io.attendance import read_attendance
from layout_planner.io.cache import sha256_file
from layout_planner.io.county import InputFile
from layout_planner.io.files import find_files
from layout_planner.io.staging import staged_folder
from layout_planner.manifest import write_manifest
from layout_planner.prepare import Overrides
from layout_planner.run import travel_times
from layout_planner.study import EnrolmentStudy, Settings, enrolment_study, read_enrolment
from layout_planner.task import TaskResult, read_ready, result_folder

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.attendance import Attendance
    from layout_planner.io.county import County
    from layout_planner.io.village_enrolment import VillageEnrolment
    from layout_planner.plan import Plan

__all__ = ["StudyResult", "study_scenario"]


@dataclass(frozen=True)
class StudyResult(TaskResult):
    """What was written, and what it says in short."""

    study: EnrolmentStudy

    def details(self) -> list[str]:
        """List the flaws that a reader must know."""
        return [flaw.render() for flaw in self.study.flaws if flaw.severity is not Severity.NOTE]


def study_scenario(
    path: str | Path, overrides: Overrides = (), *, plan: bool = False, tie_min: float = 2.0, draws: int = 200,
    out: Path | None = None, progress: Callable[[Text], None] = lambda _: None,
) -> StudyResult:  # fmt: skip
    """Study who attends the nearest school, and write what a paper needs.

    Parameters
    ----------
    path : str or Path
        Scenario file; ``data.village_enrolment`` says who attends which school, ``data.zones`` today's catchments.
    overrides : mapping or iterable of str
        As in :func:`layout_planner.config.loader.load_scenario`.
    plan : bool
        Study the scenario's own assignment instead of actual enrolment.
    tie_min : float
        Minutes within which two schools are equally near.
    draws : int
        How many times homes are drawn anew for the intervals.
    out : Path, optional
        Folder to write; where it exists already, the result goes beside it with a number. By default a folder in
        ``runs`` of the project.
    progress : callable
        Told each step as it begins.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario, data and enrolment; nothing was written.
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    scenario, county = read_ready(path, overrides, progress)
    enrolment, zones, inputs = _inputs(scenario, county, plan=plan)
    progress(Text("计算路上时间", "computing travel times"))
    times = travel_times(county, scenario)
    actual: Plan | VillageEnrolment = assign(county, times, scenario) if enrolment is None else enrolment
    progress(Text("判定原因、重抽住处", "asking for reasons, drawing homes anew"))
    settings = Settings(tie_min=tie_min, draws=draws, seed=scenario.seed)
    study = enrolment_study(county, times, scenario, actual, zones=zones, settings=settings)
    target = result_folder(path, out, "study", scenario.name)
    with staged_folder(target) as folder:
        study.write(folder, language())
        write_manifest(
            folder,
            scenario,
            tuple(dict.fromkeys((*county.inputs, *inputs))),
            solver={"draws": draws, "tie_min": tie_min},
        )
    return StudyResult(target, tuple(study.conclusions), study)


def _inputs(
    scenario: Scenario, county: County, *, plan: bool
) -> tuple[VillageEnrolment | None, Attendance | None, tuple[InputFile, ...]]:
    """Read enrolment and today's catchments, the errors of both at once."""
    flaws: list[Flaw] = []
    used: list[tuple[str, Path | None]] = []
    enrolment, zones = None, None
    if not plan:
        try:
            enrolment = read_enrolment(scenario, county)
        except InputError as error:
            flaws += error.flaws
        used.append(("village_enrolment", find_files(scenario.data)["village_enrolment"]))
    if scenario.data.zones is not None:
        try:
            zones = read_attendance(scenario.data.zones, county.schools, county.crs, declared=scenario.data.crs.zones)
        except InputError as error:
            flaws += [replace(flaw, file=flaw.file or scenario.data.zones.name) for flaw in error.flaws]
        used.append(("zones", scenario.data.zones))
    if any(flaw.severity is Severity.ERROR for flaw in flaws):
        raise InputError.collect(flaws)
    return enrolment, zones, tuple(InputFile(role, file, sha256_file(file)) for role, file in used if file is not None)
