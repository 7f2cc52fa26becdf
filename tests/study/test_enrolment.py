"""Shares, excess commute, bounds and intervals of the small county, worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from layout_planner.assign import assign
from layout_planner.columns import STUDY_FLOWS, STUDY_MEASURES, STUDY_REASONS, STUDY_SHARES
from layout_planner.errors import UnknownIdError
from layout_planner.study import EnrolmentStudy, Settings, enrolment_study
from layout_planner.study.headline import share_of
from tests import small_county
from tests.study.test_reasons import ROWS, study

PUPILS = sum(row[3] for row in ROWS)


@pytest.fixture(scope="module")
def found() -> EnrolmentStudy:
    return study()


def test_tables_have_exactly_the_columns_of_the_registry(found: EnrolmentStudy) -> None:
    assert tuple(found.flows.columns) == STUDY_FLOWS.names
    assert tuple(found.shares.columns) == STUDY_SHARES.names
    assert tuple(found.reasons.columns) == STUDY_REASONS.names
    assert tuple(found.measures.columns) == STUDY_MEASURES.names


def test_pupils_are_conserved(found: EnrolmentStudy) -> None:
    assert found.flows["pupils"].sum() == pytest.approx(PUPILS)
    for grouping, rows in found.shares.groupby("grouping"):
        assert rows["pupils"].sum() == pytest.approx(PUPILS), grouping
    whole = found.reasons[found.reasons["band"] == "all"]
    assert whole["pupils"].sum() == pytest.approx(PUPILS)
    assert whole["share"].sum() == pytest.approx(1.0)


def test_shares_are_those_counted_by_hand(found: EnrolmentStudy) -> None:
    county = found.shares.iloc[0]
    assert county["nearest_share"] == pytest.approx((PUPILS - 10 - 10 - 12) / PUPILS)
    assert county["grade_share"] == pytest.approx(12 / PUPILS)
    assert county["choice_share"] == pytest.approx(20 / PUPILS)
    assert county["past_share"] == pytest.approx(32 / PUPILS)
    young = found.shares.set_index(["grouping", "member"]).loc[("band", "G1-3")]
    assert young["choice_share"] == pytest.approx(10 / 102)
    assert share_of(found.measures, "nearest_taught_share")[0] == pytest.approx((PUPILS - 20) / PUPILS)


def test_excess_commute_is_the_distance_that_the_nearest_schools_would_save(found: EnrolmentStudy) -> None:
    actual = 10 * 4000 + 10 * 3000 + 110 * 1000 + 12 * 5000 + 24 * 4000 + 48 * 1000 + 12 * 5000
    assert found.shares.iloc[0]["excess_share"] == pytest.approx((10 * 4000 + 10 * 2000) / actual)
    assert share_of(found.measures, "excess_seats_share")[0] == pytest.approx((10 * 4000 + 10 * 2000) / actual)


def test_within_full_schools_only_an_exchange_of_places_saves_distance() -> None:
    rows = [("V1", "S2", "G1-3", 10), ("V2", "S1", "G1-3", 10)]
    found = study(rows, seats={"S1": 10, "S2": 10})
    # 10 × 4000 + 10 × 3000 as they go; exchanged 10 × 0 + 10 × 1000.
    assert share_of(found.measures, "excess_seats_share")[0] == pytest.approx(6 / 7)
    one_way = study(rows[:1], seats={"S1": 0, "S2": 10})
    assert share_of(one_way.measures, "excess_seats_share")[0] == pytest.approx(0.0)
    assert share_of(one_way.measures, "excess_share")[0] == pytest.approx(1.0)


def test_the_worst_case_bound_is_that_of_each_village_and_band(found: EnrolmentStudy) -> None:
    # One home a village: who goes where is known, so that the bound is the estimate.
    assert share_of(found.measures, "nearest_taught_share_least")[0] == pytest.approx((PUPILS - 20) / PUPILS)


def test_a_plan_of_nearest_schools_goes_past_none_but_for_grades() -> None:
    county, times, scenario = small_county.county(), small_county.times(), small_county.scenario()
    plan = assign(county, times, scenario)
    found = enrolment_study(county, times, scenario, plan, settings=Settings(draws=20))
    assert found.label == "小县"
    total = sum(map(sum, small_county.PUPILS.values()))
    assert share_of(found.measures, "past_share")[0] == pytest.approx(12 / total)
    assert found.reasons.query("band == 'all' and reason == 'grade'")["pupils"].item() == pytest.approx(12)
    assert share_of(found.measures, "excess_share")[0] == pytest.approx(0.0)


def test_draws_keep_totals_hold_the_estimate_and_repeat_with_the_seed() -> None:
    county, times, scenario = small_county.county(), small_county.times(), small_county.scenario()
    plan = assign(county, times, scenario)
    runs = [
        enrolment_study(county, times, scenario, plan, settings=Settings(draws=50, seed=seed)) for seed in (1, 1, 2)
    ]
    first, again, other = (run.estimate.draws for run in runs)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    totals = runs[0].estimate.sums[..., 0].sum(axis=2)
    assert np.allclose(first[..., 0].sum(axis=3), totals)
    value, low, high = share_of(runs[0].measures, "past_share")
    assert low <= value <= high


def test_a_surer_raster_gives_narrower_intervals() -> None:
    county, times, scenario = small_county.county(), small_county.times(), small_county.scenario()
    plan = assign(county, times, scenario)
    widths = []
    for concentration in (1.0, 100.0):
        settings = Settings(draws=100, concentration=concentration)
        _, low, high = share_of(
            enrolment_study(county, times, scenario, plan, settings=settings).measures, "excess_share"
        )
        widths.append(high - low)
    assert widths[1] <= widths[0]


def test_villages_without_homes_are_told_and_not_counted() -> None:
    found = study([("V1", "S1", "G1-3", 20), ("V9", "S1", "G1-3", 7)])
    assert share_of(found.measures, "unplaced")[0] == 7
    assert share_of(found.measures, "pupils")[0] == 20


def test_town_and_country_are_as_asked() -> None:
    county, times, scenario = small_county.county(), small_county.times(), small_county.scenario()
    plan = assign(county, times, scenario)
    found = enrolment_study(county, times, scenario, plan, urban=["T1"], settings=Settings(draws=0))
    settings = found.shares[found.shares["grouping"] == "setting"].set_index("member")["pupils"]
    assert settings.to_dict() == pytest.approx({"urban": 252.0, "rural": 36.0})
    with pytest.raises(UnknownIdError):
        enrolment_study(county, times, scenario, plan, urban=["T7"])


def test_settings_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        Settings(level=1.0)


def test_an_unknown_school_of_the_table_has_no_way_and_still_counts() -> None:
    found = study([("V1", "S9", "G1-3", 5), ("V1", "S1", "G1-3", 5)])
    assert found.flows.set_index("school_id").loc["S9", "reason"] == "choice"
    assert np.isnan(found.flows.set_index("school_id").loc["S9", "minutes_mean"])
    assert isinstance(found.trips, pd.DataFrame)
