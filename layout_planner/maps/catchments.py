"""Catchments as a clean coverage: every place of the county belongs to exactly one, without gaps or overlaps.

The county is divided among its demand points (Voronoi cells), the cells are joined by school, and the joined
areas are simplified together as one coverage before they are clipped to the boundary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import cKDTree

__all__ = ["Cover", "color_neighbours"]

NO_SCHOOL = -1
MISSING = -2


class Cover:
    """The county divided among its demand points.

    Parameters
    ----------
    xy : (n, 2) float array, metres
        Demand points in a projected coordinate system.
    boundary : Polygon or MultiPolygon
        The county, in the same system.
    tolerance_m : float
        How far a simplified edge may stray.
    """

    def __init__(self, xy: npt.NDArray[np.float64], boundary: shapely.Geometry, tolerance_m: float) -> None:
        self.boundary = boundary
        self.tolerance_m = tolerance_m
        self.xy, first = np.unique(xy, axis=0, return_inverse=True)
        self._cell_of_point = first.reshape(-1)
        self._cells = _voronoi(self.xy, boundary)

    def by_label(self, labels: npt.NDArray[np.int64]) -> dict[int, shapely.Geometry]:
        """Join the cells that carry the same label.

        Parameters
        ----------
        labels : (n,) int array
            Position of each demand point's school; -1 where pupils have no school; -2 where no pupil lives (the
            cell then follows its nearest labelled neighbour).

        Returns
        -------
        dict of int to Geometry
            Polygons by label, ascending, clipped to the boundary; together they cover it.
        """
        of_cell = np.full(len(self.xy), MISSING, dtype=np.int64)
        known = labels != MISSING
        of_cell[self._cell_of_point[known]] = labels[known]
        seeds = of_cell != MISSING
        if not seeds.any():
            return {}
        if not seeds.all():
            _, nearest = cKDTree(self.xy[seeds]).query(self.xy[~seeds])
            of_cell[~seeds] = of_cell[seeds][nearest]
        names = np.unique(of_cell)
        joined = np.array([shapely.coverage_union_all(self._cells[of_cell == name]) for name in names], dtype=object)
        simple = shapely.coverage_simplify(joined, self.tolerance_m, simplify_boundary=False)
        clipped = shapely.intersection(simple, self.boundary)
        return {
            int(name): area for name, area in zip(names, clipped, strict=True) if area is not None and not area.is_empty
        }


def _voronoi(xy: npt.NDArray[np.float64], boundary: shapely.Geometry) -> npt.NDArray[np.object_]:
    frame = np.vstack([xy, shapely.bounds(boundary)[:2], shapely.bounds(boundary)[2:]])
    low, high = frame.min(axis=0), frame.max(axis=0)
    margin = max(float((high - low).max()) * 0.05, 1.0)
    box = shapely.box(low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin)
    if len(xy) < 2:
        return np.array([box] * len(xy), dtype=object)
    cells = shapely.voronoi_polygons(shapely.MultiPoint(xy), extend_to=box, ordered=True)
    return np.array(cells.geoms, dtype=object)


def color_neighbours(covers: Iterable[Mapping[int, shapely.Geometry]], colors: int) -> dict[int, int]:
    """Give every label a colour number so that areas that touch differ, in every cover alike where it can be done.

    Greedy, the most entangled label first; deterministic.
    """
    neighbours: dict[int, set[int]] = {}
    for cover in covers:
        labels = [label for label in cover if label >= 0]
        for label in labels:
            neighbours.setdefault(label, set())
        for one, other in _touching([cover[label] for label in labels]):
            neighbours[labels[one]].add(labels[other])
            neighbours[labels[other]].add(labels[one])
    chosen: dict[int, int] = {}
    for label in sorted(neighbours, key=lambda k: (-len(neighbours[k]), k)):
        around = [chosen[other] for other in neighbours[label] if other in chosen]
        chosen[label] = min(range(colors), key=lambda color: (around.count(color), (color - label) % colors))
    return dict(sorted(chosen.items()))


def _touching(areas: Sequence[shapely.Geometry]) -> list[tuple[int, int]]:
    if not areas:
        return []
    array = np.array(areas, dtype=object)
    left, right = shapely.STRtree(array).query(shapely.buffer(array, 1.0), predicate="intersects")
    return [(int(a), int(b)) for a, b in zip(left, right, strict=True) if a < b]
