"""Pupils under seats by the scenario's method: seats by stage or grade, claims, whole units, seats that are short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from layout_planner.assign.admission import admission_table, admit, claims
from layout_planner.assign.beyond import fewest_beyond, least_factor, place_rest, stretched
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
    if method.admission is None and not method.closest_first:
        return _least_minutes(pairs, room, method, seed)
    wanted, seat = _by_rule(county, pairs, method, seed)
    factor = 1.0
    if method.beyond_seats == "stretch":
        total = float(pairs.pupils.sum())
        factor, room = least_factor(
            room, len(pairs.school_id), lambda some: total - sum(float(flow.sum()) for flow in seat(some).values())
        )
    flows = seat(room)
    if method.beyond_seats == "overload":
        _fill_up(pairs, room, wanted, flows, whole=method.whole_units)
    return flows, {"seat_factor": factor}


def _least_minutes(
    pairs: Options, room: Resources, method: Assign, seed: int
) -> tuple[dict[Any, NDArray[np.float64]], dict[str, Any]]:
    """Seat all pupils alike, with least total time."""
    if method.whole_units:
        seating = _whole(method, seed)(pairs, room)
        if method.beyond_seats == "unplaced":
            return {"": seating.flow}, {"proof": seating.minutes}
        return {"": seating.flow + place_rest(pairs, room, seating.flow, pairs.pupils, whole=True)}, {}
    if method.beyond_seats != "unplaced":
        found = (fewest_beyond if method.beyond_seats == "overload" else stretched)(pairs, room)
        return {"": found.seating.flow}, {"proof": found.seating.minutes, "seat_factor": found.factor}
    seating = capacitated(pairs, room)
    return {"": seating.flow}, {"proof": seating.minutes}


def _by_rule(
    county: County, pairs: Options, method: Assign, seed: int
) -> tuple[dict[Any, NDArray[np.float64]], Callable[[Resources], dict[Any, NDArray[np.float64]]]]:
    """Give the pupils of every claim (one claim where there are none), and the rule that seats them."""
    asked = method.admission
    if asked is None:
        return {"": pairs.pupils}, lambda room: {"": closest_first(pairs, room)}
    rule, mix = _rule(method, asked, seed), resident_mix(pairs, county)
    return dict(claims(pairs, asked, mix)), lambda room: dict(admit(pairs, room, asked, rule, mix))


def _fill_up(
    pairs: Options, room: Resources, wanted: dict[Any, NDArray[np.float64]], flows: dict[Any, NDArray[np.float64]],
    *, whole: bool,
) -> None:  # fmt: skip
    """Place those without a seat, claim after claim, where all claims together leave seats, or beyond them."""
    for claim, pupils in wanted.items():
        others = np.sum([flow for key, flow in flows.items() if key != claim], axis=0) + np.zeros(len(pairs.school))
        free = replace(room, capacity=np.maximum(0.0, room.capacity - room.used(others)))
        flows[claim] = flows[claim] + place_rest(pairs, free, flows[claim], pupils, whole=whole)


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
