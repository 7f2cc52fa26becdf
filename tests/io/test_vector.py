from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layout_planner.columns import TOWNSHIPS, VILLAGES
from layout_planner.errors import Severity
from layout_planner.io.vector import read_layer, read_lines, read_polygon

from .conftest import EAST, MIDDLE, NORTH, SOUTH, WEST, box_feature, write_geojson

AREA = shapely.box(WEST, SOUTH, EAST, NORTH)


def write(path: Path, names: list[str], shapes: list[object], crs: str | None, **kwargs: object) -> Path:
    frame = gpd.GeoDataFrame(
        {"乡镇代码": ["990101101", "990101102"][: len(names)], "乡镇名称": names}, geometry=shapes, crs=crs
    )
    frame.to_file(path, engine="pyogrio", **kwargs)
    return path


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("cpg", [True, False])
def test_shapefiles_are_decoded_by_what_is_in_them(tmp_path: Path, encoding: str, cpg: bool) -> None:
    path = write(
        tmp_path / "t.shp",
        ["东镇", "西乡"],
        [shapely.box(MIDDLE, SOUTH, EAST, NORTH), shapely.box(WEST, SOUTH, MIDDLE, NORTH)],
        "EPSG:4490",
        encoding=encoding,
    )
    if not cpg:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    layer = read_layer(path, TOWNSHIPS, polygons=True)
    assert layer.flaws == []
    assert layer.frame["name"].tolist() == ["东镇", "西乡"]
    assert layer.frame["township_id"].tolist() == ["990101101", "990101102"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_without_prj_the_system_must_be_declared(tmp_path: Path) -> None:
    path = write(tmp_path / "t.shp", ["东镇"], [AREA], None)
    layer = read_layer(path, TOWNSHIPS, polygons=True)
    assert [f.code for f in layer.flaws] == ["crs_missing"]
    assert layer.frame.empty
    declared = read_layer(path, TOWNSHIPS, polygons=True, declared="gcj02")
    assert declared.flaws == []
    moved = declared.geometry[0].centroid
    assert 0.002 < np.hypot(moved.x - AREA.centroid.x, moved.y - AREA.centroid.y) < 0.01


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_degrees_declared_as_metres_are_refused_and_the_reverse(tmp_path: Path) -> None:
    degrees = write(tmp_path / "d.shp", ["东镇"], [AREA], None)
    assert [f.code for f in read_polygon(degrees, declared="EPSG:4546")[2]] == ["crs_wrong_kind"]
    metres = write(tmp_path / "m.shp", ["东镇"], [shapely.box(4e5, 3.5e6, 4.1e5, 3.6e6)], None)
    assert [f.code for f in read_polygon(metres, declared="wgs84")[2]] == ["crs_wrong_kind"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_wrong_zone_is_a_flaw(tmp_path: Path) -> None:
    path = write(tmp_path / "m.shp", ["东镇"], [shapely.box(1.96e7, 3.82e6, 1.97e7, 3.83e6)], None)
    assert [f.code for f in read_polygon(path, declared="EPSG:4546")[2]] == ["crs_wrong"]


def test_a_projected_layer_comes_back_to_degrees(tmp_path: Path) -> None:
    path = tmp_path / "b.gpkg"
    gpd.GeoDataFrame({"name": ["小样县"]}, geometry=[AREA], crs=4326).to_crs(4546).to_file(path, engine="pyogrio")
    area, name, flaws = read_polygon(path)
    assert (name, flaws) == ("小样县", [])
    assert area is not None
    assert area.symmetric_difference(AREA).area / AREA.area < 1e-3


def test_parts_of_one_township_are_joined_and_bad_rings_mended(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[110, 32], [111, 33], [111, 32], [110, 33], [110, 32]]]}
    features = [
        box_feature(WEST, MIDDLE, township_id="1", name="一"),
        box_feature(EAST, EAST + 0.1, township_id="1", name="一"),
        {"type": "Feature", "properties": {"township_id": "2", "name": "二"}, "geometry": bow},
        {
            "type": "Feature",
            "properties": {"township_id": "3", "name": "三"},
            "geometry": {"type": "Point", "coordinates": [1, 2]},
        },
    ]
    layer = read_layer(write_geojson(tmp_path / "t.geojson", features), TOWNSHIPS, polygons=True)
    assert [(f.code, f.row) for f in layer.flaws] == [("geometry_wrong", 4)]
    assert layer.frame["township_id"].tolist() == ["1", "2", "3"]
    assert layer.geometry[0].area == pytest.approx(0.15 * 0.1)
    assert layer.geometry[1].is_valid
    assert layer.geometry[1].area == pytest.approx(0.5)


def test_one_code_with_two_names_is_a_flaw(tmp_path: Path) -> None:
    features = [
        box_feature(WEST, MIDDLE, township_id="1", name="一"),
        box_feature(MIDDLE, EAST, township_id="1", name="二"),
    ]
    layer = read_layer(write_geojson(tmp_path / "t.geojson", features), TOWNSHIPS, polygons=True)
    assert [f.code for f in layer.flaws] == ["code_repeated"]


def test_features_without_attributes_are_not_lost_silently(tmp_path: Path) -> None:
    features = [
        box_feature(WEST, MIDDLE, township_id="1", name="一"),
        box_feature(MIDDLE, EAST, township_id=None, name=None),
    ]
    layer = read_layer(write_geojson(tmp_path / "t.geojson", features), TOWNSHIPS, polygons=True)
    assert [(f.code, f.row) for f in layer.flaws] == [("value_missing", 2), ("value_missing", 2)]


def test_village_polygons_count_as_a_point_inside(tmp_path: Path) -> None:
    path = write_geojson(
        tmp_path / "v.geojson", [box_feature(WEST, MIDDLE, village_id="007", name="村", pupils_g1_3=3)]
    )
    layer = read_layer(path, VILLAGES)
    assert layer.flaws == []
    assert layer.frame["village_id"].tolist() == ["007"]
    assert shapely.box(WEST, SOUTH, MIDDLE, NORTH).contains(layer.geometry[0])
    assert layer.frame["lon"].iloc[0] == layer.geometry[0].x


def test_unreadable_and_absent_layers_are_flaws(tmp_path: Path) -> None:
    broken = tmp_path / "b.gpkg"
    broken.write_bytes(b"not a database")
    assert [f.code for f in read_polygon(broken)[2]] == ["file_unreadable"]
    assert [f.code for f in read_polygon(tmp_path / "none.shp")[2]] == ["file_missing"]


def test_a_village_without_a_shape_is_named_and_its_lines_are_left_out(tmp_path: Path) -> None:
    empty = {"type": "Feature", "properties": {"id": "01", "name": "村"}, "geometry": None}
    empty["geometry"] = {"type": "MultiPolygon", "coordinates": []}
    point = {"type": "Point", "coordinates": []}
    spot = {"type": "LineString", "coordinates": [[110, 32], [110, 32]]}
    mixed = {"type": "GeometryCollection", "geometries": [spot, empty["geometry"]]}
    path = write_geojson(tmp_path / "v.geojson", [empty, {**empty, "geometry": point}, {**empty, "geometry": mixed}])
    layer = read_layer(path, VILLAGES)
    assert [f.row for f in layer.flaws if f.code == "geometry_wrong"] == [1, 2, 3]
    lines, flaws = read_lines(path)
    assert lines is not None
    assert (len(lines), flaws) == (0, [])


def test_a_file_without_layers_is_a_flaw(tmp_path: Path) -> None:
    (tmp_path / "t.gpkg").write_bytes(b"fgb\x03fgb\x00")
    assert [f.code for f in read_layer(tmp_path / "t.gpkg", TOWNSHIPS).flaws] == ["file_unreadable"]


def test_of_several_layers_the_first_is_used_and_said(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"name": ["县"]}, geometry=[AREA], crs=4326)
    for layer in ("县界", "乡镇"):
        frame.to_file(tmp_path / "b.gpkg", layer=layer, engine="pyogrio")
    area, _, flaws = read_polygon(tmp_path / "b.gpkg")
    assert area is not None
    assert [f.code for f in flaws] == ["layer_first_used"]
    assert "乡镇" in flaws[0].what.zh


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [np.nan, 32]},
        {"type": "Polygon", "coordinates": [[[110, 32], [111, 33]]]},
        {"type": "LineString", "coordinates": [[110, 32]]},
    ],
)
def test_a_shape_without_a_place_is_named_and_left_out_of_the_boundary(
    tmp_path: Path, geometry: dict[str, object]
) -> None:
    nowhere = {
        "type": "Feature",
        "properties": {"id": "02"},
        "geometry": {"type": "Point", "coordinates": [np.nan, 32]},
    }
    path = write_geojson(tmp_path / "b.geojson", [box_feature(WEST, EAST, id="01"), nowhere])
    area, _, flaws = read_polygon(path)
    assert area is not None
    assert area.equals(AREA)
    assert [(f.code, f.severity) for f in flaws] == [("geometry_wrong", Severity.WARNING)]
    for polygons in (True, False):
        layer = read_layer(path, VILLAGES, polygons=polygons)
        assert [f.row for f in layer.flaws if f.code == "geometry_wrong"] == [2]


def test_columns_with_one_name_are_told(tmp_path: Path) -> None:
    path = tmp_path / "t.shp"
    frame = gpd.GeoDataFrame({"id": ["01"], "name": ["east"], "nama": ["west"]}, geometry=[AREA], crs=4326)
    frame.to_file(path, engine="pyogrio")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().replace(b"nama", b"name"))
    layer = read_layer(path, TOWNSHIPS, polygons=True)
    assert [f.code for f in layer.flaws] == ["columns_alike"]
    assert layer.frame["name"].tolist() == ["west"]


def test_lines_of_no_length_do_not_stop_a_layer(tmp_path: Path) -> None:
    spot, river = shapely.LineString([(110.7, 32.1)] * 2), shapely.LineString([(110.7, 32.1), (110.8, 32.2)])
    path = tmp_path / "r.gpkg"
    shapes = [spot, river, shapely.MultiLineString([spot, river])]
    gpd.GeoDataFrame({"name": ["a", "b", "c"]}, geometry=shapes, crs=4490).to_file(path, engine="pyogrio")
    lines, flaws = read_lines(path)
    assert flaws == []
    assert lines is not None
    lengths = shapely.length(lines.geometry.to_numpy())
    assert lengths.tolist() == pytest.approx([0.0, river.length, river.length], abs=1e-6)


def test_a_layer_with_latitudes_first_is_told_so(tmp_path: Path) -> None:
    ring = [[32.0, 110.0], [32.1, 110.0], [32.1, 110.1], [32.0, 110.0]]
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    area, _, flaws = read_polygon(write_geojson(tmp_path / "boundary.geojson", [feature]))
    assert (area, [(f.code, f.file) for f in flaws]) == (None, [("coordinates_swapped", "boundary.geojson")])
