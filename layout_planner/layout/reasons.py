"""What closing each school means for its pupils: the way before and after, and the receiving schools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import CLOSURES
from layout_planner.grades import GradeBand
from layout_planner.measures.commute import DAY_MODES, beyond
from layout_planner.measures.moves import moved_pupils

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["closure_impact"]

_HALF_HOUR = 30.0
_SEPARATOR = "、"


def closure_impact(before: Plan, after: Plan) -> pd.DataFrame:
    """Measure, for every school open before and not after, what its pupils gain and lose.

    Parameters
    ----------
    before, after : Plan
        Plans for the same pupils.

    Returns
    -------
    DataFrame
        Table ``closures``, one row a closed school, sorted by school id. Mean and longest minutes are of daily
        trips; the receiving schools are listed by pupils received, largest first; the largest class is that of
        any receiving school after the closure. Source: RULES A4.8, C3 "closure impact".

    Raises
    ------
    LayoutError
        If the plans do not speak of the same pupils.
    """
    was = before.schools.loc[before.schools["is_open"], "school_id"]
    now = after.schools.loc[after.schools["is_open"], "school_id"]
    closed = sorted(set(was) - set(now))
    moved = moved_pupils(before, after)
    moved = moved[moved["school_id_before"].isin(closed)]
    demand = after.county.demand
    assert demand is not None
    moved["village_id"] = moved["demand_id"].map(demand.set_index("demand_id")["village_id"])
    schools = after.schools.set_index("school_id")
    largest = after.tables.schools.set_index("school_id")["class_size_max"]
    rows = []
    for school_id in closed:
        part = moved[moved["school_id_before"] == school_id]
        received = part[part["school_id_after"] != ""].groupby("school_id_after")["pupils"].sum()
        received = received.sort_index().sort_values(ascending=False, kind="stable")
        young = part[part["band"] == GradeBand.G1_3.value]
        trips = young.rename(columns={"mode_after": "mode", "minutes_after": "minutes"})
        boards = (part["mode_after"] == "board") & (part["mode_before"] != "board")
        rows.append(
            {
                "school_id": school_id,
                "name": schools.loc[school_id, "name"],
                "township": schools.loc[school_id, "township"],
                "pupils": part["pupils"].sum(),
                "villages": part.loc[part["village_id"].fillna("") != "", "village_id"].nunique(),
                "pupils_g1_3_over_30": beyond(trips, _HALF_HOUR).sum(),
                "boarders_added": part.loc[boards, "pupils"].sum(),
                "unassigned": part.loc[part["school_id_after"] == "", "pupils"].sum(),
                "receiving": _SEPARATOR.join(schools.loc[received.index, "name"].astype(str)),
                "largest_class": largest.reindex(received.index).max(),
            }
            | _minutes(part, "before")
            | _minutes(part, "after")
        )
    table = pd.DataFrame(rows, columns=list(CLOSURES.names))
    return table.astype({"villages": "int64"})


def _minutes(part: pd.DataFrame, side: str) -> dict[str, float]:
    day = part[part[f"mode_{side}"].isin(DAY_MODES)]
    minutes, pupils = day[f"minutes_{side}"], day["pupils"]
    mean = float(np.average(minutes, weights=pupils)) if len(day) else float("nan")
    return {f"minutes_mean_{side}": mean, f"minutes_max_{side}": float(minutes.max())}
