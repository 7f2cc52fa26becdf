"""Iterative proportional fitting meets totals, keeps odds ratios, and says what cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layout_planner.demand.ipf import Conflict, Margin, fit_margins

TABLES = st.tuples(st.integers(1, 6), st.integers(1, 5)).flatmap(
    lambda shape: st.tuples(
        arrays(np.float64, shape, elements=st.floats(0.1, 100)), arrays(np.float64, shape, elements=st.floats(0.1, 100))
    )
)


def rows_of(shape: tuple[int, int], totals: np.ndarray) -> Margin:
    return Margin(np.repeat(np.arange(shape[0]), shape[1]), np.asarray(totals, dtype=float))


def columns_of(shape: tuple[int, int], totals: np.ndarray) -> Margin:
    return Margin(np.tile(np.arange(shape[1]), shape[0]), np.asarray(totals, dtype=float))


@given(TABLES)
def test_both_margins_are_met_and_odds_ratios_stay(tables: tuple[np.ndarray, np.ndarray]) -> None:
    seed, truth = tables
    fit = fit_margins(seed.ravel(), [rows_of(seed.shape, truth.sum(axis=1)), columns_of(seed.shape, truth.sum(axis=0))])
    got = fit.cells.reshape(seed.shape)
    assert fit.converged
    assert not fit.conflicts
    assert got.sum(axis=1) == pytest.approx(truth.sum(axis=1), rel=1e-9)
    assert got.sum(axis=0) == pytest.approx(truth.sum(axis=0), rel=1e-6)
    ratio = got / seed
    assert ratio * ratio[0, 0] == pytest.approx(np.outer(ratio[:, 0], ratio[0]), rel=1e-6)


def test_a_table_worked_by_hand() -> None:
    # Fienberg's idea on 2 x 2: odds ratio 2, all margins 3; x (x) / (3 - x)^2 = 2
    fit = fit_margins([2.0, 1.0, 1.0, 1.0], [rows_of((2, 2), [3, 3]), columns_of((2, 2), [3, 3])])
    x = 3 * np.sqrt(2) / (1 + np.sqrt(2))
    assert fit.cells == pytest.approx([x, 3 - x, 3 - x, x], rel=1e-8)
    assert fit.iterations > 0
    assert max(np.abs(r).max() for r in fit.residuals) < 1e-6


def test_one_margin_is_met_in_one_round_and_unknown_totals_are_left_alone() -> None:
    fit = fit_margins([1.0, 3.0, 5.0, 7.0], [Margin(np.array([0, 0, 1, -1]), np.array([8.0, np.nan]))])
    assert fit.cells.tolist() == [2.0, 6.0, 5.0, 7.0]
    assert fit.iterations == 1


def test_margins_of_different_sums_are_named_and_the_first_holds() -> None:
    fit = fit_margins(np.ones(4), [rows_of((2, 2), [3, 7]), columns_of((2, 2), [10, 30])])
    assert fit.conflicts == (Conflict(0, 1, (0, 1), (0, 1), 10.0, 40.0),)
    assert fit.held[1].tolist() == [2.5, 7.5]
    assert fit.cells.reshape(2, 2).sum(axis=1) == pytest.approx([3, 7], rel=1e-12)
    assert fit.cells.reshape(2, 2).sum(axis=0) == pytest.approx([2.5, 7.5])


def test_sums_are_compared_block_by_block() -> None:
    # two grades that share no cell: the first agrees, the second does not
    first = Margin(np.array([0, 1, 2, 3]), np.array([1.0, 2.0, 3.0, 4.0]))
    second = Margin(np.array([0, 0, 1, 1]), np.array([3.0, 14.0]))
    fit = fit_margins(np.ones(4), [first, second])
    assert fit.conflicts == (Conflict(0, 1, (2, 3), (1,), 7.0, 14.0),)


def test_margins_that_overlap_in_part_only_are_not_compared() -> None:
    first = Margin(np.array([0, 0, -1]), np.array([4.0]))
    fit = fit_margins(np.ones(3), [first, Margin(np.array([0, 1, 1]), np.array([1.0, 9.0]))])
    assert not fit.conflicts
    assert fit.cells == pytest.approx([1, 3, 6])


def test_a_total_over_cells_of_nought_is_unreachable_and_told() -> None:
    fit = fit_margins([0.0, 0.0, 1.0, 1.0], [rows_of((2, 2), [5, 6])])
    assert fit.unreachable == ((0, 0),)
    assert fit.residuals[0].tolist() == [-5, 0]
    assert fit.cells.tolist() == [0, 0, 3, 3]


def test_margins_that_no_cells_can_satisfy_together_do_not_converge_and_leave_residuals() -> None:
    # the first row may only use the first column, but wants more than that column holds
    fit = fit_margins([1.0, 0.0, 1.0, 1.0], [rows_of((2, 2), [8, 2]), columns_of((2, 2), [5, 5])], max_iterations=50)
    assert not fit.converged
    assert fit.worst > 0.1
    assert fit.cells.reshape(2, 2).sum(axis=1) == pytest.approx([8, 2])


def test_nought_is_a_total_too() -> None:
    fit = fit_margins([1.0, 1.0, 1.0, 1.0], [rows_of((2, 2), [0, 6])])
    assert fit.cells.tolist() == [0, 0, 3, 3]
    assert fit.converged


@pytest.mark.parametrize(
    ("seed", "group", "totals"),
    [([-1.0], [0], [1.0]), ([np.nan], [0], [1.0]), ([1.0], [0, 0], [1.0]), ([1.0], [1], [1.0]), ([1.0], [0], [-1.0])],
)
def test_what_cannot_be_is_refused(seed: list[float], group: list[int], totals: list[float]) -> None:
    with pytest.raises(ValueError, match=r"seed|cell|totals"):
        fit_margins(seed, [Margin(np.array(group), np.array(totals))])
