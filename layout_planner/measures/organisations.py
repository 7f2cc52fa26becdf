"""One legal school of several sites (一校多点): figures by legal school, distances by site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import ORGANISATION_SITES, ORGANISATIONS
from layout_planner.measures.capacity import load
from layout_planner.measures.commute import day_trips, weighted_mean

if TYPE_CHECKING:
    import geopandas as gpd

    from layout_planner.plan import Plan

__all__ = ["organisation_tables"]


def organisation_tables(plan: Plan, schools: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum up the open sites of every legal school that has more than one, and list the sites.

    Parameters
    ----------
    plan : Plan
    schools : GeoDataFrame
        Table ``plan_schools``, measured.

    Returns
    -------
    organisations, sites : DataFrame
        Tables ``organisations`` and ``organisation_sites``; empty where no legal school has several sites.
    """
    sites = _sites(plan, schools)
    if sites.empty:
        return pd.DataFrame(columns=list(ORGANISATIONS.names)), pd.DataFrame(columns=list(ORGANISATION_SITES.names))
    grouped = sites.groupby("owner", sort=True)
    table = grouped[["pupils", "seats", "classes", "classes_needed", "teachers"]].sum()
    table["sites"] = grouped.size()
    table["organisation"] = grouped["organisation"].first()
    table["class_size_max"], table["farthest_m"] = grouped["class_size_max"].max(), grouped["main_m"].max()
    table["class_size_mean"] = table["pupils"] / table["classes"].where(table["classes"] > 0)
    table["load"] = load(table["pupils"], table["seats"])
    table["pupils_per_teacher"] = (table["pupils"] / table["teachers"]).where(grouped["teachers"].min() > 0)
    known = set(plan.county.schools["school_id"].astype(str))
    table["organisation_id"] = [code if code in known else "" for code in table.index]
    return table.reset_index()[list(ORGANISATIONS.names)], sites[list(ORGANISATION_SITES.names)].reset_index(drop=True)


def _sites(plan: Plan, schools: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the open sites of legal schools with more than one, main sites first."""
    county = plan.county.schools.assign(school_id=plan.county.schools["school_id"].astype(str)).set_index("school_id")
    opened = schools[schools["is_open"].astype(bool)].assign(school_id=lambda f: f["school_id"].astype(str))
    if "organisation" not in county:
        return pd.DataFrame()
    stated = county["organisation"].fillna("").astype(str).reindex(opened["school_id"]).to_numpy(object)
    own = opened["school_id"].to_numpy(object)
    opened["owner"] = np.where(stated == "", own, stated)
    opened = opened[opened.groupby("owner")["school_id"].transform("size") > 1]
    if opened.empty:
        return pd.DataFrame()
    opened["is_main"] = opened["owner"] == opened["school_id"]
    names = county["name"].astype(str)
    opened["organisation"] = [names.get(owner, owner) for owner in opened["owner"]]
    spots = county.geometry
    opened["main_m"] = [
        spot.distance(spots[owner]) if owner in spots.index else np.nan
        for spot, owner in zip(opened.geometry, opened["owner"], strict=True)
    ]
    teachers = county["teachers"] if "teachers" in county else pd.Series(0, index=county.index)
    opened["teachers"] = opened["school_id"].map(teachers).fillna(0).astype("int64")
    seated = day_trips(plan.assignment[plan.assignment["school_id"] != ""])
    metres = weighted_mean(seated["metres"], seated["pupils"], seated["school_id"])
    opened["metres_mean"] = opened["school_id"].map(metres)
    order = opened.assign(other=~opened["is_main"]).sort_values(["owner", "other", "school_id"], kind="stable")
    return pd.DataFrame(order.drop(columns="geometry"))
