"""Capacitated location as one mixed-integer programme, on the sites and pairs that can still be in a better plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from layout_planner.locate.solvers.highs import MilpAnswer, solve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.facilities import Facilities
    from layout_planner.locate.capacity.tree import Node

__all__ = ["Chosen", "choose_within_budget", "surviving", "whole_model"]


@dataclass(frozen=True, eq=False)
class Chosen:
    """What the programme answered: open sites (k,), ``share`` (n, k) of every demand, and the solver's account."""

    sites: NDArray[np.int64]
    share: NDArray[np.float64]
    answer: MilpAnswer


def surviving(facilities: Facilities, root: Node | None, upper: float, *, whole: bool) -> NDArray[np.bool_]:
    """Tell which pairs (n, m) may be in a plan cheaper than ``upper``.

    A whole demand pays at least its reduced cost at the price of room when it must go to a site; a divided one
    may send a crumb there, so that only pairs that cannot be served are left out.
    """
    kept = np.isfinite(facilities.cost) & ~facilities.barred
    if whole:
        kept &= facilities.size[:, None] <= facilities.room * (1 + 1e-12)
    if root is None or not whole or not np.isfinite(upper):
        return kept
    reduced = facilities.cost - root.offer[:, None] + root.price * facilities.size[:, None]
    reduced = np.where(kept, reduced, np.inf)
    # The continuous filling of every site is a bound of its own: what the exact one adds is not counted twice.
    loose = np.maximum(-reduced, 0.0)
    gain = np.where(np.isfinite(loose), loose, 0.0).sum(axis=0) + root.price * facilities.room
    value = facilities.fixed - gain
    need = _cheapest(facilities, value)
    base = float(root.offer.sum()) + need
    return kept & (base + np.maximum(reduced, 0.0) <= upper + 1e-9 * abs(upper))


def _cheapest(facilities: Facilities, value: NDArray[np.float64]) -> float:
    """Bound the total value of the sites from below by their number alone."""
    forced = float(value[facilities.forced].sum())
    rest = np.sort(value[~facilities.forced & ~facilities.barred])
    count = int(facilities.forced.sum())
    low, high = max(0, facilities.fewest - count), min(len(rest), facilities.most - count)
    return forced + float(rest[:low].sum()) + float(np.minimum(rest[low:high], 0.0).sum())


def whole_model(
    facilities: Facilities,
    kept: NDArray[np.bool_],
    *,
    whole: bool,
    start: tuple[NDArray[np.int64], NDArray[np.float64]] | None,
    time_limit: float,
    gap: float,
    seed: int,
) -> Chosen:
    """Solve the problem on the pairs that are kept.

    Parameters
    ----------
    facilities : Facilities
        The problem.
    kept : ndarray (n, m) of bool
        Pairs of the model.
    whole : bool
        Demands go to one site.
    start : tuple, optional
        Open sites (k,) and shares (n, k) of a known plan.
    time_limit, gap, seed
        As for :func:`~layout_planner.locate.solvers.highs.solve`.
    """
    rows, cols = np.nonzero(kept)
    n, m, pairs = len(facilities.size), len(facilities.room), len(rows)
    pair, site = np.arange(pairs), pairs + np.arange(m)
    parts = [
        (rows, pair, np.ones(pairs), np.ones(n), np.ones(n)),
        (pair, pair, np.ones(pairs), np.full(pairs, -np.inf), np.zeros(pairs)),
        (cols, pair, facilities.size[rows], np.full(m, -np.inf), np.zeros(m)),
        (np.zeros(m, np.int64), site, np.ones(m), np.array([facilities.fewest]), np.array([facilities.most])),
        (np.zeros(m, np.int64), site, facilities.room, np.array([facilities.size.sum()]), np.array([np.inf])),
    ]
    extra = {1: (pair, pairs + cols, -np.ones(pairs)), 2: (np.arange(m), site, -facilities.room)}
    if np.isfinite(facilities.budget):
        spent = np.array([facilities.budget])
        parts.append((np.zeros(m, np.int64), site, facilities.fixed, np.array([-np.inf]), spent))
    row, col, data, lower, upper, offset = [], [], [], [], [], 0
    for k, (r, c, v, low, high) in enumerate(parts):
        for block in [(r, c, v)] + ([extra[k]] if k in extra else []):
            row.append(block[0] + offset)
            col.append(block[1])
            data.append(block[2])
        lower.append(low)
        upper.append(high)
        offset += len(low)
    matrix = coo_array((np.concatenate(data), (np.concatenate(row), np.concatenate(col))), shape=(offset, pairs + m))
    answer = solve(
        np.concatenate([facilities.cost[rows, cols], facilities.fixed]),
        matrix.tocsc(),
        np.concatenate(lower).astype(float),
        np.concatenate(upper).astype(float),
        col_lower=np.concatenate([np.zeros(pairs), facilities.forced.astype(float)]),
        col_upper=np.concatenate([np.ones(pairs), (~facilities.barred).astype(float)]),
        integer=np.concatenate([np.full(pairs, whole), np.ones(m, bool)]),
        start=None if start is None else _spread(start, rows, cols, n, m),
        time_limit=time_limit,
        gap=gap,
        seed=seed,
    )
    return _read(answer, rows, cols, (n, m))


def _spread(
    start: tuple[NDArray[np.int64], NDArray[np.float64]],
    rows: NDArray[np.int64],
    cols: NDArray[np.int64],
    n: int,
    m: int,
) -> NDArray[np.float64] | None:
    sites, share = start
    table, opened = np.zeros((n, m)), np.zeros(m)
    table[:, sites], opened[sites] = share, 1.0
    values = table[rows, cols]
    covered = np.isclose(np.bincount(rows, values, n), 1.0, atol=1e-7).all()
    return np.concatenate([values, opened]) if covered else None


def _read(answer: MilpAnswer, rows: NDArray[np.int64], cols: NDArray[np.int64], shape: tuple[int, int]) -> Chosen:
    if answer.values is None:
        return Chosen(np.empty(0, np.int64), np.empty((shape[0], 0)), answer)
    sites = np.flatnonzero(answer.values[len(rows) :] > 0.5)
    table = np.zeros(shape)
    table[rows, cols] = answer.values[: len(rows)]
    return Chosen(sites, table[:, sites], answer)


def choose_within_budget(facilities: Facilities, value: NDArray[np.float64]) -> NDArray[np.int64] | None:
    """Choose sites of least total value that keep count, room and budget; ``None`` if that is impossible."""
    m = len(value)
    table = np.vstack([np.ones(m), facilities.room, facilities.fixed])
    rows, cols = np.nonzero(np.ones_like(table))
    matrix = coo_array((table.ravel(), (rows, cols)), shape=table.shape).tocsc()
    most_money = facilities.budget if np.isfinite(facilities.budget) else np.inf
    answer = solve(
        value,
        matrix,
        np.array([facilities.fewest, facilities.size.sum() * (1 - 1e-12), -np.inf]),
        np.array([facilities.most, np.inf, most_money]),
        col_lower=facilities.forced.astype(float),
        col_upper=(~facilities.barred).astype(float),
        integer=np.ones(m, bool),
        time_limit=10.0,
    )
    return None if answer.values is None else np.flatnonzero(answer.values > 0.5)
