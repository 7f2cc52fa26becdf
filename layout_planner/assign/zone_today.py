"""Today's zones: which school every unit belongs to, and what is wrong with polygons that somebody drew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layout_planner.assign.coverage import clean, polygons_of
from layout_planner.assign.zone_layers import POINT, zone_groups
from layout_planner.assign.zone_rows import units_of_rows
from layout_planner.columns import ZONE_FAULTS
from layout_planner.grades import GradeBand, Stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.errors import Flaw
    from layout_planner.io.attendance import Attendance

__all__ = ["area_faults", "repaired", "zones_today"]

_KINDS = (Stage.PRIMARY.value, POINT, Stage.JUNIOR.value)
_LEAST_M2 = 100.0
_BANDS = {
    Stage.PRIMARY.value: (GradeBand.G1_3, GradeBand.G4_6), Stage.JUNIOR.value: (GradeBand.G7_9,),
    POINT: (GradeBand.G1_3,),
}  # fmt: skip


def zones_today(
    attendance: Attendance, units: ZoneUnits, schools: gpd.GeoDataFrame
) -> tuple[dict[str, NDArray[np.object_]], list[Flaw]]:
    """Find the school of every unit today, by kind of zone.

    Of polygons the one counts in which the unit's pupils live (their middle); where several overlap, the smallest.

    Parameters
    ----------
    attendance : Attendance
    units : ZoneUnits
    schools : GeoDataFrame
        Today's schools (``Plan.schools``).

    Returns
    -------
    today : dict of str to ndarray (n,) of object
        "" where no school is known.
    flaws : list of Flaw
        Rows that count for nothing.
    """
    kinds = {kind: {code for group in zone_groups(kind, schools, units)[0] for code in group} for kind in _KINDS}
    if attendance.areas is not None:
        return {k: _in_areas(attendance.areas, codes, units) for k, codes in kinds.items()}, []
    assert attendance.villages is not None
    return _of_villages(attendance.villages, kinds, units)


def _in_areas(areas: gpd.GeoDataFrame, codes: set[str], units: ZoneUnits) -> NDArray[np.object_]:
    mine = areas[areas["school_id"].isin(codes)]
    mine = mine.iloc[np.argsort(-mine.geometry.area.to_numpy(), kind="stable")]
    found = np.full(len(units.frame), "", dtype=object)
    points = shapely.points(units.centre)
    for code, shape in zip(mine["school_id"], mine.geometry, strict=True):
        found[shapely.intersects(shape, points)] = code
    return found


def _of_villages(
    villages: pd.DataFrame, kinds: dict[str, set[str]], units: ZoneUnits
) -> tuple[dict[str, NDArray[np.object_]], list[Flaw]]:
    found = {kind: np.full(len(units.frame), "", dtype=object) for kind in kinds}
    rows, flaws = units_of_rows(villages, units)
    for hits, code in zip(rows, villages["school_id"], strict=True):
        for kind, codes in kinds.items():
            if code in codes:
                found[kind][hits] = code
    return found, flaws


def repaired(areas: gpd.GeoDataFrame, *, gap_m: float = 20.0) -> gpd.GeoDataFrame:
    """Repair drawn polygons of one kind into a valid coverage, one row a school.

    Overlaps go to the neighbour with the longest border; gaps narrower than ``gap_m`` are closed, wider ones stay.

    Parameters
    ----------
    areas : GeoDataFrame
        ``school_id`` and polygons, metres.
    gap_m : float
        Metres.
    """
    joined = areas.dissolve("school_id").reset_index()
    shapes = clean(np.array([polygons_of(s) for s in joined.geometry], dtype=object), gap_m)
    return gpd.GeoDataFrame(joined[["school_id"]], geometry=list(shapes), crs=areas.crs)


def area_faults(
    areas: gpd.GeoDataFrame,
    schools: gpd.GeoDataFrame,
    region: shapely.Geometry,
    homes: gpd.GeoDataFrame,
    *,
    kind: str = Stage.PRIMARY.value,
    least_m2: float = _LEAST_M2,
) -> pd.DataFrame:
    """List what is wrong with polygons of one kind: overlaps, gaps, parts that lie apart, schools outside.

    Parameters
    ----------
    areas : GeoDataFrame
        ``school_id`` and polygons.
    schools : GeoDataFrame
        ``school_id``, ``name`` and points.
    region : Polygon or MultiPolygon
        What the zones should cover together.
    homes : GeoDataFrame
        Points with pupils by band.
    kind : str
        Which bands count.
    least_m2 : float
        Smaller faults are left out.

    Returns
    -------
    DataFrame
        Table ``zone_faults``, the most pupils concerned first.
    """
    names = dict(zip(schools["school_id"].astype(str), schools["name"].astype(str), strict=True))
    joined = areas.dissolve("school_id").reset_index()
    shapes = [polygons_of(s) for s in joined.geometry]
    codes = joined["school_id"].astype(str).tolist()
    rows: list[tuple[str, tuple[str, ...], shapely.Polygon]] = []
    for i, one in enumerate(shapes):
        for j in range(i + 1, len(shapes)):
            rows += [("overlap", (codes[i], codes[j]), p) for p in _parts(shapely.intersection(one, shapes[j]))]
        parts = sorted(_parts(one), key=lambda p: -p.area)
        rows += [("detached", (codes[i],), part) for part in parts[1:]]
    rows += [("gap", (), part) for part in _parts(shapely.difference(region, shapely.union_all(shapes)))]
    tree = shapely.STRtree(homes.geometry.to_numpy())
    pupils = homes[[b.pupils_column for b in _BANDS[kind]]].to_numpy(dtype=np.float64).sum(axis=1)
    found = [
        {
            "kind": kind, "fault": fault, "zones": "、".join(names.get(c, c) for c in who), "where": _spot(part, areas),
            "pupils": float(pupils[tree.query(part, predicate="intersects")].sum()), "area_m2": float(part.area),
        }
        for fault, who, part in rows if part.area >= least_m2
    ]  # fmt: skip
    spots = schools.assign(school_id=schools["school_id"].astype(str)).drop_duplicates("school_id")
    places = dict(zip(spots["school_id"], spots.geometry, strict=True))
    found += [
        {"kind": kind, "fault": "seat_outside", "zones": names.get(code, code), "where": _spot(places[code], areas),
         "pupils": float("nan"), "area_m2": float("nan")}
        for code, shape in zip(codes, shapes, strict=True)
        if code in places and not shapely.intersects(shape, places[code])
    ]  # fmt: skip
    frame = pd.DataFrame(found, columns=list(ZONE_FAULTS.names)).astype({"pupils": "float64", "area_m2": "float64"})
    return frame.sort_values(["pupils", "area_m2", "fault"], ascending=[False, False, True], ignore_index=True)


def _parts(shape: shapely.Geometry) -> list[shapely.Polygon]:
    return list(shapely.get_parts(polygons_of(shape)))


def _spot(shape: shapely.Geometry, areas: gpd.GeoDataFrame) -> str:
    """Spell a place inside a shape in degrees."""
    point = gpd.GeoSeries([shapely.point_on_surface(shape)], crs=areas.crs).to_crs(4326).iloc[0]
    return f"{point.x:.5f}, {point.y:.5f}"
