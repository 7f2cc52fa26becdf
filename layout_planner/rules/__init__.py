"""Named, sourced rule sets and the findings that they give."""

from layout_planner.rules.check import Finding, check_plan
from layout_planner.rules.ruleset import Confidence, Rule, RuleSet, known_rule_sets, load_rule_sets

__all__ = ["Confidence", "Finding", "Rule", "RuleSet", "check_plan", "known_rule_sets", "load_rule_sets"]
