"""The search over a friction surface: every cell is a node, its 8 or 16 neighbours are its arcs.

The time of every move is worked out once, slope and direction included; a search then only adds up. The queue is
a wheel of buckets as on the roads, and a search leaves no trace behind but in the cells that it touched. Nodes beyond
the cells, with arcs of their own, may be joined to them: that is how roads are added.

Source: C. Nielsen et al., GRASS GIS r.walk (moves and the averaging of cells); E. Dijkstra 1959; R. Dial 1969.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from layout_planner.errors import NetworkError, Text
from layout_planner.travel.surface import CellMode, Surface
from layout_planner.travel.surface_kernels import CURVE_STEPS, STEEPEST, fill_moves, longest_move, spread
from layout_planner.travel.threads import in_blocks

__all__ = ["Averaging", "Direction", "ExtraArcs", "SurfaceGraph", "travel_time"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

Direction = Literal["to", "from"]
Averaging = Literal["time", "speed"]

# Rows and columns of the moves, r.walk's order: four sides, four corners, eight knight's moves.
_ROWS = np.array([0, 0, -1, 1, -1, -1, 1, 1, -2, -2, 2, 2, -1, -1, 1, 1], dtype=np.int64)
_COLUMNS = np.array([-1, 1, 0, 0, -1, 1, 1, -1, -1, 1, 1, -1, -2, 2, 2, -2], dtype=np.int64)
_ROWS_A_BLOCK = 64
_MAX_BUCKETS = 1 << 16
_BUCKET_SPAN = 0.35  # of the middle arc; measured best between 0.1 and 1.4, where it costs up to 1.5 times as much
_SAMPLE = 200_000


@dataclass(frozen=True, eq=False)
class ExtraArcs:
    """Arcs besides the moves between cells, reversed: for node v, where one can come from.

    Attributes
    ----------
    start : (n + 1,) int64
        Offsets by node; cells come first, then further nodes. Empty means that there are only cells.
    tail : (a,) int32
        Node where the arc departs.
    minutes, metres : (a,) float64
        Cost of the arc.
    """

    start: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tail: npt.NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    minutes: Floats = field(default_factory=lambda: np.zeros(0))
    metres: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True, eq=False)
class SurfaceGraph:
    """The moves of a surface, ready to be searched from targets ("to") or from sources ("from").

    Attributes
    ----------
    shape : (int, int)
        Rows and columns.
    minutes : (cells, 8 or 16) float32
        Time between a cell and each neighbour in the direction of travel; inf where closed. Rounding costs less
        than 0.01 second in two hours.
    step : (moves,) int64
        Neighbour's position less the cell's.
    metres : (moves,) float64
        Plane metres of each move.
    width, n_buckets : float, int
        Minutes that a bucket of the wheel spans, and how many there are: together more than the longest arc.
    extra : ExtraArcs
        Further nodes and arcs.
    """

    shape: tuple[int, int]
    minutes: npt.NDArray[np.float32]
    step: Ints
    metres: Floats
    width: float
    n_buckets: int
    extra: ExtraArcs = field(default_factory=ExtraArcs)

    @property
    def n_nodes(self) -> int:
        """Number of cells and further nodes."""
        return max(len(self.minutes), len(self.extra.start) - 1)

    @classmethod
    def build(
        cls, surface: Surface, *, direction: Direction = "to", knights_move: bool = True, averaging: Averaging = "time",
        cut_corners: bool = False, speed_scale: float = 1.0, cutoff_min: float = np.inf, extra: ExtraArcs | None = None,
    ) -> SurfaceGraph:  # fmt: skip
        """Work out the minutes of every move; see :func:`travel_time` for the parameters."""
        if not (speed_scale > 0 and np.isfinite(speed_scale)):
            raise NetworkError(
                Text(f"速度系数须为正数，而不是 {speed_scale}", f"speed_scale must be positive, not {speed_scale}")
            )
        rows, columns = surface.shape
        k = 16 if knights_move else 8
        across, down = surface.cell_m
        metres = np.hypot(_ROWS[:k] * down, _COLUMNS[:k] * across)
        curve, curves = _cycling_curves(surface)
        minutes = np.full((rows * columns, k), np.inf, dtype=np.float32)
        sign = 1.0 if direction == "to" else -1.0

        def fill(first: int, last: int) -> None:
            fill_moves(first, last, surface.elevation, surface.speed_kmh, surface.mode, curve, curves, speed_scale,
                       _ROWS[:k], _COLUMNS[:k], metres, averaging == "time", cut_corners, sign, cutoff_min,
                       minutes)  # fmt: skip

        in_blocks(fill, rows, _ROWS_A_BLOCK)
        extra = extra or ExtraArcs()
        width, n_buckets = _wheel(minutes, extra)
        return cls(surface.shape, minutes, _ROWS[:k] * columns + _COLUMNS[:k], metres, width, n_buckets, extra)

    def workspace(self) -> tuple[npt.NDArray[np.generic], ...]:
        """Make the arrays that one thread reuses for all its searches."""
        n = self.n_nodes
        return (np.full(n, np.inf), np.empty(n), np.empty(n, np.int32), np.empty(n, np.int32),
                np.full(n, -1, np.int32), np.full(self.n_buckets, -1, np.int32), np.empty(n, np.int32))  # fmt: skip

    def arrays(self) -> tuple[npt.NDArray[np.generic] | float, ...]:
        """Give what the kernel :func:`spread` reads, in its order."""
        extra = self.extra
        return (self.minutes, self.step, self.metres, extra.start, extra.tail, extra.minutes, extra.metres,
                1.0 / self.width)  # fmt: skip


def travel_time(
    surface: Surface, targets: Floats, *, direction: Direction = "to", knights_move: bool = True,
    cutoff_min: float = np.inf, averaging: Averaging = "time", cut_corners: bool = False, speed_scale: float = 1.0,
) -> npt.NDArray[np.float32]:  # fmt: skip
    """Give the minutes between every cell and the nearest of k targets, shape of the surface, nan beyond the cut-off.

    Parameters
    ----------
    surface : Surface
        Where one can move, and how fast.
    targets : (k, 2) float64
        Metres in the surface's CRS. A target in a closed cell, or outside, reaches nothing.
    direction : {"to", "from"}
        Towards the targets (a pupil walking to school) or away from them (home).
    knights_move : bool
        16 neighbours instead of 8: times on a plane err by up to 2.8 % instead of 8.2 %.
    cutoff_min : float
        Minutes beyond which cells are left out.
    averaging : {"time", "speed"}
        A move takes the mean of the times at the speeds of its cells, half and half (a quarter each of four cells for a
        knight's move), or the time at the mean of the speeds. The first is r.walk's, the second AccessMod's of 2015.
    cut_corners : bool
        Allow a move between two cells that touch at a corner where both cells beside it are closed.
    speed_scale : float
        Factor on all walking speeds (a small child's legs).

    Raises
    ------
    NetworkError
        Every target lies in a closed cell or outside the surface.
    """
    cell = surface.cell_at(np.asarray(targets, dtype=np.float64).reshape(-1, 2))
    cell = cell[cell >= 0]
    seeds = np.unique(cell[surface.mode.ravel()[cell] != CellMode.CLOSED]).astype(np.int64)
    if len(seeds) == 0:
        raise NetworkError(
            Text("所有目标都在不可通行的格上或范围之外", "Every target lies in a closed cell or outside the surface")
        )
    graph = SurfaceGraph.build(surface, direction=direction, knights_move=knights_move, averaging=averaging,
                               cut_corners=cut_corners, speed_scale=speed_scale, cutoff_min=cutoff_min)  # fmt: skip
    space = graph.workspace()
    zero = np.zeros(len(seeds))
    spread(graph.arrays(), cutoff_min, seeds, zero, zero, space)
    minutes = space[0].astype(np.float32)
    minutes[np.isinf(minutes)] = np.nan
    return minutes.reshape(surface.shape)


def _cycling_curves(surface: Surface) -> tuple[npt.NDArray[np.int16], Floats]:
    """Tabulate the speeds of every cycling class by slope, and tell which table each cell uses."""
    curve = np.zeros(surface.shape, dtype=np.int16)
    cycled = surface.mode == CellMode.CYCLE
    speeds, which = np.unique(surface.speed_kmh[cycled], return_inverse=True)
    curve[cycled] = which
    slopes = np.linspace(-STEEPEST, STEEPEST, CURVE_STEPS)
    return curve, np.array([surface.cycling(float(v), slopes) for v in speeds]).reshape(len(speeds), CURVE_STEPS)


def _wheel(minutes: npt.NDArray[np.float32], extra: ExtraArcs) -> tuple[float, int]:
    sample = minutes[:: max(1, minutes.size // _SAMPLE)]
    sample = sample[np.isfinite(sample)]
    typical = float(np.median(sample)) if len(sample) else 1.0
    longest = longest_move(minutes)
    if len(extra.minutes):
        longest = max(longest, float(extra.minutes.max()))
    width = max(_BUCKET_SPAN * typical, longest / (_MAX_BUCKETS - 3), 1e-9)
    return width, int(longest / width) + 3
