"""Totals that pupils are calibrated to: of townships, of the county, of the rosters, of every school."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from layout_planner.demand.ipf import Margin
from layout_planner.grades import GRADE_PUPILS, GRADES, GradeBand
from layout_planner.io.county import County

__all__ = [
    "Target",
    "band_target",
    "enrolment_by_grade",
    "grade_target",
    "school_target",
    "township_target",
    "village_target",
]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_BANDS = list(GradeBand)
_BAND_OF_GRADE = np.array([i for i, band in enumerate(_BANDS) for _ in band.grades])


@dataclass(frozen=True, eq=False)
class Target:
    """Known totals over demand points and grades.

    Attributes
    ----------
    rows : DataFrame
        One row a total: ``subject_kind``, ``subject_id``, ``name``, ``band`` and ``grade`` (nan for a whole band).
    margin : Margin
        Over points times nine grades, grade by grade within a point.
    """

    rows: pd.DataFrame
    margin: Margin

    @property
    def totals(self) -> Floats:
        """Persons, nan where unknown."""
        return self.margin.totals


def township_target(points: gpd.GeoDataFrame, county: County) -> Target:
    """Take the townships' pupils: by grade in the bands whose grades are all known, else by band."""
    townships = county.townships.reset_index(drop=True)
    ids, names = townships["township_id"].astype(str).tolist(), townships["name"].astype(str).tolist()
    bands = townships.reindex(columns=[band.pupils_column for band in _BANDS]).astype("float64").to_numpy()
    grades = townships.reindex(columns=list(GRADE_PUPILS)).astype("float64").to_numpy()
    place = pd.Index(ids).get_indexer(points["township_id"].astype(str))
    fine = ~np.isnan(grades.reshape(len(ids), len(_BANDS), -1)).any(axis=2)
    if not fine.any():
        return Target(_by_band("township", ids, names), _of_places(place, bands))
    rows = pd.concat([_by_band("township", ids, names), _by_grade("township", ids, names)], ignore_index=True)
    by_grade = fine[:, _BAND_OF_GRADE]
    used = np.concatenate([~fine.ravel(), by_grade.ravel()])
    coarse = np.arange(len(ids))[:, None] * len(_BANDS) + _BAND_OF_GRADE
    single = fine.size + np.arange(grades.size).reshape(grades.shape)
    number = np.where(used, np.cumsum(used) - 1, -1)[np.where(by_grade, single, coarse)]
    group = np.where(place[:, None] >= 0, number[place], -1)
    totals = np.concatenate([bands.ravel(), grades.ravel()])[used]
    return Target(rows[used].reset_index(drop=True), Margin(group.ravel(), totals))


def village_target(points: gpd.GeoDataFrame, county: County) -> Target:
    """Take the pupils that the village table counts, all bands together."""
    villages = county.villages.reset_index(drop=True)
    counts = villages.reindex(columns=[band.pupils_column for band in _BANDS]).astype("float64")
    totals = counts.sum(axis=1, min_count=1).to_numpy()
    place = pd.Index(villages["village_id"].astype(str)).get_indexer(points["village_id"].astype(str))
    rows = pd.DataFrame({"subject_id": villages["village_id"].astype(str), "name": villages["name"].astype(str)})
    rows = rows.assign(subject_kind="village", band="all", grade=np.nan)
    return Target(rows, Margin(np.repeat(place, len(GRADES)), totals))


def band_target(points: gpd.GeoDataFrame, county: County, totals: dict[GradeBand, float]) -> Target:
    """Take county totals by band."""
    known = np.array([[totals.get(band, np.nan) for band in _BANDS]])
    return Target(_by_band("county", [""], [county.name]), _of_places(np.zeros(len(points), dtype=np.int64), known))


def grade_target(points: gpd.GeoDataFrame, county: County, totals: Floats) -> Target:
    """Take county totals by grade; nan where a grade is not to be held."""
    rows = _by_grade("county", [""], [county.name])
    return Target(rows, Margin(np.tile(np.arange(len(GRADES)), len(points)), totals))


def school_target(points: gpd.GeoDataFrame, county: County) -> Target:
    """Take the enrolment of every school and grade, over the points that are nearest to it.

    A point's school in a grade is the nearest one in a straight line that is open and teaches the grade: one that
    has pupils in it, or whose pupils are not known and whose grades hold it. Totals of such schools are nan.
    """
    roster = _roster(county)
    schools = county.schools.set_index(county.schools["school_id"].astype(str)).loc[roster.index]
    xy = shapely.get_coordinates(schools.geometry.to_numpy())
    homes = shapely.get_coordinates(points.geometry.to_numpy())
    group = np.full((len(points), len(GRADES)), -1, dtype=np.int64)
    totals = roster.to_numpy()
    first, last = (_grade_limit(schools, name, grade) for name, grade in (("grade_from", 1), ("grade_to", 9)))
    for i, grade in enumerate(GRADES):
        unknown = np.isnan(totals[:, i]) & (first <= grade) & (grade <= last)
        teaching = np.flatnonzero((totals[:, i] > 0) | unknown)
        if len(teaching) and len(points):
            group[:, i] = teaching[cKDTree(xy[teaching]).query(homes)[1]] * len(GRADES) + i
    rows = _by_grade("school", roster.index.tolist(), schools["name"].astype(str).tolist())
    return Target(rows, Margin(group.ravel(), totals.ravel()))


def enrolment_by_grade(county: County) -> Floats:
    """Sum today's enrolment by grade over the schools that are open.

    Returns
    -------
    array of float, shape (9,)
        Persons; nan for a grade that no school states.
    """
    sums: Floats = _roster(county).sum(axis=0, min_count=1).to_numpy(dtype=np.float64)
    return sums


def _roster(county: County) -> pd.DataFrame:
    """Take the pupils of open schools by grade: the latest year of the enrolment table, or the school table's own."""
    frame = pd.DataFrame(county.enrolment)
    frame = pd.DataFrame(county.schools) if frame.empty else frame[frame["year"] == frame["year"].max()]
    is_open = county.schools.loc[county.schools["status"] != "closed", "school_id"].astype(str)
    frame = frame[frame["school_id"].astype(str).isin(set(is_open))]
    columns = [f"enrol_g{grade}" for grade in GRADES]
    known = frame.reindex(columns=columns).astype("float64").set_index(frame["school_id"].astype(str))
    return known.groupby(level=0, sort=True).sum(min_count=1)


def _grade_limit(schools: gpd.GeoDataFrame, column: str, otherwise: int) -> Floats:
    if column not in schools.columns:
        return np.full(len(schools), float(otherwise))
    return schools[column].astype("float64").fillna(otherwise).to_numpy()


def _of_places(place: Ints, totals: Floats) -> Margin:
    """Make the margin of places by band: ``place`` per point (-1 for none), ``totals`` (places, 3)."""
    group = np.where(place[:, None] >= 0, place[:, None] * len(_BANDS) + _BAND_OF_GRADE[None, :], -1)
    return Margin(group.ravel(), totals.ravel())


def _by_band(kind: str, ids: list[str], names: list[str]) -> pd.DataFrame:
    rows = [(kind, i, name, band.value, np.nan) for i, name in zip(ids, names, strict=True) for band in _BANDS]
    return pd.DataFrame(rows, columns=["subject_kind", "subject_id", "name", "band", "grade"])


def _by_grade(kind: str, ids: list[str], names: list[str]) -> pd.DataFrame:
    rows = [
        (kind, i, name, band.value, float(grade))
        for i, name in zip(ids, names, strict=True)
        for band in _BANDS
        for grade in band.grades
    ]
    return pd.DataFrame(rows, columns=["subject_kind", "subject_id", "name", "band", "grade"])
