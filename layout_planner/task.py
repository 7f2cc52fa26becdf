"""What the tasks of a scenario share: how they begin, where their results go and how these are listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner.config.loader import scenario_error
from layout_planner.errors import Flaw, InputError, LayoutError, Text
from layout_planner.io.staging import free_folder
from layout_planner.prepare import Overrides, prepare
from layout_planner.run import runs_folder

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County

__all__ = ["TaskResult", "read_ready", "result_folder"]


@dataclass(frozen=True)
class TaskResult:
    """What a task wrote, and what it says in short; each task adds its own answers."""

    folder: Path
    told: tuple[Text, ...]

    def summary(self) -> str:
        """Say in a few lines what came out and where it lies, file by file."""
        where = str(Text(f"结果：{self.folder}", f"Result: {self.folder}"))
        return "\n".join([*map(str, self.told), *self.details(), where, *map("  {}".format, self.files())])

    def details(self) -> list[str]:
        """Give further lines of the summary."""
        return []

    def files(self) -> list[Path]:
        """List what lies in the folder."""
        return sorted(self.folder.iterdir())


def read_ready(path: Path, overrides: Overrides, progress: Callable[[Text], None]) -> tuple[Scenario, County]:
    """Read a scenario and its county.

    Raises
    ------
    InputError, ScenarioError
        With every problem of both.
    """
    progress(Text("读取情景和数据", "reading scenario and data"))
    prepared = prepare(path, overrides)
    if prepared.flaws or prepared.scenario is None or prepared.county is None:
        raise _mistakes(prepared.flaws)
    return prepared.scenario, prepared.county


def result_folder(path: Path, out: Path | None, task: str, name: str) -> Path:
    """Name the folder of a result: the one asked for, or one in ``runs`` of the project; never one that exists."""
    return free_folder(out or runs_folder(path) / f"{task}-{_plain_name(name)}")


def _mistakes(flaws: tuple[Flaw, ...]) -> LayoutError:
    """Make one error of the flaws that forbid a task: of the scenario if all are its own, else of the input."""
    if all(flaw.key or flaw.code.startswith(("scenario_", "yaml_", "based_on_")) for flaw in flaws):
        return scenario_error(flaws)
    return InputError.collect(flaws)


def _plain_name(name: str) -> str:
    """Spell a name so that a folder can bear it.

    >>> _plain_name("现状 2025/2026")
    '现状-2025-2026'
    """
    return re.sub(r'[<>:"/\\|?*\x00-\x1f\s]+', "-", name).strip(". -") or "scenario"
