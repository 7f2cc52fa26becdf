"""Layers of any geometry: what can be used keeps its area, what cannot is named by its feature."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, note
from hypothesis import strategies as st
from shapely.geometry import shape

from layout_planner.columns import SCHOOLS, TOWNSHIPS, VILLAGES
from layout_planner.errors import LayoutError, Severity
from layout_planner.io.osm import read_network
from layout_planner.io.vector import VECTOR_SUFFIXES, read_layer, read_lines, read_polygon

from .conftest import Place, fuzzed
from .damage import damaged, noise

_NUMBER = st.integers(0, 1000).map(lambda n: n / 1000)
_PAIR = st.tuples(_NUMBER.map(lambda a: 110 + a), _NUMBER.map(lambda a: 32 + a)).map(list)
_ODD = [[float("nan"), 32.0], [1e999, 32.0], [110.5, -1e999], [0, 0], [1e300, 1e300], [400.0, 32.0], [32.0, 110.0]]
_POSITION = st.one_of(
    _PAIR,
    _PAIR,
    _PAIR,
    _PAIR,
    _PAIR.map(lambda p: [*p, 5.0]),
    st.sampled_from(_ODD),
)
_RING = st.lists(_PAIR, min_size=3, max_size=7).map(lambda ring: [*ring, ring[0]])
_LINE = st.lists(_PAIR, min_size=2, max_size=5)
_SIMPLE = st.one_of(
    st.none(),
    st.builds(lambda c: {"type": "Point", "coordinates": c}, _POSITION),
    st.builds(lambda c: {"type": "LineString", "coordinates": c}, _LINE | st.lists(_POSITION, max_size=3)),
    st.builds(lambda c: {"type": "Polygon", "coordinates": [c]}, _RING | st.lists(_POSITION, max_size=5)),
    st.builds(lambda c, d: {"type": "Polygon", "coordinates": [c, d]}, _RING, _RING),
    st.builds(lambda c: {"type": "MultiPolygon", "coordinates": [[r] for r in c]}, st.lists(_RING, max_size=3)),
    st.builds(lambda c: {"type": "MultiPoint", "coordinates": c}, st.lists(_PAIR, max_size=3)),
    st.builds(lambda c: {"type": "MultiLineString", "coordinates": c}, st.lists(_LINE, max_size=2)),
    st.sampled_from(
        [{"type": "Polygon", "coordinates": []}, {"type": "Point", "coordinates": []}, {"type": "Circle"}, {}, 5]
    ),
)
_GEOMETRY = _SIMPLE | st.builds(
    lambda members: {"type": "GeometryCollection", "geometries": members}, st.lists(_SIMPLE.filter(bool), max_size=3)
)
_VALUE = (
    st.none() | st.text(max_size=5) | st.integers() | st.floats() | st.booleans() | st.lists(st.integers(), max_size=2)
)


@st.composite
def collections(draw: st.DrawFn) -> dict[str, object]:
    """Draw a GeoJSON with townships or villages of any shape."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "id": f"{i:09d}",
                "name": f"镇{i}",
                "pupils_g1_3": draw(_VALUE) if draw(st.booleans()) else 10,
            },
            "geometry": draw(_GEOMETRY),
        }
        for i in range(draw(st.integers(0, 4)))
    ]
    return {"type": "FeatureCollection", "features": features}


def write(path: Path, tree: object) -> Path:
    path.write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")
    return path


@fuzzed(50)
@given(tree=collections())
def test_any_collection_is_read_or_named(place: Place, tree: dict[str, object]) -> None:
    path = write(place("t.geojson"), tree)
    for table, polygons in ((TOWNSHIPS, True), (VILLAGES, False)):
        layer = read_layer(path, table, polygons=polygons)
        note(repr([f.render("en") for f in layer.shortened()]))
        named = {f.row for f in layer.flaws if f.severity is Severity.ERROR}
        for row, geometry in zip(layer.frame.index, layer.geometry, strict=True):
            usable = geometry is not None and not geometry.is_empty and math.isfinite(sum(geometry.bounds))
            assert usable or row in named or None in named
    area, _, flaws = read_polygon(path)
    assert area is not None or any(f.severity is Severity.ERROR for f in flaws)
    read_lines(path)


@fuzzed(30)
@given(rings=st.lists(_RING, min_size=1, max_size=4), suffix=st.sampled_from([".gpkg", ".shp", ".geojson", ".fgb"]))
def test_valid_townships_keep_their_codes_and_areas(place: Place, rings: list[list[list[float]]], suffix: str) -> None:
    shapes = [shape({"type": "Polygon", "coordinates": [ring]}) for ring in rings]
    shapes = [s for s in shapes if s.is_valid and s.area > 1e-6]
    if not shapes:
        return
    codes = [f"{i:09d}" for i in range(len(shapes))]
    frame = gpd.GeoDataFrame({"id": codes, "name": [f"镇{c}" for c in codes]}, geometry=shapes, crs=4326)
    path = place(f"t{suffix}")
    frame.to_file(path, engine="pyogrio", encoding="utf-8" if suffix == ".shp" else None)
    layer = read_layer(path, TOWNSHIPS, polygons=True)
    assert [f for f in layer.flaws if f.severity is Severity.ERROR] == []
    read = dict(zip(layer.frame["township_id"], layer.geometry, strict=True))
    assert sorted(read) == codes
    for code, true in zip(codes, shapes, strict=True):
        assert shapely.area(read[code]) == pytest.approx(true.area, rel=1e-9)


@fuzzed(50)
@given(data=st.data())
def test_damaged_and_foreign_layers_are_flaws(place: Place, data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(VECTOR_SUFFIXES))
    path = place(f"t{suffix}")
    if data.draw(st.booleans()):
        path.write_bytes(data.draw(noise))
    else:
        if suffix in (".geojson", ".json", ".kml", ".gml"):
            write(path, data.draw(collections()))
        else:
            frame = gpd.GeoDataFrame({"id": ["01"], "name": ["镇"]}, geometry=[shapely.box(110, 32, 111, 33)], crs=4326)
            frame.to_file(path, engine="pyogrio")
        part = data.draw(st.sampled_from(sorted(path.parent.iterdir())))
        part.write_bytes(data.draw(damaged(part.read_bytes())))
    read_layer(path, TOWNSHIPS, polygons=True)
    read_layer(path, SCHOOLS)
    read_lines(path)
    area, _, flaws = read_polygon(path)
    assert area is not None or any(f.severity is Severity.ERROR for f in flaws)
    with contextlib.suppress(LayoutError):
        read_network(path)


_OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
  <node id="1" lat="32.15" lon="110.705"/><node id="2" lat="32.15" lon="110.75"><tag k="barrier" v="gate"/></node>
  <node id="3" lat="32.15" lon="110.795"/><node id="4" lat="32.11" lon="110.75"/>
  <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="tertiary"/><tag k="maxspeed" v="40"/></way>
  <way id="11"><nd ref="4"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="width" v="3.5 m"/></way>
</osm>
"""
_WORDS = (
    "nan",
    "inf",
    "-1",
    "99999999999999999999999",
    "1e400",
    "",
    "&",
    "<",
    "]]>",
    "\x00",
    "道",
    "lat=",
    "ref='2'",
    "<way>",
    "</way>",
    "<nd ref='7'/>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    "&a;",
    "<tag k='oneway' v='-1'/>",
    "<tag k='maxspeed' v='1e400'/>",
    "<tag k='incline' v='∞%'/>",
    "<node id='1' lat='95' lon='500'/>",
    "<relation id='1'/>",
    "<delete>",
)


@fuzzed(50)
@given(data=st.data())
def test_a_mangled_osm_file_is_a_network_or_a_flaw(place: Place, data: st.DataObject) -> None:
    path = place(data.draw(st.sampled_from(["r.osm", "r.osm", "r.osm.gz", "r.osm.bz2", "r.osm.pbf", "r.graphml"])))
    text = _OSM
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(st.sampled_from(_WORDS)) + text[at + data.draw(st.integers(0, 8)) :]
    content = text.encode() if data.draw(st.booleans()) else data.draw(damaged(_OSM.encode()) | noise)
    path.write_bytes(content)
    try:
        network = read_network(path)
    except LayoutError:
        return
    assert network.n_edges > 0
    assert math.isfinite(float(network.length_m.sum()))
