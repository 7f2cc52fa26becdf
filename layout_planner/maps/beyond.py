"""Who lives beyond the limit: minutes over it, and the villages concerned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.config.travel import Travel
    from layout_planner.maps.layers import BandLayer

__all__ = ["minutes_over", "villages_beyond"]

VILLAGES = 30
"""Villages in the list of those beyond the limit."""
LEAST_MIN = 0.1


def minutes_over(rows: pd.DataFrame, band: GradeBand, travel: Travel) -> npt.NDArray[np.float64]:
    """Tell by how many minutes each row is beyond the limit of its way; 0 within it, at least 0.1 beyond.

    A band that does not ride is measured by its limit of walking. Pupils without a school get NaN.

    Parameters
    ----------
    rows : DataFrame
        With ``mode``, ``minutes`` and ``within`` (0 or 1).
    """
    walk = travel.walk_limit_min[band]
    ride = travel.ride_limit_min.get(band) or walk
    minutes = rows["minutes"].to_numpy(dtype=np.float64)
    over = np.maximum(minutes - np.where(rows["mode"] == "ride", ride, walk), LEAST_MIN)
    return np.where(np.isfinite(minutes), np.where(rows["within"] > 0, 0.0, over), np.nan)


def villages_beyond(bands: tuple[BandLayer, ...], privacy: int) -> list[dict[str, Any]]:
    """List the villages whose pupils have no school or go beyond the limit, by band: most pupils first.

    Counts under ``privacy`` are ``None``, and such rows come last, by village, so that their order tells nothing.
    """
    found: list[dict[str, Any]] = []
    for b, band in enumerate(bands):
        rows = band.rows.assign(lost=band.rows["to"] < 0, weighted=band.rows["over"] * band.rows["pupils"])
        rows = rows[(rows["village"] >= 0) & ((rows["over"] > 0) | rows["lost"])]
        main = rows.sort_values(["village", "lost", "pupils", "to"], ascending=[True, True, False, True], kind="stable")
        sums = main.groupby(["village", "lost"], sort=True).agg(
            pupils=("pupils", "sum"), weighted=("weighted", "sum"), to=("to", "first")
        )
        for row in sums.reset_index().to_dict("records"):
            pupils = float(row["pupils"])
            found.append({
                "village": int(row["village"]), "band": b, "pupils": None if pupils < privacy else round(pupils),
                "over": None if row["lost"] else round(float(row["weighted"]) / pupils, 1), "to": int(row["to"]),
            })  # fmt: skip
    found.sort(key=lambda row: (row["pupils"] is None, -(row["pupils"] or 0), row["village"], row["band"]))
    return found[:VILLAGES]
