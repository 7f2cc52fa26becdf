"""Enrolment by village placed in homes: nearest homes first, the rest at random, and the bounds of what is possible."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from layout_planner.study.attending import _Placing


def placing(rows: list[tuple[int, int, float, float]], block: list[int], schools: int) -> _Placing:
    frame = pd.DataFrame(rows, columns=["group", "school", "pupils", "boarders"])
    return _Placing.of(frame, np.array(block, dtype=np.int64), np.arange(schools, dtype=np.int64))


def table(made: _Placing, flow: np.ndarray, units: int, schools: int) -> np.ndarray:
    out = np.zeros((units, schools))
    np.add.at(out, (made.unit, made.school), flow)
    return out


def test_homes_nearest_to_a_school_fill_its_pupils_first_and_the_rest_mixes() -> None:
    made = placing([(0, 0, 60.0, np.nan), (0, 1, 40.0, np.nan)], [0, 0, 0], 2)
    flow = table(made, made.spread(np.array([1.0, 2.0, 1.0]), np.array([0, 1, 1])), 3, 2)
    # 25 homes are nearest to school 0 and 75 to school 1: 25 + 40 stay near, the 35 left of school 1's go to school 0.
    assert np.allclose(flow, [[25, 0], [50 * 35 / 75, 50 * 40 / 75], [25 * 35 / 75, 25 * 40 / 75]])


def test_pupils_at_a_school_that_is_nearest_to_nobody_come_from_all_homes_alike() -> None:
    made = placing([(0, 1, 10.0, np.nan)], [0, 0], 2)
    assert np.allclose(table(made, made.spread(np.array([3.0, 1.0]), np.array([0, 0])), 2, 2), [[0, 7.5], [0, 2.5]])


def test_day_pupils_are_placed_near_before_boarders() -> None:
    made = placing([(0, 0, 10.0, 4.0), (0, 1, 10.0, 0.0)], [0, 0], 2)
    flow = made.spread(np.array([4.0, 16.0]), np.array([0, 1]))
    near = (made.unit == 0) & (made.school == 0)
    assert flow[near & ~made.boards].sum() == 4.0
    assert flow[near & made.boards].sum() == 0.0


groups = st.integers(1, 4).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 30), min_size=n, max_size=n), st.lists(st.integers(1, 9), min_size=1, max_size=4),
        st.lists(st.integers(-1, n - 1), min_size=4, max_size=4),
    )
)  # fmt: skip


@given(groups)
def test_placing_keeps_every_sum_and_has_as_many_near_as_any_placing_and_the_bound_as_few(
    drawn: tuple[list[int], list[int], list[int]],
) -> None:
    counts, living, near = drawn
    rows = [(0, school, float(n), np.nan) for school, n in enumerate(counts) if n]
    if not rows:
        return
    homes, nearest = len(living), np.array(near[: len(living)], dtype=np.int64)
    made = placing(rows, [0] * homes, len(counts))
    weights = np.array(living, dtype=float)
    flow = table(made, made.spread(weights, nearest), homes, len(counts))
    total = sum(counts)
    supply = weights / weights.sum() * total
    assert np.allclose(flow.sum(axis=1), supply)
    assert np.allclose(flow.sum(axis=0), counts)
    at_nearest = (nearest[:, None] == np.arange(len(counts))).astype(float).ravel()
    sums = np.vstack([np.kron(np.eye(homes), np.ones(len(counts))), np.tile(np.eye(len(counts)), homes)])
    margins = np.concatenate([supply, counts])
    most = -linprog(-at_nearest, A_eq=sums, b_eq=margins).fun
    least = linprog(at_nearest, A_eq=sums, b_eq=margins).fun
    assert np.isclose((flow.ravel() * at_nearest).sum(), most, atol=1e-6)
    assert np.isclose(made.least(weights, nearest), least, atol=1e-6)
