"""The task of catchments: from a scenario file to zones, village lists, a notice, layers and a map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from layout_planner import maps, report
from layout_planner.assign import assign
from layout_planner.assign.decisions import apply_decisions
from layout_planner.assign.zone_edits import apply_edits, refuse_unknown
from layout_planner.assign.zone_faults import zone_faults
from layout_planner.assign.zone_today import area_faults, zones_today
from layout_planner.assign.zone_units import zone_units
from layout_planner.assign.zones import draw_zones, main_schools
from layout_planner.errors import Flaw, ScenarioError, Text, counted, language
from layout_planner.grades import Stage
from layout_planner.io.attendance import Attendance, read_areas, read_attendance
from layout_planner.io.cache import sha256_file
from layout_planner.io.county import InputFile
from layout_planner.io.staging import staged_folder
from layout_planner.layout.optimise import interruptible
from layout_planner.manifest import write_manifest
from layout_planner.measures.zone_scarcity import zone_scarcity
from layout_planner.measures.zones import zone_changes, zone_effects, zone_parts, zone_table, zone_units_table
from layout_planner.prepare import Overrides
from layout_planner.report.zone_files import ZoneResults, write_zone_layers, write_zone_workbook
from layout_planner.report.zone_notice import write_notice
from layout_planner.run import travel_times
from layout_planner.task import TaskResult, read_ready, result_folder

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.assign.zones import Zones
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["CatchmentsResult", "parsed_merges", "parsed_moves", "plan_catchments"]

_SHOWN = 12
_COVER = 3
"""Facts of the cover before those that say what came out."""


@dataclass(frozen=True)
class CatchmentsResult(TaskResult):
    """What was written, and what it says in short."""

    results: ZoneResults


def plan_catchments(
    path: str | Path, overrides: Overrides = (), *, move: Mapping[str, str] | None = None,
    merge: Iterable[Iterable[str]] = (), polygons: Path | None = None, out: Path | None = None,
    progress: Callable[[Text], None] = lambda _: None,
) -> CatchmentsResult:  # fmt: skip
    """Draw the catchments of a scenario, carry out what people changed by hand, and write what a notice needs.

    Parameters
    ----------
    path : str or Path
        Scenario file; block ``zoning`` says how zones are drawn, ``data.zones`` where today's are.
    overrides : mapping or iterable of str
        As in :func:`layout_planner.config.loader.load_scenario`.
    move : mapping of str to str, optional
        Further edits: village to school, beside ``zoning.move``.
    merge : iterable of iterables of str, optional
        Further groups of schools whose zones are merged, beside ``zoning.merge``.
    polygons : Path, optional
        Layer of polygons with school codes, instead of ``data.zone_edits``.
    out : Path, optional
        Folder to write; where it exists already, the result goes beside it with a number. By default a folder in
        ``runs`` of the project.
    progress : callable
        Told each step as it begins.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario, data and edits; nothing was written.
    LayoutError
        If no zones respect what was asked.
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    scenario, county = read_ready(path, overrides, progress)
    scenario = _with_edits(scenario, move, merge, polygons)
    attendance, edits = _read_zones(scenario, county)
    scenario = _with_shared(scenario, attendance)
    progress(Text("计算路上时间", "computing travel times"))
    times = travel_times(county, scenario)
    results = _draw(county, times, scenario, attendance, edits, progress)
    progress(Text("写出学区图、清单和公示稿", "writing maps, lists and the notice"))
    target = result_folder(path, out, "zones", scenario.name)
    with staged_folder(target) as folder:
        _write(results, folder)
        write_manifest(
            folder,
            scenario,
            tuple(dict.fromkeys((*county.inputs, *_inputs(scenario)))),
            solver=_solver_facts(results.zones),
        )
    return CatchmentsResult(target, _told(results), results)


def parsed_moves(texts: Iterable[str]) -> dict[str, str]:
    """Read ``VILLAGE=SCHOOL`` texts.

    Raises
    ------
    ScenarioError
        With every text of another form.

    Examples
    --------
    >>> parsed_moves(["V1=S2"])
    {'V1': 'S2'}
    """
    return {
        a.strip(): b.strip() for a, b in (_pair(text, "=", "--move 村=学校", "--move VILLAGE=SCHOOL") for text in texts)
    }


def parsed_merges(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Read ``SCHOOL+SCHOOL`` texts.

    Raises
    ------
    ScenarioError
        If a text names one school only.

    Examples
    --------
    >>> parsed_merges(["S1+S2"])
    [('S1', 'S2')]
    """
    return [
        tuple(code.strip() for code in _pair(text, "+", "--merge 学校+学校", "--merge SCHOOL+SCHOOL") if code.strip())
        for text in texts
    ]


def _pair(text: str, sign: str, zh: str, en: str) -> list[str]:
    parts = text.split(sign)
    if not text.count(sign) or not all(part.strip() for part in parts) or (sign == "=" and text.count(sign) > 1):
        flaw = Flaw("edit_form", Text(f"看不懂“{text}”", f"cannot read {text!r}"), Text(f"写成 {zh}", f"write {en}"))
        raise ScenarioError(flaw.what, [flaw])
    return parts


def _with_edits(
    scenario: Scenario, move: Mapping[str, str] | None, merge: Iterable[Iterable[str]], polygons: Path | None
) -> Scenario:
    """Put edits of the command line beside those of the scenario."""
    zoning = scenario.zoning.model_copy(update={
        "move": {**scenario.zoning.move, **(move or {})},
        "merge": (*scenario.zoning.merge, *(tuple(group) for group in merge)),
    })  # fmt: skip
    data = scenario.data if polygons is None else scenario.data.model_copy(update={"zone_edits": polygons.absolute()})
    return scenario.model_copy(update={"zoning": zoning, "data": data})


def _read_zones(scenario: Scenario, county: County) -> tuple[Attendance | None, list[tuple[shapely.Geometry, str]]]:
    """Read today's zones and the polygons of edits, where there are any."""
    data, today = scenario.data, None
    if data.zones is not None:
        today = read_attendance(data.zones, county.schools, county.crs, declared=data.crs.zones)
    if data.zone_edits is None:
        return today, []
    areas = read_areas(data.zone_edits, county.schools, county.crs, declared=data.crs.zone_edits)
    return today, list(zip(areas.geometry, areas["school_id"], strict=True))


def _with_shared(scenario: Scenario, attendance: Attendance | None) -> Scenario:
    """Let schools that share a zone today share it on, where today's zones stand."""
    zoning = scenario.zoning
    if attendance is None or zoning.start != "today":
        return scenario
    listed = {code for group in zoning.together for code in group}
    more = tuple(group for group in attendance.shared if not listed & set(group))
    return scenario.model_copy(update={"zoning": zoning.model_copy(update={"together": (*zoning.together, *more)})})


def _inputs(scenario: Scenario) -> list[InputFile]:
    named = {"zones": scenario.data.zones, "zone_edits": scenario.data.zone_edits}
    return [InputFile(role, path, sha256_file(path)) for role, path in named.items() if path is not None]


def _draw(
    county: County, times: Mapping[str, TravelMatrix], scenario: Scenario, attendance: Attendance | None,
    edits: list[tuple[shapely.Geometry, str]], progress: Callable[[Text], None],
) -> ZoneResults:  # fmt: skip
    """Draw zones, edit them and measure what comes out."""
    progress(Text("把全县分成划片单元", "dividing the county into units"))
    units = zone_units(county, scenario.zoning)
    asked = scenario.zoning
    refuse_unknown(units, county, asked.move, asked.merge, edits, asked.together)
    today, compared, flaws = _today(county, times, scenario, units, attendance)
    progress(Text("划分学区（Ctrl-C 取当时最好的划法）", "drawing zones (Ctrl-C takes the best so far)"))
    with interruptible() as cancelled:
        drawn = draw_zones(county, times, scenario, today=today, units=units, cancel=cancelled)
    edited = apply_edits(drawn, asked.move, asked.merge, edits)
    progress(Text("计算学区的学位、路程和班额", "measuring the zones"))
    plan = edited.plan(scenario.name)
    changes = zone_changes(edited, today)
    has_edits = bool(asked.move or asked.merge or edits)
    return ZoneResults(
        zones=edited,
        plan=plan,
        table=zone_table(edited, plan),
        units=zone_units_table(edited, plan),
        changes=changes,
        compared_with=compared,
        changed=_changed(changes, units),
        effects=zone_effects(drawn.plan("before"), plan) if has_edits else None,
        parts=zone_parts(edited),
        scarcity=zone_scarcity(edited) if asked.start == "optimise" else None,
        faults=_faults_today(attendance, county, _schools_today(county, scenario)),
        flaws=(*flaws, *drawn.flaws, *zone_faults(edited)),
    )


def _today(
    county: County, times: Mapping[str, TravelMatrix], scenario: Scenario, units: ZoneUnits,
    attendance: Attendance | None,
) -> tuple[dict[str, NDArray[np.object_]], Text, list[Flaw]]:  # fmt: skip
    """Find where every unit goes today: as the given zones say, else as the scenario's assignment has it."""
    if attendance is not None:
        today, flaws = zones_today(attendance, units, _schools_today(county, scenario))
        return today, Text("现有学区", "today's zones"), [*attendance.flaws, *flaws]
    plan = assign(county, times, scenario)
    words = {"nearest": Text("不划片、各去最近学校", "everybody at the nearest school")}
    return (
        main_schools(plan, units),
        words.get(scenario.assign.method, Text("不划片、按学位分配", "free assignment")),
        [],
    )


def _schools_today(county: County, scenario: Scenario) -> gpd.GeoDataFrame:
    """Give the schools of today's zones, those among them that the scenario closes."""
    return apply_decisions(county.schools, scenario.decisions.model_copy(update={"close": ()}), scenario.classes)


def _changed(changes: pd.DataFrame, units: ZoneUnits) -> dict[str, NDArray[np.bool_]]:
    return {str(kind): np.isin(units.unit_id, part["unit_id"]) for kind, part in changes.groupby("kind")}


def _faults_today(attendance: Attendance | None, county: County, schools: gpd.GeoDataFrame) -> pd.DataFrame | None:
    """List what is wrong with the polygons of today's zones, stage by stage."""
    if attendance is None or attendance.areas is None or county.demand is None:
        return None
    region, found = county.boundary.union_all(), []
    for stage in Stage:
        codes = schools.loc[schools[f"seats_{stage.value}"] > 0, "school_id"].astype(str)
        full = schools.loc[schools["grade_to"] >= stage.grades[-1], "school_id"].astype(str)
        mine = attendance.areas[attendance.areas["school_id"].isin(set(codes) & set(full))]
        if len(mine):
            found.append(area_faults(mine, county.schools, region, county.demand, kind=stage.value))
    return pd.concat(found, ignore_index=True) if found else None


def _write(results: ZoneResults, folder: Path) -> None:
    lang = language()
    names = ("学区划分.xlsx", "学区公示") if lang == "zh" else ("zones.xlsx", "zones_notice")
    write_zone_workbook(results, folder / names[0], lang=lang)
    write_notice(results, folder / names[1], lang=lang)
    write_zone_layers(results, folder, lang=lang)
    said = results.plan.scenario.publish
    maps.plan_map(
        results.plan, results.plan.tables, lang=lang, date=said.date, source=said.source, approval=said.approval,
        privacy_min_pupils=said.min_pupils, travelled=True,
    ).save(folder / "map.html")  # fmt: skip


def _solver_facts(zones: Zones) -> dict[str, object]:
    """Spell for the manifest what was proven."""
    return {
        kind: {
            "status": str(r.status),
            "objective": r.objective,
            "bound": r.bound,
            "gap": r.gap,
            "stretch": layer.stretch,
            "beyond_seats": float(np.maximum(layer.load(zones.ways.pupils) - layer.seats, 0.0).sum()),
        }
        for kind, layer in zones.layers.items()
        if (r := layer.result) is not None
    }


def _told(results: ZoneResults) -> tuple[Text, ...]:
    """Say in a few sentences what came out."""
    said = [report.zone_facts(results, lang)[_COVER:-1] for lang in ("zh", "en")]
    told = [Text(*line) for zh, en in zip(*said, strict=True) for line in zip(zh.lines, en.lines, strict=True)]
    moved = results.changes
    told.append(Text(
        f"与{results.compared_with.zh}相比，{len(moved)} 个村（片）、{moved['pupils'].sum():,.0f} 人次换学校",
        f"against {results.compared_with.en}, {counted(len(moved), 'unit')} "
        f"({counted(float(moved['pupils'].sum()), 'pupil')}) change school",
    ))  # fmt: skip
    told += [flaw.what for flaw in results.flaws[:_SHOWN]]
    if len(results.flaws) > _SHOWN:
        more = len(results.flaws) - _SHOWN
        told.append(Text(f"……另有 {more} 条，见工作簿“须说明的问题”", f"… and {more} more, see the sheet “Remarks”"))
    return tuple(told)
