"""HiGHS on one sparse matrix, passed whole, with an honest account of what it proved."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import highspy
import numpy as np

from layout_planner.errors import LayoutError, Text
from layout_planner.locate.stopping import Cancel, Progress, Watch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

__all__ = ["MilpAnswer", "linear_programme", "solve"]


@dataclass(frozen=True, eq=False)
class MilpAnswer:
    """What HiGHS proved about a linear or mixed-integer programme.

    ``values`` (n,) is ``None`` without a solution. ``row_dual`` (m,) is filled for linear programmes only, in the
    convention that raising a row's right side by one raises the objective by the dual. ``complete`` is true only
    if the search ended by proof, not at a limit.
    """

    values: NDArray[np.float64] | None
    objective: float
    bound: float
    row_dual: NDArray[np.float64]
    complete: bool
    infeasible: bool
    runtime: float
    log: str


def solve(
    cost: NDArray[np.float64],
    matrix: csc_array,
    row_lower: NDArray[np.float64],
    row_upper: NDArray[np.float64],
    *,
    col_lower: NDArray[np.float64] | None = None,
    col_upper: NDArray[np.float64] | None = None,
    integer: NDArray[np.bool_] | None = None,
    start: NDArray[np.float64] | None = None,
    time_limit: float = float("inf"),
    gap: float = 1e-4,
    seed: int = 0,
    restart: bool = True,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> MilpAnswer:
    """Minimise ``cost · x`` subject to ``row_lower <= matrix @ x <= row_upper`` and bounds (default ``x >= 0``).

    Parameters
    ----------
    cost : ndarray (n,)
        Objective.
    matrix : csc_array (m, n)
        Constraints, columns compressed.
    row_lower, row_upper, col_lower, col_upper : ndarray
        Bounds; infinite where free.
    integer : ndarray (n,) of bool, optional
        Columns that must be whole.
    start : ndarray (n,), optional
        A known solution to begin with; columns that are NaN are left to the solver.
    time_limit : float
        Seconds.
    gap : float
        Relative gap at which a mixed-integer search may stop.
    seed : int
        Seed of the solver.
    restart : bool
        Whether the solver may presolve anew once it has fixed columns at the root.
    progress, cancel : callable, optional
        Told the seconds, objective and bound of a mixed-integer search; asked whether to end it.
    """
    began = time.perf_counter()
    lp = linear_programme(cost, matrix, row_lower, row_upper, col_lower, col_upper)
    mixed = integer is not None and bool(integer.any())
    if integer is not None and mixed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(flag)] for flag in integer]
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    # HiGHS reports progress only where it could print, so it may, but to nowhere.
    options = {
        "output_flag": True,
        "log_to_console": False,
        "threads": 1,
        "random_seed": seed,
        "mip_rel_gap": gap,
        "mip_allow_restart": restart,
        "time_limit": time_limit,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    if highs.passModel(lp) == highspy.HighsStatus.kError:
        raise LayoutError(Text("求解器拒绝了模型", "the solver refused the model"))
    if start is not None:
        known = np.flatnonzero(np.isfinite(start)).astype(np.int32)
        highs.setSolution(len(known), known, start[known])
    if progress is not None or cancel is not None:
        _listen(highs, Watch(time_limit, progress, cancel, began))
    highs.run()
    return _read(highs, mixed=mixed, runtime=time.perf_counter() - began)


def linear_programme(
    cost: NDArray[np.float64],
    matrix: csc_array,
    row_lower: NDArray[np.float64],
    row_upper: NDArray[np.float64],
    col_lower: NDArray[np.float64] | None = None,
    col_upper: NDArray[np.float64] | None = None,
) -> highspy.HighsLp:
    """Hand a programme to HiGHS in one piece; arguments as for :func:`solve`."""
    n = len(cost)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = n, len(row_lower)
    lp.col_cost_ = cost
    lp.col_lower_ = np.zeros(n) if col_lower is None else col_lower
    lp.col_upper_ = np.full(n, highspy.kHighsInf) if col_upper is None else col_upper
    lp.row_lower_, lp.row_upper_ = row_lower, row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.data.astype(np.float64)
    return lp


def _listen(highs: highspy.Highs, watch: Watch) -> None:
    """Let the caller follow the search and end it."""

    def improved(event: highspy.highs.HighsCallbackEvent) -> None:
        watch.tell(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    def asked(event: highspy.highs.HighsCallbackEvent) -> None:
        if watch.cancel is not None and watch.cancel():
            event.interrupt()

    highs.cbMipLogging.subscribe(improved)
    highs.cbMipInterrupt.subscribe(asked)
    highs.cbSimplexInterrupt.subscribe(asked)


def _read(highs: highspy.Highs, *, mixed: bool, runtime: float) -> MilpAnswer:
    status, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
    optimal = status == highspy.HighsModelStatus.kOptimal
    infeasible = status == highspy.HighsModelStatus.kInfeasible
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.asarray(solution.col_value, dtype=np.float64) if found else None
    objective = float(info.objective_function_value) if found else float("inf")
    if infeasible:
        bound = float("inf")
    elif mixed:
        bound = float(info.mip_dual_bound)
    else:
        bound = objective if optimal else float("-inf")
    return MilpAnswer(
        values=values,
        objective=objective,
        bound=bound,
        row_dual=np.asarray(solution.row_dual, dtype=np.float64),
        complete=optimal,
        infeasible=infeasible,
        runtime=runtime,
        log=f"HiGHS {highs.version()}: {highs.modelStatusToString(status)}, objective {objective:.9g}, "
        f"bound {bound:.9g}, {runtime:.2f} s",
    )
