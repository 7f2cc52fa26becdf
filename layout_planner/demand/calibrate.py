"""Scale estimated pupils to known totals, so that none is lost and none is invented."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.config.scenario import Demand
from layout_planner.demand.surface import PUPILS, demand_frame, nearest_village
from layout_planner.errors import Flaw, InputError, Severity, Text
from layout_planner.grades import GRADE_PUPILS, GradeBand
from layout_planner.io.county import County

__all__ = ["calibrate", "enrolment_totals"]


def _warn(code: str, zh: str, en: str, mend_zh: str, mend_en: str) -> Flaw:
    return Flaw(code, Text(zh, en), Text(mend_zh, mend_en), severity=Severity.WARNING)


def calibrate(points: gpd.GeoDataFrame, county: County, demand: Demand) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Scale pupils by band to the totals that the scenario names.

    Returns
    -------
    points : GeoDataFrame
        The band sums equal the totals to floating-point precision; points may be added where pupils are known but
        nobody was estimated.
    flaws : list of Flaw
        What could not be calibrated and why.

    Raises
    ------
    InputError
        If the totals are absent although the scenario gives them as the target.
    """
    if demand.calibrate_to == "none":
        return points, []
    if demand.calibrate_to == "townships":
        return _to_townships(points, county)
    if demand.calibrate_to == "county":
        if not demand.county_pupils:
            what = Text(
                "calibrate_to: county，但没有给 county_pupils", "calibrate_to is county, but county_pupils is not given"
            )
            mend = Text(
                "在 demand.county_pupils 写三个年级段的学生总数",
                "give the pupils of the three bands in demand.county_pupils",
            )
            raise InputError.collect([Flaw("county_pupils_missing", what, mend, key="demand.county_pupils")])
        totals = {band.pupils_column: demand.county_pupils.get(band) for band in GradeBand}
    else:
        totals = enrolment_totals(county)
    return _to_county(points, county, totals)


def enrolment_totals(county: County) -> dict[str, float | None]:
    """Sum today's enrolment by band over the schools that are open: the latest year, or the school table's own.

    Returns
    -------
    dict
        Column of pupils to persons; ``None`` for a band of which no school states any grade.
    """
    frame: pd.DataFrame = county.enrolment
    grades = [f"enrol_g{g}" for g in range(1, 10)]
    is_open = set(county.schools.loc[county.schools["status"] != "closed", "school_id"])
    if frame.empty:
        frame = county.schools
    else:
        frame = frame[frame["year"] == frame["year"].max()]
    frame = frame[frame["school_id"].isin(is_open)]
    out: dict[str, float | None] = {}
    for band in GradeBand:
        columns = [c for c in grades if int(c.removeprefix("enrol_g")) in band.grades and c in frame.columns]
        values = frame[columns].astype("float64")
        out[band.pupils_column] = float(np.nansum(values.to_numpy())) if values.notna().to_numpy().any() else None
    return out


def _to_county(
    points: gpd.GeoDataFrame, county: County, totals: dict[str, float | None]
) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    flaws = []
    out = points.copy()
    for band in GradeBand:
        column, total = band.pupils_column, totals[band.pupils_column]
        if total is None:
            flaws.append(
                _warn(
                    "calibration_skipped",
                    f"{band.label_zh}没有总数，未校准",
                    f"no total for {band}: not calibrated",
                    "补上总数",
                    "give the total",
                )
            )
            continue
        out[column] = _scaled(out[column].to_numpy(), total, out[PUPILS].sum(axis=1).to_numpy())
        if total > 0 and out[column].sum() == 0:
            out, more = _place_elsewhere(out, county, {column: total}, "", county.name)
            flaws += more
    return out, flaws


def _scaled(values: np.ndarray, total: float, weight: np.ndarray) -> np.ndarray:
    """Scale values to a total; where they are all nought, spread it by the weight, or leave them at nought."""
    base = values if values.sum() > 0 else weight
    whole = base.sum()
    return base * (total / whole) if whole > 0 else np.zeros_like(values)


def _to_townships(points: gpd.GeoDataFrame, county: County) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    known = county.townships.set_index("township_id")[PUPILS].astype("float64")
    if known.isna().to_numpy().all():
        return points, [
            _warn(
                "calibration_skipped",
                "乡镇图层没有学生数，学生未校准",
                "the township layer holds no pupils: nothing was calibrated",
                "在乡镇图层填写三个年级段的学生数，或把 demand.calibrate_to 改为 none",
                "add pupils by band to the township layer, or set demand.calibrate_to to none",
            )
        ]
    out, flaws = points.copy(), []
    names = county.townships.set_index("township_id")["name"]
    for township, totals in known.iterrows():
        rows = (out["township_id"] == township).to_numpy()
        weight = out.loc[rows, PUPILS].sum(axis=1).to_numpy()
        elsewhere: dict[str, float] = {}
        for column in PUPILS:
            total = totals[column]
            if np.isnan(total):
                flaws.append(
                    _warn(
                        "calibration_skipped",
                        f"{names[township]}没有 {column} 总数，未校准",
                        f"{names[township]} has no {column}: not calibrated",
                        "补填",
                        "fill it in",
                    )
                )
                continue
            scaled = _scaled(out.loc[rows, column].to_numpy(), float(total), weight)
            out.loc[rows, column] = scaled
            if total > 0 and scaled.sum() == 0:
                elsewhere[column] = float(total)
        if elsewhere:
            out, more = _place_elsewhere(out, county, elsewhere, str(township), str(names[township]))
            flaws += more
    return out, flaws


def _place_elsewhere(
    points: gpd.GeoDataFrame, county: County, totals: dict[str, float], township: str, name: str
) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Put pupils of a place where nobody was estimated on its villages, or on a point inside it."""
    villages = county.villages
    own = villages[villages["township_id"] == township] if township else villages
    if own.empty:
        areas = county.townships[county.townships["township_id"] == township] if township else county.boundary
        spot = areas.geometry.representative_point().to_numpy()
        ids = pd.Series([f"township-{township or 'county'}"])
        near = nearest_village(spot, pd.Series([township]), villages)
        village_ids = pd.Series([villages["village_id"].iloc[i] if i >= 0 else "" for i in near])
        labels, townships = pd.Series([name]), pd.Series([township])
    else:
        spot, village_ids, labels = own.geometry.to_numpy(), own["village_id"], own["name"]
        ids, townships = own["village_id"], own["township_id"]
    share = _village_shares(own, len(spot))
    pupils = pd.DataFrame({column: share * totals.get(column, 0.0) for column in PUPILS})
    added = demand_frame(ids, labels, village_ids, townships, "village", pupils, spot, county.crs)
    both = pd.concat([points, added], ignore_index=True)
    summed = gpd.GeoDataFrame(_sum_same(both), geometry="geometry", crs=county.crs)
    count = sum(totals.values())
    return summed, [
        _warn(
            "people_missing",
            f"{name}有 {count:,.0f} 名学生，但没有推算出人口，已放到各村（无村则放到乡镇中心）",
            f"{name} has {count:,.0f} pupils but no estimated people: they were put on its villages, or on its centre",
            "核对人口栅格和乡镇界",
            "check the population raster and the township boundary",
        )
    ]


def _village_shares(villages: gpd.GeoDataFrame, count: int) -> np.ndarray:
    """Weigh villages by their pupils, else their people, else alike."""
    for columns in (PUPILS, ["people"]):
        if len(villages) and set(columns) <= set(villages.columns):
            weight = np.nan_to_num(villages[columns].astype("float64").to_numpy()).sum(axis=1)
            if weight.sum() > 0:
                return weight / weight.sum()
    return np.full(count, 1.0 / count)


def _sum_same(points: pd.DataFrame) -> pd.DataFrame:
    """Join rows that name the same demand point, keeping the first row's particulars."""
    columns = [*PUPILS, *GRADE_PUPILS]
    sums = points.groupby("demand_id", sort=False)[columns].sum()
    first = points.drop_duplicates("demand_id").reset_index(drop=True)
    first[columns] = sums.loc[first["demand_id"]].to_numpy()
    return first
