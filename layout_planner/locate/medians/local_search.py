"""Interchange search for medians: which site to open and which to close, until no single swap pays.

Gains, losses and their corrections are kept between swaps, and each swap renews only the demand points that it
touches. The same kernel walks from one good plan to another (path relinking).

Source: Resende & Werneck (2007), A fast swap-based local search procedure for location problems, Annals of
Operations Research 150:205-230; Resende & Werneck (2004), A hybrid heuristic for the p-median problem, Journal of
Heuristics 10:59-88.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN202 - numba infers the types

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.rows import SortedRows

__all__ = ["greedy", "interchange", "relink", "unserved_penalty"]

_kernel: Any = nb.njit(cache=True, nogil=True)


def unserved_penalty(rows: SortedRows) -> float:
    """Price an unserved demand point above any saving that leaving it out could bring."""
    if not len(rows.cost):
        return 1.0
    filled = rows.lengths > 0
    first, last = rows.indptr[:-1][filled], rows.indptr[1:][filled] - 1
    return 1.0 + float(rows.cost.max()) + float((rows.cost[last] - rows.cost[first]).sum())


def greedy(rows: SortedRows, p: int, forced: NDArray[np.bool_], barred: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Open ``p`` sites one by one, each the one that saves most; returns (m,) of bool."""
    return _greedy(*rows.arrays, p, forced, ~barred, unserved_penalty(rows))


def interchange(
    rows: SortedRows, is_open: NDArray[np.bool_], forced: NDArray[np.bool_], barred: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Swap an open site for a closed one while that pays, best swap first.

    Parameters
    ----------
    rows : SortedRows
        Costs.
    is_open : ndarray (m,) of bool
        The plan to begin with; not changed.
    forced, barred : ndarray (m,) of bool
        Sites that may not leave, or not enter.

    Returns
    -------
    ndarray (m,) of bool
        A plan that no single swap improves.
    """
    return _swap(*rows.arrays, is_open.copy(), ~barred, ~forced, unserved_penalty(rows), downhill=True)


def relink(rows: SortedRows, here: NDArray[np.bool_], there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Walk from one plan to another by the best swaps, and return the best plan strictly between them."""
    return _swap(*rows.arrays, here.copy(), there & ~here, here & ~there, unserved_penalty(rows), downhill=False)


@_kernel
def _greedy(indptr, site, cost, p, forced, allowed, penalty):
    n, m = len(indptr) - 1, len(forced)
    is_open, paid, gain = forced.copy(), np.full(n, penalty), np.empty(m)
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            if is_open[site[e]]:
                paid[i] = cost[e]
                break
    for _ in range(p - forced.sum()):
        gain[:] = 0.0
        for i in range(n):
            for e in range(indptr[i], indptr[i + 1]):
                if cost[e] >= paid[i]:
                    break
                gain[site[e]] += paid[i] - cost[e]
        pick = -1
        for j in range(m):
            if allowed[j] and not is_open[j] and (pick < 0 or gain[j] > gain[pick]):
                pick = j
        is_open[pick] = True
        for i in range(n):
            for e in range(indptr[i], indptr[i + 1]):
                if cost[e] >= paid[i]:
                    break
                if site[e] == pick:
                    paid[i] = cost[e]
                    break
    return is_open


@_kernel
def _two_nearest(i, indptr, site, is_open, first, second):
    first[i], second[i] = -1, -1
    for e in range(indptr[i], indptr[i + 1]):
        if is_open[site[e]]:
            if first[i] < 0:
                first[i] = e
            else:
                second[i] = e
                break


@_kernel
def _count_in(i, sign, rows, slot, first, second, penalty, gain, loss, extra):
    """Add (sign 1) or take back (sign −1) what one demand point says about every swap."""
    indptr, site, cost = rows
    a, b = first[i], second[i]
    d1 = cost[a] if a >= 0 else penalty
    d2 = cost[b] if b >= 0 else penalty
    r = slot[site[a]] if a >= 0 else -1
    if r >= 0:
        loss[r] += sign * (d2 - d1)
    for e in range(indptr[i], b if b >= 0 else indptr[i + 1]):
        if e == a:
            continue
        j = site[e]
        if cost[e] < d1:
            gain[j] += sign * (d1 - cost[e])
        if r >= 0:
            extra[j, r] += sign * (d2 - max(d1, cost[e]))


@_kernel
def _count_all(rows, is_open, slot, first, second, penalty, gain, loss, extra):
    gain[:] = 0.0
    loss[:] = 0.0
    extra[:] = 0.0
    total = 0.0
    for i in range(len(rows[0]) - 1):
        _two_nearest(i, rows[0], rows[1], is_open, first, second)
        _count_in(i, 1.0, rows, slot, first, second, penalty, gain, loss, extra)
        total += rows[2][first[i]] if first[i] >= 0 else penalty
    return total


@_kernel
def _best_swap(is_open, opened, may_enter, may_leave, gain, loss, extra):
    """Find the swap that saves most (or costs least); −1 if none is allowed."""
    best, into, out = -np.inf, -1, -1
    for j in range(len(is_open)):
        if is_open[j] or not may_enter[j]:
            continue
        for r in range(len(opened)):
            value = gain[j] - loss[r] + extra[j, r]
            if value > best and may_leave[opened[r]]:
                best, into, out = value, j, r
    return best, into, out


@_kernel
def _exchange(into, r, rows, is_open, opened, slot, first, second, penalty, gain, loss, extra):
    """Carry a swap out and renew the demand points that it touches."""
    indptr, site, _ = rows
    out, touched = opened[r], np.empty(len(first), np.int64)
    count = 0
    for i in range(len(first)):
        a, b = first[i], second[i]
        hit = (a >= 0 and site[a] == out) or (b >= 0 and site[b] == out)
        if not hit:
            for e in range(indptr[i], b if b >= 0 else indptr[i + 1]):
                if site[e] == into:
                    hit = True
                    break
        if hit:
            _count_in(i, -1.0, rows, slot, first, second, penalty, gain, loss, extra)
            touched[count] = i
            count += 1
    is_open[out], slot[out] = False, -1
    is_open[into], slot[into], opened[r] = True, r, into
    gain[into], loss[r] = 0.0, 0.0
    extra[into, :] = 0.0
    extra[:, r] = 0.0
    for k in range(count):
        _two_nearest(touched[k], indptr, site, is_open, first, second)
        _count_in(touched[k], 1.0, rows, slot, first, second, penalty, gain, loss, extra)


@_kernel
def _swap(indptr, site, cost, is_open, may_enter, may_leave, penalty, downhill):
    """Swap while it pays, or along the whole path; sums that were carried along are made anew before the end."""
    rows, m = (indptr, site, cost), len(is_open)
    opened, slot = np.flatnonzero(is_open), np.full(m, -1, np.int64)
    slot[opened] = np.arange(len(opened))
    first, second = np.empty(len(indptr) - 1, np.int64), np.empty(len(indptr) - 1, np.int64)
    gain, loss, extra = np.empty(m), np.empty(len(opened)), np.empty((m, len(opened)))
    total = _count_all(rows, is_open, slot, first, second, penalty, gain, loss, extra)
    best_total, best, fresh = np.inf, is_open.copy(), True
    while True:
        value, into, r = _best_swap(is_open, opened, may_enter, may_leave, gain, loss, extra)
        if into < 0:
            break
        if downhill and value <= 1e-10 * max(1.0, total):
            if fresh:
                break
            total = _count_all(rows, is_open, slot, first, second, penalty, gain, loss, extra)
            fresh = True
            continue
        out = opened[r]
        _exchange(into, r, rows, is_open, opened, slot, first, second, penalty, gain, loss, extra)
        total, fresh = total - value, False
        if not downhill:
            may_enter[into], may_leave[out] = False, False
            if total < best_total and may_enter.any():
                best_total = total
                best[:] = is_open
    return is_open if downhill else best
