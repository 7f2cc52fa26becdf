"""Names of inhabited places (OpenStreetMap nodes ``place=village`` …), for natural villages without a table."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import shapely
from osmium.filter import KeyFilter
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.io.files import OSM_SUFFIXES
from layout_planner.io.geometry import project
from layout_planner.io.reading import Reading

__all__ = ["PLACE_RANK", "read_place_names", "read_places"]

PLACE_RANK = {
    "village": 0,
    "hamlet": 1,
    "isolated_dwelling": 2,
    "farm": 3,
    "neighbourhood": 4,
    "quarter": 5,
    "suburb": 6,
}
"""Kinds of places whose names a natural village can bear, the likelier one first."""
_NAMES = ("name:zh", "name")


def read_places(path: Path, outline: BaseGeometry, crs: CRS) -> gpd.GeoDataFrame:
    """Read the named places of an OpenStreetMap file inside an outline.

    Parameters
    ----------
    path : Path
        XML or PBF; its roads were read already, so that what is wrong with the file is known.
    outline : Polygon or MultiPolygon
        In degrees on WGS-84.
    crs : CRS
        Projected working CRS, metres.

    Returns
    -------
    GeoDataFrame
        ``name`` and ``place`` (a key of ``PLACE_RANK``) with points, by rank, name and position; a file that cannot
        be read to its end gives no place.
    """
    found: list[tuple[int, str, str, float, float]] = []
    try:
        for node in osmium.FileProcessor(path, osmium.osm.NODE).with_filter(KeyFilter("place")):
            if not isinstance(node, osmium.osm.Node):
                continue
            tags = {tag.k: tag.v.strip() for tag in node.tags}
            place, name = tags["place"], next((tags[key] for key in _NAMES if tags.get(key)), "")
            if place in PLACE_RANK and name and node.location.valid():
                found.append((PLACE_RANK[place], name, place, node.location.lon, node.location.lat))
    except (RuntimeError, OSError, ValueError):
        found = []
    found.sort()
    points = np.asarray(shapely.points([(lon, lat) for *_, lon, lat in found] or np.zeros((0, 2))), dtype=object)
    inside = shapely.intersects(outline, points)
    frame = {"name": [row[1] for row in found], "place": [row[2] for row in found]}
    places = gpd.GeoDataFrame(frame, geometry=project(points, "wgs84", crs), crs=crs)
    return places[inside].reset_index(drop=True)


def read_place_names(reading: Reading, outline: BaseGeometry, crs: CRS) -> gpd.GeoDataFrame | None:
    """Read the places of the road file where they are to name natural villages; ``None`` where they are not."""
    path = reading.files["roads"]
    wanted = reading.scenario.demand.units == "natural_villages" and reading.files["villages"] is None
    if not wanted or path is None or not path.name.lower().endswith(OSM_SUFFIXES):
        return None
    return read_places(path, outline, crs)
