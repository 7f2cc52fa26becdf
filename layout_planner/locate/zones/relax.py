"""Bound a zoning from below by its linear relaxation with contiguity cuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.solvers.highs import solve
from layout_planner.locate.zones.programme import ZoneProgramme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.task import ZoneTask

__all__ = ["Relaxed", "relax_zones"]

_ROUNDS = 20
_SAFE = 1e-7
"""Share by which a bound is lowered for rounding."""

_USED = 1e-6


@dataclass(frozen=True, eq=False)
class Relaxed:
    """What the relaxation says.

    Attributes
    ----------
    bound : float
        Lower bound on the cost of any division; ``inf`` if there is none.
    reduced : ndarray (n, m)
        Reduced cost of every pair, ``inf`` where it must not be.
    share : ndarray (n, m)
        Share of every unit at every site.
    cuts : list of (unit, site, bridge)
        The contiguity cuts that were needed.
    """

    bound: float
    reduced: NDArray[np.float64]
    share: NDArray[np.float64]
    cuts: list[tuple[int, int, NDArray[np.int64]]]


def relax_zones(task: ZoneTask, watch: Watch) -> Relaxed:
    """Solve the relaxation, adding the cuts that its solution breaks, until it breaks none or the time is up."""
    programme = ZoneProgramme(task, np.isfinite(task.cost))
    pairs, shape = (programme.unit, programme.site), programme.keep.shape
    reduced, share, bound = np.where(programme.keep, 0.0, np.inf), programme.keep.astype(float), float("-inf")
    for _ in range(_ROUNDS):
        matrix, lower, upper = programme.rows()
        answer = solve(
            programme.price, matrix, lower, upper, col_upper=programme.upper, time_limit=max(0.01, watch.left),
            cancel=watch.cancel,
        )  # fmt: skip
        if answer.infeasible:
            return Relaxed(float("inf"), reduced, share, programme.cuts)
        if answer.values is None or not answer.complete:
            break
        bound = max(bound, answer.bound - _SAFE * abs(answer.bound))
        share, reduced = np.zeros(shape), np.full(shape, np.inf)
        share[pairs] = answer.values[: len(programme.unit)]
        reduced[pairs] = (programme.price - matrix.T @ answer.row_dual)[: len(programme.unit)]
        if not sum(programme.cut_pieces(j, share[:, j] > _USED) for j in range(shape[1])) or watch.stopped():
            break
    return Relaxed(bound, reduced, share, programme.cuts)
