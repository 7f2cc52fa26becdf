"""A linear programme that is solved again and again, each time without some of its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import highspy
import numpy as np

from layout_planner.errors import LayoutError, Text
from layout_planner.locate.solvers.highs import linear_programme

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

__all__ = ["LinearProgramme"]

_SAFETY = 1e-8


class LinearProgramme:
    """Keep a programme in the solver; each new solution begins at the basis of the first.

    Parameters
    ----------
    cost : ndarray (n,)
        Objective, made small.
    matrix : csc_array (m, n)
        Constraints.
    row_lower, row_upper : ndarray (m,)
        Bounds of the rows.
    col_lower, col_upper : ndarray (n,)
        Bounds of the columns.
    seconds : float
        Time limit of each solution.

    Attributes
    ----------
    bound : float
        What the objective cannot be below with all columns; ``inf`` if infeasible, ``-inf`` if nothing was proven.
    values : ndarray (n,)
        The last solution that was found.
    """

    def __init__(
        self,
        cost: NDArray[np.float64],
        matrix: csc_array,
        row_lower: NDArray[np.float64],
        row_upper: NDArray[np.float64],
        col_lower: NDArray[np.float64],
        col_upper: NDArray[np.float64],
        seconds: float = 60.0,
    ) -> None:
        self._lower, self._upper, self._seconds = col_lower, col_upper, seconds
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in {"output_flag": False, "threads": 1}.items():
            self._highs.setOptionValue(name, value)
        programme = linear_programme(cost, matrix, row_lower, row_upper, col_lower, col_upper)
        if self._highs.passModel(programme) == highspy.HighsStatus.kError:
            raise LayoutError(Text("求解器拒绝了模型", "the solver refused the model"))
        self.values = np.zeros(len(cost))
        self.bound = self._solve()
        self._basis = self._highs.getBasis()

    def without(self, columns: NDArray[np.int64]) -> float:
        """Prove how small the objective can be while some columns are 0; ``inf`` where nothing is left.

        Parameters
        ----------
        columns : ndarray of int
            Columns whose bounds allow 0.
        """
        which, zero = columns.astype(np.int32), np.zeros(len(columns))
        if self._basis.valid:
            self._highs.setBasis(self._basis)
        self._highs.changeColsBounds(len(which), which, zero, zero)
        bound = self._solve()
        self._highs.changeColsBounds(len(which), which, self._lower[columns], self._upper[columns])
        return bound

    def _solve(self) -> float:
        self._highs.setOptionValue("time_limit", self._highs.getRunTime() + self._seconds)
        self._highs.run()
        status = self._highs.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return float("inf")
        if status != highspy.HighsModelStatus.kOptimal:
            return float("-inf")
        self.values = np.asarray(self._highs.getSolution().col_value, dtype=np.float64)
        value = float(self._highs.getInfo().objective_function_value)
        return value - _SAFETY * abs(value)
