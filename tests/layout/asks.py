"""Asking for layouts of the small county: money alone counts and no time rule holds unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from layout_planner.config.scenario import Scenario
from layout_planner.grades import Tier
from layout_planner.io.county import County
from layout_planner.layout import LayoutModel, LayoutSolution, layout_model, solve_layout
from layout_planner.locate.result import Status
from tests.small_county import CAP, county, scenario, times

MONEY = {"weights": {"pupil_minutes": 0, "yearly_yuan": 1}}
MINUTES = {"weights": {"pupil_minutes": 1, "yearly_yuan": 0, "one_off_yuan": 0}}
PAST = {"time_limit": {"G1-3": "none", "G4-6": "none", "G7-9": "none"}}
SEATS_ONLY = {"whole_classes": False}


def asked(*, may=None, must=None, goal=None, travel=None, classes=None, assign=None, **layout) -> Scenario:
    """Make the scenario."""
    block = {"may": may or {}, "must": PAST | (must or {}), "goal": goal or MONEY, "gap": 0.0} | layout
    blocks = {"travel": travel, "classes": classes, "assign": assign}
    return scenario(layout=block, **{name: value for name, value in blocks.items() if value})


def model(*, here: County | None = None, **blocks) -> LayoutModel:
    """Set up the model."""
    return layout_model(here or county(), times(), asked(**blocks))


def solved(**blocks) -> LayoutSolution:
    """Solve to the optimum."""
    solution = solve_layout(model(**blocks))
    assert solution.status is Status.OPTIMAL
    assert solution.bound <= solution.objective
    return solution


def config(**blocks):
    """Solve to the optimum and give the choice of every school."""
    return solved(**blocks).config


def remade(here: County, schools: Mapping[str, tuple[Tier, int]]) -> County:
    """Make other schools of some: their type and rooms."""
    frame = here.schools.set_index("school_id", drop=False)
    for code, (tier, rooms) in schools.items():
        first, last = tier.default_grades
        junior = 50 * (rooms if first > 6 else rooms - rooms * 2 // 3 if last > 6 else 0)
        primary = 0 if first > 6 else CAP.get(tier, 45) * (rooms * 2 // 3 if last > 6 else rooms)
        frame.loc[code, ["tier", "grade_from", "grade_to", "rooms"]] = [tier.value, first, last, rooms]
        frame.loc[code, ["seats", "seats_primary", "seats_junior"]] = [primary + junior, primary, junior]
    return replace(here, schools=frame.reset_index(drop=True))
