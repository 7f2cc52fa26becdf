"""What grouping cells into natural villages costs in accuracy: the walk to the nearest school, from cell and unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.assign.decisions import apply_decisions
from layout_planner.assign.journeys import journeys
from layout_planner.columns import UNITS
from layout_planner.demand.units import UNIT_PREFIX, natural_villages, walking_ways
from layout_planner.errors import Flaw, LayoutError, Severity, Text
from layout_planner.grades import GradeBand
from layout_planner.measures.commute import weighted_max, weighted_mean, weighted_quantile

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County

__all__ = ["RADII_M", "measure_units", "unit_loss"]

RADII_M = (200.0, 300.0, 500.0, 800.0, 1200.0, 2000.0)
"""Radii of a curve, metres on foot."""

_LOOSE = 1e-3


def unit_loss(county: County, scenario: Scenario, radii_m: Sequence[float] = RADII_M) -> pd.DataFrame:
    """Measure how the walk to the nearest open school changes when cells become natural villages of several sizes.

    Every cell is compared with the centre of its unit; all is weighted by the cell's pupils.

    Parameters
    ----------
    county : County
        With demand points of kind ``cell``, or with the cells that were grouped.
    scenario : Scenario
        Its decisions say which schools are open; ``travel`` how children walk; ``demand.unit_min_pupils`` which
        units are shared out.
    radii_m : sequence of float
        Metres on foot.

    Returns
    -------
    DataFrame
        Table ``units``: a row a radius and band (and ``all``). Minutes are one way, and means over the pupils
        who reach a school from both.

    Raises
    ------
    LayoutError
        If the county has no cells.
    """
    cells = _cells_of(county)
    ways, near = walking_ways(cells, county, scenario.travel), _nearest(cells, county, scenario)
    parts = []
    for radius in radii_m:
        found = natural_villages(
            cells, ways, radius_m=radius, least_pupils=scenario.demand.unit_min_pupils, rivers=county.rivers
        )
        parts.append(_compare(cells, found.centre, near, scenario).assign(radius_m=float(radius)))
    return pd.concat(parts, ignore_index=True)[list(UNITS.names)]


def measure_units(county: County, scenario: Scenario) -> County:
    """Fill in ``unit_loss`` of a county whose cells were grouped, and say in its ``checks`` what it amounts to.

    A county whose cells were not grouped comes back as it is.
    """
    if county.cells is None:
        return county
    cells = _cells_of(county)
    ids = pd.Index(UNIT_PREFIX + cells["demand_id"].astype(str))
    centre = ids.get_indexer(pd.Index(county.cells["unit_id"])).astype(np.int64)
    table = _compare(cells, centre, _nearest(cells, county, scenario), scenario)
    table = table.assign(radius_m=scenario.demand.unit_radius_m)[list(UNITS.names)]
    return replace(county, unit_loss=table, checks=(*county.checks, _note(table)))


def _cells_of(county: County) -> gpd.GeoDataFrame:
    points = county.cells if county.cells is not None else county.demand
    if points is None or not (points["kind"] == "cell").any():
        raise LayoutError(Text("没有人口栅格，无从比较自然村与栅格", "there are no cells to compare units with"))
    return gpd.GeoDataFrame(points[points["kind"] == "cell"].reset_index(drop=True))


def _nearest(cells: gpd.GeoDataFrame, county: County, scenario: Scenario) -> Mapping[GradeBand, pd.DataFrame]:
    """Find the nearest open school on foot of every cell, by band: ``school_id`` and ``minutes``, absent if none."""
    times = journeys(replace(county, demand=cells), scenario.travel)
    schools = apply_decisions(county.schools, scenario.decisions, scenario.classes)
    is_open = schools["is_open"].astype(bool)
    found = {}
    for band in GradeBand:
        teaches = (schools["grade_from"] <= band.grades[0]) & (schools["grade_to"] >= band.grades[-1])
        ids = sorted(schools.loc[is_open & teaches, "school_id"].astype(str))
        first = times[f"walk:{band.value}"].select_sites(ids).nearest().set_index("origin_id")
        found[band] = first[["site_id", "minutes"]].reindex(cells["demand_id"].to_numpy(object))
    return found


def _compare(
    cells: gpd.GeoDataFrame, centre: npt.NDArray[np.int64], near: Mapping[GradeBand, pd.DataFrame], scenario: Scenario
) -> pd.DataFrame:
    """Tabulate by band what changes between every cell and the centre of its unit."""
    parts = []
    for band in GradeBand:
        own, limit = near[band].reset_index(drop=True), scenario.travel.walk_limit_min.get(band, np.inf)
        unit = own.iloc[centre].reset_index(drop=True)
        both = own["minutes"].notna() & unit["minutes"].notna()
        parts.append(pd.DataFrame({
            "band": band.value, "pupils": cells[band.pupils_column].to_numpy(dtype=np.float64), "both": both,
            "minutes_cells": own["minutes"].where(both), "minutes_units": unit["minutes"].where(both),
            "error": (own["minutes"] - unit["minutes"]).abs(),
            "within_cells": own["minutes"] <= limit + _LOOSE, "within_units": unit["minutes"] <= limit + _LOOSE,
            "moved": both & (own["site_id"] != unit["site_id"]),
            "reach_changed": own["minutes"].notna() != unit["minutes"].notna(),
        }))  # fmt: skip
    rows = pd.concat([*parts, *(part.assign(band="all") for part in parts)], ignore_index=True)
    table = _summed(rows)
    table["cells"], table["units"] = len(cells), len(np.unique(centre))
    return table.reindex([*(b.value for b in GradeBand), "all"]).reset_index()


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    by, pupils = rows["band"], rows["pupils"]
    reached = pupils.where(rows["both"], 0.0)
    table = pd.DataFrame({
        "pupils": pupils.groupby(by).sum(),
        "minutes_cells": weighted_mean(rows["minutes_cells"], reached, by),
        "minutes_units": weighted_mean(rows["minutes_units"], reached, by),
        "error_mean": weighted_mean(rows["error"], reached, by),
        "error_p95": weighted_quantile(rows["error"], reached, by, 0.95),
        "error_max": weighted_max(rows["error"], reached, by),
    })  # fmt: skip
    for name in ("within_cells", "within_units", "moved", "reach_changed"):
        table[name] = pupils.where(rows[name], 0.0).groupby(by).sum()
    whole = table["pupils"].where(table["pupils"] > 0)
    for name in ("within_cells", "within_units"):
        table[name] = table[name] / whole
    table["within_change"] = table["within_units"] - table["within_cells"]
    table["moved_share"] = table["moved"] / whole
    return table


def _note(table: pd.DataFrame) -> Flaw:
    whole = table.set_index("band").loc["all"]
    error, p95 = whole["error_mean"], whole["error_p95"]
    before, after = whole["within_cells"], whole["within_units"]
    moved, share = whole["moved"], whole["moved_share"]
    what = Text(
        f"归并为自然村的误差（步行到最近学校，按学生加权）：单程时间平均差 {error:.1f} 分钟，95% 的学生不超过 "
        f"{p95:.1f} 分钟；步行时限内有学校的比例由 {before:.1%} 变为 {after:.1%}；{moved:,.0f} 名学生（{share:.1%}）"
        "的最近学校不同",
        f"what grouping into natural villages costs (walk to the nearest school, by pupils): one way differs by "
        f"{error:.1f} min on average, by no more than {p95:.1f} min for 95% of the pupils; the share with a school "
        f"within the walking limit goes from {before:.1%} to {after:.1%}; {moved:,.0f} pupils ({share:.1%}) have "
        "another nearest school",
    )
    mend = Text(
        "误差太大时减小 demand.unit_radius_m，或用 demand.units: cells",
        "where that is too much, lower demand.unit_radius_m or set demand.units to cells",
    )
    return Flaw("units_loss", what, mend, key="demand.unit_radius_m", severity=Severity.NOTE)
