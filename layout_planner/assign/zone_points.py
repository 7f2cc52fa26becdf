"""Which units send grades 1 to 3 to a teaching point, within the zones of the primary schools."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.zone_layers import POINT, ZoneLayer
from layout_planner.grades import GradeBand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zone_layers import Groups, Ways
    from layout_planner.assign.zone_units import ZoneUnits

__all__ = ["serve_points"]

_YOUNG = tuple(GradeBand).index(GradeBand.G1_3)


def serve_points(
    ways: Ways, units: ZoneUnits, points: Groups, primaries: Groups, seats: NDArray[np.float64]
) -> ZoneLayer:
    """Let every teaching point take its own unit, and the units around it to whose youngest it is nearest.

    A point takes its own unit unless a full primary school lies there, too; then it grows over neighbouring units, the
    least cost a pupil first, while its seats suffice. Units that it has no room for send their youngest to their
    primary school as all others do.

    Parameters
    ----------
    points, primaries : tuple
        Zones, seats and seat units of the teaching points and of the full primary schools, as
        :func:`~layout_planner.assign.zone_layers.zone_groups` gives them.
    seats : (m,) float64
        Primary seats of every school of ``ways.school_id``.
    """
    zones, room, seat_unit = points
    n = len(units.frame)
    sends = np.zeros((n, len(GradeBand)), dtype=bool)
    sends[:, _YOUNG] = True
    zone = np.full(n, -1, dtype=np.int64)
    if zones:
        cost = ways.costs(sends, [*zones, *primaries[0]], seats)
        nearest = cost.argmin(axis=1)
        pupils = ways.pupils[:, _YOUNG]
        own = (pupils[seat_unit] <= room) & (
            ~np.isin(seat_unit, primaries[2]) | (nearest[seat_unit] == np.arange(len(zones)))
        )
        zone[seat_unit[own]] = np.flatnonzero(own)
        around = _around(units.pairs, n)
        for z in np.flatnonzero(own):
            left = float(room[z] - pupils[seat_unit[z]])
            _grow(zone, int(z), int(seat_unit[z]), nearest == z, cost[:, z], pupils, left, around)
    sends &= (zone >= 0)[:, None]
    return ZoneLayer(POINT, zones, room, seat_unit, zone, sends)


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
    """Grow one point's zone from its own unit over units that want it and belong to no point yet."""
    queue: list[tuple[float, int]] = []
    seen = {seat}

    def look_from(u: int) -> None:
        for v in around[u]:
            if v not in seen and wanted[v] and zone[v] < 0:
                seen.add(v)
                heapq.heappush(queue, (float(cost[v]) / max(float(pupils[v]), 1.0), v))

    look_from(seat)
    while queue:
        _, u = heapq.heappop(queue)
        if pupils[u] > room:
            continue
        zone[u] = z
        room -= float(pupils[u])
        look_from(u)
