"""Rules as a scenario applies them: with the numbers that it changes and the rules that it makes binding."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from layout_planner.errors import Flaw, ScenarioError, Severity, Text
from layout_planner.rules.reading import VETO_SETS, known_rule_sets, load_rule_sets
from layout_planner.rules.ruleset import Measure, Rule, RuleSet

if TYPE_CHECKING:
    from layout_planner.config.ruling import RuleSettings
    from layout_planner.config.scenario import Scenario

__all__ = ["AppliedRule", "applied", "setting_flaws"]


@dataclass(frozen=True)
class AppliedRule:
    """A rule with what the scenario made of it.

    ``rule`` has the number that counts; ``shipped`` is the number of the document; ``severity`` is an error only
    where the source was read word by word, or at second hand and the scenario made the rule binding.
    """

    rule: Rule
    shipped: float | None
    severity: Severity
    is_bound: bool

    @property
    def remark(self) -> Text:
        """Say what the scenario changed, in brackets; empty where it changed nothing."""
        zh, en = [], []
        if self.rule.number is not None and self.rule.number != self.shipped:
            was = Text("没有数字", "no number") if self.shipped is None else _amount(self.shipped, self.rule.unit)
            now = _amount(self.rule.number, self.rule.unit)
            zh.append(f"本情景改为{now.zh}，原为{was.zh}")
            en.append(f"this scenario takes {now.en} instead of {was.en}")
        if self.is_bound:
            zh.append("本情景列为必须遵守")
            en.append("this scenario makes it binding")
        return Text(f"（{'；'.join(zh)}）" if zh else "", f" ({'; '.join(en)})" if en else "")


def _amount(value: float, unit: str) -> Text:
    if unit == "%":
        return Text(f"{value:.0%}", f"{value:.0%}")
    return Text(f"{value:g}{unit}", f"{value:g}")


def applied(rule: Rule, set_id: str, settings: RuleSettings) -> AppliedRule:
    """Apply the settings of a scenario to a rule of a set."""
    number = settings.numbers.get(rule.id, rule.number)
    asked = rule.id in settings.block or set_id in settings.block
    bound = asked and rule.confidence.may_be_made_to_block and rule.severity is not Severity.NOTE
    severity = Severity.ERROR if bound else rule.severity
    if severity is Severity.ERROR and not (rule.confidence.may_block or bound):
        severity = Severity.WARNING
    return AppliedRule(rule.model_copy(update={"number": number}), rule.number, severity, bound)


def setting_flaws(scenario: Scenario) -> list[Flaw]:
    """List what ``rule_settings`` asks of rules that cannot be, each with its line and its mend.

    Rules of the veto sheet may be named whatever the scenario's sets: they hold for every merger.
    """
    try:
        sets = load_rule_sets(scenario.rules)
    except ScenarioError:
        return []
    by_id = {rule.id: rule for rule_set in sets for rule in rule_set.rules}
    vetoes = [r for rule_set in load_rule_sets(VETO_SETS) for r in rule_set.rules if r.measure is Measure.VETO]
    by_id = {rule.id: rule for rule in vetoes} | by_id
    settings = scenario.rule_settings
    return [
        *_named("numbers", settings.numbers, by_id, scenario),
        *_named("facts", settings.facts, by_id, scenario),
        *_blocked(sets, by_id, scenario),
    ]


def _placed(scenario: Scenario, key: str, part: str | int, what: Text, mend: Text) -> Flaw:
    path: tuple[str | int, ...] = ("rule_settings", key, part)
    file, row = scenario.place(*path) or scenario.place("rule_settings", key) or ("", None)
    spelled = f"rule_settings.{key}" + (f"[{part + 1}]" if isinstance(part, int) else f".{part}")
    return Flaw("rule_setting", what, mend, file=file, row=row, key=spelled)


def _unknown(scenario: Scenario, key: str, part: str | int, name: str, known: Iterable[str]) -> Flaw:
    ships = any(name == shipped or name.startswith(f"{shipped}.") for shipped in known_rule_sets())
    near = [] if ships else difflib.get_close_matches(name, list(known), 1, 0.6)
    what = Text(f"所用的规则集里没有“{name}”", f"no rule set of the scenario has {name!r}")
    mend = (
        Text(f"是否为 {near[0]}？", f"did you mean {near[0]}?")
        if near
        else Text("先把它的规则集写进 rules", "name its rule set in rules first")
    )
    return _placed(scenario, key, part, what, mend)


def _named(key: str, given: Iterable[str], by_id: dict[str, Rule], scenario: Scenario) -> Iterator[Flaw]:
    for name in given:
        rule = by_id.get(name)
        if rule is None:
            yield _unknown(scenario, key, name, name, by_id)
        elif key == "facts" and rule.measure not in (Measure.FACT, Measure.IN_ZONE):
            what = Text(f"规则“{name}”由方案测算，不能由人填数", f"the rule {name!r} is measured from the plan")
            yield _placed(scenario, key, name, what, Text("从 facts 中删去", "take it off facts"))
        elif key == "numbers" and rule.number is None and rule.measure is not Measure.STAFF_PER_CLASS:
            what = Text(f"规则“{name}”没有限值，不能改数", f"the rule {name!r} has no number to change")
            yield _placed(scenario, key, name, what, Text("从 numbers 中删去", "take it off numbers"))


def _blocked(sets: Iterable[RuleSet], by_id: dict[str, Rule], scenario: Scenario) -> Iterator[Flaw]:
    whole = {rule_set.id: rule_set.rules for rule_set in sets}
    for k, name in enumerate(scenario.rule_settings.block):
        rules = whole.get(name) or ((by_id[name],) if name in by_id else ())
        if not rules:
            yield _unknown(scenario, "block", k, name, [*whole, *by_id])
        elif not any(r.confidence.may_be_made_to_block for r in rules):
            what = Text(
                f"“{name}”的依据没有核实（{rules[0].confidence}），不能作为否决的依据",
                f"the source of {name!r} is not verified ({rules[0].confidence}): it cannot block",
            )
            yield _placed(scenario, "block", k, what, Text("从 block 中删去", "take it off block"))
        elif all(r.severity is Severity.NOTE for r in rules):
            what = Text(f"“{name}”只作说明，没有可违反的内容", f"{name!r} only informs: there is nothing to break")
            yield _placed(scenario, "block", k, what, Text("从 block 中删去", "take it off block"))
