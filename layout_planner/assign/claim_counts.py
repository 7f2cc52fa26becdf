"""What a county's register says of the claims of resident pupils: shares of every unit's pupils."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options
    from layout_planner.io.county import County

__all__ = ["RESIDENT_CLAIMS", "resident_mix"]

RESIDENT_CLAIMS = ("zoned", "hukou", "house", "sibling", "other")
"""Claims among which resident pupils are shared out, in the order of the columns of :func:`resident_mix`."""


def resident_mix(pairs: Options, county: County) -> NDArray[np.float64] | None:
    """Look up how the resident pupils of every unit's village are shared out among the claims.

    The register's counts give the shares, not the pupils: it knows the children who applied, one year's mostly.

    Returns
    -------
    (u, 5) ndarray or None
        Shares by :data:`RESIDENT_CLAIMS` that sum to one, not-a-number where the village states none; ``None``
        without a register.
    """
    counts, demand = county.claims, county.demand
    if counts is None or demand is None:
        return None
    names = list(RESIDENT_CLAIMS)
    by_place = counts.groupby(["village_id", "stage"])[names].sum()
    village = demand["village_id"].fillna("").astype(str).set_axis(demand["demand_id"].astype(str))
    at = village.loc[pairs.demand_id.astype(str)].to_numpy()
    stage = np.array([band.stage.value for band in GradeBand], dtype=object)[pairs.band]
    own = by_place.reindex(pd.MultiIndex.from_arrays([at, stage])).to_numpy(np.float64)
    both = by_place.reindex(pd.MultiIndex.from_arrays([at, np.full(len(at), "")])).to_numpy(np.float64)
    mix = np.where(np.nan_to_num(own).sum(axis=1, keepdims=True) > 0, own, both)
    whole = mix.sum(axis=1, keepdims=True)
    return np.where(whole > 0, mix / np.where(whole > 0, whole, 1.0), np.nan)
