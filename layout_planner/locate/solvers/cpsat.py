"""OR-tools' CP-SAT on one sparse programme in whole numbers: tight knapsacks that branch and bound does not finish.

Costs are rounded down to whole units, so that a bound stays a bound of the true costs whatever the unit is, and a
solution is measured with the true costs. One call with one seed takes the same way on every machine; only a time
limit cuts it.

Source: Perron, Didier & Gay (2023), The CP-SAT-LP solver, CP 2023, LIPIcs 280, 3:1-3:2.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from layout_planner.errors import LayoutError, Text
from layout_planner.locate.solvers.cpsat_service import borrowed
from layout_planner.locate.stopping import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from layout_planner.locate.stopping import Cancel, Progress

__all__ = ["CpAnswer", "solve_whole"]

_ROUND = 1e-6
"""Share of a unit by which a cost may miss a whole number of units and still count as that number."""

_LARGEST = 2.0**53
"""Largest absolute value of a row or of the objective, in units."""

_GRACE = 1.0
"""Seconds beyond its limit after which a search is ended from outside."""


@dataclass(frozen=True, eq=False)
class CpAnswer:
    """What CP-SAT found and proved about a programme in whole numbers.

    ``values`` (n,) is ``None`` without a solution; ``objective`` in true costs, ``inf`` without one. ``bound`` holds
    for every solution, and never exceeds the cost that was asked for. ``complete`` is true only if the search ended
    by proof: then the solution is the best in whole units, so no other is cheaper by more than one unit for each
    column in use. ``infeasible`` is proven, too: no solution costs less. ``effort`` in CP-SAT's deterministic seconds.
    """

    values: NDArray[np.int64] | None
    objective: float
    bound: float
    complete: bool
    infeasible: bool
    runtime: float
    effort: float
    log: str


def solve_whole(
    cost: NDArray[np.float64],
    matrix: csr_array,
    row_lower: NDArray[np.float64],
    row_upper: NDArray[np.float64],
    *,
    unit: float,
    col_upper: NDArray[np.int64] | None = None,
    clauses: csr_array | None = None,
    hint: NDArray[np.float64] | None = None,
    below: float = float("inf"),
    time_limit: float = float("inf"),
    effort: float = float("inf"),
    seed: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    improved: Callable[[NDArray[np.int64]], None] | None = None,
) -> CpAnswer:
    """Minimise ``cost · x`` over whole ``0 <= x <= col_upper`` with ``row_lower <= matrix @ x <= row_upper``.

    Parameters
    ----------
    cost : ndarray (n,)
        Objective.
    matrix : csr_array (m, n)
        Whole coefficients, rows compressed. Rows of ones with 1 as upper bound are passed as choices of one.
    row_lower, row_upper : ndarray (m,)
        Bounds; infinite where free.
    unit : float
        Cost that counts as one: costs are rounded down to a whole number of them.
    col_upper : ndarray (n,) of int, optional
        Largest values; 1 each by default.
    clauses : csr_array (q, n), optional
        One alternative a row, over columns of 0 and 1: at least one column with a positive entry is 1 or one with a
        negative entry is 0.
    hint : ndarray (n,), optional
        Values to try first; columns that are NaN are left open. It need not be a solution.
    below : float
        Only solutions that cost less are looked for.
    time_limit : float
        Seconds.
    effort : float
        Limit in CP-SAT's deterministic seconds, the same on every machine.
    seed : int
        Seed of the search.
    workers : int
        Threads. One alone goes farthest for its time; more take turns by a fixed schedule. Two searches at once use
        two cores better.
    progress : callable, optional
        Told seconds, objective and bound of every better solution and bound.
    cancel : callable, optional
        Asked twenty times a second whether to end the search.
    improved : callable, optional
        Handed the values (n,) of every better solution.

    Raises
    ------
    LayoutError
        If a coefficient is not whole, or costs are too large for their unit.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> rows = csr_array([[1, 1, 0], [2, 3, 4]])
    >>> answer = solve_whole(np.array([3.5, 1, -2]), rows, np.array([1, -np.inf]), np.array([1, 6]), unit=0.5)
    >>> answer.values.tolist(), answer.objective, answer.complete
    ([0, 1, 0], 1.0, True)
    """
    began = time.perf_counter()
    upper = np.ones(len(cost), np.int64) if col_upper is None else col_upper
    slack = _ROUND * float(upper.sum() + 1)
    job = {
        **_objective(cost, upper, unit, below),
        **_rows(matrix, row_lower, row_upper, upper),
        **_clauses(clauses),
        **_hint(hint),
        "col_upper": upper.tolist(),
        "effort": effort if np.isfinite(effort) else None,
        "seed": int(seed),
        "workers": int(workers),
    }
    follow = _Follow(cost, unit, slack, below, Watch(time_limit, progress, cancel), improved)
    end = _run(job, follow)
    runtime = time.perf_counter() - began
    return _answer(end, follow, runtime)


def _objective(cost: NDArray[np.float64], upper: NDArray[np.int64], unit: float, below: float) -> dict[str, Any]:
    """Round costs down to whole units, and ask for fewer of them than ``below``."""
    units = np.floor(cost / unit + _ROUND)
    if not np.abs(units) @ upper < _LARGEST:
        raise LayoutError(Text(f"费用对单位 {unit:g} 过大", f"the costs are too large for units of {unit:g}"))
    used = np.flatnonzero(units)
    whole = units[used].astype(np.int64).tolist()
    ends = []
    if np.isfinite(below):
        ends = [-int(_LARGEST), int(np.clip(np.ceil(below / unit - _ROUND) - 1, -_LARGEST, _LARGEST))]
    return {"priced": used.tolist(), "cost": whole, "objective_range": ends}


def _rows(
    matrix: csr_array, row_lower: NDArray[np.float64], row_upper: NDArray[np.float64], upper: NDArray[np.int64]
) -> dict[str, Any]:
    """List the rows, and which of them choose one column."""
    factors = np.rint(matrix.data)
    if not (matrix.data == factors).all():
        raise LayoutError(Text("约束系数须为整数", "the coefficients of the rows must be whole numbers"))
    low = np.ceil(np.clip(row_lower, -_LARGEST, _LARGEST)).astype(np.int64)
    high = np.floor(np.clip(row_upper, -_LARGEST, _LARGEST)).astype(np.int64)
    plain = (matrix.data == 1) & (upper[matrix.indices] == 1)
    odd = np.bincount(np.repeat(np.arange(len(low)), np.diff(matrix.indptr)), ~plain, len(low))
    choices = (odd == 0) & (np.diff(matrix.indptr) > 0) & (high == 1) & (low <= 1)
    return {
        "starts": matrix.indptr.tolist(),
        "columns": matrix.indices.tolist(),
        "factors": factors.astype(np.int64).tolist(),
        "row_lower": low.tolist(),
        "row_upper": high.tolist(),
        "choices": choices.tolist(),
    }


def _clauses(clauses: csr_array | None) -> dict[str, Any]:
    if clauses is None:
        return {"literals": [], "clause_starts": []}
    literals = np.where(clauses.data > 0, clauses.indices, -1 - clauses.indices)
    return {"literals": literals.tolist(), "clause_starts": clauses.indptr.tolist()}


def _hint(hint: NDArray[np.float64] | None) -> dict[str, Any]:
    if hint is None:
        return {"hinted": [], "hint": []}
    known = np.flatnonzero(np.isfinite(hint))
    return {"hinted": known.tolist(), "hint": np.rint(hint[known]).astype(np.int64).tolist()}


@dataclass(eq=False)
class _Follow:
    """The best solution and bound of a search so far, told on as they come."""

    cost: NDArray[np.float64]
    unit: float
    slack: float
    below: float
    watch: Watch
    improved: Callable[[NDArray[np.int64]], None] | None
    values: NDArray[np.int64] | None = None
    objective: float = float("inf")
    bound: float = float("-inf")

    def take(self, news: dict[str, Any]) -> None:
        """Take a solution or a bound."""
        if news.get("values") is not None:
            values = np.array(news["values"], np.int64)
            objective = float(self.cost @ values)
            if objective < min(self.objective, self.below):
                self.values, self.objective = values, objective
                if self.improved is not None:
                    self.improved(values)
        if news.get("bound") is not None:
            self.bound = max(self.bound, (news["bound"] - self.slack) * self.unit)
        self.watch.tell(self.objective, min(self.bound, self.objective))


def _run(job: dict[str, Any], follow: _Follow) -> dict[str, Any]:
    """Have a job solved and follow it; an empty answer if it was ended from outside."""
    watch = follow.watch
    with borrowed() as service:
        service.send({**job, "time_limit": watch.left if np.isfinite(watch.time_limit) else None})
        while True:
            for news in service.news():
                follow.take(news)
                if "status" in news:
                    return news
            cancelled = watch.cancel is not None and watch.cancel()
            if cancelled or watch.elapsed > watch.time_limit + _GRACE:
                service.end()
                return {}


def _answer(end: dict[str, Any], follow: _Follow, runtime: float) -> CpAnswer:
    status = end.get("status", "ENDED")
    if status == "MODEL_INVALID":
        raise LayoutError(Text("求解器拒绝了模型", "the solver refused the model"))
    infeasible = status == "INFEASIBLE"
    highest = min(follow.objective, follow.below - follow.slack * follow.unit)
    bound = highest if infeasible else min(follow.bound, highest)
    return CpAnswer(
        values=follow.values,
        objective=follow.objective,
        bound=bound,
        complete=status == "OPTIMAL",
        infeasible=infeasible,
        runtime=runtime,
        effort=float(end.get("effort", 0.0)),
        log=f"CP-SAT: {status}, objective {follow.objective:.9g}, bound {bound:.9g}, {runtime:.2f} s",
    )
