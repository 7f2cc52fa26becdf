"""In whose catchments places lie: of catchments that were drawn, or of today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.assign.zone_rows import row_flaws, units_of_rows
from layout_planner.assign.zone_units import zone_units
from layout_planner.assign.zones import Zones, drawn_pairs
from layout_planner.config.zoning import Zoning
from layout_planner.io.attendance import without_part

if TYPE_CHECKING:
    from layout_planner.errors import Flaw
    from layout_planner.io.attendance import Attendance
    from layout_planner.io.county import County

__all__ = ["catchment_flaws", "zoned_pairs"]


def zoned_pairs(zones: Zones | Attendance, county: County, zoning: Zoning | None = None) -> pd.DataFrame:
    """List the schools in whose catchment each demand point lies.

    Parameters
    ----------
    zones : Zones or Attendance
        Catchments that were drawn, or those that were read. A table with rows of parts of villages is one that was
        drawn here: its rows then mean the units that the county is divided into.
    county : County
        With demand.
    zoning : Zoning, optional
        How villages are divided into parts.

    Returns
    -------
    DataFrame
        ``demand_id`` and ``school_id``; several rows where schools share a catchment or catchments overlap.
    """
    assert county.demand is not None
    if isinstance(zones, Zones):
        return drawn_pairs(zones)
    parts = [pd.DataFrame(columns=["demand_id", "school_id"], dtype=object)]
    demand = county.demand.assign(demand_id=county.demand["demand_id"].astype(str))
    if zones.areas is not None:
        points = gpd.GeoDataFrame(demand[["demand_id"]], geometry=demand.geometry.to_numpy(), crs=demand.crs)
        joined = points.sjoin(zones.areas[["school_ids", "geometry"]], predicate="intersects")
        parts.append(_single(joined["demand_id"], joined["school_ids"]))
    if zones.villages is not None:
        if _has_parts(zones.villages, county):
            joined = _by_unit(zones.villages, county, zoning)
        else:
            rows = zones.villages.assign(village_id=_codes(zones.villages, county))
            joined = demand[["demand_id", "village_id"]].merge(rows[rows["village_id"] != ""], on="village_id")
        parts.append(_single(joined["demand_id"], joined["school_ids"]))
    found = pd.concat(parts, ignore_index=True).drop_duplicates()
    return found.sort_values(["demand_id", "school_id"], ignore_index=True)


def catchment_flaws(zones: Attendance, county: County, file: str, zoning: Zoning | None = None) -> list[Flaw]:
    """List the rows of a table of catchments that count for nothing: unknown villages, names of several, other parts.

    Parameters are those of :func:`zoned_pairs`, and the name of the file.
    """
    if zones.villages is None:
        return []
    assert county.demand is not None
    if _has_parts(zones.villages, county):
        return units_of_rows(zones.villages, zone_units(county, zoning or Zoning()), file)[1]
    rows, names = zones.villages, _names(county)
    known = set(names["village_id"]) | set(county.demand["village_id"].astype(str))
    said = rows["village_id"].where(rows["village_id"] != "", rows["name"])
    several = set(names.loc[names["name"].duplicated(keep=False), "name"]) & set(
        rows.loc[rows["village_id"] == "", "name"]
    )
    lost = [text for text, code in zip(said, _codes(rows, county), strict=True) if code not in known]
    return row_flaws([text for text in lost if text not in several], several, [], file)


def _has_parts(rows: pd.DataFrame, county: County) -> bool:
    """Tell whether some rows name parts of villages."""
    names = _names(county)
    known = set(names["village_id"]) | set(names["name"])
    said = rows["village_id"].where(rows["village_id"] != "", rows["name"]).astype(str)
    return any(text not in known and without_part(text) in known for text in said)


def _by_unit(rows: pd.DataFrame, county: County, zoning: Zoning | None) -> pd.DataFrame:
    """Pair demand points with the schools of the rows that mean their units."""
    assert county.demand is not None
    units = zone_units(county, zoning or Zoning())
    hits, _ = units_of_rows(rows, units)
    row = np.repeat(np.arange(len(rows)), [len(hit) for hit in hits])
    listed = pd.DataFrame({
        "unit": np.concatenate([*hits, np.zeros(0, dtype=np.int64)]),
        "school_ids": rows["school_ids"].to_numpy(dtype=object)[row],
    })  # fmt: skip
    homes = pd.DataFrame({"demand_id": county.demand["demand_id"].astype(str).to_numpy(), "unit": units.point_unit})
    return homes.merge(listed, on="unit")


def _names(county: County) -> pd.DataFrame:
    """List codes and names of villages and estates, each pair once."""
    assert county.demand is not None
    both = pd.concat([frame[["village_id", "name"]].astype(str) for frame in (county.villages, county.demand)])
    return both[(both["village_id"] != "") & (both["name"] != "")].drop_duplicates()


def _codes(rows: pd.DataFrame, county: County) -> pd.Series:
    """Give the code of each row's village: its own, else that of the only village of its name; "" for none."""
    names = _names(county)
    once = names[~names["name"].duplicated(keep=False)]
    by_name = rows["name"].map(once.set_index("name")["village_id"]).fillna("")
    return rows["village_id"].where(rows["village_id"] != "", by_name).astype(object)


def _single(demand_id: pd.Series, school_ids: pd.Series) -> pd.DataFrame:
    """Give every school of a shared catchment a row of its own."""
    frame = pd.DataFrame({"demand_id": demand_id.astype(object), "school_id": school_ids.str.split("、")})
    return frame.explode("school_id", ignore_index=True)
