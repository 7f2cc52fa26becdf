"""What is wrong with zones: pieces that lie apart, schools outside, too few seats, points of other zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layout_planner.assign.zone_layers import POINT
from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.grades import Stage, grade_label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.zone_grades import StageGrades
    from layout_planner.assign.zones import Zones

__all__ = ["pieces", "zone_faults"]


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
        Warnings, by kind and zone; last a note on the villages whose youngest attend a teaching point of another
        primary zone than their own.
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
        if zones.grades is not None and kind != POINT:
            found += _overfull_grades(zones, zones.grades.of(Stage(kind), layer.zones, layer.sends), kind)
    strangers = _strangers(zones)
    return [*found, _not_nested(strangers)] if strangers else found


def _overfull_grades(zones: Zones, stage: StageGrades, kind: str) -> list[Flaw]:
    """Tell which grades of which zones have more pupils than seats."""
    zone = zones.layers[kind].zone
    load, beyond = stage.load(zone), stage.beyond(zone)
    found = []
    for z in np.flatnonzero(beyond.any(axis=1)):
        name, over = zones.name(kind, int(z)), np.flatnonzero(beyond[z])
        said = [(stage.numbers[g], load[z, g], stage.seats[z, g]) for g in over]
        what = Text(
            f"{name}学区按年级算学位不足："
            + "、".join(f"{grade_label(g)} {pupils:,.0f} 人、学位 {seats:,.0f} 个" for g, pupils, seats in said),
            f"the zone of {name} lacks seats in "
            + ", ".join(f"grade {g} ({pupils:,.0f} pupils, {seats:,.0f} seats)" for g, pupils, seats in said),
        )
        mend = Text("给这些年级多安排教室，或调出部分村", "give these grades more rooms, or move villages out of it")
        found.append(Flaw("zone_grade_overfull", what, mend, severity=Severity.WARNING, subject=name))
    return found


def _strangers(zones: Zones) -> list[tuple[str, str, str]]:
    """List villages that attend a teaching point of another primary zone: village, point, their own zone."""
    if POINT not in zones.layers or Stage.PRIMARY.value not in zones.layers:
        return []
    point, primary = zones.layers[POINT], zones.layers[Stage.PRIMARY.value]
    mine = np.flatnonzero(point.zone >= 0)
    away = mine[primary.zone[mine] != primary.zone[point.seat_unit[point.zone[mine]]]]
    names = zones.units.frame["name"].tolist()
    return [
        (names[u], zones.name(POINT, int(point.zone[u])), zones.name(Stage.PRIMARY.value, int(primary.zone[u])))
        for u in away
    ]


def _not_nested(strangers: list[tuple[str, str, str]]) -> Flaw:
    some = [f"{village}（{point}→{own}）" for village, point, own in strangers[:8]]
    count, more = len(strangers), f"等 {len(strangers)} 个村" if len(strangers) > 8 else ""
    what = Text(
        f"{'、'.join(some)}{more}一至三年级去教学点，四年级起去的小学与该教学点同学们的不同",
        f"{counted(count, 'village attends', 'villages attend')} a teaching point whose other pupils go on to "
        "another primary school: "
        f"{'、'.join(village for village, _, _ in strangers[:8])}",
    )
    mend = Text(
        "用 zoning.move 把村改归教学点所在的小学学区，或由家长选择一年级就去本学区的小学",
        "move them to the point's zone with zoning.move, or let parents choose their own primary school from grade 1",
    )
    return Flaw("zone_points_apart", what, mend, key="zoning.move", severity=Severity.NOTE)


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
        f"the zone of {zone} lacks {counted(pupils - seats, 'seat')}: {counted(pupils, 'pupil')}, "
        f"{counted(seats, 'seat')}",
    )
    mend = Text("增加学位，或调出部分村", "add seats, or move villages out of it")
    return Flaw("zone_overfull", what, mend, severity=Severity.WARNING, subject=zone)
