from __future__ import annotations

import pandas as pd
import pytest

from layout_planner.config.layout import Prices
from layout_planner.measures import boarding_rooms, buses_wanted, land_wanted, public_funds

IDS = ["S1", "S2", "S3", "S4"]


def on(*values: float) -> pd.Series:
    return pd.Series(values, index=IDS, dtype=float)


def test_small_schools_are_funded_for_a_hundred_and_empty_ones_for_nobody() -> None:
    found = public_funds(on(40, 150, 0, 0), on(0, 60, 30, 0), on(0, 50, 10, 0), Prices())
    assert found.loc["S1"].tolist() == [100 * 720, 60 * 720, 60]
    assert found.loc["S2"].tolist() == [150 * 720 + 60 * 940 + 50 * 200, 0, 0]
    assert found.loc["S3"].tolist() == [100 * 940 + 10 * 200, 70 * 940, 70]
    assert found.loc["S4"].tolist() == [0, 0, 0]


def test_the_floor_and_the_bases_are_the_scenarios() -> None:
    prices = Prices.model_validate(
        {"funds_yuan": {"primary": 650, "junior": 850}, "funds_floor_pupils": 200, "boarder_yuan": 400}
    )
    found = public_funds(on(150, 0, 0, 0), on(0, 0, 0, 0), on(10, 0, 0, 0), prices)
    assert found.loc["S1"].tolist() == [200 * 650 + 4000, 50 * 650, 50]


def test_two_merged_points_cost_less_than_both() -> None:
    apart = public_funds(on(30, 60, 0, 0), on(0, 0, 0, 0), on(0, 0, 0, 0), Prices())["funds_yuan"].sum()
    merged = public_funds(on(0, 90, 0, 0), on(0, 0, 0, 0), on(0, 0, 0, 0), Prices())["funds_yuan"].sum()
    assert apart - merged == 100 * 720


def test_every_boarder_has_a_bed_and_three_square_metres() -> None:
    found = boarding_rooms(on(40, 0, 0.2, 0), on(60.5, 10, 0, 0))
    assert found["beds_wanted"].tolist() == [101, 10, 1, 0]
    assert found["dorm_m2_wanted"].tolist() == pytest.approx([40 * 3 + 60.5 * 3.5, 35, 0.6, 0])
    assert found["canteen_m2_wanted"].tolist() == pytest.approx([150.75, 15, 0.3, 0])


def test_a_bus_takes_56_less_driver_and_carers() -> None:
    assert buses_wanted(on(0, 53, 53.4, 107)).tolist() == [0, 1, 2, 3]
    assert buses_wanted(on(0, 54, 55, 108), carers=1).tolist() == [0, 1, 2, 2]
    with pytest.raises(ValueError, match="no seat"):
        buses_wanted(on(1, 1, 1, 1), occupants=3)


def test_land_is_by_stage_and_more_for_boarders() -> None:
    found = land_wanted(on(300, 0, 0, 0), on(100, 0, 0, 0), on(50, 0, 0, 0), primary_m2=22, junior_m2=26, boarder_m2=10)
    assert found.tolist() == [300 * 22 + 100 * 26 + 500, 0, 0, 0]
