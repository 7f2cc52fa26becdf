"""Geometries brought from one coordinate system to another, and made valid where people drew them badly."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import CrsError, Text
from layout_planner.io.crs import to_crs

__all__ = ["Geometries", "made_valid", "polygon_parts", "project"]

Geometries = npt.NDArray[np.object_]
_LONGEST_EDGE_DEG = 0.02
_LONGEST_EDGE_M = 2_000.0


def project(geometry: Geometries | BaseGeometry, declared: str | CRS, target: str | CRS) -> Geometries:
    """Bring geometries from one declared system to another; long edges get vertices first, so that they stay true.

    Raises
    ------
    CrsError
        If a vertex has no place in the target system: the declared system is wrong.
    """
    if declared == target:
        return np.asarray(geometry, dtype=object)

    def move(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        moved = to_crs(xy, declared, target)
        if not np.isfinite(moved).all():
            raise CrsError(Text("坐标在声明的坐标系里不成立", "the coordinates are impossible in the declared system"))
        return moved

    extent = np.abs(np.atleast_1d(shapely.bounds(geometry)))
    degrees = bool(np.nanmax(extent, initial=0.0) <= 360.0)
    dense = _densified(np.asarray(geometry, dtype=object), _LONGEST_EDGE_DEG if degrees else _LONGEST_EDGE_M)
    return np.asarray(shapely.transform(dense, move), dtype=object)


def _densified(shapes: Geometries, step: float) -> Geometries:
    """Give edges longer than a step more vertices; parts of no length, which GEOS refuses, are left out of groups."""
    out = shapes.copy()
    each: list[Any] = shapes.ravel().tolist()
    for i in np.flatnonzero(shapely.length(shapes) > step):
        shape = each[i]
        if shape.geom_type in ("MultiLineString", "GeometryCollection"):
            shape = type(shape)([p for p in shape.geoms if p.length > 0 or p.geom_type != "LineString"])
        out.flat[i] = shapely.segmentize(shape, step)
    return out


def made_valid(shapes: Geometries) -> Geometries:
    """Make shapes valid: by their lines, else by their rings where those have collapsed."""
    try:
        return np.asarray(shapely.make_valid(shapes), dtype=object)
    except shapely.errors.GEOSException:
        out = np.array(shapes, dtype=object)
    for i, shape in enumerate(out.flat):
        try:
            out.flat[i] = shapely.make_valid(shape)
        except shapely.errors.GEOSException:
            out.flat[i] = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    return out


def polygon_parts(geometry: Geometries) -> Geometries:
    """Make polygons valid and keep only their polygon parts, joined to one shape a row; others get ``None``."""
    valid = made_valid(shapely.force_2d(geometry))
    out = np.full(len(valid), None, dtype=object)
    for i, shape in enumerate(valid):
        parts = [p for p in shapely.get_parts(shape) if p.geom_type in ("Polygon", "MultiPolygon")] if shape else []
        if parts:
            out[i] = shapely.union_all(parts)
    return out
