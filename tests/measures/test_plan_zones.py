"""Who attends the school of their catchment, counted by hand in the small county."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layout_planner.assign import assign
from layout_planner.columns import IN_ZONE
from layout_planner.plan import Plan
from layout_planner.rules import Finding, check_plan
from tests.small_county import county, scenario, times

PAIRS = (("D1", "S1"), ("D1", "S3"), ("D2", "S2"), ("D2", "S3"), ("D3", "S4"), ("D3", "S2"))


def plan(pairs: tuple[tuple[str, str], ...] = PAIRS, **decisions: object) -> Plan:
    zoned = pd.DataFrame(list(pairs), columns=["demand_id", "school_id"])
    return assign(replace(county(), zoned=zoned), times(), scenario(decisions=decisions), label="方案")


def table(found: Plan) -> pd.DataFrame:
    return found.tables.in_zone.set_index("band")


def findings(found: Plan) -> list[Finding]:
    return [f for f in check_plan(found, found.tables, ["cn.dd2017-6"]) if "in-zone" in f.rule_id]


def test_everybody_at_the_school_of_the_catchment_is_one_and_unknown_homes_do_not_count() -> None:
    found = table(plan())
    assert found["in_zone_share"].tolist() == pytest.approx([1.0, 1.0, 1.0, 1.0])
    assert found["pupils"].tolist() == pytest.approx([288, 102, 102, 84])
    assert found.loc["G7-9", ["zoned", "zone_unknown", "zone_gone"]].tolist() == pytest.approx([72, 12, 0])
    assert found.columns.tolist() == [name for name in IN_ZONE.names if name != "band"]


def test_pupils_sent_to_the_school_of_another_catchment_are_outside() -> None:
    swapped = tuple((home, {"S1": "S2", "S2": "S1"}.get(school, school)) for home, school in PAIRS)
    found = plan(swapped)
    assert table(found)["in_zone"].tolist() == pytest.approx([72 + 12, 12, 0, 72])
    assert table(found).loc["G4-6", "in_zone_share"] == pytest.approx(0.0)
    shown = found.indicators.set_index("indicator")["value"]
    assert shown["in_zone_share"] == pytest.approx(84 / 276)
    assert shown["in_zone_share_g1_3"] == pytest.approx(12 / 102)


def test_a_catchment_whose_school_closes_is_counted_apart() -> None:
    found = plan(close=("S1",))
    young = table(found).loc["G1-3"]
    assert young[["zoned", "in_zone", "zone_gone"]].tolist() == pytest.approx([72, 72, 30])
    assert found.indicators.set_index("indicator")["value"]["zone_gone"] == pytest.approx(60)


def test_a_shared_catchment_is_kept_by_any_of_its_schools() -> None:
    both = (*PAIRS, ("D1", "S2"), ("D2", "S1"))
    assert table(plan(both))["in_zone_share"].tolist() == pytest.approx([1.0] * 4)


def test_the_finding_names_the_share_and_who_has_to_be_zoned_anew() -> None:
    swapped = (("D1", "S1"), ("D2", "S1"), ("D3", "S2"), ("D1", "S3"), ("D2", "S3"))
    said = findings(plan(swapped, close=("S4",)))
    assert [(f.rule_id, round(f.value, 4)) for f in said] == [("cn.dd2017-6.in-zone-primary", round(84 / 204, 4))]
    assert findings(plan(close=("S1",))) == []


def test_without_catchments_there_is_no_rate() -> None:
    bare = assign(county(), times(), scenario(), label="现状")
    assert bare.tables.in_zone.empty
    assert np.isnan(bare.indicators.set_index("indicator")["value"][["in_zone_share", "zone_gone"]]).all()
