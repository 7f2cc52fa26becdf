"""The frame of the synthetic county: cells of three arc-seconds, local metres, WGS-84 and GCJ-02."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["CELLS_PER_DEGREE", "Bools", "Floats", "Frame", "Ints", "gcj02_from_wgs84"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

CELLS_PER_DEGREE = 1200
_METRES_PER_DEGREE = 111_320.0
_KRASOVSKY_A = 6_378_245.0
_KRASOVSKY_EE = 0.00669342162296594323


@dataclass(frozen=True)
class Frame:
    """A block of ``rows`` x ``cols`` cells whose north-west corner lies at (``west``, ``north``) degrees.

    Plans are drawn in local metres: x to the east of the west edge, y to the north of the south edge, with the
    scale of ``reference_lat`` throughout, so that one plan can be laid down at several places.
    """

    west: float
    north: float
    rows: int
    cols: int
    reference_lat: float = 32.3

    @property
    def cell_x(self) -> float:
        """Width of a cell in metres."""
        return _METRES_PER_DEGREE * math.cos(math.radians(self.reference_lat)) / CELLS_PER_DEGREE

    @property
    def cell_y(self) -> float:
        """Height of a cell in metres."""
        return _METRES_PER_DEGREE / CELLS_PER_DEGREE

    @property
    def cell_km2(self) -> float:
        """Area of a cell in square kilometres."""
        return self.cell_x * self.cell_y / 1e6

    @property
    def size_m(self) -> tuple[float, float]:
        """Width and height in metres."""
        return self.cols * self.cell_x, self.rows * self.cell_y

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees."""
        return (
            self.west,
            self.north - self.rows / CELLS_PER_DEGREE,
            self.west + self.cols / CELLS_PER_DEGREE,
            self.north,
        )

    def shifted(self, rows: int, cols: int) -> Frame:
        """Lay the same frame ``rows`` cells further south and ``cols`` further east."""
        west = self.west + cols / CELLS_PER_DEGREE
        return Frame(west, self.north - rows / CELLS_PER_DEGREE, self.rows, self.cols, self.reference_lat)

    def centres(self, cells: npt.ArrayLike, factor: int = 1) -> Floats:
        """Compute the centres (n, 2), in metres, of flat ``cells`` of a grid ``factor`` times coarser."""
        row, col = np.divmod(np.asarray(cells, dtype=np.int64), self.cols // factor)
        x = (col + 0.5) * factor * self.cell_x
        return np.column_stack([x, self.size_m[1] - (row + 0.5) * factor * self.cell_y])

    def cells(self, xy: npt.ArrayLike, factor: int = 1) -> Ints:
        """Find the flat cells, in a grid ``factor`` times coarser, that hold the points (n, 2) in metres."""
        points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        rows, cols = self.rows // factor, self.cols // factor
        col = np.clip(points[:, 0] // (self.cell_x * factor), 0, cols - 1)
        row = np.clip((self.size_m[1] - points[:, 1]) // (self.cell_y * factor), 0, rows - 1)
        return (row * cols + col).astype(np.int64)

    def lonlat(self, xy: npt.ArrayLike) -> Floats:
        """Turn points (n, 2) in local metres into WGS-84 degrees."""
        points = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        lon = self.west + points[:, 0] / self.cell_x / CELLS_PER_DEGREE
        lat = self.north - (self.size_m[1] - points[:, 1]) / self.cell_y / CELLS_PER_DEGREE
        return np.column_stack([lon, lat])


def _wave(value: Floats, first: tuple[float, float], second: tuple[float, float]) -> Floats:
    """Add the two slow waves of the GCJ-02 offset: (amplitude, amplitude) at pi/3 then pi/12 or pi/30."""
    return first[0] * np.sin(value * math.pi) + first[1] * np.sin(value / 3.0 * math.pi) + second[0] * np.sin(
        value / 12.0 * math.pi
    ) + second[1] * np.sin(value / 30.0 * math.pi)  # fmt: skip


def gcj02_from_wgs84(lonlat: npt.ArrayLike) -> Floats:
    """Turn WGS-84 degrees (n, 2) into GCJ-02 degrees, the offset coordinates of Chinese web maps.

    Source: the public forward formulas (eviltransform, PRCoords); see RULES.md, part E.

    >>> gcj02_from_wgs84([(121.0917077, 30.6107779)]).round(7).tolist()
    [[121.0962693, 30.6086044]]
    """
    points = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    x, y = points[:, 0] - 105.0, points[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    both = (20.0 * np.sin(6.0 * x * math.pi) + 20.0 * np.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    d_lat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both
    d_lat += _wave(y, (20.0, 40.0), (160.0, 320.0)) * 2.0 / 3.0
    d_lon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both
    d_lon += _wave(x, (20.0, 40.0), (150.0, 300.0)) * 2.0 / 3.0
    phi = np.radians(points[:, 1])
    magic = 1.0 - _KRASOVSKY_EE * np.sin(phi) ** 2
    meridian = _KRASOVSKY_A * (1.0 - _KRASOVSKY_EE) / (magic * np.sqrt(magic))
    parallel = _KRASOVSKY_A / np.sqrt(magic) * np.cos(phi)
    return points + np.degrees(np.column_stack([d_lon / parallel, d_lat / meridian]))
