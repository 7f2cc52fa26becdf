"""Areas that tile a region: cells of points, clean coverages, shared borders, dissolved zones, gaps and overlaps.

Source: Aurenhammer (1991), Voronoi diagrams, ACM Computing Surveys 23(3):345-405, for the cells; GEOS 3.14 for the
cleaning of coverages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["border_segments", "cells_by_unit", "clean", "dissolve", "polygons_of", "shared_borders", "without_detached"]

_SLIVER_M = 1.0


def polygons_of(shape: shapely.Geometry | None) -> shapely.Geometry:
    """Keep the polygons of a shape: a valid Polygon or MultiPolygon, empty where there are none."""
    if shape is None or shapely.is_empty(shape):
        return shapely.MultiPolygon()
    parts = [part for part in shapely.get_parts(shapely.make_valid(shape)) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts) if parts else shapely.MultiPolygon()


def cells_by_unit(
    xy: NDArray[np.float64], unit: NDArray[np.int64], regions: Sequence[shapely.Geometry]
) -> NDArray[np.object_]:
    """Divide regions among points and join the cells of each unit.

    Parameters
    ----------
    xy : (p, 2) float64
        Points, metres.
    unit : (p,) int64
        Unit of every point, 0 … n − 1.
    regions : sequence of Polygon or MultiPolygon
        They do not overlap, such as townships. A point belongs to the region that holds it, else to the nearest one;
        a region without points to the nearest point.

    Returns
    -------
    (n,) ndarray of Polygon or MultiPolygon
        A valid coverage of all regions.
    """
    tree = shapely.STRtree(np.array(regions, dtype=object))
    points = shapely.points(xy)
    home = np.asarray(tree.nearest(points), dtype=np.int64)
    parts: list[list[shapely.Geometry]] = [[] for _ in range(int(unit.max()) + 1)]
    for r, region in enumerate(regions):
        inside = np.flatnonzero(home == r)
        if not len(inside):
            at = int(np.argmin(shapely.distance(points, region)))
            parts[int(unit[at])].append(region)
            continue
        for name, area in _cells(xy[inside], unit[inside], region):
            parts[name].append(area)
    return clean(np.array([polygons_of(shapely.union_all(some)) for some in parts], dtype=object))


def _cells(
    xy: NDArray[np.float64], unit: NDArray[np.int64], region: shapely.Geometry
) -> list[tuple[int, shapely.Geometry]]:
    """Join the Voronoi cells of one region by unit; points at one place belong to the first unit there."""
    places, first = np.unique(xy, axis=0, return_index=True)
    names = np.unique(unit[first])
    if len(names) == 1:
        return [(int(names[0]), region)]
    west, south, east, north = shapely.bounds(region)
    margin = max(east - west, north - south, float(np.ptp(places, axis=0).max()))
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    cells = np.array(
        shapely.voronoi_polygons(shapely.MultiPoint(places), extend_to=frame, ordered=True).geoms, dtype=object
    )
    joined = [shapely.coverage_union_all(cells[unit[first] == name]) for name in names]
    return [(int(name), shapely.intersection(area, region)) for name, area in zip(names, joined, strict=True)]


def clean(areas: NDArray[np.object_], gap_m: float = _SLIVER_M) -> NDArray[np.object_]:
    """Make areas a valid coverage: overlaps go to the longest border, gaps narrower than ``gap_m`` are closed.

    >>> one, two = clean(np.array([shapely.box(0, 0, 2, 1), shapely.box(1.9, 0, 4, 1)], dtype=object))
    >>> round(one.area + two.area, 6), bool(shapely.coverage_is_valid([one, two]))
    (4.0, True)
    """
    found = shapely.coverage_clean(areas, gap_width=gap_m)  # type: ignore[attr-defined] # newer than the stubs
    return np.array([polygons_of(shape) for shape in found], dtype=object)


def border_segments(areas: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List the straight pieces of the borders of a valid coverage.

    Returns
    -------
    sides : (s, 2) int64
        Areas on both sides, the smaller position first; (−1, area) where nothing lies beyond.
    segments : (s, 4) float64
        x, y of both ends.
    """
    parts, owner = shapely.get_parts(areas, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    follows = ring[1:] == ring[:-1]
    start, end = xy[:-1][follows], xy[1:][follows]
    mine = owner[part[ring[:-1][follows]]]
    swap = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    start[swap], end[swap] = end[swap], start[swap].copy()
    segments, same = np.unique(np.column_stack([start, end]), axis=0, return_inverse=True)
    sides = np.full((len(segments), 2), -1, dtype=np.int64)
    order = np.lexsort((mine, same.reshape(-1)))
    key, name = same.reshape(-1)[order], mine[order]
    last = np.append(key[1:] != key[:-1], True)
    sides[key[last], 1] = name[last]
    sides[key[~last], 0] = name[~last]
    return sides, segments


def shared_borders(areas: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """List the areas of a valid coverage that share a border.

    Returns
    -------
    pairs : (k, 2) int64
        Positions, the smaller first, sorted.
    metres : (k,) float64
        Length of the shared border.

    Examples
    --------
    >>> pairs, metres = shared_borders(np.array([shapely.box(0, 0, 1, 5), shapely.box(1, 0, 2, 5)], dtype=object))
    >>> pairs.tolist(), metres.tolist()
    ([[0, 1]], [5.0])
    """
    sides, segments = border_segments(areas)
    twin = (sides[:, 0] >= 0) & (sides[:, 0] != sides[:, 1])
    length = np.hypot(*(segments[twin, 2:] - segments[twin, :2]).T)
    pairs, at = np.unique(sides[twin], axis=0, return_inverse=True)
    metres = np.bincount(at.reshape(-1), weights=length, minlength=len(pairs)).astype(np.float64)
    return pairs.reshape(-1, 2).astype(np.int64), metres


def without_detached(
    areas: NDArray[np.object_], weight_xy: NDArray[np.float64], weight: NDArray[np.float64], unit: NDArray[np.int64]
) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Give the parts of areas that lie apart from the rest to the neighbour with the longest border.

    Parameters
    ----------
    areas : (n,) ndarray of Polygon or MultiPolygon
        A valid coverage.
    weight_xy : (p, 2) float64
        Points, metres; the part that holds most of an area's weight stays (most of its points, where none weighs).
    weight : (p,) float64
    unit : (p,) int64
        Area of every point.

    Returns
    -------
    areas : (n,) ndarray
        A valid coverage; parts that touch nothing else, such as islands, stay with their area.
    unit : (p,) int64
        Area of every point, which follows the part that it lies in.
    """
    parts, owner = shapely.get_parts(areas, return_index=True)
    if len(parts) == len(areas):
        return areas, unit
    inside = _part_of_points(parts, owner, weight_xy, unit)
    load = np.bincount(inside, weights=weight, minlength=len(parts))
    homes = np.bincount(inside, minlength=len(parts))
    order = np.lexsort((-shapely.area(parts), -homes, -load, owner))
    main = np.zeros(len(parts), dtype=bool)
    main[order[np.unique(owner[order], return_index=True)[1]]] = True
    pairs, metres = shared_borders(parts)
    label = np.where(main, owner, -1)
    while True:
        one = np.concatenate([pairs[:, 0], pairs[:, 1]])
        other = label[np.concatenate([pairs[:, 1], pairs[:, 0]])]
        open_ = (label[one] < 0) & (other >= 0)
        if not open_.any():
            break
        best = np.lexsort((other[open_], -np.tile(metres, 2)[open_], one[open_]))
        lone, first = np.unique(one[open_][best], return_index=True)
        label[lone] = other[open_][best][first]
    label = np.where(label < 0, owner, label)
    joined = [shapely.coverage_union_all(parts[label == k]) for k in range(len(areas))]
    return np.array([polygons_of(area) for area in joined], dtype=object), label[inside]


def _part_of_points(
    parts: NDArray[np.object_], owner: NDArray[np.int64], xy: NDArray[np.float64], unit: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Find the part of its own area in which, or nearest to which, every point lies."""
    points = np.asarray(shapely.points(xy), dtype=object)
    place = np.empty(len(xy), dtype=np.int64)
    for name in np.unique(unit):
        mine, own = np.flatnonzero(unit == name), np.flatnonzero(owner == name)
        if len(own) == 1:
            place[mine] = own[0]
        else:
            place[mine] = own[shapely.distance(points[mine, None], parts[own][None, :]).argmin(axis=1)]
    return place


def dissolve(areas: NDArray[np.object_], label: NDArray[np.int64]) -> dict[int, shapely.Geometry]:
    """Join the areas of a valid coverage that carry one label ≥ 0; the joined areas are a valid coverage again."""
    return {int(k): polygons_of(shapely.coverage_union_all(areas[label == k])) for k in np.unique(label[label >= 0])}
