"""Group units into ``k`` connected districts that are alike in size, their units near a centre (districting).

Small cases are solved by listing every connected district and choosing among them, which proves the answer; larger
ones by annealing from several starts, with the bound of the p-median that asks for neither connection nor balance.

Source: Garfinkel & Nemhauser (1970), Optimal political districting by implicit enumeration techniques, Management
Science 16(8):B495-B508; Mehrotra, Johnson & Nemhauser (1998), An optimization based heuristic for political
districting, Management Science 44(8):1100-1114.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import LayoutError, Text
from layout_planner.locate.district_columns import Column, choose, least_deviation, list_districts
from layout_planner.locate.district_search import annealed
from layout_planner.locate.median import p_median
from layout_planner.locate.result import Status, relative_gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

__all__ = ["DistrictingResult", "districts"]

_NARROWEST, _WIDEST = 0.05, 16.0
_ROUNDS = 8
_MOST_COLUMNS = 150_000
_CRUMB = 1e-9


@dataclass(frozen=True, eq=False)
class DistrictingResult:
    """Division of ``n`` units into ``k`` districts, numbered from 0 by their first unit.

    Attributes
    ----------
    status : Status
        What is proven.
    objective, bound, gap : float
        Σ weight × cost from each unit to the centre of its district, and how little any division could cost.
    assignment : ndarray (n,) of int
        District of every unit; empty without a division.
    centre : ndarray (k,) of int
        Unit from which each district is nearest.
    alone : ndarray (k,) of bool
        Districts of one unit that is too large to be balanced with others.
    size : ndarray (k, measures)
        Size of every district.
    deviation : ndarray (k, measures)
        Size ÷ mean of the districts that are not alone − 1; 0 for those alone.
    least_tolerance : float
        Where no division keeps the tolerance: the least one that can be kept; ``nan`` where it was not found.
    runtime : float
        Seconds.
    """

    status: Status
    objective: float
    bound: float
    gap: float
    assignment: NDArray[np.int64]
    centre: NDArray[np.int64]
    alone: NDArray[np.bool_]
    size: NDArray[np.float64]
    deviation: NDArray[np.float64]
    least_tolerance: float
    runtime: float

    @property
    def found(self) -> bool:
        """Whether there is a division."""
        return len(self.assignment) > 0


@dataclass(frozen=True, eq=False)
class _Task:
    """Units that are balanced among each other, as positions, with what is asked of them."""

    units: NDArray[np.int64]
    cost: NDArray[np.float64]
    sizes: NDArray[np.float64]
    near: list[int]
    k: int
    tolerance: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        return self.sizes.sum(axis=0) / self.k


def districts(
    cost: ArrayLike,
    sizes: ArrayLike,
    adjacency: ArrayLike,
    k: int,
    *,
    tolerance: float | Sequence[float] = 0.2,
    weights: ArrayLike | None = None,
    time_limit: float = 60.0,
    gap: float = 1e-6,
    seed: int = 0,
    max_columns: int = _MOST_COLUMNS,
) -> DistrictingResult:
    """Divide units into connected districts, balanced in every measure, of least weighted cost to their centres.

    A unit that by itself exceeds the largest size allowed in any measure is a district alone; the others are balanced
    among themselves.

    Parameters
    ----------
    cost : array (n, n)
        Cost from each unit to each other as a centre; not finite where it cannot be one.
    sizes : array (n,) or (n, measures)
        What is balanced: pupils, teachers.
    adjacency : array (pairs, 2) of int
        Units next to each other.
    k : int
        Number of districts.
    tolerance : float or sequence (measures,)
        Largest share by which a district may differ from the mean.
    weights : array (n,), optional
        Multiplied into the rows of the costs; the first measure by default.
    time_limit : float
        Seconds for each step; without a proof within it the best division is ``feasible``.
    gap : float
        Relative gap within which a division counts as optimal.
    seed : int
        Of the solver and the annealing.
    max_columns : int
        Districts that are listed at most before the search turns to annealing.

    Returns
    -------
    DistrictingResult
        ``infeasible`` where no division keeps the tolerance, with the least tolerance that can be kept.

    Raises
    ------
    LayoutError
        With arguments that do not fit each other.

    Examples
    --------
    >>> line = np.abs(np.subtract.outer(np.arange(6.0), np.arange(6.0)))
    >>> found = districts(line, np.ones(6), [(i, i + 1) for i in range(5)], 2, tolerance=0.0)
    >>> found.status.value, found.assignment.tolist(), found.centre.tolist(), found.objective
    ('optimal', [0, 0, 0, 1, 1, 1], [1, 4], 4.0)
    """
    began = time.perf_counter()
    table, size = np.asarray(cost, dtype=np.float64), np.asarray(sizes, dtype=np.float64)
    size = size[:, None] if size.ndim == 1 else size
    pairs = np.asarray(adjacency, dtype=np.int64).reshape(-1, 2)
    limit = np.broadcast_to(np.asarray(tolerance, dtype=np.float64), size.shape[1:]).copy()
    weight = size[:, 0] if weights is None else np.asarray(weights, dtype=np.float64)
    _check(table, size, pairs, k, limit, weight)
    weighted = np.where(weight[:, None] > 0, table * np.where(weight > 0, weight, 1.0)[:, None], 0.0)
    weighted = np.where(np.isfinite(table), weighted, np.inf)
    alone, task = _task(weighted, size, pairs, k, limit)
    status, columns, bound = _divide(task, time_limit, gap, seed, max_columns)
    least = float("nan")
    if status is Status.INFEASIBLE:
        least = _least(weighted, size, pairs, k, limit, time_limit=time_limit, seed=seed, max_columns=max_columns)
    rest = task.units
    single = [(np.array([u]), int(u), float(weighted[u, u])) for u in alone]
    whole = [(rest[c.units], int(rest[c.centre]), c.cost) for c in columns]
    return _result(
        status, [*single, *whole], len(alone), bound + sum(c for _, _, c in single), least, size, task, began
    )


def _check(
    cost: NDArray[np.float64], sizes: NDArray[np.float64], pairs: NDArray[np.int64], k: int,
    tolerance: NDArray[np.float64], weight: NDArray[np.float64],
) -> None:  # fmt: skip
    n = len(cost)
    if cost.shape != (n, n) or sizes.shape[0] != n or weight.shape != (n,):
        raise LayoutError(Text("费用矩阵、规模和权重的单元数不一致", "costs, sizes and weights differ in length"))
    if not (np.isfinite(sizes).all() and (sizes >= 0).all() and np.isfinite(weight).all() and (weight >= 0).all()):
        raise LayoutError(Text("规模和权重须为不小于 0 的数", "sizes and weights are finite and not negative"))
    if np.isnan(cost).any() or (cost < 0).any():
        raise LayoutError(Text("费用须不小于 0", "costs are not negative"))
    if len(pairs) and (pairs.min() < 0 or pairs.max() >= n):
        raise LayoutError(Text("邻接关系提到不存在的单元", "the adjacency names a unit that does not exist"))
    if not 1 <= k <= n:
        raise LayoutError(Text(f"区数须在 1 到 {n} 之间，现为 {k}", f"the number of districts is 1 to {n}, not {k}"))
    if not (np.isfinite(tolerance).all() and (tolerance >= 0).all()):
        raise LayoutError(Text("允许偏差须不小于 0", "a tolerance is not negative"))


def _set_apart(
    sizes: NDArray[np.float64], k: int, tolerance: NDArray[np.float64]
) -> tuple[list[int], NDArray[np.int64]]:
    """Tell apart the units that exceed the largest size by themselves, one after another, from the others."""
    alone: list[int] = []
    rest = np.arange(len(sizes))
    while k - len(alone) > 1 and len(rest) > 1:
        most = sizes[rest].sum(axis=0) / (k - len(alone)) * (1 + tolerance)
        beyond = (sizes[rest] / np.where(most > 0, most, np.inf)).max(axis=1)
        worst = int(np.argmax(beyond))
        if beyond[worst] <= 1 + _CRUMB:
            break
        alone.append(int(rest[worst]))
        rest = np.delete(rest, worst)
    return alone, rest.astype(np.int64)


def _task(
    cost: NDArray[np.float64], sizes: NDArray[np.float64], pairs: NDArray[np.int64], k: int,
    tolerance: NDArray[np.float64],
) -> tuple[list[int], _Task]:  # fmt: skip
    alone, rest = _set_apart(sizes, k, tolerance)
    near = _near(rest, pairs, len(cost))
    return alone, _Task(rest, cost[np.ix_(rest, rest)], sizes[rest], near, k - len(alone), tolerance)


def _near(rest: NDArray[np.int64], pairs: NDArray[np.int64], n: int) -> list[int]:
    """Spell each unit's neighbours as the bits of a number."""
    place = np.full(n, -1, dtype=np.int64)
    place[rest] = np.arange(len(rest))
    near = [0] * len(rest)
    for i, j in place[pairs]:
        if i >= 0 and j >= 0 and i != j:
            near[int(i)] |= 1 << int(j)
            near[int(j)] |= 1 << int(i)
    return near


def _divide(
    task: _Task, time_limit: float, gap: float, seed: int, max_columns: int
) -> tuple[Status, list[Column], float]:
    """Divide the units of a task: exactly where its districts can be listed, by annealing otherwise."""
    listed = list_districts(task.near, task.cost, task.sizes, task.mean, task.tolerance, max_columns)
    if listed is not None:
        chosen = choose(listed, len(task.units), task.k, time_limit, gap, seed)
        if not chosen.columns:
            return (Status.INFEASIBLE if chosen.complete else Status.UNKNOWN), [], chosen.bound
        return (Status.OPTIMAL if chosen.complete else Status.FEASIBLE), chosen.columns, chosen.bound
    columns, excess = annealed(task.near, task.cost, task.sizes, task.mean, task.tolerance, task.k, seed, time_limit)
    total = sum(column.cost for column in columns)
    if excess > _CRUMB or not np.isfinite(total):
        return Status.UNKNOWN, [], 0.0
    relaxed = p_median(task.cost, task.k, time_limit=time_limit, seed=seed)
    status = Status.OPTIMAL if relative_gap(total, relaxed.bound) <= gap else Status.FEASIBLE
    return status, columns, min(relaxed.bound, total)


def _least(
    cost: NDArray[np.float64], sizes: NDArray[np.float64], pairs: NDArray[np.int64], k: int,
    tolerance: NDArray[np.float64], *, time_limit: float, seed: int, max_columns: int,
) -> float:  # fmt: skip
    """Find a tolerance, in whole percent and the same for every measure, that a division keeps; the least, or near it.

    With a larger tolerance fewer units are too large to be balanced: the search goes on until both agree.
    """
    trial = float(tolerance.max())
    for _ in range(_ROUNDS):
        _, task = _task(cost, sizes, pairs, k, np.full_like(tolerance, trial))
        wide, least = np.maximum(task.tolerance, _NARROWEST), np.inf
        while not np.isfinite(least) and wide.max() <= _WIDEST:
            wide = wide * 2
            listed = list_districts(task.near, task.cost, task.sizes, task.mean, wide, max_columns)
            if listed is None:
                return float("nan")
            least = least_deviation(listed, len(task.units), task.k, time_limit, seed)
        if not np.isfinite(least):
            return float("nan")
        if least <= trial + _CRUMB:
            return trial
        trial = float(np.ceil(least * 100 - _CRUMB) / 100)
    return float("nan")


def _result(
    status: Status, parts: list[tuple[NDArray[np.int64], int, float]], n_alone: int, bound: float, least: float,
    sizes: NDArray[np.float64], task: _Task, began: float,
) -> DistrictingResult:  # fmt: skip
    k = n_alone + task.k
    if len(parts) < k:
        none = np.zeros(0, dtype=np.int64)
        empty = np.zeros((0, sizes.shape[1]))
        return DistrictingResult(status, float("inf"), bound, float("inf"), none, none, none.astype(bool), empty, empty,
                                 least, time.perf_counter() - began)  # fmt: skip
    order = sorted(range(k), key=lambda d: int(parts[d][0].min()))
    assignment = np.zeros(len(sizes), dtype=np.int64)
    for number, d in enumerate(order):
        assignment[parts[d][0]] = number
    size = np.array([sizes[parts[d][0]].sum(axis=0) for d in order])
    alone = np.array([d < n_alone for d in order])
    mean = np.where(task.mean > 0, task.mean, 1.0)
    deviation = np.where(alone[:, None] | (task.mean == 0), 0.0, size / mean - 1)
    total = float(sum(parts[d][2] for d in order))
    centre = np.array([parts[d][1] for d in order])
    return DistrictingResult(status, total, min(bound, total), relative_gap(total, min(bound, total)), assignment,
                             centre, alone, size, deviation, least, time.perf_counter() - began)  # fmt: skip
