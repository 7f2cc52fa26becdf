"""Which units send grades 1 to 3 to a teaching point, within the zones of the primary schools."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.zone_layers import POINT, ZoneLayer
from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layout_planner.assign.zone_layers import Ways
    from layout_planner.assign.zone_units import ZoneUnits

__all__ = ["serve_points"]

_YOUNG = tuple(GradeBand).index(GradeBand.G1_3)


def serve_points(
    ways: Ways,
    units: ZoneUnits,
    points: tuple[tuple[tuple[str, ...], ...], NDArray[np.float64], NDArray[np.int64]],
    primaries: Sequence[Sequence[str]],
    seats_of_schools: NDArray[np.float64],
) -> ZoneLayer:
    """Let every teaching point take the units to whose youngest it is nearest, outward from its own unit.

    A point grows over neighbouring units, the least cost a pupil first, while its seats suffice; units that it has no
    room for send their youngest to their primary school as all others do.

    Parameters
    ----------
    points : tuple
        Zones, seats and seat units of the teaching points, as :func:`~layout_planner.assign.zone_layers.zone_groups`
        gives them.
    primaries : sequence of sequences of school ids
        The zones of the full primary schools.
    seats_of_schools : (m,) float64
        Primary seats of every school of ``ways.school_id``.
    """
    zones, seats, seat_unit = points
    n = len(units.frame)
    sends = np.zeros((n, len(GradeBand)), dtype=bool)
    sends[:, _YOUNG] = True
    zone = np.full(n, -1, dtype=np.int64)
    if zones:
        cost = ways.costs(sends, [*zones, *primaries], seats_of_schools)
        nearest = cost.argmin(axis=1)
        pupils = ways.pupils[:, _YOUNG]
        around = _around(units.pairs, n)
        for z in range(len(zones)):
            _grow(zone, z, int(seat_unit[z]), nearest == z, cost[:, z], pupils, float(seats[z]), around)
    sends &= (zone >= 0)[:, None]
    return ZoneLayer(POINT, zones, seats, seat_unit, zone, sends)


def _around(pairs: NDArray[np.int64], n: int) -> list[list[int]]:
    around: list[list[int]] = [[] for _ in range(n)]
    for a, b in pairs.tolist():
        around[a].append(b)
        around[b].append(a)
    return around


def _grow(
    zone: NDArray[np.int64], z: int, seat: int, wanted: NDArray[np.bool_], cost: NDArray[np.float64],
    pupils: NDArray[np.float64], room: float, around: list[list[int]],
) -> None:  # fmt: skip
    """Grow one point's zone from its own unit; nothing where that unit is nearer to another school."""
    queue = [(0.0, seat)] if wanted[seat] else []
    seen = {seat}
    while queue:
        _, u = heapq.heappop(queue)
        if pupils[u] > room:
            continue
        zone[u] = z
        room -= pupils[u]
        for v in around[u]:
            if v not in seen and wanted[v]:
                seen.add(v)
                heapq.heappush(queue, (cost[v] / max(pupils[v], 1.0), v))
