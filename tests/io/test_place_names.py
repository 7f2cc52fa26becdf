"""Named places of a road file: read where natural villages need a name, and never in the way of reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import shapely

from layout_planner.config.scenario import Scenario
from layout_planner.io.crs import working_crs
from layout_planner.io.place_names import read_places
from layout_planner.io.read import read_county

from .conftest import EAST, NORTH, ROADS, SOUTH, WEST

_NODES = """
  <node id="91" lat="32.15" lon="110.72"><tag k="place" v="village"/><tag k="name" v="石桥村"/></node>
  <node id="92" lat="32.16" lon="110.73"><tag k="place" v="hamlet"/><tag k="name" v="Li Jia"/><tag k="name:zh" v="李家"/></node>
  <node id="93" lat="32.17" lon="110.74"><tag k="place" v="hamlet"/></node>
  <node id="94" lat="32.17" lon="110.74"><tag k="place" v="county"/><tag k="name" v="小样县"/></node>
  <node id="95" lat="33.90" lon="110.74"><tag k="place" v="village"/><tag k="name" v="外村"/></node>
"""  # noqa: E501
OUTLINE = shapely.box(WEST, SOUTH, EAST, NORTH)


def write(path: Path) -> Path:
    path.write_text(ROADS.replace('<osm version="0.6">', f'<osm version="0.6">{_NODES}'), encoding="utf-8")
    return path


def test_named_villages_and_hamlets_inside_are_read_in_order(tmp_path: Path) -> None:
    places = read_places(write(tmp_path / "roads.osm"), OUTLINE, working_crs(110.75, 32.15))
    assert places[["name", "place"]].to_numpy().tolist() == [["石桥村", "village"], ["李家", "hamlet"]]


def test_a_file_without_places_or_a_damaged_one_gives_none(tmp_path: Path) -> None:
    (tmp_path / "a.osm").write_text(ROADS, encoding="utf-8")
    (tmp_path / "b.osm").write_text(ROADS[:200], encoding="utf-8")
    assert [len(read_places(tmp_path / f"{n}.osm", OUTLINE, working_crs(110.75, 32.15))) for n in "ab"] == [0, 0]


def test_a_county_has_places_only_where_they_name_its_units(mini: Path, scenario: Callable[..., Scenario]) -> None:
    write(mini / "roads.osm")
    grouped = {"units": "natural_villages"}
    assert read_county(scenario(mini)).places is None
    assert read_county(scenario(mini, demand=grouped)).places is None
    (mini / "villages.xlsx").unlink()
    places = read_county(scenario(mini, demand=grouped)).places
    assert places is not None
    assert places["name"].tolist() == ["石桥村", "李家"]
