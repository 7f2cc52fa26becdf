"""Clauses of chains: zones that keep them hold together, and today's zones keep them whatever the steps."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate.zones.graph import detached, neighbours, reattach
from layout_planner.locate.zones.order import before, chain_clauses

AT = np.array([(x, y) for x in range(4) for y in range(4)])
PAIRS = np.argwhere(np.triu(np.abs(AT[:, None] - AT[None]).sum(axis=2) == 1))


def kept(clauses, used):
    """Tell whether columns in use (q,) keep every clause."""
    rows = np.repeat(np.arange(clauses.shape[0]), np.diff(clauses.indptr))
    true = np.where(clauses.data > 0, used[clauses.indices], ~used[clauses.indices])
    return bool((np.bincount(rows, true, clauses.shape[0]) > 0).all())


def test_a_unit_waits_for_its_neighbour_on_the_way():
    # Three units in a row, the seat at the first: the second may always join, the third only after the second.
    graph, keep, seat = neighbours(np.array([[0, 1], [1, 2]]), 3), np.ones((3, 1), bool), np.array([0])
    rank = before(
        graph, np.repeat(keep, 2, axis=1), np.array([0, 2]), np.zeros((3, 2), bool), np.zeros((3, 2)), np.ones(4)
    )
    assert rank.T.tolist() == [[0, 1, 2], [2, 1, 0]]
    clauses = chain_clauses(graph, keep, seat, rank[:, :1], np.zeros(3, bool), 3)
    assert clauses.toarray().tolist() == [[1, -1, 0], [0, 1, -1]]


def test_without_an_order_a_unit_joins_beside_any_other():
    # The third and the fourth in a row hold each other: only a further cut joins them to the first.
    graph, keep, seat = neighbours(np.array([[0, 1], [1, 2], [2, 3]]), 4), np.ones((4, 1), bool), np.array([0])
    clauses = chain_clauses(graph, keep, seat, None, np.zeros(4, bool), 4)
    assert clauses.toarray().tolist() == [[1, -1, 1, 0], [0, 1, -1, 1], [0, 0, 1, -1]]
    assert kept(clauses, np.array([True, False, True, True]))
    assert not kept(clauses, np.array([True, False, True, False]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_zones_that_keep_the_chains_are_connected_and_todays_keep_them(seed, settle):
    rng = np.random.default_rng(seed)
    graph, seat = neighbours(PAIRS, 16), np.sort(rng.choice(16, 2, replace=False))
    cost, today = rng.random((16, 2)), rng.integers(2, size=16)
    reattach(*graph, cost, np.ones(16), np.full(2, 16.0), today, seat, np.ones(2, bool), 1.0)
    keep = np.ones((16, 2), bool)
    keep[seat, [1, 0]] = False
    if settle:
        fixed = rng.random(16) < 0.3
        keep[fixed] = today[fixed, None] == np.arange(2)
    zone = today[:, None] == np.arange(2)
    rank = before(graph, keep, seat, zone, cost, 1 + rng.random(len(graph[1])))
    settled, (unit, site) = keep.sum(axis=1) == 1, np.nonzero(keep)
    clauses = chain_clauses(graph, keep, seat, rank, settled, len(unit))
    assert kept(clauses, today[unit] == site)
    for _ in range(200):
        label = np.where(settled, keep.argmax(axis=1), np.where(rng.random(16) < 0.2, 1 - today, today))
        if kept(clauses, label[unit] == site):
            assert not detached(*graph, label, seat).any()


def test_a_zone_without_a_choice_is_in_no_clause():
    graph, seat, today = neighbours(PAIRS, 16), np.array([0, 15]), (np.arange(16) > 7).astype(np.int64)
    keep = today[:, None] == np.arange(2)
    rank = before(graph, keep, seat, keep, np.ones((16, 2)), np.ones(len(graph[1])))
    assert chain_clauses(graph, keep, seat, rank, np.ones(16, bool), 16).shape == (0, 16)
