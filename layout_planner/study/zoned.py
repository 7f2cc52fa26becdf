"""Which homes belong to which schools' catchments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.assign.zones import Zones
from layout_planner.study.reach import BANDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.io.attendance import Attendance
    from layout_planner.study.attending import Attending
    from layout_planner.study.reach import Reach

__all__ = ["zone_of_trips", "zoned_pairs"]


def zoned_pairs(zones: Zones | Attendance, demand: gpd.GeoDataFrame) -> pd.DataFrame:
    """List the schools in whose catchment each demand point lies.

    Parameters
    ----------
    zones : Zones or Attendance
        Catchments that were drawn, or those that were read.
    demand : GeoDataFrame
        Demand points.

    Returns
    -------
    DataFrame
        ``demand_id`` and ``school_id``; several rows where schools share a catchment or catchments overlap.
    """
    if isinstance(zones, Zones):
        return _drawn(zones)
    parts = []
    points = gpd.GeoDataFrame({"demand_id": demand["demand_id"].astype(str)}, geometry=demand.geometry.to_numpy(),
                              crs=demand.crs)  # fmt: skip
    if zones.areas is not None:
        joined = points.sjoin(zones.areas[["school_ids", "geometry"]], predicate="intersects")
        parts.append(_single(joined["demand_id"], joined["school_ids"]))
    if zones.villages is not None:
        by = "village_id" if (zones.villages["village_id"] != "").all() else "name"
        homes = pd.DataFrame({"demand_id": points["demand_id"], by: demand[by].astype(str)})
        joined = homes.merge(zones.villages[[by, "school_ids"]], on=by)
        parts.append(_single(joined["demand_id"], joined["school_ids"]))
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def _single(demand_id: pd.Series, school_ids: pd.Series) -> pd.DataFrame:
    """Give every school of a shared catchment a row of its own."""
    frame = pd.DataFrame({"demand_id": demand_id, "school_id": school_ids.str.split("、")})
    return frame.explode("school_id", ignore_index=True)


def _drawn(zones: Zones) -> pd.DataFrame:
    demand = zones.county.demand
    assert demand is not None
    unit, codes = zones.units.point_unit, demand["demand_id"].astype(str).to_numpy()
    rows: list[tuple[str, str]] = []
    for layer in zones.layers.values():
        at = layer.zone[unit]
        for z, schools in enumerate(layer.zones):
            rows += [(str(code), school) for code in codes[at == z] for school in schools]
    return pd.DataFrame(rows, columns=["demand_id", "school_id"])


def zone_of_trips(
    pairs: pd.DataFrame | None, found: Reach, attending: Attending, stages: tuple[frozenset[str], frozenset[str]]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Tell of every trip whether the catchment of its home is known, and whether the school attended is in it.

    Parameters
    ----------
    pairs : DataFrame, optional
        As :func:`zoned_pairs` gives them.
    stages : tuple of frozenset of str
        Schools that teach primary grades, and those that teach junior ones: whose catchments count for whom.
    """
    n = len(attending.unit)
    if pairs is None or not n:
        return np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    home = pd.Index(found.pairs.demand_id[attending.unit])
    is_junior = found.pairs.band[attending.unit] == len(BANDS) - 1
    primary, junior = (home.isin(pairs.loc[pairs["school_id"].isin(stage), "demand_id"]) for stage in stages)
    trips = pd.MultiIndex.from_arrays([home, attending.school_ids[attending.school]])
    inside = np.asarray(trips.isin(pd.MultiIndex.from_frame(pairs[["demand_id", "school_id"]])), dtype=bool)
    return np.asarray(np.where(is_junior, junior, primary) | inside, dtype=bool), inside
