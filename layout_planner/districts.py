"""The task of districts: from a scenario file to a workbook, a notice, a map and layers of education districts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign import assign
from layout_planner.assign.districts import DistrictPlan, make_districts
from layout_planner.errors import Flaw, ScenarioError, Text, counted, language
from layout_planner.io.staging import staged_folder
from layout_planner.manifest import write_manifest
from layout_planner.prepare import Overrides
from layout_planner.report.district_book import write_districts
from layout_planner.run import travel_times
from layout_planner.task import TaskResult, read_ready, result_folder

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario

__all__ = ["DistrictsResult", "plan_districts"]


@dataclass(frozen=True)
class DistrictsResult(TaskResult):
    """What was written, and what it says in short."""

    made: DistrictPlan

    def details(self) -> list[str]:
        """List the districts with their lead schools and members."""
        return [
            str(Text(f"  {row['district']}（牵头：{row['lead'] or row['centre']}）：{row['members']}",
                     f"  {row['district']} (lead: {row['lead'] or row['centre']}): {row['members']}"))
            for row in self.made.districts.to_dict("records")
        ]  # fmt: skip


def plan_districts(
    path: str | Path, overrides: Overrides = (), *, out: Path | None = None,
    progress: Callable[[Text], None] = lambda _: None,
) -> DistrictsResult:  # fmt: skip
    """Group the townships or schools of a scenario into districts and write what a notice needs.

    Parameters
    ----------
    path : str or Path
        Scenario file; its block ``districts`` says how many and how alike.
    overrides : mapping or iterable of str
        As in :func:`layout_planner.config.loader.load_scenario`.
    out : Path, optional
        Folder to write; where it exists already, the result goes beside it with a number. By default a folder in
        ``runs`` of the project.
    progress : callable
        Told each step as it begins.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario and data, or why no such districts can be made; nothing was written.
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    scenario, county = read_ready(path, overrides, progress)
    progress(Text("计算路上时间，分配学生", "computing travel times, assigning pupils"))
    plan = assign(county, travel_times(county, scenario), scenario)
    progress(Text("划分协作区", "making districts"))
    try:
        made = make_districts(plan)
    except ScenarioError as error:
        raise ScenarioError(error.message, [_at_its_line(flaw, scenario) for flaw in error.flaws]) from error
    told = _told(made, scenario.districts.unit)
    target = result_folder(path, out, "districts", scenario.name)
    with staged_folder(target) as folder:
        write_districts(plan, made, told, folder, lang=language())
        found = made.result
        facts = {"status": str(found.status), "objective": found.objective, "bound": found.bound, "gap": found.gap}
        write_manifest(folder, scenario, county.inputs, solver=facts)
    return DistrictsResult(target, told, made)


def _at_its_line(flaw: Flaw, scenario: Scenario) -> Flaw:
    """Point a flaw at the line that set its key, or at the block, or at the file where all are defaults."""
    place = scenario.place(*flaw.key.split(".")) or scenario.place("districts")
    name = scenario.files[0].name if scenario.files else ""
    return replace(flaw, file=place[0], row=place[1]) if place else replace(flaw, file=name)


def _told(made: DistrictPlan, unit: str) -> tuple[Text, ...]:
    table, found = made.districts, made.result
    what = Text("乡镇", "townships") if unit == "township" else Text("学校", "schools")
    apart = {name: float(np.nanmax(np.abs(table[f"{name}_apart"].to_numpy(np.float64)), initial=0.0))
             for name in ("pupils", "teachers")}  # fmt: skip
    said = [
        Text(
            f"{len(made.units)} 个{what.zh}分为 {len(table)} 个协作区；学生数与平均相差至多 {apart['pupils']:.0%}，"
            f"教师数至多 {apart['teachers']:.0%}；到牵头学校最远 {table['minutes_max'].max():.0f} 分钟车程",
            f"{len(made.units)} {what.en} in {counted(len(table), 'district')}; pupils differ from the mean by "
            f"{apart['pupils']:.0%} at most, teachers by {apart['teachers']:.0%}; the farthest is "
            f"{table['minutes_max'].max():.0f} min from its lead school",
        )
    ]
    if names := [str(name) for name, alone in zip(table["members"], table["alone"], strict=True) if alone]:
        listed = "、".join(names)
        said.append(Text(f"{listed}规模超过各区平均的上限，单独成区，不参加平均",
                         f"{listed}: too large to be balanced, a district alone, not counted in the mean"))  # fmt: skip
    if found.gap <= 1e-6:
        said.append(Text("已证明：没有路程更短的分法", "proven: no division has shorter ways"))
    else:
        said.append(Text(f"没有证明最好：与路程最短的分法相差不超过 {found.gap:.0%}",
                         f"not proven best: within {found.gap:.0%} of the shortest ways possible"))  # fmt: skip
    return tuple(said)
