"""To school and home again: two matrices made one, of the longer way."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from layout_planner.travel.matrix import TravelMatrix
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.speeds import Profile

__all__ = ["is_symmetric", "worse_of", "worse_way"]


def is_symmetric(network: RoadNetwork, profile: Profile) -> bool:
    """Tell whether every way takes as long in both directions."""
    return bool(np.array_equal(*profile.edge_minutes(network)))


def worse_of(one: TravelMatrix, other: TravelMatrix) -> TravelMatrix:
    """Take of every pair the longer minutes of two matrices, and the metres that belong to them.

    Both have the same origins and sites. A pair beyond the cut-off of one of them is beyond that of the result; where
    both take as long, the first one's metres count.
    """
    m = max(len(one.site_id), 1)
    first, second = (x.rows * m + x.indices for x in (one, other))
    _, at, to = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    longer = other.minutes[to] > one.minutes[at]
    indptr = np.zeros(len(one.origin_id) + 1, dtype=np.int64)
    np.cumsum(np.bincount(one.rows[at], minlength=len(one.origin_id)), out=indptr[1:])
    return TravelMatrix(
        one.origin_id, one.site_id, indptr, one.indices[at], np.where(longer, other.minutes[to], one.minutes[at]),
        np.where(longer, other.metres[to], one.metres[at]), one.mode, min(one.cutoff_min, other.cutoff_min),
        one.origin_access_m, one.site_access_m, tuple(dict.fromkeys((*one.checks, *other.checks))),
    )  # fmt: skip


def worse_way(found: Mapping[str, TravelMatrix], key: str, home: str) -> TravelMatrix:
    """Take the longer way of ``found[key]`` and ``found[home]``; the first alone where there is no other."""
    return worse_of(found[key], found[home]) if home in found else found[key]
