from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.measures import gini, lorenz, theil, theil_parts

ROWS = st.lists(st.tuples(st.floats(0, 120), st.integers(1, 300), st.sampled_from("abc")), min_size=1, max_size=9)


def split(rows: list[tuple[float, int, str]]) -> tuple[pd.Series, pd.Series, pd.Series]:
    values, weights, groups = zip(*rows, strict=True)
    return pd.Series(values, dtype=float), pd.Series(weights, dtype=float), pd.Series(groups, dtype=object)


def test_gini_of_a_textbook_table() -> None:
    incomes = [1.0, 2.0, 3.0, 4.0, 5.0]
    differences = np.abs(np.subtract.outer(incomes, incomes)).sum()
    assert gini(incomes, [1] * 5) == pytest.approx(differences / (2 * 25 * 3.0)) == pytest.approx(4 / 15)


def test_one_who_has_all_is_the_most_unequal() -> None:
    assert gini([0.0, 0.0, 0.0, 8.0], [1, 1, 1, 1]) == pytest.approx(0.75)
    assert theil([0.0, 0.0, 0.0, 8.0], [1, 1, 1, 1]) == pytest.approx(np.log(4))


def test_the_curve_is_that_of_the_sorted_values() -> None:
    found = lorenz([30.0, 10.0, 99.0], [10, 30, 0])
    assert found.to_numpy().tolist() == [[0.0, 0.0], [0.75, 0.5], [1.0, 1.0]]


def test_theil_splits_by_hand() -> None:
    values, weights = pd.Series([10.0, 10.0, 20.0, 40.0]), pd.Series([1.0, 1.0, 1.0, 1.0])
    parts = theil_parts(values, weights, pd.Series(["a", "a", "b", "b"]))
    low, high = 20 / 80, 60 / 80
    between = low * np.log(10 / 20) + high * np.log(30 / 20)
    inside = (20 / 30 * np.log(20 / 30) + 40 / 30 * np.log(40 / 30)) / 2
    assert parts.between == pytest.approx(between)
    assert parts.within == pytest.approx(high * inside)
    assert parts.groups.loc["b", ["weight", "mean", "share"]].tolist() == pytest.approx([2, 30, 0.75])
    assert parts.groups["theil"].tolist() == pytest.approx([0.0, inside])


@given(ROWS)
def test_gini_and_theil_stay_in_their_bounds(rows: list[tuple[float, int, str]]) -> None:
    values, weights, _ = split(rows)
    if values.sum() < 1e-3:
        return
    assert 0 <= gini(values, weights) < 1
    assert 0 <= theil(values, weights) <= np.log(weights.sum() / weights.min()) + 1e-9


@given(ROWS, st.floats(0.01, 100))
def test_neither_depends_on_the_unit_of_measurement(rows: list[tuple[float, int, str]], scale: float) -> None:
    values, weights, _ = split(rows)
    if values.sum() < 1e-3:
        return
    for measure in (gini, theil):
        assert measure(values * scale, weights) == pytest.approx(measure(values, weights), abs=1e-9)


@given(ROWS, st.integers(2, 4))
def test_neither_depends_on_copies_of_the_county(rows: list[tuple[float, int, str]], copies: int) -> None:
    values, weights, _ = split(rows)
    if values.sum() < 1e-3:
        return
    for measure in (gini, theil):
        found = measure(values, weights)
        assert measure(pd.concat([values] * copies), pd.concat([weights] * copies)) == pytest.approx(found, abs=1e-9)
        assert measure(values, weights * copies) == pytest.approx(found, abs=1e-9)


@given(ROWS)
def test_between_and_within_add_up(rows: list[tuple[float, int, str]]) -> None:
    values, weights, groups = split(rows)
    if values.sum() < 1e-3:
        return
    parts = theil_parts(values, weights, groups)
    assert parts.total == pytest.approx(theil(values, weights))
    assert parts.between + parts.within == pytest.approx(parts.total, abs=1e-9)
    assert parts.between >= -1e-12
    assert parts.groups["share"].sum() == pytest.approx(1.0)


@given(ROWS)
def test_the_curve_lies_below_the_diagonal(rows: list[tuple[float, int, str]]) -> None:
    found = lorenz(*split(rows)[:2])
    assert (found["value_share"] <= found["pupils_share"] + 1e-9).all()
    assert found.diff().dropna().ge(-1e-12).all().all()


def test_nobody_and_nothing_have_no_figure() -> None:
    empty = pd.Series([], dtype=float)
    for measure in (gini, theil):
        assert np.isnan(measure(empty, empty))
        assert np.isnan(measure([0.0, 0.0], [3, 4]))
        assert np.isnan(measure([5.0], [0]))
    assert np.isnan(theil_parts(empty, empty, empty.astype(object)).total)


@pytest.mark.parametrize(("values", "weights"), [([-1.0], [1]), ([np.nan], [1]), ([1.0], [-1]), ([1.0, 2.0], [1])])
def test_values_that_make_no_sense_are_refused(values: list[float], weights: list[float]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        gini(values, weights)
