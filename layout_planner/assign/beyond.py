"""Seats that do not suffice: pupils beyond them where they are fewest, or all seats stretched by one factor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.capacitated import Seating, capacitated
from layout_planner.assign.resources import Resources

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options

__all__ = ["Beyond", "fewest_beyond", "stretched"]

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


def stretched(pairs: Options, resources: Resources) -> Beyond:
    """Stretch all seats by the least factor, to a thousandth, with which nobody in reach of a school stays out.

    At most tenfold; who finds no seat (or bed) even then stays without.
    """
    m = len(pairs.school_id)
    beds = np.arange(len(resources.capacity)) >= len(resources.capacity) - m

    def seated(mille: int) -> Seating:
        seats = resources.capacity * mille / _MILLE
        return capacitated(pairs, replace(resources, capacity=np.where(beds, resources.capacity, seats)))

    low, high = _MILLE, _LARGEST * _MILLE
    best, least = seated(low), _left(seated(high))
    if _left(best) <= least + _CRUMB:
        return Beyond(best)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _left(seated(middle)) <= least + _CRUMB else (middle, high)
    best = seated(high)
    return Beyond(best, float(_over(resources, best.flow, beds).sum()), high / _MILLE)


def _left(seating: Seating) -> float:
    return float(seating.unseated.sum())


def _over(resources: Resources, flow: NDArray[np.float64], beds: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(beds, 0.0, np.maximum(0.0, resources.used(flow) - resources.capacity))
