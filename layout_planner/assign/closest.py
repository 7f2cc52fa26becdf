"""Seats respected, and nobody is sent past a nearer open school that has room (就近且不舍近求远).

Divisible deferred acceptance: every pupil asks the nearest school first; a school keeps the pupils with the
shortest way up to its seats (boarders also up to its beds) and turns the rest away, who then ask the next
school. The outcome is stable: wherever a pupil would rather go, the seats (or beds) are held by pupils with a
shorter way. Ties go to the lower demand id, then to the lower band. A school's beds go to junior pupils first
and what they leave to grades 4 to 6, who mostly attend by day (国办发〔2018〕27号); where every grade has its own
seats, to the higher grade first.

A chain of refusals is followed as a path and, where it comes back to a school that it passed, turned round at
once by as much as it can carry, so that the number of steps does not depend on the amounts.

Source: Baïou & Balinski (2002), The stable allocation problem, Math. Oper. Res. 27(3):485-503; Dean & Munshi
(2010), Faster algorithms for stable allocation problems, Algorithmica 58:59-81.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options
    from layout_planner.assign.resources import Resources

__all__ = ["closest_first"]

_CRUMB = 1e-12


def closest_first(pairs: Options, resources: Resources, lot: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
    """Seat the pupils by stable allocation, nearest first.

    Parameters
    ----------
    pairs : Options
        Units and the schools in their reach, nearest first.
    resources : Resources
        Seats by school and stage (or grade), beds by school.
    lot : ndarray (u,) of int, optional
        Lots drawn for the units: a school keeps the lowest lots, whatever the way, instead of the shortest ways.

    Returns
    -------
    ndarray (number of entries,)
        Pupils on every pair; what a unit lacks to its pupils has no seat.
    """
    reach, kind = np.flatnonzero(np.diff(pairs.indptr)), np.full(len(pairs.pupils), -1)
    kind[reach] = resources.seat[pairs.indptr[reach]] // max(len(pairs.school_id), 1)
    left = resources.capacity.copy()
    flow = np.zeros(len(pairs.school))
    for seats in np.unique(kind[reach])[::-1]:
        units = np.flatnonzero(kind == seats)
        flow += _stage_flow(pairs, resources, left, units, lot)
        boards = resources.bed >= 0
        used = np.bincount(resources.bed[boards], weights=flow[boards], minlength=len(left))
        left = np.maximum(0.0, resources.capacity - used)
    return flow


def _stage_flow(
    pairs: Options,
    resources: Resources,
    capacity: NDArray[np.float64],
    units: NDArray[np.int64],
    lot: NDArray[np.int64] | None,
) -> NDArray[np.float64]:
    rows = pairs.rows
    # Priority of the entries of one seat resource: minutes (or lots), demand id, band; one stable order for all.
    first = pairs.minutes if lot is None else lot[rows]
    ids = np.unique(pairs.demand_id, return_inverse=True)[1]
    order = np.lexsort((pairs.band[rows], ids[rows], first, resources.seat))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    starts = np.zeros(len(capacity) + 1, dtype=np.int64)
    np.cumsum(np.bincount(resources.seat, minlength=len(capacity)), out=starts[1:])
    flow: NDArray[np.float64] = _deferred_acceptance(
        pairs.indptr, resources.seat, resources.bed, pairs.pupils, capacity, units, rows, order, rank, starts
    )
    return flow


@njit(cache=True)
def _worst(top, floor, order, held, bed, boarders_only):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Walk down from rank ``top`` to the last holder of a school; ``floor - 1`` if there is none."""
    while top >= floor:
        e = order[top]
        if held[e] > 0.0 and (not boarders_only or bed[e] >= 0):
            break
        top -= 1
    return top


@njit(cache=True)
def _rival(e, left, seat, bed, order, rank, starts, held, last):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Find who must give way for entry ``e``: −1 nobody, −2 the school refuses, else the entry that is displaced."""
    s, b = seat[e], bed[e]
    last[s] = _worst(last[s], starts[s], order, held, bed, False)
    if b >= 0 and left[b] <= _CRUMB:
        worst = _worst(last[s], starts[s], order, held, bed, True)
    elif left[s] <= _CRUMB:
        worst = last[s]
    else:
        return -1
    if worst < starts[s] or rank[e] >= worst:
        return -2
    return order[worst]


@njit(cache=True)
def _shift(e, out, amount, left, seat, bed, rank, held, last):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Let ``amount`` in by entry ``e`` and out by entry ``out`` (−1: into free room)."""
    s = seat[e]
    held[e] += amount
    last[s] = max(last[s], rank[e])
    if bed[e] >= 0:
        left[bed[e]] -= amount
    if out < 0:
        left[s] -= amount
        return
    held[out] -= amount
    if held[out] <= _CRUMB:
        held[out] = 0.0
    if bed[out] >= 0:
        left[bed[out]] += amount


@njit(cache=True)
def _carries(e, out, left, seat, bed, held):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Tell how much may enter by ``e`` while ``out`` gives way."""
    amount = held[out] if out >= 0 else left[seat[e]]
    if bed[e] >= 0 and (out < 0 or bed[out] < 0):
        amount = min(amount, left[bed[e]])
    return amount


@njit(cache=True)
def _deferred_acceptance(indptr, seat, bed, pupils, capacity, units, rows, order, rank, starts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Place every unit's pupils along chains of displacement; ``ask`` is the entry that a unit asks next."""
    left, held = capacity.copy(), np.zeros(len(seat))
    last = starts[:-1] - 1
    ask = indptr[:-1].copy()
    on_path = np.full(len(pupils), -1, np.int64)
    path = np.empty(len(pupils) + 1, np.int64)
    gives = np.empty(len(pupils) + 1, np.int64)
    for unit in units:
        excess = pupils[unit]
        while excess > _CRUMB:
            # Follow the chain: who asks where, and who has to give way there.
            length, i, amount, loop, out = 0, unit, excess, -1, -2
            while True:
                if on_path[i] >= 0:
                    loop = on_path[i]
                    break
                while ask[i] < indptr[i + 1]:
                    out = _rival(ask[i], left, seat, bed, order, rank, starts, held, last)
                    if out != -2:
                        break
                    ask[i] += 1
                on_path[i] = length
                path[length] = i
                length += 1
                if ask[i] == indptr[i + 1]:
                    gives[length - 1] = -2
                    break
                gives[length - 1] = out
                if out < 0:
                    break
                i = rows[out]
            first = max(loop, 0)
            if loop >= 0:
                amount = np.inf
            for k in range(first, length):
                if gives[k] != -2:
                    amount = min(amount, _carries(ask[path[k]], gives[k], left, seat, bed, held))
            for k in range(first, length):
                if gives[k] != -2:
                    _shift(ask[path[k]], gives[k], amount, left, seat, bed, rank, held, last)
            for k in range(length):
                on_path[path[k]] = -1
            if loop < 0:
                excess -= amount
    return held
