from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layout_planner.demand.ages import age_columns, split_ages, sprague, sprague_matrix

BANDS = arrays(
    np.float64, st.tuples(st.integers(1, 5), st.integers(4, 9)), elements=st.floats(0, 1e5).map(lambda v: round(v, 3))
)


@pytest.mark.parametrize("groups", [4, 5, 6, 12])
def test_every_group_keeps_its_total(groups: int) -> None:
    sums = sprague_matrix(groups).reshape(groups, 5, groups).sum(axis=1)
    assert np.abs(sums - np.eye(groups)).max() < 1e-12


PUBLISHED = """
 .3616 -.2768  .1488 -.0336  .0000 |  .0336  .2272 -.0752  .0144  .0000 | -.0128  .0848  .1504 -.0240  .0016
 .2640 -.0960  .0400 -.0080  .0000 |  .0080  .2320 -.0480  .0080  .0000 | -.0016  .0144  .2224 -.0416  .0064
 .1840  .0400 -.0320  .0080  .0000 | -.0080  .2160 -.0080  .0000  .0000 |  .0064 -.0336  .2544 -.0336  .0064
 .1200  .1360 -.0720  .0160  .0000 | -.0160  .1840  .0400 -.0080  .0000 |  .0064 -.0416  .2224  .0144 -.0016
 .0704  .1968 -.0848  .0176  .0000 | -.0176  .1408  .0912 -.0144  .0000 |  .0016 -.0240  .1504  .0848 -.0128
"""
"""Shryock, Siegel and associates 1973, appendix C: first, second and middle panel, a row for each fifth."""


def published(panel: int) -> np.ndarray:
    rows = [row.split("|")[panel].split() for row in PUBLISHED.strip().splitlines()]
    return np.array(rows, dtype=float)


def test_every_published_multiplier_stands_in_its_place() -> None:
    matrix = sprague_matrix(7)
    assert (matrix[:5, :5] == published(0)).all()
    assert (matrix[5:10, :5] == published(1)).all()
    for group in range(2, 5):
        assert (matrix[5 * group : 5 * group + 5, group - 2 : group + 3] == published(2)).all()
    assert (matrix[25:30, 2:] == published(1)[::-1, ::-1]).all()
    assert (matrix[30:35, 2:] == published(0)[::-1, ::-1]).all()
    assert (sprague_matrix(4) == sprague_matrix(4)[::-1, ::-1]).all()


def quartic(points: range) -> np.ndarray:
    """Coefficients, constant first, of the quartic through five cumulated numbers, one row a cumulated number."""
    return np.linalg.inv(np.vander(np.array(points, dtype=float), 5, increasing=True)).T


def test_the_end_panels_follow_from_the_quartic_through_the_first_five_cumulated_numbers() -> None:
    steps = np.arange(11) / 5
    cumulated = np.vander(steps, 5, increasing=True) @ quartic(range(5)).T
    shares = np.diff(cumulated @ np.tril(np.ones((5, 4)), -1), axis=0)
    assert shares[:5] == pytest.approx(published(0)[:, :4], abs=1e-12)
    assert shares[5:] == pytest.approx(published(1)[:, :4], abs=1e-12)


def test_the_middle_panel_follows_from_the_osculating_quintic() -> None:
    # value, slope and curvature at both ends of the group are those of the quartics centred there
    left, right = np.zeros((6, 5)), np.zeros((6, 5))
    left[:5], right[1:] = quartic(range(-2, 3)), quartic(range(-2, 3))
    ends = np.vstack([left[:, 0], left[:, 1], 2 * left[:, 2], right[:, 0], right[:, 1], 2 * right[:, 2]])
    powers = np.arange(6)
    rows = [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0], [0, 0, 2, 0, 0, 0], np.ones(6), powers, powers * (powers - 1)]
    quintic = np.linalg.solve(np.array(rows, dtype=float), ends)
    cumulated = np.vander(np.arange(6) / 5, 6, increasing=True) @ quintic
    shares = np.diff(cumulated @ np.tril(np.ones((6, 5)), -1), axis=0)
    assert shares == pytest.approx(published(2), abs=1e-12)


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


def test_an_infant_band_beside_1_to_4_is_split_as_one_group_and_both_keep_their_totals() -> None:
    whole = [100.0, 90.0, 95.0, 120.0]
    single = split_ages([[25.0, 75.0, *whole[1:]]], [0, 1, 5, 10, 15, 20])[0]
    assert single[0] == pytest.approx(25)
    assert single[1:5].sum() == pytest.approx(75)
    assert single[5:] == pytest.approx(sprague([whole])[0, 5:], rel=1e-12)


def test_the_monotone_split_is_another_one_and_keeps_totals_too() -> None:
    bands = np.array([[100.0, 90.0, 95.0, 120.0]])
    edges = [0, 5, 10, 15, 20]
    single = split_ages(bands, edges, "monotone")
    assert single.reshape(1, 4, 5).sum(axis=2) == pytest.approx(bands, rel=1e-12)
    assert np.abs(single - split_ages(bands, edges)).max() > 0.1


def test_where_multipliers_turn_negative_the_monotone_split_stands_in() -> None:
    bands = [[1000.0, 0.0, 0.0, 1000.0, 0.0]]
    edges = [0, 5, 10, 15, 20, 25]
    assert (sprague(bands) < 0).any()
    assert split_ages(bands, edges).tolist() == split_ages(bands, edges, "monotone").tolist()


def test_fewer_than_four_groups_have_no_multipliers() -> None:
    with pytest.raises(ValueError, match="4"):
        sprague_matrix(3)
