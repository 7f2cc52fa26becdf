"""Check a plan against rule sets: every breach a finding, with its source and how well that is verified."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.assign.classes import classes_of_size, whole_size
from layout_planner.errors import Severity, Text
from layout_planner.grades import GradeBand, Stage, Tier
from layout_planner.measures.capacity import attended_under
from layout_planner.measures.commute import DAY_MODES
from layout_planner.rules.ruleset import Confidence, Measure, Rule, load_rule_sets
from layout_planner.rules.veto import Veto, VetoState, veto_sheet

if TYPE_CHECKING:
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan

__all__ = ["Finding", "check_plan"]

_CRUMB = 1e-6
_STAGE_OF = {band.value: band.stage.value for band in GradeBand}
_PLAN_ZH = {"close": "撤并", "convert": "改教学点："}
_PLAN_EN = {"close": "closing", "convert": "making a teaching point of"}
_VETO_OPEN = "cn.gbf2012-48.nogo-open"
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@dataclass(frozen=True)
class Finding:
    """One thing that a plan breaks, or that must be known about it.

    ``subject_kind`` is ``school``, ``village``, ``township`` or ``county``; ``value`` and ``limit`` are in
    ``unit`` (shares 0 to 1). A rule whose source was not read word by word never gives an error. ``is_veto`` marks
    what forbids a merger by force: whatever its severity, it is to be read first.
    """

    rule_id: str
    severity: Severity
    subject_kind: str
    subject_id: str
    subject_name: str
    value: float
    limit: float
    unit: str
    message_zh: str
    message_en: str
    source: str
    confidence: str
    is_veto: bool = False


@dataclass(frozen=True)
class _Hit:
    kind: str
    id: str
    name: str
    value: float
    text: Text


@dataclass(frozen=True, eq=False)
class _Case:
    plan: Plan
    tables: PlanTables

    @cached_property
    def tiers(self) -> pd.Series:
        """Tier by school id; a primary school that ends before grade 6 counts as a teaching point (非完全小学)."""
        schools = self.plan.schools.set_index("school_id")
        incomplete = schools["grade_to"] < Stage.PRIMARY.grades[-1]
        return schools["tier"].astype(str).mask(incomplete, Tier.TEACHING_POINT.value)

    def of_tiers(self, rule: Rule) -> set[str]:
        """Ids of the schools that a rule applies to."""
        wanted = [str(t) for t in rule.applies.tiers] or [str(t) for t in Tier]
        return set(self.tiers.index[self.tiers.isin(wanted)])


def check_plan(plan: Plan, tables: PlanTables, rule_ids: Iterable[str], *, before: Plan | None = None) -> list[Finding]:
    """Check a plan against rule sets.

    Parameters
    ----------
    plan : Plan
        What is checked.
    tables : PlanTables
        Its measures (:func:`layout_planner.measures.tables`).
    rule_ids : iterable of str
        Ids of rule sets, as the scenario names them.
    before : Plan, optional
        The plan that this one changes. The veto sheet of every school that closes or becomes a teaching point is
        then filled in, whatever the sets; without it nobody can tell who goes where.

    Returns
    -------
    list of Finding
        What forbids a merger by force, then errors, warnings and notes; within them in the order of the sets, their
        rules, and subjects. What only people can say of a merger is one note a school.

    Raises
    ------
    ScenarioError
        If a rule set does not exist.
    """
    case = _Case(plan, tables)
    closes = bool((plan.schools["decision"] == "close").any())
    found = [
        _finding(rule, hit)
        for rule_set in load_rule_sets(rule_ids)
        for rule in rule_set.rules
        if closes or not rule.applies.when_closing
        for hit in _CHECKERS[rule.measure](rule, case)
    ]
    if before is not None:
        found += _vetoes(veto_sheet(before, plan))
    return sorted(found, key=lambda finding: (not finding.is_veto, _ORDER[finding.severity]))


def _vetoes(sheet: Sequence[Veto]) -> Iterator[Finding]:
    """Give what forbids a merger by force, one each, and of every school what only people can say, in one note."""
    for veto in sheet:
        if veto.state is VetoState.TRIGGERED:
            yield Finding(
                veto.rule_id, Severity.WARNING, "school", veto.school_id, veto.school_name, veto.value, veto.limit,
                veto.unit,
                f"{_PLAN_ZH[veto.decision]}{veto.school_name}不得强行推进，须先解除：{veto.evidence.zh}。"
                f"{veto.title.zh}。改法：{veto.mend.zh}",
                f"{_PLAN_EN[veto.decision]} {veto.school_name} must not be forced: {veto.evidence.en}. "
                f"{veto.title.en}. Mend: {veto.mend.en}",
                veto.source, veto.confidence, is_veto=True,
            )  # fmt: skip
    for school_id in dict.fromkeys(veto.school_id for veto in sheet):
        open_ = [v for v in sheet if v.school_id == school_id and v.state is VetoState.UNKNOWN]
        if open_:
            first = open_[0]
            zh, en = ("；".join(v.evidence.zh for v in open_), "; ".join(v.evidence.en for v in open_))
            yield Finding(
                _VETO_OPEN, Severity.NOTE, "school", school_id, first.school_name, float(len(open_)), 0.0, "项",
                f"{_PLAN_ZH[first.decision]}{first.school_name}有{len(open_)}项待核实，核实前不得推进：{zh}。"
                "改法：在情景的 hearing.schools 中逐项填写",
                f"{_PLAN_EN[first.decision]} {first.school_name}: {len(open_)} conditions are for people to say "
                f"before it goes ahead: {en}. Mend: state them in the scenario, hearing.schools",
                first.source, first.confidence,
            )  # fmt: skip


def _finding(rule: Rule, hit: _Hit) -> Finding:
    severity = rule.severity
    if severity is Severity.ERROR and not Confidence(rule.confidence).may_block:
        severity = Severity.WARNING
    return Finding(
        rule_id=rule.id,
        severity=severity,
        subject_kind=hit.kind,
        subject_id=hit.id,
        subject_name=hit.name,
        value=hit.value,
        limit=float("nan") if rule.number is None else rule.number,
        unit=rule.unit,
        message_zh=f"{hit.text.zh}。{rule.title_zh}。改法：{rule.mend_zh}",
        message_en=f"{hit.text.en}. {rule.title_en}. Mend: {rule.mend_en}",
        source=rule.citation,
        confidence=str(rule.confidence),
    )


def _limit(rule: Rule) -> float:
    assert rule.number is not None
    return rule.number


def _rows(rule: Rule, case: _Case) -> pd.DataFrame:
    """Take the assignment rows that a rule applies to, with the village they come from."""
    rows = case.plan.assignment
    bands = [str(b) for b in rule.applies.bands]
    if bands:
        rows = rows[rows["band"].isin(bands)]
    if rule.applies.stages:
        names = [str(s) for s in rule.applies.stages]
        rows = rows[rows["band"].map(_STAGE_OF).isin(names)]
    if rule.applies.tiers:
        rows = rows[rows["school_id"].isin(case.of_tiers(rule))]
    demand = case.plan.county.demand
    assert demand is not None
    home = demand.set_index("demand_id")["village_id"].fillna("")
    return rows.assign(village_id=rows["demand_id"].map(home))


def _village_hits(case: _Case, far: pd.DataFrame, quantity: str, unit: Text) -> Iterator[_Hit]:
    names = case.tables.villages.set_index("village_id")["name"]
    worst = far.groupby("village_id", sort=True).agg(value=(quantity, "max"), pupils=("pupils", "sum"))
    for village_id, row in worst.iterrows():
        name = str(names.get(village_id, ""))
        text = Text(
            f"{name or village_id}有{row['pupils']:.1f}名学生超过，最多{row['value']:.0f}{unit.zh}",
            f"{name or village_id}: {row['pupils']:.1f} pupils beyond, up to {row['value']:.0f} {unit.en}",
        )
        yield _Hit("village", str(village_id), name, float(row["value"]), text)


def _minutes(rule: Rule, case: _Case) -> Iterator[_Hit]:
    rows = _rows(rule, case)
    far = rows[rows["mode"].isin(DAY_MODES) & (rows["minutes"] > _limit(rule) + _CRUMB)]
    yield from _village_hits(case, far, "minutes", Text("分钟", "min"))


def _metres(rule: Rule, case: _Case) -> Iterator[_Hit]:
    rows = _rows(rule, case)
    day = rows[rows["mode"].isin(DAY_MODES)]
    far = day["metres"] > _limit(rule) + _CRUMB
    pupils, beyond = float(day["pupils"].sum()), float(day.loc[far, "pupils"].sum())
    if beyond > 0:
        text = Text(
            f"{beyond:.0f}名学生（{beyond / pupils:.0%}）的路程超过{_limit(rule):.0f}米",
            f"{beyond:.0f} pupils ({beyond / pupils:.0%}) live beyond {_limit(rule):.0f} m",
        )
        yield _Hit("county", "", case.plan.county.name, float(day.loc[far, "metres"].max()), text)


def _boarding(rule: Rule, case: _Case) -> Iterator[_Hit]:
    rows = _rows(rule, case)
    boards = rows[rows["mode"] == "board"]
    schools = boards.groupby("school_id", sort=True)["pupils"].sum()
    for row in case.tables.schools.itertuples():
        pupils = float(schools.get(row.school_id, 0.0))
        if pupils > _limit(rule) + _CRUMB:
            text = Text(f"{row.name}有{pupils:.0f}名此年级学生寄宿", f"{row.name}: {pupils:.0f} pupils board")
            yield _Hit("school", str(row.school_id), str(row.name), pupils, text)


def _class_hits(case: _Case, classes: pd.DataFrame, least: int) -> Iterator[_Hit]:
    """One hit a school with classes of ``least`` pupils or more: how many, and the largest."""
    big = classes_of_size(classes, least)
    sizes = classes.assign(big=big, size=whole_size(classes["class_size"]))[big > 0]
    names = case.tables.schools.set_index("school_id")["name"]
    for school_id, part in sizes.groupby("school_id", sort=True):
        count, largest = int(part["big"].sum()), int(part["size"].max())
        name = str(names.get(school_id, ""))
        text = Text(
            f"{name}有{count}个班超过，最大{largest}人", f"{name}: {count} classes beyond, the largest {largest}"
        )
        yield _Hit("school", str(school_id), name, float(largest), text)


def _class_size(rule: Rule, case: _Case) -> Iterator[_Hit]:
    classes = case.tables.classes
    grades = [grade for stage in rule.applies.stages or tuple(Stage) for grade in stage.grades]
    mine = classes["grade"].isin(grades) & classes["school_id"].isin(case.of_tiers(rule))
    yield from _class_hits(case, classes[mine], int(_limit(rule)) + 1)


def _classes_from(rule: Rule, case: _Case) -> Iterator[_Hit]:
    yield from _class_hits(case, case.tables.classes, int(_limit(rule)))


def _class_share(rule: Rule, case: _Case) -> Iterator[_Hit]:
    classes = case.tables.classes
    total = int(classes["classes"].sum())
    big = int(classes_of_size(classes, rule.class_from or 0).sum())
    if total and big / total > _limit(rule) + _CRUMB:
        text = Text(
            f"全县{total}个班中{big}个（{big / total:.1%}）",
            f"{big} of the county's {total} classes ({big / total:.1%})",
        )
        yield _Hit("county", "", case.plan.county.name, big / total, text)


def _size(rule: Rule, case: _Case, breaks: Callable[[float], bool]) -> Iterator[_Hit]:
    mine = case.of_tiers(rule)
    for row in case.tables.schools.itertuples():
        if row.is_open and row.school_id in mine and row.pupils > _CRUMB and breaks(row.pupils):
            text = Text(f"{row.name}有{row.pupils:.0f}名学生", f"{row.name}: {row.pupils:.0f} pupils")
            yield _Hit("school", str(row.school_id), str(row.name), float(row.pupils), text)


def _pupils_max(rule: Rule, case: _Case) -> Iterator[_Hit]:
    yield from _size(rule, case, lambda pupils: pupils > _limit(rule) + _CRUMB)


def _pupils_min(rule: Rule, case: _Case) -> Iterator[_Hit]:
    yield from _size(rule, case, lambda pupils: pupils < _limit(rule) - _CRUMB)


def _small_schools(rule: Rule, case: _Case) -> Iterator[_Hit]:
    schools = case.tables.schools
    schools = schools[schools["is_open"] & schools["school_id"].isin(case.of_tiers(rule))]
    small = schools.loc[attended_under(schools["pupils"], _limit(rule)), "pupils"]
    if len(small):
        count, least = len(small), float(small.min())
        text = Text(
            f"全县有{count}所不足{_limit(rule):.0f}人的村小和教学点，最少{least:.0f}人",
            f"{count} village schools and teaching points under {_limit(rule):.0f} pupils, the least {least:.0f}",
        )
        yield _Hit("county", "", case.plan.county.name, least, text)


def _beds(rule: Rule, case: _Case) -> Iterator[_Hit]:
    for row in case.tables.schools.itertuples():
        short = float(row.boarders - row.beds)
        if row.is_open and short > _limit(rule) + _CRUMB:
            text = Text(
                f"{row.name}寄宿{row.boarders:.0f}人，床位{row.beds}张，缺{short:.0f}张",
                f"{row.name}: {row.boarders:.0f} boarders, {row.beds} beds",
            )
            yield _Hit("school", str(row.school_id), str(row.name), short, text)


def _township_stage(rule: Rule, case: _Case) -> Iterator[_Hit]:
    schools = case.tables.schools
    opened = schools[schools["is_open"]]
    for stage in rule.applies.stages:
        first, last = stage.grades[0], stage.grades[-1]
        teaches = opened[(opened["grade_from"] <= first) & (opened["grade_to"] >= last)]
        having = set(teaches["township_id"])
        for row in case.tables.townships.itertuples():
            if row.township_id and row.township_id not in having:
                text = Text(f"{row.name}没有{stage.label_zh}", f"{row.name} has no {stage.value} school")
                yield _Hit("township", str(row.township_id), str(row.name), 0.0, text)


def _closing(rule: Rule, case: _Case) -> Iterator[_Hit]:  # noqa: ARG001 - checkers share one signature
    closed = case.plan.schools[case.plan.schools["decision"] == "close"]
    for row in closed.itertuples():
        text = Text(f"拟撤并{row.name}", f"{row.name} is to be closed")
        yield _Hit("school", str(row.school_id), str(row.name), 1.0, text)


def _on_the_sheet(rule: Rule, case: _Case) -> Iterator[_Hit]:  # noqa: ARG001 - checkers share one signature
    """Give nothing: the veto sheet is filled in for every merger, by :mod:`layout_planner.rules.veto`."""
    return iter(())


_CHECKERS: Mapping[Measure, Callable[[Rule, _Case], Iterator[_Hit]]] = {
    Measure.MINUTES: _minutes,
    Measure.METRES: _metres,
    Measure.BOARDING: _boarding,
    Measure.CLASS_SIZE: _class_size,
    Measure.CLASSES_FROM: _classes_from,
    Measure.CLASS_SHARE: _class_share,
    Measure.PUPILS_MAX: _pupils_max,
    Measure.PUPILS_MIN: _pupils_min,
    Measure.SMALL_SCHOOLS: _small_schools,
    Measure.BEDS: _beds,
    Measure.TOWNSHIP_STAGE: _township_stage,
    Measure.CLOSING: _closing,
    Measure.VETO: _on_the_sheet,
}
