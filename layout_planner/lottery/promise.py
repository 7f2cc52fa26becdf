"""Publish what a draw promises: the canonical roster, the rules, the program, their hashes and a notice."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from layout_planner import __version__
from layout_planner.assign import replay
from layout_planner.assign.class_draw import draw_classes
from layout_planner.assign.lottery import LotteryRules
from layout_planner.config.loader import load_scenario, scenario_error
from layout_planner.config.lottery import Draw
from layout_planner.errors import Flaw, InputError, OutputError, Severity, Text, counted, language
from layout_planner.io.draws import classes_drawn, lottery_entries, read_classes
from layout_planner.io.roster import Roster
from layout_planner.io.staging import staged_folder
from layout_planner.prepare import Overrides
from layout_planner.report.draw_announcement import Announcement, write_announcement

__all__ = ["NOTICE", "Published", "as_json", "publish_classes", "publish_lottery"]

NOTICE = "notice.html"


@dataclass(frozen=True)
class Published:
    """What was promised, and where it lies; ``remarks`` are warnings about the roster."""

    folder: Path
    announced: Announcement
    remarks: tuple[Flaw, ...]

    def summary(self) -> str:
        """Say in a few lines what is published and what to do next."""
        count, sha = len(self.announced.rows), self.announced.commitment_sha256
        lines = [
            *(flaw.render() for flaw in self.remarks),
            str(
                Text(
                    f"已公布：{count} 人，文件夹 {self.folder}",
                    f"Published: {counted(count, 'applicant')}, {self.folder}",
                )
            ),
            str(Text(f"承诺哈希（写进公告）：{sha}", f"Commitment (for the notice): {sha}")),
            f"  {self.folder / NOTICE}",
        ]
        values = "".join(f' --value "{value["name"]}"' for value in self.announced.rules["public_values"])
        next_step = f'layout-planner lottery draw "{self.folder.as_posix()}"'
        lines += [
            str(Text("先做一次模拟：", "Rehearse first:")) + f"  {next_step} --rehearse",
            str(Text("抽签当日：", "On the day:")) + f"  {next_step}{values}",
        ]
        return "\n".join(lines)


def publish_lottery(path: str | Path, overrides: Overrides = (), *, out: Path | None = None) -> Published:
    """Publish what a lottery (block ``lottery`` of a scenario) promises: roster, rules, program, hashes, notice.

    Parameters
    ----------
    path : str or Path
        Scenario file.
    overrides : mapping or iterable of str
        As in :func:`layout_planner.config.loader.load_scenario`.
    out : Path, optional
        Folder to make; by default one named for the draw in ``lottery`` of the project.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario and roster; nothing was written.
    OutputError
        If the folder exists: what was published is never replaced.
    """
    scenario = load_scenario(path, overrides)
    asked = scenario.lottery
    if asked is None:
        raise _no_block(Path(path), "lottery", "电脑派位", "the lottery")
    roster, shown, guarantee, flaws = lottery_entries(scenario, asked)
    _raise_errors(flaws)
    seats = {school.school_id: school.seats for school in asked.schools}
    held = {school.school_id: school.held_back for school in asked.schools}
    rules = LotteryRules(seats, held, asked.priorities, asked.siblings_first, asked.groups_over_seats, guarantee)
    stated = {**rules.plain(shown), "migrant_share": asked.migrant_guarantee}
    return _publish(asked, stated, roster, flaws, out or _folder(Path(path), asked.title))


def publish_classes(path: str | Path, overrides: Overrides = (), *, out: Path | None = None) -> Published:
    """Publish what a class draw (block ``class_draw`` of a scenario) promises, as :func:`publish_lottery` does.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario and roster, siblings who do not fit among them; nothing was written.
    OutputError
        If the folder exists: what was published is never replaced.
    """
    scenario = load_scenario(path, overrides)
    asked = scenario.class_draw
    if asked is None:
        raise _no_block(Path(path), "class_draw", "电脑随机分班", "the class draw")
    roster, names, flaws = read_classes(scenario, asked)
    _raise_errors(flaws)
    count = classes_drawn(scenario, asked, len(roster.rows))
    draw_classes(pd.DataFrame(roster.rows), count, "0" * 64, teams=asked.teams)
    stated = {
        "kind": "classes", "school_id": asked.school_id, "school": names.get(asked.school_id, asked.school_id),
        "grade": asked.grade, "classes": count, "teams": list(asked.teams),
    }  # fmt: skip
    return _publish(asked, stated, roster, flaws, out or _folder(Path(path), asked.title))


def _publish(asked: Draw, stated: Mapping[str, Any], roster: Roster, flaws: Sequence[Flaw], target: Path) -> Published:
    """Write the folder of a promise, whole or not at all."""
    common = asked.model_dump(
        mode="json",
        include={"title", "organiser", "place", "witnesses", "published_on", "drawn_on", "public_values"},
    )
    rules = {"format": replay.FORMAT, "generator": replay.GENERATOR, **stated, **common}
    rows = list(roster.rows)
    table = replay.write_table(roster.columns, rows)
    script = Path(replay.__file__).read_bytes()
    commitment = {
        "format": replay.FORMAT, "title": asked.title, "published_on": asked.published_on, "applicants": len(rows),
        "families": len(replay.families(rows)), "roster_sha256": replay.sha256(table),
        "rules_sha256": replay.sha256(as_json(rules)), "script_sha256": replay.sha256(script),
        "software": f"layout_planner {__version__}",
    }  # fmt: skip
    if (target / replay.COMMITMENT).is_file():
        same = (target / replay.COMMITMENT).read_bytes() == as_json(commitment)
        zh = "内容相同，不必再公布" if same else "名册、规则或程序与那时不同；公布后不得改动"
        en = "with the same content" if same else "with another roster, other rules or another program"
        said = Text(f"{target.name} 已经公布过，{zh}", f"{target.name} is published already, {en}")
        raise OutputError(said, () if same else (_changed(target),))
    announced = Announcement(rules, commitment, replay.sha256(as_json(commitment)), rows)
    with staged_folder(target) as staged:
        (staged / replay.ROSTER).write_bytes(table)
        (staged / replay.RULES).write_bytes(as_json(rules))
        (staged / replay.SCRIPT).write_bytes(script)
        (staged / replay.COMMITMENT).write_bytes(as_json(commitment))
        write_announcement(announced, staged / NOTICE, lang=language())
    return Published(target, announced, tuple(flaw for flaw in flaws if flaw.severity is Severity.WARNING))


def _changed(target: Path) -> Flaw:
    return Flaw(
        "commitment_exists",
        Text("公布后的名册和规则不得改动", "what was published must not change"),
        Text(
            "确需更正的，另行公告作废，再用 --out 公布到新的文件夹",
            "to correct it, announce that it is void and publish into a new folder with --out",
        ),
        file=str(target),
    )


def _raise_errors(flaws: Sequence[Flaw]) -> None:
    if any(flaw.severity is Severity.ERROR for flaw in flaws):
        raise InputError.collect(flaws)


def _no_block(path: Path, block: str, zh: str, en: str) -> Exception:
    what = Text(f"情景没有 {block} 块", f"the scenario has no block {block}")
    mend = Text(f"写明{zh}，样例见 scenarios/lottery.yaml", f"state {en}; see scenarios/lottery.yaml")
    return scenario_error([Flaw("block_missing", what, mend, path.name, key=block)])


def _folder(scenario_file: Path, title: str) -> Path:
    """Find where a draw is published: beside the runs of the scenario's project."""
    folder = Path(os.path.abspath(scenario_file)).parent  # noqa: PTH100 - links stay as the user typed them
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f\s]+', "-", title).strip(". -") or "draw"
    return (folder.parent if folder.name == "scenarios" else folder) / "lottery" / stem


def as_json(tree: Mapping[str, Any]) -> bytes:
    """Spell a mapping as it is published: the same bytes for the same content."""
    return (json.dumps(tree, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
