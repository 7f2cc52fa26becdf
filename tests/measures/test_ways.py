"""The shipped county's ways: dangers, seasons, other speeds, both directions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from layout_planner.assign import assign
from layout_planner.assign.journeys import journeys, profiles, seasons, way_checks
from layout_planner.assign.uncertainty import coverage_band, straight_line_flaws
from layout_planner.columns import DANGERS, SEASONS
from layout_planner.config.loader import load_scenario
from layout_planner.config.scenario import Season
from layout_planner.io.county import County
from layout_planner.measures.seasons import season_effects
from layout_planner.measures.ways import danger_rows, danger_table, unsafe_pupils
from layout_planner.plan import Plan
from layout_planner.run import read_county, travel_times
from tests.small_county import county as small_county
from tests.small_county import scenario as small_scenario
from tests.small_county import times as small_times

BASELINE = Path(__file__).resolve().parents[2] / "scenarios" / "baseline.yaml"
FLOOD = ('travel.seasons=[{name: 汛期, months: [8, 6, 7], close: {ferry: true, bridge_names: [没有桥]}, '
         "slow: {unpaved: 0.5}, raise_river_m: 2}]")  # fmt: skip


@pytest.fixture(scope="module")
def county() -> County:
    return read_county(load_scenario(BASELINE))


def plan_of(county: County, *overrides: str) -> Plan:
    scenario = load_scenario(BASELINE, overrides)
    return assign(county, travel_times(county, scenario), scenario)


def test_slope_is_on_by_default_and_costs_time(county: County) -> None:
    assert county.network.relief is not None
    assert "terrain" in {file.role for file in county.inputs}
    value = {
        overrides: plan_of(county, *overrides).indicators.set_index("indicator")["value"]
        for overrides in ((), ("travel.slope=false",))
    }
    hilly, flat = value[()], value[("travel.slope=false",)]
    assert hilly["walking"] < flat["walking"]
    assert hilly["within_limit_share_g1_3"] < flat["within_limit_share_g1_3"]


def test_the_longer_way_counts_unless_only_school_does(county: County) -> None:
    worse, school, both = (
        journeys(county, load_scenario(BASELINE, [f"travel.report_direction={d}"]).travel)
        for d in ("worse", "to_school", "both")
    )
    assert list(worse) == list(school) == ["walk:G1-3", "walk:G4-6", "walk:G7-9", "ride"]
    assert set(both) == {*worse, *(f"{way}:{key}" for way in ("home", "to_school") for key in worse)}
    for key in worse:
        one, two = both[f"to_school:{key}"].to_csr().toarray(), both[f"home:{key}"].to_csr().toarray()
        assert np.array_equal(one, school[key].to_csr().toarray())
        reached = (one > 0) & (two > 0)
        assert np.array_equal(worse[key].to_csr().toarray(), np.where(reached, np.maximum(one, two), 0))


def test_dangers_are_counted_by_village_and_kind(county: County) -> None:
    plan = plan_of(county)
    rows = danger_rows(plan)
    table = danger_table(plan, rows)
    assert list(table.columns) == list(DANGERS.names)
    assert set(table["kind"]) <= {"trunk_along", "trunk_crossing", "rail_crossing", "ferry", "dark_tunnel", "ford"}
    assert table["pupils"].sum() == pytest.approx(rows["pupils"].sum())
    count = unsafe_pupils(plan, rows)
    assert 0 < count <= rows["pupils"].sum() + 1e-9
    assert plan.indicators.set_index("indicator").loc["unsafe_pupils", "value"] == pytest.approx(count)
    assert (table["name"] != "").all()
    ways = danger_rows(plan, keep_paths=True)
    assert len(ways) == len(rows)
    assert ways.geometry.notna().all()


def test_a_plan_without_roads_has_no_dangers_and_says_so() -> None:
    county, scenario = small_county(), small_scenario()
    plan = assign(county, small_times(), scenario)
    rows = danger_rows(plan)
    assert rows.empty
    assert danger_table(plan, rows).empty
    assert np.isnan(unsafe_pupils(plan, rows))


def test_a_wet_season_names_the_villages_that_lose_their_school(county: County) -> None:
    plan = plan_of(county, FLOOD)
    table, flaws = season_effects(plan)
    assert list(table.columns) == list(SEASONS.names)
    assert [flaw.code for flaw in flaws] == ["season_unknown_way", "season_flood_rough"]
    assert set(table["outcome"]) <= {"beyond", "unreachable"}
    assert table["month_count"].eq(3).all()
    assert table["months"].iloc[0] == "6、7、8"
    assert (table["minutes_season"].isna() == table["outcome"].eq("unreachable")).all()
    slower = table[table["outcome"] == "beyond"]
    assert (slower["minutes_season"] > slower["minutes_before"]).all()
    assert 0 < table["pupils"].sum() < plan.assignment["pupils"].sum()


def test_a_season_that_changes_nothing_loses_nobody(county: County) -> None:
    table, flaws = season_effects(plan_of(county, "travel.seasons=[{name: 晴, months: [1]}]"))
    assert table.empty
    assert flaws == []
    dry = replace(county, rivers=None)
    assert [f.code for f in seasons(dry, load_scenario(BASELINE, [FLOOD]).travel)[1]][-1] == "season_no_flood"


def test_coverage_at_other_speeds_equals_another_search(county: County) -> None:
    plan = plan_of(county)
    times = travel_times(county, plan.scenario)
    band = coverage_band(times, plan.schools, county.demand, plan.scenario.travel, 0.25)
    assert band["complete"].all()
    share = band.set_index(["speed_factor", "band"])["within_limit_share"]
    assert share[0.75].le(share[1.0]).all()
    assert share[1.0].le(share[1.25]).all()
    slow = load_scenario(BASELINE, ["travel.speed_factor=0.75"])
    again = coverage_band(travel_times(county, slow), plan.schools, county.demand, slow.travel, 0.0)
    assert again["within_limit_share"].to_numpy() == pytest.approx(share[0.75].to_numpy(), abs=1e-6)
    short = coverage_band(times, plan.schools, county.demand, plan.scenario.travel.model_copy(
        update={"cutoff_min": 60.0}), 0.2)  # fmt: skip
    assert not short.loc[short["speed_factor"] > 1, "complete"].any()


def test_long_ways_beside_the_road_are_flagged(county: County) -> None:
    travel = load_scenario(BASELINE).travel
    times = journeys(county, travel)
    assert county.demand is not None
    assert straight_line_flaws(times, county.demand, travel, beyond_m=1.0)[0].code == "straight_line"
    assert straight_line_flaws({}, county.demand, travel) == []
    assert isinstance(way_checks(county, travel, times), list)


@pytest.mark.parametrize(("vehicle", "mode"), [("bus", "ride"), ("car", "car"), ("ebike", "ebike")])
def test_the_vehicle_is_the_scenarios(vehicle: str, mode: str) -> None:
    travel = load_scenario(BASELINE, [f"travel.ride_by={vehicle}", "travel.speed_factor=0.9"]).travel
    found = profiles(travel)
    assert found["ride"].mode == mode
    assert found["ride"].wait_min == travel.ride_wait_min
    assert {p.speed_factor for p in found.values()} == {0.9}


def test_seasons_are_checked_when_the_scenario_is_read() -> None:
    with pytest.raises(ValueError, match="trak"):
        load_scenario(BASELINE, ["travel.seasons=[{name: x, months: [1], slow: {trak: 0.5}}]"])
    with pytest.raises(ValueError, match="12"):
        Season(name="x", months=(13,))
