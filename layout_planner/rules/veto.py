"""The veto sheet of a merger: what forbids closing or converting a school by force, before anything is traded off.

A condition is *triggered* (the merger must not be forced, the condition is to be removed first), *clear*, or *unknown*:
only people can say (待核实). A school may go ahead when every condition is clear; an unknown one is no pass.
Source: RULES D "veto sheet"; 国办发〔2012〕48号, 国办发〔2018〕27号.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.columns import VETOES
from layout_planner.config.ruling import RuleSettings
from layout_planner.errors import Severity, Text
from layout_planner.grades import Stage, Tier
from layout_planner.measures.moves import moved_pupils
from layout_planner.rules.applied import AppliedRule, applied
from layout_planner.rules.reading import VETO_SETS, load_rule_sets
from layout_planner.rules.ruleset import Condition, Measure
from layout_planner.rules.veto_conditions import CONDITIONS, Merger, Said, VetoState

if TYPE_CHECKING:
    from layout_planner.config.hearing import Hearing
    from layout_planner.plan import Plan

__all__ = ["Veto", "VetoState", "veto_frame", "veto_rules", "veto_sheet"]

_CLASS_SET = "cn.gb50099-2011"


@dataclass(frozen=True)
class Veto:
    """One condition of the veto sheet for one school.

    ``value`` and ``limit`` are in ``unit`` (nan where there is no number); ``receiving`` and ``villages`` name whom
    it concerns; ``decision`` is ``close`` or ``convert``. ``severity`` is that of a finding where it is triggered,
    ``remark`` what the scenario changed about the rule.
    """

    rule_id: str
    condition: Condition
    title: Text
    school_id: str
    school_name: str
    decision: str
    state: VetoState
    value: float
    limit: float
    unit: str
    receiving: tuple[str, ...]
    villages: tuple[str, ...]
    evidence: Text
    mend: Text
    source: str
    confidence: str
    severity: Severity
    remark: Text


def veto_rules(settings: RuleSettings | None = None) -> tuple[AppliedRule, ...]:
    """List the rules of the veto sheet as a scenario applies them, in the order in which the sheet shows them."""
    given = RuleSettings() if settings is None else settings
    order = list(Condition)
    found = [(r, s.id) for s in load_rule_sets(VETO_SETS) for r in s.rules if r.measure is Measure.VETO]
    found.sort(key=lambda pair: order.index(pair[0].condition or order[-1]))
    return tuple(applied(rule, set_id, given) for rule, set_id in found)


def veto_sheet(
    before: Plan, after: Plan, *, hearing: Hearing | None = None, settings: RuleSettings | None = None
) -> tuple[Veto, ...]:
    """Fill in the veto sheet of every school that a plan closes or converts to a teaching point.

    Parameters
    ----------
    before, after : Plan
        Plans for the same pupils.
    hearing : Hearing, optional
        What people know; by default what the scenario of ``after`` states.
    settings : RuleSettings, optional
        Numbers that are changed and rules that are binding; by default those of the scenario of ``after``.

    Returns
    -------
    tuple of Veto
        By school id, and within it in the order of the sheet; empty where no school closes or converts.

    Raises
    ------
    LayoutError
        If the plans do not speak of the same pupils.

    Source: RULES D "veto sheet"; 国办发〔2012〕48号; 国办发〔2018〕27号.
    """
    wanted = veto_rules(after.scenario.rule_settings if settings is None else settings)
    sheet = []
    for merger in _mergers(before, after, after.scenario.hearing if hearing is None else hearing):
        for one in wanted:
            assert one.rule.condition is not None
            sheet.append(_veto(one, merger, CONDITIONS[one.rule.condition](one.rule, merger)))
    return tuple(sheet)


def veto_frame(sheet: Iterable[Veto], lang: str = "zh") -> pd.DataFrame:
    """Tabulate a veto sheet (table ``vetoes``), in its order."""
    rows = [
        {
            "school_id": v.school_id, "name": v.school_name, "decision": v.decision, "condition": str(v.condition),
            "title": v.title.zh if lang == "zh" else v.title.en, "veto": str(v.state), "value": v.value,
            "limit": v.limit, "unit": v.unit, "receiving": "、".join(v.receiving), "villages": "、".join(v.villages),
            "evidence": v.evidence.zh if lang == "zh" else v.evidence.en,
            "mend": v.mend.zh if lang == "zh" else v.mend.en,
            "rule_id": v.rule_id, "source": v.source, "confidence": v.confidence,
        }
        for v in sheet
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(VETOES.names)).astype({"value": "float64", "limit": "float64"})


def _mergers(before: Plan, after: Plan, hearing: Hearing) -> list[Merger]:
    schools = after.schools
    was = before.schools
    was_open = set(was.loc[was["is_open"].astype(bool) & (was["decision"] != "convert"), "school_id"])
    going = schools[schools["decision"].isin(["close", "convert"]) & schools["school_id"].isin(was_open)]
    if going.empty:
        return []
    moved = moved_pupils(before, after)
    demand = after.county.demand
    assert demand is not None
    moved["village_id"] = moved["demand_id"].map(demand.set_index("demand_id")["village_id"]).fillna("")
    moved["village"] = moved["village_id"].map(after.tables.villages.set_index("village_id")["name"]).fillna("")
    incomplete = schools["grade_to"] < Stage.PRIMARY.grades[-1]
    tiers = schools["tier"].astype(str).mask(incomplete, Tier.TEACHING_POINT.value)
    limits = {rule.id.rsplit(".", 1)[-1]: rule.number or 0.0 for rule in load_rule_sets([_CLASS_SET])[0].rules}
    return [
        Merger(
            str(row.school_id), str(row.name), str(row.decision),
            moved[moved["school_id_before"] == row.school_id].reset_index(drop=True), hearing.of(str(row.school_id)),
            before.tables, after.tables, dict(zip(schools["school_id"], tiers, strict=True)), limits,
        )
        for row in going.sort_values("school_id").itertuples(index=False)
    ]  # fmt: skip


def _veto(one: AppliedRule, merger: Merger, said: Said) -> Veto:
    rule = one.rule
    assert rule.condition is not None
    limit = rule.number if said.limit is None else said.limit
    return Veto(
        rule.id, rule.condition, Text(rule.title_zh, rule.title_en), merger.school_id, merger.name, merger.decision,
        said.state, said.value, float("nan") if limit is None else limit, rule.unit,
        merger.names(merger.receivers.index) if said.receiving is None else said.receiving,
        merger.villages(merger.moved) if said.villages is None else said.villages,
        said.evidence, Text(rule.mend_zh, rule.mend_en), rule.citation, str(rule.confidence), one.severity, one.remark,
    )  # fmt: skip
