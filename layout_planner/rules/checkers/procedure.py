"""Checkers of what people do and count: procedure, dates, hearings, and figures that no layout can tell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from layout_planner.errors import Text
from layout_planner.rules.finding import CRUMB, Case, Hit, limit_of, unchecked
from layout_planner.rules.ruleset import Measure, Rule

__all__ = ["closing", "days", "fact", "heard", "on_the_sheet"]

_DECISION = {
    "close": Text("拟撤并{}", "{} is to be closed"),
    "convert": Text("拟将{}改为教学点", "{} is to be a teaching point"),
}


def closing(rule: Rule, case: Case) -> Iterator[Hit]:  # noqa: ARG001 - checkers share one signature
    """Name the schools that close or become a teaching point."""
    for row in case.closing.itertuples():
        words = _DECISION[str(row.decision)]
        text = Text(words.zh.format(row.name), words.en.format(row.name))
        yield Hit("school", str(row.school_id), str(row.name), 1.0, text)


def heard(rule: Rule, case: Case) -> Iterator[Hit]:  # noqa: ARG001 - checkers share one signature
    """Name the schools that close without the parents' opinions being stated."""
    for row in case.closing.itertuples():
        said = case.plan.scenario.hearing.of(str(row.school_id))
        if said.parents_for is None or said.parents_against is None:
            text = Text(f"{row.name}的家长意见没有填写", f"what the parents of {row.name} say is not stated")
            yield Hit("school", str(row.school_id), str(row.name), 0.0, text)


def days(rule: Rule, case: Case) -> Iterator[Hit]:
    """Count the days between two dates of the procedure, and compare them with the number."""
    procedure = case.plan.scenario.hearing.procedure
    first, last = (getattr(procedure, name) for name in rule.dates)
    if first is None or last is None:
        missing = "、".join(n for n, d in zip(rule.dates, (first, last), strict=True) if d is None)
        zh, en = f"情景没有填写 hearing.procedure 的日期：{missing}", f"hearing.procedure lacks {missing}"
        yield unchecked(zh, en)
        return
    one, other = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    count = int(np.busday_count(one, other)) if rule.working_days else (other - one).days
    if count < limit_of(rule):
        unit = Text("个工作日", "working days") if rule.working_days else Text("日", "days")
        text = Text(f"{first}至{last}只有{count}{unit.zh}", f"{first} to {last} are {count} {unit.en}")
        yield Hit("county", "", case.county_name, float(count), text)


def fact(rule: Rule, case: Case) -> Iterator[Hit]:
    """Compare a figure that people counted with the number."""
    value = case.settings.facts.get(rule.id)
    if value is None:
        zh, en = "布局数据不能测算", "no layout can tell"
        if rule.measure is Measure.IN_ZONE:
            zh, en = "没有现有学区（data.zones），不能测算", "today's catchments (data.zones) are not given"
        yield unchecked(
            f"{zh}，须由人统计后写在情景的 rule_settings.facts：{rule.id}",
            f"{en}: count it and write {rule.id} under rule_settings.facts",
        )
        return
    breaks = value > limit_of(rule) + CRUMB if rule.sense == "most" else value < limit_of(rule) - CRUMB
    if breaks:
        shown = f"{value:.1%}" if rule.unit == "%" else f"{value:g}"
        unit = "" if rule.unit == "%" else rule.unit
        yield Hit("county", "", case.county_name, value, Text(f"实际为{shown}{unit}", f"in fact it is {shown}"))


def on_the_sheet(rule: Rule, case: Case) -> Iterator[Hit]:  # noqa: ARG001 - checkers share one signature
    """Give nothing: the veto sheet is filled in for every merger, by :mod:`layout_planner.rules.veto`."""
    return iter(())
