from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import Point, box

from layout_planner.io.buildings import read_buildings
from layout_planner.io.settlement import inhabited_middle

UTM = CRS.from_epsg(32649)
OUTLINE = box(110.9, 29.9, 111.1, 30.1)
X, Y = gpd.GeoSeries([Point(111.0, 30.0)], crs=4326).to_crs(UTM).iloc[0].coords[0]


def layer(folder: Path, shapes: list[shapely.Geometry], **columns: object) -> Path:
    path = folder / "buildings.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapes, crs=UTM).to_file(path, driver="GPKG")
    return path


def house(x: float, y: float, width: float, depth: float) -> shapely.Geometry:
    return box(X + x, Y + y, X + x + width, Y + y + depth)


def test_floor_space_is_the_footprint_times_the_levels_of_residential_buildings(tmp_path: Path) -> None:
    shapes = [house(0, 0, 10, 10), house(50, 0, 10, 20), house(90, 0, 10, 10), house(300, 0, 50, 50)]
    path = layer(
        tmp_path, shapes, 用途=["住宅", "", "农房", "学校"], 层数=["3", None, None, "4"], 高度=[None, None, 6.2, 15.0]
    )
    found, flaws = read_buildings(path, OUTLINE, UTM)
    assert found is not None
    assert found["floor_m2"].to_numpy() == pytest.approx([300, 200, 200], rel=1e-3)
    assert found.crs == UTM
    assert [f.code for f in flaws] == ["buildings_read"]
    assert "居住建筑 3 栋，非居住建筑 1 栋" in flaws[0].what.zh


def test_points_weigh_by_their_stated_footprint_or_alike(tmp_path: Path) -> None:
    spots = [Point(X, Y), Point(X + 50, Y)]
    stated, _ = read_buildings(layer(tmp_path, spots, area_m2=[80.0, 120.0], levels=[2, 1]), OUTLINE, UTM)
    alike, _ = read_buildings(layer(tmp_path, spots, name=["甲", "乙"]), OUTLINE, UTM)
    assert stated is not None
    assert alike is not None
    assert stated["floor_m2"].tolist() == [160, 120]
    assert alike["floor_m2"].tolist() == [1, 1]


def test_no_home_in_the_area_is_an_error(tmp_path: Path) -> None:
    found, flaws = read_buildings(layer(tmp_path, [house(0, 0, 9, 9)], building=["school"]), OUTLINE, UTM)
    assert found is None
    assert [f.code for f in flaws] == ["buildings_none"]
    far, _ = read_buildings(layer(tmp_path, [house(90_000, 0, 9, 9)], building=["yes"]), OUTLINE, UTM)
    assert far is None


OSM = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
  <node id="1" lon="111.0000" lat="30.0000"/><node id="2" lon="111.0002" lat="30.0000"/>
  <node id="3" lon="111.0002" lat="30.0002"/><node id="4" lon="111.0000" lat="30.0002"/>
  <node id="5" lon="111.00005" lat="30.00005"/><node id="6" lon="111.00015" lat="30.00005"/>
  <node id="7" lon="111.00015" lat="30.00015"/><node id="8" lon="111.00005" lat="30.00015"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
  <way id="11"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/>
    <tag k="building" v="yes"/><tag k="amenity" v="school"/></way>
  <relation id="20"><member type="way" ref="10" role="outer"/><member type="way" ref="11" role="inner"/>
    <tag k="type" v="multipolygon"/><tag k="building" v="apartments"/><tag k="building:levels" v="6"/></relation>
</osm>
"""


def test_osm_buildings_are_closed_ways_and_multipolygons_with_their_courts_left_out(tmp_path: Path) -> None:
    path = tmp_path / "buildings.osm"
    path.write_text(OSM, encoding="utf-8")
    found, _ = read_buildings(path, OUTLINE, UTM)
    assert found is not None
    whole = gpd.GeoSeries([box(111.0, 30.0, 111.0002, 30.0002)], crs=4326).to_crs(UTM).area.iloc[0]
    assert found["floor_m2"].tolist() == pytest.approx([whole * 0.75 * 6], rel=1e-3)


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "buildings.osm.pbf"
    path.write_bytes(b"not a pbf")
    assert [f.code for f in read_buildings(path, OUTLINE, UTM)[1]] == ["buildings_unreadable"]


def test_the_middle_of_a_village_is_an_inhabited_place_inside_its_area() -> None:
    crescent = box(0, 0, 100, 100).difference(box(20, 20, 80, 100))
    xy = np.array([[10.0, 90.0], [10.0, 10.0], [90.0, 90.0], [50.0, 60.0], [50.0, 50.0]])
    middle = inhabited_middle(np.array([crescent, box(500, 0, 600, 100)]), xy, np.array([1.0, 1.0, 0.0, 9.0, 0.0]))
    assert middle[0].tolist() in ([10.0, 90.0], [10.0, 10.0])
    assert np.isnan(middle[1]).all()
