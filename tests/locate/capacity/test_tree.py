"""The tree over open sets: no set with a plan worth looking for is lost, and no bound exceeds a plan."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate.capacity.facilities import Facilities
from layout_planner.locate.capacity.tree import SetTree


def small(seed, n, m, fewest, most):
    rng = np.random.default_rng(seed)
    cost = rng.integers(0, 50, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.1] = np.inf
    nobody = np.zeros(m, bool)
    return Facilities(
        cost, rng.integers(0, 40, m).astype(float), rng.integers(4, 25, m).astype(float),
        rng.integers(0, 9, n).astype(float), nobody, nobody, fewest, most, float("inf"),
    )  # fmt: skip


def whole_value(facts, sites):
    best = np.inf
    for member in product(sites, repeat=len(facts.size)):
        if (np.bincount(member, facts.size, len(facts.room)) <= facts.room).all():
            best = min(best, facts.cost[np.arange(len(facts.size)), member].sum())
    return best + facts.fixed[list(sites)].sum()


def divided_value(facts, sites):
    answer = facts.divide(np.array(sites), facts.unit, facts.loss)
    return answer.value if answer.complete else np.inf


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 5), st.integers(1, 4), st.booleans(), st.data())
def test_every_set_with_a_good_plan_is_a_leaf(seed, n, m, whole, data):
    fewest = data.draw(st.integers(1, m))
    most = data.draw(st.integers(fewest, m))
    facts = small(seed, n, m, fewest, most)
    value = {
        sites: (whole_value if whole else divided_value)(facts, sites)
        for count in range(fewest, most + 1)
        for sites in combinations(range(m), count)
    }
    tree = SetTree(facts, whole=whole, offer=np.where(np.isfinite(facts.cost), facts.cost, 0.0).max(axis=1), upper=99.0)
    worth = min(value.values()) * 1.2 + 1.0
    tree.worth = worth if np.isfinite(worth) else 300.0
    assert tree.bound <= min(value.values()) + 1e-6
    bounds = {}
    while np.isfinite(tree.bound):
        leaf, _ = tree.grow()
        if leaf is not None:
            bounds[leaf.sites] = leaf.bound
    for sites, cost in value.items():
        if cost < tree.worth - 1e-6:
            assert bounds[sites] <= cost + 1e-6


def test_whole_demands_bound_higher_than_divided_ones():
    nobody = np.zeros(2, bool)
    facts = Facilities(
        np.array([[0.0, 9.0], [0.0, 9.0], [0.0, 9.0]]), np.zeros(2), np.array([5.0, 9.0]), np.array([3.0, 3.0, 3.0]),
        nobody, nobody, 2, 2, float("inf"),
    )  # fmt: skip
    divided, whole = (SetTree(facts, whole=w, offer=np.full(3, 9.0), upper=18.0) for w in (False, True))
    assert divided.bound == pytest.approx(12.0, abs=1e-3)
    assert whole.bound == pytest.approx(18.0, abs=1e-3)


def test_the_tree_grows_the_same_way_every_time():
    facts = small(7, 5, 6, 3, 3)
    grown = []
    for _ in range(2):
        tree = SetTree(
            facts, whole=True, offer=np.where(np.isfinite(facts.cost), facts.cost, 0.0).max(axis=1), upper=150.0
        )
        tree.worth, told = 300.0, []
        while np.isfinite(tree.bound):
            leaf, children = tree.grow()
            told += [(node.bound, node.sites) for node in [leaf, *children] if node is not None]
        grown.append((tree.nodes, told))
    assert grown[0] == grown[1]
    assert grown[0][0] > 1
