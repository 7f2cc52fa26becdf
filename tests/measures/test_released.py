"""Where staff and equipment of closed schools could go, by hand in the small county."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layout_planner.assign import assign
from layout_planner.columns import RELEASED
from layout_planner.measures import released
from layout_planner.plan import Plan
from layout_planner.supply.staffing import staff_stated
from tests.small_county import county, scenario, times

STAFF = (5.0, 9.0, np.nan, np.nan)
TEACHERS = (4.0, 8.0, 6.0, 2.0)


def plans(staff: tuple[float, ...] = STAFF, **decisions: object) -> tuple[Plan, Plan]:
    here = county()
    here = replace(here, schools=here.schools.assign(
        staff=list(staff), teachers=list(TEACHERS), books=[7.0, 100.0, np.nan, 3.0],
        equipment_yuan=[240.0, 0.0, 0.0, 0.0],
    ))  # fmt: skip
    return tuple(assign(here, times(), scenario(decisions=d)) for d in ({}, decisions))  # type: ignore[return-value]


def test_the_receiving_school_is_offered_what_it_lacks_and_the_rest_is_not_assigned() -> None:
    found = released(*plans(close=("S1",)))
    assert found.columns.tolist() == list(RELEASED.names)
    assert found["to_school"].tolist() == ["柳镇中心小学", ""]
    taken = found.iloc[0]
    assert taken[["pupils", "staff", "staff_needed", "staff_lacking"]].tolist() == pytest.approx(
        [60, 9, 11, 2]
    )  # 192 ÷ 19
    assert found["staff_proposed"].tolist() == [2, 3]
    assert found["outcome"].tolist() == ["offered", "unassigned"]
    assert found["equipment_yuan"].sum() == pytest.approx(240)
    assert found["books"].sum() == 7
    assert found["staff_proposed"].sum() == found["staff_released"].iloc[0] == 5


def test_several_closed_schools_do_not_fill_the_same_post_twice() -> None:
    found = released(*plans(close=("S1", "S4")))
    offered = found[found["to_school_id"] == "S2"].set_index("school_id")["staff_proposed"]
    assert offered.to_dict() == {"S1": 2, "S4": 0}  # 204 pupils need 11, as 192 do
    left = found[found["to_school_id"] == ""].set_index("school_id")["staff_proposed"]
    assert left.to_dict() == {"S1": 3, "S4": 2}  # teachers stand in for the staff of S4, which is not stated


def test_a_school_that_becomes_a_teaching_point_keeps_the_staff_it_needs_and_its_things() -> None:
    before, after = plans((12.0, 9.0, np.nan, np.nan), convert_to_teaching_point=("S1",))
    needs = after.tables.provision.set_index("school_id")["staff_needed"]["S1"]
    found = released(before, after)
    assert found["staff_released"].tolist()[0] == 12 - needs
    assert found["equipment_yuan"].sum() == 0


def test_unknown_staff_is_said_to_be_unknown() -> None:
    here = county()
    before, after = (assign(here, times(), scenario(decisions=d)) for d in ({}, {"close": ("S1",)}))
    found = released(before, after)
    assert found["outcome"].tolist() == ["unknown", "unknown"]
    assert found[["staff_released", "staff_proposed", "books"]].isna().all(axis=None)


def test_noughts_that_a_reader_filled_in_are_no_staff() -> None:
    table = pd.DataFrame({
        "school_id": ["S1", "S2", "S3"], "status": ["active", "active", "planned"],
        "staff": [np.nan, 7.0, np.nan], "teachers": [0, 5, 0],
    })  # fmt: skip
    found = staff_stated(table)
    assert found.to_dict() == {"S1": pytest.approx(np.nan, nan_ok=True), "S2": 7.0, "S3": 0.0}


def test_a_plan_that_closes_nothing_sets_nothing_free() -> None:
    assert released(*plans()).empty


def test_provision_sets_the_staff_beside_the_need() -> None:
    before, after = plans(close=("S1",))
    table = before.tables.provision.set_index("school_id")
    assert table["staff"].tolist() == [5, 9, 6, 2]
    assert table["staff_gap"].tolist() == [5 - 11, 9 - 7, 6 - 7, 0]
    assert after.tables.provision.set_index("school_id")["staff_gap"]["S2"] == -2
    bare = assign(county(), times(), scenario()).tables.provision
    assert pd.isna(bare["staff"]).all()
