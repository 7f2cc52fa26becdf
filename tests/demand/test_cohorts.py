"""Who is taught which grade: the 1 September rule, counted at other dates too."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.demand.ages import age_columns
from layout_planner.demand.cohorts import cohort_ages, cohort_shares, pupils_by_grade
from layout_planner.grades import GRADE_PUPILS


def test_counted_on_1_september_every_age_is_one_grade() -> None:
    assert cohort_shares(range(6, 15)) == pytest.approx(np.eye(9), abs=1e-12)
    assert cohort_shares(range(6, 15), date(2024, 9, 1), 2024) == pytest.approx(np.eye(9), abs=1e-12)
    assert cohort_ages(date(2024, 9, 1), 2024) == range(6, 15)


def test_counted_at_mid_year_two_months_of_each_age_are_a_grade_further() -> None:
    # on 1 July 2025 the children of grade 1 are 5 5/6 to 6 5/6 years old: the oldest sixth of those aged 5
    shares = cohort_shares(range(5, 15), date(2025, 7, 1), 2025)
    assert shares[0, :3] == pytest.approx([1 / 6, 5 / 6, 0])
    assert shares[8, -2:] == pytest.approx([1 / 6, 5 / 6])


def test_the_census_of_november_2020_is_followed_to_later_school_years() -> None:
    # 1 November 2020 to 1 September 2025 are 4 5/6 years: grade 1 was 1 1/6 to 2 1/6
    shares = cohort_shares(range(1, 11), date(2020, 11, 1), 2025)
    assert shares[0, :3] == pytest.approx([5 / 6, 1 / 6, 0])
    assert cohort_ages(date(2020, 11, 1), 2025) == range(1, 11)
    assert cohort_ages(date(2020, 11, 1), 2020) == range(6, 16)
    assert cohort_ages(date(2020, 11, 1), 2030)[0] < 0


def test_births_by_month_decide_how_many_are_on_either_side_of_september() -> None:
    only_july = [0.0] * 6 + [1.0] + [0.0] * 5
    shares = cohort_shares([5, 6, 7], date(2025, 7, 1), 2025, only_july)
    # of those aged 5 on 1 July, all born in July turn 6 before September
    assert shares[0] == pytest.approx([1, 0, 0])
    assert shares[1] == pytest.approx([0, 1, 0])
    even = cohort_shares([5, 6], date(2025, 7, 1), 2025, [3.0] * 12)
    assert even == pytest.approx(cohort_shares([5, 6], date(2025, 7, 1), 2025))


@given(
    st.dates(date(2005, 1, 1), date(2025, 12, 31)),
    st.integers(-1, 5),
    st.lists(st.floats(0.1, 10), min_size=12, max_size=12),
)
def test_every_grade_is_one_year_of_births(day: date, later: int, births: list[float]) -> None:
    year = day.year + later
    ages = cohort_ages(day, year)
    shares = cohort_shares(ages, day, year, births)
    assert (shares >= -1e-12).all()
    assert shares.sum(axis=1) == pytest.approx(np.ones(9))
    assert shares.sum(axis=0).max() <= 1 + 1e-9


def test_ages_6_7_8_are_grades_1_to_3() -> None:
    people = pd.DataFrame({f"people_{a}_{a + 4}": [50.0, 0.0] for a in (0, 5, 10, 15)}, index=["a", "b"])
    pupils = pupils_by_grade(people, *age_columns(list(people.columns)))
    assert pupils.loc["a"].tolist() == pytest.approx([10] * 9)
    assert pupils.loc["b"].tolist() == [0] * 9
    assert list(pupils.columns) == list(GRADE_PUPILS)


def test_a_band_without_people_anywhere_gives_no_pupils() -> None:
    people = pd.DataFrame({"people_5_9": [0.0], "people_10_14": [10.0]})
    pupils = pupils_by_grade(people, ["people_5_9", "people_10_14"], [5, 10, 15])
    assert pupils.to_numpy().sum() == pytest.approx(10)
    assert pupils["pupils_grade_4"].item() == 0


@pytest.mark.parametrize("method", ["sprague", "monotone"])
def test_places_share_the_county_s_mix_and_keep_their_own_totals(method: str) -> None:
    people = pd.DataFrame(
        {"people_0_4": [10.0, 30], "people_5_9": [20.0, 20], "people_10_14": [30.0, 10], "people_15_19": [5.0, 5]}
    )
    shares = np.eye(20)[6:15]
    pupils = pupils_by_grade(people, *age_columns(list(people.columns)), shares, method)
    ten_to_fourteen = [f"pupils_grade_{g}" for g in range(5, 10)]
    assert pupils[ten_to_fourteen].sum(axis=1).tolist() == pytest.approx([30, 10])
