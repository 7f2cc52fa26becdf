"""Scenario files: inheritance, overrides, and mistakes that name their line."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from layout_planner.config.loader import load_scenario, salvage_scenario, scenario_to_yaml
from layout_planner.config.scenario import Scenario
from layout_planner.errors import ScenarioError
from layout_planner.grades import GradeBand


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return write(
        tmp_path,
        "baseline.yaml",
        """\
        name: 现状
        data:
          folder: data
        travel:
          cutoff_min: 90
        decisions:
          close: ["0011"]
        """,
    )


def test_defaults_fill_what_a_file_leaves_out(base: Path) -> None:
    scenario = load_scenario(base)
    assert scenario.name == "现状"
    assert scenario.travel.cutoff_min == 90
    assert scenario.travel.walk_limit_min[GradeBand.G1_3] == 30
    assert scenario.changes == ()


def test_paths_count_from_the_file_that_states_them(base: Path) -> None:
    folder = base.parent / "nested"
    folder.mkdir()
    child = write(folder, "child.yaml", "name: 子\nbased_on: ../baseline.yaml\n")
    assert load_scenario(child).data.folder == (base.parent / "data").resolve()


def test_a_child_overrides_key_by_key_and_the_log_says_what(base: Path) -> None:
    child = write(
        base.parent,
        "child.yaml",
        """\
        name: 合并
        based_on: baseline.yaml
        travel: {walk_limit_min: {G1-3: 25}}
        decisions: {close: ["0012", "0013"]}
        """,
    )
    scenario = load_scenario(child)
    assert scenario.travel.cutoff_min == 90
    assert scenario.travel.walk_limit_min == {GradeBand.G1_3: 25, GradeBand.G4_6: 40, GradeBand.G7_9: 60}
    assert scenario.decisions.close == ("0012", "0013")
    log = {change.key: (change.old, change.new, change.source) for change in scenario.changes}
    assert log == {
        "travel.walk_limit_min.G1-3": ("30.0", "25", "child.yaml"),
        "decisions.close": ('["0011"]', '["0012", "0013"]', "child.yaml"),
    }


def test_overrides_are_typed_and_logged(base: Path) -> None:
    scenario = load_scenario(base, ["travel.cutoff_min=45", 'decisions.close=["0099"]', "seed=7"])
    assert (scenario.travel.cutoff_min, scenario.decisions.close, scenario.seed) == (45, ("0099",), 7)
    assert [(c.key, c.old, c.new) for c in scenario.changes] == [
        ("travel.cutoff_min", "90", "45"),
        ("decisions.close", '["0011"]', '["0099"]'),
        ("seed", "0", "7"),
    ]
    assert load_scenario(base, {"travel.cutoff_min": 45}).travel.cutoff_min == 45


def test_an_overridden_coordinate_system_is_a_name_and_not_a_path(base: Path) -> None:
    crs = load_scenario(base, ["data.crs.schools=gcj02", "data.crs.boundary=cgcs2000 3度带 37带"]).data.crs
    assert (crs.schools, crs.boundary) == ("gcj02", "EPSG:4525")


def test_null_takes_a_band_out_of_the_rides(base: Path) -> None:
    scenario = load_scenario(base, {"travel.ride_limit_min.G1-3": None})
    assert set(scenario.travel.ride_limit_min) == {GradeBand.G4_6, GradeBand.G7_9}


def test_five_mistakes_come_in_one_message_with_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "bad.yaml",
        """\
        name: 错
        data: {folder: nowhere}
        demand: {sorce: raster}
        travel:
          walk_limit_min: {G1-3: -5}
        assign: {method: nearst}
        decisions:
          close: [0123]
        """,
    )
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    flaws = {flaw.row: flaw for flaw in caught.value.flaws}
    assert sorted(row or 0 for row in flaws) == [2, 3, 5, 6, 8]
    assert "source" in flaws[3].mend.zh
    assert "source" in flaws[3].mend.en
    assert "nearest" in flaws[6].mend.zh
    assert "引号" in flaws[8].mend.zh
    text = caught.value.render("zh")
    assert "5 处问题" in text
    assert all(f"第 {row} 行" in text for row in (2, 3, 5, 6, 8))
    assert "Traceback" not in text


def test_what_can_be_understood_is_salvaged_for_further_checks(tmp_path: Path) -> None:
    path = write(tmp_path, "bad.yaml", "name: 错\nsead: 3\ndata: {}\ntravel: {cutoff_min: 70, access_detour: x}\n")
    scenario, flaws = salvage_scenario(path)
    assert scenario is not None
    assert scenario.travel.cutoff_min == 70
    assert scenario.travel.access_detour == 1.3
    assert len(flaws) == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("name: a\nname: b\n", "yaml_duplicate_key"),
        ("name: [a\n", "yaml_syntax"),
        ("\tname: a\n", "yaml_syntax"),
        ("- a\n", "yaml_not_mapping"),
        ("", "yaml_not_mapping"),
        ("name: a\nbased_on: bad.yaml\n", "based_on_circle"),
        ("name: a\nbased_on: gone.yaml\ndata: {}\n", "scenario_missing"),
        ("data: {}\n", "scenario_missing"),
        ("name: a\n", "scenario_missing"),
        ("name: a\ndata: {}\ndecisions: {close: ['1'], board: {'1': 3}}\n", "scenario_value_error"),
        ("name: a\ndata: {}\nlayout: {p: 3}\n", "scenario_extra_forbidden"),
    ],
)
def test_each_kind_of_broken_file_has_its_flaw(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    assert code in {flaw.code for flaw in caught.value.flaws}


def test_a_gbk_file_and_a_missing_file_are_told(tmp_path: Path) -> None:
    path = tmp_path / "gbk.yaml"
    path.write_bytes("name: 三校合并方案\n".encode("gb18030"))
    for bad in (path, tmp_path / "gone.yaml"):
        with pytest.raises(ScenarioError) as caught:
            load_scenario(bad)
        assert len(caught.value.flaws) == 1


def test_a_scenario_cannot_be_changed(base: Path) -> None:
    with pytest.raises(ValidationError):
        load_scenario(base).seed = 3  # type: ignore[misc]


def test_the_resolved_scenario_reads_back_the_same(base: Path) -> None:
    scenario = load_scenario(base)
    again = base.parent / "again.yaml"
    again.write_text(scenario_to_yaml(scenario), encoding="utf-8")
    assert load_scenario(again).model_dump() == scenario.model_dump()


@given(st.text(max_size=200))
def test_no_text_makes_a_traceback(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "fuzz.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    scenario, flaws = salvage_scenario(path)
    assert isinstance(scenario, Scenario) or flaws


KEYS = ["name", "data", "travel", "walk_limit_min", "G1-3", "decisions", "close", "board", "demand", "x"]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_no_tree_makes_a_traceback(tmp_path_factory: pytest.TempPathFactory, tree: object) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "fuzz.yaml"
    path.write_text(json.dumps(tree), encoding="utf-8")
    scenario, flaws = salvage_scenario(path)
    assert isinstance(scenario, Scenario) or flaws


def test_every_file_is_looked_for_beside_the_scenario(tmp_path: Path):
    files = {
        "boundary", "townships", "township_pupils", "villages", "schools", "roads", "rivers", "projects", "buildings",
        "terrain", "land_cover", "zones", "zone_edits", "lottery_roster", "class_roster",
    }  # fmt: skip
    lines = "\n".join(f"          {name}: files/{name}.csv" for name in sorted(files))
    path = write(
        tmp_path, "all.yaml", f"        name: 全\n        data:\n{lines}\n          population: [files/a.tif]\n"
    )
    (tmp_path / "files").mkdir()
    for name in (*(f"{name}.csv" for name in files), "a.tif"):
        (tmp_path / "files" / name).touch()
    data = load_scenario(path).data
    assert {name: getattr(data, name) for name in files} == {name: tmp_path / f"files/{name}.csv" for name in files}
    assert data.population == (tmp_path / "files/a.tif",)
