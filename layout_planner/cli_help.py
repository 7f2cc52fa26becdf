"""Help of the command line in the language asked for: words stand as ``中文 · English`` where commands are declared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from layout_planner.errors import Text

__all__ = ["ScenarioFile", "SpokenGroup", "spoken"]

ScenarioFile = Annotated[Path, typer.Argument(metavar="SCENARIO", help="情景文件（.yaml） · scenario file (.yaml)")]
"""The argument of every command that works on a scenario."""

_BETWEEN = " · "
_ARGUMENTS, _OPTIONS, _COMMANDS = Text("参数", "Arguments"), Text("选项", "Options"), Text("命令", "Commands")
_HELP = Text("显示这些说明", "Show this message and exit")


def spoken(words: str) -> str:
    """Give the half of ``中文 · English`` that is in the language of messages; other words as they are.

    >>> spoken("结果文件夹 · folder to write")
    '结果文件夹'
    """
    halves = words.split(_BETWEEN)
    return str(Text(*halves)) if len(halves) == 2 else words


class SpokenGroup(TyperGroup):
    """Commands whose help is in one language, whichever is asked for when it is shown."""

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - typer's own types are private
        """Find a command, its help in the language asked for."""
        command = super().get_command(ctx, cmd_name)
        if command is not None:
            _speak(command, ctx)
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer's own types are private
        """Write the group's help and a line on every command."""
        _speak(self, ctx)
        for name in self.list_commands(ctx):
            self.get_command(ctx, name)
        super().format_help(ctx, formatter)


def _speak(command: Any, ctx: Any) -> None:  # noqa: ANN401 - typer's own types are private
    """Put the words of a command and of its parameters into the language of messages."""
    command.help = spoken(command.help or "")
    command.rich_help_panel = str(_COMMANDS)
    shown = command.get_help_option(ctx)
    shown.help = str(_HELP)
    for parameter in (*command.params, shown):
        parameter.help = spoken(parameter.help or "")
        parameter.rich_help_panel = str(_ARGUMENTS if parameter.param_type_name == "argument" else _OPTIONS)
