"""A linear programme solved again without some columns, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csc_array

from layout_planner.locate.solvers.resolve import LinearProgramme


def dearest_first():
    """Cover 4 units by columns of cost 1, 2 and 5 that hold 3, 2 and 4."""
    matrix = csc_array(np.array([[3.0, 2.0, 4.0]]))
    return LinearProgramme(
        np.array([1.0, 2.0, 5.0]), matrix, np.array([4.0]), np.array([np.inf]), np.zeros(3), np.ones(3)
    )


def test_each_answer_forgets_what_the_last_one_left_out():
    programme = dearest_first()
    assert programme.bound == pytest.approx(2.0, abs=1e-6)
    assert programme.without(np.array([0])) == pytest.approx(2.0 + 5.0 / 2, abs=1e-6)
    assert programme.without(np.array([1])) == pytest.approx(1.0 + 5.0 / 4, abs=1e-6)
    assert programme.without(np.array([], dtype=np.int64)) == pytest.approx(2.0, abs=1e-6)


def test_nothing_left_is_infinite():
    programme = dearest_first()
    assert programme.without(np.array([0, 2])) == np.inf
    assert programme.without(np.array([0])) == pytest.approx(4.5, abs=1e-6)
