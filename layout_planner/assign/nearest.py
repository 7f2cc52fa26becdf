"""Everybody to the nearest open school that teaches the grade, seats not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options

__all__ = ["nearest"]


def nearest(pairs: Options) -> NDArray[np.float64]:
    """Send every unit to its first entry: least (tier, minutes, school id).

    Returns
    -------
    ndarray (number of entries,)
        Pupils on every pair of ``pairs``.
    """
    flow = np.zeros(len(pairs.school))
    first = pairs.nearest
    reach = first >= 0
    flow[first[reach]] = pairs.pupils[reach]
    return flow
