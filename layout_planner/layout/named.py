"""Plans of an optimised layout as scenario files, so that they can be run, compared and changed by hand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layout_planner.config.loader import load_scenario, mapping_to_yaml, parent_path
from layout_planner.config.ruling import is_rule_file
from layout_planner.layout.facts import plan_facts
from layout_planner.layout.proposal import solution_decisions

if TYPE_CHECKING:
    from layout_planner.config.scenario import Decisions, Scenario
    from layout_planner.layout.model import LayoutSolution

__all__ = ["named_scenarios"]

_OWN = ("name", "title_en", "note", "based_on", "decisions", "assign", "layout")


def named_scenarios(options: Mapping[str, LayoutSolution], scenario: Scenario, home: Path) -> dict[str, str]:
    """Spell plans as scenario files.

    A file is based on what the optimised scenario is based on and states what differs: the decisions, pupils within
    the seats, and any block that overrides changed. Where the decisions of the base would get in the way, a file
    states everything.

    Parameters
    ----------
    options : mapping of str to LayoutSolution
        By name.
    scenario : Scenario
        What was optimised.
    home : Path
        Folder in which the files will lie: their paths count from there.

    Returns
    -------
    dict of str to str
        Text in YAML by file name.
    """
    based_on, base = _base(scenario)
    texts = {}
    for name, solution in options.items():
        decided = solution_decisions(solution, scenario)
        clear = base is not None and not _left_over(base.decisions, decided)
        head = {"based_on": _beside(based_on, home)} if clear and based_on is not None else {}
        text = mapping_to_yaml(
            {"name": name, "note": _note(solution, scenario)}
            | head
            | _blocks(scenario, base if clear else None, home)
            | {"assign": _assign(scenario, solution), "decisions": _stated(decided)}
        )
        texts[f"{name}.yaml"] = f"# 布局优化的一个方案，可以直接运行、比较，也可以改了再运行\n{text}"
    return texts


def _base(scenario: Scenario) -> tuple[Path | None, Scenario | None]:
    """Find the scenario to build on: that which the optimised one is based on, else its own file."""
    if not scenario.files:
        return None, None
    own = scenario.files[0]
    path = parent_path(own, scenario.based_on) if scenario.based_on is not None else own
    return path, load_scenario(path)


def _left_over(base: Decisions, decided: Decisions) -> bool:
    """Tell whether beds or rooms of the base would stay that the plan has not: mappings are merged key by key."""
    return bool(set(base.board) - set(decided.board) or set(base.add_classrooms) - set(decided.add_classrooms))


def _blocks(scenario: Scenario, base: Scenario | None, home: Path) -> dict[str, Any]:
    """Give the blocks in which the scenario differs from its base, all of them without one."""
    stated = scenario.model_dump(mode="json", exclude=set(_OWN))
    known = {} if base is None else base.model_dump(mode="json", exclude=set(_OWN))
    blocks = {name: block for name, block in stated.items() if block != known.get(name)}
    if "data" in blocks:
        blocks["data"] = {
            name: _near(value, home) for name, value in scenario.data.model_dump().items() if value not in (None, ())
        } | {"crs": stated["data"]["crs"]}
    if "rules" in blocks:
        blocks["rules"] = [_beside(Path(entry), home) if is_rule_file(entry) else entry for entry in scenario.rules]
    return blocks


def _near(value: object, home: Path) -> object:
    """Spell paths relative to where the file will lie."""
    if isinstance(value, Path):
        return _beside(value, home)
    if isinstance(value, tuple):
        return [_near(part, home) for part in value]
    return value


def _beside(path: Path, home: Path) -> str:
    try:
        return Path(os.path.relpath(path, home)).as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()


def _assign(scenario: Scenario, solution: LayoutSolution) -> dict[str, object]:
    first = scenario.assign.closest_first or solution.model.layout.must.closest_first
    return {"method": "capacitated", "closest_first": first}


def _stated(decided: Decisions) -> dict[str, object]:
    dumped = decided.model_dump(mode="json")
    return {name: value for name, value in dumped.items() if value}


def _note(solution: LayoutSolution, scenario: Scenario) -> str:
    facts = plan_facts(solution)
    return (
        f"由“{scenario.name}”得出：撤并{facts['closed']}所，改为教学点{facts['converted']}所，"
        f"新办或恢复{facts['opened']}所，学生平均折合时间{facts['minutes_mean']:.1f}分钟。"
    )
