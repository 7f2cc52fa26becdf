"""Decide a school and its neighbours anew while the rest of the county stays: small searches that end in seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from layout_planner.layout.model import Held, LayoutSolution, Limits, Objective
from layout_planner.layout.solver import solve_layout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch

__all__ = ["NEIGHBOURS", "Vicinity", "polish"]

NEIGHBOURS = 8
_NEAREST = 3  # ways of a unit that count when neighbours are sought
_FINE = 5e-5
_USED = 1e-9
_SECONDS = 5.0


class Vicinity:
    """Who is whose neighbour under a plan: schools that the same pupils use, or would if they were open.

    Parameters
    ----------
    plan : LayoutSolution
        With a plan.
    """

    def __init__(self, plan: LayoutSolution) -> None:
        arcs, n, m = plan.model.arcs, len(plan.model.units.pupils), len(plan.model.school_id)
        self.plan = plan
        rank = np.arange(len(arcs.unit)) - np.searchsorted(arcs.unit, arcs.unit)
        self._used = plan.flow > _USED
        near = self._used | (rank < _NEAREST)
        pair = np.unique(arcs.school[near] * n + arcs.unit[near])
        self._reach = csr_array((np.ones(len(pair)), (pair // n, pair % n)), shape=(m, n))

    def around(self, at: Iterable[int], neighbours: int = NEIGHBOURS) -> Held:
        """Free schools and those with which they share the most pupils.

        Parameters
        ----------
        at : iterable of int
            Positions of the schools.
        neighbours : int
            Further schools.
        """
        model = self.plan.model
        middle = np.array(sorted(set(at)), dtype=np.int64)
        units = np.zeros(len(model.units.pupils), dtype=bool)
        units[self._reach[middle].indices] = True
        shared = np.asarray(self._reach @ (units * model.units.pupils), dtype=np.float64)
        shared[middle] = np.inf
        order = np.argsort(-shared, kind="stable")[: len(middle) + neighbours]
        free = np.zeros(len(model.school_id), dtype=bool)
        free[order[shared[order] > 0]] = True
        units[model.arcs.unit[self._used & free[model.arcs.school]]] = True
        return Held(self.plan, free, units)


def polish(
    plan: LayoutSolution,
    objective: Objective,
    extra: Limits,
    watch: Watch,
    *,
    schools: NDArray[np.int64] | None = None,
    decisions: bool = True,
    seed: int = 0,
) -> LayoutSolution:
    """Make a plan better neighbourhood by neighbourhood, until none is left or the time is up.

    Parameters
    ----------
    plan : LayoutSolution
        With a plan that keeps ``extra``.
    objective : Objective
        A weighted sum: its value is compared.
    extra : Limits
        Limits that hold all along.
    watch : Watch
        Ends the work.
    schools : ndarray of int, optional
        Positions of the schools whose neighbourhoods are visited; all otherwise.
    decisions : bool
        Whether choices may change, or only rooms, beds and ways.
    seed : int
        Seed of the solver.

    Returns
    -------
    LayoutSolution
        With the bound of ``plan``.
    """
    visits = range(len(plan.model.school_id)) if schools is None else schools.tolist()
    limits = extra if decisions else replace(extra, fix={**extra.fix, **plan.config})
    best = plan
    for at in visits:
        if watch.stopped():
            break
        held = Vicinity(best).around([at])
        found = solve_layout(
            best.model, objective, extra=replace(limits, held=held), start=best,
            time_limit=min(_SECONDS, watch.left), gap=_FINE, seed=seed, cancel=watch.cancel,
        )  # fmt: skip
        if found.found and found.objective < best.objective:
            best = found
    if best is plan:
        return plan
    bound = min(plan.bound, best.objective)
    return replace(best, bound=bound, status=plan.status, runtime=plan.runtime)
