"""`layout-planner report` as a planner mistypes it: a sentence and code 2, never a traceback, nothing written over."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from layout_planner import dossiers
from layout_planner.cli import main
from layout_planner.config.loader import load_scenario
from layout_planner.errors import LANGUAGE_VARIABLE, Text
from tests.small_county import county, times

FILES = {
    "today": "name: 现状\ndata: {}\n",
    "merger": "name: 撤西岭\nbased_on: today.yaml\ndecisions: {close: [S4]}\n",
    "broken": "name: 撤西岭\nbased_on: today.yaml\ndecisions: {close: S4, shut: [S1]}\n",
}
Report: TypeAlias = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "scenarios").mkdir()
    for name, text in FILES.items():
        (tmp_path / "scenarios" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def report(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Report:
    """Run the command on a county of three villages; its papers are one file, everything before them is real."""
    read, asked = dossiers.read_ready, {"merger.yaml", "today.yaml"}

    def ready(path: Path, overrides: object, progress: Callable[[Text], None]) -> object:
        if path.name not in asked or not path.is_file():
            return read(path, (), progress)
        return load_scenario(path), county()

    def paper(facts: object, folder: Path, progress: object) -> tuple[Path, ...]:
        (folder / "方案.html").write_text("方案", encoding="utf-8")
        return ()

    monkeypatch.setattr(dossiers, "read_ready", ready)
    monkeypatch.setattr(dossiers, "travel_times", lambda *_: times())
    monkeypatch.setattr(dossiers, "write_papers", paper)
    monkeypatch.setattr(dossiers, "print_pages", lambda *_: ())
    monkeypatch.setenv(LANGUAGE_VARIABLE, "zh")

    def run(name: str, *words: str | Path) -> tuple[int, str, str]:
        scenario = home / "scenarios" / f"{name}.yaml"
        monkeypatch.setattr(sys, "argv", ["layout-planner", "report", str(scenario), *map(str, words)])
        with contextlib.chdir(home), pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("name", "words", "said"),
    [
        ("nothing", (), "nothing.yaml"),
        ("broken", (), "shut"),
        ("today", (), "没有撤并学校"),
        ("merger", ("--start", "2027-02-30"), "不是日期"),
        ("merger", ("--start", "下周一"), "不是日期"),
        ("merger", ("--begin", "2027-03-01"), "--begin"),
        ("merger", ("--out", "scenarios/merger.yaml/papers"), "权限"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_written(
    report: Report, home: Path, name: str, words: tuple[str, ...], said: str
) -> None:
    before = sorted(home.rglob("*"))
    code, _, err = report(name, *words)
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert sorted(home.rglob("*")) == before


def test_papers_that_exist_stay_and_the_new_ones_go_beside(report: Report, home: Path) -> None:
    assert report("merger", "--out", "papers")[0] == 0
    (home / "papers" / "方案.html").write_text("已修改", encoding="utf-8")
    code, out, _ = report("merger", "--out", "papers")
    assert code == 0
    assert "papers-2" in out
    assert (home / "papers" / "方案.html").read_text(encoding="utf-8") == "已修改"
    assert (home / "papers-2" / "方案.html").is_file()


@pytest.mark.parametrize("about", [{"format": -1}, {}, None])
def test_a_run_of_another_version_is_passed_over_in_words(report: Report, home: Path, about: object) -> None:
    (home / "manifest.json").write_text("{}", encoding="utf-8")
    (home / "plan").mkdir()
    if about is not None:
        (home / "plan" / "run.json").write_text(json.dumps(about), encoding="utf-8")
    code, out, err = report("merger", "--out", "papers")
    assert code in (0, 2), err
    assert "Traceback" not in err
    assert code == 2 or "没有采用优化结果" in out
