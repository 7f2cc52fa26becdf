from __future__ import annotations

import itertools
import os
import signal

import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.sparse import csr_array

from layout_planner.errors import LayoutError
from layout_planner.locate.solvers.cpsat import solve_whole
from layout_planner.locate.solvers.cpsat_service import Service

INF = float("inf")
ROWS = csr_array([[1, 1, 0], [2, 3, 4]])
LOW, HIGH = np.array([1, -INF]), np.array([1.0, 6.0])
COST = np.array([3.5, 1.0, -2.0])

# A market split: five rows that HiGHS and CP-SAT search for minutes.
SPLIT = np.random.default_rng(1).integers(0, 100, (5, 40))


def split(spare: float, **more):
    half = SPLIT.sum(axis=1) // 2
    return solve_whole(np.arange(40.0), csr_array(SPLIT), half - spare, half + spare, unit=1.0, **more)


def test_a_knapsack_by_hand():
    answer = solve_whole(COST, ROWS, LOW, HIGH, unit=0.5)
    assert (answer.values.tolist(), answer.objective, answer.complete) == ([0, 1, 0], 1.0, True)


def test_a_hint_and_a_cost_to_beat_change_nothing_but_the_way():
    hinted = solve_whole(COST, ROWS, LOW, HIGH, unit=0.5, hint=np.array([0, 1, np.nan]), below=2.0)
    assert hinted.objective == 1.0
    assert hinted.complete


def test_nothing_is_cheaper_than_the_best():
    answer = solve_whole(COST, ROWS, LOW, HIGH, unit=0.5, below=1.0)
    assert (answer.infeasible, answer.values, answer.bound) == (True, None, pytest.approx(1.0, abs=1e-4))
    assert answer.bound <= 1.0


def test_a_clause_forbids_what_it_excludes():
    answer = solve_whole(COST, ROWS, LOW, HIGH, unit=0.5, clauses=csr_array([[1, -1, 1]]))
    assert answer.values.tolist() == [1, 0, 1]
    assert answer.objective == 1.5


def test_columns_may_be_larger_than_one():
    answer = solve_whole(
        np.array([-2.0, -3.0]), csr_array([[2, 5]]), np.array([-INF]), np.array([11.0]), unit=1.0,
        col_upper=np.array([4, 4]),
    )  # fmt: skip
    assert answer.values.tolist() == [3, 1]
    assert answer.objective == -9


def test_costs_are_rounded_down_so_that_the_bound_holds():
    answer = solve_whole(np.array([1.9, 1.2]), csr_array([[1, 1]]), np.ones(1), np.ones(1), unit=1.0)
    assert answer.bound <= 1.2 <= answer.objective


def test_the_way_is_told():
    told, plans = [], []
    answer = solve_whole(COST, ROWS, LOW, HIGH, unit=0.5, progress=lambda *now: told.append(now), improved=plans.append)
    assert plans[-1].tolist() == answer.values.tolist()
    assert told[-1][1] == answer.objective
    assert told[-1][2] == answer.bound


def test_a_limit_of_effort_ends_the_search_without_a_claim():
    first, again = split(0, effort=0.05), split(0, effort=0.05)
    assert not first.complete
    assert not first.infeasible
    assert (first.objective, first.bound, first.effort) == (again.objective, again.bound, again.effort)


def test_a_limit_of_time_ends_the_search_without_a_claim():
    answer = split(0, time_limit=0.3)
    assert not answer.complete
    assert not answer.infeasible
    assert answer.runtime < 5


def test_who_cancels_gets_the_best_so_far():
    plans = []
    answer = split(5, improved=plans.append, cancel=lambda: bool(plans))
    assert answer.values is not None
    assert not answer.complete
    assert answer.bound <= answer.objective
    assert split(5, effort=0.01).log.startswith("CP-SAT")


def test_an_error_of_the_caller_passes_through():
    def refuse(values):
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        solve_whole(COST, ROWS, LOW, HIGH, unit=0.5, improved=refuse)
    assert solve_whole(COST, ROWS, LOW, HIGH, unit=0.5).objective == 1.0


def test_a_process_that_dies_is_named():
    service = Service()
    os.kill(service._process.pid, signal.SIGKILL)
    service._process.wait()
    with pytest.raises(LayoutError, match="求解进程意外结束"):
        list(itertools.chain.from_iterable(service.news() for _ in range(100)))


def test_fractions_and_huge_costs_are_refused():
    with pytest.raises(LayoutError, match="整数"):
        solve_whole(COST, csr_array([[0.5, 1, 1]]), np.ones(1), np.ones(1), unit=1.0)
    with pytest.raises(LayoutError, match="过大"):
        solve_whole(COST, ROWS, LOW, HIGH, unit=1e-17)


@given(st.data())
@settings(deadline=None, max_examples=25)
def test_it_agrees_with_trying_everything(data):
    n, m = data.draw(st.integers(0, 5)), data.draw(st.integers(0, 3))
    whole = st.integers(-4, 6)
    matrix = data.draw(hnp.arrays(np.int64, (m, n), elements=whole))
    low = data.draw(hnp.arrays(np.float64, m, elements=st.sampled_from([-INF, 0.0, 1.0, 2.0])))
    high = data.draw(hnp.arrays(np.float64, m, elements=st.sampled_from([1.0, 3.0, 5.0, INF])))
    cost = data.draw(hnp.arrays(np.float64, n, elements=st.integers(-20, 20).map(lambda k: k / 4)))
    upper = data.draw(hnp.arrays(np.int64, n, elements=st.integers(0, 2)))
    below = data.draw(st.sampled_from([INF, 0.0, 2.5]))
    best = INF
    for values in itertools.product(*(range(u + 1) for u in upper)):
        load = matrix @ np.array(values, np.int64)
        if (load >= low).all() and (load <= high).all():
            best = min(best, float(cost @ np.array(values)))
    answer = solve_whole(cost, csr_array(matrix), low, high, unit=0.25, col_upper=upper, below=below)
    if best < below:
        assert answer.complete
        assert answer.objective == best
        assert best - 1e-4 <= answer.bound <= best
    else:
        assert answer.infeasible
        assert below - 1e-4 <= answer.bound or best == below == INF
