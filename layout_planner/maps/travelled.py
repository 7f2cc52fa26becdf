"""The roads that pupils travel, by how many, and the rings of equal walking time around the schools of a band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.assign.journeys import profiles
from layout_planner.grades import GradeBand
from layout_planner.maps.encode import polygon_lines, polyline
from layout_planner.maps.palettes import MINUTES
from layout_planner.travel.isochrones import isochrones
from layout_planner.travel.paths import find_paths

if TYPE_CHECKING:
    from layout_planner.maps.geography import Geography
    from layout_planner.plan import Plan

__all__ = ["isochrone_payload", "road_payload", "roads_used", "travelled_payload"]

BREAKS = (5.0, 20.0, 50.0, 200.0)
"""Pupils on a road from which it is drawn wider."""
RESOLUTION, PART = 5.0, 25.0
"""Detail of the rings and side of their least parts, in tolerances of the map."""


def travelled_payload(plan: Plan, geo: Geography, privacy: int) -> list[dict[str, Any]]:
    """Collect roads travelled and rings of walking time, band by band; the plan's network must be whole."""
    return [
        {"ways": road_payload(plan, band, geo, privacy), "rings": isochrone_payload(plan, band, geo)}
        for band in GradeBand
    ]


def roads_used(plan: Plan, band: GradeBand) -> npt.NDArray[np.float64]:
    """Count the pupils of a band who travel each road on their quickest way to school.

    Boarders are left out, and so is whoever is not brought by road.

    Returns
    -------
    (edges,) float array
        Pupils, one way, by edge of the county's network.
    """
    network, travel, demand = plan.county.network, plan.scenario.travel, plan.county.demand
    assert demand is not None
    homes = demand.drop_duplicates("demand_id").set_index("demand_id").geometry
    sites = plan.schools.set_index(plan.schools["school_id"].astype(str)).geometry
    rows = plan.assignment[(plan.assignment["band"] == band.value) & (plan.assignment["school_id"] != "")]
    pupils = np.zeros(len(network.length_m))
    for mode, key in (("walk", f"walk:{band.value}"), ("ride", "ride")):
        some = rows[(rows["mode"] == mode) & (rows["pupils"] > 0)]
        if some.empty:
            continue
        pairs = pd.DataFrame({"origin_id": some["demand_id"].to_numpy(), "site_id": some["school_id"].to_numpy()})
        origins, ends = homes[pairs["origin_id"].unique()], sites[pairs["site_id"].unique()]
        paths = find_paths(
            network, profiles(travel)[key], origins.index.to_numpy(), shapely.get_coordinates(origins.to_numpy()),
            ends.index.to_numpy(), shapely.get_coordinates(ends.to_numpy()), pairs, cutoff_min=travel.cutoff_min,
            snap_limit_m=travel.snap_limit_m, access_speed_kmh=travel.access_speed_kmh,
            access_detour=travel.access_detour,
        )  # fmt: skip
        weights = some["pupils"].to_numpy(dtype=np.float64)[paths.edges.path]
        pupils += np.bincount(paths.edges.edge, weights=weights, minlength=len(pupils))
    return pupils


def road_payload(plan: Plan, band: GradeBand, geo: Geography, privacy: int) -> list[dict[str, Any]]:
    """Collect the roads travelled by class of pupils, the busiest last; not those of fewer than ``privacy``."""
    pupils = roads_used(plan, band)
    lines = plan.county.network.edge_geometries()
    classes = np.searchsorted(BREAKS, pupils, side="right")
    out = []
    for k in range(len(BREAKS) + 1):
        chosen = (classes == k) & (pupils >= max(privacy, 1))
        if not chosen.any():
            continue
        merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(shapely.force_2d(lines[chosen]))))
        simple = geo.degrees(gpd.GeoSeries(shapely.simplify(merged, 2 * geo.tolerance_m), crs=geo.county.crs))
        out.append({"class": k, "lines": [polyline(shapely.get_coordinates(line)) for line in simple]})
    return out


def isochrone_payload(plan: Plan, band: GradeBand, geo: Geography) -> list[list[Any]]:
    """Collect the rings of equal walking time to the nearest open school of a band: class of minutes, and area."""
    travel, schools = plan.scenario.travel, plan.schools
    first, last = band.grades[0], band.grades[-1]
    teaches = schools[schools["is_open"] & (schools["grade_from"] <= first) & (schools["grade_to"] >= last)]
    if teaches.empty:
        return []
    rings = isochrones(
        plan.county.network, profiles(travel)[f"walk:{band.value}"], teaches["school_id"].astype(str).to_numpy(),
        shapely.get_coordinates(teaches.geometry.to_numpy()), MINUTES.breaks, boundary=geo.boundary,
        snap_limit_m=travel.snap_limit_m, access_speed_kmh=travel.access_speed_kmh,
        access_detour=travel.access_detour, resolution_m=RESOLUTION * geo.tolerance_m,
        simplify_m=RESOLUTION * geo.tolerance_m, min_part_m2=(PART * geo.tolerance_m) ** 2,
    )  # fmt: skip
    classes = MINUTES.classify(rings["to_min"].to_numpy())
    return [[int(k), polygon_lines(area)] for k, area in zip(classes, geo.degrees(rings.geometry), strict=True)]
