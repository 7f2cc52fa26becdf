"""The command line as a planner types it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from layout_planner.cli import main
from layout_planner.errors import LANGUAGE_VARIABLE
from layout_planner.examples import write_county

Cli: TypeAlias = Callable[..., "Done"]


class Done(NamedTuple):
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def typed(*words: str | Path) -> Done:
    """Run a command in a process of its own, as a planner does."""
    env = {**os.environ, "PYTHONUTF8": "1", "COLUMNS": "100"}
    command = [sys.executable, "-m", "layout_planner", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=env, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command in this process, for starting one takes longer than most commands do."""
    monkeypatch.setenv(LANGUAGE_VARIABLE, "zh")
    monkeypatch.setenv("COLUMNS", "100")

    def run(*words: str | Path, cwd: Path | None = None) -> Done:
        monkeypatch.setattr(sys, "argv", ["layout-planner", *map(str, words)])
        capsys.readouterr()
        with contextlib.chdir(cwd or Path.cwd()), pytest.raises(SystemExit) as ended:
            main()
        os.environ[LANGUAGE_VARIABLE] = "zh"
        assert ended.value.code is None or isinstance(ended.value.code, int)
        return Done(ended.value.code or 0, *capsys.readouterr())

    return run


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    write_county(folder / "data", size="tiny", seed=2)
    (folder / "scenarios").mkdir()
    text = "name: 现状\ndata: {folder: ../data, crs: {schools: gcj02}}\n"
    (folder / "scenarios" / "baseline.yaml").write_text(text, encoding="utf-8")
    return folder


def test_help_lists_the_commands() -> None:
    done = typed("--help")
    assert done.returncode == 0
    assert all(word in done.stdout for word in ("init", "check", "run", "compare", "demo"))


@pytest.mark.parametrize(
    ("lang", "head", "said"), [("zh", "命令", "从文件到地图"), ("en", "Commands", "From files to")]
)
def test_help_is_in_one_language_and_fits_80_columns(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, lang: str, head: str, said: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = cli("--lang", lang, "--help").stdout
    rows = [line.strip("│ ") for line in shown.split(f" {head} ")[1].splitlines()[1:-1] if line.startswith("│")]
    commands = [row.split()[0] for row in rows]
    assert {"init", "run", "optimise", "lottery"} <= set(commands)
    assert any(row.startswith("run") and said in row for row in rows)
    for command in ("template", "zone", "study", "map"):
        page = cli("--lang", lang, command, "--help").stdout
        assert "…" not in page.replace("https://…", "")
        assert ("Options" in page, "选项" in page) == (lang == "en", lang == "zh")


def test_init_makes_a_project_that_runs_and_never_overwrites(cli: Cli, tmp_path: Path) -> None:
    done = cli("init", "my-county", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    scenario = tmp_path / "my-county" / "scenarios" / "baseline.yaml"
    assert scenario.is_file()
    scenario.write_text(scenario.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    again = cli("init", "my-county", cwd=tmp_path)
    assert again.returncode == 2
    assert "Traceback" not in again.stderr
    assert "# mine" in scenario.read_text(encoding="utf-8")


def test_a_template_starts_empty_or_from_a_scenario_and_never_overwrites(cli: Cli, project: Path) -> None:
    empty = cli("template", "projects", "--lang", "en", cwd=project)
    assert (empty.returncode, (project / "projects.xlsx").is_file()) == (0, True), empty.stderr
    filled = cli("template", "schools", "--from", "scenarios/baseline.yaml", "--out", "学校.xlsx", cwd=project)
    assert filled.returncode == 0, filled.stderr
    again = cli("template", "schools", "--out", "学校.xlsx", cwd=project)
    assert (again.returncode, "Traceback" in again.stderr) == (2, False)
    assert cli("template", "roads", cwd=project).returncode == 2


def test_check_and_run(cli: Cli, project: Path) -> None:
    checked = cli("check", "scenarios/baseline.yaml", cwd=project)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    ran = cli("run", "scenarios/baseline.yaml", "--set", "seed=3", cwd=project)
    assert ran.returncode == 0, ran.stderr
    assert "map.html" in ran.stdout


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_mistake_ends_with_code_2_and_a_message_in_the_language_asked_for(cli: Cli, project: Path, lang: str) -> None:
    (project / "bad.yaml").write_text("name: x\ndta: {}\n", encoding="utf-8")
    for how in (cli, typed):
        done = how("--lang", lang, "run" if how is cli else "check", project / "bad.yaml")
        assert done.returncode == 2
        assert ("是否为 data" if lang == "zh" else "did you mean data") in done.stderr
        assert "Traceback" not in done.stderr
    assert not (project / "runs").exists() or not [p for p in (project / "runs").iterdir() if p.name.startswith("x")]


def test_rules_are_listed_shown_one_by_one_and_written_as_a_workbook(cli: Cli, tmp_path: Path) -> None:
    listed = cli("rules")
    assert "cn.gbf2018-27" in listed.stdout
    shown = cli("rules", "cn.sc713", "--out", tmp_path / "book", "--lang", "zh")
    assert "cn.sc713.notice" in shown.stdout
    assert "可信度：V 已读原文" in shown.stdout
    assert [p.name for p in (tmp_path / "book").iterdir()] == ["规则一览.xlsx"]
    assert cli("rules", "cn.sc731").returncode == 2


def test_comparing_what_is_not_a_run_is_told(cli: Cli, tmp_path: Path) -> None:
    done = cli("compare", tmp_path, tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run"], "缺少 SCENARIO"),
        (["chek"], "是否为 check"),
        (["run", "a.yaml", "b"], "加双引号"),
        (["run", "--nope"], "没有 --nope"),
        (["--lang", "fr", "demo"], "zh 或 en"),
        (["example", "x", "--size", "huge"], "tiny"),
        (["--lang", "en", "run"], "SCENARIO is missing"),
    ],
)
def test_a_mistyped_command_is_told_in_one_line(cli: Cli, words: list[str], said: str, tmp_path: Path) -> None:
    done = cli(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_path_with_a_space_is_shown_as_it_must_be_typed(cli: Cli, tmp_path: Path) -> None:
    done = cli("init", "我的 县", cwd=tmp_path)
    assert 'run "我的 县/scenarios/baseline.yaml"' in done.stdout


def test_errors_come_before_remarks(cli: Cli, project: Path) -> None:
    path = project / "scenarios" / "late.yaml"
    text = 'name: a\nbased_on: baseline.yaml\ndemand: {calibrate_to: none}\ndecisions: {close: ["nobody"]}\n'
    path.write_text(text, encoding="utf-8")
    done = cli("check", path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0].startswith("✗ late.yaml")


def test_a_place_where_nothing_can_be_written_is_told_with_its_mend(cli: Cli, project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = cli("run", project / "scenarios" / "baseline.yaml", "--out", tmp_path / "file")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "权限" in done.stderr


def test_english_asks_for_english_throughout(cli: Cli, project: Path) -> None:
    runs = []
    for name in ("a", "b"):
        path = project / "scenarios" / f"{name}.yaml"
        text = f"name: 甲{name}\ntitle_en: Plan {name}\nbased_on: baseline.yaml\noutputs: []\n"
        path.write_text(text, encoding="utf-8")
        done = cli("run", path)
        runs.append(next(line for line in done.stdout.splitlines() if line.startswith("结果：")).removeprefix("结果："))
    table = cli("--lang", "en", "compare", *runs).stdout.split("Comparison:")[0]
    assert "Plan a" in table
    assert not any("\u4e00" <= c <= "\u9fff" for c in table)


def test_optimise_ends_in_a_plan_with_its_proof(project: Path, cli: Cli) -> None:
    path = project / "scenarios" / "optimise.yaml"
    path.write_text("name: 建议\nbased_on: baseline.yaml\nlayout: {gap: 0.02}\n", encoding="utf-8")
    done = cli("optimise", path, "--quick")
    assert done.returncode == 0, done.stderr
    assert "最多再好" in done.stdout
    assert "map.html" in done.stdout


def test_limits_that_nothing_can_meet_are_named_with_the_least_relaxation(project: Path, cli: Cli) -> None:
    path = project / "scenarios" / "poor.yaml"
    text = "name: 没钱\nbased_on: baseline.yaml\nlayout: {must: {yearly_budget_yuan: 1600000}}\n"
    path.write_text(text, encoding="utf-8")
    done = cli("optimise", path)
    assert done.returncode == 2
    assert "poor.yaml · 第 3 行 · 键 layout.must.yearly_budget_yuan：全县：每年支出上限" in done.stderr
    assert "至少放宽" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((project / "runs").glob("*没钱*"))
