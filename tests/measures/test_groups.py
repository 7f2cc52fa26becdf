from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from layout_planner.assign import assign
from layout_planner.grades import GradeBand
from layout_planner.maps.geography import Geography
from layout_planner.maps.layers import BandLayer
from layout_planner.measures.groups import group_results
from layout_planner.plan import Plan
from tests.small_county import county, scenario, times


def plan(groups: list[str]) -> Plan:
    """Today's plan with every village's pupils of one group."""
    whole = county()
    assert whole.demand is not None
    return assign(dataclasses.replace(whole, demand=whole.demand.assign(group=groups)), times(cutoff=60), scenario())


def test_every_group_is_counted_by_band_and_in_all() -> None:
    found = group_results(plan(["resident", "resident", "migrant"])).set_index(["group", "band"])
    assert found["pupils"].xs("all", level="band").to_dict() == pytest.approx({"resident": 252, "migrant": 36})
    assert found.loc[("migrant", "G1-3"), "pupils"] == pytest.approx(12)
    assert (found["assigned"] + found["unassigned"]).tolist() == pytest.approx(found["pupils"].tolist())
    assert found.loc[("migrant", "all"), "assigned_share"] == pytest.approx(1.0)


def test_a_county_of_residents_has_no_such_table() -> None:
    assert group_results(plan(["resident"] * 3)).empty


def test_the_groups_of_one_place_are_one_place_on_the_map() -> None:
    one = plan(["resident"] * 3)
    demand = one.county.demand
    assert demand is not None
    twin = demand[demand["demand_id"] == "D1"].assign(demand_id="D1#m", group="migrant")
    rows = one.assignment
    more = rows[rows["demand_id"] == "D1"].assign(demand_id="D1#m")
    both = dataclasses.replace(
        one,
        county=dataclasses.replace(one.county, demand=pd.concat([demand, twin], ignore_index=True)),
        assignment=pd.concat([rows, more], ignore_index=True),
    )
    geo = Geography.of([both])
    assert geo.demand["demand_id"].tolist() == ["D1", "D2", "D3"]
    layer = BandLayer.of(both, GradeBand.G1_3, geo)
    assert layer.pupils.tolist() == pytest.approx([60, 60, 12])
    assert not layer.rows.duplicated(["cell", "to", "way"]).any()
