"""Weighted measures by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.measures import coverage_by_way, excess_commute, excess_share, in_zone
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


def test_a_mean_is_of_the_values_that_are_known():
    values = pd.Series([30.0, np.nan, 20.0, np.nan], name="minutes")
    found = weighted_mean(values, PUPILS, GROUP)
    assert found["a"] == pytest.approx((30 * 1 + 20 * 3) / 4)
    assert np.isnan(found["b"])


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


def test_excess_is_what_is_travelled_beyond_the_least() -> None:
    actual, least = pd.Series([20.0, 10.0, np.nan, 99.0]), pd.Series([10.0, 10.0, 5.0, 9.0])
    pupils = pd.Series([30.0, 40.0, 5.0, 0.0])
    assert excess_commute(actual, least, pupils) == pytest.approx((600 + 400 - 300 - 400) / 1000)
    assert excess_commute(actual, actual, pupils) == 0.0
    assert np.isnan(excess_commute(actual, least, pupils * 0))


def test_a_published_excess_is_reproduced() -> None:
    total = 330.8 / 0.2007
    found = excess_commute(pd.Series([total]), pd.Series([total - 330.8]), pd.Series([1]))
    assert found == pytest.approx(0.2007)


def test_who_lives_outside_every_zone_is_in_none() -> None:
    met = in_zone(pd.Series(["Z1", "Z2", "", None]), pd.Series(["Z1", "Z1", "", "Z1"]))
    assert met.tolist() == [True, False, False, False]


def test_coverage_is_told_by_way_and_of_all_pupils() -> None:
    rows = pd.DataFrame({
        "band": ["G4-6"] * 5, "mode": ["walk", "ride", "ride", "board", "none"],
        "minutes": [15.0, 30.0, 46.0, 80.0, np.nan], "within_limit": [True, True, False, True, False],
        "pupils": [50.0, 20.0, 10.0, 15.0, 5.0],
    })  # fmt: skip
    found = coverage_by_way(rows, rows["band"]).loc["G4-6"]
    assert found["pupils"] == 100
    assert found[["walk_share", "day_share", "within_limit_share"]].tolist() == pytest.approx([0.5, 0.7, 0.85])
    steps = found[["to_15_share", "to_30_share", "to_45_share", "to_60_share"]].tolist()
    assert steps == pytest.approx([0.5, 0.7, 0.7, 0.8])


def test_the_excess_of_totals_is_that_of_the_rows() -> None:
    actual, least, pupils = pd.Series([20.0, 10.0]), pd.Series([10.0, 10.0]), pd.Series([30.0, 40.0])
    whole = excess_share([(actual * pupils).sum(), 0.0], [(least * pupils).sum(), 0.0])
    assert whole[0] == excess_commute(actual, least, pupils)
    assert np.isnan(whole[1])
