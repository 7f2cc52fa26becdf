"""Weighted measures by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.measures.commute import share, weighted_max, weighted_mean, weighted_quantile

MINUTES = pd.Series([30.0, 10.0, 20.0, 5.0], name="minutes")
PUPILS = pd.Series([1.0, 5.0, 3.0, 1.0])
GROUP = pd.Series(["a", "a", "a", "b"], name="village")


def test_mean_and_maximum_by_group():
    # Group a has 30, 50 and 60 pupil-minutes over 9 pupils.
    assert weighted_mean(MINUTES, PUPILS, GROUP).to_dict() == {"a": pytest.approx(140 / 9), "b": 5.0}
    assert weighted_max(MINUTES, PUPILS, GROUP).to_dict() == {"a": 30.0, "b": 5.0}


def test_a_quantile_is_the_least_value_that_enough_pupils_do_not_exceed():
    # a, sorted: 10 (5 pupils), 20 (8), 30 (9); half of 9 is 4.5, 90 % is 8.1, 8/9 of them is 8.
    def at(q):
        return weighted_quantile(MINUTES, PUPILS, GROUP, q).to_dict()

    assert at(0.5) == {"a": 10.0, "b": 5.0}
    assert at(8 / 9)["a"] == 20.0
    assert at(0.9)["a"] == 30.0
    assert at(1.0)["a"] == 30.0


def test_names_say_what_is_measured():
    assert weighted_mean(MINUTES, PUPILS, GROUP).name == "minutes_mean"
    assert weighted_quantile(MINUTES, PUPILS, GROUP, 0.5).name == "minutes_median"
    assert weighted_quantile(MINUTES, PUPILS, GROUP, 0.95).name == "minutes_p95"
    assert weighted_mean(MINUTES, PUPILS, GROUP).index.name == "village"


def test_rows_without_pupils_do_not_count():
    assert weighted_max(MINUTES, pd.Series([0.0, 5.0, 3.0, 1.0]), GROUP)["a"] == 20.0


def test_a_share_is_of_all_the_weight():
    met = pd.Series([True, False, True, False], name="within_limit")
    shares = share(met, PUPILS, GROUP)
    assert shares.to_dict() == {"a": pytest.approx(4 / 9), "b": 0.0}
    assert shares.name == "within_limit_share"


def test_a_quantile_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="q = 0"):
        weighted_quantile(MINUTES, PUPILS, GROUP, 0.0)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1, max_size=30), st.floats(0.01, 1.0))
def test_whole_weights_equal_repeating_the_values(rows, q):
    values = pd.Series([float(v) for v, _ in rows], name="minutes")
    weights = pd.Series([float(w) for _, w in rows])
    repeated = np.sort(np.repeat(values, weights.astype(int)))
    want = repeated[int(np.ceil(q * len(repeated) - 1e-9)) - 1]
    got = weighted_quantile(values, weights, pd.Series("all", index=values.index, name="k"), q)
    assert got["all"] == want
