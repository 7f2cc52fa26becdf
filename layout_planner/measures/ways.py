"""What pupils meet on the way to the school of a plan."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.assign.journeys import profiles
from layout_planner.columns import DANGERS
from layout_planner.measures.commute import weighted_mean
from layout_planner.travel.danger import DANGER_NAMES, ON_FOOT, RIDING, Danger, find_dangers, unsafe_ways

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["danger_rows", "danger_table", "unsafe_pupils"]


def danger_rows(plan: Plan, *, keep_paths: bool = False) -> pd.DataFrame:
    """List the dangers that each row of the assignment meets on its quickest way to school.

    Those who walk meet all kinds, those who ride (boarders too) railway crossings, ferries and fords.

    Parameters
    ----------
    keep_paths : bool
        Give each way as a LineString in the county's CRS, in the column ``geometry`` (a GeoDataFrame).

    Returns
    -------
    DataFrame
        ``demand_id``, ``band``, ``school_id``, ``mode``, ``pupils``, ``kind``, ``metres``, ``times``,
        ``way_minutes``; one row an assignment and kind. A plan without roads has none.
    """
    columns = ["demand_id", "band", "school_id", "mode", "pupils"]
    county, travel = plan.county, plan.scenario.travel
    demand, network = county.demand, county.network
    rows = plan.assignment.loc[plan.assignment["school_id"] != "", columns]
    found = []
    if network is not None and demand is not None and len(rows):
        dangers = find_dangers(network)
        ask = partial(
            unsafe_ways, network, snap_limit_m=travel.snap_limit_m, access_speed_kmh=travel.access_speed_kmh,
            access_detour=travel.access_detour, dangers=dangers, keep_paths=keep_paths,
        )  # fmt: skip
        homes = demand["demand_id"].to_numpy(object), demand.geometry.get_coordinates().to_numpy()
        schools = county.schools["school_id"].to_numpy(object), county.schools.geometry.get_coordinates().to_numpy()
        for key, profile in profiles(travel).items():
            walks = key != "ride"
            mine = rows["mode"].eq("walk") & (("walk:" + rows["band"]) == key) if walks else rows["mode"] != "walk"
            chosen = rows[mine].rename(columns={"demand_id": "origin_id", "school_id": "site_id"})
            found.append(ask(profile, *homes, *schools, chosen, kinds=ON_FOOT if walks else RIDING))
    if not found:
        return pd.DataFrame(columns=[*columns, "kind", "metres", "times", "way_minutes"])
    return pd.concat(found, ignore_index=True).rename(columns={"origin_id": "demand_id", "site_id": "school_id"})


def danger_table(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """Add up what :func:`danger_rows` found by village, band, school, mode and kind: table ``dangers``."""
    demand = plan.county.demand
    if demand is None or rows.empty:
        return pd.DataFrame(columns=list(DANGERS.names))
    homes = demand.set_index(demand["demand_id"].astype(str))[["village_id", "township_id"]].fillna("")
    rows = rows.assign(**{c: rows["demand_id"].map(homes[c]).astype(str) for c in homes.columns})
    by = [rows[c] for c in ("village_id", "township_id", "band", "school_id", "mode", "kind")]
    table = pd.concat(
        [
            rows["pupils"].groupby(by, sort=True).sum(),
            weighted_mean(rows["metres"], rows["pupils"], by),
            weighted_mean(rows["times"], rows["pupils"], by),
        ],
        axis=1,
    ).reset_index()
    county = plan.county
    for column, frame, key in (("name", county.villages, "village_id"), ("township", county.townships, "township_id"),
                               ("school", plan.schools, "school_id")):  # fmt: skip
        names = frame.drop_duplicates(key).set_index(key)["name"].astype(str)
        table[column] = table[key].map(names).astype(object).fillna("")
    table["danger"] = [DANGER_NAMES[Danger(kind)].zh for kind in table["kind"]]
    order = {kind.value: i for i, kind in enumerate(Danger)}
    table = table.assign(rank=table["kind"].map(order))
    keys = ["village_id", "band", "school_id", "mode", "rank"]
    return table.sort_values(keys, kind="stable")[list(DANGERS.names)].reset_index(drop=True)


def unsafe_pupils(plan: Plan, rows: pd.DataFrame) -> float:
    """Count the pupils who meet at least one danger (persons); nan for a plan without roads."""
    if plan.county.network is None:
        return float("nan")
    once = rows.drop_duplicates(["demand_id", "band", "school_id", "mode"])
    return float(np.sum(once["pupils"].to_numpy(dtype=np.float64)))
