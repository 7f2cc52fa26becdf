"""Keeping a school instead: only those who can reach it are sent anew, and priced schools are left to the optimiser."""

from __future__ import annotations

import gc
import weakref

import pandas as pd
import pytest

from layout_planner.assign import assign
from layout_planner.columns import PRICES
from layout_planner.config.scenario import Scenario
from layout_planner.dossier.cases import Cases, once
from layout_planner.dossier.options import _assigned, _daily_minutes, _instead, _kept, case_options
from layout_planner.dossier.prices import case_prices
from tests.small_county import county, scenario, times

CLOSED = ("S1", "S4")


def cases(prices: pd.DataFrame | None = None, cutoff: float = 25.0, **blocks: object) -> Cases:
    """Close two schools; the cut-off keeps some villages out of their reach."""
    told: Scenario = scenario(decisions={"close": list(CLOSED)}, **blocks)
    before = assign(county(), times(cutoff), scenario(**blocks), label="现状")
    return Cases(before, assign(county(), times(cutoff), told), times(cutoff), prices=prices)


@pytest.mark.parametrize("code", CLOSED)
def test_sending_only_those_in_reach_anew_is_sending_all_anew(code: str) -> None:
    merger = cases()
    decisions = _kept(merger.scenario.decisions, code)
    quick, whole = _instead(merger, merger.after, code, decisions), _assigned(merger, decisions)
    order = ["demand_id", "band", "school_id"]
    left, right = (plan.assignment.sort_values(order, ignore_index=True) for plan in (quick, whole))
    pd.testing.assert_frame_equal(left, right)
    assert quick.county is merger.after.county


def priced(code: str) -> pd.DataFrame:
    row = dict.fromkeys(PRICES.names) | {
        "school_id": code, "name": "某校", "instead": "keep", "verdict": "明显增加", "price_yuan": 1234.6,
        "minutes_change": -20.4, "pupils_concerned": 7.2, "pupils_worse": 0.0,
    }  # fmt: skip
    return pd.DataFrame([row], columns=list(PRICES.names))


def test_a_school_that_the_optimiser_priced_has_its_answer_and_no_what_if() -> None:
    merger = cases(priced("S1"))
    assert set(case_options(merger)["school_id"]) == {"S4"}
    answer = case_prices(merger)
    assert answer["school_id"].tolist() == ["S1"]
    assert answer[["price_yuan", "minutes_change", "pupils_concerned"]].iloc[0].tolist() == [1235.0, -20.0, 7.0]


def test_other_schools_of_an_optimised_plan_compare_with_pupils_sent_anew() -> None:
    """The optimiser's own ways are longer: were they compared with ways sent anew, keeping S4 would look better."""
    merger = cases(priced("S1"))
    proposed = merger.after.assignment.copy()
    proposed["minutes"] += 5.0
    from dataclasses import replace

    other = Cases(merger.before, replace(merger.after, assignment=proposed), merger.times, prices=merger.prices)
    kept = _assigned(merger, _kept(merger.scenario.decisions, "S4"))
    saved = round(2 * (_daily_minutes(kept) - _daily_minutes(merger.after)))
    table = case_options(other).set_index("option")
    assert table.loc["保留该校", "people_minutes"] == saved
    assert table.loc["本方案", "people_minutes"] == 0


def test_what_was_made_of_a_merger_is_made_once_and_goes_with_it() -> None:
    calls = []

    @once
    def counted(merger: Cases) -> pd.DataFrame:
        calls.append(1)
        return pd.DataFrame({"n": [len(merger.decided)]})

    merger = cases()
    assert counted(merger) is counted(merger)
    assert len(calls) == 1
    gone = weakref.ref(merger)
    del merger
    gc.collect()
    assert gone() is None
