"""What a check says (findings), what a checker gives (hits), and what it looks at (a case)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from layout_planner.errors import Severity, Text
from layout_planner.grades import GradeBand, Stage, Tier
from layout_planner.rules.ruleset import Rule

if TYPE_CHECKING:
    from layout_planner.config.ruling import RuleSettings
    from layout_planner.measures import PlanTables
    from layout_planner.plan import Plan

__all__ = ["CRUMB", "Case", "Finding", "Hit", "limit_of", "unchecked"]

CRUMB = 1e-6
_STAGE_OF = {band.value: band.stage.value for band in GradeBand}


@dataclass(frozen=True)
class Finding:
    """One thing that a plan breaks, or that must be known about it.

    ``subject_kind`` is ``school``, ``village``, ``township`` or ``county``; ``value`` and ``limit`` are in
    ``unit`` (shares 0 to 1). A rule whose source was not read word by word never gives an error, unless the scenario
    made a rule read at second hand binding. ``is_veto`` marks what forbids a merger by force: whatever its severity,
    it is to be read first. ``is_checked`` is false where data are missing: the message says which.
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
    is_checked: bool = True


@dataclass(frozen=True)
class Hit:
    """What a checker found of a rule: at whom, how much, in words; or, not ``is_checked``, what it is missing."""

    kind: str
    id: str
    name: str
    value: float
    text: Text
    is_checked: bool = True


def unchecked(zh: str, en: str) -> Hit:
    """Make the hit of a rule that cannot be checked: which data are missing."""
    return Hit("county", "", "", float("nan"), Text(zh, en), is_checked=False)


def limit_of(rule: Rule) -> float:
    """Give the number of a rule that has one."""
    assert rule.number is not None
    return rule.number


@dataclass(frozen=True, eq=False)
class Case:
    """A plan with its measures, and how the scenario uses its rules."""

    plan: Plan
    tables: PlanTables
    settings: RuleSettings

    @cached_property
    def tiers(self) -> pd.Series:
        """Tier by school id; a primary school that ends before grade 6 counts as a teaching point (非完全小学)."""
        schools = self.plan.schools.set_index("school_id")
        incomplete = schools["grade_to"] < Stage.PRIMARY.grades[-1]
        return schools["tier"].astype(str).mask(incomplete, Tier.TEACHING_POINT.value)

    def of_tiers(self, rule: Rule) -> set[str]:
        """Ids of the schools whose tier a rule applies to."""
        wanted = [str(t) for t in rule.applies.tiers] or [str(t) for t in Tier]
        return set(self.tiers.index[self.tiers.isin(wanted)])

    @cached_property
    def closing(self) -> pd.DataFrame:
        """The schools that close or become a teaching point."""
        schools = self.plan.schools
        return pd.DataFrame(schools[schools["decision"].isin(["close", "convert"])])

    def schools(self, rule: Rule) -> pd.DataFrame:
        """Rows of table ``plan_schools``: open schools with pupils that a rule applies to, by tier, stage and size."""
        table = pd.DataFrame(self.tables.schools)
        mine = table["is_open"].astype(bool) & table["school_id"].isin(self.of_tiers(rule)) & (table["pupils"] > CRUMB)
        if rule.applies.stages:
            taught = pd.Series(False, index=table.index)
            for stage in rule.applies.stages:
                taught |= (table["grade_from"] <= stage.grades[-1]) & (table["grade_to"] >= stage.grades[0])
            mine &= taught
        if rule.applies.pupils_from is not None:
            mine &= table["pupils"] >= rule.applies.pupils_from - CRUMB
        if rule.applies.pupils_under is not None:
            mine &= table["pupils"] < rule.applies.pupils_under - CRUMB
        return table[mine]

    def stated(self, column: str) -> pd.Series:
        """Give what the school table states, by school id; nan where it says nothing."""
        table = self.plan.county.schools
        if column not in table:
            return pd.Series(float("nan"), index=table["school_id"].astype(str))
        return pd.Series(
            pd.to_numeric(table[column], errors="coerce").to_numpy("float64"), index=table["school_id"].astype(str)
        )

    def rows(self, rule: Rule) -> pd.DataFrame:
        """Take the assignment rows that a rule applies to, with the village they come from."""
        rows = self.plan.assignment
        if rule.applies.bands:
            rows = rows[rows["band"].isin([str(b) for b in rule.applies.bands])]
        if rule.applies.stages:
            rows = rows[rows["band"].map(_STAGE_OF).isin([str(s) for s in rule.applies.stages])]
        if rule.applies.tiers:
            rows = rows[rows["school_id"].isin(self.of_tiers(rule))]
        if rule.applies.modes:
            rows = rows[rows["mode"].isin(rule.applies.modes)]
        demand = self.plan.county.demand
        assert demand is not None
        home = demand.set_index("demand_id")["village_id"].fillna("")
        return rows.assign(village_id=rows["demand_id"].map(home))

    @property
    def county_name(self) -> str:
        """Name of the county."""
        return self.plan.county.name
