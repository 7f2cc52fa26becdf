"""The course of a zoning: exact programmes with contiguity cuts, coarse at first, then finer from the best plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.highs import solve
from layout_planner.locate.result import relative_gap
from layout_planner.locate.zone_programme import ZoneProgramme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zone_task import ZoneTask

__all__ = ["divide"]

_GAPS = (0.02, 0.002, 0.0)
"""Gaps at which a programme may stop, in turn."""

_SAFE = 1e-7
"""Share by which a bound is lowered for rounding."""


def divide(task: ZoneTask, watch: Watch, gap: float, seed: int) -> tuple[NDArray[np.int64] | None, float, str]:
    """Divide the units among the sites.

    Returns
    -------
    label : ndarray (n,) or None
        Site position of every unit.
    bound : float
        Proven lower bound; ``inf`` if there is no plan.
    log : str
        What was done.
    """
    programme = ZoneProgramme(task, np.isfinite(task.cost))
    best, bound, log = None, float("-inf"), "no time"
    for coarse in _GAPS:
        while not watch.stopped():
            matrix, lower, upper = programme.rows()
            answer = solve(
                programme.price, matrix, lower, upper, col_upper=programme.upper,
                integer=np.arange(programme.size) < len(programme.unit),
                start=None if best is None else programme.start(best),
                time_limit=watch.left, gap=max(coarse, min(gap, 1e-6)), seed=seed, cancel=watch.cancel,
            )  # fmt: skip
            log = answer.log
            bound = max(bound, answer.bound - _SAFE * abs(answer.bound) if np.isfinite(answer.bound) else answer.bound)
            if answer.values is None:
                return best, bound if best is None else min(bound, task.value(best)), log
            label = programme.label(answer.values)
            if not programme.separate(label):
                if task.fits(label) and (best is None or task.value(label) < task.value(best)):
                    best = label
                    watch.tell(task.value(best), bound)
                break
        if best is not None and relative_gap(task.value(best), bound) <= gap:
            break
    return best, bound, log
