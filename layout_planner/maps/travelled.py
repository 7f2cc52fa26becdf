"""The roads that pupils travel, by how many, and the rings of equal walking time around the schools of a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layout_planner.assign.journeys import profiles
from layout_planner.grades import GradeBand
from layout_planner.maps.encode import Pool, packed, polygon_lines, polyline
from layout_planner.maps.geography import tolerance_of
from layout_planner.maps.palettes import MINUTES
from layout_planner.travel.isochrones import isochrones
from layout_planner.travel.paths import find_paths

if TYPE_CHECKING:
    from layout_planner.maps.geography import Geography
    from layout_planner.plan import Plan

__all__ = ["Travelled", "roads_used", "travelled_of", "travelled_payload"]

BREAKS = (5.0, 20.0, 50.0, 200.0)
"""Pupils on a road from which it is drawn wider."""
RESOLUTION, PART = 5.0, 25.0
"""Detail of the rings and side of their least parts, in tolerances of the map."""

Parts = list[tuple[float, shapely.Geometry]]


@dataclass(frozen=True, eq=False)
class Travelled:
    """What a plan's map shows of the whole road network, kept so that the plan can be drawn again without it.

    Attributes
    ----------
    roads : GeoDataFrame
        One row a band and class: ``band``, ``pupils_from`` (the least on these roads) and lines, in metres.
    rings : GeoDataFrame
        One row a band and class of walking time to the nearest open school: ``band``, ``minutes_to`` and areas.
    """

    roads: gpd.GeoDataFrame
    rings: gpd.GeoDataFrame


def travelled_of(plans: Sequence[Plan], privacy: int) -> list[Travelled]:
    """Find the roads travelled and the rings of plans, whose networks must be whole; what they share only once.

    Parameters
    ----------
    plans : sequence of Plan
    privacy : int
        Roads of fewer pupils are left out.
    """
    out: list[Travelled] = []
    old: Plan | None = None
    roads: list[Parts] = []
    rings: list[Parts] = []
    for plan in plans:
        like = old if old is not None and _same_roads(old, plan) else None
        roads = [
            roads[i] if like is not None and _ways(plan, b).equals(_ways(like, b)) else _roads(plan, b, privacy)
            for i, b in enumerate(GradeBand)
        ]
        rings = [
            rings[i] if like is not None and _teaching(plan, b).equals(_teaching(like, b)) else _rings(plan, b)
            for i, b in enumerate(GradeBand)
        ]
        crs = plan.county.crs
        out.append(Travelled(_frame("pupils_from", roads, crs), _frame("minutes_to", rings, crs)))
        old = plan
    return out


def travelled_payload(travelled: Travelled, geo: Geography, privacy: int, pool: Pool) -> list[dict[str, Any]]:
    """Collect roads and rings for the page, band by band; not the classes that reach below ``privacy`` pupils.

    Lines and areas go to the ``pool``, so that plans share what is the same in both.
    """
    out = []
    shown = travelled.roads[travelled.roads["pupils_from"] >= privacy]
    for band in GradeBand:
        roads, rings = (frame[frame["band"] == band.value] for frame in (shown, travelled.rings))
        ways = [
            {"from": int(least), "class": int(np.searchsorted(BREAKS, least, side="right")),
             "lines": packed([pool.put(polyline(shapely.get_coordinates(line))) for line in shapely.get_parts(lines)])}
            for least, lines in zip(roads["pupils_from"].tolist(), geo.degrees(roads.geometry), strict=True)
        ]  # fmt: skip
        classes = MINUTES.classify(rings["minutes_to"].to_numpy())
        areas = [
            [int(k), [pool.put(polygon_lines(part)) for part in shapely.get_parts(area)]]
            for k, area in zip(classes, geo.degrees(rings.geometry), strict=True)
        ]
        out.append({"ways": ways, "rings": areas})
    return out


def _same_roads(one: Plan, other: Plan) -> bool:
    """Tell whether two plans have the same roads and the same rules of travel."""
    return one.county.network is other.county.network and one.scenario.travel == other.scenario.travel


def _frame(column: str, parts: Sequence[Parts], crs: object) -> gpd.GeoDataFrame:
    """Put the parts of all bands into one table."""
    rows = [(band.value, value, shape) for band, some in zip(GradeBand, parts, strict=True) for value, shape in some]
    columns = {"band": [row[0] for row in rows], column: np.array([row[1] for row in rows], dtype=np.float64)}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([row[2] for row in rows], crs=crs))


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


def _roads(plan: Plan, band: GradeBand, privacy: int) -> Parts:
    """Join the roads travelled by class of pupils, the busiest last: the least pupils, and lines."""
    pupils = roads_used(plan, band)
    out: Parts = []
    network, tolerance = plan.county.network, tolerance_of(plan.county)
    classes = np.searchsorted(BREAKS, pupils, side="right")
    for k, start in enumerate((1.0, *BREAKS)):
        chosen = np.flatnonzero((classes == k) & (pupils >= max(privacy, start)))
        if len(chosen):
            merged = shapely.line_merge(shapely.multilinestrings(network.edge_geometries(chosen)))
            parts = shapely.get_parts(shapely.simplify(merged, 2 * tolerance))
            out.append((max(privacy, start), shapely.MultiLineString(list(parts))))
    return out


def _rings(plan: Plan, band: GradeBand) -> Parts:
    """Draw the rings of equal walking time to the nearest open school of a band: minutes up to, and areas."""
    teaches = _teaching(plan, band)
    if teaches.empty:
        return []
    travel, tolerance = plan.scenario.travel, tolerance_of(plan.county)
    rings = isochrones(
        plan.county.network, profiles(travel)[f"walk:{band.value}"], teaches.index.to_numpy(),
        shapely.get_coordinates(teaches.to_numpy()), MINUTES.breaks,
        boundary=shapely.simplify(shapely.union_all(plan.county.boundary.geometry.to_numpy()), tolerance),
        snap_limit_m=travel.snap_limit_m, access_speed_kmh=travel.access_speed_kmh,
        access_detour=travel.access_detour, resolution_m=RESOLUTION * tolerance,
        simplify_m=RESOLUTION * tolerance, min_part_m2=(PART * tolerance) ** 2,
    )  # fmt: skip
    return list(zip(rings["to_min"].tolist(), rings.geometry, strict=True))


def _teaching(plan: Plan, band: GradeBand) -> gpd.GeoSeries:
    """List where the open schools of a band stand, by id."""
    schools, first, last = plan.schools, band.grades[0], band.grades[-1]
    teaches = schools[schools["is_open"] & (schools["grade_from"] <= first) & (schools["grade_to"] >= last)]
    return teaches.set_index(teaches["school_id"].astype(str)).geometry


def _ways(plan: Plan, band: GradeBand) -> pd.DataFrame:
    """List who goes where and how."""
    rows = plan.assignment[plan.assignment["band"] == band.value]
    return rows[["demand_id", "school_id", "mode", "pupils"]].reset_index(drop=True)
