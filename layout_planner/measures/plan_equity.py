"""How evenly a plan shares the way to school: coverage by way, Gini and Theil by band, the Lorenz curve in tenths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.columns import EQUITY, LORENZ, REACH
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.balance import coefficient_of_variation
from layout_planner.measures.commute import coverage_by_way, day_trips
from layout_planner.measures.equity import gini, lorenz, theil_parts

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["equity_table", "lorenz_table", "reach_table"]

_BANDS = ["all", *(band.value for band in GradeBand)]
_TENTHS = np.linspace(0.1, 1.0, 10)


def _by_band(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the rows of all bands together, then of each band with pupils."""
    parts = {"all": rows} | {band.value: rows[rows["band"] == band.value] for band in GradeBand}
    return {band: part for band, part in parts.items() if float(part["pupils"].sum()) > 0}


def reach_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Tabulate coverage by band and way (table ``reach``); ``rows`` are those of the assignment."""
    spread = pd.concat([rows, rows.assign(band="all")], ignore_index=True)
    table = coverage_by_way(spread, spread["band"])
    return table.reindex([band for band in _BANDS if band in table.index]).reset_index()[list(REACH.names)]


def equity_table(plan: Plan, rows: pd.DataFrame) -> pd.DataFrame:
    """Measure how evenly minutes, and seats in reach where they were weighed, are shared.

    Parameters
    ----------
    plan : Plan
        Its ``access``, where measured (:func:`layout_planner.measures.measure_access`), gives the seats.
    rows : DataFrame
        Assignment with ``township_id`` of the homes.

    Returns
    -------
    DataFrame
        Table ``equity``: minutes of day pupils by band, then seats a pupil by stage.
    """
    found = [
        _shared("minutes", band, part["minutes"], part["pupils"], part["township_id"])
        for band, part in _by_band(day_trips(rows)).items()
    ]
    if plan.access is not None:
        homes = rows.drop_duplicates("demand_id").set_index("demand_id")["township_id"]
        for stage in Stage:
            part = plan.access[plan.access["stage"] == stage.value]
            if float(part["pupils"].sum()) > 0:
                at = part["demand_id"].map(homes).fillna("")
                found.append(_shared("seats_per_pupil", stage.value, part["seats_per_pupil"], part["pupils"], at))
    return pd.DataFrame(found, columns=list(EQUITY.names))


def _shared(
    quantity: str, band: str, values: pd.Series, pupils: pd.Series, townships: pd.Series
) -> dict[str, float | str]:
    parts = theil_parts(values, pupils, townships)
    means, weights = parts.groups["mean"], parts.groups["weight"]
    return {
        "quantity": quantity, "band": band, "pupils": float(pupils.sum()),
        "mean": float((values * pupils).sum() / pupils.sum()), "gini": gini(values, pupils), "theil": parts.total,
        "theil_between": parts.between, "theil_within": parts.within,
        "between_share": parts.between / parts.total if parts.total > 0 else np.nan,
        "variation_townships": coefficient_of_variation(means, weights),
    }  # fmt: skip


def lorenz_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Read the Lorenz curve of day pupils' minutes at every tenth of the pupils (table ``lorenz``)."""
    parts = []
    for band, part in _by_band(day_trips(rows)).items():
        curve = lorenz(part["minutes"], part["pupils"])
        if curve.empty:
            continue
        at = np.interp(_TENTHS, curve["pupils_share"], curve["value_share"])
        parts.append(pd.DataFrame({"band": band, "pupils_share": _TENTHS, "minutes_share": at}))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(LORENZ.names))
    table["tenth_share"] = table["minutes_share"].diff().where(table["band"].eq(table["band"].shift()))
    table["tenth_share"] = table["tenth_share"].fillna(table["minutes_share"])
    return table[list(LORENZ.names)]
