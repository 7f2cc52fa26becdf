"""The task of catchments on a tiny county: whole outputs or none, edits from the command line, mistakes told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from docx import Document
from docx.oxml.ns import qn

from layout_planner.catchments import CatchmentsResult, parsed_merges, parsed_moves, plan_catchments
from layout_planner.errors import LANGUAGE_VARIABLE, ScenarioError
from layout_planner.manifest import verify_outputs
from layout_planner.prepare import check
from layout_planner.testing import assert_plan_valid, assert_zoned

SCENARIO = """\
name: 学区
data: {folder: ../data, crs: {schools: gcj02}}
zoning: {time_limit_s: 10, gap: 0.02}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory, tiny_county: Callable[[Path, int], None]) -> Path:
    folder = tmp_path_factory.mktemp("zones")
    tiny_county(folder / "data", 1)
    (folder / "scenarios").mkdir()
    path = folder / "scenarios" / "zones.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def drawn(scenario: Path) -> CatchmentsResult:
    return plan_catchments(scenario)


def test_every_zone_passes_an_independent_check(drawn: CatchmentsResult) -> None:
    assert_zoned(drawn.results.zones)
    assert_plan_valid(drawn.results.plan)


def test_a_folder_holds_what_a_notice_needs(drawn: CatchmentsResult, scenario: Path) -> None:
    assert drawn.folder == scenario.parent.parent / "runs" / "zones-学区"
    names = {path.name for path in drawn.folder.iterdir()}
    assert {
        "学区划分.xlsx",
        "学区公示.html",
        "学区公示.docx",
        "学区.gpkg",
        "学区-小学.geojson",
        "map.html",
        "manifest.json",
    } <= names
    assert verify_outputs(drawn.folder) == []
    manifest = json.loads((drawn.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["solver"]["primary"]["gap"] >= 0


def test_zones_in_the_geopackage_tile_the_county(drawn: CatchmentsResult) -> None:
    zones = gpd.read_file(drawn.folder / "学区.gpkg", layer="zones_primary")
    assert shapely.coverage_is_valid(np.asarray(zones.geometry))
    county = drawn.results.zones.county
    assert zones.area.sum() == pytest.approx(county.townships.area.sum(), rel=1e-6)
    assert zones["zone_id"].map(type).eq(str).all()
    assert zones["pupils"].sum() == pytest.approx(drawn.results.table.query("kind == 'primary'")["pupils"].sum())


def test_geojson_is_in_degrees_with_headers_in_chinese(drawn: CatchmentsResult) -> None:
    zones = gpd.read_file(drawn.folder / "学区-小学.geojson")
    assert zones.crs == "OGC:CRS84" or zones.crs == 4326
    assert "村组清单" in zones.columns
    assert np.abs(zones.total_bounds).max() < 180


def test_every_village_stands_once_a_stage_in_the_workbook(drawn: CatchmentsResult) -> None:
    book = openpyxl.load_workbook(drawn.folder / "学区划分.xlsx")
    assert {"说明", "小学学区", "初中学区", "村组清单"} <= set(book.sheetnames)
    rows = [[cell.value for cell in row] for row in book["村组清单"].iter_rows()]
    heads = [str(head).split("\n")[0].split("（")[0] for head in rows[0]]
    table = pd.DataFrame(rows[1:], columns=heads)
    primary = table[table["学段"] == "小学"]
    assert sorted(primary["划片单元代码"]) == drawn.results.zones.units.unit_id.tolist()


def test_the_notice_names_every_school_and_tells_the_four_sides(drawn: CatchmentsResult) -> None:
    text = (drawn.folder / "学区公示.html").read_text(encoding="utf-8")
    assert "征求意见稿" in text
    assert "东至" in text
    assert all(name in text for name in drawn.results.table["name"])
    assert "http" not in text.replace("http://www.w3.org", "")


def test_the_notice_can_be_written_on_in_word(drawn: CatchmentsResult) -> None:
    book = Document(str(drawn.folder / "学区公示.docx"))
    assert "征求意见稿" in book.paragraphs[0].text
    heads = [[cell.text for cell in table.rows[0].cells] for table in book.tables]
    assert heads[0][:2] == ["学段", "学区数（个）"]
    assert heads[1][:3] == ["学区学校", "招生范围（村、社区）", "四至"]
    assert len(book.inline_shapes) >= 2
    fonts = {run._element.rPr.rFonts.get(qn("w:eastAsia")) for line in book.paragraphs for run in line.runs if run.text}
    assert fonts == {"宋体", "黑体", "仿宋"}


def test_an_edit_shows_schools_before_and_after(drawn: CatchmentsResult, scenario: Path, tmp_path: Path) -> None:
    zones = drawn.results.zones
    layer = zones.layers["primary"]
    unit = next(
        u for u in range(len(layer.zone)) if u not in layer.seat_unit and zones.units.frame["village_id"].iloc[u]
    )
    village = str(zones.units.frame["village_id"].iloc[unit])
    other = next(group[0] for z, group in enumerate(layer.zones) if z != layer.zone[unit])
    result = plan_catchments(scenario, {"zoning.start": "today"}, move={village: other}, out=tmp_path / "edited")
    effects = result.results.effects
    assert effects is not None
    assert other in set(effects["school_id"])
    moved = result.results.zones
    assert moved.layers["primary"].of_school(other) in set(moved.layers["primary"].zone[[unit]])
    assert "调整前后" in openpyxl.load_workbook(tmp_path / "edited" / "学区划分.xlsx").sheetnames


def test_a_polygon_moves_the_villages_in_it(drawn: CatchmentsResult, scenario: Path, tmp_path: Path) -> None:
    zones = drawn.results.zones
    layer = zones.layers["junior"]
    school = layer.zones[0][0]
    around = shapely.Point(zones.units.centre[0]).buffer(50)
    frame = gpd.GeoDataFrame({"school_id": [school]}, geometry=[around], crs=zones.county.crs)
    frame.to_crs(4326).to_file(tmp_path / "edit.geojson")
    result = plan_catchments(
        scenario, {"zoning.start": "today"}, polygons=tmp_path / "edit.geojson", out=tmp_path / "edited"
    )
    assert result.results.zones.layers["junior"].zone[0] == 0
    assert result.results.effects is not None


def test_zones_written_before_are_todays_zones_afterwards(
    drawn: CatchmentsResult, scenario: Path, tmp_path: Path
) -> None:
    source = drawn.folder / "学区-小学.geojson"
    again = plan_catchments(
        scenario, {"data.zones": str(source), "zoning.start": "today", "zoning.stages": ["primary"]},
        out=tmp_path / "again",
    )  # fmt: skip
    old, new = drawn.results.zones.layers["primary"], again.results.zones.layers["primary"]
    assert [old.zones[z] for z in old.zone] == [new.zones[z] for z in new.zone]
    assert again.results.changes.query("kind == 'primary'").empty
    assert again.results.faults is not None
    assert set(again.results.faults["fault"]) <= {"gap"}


def test_zones_of_two_stages_in_one_layer_do_not_overlap(
    drawn: CatchmentsResult, scenario: Path, tmp_path: Path
) -> None:
    both = pd.concat([gpd.read_file(drawn.folder / f"学区-{kind}.geojson") for kind in ("小学", "初中")])
    both[~both["学校代码"].duplicated(keep=False)].to_file(tmp_path / "both.geojson", driver="GeoJSON")
    again = plan_catchments(
        scenario, {"data.zones": str(tmp_path / "both.geojson"), "zoning.start": "today"}, out=tmp_path / "again"
    )
    assert again.results.faults is not None
    assert set(again.results.faults["fault"]) <= {"gap"}


def test_the_same_scenario_gives_the_same_lists(drawn: CatchmentsResult, scenario: Path, tmp_path: Path) -> None:
    again = plan_catchments(scenario, out=tmp_path / "again")
    pd.testing.assert_frame_equal(drawn.results.units, again.results.units)
    for name in ("学区划分.xlsx", "学区公示.docx", "学区-小学.geojson", "学区.gpkg"):
        assert (again.folder / name).read_bytes() == (drawn.folder / name).read_bytes()


def test_unknown_names_are_told_before_anything_is_drawn(scenario: Path, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        plan_catchments(
            scenario,
            {"zoning.together": [["8", "9"]]},
            move={"没有的村": "0"},
            merge=[("1", "2")],
            out=tmp_path / "none",
        )
    assert {flaw.code for flaw in caught.value.flaws} == {"unknown_school", "unknown_village"}
    assert {flaw.key for flaw in caught.value.flaws} == {"zoning.together", "zoning.move", "zoning.merge"}
    assert not (tmp_path / "none").exists()


def test_everything_is_in_english_where_messages_are(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LANGUAGE_VARIABLE, "en")
    result = plan_catchments(scenario, {"zoning.start": "today"}, out=tmp_path / "en")
    assert {"zones.xlsx", "zones_notice.html", "zones.gpkg", "zones-primary.geojson"} <= {
        path.name for path in result.folder.iterdir()
    }
    assert "Primary zones" in (result.folder / "zones_notice.html").read_text(encoding="utf-8")
    assert "primary zones" in result.summary()


@pytest.mark.parametrize("text", ["V1", "V1=", "=S1", "V1=S1=S2"])
def test_moves_of_another_form_are_refused(text: str) -> None:
    with pytest.raises(ScenarioError, match="--move"):
        parsed_moves([text])


def test_merges_need_two_schools() -> None:
    assert parsed_merges(["A+B+C"]) == [("A", "B", "C")]
    with pytest.raises(ScenarioError, match="--merge"):
        parsed_merges(["A"])


def test_a_check_reads_todays_zones_and_the_edits(scenario: Path) -> None:
    path = scenario.with_name("checked.yaml")
    today = scenario.with_name("today.csv")
    today.write_text("村名,学校\n某村,没有的学校\n", encoding="utf-8")
    text = SCENARIO.replace("{folder: ../data,", "{folder: ../data, zones: today.csv,")
    text = text.replace("zoning: {", "zoning: {move: {没有的村: '0'}, ")
    path.write_text(text, encoding="utf-8")
    found = [(flaw.file, flaw.row, flaw.code) for flaw in check(path) if flaw.severity == "error"]
    assert found == [
        ("checked.yaml", 3, "unknown_school"), ("checked.yaml", 3, "unknown_village"),
        ("today.csv", 2, "unknown_school"),
    ]  # fmt: skip


def test_a_check_tells_every_row_of_todays_zones_whose_village_is_not_known(
    drawn: CatchmentsResult, scenario: Path
) -> None:
    units, school = drawn.results.zones.units.frame, drawn.results.table["zone_id"].iloc[0]
    codes = units["village_id"][units["village_id"] != ""].tolist()
    rows = [f"{codes[0]},,{school}", f"{codes[1]}-2,,{school}", f"990000000999,,{school}", f",无此村,{school}"]
    scenario.with_name("now.csv").write_text("\n".join(["村代码,村名,学校", *rows]) + "\n", encoding="utf-8")
    path = scenario.with_name("now.yaml")
    path.write_text(SCENARIO.replace("{folder: ../data,", "{folder: ../data, zones: now.csv,"), encoding="utf-8")
    found = [(f.file, f.row, f.severity) for f in check(path) if f.code == "zone_village_unknown"]
    assert found == [("now.csv", 4, "warning"), ("now.csv", 5, "warning")]
