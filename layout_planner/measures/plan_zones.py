"""Who attends the school of their catchment in a plan, by band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns import IN_ZONE
from layout_planner.grades import GradeBand
from layout_planner.measures.commute import in_zone, share

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["in_zone_table", "in_zone_values"]


def in_zone_table(plan: Plan) -> pd.DataFrame:
    """Measure how many pupils attend the school, or one of the schools, in whose catchment they live.

    Parameters
    ----------
    plan : Plan
        ``county.zoned`` says in whose catchments every place lies.

    Returns
    -------
    DataFrame
        Table ``in_zone``: all bands together, then each; empty where catchments are not known. The share is of those
        of whose catchment a school is open in the plan and teaches the band: where a plan closes it, the catchment is
        to be drawn anew, and its pupils are counted apart.

    Source: RULES C1, 划片内就学率; 教督〔2017〕6号 [V2].
    """
    if plan.county.zoned is None:
        return pd.DataFrame(columns=list(IN_ZONE.names))
    rows = plan.assignment[["demand_id", "band", "school_id", "pupils"]].astype({"demand_id": str, "school_id": str})
    taught, known = _catchments(plan)
    keys = pd.MultiIndex.from_frame(rows[["demand_id", "band"]])
    has_school, has_zone = keys.isin(taught.index), keys.isin(known)
    own = pd.MultiIndex.from_frame(rows[["demand_id", "band", "school_id"]]).isin(
        pd.MultiIndex.from_frame(taught.reset_index())
    )
    first = taught.groupby(level=[0, 1]).first()
    home = pd.Series(first.reindex(keys).to_numpy(object), index=rows.index).where(~own, rows["school_id"])
    rows = rows.assign(
        zoned=rows["pupils"].where(has_school, 0.0), zone_gone=rows["pupils"].where(has_zone & ~has_school, 0.0),
        zone_unknown=rows["pupils"].where(~has_zone, 0.0),
    )  # fmt: skip
    met = in_zone(home, rows["school_id"])
    both = pd.concat([rows.assign(met=met), rows.assign(met=met, band="all")], ignore_index=True)
    by = both["band"]
    table = both.groupby(by)[["pupils", "zoned", "zone_gone", "zone_unknown"]].sum()
    table["in_zone"] = both["pupils"].where(both["met"], 0.0).groupby(by).sum()
    table["in_zone_share"] = share(both["met"].rename("in_zone"), both["zoned"], by)
    order = ["all", *(band.value for band in GradeBand)]
    table = table.reindex([band for band in order if band in table.index])
    return table.rename_axis("band").reset_index()[list(IN_ZONE.names)]


def _catchments(plan: Plan) -> tuple[pd.Series, pd.MultiIndex]:
    """Give the open schools of the catchments by place and band, and the places and bands of which one is known.

    A catchment of a school is one for every band of the stages that the school teaches.
    """
    assert plan.county.zoned is not None
    pairs, schools = plan.county.zoned.astype(str), plan.schools
    taught: list[pd.DataFrame] = []
    known: list[pd.DataFrame] = []
    for band in GradeBand:
        low, high = band.grades[0], band.grades[-1]
        of_stage = (schools["grade_from"] <= band.stage.grades[-1]) & (schools["grade_to"] >= band.stage.grades[0])
        teaches = schools["is_open"].astype(bool) & (schools["grade_from"] <= low) & (schools["grade_to"] >= high)
        for rows, parts in ((teaches, taught), (of_stage, known)):
            codes = set(schools.loc[rows, "school_id"].astype(str))
            parts.append(pairs[pairs["school_id"].isin(codes)].assign(band=band.value))
    open_, all_ = (pd.concat(parts, ignore_index=True) for parts in (taught, known))
    open_ = open_.sort_values(["demand_id", "band", "school_id"]).set_index(["demand_id", "band"])
    return open_["school_id"], pd.MultiIndex.from_frame(all_[["demand_id", "band"]])


def in_zone_values(table: pd.DataFrame) -> dict[str, float]:
    """Read the indicators that table ``in_zone`` holds; missing where catchments are not known."""
    by = table.set_index("band")
    share_of = by["in_zone_share"].astype("float64")
    gone = float(by["zone_gone"].get("all", float("nan")))
    names = {"all": "in_zone_share"} | {
        b.value: f"in_zone_share_{b.value.lower().replace('-', '_')}" for b in GradeBand
    }
    return {name: float(share_of.get(band, float("nan"))) for band, name in names.items()} | {"zone_gone": gone}
