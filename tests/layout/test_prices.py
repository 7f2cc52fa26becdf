"""What keeping and closing cost on the small county, and whose way grows longer, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from layout_planner import columns
from layout_planner.config.layout import Term
from layout_planner.layout import Choice, Limits, Objective, layout_model, solve_layout
from layout_planner.layout.facts import who_loses
from layout_planner.layout.prices import price_decisions, prices_table
from tests.small_county import county, scenario, times

BLOCK = {
    "gap": 1e-7,
    "may": {"expand": (), "board": (), "convert": (), "close": ("village_primary",)},
    "must": {"whole_classes": False},
}
RIDE, WALK = 16.0, 1000 / 55  # of V2's youngest: by bus to S1, on foot to S2
LOSS = 60 * 18 + 60 * (WALK - RIDE)
MINUTES = Objective({Term.PUPIL_MINUTES: 1.0})


def solved(objective, **limits):
    return solve_layout(layout_model(county(), times(), scenario(layout=BLOCK)), objective, extra=Limits(**limits))


def test_who_loses_by_village_and_band():
    before, after = solved(MINUTES), solved(MINUTES, close=("S1",))
    table = who_loses(before, after)
    assert table["village_id"].tolist() == ["V1", "V1", "V2"]
    assert table["pupils"].tolist() == [30, 30, 60]
    assert table["minutes_before"].tolist() == pytest.approx([0, 0, RIDE])
    assert table["minutes_after"].tolist() == pytest.approx([18, 18, WALK])
    assert table["schools_after"].tolist() == ["柳镇中心小学"] * 3
    assert table["pupil_minutes"].sum() == pytest.approx(LOSS)


def test_the_price_of_closing_counts_pupils_villages_and_minutes():
    plan = solved(MINUTES)
    table = prices_table(price_decisions(plan, MINUTES)).set_index("school_id")
    row = table.loc["S1"]
    assert (row["decision"], row["instead"], row["status"]) == ("keep", "close", "optimal")
    assert row["price_yuan"] == pytest.approx(LOSS)
    assert (row["pupils_concerned"], row["pupils_worse"], row["villages"]) == (120, 120, 2)
    assert ("school_id", *table.columns) == columns.PRICES.names


def test_the_price_of_keeping_is_found_even_without_time():
    cheap = Objective({Term.YEARLY_YUAN: 1.0})
    plan = solved(cheap)
    assert plan.config["S1"] is Choice.CLOSE
    (price,) = price_decisions(plan, cheap, schools=["S1"], time_limit=0.0)
    assert price.other.found
    assert price.least <= price.value


def test_a_school_that_nothing_can_do_without_has_no_price():
    plan = solved(MINUTES)
    (price,) = price_decisions(plan, MINUTES, schools=["S3"])
    row = prices_table([price]).loc[0]
    assert row["status"] == "infeasible"
    assert row[["price_yuan", "price_least_yuan", "price_most_yuan"]].isna().all()


def test_the_verdict_tells_prices_from_noise():
    plan = solved(MINUTES)
    rough = replace(plan, bound=plan.objective - 2 * LOSS)
    exact, *_ = price_decisions(plan, MINUTES, schools=["S1"])
    assert prices_table([exact]).loc[0, "verdict"].startswith("已证明")
    unsure = replace(exact, plan=rough, other=replace(exact.other, bound=0.0))
    assert prices_table([unsure]).loc[0, "verdict"].startswith("说不准：其余学校不动")
    (never,) = price_decisions(plan, MINUTES, schools=["S3"])
    assert prices_table([never]).loc[0, "verdict"].startswith("只能如此")
