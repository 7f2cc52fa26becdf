"""Named, sourced rule sets, the findings that they give, and the veto sheet of a merger."""

from layout_planner.rules.applied import setting_flaws
from layout_planner.rules.check import check_plan
from layout_planner.rules.finding import Finding
from layout_planner.rules.reading import known_rule_sets, load_rule_sets
from layout_planner.rules.ruleset import Condition, Confidence, Rule, RuleSet
from layout_planner.rules.table import rule_frame, set_lines, sets_lines
from layout_planner.rules.veto import Veto, VetoState, veto_frame, veto_sheet

__all__ = [
    "Condition",
    "Confidence",
    "Finding",
    "Rule",
    "RuleSet",
    "Veto",
    "VetoState",
    "check_plan",
    "known_rule_sets",
    "load_rule_sets",
    "rule_frame",
    "set_lines",
    "sets_lines",
    "setting_flaws",
    "veto_frame",
    "veto_sheet",
]
