from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.columns import BALANCE_SCHOOLS, SCHOOLS
from layout_planner.grades import Stage
from layout_planner.measures import (
    COMPOSITE_LIMIT,
    EIGHT_INDICATORS,
    SEVEN_INDICATORS,
    SINGLE_LIMIT,
    balance_values,
    coefficient_of_variation,
    composite_variation,
    counted_schools,
    dispersion,
    resources,
    school_test,
    split_by_stage,
)
from layout_planner.measures.balance import verdict

PUPILS = pd.Series([45, 37, 89, 76, 55], index=["S1", "S2", "S3", "S4", "S5"])
BOOKS = pd.Series([279, 137, 935, 160, 402], index=PUPILS.index)
NORMS = {i.id: i.norms[Stage.PRIMARY] for i in SEVEN_INDICATORS}


def test_the_official_coefficient_weighs_schools_by_pupils() -> None:
    found = coefficient_of_variation(BOOKS / PUPILS, PUPILS)
    assert BOOKS.sum() / PUPILS.sum() == pytest.approx(6.3344, abs=5e-5)
    assert found == pytest.approx(0.5153, abs=5e-5)
    assert round(found, 2) == 0.52
    each = BOOKS / PUPILS
    assert found != pytest.approx(each.std(ddof=0) / each.mean(), abs=0.01)
    assert found != pytest.approx(0.5465, abs=0.01)


def test_a_published_composite_is_the_mean_of_the_indicators() -> None:
    means = [5.515273, 0.887611, 0.879277, 4.563288, 7.925946, 2496.674864, 2.784743]
    spreads = [1.643162, 0.445392, 0.353427, 1.316139, 2.975795, 780.914372, 1.097759]
    each = pd.Series(spreads) / pd.Series(means)
    assert (each.min(), each.iloc[-1]) == (pytest.approx(0.288420, abs=1e-6), pytest.approx(0.394205, abs=1e-6))
    assert each.iloc[0] == pytest.approx(0.297929, abs=1e-6)
    assert composite_variation(each) == pytest.approx(0.367503, abs=1e-6)


@given(
    st.lists(st.tuples(st.integers(1, 2000), st.floats(0.5, 90)), min_size=1, max_size=8),
    st.floats(0.01, 1e4),
    st.integers(1, 4),
)
def test_the_coefficient_does_not_depend_on_scale_or_on_copies_of_the_county(
    rows: list[tuple[int, float]], scale: float, copies: int
) -> None:
    pupils, values = (pd.Series(part, dtype=float) for part in zip(*rows, strict=True))
    found = coefficient_of_variation(values, pupils)
    assert found >= 0
    assert coefficient_of_variation(values * scale, pupils) == pytest.approx(found, abs=1e-7)
    many = [pd.concat([part] * copies, ignore_index=True) for part in (values, pupils)]
    assert coefficient_of_variation(*many) == pytest.approx(found, abs=1e-7)


def test_a_missing_figure_or_an_empty_county_has_no_coefficient() -> None:
    assert np.isnan(coefficient_of_variation((BOOKS / PUPILS).where(PUPILS != 37), PUPILS))
    assert np.isnan(coefficient_of_variation(BOOKS * 0.0, PUPILS))
    assert np.isnan(coefficient_of_variation(BOOKS, PUPILS * 0))
    none = pd.Series([float("nan"), 3.0, 3.0])
    assert coefficient_of_variation(none, pd.Series([0, 5, 9])) == 0.0
    assert np.isnan(composite_variation(pd.Series([0.3, np.nan])))
    assert np.isnan(composite_variation(pd.Series([], dtype=float)))


def test_teaching_points_under_fifty_and_schools_without_pupils_are_left_out() -> None:
    tier = pd.Series(["teaching_point", "teaching_point", "village_primary", "junior"])
    assert counted_schools(tier, pd.Series([49, 50, 12, 0])).tolist() == [False, True, True, False]


def test_a_nine_year_school_is_split_one_to_one_point_one() -> None:
    totals = pd.DataFrame({"books": [3200.0, 500.0, 700.0, 9.0], "media_rooms": [32.0, 5.0, np.nan, 9.0]})
    pupils = pd.DataFrame({"primary": [100, 40, 0, 0], "junior": [200, 0, 60, 0]})
    both = split_by_stage(totals, pupils)
    assert both[Stage.PRIMARY]["books"].tolist() == [1000.0, 500.0, 0.0, pytest.approx(np.nan, nan_ok=True)]
    assert both[Stage.JUNIOR].iloc[0].tolist() == [pytest.approx(2200.0), pytest.approx(22.0)]
    assert np.isnan(both[Stage.JUNIOR]["media_rooms"].iloc[2])
    per = {stage: both[stage]["books"].iloc[0] / pupils[stage.value].iloc[0] for stage in Stage}
    assert per[Stage.JUNIOR] / per[Stage.PRIMARY] == pytest.approx(1.1)


def test_indoor_sports_rooms_are_taken_off_teaching_and_added_to_sports() -> None:
    schools = pd.DataFrame({
        "teaching_m2": [900.0, 900.0, 900.0, np.nan], "indoor_sports_m2": [100.0, np.nan, 100.0, 50.0],
        "sports_ground_m2": [2400.0, 2400.0, 2400.0, np.nan], "sports_m2": [np.nan, np.nan, 2450.0, np.nan],
    })  # fmt: skip
    found = resources(schools)
    assert found["teaching_m2"].tolist()[:3] == [800.0, 900.0, 800.0]
    assert found["sports_m2"].tolist()[:3] == [2500.0, 2400.0, 2450.0]
    assert found.iloc[3].isna().all()
    assert found["books"].isna().all()


def test_schools_whose_teachers_were_filled_in_as_nought_have_not_stated_them() -> None:
    found = resources(pd.DataFrame({"teachers": [12, 0]}))["teachers"]
    assert found.tolist() == [12.0, pytest.approx(np.nan, nan_ok=True)]


def test_a_school_passes_with_six_of_seven_and_the_rest_at_85_percent() -> None:
    base = pd.DataFrame([NORMS] * 5, index=list("abcde"))
    base.loc["b", "media_rooms_per_100"] *= 0.85
    base.loc["c", "media_rooms_per_100"] *= 0.849
    base.loc["d", ["pe_art_per_100", "backbone_per_100"]] *= 0.9
    base.loc["e", ["pe_art_per_100"]] *= 0.9
    base.loc["e", ["backbone_per_100"]] = np.nan
    found = school_test(base, NORMS)
    assert found["verdict"].tolist() == ["met", "met", "missed", "missed", "unknown"]
    assert found["met"].tolist() == [7, 6, 6, 5, 5]
    assert found.loc["c", "lowest"] == "media_rooms_per_100"
    assert found.loc["c", "lowest_share"] == pytest.approx(0.849)
    assert school_test(base * np.nan, NORMS).loc["a", ["unknown", "lowest", "verdict"]].tolist() == [7, "", "unknown"]


def test_what_is_known_may_fail_a_school_whatever_is_missing() -> None:
    one = pd.DataFrame([NORMS]) * 0.5
    one["backbone_per_100"] = np.nan
    assert school_test(one, NORMS)["verdict"].tolist() == ["missed"]


def test_dispersion_names_the_worst_school_and_counts_what_is_missing() -> None:
    values = pd.DataFrame({"x": [1.0, 3.0, np.nan, 9.0], "y": [np.nan] * 4}, index=["S2", "S1", "S3", "S0"])
    found = dispersion(values, pd.Series([30, 10, 5, 0], index=values.index))
    assert found.loc["x", ["schools", "missing", "mean", "low", "high", "range"]].tolist() == [3, 1, 1.5, 1.0, 3.0, 2.0]
    assert found.loc["x", "worst_school_id"] == "S2"
    assert found.loc["x", "variation"] == pytest.approx(np.sqrt(0.75) / 1.5)
    assert found.loc["y", "missing"] == 3
    assert np.isnan(found.loc["y", "variation"])


def test_limits_are_those_of_both_evaluations() -> None:
    assert [SINGLE_LIMIT[s] for s in Stage] == [0.50, 0.45]
    assert [COMPOSITE_LIMIT[s] for s in Stage] == [0.65, 0.55]
    assert [i.norms[Stage.PRIMARY] for i in SEVEN_INDICATORS] == [4.2, 1, 0.9, 4.5, 7.5, 2000, 2.3]
    assert [i.norms[Stage.JUNIOR] for i in SEVEN_INDICATORS] == [5.3, 1, 0.9, 5.8, 10.2, 2500, 2.4]
    assert len(EIGHT_INDICATORS) == 8
    assert [verdict(0.45, 0.45), verdict(0.46, 0.45), verdict(float("nan"), 0.45)] == ["met", "missed", "unknown"]


def test_every_resource_is_a_column_of_the_school_table_and_every_indicator_of_the_result() -> None:
    assert {i.resource for i in (*SEVEN_INDICATORS, *EIGHT_INDICATORS)} <= set(SCHOOLS.names)
    assert [BALANCE_SCHOOLS[i.id] for i in SEVEN_INDICATORS] == [i.column for i in SEVEN_INDICATORS]
    assert [i.per for i in SEVEN_INDICATORS] == [100, 100, 100, 1, 1, 1, 100]


def test_values_are_per_pupil_or_per_hundred() -> None:
    totals = pd.DataFrame({i.resource: [96.0, 96.0] for i in SEVEN_INDICATORS})
    found = balance_values(totals, pd.Series([48, 0]))
    assert found.iloc[0].tolist() == [200.0, 200.0, 200.0, 2.0, 2.0, 2.0, 200.0]
    assert found.iloc[1].isna().all()
