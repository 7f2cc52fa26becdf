"""Pupils under seats by the scenario's method: seats by stage or grade, claims, whole units, seats that are short."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from layout_planner.assign.admission import admission_table, admit
from layout_planner.assign.beyond import fewest_beyond, stretched
from layout_planner.assign.by_grade import by_grade, grade_assignment, grade_resources
from layout_planner.assign.capacitated import Seating, capacitated
from layout_planner.assign.claim_counts import resident_mix
from layout_planner.assign.closest import closest_first
from layout_planner.assign.resources import resources
from layout_planner.assign.whole import whole
from layout_planner.supply.by_grade import grade_seats

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from layout_planner.assign.options import Options
    from layout_planner.assign.resources import Resources
    from layout_planner.config.scenario import Admission, Assign, Scenario
    from layout_planner.io.county import County

__all__ = ["seat_pupils"]


def seat_pupils(
    county: County, pairs: Options, schools: gpd.GeoDataFrame, scenario: Scenario
) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Send pupils where there are seats.

    Parameters
    ----------
    county : County
        With demand; its schools state seats and enrolment by grade, if they do.
    pairs : Options
        Units of bands and the schools in their reach.
    schools : GeoDataFrame
        ``Plan.schools``.
    scenario : Scenario
        Its block ``assign`` says how.

    Returns
    -------
    flow : ndarray (number of entries,)
        Pupils on every pair.
    extra : dict
        What the plan says besides: ``admission``, ``proof``, ``grades``, ``seat_factor``.
    """
    method = scenario.assign
    if method.seats_by == "stage":
        flows, extra = _under(county, pairs, resources(pairs, schools), method, scenario.seed)
        by_band = flows
    else:
        assert county.demand is not None
        units = by_grade(pairs, county.demand)
        seats = grade_seats(schools, county.schools)
        flows, extra = _under(county, units.pairs, grade_resources(units, schools, seats), method, scenario.seed)
        by_band = {claim: units.fold(flow) for claim, flow in flows.items()}
        extra["grades"] = grade_assignment(units, np.sum(list(flows.values()), axis=0))
    if method.admission is not None:
        extra["admission"] = admission_table(pairs, method.admission, by_band, resident_mix(pairs, county))
    return np.sum(list(by_band.values()), axis=0), extra


def _under(
    county: County, pairs: Options, room: Resources, method: Assign, seed: int
) -> tuple[dict[Any, NDArray[np.float64]], dict[str, Any]]:
    """Seat the pupils; returns pupils on every pair by claim (one claim where there are none)."""
    if method.admission is not None:
        seat, mix = _rule(method, method.admission, seed), resident_mix(pairs, county)
        return dict(admit(pairs, room, method.admission, seat, mix)), {}
    if method.closest_first:
        return {"": closest_first(pairs, room)}, {}
    if method.beyond_seats != "unplaced":
        found = (fewest_beyond if method.beyond_seats == "overload" else stretched)(pairs, room)
        return {"": found.seating.flow}, {"proof": found.seating.minutes, "seat_factor": found.factor}
    seating = _whole(method, seed)(pairs, room) if method.whole_units else capacitated(pairs, room)
    return {"": seating.flow}, {"proof": seating.minutes}


def _whole(method: Assign, seed: int) -> Callable[[Options, Resources], Seating]:
    return partial(whole, time_limit=method.whole_units_time_limit_s, seed=seed)


def _rule(method: Assign, admission: Admission, seed: int) -> Callable[[Options, Resources], NDArray[np.float64]]:
    """Give the rule of overflow: how pupils of one claim share the seats that are left."""
    if admission.overflow == "least_minutes":
        seat = _whole(method, seed) if method.whole_units else capacitated
        return lambda pairs, room: seat(pairs, room).flow
    if admission.overflow == "farthest":
        return closest_first

    def drawn(pairs: Options, room: Resources) -> NDArray[np.float64]:
        lots = np.empty(len(pairs.pupils), dtype=np.int64)
        lots[np.lexsort((pairs.band, pairs.demand_id.astype(str)))] = np.random.default_rng(seed).permutation(len(lots))
        return closest_first(pairs, room, lots)

    return drawn
