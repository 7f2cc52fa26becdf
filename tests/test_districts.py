"""The task of districts on a tiny county: workbook, notice, map and layer, or a refusal that says what could be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest

from layout_planner.districts import DistrictsResult, plan_districts
from layout_planner.errors import ScenarioError
from layout_planner.manifest import verify_outputs

SCENARIO = """\
name: 协作区
data: {folder: ../data, crs: {schools: gcj02}}
districts: {count: 2, tolerance: 0.9}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory, tiny_county: Callable[[Path, int], None]) -> Path:
    folder = tmp_path_factory.mktemp("districts")
    tiny_county(folder / "data", 1)
    (folder / "scenarios").mkdir()
    path = folder / "scenarios" / "districts.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def made(scenario: Path) -> DistrictsResult:
    return plan_districts(scenario)


def test_the_folder_holds_what_a_notice_needs(made: DistrictsResult) -> None:
    names = {path.name for path in made.folder.iterdir()}
    assert names == {
        "教育协作区.xlsx",
        "教育协作区.html",
        "教育协作区.docx",
        "教育协作区.gpkg",
        "协作区图.png",
        "manifest.json",
    }
    assert not verify_outputs(made.folder)


def test_the_layer_covers_every_township_once(made: DistrictsResult) -> None:
    areas = gpd.read_file(made.folder / "教育协作区.gpkg")
    assert len(areas) == len(made.made.districts) == 2
    assert sum(made.made.districts["units"]) == len(made.made.units) == 3
    assert areas.geometry.union_all().area == pytest.approx(areas.geometry.area.sum(), rel=1e-6)


def test_the_notice_names_every_school_and_who_leads(made: DistrictsResult) -> None:
    text = (made.folder / "教育协作区.html").read_text(encoding="utf-8")
    assert all(name in text for name in made.made.schools["name"])
    assert f"牵头：{made.made.districts['lead'].iloc[0]}" in text


def test_too_many_districts_name_the_line_of_the_scenario(scenario: Path) -> None:
    text = scenario.read_text(encoding="utf-8")
    path = scenario.with_name("many.yaml")
    path.write_text(text.replace("count: 2", "count: 9"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        plan_districts(path)
    (flaw,) = caught.value.flaws
    assert (flaw.file, flaw.row) == ("many.yaml", 3)
    assert not (scenario.parent.parent / "runs" / "districts-协作区-2").exists()
