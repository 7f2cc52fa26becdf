"""Every real table, layer and boundary that none of us made reads, and what its check says is right."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from layout_planner.columns import SCHOOLS, TOWNSHIPS, VILLAGES, Table
from layout_planner.io.crs import to_crs, working_crs
from layout_planner.io.geometry import project
from layout_planner.io.osm import read_network
from layout_planner.io.outlines import check_outlines, compare_outlines
from layout_planner.io.plausibility import OFFSET_SYSTEMS, Evidence, compare_systems
from layout_planner.io.tables import read_table
from layout_planner.io.vector import read_layer, read_lines, read_polygon
from layout_planner.travel.network import RoadNetwork

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("name", "table", "rows", "missing"),
    [
        ("cn_shanghai/小学.csv", SCHOOLS, 931, ["学校代码"]),
        ("cn_shanghai/中学.csv", SCHOOLS, 983, ["学校代码"]),
        ("cn_shanghai/幼儿园.csv", SCHOOLS, 2284, ["学校代码"]),
        ("r5r_porto_alegre/poa_hexgrid.csv", VILLAGES, 1227, []),
        ("r5r_porto_alegre/poa_points_of_interest.csv", SCHOOLS, 15, ["学校名称", "学校类别"]),
        ("spopt_locate/SF_demand_205_centroid_uniform_weight.csv", VILLAGES, 205, []),
        ("spopt_locate/SF_store_site_16_longlat.csv", SCHOOLS, 16, ["学校代码", "学校类别"]),
    ],
)
def test_tables_read_row_by_row_and_miss_only_what_they_lack(
    real_data: Path, name: str, table: Table, rows: int, missing: list[str]
) -> None:
    frame, flaws = read_table(real_data / name, table)
    assert len(frame) == rows
    assert [f.column for f in flaws if f.severity == "error"] == missing
    assert frame[["lon", "lat"]].notna().all(axis=None)


def test_county_populations_without_coordinates_are_no_village_table(real_data: Path) -> None:
    _, flaws = read_table(real_data / "cn_mapchina" / "county_population.csv", VILLAGES)
    assert [f.code for f in flaws] == ["header_missing"]
    assert "经度" in flaws[0].mend.zh


@pytest.mark.parametrize(
    ("name", "declared", "rows"),
    [
        ("cn_shanghai/shanghai_district.shp", None, 17),
        ("cn_shanghai/chongqing_district.shp", None, 38),
        ("cn_hubei_admin/hubei_district.shp", "gcj02", 103),
        ("cn_hubei_admin/shiyan_district.shp", "gcj02", 8),
        ("cn_hubei_admin/huangshi_district.shp", "gcj02", 6),
        ("cn_hubei_admin/jingmen_district.shp", "gcj02", 5),
        ("cn_mapchina/hubei_counties.gpkg", None, 103),
    ],
)
def test_chinese_districts_are_townships_by_their_own_headers(
    real_data: Path, name: str, declared: str | None, rows: int
) -> None:
    layer = read_layer(real_data / name, TOWNSHIPS, polygons=True, declared=declared)
    assert [f for f in layer.flaws if f.severity == "error"] == []
    assert len(layer.frame) == rows
    assert layer.frame["township_id"].str.fullmatch(r"\d{6}").all()
    assert layer.frame["name"].str.fullmatch(r"[\u4e00-\u9fff]+").all()
    assert layer.frame["township_id"].is_unique


@pytest.mark.parametrize(
    ("name", "table", "rows"),
    [
        ("us_santa_rosa_zones/2025-2026_Elementary-Blocks.geojson", TOWNSHIPS, 967),
        ("us_santa_rosa_zones/2025-2026_Elementary.geojson", TOWNSHIPS, 7),
        ("us_santa_rosa_zones/2026-2027_Elementary.geojson", TOWNSHIPS, 6),
        ("us_santa_rosa_zones/2025-2026_Middle.geojson", TOWNSHIPS, 4),
        ("us_santa_rosa_zones/2025-2026_High.geojson", TOWNSHIPS, 5),
        ("us_santa_rosa_zones/School_Locations.geojson", SCHOOLS, 24),
        ("us_santa_rosa_zones/School_Locations_Elementary.geojson", SCHOOLS, 9),
        ("accessmod_demo/base/zone_admin__city/zone_admin__city/zone_admin__city.shp", TOWNSHIPS, 3),
        ("accessmod_demo/base/barrier_restricted_area/barrier__demo/barrier__demo.shp", TOWNSHIPS, 4),
        ("accessmod_demo/base/health_facilities__demo/health_facilities__demo/health_facilities__demo.shp", SCHOOLS, 6),
    ],
)
def test_foreign_layers_read_every_feature_and_lack_only_columns(
    real_data: Path, name: str, table: Table, rows: int
) -> None:
    layer = read_layer(real_data / name, table, polygons=table is TOWNSHIPS)
    assert len(layer.frame) == rows
    assert {f.code for f in layer.flaws if f.severity == "error"} <= {"column_missing"}
    assert all(shape is not None and not shape.is_empty for shape in layer.geometry)


def test_the_zones_of_santa_rosa_before_and_after_cover_the_same_ground(real_data: Path) -> None:
    folder = real_data / "us_santa_rosa_zones"
    before, _, flaws = read_polygon(folder / "2025-2026_Elementary.geojson")
    after, _, more = read_polygon(folder / "2026-2027_Elementary.geojson")
    assert before is not None
    assert after is not None
    assert not [f for f in (*flaws, *more) if f.severity == "error"]
    crs = working_crs(-122.72, 38.45)
    area, other = (project(shape, "wgs84", crs).item().area / 1e6 for shape in (before, after))
    assert area == pytest.approx(other, rel=0.02)


@pytest.mark.parametrize(
    ("name", "rows", "km"),
    [
        ("accessmod_demo/base/road__demo/road__demo/road__demo.shp", 825, None),
        ("accessmod_demo/base/barrier__demo_river/barrier__demo_river/barrier__demo_river.shp", 107, None),
        ("worldpop_kathmandu/kathmandu_hw.gpkg", 6951, 935),
    ],
)
def test_lines_read_whole(real_data: Path, name: str, rows: int, km: float | None) -> None:
    lines, flaws = read_lines(real_data / name)
    assert flaws == []
    assert lines is not None
    assert len(lines) == rows
    if km is not None:
        assert lines.to_crs(32645).length.sum() / 1000 == pytest.approx(km, rel=0.01)


@pytest.mark.parametrize("words", ["cgcs2000 6度带 19带", "EPSG:4497"])
def test_henan_polygons_with_zone_prefix_read_by_a_declaration_and_not_without(real_data: Path, words: str) -> None:
    path = real_data / "cn_henan_polygons" / "gy2_polyon.shp"
    area, _, flaws = read_polygon(path, declared=words)
    assert flaws == []
    assert area is not None
    west, south, east, north = area.bounds
    assert 110 < west < east < 114
    assert 34 < south < north < 36
    for declared, code in ((None, "crs_missing"), ("cgcs2000 3度带 37带", "crs_wrong"), ("wgs84", "crs_wrong_kind")):
        area, _, [flaw] = read_polygon(path, declared=declared)
        assert area is None
        assert flaw.code == code
        assert "6度带 19带" in flaw.mend.zh


def test_attributes_in_gbk_without_cpg_read(real_data: Path, tmp_path: Path) -> None:
    for suffix in ("shp", "shx", "dbf"):
        shutil.copy(real_data / "cn_hubei_admin" / f"huangshi_district.{suffix}", tmp_path / f"a.{suffix}")
        (tmp_path / f"a.{suffix}").chmod(0o644)
    utf8 = read_layer(tmp_path / "a.shp", TOWNSHIPS, polygons=True, declared="gcj02")
    frame = gpd.GeoDataFrame(utf8.frame[["township_id", "name"]], geometry=utf8.geometry, crs=4326)
    frame.rename(columns={"township_id": "adcode"}).to_file(tmp_path / "b.shp", encoding="gbk")
    (tmp_path / "b.cpg").unlink()
    gbk = read_layer(tmp_path / "b.shp", TOWNSHIPS, polygons=True)
    assert gbk.frame["name"].tolist() == utf8.frame["name"].tolist()


@pytest.fixture(scope="module")
def pairs(real_data: Path) -> list[tuple[str, BaseGeometry, BaseGeometry]]:
    """Give the counties of 十堰 as the shifted layer has them, read as WGS-84, and as the official one has them."""
    shifted = read_layer(
        real_data / "cn_hubei_admin" / "shiyan_district.shp", TOWNSHIPS, polygons=True, declared="wgs84"
    )
    true = read_layer(real_data / "cn_mapchina" / "hubei_counties.gpkg", TOWNSHIPS, polygons=True)
    by_code = dict(zip(true.frame["township_id"], true.geometry, strict=True))
    rows = zip(shifted.frame["township_id"], shifted.geometry, strict=True)
    return [(code, shape, by_code[code]) for code, shape in rows if code in by_code]


def test_county_outlines_in_gcj02_are_told_from_the_official_ones(
    pairs: list[tuple[str, BaseGeometry, BaseGeometry]],
) -> None:
    likelier = []
    for _, shape, true in pairs:
        crs = working_crs(true.centroid.x, true.centroid.y)
        fit = compare_outlines(shape, true, "wgs84", crs)
        expected = to_crs(np.array([[true.centroid.x, true.centroid.y]]), "gcj02", crs)
        expected = expected - to_crs(np.array([[true.centroid.x, true.centroid.y]]), "wgs84", crs)
        assert np.hypot(*(np.array(fit.shift_m) - expected[0])) < 100
        likelier.append(fit.likelier)
        there = compare_outlines(shape, true, "wgs84", crs).median_m
        assert there["gcj02"] < there["wgs84"]
    assert len(pairs) == 8
    assert likelier.count("gcj02") >= 7
    assert set(likelier) <= {"gcj02", None}


def test_danjiangkou_as_boundary_and_townships_makes_one_warning(
    pairs: list[tuple[str, BaseGeometry, BaseGeometry]],
) -> None:
    shape, true = next((shape, true) for code, shape, true in pairs if code == "420381")
    crs = working_crs(111.1, 32.6)
    [flaw] = check_outlines({"boundary": ("县界.shp", shape, None), "townships": ("乡镇.gpkg", true, None)}, crs)
    assert "boundary: gcj02" in flaw.mend.zh
    right = shapely.transform(shape, lambda xy: to_crs(xy, "gcj02", "wgs84"))
    layers = {"boundary": ("县界.shp", right, "gcj02"), "townships": ("乡镇.gpkg", true, None)}
    assert check_outlines(layers, crs) == []


def road_lines(network: RoadNetwork) -> np.ndarray:
    edge = np.repeat(np.arange(network.n_edges), np.diff(network.shape_start))
    return np.array(shapely.linestrings(np.column_stack([network.shape_x, network.shape_y]), indices=edge))


def test_houses_of_andorra_laid_into_hubei_are_told_by_their_roads(real_data: Path) -> None:
    path = real_data / "osm_andorra" / "andorra.osm.pbf"
    network = read_network(path)
    houses = pyogrio.read_dataframe(path, layer="multipolygons", where="building IS NOT NULL", columns=["building"])
    places = shapely.get_coordinates(houses.to_crs(network.crs).geometry.centroid)
    lines = road_lines(network)
    move = np.array([500_000.0, 3_600_000.0]) - np.median(shapely.get_coordinates(lines), axis=0)
    evidence = Evidence(shapely.STRtree(shapely.transform(lines, lambda xy: xy + move)))
    found = []
    for seed in range(6):
        some = np.random.default_rng(seed).choice(places, 50, replace=False) + move
        for written in OFFSET_SYSTEMS:
            raw = to_crs(some, "EPSG:4546", written)
            places_by = {system: to_crs(raw, system, "EPSG:4546") for system in OFFSET_SYSTEMS}
            found.append((written, compare_systems(places_by, "wgs84", evidence).likelier))
    assert {likelier for written, likelier in found if written == "wgs84"} == {None}
    moved = [(written, likelier) for written, likelier in found if written != "wgs84"]
    assert all(likelier in (written, None) for written, likelier in moved)
    assert sum(likelier == written for written, likelier in moved) >= 10


def test_shanghai_schools_are_left_in_peace_where_streets_are_everywhere(real_data: Path) -> None:
    network = read_network(real_data / "cn_shanghai_osm" / "shanghai.osm")
    lists = [pd.read_csv(real_data / "cn_shanghai" / f"{name}.csv") for name in ("小学", "中学", "幼儿园")]
    lonlat = pd.concat(lists)[["lon", "lat"]].to_numpy()
    west, south, east, north = 121.4611, 31.2196, 121.4863, 31.2412
    near = (lonlat > [west, south]).all(axis=1) & (lonlat < [east, north]).all(axis=1)
    assert near.sum() == 36
    places = {system: to_crs(lonlat[near], system, network.crs) for system in OFFSET_SYSTEMS}
    assert compare_systems(places, "wgs84", Evidence(shapely.STRtree(road_lines(network)))).likelier is None
