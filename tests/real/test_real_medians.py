"""Medians, centres and covers of published instances: the published value, proven."""

from __future__ import annotations

import pytest

from layout_planner.locate import Status, max_cover, p_center, p_median, set_cover
from layout_planner.testing import assert_plan_valid
from tests.benchmarks.location_instances import henan_costs, henan_medians, orlib_costs, orlib_optima

pytestmark = pytest.mark.real

QUICK = [f"pmed{k}" for k in (1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37)]
QUICK_CENTRES = ["pmed1", "pmed3", "pmed5", "pmed7", "pmed9", "pmed13", "pmed15", "pmed19", "pmed25", "pmed29"]


@pytest.mark.parametrize("name", QUICK)
def test_orlib_medians_are_reached_and_proven(real_data, name):
    optimum = orlib_optima(real_data / "orlib_pmed", "pmedopt.txt")[name]
    cost, p = orlib_costs(real_data / "orlib_pmed", name)
    result = p_median(cost, p)
    assert_plan_valid(result, cost=cost, p=p)
    assert result.status is Status.OPTIMAL
    assert result.objective == optimum
    assert result.bound <= optimum


def test_henan_medians_are_reached_and_proven(real_data):
    folder = real_data / "cn_henan_pmp"
    for name, p, value, digit in henan_medians(folder):
        cost = henan_costs(folder, name)
        result = p_median(cost, p)
        assert_plan_valid(result, cost=cost, p=p)
        assert result.status is Status.OPTIMAL
        assert result.objective <= value + digit
        assert result.bound <= value + digit


@pytest.mark.parametrize("name", QUICK_CENTRES)
def test_orlib_centres_are_reached_proven_and_no_smaller_radius_covers(real_data, name):
    optimum = orlib_optima(real_data / "orlib_pmed", "pcenter_opt.txt")[name]
    cost, p = orlib_costs(real_data / "orlib_pmed", name)
    result = p_center(cost, p)
    assert result.status is Status.OPTIMAL
    assert result.objective == result.bound == optimum
    assert set_cover(cost, optimum).objective <= p
    assert max_cover(cost, p, optimum).objective == 0.0
