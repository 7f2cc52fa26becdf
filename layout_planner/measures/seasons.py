"""Seasons: which villages lose their school, for how many months, and where else they could go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.assign.journeys import journeys, seasons
from layout_planner.assign.options import options
from layout_planner.columns import SEASONS
from layout_planner.grades import GradeBand
from layout_planner.measures.commute import weighted_mean

if TYPE_CHECKING:
    from layout_planner.errors import Flaw
    from layout_planner.plan import Plan
    from layout_planner.travel.closures import Season
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["season_effects"]

_LOOSE = 1e-3


def season_effects(plan: Plan) -> tuple[pd.DataFrame, list[Flaw]]:
    """Find who loses their school in the seasons of a plan's scenario.

    A village loses its school in a season if its pupils, by the mode of the plan, no longer reach it within the
    limit that they keep in the rest of the year (``beyond``), or at all within the cut-off (``unreachable``);
    boarders only in the latter case. One search a season.

    Returns
    -------
    DataFrame, list of Flaw
        Table ``seasons``: a row a season, village, band, school and mode, most pupils first within a season. And
        what is odd about the seasons: names that no road has, floods without data.
    """
    found, flaws = seasons(plan.county, plan.scenario.travel)
    parts = [_losses(plan, season) for season in found]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame(columns=list(SEASONS.names)), flaws
    return pd.concat(parts, ignore_index=True)[list(SEASONS.names)], flaws


def _losses(plan: Plan, season: Season) -> pd.DataFrame:
    travel, demand = plan.scenario.travel, plan.county.demand
    assert demand is not None
    times = journeys(plan.county, travel, season)
    rows = plan.assignment[plan.assignment["school_id"] != ""].reset_index(drop=True)
    now = np.full(len(rows), np.nan)
    limit = np.full(len(rows), np.inf)
    for band in GradeBand:
        mine = rows["band"].to_numpy() == band.value
        walks = mine & (rows["mode"] == "walk").to_numpy()
        rides = mine & ~walks
        now[walks] = _minutes(times[f"walk:{band.value}"], rows[walks])
        now[rides] = _minutes(times["ride"], rows[rides])
        on_foot = mine & (rows["mode"] == "board").to_numpy() & np.isnan(now)  # whom no road reaches walks to board
        now[on_foot] = _minutes(times[f"walk:{band.value}"], rows[on_foot])
        limit[walks] = travel.walk_limit_min.get(band, np.inf)
        limit[rides & (rows["mode"] == "ride").to_numpy()] = travel.ride_limit_min.get(band, np.inf)
    beyond = rows["within_limit"].to_numpy(dtype=bool) & (now > limit + _LOOSE)
    lost = np.isnan(now) | beyond
    if not lost.any():
        return pd.DataFrame()
    rows = rows.assign(now=now, outcome=np.where(np.isnan(now), "unreachable", "beyond"))[lost]
    near = options(times, plan.schools, demand, travel)
    at = near.nearest
    has = (at >= 0) & (near.tier[np.maximum(at, 0)] <= 2) if len(near.tier) else at >= 0
    other = pd.DataFrame({"demand_id": near.demand_id[has], "band": near.bands[has],
                          "other_school_id": near.school_id[near.school[at[has]]],
                          "other_minutes": near.minutes[at[has]]})  # fmt: skip
    rows = rows.merge(other, on=["demand_id", "band"], how="left").fillna({"other_school_id": ""})
    return _by_village(plan, season, rows)


def _minutes(matrix: TravelMatrix, rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Look up the minutes of some pairs; nan where the matrix has none."""
    origin = pd.Index(matrix.origin_id).get_indexer(pd.Index(rows["demand_id"].to_numpy(object)))
    site = pd.Index(matrix.site_id).get_indexer(pd.Index(rows["school_id"].to_numpy(object)))
    m = max(len(matrix.site_id), 1)
    held = matrix.rows * m + matrix.indices
    wanted = origin.astype(np.int64) * m + site
    if not len(held):
        return np.full(len(wanted), np.nan)
    at = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    known = (origin >= 0) & (site >= 0) & (held[at] == wanted)
    return np.where(known, matrix.minutes[at].astype(np.float64), np.nan)


def _by_village(plan: Plan, season: Season, rows: pd.DataFrame) -> pd.DataFrame:
    county, demand = plan.county, plan.county.demand
    assert demand is not None
    homes = demand.set_index(demand["demand_id"].astype(str))[["village_id", "township_id"]].fillna("")
    rows = rows.assign(**{c: rows["demand_id"].map(homes[c]).astype(str) for c in homes.columns})
    by = [rows[c] for c in ("village_id", "township_id", "band", "school_id", "mode", "outcome", "other_school_id")]
    pupils = rows["pupils"]
    table = pd.concat(
        [pupils.groupby(by, sort=True).sum()]
        + [weighted_mean(rows[c].fillna(0.0), pupils, by).rename(c) for c in ("minutes", "now", "other_minutes")],
        axis=1,
    ).reset_index()
    table = table.rename(columns={"minutes": "minutes_before", "now": "minutes_season"})
    table.loc[table["outcome"] == "unreachable", "minutes_season"] = np.nan
    table.loc[table["other_school_id"] == "", "other_minutes"] = np.nan
    for column, frame, key in (("name", county.villages, "village_id"), ("township", county.townships, "township_id"),
                               ("school", plan.schools, "school_id")):  # fmt: skip
        names = frame.drop_duplicates(key).set_index(key)["name"].astype(str)
        table[column] = table[key].map(names).astype(object).fillna("")
    table["season"], table["months"] = season.name, "、".join(str(m) for m in season.months)
    table["month_count"] = len(season.months)
    keys = ["pupils", "village_id", "band", "school_id", "mode", "other_school_id"]
    return table.sort_values(keys, ascending=[False, *[True] * 5], kind="stable")
