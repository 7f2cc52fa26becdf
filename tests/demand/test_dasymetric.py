from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layout_planner.demand.dasymetric import road_metres, spread, to_cells
from layout_planner.demand.surface import PUPILS
from layout_planner.errors import InputError
from layout_planner.io.county import County
from layout_planner.travel.network import RoadNetwork
from tests.demand.two_townships import METRES, built, frame, points_of, two_townships
from tests.travel.road_builders import draw


@pytest.fixture
def county() -> County:
    return two_townships()


def spread_over(county: County, target: str, **more: Any) -> County:
    return built(county, source="townships", spread_over=target, calibrate_to="none", **more)


def sums(county: County) -> pd.DataFrame:
    return cast("pd.DataFrame", points_of(county).groupby("township_id")[PUPILS].sum())


def with_buildings(county: County, places: list[tuple[float, float]], floor_m2: list[float]) -> County:
    return replace(county, buildings=frame(places, floor_m2=floor_m2))


@given(st.data())
def test_spreading_keeps_every_total_of_an_area_that_has_a_target(data: st.DataObject) -> None:
    areas, n = data.draw(st.integers(1, 4)), data.draw(st.integers(0, 12))
    owner = data.draw(arrays(np.int64, n, elements=st.integers(0, areas - 1)))
    weights = data.draw(arrays(np.float64, (n, 3), elements=st.floats(0, 1e6, allow_subnormal=False)))
    totals = data.draw(arrays(np.float64, (areas, 3), elements=st.floats(0, 1e5, allow_subnormal=False)))
    pupils, empty = spread(totals, weights, owner)
    assert (pupils >= 0).all()
    got = np.zeros_like(totals)
    np.add.at(got, owner, pupils)
    assert got[~empty] == pytest.approx(totals[~empty], rel=1e-9, abs=1e-9)
    assert empty.tolist() == [area not in owner for area in range(areas)]


def test_a_kind_without_weights_borrows_those_of_the_others() -> None:
    pupils, _ = spread(np.array([[8.0, 4.0]]), np.array([[1.0, 0.0], [3.0, 0.0]]), np.array([0, 0]))
    assert pupils.tolist() == [[2, 1], [6, 3]]


def test_cells_gather_places_and_a_cell_in_two_townships_stands_twice() -> None:
    xy = np.array([[10.0, 10.0], [90.0, 90.0], [110.0, 10.0], [20.0, 80.0]])
    cells = to_cells(xy, np.array([1.0, 2.0, 4.0, 8.0]), np.array(["a", "a", "a", "b"], dtype=object), 100.0)
    assert cells["cell_id"].tolist() == ["g0_0.a", "g0_0.b", "g1_0"]
    assert cells["weight"].tolist() == [3, 8, 4]
    assert cells[["x", "y"]].to_numpy().tolist() == [[50, 50], [50, 50], [150, 50]]


def test_township_pupils_go_to_buildings_by_floor_space_and_no_home_is_shown(county: County) -> None:
    homes = [(110.0, 110.0), (140.0, 160.0), (820.0, 830.0), (1500.0, 500.0)]
    after = spread_over(with_buildings(county, homes, [100.0, 200.0, 600.0, 50.0]), "buildings")
    points = points_of(after)
    assert points["pupils_g1_3"].to_dict() == pytest.approx({"g1_1": 30.0, "g8_8": 60.0, "g15_5": 10.0})
    assert shapely.get_coordinates(points.geometry.to_numpy()).tolist() == [[150, 150], [850, 850], [1550, 550]]
    assert set(points["kind"]) == {"cell"}
    assert after.cell_m == 100.0
    assert sums(after).to_numpy() == pytest.approx(county.townships[PUPILS].to_numpy(), rel=1e-9)


def test_a_township_without_buildings_stands_at_one_point_inside_and_it_is_said(county: County) -> None:
    after = spread_over(with_buildings(county, [(110.0, 110.0)], [100.0]), "buildings")
    assert after.demand is not None
    assert after.demand["demand_id"].tolist() == ["g1_1", "township-t2"]
    assert county.townships.geometry.iloc[1].contains(after.demand.geometry.iloc[1])
    assert [f.code for f in after.checks] == ["township_no_target"]
    assert sums(after).loc["t2"].tolist() == [10, 20, 0]


def test_spreading_over_cells_is_the_raster_scaled_to_the_townships(county: County) -> None:
    spread_out = spread_over(county, "cells").demand
    raster = built(county).demand
    assert spread_out is not None
    assert raster is not None
    cells = raster[raster["kind"] == "cell"]
    assert spread_out[spread_out["kind"] == "cell"][PUPILS].to_numpy() == pytest.approx(cells[PUPILS].to_numpy())


def roads() -> RoadNetwork:
    """A residential road of 200 m, a track of 400 m and a motorway, all in a line."""
    places = {0: (0.0, 50.0), 1: (200.0, 50.0), 2: (600.0, 50.0), 3: (900.0, 50.0)}
    return draw(places, [([0, 1], {}), ([1, 2], {"highway": "track"}), ([2, 3], {"highway": "motorway"})])


def test_metres_of_residential_roads_count_by_class() -> None:
    middle, weight = road_metres(roads(), {"residential": 1.0, "track": 0.5}, 25.0)
    assert weight.sum() == pytest.approx(200 + 0.5 * 400, rel=1e-6)
    assert weight.max() <= 25.0 + 1e-6
    assert middle[:, 0].max() - middle[:, 0].min() == pytest.approx(575, abs=1)


def test_people_times_shares_stand_in_for_pupils_and_nothing_at_all_is_an_error(county: County) -> None:
    bare = county.townships.assign(**dict.fromkeys(PUPILS, np.nan))
    homes = with_buildings(replace(county, townships=bare.assign(people=[1000.0, np.nan])), [(110.0, 110.0)], [1.0])
    after = spread_over(homes, "buildings", school_age_share={"G1-3": 0.04}, enrolment_rate=0.5)
    assert sums(after).loc["t1", "pupils_g1_3"] == pytest.approx(20)
    assert [f.code for f in after.checks] == ["township_pupils_missing"]
    with pytest.raises(InputError, match="乡镇图层没有学生数"):
        spread_over(replace(county, townships=bare), "buildings")
    with pytest.raises(InputError, match="没有建筑图层"):
        spread_over(county, "buildings")


def test_village_names_follow_the_nearest_village(county: County) -> None:
    points = spread_over(with_buildings(county, [(110.0, 110.0), (1250.0, 500.0)], [1.0, 1.0]), "buildings").demand
    assert points is not None
    assert points["village_id"].tolist() == ["v1", "v3"]
    assert points.crs == METRES
    assert isinstance(points, gpd.GeoDataFrame)
