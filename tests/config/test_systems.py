from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from layout_planner.config.scenario import TableCrs
from layout_planner.config.systems import gauss_krueger_epsg, system_name

DATUMS = {"cgcs2000": "CGCS2000", "xian1980": "Xian 1980", "beijing1954": "Beijing 1954"}


@pytest.mark.parametrize("datum", sorted(DATUMS))
@pytest.mark.parametrize(("width", "zones"), [(3, range(25, 46)), (6, range(13, 24))])
def test_every_grid_has_the_code_that_the_epsg_registry_gives_it(datum: str, width: int, zones: range) -> None:
    wide = "3-degree " if width == 3 else ""
    for zone in zones:
        meridian = zone * width - (3 if width == 6 else 0)
        with_zone = CRS.from_epsg(gauss_krueger_epsg(datum, width, meridian, prefix=True))
        without = CRS.from_epsg(gauss_krueger_epsg(datum, width, meridian, prefix=False))
        assert with_zone.name == f"{DATUMS[datum]} / {wide}Gauss-Kruger zone {zone}"
        assert without.name == f"{DATUMS[datum]} / {wide}Gauss-Kruger CM {meridian}E"
        assert system_name(with_zone.name) == f"EPSG:{with_zone.to_epsg()}"
        without_width = CRS.from_user_input(system_name(without.name))
        assert without_width.coordinate_operation == without.coordinate_operation or width == 6
        assert without_width.name.endswith(f"Gauss-Kruger CM {meridian}E")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("WGS-84", "wgs84"), ("GCJ-02", "gcj02"), ("BD_09", "bd09"), ("国家2000", "cgcs2000"),
        ("EPSG 4546", "EPSG:4546"), ("4546", "EPSG:4546"), ("3857", "EPSG:3857"),
        ("Web Mercator", "EPSG:3857"), ("cgcs2000-gk3-37", "EPSG:4525"),
        ("cgcs2000-gk6-19", "EPSG:4497"), ("CGCS2000 三度带37带", "EPSG:4525"), ("CGCS2000 37带", "EPSG:4525"),
        ("CGCS2000（3度带，中央经线111°）", "EPSG:4546"), ("cgcs2000 CM 111E", "EPSG:4546"),
        ("cgcs2000 3度带 37带 不带带号", "EPSG:4546"), ("cgcs2000 3度带 中央经线111 带带号", "EPSG:4525"),
        ("cgcs2000 6度带 中央经线111 带带号", "EPSG:4497"), ("西安80 3度带 37带", "EPSG:2361"),
        ("北京54 6度带 19带", "EPSG:21419"),
    ],
)  # fmt: skip
def test_systems_are_understood_as_surveyors_write_them(words: str, name: str) -> None:
    assert system_name(words) == name
    assert system_name(name) == name
    assert TableCrs(schools=words).schools == name


@pytest.mark.parametrize(
    "words",
    ["高德", "cgcs2000 3度带", "cgcs2000 3度带 19带", "cgcs2000 中央经线112", "cgcs2000 中央经线111 带带号",
     "cgcs2000-gk337", "cgcs2000 37带 某地", "cgcs2000 37带 中央经线111", "utm49", ""],
)  # fmt: skip
def test_words_that_leave_a_doubt_name_no_system(words: str) -> None:
    assert system_name(words) is None


@given(st.text(max_size=12))
def test_any_text_is_a_system_or_none(text: str) -> None:
    name = system_name(text)
    assert name is None or system_name(name) == name
