"""The search for the fewest sites that cover every row, against brute force."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layout_planner.locate.covering import CoverSearch
from layout_planner.locate.problem import Problem
from layout_planner.locate.rows import SortedRows
from layout_planner.locate.stopping import Watch
from tests.locate.brute import fewest_sites, instances


def search_of(cost, radius, forced=(), barred=()):
    problem = Problem.build(cost, fixed_open=forced, forbidden=barred)
    rows = SortedRows.of(problem)
    reached = (rows.within(radius).lengths > 0).all()
    return CoverSearch(rows, radius, problem.forced, problem.barred) if reached else None


@settings(max_examples=150)
@given(instances(), st.integers(0, 12), st.lists(st.integers(0, 8), max_size=4))
def test_greedy_cover_and_rows_apart_enclose_the_optimum_that_is_found(instance, radius, known):
    cost, _, forced, barred = instance
    search, want = search_of(cost, radius, forced, barred), fewest_sites(cost, radius, forced, barred)
    assume(search is not None)
    assert search.bound <= want <= search.size
    assert (cost[:, search.best].min(axis=1) <= radius).all()
    search.run(Watch(30.0), gap=0.0, seed=0, known=np.array([i for i in known if i < len(cost)], dtype=np.int64))
    assert search.bound == want == search.size
    assert (cost[:, search.best].min(axis=1) <= radius).all()
    assert search.best[list(forced)].all()
    assert not search.best[list(barred)].any()


@settings(max_examples=150)
@given(instances(), st.integers(0, 12), st.integers(1, 6))
def test_whether_so_many_sites_are_enough_is_decided(instance, radius, enough):
    cost, _, forced, barred = instance
    search = search_of(cost, radius, forced, barred)
    assume(search is not None)
    search.run(Watch(30.0), gap=0.0, seed=0, enough=enough)
    if fewest_sites(cost, radius, forced, barred) <= enough:
        assert search.size <= enough
    else:
        assert search.bound > enough


def test_without_time_the_greedy_cover_stays():
    cost = np.random.default_rng(2).random((80, 30))
    search = search_of(cost, 0.2)
    size = search.size
    search.run(Watch(0.0), gap=0.0, seed=0)
    assert search.size == size
    assert search.bound < size
