"""Assign every demand whole to one of the open sites (generalised assignment), exactly or with a bound.

Prices of room turn costs into reduced costs. With a known plan of cost U and a set that costs V when demand may be
split, no pair with a reduced cost above U − V is in a better plan: the few that remain go to CP-SAT, whose knapsacks
are whole numbers, or to HiGHS where amounts are fractions.

Source: Martello & Toth (1990), Knapsack Problems, chapter 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.sparse import coo_array

from layout_planner.locate.solvers.cpsat import solve_whole
from layout_planner.locate.solvers.highs import solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.facilities import Division, Facilities
    from layout_planner.locate.stopping import Watch

__all__ = ["Whole", "crowded", "settle_set"]

_CROWDED = 40
"""Demands a site from which HiGHS goes farther than CP-SAT."""

_PACE = 4.0
"""Seconds that HiGHS gets for one of CP-SAT's deterministic ones."""

Solved: TypeAlias = "tuple[NDArray[np.bool_] | None, float]"


@dataclass(frozen=True, eq=False)
class Whole:
    """An assignment of whole demands: ``sites`` (k,), ``member`` (n,) position among them, ``value`` with fixed costs.

    Without an assignment ``member`` is empty and ``value`` infinite.
    """

    sites: NDArray[np.int64]
    member: NDArray[np.int64]
    value: float


@dataclass(frozen=True, eq=False)
class _Programme:
    """Some pairs (q,) of demands and sites: every demand once, every site within its room, cheaper than ``below``."""

    cost: NDArray[np.float64]
    matrix: coo_array
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    start: NDArray[np.float64] | None
    below: float


def settle_set(
    facilities: Facilities,
    sites: NDArray[np.int64],
    division: Division,
    upper: float,
    *,
    start: Whole | None,
    watch: Watch,
    effort: float,
    rounding: float,
    seed: int,
    kept: NDArray[np.bool_] | None = None,
    by_highs: bool | None = None,
) -> tuple[Whole | None, float]:
    """Look for the best assignment to a set that is cheaper than ``upper``.

    Parameters
    ----------
    facilities : Facilities
        The problem.
    sites : ndarray (k,)
        Open sites.
    division : Division
        A bound with divided demand and its prices of room.
    upper : float
        Cost to beat.
    start : Whole, optional
        A plan to begin with.
    watch : Watch
        Time limit, cancellation.
    effort : float
        Limit in CP-SAT's deterministic seconds.
    rounding : float
        Share of the set's cost that the bound may lose to whole units of cost.
    seed : int
        Seed of the search.
    kept : ndarray (n, k) of bool, optional
        Pairs that may be used; all by default.
    by_highs : bool, optional
        Whether HiGHS is to try it rather than CP-SAT; by default whichever suits the number of demands a site.

    Returns
    -------
    plan : Whole or None
        The best assignment found that is cheaper.
    bound : float
        Lower bound of all assignments of these pairs, at most ``upper``.
    """
    cost, size, room = facilities.cost[:, sites], facilities.size, facilities.room[sites]
    reduced = cost + division.price[sites] * size[:, None]
    reduced = reduced - reduced.min(axis=1, keepdims=True)
    good = np.isfinite(cost) & (reduced <= upper - division.value + 1e-9 * abs(upper)) & (size[:, None] <= room)
    if kept is not None:
        good &= kept
    if not good.any(axis=1).all():
        return None, upper
    rows, cols = np.nonzero(good)
    n, fixed = len(size), float(facilities.fixed[sites].sum())
    programme = _programme(cost[rows, cols], rows, cols, size, room, start, upper - fixed)
    if by_highs is None:
        by_highs = crowded(n, len(sites))
    if not by_highs and np.all(size == np.rint(size)):
        unit = max(rounding * abs(division.value) / n, float(np.abs(programme.cost).sum()) * 2.0**-50, 1e-300)
        chosen, bound = _by_cpsat(programme, unit, watch, effort, seed)
    else:
        chosen, bound = _by_highs(programme, watch, effort, seed)
    bound = min(max(bound + fixed, division.value), upper)
    if chosen is None:
        return None, bound
    member = np.zeros(n, np.int64)
    member[rows[chosen]] = cols[chosen]
    if (np.bincount(member, size, len(sites)) > room + 1e-7 * max(1.0, size.sum())).any():
        return None, bound
    value = float(cost[np.arange(n), member].sum()) + fixed
    return (Whole(sites, member, value) if value < upper else None), bound


def crowded(demands: int, sites: int) -> bool:
    """Tell whether sites take many demands each: their knapsacks are filled easily, and HiGHS is the quicker solver."""
    return demands >= _CROWDED * max(1, sites)


def _programme(
    cost: NDArray[np.float64],
    rows: NDArray[np.int64],
    cols: NDArray[np.int64],
    size: NDArray[np.float64],
    room: NDArray[np.float64],
    start: Whole | None,
    below: float,
) -> _Programme:
    n, k, pairs = len(size), len(room), len(rows)
    place = (np.concatenate([rows, n + cols]), np.tile(np.arange(pairs), 2))
    known = start is not None and len(start.member) == n
    return _Programme(
        cost=cost,
        matrix=coo_array((np.concatenate([np.ones(pairs), size[rows]]), place), shape=(n + k, pairs)),
        low=np.concatenate([np.ones(n), np.full(k, -np.inf)]),
        high=np.concatenate([np.ones(n), room]),
        start=(cols == start.member[rows]).astype(float) if start is not None and known else None,
        below=below,
    )


def _by_cpsat(programme: _Programme, unit: float, watch: Watch, effort: float, seed: int) -> Solved:
    answer = solve_whole(
        programme.cost, programme.matrix.tocsr(), programme.low, programme.high, unit=unit, hint=programme.start,
        below=programme.below, time_limit=watch.left, effort=effort, seed=seed, cancel=watch.cancel,
    )  # fmt: skip
    return None if answer.values is None else answer.values > 0, answer.bound


def _by_highs(programme: _Programme, watch: Watch, effort: float, seed: int) -> Solved:
    pairs, n = len(programme.cost), int((programme.low == 1).sum())
    start = programme.start if programme.start is not None and programme.start.sum() == n else None
    answer = solve(
        programme.cost, programme.matrix.tocsc(), programme.low, programme.high, col_upper=np.ones(pairs),
        integer=np.ones(pairs, bool), start=start, time_limit=min(watch.left, _PACE * effort), gap=1e-7, seed=seed,
        cancel=watch.cancel,
    )  # fmt: skip
    bound = answer.bound - 1e-9 * abs(answer.bound) if np.isfinite(answer.bound) else answer.bound
    return None if answer.values is None else answer.values > 0.5, min(bound, programme.below)
