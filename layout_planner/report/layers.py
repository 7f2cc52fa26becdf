"""The GeoPackage of a plan: schools, demand points, villages, townships and catchments, for QGIS and other tools."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from layout_planner.columns import PLAN_SCHOOLS, TOWNSHIP_RESULTS, VILLAGE_RESULTS
from layout_planner.grades import GradeBand
from layout_planner.maps.catchments import MISSING, NO_SCHOOL, Cover

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan

__all__ = ["demand_layer", "fixed_date", "plan_layers", "write_geopackage"]

# A constant instead of the clock, in GDAL's own option for it: the same plan gives the same bytes.
_STAMP = "2000-01-01T00:00:00.000Z"
_OF_EXTENT = 3000


def write_geopackage(plan: Plan, tables: PlanTables, path: Path) -> None:
    """Write a plan's layers as one GeoPackage in the county's coordinate system; ids are text.

    The same plan gives the same bytes. An existing file is replaced.

    Parameters
    ----------
    plan : Plan
    tables : PlanTables
    path : Path
        Ends in ``.gpkg``.
    """
    path.unlink(missing_ok=True)
    with fixed_date():
        for name, layer in plan_layers(plan, tables).items():
            pyogrio.write_dataframe(layer, path, layer=name, driver="GPKG")


def plan_layers(plan: Plan, tables: PlanTables) -> dict[str, gpd.GeoDataFrame]:
    """Collect the layers of a plan by name; layers without rows are left out."""
    county = plan.county
    demand = demand_layer(plan)
    layers = {
        "schools": _joined(plan.schools[["school_id", "geometry"]], tables.schools, "school_id", PLAN_SCHOOLS.names),
        "demand": demand,
        "villages": _joined(county.villages, tables.villages, "village_id", VILLAGE_RESULTS.names),
        "townships": _joined(county.townships, tables.townships, "township_id", TOWNSHIP_RESULTS.names),
        "boundary": gpd.GeoDataFrame(
            {"name": [str(county.name)]}, geometry=[county.boundary.union_all()], crs=county.crs
        ),
        "catchments": _catchments(plan, demand),
    }
    return {name: layer.to_crs(county.crs) for name, layer in layers.items() if len(layer)}


def demand_layer(plan: Plan) -> gpd.GeoDataFrame:
    """Give each demand point its main school, mode, minutes and metres by band.

    Returns
    -------
    GeoDataFrame
        Columns of ``County.demand``, then for every band ``school_<band>``, ``mode_<band>``, ``minutes_<band>``
        and ``metres_<band>`` of the school that most of the point's pupils go to, ``unassigned`` pupils, geometry.
    """
    demand = plan.county.demand
    assert demand is not None
    names = ["demand_id", "name", "village_id", "township_id", "kind", "group", *(b.pupils_column for b in GradeBand)]
    layer = demand.assign(group=demand.get("group", "resident"))[[*names, "geometry"]]
    for name in ("demand_id", "name", "village_id", "township_id", "kind", "group"):
        layer[name] = layer[name].fillna("").astype(str)
    rows = plan.assignment.sort_values(
        ["demand_id", "band", "pupils", "school_id"], ascending=[True, True, False, True]
    )
    main = rows.drop_duplicates(["demand_id", "band"]).set_index("demand_id")
    for band in GradeBand:
        suffix = band.value.lower().replace("-", "_")
        chosen = main[main["band"] == band.value].reindex(layer["demand_id"])
        layer[f"school_{suffix}"] = chosen["school_id"].fillna("").astype(str).to_numpy()
        layer[f"mode_{suffix}"] = chosen["mode"].fillna("").astype(str).to_numpy()
        layer[f"minutes_{suffix}"] = chosen["minutes"].to_numpy(dtype=np.float64)
        layer[f"metres_{suffix}"] = chosen["metres"].to_numpy(dtype=np.float64)
    lost = rows[rows["school_id"] == ""].groupby("demand_id")["pupils"].sum()
    layer["unassigned"] = lost.reindex(layer["demand_id"]).fillna(0.0).to_numpy()
    return layer[[c for c in layer.columns if c != "geometry"] + ["geometry"]].sort_values(
        "demand_id", ignore_index=True
    )


def _joined(places: gpd.GeoDataFrame, results: pd.DataFrame, key: str, names: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Put results on the geometry of their places, sorted by id."""
    found = pd.DataFrame(results)[[n for n in names if n in results.columns]].copy()
    found[key] = found[key].astype(str)
    for name in found.columns:
        if name in ("tier", "decision"):
            found[name] = found[name].astype(str)
    shapes = gpd.GeoDataFrame({key: places[key].astype(str)}, geometry=places.geometry, crs=places.crs)
    merged = shapes.merge(found, on=key, how="inner").sort_values(key, ignore_index=True)
    return merged[[c for c in merged.columns if c != "geometry"] + ["geometry"]]


def _catchments(plan: Plan, demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the places that go to the same school, by band; places without pupils follow their neighbours."""
    boundary = plan.county.boundary.union_all()
    west, south, east, north = boundary.bounds
    xy = shapely.get_coordinates(demand.geometry.to_numpy())
    schools = plan.schools
    ids = sorted(schools["school_id"].astype(str))
    names = dict(zip(schools["school_id"].astype(str), schools["name"].astype(str), strict=True))
    cover = Cover(xy, boundary, max(east - west, north - south) / _OF_EXTENT)
    rows: list[dict[str, object]] = []
    for band in GradeBand:
        chosen = demand[f"school_{band.value.lower().replace('-', '_')}"]
        labels = pd.Index(ids).get_indexer(pd.Index(chosen))
        pupils = demand[band.pupils_column].to_numpy(dtype=np.float64)
        labels = np.where(labels < 0, np.where(pupils > 0, NO_SCHOOL, MISSING), labels).astype(np.int64)
        for label, area in cover.by_label(labels).items():
            here = labels == label
            rows.append({
                "school_id": ids[label] if label >= 0 else "", "name": names[ids[label]] if label >= 0 else "",
                "band": band.value, "pupils": float(pupils[here].sum()), "geometry": area,
            })  # fmt: skip
    if not rows:
        return gpd.GeoDataFrame({"school_id": []}, geometry=[], crs=plan.county.crs)
    layer = gpd.GeoDataFrame(rows, geometry="geometry", crs=plan.county.crs)
    layer["geometry"] = [shapely.multipolygons(_polygons(shape)) for shape in layer.geometry]
    return layer


def _polygons(shape: shapely.Geometry) -> list[shapely.Geometry]:
    return [part for part in shapely.get_parts(shape, return_index=False) if isinstance(part, shapely.Polygon)]


@contextmanager
def fixed_date() -> Iterator[None]:
    """Let GDAL write a constant date of change."""
    old = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": old})
