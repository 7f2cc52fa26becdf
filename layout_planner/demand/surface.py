"""Pupils from a population raster: cells with the children of each grade band, in townships and villages."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layout_planner.config.scenario import Demand
from layout_planner.demand.ages import age_columns
from layout_planner.demand.by_grade import band_sums, grade_columns, to_grades
from layout_planner.demand.cohorts import cohort_ages, cohort_shares, pupils_by_grade
from layout_planner.errors import Flaw, InputError, Text
from layout_planner.grades import GRADE_PUPILS, GradeBand
from layout_planner.io.county import County

__all__ = ["PUPILS", "RESIDENT", "demand_frame", "merge_small", "nearest_village", "pupils_from_cells"]

PUPILS = [band.pupils_column for band in GradeBand]
"""The three columns of pupils by grade band."""
RESIDENT = "resident"
"""The group of pupils that no other group takes out; see :mod:`layout_planner.demand.groups`."""


def demand_frame(
    ids: pd.Series,
    names: pd.Series,
    villages: pd.Series,
    townships: pd.Series,
    kind: str,
    pupils: pd.DataFrame,
    geometry: npt.ArrayLike,
    crs: object,
) -> gpd.GeoDataFrame:
    """Put together demand points: ids, names, where they belong, pupils (persons, float) and the point.

    ``pupils`` holds the nine grades, or the three bands (see :func:`layout_planner.demand.by_grade.to_grades`);
    the result has both, and its bands are the sums of its grades.
    """
    columns = {"demand_id": ids, "name": names, "village_id": villages, "township_id": townships}
    frame = pd.DataFrame({k: pd.Series(np.asarray(v, dtype=object), dtype="str") for k, v in columns.items()})
    frame["kind"] = pd.Series(kind, index=frame.index, dtype="str")
    frame["group"] = pd.Series(RESIDENT, index=frame.index, dtype="str")
    grades = to_grades(pupils).set_axis(frame.index)
    frame = pd.concat([frame, band_sums(grades), grades], axis=1)
    return gpd.GeoDataFrame(frame, geometry=np.asarray(geometry, dtype=object), crs=crs)


def nearest_village(points: npt.ArrayLike, township_id: pd.Series, villages: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """Find the position of the nearest village of the same township, or of the county where the township has none.

    Returns
    -------
    array of int, shape (n,)
        Positions in ``villages``; -1 where there are no villages at all.
    """
    xy = shapely.get_coordinates(np.asarray(points, dtype=object))
    out = np.full(len(xy), -1, dtype=np.int64)
    if villages.empty or not len(xy):
        return out
    where = shapely.get_coordinates(villages.geometry.to_numpy())
    owners = villages["township_id"].to_numpy(dtype=object)
    wanted = township_id.to_numpy(dtype=object)
    for township in sorted(set(wanted)):
        own = np.flatnonzero(owners == township)
        own = own if len(own) else np.arange(len(villages))
        rows = np.flatnonzero(wanted == township)
        out[rows] = own[cKDTree(where[own]).query(xy[rows])[1]]
    return out


def pupils_from_cells(county: County, demand: Demand) -> gpd.GeoDataFrame:
    """Turn the county's population cells into demand points of kind ``cell``.

    Children of each band's ages times the enrolment rate; a raster of all ages is multiplied by the scenario's
    school-age shares instead. Every populated cell stays, so that no pupil is lost.

    Raises
    ------
    InputError
        If there is no raster, or its age bands do not cover 6 to 14.
    """
    cells = county.population
    if cells is None:
        what = Text("没有人口栅格，无法推算学生", "there is no population raster to derive pupils from")
        mend = Text(
            "加上 population/*.tif，或把 demand.source 改为 villages",
            "add population/*.tif, or set demand.source to villages",
        )
        raise InputError.collect([Flaw("population_missing", what, mend)])
    pupils = _children(cells, demand)
    for band in GradeBand:
        pupils[grade_columns(band)] *= demand.enrolment_rate[band]
    nearest = nearest_village(cells.geometry.to_numpy(), cells["township_id"], county.villages)
    ids, names = (_pick(county.villages, column, nearest) for column in ("village_id", "name"))
    frame = demand_frame(
        cells["cell_id"], names, ids, cells["township_id"], "cell", pupils, cells.geometry.to_numpy(), county.crs
    )
    return frame[frame[PUPILS].sum(axis=1) > 0].reset_index(drop=True)


def _children(cells: gpd.GeoDataFrame, demand: Demand) -> pd.DataFrame:
    """Count the children of each grade's age in every cell."""
    counted = None if demand.reference_date is None else date.fromisoformat(demand.reference_date)
    wanted = cohort_ages(counted, demand.year)
    columns, edges = age_columns([str(c) for c in cells.columns], wanted)
    if columns:
        shares = cohort_shares(range(edges[0], edges[-1]), counted, demand.year, demand.births_by_month)
        return pupils_by_grade(cells, columns, edges, shares, demand.age_split)
    if "people" in cells.columns:
        return to_grades(
            pd.DataFrame(
                {band.pupils_column: cells["people"] * demand.school_age_share[band] for band in GradeBand},
                index=cells.index,
            )
        )
    have = "、".join(sorted(str(c) for c in cells.columns if str(c).startswith("people_")))
    need = f"{max(wanted[0], 0)}—{max(wanted[-1], 0)}"
    when = "" if counted is None else f"（{demand.reference_date} 至 {demand.year} 年 9 月 1 日）"
    since = "" if counted is None else f" (from {demand.reference_date} to 1 September {demand.year})"
    what = Text(
        f"人口栅格的年龄组不能覆盖 {need} 岁{when}（现有 {have}）",
        f"the age bands do not cover ages {need}{since} (there are {have})",
    )
    mend = Text(
        "补上 5—9 岁和 10—14 岁的栅格，或改用总人口栅格", "add the bands 5–9 and 10–14, or use a raster of all ages"
    )
    if wanted[0] < 0:
        what = Text(
            f"到 {demand.year} 年 9 月，有的年级的学生在 {demand.reference_date} 还没有出生",
            f"some pupils of September {demand.year} were not born on {demand.reference_date}",
        )
        mend = Text("把 demand.year 改早，或用更近的人口数据", "set an earlier demand.year or use later data")
    raise InputError.collect([Flaw("ages_missing", what, mend, key="" if counted is None else "demand.year")])


def _pick(villages: gpd.GeoDataFrame, column: str, positions: npt.NDArray[np.int64]) -> pd.Series:
    values = np.append(villages[column].to_numpy(dtype=object), "")
    return pd.Series(values[positions], dtype="str")


def merge_small(points: gpd.GeoDataFrame, least: float) -> gpd.GeoDataFrame:
    """Add cells with fewer than ``least`` pupils to the nearest larger cell of their township; totals stay.

    Where a township has no larger cell, its largest one takes all.
    """
    if least <= 0 or points.empty:
        return points
    xy = shapely.get_coordinates(points.geometry.to_numpy())
    pupils = points[list(GRADE_PUPILS)].to_numpy(dtype=np.float64)
    total = pupils.sum(axis=1)
    target = np.arange(len(points))
    townships = points["township_id"].to_numpy(dtype=object)
    cell = (points["kind"] == "cell").to_numpy()
    for township in sorted(set(townships)):
        own = np.flatnonzero((townships == township) & cell)
        if not len(own):
            continue
        large = own[total[own] >= least]
        large = large if len(large) else own[[int(np.argmax(total[own]))]]
        small = np.setdiff1d(own, large)
        if len(small):
            target[small] = large[cKDTree(xy[large]).query(xy[small])[1]]
    out = np.zeros_like(pupils)
    np.add.at(out, target, pupils)
    merged = points.copy()
    merged[list(GRADE_PUPILS)] = out
    merged[PUPILS] = band_sums(merged)
    return merged[target == np.arange(len(points))].reset_index(drop=True)
