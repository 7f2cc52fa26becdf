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

from importlib import import_module

__version__ = "0.1.0"

_HOMES = {
    "County": "io.county",
    "Flaw": "errors",
    "InputError": "errors",
    "LayoutError": "errors",
    "Plan": "plan",
    "PlanCollection": "plan",
    "RoadNetwork": "travel.network",
    "Scenario": "config.scenario",
    "ScenarioError": "errors",
    "TravelMatrix": "travel.matrix",
    "assign": "assign",
    "check": "run",
    "check_plan": "rules",
    "compare": "run",
    "compare_map": "maps",
    "load_scenario": "config.loader",
    "moves": "measures",
    "p_median": "locate",
    "plan_map": "maps",
    "read_county": "run",
    "read_network": "io.osm",
    "run": "run",
    "travel_matrix": "travel.matrix",
    "travel_times": "run",
    "write_county": "examples",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
