"""Real tables, rasters and boundaries that none of us made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from layout_planner.columns import SCHOOLS, TOWNSHIPS, VILLAGES
from layout_planner.demand.ages import age_columns, ages_of, split_ages
from layout_planner.demand.cohorts import pupils_by_grade
from layout_planner.io.crs import to_crs, working_crs
from layout_planner.io.geometry import project
from layout_planner.io.raster import Population, raster_extent, read_population
from layout_planner.io.tables import read_table
from layout_planner.io.vector import read_layer, read_polygon
from layout_planner.io.words import parse_tier

pytestmark = pytest.mark.real


def whole(paths: list[Path], lon: float, lat: float) -> Population:
    extent = raster_extent(paths)
    assert extent is not None
    return read_population(paths, extent, working_crs(lon, lat))


def test_kathmandu_holds_its_people(real_data: Path) -> None:
    folder = real_data / "worldpop_kathmandu"
    for name, people in (
        ("NPL_ppp_v2c_2020", 2_063_745),
        ("NPL_ppp_v2c_2020_UNadj", 2_196_647),
        ("NPL_ppp_v2c_2015", 1_856_955),
    ):
        read = whole([folder / f"{name}.tif"], 85.32, 27.71)
        assert read.flaws == ()
        assert read.cells is not None
        assert round(read.cells["people"].sum()) == people
    assert read.cell_m == pytest.approx(87, abs=1)
    both = whole([folder / "NPL_ppp_v2c_2020.tif", folder / "NPL_ppp_v2c_2020_UNadj.tif"], 85.32, 27.71)
    assert [f.code for f in both.flaws] == ["raster_repeated"]


@pytest.fixture(scope="module")
def accra(real_data: Path) -> Population:
    return whole(sorted((real_data / "worldpop_accra_age").glob("GHA14_A*.tif")), -0.2, 5.56)


def test_accra_bands_hold_their_people(accra: Population) -> None:
    assert accra.flaws == ()
    assert accra.cells is not None
    sums = accra.cells.filter(like="people_").sum()
    assert len(sums) == 14
    assert round(sums["people_0_4"]) == 336_486
    assert round(sums["people_5_9"]) == 328_918
    assert round(sums["people_10_14"]) == 345_060
    assert round(sums["people_15_19"]) == 427_128


def test_accra_bands_split_into_ages_and_keep_every_total(accra: Population) -> None:
    assert accra.cells is not None
    columns, edges = age_columns(list(accra.cells.columns))
    values = accra.cells[columns].to_numpy()
    values = values[::40]
    single = split_ages(values, edges)
    assert (single >= 0).all()
    assert single.reshape(len(values), len(columns), 5).sum(axis=2) == pytest.approx(values, rel=1e-9, abs=1e-9)
    county = accra.cells[columns].sum().to_numpy()[None, :]
    for method in ("sprague", "monotone"):
        ages = split_ages(county, edges, method)[0]
        assert ages.reshape(-1, 5).sum(axis=1) == pytest.approx(county[0], rel=1e-9)
        assert 1 / 1.25 < (ages[6:15] / ages[5:14]).min() <= (ages[6:15] / ages[5:14]).max() < 1.25
    pupils = pupils_by_grade(accra.cells, columns, edges)
    children = accra.cells[columns].to_numpy().sum(axis=0)[[c in ("people_5_9", "people_10_14") for c in columns]].sum()
    assert 0.88 < pupils.to_numpy().sum() / children < 0.92
    assert ages_of(columns[0]) == (0, 4)


def test_a_district_and_the_rest_of_accra_share_out_every_person(real_data: Path, accra: Population) -> None:
    assert accra.cells is not None
    paths = [real_data / "worldpop_accra_age" / "GHA14_A0510_adjv1.tif"]
    extent = raster_extent(paths)
    assert extent is not None
    district = shapely.Point(-0.2, 5.56).buffer(0.07, quad_segs=200)
    crs = working_crs(-0.2, 5.56)
    parts = [read_population(paths, area, crs).cells for area in (district, extent.difference(district))]
    total = sum(float(part["people_5_9"].sum()) for part in parts if part is not None)
    assert total == pytest.approx(float(accra.cells["people_5_9"].sum()), rel=1e-6)


@pytest.mark.parametrize(
    ("name", "rows", "word"), [("小学", 931, "primary"), ("中学", 983, "junior"), ("幼儿园", 2284, None)]
)
def test_shanghai_school_lists_read_with_every_row(real_data: Path, name: str, rows: int, word: str | None) -> None:
    frame, flaws = read_table(real_data / "cn_shanghai" / f"{name}.csv", SCHOOLS)
    assert len(frame) == rows
    assert [f.code for f in flaws if f.severity == "error"] == ["column_missing"]
    assert frame["lon"].between(120.8, 122.0).all()
    assert frame["lat"].between(30.6, 31.9).all()
    tiers = {tier.value if (tier := parse_tier(text, "")) else None for text in frame["tier"].unique()}
    assert word in tiers


def test_hubei_boundaries_without_prj_need_a_declaration(real_data: Path) -> None:
    folder = real_data / "cn_hubei_admin"
    for name, count in (("hubei", 103), ("shiyan", 8), ("huangshi", 6), ("jingmen", 5)):
        path = folder / f"{name}_district.shp"
        assert [f.code for f in read_layer(path, TOWNSHIPS, polygons=True).flaws] == ["crs_missing"]
        layer = read_layer(path, TOWNSHIPS, polygons=True, declared="gcj02")
        assert layer.flaws == []
        assert len(layer.frame) == count
        assert layer.frame["township_id"].str.fullmatch(r"42\d{4}").all()
    layer = read_layer(folder / "shiyan_district.shp", TOWNSHIPS, polygons=True, declared="gcj02")
    county = layer.geometry[layer.frame["name"].tolist().index("丹江口市")]
    area = project(county, "wgs84", "EPSG:32649").item()
    assert area.area / 1e6 == pytest.approx(3123.5, rel=2e-3)


def test_declaring_the_datum_brings_hubei_boundaries_onto_the_official_ones(real_data: Path) -> None:
    shifted = read_layer(
        real_data / "cn_hubei_admin" / "shiyan_district.shp", TOWNSHIPS, polygons=True, declared="gcj02"
    )
    plain = read_layer(real_data / "cn_hubei_admin" / "shiyan_district.shp", TOWNSHIPS, polygons=True, declared="wgs84")
    here, there = (
        to_crs(shapely.get_coordinates(shapely.centroid(layer.geometry)), "wgs84", "EPSG:32649")
        for layer in (shifted, plain)
    )
    assert np.hypot(*(here - there).T) == pytest.approx(550, abs=120)


def test_polygon_layers_of_every_folder_open(real_data: Path) -> None:
    for path, declared in (
        ("cn_shanghai/shanghai_district.shp", None),
        ("cn_shanghai/chongqing_district.shp", None),
        ("cn_mapchina/hubei_counties.gpkg", None),
        ("cn_henan_polygons/gy2_polyon.shp", "EPSG:4497"),
    ):
        area, _, flaws = read_polygon(real_data / path, declared=declared)
        assert flaws == []
        assert area is not None
        west, south, east, north = area.bounds
        assert 100 < west < east < 125
        assert 25 < south < north < 40


def test_porto_alegre_hexagons_are_a_village_table_of_people(real_data: Path) -> None:
    frame, flaws = read_table(real_data / "r5r_porto_alegre" / "poa_hexgrid.csv", VILLAGES)
    assert [flaw.code for flaw in flaws] == ["column_unused"]
    assert len(frame) == 1227
    assert frame["people"].sum() == 812_935
    assert frame["village_id"].iloc[0] == "89a901291abffff"
