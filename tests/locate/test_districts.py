"""Districts: connected, balanced, nearest to their centres; held against trying every division."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import LayoutError
from layout_planner.locate import districts
from layout_planner.locate.result import Status


def grid(rows: int, columns: int):
    """Give the distances (city blocks) and neighbours of a grid."""
    xy = np.array(list(itertools.product(range(rows), range(columns))), dtype=float)
    apart = np.abs(xy[:, None] - xy[None]).sum(axis=2)
    return apart, np.argwhere(np.triu(apart == 1))


def connected(units, pairs) -> bool:
    units, seen = set(units), {min(units)}
    while True:
        more = {j for pair in pairs for i, j in (pair, pair[::-1]) if i in seen and j in units} - seen
        if not more:
            return seen == units
        seen |= more


def test_two_halves_of_a_line_with_their_middles():
    found = districts(grid(1, 6)[0], np.ones(6), grid(1, 6)[1], 2, tolerance=0.0)
    assert found.status is Status.OPTIMAL
    assert found.assignment.tolist() == [0, 0, 0, 1, 1, 1]
    assert found.centre.tolist() == [1, 4]
    assert found.objective == found.bound == 4
    assert found.deviation.ravel().tolist() == [0, 0]


def test_a_unit_too_large_to_be_balanced_is_a_district_alone():
    apart, pairs = grid(1, 5)
    found = districts(apart, [100.0, 1, 1, 1, 1], pairs, 3, tolerance=0.1)
    assert found.assignment.tolist() == [0, 1, 1, 2, 2]
    assert found.alone.tolist() == [True, False, False]
    assert found.deviation.ravel().tolist() == [0, 0, 0]


def test_an_impossible_balance_tells_the_least_that_can_be_kept():
    apart, pairs = grid(1, 4)
    sizes = [3.0, 2.0, 2.0, 3.0]
    assert districts(apart, sizes, pairs, 2, tolerance=0.0).status is Status.OPTIMAL
    found = districts(apart, [4.0, 1.0, 1.0, 1.0], pairs, 2, tolerance=0.14)
    assert found.status is Status.INFEASIBLE or found.alone.any()
    found = districts(apart, [2.0, 2.0, 2.0, 1.0], pairs, 2, tolerance=0.1)
    assert found.status is Status.INFEASIBLE
    assert not found.found
    assert found.least_tolerance == pytest.approx(0.15)  # 4 and 3 of 3.5 each
    again = districts(apart, [2.0, 2.0, 2.0, 1.0], pairs, 2, tolerance=found.least_tolerance)
    assert again.status is Status.OPTIMAL


def test_a_unit_without_neighbours_cannot_be_joined():
    apart, _ = grid(1, 4)
    found = districts(apart, np.ones(4), [(0, 1), (1, 2)], 2, tolerance=0.5)
    assert found.assignment.tolist() == [0, 0, 0, 1]
    assert districts(apart, np.ones(4), [(0, 1)], 2, tolerance=1.0).status is Status.INFEASIBLE


def test_a_unit_that_no_centre_reaches_is_no_centre():
    apart, pairs = grid(1, 3)
    apart[:, 1] = np.inf
    found = districts(apart, np.ones(3), pairs, 1, tolerance=0.0)
    assert found.centre.item() in (0, 2)
    assert found.objective == 3


@pytest.mark.parametrize(
    "wrong",
    [{"k": 0}, {"k": 5}, {"tolerance": -0.1}, {"adjacency": [(0, 9)]}, {"sizes": [1, 2]}, {"weights": [-1, 1, 1, 1]}],
)
def test_arguments_that_do_not_fit_are_refused(wrong):
    apart, pairs = grid(1, 4)
    asked = {"sizes": np.ones(4), "adjacency": pairs, "k": 2} | wrong
    with pytest.raises(LayoutError):
        districts(apart, **asked)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_listing_finds_what_trying_every_division_finds(data):
    n = data.draw(st.integers(1, 7))
    k = data.draw(st.integers(1, min(n, 3)))
    cost = np.array(data.draw(st.lists(st.integers(0, 20), min_size=n * n, max_size=n * n)), float).reshape(n, n)
    sizes = np.array(data.draw(st.lists(st.integers(1, 5), min_size=2 * n, max_size=2 * n)), float).reshape(n, 2)
    pairs = [p for p in itertools.combinations(range(n), 2) if data.draw(st.booleans())]
    tolerance = 0.75
    found = districts(cost, sizes, pairs, k, tolerance=tolerance)
    if found.alone.any():
        assert (found.size[found.alone] > sizes.sum(axis=0) / k * (1 + tolerance)).any()
        return
    best = np.inf
    for label in itertools.product(range(k), repeat=n):
        groups = [[i for i in range(n) if label[i] == d] for d in range(k)]
        if not all(groups) or not all(connected(g, pairs) for g in groups):
            continue
        shares = np.array([sizes[g].sum(axis=0) for g in groups]) / (sizes.sum(axis=0) / k)
        if (np.abs(shares - 1) > tolerance + 1e-9).any():
            continue
        best = min(best, sum((cost[g] * sizes[g, :1]).sum(axis=0)[g].min() for g in groups))
    assert found.objective == pytest.approx(best)
    assert found.found == np.isfinite(best) or (sizes > sizes.sum(axis=0) / k * (1 + tolerance)).any()


def test_annealing_comes_near_the_proven_best():
    apart, pairs = grid(6, 6)
    rng = np.random.default_rng(3)
    sizes = rng.uniform(1, 3, (36, 2))
    exact = districts(apart, sizes, pairs, 9, tolerance=0.25)
    near = districts(apart, sizes, pairs, 9, tolerance=0.25, max_columns=10)
    assert exact.status is Status.OPTIMAL
    assert near.status is Status.FEASIBLE
    assert near.bound <= exact.objective + 1e-9
    assert exact.objective - 1e-9 <= near.objective <= exact.objective * 1.03
    for found in (exact, near):
        assert (np.abs(found.deviation) <= 0.25 + 1e-9).all()
        assert all(connected(np.flatnonzero(found.assignment == d), pairs.tolist()) for d in range(9))


def test_the_same_seed_gives_the_same_districts():
    apart, pairs = grid(5, 5)
    one, other = (districts(apart, np.ones(25), pairs, 5, tolerance=0.2, max_columns=10, seed=4) for _ in range(2))
    assert one.assignment.tolist() == other.assignment.tolist()
