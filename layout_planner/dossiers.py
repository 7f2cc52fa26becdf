"""The task of dossiers: from a scenario that closes or converts schools to the papers for notice and hearing."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.ancestors import ancestor_plan
from layout_planner.assign import assign
from layout_planner.columns import PRICES
from layout_planner.config.loader import load_scenario, parent_path
from layout_planner.config.scenario import Decisions
from layout_planner.dossier.book import write_ledger
from layout_planner.dossier.calendar import Dates
from layout_planner.dossier.cases import CLOSE, Cases
from layout_planner.dossier.county import county_document
from layout_planner.dossier.facts import COUNTY, Facts, gather
from layout_planner.dossier.notice import notice_document
from layout_planner.dossier.page import print_pages, write_page
from layout_planner.dossier.school import school_document
from layout_planner.dossier.tables import bounds_of
from layout_planner.dossier.word import write_word
from layout_planner.errors import Flaw, LayoutError, OutputError, ScenarioError, Text, counted
from layout_planner.io.staging import staged_folder
from layout_planner.manifest import MANIFEST_FILE, write_manifest
from layout_planner.maps.mergers import merger_map
from layout_planner.maps.sheet import figure_png
from layout_planner.maps.static import static_map
from layout_planner.plan import same_pupils
from layout_planner.prepare import Overrides
from layout_planner.publish import SCENARIOS
from layout_planner.report.rundata import RunData, load_run
from layout_planner.run import travel_times
from layout_planner.task import TaskResult, read_ready, result_folder

if TYPE_CHECKING:
    from layout_planner.config.scenario import Scenario
    from layout_planner.io.county import County
    from layout_planner.plan import Plan
    from layout_planner.travel.matrix import TravelMatrix

__all__ = ["DossiersResult", "write_dossiers", "write_papers"]

SCHOOLS = "一校一案"
LEDGER = "数据台账.xlsx"
_AFTER_NOTICE = (
    "comments_until", "papers_sent_on", "hearing_on", "legality_from", "legality_until", "decided_on", "approved_on",
)  # fmt: skip
_FROM_RUN = Text(
    "学生去向和保留代价取自优化结果，与优化报告一致", "ways and prices are those of the optimised run, as in its report"
)
_OTHER_PLAN = Text(
    "这个方案不是优化建议的那一个（或者改动过），学生重新分配，保留的代价按其他调整不变另算",
    "this is not the plan that the run proposed, or it was changed: pupils are assigned anew, and so are prices",
)


@dataclass(frozen=True)
class DossiersResult(TaskResult):
    """What was written, and what it says in short."""

    facts: Facts


def write_dossiers(
    path: str | Path, overrides: Overrides = (), *, start: str = "", out: Path | None = None,
    progress: Callable[[Text], None] = lambda _: None,
) -> DossiersResult:  # fmt: skip
    """Write the papers of a merger: a dossier for every school, the county's plan, the notice and the ledger.

    Parameters
    ----------
    path : str or Path
        Scenario file that closes schools or makes them teaching points. It is compared with the scenario that it is
        based on, or with its own without those decisions.
    overrides : mapping or iterable of str
        As in :func:`layout_planner.config.loader.load_scenario`.
    start : str, optional
        First day of the public notice, as 2027-03-01; by default what the scenario states.
    out : Path, optional
        Folder to write; where it exists already, the result goes beside it with a number. By default a folder in
        ``runs`` of the project.
    progress : callable
        Told each step as it begins.

    Raises
    ------
    InputError, ScenarioError
        With every problem of scenario and data, or because no school is closed or converted; nothing was written.
    OutputError
        If the folder cannot be written.
    """
    path = Path(path)
    first = _first_day(start)
    scenario, county = read_ready(path, overrides, progress)
    dates = _dates(scenario, first)
    progress(Text("计算路上时间", "computing travel times"))
    times = travel_times(county, scenario)
    progress(Text("分配学生、编班", "assigning pupils, forming classes"))
    before, passed = _before(path, scenario, overrides, county, times)
    after, prices, told = _planned(path, scenario, county, times, before)
    cases = Cases(before, after, times, passed, prices)
    _refuse(cases, scenario)
    progress(Text("计算影响、学位、路程", "measuring ways, seats and classes"))
    facts = gather(cases, dates)
    target = result_folder(path, out, "report", scenario.name)
    with staged_folder(target) as folder:
        pages = write_papers(facts, folder, progress)
        print_told = print_pages(pages, progress)
        write_manifest(folder, scenario, county.inputs)
    return DossiersResult(target, (*_told(cases), *told, *print_told), facts)


def _before(
    path: Path, scenario: Scenario, overrides: Overrides, county: County, times: dict[str, TravelMatrix]
) -> tuple[Plan, tuple[str, ...]]:
    """Find the nearest plan in which the schools that close or convert are open as they are, and what lies between.

    That is the scenario's parent, unless the parent closes or converts some of them too; where every ancestor does,
    the plan without any decision.
    """
    going = {*scenario.decisions.close, *scenario.decisions.convert_to_teaching_point}
    file, at = path, scenario
    passed: list[str] = []
    while at.based_on is not None:
        file = parent_path(file, at.based_on)
        at = load_scenario(file)
        if not going & {*at.decisions.close, *at.decisions.convert_to_teaching_point}:
            return ancestor_plan(file, scenario, overrides, county, times), tuple(passed)
        passed.append(at.name)
    today = scenario.model_copy(update={"decisions": Decisions()})
    return assign(county, times, today, label="现状"), tuple(passed)


def _planned(
    path: Path, scenario: Scenario, county: County, times: dict[str, TravelMatrix], before: Plan
) -> tuple[Plan, pd.DataFrame | None, tuple[Text, ...]]:
    """Assign the pupils; of a plan that the optimiser proposed, take its own assignment and prices from its run."""
    home = Path(os.path.abspath(path)).parent.parent  # noqa: PTH100 - links stay as the user typed them
    told: tuple[Text, ...] = ()
    if path.parent.name == SCENARIOS and (home / MANIFEST_FILE).is_file():
        try:
            run = load_run(home)
        except OutputError as error:
            run, told = None, (Text(f"没有采用优化结果：{error.message.zh}", f"not from its run: {error.message.en}"),)
        if run is not None and _is_of(run, scenario, before):
            plan = replace(run.plan, county=county, scenario=scenario, times=times)
            return (
                replace(plan, label=scenario.name, parent=before.label),
                run.layout.get("prices", pd.DataFrame(columns=list(PRICES.names))),
                (_FROM_RUN,),
            )
        told = told or (_OTHER_PLAN,)
    return assign(county, times, scenario, parent=before.label), None, told


def _is_of(run: RunData, scenario: Scenario, before: Plan) -> bool:
    """Tell whether a scenario is the very plan that an optimised run proposed, under the same assumptions."""
    alike = all(getattr(run.scenario, name) == getattr(scenario, name) for name in ("decisions", "travel", "classes"))
    return alike and "layout_decisions" in run.layout and same_pupils(before, run.plan)


def write_papers(facts: Facts, folder: Path, progress: Callable[[Text], None] = lambda _: None) -> tuple[Path, ...]:
    """Write every document of a merger as Word and as a page, and the ledger, into a folder; list the pages."""
    (folder / SCHOOLS).mkdir()
    documents = []
    for code in facts.cases.decided:
        name = facts.cases.name_of(code)
        progress(Text(f"一校一案：{name}", f"dossier: {name}"))
        _draw(facts, code)
        documents.append((folder / SCHOOLS, school_document(facts, code)))
    progress(Text("全县方案、公示稿、数据台账", "county plan, notice and ledger"))
    after, before = facts.cases.after, facts.cases.before
    facts.pictures[COUNTY] = figure_png(static_map(after, after.tables, kind="change", before=before))
    documents += [(folder, county_document(facts)), (folder, notice_document(facts))]
    for where, document in documents:
        write_word(document, where / f"{document.stem}.docx")
        write_page(document, where / f"{document.stem}.html")
    write_ledger(facts, folder / LEDGER)
    return tuple(where / f"{document.stem}.html" for where, document in documents)


def _draw(facts: Facts, code: str) -> None:
    """Draw the map of one school, if anybody moves."""
    moved, cases = facts.cases.moved_from(code), facts.cases
    if len(moved):
        closes = cases.decided[code] == CLOSE
        bounds = bounds_of(cases, code)
        after = cases.after
        figure = merger_map(
            after.county, after.schools, moved, code, bounds, closes=closes, said=after.scenario.publish
        )
        facts.pictures[code] = figure_png(figure)


def _first_day(text: str) -> str:
    """Check the date of the command line.

    Raises
    ------
    ScenarioError
        If it is no date.
    """
    if not text:
        return ""
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        what = Text(f"“{text}”不是日期", f"{text!r} is no date")
        mend = Text("写成 --start 2027-03-01", "write --start 2027-03-01")
        raise ScenarioError(what, [Flaw("no_date", what, mend)]) from None


def _refuse(cases: Cases, scenario: Scenario) -> None:
    """Refuse plans that cannot be compared, and plans that close and convert nothing."""
    if not same_pupils(cases.before, cases.after):
        raise LayoutError(Text(
            f"“{cases.after.label}”与“{cases.before.label}”的学生数据不同，不能比较；两个情景的 data、demand 须相同",
            f"{cases.after.label} and {cases.before.label} do not speak of the same pupils: data and demand must agree",
        ))  # fmt: skip
    if cases.decided:
        return
    file = scenario.files[0].name if scenario.files else ""
    what = Text("这个情景没有撤并学校，也没有改办教学点，不必写一校一案", "this scenario closes and converts no school")
    mend = Text(
        "在 decisions 的 close 或 convert_to_teaching_point 中写明学校代码，或用 optimise 得出的方案文件",
        "name schools in decisions, close or convert_to_teaching_point, or take a plan that optimise wrote",
    )
    raise ScenarioError(what, [Flaw("no_merger", what, mend, file=file, key="decisions")])


def _dates(scenario: Scenario, first: str) -> Dates:
    """Collect the dates that people set."""
    hearing = scenario.hearing
    _refuse_late(first, scenario)
    named = [name for name in Dates.__dataclass_fields__ if name != "closing_on"]
    stated = {name: getattr(hearing.procedure, name) or "" for name in named}
    return Dates(**{**stated, "published_on": first or stated["published_on"], "closing_on": hearing.closing_on or ""})


def _refuse_late(first: str, scenario: Scenario) -> None:
    """Refuse a first day of the command line that comes after steps of which the scenario states the dates."""
    stated = scenario.hearing.procedure
    earlier = {name: day for name in _AFTER_NOTICE if first and (day := getattr(stated, name)) and day < first}
    if not earlier:
        return
    file = scenario.files[0].name if scenario.files else ""
    what = Text(
        f"--start {first} 晚于情景中填报的日期：" + "、".join(f"{name} {day}" for name, day in earlier.items()),
        f"--start {first} is after dates of the scenario: " + ", ".join(f"{n} {day}" for n, day in earlier.items()),
    )
    mend = Text("不写 --start，或者改正 hearing.procedure 中的日期", "leave out --start, or mend hearing.procedure")
    raise ScenarioError(what, [Flaw("late_start", what, mend, file=file, key="hearing.procedure")])


def _told(cases: Cases) -> tuple[Text, ...]:
    kinds = list(cases.decided.values())
    closed, pupils = kinds.count(CLOSE), int(cases.moves["pupils"].sum())
    return (Text(
        f"撤并 {closed} 所，改为教学点 {len(kinds) - closed} 所，约 {pupils:,} 名学生换学校",
        f"{counted(closed, 'school closes', 'schools close')}, "
        f"{counted(len(kinds) - closed, 'becomes a teaching point', 'become teaching points')}, "
        f"about {counted(pupils, 'pupil changes', 'pupils change')} school",
    ),)  # fmt: skip
