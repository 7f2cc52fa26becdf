"""Whole units under seats against brute force, and never below the divisible total."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from layout_planner.assign import assign
from layout_planner.assign.capacitated import capacitated
from layout_planner.assign.options import Options
from layout_planner.assign.resources import Resources
from layout_planner.assign.whole import whole
from layout_planner.config.scenario import Assign
from layout_planner.locate.zoning import zoning
from layout_planner.testing import assert_plan_valid
from tests.assign.instances import instances
from tests.small_county import county, scenario, times


def brute(pairs, resources):
    """Try every choice of every unit: fewest pupils without a seat, then least minutes."""
    own = [[-1, *range(pairs.indptr[i], pairs.indptr[i + 1])] for i in range(len(pairs.pupils))]
    least = (np.inf, np.inf)
    for choice in itertools.product(*own):
        flow, stays = np.zeros(len(pairs.school)), 0.0
        for i, e in enumerate(choice):
            if e < 0:
                stays += pairs.pupils[i]
            else:
                flow[e] = pairs.pupils[i]
        if (resources.used(flow) <= resources.capacity + 1e-9).all():
            least = min(least, (stays, float(flow @ pairs.cost)))
    return least


def few(case, count):
    """Keep the first units of an instance."""
    pairs, resources = case
    end = pairs.indptr[count]
    names = ("school", "tier", "mode", "minutes", "metres", "cost")
    part = Options(
        demand_id=pairs.demand_id[:count], band=pairs.band[:count], pupils=pairs.pupils[:count],
        indptr=pairs.indptr[: count + 1], school_id=pairs.school_id, taught=pairs.taught[:count],
        **{name: getattr(pairs, name)[:end] for name in names},
    )  # fmt: skip
    return part, Resources(resources.capacity, resources.seat[:end], resources.bed[:end])


@settings(max_examples=60, deadline=None)
@given(instances(st.integers(1, 15).map(float)), st.integers(1, 5))
def test_the_total_is_that_of_brute_force(case, count):
    pairs, resources = few(case, min(count, len(case[0].pupils)))
    answer = whole(pairs, resources)
    stays, minutes = brute(pairs, resources)
    assert answer.unseated.sum() == answer.fewest_unseated == stays
    assert answer.flow @ pairs.cost == pytest.approx(minutes, rel=2e-4, abs=0.1)
    assert answer.minutes[1] <= minutes + 1e-6


@settings(max_examples=60, deadline=None)
@given(instances(st.one_of(st.integers(1, 20).map(float), st.floats(0.1, 20.0))))
def test_divisible_is_never_above_whole_and_no_unit_is_parted(case):
    pairs, resources = case
    divided, answer = capacitated(pairs, resources), whole(pairs, resources)
    stays = divided.no_seat_cost * answer.unseated.sum()
    assert divided.objective <= (answer.flow @ pairs.cost + stays) * (1 + 1e-9) + 1e-9
    assert divided.unseated.sum() <= answer.fewest_unseated + 1e-6
    assert answer.bound <= answer.objective
    parts = np.bincount(pairs.rows, weights=answer.flow > 0, minlength=len(pairs.pupils)) + (answer.unseated > 0)
    assert (parts == 1).all()
    total = np.bincount(pairs.rows, weights=answer.flow, minlength=len(pairs.pupils)) + answer.unseated
    np.testing.assert_array_equal(total, pairs.pupils)
    assert (resources.used(answer.flow) <= resources.capacity + 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 3), st.sampled_from([1.2, 1.5, 2.5]))
def test_divisible_whole_and_connected_totals_are_in_this_order(seed, wide, high, roomy):
    rng = np.random.default_rng(seed)
    n, m = wide * high, 2
    place = np.array([(x, y) for y in range(high) for x in range(wide)])
    near = [(i, j) for i in range(n) for j in range(i) if np.abs(place[i] - place[j]).sum() == 1]
    homes = rng.choice(n, m, replace=False)
    minutes = np.abs(place[:, None] - place[homes]).sum(axis=2) * 10.0 + rng.integers(0, 8, (n, m))
    pupils = rng.integers(1, 9, n).astype(float)
    seats = np.full(m, np.ceil(roomy * pupils.sum() / m))
    alike, school = np.zeros(n * m, np.int8), np.tile(np.arange(m, dtype=np.int32), n)
    pairs = Options(
        demand_id=np.array([f"D{i:02d}" for i in range(n)], object), band=np.zeros(n, np.int8), pupils=pupils,
        indptr=np.arange(n + 1) * m, school=school, tier=alike, mode=alike, minutes=minutes.ravel(),
        metres=minutes.ravel(), cost=minutes.ravel(), school_id=np.array(["S0", "S1"], object), taught=np.ones(n, bool),
    )  # fmt: skip
    none = np.zeros(m)
    resources = Resources(np.concatenate([seats, none, none]), school.astype(np.int64), np.full(n * m, -1))
    divided, unparted = capacitated(pairs, resources), whole(pairs, resources)
    zones = zoning(minutes * pupils[:, None], pupils, seats, near, homes, time_limit=20.0)
    if unparted.fewest_unseated > 0:
        assert not np.isfinite(zones.objective)
        return
    assert divided.objective <= unparted.objective + 1e-6
    assert unparted.minutes[1] <= zones.objective * (1 + 1e-9)
    assert unparted.objective <= zones.objective * (1 + 2e-4) + 0.2


def test_a_village_is_not_divided_between_schools():
    # S2 has 15 seats for two villages of ten: one goes to S1 whole, where divided five would.
    pupils = {"V1": (0, 0, 0), "V2": (0, 10, 0), "V3": (0, 10, 0)}
    here = county(pupils=pupils, seats={"S1": 30, "S2": 15, "S4": 0})
    divided = assign(here, times(), scenario(assign={"method": "capacitated"}))
    plan = assign(here, times(), scenario(assign={"method": "capacitated", "whole_units": True}))
    assert_plan_valid(plan)
    assert sorted(divided.assignment["pupils"]) == [5, 5, 10]
    assert dict(zip(plan.assignment["demand_id"], plan.assignment["school_id"], strict=True)) == {
        "D2": "S1", "D3": "S2"
    }  # fmt: skip
    assert plan.proof[1] <= plan.proof[0] == pytest.approx(360)
    assert divided.proof[0] < plan.proof[0]
    by_claim = {"method": "capacitated", "whole_units": True, "admission": {}}
    assert assign(here, times(), scenario(assign=by_claim)).assignment.equals(plan.assignment)


def test_keys_that_do_not_go_together_are_refused():
    with pytest.raises(ValidationError, match="只能选一个"):
        Assign(method="capacitated", whole_units=True, closest_first=True)
    with pytest.raises(ValidationError, match="须用 method: capacitated"):
        Assign(whole_units=True)
    with pytest.raises(ValidationError, match="overflow 只能写 least_minutes"):
        Assign(method="capacitated", whole_units=True, admission={"overflow": "lottery"})
