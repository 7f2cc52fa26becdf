from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layout_planner.demand.ages import age_columns, pupils_by_band, split_ages, sprague, sprague_matrix

BANDS = arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(4, 9)), elements=st.floats(0, 1e5).map(lambda v: round(v, 3))
)


@pytest.mark.parametrize("groups", [4, 5, 6, 12])
def test_every_group_keeps_its_total(groups: int) -> None:
    sums = sprague_matrix(groups).reshape(groups, 5, groups).sum(axis=1)
    assert np.abs(sums - np.eye(groups)).max() < 1e-12


def test_the_published_multipliers_stand_in_their_places() -> None:
    matrix = sprague_matrix(7)
    assert matrix[0, :5].tolist() == [0.3616, -0.2768, 0.1488, -0.0336, 0.0]
    assert matrix[9, :5].tolist() == [-0.0176, 0.1408, 0.0912, -0.0144, 0.0]
    assert matrix[17, 1:6].tolist() == [0.0064, -0.0336, 0.2544, -0.0336, 0.0064]
    assert matrix[34, 2:].tolist() == [0.0, -0.0336, 0.1488, -0.2768, 0.3616]
    assert (sprague_matrix(4) == sprague_matrix(4)[::-1, ::-1]).all()


@pytest.mark.parametrize("power", [0, 1, 2, 3])
def test_polynomials_of_the_third_degree_are_split_exactly(power: int) -> None:
    ages = np.arange(35) + 0.5
    single = ((ages + 0.5) ** (power + 1) - (ages - 0.5) ** (power + 1)) / (power + 1)
    assert sprague(single.reshape(1, 7, 5).sum(axis=2))[0] == pytest.approx(single, rel=1e-9, abs=1e-9)


@given(BANDS)
def test_splitting_is_never_negative_and_keeps_totals(bands: np.ndarray) -> None:
    groups = bands.shape[1]
    single = split_ages(bands, [5 * i for i in range(groups + 1)])
    assert (single >= 0).all()
    assert single.reshape(len(bands), groups, 5).sum(axis=2) == pytest.approx(bands, rel=1e-9, abs=1e-9)


def test_uneven_bands_and_a_single_band_split_too() -> None:
    single = split_ages([[4.0, 10.0]], [1, 5, 10])
    assert single.shape == (1, 9)
    assert single[0, :4].sum() == pytest.approx(4)
    assert split_ages([[10.0]], [5, 10])[0].tolist() == [2.0] * 5


def test_the_run_that_covers_school_ages_is_chosen() -> None:
    names = ["people_0_4", "people_5_9", "people_10_14", "people_15_19", "people_65_120"]
    assert age_columns(names) == (names[:4], [0, 5, 10, 15, 20])
    assert age_columns(["people_5_9", "people_10_14"]) == (["people_5_9", "people_10_14"], [5, 10, 15])
    assert age_columns(["people_5_9", "people_15_19"]) == ([], [])
    assert age_columns(["people", "geometry"]) == ([], [])


def test_ages_6_7_8_are_grades_1_to_3() -> None:
    people = pd.DataFrame({f"people_{a}_{a + 4}": [50.0, 0.0] for a in (0, 5, 10, 15)}, index=["a", "b"])
    pupils = pupils_by_band(people, *age_columns(list(people.columns)))
    assert pupils.loc["a"].tolist() == pytest.approx([30, 30, 30])
    assert pupils.loc["b"].tolist() == [0, 0, 0]
    assert list(pupils.columns) == ["pupils_g1_3", "pupils_g4_6", "pupils_g7_9"]


def test_a_band_without_people_anywhere_gives_no_pupils() -> None:
    people = pd.DataFrame({"people_5_9": [0.0], "people_10_14": [10.0]})
    pupils = pupils_by_band(people, ["people_5_9", "people_10_14"], [5, 10, 15])
    assert pupils.to_numpy().sum() == pytest.approx(10)


def test_fewer_than_four_groups_have_no_multipliers() -> None:
    with pytest.raises(ValueError, match="4"):
        sprague_matrix(3)
