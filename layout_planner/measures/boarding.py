"""Boarders to be expected from the rates of a scenario, beside the beds that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns import BOARDING
from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    from collections.abc import Mapping

    from layout_planner.plan import Plan

__all__ = ["beds_wanted", "expected_boarders"]

_BANDS = (GradeBand.G4_6, GradeBand.G7_9)


def expected_boarders(demand: pd.DataFrame, rates: Mapping[GradeBand, float]) -> pd.DataFrame:
    """Multiply pupils by the boarding rate of their band, by demand point.

    Grades 1 to 3 never board.

    Returns
    -------
    DataFrame
        ``boarders_g4_6``, ``boarders_g7_9`` and ``boarders`` (persons, float) on the caller's index.

    Source: 国办发〔2018〕27号.
    """
    out = pd.DataFrame({
        band.pupils_column.replace("pupils", "boarders"): demand[band.pupils_column] * rates.get(band, 0.0)
        for band in _BANDS
    })  # fmt: skip
    return out.assign(boarders=out.sum(axis=1))


def beds_wanted(plan: Plan) -> pd.DataFrame:
    """Set expected boarders beside the beds of open schools, by township and for the county.

    This is a rule of thumb beside the assignment, which boards whom no daily way reaches within the limits.

    Returns
    -------
    DataFrame
        Table ``boarding``, the county last (``township_id`` is ``""``); empty where the scenario names no rate.
    """
    demand, rates = plan.county.demand, plan.scenario.demand.boarding_rate
    if demand is None or not any(rates.values()):
        return pd.DataFrame(columns=list(BOARDING.names))
    boarders = expected_boarders(demand, rates).groupby(demand["township_id"].fillna("").astype(str)).sum()
    opened = plan.schools[plan.schools["is_open"].astype(bool)]
    beds = opened["beds"].fillna(0).groupby(opened["township_id"].fillna("").astype(str)).sum()
    townships = plan.county.townships
    names = pd.Series(townships["name"].astype(str).to_numpy(), index=townships["township_id"].astype(str))
    table = boarders.join(beds, how="outer").fillna(0.0)
    table.index.name = "township_id"
    table.insert(0, "name", names.reindex(table.index).fillna("").to_numpy())
    table = table.sort_index().reset_index()
    county = table.drop(columns=["township_id", "name"]).sum()
    whole = pd.DataFrame([{"township_id": "", "name": "全县"} | county.to_dict()])
    table = pd.concat([table, whole], ignore_index=True).astype({"beds": "int64"})
    table["beds_gap"] = table["beds"] - table["boarders"]
    return table[list(BOARDING.names)]
