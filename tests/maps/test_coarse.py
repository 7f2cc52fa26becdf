from __future__ import annotations

import dataclasses

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from map_fakes import CRS_METRES, fake_plan

from layout_planner.maps import coarse, plan_map
from layout_planner.maps.coarse import merged_places


def grid(side: int, cell_m: float = 100.0) -> gpd.GeoDataFrame:
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    frame = pd.DataFrame({"demand_id": [f"r{r}c{c}" for r, c in zip(row, column, strict=True)], "village_id": ""})
    points = shapely.points(500_000.0 + column * cell_m, 3_000_000.0 + row * cell_m)
    return gpd.GeoDataFrame(frame, geometry=points, crs=CRS_METRES)


def test_a_grid_of_sixteen_cells_becomes_four_squares_that_hold_four_each():
    squares, of_place, times = merged_places(grid(4), 100.0, 1.0, most=4)
    assert times == 2
    assert of_place.value_counts().tolist() == [4, 4, 4, 4]
    middle = shapely.get_coordinates(squares.geometry.to_numpy())
    assert sorted(map(tuple, (middle - [500_000, 3_000_000]).tolist())) == [(50, 50), (50, 250), (250, 50), (250, 250)]


def test_few_places_stay_as_they_are():
    places = grid(3)
    squares, of_place, times = merged_places(places, 100.0, 1.0, most=9)
    assert squares is places
    assert times == 1
    assert of_place["r1c1"] == "r1c1"


def test_merged_places_keep_every_count_and_every_village(monkeypatch, county):
    plan, tables = fake_plan(county)
    whole = plan_map(plan, tables, privacy_min_pupils=0).payload
    monkeypatch.setattr(coarse.merged_places, "__defaults__", (60,))
    few = plan_map(plan, tables, privacy_min_pupils=0).payload
    assert few["geo"]["cells"]["n"] <= 60
    assert few["geo"]["cells"]["merged"]
    assert not whole["geo"]["cells"]["merged"]
    for one, two in zip(whole["plans"][0]["bands"], few["plans"][0]["bands"], strict=True):
        assert one["counts"] == two["counts"]
        assert one["flows"] == two["flows"]
        assert one["villages"] == two["villages"]
    assert whole["plans"][0]["beyond"] == few["plans"][0]["beyond"]


def test_a_square_has_the_mean_minutes_of_its_pupils(monkeypatch, county):
    plan, tables = fake_plan(dataclasses.replace(county, demand=county.demand.iloc[:40].reset_index(drop=True)))
    monkeypatch.setattr(coarse.merged_places, "__defaults__", (1,))
    band = plan_map(plan, tables, privacy_min_pupils=0).payload["plans"][0]["bands"][0]
    rows = plan.assignment[plan.assignment["band"] == "G1-3"]
    mean = np.average(rows["minutes"], weights=rows["pupils"])
    assert band["minutes"]["o"] * 0.1 == pytest.approx(mean, abs=0.051)
