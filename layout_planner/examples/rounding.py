"""Whole persons out of shares."""

from __future__ import annotations

import numpy as np

from layout_planner.examples.frame import Floats, Ints

__all__ = ["whole"]


def whole(values: Floats, total: int | None = None) -> Ints:
    """Round to whole persons so that the sum is that of ``values`` (or ``total``): largest remainders first."""
    floor = np.floor(values + 1e-9).astype(np.int64)
    missing = int(round(float(values.sum())) if total is None else total) - int(floor.sum())
    order = np.argsort(-(values - floor), kind="stable")
    floor[order[:missing]] += 1
    return floor
