"""County indicators of equity, balance and provision, read from their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.grades import Stage
from layout_planner.measures.commute import day_trips, excess_commute

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["fairness_values"]

_BLANK = float("nan")


def fairness_values(
    plan: Plan, equity: pd.DataFrame, balance: pd.DataFrame, provision: pd.DataFrame
) -> dict[str, float]:
    """Read the indicators that the tables ``equity``, ``balance`` and ``provision`` hold, and compute excess commute.

    Balance is that of the plan's pupils; missing where the school table does not state it for every school.
    """
    trips = day_trips(plan.assignment)
    values = {
        "excess_commute": excess_commute(trips["minutes"], trips["nearest_minutes"], trips["pupils"]),
        "excess_commute_seats": _BLANK if plan.excess is None else plan.excess,
        "staff_needed": float(provision["staff_needed"].sum()), "buses": float(provision["buses"].sum()),
        "funds_yuan": float(provision["funds_yuan"].sum()), "funds_floor_yuan": float(provision["floor_yuan"].sum()),
    }  # fmt: skip
    shared = equity.set_index(["quantity", "band"])
    for name, column in (
        ("minutes_gini", "gini"),
        ("minutes_theil", "theil"),
        ("minutes_between_share", "between_share"),
    ):
        values[name] = _at(shared, ("minutes", "all"), column)
    planned = balance[balance["basis"] == "plan"]
    for stage in Stage:
        mine = planned[planned["stage"] == stage.value]
        values[f"access_variation_{stage.value}"] = _at(shared, ("seats_per_pupil", stage.value), "variation_townships")
        seven = mine[mine["standard"] == "dd2017-6"]
        whole = len(seven) and not seven["missing"].any()
        values[f"balance_variation_{stage.value}"] = float(seven["variation"].max()) if whole else _BLANK
        composite = mine[(mine["indicator"] == "composite") & (mine["missing"] == 0)]["variation"]
        values[f"balance_composite_{stage.value}"] = float(composite.iloc[0]) if len(composite) else _BLANK
    return values


def _at(table: pd.DataFrame, key: tuple[str, str], column: str) -> float:
    return float(table[column].loc[key]) if key in table.index else _BLANK
