"""What a hearing asks beside the plan, at the size of the shipped county: figures and seconds of every answer.

Run with ``make bench``. Each line: what was asked, what came out, seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

import pytest

from layout_planner.config.scenario import Scenario
from layout_planner.io.county import County
from layout_planner.layout import (
    LayoutSolution,
    Price,
    alternative_plans,
    case_models,
    find_conflict,
    layout_model,
    pareto_front,
    price_decisions,
    prices_table,
    regrets,
    regrets_table,
    solve_layout,
    sureties_table,
    wider_model,
)
from layout_planner.prepare import prepare
from layout_planner.run import travel_times
from layout_planner.travel.matrix import TravelMatrix

from .conftest import Bars

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "optimise.yaml"
WIDTHS = (34, 92, 9)
REQUIRED = ["0990101014", "0990101019", "0990101021", "0990101067"]
CONFLICTS = {
    "a budget too small": ["layout.must.one_off_budget_yuan=1000000"],
    "schools that must close": [f"layout.must.close={REQUIRED}".replace("'", '"')],
}

T = TypeVar("T")


class Shipped(NamedTuple):
    """The shipped county with its plan."""

    county: County
    times: dict[str, TravelMatrix]
    scenario: Scenario
    plan: LayoutSolution


def told(what: str, figure: str, seconds: float) -> None:
    cells = zip((what, figure, f"{seconds:.1f} s"), WIDTHS, strict=True)
    print("\n" + "".join(f"{cell:<{width}}" for cell, width in cells), end="")


def clocked(benchmark, ask: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    answer = benchmark.pedantic(ask, rounds=1)
    return answer, time.perf_counter() - began


def asked(overrides: list[str]) -> tuple[County, dict[str, TravelMatrix], Scenario]:
    prepared = prepare(SCENARIO, overrides)
    assert prepared.county is not None
    assert prepared.scenario is not None
    return prepared.county, travel_times(prepared.county, prepared.scenario), prepared.scenario


@pytest.fixture(scope="module")
def shipped() -> Shipped:
    county, times, scenario = asked([])
    return Shipped(county, times, scenario, solve_layout(layout_model(county, times, scenario), seed=scenario.seed))


@pytest.fixture(scope="module")
def prices() -> list[tuple[Price, ...]]:
    return []


def test_prices(benchmark, bars: Bars, shipped: Shipped, prices: list[tuple[Price, ...]]):
    found, seconds = clocked(benchmark, lambda: price_decisions(shipped.plan, time_limit=150))
    prices.append(found)
    assert all(price.least <= price.value for price in found if price.other.found)
    table = prices_table(found)
    priced = table["price_yuan"].notna()
    counts = table["verdict"].str.partition("：")[0].value_counts().to_dict()
    median = table.loc[priced, "price_yuan"].median()
    figure = f"{len(table)} schools, {priced.sum()} priced (median {median:,.0f} yuan a year), {counts}"
    told("prices of keeping and closing", figure, seconds)
    unknown = int((~priced & (table["status"] != "infeasible")).sum())
    bars("Prices of the county's schools", "all in 180 s", f"{unknown} open in {seconds:.0f} s",
         unknown == 0 and seconds <= 180)  # fmt: skip


def test_front(benchmark, bars: Bars, shipped: Shipped):
    ask = lambda: pareto_front(shipped.plan.model, points=6, start=shipped.plan, time_limit=150)  # noqa: E731
    front, seconds = clocked(benchmark, ask)
    for point in front:
        told(f"front: {point.name}", f"{point.travel:,.0f} pupil-minutes, {point.cost:,.0f} yuan a year, no plan below"
             f" {point.bound:,.0f} ({point.gap:.2%})", point.solution.runtime)  # fmt: skip
    assert all(point.bound <= point.cost for point in front)
    assert all(near.travel < far.travel and near.cost > far.cost for near, far in pairwise(front))
    widest = max(point.gap for point in front)
    told("front", f"{len(front)} plans, widest gap {widest:.2%}, no travel below {front.shortest_bound:,.0f}", seconds)
    bars("Front of cost against travel", "5 plans ≤ 3% in 180 s", f"{len(front)}, {widest:.1%} in {seconds:.0f} s",
         len(front) >= 5 and widest <= 0.03 and seconds <= 180)  # fmt: skip


@pytest.mark.parametrize("name", CONFLICTS)
def test_conflict(benchmark, bars: Bars, name: str):
    county, times, scenario = asked(CONFLICTS[name])
    model, wider = layout_model(county, times, scenario), wider_model(county, times, scenario)
    found, seconds = clocked(benchmark, lambda: find_conflict(model, wider, time_limit=20))
    for row in found.table.itertuples():
        told(f"{name}: {row.rule}", f"{row.name} {row.label}: in conflict {row.in_conflict}, relax by "
             f"{row.relax_by:,.1f} {row.unit}", seconds)  # fmt: skip
    assert found.bound <= found.amount
    clash = int(found.table["in_conflict"].sum())
    told(name, f"{clash} limits clash, minimal {found.minimal}, price {found.amount:,.0f} ≥ {found.bound:,.0f}, "
         f"{len(found.villages)} villages", seconds)  # fmt: skip
    bars(f"Conflict: {name}", "≤ 8 limits in 20 s", f"{clash} in {seconds:.0f} s", 0 < clash <= 8 and seconds <= 20)


def test_robust(benchmark, bars: Bars, shipped: Shipped, prices: list[tuple[Price, ...]]):
    cases = case_models(shipped.county, shipped.times, shipped.scenario)
    results, seconds = clocked(benchmark, lambda: regrets(shipped.plan, cases, time_limit=90))
    assert all(case.best.bound <= case.best.objective for case in results)
    for row in regrets_table(results).itertuples():
        told(f"regret: {row.case}", f"{row.regret_yuan:,.0f} yuan a year, proven {row.regret_least_yuan:,.0f} to "
             f"{row.regret_most_yuan:,.0f} ({row.regret_share:.2%}); lacking {row.lacking or 0}", seconds)  # fmt: skip
    sure = sureties_table(prices[0] if prices else (), results)["surety"].value_counts().to_dict()
    told("how sure", f"{sure}", seconds)
    bars("Regret of the plan in three cases", "90 s", f"{len(results)} in {seconds:.0f} s",
         len(results) == len(cases) and seconds <= 100)  # fmt: skip


def test_alternatives(benchmark, bars: Bars, shipped: Shipped):
    found, seconds = clocked(benchmark, lambda: alternative_plans(shipped.plan, time_limit=90))
    assert found.table["differs"].min() >= 3
    for row in found.table.itertuples():
        told(f"alternative {row.plan}", f"{row.objective_yuan:,.0f} yuan a year, {row.extra_share:+.2%}, gap "
             f"{row.gap:.2%}, {row.differs} schools apart", seconds)  # fmt: skip
    bars("Three plans, three schools apart", "within 5% in 100 s", f"{len(found.plans)} in {seconds:.0f} s",
         len(found.plans) == 3 and seconds <= 100)  # fmt: skip
