"""The main job on a tiny county: whole outputs or none, repeatable, interruptible."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import layout_planner as lp
import layout_planner.run as job
from layout_planner import report
from layout_planner.atlas import map_runs
from layout_planner.errors import InputError, LayoutError, OutputError, ScenarioError, Severity
from layout_planner.examples import write_county
from layout_planner.testing import assert_plan_valid

BASELINE = """\
name: 现状
data: {folder: ../data, crs: {schools: gcj02}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_county(folder / "data", size="tiny", seed=1)
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "baseline.yaml").write_text(BASELINE, encoding="utf-8")
    schools = pd.read_excel(folder / "data" / "schools.xlsx", sheet_name="学校基本情况", dtype=str, engine="calamine")
    points = schools.loc[schools["学校类别"].str.contains("教学点"), "学校代码"].tolist()
    merge = f'name: 合并\nbased_on: baseline.yaml\ndecisions: {{close: ["{points[0]}"]}}\n'
    (folder / "scenarios" / "merge.yaml").write_text(merge, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def baseline(project: Path) -> job.RunResult:
    return lp.run_scenario(project / "scenarios" / "baseline.yaml")


def test_a_run_leaves_everything_that_was_asked_for(baseline: job.RunResult, project: Path) -> None:
    assert baseline.folder.parent == project / "runs"
    names = {p.name for p in baseline.folder.iterdir()}
    assert {"map.html", "tables.xlsx", "plan.gpkg", "report.html", "manifest.json"} <= names
    assert baseline.plan is not None
    assert_plan_valid(baseline.plan)
    manifest = json.loads((baseline.folder / "manifest.json").read_text(encoding="utf-8"))
    assert {entry["role"] for entry in manifest["inputs"]} >= {"schools", "roads", "population", "townships"}
    assert str(project) not in json.dumps(manifest)


def test_pupils_are_conserved_from_raster_to_assignment(baseline: job.RunResult) -> None:
    assert baseline.plan is not None
    county = baseline.plan.county
    assert county.demand is not None
    columns = ["pupils_g1_3", "pupils_g4_6", "pupils_g7_9"]
    official = county.townships[columns].to_numpy().sum()
    demand = county.demand[columns].to_numpy().sum()
    assert demand == pytest.approx(official, rel=1e-9)
    assert baseline.plan.assignment["pupils"].sum() == pytest.approx(demand, rel=1e-9)
    by_township = county.demand.groupby("township_id")[columns].sum()
    stated = county.townships.set_index("township_id")[columns].loc[by_township.index]
    pd.testing.assert_frame_equal(by_township, stated.astype(float), rtol=1e-9, check_names=False)


def test_the_same_run_again_is_recognised_and_again_makes_the_same_bytes(
    baseline: job.RunResult, project: Path
) -> None:
    path = project / "scenarios" / "baseline.yaml"
    second = job.run_scenario(path)
    assert second.reused
    assert second.folder == baseline.folder
    third = job.run_scenario(path, again=True)
    assert third.folder != baseline.folder
    one, two = (json.loads((f / "manifest.json").read_text())["outputs"] for f in (baseline.folder, third.folder))
    assert one == two


def test_a_touched_result_is_left_alone(project: Path) -> None:
    path = project / "scenarios" / "baseline.yaml"
    asked = ["seed=1", "outputs=[report]"]
    first = job.run_scenario(path, asked)
    (first.folder / "report.html").write_text("my notes", encoding="utf-8")
    second = job.run_scenario(path, asked)
    assert second.folder != first.folder
    assert (first.folder / "report.html").read_text(encoding="utf-8") == "my notes"


def test_a_merger_is_shown_against_what_it_is_based_on(
    project: Path, baseline: job.RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged = job.run_scenario(project / "scenarios" / "merge.yaml")
    assert merged.plan is not None
    assert_plan_valid(merged.plan)
    assert merged.plan.schools["decision"].eq("close").sum() == 1
    assert "撤并" in (merged.folder / "report.html").read_text(encoding="utf-8")
    comparison = job.compare(baseline.folder, merged.folder)
    assert (comparison.folder / "map.html").stat().st_size > 100_000
    assert "在办学校" in comparison.text
    monkeypatch.setenv("LAYOUT_PLANNER_LANG", "en")
    english = job.compare(baseline.folder, merged.folder, out=project / "runs" / "english")
    assert '<html lang="en"' in (english.folder / "map.html").read_text(encoding="utf-8")
    monkeypatch.delenv("LAYOUT_PLANNER_LANG")
    page = map_runs([baseline.folder, merged.folder], project / "两个方案.html", theme="change")
    assert page.stat().st_size > 100_000
    with pytest.raises(OutputError, match="已存在"):
        map_runs([baseline.folder], page)


def test_a_scenario_with_other_pupils_runs_and_says_that_they_are_others(
    project: Path, baseline: job.RunResult
) -> None:
    path = project / "scenarios" / "villages.yaml"
    text = "name: 以村为单位\nbased_on: baseline.yaml\ndemand: {source: villages, calibrate_to: none}\n"
    path.write_text(text, encoding="utf-8")
    by_village = job.run_scenario(path)
    assert "学生数据不同" in (by_village.folder / "report.html").read_text(encoding="utf-8")
    comparison = job.compare(baseline.folder, by_village.folder)
    assert "学生数据不同" in comparison.summary()
    assert not (comparison.folder / "map.html").exists()
    assert map_runs([baseline.folder, by_village.folder], project / "逐年.html", series=True).is_file()


def test_a_decision_that_cannot_be_is_told_with_its_line(project: Path) -> None:
    path = project / "scenarios" / "wrong.yaml"
    text = "name: 错\nbased_on: baseline.yaml\ndecisions:\n  close:\n    - 不存在的学校\nrules: [cn.nothing]\n"
    path.write_text(text, encoding="utf-8")
    flaws = [flaw for flaw in job.check(path) if flaw.severity is Severity.ERROR]
    assert [(f.file, f.row, f.key) for f in flaws] == [("wrong.yaml", 5, "decisions.close"), ("wrong.yaml", 6, "rules")]


def test_a_missing_folder_or_wrong_system_is_one_error(project: Path) -> None:
    path = project / "scenarios" / "baseline.yaml"
    assert [f.key for f in job.check(path, ["data.folder=nowhere"])] == ["data.folder"]
    assert [f.key for f in job.check(path, ["data.crs.schools=gcj"])] == ["data.crs.schools"]
    assert [f.code for f in job.check(path, ["data.schools=nothing.xlsx"])] == ["file_missing"]


def test_overrides_of_what_both_have_in_common_hold_for_the_parent_too(project: Path) -> None:
    asked = ["travel.ride_wait_min=20", "outputs=[]"]
    merged = job.run_scenario(project / "scenarios" / "merge.yaml", asked)
    assert merged.plan is not None
    waiting = job.run_scenario(project / "scenarios" / "baseline.yaml", asked)
    moves = report.load_run(merged.folder).moves
    assert moves is not None
    assert moves["pupils"].sum() < 0.1 * merged.plan.assignment["pupils"].sum()
    assert job.compare(waiting.folder, merged.folder).folder.is_dir()


def test_comparing_a_run_with_itself_or_with_changed_data_is_refused_and_the_wrong_order_told(
    project: Path, baseline: job.RunResult, tmp_path: Path
) -> None:
    merged = job.run_scenario(project / "scenarios" / "merge.yaml")
    with pytest.raises(LayoutError, match="同一个结果"):
        job.compare(baseline.folder, baseline.folder)
    backwards = job.compare(merged.folder, baseline.folder)
    assert "先后可能写反" in backwards.summary()
    harmed = Path(shutil.copytree(merged.folder, tmp_path / "harmed"))
    (harmed / "tables.xlsx").write_bytes(b"opened and saved")
    job.compare(baseline.folder, harmed)
    (harmed / "plan" / "schools.csv.gz").write_bytes(b"x")
    with pytest.raises(LayoutError, match=r"schools\.csv\.gz"):
        job.compare(baseline.folder, harmed)


def test_the_same_run_written_by_another_process_meanwhile_is_used(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, asked = project / "scenarios" / "baseline.yaml", ["seed=41", "outputs=[tables]"]
    publish = job.publish
    others: list[job.RunResult] = []

    def late(*args: object, **more: object) -> None:
        monkeypatch.setattr(job, "publish", publish)
        others.append(job.run_scenario(path, asked))
        publish(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "publish", late)
    mine = job.run_scenario(path, asked)
    assert mine.reused
    assert mine.folder == others[0].folder


def test_folder_names_stay_short_enough_for_windows(project: Path) -> None:
    path = project / "scenarios" / "long.yaml"
    path.write_text(f"name: {'很长的名字' * 12}\nbased_on: baseline.yaml\noutputs: []\n", encoding="utf-8")
    runs = [job.run_scenario(path, [f"seed={n}"]) for n in (1, 2)]
    assert all(len(run.folder.name) <= 45 for run in runs)
    assert len(job.compare(runs[0].folder, runs[1].folder).folder.name) <= 80


def test_six_lines_do_the_same_in_a_notebook(project: Path, baseline: job.RunResult) -> None:
    scenario = lp.load_scenario(project / "scenarios" / "baseline.yaml")
    county = lp.read_county(scenario)
    times = lp.travel_times(county, scenario)
    plan = lp.assign(county, times, scenario)
    assert baseline.tables is not None
    pd.testing.assert_frame_equal(plan.indicators, baseline.tables.indicators)
    assert "<iframe" in plan.map()._repr_html_()


def test_mistakes_of_scenario_and_data_come_together_and_nothing_is_written(project: Path, tmp_path: Path) -> None:
    bad = project / "scenarios" / "bad.yaml"
    bad.write_text(
        'name: 错\nbased_on: baseline.yaml\ntravel: {cutoff: 3}\nassign: {method: nearst}\n'
        'decisions: {close: ["0000000000"]}\nrules: [cn.gbf2018-72]\n',
        encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(LayoutError) as caught:
        job.run_scenario(bad, out=tmp_path / "runs")
    assert isinstance(caught.value, ScenarioError | InputError)
    assert len(caught.value.flaws) == 4
    assert not (tmp_path / "runs").exists()
    assert len(job.check(bad)) >= 4


def test_a_killed_run_leaves_nothing_half_written(project: Path, baseline: job.RunResult, tmp_path: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in baseline.folder.rglob("*") if p.is_file()}
    out = tmp_path / "runs"
    code = (
        "import pathlib, time\n"
        "from layout_planner import report\nfrom layout_planner import run_scenario\n"
        "report.write_html = lambda *a, **k: (print('writing', flush=True), time.sleep(60))\n"
        f"run_scenario({str(project / 'scenarios' / 'baseline.yaml')!r}, out=pathlib.Path({str(out)!r}))\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "writing"
    process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    process.wait(timeout=30)
    process.stdout.close()
    finished = [p for p in out.iterdir() if not p.name.startswith(".")]
    assert finished == []
    time.sleep(0.05)
    result = job.run_scenario(project / "scenarios" / "baseline.yaml", out=out)
    assert list(out.iterdir()) == [result.folder]
    assert before == {p: p.stat().st_mtime_ns for p in baseline.folder.rglob("*") if p.is_file()}
