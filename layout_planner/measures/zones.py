"""Measure catchments: by zone and by village, what changes against other zones, and what an edit does to schools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.assign.zone_layers import POINT
from layout_planner.columns import ZONE_CHANGES, ZONE_EFFECTS, ZONE_PARTS, ZONE_UNITS, ZONES
from layout_planner.grades import GradeBand, Stage
from layout_planner.measures.zone_sides import sides_of_units, sides_of_zones, streets_of_units

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zones import Zones
    from layout_planner.plan import Plan

__all__ = ["village_list", "zone_changes", "zone_effects", "zone_parts", "zone_table", "zone_units_table"]

_KINDS = ("primary", "point", "junior")
_BANDS = tuple(GradeBand)
_YOUNG = np.array([band is GradeBand.G1_3 for band in _BANDS])
_MOVED = 0.05
_SIDES = (("east", "东"), ("south", "南"), ("west", "西"), ("north", "北"))


def zone_table(zones: Zones, plan: Plan | None = None) -> gpd.GeoDataFrame:
    """Tabulate all zones with pupils, seats, ways, the four sides (四至) and their villages.

    Parameters
    ----------
    zones : Zones
    plan : Plan, optional
        :meth:`Zones.plan`, where it is at hand.

    Returns
    -------
    GeoDataFrame
        Table ``zones`` with geometry: primary zones first, then the service areas of teaching points, then junior
        zones. Minutes and metres one way, pupil-weighted, over those who reach the school.
    """
    rows = _rows(zones, plan or zones.plan())
    parts = []
    for kind in _kinds(zones):
        frame = zones.areas(kind)
        if frame.empty:
            continue
        position = [zones.layers[kind].of_school(code) for code in frame["zone_id"]]
        ways = _ways(rows[rows["kind"] == kind], "zone").reindex(position)
        for name in ("minutes_mean", "minutes_max", "metres_mean"):
            frame[name] = ways[name].to_numpy()
        sides = sides_of_zones(zones, kind)
        for side in ("east", "south", "west", "north"):
            frame[side] = [sides[z][side] for z in position]
        frame["villages"] = [village_list(zones, kind, z) for z in position]
        parts.append(frame)
    whole = pd.concat(parts, ignore_index=True)
    return gpd.GeoDataFrame(whole[[*ZONES.names, "geometry"]], geometry="geometry", crs=zones.county.crs)


def zone_units_table(zones: Zones, plan: Plan | None = None) -> pd.DataFrame:
    """List every unit with its zone, pupils and ways (table ``zone_units``), by kind, zone and unit."""
    rows = _rows(zones, plan or zones.plan())
    parts = []
    for kind in _kinds(zones):
        layer = zones.layers[kind]
        inside = np.flatnonzero(layer.zone >= 0)
        frame = zones.units.frame.iloc[inside]
        ways = _ways(rows[rows["kind"] == kind], "unit").reindex(inside)
        part = pd.DataFrame({
            "kind": kind, "zone_id": [layer.zones[z][0] for z in layer.zone[inside]],
            "zone": [zones.name(kind, int(z)) for z in layer.zone[inside]], "unit_id": frame["unit_id"],
            "unit": frame["name"], "township": frame["township"],
            "pupils": (zones.ways.pupils * layer.sends).sum(axis=1)[inside],
        })  # fmt: skip
        for name in ("minutes_mean", "minutes_max", "metres_mean"):
            part[name] = ways[name].to_numpy()
        parts.append(part.sort_values(["zone_id", "unit_id"]))
    return pd.concat(parts, ignore_index=True)[list(ZONE_UNITS.names)]


def village_list(zones: Zones, kind: str, zone: int) -> str:
    """Spell the villages of a zone as a notice does: by township, parts of a village only where it is divided.

    Returns
    -------
    str
        Such as ``柳镇：东村、西村；岭乡：北村（第1、3片）``.
    """
    frame = zones.units.frame
    mine = zones.layers[kind].zone == zone
    lines = []
    for town, rows in frame[mine].groupby("township", sort=False):
        names = []
        for village, parts in rows.groupby(rows["village_id"].where(rows["village_id"] != "", rows["unit_id"])):
            whole = int((frame["village_id"] == village).sum())
            names.append(_spelled(parts["name"].tolist(), divided=whole > len(parts), several=whole > 1))
        lines.append(f"{town}：{'、'.join(names)}" if town else "、".join(names))
    return "；".join(lines)


def zone_parts(zones: Zones) -> pd.DataFrame:
    """List the parts of divided villages with the streets that run through them (table ``zone_parts``)."""
    frame = zones.units.frame
    parts = np.flatnonzero((frame["village_id"] != "") & frame["village_id"].duplicated(keep=False))
    found = frame.iloc[parts][["unit_id", "name"]].rename(columns={"name": "unit"}).reset_index(drop=True)
    found["streets"] = streets_of_units(zones, parts)
    found["bounds"] = ["；".join(f"{zh}至{side[key]}" for key, zh in _SIDES if side[key])
                       for side in sides_of_units(zones, parts)]  # fmt: skip
    found["pupils"] = zones.ways.pupils[parts].sum(axis=1)
    for stage in Stage:
        layer = zones.layers.get(stage.value)
        found[stage.value] = [zones.name(stage.value, int(layer.zone[u])) if layer else "" for u in parts]
    return found[list(ZONE_PARTS.names)]


def _spelled(names: list[str], *, divided: bool, several: bool) -> str:
    """Spell the parts of one village that lie in a zone."""
    if not several:
        return names[0]
    stem = names[0].rpartition("第")[0]
    if not divided:
        return stem
    return f"{stem}（第{'、'.join(name.rpartition('第')[2].removesuffix('片') for name in names)}片）"


def zone_changes(zones: Zones, before: Mapping[str, NDArray[np.object_]]) -> pd.DataFrame:
    """List the units that belong to another school than before (table ``zone_changes``), most pupils first.

    Parameters
    ----------
    zones : Zones
    before : mapping of str to array (n,) of object
        By kind, the school of every unit before, "" where none is known.

    Returns
    -------
    DataFrame
        Minutes one way, the mean over the unit's pupils of that kind who reach the school.
    """
    names = dict(zip(zones.schools["school_id"].astype(str), zones.schools["name"].astype(str), strict=True))
    frame, rows = zones.units.frame, []
    for kind in _kinds(zones):
        layer = zones.layers[kind]
        known = np.asarray(before.get(kind, np.full(len(frame), "", dtype=object)), dtype=object)
        for u in range(len(frame)):
            zone, old = int(layer.zone[u]), str(known[u])
            group = layer.zones[zone] if zone >= 0 else ()
            if old in group or (not old and (zone < 0 or not (known != "").any())):
                continue
            sends, name = layer.sends[u] if zone >= 0 else _YOUNG, zones.name(kind, zone)
            if zone < 0 and kind == POINT:
                parent = zones.layers[Stage.PRIMARY.value]
                group, name = parent.zones[parent.zone[u]], zones.name(Stage.PRIMARY.value, int(parent.zone[u]))
            minutes = [_minutes(zones, u, sends, codes) for codes in ((old,) if old else (), group)]
            rows.append({
                "kind": kind, "unit_id": frame["unit_id"].iloc[u], "unit": frame["name"].iloc[u],
                "township": frame["township"].iloc[u], "from_zone": names.get(old, old),
                "to_zone": name, "pupils": float(zones.ways.pupils[u][sends].sum()),
                "minutes_before": minutes[0], "minutes_after": minutes[1], "minutes_change": minutes[1] - minutes[0],
            })  # fmt: skip
    found = pd.DataFrame(rows, columns=list(ZONE_CHANGES.names))
    found["order"] = found["kind"].map({kind: i for i, kind in enumerate(_KINDS)})
    found = found.sort_values(["order", "pupils", "unit_id"], ascending=[True, False, True], ignore_index=True)
    numbers = dict.fromkeys(("pupils", "minutes_before", "minutes_after", "minutes_change"), "float64")
    return found[list(ZONE_CHANGES.names)].astype(numbers)


def _minutes(zones: Zones, u: int, sends: NDArray[np.bool_], schools: tuple[str, ...]) -> float:
    """Average the minutes of a unit's pupils to some schools, each by its seats' worth of pupils in reach."""
    place = {str(code): j for j, code in enumerate(zones.ways.school_id)}
    at = [place[code] for code in schools if code in place]
    there = float(zones.ways.there[sends][:, u, at].sum())
    return float(zones.ways.minutes[sends][:, u, at].sum()) / there if there > 0 else float("nan")


def zone_effects(before: Plan, after: Plan) -> pd.DataFrame:
    """Set schools before and after an edit side by side, those that change only (table ``zone_effects``)."""
    columns = {
        "pupils": "pupils", "load": "load", "minutes_mean": "minutes", "minutes_max": "longest", "classes": "classes",
        "class_size_max": "class_size",
    }  # fmt: skip
    sides = [plan.tables.schools.set_index("school_id") for plan in (before, after)]
    frame = sides[1][["name", "seats"]].astype({"seats": "float64"})
    for word, side in zip(("before", "after"), sides, strict=True):
        for name, short in columns.items():
            frame[f"{short}_{word}"] = side[name].reindex(frame.index)
    moved = (frame["pupils_after"].fillna(0) - frame["pupils_before"].fillna(0)).abs() > _MOVED
    longer = (frame["minutes_after"] - frame["minutes_before"]).abs() > _MOVED
    return frame[moved | longer].reset_index()[list(ZONE_EFFECTS.names)]


def _kinds(zones: Zones) -> list[str]:
    return [kind for kind in _KINDS if kind in zones.layers and zones.layers[kind].zones]


def _rows(zones: Zones, plan: Plan) -> pd.DataFrame:
    """Say of every row of the assignment to which unit, kind and zone it belongs."""
    demand = zones.county.demand
    assert demand is not None
    rows = plan.assignment[plan.assignment["school_id"] != ""]
    unit = zones.units.point_unit[pd.Index(demand["demand_id"].astype(str)).get_indexer(pd.Index(rows["demand_id"]))]
    band = rows["band"].map({b.value: k for k, b in enumerate(_BANDS)}).to_numpy(dtype=np.int64)
    kind, zone = np.full(len(rows), "", dtype=object), np.full(len(rows), -1, dtype=np.int64)
    for name, layer in zones.layers.items():
        mine = layer.sends[unit, band] & (layer.zone[unit] >= 0)
        kind[mine], zone[mine] = name, layer.zone[unit][mine]
    return pd.DataFrame({
        "kind": kind, "zone": zone, "unit": unit, "pupils": rows["pupils"].to_numpy(),
        "minutes": rows["minutes"].to_numpy(dtype=np.float64), "metres": rows["metres"].to_numpy(dtype=np.float64),
    })  # fmt: skip


def _ways(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    weighted = rows.assign(minutes_w=rows["minutes"] * rows["pupils"], metres_w=rows["metres"] * rows["pupils"])
    total = weighted.groupby(key)[["pupils", "minutes_w", "metres_w"]].sum()
    return pd.DataFrame({
        "minutes_mean": total["minutes_w"] / total["pupils"], "metres_mean": total["metres_w"] / total["pupils"],
        "minutes_max": weighted.groupby(key)["minutes"].max(),
    })  # fmt: skip
