"""The study of 就近入学: who attends the nearest school, who goes past it and why, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.decisions import apply_decisions
from layout_planner.assign.journeys import journeys, seasons
from layout_planner.assign.uncertainty import scaled_times
from layout_planner.assign.zoned import zoned_pairs
from layout_planner.plan import Plan
from layout_planner.study.attending import Attending, from_enrolment, from_plan
from layout_planner.study.optimum import Required, required
from layout_planner.study.reach import Reach, reach
from layout_planner.study.reasons import Circumstances, reasons
from layout_planner.study.resample import Homes, kept_entries
from layout_planner.study.settings import Where, where
from layout_planner.study.tally import Ways, tally, ways
from layout_planner.study.zoned import zone_of_trips

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from layout_planner.assign.zones import Zones
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.attendance import Attendance
    from layout_planner.io.county import County
    from layout_planner.travel.matrix import TravelMatrix

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Estimate", "Settings", "estimate"]

_VILLAGE_SHIFT_M = 250.0


@dataclass(frozen=True)
class Settings:
    """What a study takes for given.

    Attributes
    ----------
    tie_min : float
        Minutes within which two schools are equally near.
    draws : int
        How many times the homes are drawn anew; 0 for no intervals.
    level : float
        Share of the draws within the intervals.
    concentration : float
        See :mod:`layout_planner.study.resample`.
    shift_m : float, optional
        How far, along each axis, a home may lie from its demand point, metres; by default half the side of a raster
        cell, or 250 m where demand points are villages.
    seed : int
        Of the draws.
    """

    tie_min: float = 2.0
    draws: int = 200
    level: float = 0.95
    concentration: float = 1.0
    shift_m: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.tie_min < 0 or self.draws < 0 or not 0 < self.level < 1 or self.concentration <= 0:
            msg = "tie_min and draws must not be negative, level lie between 0 and 1, concentration be positive"
            raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class Estimate:
    """Everything that was found, by trip; :class:`~layout_planner.study.EnrolmentStudy` makes tables of it.

    ``why`` (p,) and ``pupils`` (p,) are the estimate; ``sums`` its :func:`~layout_planner.study.tally.tally`, ``draws``
    those of the draws, stacked, ``least_nearest`` the lower bound of pupils at the nearest school in the estimate,
    ``speeds`` the sums at slower and faster speeds by factor, and ``facts`` what the reasons were asked with.
    """

    county: County
    scenario: Scenario
    schools: gpd.GeoDataFrame
    settings: Settings
    found: Reach
    attending: Attending
    nearest: Ints
    where: Where
    way: Ways
    why: NDArray[np.int8]
    pupils: Floats
    sums: Floats
    draws: Floats
    least_nearest: float
    required: Required
    speeds: Mapping[float, Floats]
    without_school: float
    facts: Circumstances


def estimate(
    county: County, times: Mapping[str, TravelMatrix], scenario: Scenario, actual: Plan | pd.DataFrame,
    zones: Zones | Attendance | None, urban: Collection[str] | None, settings: Settings,
) -> Estimate:  # fmt: skip
    """Place the pupils, ask for the reasons, and draw the homes anew.

    Parameters are those of :func:`layout_planner.study.enrolment_study`.
    """
    assert county.demand is not None
    schools = actual.schools if isinstance(actual, Plan) else apply_decisions(
        county.schools, scenario.decisions, scenario.classes
    )  # fmt: skip
    found = reach(times, schools, county.demand, scenario.travel)
    at = where(county, found, urban)
    attending = (
        from_plan(found, actual.assignment, at.town)
        if isinstance(actual, Plan)
        else from_enrolment(found, actual, at.village)
    )
    nearest = found.nearest_taught()
    pupils = attending.spread(found.pairs.pupils, nearest)
    seats = _seats(found, schools)
    facts = Circumstances(_full(found, attending, pupils, seats), _cut_off(county, scenario, schools, found),
                          settings.tie_min)  # fmt: skip
    pairs = county.zoned if zones is None else zoned_pairs(zones, county, scenario.zoning)
    zone = zone_of_trips(pairs, found, attending, _stages(schools))
    way = ways(found, attending, nearest, (at.town, len(at.towns)), zone)
    why = reasons(found, found.key, attending.trips, attending.boards, zone[1], facts)
    asked = _Asked(found, attending, facts, zone[1], way, why)
    lost = float(actual.assignment.loc[actual.assignment["school_id"] == "", "pupils"].sum()) if isinstance(
        actual, Plan) else 0.0  # fmt: skip
    return Estimate(
        county, scenario, schools, settings, found, attending, nearest, at, way, why, pupils,
        tally(way, why, pupils), asked.draws(_homes(county, scenario, found, attending, at, settings),
                                                               settings),
        attending.at_least_nearest(found.pairs.pupils, nearest), required(found, attending, pupils, seats),
        {factor: asked.at_speed(scaled_times(times, scenario.travel, factor), schools, county, scenario)
         for factor in (1.0 - scenario.travel.speed_range, 1.0 + scenario.travel.speed_range)}, lost, facts,
    )  # fmt: skip


def _seats(found: Reach, schools: gpd.GeoDataFrame) -> Floats:
    ordered = schools.assign(school_id=schools["school_id"].astype(str)).set_index("school_id")
    columns = ordered.loc[found.pairs.school_id, ["seats_primary", "seats_junior"]]
    return columns.to_numpy(dtype=np.float64)


def _full(found: Reach, attending: Attending, pupils: Floats, seats: Floats) -> NDArray[np.bool_]:
    """Tell which schools have as many pupils as seats, by stage."""
    m, is_open = len(found.pairs.school_id), attending.open_school >= 0
    stage = (found.pairs.band[attending.unit] == 2).astype(np.int64)
    at = stage[is_open] * m + attending.open_school[is_open]
    there = np.bincount(at, weights=pupils[is_open], minlength=2 * m).reshape(2, m).T
    return np.asarray(there >= seats - 0.5, dtype=bool)


def _stages(schools: gpd.GeoDataFrame) -> tuple[frozenset[str], frozenset[str]]:
    codes = schools["school_id"].astype(str)
    return frozenset(codes[schools["grade_from"] <= 6]), frozenset(codes[schools["grade_to"] >= 7])


def _cut_off(county: County, scenario: Scenario, schools: gpd.GeoDataFrame, found: Reach) -> NDArray[np.bool_]:
    """Tell which pairs are within the limits most of the year and beyond them, or out of reach, in some season."""
    pairs, travel = found.pairs, scenario.travel
    cut = np.zeros(len(pairs.school), dtype=bool)
    if not travel.seasons:
        return cut
    assert county.demand is not None
    for season in seasons(county, travel)[0]:
        then = reach(journeys(county, travel, season), schools, county.demand, travel)
        entry = then.entries(pairs.rows, pairs.school.astype(np.int64))
        later = np.where(entry >= 0, then.pairs.tier[entry], 4)
        cut |= (pairs.tier <= 2) & (later > 2)
    return cut


def _homes(
    county: County, scenario: Scenario, found: Reach, attending: Attending, at: Where, settings: Settings
) -> Homes:
    assert county.demand is not None
    cells = bool((county.demand["kind"] == "cell").any())
    shift = settings.shift_m
    if shift is None:
        shift = county.cell_m / 2 if cells else _VILLAGE_SHIFT_M
    return Homes(
        found.pairs.pupils, attending.block, at.place, shift if attending.placed else 0.0,
        scenario.travel.access_detour, settings.concentration,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Asked:
    """The question that is asked again and again: the reasons under other homes or other speeds."""

    found: Reach
    attending: Attending
    facts: Circumstances
    in_zone: NDArray[np.bool_]
    way: Ways
    why: NDArray[np.int8]

    def draws(self, homes: Homes, settings: Settings) -> Floats:
        """Sum over the trips for every draw of the homes: (draws, townships, bands, reasons, sums)."""
        found, pairs = self.found, self.found.pairs
        stage = (pairs.band == 2).astype(np.int64)[pairs.rows]
        room = found.teaches & ~self.facts.full[pairs.school, stage]
        marks = (np.ones_like(room), found.teaches, room, room & ~self.facts.cut_off)
        kept = kept_entries(found, self.attending.entry, marks)
        near = found.among(kept)
        at = self.attending.entry
        entry = np.where(at >= 0, np.searchsorted(kept, at), -1)
        facts = replace(self.facts, cut_off=self.facts.cut_off[kept])
        trips = (self.attending.unit, self.attending.open_school, entry)
        rng = np.random.default_rng(settings.seed)
        out = []
        for _ in range(settings.draws):
            weights = homes.draw_weights(rng)
            key = near.ranked(homes.draw_minutes(near, rng))
            first = near.nearest_taught(key)
            first = np.where(first >= 0, kept[first], -1) if len(kept) else first
            pupils = self.attending.spread(weights, first)
            why = self.why
            if homes.shift_m > 0:
                why = reasons(near, key, trips, self.attending.boards, self.in_zone, facts)
            out.append(tally(self.way, why, pupils, in_short=True))
        return np.array(out)

    def at_speed(
        self, times: Mapping[str, TravelMatrix], schools: gpd.GeoDataFrame, county: County, scenario: Scenario
    ) -> Floats:
        """Sum over the trips at other speeds of everybody; who is full, cut off and boards stays."""
        assert county.demand is not None
        then = reach(times, schools, county.demand, scenario.travel)
        entry = then.entries(self.attending.unit, self.attending.open_school)
        back = then.entries(self.found.pairs.rows, self.found.pairs.school.astype(np.int64))
        cut = np.zeros(len(then.pairs.school), dtype=bool)
        cut[back[back >= 0]] = self.facts.cut_off[back >= 0]
        nearest = then.nearest_taught()
        here = np.where(nearest >= 0, then.pairs.school[nearest], -1).astype(np.int64)
        first = self.found.entries(np.arange(len(nearest), dtype=np.int64), here)
        trips = (self.attending.unit, self.attending.open_school, entry)
        why = reasons(then, then.key, trips, self.attending.boards, self.in_zone, replace(self.facts, cut_off=cut))
        pupils = self.attending.spread(self.found.pairs.pupils, first)
        return tally(self.way, why, pupils)
