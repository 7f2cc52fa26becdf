"""Pupils from a population raster: cells with the children of each grade band, in townships and villages."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layout_planner.config.scenario import Demand
from layout_planner.demand.ages import age_columns, pupils_by_band
from layout_planner.demand.by_grade import band_sums, to_grades
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
    columns, edges = age_columns([str(c) for c in cells.columns])
    if columns:
        pupils = pupils_by_band(cells, columns, edges)
    elif "people" in cells.columns:
        pupils = pd.DataFrame(
            {band.pupils_column: cells["people"] * demand.school_age_share[band] for band in GradeBand},
            index=cells.index,
        )
    else:
        have = "、".join(sorted(str(c) for c in cells.columns if str(c).startswith("people_")))
        what = Text(
            f"人口栅格的年龄组不能覆盖 6—14 岁（现有 {have}）",
            f"the age bands do not cover ages 6 to 14 (there are {have})",
        )
        mend = Text(
            "补上 5—9 岁和 10—14 岁的栅格，或改用总人口栅格", "add the bands 5–9 and 10–14, or use a raster of all ages"
        )
        raise InputError.collect([Flaw("ages_missing", what, mend)])
    pupils *= demand.enrolment_rate
    nearest = nearest_village(cells.geometry.to_numpy(), cells["township_id"], county.villages)
    ids, names = (_pick(county.villages, column, nearest) for column in ("village_id", "name"))
    frame = demand_frame(
        cells["cell_id"], names, ids, cells["township_id"], "cell", pupils, cells.geometry.to_numpy(), county.crs
    )
    return frame[frame[PUPILS].sum(axis=1) > 0].reset_index(drop=True)


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
