"""Each rule of the State Council's opinions of 2012 and 2018 changes the plan of the small county once it is on.

Every test solves the same county twice, without the rule and with it. Numbers by hand: see ``tests/small_county.py``.
"""

from __future__ import annotations

import numpy as np
import pytest

from layout_planner.config.layout import Term
from layout_planner.grades import Tier
from layout_planner.layout import Choice, proposal, solve_layout
from layout_planner.layout.wishes import heed_hearing
from layout_planner.testing import assert_plan_valid
from tests.layout.asks import MINUTES, MONEY, SEATS_ONLY, asked, config, model, remade, solved
from tests.small_county import PUPILS, county, scenario, times

CLOSE, CONVERT, KEEP = Choice.CLOSE, Choice.CONVERT, Choice.KEEP
ON_FOOT = {"ride_limit_min": {"G1-3": None, "G4-6": None, "G7-9": None}}
STRICT = {"time_limit": {"G1-3": "strict", "G4-6": "strict", "G7-9": "none"}}


def pupils_at(solution, school_id, **where):
    """Count the pupils of a village or band at a school."""
    flows = solution.flows()
    for column, value in (where | {"school_id": school_id}).items():
        flows = flows[flows[column] == value]
    return flows["pupils"].sum()


def schools_of(of, unit_id, boards=None):
    """Name the schools that have a way from a unit, by day or to board where that is asked."""
    arcs, unit = of.arcs, list(of.units.unit_id).index(unit_id)
    mine = (arcs.unit == unit) & (True if boards is None else arcs.boards == boards)
    return set(of.school_id[arcs.school[mine]])


def test_money_alone_closes_whatever_may_be_closed():
    assert config() == {"S1": CLOSE, "S2": KEEP, "S3": KEEP, "S4": CLOSE}


def test_minutes_alone_close_nothing():
    assert CLOSE not in config(goal=MINUTES).values()


# who travels how far


def test_the_youngest_never_board_where_their_elders_do():
    here = county(beds={"S2": 60})
    solution = solved(here=here, travel=ON_FOOT, must=STRICT)
    flows = solution.flows()
    assert flows.loc[flows["band"] == "G1-3", "boarders"].sum() == 0
    assert flows.loc[flows["band"] == "G4-6", "boarders"].sum() == 42
    assert solution.config["S1"] is CONVERT
    assert solution.config["S4"] is KEEP


@pytest.mark.parametrize("rule", ["strict", "keep"])
@pytest.mark.parametrize(("band", "limit"), [("G1-3", 30), ("G4-6", 40), ("G7-9", 40)])
def test_the_time_limit_of_each_band_keeps_the_school_near_home(band, limit, rule):
    here = remade(county(), {"S1": (Tier.NINE_YEAR, 9)})
    foot = {"ride_limit_min": {band: None}, "walk_limit_min": {band: limit}}
    may = {"close": ["nine_year"], "board": ()}
    assert config(here=here, travel=foot, may=may)["S1"] is CLOSE
    assert config(here=here, travel=foot, may=may, must={"time_limit": {band: rule}})["S1"] is KEEP


def test_low_grades_stay_where_high_grades_leave():
    foot = {"ride_limit_min": {"G1-3": None}, "walk_limit_min": {"G1-3": 30, "G4-6": 70, "G7-9": 90}}
    assert config(travel=foot)["S1"] is CLOSE
    assert config(travel=foot, must={"time_limit": {"G1-3": "strict"}})["S1"] is CONVERT


def test_an_unsafe_way_keeps_the_village_school():
    unsafe = [{"village": "V1", "school": "S2"}, {"village": "V1", "school": "S4"}]
    assert config()["S1"] is CLOSE
    assert config(must={"unsafe_ways": unsafe})["S1"] is KEEP


# what schools hold


def test_whole_classes_take_rooms_that_seats_do_not_show():
    pupils = PUPILS | {"V1": (120.0, 30.0, 24.0)}
    may = {"expand": (), "convert": ()}

    def made(whole):
        here = remade(county(pupils), {"S2": (Tier.CENTRAL_PRIMARY, 7)})
        return config(here=here, may=may, must={"whole_classes": whole})["S1"]

    assert made(whole=False) is CLOSE
    assert made(whole=True) is KEEP


@pytest.mark.parametrize(("cap", "choice"), [(45, CONVERT), (30, KEEP)])
def test_a_teaching_point_teaches_thirty_in_a_class(cap, choice):
    here = county(PUPILS | {"V1": (186.0, 30.0, 24.0)})
    foot = {"ride_limit_min": {"G1-3": None}}
    found = config(here=here, travel=foot, classes={"incomplete_primary": cap}, may={"expand": ()}, must=STRICT)
    assert found["S1"] is choice


@pytest.mark.parametrize(("cap", "rooms"), [(55, 0), (50, 3)])
def test_a_junior_school_teaches_fifty_in_a_class(cap, rooms):
    pupils = {"V1": (30.0, 30.0, 60.0), "V2": (60.0, 60.0, 84.0), "V3": (12.0, 12.0, 12.0)}
    here = remade(county(pupils), {"S3": (Tier.JUNIOR, 3)})
    here.schools.loc[2, ["seats", "seats_junior"]] = 3 * cap
    assert solved(here=here, classes={"junior": cap}).rooms_added[2] == rooms


def test_a_school_receives_no_more_than_the_rooms_it_may_add():
    few = {"here": county(seats={"S2": 120}), "must": SEATS_ONLY}
    assert config(**few, may={"convert": (), "rooms_per_school": 0})["S1"] is KEEP
    solution = solved(**few, may={"convert": (), "rooms_per_school": 12})
    assert solution.config["S1"] is CLOSE
    assert solution.rooms_added[1] == 2


def test_a_school_boards_no_more_than_the_beds_it_may_add():
    foot = {"ride_limit_min": {"G4-6": None}}
    assert config(travel=foot, may={"beds_per_school": 29}, must=STRICT)["S1"] is KEEP
    solution = solved(travel=foot, may={"beds_per_school": 42}, must=STRICT)
    assert solution.config["S1"] is CLOSE
    assert solution.beds_added[1] == 42


def test_boarding_that_nobody_needs_is_given_up():
    here = county(beds={"S2": 20})
    assert not solved(here=here).boards[1]
    assert solved(here=here, travel={"ride_limit_min": {"G4-6": None}}, must=STRICT).boards[1]


def test_a_school_with_big_classes_receives_nobody():
    crowded = county()
    crowded.schools["enrolment"] = [60, 700, 84, 12]
    crowded.schools["classes"] = [6, 12, 3, 1]
    assert config(here=crowded, must={"overfull_receive_none": False})["S1"] is CLOSE
    assert config(here=crowded)["S1"] is KEEP


def test_schools_with_big_classes_may_relieve_each_other():
    crowded = remade(county(), {"S1": (Tier.CENTRAL_PRIMARY, 6)})
    crowded.schools["enrolment"] = [400, 700, 84, 12]
    crowded.schools["classes"] = [6, 12, 3, 1]
    assert "S1" in schools_of(model(here=crowded), "V2|G1-3|S2")
    crowded.schools.loc[1, "enrolment"] = 300
    assert "S1" not in schools_of(model(here=crowded), "V2|G1-3|S2")


def test_nobody_is_made_to_board_whom_another_school_takes_by_day():
    here = remade(county(beds={"S4": 60}), {"S4": (Tier.CENTRAL_PRIMARY, 12)})
    foot = {"ride_limit_min": {"G4-6": None}, "walk_limit_min": {"G4-6": 50}}
    here.schools["beds"] = [0, 60, 0, 60]
    free = model(here=here, travel=foot, must={"board_only_if_needed": False})
    assert schools_of(free, "V2|G4-6|S2", boards=True) == {"S4"}
    held = model(here=here, travel=foot)
    assert "S1" in schools_of(held, "V2|G4-6|S2", boards=False)
    assert schools_of(held, "V2|G4-6|S2", boards=True) == set()
    assert schools_of(held, "V1|G4-6|S1", boards=True) == {"S2", "S4"}


def test_no_school_of_more_than_two_thousand_is_made():
    here = remade(county(PUPILS | {"V2": (980.0, 980.0, 48.0)}), {"S2": (Tier.CENTRAL_PRIMARY, 60)})
    may = {"convert": (), "expand": ()}
    assert config(here=here, may=may, must={"largest": {"central_primary": 3000}})["S1"] is CLOSE
    assert config(here=here, may=may)["S1"] is KEEP


def test_a_school_below_the_smallest_size_does_not_stay():
    assert config(goal=MINUTES)["S1"] is KEEP
    assert config(goal=MINUTES, must={"smallest": {"village_primary": 300}})["S1"] in (CLOSE, CONVERT)


# which schools stay


def test_every_township_keeps_a_central_primary():
    may = {"close": ["central_primary"], "rooms_per_school": 20, "convert": ()}
    assert config(may=may, must={"central_primary_per_township": False})["S2"] is CLOSE
    assert config(may=may)["S2"] is KEEP


def test_every_township_keeps_its_junior_school():
    here = remade(county(), {"S4": (Tier.NINE_YEAR, 9)})
    assert config(here=here, may={"close": ["junior"]})["S3"] is CLOSE
    assert config(here=here, may={"close": ["junior"]}, must={"junior_per_township": True})["S3"] is KEEP


def test_a_protected_school_stays():
    assert config()["S4"] is CLOSE
    assert config(must={"keep": ["S4"]})["S4"] is KEEP


def test_opposition_that_the_hearing_states_protects_a_school_unless_it_is_decided():
    said = {"schools": {"S1": {"parents_for": 1, "parents_against": 2}, "S4": {"delegates_for": 2}}}
    assert heed_hearing(scenario(hearing=said)).layout.must.oppose == ("S1",)
    decided = scenario(hearing=said, decisions={"close": ("S1",)})
    assert heed_hearing(decided) is decided  # it stands on the veto sheet


def test_a_school_whose_parents_or_hearing_oppose_is_neither_closed_nor_converted():
    only = {"close": (), "convert": ["village_primary"]}
    assert config(may=only)["S1"] is CONVERT
    assert config(may=only, must={"oppose": ["S1"]})["S1"] is KEEP
    assert config(must={"oppose": ["S1"]})["S1"] is KEEP


def test_a_closure_that_is_decided_is_carried_out():
    assert config(goal=MINUTES)["S1"] is KEEP
    assert config(goal=MINUTES, must={"close": ["S1"]})["S1"] is CLOSE


def test_a_teaching_point_becomes_a_full_school_where_that_is_allowed():
    assert config(goal=MINUTES)["S4"] is KEEP
    solution = solved(goal=MINUTES, may={"lift": True})
    assert solution.config["S4"] is Choice.LIFT
    assert pupils_at(solution, "S4", band="G4-6") == 12


@pytest.mark.parametrize(("status", "price"), [("inactive", "restore_yuan"), ("planned", "build_yuan")])
def test_a_site_is_restored_or_built_where_that_is_allowed(status, price):
    here = county()
    here.schools.loc[3, "status"] = status
    assert config(here=here, goal=MINUTES, may={"open": False})["S4"] is Choice.CLOSED
    solution = solved(here=here, goal=MINUTES)
    assert solution.config["S4"] is Choice.OPEN
    assert solution.terms[Term.ONE_OFF_YUAN] == getattr(solution.model.layout.prices, price)


def test_at_most_so_many_closures_and_changes():
    assert list(config().values()).count(CLOSE) == 2
    assert list(config(must={"max_closures": 1}).values()).count(CLOSE) == 1
    assert set(config(must={"max_changes": 0}).values()) == {KEEP}


def test_a_budget_for_one_off_money_binds():
    assert list(config().values()).count(CLOSE) == 2
    assert list(config(must={"one_off_budget_yuan": 60_000}).values()).count(CLOSE) == 1


def test_a_budget_for_yearly_money_binds():
    asks = {"goal": MINUTES, "may": {"convert": (), "board": (), "open": False}}
    most = solved(may={"close": (), "convert": (), "open": False}).terms[Term.YEARLY_YUAN] - 1
    held = solved(**asks, must={"yearly_budget_yuan": most})
    assert set(config(**asks).values()) == {KEEP}
    assert held.terms[Term.YEARLY_YUAN] <= most
    assert CLOSE in held.config.values()


def test_only_whole_beds_are_paid_within_the_budget():
    here = county(PUPILS | {"V1": (30.0, 29.5, 24.0), "V3": (12.0, 0.0, 12.0)})
    foot = {"ride_limit_min": {"G4-6": None}}
    bill = 30 * 15_000.0 + 2 * 50_000.0

    def found(budget):
        must = STRICT | {"one_off_budget_yuan": budget}
        return config(here=here, travel=foot, must=must, may={"convert": ()})["S1"]

    assert found(bill) is CLOSE
    assert found(bill - 60_000) is KEEP
    assert found(29.5 * 15_000 + 50_000.0) is KEEP


# where within the county


def test_junior_grades_are_taught_in_town():
    here = remade(county(), {"S4": (Tier.NINE_YEAR, 9)})
    assert pupils_at(solved(here=here, goal=MINUTES), "S4", band="G7-9", village_id="V3") == 12
    solution = solved(here=here, goal=MINUTES, must={"junior_in_town": True})
    assert pupils_at(solution, "S4", band="G7-9") == 0
    assert pupils_at(solution, "S3", village_id="V3") == 12


def test_upper_grades_are_taught_in_town():
    assert pupils_at(solved(goal=MINUTES), "S1", band="G4-6") == 30
    solution = solved(goal=MINUTES, must={"upper_primary_in_town": True})
    assert pupils_at(solution, "S1", band="G4-6") == 0
    assert pupils_at(solution, "S1", band="G1-3", village_id="V1") == 30


def test_a_village_stays_together_or_may_be_split():
    few = {"here": county(seats={"S1": 40}), "goal": MINUTES, "may": {"expand": (), "convert": ()}}
    split = solved(**few, must=SEATS_ONLY)
    assert pupils_at(split, "S1") == 40
    whole = solved(**few, must=SEATS_ONLY | {"whole_villages": True})
    assert pupils_at(whole, "S1") == 30
    np.testing.assert_array_equal(whole.flow, np.round(whole.flow))


# who goes where


CROWD = PUPILS | {"V2": (150.0, 150.0, 48.0)}
STAY = {"close": (), "convert": (), "expand": ()}


def passed(closest, seats=None):
    """Solve with full classes at S2 and teachers to spare at S1, and list who passes a nearer school."""
    here = county(CROWD, seats)
    must = SEATS_ONLY | {"closest_first": closest}
    solution = solve_layout(model(here=here, may=STAY, must=must))
    made = proposal(solution, here, times(), asked(may=STAY, must=must))
    assert_plan_valid(made.plan)
    table = made.passed_by
    return table[(table["nearest_school_id"] == "S2") & (table["school_id"] == "S1")]


def test_nobody_passes_a_nearer_school_with_free_seats():
    off = passed(closest=False)
    assert "V2" in set(off["village_id"])
    assert set(off["reason"]) == {"total"}
    assert len(passed(closest=True)) == 0


def test_who_passes_a_full_school_is_listed_with_the_reason():
    on = passed(closest=True, seats={"S2": 252})
    assert set(on["village_id"]) <= {"V2", "V3"}
    assert set(on["reason"]) == {"full"}
    assert on["pupils"].sum() == pytest.approx(300 + 12 - 252)


@pytest.mark.parametrize(("assign_by", "at_s1"), [("model", 120), ("method", 60)])
def test_pupils_go_by_the_model_or_by_the_scenarios_method(assign_by, at_s1):
    here, blocks = county(seats={"S2": 112}), {"goal": MINUTES, "may": {"expand": ()}, "must": SEATS_ONLY}
    asks = asked(**blocks, assign_by=assign_by)
    made = proposal(solve_layout(model(here=here, **blocks, assign_by=assign_by)), here, times(), asks)
    load = made.plan.assignment.groupby("school_id")["pupils"].sum()
    assert load["S1"] == pytest.approx(at_s1)


def test_the_weights_are_those_of_the_scenario():
    dear = {"weights": MONEY["weights"] | {"pupil_minutes": 100_000}}
    assert config()["S1"] is CLOSE
    assert config(goal=dear)["S1"] is KEEP
