"""Check a plan against rule sets: every breach a finding, with its source and how well that is verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from layout_planner.errors import Severity, Text, counted
from layout_planner.rules.applied import AppliedRule, applied
from layout_planner.rules.checkers import CHECKERS
from layout_planner.rules.finding import Case, Finding, Hit
from layout_planner.rules.reading import load_rule_sets
from layout_planner.rules.veto import Veto, VetoState, veto_sheet

if TYPE_CHECKING:
    from layout_planner.config.ruling import RuleSettings
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan
    from layout_planner.rules.ruleset import RuleSet

__all__ = ["Finding", "check_plan"]

_DOING = {"close": Text("撤并{}", "closing {}"), "convert": Text("将{}改为教学点", "making {} a teaching point")}
_VETO_OPEN = "cn.gbf2012-48.nogo-open"
_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def check_plan(
    plan: Plan, tables: PlanTables, rule_ids: Iterable[str | RuleSet], *, before: Plan | None = None,
    settings: RuleSettings | None = None,
) -> list[Finding]:  # fmt: skip
    """Check a plan against rule sets.

    Parameters
    ----------
    plan : Plan
        What is checked.
    tables : PlanTables
        Its measures (:func:`layout_planner.measures.tables`).
    rule_ids : iterable of str or RuleSet
        Ids of rule sets and files of the user's own, as the scenario names them; or sets made in Python.
    before : Plan, optional
        The plan that this one changes. The veto sheet of every school that closes or becomes a teaching point is
        then filled in, whatever the sets; without it nobody can tell who goes where.
    settings : RuleSettings, optional
        Numbers that are changed, rules that are binding, figures that people counted; by default those of the plan's
        scenario.

    Returns
    -------
    list of Finding
        What forbids a merger by force, then errors, warnings, notes, and last what could not be checked; within them
        in the order of the sets, their rules, and subjects. What only people can say of a merger is one warning
        a school.

    Raises
    ------
    ScenarioError
        If a rule set does not exist or cannot be used.
    """
    case = Case(plan, tables, plan.scenario.rule_settings if settings is None else settings)
    closes = len(case.closing) > 0
    found = [] if before is None else list(_vetoes(veto_sheet(before, plan, settings=case.settings)))
    found += [
        _finding(one, hit, case)
        for rule_set in load_rule_sets(rule_ids)
        for one in (applied(rule, rule_set.id, case.settings) for rule in rule_set.rules)
        if closes or not one.rule.applies.when_closing
        for hit in CHECKERS[one.rule.measure](one.rule, case)
    ]
    return sorted(found, key=lambda f: (not f.is_veto, not f.is_checked, _ORDER[f.severity]))


def _finding(one: AppliedRule, hit: Hit, case: Case) -> Finding:
    rule, remark = one.rule, one.remark
    if hit.is_checked:
        zh = f"{hit.text.zh}。{rule.title_zh}{remark.zh}。改法：{rule.mend_zh}"
        en = f"{hit.text.en}. {rule.title_en}{remark.en}. Mend: {rule.mend_en}"
    else:
        zh = f"无法检查：{hit.text.zh}。{rule.title_zh}{remark.zh}"
        en = f"not checked: {hit.text.en}. {rule.title_en}{remark.en}"
    return Finding(
        rule_id=rule.id,
        severity=one.severity if hit.is_checked else Severity.NOTE,
        subject_kind=hit.kind,
        subject_id=hit.id,
        subject_name=hit.name or case.county_name,
        value=hit.value,
        limit=float("nan") if rule.number is None else rule.number,
        unit=rule.unit,
        message_zh=zh,
        message_en=en,
        source=rule.citation,
        confidence=str(rule.confidence),
        is_checked=hit.is_checked,
    )


def _vetoes(sheet: Sequence[Veto]) -> Iterator[Finding]:
    """Give what forbids a merger by force, one each, and of every school what only people can say, in one warning."""
    for veto in sheet:
        if veto.state is VetoState.TRIGGERED:
            yield _barred(veto)
    for school_id in dict.fromkeys(veto.school_id for veto in sheet):
        left = [v for v in sheet if v.school_id == school_id and v.state is VetoState.UNKNOWN]
        if left:
            yield _left_open(left)


def _doing(veto: Veto) -> Text:
    words = _DOING[veto.decision]
    return Text(words.zh.format(veto.school_name), words.en.format(veto.school_name))


def _barred(veto: Veto) -> Finding:
    doing = _doing(veto)
    return Finding(
        veto.rule_id, veto.severity, "school", veto.school_id, veto.school_name, veto.value, veto.limit, veto.unit,
        f"{doing.zh}不得强行推进，须先解除：{veto.evidence.zh}。{veto.title.zh}{veto.remark.zh}。改法：{veto.mend.zh}",
        f"{doing.en} must not be forced: {veto.evidence.en}. {veto.title.en}{veto.remark.en}. Mend: {veto.mend.en}",
        veto.source, veto.confidence, is_veto=True,
    )  # fmt: skip


def _left_open(left: Sequence[Veto]) -> Finding:
    first, doing = left[0], _doing(left[0])
    zh, en = ("；".join(v.evidence.zh for v in left), "; ".join(v.evidence.en for v in left))
    return Finding(
        _VETO_OPEN, Severity.WARNING, "school", first.school_id, first.school_name, float(len(left)), 0.0, "项",
        f"{doing.zh}有{len(left)}项待核实，核实前不得推进：{zh}。改法：在情景的 hearing.schools 中逐项填写",
        f"{doing.en}: {counted(len(left), 'condition is', 'conditions are')} for people to say before it goes "
        f"ahead: {en}. "
        "Mend: state them in the scenario, hearing.schools",
        first.source, first.confidence,
    )  # fmt: skip
