"""Tables of catchments, on three villages and four schools along one road."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import shapely

from layout_planner.assign.zone_edits import apply_edits
from layout_planner.assign.zones import Zones, draw_zones
from layout_planner.measures.zone_scarcity import zone_scarcity
from layout_planner.measures.zone_seats import past_nearest
from layout_planner.measures.zone_sides import sides_of_units, sides_of_zones, streets_of_units
from layout_planner.measures.zones import village_list, zone_changes, zone_effects, zone_table, zone_units_table
from tests.small_county import X0, Y0, county, scenario, times


@pytest.fixture(scope="module")
def zones() -> Zones:
    return draw_zones(county(), times(), scenario())


def test_every_kind_of_zone_has_a_row_a_zone(zones: Zones) -> None:
    table = zone_table(zones)
    assert table["kind"].tolist() == ["primary", "primary", "point", "junior"]
    assert table["zone_id"].tolist() == ["S1", "S2", "S4", "S3"]
    assert table["pupils"].tolist() == [60.0, 132.0, 12.0, 84.0]
    assert table["seats_gap"].tolist() == [210.0, 408.0, 18.0, 216.0]
    assert not table["shared"].any()


def test_minutes_of_a_zone_are_weighted_by_pupils(zones: Zones) -> None:
    junior = zone_table(zones).set_index("zone_id").loc["S3"]
    walk = {"V1": 4000 / 75, "V2": 1000 / 75}
    ride = {"V1": 18.0, "V3": 20.0}
    assert junior["minutes_max"] in (pytest.approx(ride["V3"]), pytest.approx(walk["V1"]))
    assert junior["metres_mean"] == pytest.approx((24 * 4000 + 48 * 1000 + 12 * 5000) / 84)


def test_villages_are_listed_by_township(zones: Zones) -> None:
    assert village_list(zones, "primary", 1) == "柳镇：V2村；岭乡：V3村"


def test_sides_name_the_villages_next_to_a_zone(zones: Zones) -> None:
    sides = sides_of_zones(zones, "primary")
    assert sides[0] == {"east": "V2村", "north": "县界", "west": "县界", "south": "县界"}
    assert sides[1]["west"] == "V1村"
    assert sides[1]["east"] == "县界"


def test_every_unit_is_listed_once_a_kind(zones: Zones) -> None:
    units = zone_units_table(zones)
    assert units.groupby("kind")["unit_id"].apply(list).to_dict() == {
        "primary": ["V1", "V2", "V3"], "point": ["V3"], "junior": ["V1", "V2", "V3"],
    }  # fmt: skip
    assert units.groupby("kind")["pupils"].sum().to_dict() == {"primary": 192.0, "point": 12.0, "junior": 84.0}


def test_changes_tell_who_goes_elsewhere_and_how_far(zones: Zones) -> None:
    before = {"primary": np.array(["S1", "S1", "S2"], dtype=object)}
    changes = zone_changes(zones, before)
    assert changes[["kind", "unit_id", "from_zone", "to_zone", "pupils"]].to_numpy().tolist() == [
        ["primary", "V2", "东村小学", "柳镇中心小学", 120.0]
    ]
    assert changes["minutes_before"].iloc[0] == pytest.approx(16.0)
    assert changes["minutes_after"].iloc[0] == pytest.approx((1000 / 55 + 1000 / 65) / 2)


def test_a_village_that_leaves_its_teaching_point_goes_to_its_primary_school() -> None:
    small = draw_zones(county(seats={"S4": 11}), times(), scenario())
    before = {"point": np.array(["", "", "S4"], dtype=object)}
    changes = zone_changes(small, before)
    assert changes[["kind", "from_zone", "to_zone", "pupils"]].to_numpy().tolist() == [
        ["point", "西岭教学点", "柳镇中心小学", 12.0]
    ]
    assert np.isfinite(changes["minutes_after"]).all()


def test_effects_show_schools_that_change_only(zones: Zones) -> None:
    moved = apply_edits(zones, {"V1": "S2"})
    effects = zone_effects(zones.plan("a"), moved.plan("b")).set_index("school_id")
    assert effects.index.tolist() == ["S1", "S2"]
    assert effects.loc["S1", "pupils_before"] == 60.0
    assert effects.loc["S2", "pupils_after"] == 192.0
    assert effects.loc["S2", "classes_after"] >= effects.loc["S2", "classes_before"]


def test_who_goes_past_the_nearest_school_and_whose_seats_would_not_do(zones: Zones) -> None:
    here = past_nearest(zones, "primary")
    assert (here.overfull, here.moved) == ((), 0.0)
    moved = past_nearest(apply_edits(zones, {"V3": "S1"}), "primary")
    assert moved.moved == 12.0
    assert moved.longer == pytest.approx(8.0)  # 9 km instead of 5 km by bus, a minute for every 500 m
    few = replace(zones.layers["primary"], seats=np.array([50.0, 600.0]))
    short = past_nearest(zones.with_layers({"primary": few}), "primary")
    assert (short.overfull, short.beyond) == (("东村小学",), 10.0)


def test_streets_of_a_part_are_named_the_longest_first(zones: Zones) -> None:
    lines = [
        shapely.LineString([(X0 + a, Y0), (X0 + b, Y0)]) for a, b in ((0, 1000), (1000, 1600), (1600, 3000), (0, 90))
    ]
    network = SimpleNamespace(
        names=("", "东大街", "西路"), name_code=np.array([1, 2, 1, 0]),
        edge_geometries=lambda: np.array(lines, dtype=object),
    )  # fmt: skip
    there = replace(zones, county=replace(zones.county, network=network))
    assert streets_of_units(there, np.array([0, 1, 2])) == ["东大街、西路", "东大街、西路", ""]


def test_a_class_more_saves_the_ways_of_those_who_would_come() -> None:
    tight = draw_zones(county(seats={"S1": 15}), times(), scenario(classes={"primary": 10}))
    found = zone_scarcity(tight)[["zone_id", "seats", "more_seats", "saved", "saved_each"]]
    assert found.to_numpy().tolist() == [["S1", 15.0, 10.0, 180.0, 18.0]]  # ten children ride 18 minutes less
    assert zone_scarcity(draw_zones(county(), times(), scenario())).empty


def test_sides_along_a_street_name_the_street(zones: Zones) -> None:
    lines = [shapely.LineString([(X0 + 1505, Y0 - 400), (X0 + 1505, Y0 + 500)])]
    network = SimpleNamespace(
        names=("", "分界路"), name_code=np.array([1]), edge_geometries=lambda: np.array(lines, dtype=object)
    )
    there = replace(zones, county=replace(zones.county, network=network))
    sides = sides_of_zones(there, "primary")
    assert (sides[0]["east"], sides[1]["west"]) == ("分界路", "分界路")
    assert sides_of_units(there, np.array([1]))[0] == {
        "east": "V3村",
        "north": "县界",
        "west": "分界路",
        "south": "县界",
    }
