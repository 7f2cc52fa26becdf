"""Divide a populous community among its homes along streets and rivers, whose names a notice can tell (街坊)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layout_planner.assign.coverage import cells_by_unit, polygons_of, shared_borders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from layout_planner.io.county import County

__all__ = ["Lines", "divide_area", "street_lines"]

_FLAT = 1e-6


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines along which communities are divided: those that have a name, and all of them."""

    named: NDArray[np.object_]
    every: NDArray[np.object_]


def street_lines(county: County) -> Lines:
    """Collect a county's roads and rivers; there are none where it has no network."""
    nothing = np.zeros(0, dtype=object)
    network = county.network
    if network is None:
        return Lines(nothing, nothing)
    roads = network.edge_geometries()
    has_name = np.array([bool(name) for name in network.names])[network.name_code]
    rivers = nothing
    if county.rivers is not None and len(county.rivers):
        shapes = [s for s in county.rivers.geometry if s is not None]
        lines = [shapely.boundary(s) if s.geom_type.endswith("Polygon") else s for s in shapes]
        rivers = np.asarray(shapely.get_parts(np.array(lines, dtype=object)), dtype=object)
    return Lines(np.concatenate([roads[has_name], rivers]), np.concatenate([roads, rivers]))


def divide_area(
    area: shapely.Geometry, xy: NDArray[np.float64], load: NDArray[np.float64], most: float, lines: Lines
) -> tuple[NDArray[np.int64], list[shapely.Geometry]]:
    """Divide the homes of an area into parts of at most so many pupils, and the area with them.

    The blocks between named streets and rivers stay whole where they can; a block with too many pupils is divided along
    all roads within, then among its homes. Blocks, then homes, are halved across the longer side of where they lie.

    Parameters
    ----------
    area : Polygon or MultiPolygon
    xy : (p, 2) float64
        Homes, metres.
    load : (p,) float64
        Pupils.
    most : float
        A part with a single home may have more.
    lines : Lines

    Returns
    -------
    part : (p,) int64
        Part of every home, counted from west or south on.
    areas : list of Polygon or MultiPolygon
        Of every part.
    """
    faces, face = _blocks(area, xy, load, most, lines)
    part = np.full(len(xy), -1, dtype=np.int64)
    for k, members in enumerate(_halved(_by_face(face, load, most), xy, load, most)):
        part[members] = k
    count = int(part.max()) + 1
    owner, pieces = np.full(len(faces), -1, dtype=np.int64), list(faces)
    for f in range(len(faces)):
        mine = np.flatnonzero(face == f)
        whose = np.unique(part[mine])
        if len(whose) > 1:
            shared = cells_by_unit(xy[mine], np.searchsorted(whose, part[mine]), [faces[f]])
            pieces[f] = shared[0]
            pieces += list(shared[1:])
            owner = np.append(owner, whose[1:])
        if len(whose):
            owner[f] = whose[0]
    areas = np.array(pieces, dtype=object)
    owner = _all_owned(areas, owner, xy, part)
    return part, [polygons_of(shapely.union_all(areas[owner == k])) for k in range(count)]


def _blocks(
    area: shapely.Geometry, xy: NDArray[np.float64], load: NDArray[np.float64], most: float, lines: Lines
) -> tuple[list[shapely.Geometry], NDArray[np.int64]]:
    """Find the blocks of an area, and the block of every home."""
    faces = _faces(area, lines.named)
    face = _face_of(faces, xy)
    heavy = np.bincount(face, weights=load, minlength=len(faces)) > most
    if heavy.any():
        faces = [
            part for f, block in enumerate(faces) for part in (_faces(block, lines.every) if heavy[f] else [block])
        ]
        face = _face_of(faces, xy)
    return faces, face


def _faces(area: shapely.Geometry, lines: NDArray[np.object_]) -> list[shapely.Geometry]:
    """Cut an area along lines."""
    near = lines[np.sort(shapely.STRtree(lines).query(area, predicate="intersects"))] if len(lines) else lines
    if not len(near):
        return [area]
    edges = shapely.union_all([*shapely.intersection(near, area), shapely.boundary(area)])
    faces = shapely.get_parts(shapely.polygonize([edges]))
    inside = [face for face in faces if shapely.contains_properly(area, shapely.point_on_surface(face))]
    return inside or [area]


def _face_of(faces: Sequence[shapely.Geometry], xy: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(shapely.STRtree(faces).nearest(shapely.points(xy)), dtype=np.int64)


def _by_face(face: NDArray[np.int64], load: NDArray[np.float64], most: float) -> list[NDArray[np.int64]]:
    """Group homes by block; those of a block that is too large stand alone."""
    groups: list[NDArray[np.int64]] = []
    for f in np.unique(face):
        mine = np.flatnonzero(face == f)
        groups += [mine] if load[mine].sum() <= most else [np.array([home]) for home in mine]
    return groups


def _halved(
    groups: list[NDArray[np.int64]], xy: NDArray[np.float64], load: NDArray[np.float64], most: float
) -> list[NDArray[np.int64]]:
    """Halve groups of homes by weight until no half weighs more than ``most``, or is one group; from west or south."""
    members = np.concatenate(groups)
    if load[members].sum() <= most or len(groups) < 2:
        return [members]
    weight = np.array([load[group].sum() for group in groups])
    middle = np.array([np.average(xy[group], axis=0, weights=load[group] + _FLAT) for group in groups])
    axis = int(np.argmax(np.ptp(middle, axis=0)))
    order = np.lexsort((middle[:, 1 - axis], middle[:, axis]))
    half = np.cumsum(weight[order])
    cut = int(np.clip(np.searchsorted(half, half[-1] / 2) + 1, 1, len(order) - 1))
    sides = ([groups[k] for k in order[:cut]], [groups[k] for k in order[cut:]])
    return [part for side in sides for part in _halved(side, xy, load, most)]


def _all_owned(
    pieces: NDArray[np.object_], owner: NDArray[np.int64], xy: NDArray[np.float64], part: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give blocks where nobody lives to the part with the longest border, or of the nearest home."""
    pairs, metres = shared_borders(pieces)
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    length = np.tile(metres, 2)
    while True:
        open_ = (owner[one] < 0) & (owner[other] >= 0)
        if not open_.any():
            break
        a, b, m = one[open_], owner[other[open_]], length[open_]
        keys, at = np.unique(np.column_stack([a, b]), axis=0, return_inverse=True)
        total = np.bincount(at.reshape(-1), weights=m)
        best = np.lexsort((keys[:, 1], -total, keys[:, 0]))
        first = best[np.unique(keys[best, 0], return_index=True)[1]]
        owner[keys[first, 0]] = keys[first, 1]
    alone = np.flatnonzero(owner < 0)
    if len(alone):
        homes = shapely.STRtree(np.asarray(shapely.points(xy), dtype=object))
        owner[alone] = part[homes.nearest(pieces[alone])]
    return owner
