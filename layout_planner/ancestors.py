"""Plans that another plan is set against: what its scenario is based on, and what it was before its decisions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner.assign import assign
from layout_planner.assign.journeys import journeys
from layout_planner.config.loader import load_scenario, parent_path
from layout_planner.config.scenario import Decisions, Scenario
from layout_planner.prepare import Overrides, read_county

if TYPE_CHECKING:
    from layout_planner.io.county import County
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["ancestor_plan", "open_before", "parent_plan"]

_ASSUMPTIONS = ("data", "demand", "travel", "classes")


def parent_plan(
    path: Path, scenario: Scenario, overrides: Overrides, county: County, times: dict[str, TravelMatrix]
) -> Plan | None:
    """Compute the plan that a scenario is based on, to show before and after; ``None`` where it has no parent."""
    if scenario.based_on is None:
        return None
    return ancestor_plan(parent_path(path, scenario.based_on), scenario, overrides, county, times)


def ancestor_plan(
    path: Path, scenario: Scenario, overrides: Overrides, county: County, times: dict[str, TravelMatrix]
) -> Plan:
    """Compute the plan of a scenario file that another scenario is based on, near or far.

    Overrides of what both have in common (data, demand, travel, classes) hold for the ancestor too.

    Parameters
    ----------
    path : Path
        File of the ancestor.
    scenario : Scenario
        What is based on it, read into ``county`` with travel ``times``.
    """
    pairs = overrides.items() if isinstance(overrides, Mapping) else (text.split("=", 1) for text in overrides)
    common = {key.strip(): value for key, value in pairs if key.split(".")[0].strip() in _ASSUMPTIONS}
    shared = common if isinstance(overrides, Mapping) else [f"{key}={value}" for key, value in common.items()]
    parent = load_scenario(path, shared)
    if _read_from(parent) != _read_from(scenario):
        county = read_county(parent)
        times = journeys(county, parent.travel)
    elif parent.travel != scenario.travel:
        times = journeys(county, parent.travel)
    return assign(county, times, parent)


def _read_from(scenario: Scenario) -> tuple[object, ...]:
    """Everything in a scenario that decides what the county is."""
    travel = scenario.travel
    return scenario.data, scenario.demand, scenario.classes, travel.off_road, travel.land_cover_legend


def open_before(parent: Plan | None, plan: Plan, county: County, times: dict[str, TravelMatrix]) -> Plan | None:
    """Find the plan in which the schools that a plan closes or converts are open, to tell who leaves them.

    It is the parent, unless there is none or the parent closes some of them too: then the plan without its decisions.
    """
    decided = plan.scenario.decisions
    going = {*decided.close, *decided.convert_to_teaching_point}
    if parent is not None:
        was = parent.schools
        left = was.loc[~was["is_open"].astype(bool) | was["decision"].isin(["close", "convert"]), "school_id"]
        if not going & set(left):
            return parent
    if not going:
        return parent
    return assign(county, times, plan.scenario.model_copy(update={"decisions": Decisions()}))
