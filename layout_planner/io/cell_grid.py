"""Where the cells of a raster lie, and how large they are on the ellipsoid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.io.crs import is_geographic, to_crs

__all__ = ["CellGrid", "cell_areas"]

Floats = npt.NDArray[np.float64]
Span = tuple[int, int]

_LATTICE = 65
_HALF_DEG, _HALF_M = 0.0005, 50.0
_WGS84_A = 6_378_137.0
_WGS84_B = 6_356_752.314_245_179


@dataclass(frozen=True)
class CellGrid:
    """A grid of parallelograms: the outer corner of cell (0, 0) and the signed steps to the next column and row.

    ``skew_x`` is the step east from row to row, ``skew_y`` the step north from column to column; both are zero for a
    grid that is not rotated.
    """

    x0: float
    y0: float
    dx: float
    dy: float
    skew_x: float = 0.0
    skew_y: float = 0.0

    def x(self, column: npt.ArrayLike) -> Floats:
        """Give the x of column edges (of a grid that is not rotated)."""
        return self.x0 + self.dx * np.asarray(column, dtype=np.float64)

    def y(self, row: npt.ArrayLike) -> Floats:
        """Give the y of row edges (of a grid that is not rotated)."""
        return self.y0 + self.dy * np.asarray(row, dtype=np.float64)

    @property
    def is_upright(self) -> bool:
        """Whether rows run along x and columns along y."""
        return self.skew_x == 0.0 and self.skew_y == 0.0

    @property
    def cell_area(self) -> float:
        """Area of a cell in the square of the system's unit."""
        return abs(self.dx * self.dy - self.skew_x * self.skew_y)

    def points(self, column: npt.ArrayLike, row: npt.ArrayLike) -> Floats:
        """Give the places, shape (n, 2), of corners at fractional columns and rows."""
        c, r = (np.asarray(v, dtype=np.float64).ravel() for v in (column, row))
        return np.column_stack([
            self.x0 + self.dx * c + self.skew_x * r,
            self.y0 + self.skew_y * c + self.dy * r,
        ])  # fmt: skip

    def places(self, xy: Floats) -> Floats:
        """Give the fractional columns and rows, shape (n, 2), of places: the inverse of :meth:`points`."""
        east, north = xy[:, 0] - self.x0, xy[:, 1] - self.y0
        determinant = self.dx * self.dy - self.skew_x * self.skew_y
        return np.column_stack([
            (self.dy * east - self.skew_x * north) / determinant,
            (self.dx * north - self.skew_y * east) / determinant,
        ])  # fmt: skip

    def shifted(self, row: int, column: int) -> CellGrid:
        """Make the same grid begin at another of its cells."""
        x0, y0 = self.points(column, row)[0]
        return CellGrid(float(x0), float(y0), self.dx, self.dy, self.skew_x, self.skew_y)

    def outline(self, height: int, width: int) -> BaseGeometry:
        """Draw the outer edge of the first rows and columns."""
        return shapely.Polygon(self.points([0, width, width, 0], [0, 0, height, height]))


def cell_areas(grid: CellGrid, system: str | CRS, rows: Span, columns: Span) -> Floats:
    """Measure the areas of cells on the WGS-84 ellipsoid.

    Exact for longitudes and latitudes. In a projection, the area on the map times the ellipsoid's area for it at the
    cell's centre, taken between 65 × 65 places of the window.

    Parameters
    ----------
    grid : CellGrid
    system : str or CRS
        The grid's system.
    rows, columns : (first, one past the last)

    Returns
    -------
    array of float, shape (rows, 1) or (rows, columns)
        Square metres.

    Examples
    --------
    >>> one_degree = CellGrid(110.0, 33.0, 1.0, -1.0)
    >>> round(float(cell_areas(one_degree, "wgs84", (0, 1), (0, 1))[0, 0]) / 1e6, 1)
    10421.5
    """
    if is_geographic(system) and grid.is_upright:
        edges = np.sin(np.deg2rad(grid.y(np.arange(rows[0], rows[1] + 1))))
        return (np.abs(np.diff(_zone(edges))) * np.deg2rad(abs(grid.dx)))[:, None]
    at_row = np.linspace(rows[0] + 0.5, rows[1] - 0.5, min(_LATTICE, rows[1] - rows[0]))
    at_column = np.linspace(columns[0] + 0.5, columns[1] - 0.5, min(_LATTICE, columns[1] - columns[0]))
    c, r = np.meshgrid(at_column, at_row)
    known = (grid.cell_area * _ground_scale(grid.points(c, r), system)).reshape(c.shape)
    across = np.stack([np.interp(np.arange(columns[0], columns[1]) + 0.5, at_column, line) for line in known])
    wanted = np.arange(rows[0], rows[1]) + 0.5
    below = np.clip(np.searchsorted(at_row, wanted) - 1, 0, max(len(at_row) - 2, 0))
    above = np.minimum(below + 1, len(at_row) - 1)
    gap = at_row[above] - at_row[below]
    part = np.divide(wanted - at_row[below], gap, out=np.zeros_like(wanted), where=gap > 0)[:, None]
    return across[below] * (1 - part) + across[above] * part


def _zone(sine: Floats) -> Floats:
    """Give the ellipsoid's area from the equator to a latitude, for one radian of longitude.

    Source: Snyder, Map Projections: A Working Manual (USGS Professional Paper 1395, 1987), equation 3-12.
    """
    e = np.sqrt(1 - (_WGS84_B / _WGS84_A) ** 2)
    return _WGS84_B**2 / 2 * (sine / (1 - (e * sine) ** 2) + np.arctanh(e * sine) / e)


def _ground_scale(xy: Floats, system: str | CRS) -> Floats:
    """Give square metres of the ellipsoid for a square unit of the system, at places (n, 2).

    Central differences of longitude and latitude: projections that take the earth for a sphere, such as Mollweide's,
    report scales of the sphere.
    """
    half = _HALF_DEG if is_geographic(system) else _HALF_M
    moved = [xy + step for step in ((half, 0.0), (-half, 0.0), (0.0, half), (0.0, -half))]
    east, west, north, south = (np.deg2rad(to_crs(points, system, "wgs84")) for points in moved)
    along, up = (east - west) / (2 * half), (north - south) / (2 * half)
    e2, latitude = 1 - (_WGS84_B / _WGS84_A) ** 2, (east[:, 1] + west[:, 1]) / 2
    radii = _WGS84_A**2 * (1 - e2) / (1 - e2 * np.sin(latitude) ** 2) ** 2
    return np.abs(along[:, 0] * up[:, 1] - along[:, 1] * up[:, 0]) * radii * np.cos(latitude)
