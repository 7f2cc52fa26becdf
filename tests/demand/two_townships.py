"""A county of two townships of one square kilometre, with cells and villages, small enough to check by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layout_planner.config.scenario import Scenario
from layout_planner.demand import build_demand
from layout_planner.demand.surface import PUPILS
from layout_planner.io.county import County

METRES = CRS.from_epsg(4546)


def frame(points: list[tuple[float, float]], **columns: Any) -> gpd.GeoDataFrame:
    """Make a frame of points, metres."""
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(*zip(*points, strict=True)), crs=METRES)


def two_townships(**changes: Any) -> County:
    """Make the county: ``t1`` (180 pupils) has three cells and two villages, ``t2`` (30) two villages only."""
    townships = gpd.GeoDataFrame(
        {"township_id": ["t1", "t2"], "name": ["东镇", "西乡"]}
        | dict(zip(PUPILS, ([90.0, 10.0], [60.0, 20.0], [30.0, 0.0]), strict=True)),
        geometry=[shapely.box(0, 0, 1000, 1000), shapely.box(1000, 0, 2000, 1000)],
        crs=METRES,
    )
    villages = frame(
        [(100, 100), (900, 900), (1200, 500), (1800, 500)],
        village_id=["v1", "v2", "v3", "v4"],
        name=["一", "二", "三", "四"],
        township_id=["t1", "t1", "t2", "t2"],
        pupils_g1_3=[60.0, 30.0, 4.0, 6.0],
        pupils_g4_6=[40.0, 20.0, 8.0, 12.0],
        pupils_g7_9=[20.0, 10.0, 0.0, 0.0],
    )
    cells = frame(
        [(50, 50), (150, 150), (950, 950)],
        cell_id=["r9c0", "r8c1", "r0c9"],
        township_id=["t1"] * 3,
        people_5_9=[10.0, 20.0, 30.0],
        people_10_14=[10.0, 20.0, 30.0],
    )
    boundary = gpd.GeoDataFrame({"name": ["县"]}, geometry=[shapely.box(0, 0, 2000, 1000)], crs=METRES)
    schools, network = pd.DataFrame({"school_id": [], "status": []}), None
    county = County("县", METRES, boundary, townships, villages, schools, pd.DataFrame(), network, cells)  # type: ignore[arg-type]
    return replace(county, **changes)


def built(county: County, **demand: Any) -> County:
    """Fill in the demand under a scenario's block ``demand``."""
    return build_demand(county, Scenario.model_validate({"name": "试", "data": {}, "demand": demand}))


def points_of(county: County) -> gpd.GeoDataFrame:
    """Give the demand points by id."""
    assert county.demand is not None
    return county.demand.set_index("demand_id")


def stating(frame: gpd.GeoDataFrame, prefix: str, **columns: list[float]) -> gpd.GeoDataFrame:
    """Let places state a group of pupils: ``g1_3``, ``g4_6``, ``g7_9`` or ``total``, not-a-number elsewhere."""
    names = {"total": f"{prefix}_pupils"} | {c.removeprefix("pupils_"): f"{prefix}_{c}" for c in PUPILS}
    blank = pd.Series(np.nan, frame.index)
    return frame.assign(**{column: columns.get(short, blank) for short, column in names.items()})
