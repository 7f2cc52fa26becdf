"""The transportation kernel against a plain linear programme, gates included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from layout_planner.locate.capacity import transport as module
from layout_planner.locate.capacity.transport import transport


def plain(indptr, node, cost, supply, capacity, drain, stay):
    rows = np.repeat(np.arange(len(supply)), np.diff(indptr))
    k, n = len(node), len(supply)
    equal = np.zeros((n, k + n))
    equal[rows, np.arange(k)] = 1
    equal[np.arange(n), k + np.arange(n)] = 1
    room = np.zeros((len(capacity), k + n))
    room[node, np.arange(k)] = 1
    gates = np.flatnonzero(drain[node] >= 0)
    room[drain[node[gates]], gates] += 1
    return linprog(np.concatenate([cost, np.full(n, stay)]), room, capacity, equal, supply, method="highs").fun


def bound(indptr, node, cost, supply, capacity, drain, stay, price):
    """Value of the dual at the prices: no solution is cheaper."""
    least = np.full(len(supply), stay)
    np.minimum.at(least, np.repeat(np.arange(len(supply)), np.diff(indptr)), cost + price[node])
    own = np.where(drain >= 0, price - price[drain], price)
    assert (own >= 0).all()
    return supply @ least - own @ capacity


def drawn(seed, n, sinks, gates):
    rng = np.random.default_rng(seed)
    drain = np.concatenate([np.full(sinks, -1), np.arange(sinks) if gates else np.array([], int)]).astype(int)
    mask = rng.random((n, len(drain))) < 0.7
    node = np.nonzero(mask)[1]
    indptr = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
    cost = rng.integers(0, 30, len(node)).astype(float)
    supply = rng.choice([0.0, 0.25, 1.0, 3.0], n) + rng.choice([0.0, rng.random()], n)
    capacity = rng.choice([0.0, 2.0, 7.5, 20.0], len(drain))
    return indptr, node, cost, supply, capacity, drain


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 5), st.booleans(), st.booleans(),
    st.sampled_from([1000.0, 12.0]),
)  # fmt: skip
def test_total_equals_a_plain_linear_programme_and_the_prices_prove_it(seed, n, sinks, gates, large, stay):
    case = indptr, node, cost, supply, capacity, drain = drawn(seed, n, sinks, gates)
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(module, "_LARGE", 0)
        answer = transport(*case, stay)
    total = answer.flow @ cost + stay * answer.unserved.sum()
    assert total == pytest.approx(plain(*case, stay), rel=1e-8, abs=1e-7)
    assert bound(*case, stay, answer.price) == pytest.approx(total, rel=1e-9, abs=1e-9)
    served = np.bincount(np.repeat(np.arange(n), np.diff(indptr)), weights=answer.flow, minlength=n)
    np.testing.assert_allclose(served + answer.unserved, supply, atol=1e-9)
    load = np.bincount(node, weights=answer.flow, minlength=len(drain))
    behind = drain[node] >= 0
    load += np.bincount(drain[node[behind]], weights=answer.flow[behind], minlength=len(drain))
    assert (load <= capacity + 1e-8).all()
    assert (answer.price >= 0).all()


@pytest.mark.parametrize("tight", [0.9, 1.02, 1.5])
def test_a_large_problem_is_proven_by_its_prices(tight):
    rng = np.random.default_rng(0)
    n, m = 5_000, 25
    cost = np.linalg.norm(rng.random((n, 1, 2)) - rng.random((1, m, 2)), axis=2).ravel() * 600
    supply, share = rng.lognormal(size=n), rng.uniform(0.5, 1.5, m)
    case = (np.arange(n + 1) * m, np.tile(np.arange(m), n), cost, supply, tight * supply.sum() * share / share.sum(),
            np.full(m, -1))  # fmt: skip
    answer = transport(*case, 50_000.0)
    total = answer.flow @ cost + 50_000.0 * answer.unserved.sum()
    assert bound(*case, 50_000.0, answer.price) == pytest.approx(total, rel=1e-12)
    assert answer.unserved.sum() == pytest.approx(max(0.0, 1.0 - tight) * supply.sum(), abs=1e-6)


def test_nobody_and_nowhere_are_answers_too():
    none = np.array([], int)
    answer = transport(np.array([0, 0]), none, none.astype(float), np.array([2.0]), np.zeros(1), np.array([-1]), 9.0)
    assert answer.unserved.tolist() == [2.0]
    answer = transport(np.array([0]), none, none.astype(float), np.zeros(0), np.ones(1), np.array([-1]), 9.0)
    assert len(answer.flow) == len(answer.unserved) == 0


def test_a_chain_of_displacements_is_found():
    # A and B both want sink 0 (room 1); B's second choice is sink 1, whose C would rather move on to sink 2.
    indptr = np.array([0, 1, 3, 5])
    node = np.array([0, 0, 1, 1, 2])
    cost = np.array([1.0, 1.0, 2.0, 1.0, 2.0])
    answer = transport(indptr, node, cost, np.ones(3), np.ones(3), np.full(3, -1), 100.0)
    assert answer.flow.tolist() == [1, 0, 1, 0, 1]
    assert answer.unserved.tolist() == [0, 0, 0]
