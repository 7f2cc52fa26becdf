"""Counts brought from one grid of cells to another by splitting cells, so that their total is kept."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from pyproj import CRS

from layout_planner.errors import CrsError, Text
from layout_planner.io.cell_grid import CellGrid
from layout_planner.io.cell_kernels import split_cells
from layout_planner.io.crs import to_crs

__all__ = ["regrid_counts"]

Floats = npt.NDArray[np.float64]


def regrid_counts(
    values: npt.ArrayLike,
    source: CellGrid,
    target: CellGrid,
    shape: tuple[int, int],
    *,
    source_system: str | CRS = "",
    target_system: str | CRS = "",
) -> Floats:
    """Bring counts in cells to another grid by the exact overlay of the cells, conserving the total.

    Every cell spreads what it holds evenly over its area and gives to each cell of the target the share of the area
    that they have in common. Cells are never interpolated.

    Parameters
    ----------
    values : array_like, shape (rows, columns)
        Counts (persons) in cells of ``source``, from its cell (0, 0); finite.
    source, target : CellGrid
        May be rotated.
    shape : (rows, columns)
        Of the result, from the target's cell (0, 0). What lies outside is dropped.
    source_system, target_system : str or CRS, optional
        Give both where they differ; cells are then quadrangles between their corners' places in the target's system.

    Returns
    -------
    array of float, shape ``shape``
        Counts. Within 1e-12 of the total of ``values`` (relative) if ``shape`` reaches over all of them.

    Raises
    ------
    CrsError
        If a cell has no place in the target's system.

    Source: Jones 1999, First- and second-order conservative remapping schemes (the first-order scheme).

    Examples
    --------
    >>> regrid_counts([[6.0, 3.0]], CellGrid(0, 1, 1.5, -1), CellGrid(0, 1, 1, -1), (1, 3)).tolist()
    [[4.0, 3.0, 2.0]]
    """
    counts = np.ascontiguousarray(values, dtype=np.float64)
    if source_system == target_system and source.is_upright and target.is_upright:
        rows = _overlaps(source.y(np.arange(counts.shape[0] + 1)), target.y0, target.dy, shape[0])
        columns = _overlaps(source.x(np.arange(counts.shape[1] + 1)), target.x0, target.dx, shape[1])
        return np.ascontiguousarray((columns @ (rows @ counts).T).T)
    r, c = np.mgrid[: counts.shape[0] + 1, : counts.shape[1] + 1]
    xy = source.points(c, r)
    if source_system != target_system:
        xy = to_crs(xy, source_system, target_system)
    if not np.isfinite(xy).all():
        raise CrsError(
            Text("栅格有像元在目标坐标系里没有位置", "a cell of the raster has no place in the target system")
        )
    out = np.zeros(shape)
    split_cells(counts, target.places(xy).reshape(*r.shape, 2), out)
    return out


def _overlaps(edges: Floats, start: float, step: float, count: int) -> sp.csr_array:
    """Give which share of each source interval lies in each target interval, shape (target, source)."""
    places = (edges - start) / step
    low, high = np.minimum(places[:-1], places[1:]), np.maximum(places[:-1], places[1:])
    first = np.clip(np.floor(low), 0, count).astype(np.int64)
    last = np.clip(np.ceil(high), 0, count).astype(np.int64)
    many = np.maximum(last - first, 0)
    source = np.repeat(np.arange(len(low)), many)
    into = first[source] + np.arange(len(source)) - np.repeat(np.cumsum(many) - many, many)
    shares = (np.minimum(high[source], into + 1) - np.maximum(low[source], into)) / (high - low)[source]
    return sp.csr_array((np.maximum(shares, 0.0), (into, source)), shape=(count, len(low)))
