"""The shipped county, its scenarios, and a project folder made from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from layout_planner import examples
from layout_planner.config.loader import load_scenario
from layout_planner.errors import OutputError
from tests.examples.county_files import Files

SCENARIOS = ("baseline", "merge-three", "capacitated", "villages", "lottery", "classes")


@pytest.mark.parametrize("name", SCENARIOS)
def test_shipped_scenarios_load_and_find_the_data(name: str) -> None:
    scenario = load_scenario(examples.shipped_scenarios() / f"{name}.yaml")
    assert scenario.data.folder is not None
    assert scenario.data.folder.resolve() == examples.shipped_folder().resolve()
    assert scenario.data.crs.schools == "gcj02"


def test_the_merger_scenario_names_real_small_schools(shipped: Files) -> None:
    decisions = load_scenario(examples.shipped_scenarios() / "merge-three.yaml").decisions
    schools = shipped.schools.set_index("学校代码")
    closing = schools.loc[list(decisions.close)]
    assert len(closing) == 3
    assert (closing["在校生总数（人）"].astype(int) < 20).all()
    assert (closing["办学状态"] == "在办").all()
    assert (schools.loc[list(decisions.convert_to_teaching_point), "学校类别"] == "村小").all()
    for school, beds in decisions.board.items():
        assert schools.loc[school, "学校类别"] == "中心小学"
        assert beds > int(schools.loc[school, "寄宿床位数（张）"])


def test_the_comments_of_the_merger_scenario_name_its_schools(shipped: Files) -> None:
    text = (examples.shipped_scenarios() / "merge-three.yaml").read_text(encoding="utf-8")
    names = shipped.schools.set_index("学校代码")["学校名称"]
    decisions = load_scenario(examples.shipped_scenarios() / "merge-three.yaml").decisions
    for school in (*decisions.close, *decisions.convert_to_teaching_point, *decisions.board):
        line = next(row for row in text.splitlines() if f'"{school}"' in row)
        assert names[school] in line


def test_the_shipped_files_are_what_the_generator_writes(shipped: Files, tmp_path: Path) -> None:
    examples.write_county(tmp_path)
    for name in ("townships.geojson", "boundary.geojson", "roads.osm.pbf"):
        assert (tmp_path / name).stat().st_size == pytest.approx((shipped.folder / name).stat().st_size, rel=0.01)
    for name in ("townships.geojson", "lottery_roster.xlsx", "class_roster.xlsx"):
        assert (tmp_path / name).read_bytes() == (shipped.folder / name).read_bytes()


def test_a_project_folder_holds_data_and_scenarios_that_load(tmp_path: Path) -> None:
    paths = examples.copy_project(tmp_path / "我的县")
    assert all(path.is_file() for path in paths)
    scenario = load_scenario(tmp_path / "我的县" / "scenarios" / "merge-three.yaml")
    assert scenario.data.folder is not None
    assert (scenario.data.folder / "schools.xlsx").samefile(tmp_path / "我的县" / "data" / "yangli" / "schools.xlsx")


def test_a_project_folder_never_replaces_files(tmp_path: Path) -> None:
    mine = tmp_path / "scenarios" / "baseline.yaml"
    mine.parent.mkdir()
    mine.write_text("name: 我的\n", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        examples.copy_project(tmp_path)
    assert [flaw.file for flaw in caught.value.flaws] == [str(mine)]
    assert mine.read_text(encoding="utf-8") == "name: 我的\n"
    assert not (tmp_path / "data").exists()
