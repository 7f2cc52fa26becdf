"""School layout and catchment planning: travel times, assignment, merger scenarios, maps and reports.

>>> import layout_planner as lp
>>> scenario = lp.load_scenario("scenarios/baseline.yaml")  # doctest: +SKIP
>>> county = lp.read_county(scenario)  # doctest: +SKIP
>>> times = lp.travel_times(county, scenario)  # doctest: +SKIP
>>> plan = lp.assign(county, times, scenario)  # doctest: +SKIP
>>> plan.indicators  # doctest: +SKIP
>>> plan.map()  # doctest: +SKIP
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from layout_planner.assign import assign
    from layout_planner.assign.class_draw import draw_classes
    from layout_planner.assign.lottery import LotteryRules, draw_lottery
    from layout_planner.assign.zones import Zones, draw_zones
    from layout_planner.config.loader import load_scenario
    from layout_planner.config.scenario import Scenario
    from layout_planner.errors import Flaw, InputError, LayoutError, ScenarioError
    from layout_planner.examples import write_county
    from layout_planner.io.county import County
    from layout_planner.io.osm import read_network
    from layout_planner.layout.answers import Optimised, optimise
    from layout_planner.locate import p_median
    from layout_planner.maps import compare_map, plan_map
    from layout_planner.measures import (
        coefficient_of_variation,
        excess_commute,
        gini,
        huff_access,
        lorenz,
        measure_access,
        modified_huff_access,
        theil,
        two_step_access,
        unit_loss,
    )
    from layout_planner.measures.moves import moves
    from layout_planner.plan import Plan, PlanCollection
    from layout_planner.report.readable import readable
    from layout_planner.rules import check_plan
    from layout_planner.run import check, compare, read_county, run_scenario, travel_times
    from layout_planner.study import EnrolmentStudy, enrolment_study
    from layout_planner.travel.coverage import network_catchments
    from layout_planner.travel.incremental import NearestOpen
    from layout_planner.travel.isochrones import isochrones
    from layout_planner.travel.matrix import TravelMatrix, travel_matrix
    from layout_planner.travel.network import RoadNetwork
    from layout_planner.travel.paths import shortest_paths

__version__ = "0.1.0"

__all__ = [
    "County",
    "EnrolmentStudy",
    "Flaw",
    "InputError",
    "LayoutError",
    "LotteryRules",
    "NearestOpen",
    "Optimised",
    "Plan",
    "PlanCollection",
    "RoadNetwork",
    "Scenario",
    "ScenarioError",
    "TravelMatrix",
    "Zones",
    "assign",
    "check",
    "check_plan",
    "coefficient_of_variation",
    "compare",
    "compare_map",
    "draw_classes",
    "draw_lottery",
    "draw_zones",
    "enrolment_study",
    "excess_commute",
    "gini",
    "huff_access",
    "isochrones",
    "load_scenario",
    "lorenz",
    "measure_access",
    "modified_huff_access",
    "moves",
    "network_catchments",
    "optimise",
    "p_median",
    "plan_map",
    "read_county",
    "read_network",
    "readable",
    "run_scenario",
    "shortest_paths",
    "theil",
    "travel_matrix",
    "travel_times",
    "two_step_access",
    "unit_loss",
    "write_county",
]

_HOMES = {
    "assign": "assign",
    "assign.class_draw": "draw_classes",
    "assign.lottery": "LotteryRules draw_lottery",
    "assign.zones": "Zones draw_zones",
    "config.loader": "load_scenario",
    "config.scenario": "Scenario",
    "errors": "Flaw InputError LayoutError ScenarioError",
    "examples": "write_county",
    "io.county": "County",
    "io.osm": "read_network",
    "layout.answers": "Optimised optimise",
    "locate": "p_median",
    "maps": "compare_map plan_map",
    "measures": "coefficient_of_variation excess_commute gini huff_access "
    "lorenz measure_access modified_huff_access moves theil two_step_access unit_loss",
    "plan": "Plan PlanCollection",
    "report.readable": "readable",
    "rules": "check_plan",
    "run": "check compare read_county run_scenario travel_times",
    "study": "EnrolmentStudy enrolment_study",
    "travel.coverage": "network_catchments",
    "travel.incremental": "NearestOpen",
    "travel.isochrones": "isochrones",
    "travel.matrix": "TravelMatrix travel_matrix",
    "travel.network": "RoadNetwork",
    "travel.paths": "shortest_paths",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})


class _Package(ModuleType):
    """Keeps the public function ``assign`` when Python binds the room of the same name."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOME and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
