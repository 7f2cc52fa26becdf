"""Admission by claim, counted on the county that can be checked by hand."""

from __future__ import annotations

import pytest

from layout_planner.assign import assign
from layout_planner.measures import tables
from layout_planner.measures.admission import admission_flows, admission_results
from tests.assign.test_admission import small
from tests.small_county import county, scenario, times


def test_migrant_pupils_in_public_schools_are_held_against_the_share():
    # Ten migrant pupils of V2: four in the public S2, six in the private S1, 3 km farther than S2.
    admission = {"private_schools": ["S1"], "house_share": 0.0}
    plan = small({"S1": 60, "S2": 4, "S4": 0}, admission, ("", "#m", ""))
    found = admission_results(plan).set_index(["group", "claim", "band"])
    whole = found.loc["migrant", "all", "all"]
    assert (whole["pupils"], whole["public"], whole["sent_on"]) == pytest.approx((10, 4, 6))
    assert (whole["public_share"], whole["public_least"], whole["verdict"]) == pytest.approx((0.4, 0.85, "missed"))
    assert found.loc["resident", "all", "all"]["verdict"] == ""
    everybody = found.loc["all", "all", "all"]
    assert everybody["pupils"] == pytest.approx(30)
    assert everybody["assigned"] + everybody["unassigned"] == pytest.approx(30)
    flows = admission_flows(plan)
    assert flows["pupils"].sum() == pytest.approx(30)
    assert set(flows["school"]) <= {"东村小学", "柳镇中心小学", ""}
    assert not flows.loc[flows["school_id"] == "S1", "public"].any()
    assert tables(plan).admission.equals(admission_results(plan))


def test_enough_public_seats_meet_the_share():
    plan = small({"S1": 60, "S2": 60, "S4": 0}, {}, ("", "#m", ""))
    found = admission_results(plan).set_index(["group", "claim", "band"])
    assert found.loc["migrant", "all", "G4-6"][["public_share", "verdict"]].tolist() == [1.0, "met"]


def test_the_share_is_told_for_each_stage_and_counts_nobody_twice():
    pupils = {"V1": (0, 10, 10), "V2": (10, 10, 20), "V3": (0, 0, 0)}
    plan = small({"S1": 60, "S2": 5, "S3": 60, "S4": 0}, {"private_schools": ["S1"]}, ("", "#m", ""), pupils)
    rows = admission_results(plan)
    found = rows[(rows["group"] == "migrant") & (rows["claim"] == "all")].set_index("band")
    assert found.loc[["all", "primary", "junior"], "pupils"].tolist() == pytest.approx([40, 20, 20])
    assert found.loc[["all", "primary", "junior"], "public_share"].tolist() == pytest.approx([25 / 40, 5 / 20, 1])
    assert found.loc[["all", "primary", "junior"], "verdict"].tolist() == ["missed", "missed", "met"]


def test_without_claims_there_are_no_rows():
    plan = assign(county(), times(), scenario())
    assert admission_results(plan).empty
    assert admission_flows(plan).empty
