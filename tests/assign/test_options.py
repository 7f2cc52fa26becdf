"""Options: modes by tier, the nearest first, only schools that teach the band."""

from __future__ import annotations

import pytest

from layout_planner.assign import apply_decisions, band_options, options
from layout_planner.config.scenario import Travel
from layout_planner.errors import LayoutError
from layout_planner.grades import GradeBand
from tests.small_county import county, scenario, times


def pairs(band, beds=None, **travel):
    plan = scenario(travel=travel)
    here = county(beds=beds)
    schools = apply_decisions(here.schools, plan.decisions, plan.classes)
    frame = band_options(times(plan.travel.cutoff_min), schools, here.demand, band, plan.travel).to_frame()
    return {
        (r.demand_id, r.school_id): (r.tier, r.mode, round(r.minutes, 2), round(r.cost, 2)) for r in frame.itertuples()
    }


def test_youngest_walk_within_half_an_hour_else_ride_within_half_an_hour():
    found = pairs(GradeBand.G1_3)
    assert found["D1", "S1"] == (0, "walk", 0.0, 0.0)
    assert found["D2", "S2"] == (0, "walk", 18.18, 18.18)
    assert found["D2", "S1"] == (1, "ride", 16.0, 16.0)
    assert found["D1", "S4"] == (1, "ride", 28.0, 28.0)
    assert not any(school == "S3" for _, school in found)


def test_beyond_both_limits_the_quicker_mode_is_taken_and_priced_last():
    found = pairs(GradeBand.G1_3, ride_limit_min={"G1-3": 20})
    # Limit 30, cut-off 120 at two trips of ten: beyond costs 30 + 24 + minutes.
    assert found["D1", "S4"] == (3, "ride", 28.0, 82.0)


def test_a_band_that_does_not_ride_only_walks():
    found = pairs(GradeBand.G1_3, ride_limit_min={"G1-3": None})
    assert found["D2", "S1"] == (3, "walk", 54.55, 108.55)
    assert ("D1", "S4") not in found  # 164 minutes on foot


def test_older_pupils_board_where_there_are_beds_and_no_day_trip_fits():
    limits = {"ride_limit_min": {"G4-6": 15}}
    assert pairs(GradeBand.G4_6, **limits)["D3", "S2"][:2] == (3, "ride")
    # 20 minutes of riding twice a week are 4 a day, after the longest day trip of 40.
    assert pairs(GradeBand.G4_6, beds={"S2": 20}, **limits)["D3", "S2"] == (2, "board", 20.0, 44.0)


def test_the_youngest_never_board():
    found = pairs(GradeBand.G1_3, beds={"S1": 20, "S2": 20}, ride_limit_min=dict.fromkeys(["G1-3", "G4-6", "G7-9"]))
    assert all(mode != "board" for _, mode, *_ in found.values())


def test_nearest_is_least_tier_then_minutes_then_school():
    plan, here = scenario(), county()
    schools = apply_decisions(here.schools, plan.decisions, plan.classes)
    table = options(times(), schools, here.demand, plan.travel)
    first = table.school_id[table.school[table.nearest]]
    got = dict(zip(zip(table.demand_id, table.bands, strict=True), first, strict=True))
    assert got["D3", "G1-3"] == "S4"
    assert got["D3", "G4-6"] == "S2"
    assert got["D2", "G1-3"] == "S2"
    assert len(got) == 9


def test_missing_times_are_named():
    with pytest.raises(LayoutError, match="walk:G1-3"):
        band_options({}, apply_decisions(county().schools, scenario().decisions, scenario().classes),
                     county().demand, GradeBand.G1_3, Travel())  # fmt: skip
