"""Shares of cells: how much of each cell of a grid lies in a polygon, exactly."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from layout_planner.io.cell_grid import CellGrid, Span
from layout_planner.io.cell_kernels import cover_cells

__all__ = ["cell_shares"]

Floats = npt.NDArray[np.float64]

_SLIVER = 1e-9  # what rounding leaves of a cell that only touches the boundary


def cell_shares(polygon: BaseGeometry, grid: CellGrid, rows: Span, columns: Span) -> Floats:
    """Measure which share of each cell's area lies in a polygon.

    Exact in double precision: every edge of the polygon adds the trapezium between itself and the cells to its right.

    Parameters
    ----------
    polygon : Polygon or MultiPolygon
        In the grid's system; valid.
    grid : CellGrid
        Not rotated.
    rows, columns : (first, one past the last)

    Returns
    -------
    array of float, shape (rows, columns)
        0 to 1.

    Source: the signed-area accumulation of font rasterisers (Levien, font-rs, 2016).

    Examples
    --------
    >>> cell_shares(shapely.box(0.5, 0, 2, 1), CellGrid(0, 1, 1, -1), (0, 1), (0, 3)).tolist()
    [[0.5, 1.0, 0.0]]
    """
    cover = np.zeros((rows[1] - rows[0], columns[1] - columns[0] + 1))
    rings, _ = shapely.get_rings(shapely.get_parts(shapely.orient_polygons(polygon)), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    cover_cells(grid.places(xy) - (columns[0], rows[0]), ring, cover)
    share = np.abs(np.cumsum(cover, axis=1, out=cover)[:, :-1])
    share[share < _SLIVER] = 0.0
    share[share > 1.0 - _SLIVER] = 1.0
    return share
