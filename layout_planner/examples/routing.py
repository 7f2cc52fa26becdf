"""Least-cost ways over the ground: where a road, a cart track or a footpath would be built."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import dijkstra
from shapely import LineString

from layout_planner.examples.frame import Floats, Frame, Ints
from layout_planner.examples.terrain import River, Terrain, neighbours

__all__ = ["MID", "Ground", "Ways", "make_ground"]

MID = 2


@dataclass(frozen=True)
class Ways:
    """Cheapest ways from the nearest of several sources to every cell of the ground."""

    cost: Floats
    before: Ints
    source: Ints

    def way(self, cell: int) -> list[int]:
        """List the cells from ``cell`` back to its source."""
        cells = [cell]
        while self.before[cells[-1]] >= 0:
            cells.append(int(self.before[cells[-1]]))
        return cells


@dataclass(frozen=True)
class Ground:
    """A grid ``MID`` times coarser than the frame with the cost of building a way between neighbouring cells.

    ``road`` and ``path`` are symmetric matrices of metres made longer by slope and by rivers that must be crossed.
    """

    frame: Frame
    height: Floats
    slope: Floats
    water_km2: Floats
    road: csr_matrix
    path: csr_matrix

    def centres(self, cells: Ints | list[int]) -> Floats:
        """Compute cell centres in metres."""
        return self.frame.centres(cells, MID)

    def cells(self, xy: Floats) -> Ints:
        """Find the cells that hold points in metres."""
        return self.frame.cells(xy, MID)

    def ways(self, sources: Ints | list[int], kind: str = "road", limit: float = np.inf) -> Ways:
        """Search from ``sources`` (flat cells) over the ``road`` or ``path`` costs."""
        graph = self.road if kind == "road" else self.path
        start = np.unique(np.asarray(sources, dtype=np.int64))
        cost, before, source = dijkstra(graph, indices=start, return_predecessors=True, min_only=True, limit=limit)
        return Ways(cost, before.astype(np.int64), source.astype(np.int64))


def _wet(frame: Frame, rivers: tuple[River, ...]) -> Floats:
    """Mark the cells that a river touches with the area that it drains (km2), 0 elsewhere."""
    rows, cols = frame.rows // MID, frame.cols // MID
    water = np.zeros(rows * cols)
    for river in rivers:
        dense = np.asarray(LineString(river.line).segmentize(frame.cell_x / 2).coords)
        cells = frame.cells(dense, MID)
        np.maximum.at(water, cells, river.drains_km2)
        diagonal = (np.abs(np.diff(cells // cols)) == 1) & (np.abs(np.diff(cells % cols)) == 1)
        corner = (cells[:-1] // cols)[diagonal] * cols + (cells[1:] % cols)[diagonal]
        np.maximum.at(water, corner, river.drains_km2)
    return water


def make_ground(terrain: Terrain, rng: np.random.Generator) -> Ground:
    """Build the cost grid of ``terrain``."""
    frame = terrain.frame
    rows, cols = frame.rows // MID, frame.cols // MID
    height = terrain.height.reshape(rows, MID, cols, MID).mean(axis=(1, 3)).ravel()
    slope = terrain.slope.reshape(rows, MID, cols, MID).mean(axis=(1, 3)).ravel()
    water = _wet(frame, terrain.rivers)
    first, second = neighbours(rows, cols)
    length = np.hypot(
        (second // cols - first // cols) * frame.cell_y * MID, (second % cols - first % cols) * frame.cell_x * MID
    )
    grade = np.abs(height[first] - height[second]) / length
    side = (slope[first] + slope[second]) / 2
    beyond = ~ndimage.binary_dilation(terrain.inside, iterations=6)[::MID, ::MID].ravel()
    abroad = 1.0 + 4.0 * beyond[first]
    wobble = np.exp(0.25 * rng.standard_normal(height.size))[first]
    bridge = 90.0 * np.sqrt(np.maximum(water[first], water[second]))
    road = length * abroad * wobble * (1 + (grade / 0.07) ** 2 + (side / 0.25) ** 2) + bridge
    path = length * abroad * wobble * (1 + (grade / 0.22) ** 2 + 0.5 * (side / 0.5) ** 2) + 0.7 * bridge
    size = height.size

    def matrix(cost: Floats) -> csr_matrix:
        half = coo_matrix((cost, (first, second)), shape=(size, size))
        return (half + half.T).tocsr()

    return Ground(frame, height, slope, water, matrix(road), matrix(path))
