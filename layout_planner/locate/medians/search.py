"""The search behind medians: interchange and path relinking from above, Lagrangean bounds from below, HiGHS between.

Plans that the priced problem suggests are improved by interchange and linked with the best ones. What the best bound
proves closed, opened or too dear is left out; the rest is settled by branch and bound, or as a radius model in HiGHS.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.medians.bounds import Dual
from layout_planner.locate.medians.branching import Tree
from layout_planner.locate.medians.local_search import greedy, interchange, relink
from layout_planner.locate.medians.radius import RadiusModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.rows import SortedRows
    from layout_planner.locate.stopping import Watch

__all__ = ["MedianSearch"]

_ROUNDS, _PASSES, _IDLE, _ELITE = 100, 30, 3, 8
_TINY = 1e-9
_SOLVER = 1e-8  # relative tolerance of HiGHS, taken off its bounds
_GREEDY = 2_000_000  # pairs
_LARGE = 400_000  # pairs left: beyond, only plans that beat the best by the gap asked for are looked for, in HiGHS
_WORK, _SLICE = 5e8, 5_000_000  # pairs times nodes of a tree, in all and between two looks at the clock


class MedianSearch:
    """Look for the ``p`` sites of least total cost.

    Parameters
    ----------
    rows : SortedRows
        Costs.
    p : int
        Number of open sites.
    forced, barred : ndarray (m,) of bool
        Sites that must be open, or must not.
    watch : Watch
        Time, cancellation, progress.
    gap : float
        Relative gap at which the search may end.
    seed : int
        Of the first plans, and of HiGHS.

    Attributes
    ----------
    best : ndarray (m,) of bool or None
        The best plan so far, of cost ``value`` (``inf`` without one).
    bound : float
        No plan costs less; ``inf`` if it is proven that there is none.
    log : list of str
        What was done.
    """

    def __init__(
        self, rows: SortedRows, p: int, forced: NDArray[np.bool_], barred: NDArray[np.bool_], *,
        watch: Watch, gap: float, seed: int,
    ) -> None:  # fmt: skip
        self.rows, self.p, self.forced, self.barred = rows, p, forced, barred
        self.watch, self.gap, self.seed = watch, gap, seed
        self.best: NDArray[np.bool_] | None = None
        self.value = float("inf")
        self.log: list[str] = []
        self._whole = bool((rows.cost == np.floor(rows.cost)).all())
        self._elite: list[tuple[float, NDArray[np.bool_]]] = []
        self.bound = self._rounded(float(rows.cost[rows.indptr[:-1]].sum()))

    def run(self) -> None:
        """Search until the gap is proven, the time is up or the search is cancelled."""
        self._first_plan()
        if self._done():
            return
        dual = None
        if self.best is not None:
            dual = Dual.start(self.rows, self.best)
            self._ascend(dual)
        if not self._done():
            self._finish(dual)

    def _done(self) -> bool:
        proven = np.isfinite(self.value) and self.value - self.bound <= self.gap * abs(self.value)
        return bool(proven) or self.watch.stopped()

    def _rounded(self, bound: float) -> float:
        """Lift a bound to the next whole number where all costs are whole."""
        return float(np.ceil(bound - 1e-6)) + 0.0 if self._whole and np.isfinite(bound) else bound

    def _raise(self, bound: float) -> None:
        bound = min(self._rounded(bound), self.value)
        if bound > self.bound:
            self.bound = bound
            self.watch.tell(self.value, self.bound)

    def _offer(self, plan: NDArray[np.bool_]) -> None:
        """Take a plan in if it is the best, and among the elite if it is good and new."""
        value = self.rows.total(plan)
        if not np.isfinite(value):
            return
        if value < self.value:
            self.best, self.value = plan, value
            self.watch.tell(value, self.bound)
        if not any(np.array_equal(plan, other) for _, other in self._elite):
            self._elite = sorted([*self._elite, (value, plan)], key=lambda pair: pair[0])[:_ELITE]

    def _first_plan(self) -> None:
        """Interchange from a greedy plan, or where that would take long from a seeded random one."""
        if len(self.rows.cost) <= _GREEDY:
            plan = greedy(self.rows, self.p, self.forced, self.barred)
        else:
            plan = self.forced.copy()
            free = np.flatnonzero(~self.forced & ~self.barred)
            plan[np.random.default_rng(self.seed).permutation(free)[: self.p - int(self.forced.sum())]] = True
        self._offer(interchange(self.rows, plan, self.forced, self.barred))

    def _ascend(self, dual: Dual) -> None:
        """Raise the bound in passes; after each, improve the plan that the prices suggest and link it with the best."""
        rows, allowed, idle = self.rows, ~self.barred, 0
        seen: set[bytes] = set()
        for count in range(_PASSES):
            before = self.value - dual.bound
            dual.improve(rows, self.p, self.forced, allowed, self.value, _ROUNDS)
            self._raise(min(dual.bound, self._better_than(_TINY)[1]))
            plan = self._suggested(dual)
            if plan.tobytes() not in seen and not self._done():
                seen.add(plan.tobytes())
                self._improve(plan)
            after = self.value - dual.bound
            idle = 0 if after < 0.98 * before else idle + 1
            if self._done() or idle >= _IDLE:
                break
            if count % 4 == 3:
                rows = self._reduced(dual, rows, self._better_than(_TINY)[0])[0]
        self.log.append(f"Lagrangean bound {dual.bound:.9g} after {count + 1} passes, plan {self.value:.9g}")

    def _suggested(self, dual: Dual) -> NDArray[np.bool_]:
        """Open the sites that the priced problem opens most often."""
        often = np.where(self.forced, np.inf, np.where(self.barred, -np.inf, dual.often))
        plan = np.zeros(len(often), dtype=bool)
        plan[np.argsort(-often, kind="stable")[: self.p]] = True
        return plan

    def _improve(self, plan: NDArray[np.bool_]) -> None:
        """Interchange, then walk to the elite plans and interchange again from the best plans on the way."""
        better = interchange(self.rows, plan, self.forced, self.barred)
        others = [other for _, other in self._elite[:2]]
        self._offer(better)
        for other in others:
            if self.watch.stopped() or int((other & ~better).sum()) < 2:
                continue
            self._offer(interchange(self.rows, relink(self.rows, other, better), self.forced, self.barred))

    def _better_than(self, margin: float) -> tuple[float, float]:
        """Tell up to which cost plans are still looked for, and what is proven if there is none."""
        if self._whole:
            return self.value - 1.0 + 1e-6, self.value
        worth = self.value * (1.0 - margin)
        return worth, worth

    def _reduced(
        self, dual: Dual, rows: SortedRows, worth: float
    ) -> tuple[SortedRows, NDArray[np.bool_], NDArray[np.bool_]]:
        """Leave out what no plan of cost ``worth`` or less can use."""
        closed, opened, slack = dual.fixed(rows, self.p, self.forced, ~self.barred, worth)
        limit = dual.price + slack * (1 + 1e-9) + 1e-9 * np.abs(dual.price)
        return rows.reduced(closed, opened, limit), closed, opened

    def _finish(self, dual: Dual | None) -> None:
        """Solve what the bound leaves open as a mixed-integer programme."""
        if dual is None:
            self._solve(self.rows, self.barred, self.forced, float("inf"))
            return
        rows, closed, opened = self._reduced(dual, self.rows, self._better_than(_TINY)[0])
        if len(rows.cost) <= _LARGE:
            self._branch(dual, rows, closed, opened)
            if self._done():
                return
        worth, proven = self._better_than(max(_TINY, self.gap * 0.999))
        rows, closed, opened = self._reduced(dual, self.rows, worth)
        if (rows.lengths == 0).any():
            self._raise(proven)
        else:
            self._solve(rows, closed, opened, proven)

    def _branch(self, dual: Dual, rows: SortedRows, closed: NDArray[np.bool_], opened: NDArray[np.bool_]) -> None:
        """Branch on Lagrangean bounds until nothing is left or the work is no longer small."""
        worth, proven = self._better_than(_TINY)
        tree = Tree(rows, self.p, opened, ~closed, dual.price, worth, whole=self._whole)
        left = bool((rows.lengths > 0).all())
        while left and not self._done() and tree.nodes * len(rows.cost) < _WORK:
            left = tree.grow(max(1, _SLICE // len(rows.cost)))
            if tree.value < self.value:
                self._offer(interchange(self.rows, tree.found, self.forced, self.barred))
            self._raise(min(proven, self.value, tree.bound))
        if not left:
            self._raise(self._better_than(_TINY)[1])
        self.log.append(
            f"branch and bound: {tree.nodes} nodes, {int((~closed).sum())} sites, {'open' if left else 'done'}"
        )

    def _solve(self, rows: SortedRows, closed: NDArray[np.bool_], opened: NDArray[np.bool_], proven: float) -> None:
        """Solve one radius model; without a plan in it, nothing is cheaper than ``proven``."""
        model = RadiusModel.build(rows, opened)
        scale = self.value / max(self.value - model.constant, _TINY * self.value) if np.isfinite(self.value) else 1.0
        gap = max(self.gap, 0.99 / max(self.value, 1.0) if self._whole else 0.0) * 0.9 * scale
        answer = model.solve(
            self.p, opened, ~closed, start=self.best, watch=self.watch, gap=min(gap, 1.0), seed=self.seed
        )
        sites = int((~closed).sum())
        self.log.append(f"{answer.log}; {sites} sites, {len(model.weight)} sets, {model.constant:.9g} to be added")
        if answer.values is not None:
            plan = answer.values[: rows.n_sites] > 0.5
            self._offer(interchange(self.rows, plan, self.forced, self.barred))
        if answer.infeasible:
            self.bound = max(self.bound, proven)
        else:
            self._raise(min(proven, answer.bound * (1.0 - _SOLVER) + model.constant * (1.0 - _TINY)))
