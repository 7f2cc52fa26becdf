"""Natural villages: cells grouped by the way between them on foot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.config.scenario import Scenario
from layout_planner.demand.clusters import WalkingWays, cluster_on_foot
from layout_planner.demand.surface import PUPILS, demand_frame
from layout_planner.demand.units import group_cells
from layout_planner.grades import GRADE_PUPILS
from layout_planner.io.county import County
from layout_planner.travel.network import RoadNetwork
from tests.travel.road_builders import at, draw

# Two roads of 1 km, 100 m apart, a river between them; the bridge that joins them is 2.5 km to the east.
RIVER = draw(
    {1: (0, 0), 2: (1000, 0), 3: (3500, 0), 4: (3500, 100), 5: (1000, 100), 6: (0, 100)},
    [([1, 2, 3], {}), ([3, 4], {"bridge": "yes"}), ([4, 5, 6], {})],
)


def county(
    xy: np.ndarray, pupils: list[float], network: RoadNetwork = RIVER, townships: list[str] | None = None
) -> County:
    """Make a county of cells with pupils, a third in each band, and without a village table."""
    n = len(xy)
    bands = pd.DataFrame({column: np.array(pupils) / 3 for column in PUPILS})
    towns = townships or ["t1"] * n
    blank = pd.Series([""] * n)
    cells = demand_frame(pd.Series([f"r{i}" for i in range(n)]), blank, blank, pd.Series(towns), "cell", bands,
                         shapely.points(xy), network.crs)  # fmt: skip
    ids = sorted(set(towns))
    areas = gpd.GeoDataFrame(
        {"township_id": ids, "name": [f"{t}镇" for t in ids]}, geometry=[shapely.box(0, 0, 1, 1)] * len(ids),
        crs=network.crs,
    )  # fmt: skip
    villages = gpd.GeoDataFrame({"village_id": [], "name": [], "township_id": []}, geometry=[], crs=network.crs)
    return County("县", network.crs, areas, areas, villages, areas, pd.DataFrame(), network, demand=cells)


def scenario(**demand: Any) -> Scenario:
    return Scenario.model_validate({"name": "试", "data": {}, "demand": {"unit_min_pupils": 0.0} | demand})


def grouped(given: County, **demand: Any) -> County:
    return group_cells(given, scenario(**demand))[0]


def units_of(given: County) -> list[set[str]]:
    assert given.cells is not None
    return sorted((set(rows["demand_id"]) for _, rows in given.cells.groupby("unit_id")), key=min)


def test_hamlets_on_both_sides_of_a_river_are_two_units() -> None:
    banks = at((100, 0), (200, 0), (100, 100), (200, 100))
    assert units_of(grouped(county(banks, [9, 9, 9, 9]), unit_radius_m=800)) == [{"r0", "r1"}, {"r2", "r3"}]


def test_a_bridge_between_them_makes_them_one() -> None:
    bridged = draw({1: (0, 0), 2: (150, 0), 3: (1000, 0), 4: (1000, 100), 5: (150, 100), 6: (0, 100)},
                   [([1, 2, 3], {}), ([2, 5], {"bridge": "yes"}), ([4, 5, 6], {})])  # fmt: skip
    banks = at((100, 0), (200, 0), (100, 100), (200, 100))
    assert units_of(grouped(county(banks, [9, 9, 9, 9], bridged), unit_radius_m=800)) == [{"r0", "r1", "r2", "r3"}]


@pytest.mark.parametrize("tag", [{"ford": "yes"}, {"route": "ferry", "highway": ""}])
def test_a_ford_or_a_ferry_does_not_join_them(tag: dict[str, str]) -> None:
    crossed = draw({1: (0, 0), 2: (150, 0), 3: (1000, 0), 4: (1000, 100), 5: (150, 100), 6: (0, 100)},
                   [([1, 2, 3], {}), ([2, 5], tag), ([4, 5, 6], {})])  # fmt: skip
    banks = at((100, 0), (200, 0), (100, 100), (200, 100))
    assert units_of(grouped(county(banks, [9, 9, 9, 9], crossed), unit_radius_m=800)) == [{"r0", "r1"}, {"r2", "r3"}]


def test_homes_with_a_river_between_them_and_the_only_road_are_units_of_their_own() -> None:
    road = draw({1: (0, 0), 2: (1000, 0)}, [([1, 2], {})])
    banks = county(at((100, 0), (200, 0), (100, 100), (200, 100)), [9, 9, 9, 9], road)
    assert len(units_of(grouped(banks, unit_radius_m=800))) == 1
    river = gpd.GeoDataFrame({"name": ["河"]}, geometry=[shapely.LineString(at((-50, 50), (1050, 50)))], crs=banks.crs)
    assert units_of(grouped(replace(banks, rivers=river), unit_radius_m=800)) == [{"r0", "r1"}, {"r2", "r3"}]


def test_a_unit_stands_where_its_pupils_are_and_adds_them_up() -> None:
    given = county(at((0, 0), (100, 0), (200, 0)), [1, 1, 30])
    after = grouped(given, unit_radius_m=300)
    assert after.demand is not None
    assert given.demand is not None
    assert after.demand["demand_id"].tolist() == ["u-r2"]
    assert after.demand["name"].tolist() == ["t1镇1号居民点"]
    assert after.demand.geometry.iloc[0].equals(given.demand.geometry.iloc[2])
    assert after.demand[PUPILS].iloc[0].tolist() == pytest.approx([32 / 3] * 3)
    assert after.demand[list(GRADE_PUPILS)].iloc[0].tolist() == pytest.approx([32 / 9] * 9)


def test_the_centre_is_within_the_radius_of_all_even_where_most_pupils_live_elsewhere() -> None:
    given = county(at((0, 0), (200, 0), (400, 0)), [90, 1, 1])
    after = grouped(given, unit_radius_m=250)  # r0 has the pupils, but lies 400 m from r2
    assert after.demand is not None
    assert after.demand["demand_id"].tolist() == ["u-r1"]
    assert units_of(grouped(given, unit_radius_m=199)) == [{"r0"}, {"r1"}, {"r2"}]


def test_units_do_not_cross_townships() -> None:
    given = county(at((100, 0), (150, 0)), [5, 5], townships=["t1", "t2"])
    assert units_of(grouped(given, unit_radius_m=800)) == [{"r0"}, {"r1"}]


def test_neighbours_far_from_the_road_are_walked_to_directly() -> None:
    given = county(at((500, -400), (580, -400)), [5, 5])  # 400 m × 1.3 to the road, but 80 m × 1.3 to each other
    assert units_of(grouped(given, unit_radius_m=200)) == [{"r0", "r1"}]


def test_small_units_are_shared_out_where_all_their_cells_reach_others() -> None:
    given = county(at((0, 0), (80, 0), (175, 0), (200, 0), (295, 0), (375, 0), (900, 0)), [1, 20, 1, 1, 20, 1, 1])
    apart = [{"r0", "r1"}, {"r2", "r3"}, {"r4", "r5"}, {"r6"}]  # r2 lies 95 m from r1, r3 95 m from r4
    assert units_of(grouped(given, unit_radius_m=100)) == apart
    assert units_of(grouped(given, unit_radius_m=94, unit_min_pupils=3)) == apart
    shared = [{"r0", "r1", "r2"}, {"r3", "r4", "r5"}, {"r6"}]
    assert units_of(grouped(given, unit_radius_m=100, unit_min_pupils=3)) == shared


def test_cells_off_the_roads_are_grouped_straight_and_it_is_said() -> None:
    given = county(at((0, 5000), (100, 5000), (0, 0)), [5, 5, 5])
    after, flaws = group_cells(given, scenario(unit_radius_m=300))
    assert units_of(after) == [{"r0", "r1"}, {"r2"}]
    assert [f.code for f in flaws] == ["units_grouped", "units_off_road"]
    assert "2 个栅格（10 名学生）" in flaws[1].what.zh


def test_units_bear_the_names_of_places_and_keep_their_ids() -> None:
    given = county(at((0, 0), (100, 0), (900, 0), (2000, 0)), [5, 5, 5, 5])
    named = {"name": ["张家湾", "李家坪", "王家沟", "远山"], "place": ["hamlet", "village", "hamlet", "village"]}
    xy = at((10, 0), (140, 0), (950, 40), (2000, 900))
    places = gpd.GeoDataFrame(named, geometry=shapely.points(xy), crs=given.crs)
    plain = grouped(given, unit_radius_m=300).demand
    bearing = grouped(replace(given, places=places), unit_radius_m=300).demand
    assert plain is not None
    assert bearing is not None
    assert bearing["name"].tolist() == ["李家坪", "王家沟", "t1镇1号居民点"]
    assert bearing["demand_id"].tolist() == plain["demand_id"].tolist()


def test_units_are_the_villages_of_a_county_without_a_village_table() -> None:
    after = grouped(county(at((0, 0), (900, 0)), [5, 5]), unit_radius_m=300)
    assert after.demand is not None
    assert after.villages["village_id"].tolist() == ["u-r0", "u-r1"] == after.demand["village_id"].tolist()
    assert after.villages["name"].tolist() == ["t1镇1号居民点", "t1镇2号居民点"]


def test_units_are_called_after_their_villages_where_there_are_some() -> None:
    given = county(at((0, 0), (450, 0), (900, 0)), [5, 5, 5])
    assert given.demand is not None
    villages = gpd.GeoDataFrame({"village_id": ["v1", "v2"], "name": ["石桥村", "柳村"], "township_id": ["t1", "t1"]},
                                geometry=shapely.points(at((0, 0), (900, 0))), crs=given.crs)  # fmt: skip
    named = given.demand.assign(village_id=["v1", "v1", "v2"], name=["石桥村", "石桥村", "柳村"])
    after = grouped(replace(given, demand=named, villages=villages), unit_radius_m=200)
    assert after.demand is not None
    assert after.demand["name"].tolist() == ["石桥村1号居民点", "石桥村2号居民点", "柳村"]
    assert after.villages is villages


def test_without_cells_nothing_is_grouped_and_it_is_said() -> None:
    given = county(at((0, 0)), [5])
    assert given.demand is not None
    table = replace(given, demand=given.demand.assign(kind="village"))
    after, flaws = group_cells(table, scenario())
    assert after is table
    assert [f.code for f in flaws] == ["units_unused"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-30, 360), st.integers(-30, 40)), min_size=1, max_size=40, unique=True),
    st.integers(0, 2**31),
    st.sampled_from([120.0, 300.0, 900.0]),
    st.sampled_from([0.0, 8.0]),
)
def test_every_cell_is_in_one_unit_of_its_township_within_the_radius(
    places: list[tuple[int, int]], seed: int, radius: float, least: float
) -> None:
    rng = np.random.default_rng(seed)
    xy = at(*[(10 * x, 10 * y) for x, y in places])
    towns = rng.choice(["t1", "t2"], len(xy)).tolist()
    given = county(xy, rng.uniform(0, 9, len(xy)).tolist(), townships=towns)
    after = grouped(given, unit_radius_m=radius, unit_min_pupils=least)
    assert after.demand is not None
    assert after.cells is not None
    assert given.demand is not None
    assert after.cells["demand_id"].tolist() == given.demand["demand_id"].tolist()
    columns = [*PUPILS, *GRADE_PUPILS]
    before, now = (c.groupby("township_id")[columns].sum() for c in (given.demand, after.demand))
    np.testing.assert_allclose(now, before, rtol=1e-9)
    of_unit = after.demand.set_index("demand_id")["township_id"]
    assert after.cells["unit_id"].map(of_unit).tolist() == after.cells["township_id"].tolist()
    ways = WalkingWays(RIVER, xy, snap_limit_m=2000.0, detour=1.3)
    pupils = given.demand[PUPILS].sum(axis=1).to_numpy()
    found = cluster_on_foot(ways, xy, np.array(towns, object), pupils, radius_m=radius, least=least)
    assert (found.centre_m <= radius).all()
    assert (found.centre[found.centre] == found.centre).all()
    own = np.flatnonzero(found.centre != np.arange(len(xy)))
    for i in own:
        _, _, metres = ways.pairs(np.array([i]), found.centre[[i]], 10_000.0)
        assert metres == pytest.approx(found.centre_m[[i]], abs=0.1)
