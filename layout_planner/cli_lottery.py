"""Commands ``layout-planner lottery``: one thin function a command, no logic."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layout_planner.cli_help import ScenarioFile, SpokenGroup

__all__ = ["app"]

app = typer.Typer(
    name="lottery",
    cls=SpokenGroup,
    help="电脑派位和电脑随机分班：公布、抽签、复核 · Draw lots for schools and classes, so that all can check.",
    no_args_is_help=True,
    add_completion=False,
)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="公布的文件夹 · published folder")]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="改一个键的值，如 lottery.drawn_on=2026-08-21 · override one key, as lottery.drawn_on=2026-08-21",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="新文件夹，默认项目的 lottery/TITLE · folder to make, by default lottery/TITLE of the project"),
]


@app.command()
def publish(scenario: ScenarioFile, set_: Overrides = None, out: Out = None) -> None:
    """派位前公布：封存名册、规则，写出公告 · Publish what a lottery promises."""
    from layout_planner.lottery import publish_lottery

    typer.echo(publish_lottery(scenario, set_ or (), out=out).summary())


@app.command("publish-classes")
def publish_classes(scenario: ScenarioFile, set_: Overrides = None, out: Out = None) -> None:
    """随机分班前公布：同样的承诺 · Publish what a class draw promises."""
    from layout_planner.lottery import publish_classes as publish

    typer.echo(publish(scenario, set_ or (), out=out).summary())


@app.command()
def draw(
    folder: Folder,
    value: Annotated[
        list[str] | None,
        typer.Option("--value", metavar="TEXT", help="公开的数，按公布的次序 · a public value, in the order announced"),
    ] = None,
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="模拟派位，不作数 · a rehearsal, which does not count")
    ] = False,
) -> None:
    """抽签：派位或分班，只能抽一次；--rehearse 为模拟 · Draw, once and for all, or rehearse."""
    from layout_planner.lottery import draw as draw_lots

    typer.echo(draw_lots(folder, value or (), rehearse=rehearse).summary())


@app.command()
def replay(folder: Folder) -> None:
    """复核：核对哈希，从公布的文件重抽一遍 · Check hashes, draw again from what was published."""
    from layout_planner.lottery import replay_folder

    for line in replay_folder(folder):
        typer.echo(f"✓ {line}")
