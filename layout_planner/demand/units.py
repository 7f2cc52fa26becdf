"""Planning units: populated cells grouped into natural villages (自然村), by the way between them on foot."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layout_planner.demand.clusters import Clusters, WalkingWays, cluster_on_foot
from layout_planner.demand.surface import PUPILS, demand_frame
from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.grades import GRADE_PUPILS
from layout_planner.io.place_names import PLACE_RANK

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario, Travel
    from layout_planner.io.county import County

__all__ = ["UNIT_PREFIX", "group_cells", "natural_villages", "walking_ways"]

UNIT_PREFIX = "u-"
"""What stands before a cell's id in the id of the unit of which it is the centre."""


def walking_ways(cells: gpd.GeoDataFrame, county: County, travel: Travel) -> WalkingWays:
    """Make ready the ways on foot between cells, once for many radii."""
    xy = cells.geometry.get_coordinates().to_numpy()
    return WalkingWays(
        county.network, xy, snap_limit_m=travel.snap_limit_m, detour=travel.access_detour, slope=travel.slope
    )


def natural_villages(
    cells: gpd.GeoDataFrame,
    ways: WalkingWays,
    *,
    radius_m: float,
    least_pupils: float,
    rivers: gpd.GeoDataFrame | None = None,
) -> Clusters:
    """Group cells (table ``demand``) into natural villages within their townships.

    Parameters
    ----------
    ways : WalkingWays
        Between the same cells, from :func:`walking_ways`.
    radius_m : float
        Farthest a cell may lie from its unit's centre, metres on foot (climbs by the time that they take).
    least_pupils : float
        Units with fewer pupils are shared out where other centres lie within the radius.
    rivers : GeoDataFrame, optional
        Cells whose straight way to the nearest road crosses one form no unit with cells on the road's own bank.

    Returns
    -------
    Clusters
        The centre of a unit is the cell from which all its pupils are nearest.
    """
    xy = cells.geometry.get_coordinates().to_numpy()
    bank = _beyond_a_river(ways, rivers)
    group = (cells["township_id"].fillna("").astype(str) + np.where(bank, "~", "")).to_numpy(dtype=object)
    pupils = cells[PUPILS].sum(axis=1).to_numpy(dtype=np.float64)
    return cluster_on_foot(ways, xy, group, pupils, radius_m=radius_m, least=least_pupils)


def _beyond_a_river(ways: WalkingWays, rivers: gpd.GeoDataFrame | None) -> npt.NDArray[np.bool_]:
    """Tell which cells have a river between them and their road."""
    beyond = np.zeros(len(ways.on_road), dtype=bool)
    if rivers is not None and len(rivers):
        crossed = shapely.STRtree(ways.legs()).query(rivers.geometry.to_numpy(), predicate="intersects")[1]
        beyond[crossed] = True
    return beyond


def group_cells(county: County, scenario: Scenario) -> tuple[County, list[Flaw]]:
    """Put natural villages in the place of the county's cells, as ``demand.units`` asks.

    A unit stands at its centre's cell. It is called after the village that the cell belongs to, else after the named
    place among its cells, else after its township, and its id is that of the cell with ``u-`` before it. Demand points
    that are not cells stay as they are. Where the county has no village table, the units are its villages.

    Returns
    -------
    County
        With ``demand`` of units, and the cells with their ``unit_id`` in ``cells``.
    list of Flaw
        What was grouped, and what lies off the roads.
    """
    points, demand = county.demand, scenario.demand
    assert points is not None
    is_cell = (points["kind"] == "cell").to_numpy()
    if not is_cell.any():
        what = Text(
            "没有人口栅格可归并，demand.units 未起作用", "there are no cells to group: demand.units did nothing"
        )
        mend = Text("有村表时用 demand.units: cells", "with a village table, set demand.units to cells")
        return county, [Flaw("units_unused", what, mend, key="demand.units", severity=Severity.WARNING)]
    cells = gpd.GeoDataFrame(points[is_cell].reset_index(drop=True))
    ways = walking_ways(cells, county, scenario.travel)
    found = natural_villages(
        cells, ways, radius_m=demand.unit_radius_m, least_pupils=demand.unit_min_pupils, rivers=county.rivers
    )
    units = _units(cells, found.centre, county, _place_names(cells, found, county.places, demand.unit_radius_m))
    joined = gpd.GeoDataFrame(pd.concat([units, points[~is_cell]], ignore_index=True), crs=county.crs)
    unit_id = UNIT_PREFIX + cells["demand_id"].astype(str)
    kept = cells.assign(unit_id=unit_id.to_numpy(dtype=object)[found.centre])
    villages = _as_villages(units, county) if county.villages.empty else county.villages
    return replace(county, demand=joined, cells=kept, villages=villages), _flaws(cells, found, scenario)


def _place_names(
    cells: gpd.GeoDataFrame, found: Clusters, places: gpd.GeoDataFrame | None, within_m: float
) -> dict[int, str]:
    """Give the name of a unit's centre by its position: the likeliest place whose nearest cell is one of the unit's.

    Of places of one kind the nearest to the centre counts; one farther than ``within_m`` from every cell names none.
    """
    names: dict[int, str] = {}
    if places is None or places.empty:
        return names
    xy, at = cells.geometry.get_coordinates().to_numpy(), places.geometry.get_coordinates().to_numpy()
    away, nearest = map(np.asarray, cKDTree(xy).query(at))
    centre = found.centre[nearest]
    rank = places["place"].map(PLACE_RANK).to_numpy()
    from_centre = np.hypot(*(at - xy[centre]).T)
    for i in np.lexsort((places["name"].to_numpy(dtype=str), from_centre, rank)):
        if away[i] <= within_m:
            names.setdefault(int(centre[i]), str(places["name"].iloc[i]))
    return names


def _units(
    cells: gpd.GeoDataFrame, centre: npt.NDArray[np.int64], county: County, names: dict[int, str]
) -> gpd.GeoDataFrame:
    """Add up the cells of every unit at its centre, in the order of the cells."""
    middles = np.unique(centre)
    grades = list(GRADE_PUPILS)
    sums = np.zeros((len(cells), len(grades)))
    np.add.at(sums, centre, cells[grades].to_numpy(dtype=np.float64))
    at = cells.iloc[middles].reset_index(drop=True)
    own = at["name"].fillna("").astype(str)
    at["name"] = own.where(own != "", [names.get(int(i), "") for i in middles])
    ids = UNIT_PREFIX + at["demand_id"].astype(str)
    none = county.villages.empty
    return demand_frame(
        ids, _names(at, county), ids if none else at["village_id"], at["township_id"], "village",
        pd.DataFrame(sums[middles], columns=grades), at.geometry.to_numpy(), county.crs,
    )  # fmt: skip


def _names(at: gpd.GeoDataFrame, county: County) -> pd.Series:
    """Call units after their village or place, else their township, numbered where several share the name."""
    towns = county.townships.drop_duplicates("township_id").set_index("township_id")["name"]
    town = at["township_id"].map(towns).fillna(county.name).astype(str)
    base = at["name"].fillna("").astype(str)
    base = base.where(base != "", town)
    key = [at["township_id"].fillna("").astype(str), at["village_id"].fillna("").astype(str), base]
    number, count = base.groupby(key).cumcount() + 1, base.groupby(key).transform("size")
    named = base + number.astype(str) + "号居民点"
    return named.where((count > 1) | (base == town), base)


def _as_villages(units: gpd.GeoDataFrame, county: County) -> gpd.GeoDataFrame:
    """Tabulate units as the villages of a county without a village table (table ``villages``)."""
    towns = county.townships.drop_duplicates("township_id").set_index("township_id")["name"]
    degrees = units.geometry.to_crs(4326)
    frame = units.assign(
        township=units["township_id"].map(towns).fillna("").astype(str),
        lon=degrees.x.to_numpy(), lat=degrees.y.to_numpy(), people=np.nan,
    )  # fmt: skip
    known = [c for c in county.villages.columns if c in frame.columns]
    return frame[known] if {"village_id", "name", "township_id"} <= set(known) else frame


def _flaws(cells: gpd.GeoDataFrame, found: Clusters, scenario: Scenario) -> list[Flaw]:
    n, units = len(cells), len(np.unique(found.centre))
    radius = scenario.demand.unit_radius_m
    what = Text(
        f"{n:,} 个人口栅格按步行路程归并为 {units:,} 个自然村（离中心不超过 {radius:g} 米，不跨乡镇）",
        f"{n:,} cells were grouped into {units:,} natural villages by the way on foot (no farther than {radius:g} m "
        "from their centre, none across townships)",
    )
    mend = Text("要更细，减小 demand.unit_radius_m", "for finer units lower demand.unit_radius_m")
    flaws = [Flaw("units_grouped", what, mend, key="demand.unit_radius_m", severity=Severity.NOTE)]
    off = ~found.on_road
    if off.any():
        pupils = float(cells.loc[off, PUPILS].to_numpy().sum())
        limit = scenario.travel.snap_limit_m
        what = Text(
            f"{int(off.sum())} 个栅格（{pupils:.0f} 名学生）离道路超过 {limit:g} 米，只按直线距离归并",
            f"{counted(int(off.sum()), 'cell')} ({counted(pupils, 'pupil')}) lie more than {limit:g} m from any road "
            "and were grouped by "
            "straight distance",
        )
        mend = Text("补充道路数据，或放宽 travel.snap_limit_m", "add the missing roads, or raise travel.snap_limit_m")
        flaws.append(Flaw("units_off_road", what, mend, key="travel.snap_limit_m", severity=Severity.WARNING))
    return flaws
