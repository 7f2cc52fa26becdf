"""Fit estimated pupils to known totals over space and grade, so that none is lost and none is invented."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.config.scenario import Demand
from layout_planner.demand.by_grade import band_sums, to_grades
from layout_planner.demand.ipf import Fit, fit_margins
from layout_planner.demand.margins import (
    Target,
    band_target,
    enrolment_by_grade,
    grade_target,
    school_target,
    township_target,
)
from layout_planner.demand.missing import place_missing, spread_missing
from layout_planner.demand.residuals import calibration_remarks, calibration_table
from layout_planner.demand.surface import PUPILS
from layout_planner.errors import Flaw, InputError, Severity, Text
from layout_planner.grades import GRADE_PUPILS, GRADES, GradeBand
from layout_planner.io.county import County

__all__ = ["Calibration", "calibrate"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calibrated demand points, known totals beside estimates (table ``calibration``), and what was noticed."""

    points: gpd.GeoDataFrame
    table: pd.DataFrame
    flaws: tuple[Flaw, ...]


def calibrate(points: gpd.GeoDataFrame, county: County, demand: Demand) -> Calibration:
    """Fit pupils by grade to the totals that the scenario names.

    ``townships`` holds the townships' bands, or grades where they are known, ``county`` the scenario's bands,
    ``enrolment`` the rosters' grades over the county, ``schools`` those of every school over the points that are
    nearest to it in a straight line. With ``townships`` and ``county`` the rosters' grades also decide how a band
    divides into its grades, in one iterative proportional fitting; where the sums differ, the bands hold and the
    rosters are scaled to them.

    Parameters
    ----------
    points : GeoDataFrame
        Demand points as estimated (table ``demand``).

    Returns
    -------
    Calibration
        Sums equal the totals to 1e-9 relative; points may be added where pupils are known but nobody was estimated.

    Raises
    ------
    InputError
        If the totals are absent although the scenario gives them as the target.
    """
    if demand.calibrate_to == "county" and not demand.county_pupils:
        what = Text(
            "calibrate_to: county，但没有给 county_pupils", "calibrate_to is county, but county_pupils is not given"
        )
        mend = Text(
            "在 demand.county_pupils 写三个年级段的学生总数",
            "give the pupils of the three bands in demand.county_pupils",
        )
        raise InputError.collect([Flaw("county_pupils_missing", what, mend, key="demand.county_pupils")])
    targets = _targets(points, county, demand)
    if not targets:
        return Calibration(points, calibration_table(points, points, county), ())
    unknown = _unknown(targets[0])
    if np.isnan(targets[0].totals).all():
        return Calibration(points, calibration_table(points, points, county), tuple(unknown))
    placed, flaws = place_missing(points, county, targets[0])
    targets = _targets(placed, county, demand)
    cells = placed[list(GRADE_PUPILS)].to_numpy(dtype=np.float64).ravel()
    for target in targets:
        cells, more = spread_missing(cells, target)
        flaws += more
    fit = fit_margins(cells, [target.margin for target in targets])
    fitted = _with_grades(placed, fit)
    table = calibration_table(points, fitted, county, targets, fit)
    return Calibration(fitted, table, (*unknown, *flaws, *calibration_remarks(targets, fit, table)))


def _targets(points: gpd.GeoDataFrame, county: County, demand: Demand) -> list[Target]:
    """List what is to be held, the totals that count most first."""
    if demand.calibrate_to == "none":
        return []
    if demand.calibrate_to == "schools":
        return [school_target(points, county)]
    enrolled = enrolment_by_grade(county)
    if demand.calibrate_to == "enrolment":
        return [grade_target(points, county, enrolled)]
    if demand.calibrate_to == "county":
        first = band_target(points, county, demand.county_pupils or {})
    else:
        first = township_target(points, county)
    shape = _shape_of_bands(first, enrolled)
    return [first] if np.isnan(shape).all() else [first, grade_target(points, county, shape)]


def _shape_of_bands(first: Target, enrolled: Floats) -> Floats:
    """Keep the rosters' grades of the bands whose grades they all state and whose totals, but no grades, are held."""
    group = first.margin.group.reshape(-1, len(GRADES))
    held = (group >= 0) & ~np.isnan(np.append(first.totals, np.nan)[group])
    out = np.full(len(GRADES), np.nan)
    divided = set(first.rows.loc[first.rows["grade"].notna(), "band"])
    for band in GradeBand:
        if band.value in divided:
            continue
        inside = [grade - 1 for grade in band.grades]
        if held[:, inside].all() and np.nansum(enrolled[inside]) > 0 and not np.isnan(enrolled[inside]).any():
            out[inside] = enrolled[inside]
    return out


def _with_grades(points: gpd.GeoDataFrame, fit: Fit) -> gpd.GeoDataFrame:
    out = points.copy()
    out[list(GRADE_PUPILS)] = fit.cells.reshape(-1, len(GRADES))
    out[PUPILS] = band_sums(to_grades(out))
    return out


_ABSENT = {
    "township": (
        Text("没有乡镇学生数，学生未校准", "no pupils are stated by township: nothing was calibrated"),
        Text(
            "放入乡镇学生数表（乡镇、年级、人数），或在乡镇图层填写各年级段学生数，或把 demand.calibrate_to 改为 none",
            "add a table of pupils by township and grade, or pupils by band to the township layer, or set "
            "demand.calibrate_to to none",
        ),
    ),
    "school": (
        Text("学校表没有各年级在校生，学生未校准", "no school states its pupils by grade: nothing was calibrated"),
        Text("在学校表填写各年级在校生，或改用其他校准目标", "fill in the pupils by grade, or choose another target"),
    ),
}


def _unknown(target: Target) -> list[Flaw]:
    """Name the totals that are not known, so that their pupils stay as estimated."""
    inside = target.margin.group[target.margin.group >= 0]
    concerned = np.bincount(inside, minlength=len(target.totals)) > 0
    missing = target.rows[np.isnan(target.totals) & (concerned | np.isnan(target.totals).all())]
    if missing.empty:
        return []
    kind = str(missing["subject_kind"].iloc[0])
    if len(missing) == len(target.rows) and kind in _ABSENT:
        return [Flaw("calibration_skipped", *_ABSENT[kind], severity=Severity.WARNING)]
    names = _named(missing, "zh")
    what = Text(f"没有学生总数，未校准：{names}", f"no total, not calibrated: {_named(missing, 'en')}")
    return [Flaw("calibration_skipped", what, Text("补填总数", "give the totals"), severity=Severity.WARNING)]


def _named(rows: pd.DataFrame, lang: str, most: int = 8) -> str:
    said: list[str] = []
    for name, own in rows.groupby("name", sort=False):
        grades: Sequence[str] = [
            (GradeBand(b).label_zh if lang == "zh" else str(b))
            if np.isnan(g)
            else (f"{g:.0f}年级" if lang == "zh" else f"grade {g:.0f}")
            for b, g in zip(own["band"], own["grade"], strict=True)
        ]
        said.append(f"{name}（{'、'.join(grades)}）" if lang == "zh" else f"{name} ({', '.join(grades)})")
    more = len(said) - most
    tail = (f"等{len(said)}处" if lang == "zh" else f" and {more} more") if more > 0 else ""
    return ("、" if lang == "zh" else ", ").join(said[:most]) + tail
