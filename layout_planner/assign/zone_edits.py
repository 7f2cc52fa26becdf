"""What-if edits of zones: move a village, merge zones, draw a polygon; and what is wrong with the zones that result."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layout_planner.assign.codes import mend_code
from layout_planner.assign.zone_layers import POINT
from layout_planner.errors import Flaw, ScenarioError, Severity, Text
from layout_planner.grades import Stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zone_layers import ZoneLayer
    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.assign.zones import Zones
    from layout_planner.config.zoning import Zoning
    from layout_planner.io.county import County

__all__ = [
    "apply_edits", "merge_zones", "move_units", "move_within", "pieces", "refuse_unknown", "unknown_names",
    "zone_faults",
]  # fmt: skip

_PART = re.compile(r"-\d+$")
_COLUMN = Text("填写村表“村代码”列中的代码", "use a code of the village table's column village_id")


def apply_edits(
    zones: Zones,
    move: Mapping[str, str] | None = None,
    merge: Sequence[Sequence[str]] = (),
    polygons: Sequence[tuple[shapely.Geometry, str]] = (),
) -> Zones:
    """Change zones by hand: first merge, then move what lies in polygons, then move villages.

    Nothing is drawn anew; :func:`zone_faults` tells what is wrong with the result.

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
        if name not in known and name not in known.values() and _PART.sub("", name) not in known:
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
    seats = np.zeros(len(kept))
    np.add.at(seats, [place[z] for z in range(len(layer.zones))], layer.seats)
    zone = np.array([place[int(z)] if z >= 0 else -1 for z in layer.zone], dtype=np.int64)
    return replace(layer, zones=tuple(zones), seats=seats, seat_unit=layer.seat_unit[kept], zone=zone, result=None)


def pieces(zone: NDArray[np.int64], pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count off the connected pieces of zones: two units share a number if a way within their zone joins them.

    >>> pieces(np.array([0, 0, 1, 0]), np.array([[0, 1], [1, 2], [2, 3]])).tolist()
    [0, 0, 1, 2]
    """
    same = pairs[zone[pairs[:, 0]] == zone[pairs[:, 1]]]
    n = len(zone)
    links = coo_array((np.ones(len(same)), (same[:, 0], same[:, 1])), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def zone_faults(zones: Zones) -> list[Flaw]:
    """Tell what is wrong with zones: pieces that lie apart, schools outside their zone, seats that do not suffice.

    Returns
    -------
    list of Flaw
        Warnings, by kind and zone.
    """
    found = []
    for kind, layer in zones.layers.items():
        piece = pieces(layer.zone, zones.units.pairs)
        load = layer.load(zones.ways.pupils)
        for z in range(len(layer.zones)):
            mine = np.flatnonzero(layer.zone == z)
            name = zones.name(kind, z)
            seat = layer.seat_unit[z]
            if not len(mine):
                found.append(_empty(name))
                continue
            if layer.zone[seat] != z:
                found.append(_seat_outside(name, str(zones.units.frame["name"].iloc[seat])))
            elif (apart := mine[piece[mine] != piece[seat]]).size:
                found.append(_detached(name, [str(n) for n in zones.units.frame["name"].iloc[apart]]))
            if load[z] > layer.seats[z] * (1 + 1e-9):
                found.append(_overfull(name, float(load[z]), float(layer.seats[z])))
    return found


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


def _empty(zone: str) -> Flaw:
    what = Text(f"{zone}没有分到村：所在单元的学生去别的学校", f"{zone} has no unit: those where it lies go elsewhere")
    mend = Text(
        "调入附近的村，或按 decisions 决定去留", "move units to it, or decide under decisions what becomes of it"
    )
    return Flaw("zone_empty", what, mend, severity=Severity.WARNING, subject=zone)


def _detached(zone: str, names: list[str]) -> Flaw:
    some = "、".join(names[:8])
    what = Text(f"{zone}学区不连片：{some}与学校所在片不相接", f"the zone of {zone} is in pieces: {some} lie apart")
    mend = Text("把这些村改归相邻学区，或把中间的村一并调入", "move them to a zone next to them, or what lies between")
    return Flaw("zone_detached", what, mend, severity=Severity.WARNING, subject=zone)


def _seat_outside(zone: str, unit: str) -> Flaw:
    what = Text(f"{zone}所在的{unit}不在本校学区内", f"{unit}, where {zone} lies, is not in its zone")
    mend = Text("把学校所在的村划回本校学区", "move that unit back to its zone")
    return Flaw("zone_seat_outside", what, mend, severity=Severity.WARNING, subject=zone)


def _overfull(zone: str, pupils: float, seats: float) -> Flaw:
    what = Text(
        f"{zone}学区学位不足：学生 {pupils:,.0f} 人，学位 {seats:,.0f} 个，缺 {pupils - seats:,.0f} 个",
        f"the zone of {zone} lacks {pupils - seats:,.0f} seats: {pupils:,.0f} pupils, {seats:,.0f} seats",
    )
    mend = Text("增加学位，或调出部分村", "add seats, or move villages out of it")
    return Flaw("zone_overfull", what, mend, severity=Severity.WARNING, subject=zone)
