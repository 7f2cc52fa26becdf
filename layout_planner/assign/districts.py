"""Education districts (教育协作区, 学区制): townships or schools around a lead school, balanced and connected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import Delaunay, QhullError

from layout_planner.assign.journeys import profiles
from layout_planner.columns import DISTRICT_SCHOOLS, DISTRICT_UNITS, DISTRICTS
from layout_planner.errors import Flaw, ScenarioError, Text
from layout_planner.grades import GradeBand, Tier
from layout_planner.locate.districts import DistrictingResult, districts
from layout_planner.locate.result import Status
from layout_planner.travel.matrix import travel_matrices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.plan import Plan

__all__ = ["DistrictPlan", "district_units", "make_districts"]

_LEADS = {Tier.CENTRAL_PRIMARY: 0, Tier.PRIMARY: 0, Tier.NINE_YEAR: 1, Tier.JUNIOR: 2, Tier.VILLAGE_PRIMARY: 3,
          Tier.TEACHING_POINT: 4}  # fmt: skip
"""Types of the school that a township is led from, the first choice first; of equals the larger school leads."""
_GAP_M = 30.0
_FAR_MIN = 600.0
_ON_FOOT = f"walk:{GradeBand.G7_9.value}"
_DIGITS = "一二三四五六七八九"


@dataclass(frozen=True, eq=False)
class DistrictPlan:
    """Units grouped into districts.

    Attributes
    ----------
    districts, units, schools : DataFrame
        Tables ``districts``, ``district_units`` and ``district_schools``.
    areas : GeoDataFrame
        ``district``, ``name``, and the townships of each dissolved, or its schools as points.
    result : DistrictingResult
        What was proven.
    """

    districts: pd.DataFrame
    units: pd.DataFrame
    schools: pd.DataFrame
    areas: gpd.GeoDataFrame
    result: DistrictingResult


def district_units(plan: Plan) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """List what is grouped, and the open schools with the unit that they belong to.

    Returns
    -------
    units : GeoDataFrame
        ``unit_id``, ``name``, ``lead_id`` (lead school, ``""`` if none), ``pupils``, ``teachers``, ``schools``;
        ``geometry`` the lead school or, without one, a point in the township.
    schools : DataFrame
        ``unit_id``, ``school_id``, ``name``, ``tier``, ``township``, ``pupils``, ``teachers``.
    """
    county = plan.county
    seated = plan.assignment.groupby("school_id")["pupils"].sum()
    known = county.schools.set_index(county.schools["school_id"].astype(str))
    schools = plan.schools[plan.schools["is_open"].astype(bool)].reset_index(drop=True)
    schools["school_id"] = schools["school_id"].astype(str)
    schools["pupils"] = schools["school_id"].map(seated).fillna(0.0)
    teachers = known["teachers"] if "teachers" in known else pd.Series(dtype="float64")
    schools["teachers"] = schools["school_id"].map(teachers).fillna(0).astype("int64")
    if plan.scenario.districts.unit == "school":
        schools["unit_id"] = schools["school_id"]
        units = schools.assign(lead_id=schools["school_id"], schools=1)
    else:
        schools["unit_id"] = _township_of(schools, county.townships)
        units = _townships(schools, county.townships)
    units = units.sort_values("unit_id", kind="stable").reset_index(drop=True)
    columns = ["unit_id", "name", "lead_id", "pupils", "teachers", "schools"]
    listed = schools[["unit_id", "school_id", "name", "tier", "township", "pupils", "teachers"]]
    return gpd.GeoDataFrame(units[columns], geometry=units.geometry, crs=county.crs), pd.DataFrame(listed)


def _township_of(schools: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> pd.Series:
    """Give each school's township: by its code, else the one in which, or nearest to which, it stands."""
    ids = townships["township_id"].astype(str).to_numpy(dtype=object)
    stated = schools["township_id"].fillna("").astype(str)
    at = shapely.STRtree(townships.geometry.to_numpy()).nearest(schools.geometry.to_numpy())
    return stated.where(stated.isin(ids), pd.Series(ids[at], index=schools.index))


def _townships(schools: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Sum the schools of each township and choose its lead school."""
    order = schools.assign(rank=_rank(schools["tier"]), fewer=-schools["pupils"]).sort_values(
        ["unit_id", "rank", "fewer", "school_id"]
    )
    lead = order.drop_duplicates("unit_id").set_index("unit_id")
    sums = schools.groupby("unit_id").agg(pupils=("pupils", "sum"), teachers=("teachers", "sum"),
                                          schools=("school_id", "size"))  # fmt: skip
    units = townships[["township_id", "name", "geometry"]].copy()
    units["unit_id"] = units["township_id"].astype(str)
    for name in sums.columns.astype(str):
        units[name] = units["unit_id"].map(sums[name]).fillna(0)
    units[["teachers", "schools"]] = units[["teachers", "schools"]].astype("int64")
    units["lead_id"] = units["unit_id"].map(lead["school_id"]).fillna("")
    spots = units["unit_id"].map(lead.geometry)
    units["geometry"] = spots.where(spots.notna(), units.geometry.representative_point())
    return units


def _rank(tiers: pd.Series) -> pd.Series:
    return tiers.map({tier.value: rank for tier, rank in _LEADS.items()})


def make_districts(plan: Plan) -> DistrictPlan:
    """Group the townships or schools of a plan into the districts that its scenario asks for.

    Raises
    ------
    ScenarioError
        If there are fewer units than districts, or no division keeps the tolerance; with what would be possible.
    """
    asked = plan.scenario.districts
    units, schools = district_units(plan)
    if asked.count > len(units):
        raise _refused(
            "districts_too_many", "districts.count",
            Text(f"要分 {asked.count} 个区，可组合的单元只有 {len(units)} 个",
                 f"{asked.count} districts are asked for, but there are only {len(units)} units"),
            Text(f"districts.count 改为不大于 {len(units)} 的数", f"set districts.count to {len(units)} or less"),
        )  # fmt: skip
    minutes = _minutes(plan, units)
    pairs = _neighbours(plan, units)
    found = districts(
        minutes, units[list(asked.balance)].to_numpy(np.float64), pairs, asked.count, tolerance=asked.tolerance,
        weights=units["teachers"].to_numpy(np.float64) + 1.0, time_limit=asked.time_limit_s, seed=plan.scenario.seed,
    )  # fmt: skip
    if not found.found:
        raise _impossible(plan, found)
    return _tables(plan, units, schools, minutes, found)


def _minutes(plan: Plan, units: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Compute the minutes by road between the units' leads: riding, or walking where no vehicle gets through."""
    travel, ways = plan.scenario.travel, profiles(plan.scenario.travel)
    ids, xy = units["unit_id"].to_numpy(object), units.geometry.get_coordinates().to_numpy()
    found = travel_matrices(
        plan.county.network, ids, xy, ids, xy, {key: ways[key] for key in ("ride", _ON_FOOT)}, cutoff_min=_FAR_MIN,
        snap_limit_m=travel.snap_limit_m, access_speed_kmh=travel.access_speed_kmh, access_detour=travel.access_detour,
    )  # fmt: skip
    tables = []
    for key in ("ride", _ON_FOOT):
        matrix = found[key]
        table = np.full((len(ids), len(ids)), np.inf)
        table[np.repeat(np.arange(len(ids)), np.diff(matrix.indptr)), matrix.indices] = matrix.minutes
        tables.append(table)
    minutes = np.where(np.isfinite(tables[0]), tables[0], tables[1])
    np.fill_diagonal(minutes, 0.0)
    return minutes


def _neighbours(plan: Plan, units: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """List the units next to each other: townships with a common border, schools in a triangulation."""
    if plan.scenario.districts.unit == "school":
        return _triangulated(units.geometry.get_coordinates().to_numpy())
    shapes = plan.county.townships.set_index(plan.county.townships["township_id"].astype(str)).geometry
    areas = shapely.make_valid(shapes.loc[units["unit_id"]].to_numpy())
    one, other = shapely.STRtree(areas).query(areas, predicate="dwithin", distance=_GAP_M)
    one, other = one[one < other], other[one < other]
    common = shapely.intersection(shapely.buffer(areas[one], _GAP_M), shapely.boundary(areas[other]))
    kept = shapely.length(common) >= max(plan.scenario.districts.min_border_m, 1.0)
    return np.column_stack([one[kept], other[kept]]).astype(np.int64)


def _triangulated(xy: NDArray[np.float64]) -> NDArray[np.int64]:
    """Join the neighbours of a Delaunay triangulation; a chain along the longer side where all are in line."""
    try:
        found = Delaunay(xy)
    except (QhullError, ValueError):
        order = np.argsort(xy[:, int(np.argmax(np.ptp(xy, axis=0)))], kind="stable")
        return np.sort(np.column_stack([order[:-1], order[1:]]), axis=1)
    corners = found.simplices
    sides = [corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]], found.coplanar[:, [0, 2]]]
    return np.unique(np.sort(np.concatenate(sides), axis=1), axis=0).astype(np.int64)


def _refused(code: str, key: str, what: Text, mend: Text) -> ScenarioError:
    return ScenarioError(Text("分不出要求的协作区", "the districts asked for cannot be made"),
                         [Flaw(code, what, mend, key=key)])  # fmt: skip


def _impossible(plan: Plan, found: DistrictingResult) -> ScenarioError:
    asked, least = plan.scenario.districts, found.least_tolerance
    none = Text("没有", "no") if found.status is Status.INFEASIBLE else Text("没有找到", "found no")
    what = Text(
        f"{none.zh}一种分法能使 {asked.count} 个区各自相连、规模与平均数相差不超过 {asked.tolerance:.0%}",
        f"{none.en} division into {asked.count} connected districts keeps within {asked.tolerance:.0%} of the mean",
    )
    mend = Text(
        "放宽 districts.tolerance，或换一个 districts.count；乡镇不相连时减小 districts.min_border_m",
        "widen districts.tolerance, choose another districts.count, or lower districts.min_border_m",
    )
    if np.isfinite(least):
        mend = Text(
            f"districts.tolerance 改为 {least:.2f}（至少要这么多），或换一个 districts.count",
            f"set districts.tolerance to {least:.2f}, the least possible, or choose another districts.count",
        )
    return _refused("districts_unbalanced", "districts.tolerance", what, mend)


def _tables(
    plan: Plan, units: gpd.GeoDataFrame, schools: pd.DataFrame, minutes: NDArray[np.float64], found: DistrictingResult
) -> DistrictPlan:
    """Spell a division."""
    labels = [_label(d) for d in range(len(found.centre))]
    lead = units["lead_id"].to_numpy(object)[found.centre]
    names = plan.schools.set_index(plan.schools["school_id"].astype(str))["name"]
    rows = pd.DataFrame(units.drop(columns="geometry"))
    rows["district"] = [labels[d] for d in found.assignment]
    rows["minutes"] = minutes[np.arange(len(units)), found.centre[found.assignment]]
    rows["number"] = found.assignment
    rows["lead"] = rows["lead_id"].map(names).fillna("")
    rows["is_centre"] = np.isin(np.arange(len(units)), found.centre)
    rows = rows.sort_values(["number", "is_centre", "unit_id"], ascending=[True, False, True], kind="stable")
    grouped = rows.groupby("number", sort=True)
    table = grouped[["pupils", "teachers", "schools"]].sum().reset_index(drop=True)
    table["district"], table["lead"] = labels, [names.get(code, "") for code in lead]
    table["centre"] = units["name"].to_numpy(object)[found.centre]
    table["units"], table["members"] = grouped.size().to_numpy(), grouped["name"].agg("、".join).to_numpy(object)
    for name in ("pupils", "teachers"):
        mean = table.loc[~found.alone, name].mean()
        table[f"{name}_apart"] = (table[name] / mean - 1).where(~found.alone) if mean else np.nan
    table["minutes_mean"] = [float(np.average(g["minutes"], weights=g["teachers"] + 1.0)) for _, g in grouped]
    table["minutes_max"] = grouped["minutes"].max().to_numpy()
    table["alone"] = found.alone
    listed = schools.merge(rows[["unit_id", "district", "number"]], on="unit_id")
    listed["is_lead"] = listed["school_id"].isin(lead)
    listed = listed.assign(rank=_rank(listed["tier"]), other=~listed["is_lead"])
    listed = listed.sort_values(["number", "other", "unit_id", "rank", "school_id"], kind="stable")
    return DistrictPlan(
        table[list(DISTRICTS.names)], rows[list(DISTRICT_UNITS.names)].reset_index(drop=True),
        listed[list(DISTRICT_SCHOOLS.names)].reset_index(drop=True), _areas(plan, units, found, labels), found,
    )  # fmt: skip


def _label(number: int) -> str:
    """Name a district by its number.

    >>> _label(0), _label(10), _label(22), _label(99)
    ('第一协作区', '第十一协作区', '第二十三协作区', '第100协作区')
    """
    if number >= 99:
        return f"第{number + 1}协作区"
    tens, ones = divmod(number + 1, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
    return f"第{head}{_DIGITS[ones - 1] if ones else ''}协作区"


def _areas(plan: Plan, units: gpd.GeoDataFrame, found: DistrictingResult, labels: list[str]) -> gpd.GeoDataFrame:
    """Dissolve the units of each district."""
    shapes = units.geometry
    if plan.scenario.districts.unit == "township":
        known = plan.county.townships.set_index(plan.county.townships["township_id"].astype(str)).geometry
        shapes = known.loc[units["unit_id"]].make_valid()
    whole = [shapely.union_all(shapes.to_numpy()[found.assignment == d]) for d in range(len(labels))]
    centres = units["name"].to_numpy(object)[found.centre]
    return gpd.GeoDataFrame({"district": labels, "centre": centres}, geometry=whole, crs=plan.county.crs)
