from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import layout_planner.maps as maps
from layout_planner.errors import InputError
from layout_planner.io.crs import wgs84_to_gcj02
from layout_planner.maps import plan_map
from layout_planner.maps.basemap import basemap_layers
from layout_planner.maps.offline import SCRIPTS
from layout_planner.maps.strings import STRINGS

APP = Path(maps.__file__).parent / "assets" / "app"


def test_every_word_that_the_page_asks_for_is_in_the_dictionary():
    source = "\n".join((APP / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    asked = set(re.findall(r"\bt\('([a-z.]+)'", source))
    assert asked
    assert asked <= set(STRINGS)


def test_every_word_of_the_dictionary_is_asked_for():
    source = "\n".join((APP / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    groups = tuple(re.findall(r"`([a-z]+\.)\$\{", source))
    unused = [key for key in STRINGS if f"'{key}'" not in source and not key.startswith(groups)]
    assert unused == []


def test_the_scripts_of_the_page_are_all_used():
    assert {path.stem for path in APP.glob("*.js")} == set(SCRIPTS)


def test_no_script_writes_html_from_data():
    for path in APP.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path.name
        )


def test_no_base_map_by_default():
    assert basemap_layers(None) is None


def test_tianditu_draws_picture_and_names_with_the_users_key():
    tiles = basemap_layers("tianditu:" + "a1" * 16)
    assert [("LAYER=vec" in t["url"], "LAYER=cva" in t["url"]) for t in tiles["layers"]] == [
        (True, False),
        (False, True),
    ]
    assert all("tk=" + "a1" * 16 in t["url"] for t in tiles["layers"])
    assert tiles["hosts"] == ["https://*.tianditu.gov.cn"]


def test_a_tile_address_allows_its_own_host_only():
    assert basemap_layers("https://{s}.tiles.example/{z}/{x}/{y}.png")["hosts"] == ["https://*.tiles.example"]


BAD = (
    "",
    "google",
    "https://tiles.example/{z}/{x}.png",
    "https://t.example/{z}/{x}/{y}.png; script-src *",
    "javascript:{x}{y}{z}",
    "tianditu:",
    "https://webrd01.is.autonavi.com/{z}/{x}/{y}",
)


@pytest.mark.parametrize("bad", BAD)
def test_what_is_no_base_map_is_refused(bad: str):
    with pytest.raises(InputError):
        basemap_layers(bad)


def test_under_gaode_tiles_the_data_are_moved_to_gcj02(today):
    plain, moved = (plan_map(*today, basemap=name).payload for name in (None, "gaode"))
    assert moved["basemap"]["datum"] == "gcj02"
    schools = [np.array([school["at"][::-1] for school in one["geo"]["schools"]]) for one in (plain, moved)]
    np.testing.assert_allclose(schools[1], wgs84_to_gcj02(schools[0]), atol=2e-6)
    assert plain["geo"]["boundary"] != moved["geo"]["boundary"]
    assert plain["shapes"] != moved["shapes"]
