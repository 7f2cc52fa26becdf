"""Seats by claim: in turn, within what is left, by the scenario's rule of overflow."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from layout_planner.assign import assign
from layout_planner.assign.admission import admit, claims
from layout_planner.assign.capacitated import capacitated
from layout_planner.assign.closest import closest_first
from layout_planner.config.admission import CLAIMS, Admission
from layout_planner.config.scenario import Assign
from layout_planner.errors import ScenarioError
from layout_planner.testing import assert_plan_valid
from tests.assign.instances import instances
from tests.small_county import county, scenario, times


def marked(pairs, seed):
    """Make residents, migrant and special-education pupils of the demand points."""
    marks = np.random.default_rng(seed).choice(["", "#m", "#s"], 5)
    ids = [f"{i}{marks[int(i[1:])]}" for i in pairs.demand_id]
    return dataclasses.replace(pairs, demand_id=np.array(ids, dtype=object))


@settings(max_examples=150, deadline=None)
@given(
    instances(), st.permutations(CLAIMS), st.floats(0, 1), st.floats(0, 1), st.sampled_from([0.0, 0.85, 1.0]),
    st.sampled_from([("S0",), (), ("S0", "S1")]), st.booleans(),
)  # fmt: skip
def test_claims_are_met_in_turn_within_the_room(case, order, house, sibling, least, private, exact):
    pairs, resources = case
    pairs = marked(pairs, len(pairs.school))
    admission = Admission(
        order=tuple(order), house_share=house, sibling_share=sibling, migrant_public_share=least,
        private_schools=private,
    )  # fmt: skip
    parts = claims(pairs, admission)
    assert list(parts) == list(order)
    np.testing.assert_allclose(sum(parts.values()), pairs.pupils, atol=1e-9)
    assert all((part >= 0).all() for part in parts.values())
    seat = (lambda p, r: capacitated(p, r).flow) if exact else closest_first
    flows = admit(pairs, resources, admission, seat)
    total = sum(flows.values())
    assert (resources.used(total) <= resources.capacity + 1e-6).all()
    for claim, flow in flows.items():
        placed = np.bincount(pairs.rows, weights=flow, minlength=len(pairs.pupils))
        assert (placed <= parts[claim] + 1e-9).all()
    # The first claim is seated as if nobody else were there.
    if order[0] != "migrant":
        alone = dataclasses.replace(pairs, pupils=parts[order[0]])
        assert flows[order[0]].sum() == pytest.approx(capacitated(alone, resources).flow.sum(), abs=1e-5) or not exact


def small(seats, admission, groups=("", "", ""), pupils=None):
    """Assign the three villages with marks of groups on their ids."""
    pupils = pupils or {"V1": (0, 10, 0), "V2": (0, 10, 0), "V3": (0, 10, 0)}
    here = county(pupils=pupils, seats=seats)
    marks = {f"D{k + 1}": f"D{k + 1}{mark}" for k, mark in enumerate(groups)}
    names = {"": "resident", "#m": "migrant", "#s": "special"}
    demand = here.demand.assign(demand_id=here.demand["demand_id"].map(marks), group=[names[mark] for mark in groups])
    found = {
        key: dataclasses.replace(m, origin_id=np.array([marks[i] for i in m.origin_id], dtype=object))
        for key, m in times().items()
    }
    method = {"method": "capacitated", "admission": admission}
    plan = assign(dataclasses.replace(here, demand=demand), found, scenario(assign=method))
    assert_plan_valid(plan)
    return plan


def sums(plan, *keys):
    rows = plan.admission[plan.admission["band"] == "G4-6"]
    return {k: round(v, 6) for k, v in rows.groupby(list(keys))["pupils"].sum().items()}


def test_special_education_comes_first_and_others_last():
    # Ten seats at S2 and none elsewhere for grades 4-6; V3, far away, needs special education.
    plan = small({"S1": 0, "S2": 10, "S4": 0}, {}, ("", "", "#s"))
    assert sums(plan, "claim", "school_id") == {("special", "S2"): 10, ("zoned", ""): 20}
    late = {"order": ["zoned", "sibling", "migrant", "other", "special"]}
    plan = small({"S1": 0, "S2": 10, "S4": 0}, late, ("", "", "#s"))
    assert sums(plan, "claim", "school_id")["special", ""] == 10


def test_the_guaranteed_part_of_migrant_pupils_goes_to_public_schools_before_others():
    # V2's ten migrant pupils want S2, which has four seats and is public; S1 is private and has room.
    admission = {"private_schools": ["S1"], "house_share": 0.0}
    plan = small({"S1": 60, "S2": 4, "S4": 0}, admission, ("", "#m", ""))
    found = sums(plan, "group", "school_id")
    assert found["migrant", "S2"] == 4
    assert found["migrant", "S1"] == 6
    assert ("resident", "S2") not in found


def test_hukou_and_home_come_before_a_shorter_way():
    # Half of each village's pupils live where their hukou is; S2 has 15 seats and V2 lives next to it.
    plan = small({"S1": 0, "S2": 15, "S4": 0}, {"house_share": 0.5})
    assert sums(plan, "claim", "school_id") == {("zoned", "S2"): 15, ("other", ""): 15}


def test_the_farthest_or_the_drawn_are_sent_on():
    seats = {"S1": 30, "S2": 10, "S4": 0}
    pupils = {"V1": (0, 0, 0), "V2": (0, 10, 0), "V3": (0, 10, 0)}
    least = sums(small(seats, {"overflow": "least_minutes"}, pupils=pupils), "demand_id", "school_id")
    far = sums(small(seats, {"overflow": "farthest"}, pupils=pupils), "demand_id", "school_id")
    drawn = sums(small(seats, {"overflow": "lottery"}, pupils=pupils), "demand_id", "school_id")
    assert least == {("D2", "S1"): 10, ("D3", "S2"): 10}
    assert far == {("D2", "S2"): 10, ("D3", "S1"): 10}
    assert drawn in (least, far)


def test_the_lots_do_not_depend_on_the_order_of_the_rows():
    rng = np.random.default_rng(3)
    seats = {"S1": 30, "S2": 10, "S4": 0}
    here = county(pupils={"V1": (0, 5, 0), "V2": (0, 10, 0), "V3": (0, 10, 0)}, seats=seats)
    method = scenario(
        assign={"method": "capacitated", "admission": {"overflow": "lottery"}}, seed=int(rng.integers(99))
    )
    one = assign(here, times(), method)
    other = assign(dataclasses.replace(here, demand=here.demand.iloc[::-1]), times(), method)
    pd.testing.assert_frame_equal(one.assignment, other.assignment)


def test_unknown_private_schools_and_missing_methods_are_refused():
    with pytest.raises(ScenarioError) as caught:
        small({}, {"private_schools": ["S9", "东村小学"]})
    assert len(caught.value.flaws) == 2
    with pytest.raises(ValidationError, match="须用 method: capacitated"):
        Assign(admission=Admission())
    with pytest.raises(ValidationError, match="五类各写一次"):
        Admission(order=("zoned", "other"))
    with pytest.raises(ValidationError, match="overflow 只能写 farthest"):
        Assign(method="capacitated", closest_first=True, admission=Admission())


def registered(counts, pupils, seats, admission=None):
    """Assign under a register of claims: rows (village, stage, persons by claim)."""
    here = county(pupils=pupils, seats=seats)
    claims = pd.DataFrame([{"village_id": v, "stage": s} | c for v, s, c in counts])
    claims = claims.reindex(columns=["village_id", "stage", *CLAIMS]).fillna(0.0)
    method = scenario(assign={"method": "capacitated", "admission": admission or {}})
    plan = assign(dataclasses.replace(here, claims=claims), times(), method)
    assert_plan_valid(plan)
    return plan


def test_the_register_says_how_many_of_a_village_have_which_claim():
    # Of V2's register 3 in 4 have hukou and home and 1 in 4 hukou only; V3 counts one stage for both; V1 is unknown.
    pupils = {"V1": (0, 10, 0), "V2": (0, 40, 0), "V3": (0, 20, 0)}
    counts = [("V2", "primary", {"zoned": 6, "hukou": 2}), ("V2", "junior", {"other": 9}), ("V3", "", {"house": 5})]
    plan = registered(counts, pupils, {"S1": 0, "S2": 45, "S4": 0}, {"house_share": 0.5})
    found = plan.admission.groupby(["claim", "demand_id"])["pupils"].sum().round(6).to_dict()
    assert found == {
        ("zoned", "D1"): 5, ("zoned", "D2"): 30, ("hukou", "D2"): 10, ("house", "D3"): 20, ("other", "D1"): 5,
    }  # fmt: skip
    # 35 with hukou and home, then ten with hukou: no seat is left for those with a home only.
    lost = plan.admission[plan.admission["school_id"] == ""].groupby("claim")["pupils"].sum().to_dict()
    assert lost == pytest.approx({"house": 20, "other": 5})


def test_claims_that_are_not_written_stand_after_hukou_and_home():
    order = Admission(order=("special", "sibling", "zoned", "migrant", "other")).order
    assert order == ("special", "sibling", "zoned", "hukou", "house", "migrant", "other")
    own = ("house", "special", "zoned", "hukou", "sibling", "migrant", "other")
    assert Admission(order=own).order == own
    with pytest.raises(ValidationError, match="最多各写一次"):
        Admission(order=("hukou", *CLAIMS))
