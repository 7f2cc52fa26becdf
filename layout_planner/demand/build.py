"""From people to pupils: the county with its demand points filled in."""

from __future__ import annotations

from dataclasses import replace

from layout_planner.config.scenario import Scenario
from layout_planner.demand.calibrate import calibrate
from layout_planner.demand.communities import add_communities
from layout_planner.demand.dasymetric import pupils_from_townships
from layout_planner.demand.groups import split_groups
from layout_planner.demand.surface import PUPILS, merge_small, pupils_from_cells
from layout_planner.demand.units import group_cells
from layout_planner.demand.villages import pupils_from_villages
from layout_planner.errors import Flaw, InputError, Text
from layout_planner.io.county import County

__all__ = ["build_demand"]


def build_demand(county: County, scenario: Scenario) -> County:
    """Fill in where pupils live, by grade band.

    Population cells, villages or township totals become pupils by band and are scaled to the totals that the
    scenario names. Housing estates get points of their own, very small cells join their neighbours, or cells become
    natural villages, if the scenario says so, and groups of pupils get rows of their own. The sum over demand points
    equals the calibrated totals to 1e-9 relative, but for new estates and for groups that a table counts on top of
    the pupils.

    Parameters
    ----------
    county : County
        As read; ``population`` or ``villages`` hold the people.
    scenario : Scenario
        Block ``demand`` decides.

    Returns
    -------
    County
        With ``demand`` (table ``demand`` with ``kind`` and ``geometry``; pupils are persons, float) and what was
        noticed added to ``checks``.

    Raises
    ------
    InputError
        If the source is absent, does not cover the school ages, or gives no pupil at all.
    """
    demand = scenario.demand
    flaws: list[Flaw] = []
    if demand.source == "raster":
        points = pupils_from_cells(county, demand)
    elif demand.source == "townships":
        points, flaws = pupils_from_townships(county, demand)
        if not demand.uses_cells:
            county = replace(county, cell_m=demand.cell_m, cell_aspect=1.0)
    else:
        points, flaws = pupils_from_villages(county, demand)
    fitted = calibrate(points, county, demand)
    points, estates = add_communities(fitted.points, county, demand)
    points = merge_small(points, demand.min_cell_pupils)
    points = points[points[PUPILS].sum(axis=1) > 0].reset_index(drop=True)
    if points.empty:
        what = Text("推算不出任何学生", "no pupil results from the data")
        mend = Text(
            "核对人口栅格、村表和乡镇学生数", "check the population raster, the village table and the township totals"
        )
        raise InputError.collect([Flaw("no_pupils", what, mend)])
    county = replace(county, demand=points, calibration=fitted.table)
    more = list(fitted.flaws)
    if demand.units == "natural_villages":
        county, grouped = group_cells(county, scenario)
        more += grouped
    assert county.demand is not None
    points, groups = split_groups(county.demand, county, demand)
    return replace(county, demand=points, checks=(*county.checks, *flaws, *more, *estates, *groups))
