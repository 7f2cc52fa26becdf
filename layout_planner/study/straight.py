"""A plan as a ruler on the map would make it: everybody to the school that is nearest in a straight line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign import assignment_table
from layout_planner.assign.decisions import apply_decisions
from layout_planner.errors import LayoutError, Text
from layout_planner.plan import Plan
from layout_planner.study.reach import nearest_in_air, reach

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["straight_line_plan"]


def straight_line_plan(
    county: County, times: Mapping[str, TravelMatrix], scenario: Scenario, *, label: str | None = None
) -> Plan:
    """Send every pupil to the open school teaching the grade that is nearest in a straight line, seats not asked.

    Parameters
    ----------
    county : County
        With demand.
    times : mapping of str to TravelMatrix
        As for :func:`layout_planner.assign.assign`: how long the way by road really is.
    scenario : Scenario
    label : str, optional
        Name of the plan.

    Returns
    -------
    Plan
        Pupils whose way to that school is beyond the cut-off are left without a school.

    Raises
    ------
    LayoutError
        If the county has no demand yet.
    """
    if county.demand is None:
        raise LayoutError(Text("尚未计算需求点的学生数", "the county has no demand yet"))
    schools = apply_decisions(county.schools, scenario.decisions, scenario.classes)
    found = reach(times, schools, county.demand, scenario.travel)
    flow = nearest_in_air(found)
    taught = np.flatnonzero(found.teaches)
    kept = found.pairs.among(np.ones(len(found.pairs.pupils), dtype=bool), taught, found.pairs.pupils)
    name = label or str(Text("直线最近", "nearest in the air"))
    return Plan(name, county, scenario, schools, assignment_table(kept, flow[taught]))
