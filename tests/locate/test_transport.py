"""The transportation kernel against a plain linear programme, gates included."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from layout_planner.locate.transport import transport


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


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 25), st.integers(1, 5), st.booleans())
def test_total_equals_a_plain_linear_programme_and_the_prices_prove_it(seed, n, sinks, gates):
    rng = np.random.default_rng(seed)
    drain = np.concatenate([np.full(sinks, -1), np.arange(sinks) if gates else np.array([], int)]).astype(int)
    mask = rng.random((n, len(drain))) < 0.7
    rows, node = np.nonzero(mask)
    indptr = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
    cost = rng.integers(0, 30, len(node)).astype(float)
    supply = rng.choice([0.25, 1.0, 3.0], n) + rng.random(n)
    capacity = rng.choice([0.0, 2.0, 7.5, 20.0], len(drain))
    stay = 1000.0
    answer = transport(indptr, node, cost, supply, capacity, drain, stay)
    total = answer.flow @ cost + stay * answer.unserved.sum()
    assert total == pytest.approx(plain(indptr, node, cost, supply, capacity, drain, stay), rel=1e-8, abs=1e-7)
    served = np.bincount(rows, weights=answer.flow, minlength=n)
    np.testing.assert_allclose(served + answer.unserved, supply, atol=1e-9)
    own = np.where(drain[node] >= 0, node, node)
    load = np.bincount(own, weights=answer.flow, minlength=len(drain))
    behind = drain[node] >= 0
    load += np.bincount(drain[node[behind]], weights=answer.flow[behind], minlength=len(drain))
    assert (load <= capacity + 1e-8).all()
    assert (answer.price >= 0).all()


def test_a_chain_of_displacements_is_found():
    # A and B both want sink 0 (room 1); B's second choice is sink 1, whose C would rather move on to sink 2.
    indptr = np.array([0, 1, 3, 5])
    node = np.array([0, 0, 1, 1, 2])
    cost = np.array([1.0, 1.0, 2.0, 1.0, 2.0])
    answer = transport(indptr, node, cost, np.ones(3), np.ones(3), np.full(3, -1), 100.0)
    assert answer.flow.tolist() == [1, 0, 1, 0, 1]
    assert answer.unserved.tolist() == [0, 0, 0]
