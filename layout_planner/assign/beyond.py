"""Seats that do not suffice: pupils beyond them where they are fewest, or all seats stretched by one factor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.capacitated import Seating, capacitated
from layout_planner.assign.resources import Resources

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from layout_planner.assign.options import Options

__all__ = ["Beyond", "fewest_beyond", "least_factor", "place_rest", "stretched"]

_MILLE = 1000
_LARGEST = 10
_CRUMB = 1e-6


@dataclass(frozen=True, eq=False)
class Beyond:
    """An exact assignment where seats may be exceeded.

    ``seating`` holds pupils on every pair of the units; ``pupils`` sit beyond the seats, which no assignment that
    leaves as few without a school makes fewer; ``factor`` is that by which all seats were stretched.
    """

    seating: Seating
    pupils: float = 0.0
    factor: float = 1.0


def fewest_beyond(pairs: Options, resources: Resources) -> Beyond:
    """Seat everybody in reach of a school: fewest pupils beyond the seats, then least total daily-equivalent minutes.

    Every pair is offered twice, within the seats and beyond them, the latter at a price above whatever a chain of
    moves can cost. Beds are not exceeded.
    """
    within = capacitated(pairs, resources)
    if _left(within) <= float(pairs.pupils[np.diff(pairs.indptr) == 0].sum()) + _CRUMB:
        return Beyond(within)
    m, k = len(pairs.school_id), len(pairs.school)
    kinds = len(resources.capacity) // m - 1 if m else 0
    dear = (float(pairs.cost.max(initial=0.0)) + 1.0) * (2 * len(resources.capacity) + 2)
    both, second = np.repeat(np.arange(k), 2), np.tile([False, True], k)
    columns = {n: getattr(pairs, n)[both] for n in ("school", "tier", "mode", "minutes", "metres")}
    offered = replace(pairs, indptr=2 * pairs.indptr, cost=pairs.cost[both] + np.where(second, dear, 0.0), **columns)
    seats, beds = np.split(resources.capacity, [kinds * m])
    bed = resources.bed[both]
    room = Resources(
        np.concatenate([seats, np.full(kinds * m, float(pairs.pupils.sum())), beds]),
        resources.seat[both] + np.where(second, kinds * m, 0),
        np.where(bed >= 0, bed + kinds * m, -1),
    )
    found = capacitated(offered, room)
    more = float(found.flow[second].sum())
    flow = found.flow.reshape(k, 2).sum(axis=1)
    seating = replace(found, flow=flow, objective=found.objective - dear * more, bound=found.bound - dear * more)
    return Beyond(seating, more)


def place_rest(
    pairs: Options, resources: Resources, flow: NDArray[np.float64], pupils: NDArray[np.float64], *, whole: bool
) -> NDArray[np.float64]:
    """Place those whom a rule of admission left without a seat: seats that are free first, then beyond them, near.

    Parameters
    ----------
    pairs : Options
    resources : Resources
        What was left of seats and beds before ``flow``.
    flow : (number of entries,) float64
        Pupils on every pair, placed by the rule.
    pupils : (u,) float64
        Pupils of every unit, of whom those not in ``flow`` wait.
    whole : bool
        Send a unit's waiting pupils to one school, the nearest that they need no bed for or that has beds for all.

    Returns
    -------
    ndarray (number of entries,)
        The waiting pupils on every pair; those who reach no school stay without.
    """
    waiting = pupils - np.bincount(pairs.rows, weights=flow, minlength=len(pupils))
    units, more = waiting > _CRUMB, np.zeros(len(pairs.school))
    entry = np.flatnonzero(units[pairs.rows])
    if not len(entry):
        return more
    left = np.maximum(0.0, resources.capacity - resources.used(flow))
    if not whole:
        room = replace(resources, capacity=left).among(entry)
        more[entry] = fewest_beyond(pairs.among(units, entry, waiting), room).seating.flow
        return more
    for i in np.flatnonzero(units):
        own = np.arange(pairs.indptr[i], pairs.indptr[i + 1])
        bed = resources.bed[own]
        own = own[(bed < 0) | (left[bed] >= waiting[i])]
        if len(own):
            e = own[np.argmin(pairs.cost[own])]
            more[e] = waiting[i]
            left[resources.bed[e]] -= waiting[i] if resources.bed[e] >= 0 else 0.0
    return more


def stretched(pairs: Options, resources: Resources) -> Beyond:
    """Stretch all seats by the least factor, to a thousandth, with which nobody in reach of a school stays out.

    At most tenfold; who finds no seat (or bed) even then stays without.
    """
    factor, room = least_factor(resources, len(pairs.school_id), lambda room: _left(capacitated(pairs, room)))
    best = capacitated(pairs, room)
    return Beyond(best, float(_over(resources, best.flow, _beds(resources, len(pairs.school_id))).sum()), factor)


def least_factor(resources: Resources, schools: int, left: Callable[[Resources], float]) -> tuple[float, Resources]:
    """Find the least factor on all seats, to a thousandth, that leaves as few out as ten times the seats.

    Parameters
    ----------
    resources : Resources
    schools : int
        Number of schools, whose beds are the last of the resources and stay as they are.
    left : callable
        Counts the pupils without a school under some seats.

    Returns
    -------
    factor : float
    resources : Resources
        With the seats stretched.
    """
    beds = _beds(resources, schools)

    def room(mille: int) -> Resources:
        return replace(resources, capacity=np.where(beds, resources.capacity, resources.capacity * mille / _MILLE))

    low, high = _MILLE, _LARGEST * _MILLE
    least = left(room(high)) + _CRUMB
    if left(resources) <= least:
        return 1.0, resources
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if left(room(middle)) <= least else (middle, high)
    return high / _MILLE, room(high)


def _beds(resources: Resources, schools: int) -> NDArray[np.bool_]:
    return np.arange(len(resources.capacity)) >= len(resources.capacity) - schools


def _left(seating: Seating) -> float:
    return float(seating.unseated.sum())


def _over(resources: Resources, flow: NDArray[np.float64], beds: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(beds, 0.0, np.maximum(0.0, resources.used(flow) - resources.capacity))
