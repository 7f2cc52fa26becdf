"""What several plans of one county share on a map: places, outlines, roads, and the positions that stand for ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.demand.groups import place_of
from layout_planner.io.county import County
from layout_planner.io.crs import wgs84_to_gcj02
from layout_planner.maps.coarse import merged_places
from layout_planner.maps.encode import COORD_DIGITS, packed, polygon_lines, polyline
from layout_planner.maps.names import search_keys
from layout_planner.plan import Plan

__all__ = ["Datum", "Geography", "tolerance_of"]

Datum = Literal["wgs84", "gcj02"]
"""What the degrees of a page refer to: that of its base map."""

COORD_STEP = 10.0**-COORD_DIGITS
LINE_POINTS = 30_000
"""Points kept for roads (and for rivers) on one map; lesser ones are left out when there are more."""
SMALL_WATERS = ("stream", "ditch", "drain", "brook")
MAJOR = ("motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link", "secondary_link")
MINOR = ("tertiary", "tertiary_link", "unclassified", "road")


@dataclass(frozen=True, eq=False)
class Geography:
    """The union of several plans' places and schools; a position in these frames is what the page calls an id.

    Attributes
    ----------
    demand, schools : GeoDataFrame
        Sorted by id, in the county's projected system; many places are merged to squares.
    square_of, village_of : Series
        Id in ``demand`` and village of every place, by its own id.
    merged : int
        Cells along a side of a square; 1 where every place is shown.
    """

    county: County
    demand: gpd.GeoDataFrame
    schools: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    townships: gpd.GeoDataFrame
    boundary: shapely.Geometry
    square_of: pd.Series
    village_of: pd.Series
    merged: int = 1
    rivers: gpd.GeoDataFrame | None = None
    datum: Datum = "wgs84"

    @classmethod
    def of(cls, plans: Sequence[Plan], rivers: gpd.GeoDataFrame | None = None, datum: Datum = "wgs84") -> Geography:
        """Collect what the plans share; the first plan's county gives the outlines."""
        county = plans[0].county
        crs = county.crs
        demand = [p.county.demand for p in plans if p.county.demand is not None]
        whole = shapely.union_all(county.boundary.to_crs(crs).geometry.to_numpy())
        places = _union([_together(frame) for frame in demand], "demand_id", crs)
        shown, square_of, merged = merged_places(places, float(county.cell_m), float(county.cell_aspect))
        return cls(
            county=county,
            demand=shown,
            schools=_union([p.schools for p in plans], "school_id", crs),
            villages=_union([county.villages], "village_id", crs),
            townships=_union([county.townships], "township_id", crs),
            boundary=shapely.simplify(whole, _tolerance(whole)),
            square_of=square_of,
            village_of=pd.Series(places["village_id"].to_numpy(), index=places["demand_id"]),
            merged=merged,
            rivers=plans[0].county.rivers if rivers is None else rivers,
            datum=datum,
        )

    def degrees(self, series: gpd.GeoSeries) -> gpd.GeoSeries:
        """Move geometries to longitude and latitude, in the datum of the page."""
        degrees = series.to_crs(4326)
        if self.datum == "wgs84":
            return degrees
        return gpd.GeoSeries(shapely.transform(degrees.to_numpy(), wgs84_to_gcj02), crs=4326)

    @property
    def tolerance_m(self) -> float:
        """How far simplified lines may stray, metres: about a third of a pixel on a full screen."""
        return _tolerance(self.boundary)

    def positions(self, frame: gpd.GeoDataFrame, column: str, ids: pd.Series) -> npt.NDArray[np.int64]:
        """Find the positions of ids in one of the frames; -1 for an id that is not there (or is empty)."""
        return np.asarray(pd.Index(frame[column]).get_indexer(pd.Index(ids)), dtype=np.int64)

    def places(self, demand_ids: pd.Series) -> npt.NDArray[np.int64]:
        """Find the positions of demand points among the places of the map, where the groups of pupils share one."""
        return self.positions(self.demand, "demand_id", demand_ids.map(place_of).map(self.square_of))

    def villages_of(self, demand_ids: pd.Series) -> npt.NDArray[np.int64]:
        """Find the positions of the villages that demand points belong to; -1 for none."""
        return self.positions(self.villages, "village_id", demand_ids.map(place_of).map(self.village_of))

    def payload(self) -> dict[str, Any]:
        """Collect the page's shared part."""
        outline = self.degrees(gpd.GeoSeries([self.boundary], crs=self.county.crs))
        west, south, east, north = (round(float(v), COORD_DIGITS) for v in outline.total_bounds)
        return {
            "bounds": [[south, west], [north, east]],
            "boundary": polygon_lines(outline.iloc[0]),
            "townships": self._townships(),
            "villages": self._villages(),
            "schools": self._schools(),
            "cells": self._cells(),
            "roads": self._roads(),
            "rivers": self._rivers(),
        }

    def _townships(self) -> list[dict[str, Any]]:
        frame = self.townships
        if not len(frame):
            return []
        areas = _simplify_together(frame.geometry.to_numpy(), self.tolerance_m)
        degrees = self.degrees(gpd.GeoSeries(areas, crs=self.county.crs))
        middles = self.degrees(gpd.GeoSeries(shapely.point_on_surface(areas), crs=self.county.crs))
        return [
            {
                "id": str(i),
                "name": str(name),
                "keys": search_keys(str(name)),
                "at": _latlon(point),
                "area": polygon_lines(area),
            }
            for i, name, point, area in zip(frame["township_id"], frame["name"], middles, degrees, strict=True)
        ]

    def _township_names(self, frame: gpd.GeoDataFrame) -> list[str]:
        names = dict(zip(self.townships["township_id"], self.townships["name"], strict=True))
        given = frame["township"] if "township" in frame else pd.Series([""] * len(frame))
        return [
            str(names.get(i) or ("" if pd.isna(t) else t)) for i, t in zip(frame["township_id"], given, strict=True)
        ]

    def _villages(self) -> list[dict[str, Any]]:
        frame = self.villages
        points = self.degrees(frame.geometry)
        return [
            {"id": str(i), "name": str(name), "town": town, "keys": search_keys(str(name)), "at": _latlon(point)}
            for i, name, town, point in zip(
                frame["village_id"], frame["name"], self._township_names(frame), points, strict=True
            )
        ]

    def _schools(self) -> list[dict[str, Any]]:
        frame = self.schools
        points = self.degrees(frame.geometry)
        return [
            {"id": str(i), "name": str(name), "town": town, "keys": search_keys(str(name)), "at": _latlon(point, 6)}
            for i, name, town, point in zip(
                frame["school_id"], frame["name"], self._township_names(frame), points, strict=True
            )
        ]

    def _cells(self) -> dict[str, Any]:
        frame = self.demand
        points = shapely.get_coordinates(self.degrees(frame.geometry).to_numpy())
        villages = self.positions(self.villages, "village_id", frame["village_id"])
        is_village = (frame["kind"] != "cell").to_numpy()
        return {
            "n": len(frame),
            "size": float(self.county.cell_m) * self.merged,
            "merged": self.merged > 1,
            "aspect": round(float(self.county.cell_aspect), 4),
            "lon": packed(points[:, 0], COORD_STEP),
            "lat": packed(points[:, 1], COORD_STEP),
            "village": packed(villages),
            "dot": packed(is_village.astype(np.int64)) if is_village.any() else None,
        }

    def _roads(self) -> list[dict[str, Any]]:
        roads = self.county.network.roads
        rank = np.where(roads.is_class(*MAJOR), 0, np.where(roads.is_class(*MINOR), 1, 2))
        return self._lines(self.county.network.edge_geometries(), rank)

    def _rivers(self) -> list[dict[str, Any]]:
        if self.rivers is None:
            return []
        frame = self.rivers.to_crs(self.county.crs)
        small = (
            frame["waterway"].isin(SMALL_WATERS).to_numpy() if "waterway" in frame else np.zeros(len(frame), dtype=bool)
        )
        rank = small.astype(np.int64)
        return self._lines(frame.geometry.to_numpy(), rank)

    def _lines(self, lines: npt.NDArray[np.object_], rank: npt.NDArray[np.int64]) -> list[dict[str, Any]]:
        """Merge, simplify and encode lines by rank, the lowest first, as long as the points of one map last."""
        out: list[dict[str, Any]] = []
        points = 0
        for one in np.unique(rank):
            parts = shapely.get_parts(shapely.force_2d(lines[rank == one]))
            merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(parts)))
            simple = shapely.simplify(merged, 2 * self.tolerance_m)
            simple = simple[shapely.length(simple) > 4 * self.tolerance_m]
            points += int(shapely.get_num_coordinates(simple).sum())
            if points > LINE_POINTS and out:
                break
            degrees = self.degrees(gpd.GeoSeries(simple, crs=self.county.crs))
            out.append({"rank": int(one), "lines": [polyline(shapely.get_coordinates(line)) for line in degrees]})
        return out


def _union(frames: Sequence[gpd.GeoDataFrame], key: str, crs: object) -> gpd.GeoDataFrame:
    local = [frame.to_crs(crs) for frame in frames]
    whole = pd.concat(local, ignore_index=True) if len(local) > 1 else local[0]
    return gpd.GeoDataFrame(
        whole.drop_duplicates(key).sort_values(key, kind="stable").reset_index(drop=True), geometry="geometry", crs=crs
    )


def _together(demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep one row a place; a place where only a group lives goes by its residents' id."""
    places = demand["demand_id"].map(place_of)
    return demand.assign(demand_id=places)[~places.duplicated()]


def tolerance_of(county: County) -> float:
    """Say how far simplified lines of a county's map may stray, metres."""
    return _tolerance(shapely.union_all(county.boundary.to_crs(county.crs).geometry.to_numpy()))


def _tolerance(boundary: shapely.Geometry) -> float:
    west, south, east, north = shapely.bounds(boundary).tolist()
    return max(east - west, north - south, 1.0) / 3000


def _simplify_together(areas: npt.NDArray[np.object_], tolerance_m: float) -> npt.NDArray[np.object_]:
    if shapely.coverage_is_valid(areas):
        return np.asarray(shapely.coverage_simplify(areas, tolerance_m), dtype=object)
    return np.asarray(shapely.simplify(areas, tolerance_m / 2), dtype=object)


def _latlon(point: shapely.Point, digits: int = COORD_DIGITS) -> list[float]:
    return [round(point.y, digits), round(point.x, digits)]
