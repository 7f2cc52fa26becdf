"""What a caller of the capacitated and zoning models gets wrong: a message in both languages, never numpy's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layout_planner.errors import LayoutError
from layout_planner.locate import capacitated_p_median, contiguous_facility_location, facility_location, zoning
from layout_planner.locate.answers import check_budget, check_count
from layout_planner.locate.problem import Problem
from layout_planner.locate.stopping import check_search

COST = [[1.0, 9.0], [9.0, 1.0], [4.0, 4.0]]
COMMON: list[tuple[str, Any]] = [
    ("cost", [[1, 2], [3]]), ("cost", [["a", "b"], ["c", "d"], ["e", "f"]]), ("cost", [1, 2, 3]), ("cost", "x"),
    ("cost", None), ("cost", {"a": 1}), ("cost", [[1j, 2], [3, 4], [5, 6]]), ("cost", [[-1, 2], [3, 4], [5, 6]]),
    ("cost", []), ("cost", np.zeros((0, 2))), ("cost", np.zeros((3, 0))),
    ("demand", [1]), ("demand", "a"), ("demand", [-1, 1, 1]), ("demand", [np.nan, 1, 1]), ("demand", [np.inf, 1, 1]),
    ("demand", [[1, 1, 1]]), ("demand", ["a", 1, 1]), ("demand", -2),
    ("capacity", [1]), ("capacity", "a"), ("capacity", [-1, 1]), ("capacity", [np.nan, 1]), ("capacity", [[1, 2]]),
    ("p", 0), ("p", 3), ("p", -1), ("p", 1.5), ("p", "1"), ("p", "two"), ("p", [1]), ("p", np.nan), ("p", np.inf),
    ("weights", [1]), ("weights", "a"), ("weights", [-1, 1, 1]), ("weights", [np.nan, 1, 1]),
    ("fixed_open", [5]), ("fixed_open", ["zz"]), ("fixed_open", 5), ("fixed_open", "01"), ("fixed_open", None),
    ("forbidden", [5]), ("forbidden", 5), ("forbidden", "1"), ("forbidden", None),
    ("time_limit", -1), ("time_limit", "60"), ("time_limit", np.nan), ("time_limit", None),
    ("gap", -1), ("gap", "1%"), ("gap", np.nan), ("gap", None),
    ("seed", -1), ("seed", 1.5), ("seed", "x"), ("seed", None), ("seed", 2**40),
    ("demand_id", ["a"]), ("demand_id", ["a", "a", "b"]), ("demand_id", "abc"), ("demand_id", 5),
    ("site_id", ["a"]), ("site_id", ["a", "a"]), ("site_id", "ab"), ("site_id", 5),
]  # fmt: skip
MONEY: list[tuple[str, Any]] = [
    ("fixed_cost", [1]), ("fixed_cost", "abc"), ("fixed_cost", None), ("fixed_cost", -1), ("fixed_cost", [np.nan, 1]),
    ("fixed_cost", [np.inf, 1]), ("fixed_cost", [[1, 2]]), ("fixed_cost", ["1", "x"]),
    ("budget", -1), ("budget", "x"), ("budget", np.nan), ("budget", [1]),
]  # fmt: skip
ZONES: list[tuple[str, Any]] = [
    ("adjacency", [(0, 9)]), ("adjacency", [(0,)]), ("adjacency", [(0, 1, 2)]), ("adjacency", "ab"),
    ("adjacency", 5), ("adjacency", [(0, 1), (2,)]), ("adjacency", [("x", "y")]), ("adjacency", [(0.5, 1)]),
    ("site_unit", [0]), ("site_unit", [0, 9]), ("site_unit", "ab"), ("site_unit", None), ("site_unit", 5),
    ("site_unit", [0, 1, 2]),
]  # fmt: skip


DRAWN: list[tuple[str, Any]] = [
    (("seats" if name == "capacity" else name), value) for name, value in COMMON
    if name not in ("p", "fixed_open", "forbidden")
] + [(("seat_units" if name == "site_unit" else name), value) for name, value in ZONES] + [
    ("balance", -1), ("balance", "x"), ("balance", np.nan), ("balance_penalty", -1), ("balance_penalty", None),
    ("border", [1]), ("border", "a"), ("border", [-1, 1]), ("compactness", -1), ("compactness", "x"),
    ("most_border", -1), ("most_border", "x"), ("barriers", [(0, 9)]), ("barriers", [(0,)]), ("barriers", "ab"),
    ("barriers", 5), ("groups", ["a"]), ("groups", 5), ("forbidden", [(0, 9)]), ("forbidden", [(9, 0)]),
    ("forbidden", [0]), ("forbidden", "a"), ("forbidden", 5), ("fixed", [1]), ("fixed", {9: 0}), ("fixed", {0: 9}),
    ("today", [0]), ("today", [0, 9, 1]), ("today", 5), ("today", "ab"), ("change", [1]), ("change", "x"),
    ("change", [-1, 1, 1]), ("max_changes", -1), ("max_changes", "x"), ("change_penalty", -1),
    ("change_penalty", None), ("seat_units", [1, 1]),
]  # fmt: skip


def refusal(model: Any, given: dict[str, Any], name: str, value: Any) -> LayoutError:
    with pytest.raises(LayoutError) as refused:
        model(**(given | {"time_limit": 2.0} | {name: value}))
    return refused.value


def assert_said(error: LayoutError) -> None:
    assert error.message.zh != error.message.en
    assert any("\u4e00" <= sign <= "\u9fff" for sign in error.message.zh)


@pytest.mark.parametrize(("name", "value"), COMMON)
def test_capacitated_p_median_refuses(name: str, value: Any) -> None:
    given = {"cost": COST, "p": 1, "demand": [1, 1, 1], "capacity": 3}
    assert_said(refusal(capacitated_p_median, given, name, value))


@pytest.mark.parametrize(("name", "value"), COMMON + MONEY)
def test_facility_location_refuses(name: str, value: Any) -> None:
    given = {"cost": COST, "fixed_cost": 5.0, "capacity": 3}
    assert_said(refusal(facility_location, given, name, value))


@pytest.mark.parametrize(("name", "value"), COMMON + MONEY + ZONES)
def test_contiguous_facility_location_refuses(name: str, value: Any) -> None:
    given = {"cost": COST, "fixed_cost": 5.0, "adjacency": [(0, 1), (1, 2)], "site_unit": [0, 1]}
    assert_said(refusal(contiguous_facility_location, given, name, value))


@pytest.mark.parametrize(("name", "value"), DRAWN)
def test_zoning_refuses(name: str, value: Any) -> None:
    given = {"cost": COST, "demand": 1, "seats": 3, "adjacency": [(0, 1), (1, 2)], "seat_units": [0, 1]}
    assert_said(refusal(zoning, given, name, value))


def test_a_site_that_must_and_must_not_open_is_named() -> None:
    with pytest.raises(LayoutError, match="1"):
        facility_location(COST, 5.0, fixed_open=["1"], forbidden=["1"])


def test_numbers_of_numpy_are_numbers() -> None:
    check_search(np.float32(0), np.int64(3))  # type: ignore[arg-type]
    check_count(Problem.build(COST), np.int64(1))  # type: ignore[arg-type]
    assert check_budget(np.int64(9)) == 9.0  # type: ignore[arg-type]
