"""Pupils who are known but were not estimated: where to put them, so that none is lost."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.demand.margins import Target
from layout_planner.demand.surface import PUPILS, demand_frame, nearest_village
from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.grades import GRADE_PUPILS, GRADES, GradeBand
from layout_planner.io.county import County

__all__ = ["place_missing", "spread_missing"]

Floats = npt.NDArray[np.float64]

_MOST_NAMED = 6


def place_missing(points: gpd.GeoDataFrame, county: County, target: Target) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Add points for totals over places where nobody at all was estimated.

    The pupils of a township or county go to its villages (by their pupils, else their people, else alike), or to a
    point inside it where it has none; those of a school, to the school's own place.
    """
    added, flaws = [], []
    here = points[list(GRADE_PUPILS)].sum(axis=1).to_numpy()
    near = target.margin.sums(np.repeat(here, len(GRADES)))
    empty = np.flatnonzero((near == 0) & (target.totals > 0))
    for _, rows in target.rows.iloc[empty].groupby("subject_id", sort=True):
        kind, subject, name = (str(rows[column].iloc[0]) for column in ("subject_kind", "subject_id", "name"))
        grades = _by_grade(rows, target.totals[rows.index.to_numpy()])
        added.append(_put(county, kind, subject, name, grades))
        count = float(grades.sum())
        place = (
            Text("学校所在地", "the school's place")
            if kind == "school"
            else Text("各村（无村则放到中心）", "its villages, or its centre")
        )
        what = Text(
            f"{name}有 {count:,.0f} 名学生，但没有推算出人口，已放到{place.zh}",
            f"{name} has {counted(count, 'pupil')} but no estimated people: put on {place.en}",
        )
        mend = Text("核对人口栅格和乡镇界", "check the population raster and the township boundary")
        flaws.append(Flaw("people_missing", what, mend, severity=Severity.WARNING))
    if not added:
        return points, []
    both = pd.concat([points, *added], ignore_index=True)
    return gpd.GeoDataFrame(_sum_same(both), geometry="geometry", crs=county.crs), flaws


def spread_missing(cells: Floats, target: Target) -> tuple[Floats, list[Flaw]]:
    """Estimate grades that are known but came out at nought, by the pupils of all grades at each point.

    Parameters
    ----------
    cells : array of float, shape (9 * points,)
        Estimated pupils.
    """
    out = cells.copy()
    here = np.repeat(cells.reshape(-1, len(GRADES)).sum(axis=1), len(GRADES))
    empty = np.flatnonzero((target.margin.sums(cells) == 0) & (target.totals > 0) & (target.margin.sums(here) > 0))
    for group in empty:
        inside = target.margin.group == group
        out[inside] = here[inside] * (target.totals[group] / here[inside].sum())
    if not len(empty):
        return out, []
    rows = target.rows.iloc[empty]
    said = zip(rows["name"], rows["band"], rows["grade"], strict=True)
    places = "、".join([f"{name}{_spell(band, grade)}" for name, band, grade in said][:_MOST_NAMED])
    more = f"等 {len(rows)} 项" if len(rows) > _MOST_NAMED else ""
    what = Text(
        f"{places}{more}有学生，但没有推算出该年级的人口，按当地各年级学生的分布摊开",
        f"{places}{more} have pupils but no estimated people of that grade: spread by the pupils of all grades there",
    )
    mend = Text("核对人口栅格的年龄组或村表", "check the raster's age bands or the village table")
    return out, [Flaw("grade_missing", what, mend, severity=Severity.WARNING)]


def _spell(band: str, grade: float) -> str:
    return GradeBand(band).label_zh if np.isnan(grade) else f"{grade:.0f}年级"


def _by_grade(rows: pd.DataFrame, totals: Floats) -> pd.Series:
    """Spread totals of bands evenly over their grades; totals of grades stay."""
    out = pd.Series(0.0, index=list(GRADE_PUPILS))
    for band, grade, total in zip(rows["band"], rows["grade"], totals, strict=True):
        grades = list(GradeBand(band).grades) if np.isnan(grade) else [int(grade)]
        for each in grades:
            out[GRADE_PUPILS[each - 1]] += total / len(grades)
    return out


def _put(county: County, kind: str, subject: str, name: str, grades: pd.Series) -> gpd.GeoDataFrame:
    villages = county.villages
    own = villages[villages["township_id"] == subject] if kind == "township" else villages
    if kind == "school" or own.empty:
        if kind == "school":
            areas = county.schools[county.schools["school_id"].astype(str) == subject]
            township = str(areas["township_id"].iloc[0]) if "township_id" in areas else ""
        else:
            areas = county.townships[county.townships["township_id"] == subject] if subject else county.boundary
            township = subject
        spot = areas.geometry.representative_point().to_numpy()[:1]
        near = nearest_village(spot, pd.Series([township]), villages)
        village_ids = pd.Series([villages["village_id"].iloc[i] if i >= 0 else "" for i in near])
        ids, labels, townships = pd.Series([f"{kind}-{subject or 'county'}"]), pd.Series([name]), pd.Series([township])
        share = np.ones(1)
    else:
        spot, village_ids, labels = own.geometry.to_numpy(), own["village_id"], own["name"]
        ids, townships = own["village_id"], own["township_id"]
        share = _village_shares(own)
    pupils = pd.DataFrame(np.outer(share, grades.to_numpy()), columns=list(GRADE_PUPILS))
    return demand_frame(ids, labels, village_ids, townships, "village", pupils, spot, county.crs)


def _village_shares(villages: gpd.GeoDataFrame) -> Floats:
    """Weigh villages by their pupils, else their people, else alike."""
    for columns in (PUPILS, ["people"]):
        if set(columns) <= set(villages.columns):
            weight = np.nan_to_num(villages[columns].astype("float64").to_numpy()).sum(axis=1)
            if weight.sum() > 0:
                return np.asarray(weight / weight.sum(), dtype=np.float64)
    return np.full(len(villages), 1.0 / len(villages))


def _sum_same(points: pd.DataFrame) -> pd.DataFrame:
    """Join rows that name the same demand point, keeping the first row's particulars."""
    columns = [*PUPILS, *GRADE_PUPILS]
    sums = points.groupby("demand_id", sort=False)[columns].sum()
    first = points.drop_duplicates("demand_id").reset_index(drop=True)
    first[columns] = sums.loc[first["demand_id"]].to_numpy()
    return first
