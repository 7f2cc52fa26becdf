"""What is answered beside the plan, on the small county."""

from __future__ import annotations

import pytest

import layout_planner as lp
from layout_planner.errors import Text
from layout_planner.layout.answers import Optimised
from layout_planner.locate import Status
from layout_planner.testing import assert_plan_valid
from tests.small_county import county, scenario, times

SHORT = {
    "front_points": 3, "front_limit_s": 4, "prices_limit_s": 4, "robust_limit_s": 4, "alternatives": 2,
    "alternatives_apart": 1, "alternatives_within": 5, "alternatives_limit_s": 4,
}  # fmt: skip


def asked(**answers: object) -> lp.Scenario:
    return scenario(layout={"gap": 1e-4, "answers": SHORT | answers})


@pytest.fixture(scope="module")
def found() -> Optimised:
    return lp.optimise(county(), times(), asked())


def test_every_answer_is_there_and_speaks_of_the_plan(found: Optimised) -> None:
    assert_plan_valid(found.plan)
    assert found.solution.status is Status.OPTIMAL
    assert set(found.frames) == {
        "layout_decisions", "passed_by", "prices", "losers", "front", "alternatives", "alternative_schools",
        "robust_cases", "robust_schools",
    }  # fmt: skip
    assert found.prices is not None
    assert found.sureties is not None
    assert set(found.sureties["school_id"]) == set(found.prices["school_id"])
    assert found.cases is not None
    assert found.cases["case"].tolist() == ["学生 -20%", "学生 +20%", "路上时间 +25%"]


def test_losers_have_names_and_a_longer_way(found: Optimised) -> None:
    losers = found.losers
    assert losers is not None
    assert losers["name"].str.endswith("村").all()
    assert (losers["minutes_change"] > 0).all()


def test_the_plans_that_can_be_run_are_the_proposed_one_the_front_and_the_alternatives(found: Optimised) -> None:
    assert found.front is not None
    assert found.alternatives is not None
    assert next(iter(found.options)) == "方案A"
    assert found.options["方案A"] is found.solution
    assert set(found.options) == {"方案A", *found.front["plan"], *found.alternatives["plan"]}


def test_a_notebook_shows_the_proof(found: Optimised) -> None:
    assert "已证明" in found._repr_html_()
    assert "小县" in found._repr_html_()
    assert repr(found).startswith("<Optimised '小县'")
    assert found.headline.zh.startswith("建议：")
    closed = int(found.decisions["decision"].eq("close").sum())
    assert (f"撤并 {closed} 所" in found.headline.zh) == (closed > 0)


def test_quick_answers_nothing_but_the_plan() -> None:
    found = lp.optimise(county(), times(), asked(), quick=True)
    assert set(found.frames) == {"layout_decisions", "passed_by"}
    assert found.prices is None
    assert found.notes == ()


@pytest.mark.parametrize(
    ("answers", "absent"),
    [
        ({"front_points": 0}, {"front"}),
        ({"prices": "none"}, {"prices", "robust_schools"}),
        ({"alternatives": 1}, {"alternatives", "alternative_schools"}),
        ({"demand_factors": [], "travel_factors": []}, {"robust_cases"}),
    ],
)
def test_what_is_not_asked_is_not_answered(answers: dict[str, object], absent: set[str], found: Optimised) -> None:
    given = lp.optimise(county(), times(), asked(**answers))
    assert set(found.frames) - set(given.frames) == absent


def test_prices_of_closed_schools_alone() -> None:
    found = lp.optimise(county(), times(), asked(prices="closed", front_points=0, alternatives=0))
    assert found.prices is not None
    assert set(found.prices["instead"]) <= {"keep"}
    closed = found.decisions.loc[found.decisions["decision"].isin(["close", "closed"]), "school_id"]
    assert set(found.prices["school_id"]) == set(closed)


def test_cut_short_the_plan_stays_and_says_so() -> None:
    told: list[Text] = []

    def cancel() -> bool:
        return any(text.en.startswith("prices") for text in told)

    found = lp.optimise(county(), times(), asked(), progress=told.append, cancel=cancel)
    assert found.cancelled
    assert "中断" in found.notes[-1].zh
    assert_plan_valid(found.plan)
    assert not {"front", "alternatives", "robust_cases"} & set(found.answers)
