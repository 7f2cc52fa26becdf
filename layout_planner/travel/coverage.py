"""Network catchments: which site is quickest to reach, for every place of an area, as one clean coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import NetworkError, Text
from layout_planner.travel.field import Access, Direction, TimeField
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.speeds import Profile
from layout_planner.travel.tiling import OUTSIDE, Lattice, Tiles, dissolve, resolution, tile

__all__ = ["UNREACHED", "Boundary", "area_of", "network_catchments"]

Ids = npt.NDArray[np.object_]
Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Boundary: TypeAlias = BaseGeometry | gpd.GeoDataFrame | gpd.GeoSeries

UNREACHED = ""
"""Site id of the area from which no site is in reach."""


def network_catchments(
    network: RoadNetwork, profile: Profile, site_id: Sequence[str] | Ids, site_xy: npt.ArrayLike,
    boundary: Boundary, *, snap_limit_m: float, access_speed_kmh: float, access_detour: float,
    cutoff_min: float = np.inf, direction: Direction = "to_site", resolution_m: float | None = None,
    simplify_m: float | None = None, min_part_m2: float | None = None,
) -> gpd.GeoDataFrame:  # fmt: skip
    """Divide an area among sites: every place belongs to the site with the least minutes over the roads.

    A place is served as :func:`~layout_planner.travel.matrix.travel_matrix` serves a home there, so the catchment in
    which a home lies is the first row of ``TravelMatrix.nearest`` for it. Between two schools on one road the border
    crosses it at the break-even point; between two roads it runs halfway.

    Parameters
    ----------
    site_id, site_xy : (m,), (m, 2)
        Unique ids, and metres in the network's CRS. Of sites equally near, the lesser id is taken.
    boundary : Polygon, MultiPolygon or frame of them
        The area to divide, in the network's CRS or (a frame) in its own.
    snap_limit_m, access_speed_kmh, access_detour
        As in :func:`~layout_planner.travel.matrix.travel_matrix`.
    cutoff_min : float
        Minutes beyond which a place is unreached.
    direction : {"to_site", "from_site"}
        Which way people travel.
    resolution_m : float, optional
        Borders are right to within this many metres, and parts that are narrower may be missed; by default 25, and
        coarser for areas beyond 2,500 km².
    simplify_m : float, optional
        See :func:`~layout_planner.travel.tiling.dissolve`; by default a third of the resolution.
    min_part_m2 : float, optional
        Smaller separate parts go to the neighbour around them; by default four cells. So do separate parts, whatever
        their size, through which no road runs that people can reach. A site's largest part always stays.

    Returns
    -------
    GeoDataFrame
        ``site_id`` and ``geometry``: one row a site that is nearest to any place, in the order of ids, after the row
        ``""`` of the places from which none is in reach, if there are any. A valid coverage that fills the boundary.

    Raises
    ------
    NetworkError
        Ids and coordinates do not match, or the resolution cannot be used.
    """
    area = area_of(boundary, network.crs)
    step = resolution(area, resolution_m)
    field = TimeField(network, profile, site_id, site_xy, Access(snap_limit_m, access_speed_kmh, access_detour),
                      direction)  # fmt: skip
    grown = field.grown(cutoff_min)
    lattice = Lattice.over(area, step)

    def label_at(xy: Floats) -> Labels:
        return field.at(field.snap(xy), grown, cutoff_min)[1]

    corners = lattice.corners()
    label = np.full(corners.shape, OUTSIDE, dtype=np.int32)
    at = field.snap(lattice.points(corners))
    label[corners] = field.at(at, grown, cutoff_min)[1]
    tiles = tile(lattice, label, label_at, area)
    roads = network.edge_geometries()[np.unique(at.edge[at.ok])]
    tiles = tiles.without(_needless(tiles, roads, 4 * step**2 if min_part_m2 is None else min_part_m2))
    tiles = dissolve(tiles, step / 3 if simplify_m is None else simplify_m)
    names = np.array([UNREACHED if one < 0 else field.site_id[field.by_rank[one]] for one in tiles.label], dtype=object)
    frame = gpd.GeoDataFrame({"site_id": names}, geometry=tiles.faces, crs=network.crs)
    frame.attrs["resolution_m"] = step
    return frame


def area_of(boundary: Boundary, crs: CRS) -> BaseGeometry:
    """Give the area of a polygon, or of a frame of polygons moved to ``crs``, as one geometry.

    Raises
    ------
    NetworkError
        It is empty, crosses itself or is not made of polygons.
    """
    area = boundary
    if not isinstance(area, BaseGeometry):
        frame = area if area.crs is None else area.to_crs(crs)
        area = shapely.union_all(frame.geometry.to_numpy())
    if area.is_empty or not area.is_valid or area.geom_type not in ("Polygon", "MultiPolygon"):
        raise NetworkError(
            Text("边界为空、自相交或不是面，请修正", "The boundary is empty, crosses itself or is no area: mend it")
        )
    return area


def _needless(tiles: Tiles, roads: npt.NDArray[np.object_], min_part_m2: float) -> Mask:
    """Tell which faces are too small, or separate parts of a catchment without a road; never a label's largest."""
    area = tiles.area()
    order = np.lexsort((-area, tiles.label))
    largest = np.zeros(len(area), dtype=bool)
    largest[order[np.append(True, tiles.label[order][1:] != tiles.label[order][:-1])]] = True
    doubtful = np.flatnonzero(~largest & (tiles.label >= 0))
    held, _ = shapely.STRtree(roads).query(tiles.faces[doubtful], predicate="intersects")
    roadless = np.ones(len(doubtful), dtype=bool)
    roadless[held] = False
    doomed = (area < min_part_m2) & ~largest
    doomed[doubtful] |= roadless
    return doomed
