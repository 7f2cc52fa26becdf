"""Sets of open sites: what their neighbours can cost at most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.locate.capacity.facilities import Facilities
from layout_planner.locate.capacity.open_sets import SetSearch
from layout_planner.locate.problem import Problem
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Watch


def facilities(seed: int, *, holes: float = 0.0, fixed_open: int | None = None) -> Facilities:
    rng = np.random.default_rng(seed)
    size, cost = rng.integers(0, 9, 12).astype(float), rng.integers(1, 60, (12, 6)).astype(float)
    cost[rng.random((12, 6)) < holes] = np.inf
    forced = np.zeros(6, dtype=bool)
    if fixed_open is not None:
        forced[fixed_open] = True
    room = np.maximum(rng.integers(10, 40, 6), np.ceil(size.sum() / 3)).astype(float)
    return Facilities(
        cost=cost, fixed=rng.integers(0, 30, 6).astype(float), room=room, size=size, forced=forced,
        barred=np.zeros(6, dtype=bool), fewest=3, most=3, budget=np.inf,
    )  # fmt: skip


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.3]))
def test_a_site_that_takes_everything_over_costs_no_less_than_its_set(seed: int, holes: float):
    sets = SetSearch(facilities(seed, holes=holes))
    key = (0, 2, 4)
    if not np.isfinite(sets.value(key)):
        return
    for value, other in sets.handovers(key):
        assert len(other) == 3
        assert sets.value(other) <= value + 1e-6 * max(1.0, abs(value))


def test_handing_over_is_counted_by_hand():
    problem = Facilities(
        cost=np.array([[1.0, 5.0, 2.0], [9.0, 1.0, 9.0]]), fixed=np.array([3.0, 3.0, 1.0]), room=np.full(3, 5.0),
        size=np.ones(2), forced=np.array([False, True, False]), barred=np.zeros(3, dtype=bool),
        fewest=2, most=2, budget=np.inf,
    )  # fmt: skip
    sets = SetSearch(problem)
    assert sets.value((0, 1)) == pytest.approx(8.0)
    assert sets.handovers((0, 1)) == [(pytest.approx(7.0), (1, 2))]
    assert sets.descend((0, 1), Watch(60.0)) == (1, 2)


def test_rows_of_a_matrix_are_those_of_its_problem():
    cost = np.array([[3.0, 1.0, np.inf], [2.0, 2.0, 1.0]])
    problem = Problem.build(cost, forbidden=["1"])
    one, other = SortedRows.of(problem), SortedRows.dense(cost, problem.barred)
    for here, there in zip(one.arrays, other.arrays, strict=True):
        np.testing.assert_array_equal(here, there)
