"""In whose catchments places lie: of catchments that were drawn, or of today's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from layout_planner.assign.zones import Zones, drawn_pairs
from layout_planner.errors import Flaw, Severity, Text

if TYPE_CHECKING:
    from layout_planner.io.attendance import Attendance
    from layout_planner.io.county import County

__all__ = ["catchment_flaws", "zoned_pairs"]

_SHOWN = 10


def zoned_pairs(zones: Zones | Attendance, county: County) -> pd.DataFrame:
    """List the schools in whose catchment each demand point lies.

    Parameters
    ----------
    zones : Zones or Attendance
        Catchments that were drawn, or those that were read.
    county : County
        With demand.

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
        rows = zones.villages.assign(village_id=_codes(zones.villages, county))
        joined = demand[["demand_id", "village_id"]].merge(rows[rows["village_id"] != ""], on="village_id")
        parts.append(_single(joined["demand_id"], joined["school_ids"]))
    found = pd.concat(parts, ignore_index=True).drop_duplicates()
    return found.sort_values(["demand_id", "school_id"], ignore_index=True)


def catchment_flaws(zones: Attendance, county: County, file: str) -> list[Flaw]:
    """List the villages of a table of catchments that are not known, or whose name several villages have."""
    if zones.villages is None:
        return []
    assert county.demand is not None
    rows, names = zones.villages, _names(county)
    known = set(names["village_id"]) | set(county.demand["village_id"].astype(str))
    said = rows["village_id"].where(rows["village_id"] != "", rows["name"])
    several = set(names.loc[names["name"].duplicated(keep=False), "name"]) & set(
        rows.loc[rows["village_id"] == "", "name"]
    )
    lost = [text for text, code in zip(said, _codes(rows, county), strict=True) if code not in known]
    lost = [text for text in dict.fromkeys(lost) if text not in several]
    flaws = []
    if lost:
        what = Text(f"现有学区表中有 {len(lost)} 个村不在村表中：{_some(lost)}",
                    f"{len(lost)} villages of today's catchments are not known: {_some(lost)}")  # fmt: skip
        mend = Text("改为村表中的代码或村名", "use the codes or names of the village table")
        flaws.append(Flaw("zone_village_unknown", what, mend, file=file, severity=Severity.WARNING))
    if several:
        shown = _some(sorted(several))
        what = Text(f"现有学区表只写了村名，同名的村不止一个：{shown}", f"several villages are called {shown}")
        mend = Text("改填村代码", "give their codes")
        flaws.append(Flaw("zone_village_twice", what, mend, file=file, severity=Severity.WARNING))
    return flaws


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


def _some(names: list[str]) -> str:
    return "、".join(names[:_SHOWN]) + ("……" if len(names) > _SHOWN else "")


def _single(demand_id: pd.Series, school_ids: pd.Series) -> pd.DataFrame:
    """Give every school of a shared catchment a row of its own."""
    frame = pd.DataFrame({"demand_id": demand_id.astype(object), "school_id": school_ids.str.split("、")})
    return frame.explode("school_id", ignore_index=True)
