"""Search a layout programme: its relaxation first, then the neighbourhood of that, then the whole.

The relaxation leaves few decisions open, so that the rest is found quickly beside it; what it proves narrows the
whole programme, and the plan found is where the whole search begins. HiGHS does each step.

Source: Danna, Rothberg & Le Pape (2005), Exploring relaxation induced neighborhoods to improve MIP solutions, Math.
Programming 102:71-90; Angelelli, Mansini & Speranza (2010), Kernel search, Computers & OR 37(11):2017-2026; Neumaier &
Shcherbina (2004), Safe bounds in linear and mixed-integer linear programming, Math. Programming 99:283-296.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.result import relative_gap
from layout_planner.locate.solvers.highs import MilpAnswer, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from layout_planner.layout.programme import Programme
    from layout_planner.locate.stopping import Progress, Watch

__all__ = ["Milp", "completed", "safe_bound", "search", "search_part"]

_DECISIONS = ("z", "boards")
_NEAR = (0.2, 1.0, np.inf)
_NEAR_SHARE = 0.4
_NEAR_GAP = 0.6
_FINEST = 0.002
_WHOLE = 1e-6
_ROUNDING = 1e-6
_LEAST_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class Milp:
    """A programme with its costs: minimise ``cost · x`` within rows and bounds, some columns whole."""

    cost: NDArray[np.float64]
    matrix: csc_array
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    integer: NDArray[np.bool_]

    @classmethod
    def of(cls, programme: Programme, cost: NDArray[np.float64]) -> Milp:
        """Take a programme with these costs."""
        row_lower, row_upper = programme.row_bounds
        return cls(cost, programme.matrix(), row_lower, row_upper, *programme.column_bounds)

    def solve(
        self, watch: Watch, *, seconds: float, gap: float, seed: int, relaxed: bool = False,
        start: NDArray[np.float64] | None = None, tell: Progress | None = None,
    ) -> MilpAnswer:  # fmt: skip
        """Hand it to HiGHS."""
        return solve(
            self.cost, self.matrix, self.row_lower, self.row_upper, col_lower=self.lower, col_upper=self.upper,
            integer=None if relaxed else self.integer, start=start, time_limit=seconds, gap=gap, seed=seed,
            progress=tell, cancel=watch.cancel,
        )  # fmt: skip

    def held(self, columns: NDArray[np.bool_], values: NDArray[np.float64]) -> Milp:
        """Hold some columns at values."""
        lower, upper = np.where(columns, values, self.lower), np.where(columns, values, self.upper)
        return replace(self, lower=lower, upper=upper)


@dataclass(eq=False)
class _Run:
    """One search: what it is about, how long it may take, and the best plan and the best bound so far."""

    programme: Programme
    whole: Milp
    watch: Watch
    end: float
    gap: float
    seed: int
    values: NDArray[np.float64] | None = None
    objective: float = float("inf")
    bound: float = float("-inf")
    log: list[str] = field(default_factory=list)

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.end - self.watch.elapsed)

    def within(self, gap: float) -> bool:
        """Tell whether the best plan is proven within a gap."""
        return self.values is not None and relative_gap(self.objective, min(self.bound, self.objective)) <= gap

    def take(self, answer: MilpAnswer, name: str, *, proves: bool = False) -> None:
        """Note an answer; its bound only where it ``proves`` something of the whole."""
        self.log.append(f"{name}: {answer.log}")
        if answer.values is not None and answer.objective < self.objective:
            self.values, self.objective = answer.values, answer.objective
        if proves:
            self.bound = max(self.bound, answer.bound)
        self.watch.tell(self.objective, self.bound)

    def begin(self, start: NDArray[np.float64] | None, name: str) -> None:
        """Fill in a start and take it if it is possible."""
        if start is not None:
            self.take(completed(self.whole, start, self.watch, max(self.left / 4, _LEAST_SECONDS), self.seed), name)

    def relax(self) -> MilpAnswer:
        """Solve the relaxation and take its bound."""
        relaxed = self.whole.solve(self.watch, seconds=self.left, gap=self.gap, seed=self.seed, relaxed=True)
        self.log.append(f"relaxation: {relaxed.log}")
        if relaxed.complete:
            self.bound = max(self.bound, safe_bound(self.whole, relaxed.row_dual))
            self.watch.tell(self.objective, self.bound)
        return relaxed

    def look_near(self, values: NDArray[np.float64], row_dual: NDArray[np.float64]) -> None:
        """Look beside the relaxation: decisions that it leaves whole are held, ways far from it left out.

        Where that is too narrow for any plan, more ways are let in.
        """
        prices = self.whole.cost - self.whole.matrix.T @ row_dual
        decided, ways = self._kinds(values)
        unit = float(self.whole.cost @ values) / max(1, self._units())
        for width in _NEAR:
            narrow = self.whole.held(decided, np.round(values))
            narrow = narrow.held(ways & (prices > width * unit), np.zeros_like(values))
            answer = narrow.solve(
                self.watch, seconds=self.left * _NEAR_SHARE, gap=max(_NEAR_GAP * self.gap, _FINEST), seed=self.seed,
                start=self.values, tell=self._told(proves=False),
            )  # fmt: skip
            self.take(answer, "near")
            if not answer.infeasible or self.watch.stopped():
                return

    def prove(self) -> MilpAnswer:
        """Search the whole, beginning with the best plan."""
        answer = self.whole.solve(
            self.watch, seconds=self.left, gap=self.gap, seed=self.seed, start=self.values,
            tell=self._told(proves=True),
        )  # fmt: skip
        self.take(answer, "whole", proves=not answer.infeasible or self.values is None)
        return answer

    def _kinds(self, values: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Mark the decisions on which relaxation and best plan agree, and the ways that neither takes."""
        columns = self.programme.columns
        decided, ways = np.zeros(len(values), dtype=bool), np.zeros(len(values), dtype=bool)
        for name in _DECISIONS:
            decided[columns[name].all] = True
        ways[columns["x"].all] = True
        decided &= np.abs(values - np.round(values)) <= _WHOLE
        ways &= values <= _WHOLE
        if self.values is not None:
            decided &= np.abs(values - self.values) <= _WHOLE
            ways &= self.values <= _WHOLE
        return decided, ways

    def _units(self) -> int:
        return next(len(rows.subject) for rows in self.programme.rows if rows.rule == "everybody")

    def _told(self, *, proves: bool) -> Progress:
        def tell(_seconds: float, objective: float, bound: float) -> None:
            self.watch.tell(min(objective, self.objective), max(bound, self.bound) if proves else self.bound)

        return tell


def search(
    programme: Programme,
    cost: NDArray[np.float64],
    watch: Watch,
    *,
    seconds: float,
    gap: float,
    seed: int = 0,
    start: NDArray[np.float64] | None = None,
    mend: Callable[[NDArray[np.float64]], NDArray[np.float64] | None] | None = None,
) -> MilpAnswer:
    """Find a good solution of a programme and prove how good.

    Parameters
    ----------
    programme : Programme
        Columns ``z`` and ``boards`` are its decisions; the others follow from them.
    cost : ndarray (n_cols,)
        What is made small.
    watch : Watch
        Told how far the search is, and asked whether it is cancelled.
    seconds : float
        Time that may be used.
    gap : float
        Relative gap at which to stop.
    seed : int
        Seed of HiGHS.
    start : ndarray (n_cols,), optional
        Something to begin with; NaN where open. It need not be possible.
    mend : callable, optional
        Makes a start, or ``None``, out of the solution of the relaxation.

    Returns
    -------
    MilpAnswer
        ``complete`` if proven within the gap, or infeasible.
    """
    began = watch.elapsed
    run = _Run(programme, Milp.of(programme, cost), watch, began + seconds, gap, seed)
    whole = start is not None and bool(np.isfinite(start[programme.columns["x"].all]).all())
    run.begin(start if whole else None, "start")
    relaxed = run.relax()
    if relaxed.infeasible:
        return replace(relaxed, values=None, complete=True, log="\n".join(run.log))
    if relaxed.complete and relaxed.values is not None:
        run.begin(None if mend is None else mend(relaxed.values), "mended")
        run.look_near(relaxed.values, relaxed.row_dual)
        run.whole = _narrowed(run.whole, relaxed.row_dual, run)
    if run.values is None:
        run.begin(start, "start")
    if not run.within(gap) and run.left > 0 and not watch.stopped():
        answer = run.prove()
        if answer.infeasible and run.values is None:
            return replace(answer, log="\n".join(run.log))
    return MilpAnswer(
        values=run.values, objective=run.objective, bound=min(run.bound, run.objective), row_dual=np.zeros(0),
        complete=run.within(gap + _ROUNDING), infeasible=False, runtime=watch.elapsed - began, log="\n".join(run.log),
    )  # fmt: skip


def search_part(
    programme: Programme, cost: NDArray[np.float64], watch: Watch, *, seconds: float, gap: float, seed: int = 0
) -> MilpAnswer:
    """Solve a programme of which most is held, in one step; arguments and answer as for :func:`search`."""
    return Milp.of(programme, cost).solve(watch, seconds=seconds, gap=gap, seed=seed)


def _narrowed(whole: Milp, row_dual: NDArray[np.float64], best: _Run) -> Milp:
    """Draw in the bounds of columns beyond which the relaxation proves no plan to be better than the best."""
    if best.values is None:
        return whole
    prices = whole.cost - whole.matrix.T @ row_dual
    room = max(best.objective - best.bound, 0.0) + _WHOLE * max(1.0, abs(best.objective))
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(prices != 0, room / np.abs(prices), np.inf)
    reach = np.where(whole.integer, np.floor(reach + _WHOLE), reach)
    far = np.where(np.isfinite(reach), reach, 0.0)
    upper = np.where(prices > 0, np.minimum(whole.upper, whole.lower + reach), whole.upper)
    drawn = (prices < 0) & np.isfinite(reach)
    lower = np.where(drawn, np.maximum(whole.lower, whole.upper - far), whole.lower)
    return replace(whole, lower=np.minimum(lower, best.values), upper=np.maximum(upper, best.values))


def completed(whole: Milp, start: NDArray[np.float64], watch: Watch, seconds: float, seed: int) -> MilpAnswer:
    """Fill in what a start leaves open (NaN); no values where that is impossible."""
    known = np.isfinite(start)
    return whole.held(known, np.where(known, start, 0.0)).solve(watch, seconds=seconds, gap=_FINEST, seed=seed)


def safe_bound(whole: Milp, row_dual: NDArray[np.float64]) -> float:
    """Bound the programme from below with any row prices, however rough; −inf where a free column spoils it.

    Parameters
    ----------
    whole : Milp
        The programme.
    row_dual : ndarray (n_rows,)
        Prices of the rows, as HiGHS gives them for the relaxation.
    """
    y = np.where((row_dual > 0) & np.isinf(whole.row_lower), 0.0, row_dual)
    y = np.where((y < 0) & np.isinf(whole.row_upper), 0.0, y)
    prices = whole.cost - whole.matrix.T @ y
    rows = np.where(y > 0, whole.row_lower, np.where(y < 0, whole.row_upper, 0.0))
    columns = np.where(prices > 0, whole.lower, np.where(prices < 0, whole.upper, 0.0))
    return float(y @ rows + prices @ columns)
