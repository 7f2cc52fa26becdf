"""Before the main job: scenario and data read together, everything wrong with both listed, and a report of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from layout_planner import report
from layout_planner.assign.class_draw import draw_classes
from layout_planner.assign.decisions import apply_decisions
from layout_planner.assign.statements import statement_flaws
from layout_planner.assign.zone_edits import unknown_names
from layout_planner.assign.zoned import catchment_flaws, zoned_pairs
from layout_planner.config.loader import salvage_scenario
from layout_planner.config.messages import at_its_line
from layout_planner.config.ruling import is_rule_file
from layout_planner.config.scenario import Scenario
from layout_planner.demand import build_demand
from layout_planner.errors import Flaw, InputError, LayoutError, Severity, Text
from layout_planner.io.attendance import read_areas, read_attendance
from layout_planner.io.cache import sha256_file
from layout_planner.io.county import InputFile
from layout_planner.io.draws import classes_drawn, lottery_entries, read_classes
from layout_planner.io.read import read_county as read_tables
from layout_planner.io.read import survey_county
from layout_planner.io.staging import free_folder, staged_folder
from layout_planner.layout.checks import contrary_flaws, layout_flaws
from layout_planner.rules import load_rule_sets, setting_flaws
from layout_planner.supply import school_supply

if TYPE_CHECKING:
    from layout_planner.io.county import County, ReadTable

__all__ = ["Overrides", "Prepared", "check", "check_report", "prepare", "read_county"]

T = TypeVar("T")
Overrides = Mapping[str, object] | Iterable[str]


def read_county(scenario: Scenario) -> County:
    """Read a scenario's county, with seats by school and pupils by demand point and grade band.

    Raises
    ------
    InputError
        With every problem of every file.
    """
    return _zoned(_complete(read_tables(scenario), scenario), scenario)


def _complete(county: County, scenario: Scenario) -> County:
    return build_demand(school_supply(county, scenario.classes), scenario)


def _zoned(county: County, scenario: Scenario) -> County:
    """Read today's catchments, where the scenario names them, and find out who lives in which."""
    data = scenario.data
    if data.zones is None:
        return county
    villages, system = county.villages, data.crs.zones
    today = read_attendance(data.zones, county.schools, county.crs, declared=system, villages=villages)
    told = {flaw.code for flaw in today.flaws}
    found = catchment_flaws(today, county, data.zones.name, scenario.zoning)
    odd = (*today.flaws, *(flaw for flaw in found if flaw.code not in told))
    used = InputFile("zones", data.zones, sha256_file(data.zones))
    zoned = zoned_pairs(today, county, scenario.zoning)
    return replace(county, zoned=zoned, checks=(*county.checks, *odd), inputs=(*county.inputs, used))


def check(path: str | Path, overrides: Overrides = ()) -> tuple[Flaw, ...]:
    """List everything that is wrong or odd with a scenario and its data, without computing a plan.

    Rosters of draws and edits of zones are read, too, which a run of the scenario does not need.
    """
    return _checked(Path(path), overrides).everything


def check_report(path: str | Path, overrides: Overrides = (), *, out: str | Path) -> tuple[tuple[Flaw, ...], Path]:
    """Check a scenario and its data as :func:`check` does, and write what was found for the desk and the printer.

    Parameters
    ----------
    out : str or Path
        Folder to write; where it exists already, the report goes beside it with a number. It appears whole or not
        at all, with 数据检查.xlsx and 数据检查.html (data_check.* where messages are in English).

    Returns
    -------
    flaws : tuple of Flaw
        All of them, where :func:`check` cuts long runs of one kind short.
    folder : Path
        Where the report lies.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    prepared = _checked(path, overrides, short=False)
    name = prepared.scenario.name if prepared.scenario is not None else path.stem
    crs = str(prepared.county.crs.name) if prepared.county is not None else ""
    target = free_folder(Path(out))
    with staged_folder(target) as folder:
        report.write_check_report(report.CheckedData(name, prepared.everything, prepared.tables, crs), folder)
    return prepared.everything, target


@dataclass(frozen=True)
class Prepared:
    """A scenario and its county as far as they could be read, the flaws that forbid a run, and what was read."""

    scenario: Scenario | None
    county: County | None
    flaws: tuple[Flaw, ...]
    tables: tuple[ReadTable, ...] = ()

    @property
    def everything(self) -> tuple[Flaw, ...]:
        """The flaws that forbid a run, then what was noticed in a county that can be used."""
        return (*self.flaws, *(self.county.checks if self.county is not None else ()))


def prepare(path: Path, overrides: Overrides = (), *, short: bool = True, optimised: bool = False) -> Prepared:
    """Read a scenario and its county as far as they can be read, with the errors of both together.

    A block ``layout`` is checked where there is one; its defaults are, too, where a layout is to be ``optimised``.
    """
    scenario, flaws = salvage_scenario(path, overrides)
    if scenario is None:
        return Prepared(None, None, tuple(flaws))
    file = path.name
    decides = optimised or scenario.layout is not None
    _collect(flaws, file, lambda: load_rule_sets(scenario.rules), scenario)
    flaws.extend(replace(flaw, file=flaw.file or file) for flaw in setting_flaws(scenario))
    if decides:
        flaws.extend(replace(flaw, file=flaw.file or file) for flaw in contrary_flaws(scenario))
    if any(flaw.key == "data.folder" or flaw.key.startswith("data.crs") for flaw in flaws):
        return Prepared(scenario, None, tuple(flaws))  # read elsewhere or otherwise, the data would only seem wrong
    tables: list[ReadTable] = []

    def read() -> County:
        survey = survey_county(scenario, short=short)
        tables.extend(survey.tables)
        if survey.county is None:
            raise InputError.collect(survey.flaws)
        own = [Path(entry) for entry in scenario.rules if is_rule_file(entry)]
        inputs = (*survey.county.inputs, *(InputFile("rules", p, sha256_file(p)) for p in own if p.is_file()))
        return _complete(replace(survey.county, inputs=inputs), scenario)

    county = _collect(flaws, file, read)
    if county is not None:
        here = county
        county = _collect(flaws, file, lambda: _zoned(here, scenario)) or here
        decided = scenario.decisions
        _collect(flaws, file, lambda: apply_decisions(county.schools, decided, scenario.classes), scenario)
        flaws.extend(replace(flaw, file=flaw.file or file) for flaw in statement_flaws(county.schools, scenario))
        if decides:
            flaws.extend(replace(flaw, file=flaw.file or file) for flaw in layout_flaws(county, scenario))
    return Prepared(scenario, county, tuple(_from_top_to_bottom(flaws, scenario)), tuple(tables))


def _checked(path: Path, overrides: Overrides, *, short: bool = True) -> Prepared:
    """Prepare a scenario, and read what its further commands (zone, lottery, classes) need."""
    prepared = prepare(path, overrides, short=short)
    if (scenario := prepared.scenario) is None or any(f.key == "data.folder" for f in prepared.flaws):
        return prepared
    flaws = list(prepared.flaws)
    file, seen = path.name, {(f.code, f.what) for f in prepared.everything}
    drawn = _collect(flaws, file, lambda: _draw_flaws(scenario), scenario) or []
    flaws += [replace(f, file=f.file or file) for f in drawn if (f.code, f.what) not in seen]
    if (county := prepared.county) is not None:
        flaws += [_at_its_key(flaw, scenario, file) for flaw in unknown_names(county, scenario.zoning)]
        data, systems = scenario.data, scenario.data.crs
        if (edits := data.zone_edits) is not None:
            _collect(flaws, file, lambda: read_areas(edits, county.schools, county.crs, declared=systems.zone_edits))
    return replace(prepared, flaws=tuple(_from_top_to_bottom(flaws, scenario)))


def _at_its_key(flaw: Flaw, scenario: Scenario, file: str) -> Flaw:
    """Point a flaw at the line of the scenario file that sets its key."""
    where, row = scenario.place(*flaw.key.split(".")) or (file, None)
    return replace(flaw, file=where, row=row)


def _draw_flaws(scenario: Scenario) -> list[Flaw]:
    """List what is wrong or odd with the rosters of draws that the scenario has."""
    flaws: list[Flaw] = []
    if scenario.lottery is not None:
        flaws += lottery_entries(scenario, scenario.lottery)[-1]
    if (asked := scenario.class_draw) is not None:
        roster, _, odd = read_classes(scenario, asked)
        flaws += odd
        if not any(flaw.severity is Severity.ERROR for flaw in odd):
            try:
                count = classes_drawn(scenario, asked, len(roster.rows))
                draw_classes(pd.DataFrame(roster.rows), count, "0" * 64, teams=asked.teams)
            except InputError as error:
                file, row = scenario.place("class_draw") or ("", None)
                mend = Text(
                    "核对 class_draw 的班数、教师组和名册的同胞组", "check classes, teams and groups of siblings"
                )
                flaws.append(Flaw("classes_impossible", error.message, mend, file, row=row, key="class_draw"))
    return list(dict.fromkeys(flaws))


def _from_top_to_bottom(flaws: Iterable[Flaw], scenario: Scenario) -> list[Flaw]:
    """Put what is wrong with the scenario files first, by line; the rest stays in the order in which it was found."""
    files = [file.name for file in scenario.files]
    return sorted(flaws, key=lambda f: (files.index(f.file), f.row or 0) if f.file in files else (len(files), 0))


def _collect(flaws: list[Flaw], file: str, step: Callable[[], T], scenario: Scenario | None = None) -> T | None:
    """Do a step; if it raises, keep its flaws that are not yet known, with the scenario's line, and go on."""
    missing = {flaw.what.zh.rsplit(" ", 1)[-1] for flaw in flaws if flaw.code == "file_missing"}
    try:
        return step()
    except LayoutError as error:
        found = [replace(flaw, file=flaw.file or file) for flaw in error.flaws]
        if not found:
            found = [
                Flaw(type(error).__name__, error.message, Text("检查情景文件和数据", "check scenario and data"), file)
            ]
        known = {(flaw.code, flaw.what) for flaw in flaws}
        fresh = [
            f for f in found if (f.code, f.what) not in known and not (f.code == "file_missing" and f.file in missing)
        ]
        flaws.extend(fresh if scenario is None else [at_its_line(flaw, scenario) for flaw in fresh])
        return None
