"""The county: canonical tables in one projected coordinate system, and what was noticed while reading them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner.errors import Text, counted
from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from pyproj import CRS

    from layout_planner.errors import Flaw
    from layout_planner.travel.network import RoadNetwork
    from layout_planner.travel.surface import Surface

__all__ = ["County", "InputFile", "ReadTable", "Survey"]


@dataclass(frozen=True)
class InputFile:
    """One file that was read: its role (``schools``, ``roads`` …), path and SHA-256."""

    role: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class ReadTable:
    """One table, layer or grid that was read: how many records it gave, and the coordinate system it was read in.

    ``crs`` is as the scenario declares it; empty where the file states its own or there are no coordinates.
    """

    role: str
    file: str
    sheet: str
    records: int
    crs: str = ""


@dataclass(frozen=True, eq=False)
class County:
    """Everything that was read about one county.

    Frames are plain GeoDataFrames in ``crs`` (projected, metres) that passed their table in
    :mod:`layout_planner.columns`. Ids are text columns, unique, and never positional.

    ``population`` has one row a raster cell (``cell_id``, ``township_id``, one ``people_<from>_<to>`` column a
    five-year age band or a single ``people`` column; floats; ``geometry`` the cell's centre). ``demand`` has one
    row a demand point with pupils by band (floats); ``cell_m`` is the side of a square as large as a raster cell, and
    ``cell_aspect`` a cell's height over its width. ``projects`` is table ``projects`` and ``buildings`` the
    residential buildings (``floor_m2``), where there are any. ``demand`` is ``None`` until :mod:`layout_planner.demand`
    filled it. Where it grouped cells into natural villages, ``cells`` holds the demand points that the cells were,
    with the ``unit_id`` of theirs, and ``unit_loss`` what that costs in accuracy (table ``units``) once measured;
    ``places`` (``name``, ``place``) are the named places that the road file holds, to name them by.
    ``claims`` (``village_id``, ``stage``, persons by claim to a seat) is what a register of applications counts.
    ``calibration`` (table ``calibration``) sets known totals beside what was estimated. ``zoned`` (``demand_id``,
    ``school_id``) says in whose catchments of today every demand point lies, where these were read. ``forecast``
    (``year``, ``kind``, ``place_id``, ``band``, ``grade``, ``pupils``) is what the county expects of later years.
    """

    name: str
    crs: CRS
    boundary: gpd.GeoDataFrame
    townships: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    enrolment: pd.DataFrame
    network: RoadNetwork
    population: gpd.GeoDataFrame | None = None
    demand: gpd.GeoDataFrame | None = None
    calibration: pd.DataFrame | None = None
    rivers: gpd.GeoDataFrame | None = None
    surface: Surface | None = None
    claims: pd.DataFrame | None = None
    projects: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None
    cell_m: float = 100.0
    cell_aspect: float = 1.0
    cells: gpd.GeoDataFrame | None = None
    unit_loss: pd.DataFrame | None = None
    zoned: pd.DataFrame | None = None
    forecast: pd.DataFrame | None = None
    checks: tuple[Flaw, ...] = ()
    inputs: tuple[InputFile, ...] = field(default=())

    def __repr__(self) -> str:
        known = "no demand yet" if self.demand is None else counted(len(self.demand), "demand point")
        return (
            f"<County {self.name!r}: {counted(len(self.schools), 'school')}, "
            f"{counted(len(self.townships), 'township')}, "
            f"{counted(len(self.villages), 'village')}, {known}, {counted(len(self.checks), 'remark')}>"
        )

    def _repr_html_(self) -> str:
        pupils = Text("尚未计算", "not computed yet")
        if self.demand is not None:
            columns = [band.pupils_column for band in GradeBand]
            count = f"{float(self.demand[columns].to_numpy().sum()):,.0f}"
            pupils = Text(
                f"{count}，{len(self.demand):,} 个需求点", f"{count} at {counted(len(self.demand), 'demand point')}"
            )
        facts = {
            Text("学校", "schools"): f"{len(self.schools):,}",
            Text("乡镇", "townships"): f"{len(self.townships):,}",
            Text("村", "villages"): f"{len(self.villages):,}",
            Text("学生", "pupils"): str(pupils),
            Text("坐标系", "coordinate system"): str(self.crs.name),
            Text("读入时的提醒（checks）", "remarks on reading (checks)"): f"{len(self.checks)}",
        }
        rows = "".join(f"<tr><th>{escape(str(k))}</th><td>{escape(v)}</td></tr>" for k, v in facts.items())
        return f"<table><caption>{escape(self.name)}</caption>{rows}</table>"


@dataclass(frozen=True, eq=False)
class Survey:
    """What came of reading a county's files: every flaw, what was read, and the county unless an error prevents it."""

    county: County | None
    flaws: tuple[Flaw, ...]
    tables: tuple[ReadTable, ...] = ()
