"""What a finished run keeps so that it can be compared, mapped and reported again without being computed again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from pydantic import ValidationError
from pyproj import CRS

from layout_planner import __version__
from layout_planner.config.scenario import Scenario
from layout_planner.errors import Flaw, OutputError, Severity, Text
from layout_planner.grades import GradeBand
from layout_planner.io.county import County
from layout_planner.io.export import load_frames, save_frames
from layout_planner.manifest import MANIFEST_FILE, Manifest, portable_scenario, read_manifest, verify_outputs
from layout_planner.maps.sheet import MAIN_ROADS
from layout_planner.maps.travelled import Travelled
from layout_planner.measures import PlanTables
from layout_planner.plan import Plan
from layout_planner.rules import Finding
from layout_planner.travel.network import load_network

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["PLAN_FOLDER", "RunData", "load_run", "save_run_data"]

PLAN_FOLDER = "plan"
RUN_FILE = "run.json"
ROADS_FILE = "roads.npz"
FORMAT = 1
_LAYOUT = "layout_of_"
_TRAVELLED = "travelled_"
_BAND_KEYS = {"demand": ("school_age_share",), "travel": ("walk_limit_min", "ride_limit_min", "walk_speed_kmh")}


@dataclass(frozen=True, eq=False)
class RunData:
    """A run read back from its folder.

    Attributes
    ----------
    plan : Plan
        The plan as it was, but for the county's population raster and small roads: its network holds the main
        roads only, for maps. It cannot be used to compute travel times.
    tables : PlanTables
    findings : tuple of Finding
    moves : DataFrame or None
        Who was affected against the parent plan, if the run had one.
    layout : dict of str to DataFrame
        What an optimised run decided and answered, by name of the table; empty for other runs.
    travelled : Travelled or None
        The roads that pupils travel and the rings of walking time, if the run drew a map.
    manifest : Manifest or None
        ``None`` while the run folder is still being written.
    """

    folder: Path
    plan: Plan
    tables: PlanTables
    findings: tuple[Finding, ...]
    moves: pd.DataFrame | None = None
    manifest: Manifest | None = None
    layout: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    travelled: Travelled | None = None

    @property
    def label(self) -> str:
        """Short name of the plan."""
        return self.plan.label

    @property
    def scenario(self) -> Scenario:
        """The resolved scenario; data paths are relative to where its file lay."""
        return self.plan.scenario

    @property
    def county(self) -> County:
        """The county that the plan is of."""
        return self.plan.county

    @property
    def schools(self) -> gpd.GeoDataFrame:
        """Schools after the decisions."""
        return self.plan.schools

    @property
    def assignment(self) -> pd.DataFrame:
        """Who goes where."""
        return self.plan.assignment

    @property
    def run(self) -> str:
        """Short hash of the run."""
        return self.manifest.run if self.manifest is not None else ""


def save_run_data(
    plan: Plan,
    tables: PlanTables,
    findings: Sequence[Finding],
    folder: Path,
    *,
    moves: pd.DataFrame | None = None,
    layout: Mapping[str, pd.DataFrame] | None = None,
    travelled: Travelled | None = None,
) -> None:
    """Write ``plan/`` into a run folder: frames as text, main roads, and what is not a table as JSON.

    The same plan gives the same bytes.
    """
    target = folder / PLAN_FOLDER
    county = plan.county
    frames: dict[str, pd.DataFrame] = {
        "boundary": county.boundary, "townships": county.townships, "villages": county.villages,
        "county_schools": county.schools, "enrolment": county.enrolment, "schools": plan.schools,
        "assignment": plan.assignment,
    }  # fmt: skip
    if county.demand is not None:
        frames["demand"] = county.demand
    if county.calibration is not None:
        frames["calibration"] = county.calibration
    if county.rivers is not None:
        frames["rivers"] = county.rivers
    if moves is not None:
        frames["moves"] = moves
    frames |= {f"table_{f.name}": getattr(tables, f.name) for f in fields(tables)}
    frames |= {f"{_LAYOUT}{name}": frame for name, frame in (layout or {}).items()}
    if travelled is not None:
        frames |= {f"{_TRAVELLED}{f.name}": getattr(travelled, f.name) for f in fields(Travelled)}
    save_frames({name: frame.reset_index(drop=True) for name, frame in frames.items()}, target)
    network = county.network
    network.subset(network.roads.is_class(*MAIN_ROADS)).save(target / ROADS_FILE)
    about = {
        "format": FORMAT, "version": __version__, "label": plan.label, "parent": plan.parent,
        "county": str(county.name), "crs": county.crs.to_wkt(), "cell_m": county.cell_m,
        "cell_aspect": county.cell_aspect,
        "scenario": portable_scenario(plan.scenario),
        "checks": [_plain(flaw) for flaw in county.checks], "findings": [_plain(finding) for finding in findings],
    }  # fmt: skip
    text = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True)
    (target / RUN_FILE).write_bytes((text + "\n").encode("utf-8"))


def load_run(folder: str | Path, *, verify: bool = False) -> RunData:
    """Read a finished run folder.

    Parameters
    ----------
    folder : str or Path
    verify : bool
        Whether to check first that its data are still those that the run wrote.

    Raises
    ------
    OutputError
        The folder is no finished run, is damaged, or was written by another version.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise OutputError(Text(f"找不到结果文件夹 {folder.name}", f"no run folder {folder.name}"))
    manifest = read_manifest(folder) if (folder / MANIFEST_FILE).exists() else None
    if verify and manifest is not None:
        _refuse_harmed(folder)
    about = _about(folder / PLAN_FOLDER / RUN_FILE)
    frames = load_frames(folder / PLAN_FOLDER)
    try:
        scenario = Scenario.model_validate(_with_nulls(about["scenario"]))
        tables = PlanTables(**{f.name: frames[f"table_{f.name}"] for f in fields(PlanTables)})
        county = _county(about, frames, folder)
        findings = tuple(_finding(row) for row in about["findings"])
        plan = Plan(about["label"], county, scenario, _geo(frames["schools"]), frames["assignment"], about["parent"])
    except (KeyError, TypeError, ValidationError) as error:
        raise _unreadable(folder) from error
    layout = {name.removeprefix(_LAYOUT): frame for name, frame in frames.items() if name.startswith(_LAYOUT)}
    ways = {name.removeprefix(_TRAVELLED): _geo(f) for name, f in frames.items() if name.startswith(_TRAVELLED)}
    travelled = Travelled(**ways) if ways else None
    return RunData(folder, plan, tables, findings, frames.get("moves"), manifest, layout, travelled)


def _refuse_harmed(folder: Path) -> None:
    harmed = [trouble.split(": ", 1)[1] for trouble in verify_outputs(folder) if f" {PLAN_FOLDER}/" in trouble]
    if harmed:
        names = "、".join(harmed[:3])
        raise OutputError(
            Text(
                f"{folder.name} 的结果数据被改动或缺失（{names}），请重新运行其情景",
                f"data of {folder.name} were changed or are missing ({names}): run its scenario again",
            )
        )


def _about(path: Path) -> dict[str, Any]:
    try:
        about: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(path.parent.parent) from error
    if about.get("format") != FORMAT:
        raise _unreadable(path.parent.parent)
    return about


def _unreadable(folder: Path) -> OutputError:
    return OutputError(
        Text(
            f"{folder.name} 不是完整的运行结果，或由其他版本写出；请重新运行其情景",
            f"{folder.name} is not a whole run, or of another version: run its scenario again",
        )
    )


def _county(about: dict[str, Any], frames: dict[str, pd.DataFrame], folder: Path) -> County:
    demand = frames.get("demand")
    return County(
        name=about["county"],
        crs=CRS.from_user_input(about["crs"]),
        boundary=_geo(frames["boundary"]),
        townships=_geo(frames["townships"]),
        villages=_geo(frames["villages"]),
        schools=_geo(frames["county_schools"]),
        enrolment=frames["enrolment"],
        network=load_network(folder / PLAN_FOLDER / ROADS_FILE),
        demand=None if demand is None else _geo(demand),
        calibration=frames.get("calibration"),
        rivers=None if "rivers" not in frames else _geo(frames["rivers"]),
        cell_m=about["cell_m"],
        cell_aspect=about["cell_aspect"],
        checks=tuple(Flaw.from_plain(row) for row in about["checks"]),
    )


def _geo(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    return cast("gpd.GeoDataFrame", frame)


def _plain(record: Flaw | Finding) -> dict[str, Any]:
    """Spell a flaw or finding as JSON."""
    out: dict[str, Any] = {}
    for part in fields(record):
        value = getattr(record, part.name)
        out[part.name] = [*value] if isinstance(value, Text) else value
    return json.loads(json.dumps(out, ensure_ascii=False, default=str))


def _finding(row: dict[str, Any]) -> Finding:
    return Finding(**(row | {"severity": Severity(row["severity"])}))


def _with_nulls(scenario: dict[str, Any]) -> dict[str, Any]:
    """Say of bands that were taken out that they were: what is not named takes its default."""
    filled = json.loads(json.dumps(scenario))
    for block, keys in _BAND_KEYS.items():
        for key in keys:
            given = filled[block][key]
            filled[block][key] = {band.value: given.get(band.value) for band in GradeBand}
    return filled
