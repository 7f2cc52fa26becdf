"""A part of the county decided anew, and what no plan can be below with a school turned round: held to brute force."""

from __future__ import annotations

import numpy as np
import pytest

from layout_planner.layout import Limits, Objective, solve_layout
from layout_planner.layout.model import Held
from layout_planner.layout.nearby import Vicinity, polish
from layout_planner.layout.relaxed import Relaxation
from layout_planner.locate.stopping import Watch
from tests.layout.brute import every_plan
from tests.layout.small_layout import draw, layout
from tests.layout.test_brute_force import WEIGHTS, weigh

OBJECTIVE = Objective(WEIGHTS)
SEEDS = (0, 1, 2, 3, 5, 8)


def model(seed):
    may = {"rooms_per_school": 3, "beds_per_school": 20}
    return draw(seed, 5, 4, layout(may=may, must={"whole_villages": True}))


def today(here):
    kept = dict(zip(here.school_id, here.choices.choice[here.choices.today], strict=True))
    return solve_layout(here, OBJECTIVE, extra=Limits(fix=kept))


def test_what_is_held_stays_as_it_is():
    here = model(1)
    plan = today(here)
    free, moving = np.zeros(4, dtype=bool), np.zeros(5, dtype=bool)
    again = solve_layout(here, OBJECTIVE, extra=Limits(held=Held(plan, free, moving)))
    np.testing.assert_array_equal(again.choice, plan.choice)
    np.testing.assert_allclose(again.flow, plan.flow)
    assert again.objective == pytest.approx(plan.objective)


@pytest.mark.parametrize("seed", SEEDS)
def test_neighbours_are_those_that_share_pupils(seed):
    here = model(seed)
    plan = today(here)
    if not plan.found:
        return
    held = Vicinity(plan).around([0], neighbours=1)
    assert held.free[0]
    assert held.free.sum() <= 2
    uses = here.arcs.unit[(plan.flow > 0) & held.free[here.arcs.school]]
    assert held.moving[uses].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_polishing_ends_at_a_plan_that_is_allowed_and_no_worse(seed):
    here = model(seed)
    plan = today(here)
    if not plan.found:
        return
    values = [weigh(terms) for _, terms in every_plan(here)]
    better = polish(plan, OBJECTIVE, Limits(), Watch(20.0))
    assert better.objective <= plan.objective
    assert min(abs(value - better.objective) for value in values) < 0.01
    assert better.bound <= min(values) + 0.01
    assert polish(plan, OBJECTIVE, Limits(), Watch(20.0), decisions=False).config == plan.config


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_is_below_the_relaxation_with_a_school_turned_round(seed):
    here = model(seed)
    plans, opens = every_plan(here), here.choices.is_open
    if not plans:
        return
    relaxation = Relaxation(here, OBJECTIVE, Limits())
    assert relaxation.bound <= min(weigh(terms) for _, terms in plans) + 0.01
    for at in range(4):
        for opened in (True, False):
            values = [weigh(terms) for chosen, terms in plans if opens[chosen[at]] == opened]
            assert relaxation.turned(at, opened=opened) <= min(values, default=np.inf) + 0.01
