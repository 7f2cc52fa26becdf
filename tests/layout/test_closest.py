"""Nearest schools with seats: full ones send on who loses least, and nobody passes a nearer one with free seats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.layout import proposal, solve_layout
from layout_planner.layout.closest import nearest_with_seats
from layout_planner.locate import Status
from tests.layout.asks import MINUTES, asked, model
from tests.layout.small_layout import draw, layout
from tests.small_county import PUPILS, county, times

NOTHING = {"close": (), "convert": (), "expand": (), "board": ()}


def today(here):
    """Take today's choices, without boarding."""
    return here.choices.today, np.zeros(len(here.school_id), dtype=bool)


def test_a_full_school_sends_on_who_loses_least():
    here = model(may=NOTHING)
    choice, boards = today(here)
    seats = here.choices.seats[choice].copy()
    seats[1, 0] = 120
    flow = nearest_with_seats(here, choice, boards, seats)
    load = np.bincount(here.arcs.school, weights=flow * here.units.pupils[here.arcs.unit], minlength=4)
    assert load[1] == pytest.approx(120)
    assert load[0] == pytest.approx(60 + 132 - 120)
    lower = seats.copy()
    lower[[0, 1], 0] = 60
    assert nearest_with_seats(here, choice, boards, lower) is None


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 9999), villages=st.integers(1, 8), sites=st.integers(1, 5), share=st.floats(0.2, 1.0))
def test_whoever_was_sent_on_finds_every_nearer_school_full(seed, villages, sites, share):
    here = draw(seed, villages, sites, layout())
    choice, boards = today(here)
    if here.stranded:
        return
    seats = np.floor(here.choices.seats[choice] * share / 10)
    flow = nearest_with_seats(here, choice, boards, seats)
    if flow is None:
        return
    arcs, units = here.arcs, here.units
    np.testing.assert_allclose(np.bincount(arcs.unit, weights=flow, minlength=villages), 1.0)
    load = np.zeros_like(seats)
    np.add.at(load, (arcs.school, here.stage[arcs.unit]), flow * units.pupils[arcs.unit])
    assert (load <= seats + 1e-5).all()
    for arc in np.flatnonzero(flow > 1e-6):
        i = arcs.unit[arc]
        nearer = np.flatnonzero((arcs.unit[:arc] == i) & ~arcs.boards[:arc])
        nearer = nearer[here.choices.teaches[choice[arcs.school[nearer]], units.band[i]]]
        passed = arcs.school[nearer][arcs.school[nearer] != arcs.school[arc]]
        assert (load[passed, here.stage[i]] >= seats[passed, here.stage[i]] - 1e-5).all()


def test_a_plan_is_found_where_a_bed_is_lacking_nearby():
    here = county(PUPILS | {"V3": (12.0, 60.0, 12.0)}, beds={"S1": 40, "S2": 40})
    foot = {"ride_limit_min": {"G4-6": None}, "walk_limit_min": {"G4-6": 70}}
    blocks = {"travel": foot, "may": NOTHING | {"beds_per_school": 0}, "must": {"closest_first": True}, "goal": MINUTES}
    strict = blocks | {"must": {"closest_first": True, "time_limit": {"G4-6": "strict"}}}
    solution = solve_layout(model(here=here, **strict))
    assert solution.status is Status.OPTIMAL
    flows = solution.flows()
    upper = flows[(flows["village_id"] == "V3") & (flows["band"] == "G4-6")].set_index("school_id")["boarders"]
    assert upper["S2"] == pytest.approx(40)
    assert upper["S1"] == pytest.approx(20)
    made = proposal(solution, here, times(), asked(**strict))
    assert made.plan.assignment["pupils"].sum() == pytest.approx(solution.load.sum())
