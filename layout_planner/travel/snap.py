"""Snap points to the nearest allowed edge, by position along it.

The segments of the allowed edges lie in a grid of square cells. A point looks at its own cell, then at the ring
around it, and so on, until no farther cell can hold anything nearer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.travel.kernels import fill_grid, nearest_segment, place_on_edge
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.speeds import Profile
from layout_planner.travel.threads import in_blocks

__all__ = ["MIN_ISLAND_NODES", "SnapIndex", "Snapped", "islands"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MIN_ISLAND_NODES = 20
"""Parts of the network with fewer nodes than this are not snapped to, unless they are the largest part."""

_CELLS_PER_SEGMENT = 2.0
_BLOCK = 4096
_REMEMBERED = 2  # sets of points: origins and sites


@dataclass(frozen=True, eq=False)
class Snapped:
    """Where k points meet the network.

    Attributes
    ----------
    edge : (k,) int32
        Edge, or -1 where nothing lies within the limit.
    along_m : (k,) float64
        Metres from the edge's u end, on the edge's own length; nan if not snapped.
    fraction : (k,) float64
        The same as a share of the edge; exactly 0 or 1 at its ends.
    access_m : (k,) float64
        Straight metres from the point to the edge; nan if not snapped.
    x, y : (k,) float64
        Point on the edge, metres in the network's CRS; nan if not snapped.
    """

    edge: npt.NDArray[np.int32]
    along_m: Floats
    fraction: Floats
    access_m: Floats
    x: Floats
    y: Floats

    @property
    def ok(self) -> npt.NDArray[np.bool_]:
        """Tell which points were snapped."""
        return self.edge >= 0


def islands(network: RoadNetwork, profile: Profile) -> pd.DataFrame:
    """List the separate parts of the network that a profile can use, largest first.

    Returns
    -------
    DataFrame
        ``part`` (0 is the largest), ``nodes``, ``edges``, ``km``, and ``x``, ``y`` of its middle (metres).
    """
    return _parts(network, _allowed(network, profile))


def _parts(network: RoadNetwork, allowed: npt.NDArray[np.bool_]) -> pd.DataFrame:
    part = network.components(allowed)[network.edge_u[allowed]]
    middle_x = (network.node_x[network.edge_u] + network.node_x[network.edge_v])[allowed] / 2
    middle_y = (network.node_y[network.edge_u] + network.node_y[network.edge_v])[allowed] / 2
    ends = pd.DataFrame({"part": np.tile(part, 2), "node": np.r_[network.edge_u[allowed], network.edge_v[allowed]]})
    frame = pd.DataFrame({"part": part, "km": network.length_m[allowed] / 1000, "x": middle_x, "y": middle_y})
    table = frame.groupby("part").agg(edges=("km", "size"), km=("km", "sum"), x=("x", "mean"), y=("y", "mean"))
    table.insert(0, "nodes", ends.groupby("part")["node"].nunique())
    return table.reset_index()


class SnapIndex:
    """The edges on which one profile may start or end, ready for many points.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    profile : Profile
        Decides which edges count.
    min_island_nodes : int
        Parts with fewer nodes are ignored (the largest part never is); 0 ignores none.

    Attributes
    ----------
    ignored : DataFrame
        The parts that were ignored, in the columns of :func:`islands`.
    """

    def __init__(self, network: RoadNetwork, profile: Profile, min_island_nodes: int = MIN_ISLAND_NODES) -> None:
        self.network = network
        self._recent: list[tuple[Floats, Floats, float, Snapped]] = []
        allowed, usable = _allowed(network, profile), profile.snappable(network)
        self._asked = allowed, usable.copy(), min_island_nodes
        parts = _parts(network, allowed)
        small = (parts["nodes"] < min_island_nodes) & (parts["part"] > 0)
        self.ignored: pd.DataFrame = parts[small].reset_index(drop=True)
        if len(self.ignored):
            part = network.components(allowed)[network.edge_u]
            usable &= ~np.isin(part, self.ignored["part"].to_numpy())
        self._edges = np.flatnonzero(usable)
        self._build()

    def _build(self) -> None:
        network, edges = self.network, self._edges
        count = np.diff(network.shape_start)[edges] - 1
        self._edge = np.repeat(edges, count).astype(np.int32)
        first = np.concatenate([[0], np.cumsum(count)])[:-1]
        self._at = np.repeat(network.shape_start[edges] - first, count) + np.arange(count.sum())
        x, y = network.shape_x, network.shape_y
        if len(self._at) == 0:
            return
        box = np.array([x[self._at].min(), y[self._at].min(), x[self._at + 1].max(), y[self._at + 1].max()])
        box[:2] = np.minimum(box[:2], [x[self._at + 1].min(), y[self._at + 1].min()])
        box[2:] = np.maximum(box[2:], [x[self._at].max(), y[self._at].max()])
        width, height = box[2] - box[0], box[3] - box[1]
        wanted = _CELLS_PER_SEGMENT * len(self._at)
        self._cell = max(np.sqrt(width * height / wanted), max(width, height) / wanted, 1.0)
        self._box = box
        self._nx, self._ny = int(width // self._cell) + 1, int(height // self._cell) + 1
        self._cell_start, self._cell_item = fill_grid(self._at, x, y, box[0], box[1], self._cell, self._nx, self._ny)

    @classmethod
    def shared(cls, network: RoadNetwork, profile: Profile, min_island_nodes: int = MIN_ISLAND_NODES) -> SnapIndex:
        """Give an index that serves a profile: an earlier one of the same network, which it keeps, if any does."""
        known: list[SnapIndex] = network.kept.setdefault("snap", [])
        for index in known:
            if index.serves(profile, min_island_nodes):
                return index
        known.append(cls(network, profile, min_island_nodes))
        return known[-1]

    def serves(self, profile: Profile, min_island_nodes: int = MIN_ISLAND_NODES) -> bool:
        """Tell whether an index made for another profile would be just the same."""
        allowed, usable, nodes = self._asked
        same = nodes == min_island_nodes and np.array_equal(allowed, _allowed(self.network, profile))
        return same and np.array_equal(usable, profile.snappable(self.network))

    def snap(self, x: Floats, y: Floats, limit_m: float = np.inf) -> Snapped:
        """Snap k points, in the network's CRS, to the nearest edge within ``limit_m`` metres.

        Of edges equally near, the one that comes first in the network is taken. The last answers are remembered:
        the same points cost nothing when they come again.
        """
        x = np.ascontiguousarray(x, dtype=np.float64)
        y = np.ascontiguousarray(y, dtype=np.float64)
        for old_x, old_y, limit, known in self._recent:
            if limit == limit_m and np.array_equal(x, old_x) and np.array_equal(y, old_y):
                return known
        found = self._snap(x, y, limit_m)
        self._recent = [(x.copy(), y.copy(), limit_m, found), *self._recent[: _REMEMBERED - 1]]
        return found

    def _snap(self, x: Floats, y: Floats, limit_m: float) -> Snapped:
        k = len(x)
        edge = np.full(k, -1, dtype=np.int32)
        out = np.full((4, k), np.nan)
        net = self.network
        if len(self._at) and k:
            in_blocks(lambda a, b: self._snap_block(x, y, limit_m, edge, out, a, b), k, _BLOCK)
        along = out[0] * np.where(edge >= 0, net.length_m[edge] if net.n_edges else np.nan, np.nan)
        return Snapped(edge, along, out[0], out[1], out[2], out[3])

    def _snap_block(
        self, x: Floats, y: Floats, limit_m: float, edge: npt.NDArray[np.int32], out: Floats, begin: int, end: int
    ) -> None:
        net, part = self.network, slice(begin, end)
        grid = self._box[0], self._box[1], self._cell, self._nx, self._ny, self._cell_start, self._cell_item
        shape = net.shape_x, net.shape_y
        item = nearest_segment(x[part], y[part], limit_m, self._at, self._edge, *shape, *grid)
        place = edge[part], out[:, part]
        place_on_edge(x[part], y[part], item, self._at, self._edge, net.shape_start, *shape, *place)


def _allowed(network: RoadNetwork, profile: Profile) -> npt.NDArray[np.bool_]:
    forward, backward = profile.edge_minutes(network)
    return np.isfinite(forward) | np.isfinite(backward)
