"""Travel times at other speeds, without another search."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from layout_planner.travel.matrix import TravelMatrix

__all__ = ["access_minutes", "rescaled"]

Floats = npt.NDArray[np.float64]

_M_PER_MIN = 1000.0 / 60.0


def access_minutes(matrix: TravelMatrix, access_speed_kmh: float, access_detour: float) -> Floats:
    """Give the minutes beside the roads, at home and at school, of every pair of a matrix, shape (p,)."""
    metres = matrix.origin_access_m[matrix.rows] + matrix.site_access_m[matrix.indices]
    return metres * access_detour / (access_speed_kmh * _M_PER_MIN)


def rescaled(
    matrix: TravelMatrix, factor: float, *, access_speed_kmh: float, access_detour: float, wait_min: float = 0.0
) -> TravelMatrix:
    """Give the matrix as it would be if everybody moved ``factor`` times as fast on the roads.

    The quickest way stays the quickest if all speeds change alike, so minutes on the roads are divided by the factor;
    the way to the road, the way from it and the wait stay as they are. Exact up to the rounding of the matrix, but
    pairs that the search had left out stay out: at a factor above 1 every pair is known only up to
    ``cutoff_min / factor`` minutes.

    Parameters
    ----------
    matrix : TravelMatrix
        Found on roads, with the access speed, detour and wait given here.
    factor : float
        Above 0.
    """
    fixed = access_minutes(matrix, access_speed_kmh, access_detour) + wait_min
    minutes = fixed + np.maximum(matrix.minutes - fixed, 0.0) / factor
    return replace(matrix, minutes=minutes.astype(np.float32)).within(matrix.cutoff_min)
