"""The command line: one thin function a command, no logic."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from layout_planner.cli_help import ScenarioFile, SpokenGroup
from layout_planner.cli_lottery import app as lottery
from layout_planner.errors import LANGUAGE_VARIABLE, LayoutError, Severity, Text, counted

app = typer.Typer(
    name="layout-planner",
    cls=SpokenGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(lottery)

_CANCELLED = 130
_TABLES = "schools, villages, projects, village_enrolment, forecast, claims, lottery_roster, class_roster"
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]

Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="改一个键的值，如 travel.cutoff_min=60 · override one key, as travel.cutoff_min=60",
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option(help="结果文件夹，默认在项目的 runs/ 里 · folder to write, by default in the project's runs/"),
]


def _version(wanted: bool) -> None:
    if wanted:
        from layout_planner import __version__

        typer.echo(f"layout-planner {__version__}")
        raise typer.Exit


def _language(lang: str | None) -> None:
    if lang is None:
        return
    if lang not in ("zh", "en"):
        raise LayoutError(Text(f"--lang 只能是 zh 或 en，现为“{lang}”", f"--lang is zh or en, not {lang!r}"))
    os.environ[LANGUAGE_VARIABLE] = lang


def _quoted(path: Path) -> str:
    """Spell a path so that it can be typed again."""
    text = path.as_posix()
    return f'"{text}"' if " " in text else text


@app.callback()
def _options(
    lang: Annotated[
        str | None, typer.Option(help="语言，zh 或 en · language, zh or en", callback=_language, is_eager=True)
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="版本 · version", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """学校布局与学区规划（English: --lang en --help） · School layout and catchment planning."""


@app.command()
def init(folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="新项目文件夹 · new project folder")]) -> None:
    """建一个可运行的项目：样例数据、模板、情景文件 · Make a runnable project folder."""
    from layout_planner.examples import copy_project

    written = copy_project(folder)
    typer.echo(
        str(
            Text(
                f"已在 {folder} 写入 {len(written)} 个文件。下一步：",
                f"{counted(len(written), 'file is', 'files are')} in {folder}. Next:",
            )
        )
    )
    typer.echo(f"  layout-planner run {_quoted(folder / 'scenarios' / 'baseline.yaml')}")


@app.command()
def check(
    scenario: ScenarioFile,
    set_: Overrides = None,
    report: Annotated[
        Path | None, typer.Option(help="另写检查报告（xlsx、html）的文件夹 · folder for a check report, xlsx and html")
    ] = None,
) -> None:
    """检查情景和数据，一次列出所有问题 · List every problem of a scenario and its data."""
    from layout_planner.run import check as run_check
    from layout_planner.run import check_report

    if report is None:
        flaws, written = run_check(scenario, set_ or ()), None
    else:
        flaws, written = check_report(scenario, set_ or (), out=report)
    errors = [flaw for flaw in flaws if flaw.severity is Severity.ERROR]
    for flaw in (*errors, *(flaw for flaw in flaws if flaw not in errors)):
        mark = {"error": "✗", "warning": "!", "note": "·"}[flaw.severity.value]
        typer.echo(f"{mark} {flaw.render()}", err=flaw in errors)
    count = len(flaws) - len(errors)
    said = Text(
        f"{len(errors)} 处错误，{count} 处提示",
        f"{counted(len(errors), 'error')}, {counted(count, 'remark')}",
    )
    typer.echo(str(said), err=bool(errors))
    if written is not None:
        typer.echo(str(Text(f"检查报告：{written}", f"Check report: {written}")))
    if not errors:
        typer.echo(str(Text("可以计算：", "Ready to run:")) + f"layout-planner run {_quoted(scenario)}")
    raise typer.Exit(2 if errors else 0)


@app.command()
def template(
    name: Annotated[
        str,
        typer.Argument(
            metavar="TABLE",
            help=f"哪张表：{_TABLES} · which table: {_TABLES}",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="写出的文件，默认 NAME.xlsx · file to write, by default NAME.xlsx")
    ] = None,
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="SCENARIO", help="填入该情景现有的表 · start from a scenario's table"),
    ] = None,
    lang: Annotated[str | None, typer.Option(help="语言，zh 或 en · language, zh or en", callback=_language)] = None,
) -> None:
    """写出待填的工作簿：表头、说明、下拉列表 · Write the workbook to fill in."""
    from layout_planner.io.templates import current_tables, write_template

    frames, flaws = current_tables(name, from_) if from_ else ({}, ())
    path = write_template(name, out or Path(f"{name}.xlsx"), frames, lang=lang)
    for flaw in flaws:
        typer.echo(flaw.render())
    rows = sum(len(frame) for frame in frames.values())
    typer.echo(str(Text(f"已写入 {path}（{rows} 行）", f"{path} is written ({counted(rows, 'row')})")))


@app.command()
def rules(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SET]...", help="规则集代码或文件 · ids or files of rule sets"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="另写工作簿的文件夹 · folder for a workbook of the rules")] = None,
    lang: Annotated[str | None, typer.Option(help="语言，zh 或 en · language, zh or en", callback=_language)] = None,
) -> None:
    """规则集：列出全部，或逐条显示限值、依据、可信度 · List rule sets, or show one with its sources."""
    from layout_planner.rules import known_rule_sets, load_rule_sets, set_lines, sets_lines

    sets = load_rule_sets(names or known_rule_sets())
    lines = [line for one in sets for line in (*set_lines(one), "")] if names else sets_lines(sets)
    typer.echo("\n".join(lines).rstrip())
    if out is not None:
        from layout_planner.report.rule_book import write_rule_book

        written = write_rule_book(sets, out, lang)
        typer.echo(str(Text(f"规则一览：{written}", f"Rules: {written}")))


@app.command()
def run(
    scenario: ScenarioFile,
    set_: Overrides = None,
    out: Annotated[
        Path | None, typer.Option(help="结果放在哪里，默认项目的 runs/ · where runs go, by default the project's runs/")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="已有相同结果也重算 · recompute even if done")] = False,
) -> None:
    """从文件到地图、工作簿和报告 · From files to map, workbook and report."""
    from layout_planner.run import console_progress, run_scenario

    with console_progress() as progress:
        result = run_scenario(scenario, set_ or (), out=out, again=again, progress=progress)
    typer.echo(result.summary())


@app.command()
def optimise(
    scenario: ScenarioFile,
    set_: Overrides = None,
    out: Annotated[
        Path | None, typer.Option(help="结果放在哪里，默认项目的 runs/ · where runs go, by default the project's runs/")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="已有相同结果也重算 · recompute even if done")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="只求方案，不答其余 · the plan only, no answers")] = False,
) -> None:
    """优化布局，附证明；Ctrl-C 取当时最好的方案 · Propose a layout, with a proof; Ctrl-C takes the best so far."""
    from layout_planner.run import console_progress, run_scenario

    with console_progress() as progress:
        result = run_scenario(
            scenario, set_ or (), out=out, again=again, optimised=True, quick=quick, progress=progress
        )
    typer.echo(result.summary())


@app.command()
def zone(
    scenario: ScenarioFile,
    set_: Overrides = None,
    move: Annotated[
        list[str] | None, typer.Option(metavar="VILLAGE=SCHOOL", help="把一个村（片）改归某校 · move a village")
    ] = None,
    merge: Annotated[
        list[str] | None, typer.Option(metavar="SCHOOL+SCHOOL", help="几所学校合用一个学区 · merge zones")
    ] = None,
    polygon: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="带学校代码的多边形，住处在内的改归该校 · polygons with school codes"),
    ] = None,
    out: OutFolder = None,
) -> None:
    """划分学区：清单、四至、公示稿、图层 · Draw catchments: lists, four sides, notice, layers."""
    from layout_planner.catchments import parsed_merges, parsed_moves, plan_catchments
    from layout_planner.run import console_progress

    moves, merges = parsed_moves(move or ()), parsed_merges(merge or ())
    with console_progress() as progress:
        result = plan_catchments(
            scenario, set_ or (), move=moves, merge=merges, polygons=polygon, out=out, progress=progress
        )
    typer.echo(result.summary())


@app.command()
def classes(
    scenario: ScenarioFile,
    set_: Overrides = None,
    out: OutFolder = None,
) -> None:
    """编班、教师教室、大班额和最省的化解办法 · Form classes; clear large ones in the cheapest way."""
    from layout_planner.classes import plan_classes
    from layout_planner.run import console_progress

    with console_progress() as progress:
        result = plan_classes(scenario, set_ or (), out=out, progress=progress)
    typer.echo(result.summary())


@app.command()
def study(
    scenario: ScenarioFile,
    set_: Overrides = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="研究情景的分配，不用就读表 · study the plan, not enrolment")
    ] = False,
    tie_min: Annotated[float, typer.Option(min=0, help="相差不到几分钟算一样近 · minutes that make a tie")] = 2.0,
    draws: Annotated[int, typer.Option(min=0, help="住处重抽次数 · draws of the homes")] = 200,
    out: OutFolder = None,
) -> None:
    """就近入学研究：谁越过最近的学校、为什么 · Study who goes past the nearest school, and why."""
    from layout_planner.compliance import study_scenario
    from layout_planner.run import console_progress

    with console_progress() as progress:
        result = study_scenario(
            scenario, set_ or (), plan=plan, tie_min=tie_min, draws=draws, out=out, progress=progress
        )
    typer.echo(result.summary())


@app.command()
def districts(
    scenario: ScenarioFile,
    set_: Overrides = None,
    out: OutFolder = None,
) -> None:
    """教育协作区：相邻、规模相近的乡镇或学校 · Group townships or schools into districts."""
    from layout_planner.districts import plan_districts
    from layout_planner.run import console_progress

    with console_progress() as progress:
        result = plan_districts(scenario, set_ or (), out=out, progress=progress)
    typer.echo(result.summary())


@app.command()
def report(
    scenario: ScenarioFile,
    set_: Overrides = None,
    start: Annotated[
        str,
        typer.Option(
            metavar="DATE", help="公示开始日期，如 2027-03-01 · first day of the public notice, as 2027-03-01"
        ),
    ] = "",
    out: OutFolder = None,
) -> None:
    """撤并材料：一校一案、全县方案、公示稿、台账 · Write the papers of a merger for notice and hearing."""
    from layout_planner.dossiers import write_dossiers
    from layout_planner.run import console_progress

    with console_progress() as progress:
        result = write_dossiers(scenario, set_ or (), start=start, out=out, progress=progress)
    typer.echo(result.summary())


@app.command()
def compare(
    run_a: Annotated[Path, typer.Argument(metavar="RUN_A", help="先前的结果文件夹 · the run before")],
    run_b: Annotated[Path, typer.Argument(metavar="RUN_B", help="之后的结果文件夹 · the run after")],
    out: Annotated[Path | None, typer.Option(help="比较结果的文件夹 · where the comparison goes")] = None,
) -> None:
    """比较两次结果：表格和并排地图 · Compare two runs: a table and a side-by-side map."""
    from layout_planner.run import compare as compare_runs

    typer.echo(compare_runs(run_a, run_b, out=out).summary())


@app.command("map")
def map_(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN...", help="结果文件夹，第一个为比较的基准 · run folders, the first to compare with"
        ),
    ],
    out: Annotated[Path, typer.Option(help="写出的网页 · page to write")] = Path("map.html"),
    theme: Annotated[str, typer.Option(help="time | limit | load | change | decision")] = "time",
    years: Annotated[bool, typer.Option("--years", help="按年份或步骤用滑块切换 · choose by a slider")] = False,
    basemap: Annotated[str | None, typer.Option(help="osm | tianditu:KEY | gaode | https://…")] = None,
) -> None:
    """几次结果画在一页地图上：按钮或滑块切换 · Draw any number of runs on one map page."""
    from layout_planner.atlas import map_runs

    typer.echo(str(Text("地图：", "Map: ")) + str(map_runs(runs, out, theme=theme, series=years, basemap=basemap)))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="演示文件夹 · demo folder")] = Path("demo"),
) -> None:
    """演示：样例县的现状、一个撤并情景和两者对比 · Show the shipped county: today, a merger, both compared."""
    from layout_planner.run import console_progress
    from layout_planner.run import demo as run_demo

    with console_progress() as progress:
        lines = run_demo(folder, progress=progress)
    for line in lines:
        typer.echo(line)


@app.command()
def example(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="输出文件夹 · folder to write")],
    size: Annotated[
        str,
        typer.Option(help="tiny | county | towns（23 个乡镇） | large · tiny | county | towns (23 townships) | large"),
    ] = "county",
    seed: Annotated[int, typer.Option(help="随机种子 · seed")] = 20,
    counties: Annotated[int, typer.Option(min=1, max=100, help="县数，100 为一省 · counties; 100 make a province")] = 1,
) -> None:
    """生成虚构的样例县，任意大小 · Write the fictitious example county, any size."""
    from layout_planner.examples import SIZES, write_county

    if size not in SIZES:
        names = "、".join(SIZES)
        raise LayoutError(
            Text(f"--size 只能是 {names}，现为“{size}”", f"--size is one of {', '.join(SIZES)}, not {size!r}")
        )

    for path in write_county(folder, size=size, seed=seed, counties=counties):
        typer.echo(str(path))


def main() -> None:
    """Run the command line; a user's mistake ends with a message and code 2, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        code = app(standalone_mode=False)
    except LayoutError as error:
        _end(error.render(), 2)
    except _USAGE_ERROR as error:
        _end(_usage(error), 2)
    except OSError as error:
        what = f"{error.filename or ''} ({error.strerror or type(error).__name__})".strip()
        mend = Text(
            "检查磁盘空间、权限和路径长度，关闭正打开这些文件的程序后重试",
            "check disk space, permissions and the length of the path, close programs that hold the files",
        )
        _end(str(Text(f"无法读写文件 {what}。{mend.zh}", f"cannot read or write {what}: {mend.en}")), 2)
    except KeyboardInterrupt:
        code = _CANCELLED
    if code == _CANCELLED:
        _end(str(Text("已取消，未留下任何半成品", "cancelled; nothing half-written is left")), _CANCELLED)
    sys.exit(code or 0)


def _end(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(code)


def _usage(error: Exception) -> str:
    """Say a mistake of the command line itself in the user's language."""
    said = str(getattr(error, "message", "") or error).rstrip(".")
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    kind = type(error).__name__
    if kind == "MissingParameter":
        name = str(getattr(parameter, "metavar", None) or getattr(parameter, "name", "") or "").upper()
        zh, said = f"缺少 {name}", f"{name} is missing"
    elif found := re.search(r"No such option:? '?([^\s']+)", said):
        zh = f"没有 {found.group(1)} 这个选项"
    elif found := re.search(r"No such command '([^']*)'", said):
        zh = f"没有 {found.group(1)} 这个命令"
    elif found := re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", said):
        zh = f"多出了 {found.group(1)}；路径中有空格时请加双引号"
    elif found := re.search(r"Option '?([^\s']+)'? requires", said):
        zh = f"{found.group(1)} 后面缺少值"
    elif kind == "BadParameter" and parameter is not None:
        zh = f"--{parameter.name} 的值不能用（{said}）"
    else:
        zh = f"命令写法有误（{said}）"
    if close := re.search(r"[Dd]id you mean '?([^'?]*)", said):
        zh += f"；是否为 {close.group(1)}？"
    command = context.command_path if context is not None else "layout-planner"
    return str(Text(f"{zh}。用法见 {command} --help", f"{said}. See {command} --help"))
