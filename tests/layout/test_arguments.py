"""What a caller of the layout functions gets wrong: a message in both languages, never a traceback of numpy's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layout_planner.config.layout import Term
from layout_planner.errors import LayoutError, UnknownIdError
from layout_planner.layout import (
    LayoutModel,
    LayoutSolution,
    Limits,
    Objective,
    alternative_plans,
    case_models,
    find_conflict,
    layout_model,
    pareto_front,
    price_decisions,
    regrets,
    solve_layout,
    who_loses,
)
from tests.small_county import county, scenario, times


@pytest.fixture(scope="module")
def model() -> LayoutModel:
    return layout_model(county(), times(), scenario(layout={"gap": 0.01}))


@pytest.fixture(scope="module")
def plan(model: LayoutModel) -> LayoutSolution:
    return solve_layout(model, time_limit=20.0)


@pytest.fixture(scope="module")
def nothing(model: LayoutModel) -> LayoutSolution:
    return solve_layout(model, extra=Limits(close=("S1", "S2", "S3", "S4")), time_limit=20.0)


def assert_refused(call: Callable[[], object]) -> None:
    with pytest.raises(LayoutError) as refused:
        call()
    message = refused.value.message
    assert message.zh != message.en
    assert any("\u4e00" <= sign <= "\u9fff" for sign in message.zh)


@pytest.mark.parametrize(
    "given",
    [
        {"weights": {"cost": 1.0}},
        {"weights": {Term.CHANGES: -1.0}},
        {"weights": {Term.CHANGES: float("nan")}},
        {"weights": {Term.CHANGES: "40"}},
        {"weights": {Term.CHANGES: 0.0}},
        {"weights": {}},
        {"weights": {}, "order": ("cost",)},
        {"weights": {}, "order": (Term.CHANGES,), "yield_share": -0.1},
        {"weights": {Term.CHANGES: 1.0}, "worst_share": 5},
    ],
)
def test_an_objective_of_nothing_that_there_is_is_refused(given: dict[str, Any]) -> None:
    assert_refused(lambda: Objective(**given))


def test_a_limit_on_an_unknown_term_is_refused() -> None:
    assert_refused(lambda: Limits(max_term={"cost": 1.0}))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "given",
    [
        {"time_limit": -1}, {"time_limit": "60"}, {"time_limit": float("nan")}, {"gap": -0.1}, {"gap": "1%"},
        {"gap": float("nan")}, {"seed": -1}, {"seed": 1.5}, {"seed": "x"},
    ],
)  # fmt: skip
def test_a_search_refuses_what_is_no_time_gap_or_seed(model: LayoutModel, given: dict[str, Any]) -> None:
    assert_refused(lambda: solve_layout(model, **given))
    assert_refused(lambda: pareto_front(model, **given))
    assert_refused(lambda: find_conflict(model, **given))


def test_an_unknown_school_is_named(model: LayoutModel, plan: LayoutSolution) -> None:
    with pytest.raises(UnknownIdError, match="S9"):
        solve_layout(model, extra=Limits(close=("S9",)))
    with pytest.raises(UnknownIdError, match="S9"):
        price_decisions(plan, schools=["S9"])


@pytest.mark.parametrize("points", [1, 0, -3, 2.5, "5", None])
def test_a_front_has_two_points_or_more(model: LayoutModel, points: Any) -> None:
    assert_refused(lambda: pareto_front(model, points=points))


def test_a_front_weighs_terms_that_there_are(model: LayoutModel) -> None:
    assert_refused(lambda: pareto_front(model, weights={"cost": 1.0}))  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "given",
    [{"count": 0}, {"count": 27}, {"count": 2.5}, {"schools": 0}, {"schools": "3"}, {"within": -0.1}, {"within": "5%"}],
)
def test_alternatives_refuse_numbers_out_of_range(plan: LayoutSolution, given: dict[str, Any]) -> None:
    assert_refused(lambda: alternative_plans(plan, **given))


def test_nothing_can_be_asked_of_a_solution_without_a_plan(
    model: LayoutModel, plan: LayoutSolution, nothing: LayoutSolution
) -> None:
    assert not nothing.found
    assert_refused(lambda: price_decisions(nothing))
    assert_refused(lambda: alternative_plans(nothing))
    assert_refused(lambda: regrets(nothing, {"学生 +20%": model}))
    assert_refused(lambda: who_loses(plan, nothing))


@pytest.mark.parametrize("given", [{"demand": (0.0,)}, {"demand": ("20%",)}, {"slower": (0.5,)}, {"demand": (np.nan,)}])
def test_cases_refuse_factors_that_are_none(given: dict[str, Any]) -> None:
    assert_refused(lambda: case_models(county(), times(), scenario(layout={}), **given))


def test_a_conflict_needs_a_price_for_every_kind_of_limit(model: LayoutModel) -> None:
    assert_refused(lambda: find_conflict(model, prices={"seats": 1.0}))


def test_plans_of_two_models_are_not_compared_by_village(plan: LayoutSolution) -> None:
    block = {"gap": 0.01, "must": {"unsafe_ways": [{"village": "V1", "school": "S2"}]}}
    other = solve_layout(layout_model(county(), times(), scenario(layout=block)), time_limit=20.0)
    assert_refused(lambda: who_loses(plan, other))
