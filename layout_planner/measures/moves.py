"""Who is affected when one plan becomes another: pupils who change school or mode, by village and band."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import MOVES
from layout_planner.errors import LayoutError, Text
from layout_planner.plan import same_pupils

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["moved_pupils", "moves"]

_UNIT = ["demand_id", "band"]
_PLACE = [*_UNIT, "school_id", "mode"]
_CRUMB = 1e-9


def moved_pupils(before: Plan, after: Plan) -> pd.DataFrame:
    """List the pupils who change school or mode, by demand point.

    Pupils of one demand point and band who keep school and mode are matched first; the rest of each old place is
    spread over the new places in proportion (within one point and band nobody can be told apart).

    Returns
    -------
    DataFrame
        ``demand_id``, ``band``, ``pupils``, and ``school_id``, ``mode``, ``minutes``, ``metres`` with suffixes
        ``_before`` and ``_after``.

    Raises
    ------
    LayoutError
        If the plans do not speak of the same pupils.
    """
    if not same_pupils(before, after):
        raise LayoutError(Text("两个方案的学生不同，不能比较", "the two plans do not speak of the same pupils"))
    sides = {}
    for side, plan in (("before", before), ("after", after)):
        sides[side] = plan.assignment.groupby(_PLACE, sort=True, as_index=False, dropna=False).agg(
            pupils=("pupils", "sum"), minutes=("minutes", "first"), metres=("metres", "first")
        )
    both = sides["before"].merge(sides["after"], on=_PLACE, how="outer", suffixes=("_before", "_after"))
    both[["pupils_before", "pupils_after"]] = both[["pupils_before", "pupils_after"]].fillna(0.0)
    stays = np.minimum(both["pupils_before"], both["pupils_after"])
    rest = {}
    for side in ("before", "after"):
        left = both.assign(pupils=both[f"pupils_{side}"] - stays)
        left = left[left["pupils"] > _CRUMB]
        rest[side] = left[[*_PLACE, "pupils", f"minutes_{side}", f"metres_{side}"]].rename(
            columns={"school_id": f"school_id_{side}", "mode": f"mode_{side}", "pupils": f"pupils_{side}"}
        )
    pairs = rest["before"].merge(rest["after"], on=_UNIT)
    total = rest["after"].groupby(_UNIT)["pupils_after"].sum().rename("total").reset_index()
    pairs = pairs.merge(total, on=_UNIT)
    pairs["pupils"] = pairs["pupils_before"] * pairs["pupils_after"] / pairs["total"]
    return pairs.drop(columns=["pupils_before", "pupils_after", "total"])


def moves(before: Plan, after: Plan) -> pd.DataFrame:
    """Tell who changes school or mode: village × band × old school × new school.

    Returns
    -------
    DataFrame
        Table ``moves``, longest added time first; minutes and metres one way, averaged over the pupils of the
        row; a school name is blank where the pupils have no school (and then so are the minutes).

    Raises
    ------
    LayoutError
        If the plans do not speak of the same pupils.
    """
    demand, villages = after.county.demand, after.county.villages
    assert demand is not None
    rows = moved_pupils(before, after)
    home = demand.set_index(demand["demand_id"].astype(str))
    rows["village_id"] = rows["demand_id"].map(home["village_id"]).fillna("")
    rows["township_id"] = rows["demand_id"].map(home["township_id"]).fillna("")
    quantities = ["minutes_before", "minutes_after", "metres_before", "metres_after"]
    weighted = rows[quantities].mul(rows["pupils"], axis=0)
    keys = ["village_id", "township_id", "band", "school_id_before", "school_id_after"]
    grouped = pd.concat([rows[[*keys, "pupils"]], weighted], axis=1).groupby(keys, sort=True)
    table = grouped.sum(min_count=1).reset_index()
    table[quantities] = table[quantities].div(table["pupils"], axis=0)
    table["minutes_change"] = table["minutes_after"] - table["minutes_before"]
    table["name"] = table["village_id"].map(villages.drop_duplicates("village_id").set_index("village_id")["name"])
    townships = after.county.townships.set_index("township_id")["name"]
    table["township"] = table["township_id"].map(townships)
    for side, column, plan in (("before", "from_school", before), ("after", "to_school", after)):
        names = plan.schools.set_index(plan.schools["school_id"].astype(str))["name"]
        table[column] = table[f"school_id_{side}"].map(names)
    text = ["name", "township", "from_school", "to_school"]
    table[text] = table[text].astype(object).fillna("")
    order = ["minutes_change", "pupils", *keys]
    table = table.sort_values(order, ascending=[False, False, *[True] * len(keys)], kind="stable", na_position="first")
    return table.reset_index(drop=True)[list(MOVES.names)]
