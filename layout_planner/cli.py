"""The command line: one thin function a command, no logic."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from layout_planner.errors import LANGUAGE_VARIABLE, LayoutError, Severity, Text

app = typer.Typer(
    name="layout-planner",
    help="学校布局与学区规划 · School layout and catchment planning",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="情景文件 scenario file (.yaml)")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="覆盖一个键 override one key, e.g. travel.cutoff_min=60"),
]


def _version(wanted: bool) -> None:
    if wanted:
        from layout_planner import __version__

        typer.echo(f"layout-planner {__version__}")
        raise typer.Exit


def _language(lang: str | None) -> None:
    if lang:
        os.environ[LANGUAGE_VARIABLE] = lang


@app.callback()
def _options(
    lang: Annotated[str | None, typer.Option(help="zh | en", callback=_language, is_eager=True)] = None,
    version: Annotated[bool, typer.Option("--version", help="版本 version", callback=_version, is_eager=True)] = False,
) -> None:
    """学校布局与学区规划 · School layout and catchment planning."""


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="新项目文件夹 new project folder")]) -> None:
    """建一个可运行的项目：样例数据、模板、情景文件 · Make a runnable project folder."""
    from layout_planner.examples import copy_project

    written = copy_project(folder)
    typer.echo(
        str(Text(f"已在 {folder} 写入 {len(written)} 个文件。下一步：", f"{len(written)} files are in {folder}. Next:"))
    )
    typer.echo(f"  layout-planner run {(folder / 'scenarios' / 'baseline.yaml').as_posix()}")


@app.command()
def check(scenario: ScenarioFile, set_: Overrides = None) -> None:
    """检查情景和数据，一次列出所有问题 · List every problem of a scenario and its data at once."""
    from layout_planner.run import check as run_check

    flaws = run_check(scenario, set_ or ())
    errors = [flaw for flaw in flaws if flaw.severity is Severity.ERROR]
    for flaw in flaws:
        mark = {"error": "✗", "warning": "!", "note": "·"}[flaw.severity.value]
        typer.echo(f"{mark} {flaw.render()}", err=flaw in errors)
    count = len(flaws) - len(errors)
    typer.echo(
        str(Text(f"{len(errors)} 处错误，{count} 处提示", f"{len(errors)} errors, {count} remarks")), err=bool(errors)
    )
    raise typer.Exit(2 if errors else 0)


@app.command()
def run(
    scenario: ScenarioFile,
    set_: Overrides = None,
    out: Annotated[Path | None, typer.Option(help="结果文件夹 where runs go (default: runs/ of the project)")] = None,
    again: Annotated[bool, typer.Option("--again", help="即使已有相同结果也重算 recompute even if done")] = False,
) -> None:
    """从文件到地图、工作簿和报告 · From files to map, workbook and report."""
    from layout_planner.run import console_progress, run_scenario

    with console_progress() as progress:
        result = run_scenario(scenario, set_ or (), out=out, again=again, progress=progress)
    typer.echo(result.summary())


@app.command()
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="先前的结果文件夹 the run before")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="之后的结果文件夹 the run after")],
    out: Annotated[Path | None, typer.Option(help="比较结果的文件夹 where the comparison goes")] = None,
) -> None:
    """比较两次结果：表格和并排地图 · Compare two runs: a table and a side-by-side map."""
    from layout_planner.run import compare as compare_runs

    typer.echo(compare_runs(run_a, run_b, out=out).summary())


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="演示文件夹 demo folder")] = Path("demo"),
) -> None:
    """演示：样例县的现状和一个撤并情景 · The shipped county: today, one merger, and both compared."""
    from layout_planner.run import console_progress
    from layout_planner.run import demo as run_demo

    with console_progress() as progress:
        lines = run_demo(folder, progress=progress)
    for line in lines:
        typer.echo(line)


@app.command()
def example(
    folder: Annotated[Path, typer.Argument(help="输出文件夹 folder to write")],
    size: Annotated[str, typer.Option(help="tiny | county | large")] = "county",
    seed: Annotated[int, typer.Option(help="随机种子 seed")] = 20,
    counties: Annotated[int, typer.Option(min=1, max=100, help="县数，100 为一省 counties; 100 make a province")] = 1,
) -> None:
    """生成虚构的样例县，任意大小 · Write the fictitious example county, any size."""
    from layout_planner.examples import write_county

    for path in write_county(folder, size=size, seed=seed, counties=counties):
        typer.echo(str(path))


def main() -> None:
    """Run the command line; a user's mistake ends with a message and code 2, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except LayoutError as error:
        typer.echo(error.render(), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo(str(Text("已取消，未留下任何半成品", "cancelled; nothing half-written is left")), err=True)
        sys.exit(130)
