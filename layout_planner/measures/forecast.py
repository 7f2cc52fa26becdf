"""What a plan comes to in later years: the pupils whom the county expects go where the plan sends those of today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.classes import form_classes, graded_rows
from layout_planner.columns import FORECAST_SCHOOLS, FORECAST_YEARS
from layout_planner.grades import GradeBand
from layout_planner.measures.capacity import attended_under, class_counts, load, rooms_missing, seats_short

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["expected_rows", "forecast_tables"]

_BAND_OF = {grade: band.value for band in GradeBand for grade in band.grades}
_CRUMB = 1e-6
_HOMES = {"village": "village_id", "township": "township_id"}


def expected_rows(rows: pd.DataFrame, forecast: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Scale the pupils of a plan to those expected in one year, place by place and grade by grade.

    Parameters
    ----------
    rows : DataFrame
        ``village_id``, ``township_id``, ``band``, ``grade``, ``school_id`` and ``pupils`` of a plan.
    forecast : DataFrame
        Rows of one year: ``kind``, ``place_id``, ``band``, ``grade`` (0 for the whole band), ``pupils``.

    Returns
    -------
    rows : DataFrame
        The rows with ``expected`` pupils and ``is_forecast``; what has no forecast keeps its pupils. The grades of a
        band of which only the sum is expected keep their mix.
    not_placed : float
        Pupils expected where the plan has none: nobody can tell where they would go. Expected pupils with a place
        and these add up to the forecast.
    """
    out = rows.assign(expected=rows["pupils"].astype("float64"), is_forecast=False)
    left = 0.0
    for kind, home in _HOMES.items():
        for whole in (False, True):
            mine = forecast[(forecast["kind"] == kind) & ((forecast["grade"] == 0) == whole)]
            if mine.empty:
                continue
            keys = [home, "band" if whole else "grade"]
            wanted = mine.groupby(["place_id", "band" if whole else "grade"])["pupils"].sum()
            now = rows.groupby(keys)["pupils"].sum().reindex(wanted.index).fillna(0.0)
            left += float(wanted[now <= _CRUMB].sum())
            factor = (wanted / now.where(now > _CRUMB)).reindex(pd.MultiIndex.from_frame(rows[keys])).to_numpy()
            known = ~np.isnan(factor)
            out["expected"] = np.where(known, rows["pupils"] * np.where(known, factor, 1.0), out["expected"])
            out["is_forecast"] |= known
    return out, left


def forecast_tables(plan: Plan) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure a plan in the years for which the county expects numbers of pupils.

    Parameters
    ----------
    plan : Plan
        ``county.forecast`` holds what is expected.

    Returns
    -------
    years, schools : DataFrame
        Tables ``forecast_years`` and ``forecast_schools``; empty without a forecast. Nobody changes school: every
        place sends its pupils where the plan does, in the same shares, however full a school becomes.
    """
    forecast = plan.county.forecast
    if forecast is None or forecast.empty:
        return pd.DataFrame(columns=list(FORECAST_YEARS.names)), pd.DataFrame(columns=list(FORECAST_SCHOOLS.names))
    assert plan.county.demand is not None
    rows = graded_rows(plan)
    homes = plan.county.demand.set_index(plan.county.demand["demand_id"].astype(str))
    for column in _HOMES.values():
        rows[column] = rows["demand_id"].map(homes[column].fillna("").astype(str)).astype(object)
    rows["band"] = rows["grade"].map(_BAND_OF)
    years, schools = [], []
    for year, mine in forecast.groupby("year", sort=True):
        expected, left = expected_rows(rows, mine)
        seated = expected[expected["school_id"] != ""].drop(columns="pupils").rename(columns={"expected": "pupils"})
        table, classes_56_up = _schools(plan, seated)
        schools.append(table.assign(year=year))
        years.append(_year(plan, expected, seated, table) | {
            "year": year, "not_placed": left, "classes_56_up": classes_56_up,
        })  # fmt: skip
    wide, each = pd.DataFrame(years), pd.concat(schools, ignore_index=True)
    return wide[list(FORECAST_YEARS.names)], each[list(FORECAST_SCHOOLS.names)]


def _schools(plan: Plan, seated: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Measure the open schools with the pupils expected; also count the county's classes of 56 and over."""
    opened = pd.DataFrame(plan.schools[plan.schools["is_open"].astype(bool)]).drop(columns="geometry", errors="ignore")
    table = opened.assign(school_id=opened["school_id"].astype(str)).set_index("school_id").sort_index()
    by_grade = seated.groupby(["school_id", "grade"], sort=True)["pupils"].sum().reset_index()
    counts = class_counts(form_classes(plan.schools, by_grade, plan.scenario.classes))
    first = by_grade.merge(table["grade_from"].rename("grade").reset_index(), on=["school_id", "grade"])
    here = plan.assignment[plan.assignment["school_id"] != ""]
    table["pupils_now"] = here.groupby(here["school_id"].astype(str))["pupils"].sum().reindex(table.index).fillna(0.0)
    table["pupils"] = by_grade.groupby("school_id")["pupils"].sum().reindex(table.index).fillna(0.0)
    table["entrants"] = first.set_index("school_id")["pupils"].reindex(table.index).fillna(0.0)
    table["change"] = table["pupils"] - table["pupils_now"]
    table["load"] = load(table["pupils"], table["seats"])
    table["seats_gap"] = table["seats"] - table["pupils"]
    for column in ("classes", "classes_needed"):
        table[column] = counts[column].reindex(table.index).fillna(0).astype("int64")
    table["class_size_max"] = counts["class_size_max"].reindex(table.index)
    table["rooms_missing"] = rooms_missing(table["classes_needed"], table["rooms"])
    return table.reset_index(), float(counts[["classes_56_65", "classes_66_up"]].to_numpy().sum())


def _year(plan: Plan, expected: pd.DataFrame, seated: pd.DataFrame, table: pd.DataFrame) -> dict[str, float]:
    opened = plan.schools[plan.schools["is_open"].astype(bool)]
    total, now = float(expected["expected"].sum()), float(expected["pupils"].sum())
    bands = expected.groupby("band")["expected"].sum()
    return {
        "pupils": total, "change": total - now,
        "forecast_share": float(expected.loc[expected["is_forecast"], "pupils"].sum()) / now if now > 0 else np.nan,
        **{band.pupils_column: float(bands.get(band.value, 0.0)) for band in GradeBand},
        "seats": float(table["seats"].sum()), "seats_short": float(seats_short(opened, seated).sum()),
        "schools_over": float((table["seats_gap"] < -_CRUMB).sum()),
        "schools_under_50": float(attended_under(table["pupils"], 50).sum()),
        "schools_under_100": float(attended_under(table["pupils"], 100).sum()),
        "classes_needed": float(table["classes_needed"].sum()), "class_size_max": float(table["class_size_max"].max()),
        "rooms_missing": float(table["rooms_missing"].sum()),
    }  # fmt: skip
