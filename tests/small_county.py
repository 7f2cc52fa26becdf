"""A county small enough to check by hand: three villages and four schools on one straight road.

::

    metres      0            3000   4000                9000
    village     V1           V2                         V3
    school      S1 村小             S2 中心小学, S3 初中   S4 教学点

Children walk 55, 65 or 75 m a minute by band; a ride takes 10 minutes and 1 minute for every 500 m.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely.geometry import Point, box

from layout_planner.config.scenario import Data, Scenario
from layout_planner.grades import GradeBand, Tier
from layout_planner.io.county import County
from layout_planner.measures import SEVEN_INDICATORS
from layout_planner.travel.matrix import TravelMatrix
from layout_planner.travel.network import RoadNetwork

CRS_M = CRS.from_epsg(4547)
X0, Y0 = 500_000.0, 3_500_000.0
VILLAGES = {"V1": 0.0, "V2": 3000.0, "V3": 9000.0}
PUPILS = {"V1": (30.0, 30.0, 24.0), "V2": (60.0, 60.0, 48.0), "V3": (12.0, 12.0, 12.0)}
SCHOOLS: dict[str, tuple[str, Tier, float, int]] = {
    "S1": ("东村小学", Tier.VILLAGE_PRIMARY, 0.0, 6),
    "S2": ("柳镇中心小学", Tier.CENTRAL_PRIMARY, 4000.0, 12),
    "S3": ("柳镇初级中学", Tier.JUNIOR, 4000.0, 6),
    "S4": ("西岭教学点", Tier.TEACHING_POINT, 9000.0, 1),
}
CAP = {Tier.TEACHING_POINT: 30, Tier.JUNIOR: 50}
METRES_A_MINUTE = {GradeBand.G1_3: 55.0, GradeBand.G4_6: 65.0, GradeBand.G7_9: 75.0}


def scenario(**blocks: object) -> Scenario:
    """Make a scenario of blocks."""
    return Scenario.model_validate({"name": "小县", "data": Data()} | blocks)


def schools_frame(seats: Mapping[str, int] | None = None, beds: Mapping[str, int] | None = None) -> gpd.GeoDataFrame:
    """Make the table of schools as ``supply`` leaves it."""
    rows: list[dict[str, Any]] = []
    for code, (name, tier, _, rooms) in SCHOOLS.items():
        count = (seats or {}).get(code, rooms * CAP.get(tier, 45))
        first, last = tier.default_grades
        junior = count if tier is Tier.JUNIOR else 0
        rows.append({
            "school_id": code, "name": name, "tier": tier.value, "township_id": "T2" if code == "S4" else "T1",
            "township": "岭乡" if code == "S4" else "柳镇", "status": "active", "grade_from": first, "grade_to": last,
            "rooms": rooms, "seats": count, "seats_primary": count - junior, "seats_junior": junior,
            "beds": (beds or {}).get(code, 0),
        })  # fmt: skip
    points = [Point(X0 + x, Y0) for _, _, x, _ in SCHOOLS.values()]
    return gpd.GeoDataFrame(rows, geometry=points, crs=CRS_M)


def conditions() -> dict[str, list[float]]:
    """Make the columns of the school table that the evaluations of balance ask for, and the pupils enrolled.

    Every school has as much of each resource: 4 a pupil in S1, 5 in S2, 1 in S3 and S4.
    """
    have = {i.resource: [240.0, 660.0, 84.0, 12.0] for i in SEVEN_INDICATORS}
    have["sports_ground_m2"] = have.pop("sports_m2")
    enrolled = {f"enrol_g{g}": [10, 22, 0, 4 if g < 4 else 0] for g in range(1, 7)}
    return have | enrolled | {f"enrol_g{g}": [0, 0, 28, 0] for g in range(7, 10)}


def county(
    pupils: Mapping[str, Sequence[float]] | None = None,
    seats: Mapping[str, int] | None = None,
    beds: Mapping[str, int] | None = None,
) -> County:
    """Make the county; demand points are the villages."""
    pupils = pupils or PUPILS
    rows = [
        {"demand_id": f"D{v[1:]}", "name": f"{v}村", "village_id": v, "township_id": "T2" if v == "V3" else "T1",
         "kind": "village"} | dict(zip((b.pupils_column for b in GradeBand), pupils[v], strict=True))
        for v in VILLAGES
    ]  # fmt: skip
    points = [Point(X0 + x, Y0) for x in VILLAGES.values()]
    demand = gpd.GeoDataFrame(rows, geometry=points, crs=CRS_M)
    villages = demand.rename(columns={"demand_id": "id"})[["village_id", "name", "township_id", "geometry"]]
    halves = [box(X0 - 500, Y0 - 500, X0 + 6000, Y0 + 500), box(X0 + 6000, Y0 - 500, X0 + 9500, Y0 + 500)]
    townships = gpd.GeoDataFrame({"township_id": ["T1", "T2"], "name": ["柳镇", "岭乡"]}, geometry=halves, crs=CRS_M)
    return County(
        name="小县", crs=CRS_M, boundary=townships.dissolve()[["geometry"]], townships=townships, villages=villages,
        schools=schools_frame(seats, beds), enrolment=pd.DataFrame(), network=cast("RoadNetwork", None), demand=demand,
    )  # fmt: skip


def matrix(origin: Mapping[str, float], site: Mapping[str, float], mode: str, minutes: np.ndarray, metres: np.ndarray,
           cutoff: float = 120.0) -> TravelMatrix:  # fmt: skip
    """Make a travel matrix out of dense minutes and metres, absent beyond the cut-off."""
    near = minutes <= cutoff
    row, col = np.nonzero(near)
    return TravelMatrix(
        origin_id=np.array(list(origin), dtype=object),
        site_id=np.array(list(site), dtype=object),
        indptr=np.concatenate([[0], np.cumsum(near.sum(axis=1))]).astype(np.int64),
        indices=col.astype(np.int32),
        minutes=minutes[row, col].astype(np.float32),
        metres=metres[row, col].astype(np.float32),
        mode=mode,
        cutoff_min=cutoff,
        origin_access_m=np.zeros(len(origin)),
        site_access_m=np.zeros(len(site)),
    )


def times(cutoff: float = 120.0) -> dict[str, TravelMatrix]:
    """Make the four travel matrices of the county."""
    origin = {f"D{v[1:]}": x for v, x in VILLAGES.items()}
    site = {code: x for code, (_, _, x, _) in SCHOOLS.items()}
    metres = np.abs(np.subtract.outer(list(origin.values()), list(site.values())))
    found = {
        f"walk:{band.value}": matrix(origin, site, "walk", metres / pace, metres, cutoff)
        for band, pace in METRES_A_MINUTE.items()
    }
    return found | {"ride": matrix(origin, site, "ride", 10.0 + metres / 500.0, metres, cutoff)}
