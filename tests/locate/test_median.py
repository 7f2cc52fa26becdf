"""P-median against brute force, with honest statuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.errors import LayoutError, UnknownIdError
from layout_planner.locate import Status, p_median
from tests.locate.brute import least_median
from tests.small_county import times


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 7), st.integers(1, 5), st.data())
def test_the_objective_is_that_of_brute_force(n, m, data):
    rng = np.random.default_rng(data.draw(st.integers(0, 9999)))
    p = data.draw(st.integers(1, m))
    cost = rng.integers(0, 50, (n, m)).astype(float)
    cost[rng.random((n, m)) < 0.15] = np.inf
    weights = rng.integers(1, 9, n).astype(float)
    forced = (0,) if data.draw(st.booleans()) else ()
    want = least_median(cost * weights[:, None], p, forced)
    result = p_median(cost, p, weights=weights, fixed_open=forced)
    if np.isinf(want):
        assert result.status is Status.INFEASIBLE
        assert len(result.open) == 0
        return
    assert result.status is Status.OPTIMAL
    assert result.objective == pytest.approx(want, rel=1e-4)
    assert result.bound <= want + 1e-6
    assert len(result.open) == p
    served = cost[np.arange(n), [int(j) for j in result.assignment]] * weights
    assert served.sum() == pytest.approx(result.objective)


def test_ids_survive_a_travel_matrix():
    matrix = times()["ride"]
    result = p_median(matrix, 1, weights=[84, 168, 36])
    assert result.open.tolist() == ["S2"]
    assert result.assignment.tolist() == ["S2"] * 3
    assert result.demand_id.tolist() == ["D1", "D2", "D3"]


def test_a_time_limit_is_never_called_optimal_without_proof():
    rng = np.random.default_rng(1)
    cost = np.hypot(*(rng.random((2, 250, 1)) - rng.random((2, 1, 120))))
    result = p_median(cost, 20, time_limit=0.2)
    assert result.objective < np.inf
    assert result.bound <= result.objective
    assert (result.status is Status.OPTIMAL) == (result.gap <= 1e-4)


def test_forbidden_sites_stay_closed():
    cost = np.array([[0.0, 5.0, 9.0], [0.0, 7.0, 2.0]])
    result = p_median(cost, 1, forbidden=["0"])
    assert result.open.tolist() == ["2"]
    assert result.objective == 11.0


def test_a_point_that_nobody_can_serve_is_named():
    result = p_median(np.array([[1.0], [np.inf]]), 1, demand_id=["甲", "乙"])
    assert result.status is Status.INFEASIBLE
    assert "乙" in result.log


def test_impossible_questions_are_refused():
    with pytest.raises(LayoutError):
        p_median(np.ones((2, 2)), 3)
    with pytest.raises(LayoutError):
        p_median(np.ones((2, 2)), 1, fixed_open=[0], forbidden=[0])
    with pytest.raises(UnknownIdError):
        p_median(np.ones((2, 2)), 1, fixed_open=["七"])
    with pytest.raises(LayoutError):
        p_median(-np.ones((2, 2)), 1)


def test_a_result_shows_itself_small():
    result = p_median(np.array([[1.0, 5.0], [5.0, 1.0]]), 1)
    assert repr(result).startswith("<LocationResult optimal: 1 open, objective 6")
    assert "<td>optimal</td>" in result._repr_html_()
