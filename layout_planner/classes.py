"""The task of classes: from a scenario file to a workbook of classes, staff, large classes and how to clear them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layout_planner.assign import assign
from layout_planner.errors import Text, counted, language
from layout_planner.io.staging import staged_folder
from layout_planner.layout.clearing import ClassAnswers, answer_classes, large_share
from layout_planner.manifest import write_manifest
from layout_planner.prepare import Overrides
from layout_planner.report.class_book import write_class_book
from layout_planner.run import travel_times
from layout_planner.task import TaskResult, read_ready, result_folder

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.plan import Plan

__all__ = ["ClassesResult", "plan_classes"]


@dataclass(frozen=True)
class ClassesResult(TaskResult):
    """What was written, and what it says in short."""

    answers: ClassAnswers


def plan_classes(
    path: str | Path, overrides: Overrides = (), *, out: Path | None = None,
    progress: Callable[[Text], None] = lambda _: None,
) -> ClassesResult:  # fmt: skip
    """Form the classes of a scenario and write how they are staffed, which are too large, and how to clear these.

    Parameters
    ----------
    path : str or Path
        Scenario file; its ``assign`` and ``decisions`` say who goes where, ``classes.clearing`` what may be done.
    overrides : mapping or iterable of str
        As in :func:`layout_planner.config.loader.load_scenario`.
    out : Path, optional
        Folder to write; where it exists already, the result goes beside it with a number. By default a folder in
        ``runs`` of the project.
    progress : callable
        Told each step as it begins.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario and data; nothing was written.
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    scenario, county = read_ready(path, overrides, progress)
    progress(Text("计算路上时间", "computing travel times"))
    times = travel_times(county, scenario)
    progress(Text("分配学生、编班", "assigning pupils, forming classes"))
    plan = assign(county, times, scenario)
    answers = answer_classes(plan, times, progress)
    told = _told(plan, answers)
    target = result_folder(path, out, "classes", scenario.name)
    with staged_folder(target) as folder:
        frames = answers.frames | {"class_results": answers.classes}
        write_class_book(folder, f"{county.name} · {scenario.name}", frames, told, lang=language())
        cleared = answers.cleared
        facts = {"cost_yuan": cleared.cost_yuan, "bound_yuan": cleared.bound_yuan, "proven": cleared.proven}
        write_manifest(folder, scenario, county.inputs, solver=facts)
    return ClassesResult(target, told, answers)


def _told(plan: Plan, answers: ClassAnswers) -> tuple[Text, ...]:
    """Say in a few sentences what was found and what is proposed."""
    before, after, cleared = answers.classes, answers.after, answers.cleared
    frames, limits = answers.frames, plan.scenario.classes.clearing
    count, staff = int(before["classes"].sum()), frames["staffing"]
    missing, gap = int(staff["rooms_missing"].sum()), staff["staff_gap"]
    way = frames["clearing_ways"].set_index("way").to_dict("index")["all"]
    said = [
        Text(
            f"共编 {count:,} 个班；{_shares(before).zh}", f"{counted(count, 'class', 'classes')}; {_shares(before).en}"
        ),
        Text(
            f"按班额上限编班，{int((staff['rooms_missing'] > 0).sum())} 所学校共缺教室 {missing} 间；"
            f"{int((gap < 0).sum())} 所学校缺教职工 {int(-gap[gap < 0].sum())} 名",
            f"classes within the limit lack {counted(missing, 'room')} in "
            f"{counted(int((staff['rooms_missing'] > 0).sum()), 'school')}; "
            f"{counted(int((gap < 0).sum()), 'school lacks', 'schools lack')} {int(-gap[gap < 0].sum())} staff",
        ),
    ]
    if _none_large(answers):
        return (
            *said,
            Text(f"没有 {limits.clear_from} 人及以上的班", f"no class has {limits.clear_from} pupils or more"),
        )
    said.append(Text(
        f"最省的化解办法：新增教室 {int(way['rooms'])} 间，{way['pupils_moved']:,.0f} 名学生换校，一次性投入 "
        f"{way['one_off_yuan'] / 1e4:,.0f} 万元，折合每年 {way['cost_yuan'] / 1e4:,.1f} 万元；"
        f"化解后{_shares(after).zh}",
        f"cheapest way: {counted(way['rooms'], 'more room')}, "
        f"{counted(way['pupils_moved'], 'pupil changes', 'pupils change')} school, "
        f"{way['one_off_yuan']:,.0f} yuan at once, {way['cost_yuan']:,.0f} yuan a year in all; "
        f"then {_shares(after).en}",
    ))  # fmt: skip
    if (left := int(way["classes_left"])) > 0:
        said.append(Text(f"仍有 {left} 个大班化解不了，原因见“大班额清单”",
                         f"{counted(left, 'class stays', 'classes stay')} too large; sheet “Large classes” says "
                         "why"))  # fmt: skip
    said.append(_proof(cleared.cost_yuan, cleared.bound_yuan, proven=cleared.proven))
    return tuple(said)


def _none_large(answers: ClassAnswers) -> bool:
    """Tell whether no class is so large that it must be cleared."""
    return not bool(answers.choices.units["is_large"].any())


def _shares(classes: pd.DataFrame) -> Text:
    large, largest = large_share(classes, 56), large_share(classes, 66)
    return Text(
        f"大班额占 {large:.1%}（含超大班额 {largest:.1%}）", f"{large:.1%} have 56 and more, {largest:.1%} 66 and more"
    )


def _proof(cost: float, bound: float, *, proven: bool) -> Text:
    if not proven:
        return Text(
            "求解到时停止：方案可用，但未证明最省", "stopped in time: the measures hold, but may not be the cheapest"
        )
    gap = (cost - bound) / cost if cost > 0 else 0.0
    return Text(
        f"已证明：同样化解，再省也省不过 {gap:.1%}", f"proven: nothing that clears as much costs {gap:.1%} less"
    )
