"""The travel times of a scenario: by band and vehicle, to school and home, in every season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layout_planner.assign.uncertainty import straight_line_flaws
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.grades import GradeBand
from layout_planner.travel.closures import Season, flooded_edges
from layout_planner.travel.directions import is_symmetric, worse_way
from layout_planner.travel.gaps import island_flaws, island_gaps
from layout_planner.travel.matrix import TravelMatrix, travel_matrices
from layout_planner.travel.speeds import Profile, car_profile, e_bike_profile, ride_profile, walk_profile
from layout_planner.travel.surface_matrix import combined_matrix

if TYPE_CHECKING:
    from layout_planner.config.scenario import Season as SeasonBlock
    from layout_planner.config.scenario import Travel
    from layout_planner.io.county import County

__all__ = ["HOME", "TO_SCHOOL", "journeys", "profiles", "seasons", "way_checks"]

ADULT_KMH = 5.04
"""Pace of the adult whose speeds over land cover are tabled, on the flat. Source: W. Tobler, NCGIA 93-1, 1993."""
HOME, TO_SCHOOL = "home:", "to_school:"
"""What stands before the keys of single directions where a scenario wants both."""


def profiles(travel: Travel) -> dict[str, Profile]:
    """Make the profiles of a scenario: ``walk:<band>`` for every band, and ``ride`` in its vehicle."""
    slope, pace, wait = travel.slope, travel.speed_factor, travel.ride_wait_min
    found: dict[str, Profile] = {}
    for band in GradeBand:
        key = f"walk:{band.value}"
        found[key] = walk_profile(key, travel.walk_speed_kmh[band], slope=slope, speed_factor=pace)
    if travel.ride_by == "ebike":
        found["ride"] = e_bike_profile("ride", travel.ebike_speed_kmh, wait, slope=slope, speed_factor=pace)
        return found
    vehicle = ride_profile if travel.ride_by == "bus" else car_profile
    found["ride"] = vehicle(
        "ride", travel.ride_speed_kmh, wait, slope=slope, bends=travel.sharp_bends, speed_factor=pace
    )
    return found


def journeys(county: County, travel: Travel, season: Season | None = None) -> dict[str, TravelMatrix]:
    """Compute minutes and metres from every demand point to every school in reach, by profile.

    Parameters
    ----------
    county : County
        Demand points, schools (all of them, open or not) and roads.
    travel : Travel
        ``report_direction`` decides which way counts; with ``both``, ``to_school:<key>`` and ``home:<key>`` are given
        besides.
    season : Season, optional
        What is closed or slow.

    Returns
    -------
    dict of str to TravelMatrix
        ``walk:G1-3``, ``walk:G4-6``, ``walk:G7-9`` and ``ride``.
    """
    demand = county.demand
    assert demand is not None
    wanted: dict[str, Profile] = {}
    for key, profile in profiles(travel).items():
        there = profile if season is None else profile.during(season)
        wanted[key] = there
        over_land = county.surface is not None and key.startswith("walk:")
        if travel.report_direction != "to_school" and not over_land and not is_symmetric(county.network, there):
            wanted[HOME + key] = there.home()
    by_land = {key: wanted[key] for key in wanted if county.surface is not None and key.startswith("walk:")}
    found = travel_matrices(
        county.network,
        demand["demand_id"].to_numpy(object),
        demand.geometry.get_coordinates().to_numpy(),
        county.schools["school_id"].to_numpy(object),
        county.schools.geometry.get_coordinates().to_numpy(),
        {key: profile for key, profile in wanted.items() if key not in by_land},
        cutoff_min=travel.cutoff_min,
        snap_limit_m=travel.snap_limit_m,
        access_speed_kmh=travel.access_speed_kmh,
        access_detour=travel.access_detour,
    )
    if by_land:
        found |= _across_country(county, travel, by_land)
    keys = [key for key in wanted if not key.startswith(HOME)]
    times = {key: worse_way(found, key, HOME + key) for key in keys}
    if travel.report_direction == "both":
        times |= {TO_SCHOOL + key: found[key] for key in keys}
        times |= {HOME + key: found.get(HOME + key, found[key]) for key in keys}
    return times


def _across_country(county: County, travel: Travel, walks: dict[str, Profile]) -> dict[str, TravelMatrix]:
    """Walk over the ground and the roads together, each band at its own pace; towards school."""
    demand, surface = county.demand, county.surface
    assert demand is not None
    assert surface is not None
    return {
        f"walk:{band.value}": combined_matrix(
            surface,
            county.network,
            walks[f"walk:{band.value}"],
            demand["demand_id"].to_numpy(object),
            demand.geometry.get_coordinates().to_numpy(),
            county.schools["school_id"].to_numpy(object),
            county.schools.geometry.get_coordinates().to_numpy(),
            cutoff_min=travel.cutoff_min,
            speed_scale=travel.walk_speed_kmh[band] * travel.speed_factor / ADULT_KMH,
        )
        for band in GradeBand
    }


def seasons(county: County, travel: Travel) -> tuple[list[Season], list[Flaw]]:
    """Make the seasons of a scenario, with the edges that its floods put under water; and what is odd about them."""
    found, flaws = [], []
    for block in travel.seasons:
        season = _season(block)
        flaws += season.checks(county.network)
        if block.raise_river_m is not None:
            terrain = next((f.path for f in county.inputs if f.role == "terrain"), None)
            if terrain is None or county.rivers is None or county.network.relief is None:
                what = Text(f"{block.name}：没有河流或地形数据，未计淹没",
                            f"{block.name}: without rivers and terrain no flood was computed")  # fmt: skip
                mend = Text("补充河流和地形数据", "add rivers and a terrain")
                flaws.append(Flaw("season_no_flood", what, mend, key="travel.seasons", severity=Severity.WARNING))
            else:
                rivers = _rivers(county, block.raise_rivers)
                wet = flooded_edges(county.network, rivers, terrain, block.raise_river_m)
                flaws.append(_rough_flood(block, len(rivers), float(county.network.length_m[wet].sum()) / 1000))
                season = season.flood(wet)
        found.append(season)
    return found, flaws


def _rivers(county: County, names: tuple[str, ...]) -> list[shapely.Geometry]:
    """Give the lines of the county's rivers, or of those named."""
    assert county.rivers is not None
    rivers = county.rivers
    if names:
        rivers = rivers[rivers["name"].isin(names)] if "name" in rivers else rivers.iloc[:0]
    return np.asarray(rivers.geometry.to_numpy(), dtype=object).tolist()


def _rough_flood(block: SeasonBlock, rivers: int, km: float) -> Flaw:
    what = Text(
        f"{block.name}：{rivers} 条河上涨 {block.raise_river_m:g} 米，按地形推算 {km:.1f} 公里道路不通，只是粗估",
        f"{block.name}: {rivers} rivers rise by {block.raise_river_m:g} m; by the terrain {km:.1f} km of road are "
        "under water, a rough guess",
    )
    mend = Text(
        "按当地水文记录，用 close_ways 写明被淹的道路", "name the roads that flood in close_ways, from local records"
    )
    return Flaw("season_flood_rough", what, mend, key="travel.seasons", severity=Severity.NOTE)


def way_checks(county: County, travel: Travel, times: Mapping[str, TravelMatrix]) -> list[Flaw]:
    """Word what a careful planner looks at before believing the times: islands, and long ways beside the roads."""
    demand = county.demand
    assert demand is not None
    pupils = demand[[band.pupils_column for band in GradeBand]].sum(axis=1).to_numpy()
    walk = next(iter(profiles(travel).values()))
    found = island_gaps(
        county.network,
        walk,
        demand["demand_id"].tolist(),
        demand.geometry.get_coordinates().to_numpy(),
        pupils,
        snap_limit_m=travel.snap_limit_m,
        name=_village_names(county),
    )
    season_flaws = seasons(county, travel)[1] if travel.seasons else []
    if county.surface is not None:
        return [*island_flaws(found), *season_flaws]
    return [*island_flaws(found), *straight_line_flaws(times, demand, travel), *season_flaws]


def _village_names(county: County) -> list[str]:
    """Call every demand point by its village, else by its own name."""
    demand = county.demand
    assert demand is not None
    known = county.villages.drop_duplicates("village_id").set_index("village_id")["name"].astype(str)
    village = demand["village_id"].map(known).astype(object)
    return village.where(village.notna(), demand["name"].fillna("")).astype(str).tolist()


def _season(block: SeasonBlock) -> Season:
    return Season(
        block.name,
        tuple(sorted(set(block.months))),
        frozenset(block.close_ways),
        frozenset(block.close.bridge_names),
        block.close.ford,
        block.close.ferry,
        dict(block.slow),
    )
