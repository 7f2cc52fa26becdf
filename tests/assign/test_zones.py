"""Catchments of a county of three villages on one road: who belongs where, what edits do, what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.assign import assign
from layout_planner.assign.zone_edits import apply_edits
from layout_planner.assign.zone_faults import pieces, zone_faults
from layout_planner.assign.zone_overflow import least_overload, seated
from layout_planner.assign.zone_units import ZoneUnits, zone_units
from layout_planner.assign.zones import Zones, draw_zones, main_schools
from layout_planner.config.zoning import Zoning
from layout_planner.errors import LayoutError, ScenarioError
from layout_planner.testing import assert_plan_valid, assert_zoned
from layout_planner.travel.network import RoadNetwork
from tests.small_county import X0, Y0, county, scenario, times


@cache
def drawn(seats: tuple[tuple[str, int], ...] = (), **zoning: object) -> Zones:
    return draw_zones(county(seats=dict(seats)), times(), scenario(zoning=zoning))


def road(*spans: tuple[float, float]) -> RoadNetwork:
    """Make a network of straight roads along the county's line, metres."""
    lines = [shapely.LineString([(X0 + a, Y0), (X0 + b, Y0)]) for a, b in spans]
    ends = np.array([end for span in spans for end in span])
    pairs = np.arange(len(ends)).reshape(-1, 2)
    return cast("RoadNetwork", SimpleNamespace(
        node_x=X0 + ends, node_y=np.full(len(ends), Y0), edge_u=pairs[:, 0], edge_v=pairs[:, 1],
        edge_geometries=lambda: np.array(lines, dtype=object),
    ))  # fmt: skip


def belongs(zones: Zones, kind: str) -> dict[str, str]:
    layer = zones.layers[kind]
    return {
        unit: "" if z < 0 else "+".join(layer.zones[z]) for unit, z in zip(zones.units.unit_id, layer.zone, strict=True)
    }


def test_units_are_villages_that_tile_the_county() -> None:
    units = zone_units(county(), Zoning())
    assert units.unit_id.tolist() == ["V1", "V2", "V3"]
    assert shapely.coverage_is_valid(units.areas)
    assert [round(a) for a in shapely.area(units.areas) / 1e6 * 2] == [4, 9, 7]
    assert units.pairs.tolist() == [[0, 1], [1, 2]]
    assert units.border_m.tolist() == [1000.0, 1000.0]


def test_a_short_border_joins_nobody() -> None:
    units = zone_units(county(), Zoning(min_border_m=1001))
    assert units.pairs.tolist() == []
    assert units.barred.tolist() == [[0, 1], [1, 2]]


def test_a_populous_village_is_divided_among_its_homes() -> None:
    where = county()
    assert where.demand is not None
    twin = where.demand.iloc[[1]].assign(demand_id="D2b", geometry=[shapely.Point(503_500, 3_500_000)])
    both = gpd.GeoDataFrame(pd.concat([where.demand, twin], ignore_index=True), crs=where.demand.crs)
    units = zone_units(replace(where, demand=both), Zoning(largest_unit_pupils=200))
    assert units.unit_id.tolist() == ["V1", "V2-1", "V2-2", "V3"]
    assert units.frame["name"].tolist()[1:3] == ["V2村第1片", "V2村第2片"]
    assert units.frame["village_id"].tolist() == ["V1", "V2", "V2", "V3"]


def test_every_village_belongs_to_the_nearest_school_where_seats_suffice() -> None:
    zones = drawn()
    assert belongs(zones, "primary") == {"V1": "S1", "V2": "S2", "V3": "S2"}
    assert belongs(zones, "point") == {"V1": "", "V2": "", "V3": "S4"}
    assert belongs(zones, "junior") == dict.fromkeys(("V1", "V2", "V3"), "S3")
    assert zone_faults(zones) == []
    assert_zoned(zones)


def test_the_youngest_near_a_teaching_point_take_no_seat_elsewhere() -> None:
    zones = drawn()
    load = zones.layers["primary"].load(zones.ways.pupils)
    assert load.tolist() == [60.0, 132.0]
    assert zones.layers["point"].load(zones.ways.pupils).tolist() == [12.0]


def test_a_teaching_point_without_room_leaves_its_village_to_the_primary_school() -> None:
    zones = drawn(seats=(("S4", 11),))
    assert belongs(zones, "point") == {"V1": "", "V2": "", "V3": ""}
    assert zones.layers["primary"].load(zones.ways.pupils).tolist() == [60.0, 144.0]


def test_the_plan_of_zones_sends_every_pupil_where_the_zone_says() -> None:
    zones = drawn()
    plan = zones.plan("学区")
    assert_plan_valid(plan)
    rows = plan.assignment.set_index(["demand_id", "band"])["school_id"]
    assert rows["D3", "G1-3"] == "S4"
    assert rows["D3", "G4-6"] == "S2"
    assert rows["D1", "G7-9"] == "S3"


def test_seats_that_fall_short_are_stretched_and_said() -> None:
    zones = drawn(seats=(("S3", 80),), beyond_seats="stretch")
    assert zones.layers["junior"].stretch > 1
    assert [flaw.code for flaw in zones.flaws] == ["zone_seats_short"]
    assert [flaw.code for flaw in zone_faults(zones)] == ["zone_overfull"]


def test_pupils_beyond_the_seats_are_fewest_and_where_seats_fall_short() -> None:
    zones = drawn(seats=(("S1", 40), ("S2", 130), ("S4", 0)))  # 60 pupils of V1, 120 of V2, 24 of V3: 34 too many
    assert belongs(zones, "primary") == {"V1": "S1", "V2": "S2", "V3": "S2"}
    primary = zones.layers["primary"]
    assert (primary.load(zones.ways.pupils) - primary.seats).tolist() == [20.0, 14.0]
    assert primary.stretch == 1
    (told,) = zones.flaws
    assert "柳镇中心小学超 14 人" in told.what.zh
    assert "共超出 34 人（怎样划都不会少于 34 人）" in told.what.zh
    assert_zoned(zones)


@given(st.integers(0, 2**32 - 1))
def test_no_way_to_seat_everybody_leaves_fewer_beyond_the_seats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cost, pupils = rng.integers(0, 90, (4, 3)).astype(float), rng.integers(0, 9, 4).astype(float)
    room = rng.integers(1, 12, 3).astype(float)
    over = least_overload(cost * pupils[:, None], pupils, room)
    assert over.sum() == pytest.approx(max(0.0, pupils.sum() - room.sum()))
    total, flow = seated(cost * pupils[:, None], pupils, room + over)
    assert flow.sum(axis=1) == pytest.approx(pupils)
    assert (flow.sum(axis=0) <= room + over + 1e-9).all()
    assert total == pytest.approx((flow * cost).sum())


def test_schools_put_together_share_a_zone() -> None:
    zones = drawn(together=(("S1", "S2"),))
    assert belongs(zones, "primary") == dict.fromkeys(("V1", "V2", "V3"), "S1+S2")
    rows = zones.plan().assignment
    shares = rows[(rows["demand_id"] == "D1") & (rows["band"] == "G1-3")].set_index("school_id")["pupils"]
    assert shares.round(6).to_dict() == {"S1": 10.0, "S2": 20.0}


def test_moving_a_village_changes_its_school_and_an_empty_or_broken_zone_is_told() -> None:
    moved = apply_edits(drawn(), {"V1": "S2"})
    assert belongs(moved, "primary") == dict.fromkeys(("V1", "V2", "V3"), "S2")
    assert [flaw.code for flaw in zone_faults(moved)] == ["zone_empty"]
    back = apply_edits(drawn(), {"V3村": "S1"})
    assert [flaw.code for flaw in zone_faults(back)] == ["zone_detached"]


def test_a_moved_village_no_longer_sends_its_youngest_to_a_point_in_another_zone() -> None:
    moved = apply_edits(drawn(), {"V2": "S1"})
    assert belongs(moved, "point")["V3"] == "S4"
    assert belongs(moved, "primary") == {"V1": "S1", "V2": "S1", "V3": "S2"}


def test_a_village_whose_teaching_point_leads_on_to_another_school_is_noted() -> None:
    assert [flaw.code for flaw in zone_faults(drawn())] == []
    zones = apply_edits(drawn(), {"V2": "S4"})
    assert [flaw.code for flaw in zone_faults(zones)] == ["zone_overfull"]
    apart = zones.layers["primary"].with_zone(np.array([0, 0, 1]))
    told = zone_faults(zones.with_layers({"primary": apart}))
    assert told[-1].code == "zone_points_apart"
    assert told[-1].what.zh.startswith("V2村（西岭教学点→东村小学）")


def test_merging_makes_one_shared_zone_with_both_schools_seats() -> None:
    merged = apply_edits(drawn(), merge=[("S1", "S2")])
    layer = merged.layers["primary"]
    assert layer.zones == (("S1", "S2"),)
    assert layer.seats.tolist() == [810.0]
    assert layer.zone.tolist() == [0, 0, 0]


def test_a_polygon_moves_the_units_whose_pupils_live_in_it() -> None:
    around = shapely.Point(500_000, 3_500_000).buffer(100)
    assert belongs(apply_edits(drawn(), polygons=[(around, "S2")]), "primary")["V1"] == "S2"


def test_edits_name_every_school_and_village_that_is_not_known() -> None:
    with pytest.raises(ScenarioError) as caught:
        apply_edits(drawn(), {"V9": "S1", "V1": "S7"}, [("S1", "S8")])
    assert [flaw.code for flaw in caught.value.flaws] == ["unknown_school", "unknown_school", "unknown_village"]


def test_today_is_the_school_where_most_of_a_unit_go() -> None:
    where = county()
    units = zone_units(where, Zoning())
    today = main_schools(assign(where, times(), scenario()), units)
    assert today["primary"].tolist() == ["S1", "S2", "S2"]
    assert today["point"].tolist() == ["", "", "S4"]
    assert today["junior"].tolist() == ["S3", "S3", "S3"]


def test_zones_may_stay_as_they_are_today() -> None:
    today = {"primary": np.array(["S2", "S2", "S1"], dtype=object)}
    zones = draw_zones(county(), times(), scenario(zoning={"start": "today", "stages": ["primary"]}), today=today)
    assert belongs(zones, "primary") == {"V1": "S2", "V2": "S2", "V3": "S1"}
    assert {flaw.code for flaw in zone_faults(zones)} == {"zone_seat_outside"}


def test_zones_may_be_held_within_townships() -> None:
    zones = drawn(within_townships=True)
    assert belongs(zones, "primary") == {"V1": "S1", "V2": "S2", "V3": "S2"}


def test_loads_may_be_held_together() -> None:
    even = drawn(load_spread=0.5, stages=("primary",))
    load = even.layers["primary"].load(even.ways.pupils) / even.layers["primary"].seats
    assert load.max() <= 192 / 810 * 1.5


def test_points_need_a_road_between_them_where_it_is_asked_for() -> None:
    where = replace(county(), network=road((0.0, 1000.0), (2900.0, 9000.0)))
    units = zone_units(where, Zoning(connected_by="road", barriers=()))
    assert units.pairs.tolist() == [[1, 2]]
    assert units.barred.tolist() == [[0, 1]]


def test_few_changes_keep_a_zone_that_would_be_drawn_otherwise() -> None:
    today = {"primary": np.array(["S1", "S1", "S2"], dtype=object)}
    with pytest.raises(LayoutError, match="学区"):
        draw_zones(county(), times(), scenario(zoning={"keep_today_share": 1.0, "stages": ["primary"]}), today=today)


def test_a_stage_without_a_school_says_so() -> None:
    where = county(seats={"S3": 0})
    with pytest.raises(LayoutError, match="初中"):
        draw_zones(where, times(), scenario())


def test_pieces_of_zones_are_counted_over_neighbours() -> None:
    assert len(set(pieces(np.array([0, 1, 0]), np.array([[0, 1], [1, 2]])).tolist())) == 3


def test_units_are_the_same_every_time() -> None:
    one, two = (zone_units(county(), Zoning()) for _ in range(2))
    assert isinstance(one, ZoneUnits)
    assert shapely.equals_exact(one.areas, two.areas).all()


@given(
    st.lists(st.tuples(st.sampled_from(["V1", "V2", "V3"]), st.sampled_from(["S1", "S2", "S3", "S4"])), max_size=4),
    st.sampled_from([(), (("S1", "S2"),), (("S2", "S4"),)]),
)
def test_no_edit_loses_a_pupil_or_sends_one_to_two_zones(
    moves: list[tuple[str, str]], merge: tuple[tuple[str, str], ...]
) -> None:
    zones = apply_edits(drawn(), dict(moves), merge)
    bands = sum((layer.sends & (layer.zone >= 0)[:, None]).astype(int) for layer in zones.layers.values())
    assert np.array_equal(bands, np.ones((3, 3), dtype=int))
    plan = zones.plan()
    assert_plan_valid(plan)
    loads = {kind: layer.load(zones.ways.pupils).sum() for kind, layer in zones.layers.items()}
    assert sum(loads.values()) == pytest.approx(zones.ways.pupils.sum())
