"""No bound ever exceeds the optimum and no status flatters: every model, dense and sparse, whole or cut short."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate import (
    Status,
    capacitated_p_median,
    contiguous_facility_location,
    facility_location,
    max_cover,
    p_center,
    p_median,
    set_cover,
)
from layout_planner.testing import assert_plan_valid
from tests.locate.brute import (
    fewest_sites,
    instances,
    least_centre,
    least_facilities,
    least_median,
    least_uncovered,
    least_zones,
    sparse,
)

GAP = 1e-4


class Impatient:
    """Cancel after having been asked so many times."""

    def __init__(self, patience: int) -> None:
        self.left = patience

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@st.composite
def endings(draw):
    """Draw how a search ends: by its own proof, a wide gap, no time, or being cancelled."""
    how = draw(st.sampled_from(["proof", "gap", "time", "cancel"]))
    if how == "gap":
        return {"gap": draw(st.sampled_from([0.05, 0.5]))}
    if how == "time":
        return {"time_limit": 0.0}
    return {"cancel": Impatient(draw(st.integers(0, 9)))} if how == "cancel" else {}


def check(result, want: float, ending, slack: float = 1e-9) -> None:
    """Hold a result against the optimum, known up to a slack, and its status against what it proves."""
    assert result.bound <= want * (1 + slack) + slack
    assert result.objective >= want * (1 - slack) - slack
    assert result.bound <= result.objective
    if result.status is Status.OPTIMAL:
        assert result.gap <= ending.get("gap", GAP)
        assert result.objective <= want / (1 - ending.get("gap", GAP)) + slack
    if result.status is Status.INFEASIBLE:
        assert np.isinf(want)
    if np.isinf(want):
        assert result.status in (Status.INFEASIBLE, Status.UNKNOWN)
    if ending.keys() <= {"gap"}:
        assert result.status is (Status.INFEASIBLE if np.isinf(want) else Status.OPTIMAL)


def table(cost, is_sparse):
    return sparse(cost) if is_sparse else cost


@settings(max_examples=100)
@given(instances(), endings(), st.booleans())
def test_medians(instance, ending, is_sparse):
    cost, p, forced, barred = instance
    sites = {"fixed_open": forced, "forbidden": barred}
    result = p_median(table(cost, is_sparse), p, **sites, **ending)
    check(result, least_median(cost, p, forced, barred), ending)
    assert_plan_valid(result, cost=table(cost, is_sparse), p=p, **sites)


@settings(max_examples=100)
@given(instances(), endings(), st.booleans())
def test_centres(instance, ending, is_sparse):
    cost, p, forced, barred = instance
    result = p_center(table(cost, is_sparse), p, fixed_open=forced, forbidden=barred, **ending)
    check(result, least_centre(cost, p, forced, barred), ending)


@settings(max_examples=100)
@given(instances(), endings(), st.booleans(), st.integers(0, 12))
def test_set_covers(instance, ending, is_sparse, radius):
    cost, _, forced, barred = instance
    result = set_cover(table(cost, is_sparse), radius, fixed_open=forced, forbidden=barred, **ending)
    check(result, fewest_sites(cost, radius, forced, barred), ending)


@settings(max_examples=100)
@given(instances(), endings(), st.booleans(), st.integers(0, 12))
def test_maximal_covers(instance, ending, is_sparse, radius):
    cost, p, forced, barred = instance
    weights = np.arange(len(cost)) % 4 + 0.5 * (len(cost) % 2)
    sites = {"fixed_open": forced, "forbidden": barred}
    result = max_cover(table(cost, is_sparse), p, radius, weights=weights, **sites, **ending)
    check(result, least_uncovered(cost, p, radius, weights, forced, barred), ending)


def amounts(cost, seed):
    rng, (n, m) = np.random.default_rng(seed), cost.shape
    return rng.integers(0, 9, n).astype(float), rng.integers(4, 25, m).astype(float), rng.integers(0, 40, m) * 1.0


@settings(max_examples=40)
@given(instances(), endings(), st.booleans(), st.booleans(), st.integers(0, 999))
def test_capacitated_medians(instance, ending, is_sparse, single, seed):
    cost, p, forced, barred = instance
    cost = cost[:5]
    demand, capacity, _ = amounts(cost, seed)
    sites = {"fixed_open": forced, "forbidden": barred}
    result = capacitated_p_median(
        table(cost, is_sparse), p, demand, capacity, single_source=single, **sites, **ending
    )  # fmt: skip
    nothing = np.zeros(cost.shape[1])
    want = least_facilities(cost, nothing, demand, capacity, single=single, p=p, forced=forced, barred=barred)
    check(result, want, ending, 1e-9 if single else 1e-7)
    assert_plan_valid(result, cost=cost, p=p, demand=demand, capacity=capacity, **sites)


@settings(max_examples=40)
@given(instances(), endings(), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 999))
def test_facilities(instance, ending, is_sparse, single, scarce, seed):
    cost, _, forced, barred = instance
    cost = cost[:4, :5]
    barred = tuple(j for j in barred if j < cost.shape[1])
    demand, capacity, fixed = amounts(cost, seed)
    facts = {"demand": demand, "capacity": capacity, "budget": 60.0 if scarce else None}
    sites = {"fixed_open": forced, "forbidden": barred}
    result = facility_location(table(cost, is_sparse), fixed, single_source=single, **facts, **sites, **ending)
    budget = 60.0 if scarce else np.inf
    want = least_facilities(
        cost, fixed, demand, capacity, single=single, budget=budget, forced=forced, barred=barred
    )  # fmt: skip
    check(result, want, ending, 1e-9 if single else 1e-7)
    assert_plan_valid(result, cost=cost, fixed_cost=fixed, **facts, **sites)


@settings(max_examples=40)
@given(instances(), endings(), st.booleans(), st.integers(0, 999), st.sampled_from([None, 1, 2]))
def test_contiguous_zones(instance, ending, is_sparse, seed, p):
    cost = np.resize(instance[0], (6, 3))
    rng = np.random.default_rng(seed)
    adjacency = np.array([[i, rng.integers(0, i)] for i in range(1, 6)] + rng.integers(0, 6, (2, 2)).tolist())
    seats = rng.choice(6, 3, replace=False)
    demand, capacity, fixed = amounts(cost, seed)
    facts = {"demand": demand, "capacity": capacity, "p": p}
    result = contiguous_facility_location(table(cost, is_sparse), fixed, adjacency, seats, **facts, **ending)
    check(result, least_zones(cost, fixed, adjacency, seats, demand, capacity, p), ending)
    assert_plan_valid(result, cost=cost, fixed_cost=fixed, adjacency=adjacency, site_unit=seats, **facts)
