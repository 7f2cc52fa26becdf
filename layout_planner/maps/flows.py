"""Lines from villages to the schools that their pupils go to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from layout_planner.maps.encode import packed

if TYPE_CHECKING:
    from layout_planner.maps.layers import BandLayer

__all__ = ["flow_payload"]

PUPILS_STEP = 0.1


def flow_payload(band: BandLayer, privacy: int) -> dict[str, Any]:
    """Collect who goes from which village to which school, most pupils first; counts under ``privacy`` are left out.

    The lines of the small ones follow in the order of villages, so that their order tells nothing.
    """
    rows = band.rows[(band.rows["village"] >= 0) & (band.rows["to"] >= 0)]
    sums = rows.groupby(["village", "to"], sort=True)["pupils"].sum().reset_index()
    few = sums["pupils"] < privacy
    sums = sums.assign(few=few, shown=sums["pupils"].mask(few))
    sums = sums.sort_values(["few", "shown", "village", "to"], ascending=[True, False, True, True], kind="stable")
    return {
        "village": packed(sums["village"]),
        "school": packed(sums["to"]),
        "pupils": packed(sums["shown"].to_numpy(dtype=np.float64), PUPILS_STEP),
    }
