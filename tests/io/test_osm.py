import bz2
import gzip
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import osmnx
import pandas as pd
import pyogrio
import pytest
from shapely import LineString, Point, box

from layout_planner.errors import InputError
from layout_planner.io.osm import download_place, read_graphml, read_network, read_osm
from layout_planner.io.osm_ways import MISSING, read_with_osmium
from layout_planner.io.pbf import ends_mid_stream, read_pbf
from layout_planner.io.roads import read_roads_vector
from layout_planner.travel import to_networkx

NODES = {1: (110.0, 32.0), 2: (110.01, 32.0), 3: (110.02, 32.0), 4: (110.01, 32.01), 5: (110.03, 32.0)}
WAYS = [
    (10, [1, 2, 3], {"highway": "primary", "name": "甲路"}),
    (11, [2, 4], {"highway": "path"}),
    (12, [3, 5], {"highway": "construction"}),
    (13, [1, 4], {"railway": "rail"}),
    (14, [1, 5], {"route": "ferry"}),
    (15, [2, 3, 4, 2], {"building": "yes"}),
]


def write_osm(path: Path, ways=WAYS, nodes=NODES, barriers=()):
    with osmium.SimpleWriter(path, overwrite=True) as writer:
        for node, place in nodes.items():
            tags = {"barrier": "gate"} if node in barriers else {}
            writer.add_node(osmium.osm.mutable.Node(id=node, location=place, tags=tags))
        for way, refs, tags in ways:
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=refs, tags=tags))
    return path


def codes(error: pytest.ExceptionInfo[InputError]) -> list[str]:
    return [flaw.code for flaw in error.value.flaws]


@pytest.mark.parametrize("name", ["r.osm", "r.osm.gz", "r.osm.bz2", "r.osm.pbf"])
def test_every_kind_of_osm_file_gives_the_same_network(tmp_path: Path, name: str):
    told: list[float] = []
    network = read_network(write_osm(tmp_path / name), progress=told.append)
    frame = network.edges_frame()
    assert sorted(frame["way_id"]) == ["10", "10", "11", "14"]
    assert sorted(frame["highway"]) == ["ferry", "path", "primary", "primary"]
    assert set(network.node_id.tolist()) == {1, 2, 3, 4, 5}
    assert len(network.rails.start) == 2
    assert network.crs.to_epsg() == 32649
    assert network.checks == ()
    assert told == [0.5, 1.0]
    assert network.content_hash == read_network(write_osm(tmp_path / "same.osm")).content_hash


def test_the_working_crs_can_be_chosen(tmp_path: Path):
    network = read_osm(write_osm(tmp_path / "r.osm"), 4546)
    assert network.crs.to_epsg() == 4546
    assert network.length_m == pytest.approx(read_osm(tmp_path / "r.osm").length_m)


def test_a_box_or_polygon_keeps_one_vertex_beyond(tmp_path: Path):
    path = write_osm(tmp_path / "r.osm")
    for choice in ({"bbox": (110.015, 31.99, 110.025, 32.005)}, {"polygon": box(110.015, 31.99, 110.025, 32.005)}):
        assert read_osm(path, **choice).node_id.tolist() in ([2, 3], [3, 2])
    with pytest.raises(InputError) as error:
        read_osm(path, bbox=(0, 0, 1, 1))
    assert codes(error) == ["osm_no_roads"]


def test_every_source_can_be_clipped(tmp_path: Path):
    outline = box(110.015, 31.99, 110.025, 32.005)
    network = read_network(write_osm(tmp_path / "r.osm.pbf"))
    network.edges_frame().to_file(tmp_path / "r.gpkg")
    osmnx.save_graphml(to_networkx(network), tmp_path / "r.graphml")
    for name in ("r.osm.pbf", "r.gpkg", "r.graphml"):
        part = read_network(tmp_path / name, clip=outline)
        assert sorted(part.edges_frame()["highway"])[-1] == "primary"
        assert part.n_edges < network.n_edges
        with pytest.raises(InputError):
            read_network(tmp_path / name, clip=box(0, 0, 1, 1))


def test_missing_nodes_break_the_road_and_are_told(tmp_path: Path):
    nodes = {k: v for k, v in NODES.items() if k != 2} | {6: (110.03, 32.01)}
    network = read_osm(write_osm(tmp_path / "r.osm", [(10, [1, 2, 3, 5, 6], {"highway": "primary"})], nodes))
    assert network.n_edges == 1
    assert {3, 6} == set(network.node_id.tolist())
    assert [c.code for c in network.checks] == ["osm_missing_nodes"]


def test_barriers_become_nodes(tmp_path: Path):
    network = read_osm(write_osm(tmp_path / "r.osm", [(10, [1, 2, 3], {"highway": "primary"})], barriers=(2,)))
    assert network.n_edges == 2


@pytest.mark.parametrize("name", ["r.osm", "r.osm.gz", "r.osm.bz2", "r.osm.pbf"])
def test_a_truncated_file_is_one_clear_error(tmp_path: Path, name: str):
    whole = write_osm(tmp_path / name).read_bytes()
    for share in (0.0, 0.05, 0.3, 0.6, 0.9):
        (tmp_path / name).write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(InputError) as error:
            read_network(tmp_path / name)
        assert codes(error)[0].startswith("osm_")


@pytest.mark.parametrize("content", [b"hello", b"<?xml version='1.0'?><html/>", b"\x00\x00\xff\xff\x00garbage"])
@pytest.mark.parametrize("name", ["r.osm", "r.osm.pbf", "r.osm.gz", "r.graphml", "r.gpkg", "r.geojson"])
def test_garbage_is_one_clear_error(tmp_path: Path, name: str, content: bytes):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        read_network(tmp_path / name)
    assert error.value.flaws[0].file == name


@pytest.mark.parametrize("name", ["none.osm", "none.graphml", "none.gpkg", "none.xyz"])
def test_a_missing_file_is_one_clear_error(tmp_path: Path, name: str):
    with pytest.raises(InputError):
        read_network(tmp_path / name)


def test_a_file_without_roads_or_with_ways_before_nodes_says_so(tmp_path: Path):
    with pytest.raises(InputError) as error:
        read_osm(write_osm(tmp_path / "r.osm", [(1, [1, 2], {"building": "yes"})]))
    assert codes(error) == ["osm_no_roads"]
    text = (
        "<osm version='0.6'><way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='path'/></way>"
        "<node id='1' lat='32' lon='110'/><node id='2' lat='32.1' lon='110'/></osm>"
    )
    (tmp_path / "r.osm").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"先列节点|before ways"):
        read_osm(tmp_path / "r.osm")


def test_a_file_that_ends_on_a_full_block_of_ways_is_suspect(tmp_path: Path):
    nodes = {i: (110 + i * 1e-5, 32.0) for i in range(1, 8003)}
    ways = [(i, [i, i + 1], {"highway": "path"}) for i in range(1, 8002)]
    full = write_osm(tmp_path / "full.osm.pbf", ways[:8000], nodes)
    assert ends_mid_stream(full)
    assert [c.code for c in read_osm(full).checks] == ["osm_maybe_cut"]
    assert not ends_mid_stream(write_osm(tmp_path / "more.osm.pbf", ways, nodes))


FIELDS = ("start", "vertex", "node_id", "x", "y", "way_id", "tag_code", "names", "barrier_at", "barrier_code")
KEYS = (("highway", "route", "railway"), ("highway", "route", "railway", "oneway", "surface"), "barrier")


def assert_read_alike(path: Path):
    ours, theirs = read_pbf(path, *KEYS), read_with_osmium(path, *KEYS)
    for name in FIELDS:
        assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
    assert (ours.tag_lists, ours.barrier_lists) == (theirs.tag_lists, theirs.barrier_lists)
    return ours


def random_map(path: Path, seed: int, n: int = 20_000, **options: str) -> Path:
    """Write ways of every length with missing nodes, negative coordinates, odd tags, names and barriers."""
    rng = np.random.default_rng(seed)
    ids = np.sort(rng.choice(10 * n, n, replace=False)) + (1 << 33) + 1
    place = rng.uniform(-2, 2, (n, 2))
    keys = ["highway", "route", "railway", "building", "oneway", "surface", "name", "ref", "name:zh"]
    values = ["primary", "路", "yes", "a" * 200, "rail", "ferry"]
    file = osmium.io.File(str(path), path.name.partition(".")[2] + "".join(f",{k}={v}" for k, v in options.items()))
    with osmium.SimpleWriter(file, overwrite=True) as writer:
        for i, at in zip(ids.tolist(), place.tolist(), strict=True):
            tags = {"barrier": str(rng.integers(3)), "access": "no"} if rng.random() < 0.02 else {}
            tags |= {"ele": "1"} if rng.random() < 0.02 else {}
            writer.add_node(osmium.osm.mutable.Node(id=i, location=at, tags=tags))
        for way in range(n // 2):
            some = rng.choice(len(keys), rng.integers(0, 5), replace=False)
            tags = {keys[k]: values[rng.integers(len(values))] for k in some}
            refs = rng.choice(ids[: n // 3], rng.integers(0, 12)).tolist() + [1] * (rng.random() < 0.01)
            writer.add_way(osmium.osm.mutable.Way(id=way * 3 + 7, nodes=refs, tags=tags))
        for relation in range(10):
            writer.add_relation(osmium.osm.mutable.Relation(id=relation + 1, members=[("w", 7, "")], tags={"a": "b"}))
    return path


@pytest.mark.parametrize("options", [{}, {"pbf_compression": "none"}, {"add_metadata": "false"}], ids=str)
def test_our_decoder_reads_what_libosmium_reads(tmp_path: Path, options: dict[str, str]):
    found = assert_read_alike(random_map(tmp_path / "r.osm.pbf", len(options), **options))
    assert len(found.way_id) > 1000
    assert (found.x == MISSING).sum() == 1
    assert len(found.barrier_at) > 50


@pytest.mark.parametrize("options", [{"pbf_dense_nodes": "false"}, {"locations_on_ways": "true"}], ids=str)
def test_unusual_files_are_left_to_libosmium(tmp_path: Path, options: dict[str, str]):
    path = random_map(tmp_path / "r.osm.pbf", 5, 500, **options)
    with pytest.raises(ValueError, match=r"one by one|within ways"):
        read_pbf(path, *KEYS)
    assert read_osm(path).content_hash == read_osm(random_map(tmp_path / "usual.osm.pbf", 5, 500)).content_hash


def test_a_flipped_byte_never_passes_unseen(tmp_path: Path):
    path = random_map(tmp_path / "r.osm.pbf", 6, 500)
    whole, seen = bytearray(path.read_bytes()), set()
    network = read_osm(path)
    for at in np.random.default_rng(0).choice(len(whole), 60, replace=False):
        whole[at] ^= 0x55
        path.write_bytes(whole)
        whole[at] ^= 0x55
        try:
            again = read_osm(path)
        except InputError as error:
            seen.update(flaw.code for flaw in error.flaws)
        else:
            assert again.content_hash == network.content_hash  # the byte is no part of the map
    assert seen == {"osm_unreadable"}


def test_graphml_of_osmnx_is_read(tmp_path: Path):
    network = read_osm(write_osm(tmp_path / "r.osm"))
    osmnx.save_graphml(to_networkx(network), tmp_path / "r.graphml")
    again = read_graphml(tmp_path / "r.graphml")
    assert again.node_id.tolist() == network.node_id.tolist()
    assert again.length_m == pytest.approx(network.length_m, rel=1e-6)
    assert again.roads.highway.tolist() == network.roads.highway.tolist()


def test_nothing_is_downloaded_unless_asked_and_failure_is_told(monkeypatch):
    def refuse(*_, **__):
        raise ConnectionError("no internet here")

    wanted = list(osmnx.settings.useful_tags_way)
    monkeypatch.setattr(osmnx, "graph_from_place", refuse)
    with pytest.raises(InputError, match="no internet here"):
        read_network("place:某县")
    assert osmnx.settings.useful_tags_way == wanted
    monkeypatch.undo()


def test_a_place_comes_through_osmnx(monkeypatch, tmp_path: Path):
    network = read_osm(write_osm(tmp_path / "r.osm"))
    monkeypatch.setattr(osmnx, "graph_from_place", lambda *_, **__: to_networkx(network))
    assert download_place("某县").n_edges == network.n_edges


def lines_file(path: Path, columns, lines, crs=4326, **options):
    gpd.GeoDataFrame(columns, geometry=lines, crs=crs).to_file(path, **options)
    return path


CROSSING = [
    LineString([(110.0, 32.0), (110.005, 32.0), (110.01, 32.0)]),
    LineString([(110.005, 31.995), (110.005, 32.0), (110.005, 32.005)]),
]


def test_lines_join_at_shared_vertices_but_not_under_bridges(tmp_path: Path):
    columns = {"highway": ["primary", "residential"], "bridge": ["no", "no"]}
    assert read_network(lines_file(tmp_path / "a.gpkg", columns, CROSSING)).n_edges == 4
    columns["bridge"] = ["no", "yes"]
    over = read_network(lines_file(tmp_path / "b.gpkg", columns, CROSSING))
    assert over.n_edges == 2
    assert over.components().max() == 1
    ends = [LineString([(110.0, 32.0), (110.005, 32.0)]), CROSSING[1], LineString([(110.005, 32.005), (110.01, 32.0)])]
    columns = {"highway": ["primary"] * 3, "bridge": ["", "T", ""]}
    assert read_network(lines_file(tmp_path / "c.gpkg", columns, ends)).components().tolist().count(0) == 3


def test_columns_of_other_makers_are_understood(tmp_path: Path):
    columns = {"fclass": ["track_grade4", "motorway"], "oneway": ["B", "T"], "osm_id": ["77", "78"],
               "maxspeed": [0, 80], "bridge": ["F", "F"], "name": ["土路", None]}  # fmt: skip
    path = lines_file(tmp_path / "roads.shp", columns, CROSSING, encoding="gb18030")
    path.with_suffix(".cpg").unlink()
    frame = read_roads_vector(path).edges_frame()
    assert set(frame["highway"]) == {"track", "motorway"}
    assert set(frame.loc[frame["highway"] == "motorway", "oneway"]) == {"backward"}
    assert set(frame.loc[frame["highway"] == "track", "tracktype"]) == {4}
    assert set(frame["way_id"]) == {"77", "78"}
    assert set(frame["name"]) == {"土路", ""}
    assert np.isnan(frame.loc[frame["highway"] == "track", "maxspeed_kmh"]).all()


def test_a_layer_without_classes_works_with_a_warning(tmp_path: Path):
    network = read_network(lines_file(tmp_path / "a.geojson", {"kind": [1, 2]}, CROSSING))
    assert [c.code for c in network.checks] == ["roads_no_class"]
    assert set(network.edges_frame()["highway"]) == {"unclassified"}


def test_projected_and_offset_layers_land_in_the_same_place(tmp_path: Path):
    plain = read_network(lines_file(tmp_path / "a.gpkg", {"highway": ["path"] * 2}, CROSSING))
    moved = gpd.GeoSeries(CROSSING, crs=4326).to_crs(4546)
    projected = read_network(lines_file(tmp_path / "b.gpkg", {"highway": ["path"] * 2}, list(moved), crs=4546))
    assert projected.node_lon == pytest.approx(plain.node_lon, abs=1e-7)
    offset = read_network(tmp_path / "a.gpkg", declared_crs="gcj02")
    assert 100 < abs(offset.node_x - plain.node_x).max() + abs(offset.node_y - plain.node_y).max() < 1500


def test_layers_without_crs_or_lines_are_refused(tmp_path: Path):
    path = lines_file(tmp_path / "a.shp", {"highway": ["path"] * 2}, CROSSING)
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError) as error:
        read_network(path)
    assert codes(error) == ["roads_no_crs"]
    assert read_network(path, declared_crs="wgs84").n_edges == 4
    points = lines_file(tmp_path / "p.gpkg", {"highway": ["path"]}, [Point(110, 32)])
    with pytest.raises(InputError) as error:
        read_network(points)
    assert codes(error) == ["roads_empty"]


def test_compressed_files_are_really_compressed(tmp_path: Path):
    assert gzip.decompress(write_osm(tmp_path / "r.osm.gz").read_bytes()).startswith(b"<?xml")
    assert bz2.decompress(write_osm(tmp_path / "r.osm.bz2").read_bytes()).startswith(b"<?xml")


def test_coordinates_that_are_no_numbers_are_a_damaged_file(tmp_path: Path) -> None:
    node = '<node id="1" lat="32.15" lon="nan110"/><node id="2" lat="32.15" lon="110.8"/>'
    way = '<way id="10"><nd ref="1"/><nd ref="2"/><tag k="highway" v="tertiary"/></way>'
    path = tmp_path / "r.osm"
    path.write_text(f'<osm version="0.6">{node}{way}</osm>', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_osm(path)
    assert [flaw.code for flaw in raised.value.flaws] == ["osm_unreadable"]


def test_a_table_without_lines_holds_no_roads(tmp_path: Path) -> None:
    pyogrio.write_dataframe(pd.DataFrame({"highway": ["tertiary"]}), tmp_path / "r.gpkg", layer="roads")
    with pytest.raises(InputError) as raised:
        read_network(tmp_path / "r.gpkg")
    assert [flaw.code for flaw in raised.value.flaws] == ["roads_empty"]


def test_a_layer_without_features_holds_no_roads(tmp_path: Path) -> None:
    (tmp_path / "r.geojson").write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_network(tmp_path / "r.geojson")
    assert [flaw.code for flaw in raised.value.flaws] == ["roads_empty"]
