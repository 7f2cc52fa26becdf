"""What-if edits of zones: move a village, merge zones, draw a polygon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from layout_planner.assign.codes import mend_code
from layout_planner.assign.zone_layers import POINT
from layout_planner.errors import Flaw, ScenarioError, Text
from layout_planner.grades import Stage
from layout_planner.io.attendance import without_part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zone_layers import ZoneLayer
    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.assign.zones import Zones
    from layout_planner.config.zoning import Zoning
    from layout_planner.io.county import County

__all__ = ["apply_edits", "merge_zones", "move_units", "move_within", "refuse_unknown", "unknown_names"]

_COLUMN = Text("填写村表“村代码”列中的代码", "use a code of the village table's column village_id")


def apply_edits(
    zones: Zones,
    move: Mapping[str, str] | None = None,
    merge: Sequence[Sequence[str]] = (),
    polygons: Sequence[tuple[shapely.Geometry, str]] = (),
) -> Zones:
    """Change zones by hand: first merge, then move what lies in polygons, then move villages.

    Nothing is drawn anew; :func:`layout_planner.assign.zone_faults.zone_faults` tells what is wrong with the result.

    Parameters
    ----------
    zones : Zones
    move : mapping of str to str, optional
        Village (its code or its name, or the code of one of its parts) to the school that it shall belong to.
    merge : sequence of sequences of str
        Schools whose zones become one shared zone.
    polygons : sequence of (Polygon, str)
        Areas in the county's coordinate system and the school to which the units go whose pupils live in them.

    Raises
    ------
    ScenarioError
        With every village and school that is not known, and every school that has no zone.
    """
    refuse_unknown(zones.units, zones.county, move, merge, polygons)
    names = _school_names(zones.county)
    known = {code for layer in zones.layers.values() for group in layer.zones for code in group}
    asked = {*(move or {}).values(), *(code for group in merge for code in group), *(code for _, code in polygons)}
    _refuse([_no_zone(code, names[code]) for code in sorted(asked) if code not in known])
    for group in merge:
        zones = merge_zones(zones, group)
    for area, code in polygons:
        zones = move_within(zones, area, code)
    for name, code in (move or {}).items():
        zones = move_units(zones, _units_named(zones.units, zones.county, name), code)
    return zones


def refuse_unknown(
    units: ZoneUnits,
    county: County,
    move: Mapping[str, str] | None = None,
    merge: Sequence[Sequence[str]] = (),
    polygons: Sequence[tuple[shapely.Geometry, str]] = (),
    together: Sequence[Sequence[str]] = (),
) -> None:
    """Refuse edits that name schools or villages which are not known, before anything is drawn.

    Parameters are those of :func:`apply_edits`, and the groups of ``zoning.together``.

    Raises
    ------
    ScenarioError
        With every one of them.
    """
    names = _school_names(county)
    flaws = [_unknown_school("zoning.merge", code, names) for group in merge for code in group if code not in names]
    flaws += [_unknown_school("zoning.together", code, names) for g in together for code in g if code not in names]
    flaws += [_unknown_school("data.zone_edits", code, names) for _, code in polygons if code not in names]
    flaws += [_unknown_school("zoning.move", code, names) for code in (move or {}).values() if code not in names]
    lost = [name for name in move or {} if not len(_units_named(units, county, name))]
    _refuse([*flaws, *(_unknown_village(name, units, county) for name in lost)])


def unknown_names(county: County, zoning: Zoning) -> list[Flaw]:
    """List the schools and villages of a scenario's block ``zoning`` that the county does not have.

    Parts of villages (``V1-2``) pass: which there are is known only once the county is divided.
    """
    names, villages = _school_names(county), county.villages
    asked = [("together", g) for g in zoning.together] + [("merge", g) for g in zoning.merge]
    asked.append(("move", tuple(zoning.move.values())))
    flaws = [_unknown_school(f"zoning.{key}", c, names) for key, group in asked for c in group if c not in names]
    known = dict(zip(villages["village_id"].astype(str), villages["name"].astype(str), strict=True))
    for name in zoning.move if known else ():
        if name not in known and name not in known.values() and without_part(name) not in known:
            what = Text(f"没有村“{name}”", f"there is no village {name!r}")
            flaws.append(Flaw("unknown_village", what, mend_code(name, known, _COLUMN), key="zoning.move"))
    return flaws


def _refuse(flaws: list[Flaw]) -> None:
    if flaws:
        n = len(flaws)
        raise ScenarioError(Text(f"学区调整有 {n} 处不能执行", f"{n} edits of zones cannot be carried out"), flaws)


def move_units(zones: Zones, units: NDArray[np.int64], school_id: str) -> Zones:
    """Send units to the zone of a school, in every kind of zone that the school has.

    Units that go to another primary school no longer send their youngest to the teaching point of the old one, unless
    the point lies in the new zone; units sent to a teaching point send their youngest there.
    """
    layers = dict(zones.layers)
    for kind, layer in zones.layers.items():
        target = layer.of_school(school_id)
        if target < 0:
            continue
        zone = layer.zone.copy()
        zone[units] = target
        layers[kind] = layer.with_zone(zone)
    if POINT in layers and Stage.PRIMARY.value in layers:
        _settle_points(zones, layers, units)
    return zones.with_layers(layers)


def _settle_points(zones: Zones, layers: dict[str, ZoneLayer], moved: NDArray[np.int64]) -> None:
    """Let the youngest of moved units follow their primary zone, and hold both layers' bands together."""
    point, primary = layers[POINT], layers[Stage.PRIMARY.value]
    zone = point.zone.copy()
    was = zones.layers[POINT].zone
    for u in moved:
        if zone[u] >= 0 and zone[u] == was[u]:
            seat = point.seat_unit[zone[u]]
            if primary.zone[seat] != primary.zone[u]:
                zone[u] = -1
    sends = np.zeros_like(point.sends)
    sends[zone >= 0, 0] = True
    layers[POINT] = replace(point.with_zone(zone), sends=sends)
    other = np.zeros_like(primary.sends)
    other[:, :2] = True
    layers[Stage.PRIMARY.value] = replace(primary, sends=other & ~sends)


def move_within(zones: Zones, area: shapely.Geometry, school_id: str) -> Zones:
    """Send the units whose pupils live in an area to the zone of a school."""
    inside = shapely.intersects(area, shapely.points(zones.units.centre))
    return move_units(zones, np.flatnonzero(inside), school_id)


def merge_zones(zones: Zones, school_ids: Sequence[str]) -> Zones:
    """Make one shared zone of the zones of some schools, in every kind of zone that at least two of them have."""
    layers = dict(zones.layers)
    for kind, layer in zones.layers.items():
        hit = sorted({layer.of_school(code) for code in school_ids} - {-1})
        if len(hit) > 1:
            layers[kind] = _merged(layer, hit)
    return zones.with_layers(layers)


def _merged(layer: ZoneLayer, hit: list[int]) -> ZoneLayer:
    """Join zones into the first of them."""
    kept = [z for z in range(len(layer.zones)) if z not in hit[1:]]
    place = {z: kept.index(z if z in kept else hit[0]) for z in range(len(layer.zones))}
    zones = [layer.zones[z] for z in kept]
    zones[place[hit[0]]] = tuple(sorted(code for z in hit for code in layer.zones[z]))
    into = [place[z] for z in range(len(layer.zones))]
    seats = np.bincount(into, weights=layer.seats).astype(np.float64)
    room = None if layer.room is None else np.bincount(into, weights=layer.room).astype(np.float64)
    zone = np.array([place[int(z)] if z >= 0 else -1 for z in layer.zone], dtype=np.int64)
    return replace(
        layer, zones=tuple(zones), seats=seats, seat_unit=layer.seat_unit[kept], zone=zone, result=None, room=room
    )


def _school_names(county: County) -> dict[str, str]:
    return dict(zip(county.schools["school_id"].astype(str), county.schools["name"].astype(str), strict=True))


def _units_named(units: ZoneUnits, county: County, name: str) -> NDArray[np.int64]:
    """Find the units of a village by code or by name, or one unit by its own."""
    frame = units.frame
    for column in ("unit_id", "village_id"):
        hit = np.flatnonzero((frame[column] == name).to_numpy())
        if len(hit):
            return hit
    hit = np.flatnonzero((frame["name"] == name).to_numpy())
    if len(hit) == 1:
        return hit
    villages = county.villages
    codes = villages.loc[villages["name"].astype(str) == name, "village_id"].astype(str)
    return np.flatnonzero(frame["village_id"].isin(codes).to_numpy() & (len(codes) == 1))


def _unknown_school(key: str, code: str, names: Mapping[str, str]) -> Flaw:
    what = Text(f"学校表中没有代码“{code}”", f"no school has the code {code!r}")
    return Flaw("unknown_school", what, mend_code(code, names), key=key)


def _unknown_village(name: str, units: ZoneUnits, county: County) -> Flaw:
    frame, villages = units.frame, county.villages
    names = dict(zip(frame["unit_id"], frame["name"], strict=True))
    names |= dict(zip(villages["village_id"].astype(str), villages["name"].astype(str), strict=True))
    what = Text(f"没有村或划片单元“{name}”", f"there is no village or unit {name!r}")
    return Flaw("unknown_village", what, mend_code(name, names, _COLUMN), key="zoning.move")


def _no_zone(code: str, name: str) -> Flaw:
    what = Text(f"{name}（{code}）没有学区：未在办、没有学位，或不在所划学段", f"{name} ({code}) has no zone")
    mend = Text("换一所在办的学校，或改 zoning.stages", "name another school, or change zoning.stages")
    return Flaw("school_without_zone", what, mend, key="zoning")
