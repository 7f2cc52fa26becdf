"""Draw the zones of one kind: the engine's programme, seats that fall short, today's zones kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.zone_layers import POINT, ZoneLayer
from layout_planner.assign.zone_overflow import least_overload
from layout_planner.errors import Flaw, LayoutError, Severity, Text, counted
from layout_planner.grades import Stage
from layout_planner.locate import Status, zoning

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.assign.zone_grades import Grades, StageGrades
    from layout_planner.assign.zone_layers import Groups, Ways
    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.config.zoning import Zoning
    from layout_planner.locate import ZoningResult
    from layout_planner.locate.stopping import Cancel

__all__ = ["Drawing", "draw_layer"]

_STRETCHES = (1.02, 1.05, 1.1, 1.2, 1.35, 1.6, 2.0, 3.0, 5.0, 10.0)
"""Factors on all seats (or on those and the fewest pupils beyond them) that are tried one after another."""
_ROUNDS = 3
"""Times that zones are drawn until no grade is overfull, or with fewer and fewer pupils beyond the seats."""
_NEAR = 1.01
"""Times the fewest pupils beyond the seats with which one is content."""
_PART = 0.5
"""Part of the time limit of every call after the first."""
_NAMED = 6
_M_PER_KM = 1000.0
_CRUMB = 1e-9


@dataclass(frozen=True, eq=False)
class Drawing:
    """What all kinds of zones are drawn from.

    ``today`` is the school of every unit today, by kind; ``grades`` are there where seats count by grade.
    """

    units: ZoneUnits
    ways: Ways
    schools: gpd.GeoDataFrame
    zoning: Zoning
    seed: int = 0
    today: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)
    cancel: Cancel | None = None
    grades: Grades | None = None

    def seats(self, kind: str) -> NDArray[np.float64]:
        """Give the seats of every open school for one kind of zone, in the order of ``ways.school_id``."""
        column = f"seats_{Stage.JUNIOR.value if kind == Stage.JUNIOR.value else Stage.PRIMARY.value}"
        by_id = self.schools.assign(school_id=self.schools["school_id"].astype(str)).set_index("school_id")[column]
        return by_id.reindex(self.ways.school_id).fillna(0.0).to_numpy(dtype=np.float64)


def draw_layer(drawing: Drawing, kind: str, groups: Groups, sends: NDArray[np.bool_]) -> tuple[ZoneLayer, list[Flaw]]:
    """Divide all units among the schools of a stage.

    Parameters
    ----------
    drawing : Drawing
    kind : {"primary", "junior"}
    groups : tuple
        Zones, seats and seat units, as :func:`~layout_planner.assign.zone_layers.zone_groups` gives them.
    sends : (n, 3) bool
        Bands that each unit sends.

    Returns
    -------
    layer : ZoneLayer
    flaws : list of Flaw
        Where seats had to be stretched, or units were in no zone today.

    Raises
    ------
    LayoutError
        If no zones respect what was asked, however many seats there were.
    """
    zones, seats, seat_unit = groups
    cost = drawing.ways.costs(sends, zones, drawing.seats(kind))
    pupils = (drawing.ways.pupils * sends).sum(axis=1)
    today = _zones_today(drawing, kind, zones)
    if drawing.zoning.start == "today":
        zone = np.where(today >= 0, today, cost.argmin(axis=1))
        lost = np.flatnonzero(today < 0)
        flaws = [_not_zoned(kind, [str(drawing.units.frame["name"].iloc[u]) for u in lost])] if len(lost) else []
        return ZoneLayer(kind, zones, seats, seat_unit, zone.astype(np.int64), sends), flaws
    room = _room(seats, pupils, drawing.zoning.load_spread)
    if drawing.grades is None:
        drawn = _solve(drawing, kind, groups, cost, pupils, room, today)
    else:
        stage = drawing.grades.of(Stage(kind), zones, sends)
        drawn = _solve_by_grade(drawing, kind, groups, cost, pupils, room, today, stage)
    zone = _positions(drawn.result, zones)
    if not drawn.is_short:
        return ZoneLayer(kind, zones, seats, seat_unit, zone, sends, drawn.result), []
    layer = ZoneLayer(kind, zones, seats, seat_unit, zone, sends, drawn.result, drawn.stretch, drawn.room)
    return layer, [_short(drawing, layer, proven=drawn.proven)]


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Zones that were drawn, the pupils that each might take, and whether seats fall short, by proof or in time."""

    result: ZoningResult
    room: NDArray[np.float64]
    is_short: bool = False
    proven: bool = False
    stretch: float = 1.0


def _positions(result: ZoningResult, zones: tuple[tuple[str, ...], ...]) -> NDArray[np.int64]:
    position = {code: z for z, code in enumerate(_site_ids(zones))}
    return np.array([position[str(code)] for code in result.assignment], dtype=np.int64)


def _site_ids(zones: tuple[tuple[str, ...], ...]) -> list[str]:
    return [schools[0] for schools in zones]


def _room(seats: NDArray[np.float64], pupils: NDArray[np.float64], spread: float | None) -> NDArray[np.float64]:
    """Limit what each zone may take: its seats, or less where the loads must not differ much."""
    if spread is None:
        return seats
    return seats * min(1.0, float(pupils.sum() / max(seats.sum(), _CRUMB)) * (1.0 + spread))


def _zones_today(drawing: Drawing, kind: str, zones: tuple[tuple[str, ...], ...]) -> NDArray[np.int64]:
    of = {code: z for z, schools in enumerate(zones) for code in schools}
    known = drawing.today.get(kind)
    if known is None:
        return np.full(len(drawing.units.frame), -1, dtype=np.int64)
    return np.array([of.get(str(code), -1) for code in known], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class _Task:
    """What the engine is asked for one kind of zone."""

    drawing: Drawing
    kind: str
    groups: Groups
    cost: NDArray[np.float64]
    pupils: NDArray[np.float64]
    today: NDArray[np.int64]

    def call(self, room: NDArray[np.float64], part: float = 1.0) -> ZoningResult:
        """Draw zones that take as many pupils as there is room, in a part of the time limit."""
        (zones, _, seat_unit), asked, units = self.groups, self.drawing.zoning, self.drawing.units
        keep, today = asked.keep_today_share > 0 and bool((self.today >= 0).any()), self.today
        town, ids = units.frame["township_id"].to_numpy(dtype=object), units.unit_id.astype(str)
        return zoning(
            self.cost, self.pupils, room, ids[units.pairs], ids[seat_unit],
            border=units.border_m / _M_PER_KM, compactness=asked.border_min_per_km,
            groups=town if asked.within_townships else None,
            fixed=_fixed(self.drawing, zones, seat_unit),
            today=np.where(today >= 0, np.array(_site_ids(zones), dtype=object)[today], "") if keep else None,
            change=self.pupils if keep else None,
            max_changes=(1.0 - asked.keep_today_share) * float(self.pupils[today >= 0].sum()) if keep else None,
            time_limit=asked.time_limit_s * part, gap=asked.gap, seed=self.drawing.seed,
            demand_id=ids.tolist(), site_id=_site_ids(zones), cancel=self.drawing.cancel,
        )  # fmt: skip

    def beyond(self, result: ZoningResult, room: NDArray[np.float64]) -> NDArray[np.float64]:
        """Count the pupils of every zone beyond its room."""
        zone = _positions(result, self.groups[0])
        load = np.bincount(zone, weights=self.pupils, minlength=len(room))
        return np.where(load > room * (1 + _CRUMB), load - room, 0.0)


def _solve(
    drawing: Drawing, kind: str, groups: Groups, cost: NDArray[np.float64], pupils: NDArray[np.float64],
    room: NDArray[np.float64], today: NDArray[np.int64],
) -> _Drawn:  # fmt: skip
    """Call the engine; where seats fall short, let zones take more by the rule of ``zoning.beyond_seats``."""
    task = _Task(drawing, kind, groups, cost, pupils, today)
    proven, log = float(pupils.sum()) > float(room.sum()) * (1 + _CRUMB), ""
    if not proven:
        result = task.call(room)
        if np.isfinite(result.objective):
            return _Drawn(result, room)
        proven, log = result.status is Status.INFEASIBLE, result.log
    alike = drawing.zoning.beyond_seats == "stretch"
    wide = room if alike else room + least_overload(cost, pupils, room)
    least = float(pupils.sum() / max(wide.sum(), _CRUMB))
    for stretch in (s for s in _STRETCHES if s * (1 + _CRUMB) >= least):
        result = task.call(wide * stretch, _PART)
        log = result.log
        if np.isfinite(result.objective):
            found = _Drawn(result, wide * stretch, True, proven, stretch)
            return found if alike else _fewer_beyond(task, found, room)
    raise _impossible(kind, log)


def _fewer_beyond(task: _Task, found: _Drawn, room: NDArray[np.float64]) -> _Drawn:
    """Draw again with half as many pupils beyond the seats of each zone that has some, while that goes."""
    result, over = found.result, task.beyond(found.result, room)
    least = max(float(task.pupils.sum() - room.sum()), 0.0)
    for _ in range(_ROUNDS):
        share = max(0.5, _NEAR * least / max(float(over.sum()), _CRUMB))
        if share >= 1.0:
            break
        again = task.call(room + share * over, _PART)
        if not np.isfinite(again.objective):
            break
        result, over = again, task.beyond(again, room)
    return _Drawn(result, room + over, True, found.proven)


def _solve_by_grade(
    drawing: Drawing, kind: str, groups: Groups, cost: NDArray[np.float64], pupils: NDArray[np.float64],
    room: NDArray[np.float64], today: NDArray[np.int64], stage: StageGrades,
) -> _Drawn:  # fmt: skip
    """Call the engine with room for the county's mix of ages; hold zones with an overfull grade to less, and again.

    Of what was found, the zones with the fewest pupils beyond a grade's seats count.
    """
    room, best = np.minimum(room, stage.room()), None
    for _ in range(_ROUNDS):
        found = _solve(drawing, kind, groups, cost, pupils, room, today)
        zone = _positions(found.result, groups[0])
        beyond = float(stage.beyond(zone).sum())
        if best is None or beyond < best[0]:
            best = beyond, found
        if beyond <= 0 or found.is_short:
            break
        room = stage.tightened(room, zone)
    assert best is not None
    return best[1]


def _fixed(drawing: Drawing, zones: tuple[tuple[str, ...], ...], seat_unit: NDArray[np.int64]) -> dict[str, str]:
    """Hold the units of all schools of a shared zone in it."""
    schools = drawing.schools.assign(school_id=drawing.schools["school_id"].astype(str)).set_index("school_id")
    held: dict[str, str] = {}
    for group, seat in zip(zones, seat_unit, strict=True):
        for u in drawing.units.at(schools.geometry.loc[list(group)].to_numpy()):
            if u != seat:
                held[str(drawing.units.unit_id[u])] = group[0]
    return held


_KINDS = {"primary": Text("小学", "primary"), "junior": Text("初中", "junior"), POINT: Text("教学点", "teaching-point")}


def _short(drawing: Drawing, layer: ZoneLayer, *, proven: bool) -> Flaw:
    """Say that seats do not suffice, by which rule zones take more, and who does."""
    word, alike = _KINDS[layer.kind], drawing.zoning.beyond_seats == "stretch"
    load = layer.load(drawing.ways.pupils)
    pupils, seats = float(load.sum()), float(layer.seats.sum())
    why = Text("限时内没有找到学位都够用的划法", "no zones within all seats were found in time")
    if proven:
        why = Text("学位不够划成连片的学区", "seats do not suffice for zones that hold together")
    rule = Text(f"各校学位按 {layer.stretch:g} 倍划片", f"they were drawn with {layer.stretch:g} times the seats")
    if not alike:
        rule = Text("先使超出学位的人数最少，再使路程最短", "as few pupils as can be beyond the seats, then least ways")
    takes = _who_takes(drawing, layer)
    what = Text(
        f"{word.zh}（学生 {pupils:,.0f} 人、学位 {seats:,.0f} 个）：{why.zh}；{rule.zh}，{takes.zh}",
        f"{word.en} schools ({pupils:,.0f} pupils, {seats:,.0f} seats): {why.en}; {rule.en}: {takes.en}",
    )
    mend = Text(
        "增加学位、多校划片（zoning.together）、把大村分得更细（zoning.largest_unit_pupils），"
        "或延长 zoning.time_limit_s",
        "add seats, let schools share a zone (zoning.together), divide villages more finely "
        "(zoning.largest_unit_pupils), or raise zoning.time_limit_s",
    )
    return Flaw("zone_seats_short", what, mend, key="zoning.beyond_seats", severity=Severity.WARNING)


def _who_takes(drawing: Drawing, layer: ZoneLayer) -> Text:
    """Name the zones with more pupils than seats, the most beyond them first, and what no division could avoid."""
    names = dict(zip(drawing.schools["school_id"].astype(str), drawing.schools["name"].astype(str), strict=True))
    load = layer.load(drawing.ways.pupils)
    over = np.maximum(load - layer.seats, 0.0)
    full = [int(z) for z in np.argsort(-over, kind="stable") if over[z] > layer.seats[z] * _CRUMB]
    if not full:
        return Text(
            "各学区的总数都在学位以内，但有的年级超出", "every zone is within its seats, but not in every grade"
        )
    said = [("、".join(names[code] for code in layer.zones[z]), float(over[z])) for z in full[:_NAMED]]
    zh = "、".join(f"{name}超 {n:,.0f} 人" for name, n in said)
    en = ", ".join(f"{name} {n:,.0f}" for name, n in said)
    least = max(float(load.sum() - layer.seats.sum()), 0.0)
    rest = len(layer.zones) - len(full)
    return Text(
        f"{zh}{'等' if len(full) > _NAMED else ''} {len(full)} 个学区共超出 {over.sum():,.0f} 人"
        + (f"（怎样划都不会少于 {least:,.0f} 人）" if least > 0.5 else "")
        + (f"，其余 {rest} 个学区都在学位以内" if rest else ""),
        f"{len(full)} zones take {over.sum():,.0f} pupils beyond their seats ({en}{' …' if len(full) > _NAMED else ''})"
        + (f", of whom no division avoids {least:,.0f}" if least > 0.5 else "")
        + (f"; the other {rest} keep within theirs" if rest else ""),
    )


def _not_zoned(kind: str, names: list[str]) -> Flaw:
    word, some = _KINDS[kind], "、".join(names[:10])
    what = Text(
        f"现有{word.zh}学区没有包含 {len(names)} 个划片单元（{some}），暂归路程最近的学区",
        f"{counted(len(names), 'unit is', 'units are')} in no {word.en} zone today ({some}): they were given to "
        "the nearest",
    )
    mend = Text("补全 data.zones", "complete data.zones")
    return Flaw("zone_today_missing", what, mend, key="data.zones", severity=Severity.WARNING)


def _impossible(kind: str, log: str) -> LayoutError:
    word = _KINDS[kind]
    mend = Text(
        "放宽 zoning 中的 within_townships、barriers、connected_by、keep_today_share 或 together",
        "relax within_townships, barriers, connected_by, keep_today_share or together under zoning",
    )
    last = log.strip().splitlines()[-1] if log.strip() else ""
    what = Text(f"划不出符合要求的{word.zh}学区（{last}）", f"no {word.en} zones respect what was asked ({last})")
    return LayoutError(what, [Flaw("zones_impossible", what, mend, key="zoning")])
