"""Where people live within areas: the residential buildings, and the inhabited middle of a village's area."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import Severity
from layout_planner.io.buildings import read_buildings
from layout_planner.io.geometry import project
from layout_planner.io.raster import read_population
from layout_planner.io.reading import Reading
from layout_planner.io.tables import Loaded
from layout_planner.io.vector import LoadedLayer

__all__ = ["centred", "inhabited_middle", "read_homes"]

Floats = npt.NDArray[np.float64]
Places = tuple[Floats, Floats]


def read_homes(reading: Reading, outline: BaseGeometry, crs: CRS) -> gpd.GeoDataFrame | None:
    """Read the residential buildings where the scenario spreads pupils over them."""
    demand = reading.scenario.demand
    if demand.source != "townships" or demand.spread_over != "buildings":
        return None
    path = reading.files["buildings"]
    if path is None:
        reading.missing(
            "buildings",
            "建筑",
            "放入 buildings.gpkg 或 .osm.pbf，或改 demand.spread_over",
            "add buildings.gpkg or .osm.pbf, or change demand.spread_over",
        )
        return None
    reading.use("buildings", path)
    buildings, flaws = read_buildings(path, outline, crs, declared=reading.scenario.data.crs.buildings)
    reading.flaws += flaws
    return buildings


def centred(
    villages: tuple[Loaded, Floats],
    reading: Reading,
    outline: BaseGeometry,
    crs: CRS,
    cells: gpd.GeoDataFrame | None,
    buildings: gpd.GeoDataFrame | None,
) -> tuple[Loaded, Floats]:
    """Move villages that are areas from some point inside to their inhabited middle, where anything tells it.

    The population raster tells it, else the buildings. A raster that serves nothing else is read for it, and what is
    wrong with it is a warning then.

    Returns
    -------
    villages : Loaded
    lonlat : array of float, shape (n, 2)
        WGS-84.
    """
    loaded, lonlat = villages
    if not isinstance(loaded, LoadedLayer) or not any(area is not None for area in loaded.areas):
        return villages
    if cells is None and buildings is None and reading.files.population:
        for path in reading.files.population:
            reading.use("population", path)
        found = read_population(reading.files.population, outline, crs, declared=reading.scenario.data.crs.population)
        reading.flaws += [replace(f, severity=min(f.severity, Severity.WARNING, key=_RANK.index)) for f in found.flaws]
        cells = found.cells
    places = _places(cells, buildings)
    if places is None:
        return villages
    moved = lonlat.copy()
    rows = np.array([area is not None for area in loaded.areas])
    areas = project(loaded.areas[rows], "wgs84", crs)
    middles = inhabited_middle(areas, *places)
    known = np.isfinite(middles).all(axis=1)
    points = project(np.asarray(shapely.points(middles[known]), dtype=object), crs, "wgs84")
    moved[np.flatnonzero(rows)[known]] = shapely.get_coordinates(points)
    return loaded, moved


_RANK = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


def _places(cells: gpd.GeoDataFrame | None, buildings: gpd.GeoDataFrame | None) -> Places | None:
    """Give weighted places where people live."""
    if cells is not None and len(cells):
        people = [c for c in cells.columns if str(c).startswith("people")]
        return shapely.get_coordinates(cells.geometry.to_numpy()), cells[people].to_numpy(np.float64).sum(axis=1)
    if buildings is not None and len(buildings):
        return shapely.get_coordinates(buildings.geometry.to_numpy()), buildings["floor_m2"].to_numpy(np.float64)
    return None


def inhabited_middle(areas: npt.NDArray[np.object_], xy: Floats, weight: Floats) -> Floats:
    """Find in each area the inhabited place that is nearest to the weighted mean of all its places.

    A mean itself may fall into a lake or, of a crescent, outside the area.

    Parameters
    ----------
    areas : array of Polygon, shape (n,)
    xy : array of float, shape (m, 2)
        Places in the same CRS, metres.
    weight : array of float, shape (m,)
        People or floor space.

    Returns
    -------
    array of float, shape (n, 2)
        Metres; not-a-number where no place with a weight lies inside.
    """
    out = np.full((len(areas), 2), np.nan)
    area, place = shapely.STRtree(np.asarray(shapely.points(xy), dtype=object)).query(areas, predicate="contains")
    lived_in = weight[place] > 0
    area, place = area[lived_in], place[lived_in]
    for i in np.unique(area):
        own = place[area == i]
        mean = np.average(xy[own], axis=0, weights=weight[own])
        out[i] = xy[own[np.argmin(np.hypot(*(xy[own] - mean).T))]]
    return out
