"""Annealing and exchanges between connected zones: on maps that can be checked by hand, and their promises on any."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate.zones.graph import detached, neighbours, reattach
from layout_planner.locate.zones.kernels import anneal_zones
from layout_planner.locate.zones.transfers import exchange


def grid(side):
    at = np.array([(x, y) for x in range(side) for y in range(side)])
    return at, neighbours(np.argwhere(np.triu(np.abs(at[:, None] - at[None]).sum(axis=2) == 1)), len(at))


def worth(cost, size, room, rate, label):
    over = np.maximum(0, np.bincount(label, size, len(room)) - room)
    return cost[np.arange(len(label)), label].sum() + rate * over.sum()


def drawn(seed, whole, missing):
    """Draw a map of 25 units with three seats, and connected zones on it that may be overfull."""
    rng = np.random.default_rng(seed)
    at, (indptr, adj) = grid(5)
    seats = np.sort(rng.choice(25, 3, replace=False))
    size = rng.integers(1, 6, 25).astype(float) if whole else rng.random(25) * 5
    cost = np.abs(at[:, None] - at[None, seats]).sum(axis=2) * size[:, None]
    if missing:
        cost[rng.random(cost.shape) < 0.1] = np.inf
        cost[seats, np.arange(3)] = 0
    label = np.full(25, -1)
    reattach(indptr, adj, cost, size, np.full(3, np.inf), label, seats, np.ones(3, bool), 1.0)
    return cost, size, np.full(3, np.ceil(size.sum() / 3)), (indptr, adj), seats, label


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.booleans(), st.sampled_from([0.5, 4.0, 100.0]), st.integers(2, 3))
def test_exchanges_keep_zones_connected_and_never_cost_more(seed, whole, missing, rate, together):
    cost, size, room, graph, seats, start = drawn(seed, whole, missing)
    if (start < 0).any():
        return
    label = exchange(cost, size, room, rate, graph, seats, start, 10, together, 50)
    assert not detached(*graph, label, seats).any()
    assert worth(cost, size, room, rate, label) <= worth(cost, size, room, rate, start) + 1e-9
    assert (label[seats] == np.arange(3)).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.booleans())
def test_annealing_keeps_zones_connected_and_tells_the_best_that_fit(seed, whole, missing):
    cost, size, room, graph, seats, start = drawn(seed, whole, missing)
    if (start < 0).any():
        return
    seated = np.isin(np.arange(25), seats)
    facts = cost, size, room, np.ones(3), graph, seated, start, 5000, 5.0, 0.05, 1.0, 10.0
    best, least, last = anneal_zones(*facts, seed)
    assert not detached(*graph, last, seats).any()
    assert np.isfinite(least) == (best[0] >= 0)
    if np.isfinite(least):
        assert not detached(*graph, best, seats).any()
        assert np.isclose(worth(cost, size, room, 1e6, best), least)
    assert np.array_equal(last, anneal_zones(*facts, seed)[2])


def test_an_overfull_zone_passes_on_through_its_neighbour():
    # Six units in a row, seats at 0, 2 and 5: zone 0 has one too many, zone 1 between is full, zone 2 has room.
    at = np.arange(6)
    graph = neighbours(np.column_stack([at[:-1], at[1:]]), 6)
    seats = np.array([0, 2, 5])
    cost = np.abs(at[:, None] - at[None, seats]).astype(float)
    start = np.array([0, 0, 1, 1, 2, 2])
    label = exchange(cost, np.ones(6), np.array([1.0, 2.0, 3.0]), 10.0, graph, seats, start, 5, 2, 10)
    assert label.tolist() == [0, 1, 1, 2, 2, 2]


def test_a_dearer_unit_is_exchanged_for_a_cheaper_one_of_the_same_size():
    # A square of four by four, seats in two corners of the middle columns; two units sit on the wrong side.
    at, graph = grid(4)
    seats = np.array([5, 9])
    cost = np.abs(at[:, None] - at[None, seats]).sum(axis=2).astype(float)
    right = np.array([0] * 8 + [1] * 8)
    wrong = right.copy()
    wrong[[4, 11]] = 1, 0
    assert not detached(*graph, wrong, seats).any()
    label = exchange(cost, np.ones(16), np.full(2, 8.0), 1.0, graph, seats, wrong, 3, 3, 10)
    assert label.tolist() == right.tolist()
