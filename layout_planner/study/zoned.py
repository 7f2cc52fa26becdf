"""Whether trips of a study stay in the catchment of their home."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.study.reach import BANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.study.attending import Attending
    from layout_planner.study.reach import Reach

__all__ = ["zone_of_trips"]


def zone_of_trips(
    pairs: pd.DataFrame | None, found: Reach, attending: Attending, stages: tuple[frozenset[str], frozenset[str]]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of every trip whether the catchment of its home is known, and whether the school attended is in it.

    Parameters
    ----------
    pairs : DataFrame, optional
        As :func:`layout_planner.assign.zoned.zoned_pairs` gives them.
    stages : tuple of frozenset of str
        Schools that teach primary grades, and those that teach junior ones: whose catchments count for whom.
    """
    n = len(attending.unit)
    if pairs is None or not n:
        return np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    home = pd.Index(found.pairs.demand_id[attending.unit])
    is_junior = found.pairs.band[attending.unit] == len(BANDS) - 1
    primary, junior = (home.isin(pairs.loc[pairs["school_id"].isin(stage), "demand_id"]) for stage in stages)
    trips = pd.MultiIndex.from_arrays([home, attending.school_ids[attending.school]])
    inside = np.asarray(trips.isin(pd.MultiIndex.from_frame(pairs[["demand_id", "school_id"]])), dtype=bool)
    return np.asarray(np.where(is_junior, junior, primary) | inside, dtype=bool), inside
