"""From a label at every place to areas that tile the plane: borders without gaps or overlaps.

Labels are looked up at the corners of a square lattice. Where the two ends of a side differ, halving finds the place
where the label changes; each cell joins the changes on its sides by straight lines. Neighbours share their borders
because there is only one line between them. The lines are cut by the boundary together, so the areas fill it
exactly; areas that are too small go to the neighbour with the longest common border.

Source: W. Lorensen and H. Cline, Marching cubes, SIGGRAPH 1987, for many labels instead of a level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import NetworkError, Text
from layout_planner.travel.tiling_kernels import borders, chain, label_of

__all__ = ["OUTSIDE", "Lattice", "Tiles", "dissolve", "resolution", "tile"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]
LabelAt = Callable[[Floats], Labels]

OUTSIDE = -9
"""Label of corners that no part of the area needs."""

_BLOCK = 16  # cells along a side of the blocks that are tested against the area
_HALVINGS = 6
_DECIMALS = 3
_CORNERS_WANTED = 4_000_000
_CORNERS_MOST = 60_000_000
FINEST_M = 25.0
"""Side of the lattice's cells where the area is not too large for it."""


def resolution(area: BaseGeometry, wanted_m: float | None) -> float:
    """Choose the side of the cells in metres: as wanted, or 25 m, and coarser for areas beyond 2,500 km².

    Raises
    ------
    NetworkError
        What is wanted is not positive, or needs more than 60 million corners.
    """
    left, bottom, right, top = area.bounds
    box = (right - left) * (top - bottom)
    if wanted_m is None:
        return float(max(FINEST_M, np.ceil(np.sqrt(box / _CORNERS_WANTED))))
    if not wanted_m > 0 or box / wanted_m**2 > _CORNERS_MOST:
        message = Text(
            f"分辨率 {wanted_m:g} 米不可用：请改大", f"A resolution of {wanted_m:g} m cannot be used: raise it"
        )
        raise NetworkError(message)
    return float(wanted_m)


@dataclass(frozen=True, eq=False)
class Lattice:
    """Square cells over an area.

    Attributes
    ----------
    x0, y0 : float
        Lower left corner, a multiple of the side, so that lattices over parts of an area agree.
    step : float
        Side of a cell, metres.
    active : (ny, nx) bool
        Cells that may touch the area.
    """

    x0: float
    y0: float
    step: float
    active: Mask

    @classmethod
    def over(cls, area: BaseGeometry, step: float) -> Lattice:
        """Lay cells of a side of ``step`` metres over an area."""
        left, bottom, right, top = (float(b) for b in area.bounds)
        x0, y0 = np.floor(left / step) * step, np.floor(bottom / step) * step
        columns, rows = (int((high - low) // (step * _BLOCK)) + 1 for low, high in ((x0, right), (y0, top)))
        side = step * _BLOCK
        column, row = np.meshgrid(np.arange(columns), np.arange(rows))
        boxes = shapely.box(x0 + column * side, y0 + row * side, x0 + (column + 1) * side, y0 + (row + 1) * side)
        shapely.prepare(area)
        blocks = np.asarray(shapely.intersects(area, boxes), dtype=bool)
        return cls(float(x0), float(y0), step, np.repeat(np.repeat(blocks, _BLOCK, axis=0), _BLOCK, axis=1))

    def corners(self) -> Mask:
        """Tell which corners, shape (ny + 1, nx + 1), belong to an active cell."""
        padded = np.pad(self.active, 1)
        return padded[1:, 1:] | padded[:-1, 1:] | padded[1:, :-1] | padded[:-1, :-1]

    def points(self, corners: Mask) -> Floats:
        """Give the places of some corners, shape (k, 2), row by row."""
        row, column = np.nonzero(corners)
        return self.metres(np.column_stack([column, row]).astype(np.float64))

    def metres(self, cells: Floats) -> Floats:
        """Turn units of cells (x, y) into metres, to the millimetre."""
        return np.round(cells * self.step + (self.x0, self.y0), _DECIMALS)

    def cells(self, metres: Floats) -> Floats:
        """Turn metres into units of cells."""
        return (metres - (self.x0, self.y0)) / self.step


@dataclass(frozen=True, eq=False)
class Tiles:
    """Polygons that fill an area, each with its label; neighbours share every vertex of their borders."""

    faces: Geometries
    label: Labels

    def area(self) -> Floats:
        """Square metres of each."""
        return np.asarray(shapely.area(self.faces), dtype=np.float64)

    def without(self, doomed: Mask) -> Tiles:
        """Give each doomed face to the neighbour with which it shares most of its border.

        A doomed face among others waits until one of them has been given away; those that touch no other face stay.
        """
        if not doomed.any():
            return self
        one, other, metres = _shared(self.faces)
        label, waiting = self.label.copy(), doomed.copy()
        while waiting.any():
            usable = waiting[one] & ~waiting[other]
            if not usable.any():
                break
            order = np.lexsort((other[usable], -metres[usable], one[usable]))
            face, near = one[usable][order], other[usable][order]
            first = np.append(True, face[1:] != face[:-1])
            label[face[first]] = label[near[first]]
            waiting[face[first]] = False
        return Tiles(self.faces, label)


def tile(lattice: Lattice, corner_label: Labels, label_at: LabelAt, area: BaseGeometry) -> Tiles:
    """Divide an area by labels.

    Parameters
    ----------
    lattice : Lattice
        Covers the area.
    corner_label : (ny + 1, nx + 1) int32
        Labels of the corners, ``OUTSIDE`` where none is needed.
    label_at : callable
        Gives the labels (k,) of places (k, 2), metres.
    area : Polygon or MultiPolygon
        What to divide.
    """
    across, up = _changes(lattice, corner_label, label_at)
    faces = _faces(_lines(lattice, *borders(lattice.active, corner_label, across, up)), area)
    spot = shapely.point_on_surface(faces)
    cells = lattice.cells(np.column_stack([shapely.get_x(spot), shapely.get_y(spot)]).reshape(-1, 2))
    return Tiles(faces, label_of(cells[:, 0], cells[:, 1], corner_label, across, up))


def _changes(lattice: Lattice, label: Labels, label_at: LabelAt) -> tuple[Floats, Floats]:
    """Find by halving where the label changes along the sides of cells, as a share from the lesser corner."""
    sides, shares = [], []
    for axis in (1, 0):
        low, high = (label[:, :-1], label[:, 1:]) if axis else (label[:-1], label[1:])
        row, column = np.nonzero((low != high) & (low != OUTSIDE) & (high != OUTSIDE))
        sides.append((row, column))
        shares.append(np.full(low.shape, 0.5))
    row, column = (np.concatenate([sides[0][i], sides[1][i]]) for i in (0, 1))
    n_across = len(sides[0][0])
    ahead = np.zeros((len(row), 2))
    ahead[:n_across, 0] = ahead[n_across:, 1] = 1.0
    begin, first = np.column_stack([column, row]).astype(np.float64), label[row, column]
    near, far = np.zeros(len(row)), np.ones(len(row))
    for _ in range(_HALVINGS if len(row) else 0):
        middle = (near + far) / 2
        same = label_at((begin + ahead * middle[:, None]) * lattice.step + (lattice.x0, lattice.y0)) == first
        near, far = np.where(same, middle, near), np.where(same, far, middle)
    least = 0.5**_HALVINGS
    found = np.clip((near + far) / 2, least, 1.0 - least)
    shares[0][sides[0]], shares[1][sides[1]] = found[:n_across], found[n_across:]
    return shares[0], shares[1]


def _lines(lattice: Lattice, segments: Floats, ends: Ints) -> Geometries:
    """Join segments (k, 2, 2), in units of cells, into lines in metres."""
    if not len(ends):
        return np.zeros(0, dtype=object)
    number, first, ends_at = np.unique(ends, return_index=True, return_inverse=True)
    place, start = chain(ends_at.reshape(-1, 2), len(number))
    xy = lattice.metres(segments.reshape(-1, 2)[first])
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.LINESTRING, xy[place], (start,)), dtype=object)


def _faces(lines: Geometries, area: BaseGeometry) -> Geometries:
    """Cut an area along lines that meet only at their ends."""
    shapely.prepare(area)
    inside = shapely.contains_properly(area, lines)
    crossing = lines[~inside & shapely.intersects(area, lines)]
    rim = shapely.get_parts(shapely.union_all([shapely.boundary(area), *crossing]))
    faces = shapely.get_parts(shapely.polygonize([*lines[inside], *rim]))
    spot = shapely.point_on_surface(faces)
    return np.asarray(faces[shapely.contains(area, spot)], dtype=object)


def _shared(faces: Geometries) -> tuple[Ints, Ints, Floats]:
    """List the pairs of faces that share a border, both ways round, and how many metres of it."""
    rings, ring_owner = shapely.get_rings(faces, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    owner = ring_owner[ring]
    step = ring[1:] == ring[:-1]
    a, b, owner = xy[:-1][step], xy[1:][step], owner[1:][step]
    turned = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    key = np.where(turned[:, None], np.column_stack([b, a]), np.column_stack([a, b]))
    order = np.lexsort(key.T)
    twin = np.flatnonzero((key[order][1:] == key[order][:-1]).all(axis=1))
    left, right = owner[order[twin]], owner[order[twin + 1]]
    metres = np.hypot(*(a - b)[order[twin]].T)
    one, other = np.concatenate([left, right]), np.concatenate([right, left])
    pair, place = np.unique(one * np.int64(len(faces)) + other, return_inverse=True)
    total = np.asarray(np.bincount(place, weights=np.tile(metres, 2), minlength=len(pair)), dtype=np.float64)
    return (pair // len(faces)).astype(np.int64), (pair % len(faces)).astype(np.int64), total


def dissolve(tiles: Tiles, simplify_m: float) -> Tiles:
    """Join the faces of each label and simplify all borders together; the rim of the whole stays as it is.

    Parameters
    ----------
    simplify_m : float
        Corners are cut while the triangle cut off is smaller than this squared, m²; 0 only drops needless vertices.

    Returns
    -------
    Tiles
        One polygon or multipolygon a label, labels ascending.
    """
    label = np.unique(tiles.label)
    joined = np.array([shapely.coverage_union_all(tiles.faces[tiles.label == one]) for one in label], dtype=object)
    if len(joined):
        joined = np.asarray(shapely.coverage_simplify(joined, simplify_m, simplify_boundary=False), dtype=object)
    return Tiles(joined, label.astype(np.int32))
