"""The GeoPackage holds the plan's layers in the county's system, with text ids and the same bytes every time."""

from __future__ import annotations

import time

import geopandas as gpd
import pyogrio
import pytest

from layout_planner.grades import GradeBand
from layout_planner.report import write_geopackage
from layout_planner.report.layers import demand_layer


@pytest.fixture(scope="module")
def path(tmp_path_factory, merger, merger_tables):
    path = tmp_path_factory.mktemp("gpkg") / "plan.gpkg"
    write_geopackage(merger, merger_tables, path)
    return path


def test_layers_have_the_countys_system_and_text_ids(path, merger) -> None:
    names = [name for name, _ in pyogrio.list_layers(path)]
    assert names == ["schools", "demand", "villages", "townships", "boundary", "catchments"]
    for name in names:
        layer = gpd.read_file(path, layer=name)
        assert layer.crs == merger.county.crs
        for column in layer.columns:
            if column.endswith("_id"):
                assert layer[column].map(type).eq(str).all(), (name, column)
    schools = gpd.read_file(path, layer="schools")
    assert schools["school_id"].tolist() == sorted(merger.schools["school_id"])


def test_two_writes_give_the_same_bytes(path, tmp_path, merger, merger_tables) -> None:
    time.sleep(1.1)
    again = tmp_path / "again.gpkg"
    write_geopackage(merger, merger_tables, again)
    assert again.read_bytes() == path.read_bytes()
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_every_demand_point_has_its_main_school(merger) -> None:
    layer = demand_layer(merger)
    assert layer["demand_id"].tolist() == sorted(merger.county.demand["demand_id"])
    rows = merger.assignment.set_index(["demand_id", "band"])
    for i in (0, 5, 97):
        row = layer.iloc[i]
        assert row["school_g4_6"] == rows.loc[(row["demand_id"], "G4-6"), "school_id"]
    lost = merger.assignment.loc[merger.assignment["school_id"] == "", "pupils"].sum()
    assert layer["unassigned"].sum() == pytest.approx(lost)


def test_catchments_of_a_band_cover_the_county_once(path, merger) -> None:
    layer = gpd.read_file(path, layer="catchments")
    whole = merger.county.boundary.union_all().area
    for band in GradeBand:
        areas = layer[layer["band"] == band.value]
        assert areas.area.sum() == pytest.approx(whole, rel=1e-6)
        assert areas.union_all().area == pytest.approx(whole, rel=1e-6)
        pupils = merger.county.demand[band.pupils_column].sum()
        assert areas["pupils"].sum() == pytest.approx(pupils)
    closed = set(merger.schools.loc[~merger.schools["is_open"], "school_id"])
    assert not closed & set(layer["school_id"])
