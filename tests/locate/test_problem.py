"""Questions that cannot be asked are refused in words; those at the edge of what can be asked are answered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.sparse import csr_array

from layout_planner.errors import LayoutError, UnknownIdError
from layout_planner.locate import (
    LocationResult,
    Problem,
    Status,
    capacitated_p_median,
    contiguous_facility_location,
    facility_location,
    max_cover,
    p_center,
    p_median,
    set_cover,
)
from layout_planner.testing import assert_plan_valid
from tests.locate.brute import sparse

COST = np.array([[0.0, 5.0, 9.0, 7.0], [4.0, 1.0, 9.0, 7.0], [9.0, 6.0, 2.0, 7.0]])
CHAIN = [[0, 1], [1, 2]]

Model = Callable[..., LocationResult]


def contiguous(cost, p: int, demand_id=("0", "1", "2"), **more) -> LocationResult:
    pairs = [[demand_id[i] for i in pair] for pair in CHAIN]
    seats = [demand_id[i] for i in (0, 1, -1, -1)]
    return contiguous_facility_location(cost, 1.0, pairs, seats, p=p, demand_id=demand_id, **more)


WITH_COUNT: dict[str, Model] = {
    "p_median": p_median,
    "p_center": p_center,
    "max_cover": lambda cost, p, **more: max_cover(cost, p, 3.0, **more),
    "capacitated": lambda cost, p, **more: capacitated_p_median(cost, p, 1.0, 9.0, **more),
    "facility": lambda cost, p, **more: facility_location(cost, 1.0, p=p, **more),
    "contiguous": contiguous,
}
EVERY = WITH_COUNT | {"set_cover": lambda cost, p, **more: set_cover(cost, 6.0, **more)}

with_count = pytest.mark.parametrize("model", WITH_COUNT.values(), ids=WITH_COUNT)
every_model = pytest.mark.parametrize("model", EVERY.values(), ids=EVERY)


@with_count
@pytest.mark.parametrize(("p", "more"), [(0, {}), (5, {}), (-1, {}), (1.5, {}), (1, {"fixed_open": [0, 1]})])
def test_a_number_of_sites_that_cannot_be_is_refused(model: Model, p: float, more: dict) -> None:
    with pytest.raises(LayoutError, match=r"p = "):
        model(COST, p, **more)


@with_count
def test_more_sites_than_are_allowed_are_refused(model: Model) -> None:
    with pytest.raises(LayoutError, match=r"p = 3"):
        model(COST, 3, forbidden=[0, 1])


@with_count
def test_nothing_is_chosen_where_every_site_is_forbidden(model: Model) -> None:
    with pytest.raises(LayoutError, match="禁止"):
        model(COST, 1, forbidden=[0, 1, 2, 3])


@with_count
def test_as_many_sites_as_are_fixed_leave_nothing_to_choose(model: Model) -> None:
    result = model(COST, 2, fixed_open=["1", "2"])
    assert result.status is Status.OPTIMAL
    assert result.open.tolist() == ["1", "2"]


@with_count
def test_all_sites_may_be_open(model: Model) -> None:
    result = model(COST[:, :3], 3) if model is not WITH_COUNT["contiguous"] else model(COST, 2)
    assert result.status is Status.OPTIMAL
    assert len(result.open) in (2, 3)


@every_model
def test_a_site_cannot_be_both_fixed_and_forbidden(model: Model) -> None:
    with pytest.raises(LayoutError, match="2"):
        model(COST, 2, fixed_open=[2], forbidden=[1, 2])


@every_model
def test_unknown_sites_are_named(model: Model) -> None:
    with pytest.raises(UnknownIdError, match="七"):
        model(COST, 2, fixed_open=["七"])
    with pytest.raises(UnknownIdError, match="9"):
        model(COST, 2, forbidden=[9])


@every_model
def test_ids_that_repeat_or_do_not_match_are_refused(model: Model) -> None:
    with pytest.raises(LayoutError, match="甲"):
        model(COST, 2, demand_id=["甲", "乙", "甲"])
    with pytest.raises(LayoutError, match="东"):
        model(COST, 2, site_id=["东", "东", "西", "南"])
    with pytest.raises(LayoutError, match="2"):
        model(COST, 2, site_id=["东", "西"])


@every_model
def test_ids_are_kept(model: Model) -> None:
    result = model(COST, 2, demand_id=["甲", "乙", "丙"], site_id=["东", "西", "南", "北"])
    assert result.demand_id.tolist() == ["甲", "乙", "丙"]
    assert set(result.open) <= {"东", "西", "南", "北"}
    assert set(result.assignment) <= {*result.open, ""}


@every_model
def test_whom_nobody_can_serve_is_named(model: Model) -> None:
    for absent in (np.inf, np.nan):
        cost = COST.copy()
        cost[1] = absent
        for table in (cost, sparse(np.where(np.isnan(cost), np.inf, cost))):
            result = model(table, 2)
            if model is WITH_COUNT["max_cover"]:
                assert result.assignment[1] == ""
                continue
            assert result.status is Status.INFEASIBLE
            assert result.log.endswith(": 1")


@every_model
def test_whom_only_forbidden_sites_can_serve_is_named(model: Model) -> None:
    cost = COST.copy()
    cost[2, [0, 1, 3]] = np.inf
    result = model(cost, 2, forbidden=[2], demand_id=["甲", "乙", "丙"])
    assert "丙" in result.log or result.assignment[2] == ""


@every_model
def test_negative_costs_are_named_by_their_pair(model: Model) -> None:
    cost = COST.copy()
    cost[2, 1] = -3
    with pytest.raises(LayoutError, match="2 → 1"):
        model(cost, 2)


@every_model
def test_a_time_limit_must_be_a_time(model: Model) -> None:
    for wrong in (-1.0, float("nan")):
        with pytest.raises(LayoutError, match="时限"):
            model(COST, 2, time_limit=wrong)


@pytest.mark.parametrize(
    ("cost", "told"), [(np.zeros((0, 4)), "没有"), (np.zeros((3, 0)), "没有"), (np.zeros(3), "二维")]
)  # fmt: skip
def test_tables_without_demand_or_sites_are_refused(cost: np.ndarray, told: str) -> None:
    for model in (p_median, p_center):
        with pytest.raises(LayoutError, match=told):
            model(cost, 1)


@pytest.mark.parametrize("radius", [-1.0, float("nan")])
def test_a_radius_must_be_a_distance(radius: float) -> None:
    with pytest.raises(LayoutError, match="半径"):
        set_cover(COST, radius)
    with pytest.raises(LayoutError, match="半径"):
        max_cover(COST, 1, radius)


def test_an_endless_radius_covers_everybody_and_one_of_zero_the_sites_themselves() -> None:
    assert set_cover(COST, np.inf).objective == 1.0
    assert max_cover(COST, 1, 0.0).objective == 2.0


@pytest.mark.parametrize("wrong", [[1, -1, 1], [1, np.nan, 1], [1, np.inf, 1]])
def test_weights_that_cannot_be_are_named(wrong: list[float]) -> None:
    for model in (p_median, p_center, WITH_COUNT["max_cover"], WITH_COUNT["facility"]):
        with pytest.raises(LayoutError, match="乙"):
            model(COST, 2, weights=wrong, demand_id=["甲", "乙", "丙"])
    with pytest.raises(LayoutError, match="权重"):
        p_median(COST, 2, weights=[1, 1])


def test_amounts_that_cannot_be_are_named() -> None:
    for wrong in (-1.0, np.nan):
        with pytest.raises(LayoutError, match=r"需求量.*：丙"):
            facility_location(COST, 1.0, demand=[1, 1, wrong], demand_id=["甲", "乙", "丙"])
        with pytest.raises(LayoutError, match=r"容量.*：南"):
            facility_location(COST, 1.0, capacity=[1, 1, wrong, 1], site_id=["东", "西", "南", "北"])
        with pytest.raises(LayoutError, match=r"固定费用.*：0"):
            facility_location(COST, [wrong, 1, 1, 1])
    with pytest.raises(LayoutError, match="容量"):
        capacitated_p_median(COST, 1, 1.0, [9.0, 9.0])


def test_nobody_of_weight_zero_moves_a_site() -> None:
    result = p_median(COST, 1, weights=[1, 0, 0])
    assert (result.open.tolist(), result.objective, result.status) == (["0"], 0.0, Status.OPTIMAL)
    nobody = p_median(COST, 2, weights=[0, 0, 0])
    assert (nobody.objective, nobody.gap, nobody.status) == (0.0, 0.0, Status.OPTIMAL)
    assert max_cover(COST, 1, 0.0, weights=[0, 0, 0]).objective == 0.0


def test_a_travel_matrix_keeps_its_ids() -> None:
    cost = COST.copy()
    cost[0, 3] = cost[2, 0] = np.inf
    result = p_median(sparse(cost), 2)
    assert_plan_valid(result, cost=cost, p=2)
    assert result.objective == p_median(cost, 2).objective
    assert Problem.build(sparse(cost), demand_id=["0", "1", "2"]).demand_id.tolist() == ["0", "1", "2"]
    with pytest.raises(LayoutError, match="代码"):
        p_median(sparse(cost), 2, demand_id=["甲", "乙", "丙"])


def test_a_sparse_array_whose_zeros_are_ambiguous_is_refused() -> None:
    with pytest.raises(LayoutError, match="TravelMatrix"):
        p_median(csr_array(COST), 2)
