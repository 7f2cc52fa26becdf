"""Divisible demand costs no more than whole units, and whole units no more than zones that hold together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.locate import Status, capacitated_p_median, zoning


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 100_000), st.integers(4, 10), st.integers(1, 3), st.sampled_from([1.02, 1.2, 2.0]))
def test_divisible_whole_and_contiguous_totals_are_ordered(seed, n, m, slack):
    rng = np.random.default_rng(seed)
    pairs = [[i, int(rng.integers(0, i))] for i in range(1, n)] + rng.integers(0, n, (n // 2, 2)).tolist()
    at, demand = rng.random((n, 2)), rng.integers(1, 9, n).astype(float)
    seat_units = rng.choice(n, m, replace=False)
    cost = np.hypot(*(at[:, None] - at[None, seat_units]).transpose(2, 0, 1)) * demand[:, None]
    seats = np.full(m, np.ceil(slack * demand.sum() / m))
    given_ = {"fixed_open": range(m), "time_limit": 5.0, "gap": 1e-6}
    divisible = capacitated_p_median(cost, m, demand, seats, single_source=False, **given_)
    whole = capacitated_p_median(cost, m, demand, seats, **given_)
    zones = zoning(cost, demand, seats, np.array(pairs), seat_units, gap=1e-6)
    if np.isfinite(whole.objective):
        assert divisible.objective <= whole.objective * (1 + 1e-6)
    if whole.status == Status.OPTIMAL and zones.status != Status.INFEASIBLE:
        assert whole.objective <= zones.objective * (1 + 1e-6)
    if np.isfinite(zones.objective):
        assert divisible.bound <= zones.objective * (1 + 1e-6)


def test_each_step_costs_more_where_it_must():
    # Two villages of 3 and a school of 4 seats each: halves can be sent, whole villages cannot share the near school,
    # and the one in the middle cannot be jumped over.
    cost = np.array([[0.0, 3.0], [0.0, 9.0], [6.0, 0.0]])
    demand, seats = [1.0, 3.0, 1.0], [3.0, 4.0]
    divisible = capacitated_p_median(cost, 2, demand, seats, single_source=False)
    whole = capacitated_p_median(cost, 2, demand, seats)
    zones = zoning(cost, demand, seats, [[0, 1], [1, 2]], [0, 2])
    assert (divisible.objective, whole.objective, zones.objective) == (pytest.approx(3.0), 3.0, 9.0)
