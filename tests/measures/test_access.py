from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layout_planner.measures import (
    flat_decay,
    gaussian_decay,
    huff_access,
    modified_huff_access,
    step_decay,
    two_step_access,
)
from tests.small_county import times

if TYPE_CHECKING:
    from layout_planner.measures.access import Decay

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from access import fca

MINUTES = np.array([[10.0, 60.0], [20.0, 5.0]])
STEPS = {10.0: 1.0, 20.0: 0.68, 30.0: 0.22}


def by_hand(
    minutes: np.ndarray, supply: np.ndarray, demand: np.ndarray, radius: float, decay: Callable[[float], float]
) -> np.ndarray:
    """Follow the two steps as they are written, one school and one place after the other."""
    found = np.zeros(len(demand))
    for j in range(len(supply)):
        near = [i for i in range(len(demand)) if minutes[i, j] <= radius]
        wanted = sum(demand[i] * decay(minutes[i, j]) for i in near)
        for i in near:
            found[i] += decay(minutes[i, j]) * supply[j] / wanted if wanted > 0 else 0.0
    return found


def pysal(
    minutes: np.ndarray, supply: np.ndarray, demand: np.ndarray, radius: float, decay: Callable[[float], float],
    *, three: bool = False,
) -> np.ndarray:  # fmt: skip
    """Ask PySAL's access, whose tables hold the pairs of the county."""
    rows, columns = np.nonzero(np.isfinite(minutes) & (minutes <= radius))
    costs = pd.DataFrame({"origin": rows, "dest": columns, "cost": minutes[rows, columns]})
    places = pd.DataFrame({"demand": demand.astype(float)})
    schools = pd.DataFrame({"supply": supply.astype(float)})
    places.index.name = schools.index.name = "geoid"
    method = fca.three_stage_fca if three else fca.two_stage_fca
    found = method(places, schools, costs, max_cost=radius, weight_fn=decay)
    return found.reindex(range(len(demand))).fillna(0.0).to_numpy()


@pytest.fixture(scope="module")
def crowd() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    minutes = rng.uniform(0, 80, (60, 9))
    return minutes, rng.integers(30, 900, 9).astype(float), rng.integers(1, 200, 60).astype(float)


def test_two_places_and_two_schools_by_hand() -> None:
    found = two_step_access(MINUTES, [90, 30], [100, 50], 30.0, flat_decay)
    assert found.tolist() == pytest.approx([90 / 150, 90 / 150 + 30 / 50])
    near, far = gaussian_decay(np.array([10.0, 20.0]), np.array([30.0, 30.0]))
    door = gaussian_decay(np.array([5.0]), np.array([30.0]))[0]
    first = 90 / (100 * near + 50 * far)
    found = two_step_access(MINUTES, [90, 30], [100, 50], 30.0)
    assert found.tolist() == pytest.approx([near * first, far * first + door * 30 / (50 * door)])


@pytest.mark.parametrize("decay", [flat_decay, gaussian_decay, step_decay(STEPS)])
def test_the_sparse_sums_agree_with_plain_loops_and_with_pysal(
    decay: Decay, crowd: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> None:
    def one(minutes: float) -> float:
        return float(decay(np.array([float(minutes)]), np.array([30.0]))[0])

    minutes, supply, demand = crowd
    found = two_step_access(minutes, supply, demand, 30.0, decay).to_numpy()
    assert found == pytest.approx(by_hand(minutes, supply, demand, 30.0, one), abs=1e-12)
    assert found == pytest.approx(pysal(minutes, supply, demand, 30.0, one), abs=1e-9)


def test_three_steps_agree_with_pysal_where_schools_are_alike(crowd: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    def one(minutes: float) -> float:
        return float(gaussian_decay(np.array([float(minutes)]), np.array([30.0]))[0])

    minutes, _, demand = crowd
    supply = np.full(minutes.shape[1], 270.0)
    found = huff_access(minutes, supply, demand, 30.0).to_numpy()
    assert found == pytest.approx(pysal(minutes, supply, demand, 30.0, one, three=True), abs=1e-9)


def test_the_modified_huff_steps_by_hand() -> None:
    # Place 2 weighs school 1 with 90 × 0.5 and school 2 with 30 × 1: shares 0.6 and 0.4 of its 50 pupils.
    ratio = 90 / (100 + 0.6 * 50), 30 / (0.4 * 50)
    found = modified_huff_access(MINUTES, [90, 30], [100, 50], 30.0, step_decay({10: 1.0, 20: 0.5}))
    assert found.tolist() == pytest.approx([ratio[0], 0.6 * 0.5 * ratio[0] + 0.4 * ratio[1]])


def test_far_pupils_without_rivals_are_served_worse_only_by_the_modified_steps() -> None:
    far = np.array([[20.0]])
    assert huff_access(far, [10], [10], 30.0).tolist() == pytest.approx([1.0])
    weight = float(gaussian_decay(np.array([20.0]), np.array([30.0]))[0])
    assert modified_huff_access(far, [10], [10], 30.0).tolist() == pytest.approx([weight])


def test_where_distance_does_not_count_both_huff_forms_agree(
    crowd: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    minutes, supply, demand = crowd
    one, other = (measure(minutes, supply, demand, 30.0, flat_decay) for measure in (huff_access, modified_huff_access))
    assert one.to_numpy() == pytest.approx(other.to_numpy())
    decayed = modified_huff_access(minutes, supply, demand, 30.0).to_numpy() @ demand
    assert 0 < decayed < supply.sum()


def test_every_seat_in_reach_is_shared_out_once(crowd: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    minutes, supply, demand = crowd
    for measure in (two_step_access, huff_access):
        assert measure(minutes, supply, demand, 30.0).to_numpy() @ demand == pytest.approx(supply.sum())


@given(
    arrays(np.float64, (4, 3), elements=st.sampled_from([0.0, 5.0, 20.0, 29.0, 31.0, np.inf])),
    arrays(np.float64, 3, elements=st.integers(0, 90)),
    arrays(np.float64, 4, elements=st.integers(0, 60)),
)
def test_seats_are_never_made_up(minutes: np.ndarray, supply: np.ndarray, demand: np.ndarray) -> None:
    reached = ((minutes < 30) & (demand > 0)[:, None]).any(axis=0)
    for measure in (two_step_access, huff_access):
        found = measure(minutes, supply, demand, 30.0).to_numpy()
        assert (found >= 0).all()
        assert found @ demand == pytest.approx(supply[reached].sum())


def test_every_place_may_have_a_radius_of_its_own() -> None:
    found = two_step_access(MINUTES, [90, 30], [100, 50], [30.0, 10.0], flat_decay)
    assert found.tolist() == pytest.approx([0.9, 0.6])


def test_a_travel_matrix_is_read_by_ids() -> None:
    matrix = times(cutoff=60)["walk:G1-3"]
    supply = pd.Series({"S2": 540.0, "S1": 270.0, "other": 9.0})
    demand = pd.Series({"D3": 12.0, "D1": 30.0, "D2": 60.0})
    found = two_step_access(matrix, supply, demand, 60.0, flat_decay)
    assert found.index.tolist() == list(matrix.origin_id)
    dense = np.full(matrix.shape, np.nan)
    dense[matrix.rows, matrix.indices] = matrix.minutes
    again = two_step_access(
        dense, supply.reindex(list(matrix.site_id)).fillna(0), demand.reindex(list(matrix.origin_id)), 60.0, flat_decay
    )
    assert found.tolist() == pytest.approx(again.tolist())
    assert found["D1"] > 0


@pytest.mark.parametrize(
    ("supply", "demand", "radius"),
    [([90], [100, 50], 30.0), ([90, -1], [100, 50], 30.0), ([90, 30], [100, np.nan], 30.0), ([90, 30], [1, 1], 0.0)],
)
def test_numbers_that_make_no_sense_are_refused(supply: list[float], demand: list[float], radius: float) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        two_step_access(MINUTES, supply, demand, radius)


def test_steps_must_be_given_and_not_negative() -> None:
    with pytest.raises(ValueError, match="steps"):
        step_decay({})
    with pytest.raises(ValueError, match="steps"):
        step_decay({10: -1.0})
