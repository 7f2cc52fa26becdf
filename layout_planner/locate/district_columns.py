"""Every connected district that is neither too large nor too small, and the best choice among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from layout_planner.locate.solvers.highs import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

__all__ = ["Chosen", "Column", "choose", "least_deviation", "list_districts"]

_CRUMB = 1e-9


@dataclass(frozen=True, eq=False)
class Column:
    """One possible district: its units, its centre, its cost, and how far it is from the mean in any measure."""

    units: NDArray[np.int64]
    centre: int
    cost: float
    deviation: float


@dataclass(frozen=True, eq=False)
class Chosen:
    """Districts that divide all units; none where there is no such choice. ``complete`` if that is proven."""

    columns: list[Column]
    bound: float
    complete: bool


def list_districts(
    near: list[int],
    cost: NDArray[np.float64],
    sizes: NDArray[np.float64],
    mean: NDArray[np.float64],
    tolerance: NDArray[np.float64],
    most: int,
) -> list[Column] | None:
    """List every connected set of units within the tolerance of the mean, each once.

    Parameters
    ----------
    near : list of int, length n
        Neighbours of every unit as bits.
    cost : ndarray (n, n)
        Weighted cost to each centre.
    sizes : ndarray (n, measures)
    mean, tolerance : ndarray (measures,)
    most : int
        Sets that are looked at, a hundred for each that is kept, before giving up.

    Returns
    -------
    list of Column or None
        ``None`` where there are too many.

    Source: Wernicke (2006), Efficient detection of network motifs, IEEE/ACM TCBB 3(4):347-359 (enumeration of
    connected sets by extension).
    """
    largest, smallest = mean * (1 + tolerance) + _CRUMB, mean * (1 - tolerance) - _CRUMB
    found: list[Column] = []
    looked = 0
    for root in range(len(near)):
        later = -1 << (root + 1)
        if (sizes[root] > largest).any():
            continue
        stack = [(1 << root, near[root] & later, near[root] | (1 << root), sizes[root])]
        while stack:
            members, edge, around, size = stack.pop()
            looked += 1
            if looked > 100 * most or len(found) > most:
                return None
            if (size >= smallest).all():
                found += _column(members, cost, size, mean)
            while edge:
                low = edge & -edge
                edge ^= low
                unit = low.bit_length() - 1
                grown = size + sizes[unit]
                if (grown <= largest).all():
                    fresh = near[unit] & later & ~around
                    stack.append((members | low, edge | fresh, around | near[unit], grown))
    return found


def _column(
    members: int, cost: NDArray[np.float64], size: NDArray[np.float64], mean: NDArray[np.float64]
) -> list[Column]:
    """Make a district of a set of units; none where no unit can be its centre."""
    units = np.array([i for i in range(members.bit_length()) if members >> i & 1], dtype=np.int64)
    sums = cost[np.ix_(units, units)].sum(axis=0)
    best = int(np.argmin(sums))
    if not np.isfinite(sums[best]):
        return []
    apart = np.abs(size / np.where(mean > 0, mean, 1.0) - 1)[mean > 0]
    return [Column(units, int(units[best]), float(sums[best]), float(apart.max(initial=0.0)))]


def choose(columns: list[Column], n: int, k: int, time_limit: float, gap: float, seed: int) -> Chosen:
    """Choose ``k`` of the districts that divide all units at least cost."""
    if not columns:
        return Chosen([], float("inf"), complete=True)
    matrix, rows = _cover(columns, n, k)
    answer = solve(
        np.array([c.cost for c in columns]), matrix, rows, rows, col_upper=np.ones(len(columns)),
        integer=np.ones(len(columns), dtype=bool), time_limit=time_limit, gap=gap, seed=seed,
    )  # fmt: skip
    taken = answer.values
    picked = [] if taken is None else [columns[c] for c in np.flatnonzero(taken > 0.5)]
    return Chosen(picked, answer.bound, complete=answer.complete or answer.infeasible)


def least_deviation(columns: list[Column], n: int, k: int, time_limit: float, seed: int) -> float:
    """Find how alike ``k`` districts that divide all units can be: the least of the largest deviation; inf if none."""
    if not columns:
        return float("inf")
    apart = np.array([c.deviation for c in columns])
    matrix, rows = _cover(columns, n, k)
    found = solve(
        apart, matrix, rows, rows, col_upper=np.ones(len(columns)), integer=np.ones(len(columns), dtype=bool),
        time_limit=time_limit, gap=0.0, seed=seed,
    )  # fmt: skip
    if found.values is None:
        return float("inf")
    worst = float(apart[found.values > 0.5].max())
    steps = np.unique(apart[apart <= worst])
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        some = [c for c in columns if c.deviation <= steps[middle]]
        if choose(some, n, k, time_limit, 1.0, seed).columns:
            high = middle
        else:
            low = middle + 1
    return float(steps[high])


def _cover(columns: list[Column], n: int, k: int) -> tuple[csc_array, NDArray[np.float64]]:
    """Make the rows that put every unit into one district, and make ``k`` districts."""
    unit = np.concatenate([c.units for c in columns])
    column = np.repeat(np.arange(len(columns)), [len(c.units) for c in columns])
    row = np.concatenate([unit, np.full(len(columns), n)])
    every = np.concatenate([column, np.arange(len(columns))])
    matrix = coo_array((np.ones(len(row)), (row, every)), shape=(n + 1, len(columns))).tocsc()
    return matrix, np.concatenate([np.ones(n), [float(k)]])
