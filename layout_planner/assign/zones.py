"""Catchments (学区): every village, or part of one, belongs to one school or shared zone; zones hold together.

Three kinds of zones are drawn one after another: teaching points take the youngest of the units around them; full
primary schools and junior schools divide all units among them, at least cost, within their seats.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from layout_planner.assign import assignment_table
from layout_planner.assign.by_grade import by_grade, grade_assignment
from layout_planner.assign.coverage import dissolve
from layout_planner.assign.decisions import apply_decisions
from layout_planner.assign.options import options
from layout_planner.assign.zone_drawing import Drawing, draw_layer
from layout_planner.assign.zone_grades import unit_grades
from layout_planner.assign.zone_layers import POINT, ZoneLayer, empty_layer, ways, zone_groups
from layout_planner.assign.zone_points import serve_points
from layout_planner.assign.zone_units import zone_units
from layout_planner.columns import ZONES
from layout_planner.errors import Flaw, LayoutError, Text
from layout_planner.grades import GradeBand, Stage
from layout_planner.plan import Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options
    from layout_planner.assign.zone_grades import Grades
    from layout_planner.assign.zone_layers import Ways
    from layout_planner.assign.zone_units import ZoneUnits
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.locate.stopping import Cancel
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["Zones", "draw_zones", "main_schools", "zoned_plan"]

_BANDS = tuple(GradeBand)


@dataclass(frozen=True, eq=False)
class Zones:
    """The catchments of a county, by kind.

    Attributes
    ----------
    county : County
    scenario : Scenario
    schools : GeoDataFrame
        ``Plan.schools``: after the decisions.
    units : ZoneUnits
        What is sent whole.
    pairs : Options
        Ways of all demand points to all open schools.
    ways : Ways
        Their sums by unit.
    layers : dict of str to ZoneLayer
        ``point``, ``primary`` and ``junior``, as far as they were asked for.
    flaws : tuple of Flaw
        What a reader of the zones must know: seats that fall short, villages that reach no school.
    grades : Grades, optional
        Pupils of the units and seats of the schools by grade, where ``assign.seats_by`` is ``grade``.
    """

    county: County
    scenario: Scenario
    schools: gpd.GeoDataFrame
    units: ZoneUnits
    pairs: Options
    ways: Ways
    layers: Mapping[str, ZoneLayer]
    flaws: tuple[Flaw, ...] = ()
    grades: Grades | None = None

    def with_layers(self, layers: Mapping[str, ZoneLayer]) -> Zones:
        """Replace some layers."""
        return replace(self, layers={**self.layers, **layers})

    def name(self, kind: str, zone: int) -> str:
        """Name a zone after its schools; "" for none.

        Several schools that share it are joined by 、.
        """
        if zone < 0:
            return ""
        names = dict(zip(self.schools["school_id"].astype(str), self.schools["name"].astype(str), strict=True))
        return "、".join(names[code] for code in self.layers[kind].zones[zone])

    def areas(self, kind: str) -> gpd.GeoDataFrame:
        """Give the zones of one kind as polygons, a valid coverage of the units that belong to one.

        Returns
        -------
        GeoDataFrame
            Table ``zones`` with geometry, sorted by zone.
        """
        layer = self.layers[kind]
        shapes = dissolve(self.units.areas, layer.zone)
        load = layer.load(self.ways.pupils)
        rows = [
            {
                "kind": kind, "zone_id": layer.zones[z][0], "name": self.name(kind, z),
                "school_ids": "、".join(layer.zones[z]), "units": int((layer.zone == z).sum()),
                "pupils": float(load[z]), "seats": float(layer.seats[z]),
                "load": float(load[z] / layer.seats[z]), "seats_gap": float(layer.seats[z] - load[z]),
                "shared": len(layer.zones[z]) > 1,
            }
            for z in shapes
        ]  # fmt: skip
        names = [name for name in ZONES.names if not rows or name in rows[0]]
        frame = pd.DataFrame(rows, columns=names)
        return gpd.GeoDataFrame(frame, geometry=list(shapes.values()), crs=self.county.crs)

    def plan(self, label: str = "", parent: str = "") -> Plan:
        """Send the pupils where the zones say, as a plan that is measured, mapped and reported like any other.

        Pupils of a shared zone are spread over its schools by their seats, as a draw would on average.
        """
        return zoned_plan(self, label, parent)


def draw_zones(
    county: County,
    times: Mapping[str, TravelMatrix],
    scenario: Scenario,
    *,
    today: Mapping[str, NDArray[np.object_]] | None = None,
    units: ZoneUnits | None = None,
    cancel: Cancel | None = None,
) -> Zones:
    """Draw the catchments of a county as block ``zoning`` of its scenario says.

    Parameters
    ----------
    county : County
        With demand.
    times : mapping of str to TravelMatrix
        As for :func:`layout_planner.assign.assign`.
    scenario : Scenario
        Decisions, travel, ``zoning``, seed.
    today : mapping of str to array (n,) of object, optional
        By kind, the school of every unit today, "" where none is known. With ``zoning.start: today`` these zones
        stand; otherwise they are what ``keep_today_share`` keeps.
    units : ZoneUnits, optional
        As :func:`~layout_planner.assign.zone_units.zone_units` makes them, where they are at hand.
    cancel : callable, optional
        Asked now and then; the best zones so far are kept where it answers true.

    Returns
    -------
    Zones

    Raises
    ------
    LayoutError
        If a stage has no open school with seats, or no zones respect what was asked; it says what stands in the way.
    ScenarioError
        If a decision cannot be carried out.
    """
    units = zone_units(county, scenario.zoning) if units is None else units
    assert county.demand is not None
    schools = apply_decisions(county.schools, scenario.decisions, scenario.classes)
    pairs = options(times, schools, county.demand, scenario.travel)
    sums = ways(pairs, units, county.demand, schools, scenario.zoning.cost)
    by_grade = scenario.assign.seats_by == "grade"
    grades = unit_grades(county, units, schools, sums.school_id) if by_grade else None
    drawing = Drawing(units, sums, schools, scenario.zoning, scenario.seed, dict(today or {}), cancel, grades)
    layers: dict[str, ZoneLayer] = {}
    flaws: list[Flaw] = []
    for stage in scenario.zoning.stages:
        sends = np.zeros((len(units.frame), len(_BANDS)), dtype=bool)
        sends[:, [band.stage is stage for band in _BANDS]] = True
        groups = zone_groups(stage.value, schools, units, scenario.zoning.together)
        if not groups[0]:
            raise _no_school(stage)
        if stage is Stage.PRIMARY:
            points = zone_groups(POINT, schools, units, scenario.zoning.together)
            layers[POINT] = serve_points(sums, units, points, groups, drawing.seats(POINT))
            sends &= ~layers[POINT].sends
        layers[stage.value], more = draw_layer(drawing, stage.value, groups, sends)
        flaws += more
    if Stage.PRIMARY not in scenario.zoning.stages:
        layers[POINT] = empty_layer(POINT, len(units.frame))
    return Zones(county, scenario, schools, units, pairs, sums, layers, tuple(flaws), grades)


def _no_school(stage: Stage) -> LayoutError:
    return LayoutError(
        Text(
            f"没有一所在办、有学位、开设全部年级的{stage.label_zh}，不能划片",
            f"no open {stage.value} school with seats teaches all its grades: there is nothing to zone",
        )
    )


def zoned_plan(zones: Zones, label: str = "", parent: str = "") -> Plan:
    """Make a plan of zones; see :meth:`Zones.plan`."""
    pairs, units, demand = zones.pairs, zones.units, zones.county.demand
    assert demand is not None
    row = pd.Index(demand["demand_id"].astype(str)).get_indexer(pd.Index(pairs.demand_id))
    unit = units.point_unit[row]
    place = {code: j for j, code in enumerate(pairs.school_id)}
    seats = zones.schools.assign(school_id=zones.schools["school_id"].astype(str)).set_index("school_id")
    share = np.zeros(len(pairs.school))
    for kind, layer in zones.layers.items():
        stage = Stage.JUNIOR if kind == Stage.JUNIOR.value else Stage.PRIMARY
        room = seats[f"seats_{stage.value}"].reindex(pairs.school_id).to_numpy(dtype=np.float64)
        zone_of = np.full(len(pairs.school_id), -1, dtype=np.int64)
        for z, schools in enumerate(layer.zones):
            zone_of[[place[code] for code in schools]] = z
        mine = layer.sends[unit, pairs.band][pairs.rows]
        at = layer.zone[unit][pairs.rows]
        share += np.where(mine & (at >= 0) & (zone_of[pairs.school] == at), room[pairs.school], 0.0)
    whole = np.bincount(pairs.rows, weights=share, minlength=len(pairs.pupils))
    part = share / np.where(whole > 0, whole, 1.0)[pairs.rows]
    table = assignment_table(pairs, part * pairs.pupils[pairs.rows])
    table["reason"] = table["reason"].replace("no_seat", "unreachable")
    grades, scenario = None, zones.scenario
    if zones.grades is not None:
        single = by_grade(pairs, demand)
        grades = grade_assignment(single, part[single.entry] * single.pairs.pupils[single.pairs.rows])
    county = replace(zones.county, zoned=drawn_pairs(zones))
    return Plan(label or scenario.name, county, scenario, zones.schools, table, parent, grades=grades)


def drawn_pairs(zones: Zones) -> pd.DataFrame:
    """List the schools in whose zones each demand point lies: ``demand_id``, ``school_id``."""
    demand = zones.county.demand
    assert demand is not None
    unit, codes = zones.units.point_unit, demand["demand_id"].astype(str).to_numpy()
    rows: list[tuple[str, str]] = []
    for layer in zones.layers.values():
        at = layer.zone[unit]
        for z, schools in enumerate(layer.zones):
            rows += [(str(code), school) for code in codes[at == z] for school in schools]
    return pd.DataFrame(rows, columns=["demand_id", "school_id"])


def main_schools(plan: Plan, units: ZoneUnits) -> dict[str, NDArray[np.object_]]:
    """Find the school to which most pupils of every unit go in a plan, by kind of zone; "" for none.

    Returns
    -------
    dict of str to ndarray (n,) of object
        ``primary`` and ``junior`` count the schools that teach all grades of the stage; ``point`` those that teach
        grades 1 to 3 only, where these have more of the unit's youngest than any other school.
    """
    demand = plan.county.demand
    assert demand is not None
    place = pd.Index(demand["demand_id"].astype(str))
    rows = plan.assignment[plan.assignment["school_id"] != ""]
    rows = rows.assign(unit=units.point_unit[place.get_indexer(pd.Index(rows["demand_id"]))])
    last = plan.schools.assign(school_id=plan.schools["school_id"].astype(str)).set_index("school_id")["grade_to"]
    full = rows["school_id"].map(last) >= Stage.PRIMARY.grades[-1]
    junior, young = rows["band"] == GradeBand.G7_9.value, rows["band"] == GradeBand.G1_3.value
    n = len(units.frame)
    found = {
        Stage.PRIMARY.value: _most(rows[~junior & full], n), Stage.JUNIOR.value: _most(rows[junior], n),
    }  # fmt: skip
    first = _most(rows[young], n)
    limit = pd.Series(first).map(last).fillna(Stage.PRIMARY.grades[-1]).to_numpy()
    found[POINT] = np.where(limit < Stage.PRIMARY.grades[-1], first, "")
    return found


def _most(rows: pd.DataFrame, n: int) -> NDArray[np.object_]:
    total = rows.groupby(["unit", "school_id"], sort=True)["pupils"].sum().reset_index()
    total = total.sort_values(["unit", "pupils", "school_id"], ascending=[True, False, True]).drop_duplicates("unit")
    out = np.full(n, "", dtype=object)
    out[total["unit"].to_numpy(dtype=np.int64)] = total["school_id"].to_numpy(dtype=object)
    return out
