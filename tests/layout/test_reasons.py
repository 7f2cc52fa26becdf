"""What closing a school means, by hand."""

from __future__ import annotations

import pytest

from layout_planner import columns
from layout_planner.assign import assign
from layout_planner.layout import closure_impact
from tests.small_county import county, scenario, times


def impact(close, **travel):
    here = county()
    before = assign(here, times(), scenario(travel=travel))
    after = assign(here, times(), scenario(travel=travel, decisions={"close": close}), label="合并")
    return closure_impact(before, after).set_index("school_id")


def test_pupils_minutes_and_receiving_school():
    row = impact(("S1",)).loc["S1"]
    assert (row["pupils"], row["villages"], row["receiving"]) == (60, 1, "柳镇中心小学")
    assert (row["minutes_mean_before"], row["minutes_max_before"]) == (0, 0)
    assert row["minutes_mean_after"] == pytest.approx(18)
    assert (row["pupils_g1_3_over_30"], row["boarders_added"], row["unassigned"]) == (0, 0, 0)
    assert row["largest_class"] == pytest.approx(34)


def test_youngest_beyond_half_an_hour_are_counted():
    row = impact(("S4",), ride_limit_min={"G1-3": None}).loc["S4"]
    assert row["pupils_g1_3_over_30"] == pytest.approx(12)
    assert row["minutes_max_after"] == pytest.approx(5000 / 55)


def test_pupils_left_without_a_school_are_counted():
    row = impact(("S3",)).loc["S3"]
    assert (row["pupils"], row["unassigned"], row["receiving"]) == (84, 84, "")


def test_nothing_closed_gives_an_empty_table():
    table = impact(())
    assert table.empty
    assert ("school_id", *table.columns) == columns.CLOSURES.names


def test_a_blank_village_is_no_village():
    here = county()
    here.demand["village_id"] = ""
    before = assign(here, times(), scenario())
    after = assign(here, times(), scenario(decisions={"close": ("S1",)}), label="合并")
    assert closure_impact(before, after)["villages"].tolist() == [0]
