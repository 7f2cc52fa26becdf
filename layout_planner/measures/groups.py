"""Where the groups of pupils go: residents, migrant pupils, special-education pupils."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns import GROUP_RESULTS
from layout_planner.grades import GradeBand
from layout_planner.measures.commute import at_nearest, day_trips, share, trip_statistics

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["group_results"]

RESIDENT = "resident"
_ORDER = (RESIDENT, "migrant", "special")


def group_results(plan: Plan) -> pd.DataFrame:
    """Count the pupils of every group, by band and in all, and how many of them have a school.

    Returns
    -------
    DataFrame
        Table ``group_results``: pupils (persons) and shares of the group's pupils of the band, trips of daily
        travellers. Without rows where all pupils are residents.
    """
    demand = plan.county.demand
    assert demand is not None
    if "group" not in demand.columns or set(demand["group"]) <= {RESIDENT}:
        return pd.DataFrame(columns=list(GROUP_RESULTS.names))
    group_of = dict(zip(demand["demand_id"].astype(str), demand["group"], strict=True))
    rows = plan.assignment.reset_index(drop=True)
    rows = rows.assign(group=rows["demand_id"].astype(str).map(group_of))
    rows = pd.concat([rows, rows.assign(band="all")], ignore_index=True)
    by = [rows["group"], rows["band"]]
    seated, day = rows["pupils"].where(rows["mode"] != "none", 0.0), day_trips(rows)
    parts: list[pd.DataFrame | pd.Series] = [
        rows["pupils"].groupby(by).sum(), seated.groupby(by).sum().rename("assigned"),
        trip_statistics(day, [day["group"], day["band"]]),
        share(rows["within_limit"], rows["pupils"], by), share(at_nearest(rows), rows["pupils"], by),
    ]  # fmt: skip
    bands = ["all", *(band.value for band in GradeBand)]
    groups = [group for group in _ORDER if group in set(rows["group"])]
    table = pd.concat(parts, axis=1).reindex(pd.MultiIndex.from_product([groups, bands], names=["group", "band"]))
    table[["pupils", "assigned"]] = table[["pupils", "assigned"]].fillna(0.0)
    table["assigned_share"] = table["assigned"] / table["pupils"].where(table["pupils"] > 0)
    table["unassigned"] = table["pupils"] - table["assigned"]
    return table.reset_index()[list(GROUP_RESULTS.names)]
