"""What the ground does to an edge: heights along it, and how sharply it turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from layout_planner.travel.surface_slope import tobler_factor

__all__ = ["Bends", "Relief", "e_bike_factor", "find_bends"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Factor = Callable[[Floats], Floats]

_BEND_WINDOW_M = 30.0
_STEEP_WINDOW_M = 100.0
_STEEPEST = 1.0
_GRAVITY = 9.81
_KMH = 3.6


@dataclass(frozen=True, eq=False)
class Relief:
    """Heights along m edges, at equal steps from the u end to the v end, both included.

    Attributes
    ----------
    start : (m + 1,) int64
        Offsets into ``height_m``; every edge has at least two heights.
    height_m : (h,) float64
        Metres above whatever zero the elevation model has; nan nowhere (unknown ground is level).
    """

    start: Ints
    height_m: Floats

    def take(self, edges: npt.NDArray[np.integer]) -> Relief:
        """Pick edges by position."""
        count = np.diff(self.start)[edges]
        start = np.concatenate([[0], np.cumsum(count)])
        pick = np.repeat(self.start[:-1][edges] - start[:-1], count) + np.arange(start[-1])
        return Relief(start, self.height_m[pick])

    @cached_property
    def _pieces(self) -> tuple[Floats, Ints, Ints]:
        """Rise of every piece from u to v, first piece of every edge, and number of pieces of every edge."""
        rise = np.diff(self.height_m)
        joint = np.zeros(len(rise), dtype=bool)
        joint[self.start[1:-1] - 1] = True
        first = self.start[:-1] - np.arange(len(self.start) - 1)
        return rise[~joint], first, np.diff(self.start) - 1

    def slopes(self, length_m: Floats) -> Floats:
        """Give the slope (rise over run, u to v) of every piece of every edge, one edge after the other.

        A road drawn over a cliff is not as steep as the cliff: slopes beyond 1 in 1 count as 1 in 1.
        """
        rise, _, count = self._pieces
        run = np.repeat(length_m / count, count)
        return np.clip(np.divide(rise, run, out=np.zeros_like(rise), where=run > 0), -_STEEPEST, _STEEPEST)

    def ascent_m(self) -> tuple[Floats, Floats]:
        """Give the metres climbed on every edge from u to v, and from v to u, shapes (m,)."""
        rise, first, _ = self._pieces
        if not len(rise):
            return np.zeros(0), np.zeros(0)
        up, down = np.maximum(rise, 0.0), np.maximum(-rise, 0.0)
        return np.add.reduceat(up, first), np.add.reduceat(down, first)

    def time_factors(self, length_m: Floats, speed: Factor) -> tuple[Floats, Floats]:
        """Integrate a speed that depends on slope along every edge.

        Parameters
        ----------
        length_m : (m,) float64
            Metres of each edge.
        speed : callable
            Slopes (rise over run, up is positive) to speeds as a share of that on the flat.

        Returns
        -------
        (m,), (m,) float64
            Minutes from u to v, and from v to u, per minute on the flat.
        """
        slope = self.slopes(length_m)
        _, first, count = self._pieces
        if not len(slope):
            return np.ones(0), np.ones(0)
        there, back = (np.add.reduceat(1.0 / speed(s), first) / count for s in (slope, -slope))
        return there, back

    def steep_share(self, length_m: Floats, threshold: float) -> Floats:
        """Give the share of every edge, shape (m,), that climbs or falls more than ``threshold`` for 100 metres.

        A piece counts if the mean slope over the 100 metres around it (the whole edge if shorter) is steeper.
        """
        rise, first, count = self._pieces
        if not len(rise):
            return np.zeros(0)
        climbed = np.concatenate([[0.0], np.cumsum(rise)])
        length = np.repeat(length_m / count, count)
        half = np.maximum(0, np.round((_STEEP_WINDOW_M / np.maximum(length, 1e-9) - 1) / 2)).astype(np.int64)
        at, low = np.arange(len(rise)), np.repeat(first, count)
        high = np.repeat(first + count, count)
        begin, end = np.maximum(at - half, low), np.minimum(at + half + 1, high)
        run = (end - begin) * length
        mean = np.divide(np.abs(climbed[end] - climbed[begin]), run, out=np.zeros_like(run), where=run > 0)
        return np.add.reduceat((mean > threshold).astype(np.float64), first) / count


@dataclass(frozen=True, eq=False)
class Bends:
    """Vertices at which edges turn.

    Attributes
    ----------
    edge : (b,) int64
        Edge of each vertex, ascending.
    at_m : (b,) float64
        Metres from the edge's u end.
    turn : (b,) float64
        Radians by which the edge changes its direction within the 30 metres around; left and right cancel out.
    length_m : (m,) float64
        Metres of each edge on the plane.
    """

    edge: Ints
    at_m: Floats
    turn: Floats
    length_m: Floats

    def sharp_share(self, radius_m: float) -> Floats:
        """Give the share of every edge, shape (m,), that lies within 15 metres of a bend of a lesser radius."""
        sharp = np.abs(self.turn) > _BEND_WINDOW_M / radius_m
        half = _BEND_WINDOW_M / 2
        return _covered_share(self.edge[sharp], self.at_m[sharp] - half, self.at_m[sharp] + half, self.length_m)


def find_bends(start: Ints, x: Floats, y: Floats) -> Bends:
    """Measure how sharply polylines turn at their inner vertices.

    A bend that goes on turning for 30 metres at radius r turns by 30 / r there; one drawn with a single corner turns
    all at once, which comes to the same. Sums of turns over 30 metres do not mistake a jagged line for a bend.
    """
    m = len(start) - 1
    owner = np.repeat(np.arange(m), np.diff(start))
    dx, dy = np.diff(x), np.diff(y)
    same = owner[1:] == owner[:-1]
    step = np.where(same, np.hypot(dx, dy), 0.0)
    along = np.concatenate([[0.0], np.cumsum(step)])
    along -= along[start[:-1]][owner]
    inner = np.flatnonzero(same[1:] & same[:-1]) + 1
    before, after = inner - 1, inner
    turn = np.arctan2(dx[before] * dy[after] - dy[before] * dx[after], dx[before] * dx[after] + dy[before] * dy[after])
    length = along[start[1:] - 1] if m else np.zeros(0)
    edge, at = owner[inner], along[inner]
    total = np.concatenate([[0.0], np.cumsum(turn)])
    base = np.concatenate([[0.0], np.cumsum(length + 2 * _BEND_WINDOW_M)])[:-1] if m else np.zeros(0)
    key = base[edge] + at
    half = _BEND_WINDOW_M / 2
    low, high = np.searchsorted(key, key - half, side="left"), np.searchsorted(key, key + half, side="right")
    return Bends(edge, at, total[high] - total[low], length)


def _covered_share(edge: Ints, begin_m: Floats, end_m: Floats, length_m: Floats) -> Floats:
    """Give the share of every edge that intervals cover; intervals come in the order of edge and of both ends."""
    begin = np.clip(begin_m, 0.0, length_m[edge])
    end = np.clip(end_m, 0.0, length_m[edge])
    if len(edge) > 1:
        follows = edge[1:] == edge[:-1]
        begin[1:] = np.where(follows, np.maximum(begin[1:], end[:-1]), begin[1:])
    covered = np.bincount(edge, weights=np.maximum(end - begin, 0.0), minlength=len(length_m))
    return np.divide(covered, length_m, out=np.zeros(len(length_m)), where=length_m > 0)


def e_bike_factor(
    slope: Floats, *, flat_kmh: float, watts: float, mass_kg: float, rolling: float, push_kmh: float
) -> Floats:
    """Give the speed of an electric bicycle on a slope as a share of ``flat_kmh``, its speed on the flat.

    The motor gives at most ``watts`` at the wheel; whatever is slower than pushing on that slope is pushed. Downhill
    nobody goes faster than on the flat. Air is left out: at 15 km/h it takes a tenth of the power.
    """
    angle = np.arctan(slope)
    force = mass_kg * _GRAVITY * (rolling * np.cos(angle) + np.sin(angle))
    driven = np.full_like(force, flat_kmh)
    np.divide(watts * _KMH, force, out=driven, where=force > 0)
    pushed = min(push_kmh, flat_kmh) * tobler_factor(slope)
    return np.minimum(np.maximum(driven, pushed), flat_kmh) / flat_kmh
