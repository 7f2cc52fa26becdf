"""The manifest tells runs apart by what went in, and notices outputs that changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from layout_planner import manifest as m
from layout_planner.config.loader import load_scenario
from layout_planner.config.scenario import Data, Scenario
from layout_planner.errors import OutputError
from layout_planner.io.county import InputFile


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "deep" / "project" / "data").mkdir(parents=True)
    root = tmp_path / "deep" / "project"
    (root / "scenarios").mkdir()
    (root / "data" / "学校.csv").write_text("学校代码\n001\n", encoding="utf-8")
    (root / "scenarios" / "base.yaml").write_text("name: 现状\ndata: {folder: ../data}\n", encoding="utf-8")
    merge = 'name: 合并\nbased_on: base.yaml\ntravel: {cutoff_min: 90}\ndecisions: {close: ["0042"]}\n'
    (root / "scenarios" / "merge.yaml").write_text(merge, encoding="utf-8")
    return root


def inputs_of(project: Path) -> list[InputFile]:
    path = project / "data" / "学校.csv"
    return [InputFile("schools", path, m.file_sha256(path))]


def test_a_manifest_holds_everything_but_the_machine(project: Path, tmp_path: Path) -> None:
    scenario = load_scenario(project / "scenarios" / "merge.yaml", ["seed=7"])
    run = tmp_path / "run"
    (run / "plan").mkdir(parents=True)
    (run / "report.html").write_text("报告", encoding="utf-8")
    (run / "plan" / "run.json").write_text("{}", encoding="utf-8")
    written = m.write_manifest(run, scenario, inputs_of(project), timings_s={"travel": 1.23456})
    text = (run / "manifest.json").read_text(encoding="utf-8")
    tree = json.loads(text)
    assert str(tmp_path) not in text
    assert str(tmp_path).replace("\\", "\\\\") not in text
    assert tree["scenario"]["data"]["folder"] == "../data"
    assert tree["scenario"]["decisions"]["close"] == ["0042"]
    assert tree["scenario_files"] == ["merge.yaml", "base.yaml"]
    assert {o["key"]: (o["old"], o["new"]) for o in tree["overrides"]}["travel.cutoff_min"] == ("120.0", "90")
    assert tree["inputs"] == [
        {"role": "schools", "path": "../data/学校.csv", "sha256": inputs_of(project)[0].sha256, "bytes": 17}
    ]
    assert sorted(tree["outputs"]) == ["plan/run.json", "report.html"]
    assert tree["seed"] == 7
    assert tree["timings_s"] == {"travel": 1.235}
    assert list(tree) == sorted(tree)
    assert m.read_manifest(run) == written


def test_the_run_hash_follows_inputs_scenario_and_engine_only(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = project / "scenarios" / "merge.yaml"
    first = m.run_hash(load_scenario(path), inputs_of(project))
    assert m.run_hash(load_scenario(path), inputs_of(project)) == first
    assert len(first) == m.SHORT
    assert m.run_hash(load_scenario(path, ["travel.cutoff_min=60"]), inputs_of(project)) != first
    (project / "data" / "学校.csv").write_text("学校代码\n002\n", encoding="utf-8")
    assert m.run_hash(load_scenario(path), inputs_of(project)) != first
    (project / "data" / "学校.csv").write_text("学校代码\n001\n", encoding="utf-8")
    monkeypatch.setattr(m, "engine_sha256", lambda: "another engine")
    assert m.run_hash(load_scenario(path), inputs_of(project)) != first


def test_the_run_hash_does_not_depend_on_where_the_project_lies(project: Path) -> None:
    before = m.run_hash(load_scenario(project / "scenarios" / "merge.yaml"), inputs_of(project))
    moved = project.rename(project.with_name("moved"))
    assert m.run_hash(load_scenario(moved / "scenarios" / "merge.yaml"), inputs_of(moved)) == before


def test_changed_and_missing_outputs_are_named(project: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in ("map.html", "report.html", "tables.xlsx"):
        (run / name).write_text(name, encoding="utf-8")
    m.write_manifest(run, load_scenario(project / "scenarios" / "base.yaml"), [])
    assert m.verify_outputs(run) == []
    (run / "report.html").write_text("edited", encoding="utf-8")
    (run / "map.html").unlink()
    assert m.verify_outputs(run) == ["missing: map.html", "changed: report.html"]


def test_a_folder_that_is_no_run_is_a_plain_message(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="manifest"):
        m.verify_outputs(tmp_path)
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match="manifest"):
        m.read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        ("/a/p/data/x.csv", "/a/p/scenarios", "../data/x.csv"),
        ("/a/p/scenarios/x.csv", "/a/p/scenarios", "x.csv"),
        ("/other/x.csv", "/a/p/scenarios", "x.csv"),
        ("/a/q/r/x.csv", "/a/p/s/t/u/v", "x.csv"),
    ],
)
def test_paths_are_relative_when_near_and_names_when_far(path: str, base: str, expected: str) -> None:
    assert m.portable_path(Path(path), Path(base)) == expected


def test_a_scenario_without_a_file_keeps_only_names_of_absolute_paths(tmp_path: Path) -> None:
    scenario = Scenario(
        name="现状", data=Data(schools=tmp_path / "学校.xlsx", population=(tmp_path / "a.tif", Path("b.tif")))
    )
    data = m.portable_scenario(scenario)["data"]
    assert data["schools"] == "学校.xlsx"
    assert data["population"] == ["a.tif", "b.tif"]


def test_the_engine_hash_is_stable_within_a_process() -> None:
    assert m.engine_sha256() == m.engine_sha256()
    assert len(m.engine_sha256()) == 64
