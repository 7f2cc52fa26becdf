"""Pairs of whole demands and open sites: none that a good assignment needs is ruled out."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate.capacity.facilities import Facilities
from layout_planner.locate.capacity.single_source_bound import Pairs, SetBound


def assignments(facts):
    n, k = facts.cost.shape
    for member in product(range(k), repeat=n):
        value = facts.cost[np.arange(n), member].sum() + facts.fixed.sum()
        if np.isfinite(value) and (np.bincount(member, facts.size, k) <= facts.room).all():
            yield value, np.array(member)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 6), st.integers(1, 3), st.floats(0.0, 30.0))
def test_pairs_of_every_good_assignment_stay(seed, n, k, beyond):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 50, (n, k)).astype(float)
    cost[rng.random((n, k)) < 0.1] = np.inf
    size, room = rng.integers(0, 9, n).astype(float), rng.integers(4, 25, k).astype(float)
    everybody, nobody = np.ones(k, bool), np.zeros(k, bool)
    facts = Facilities(
        cost, rng.integers(0, 20, k).astype(float), room, size, everybody, nobody, k, k, float("inf")
    )  # fmt: skip
    plans = list(assignments(facts))
    best = min((value for value, _ in plans), default=100.0)
    upper = best + beyond
    offer = np.where(np.isfinite(cost), cost, 0.0).max(axis=1)
    pairs = SetBound(facts, np.arange(k)).narrow(Pairs(float("-inf"), offer, np.isfinite(cost)), upper)
    for value, member in plans:
        if value < upper - 1e-6:
            assert pairs.bound <= value + 1e-6
            assert pairs.kept[np.arange(n), member].all()
