"""How a plan stands when things turn out otherwise, and how sure its decisions are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from layout_planner import columns
from layout_planner.layout import Objective, layout_model, solve_layout
from layout_planner.layout.prices import price_decisions
from layout_planner.layout.robust import (
    case_models,
    regrets,
    regrets_table,
    scale_demand,
    slow_down,
    sureties_table,
)
from tests.layout.brute import every_plan
from tests.layout.small_layout import draw, layout
from tests.layout.test_brute_force import WEIGHTS, weigh
from tests.small_county import PUPILS, county, scenario, times

OBJECTIVE = Objective(WEIGHTS)
FREE = {"may": {"rooms_per_school": 3, "beds_per_school": 20}, "must": {"whole_villages": True}}


def test_more_pupils_in_the_model_are_more_pupils_in_the_county():
    more = {village: tuple(1.5 * n for n in pupils) for village, pupils in PUPILS.items()}
    asked = scenario(layout={"gap": 1e-7})
    scaled = scale_demand(layout_model(county(), times(), asked), 1.5)
    fresh = layout_model(county(more), times(), asked)
    for name in ("pupils", "far_today"):
        assert getattr(scaled.units, name) == pytest.approx(getattr(fresh.units, name))
    for name in scaled.arcs.__dataclass_fields__:
        assert np.array(getattr(scaled.arcs, name)) == pytest.approx(np.array(getattr(fresh.arcs, name)))


def test_slower_travel_keeps_what_was_in_reach():
    slow = slow_down(times(), 1.25)["ride"]
    assert slow.minutes == pytest.approx(times()["ride"].minutes * 1.25)
    assert slow.n_pairs == times()["ride"].n_pairs


def test_the_cases_are_named_for_what_turns_out_otherwise():
    cases = case_models(county(), times(), scenario())
    assert list(cases) == ["学生 -20%", "学生 +20%", "路上时间 +25%"]


@pytest.mark.parametrize("seed", [1, 4, 7, 9])
def test_regret_is_that_of_brute_force(seed):
    model = draw(seed, 4, 4, layout(**FREE))
    plan = solve_layout(model, OBJECTIVE)
    heavier = replace(model, arcs=replace(model.arcs, minutes=model.arcs.minutes * 9.0))
    (result,) = regrets(plan, {"慢": heavier}, OBJECTIVE)
    plans = every_plan(heavier)
    best = min(weigh(terms) for _, terms in plans)
    held = min(weigh(terms) for chosen, terms in plans if chosen == tuple(plan.choice))
    assert result.regret == pytest.approx(held - best, abs=0.01)
    least, most = result.range
    assert least - 0.01 <= held - best <= most + 0.01
    table = regrets_table([result])
    assert tuple(table.columns) == columns.ROBUST_CASES.names
    assert table.loc[0, "regret_yuan"] == pytest.approx(held - best, abs=0.01)


def test_decisions_that_do_not_work_then_are_told_what_they_lack():
    asked = scenario(layout={"gap": 1e-7, "may": {"expand": (), "board": ()}, "must": {"whole_classes": False}})
    here = county(seats={"S3": 90})
    model = layout_model(here, times(), asked)
    plan = solve_layout(model)
    (result,) = regrets(plan, {"学生 +20%": scale_demand(model, 1.2)})
    assert not result.held.found
    assert "初中学位 11 人" in result.lacking
    assert "去留" not in result.lacking


@pytest.mark.parametrize("seed", range(6))
def test_certain_decisions_stand_in_every_plan_that_is_nearly_as_good(seed):
    within = 0.2
    model = draw(seed, 4, 4, layout(**FREE))
    plan = solve_layout(model, OBJECTIVE)
    if not plan.found:
        return
    table = sureties_table(price_decisions(plan, OBJECTIVE), within=within).set_index("school_id")
    opens = model.choices.is_open
    good = [chosen for chosen, terms in every_plan(model) if weigh(terms) <= plan.objective * (1 + within)]
    for j, code in enumerate(model.school_id):
        if code in table.index:
            split = len({bool(opens[chosen[j]]) for chosen in good}) > 1
            assert table.loc[code, "surety"] == ("open" if split else "certain")


def test_a_case_that_decides_otherwise_makes_a_decision_only_likely():
    model = draw(4, 4, 4, layout(**FREE))
    plan = solve_layout(model, OBJECTIVE)
    far = replace(model, arcs=replace(model.arcs, minutes=model.arcs.minutes * 200.0))
    results = regrets(plan, {"很慢": far}, OBJECTIVE)
    table = sureties_table(price_decisions(plan, OBJECTIVE), results, within=0.0)
    flipped = table[table["cases_same"] == 0]
    assert set(flipped["surety"]) == {"likely"}
    assert flipped["why"].str.contains("1 种情况下最好的方案相反").all()
