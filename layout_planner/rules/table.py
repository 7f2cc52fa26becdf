"""All rules as a table and in words: number, to whom, source, how well verified, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from layout_planner.columns import RULES, unit_word
from layout_planner.errors import Severity, Text, counted, language
from layout_planner.grades import GradeBand, Stage, Tier
from layout_planner.rules.ruleset import Applies, Confidence, Rule, RuleSet

__all__ = ["CONFIDENCE_WORDS", "rule_frame", "set_lines", "sets_lines"]

CONFIDENCE_WORDS = {
    Confidence.PRIMARY: Text("已读原文", "primary text read"),
    Confidence.SECONDARY: Text("据转述", "read at second hand"),
    Confidence.MEMORY: Text("凭记忆，未核实", "from memory"),
    Confidence.DOUBT: Text("存疑", "in doubt"),
}
_SEVERITY = {
    Severity.ERROR: Text("不符合", "breach"), Severity.WARNING: Text("提醒", "warning"),
    Severity.NOTE: Text("说明", "note"),
}  # fmt: skip
_MODES = {"walk": Text("步行", "on foot"), "ride": Text("乘车", "riding"), "board": Text("寄宿", "boarding")}
_PLACES = {"urban": Text("城镇", "urban"), "rural": Text("乡村", "rural")}


def rule_frame(sets: Iterable[RuleSet], lang: str | None = None) -> pd.DataFrame:
    """Tabulate rules (table ``rules``), in the order of the sets.

    Parameters
    ----------
    sets : iterable of RuleSet
        As :func:`layout_planner.rules.load_rule_sets` gives them.
    lang : {"zh", "en"}, optional
        Language of titles and words; by default that of messages.
    """
    lang = lang or language()
    at = 0 if lang == "zh" else 1
    rows = [
        {
            "rule_set": rule_set.id, "rule_id": rule.id, "title": (rule.title_zh, rule.title_en)[at],
            "number": _number(rule)[at], "applies": _applies(rule.applies)[at], "source": rule.source,
            "article": rule.article, "confidence": f"{rule.confidence} {CONFIDENCE_WORDS[rule.confidence][at]}",
            "severity": _SEVERITY[rule.severity][at], "mend": (rule.mend_zh, rule.mend_en)[at],
            "measure": str(rule.measure), "status": _STATUS.get(rule_set.status, Text("", ""))[at],
        }
        for rule_set in sets
        for rule in rule_set.rules
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(RULES.names))


_STATUS = {"historical": Text("历史规定", "historical")}


def sets_lines(sets: Sequence[RuleSet]) -> list[str]:
    """List sets, one a line: id, title, how many rules."""
    width = max(len(rule_set.id) for rule_set in sets)
    lines = []
    for s in sets:
        said = Text(f"{s.title_zh}，{len(s.rules)}条", f"{s.title_en}, {counted(len(s.rules), 'rule')}")
        lines.append(f"{s.id:<{width}}  {said}")
    return lines


def set_lines(rule_set: RuleSet) -> list[str]:
    """Show a set rule by rule, in the language of messages."""
    status = _STATUS.get(rule_set.status)
    lines = [f"{rule_set.id}  {Text(rule_set.title_zh, rule_set.title_en)}" + (f"（{status}）" if status else "")]
    for row in rule_frame([rule_set]).astype(str).to_dict("records"):
        number = f"  [{row['number']}]" if row["number"] else ""
        lines += ["", f"{row['rule_id']}{number}", f"  {row['title']}"]
        for word, value in (
            (Text("适用", "applies to"), row["applies"]),
            (Text("依据", "source"), f"{row['source']} {row['article']}".strip()),
            (Text("可信度", "confidence"), row["confidence"]),
            (Text("违反时", "a breach is a"), row["severity"]),
            (Text("改法", "mend"), row["mend"]),
        ):
            if value:
                lines.append(f"  {word}{Text('：', ': ')}{value}")
    return lines


def _number(rule: Rule) -> Text:
    if rule.number is None:
        return Text("", "")
    if rule.unit == "%":
        return Text(f"{rule.number:.0%}", f"{rule.number:.0%}")
    return Text(f"{rule.number:g} {rule.unit}".strip(), f"{rule.number:g} {unit_word(rule.unit)}".strip())


def _applies(applies: Applies) -> Text:
    parts: list[Text] = []
    if applies.province:
        parts.append(Text(applies.province, applies.province))
    if applies.place:
        parts.append(_PLACES[applies.place])
    parts += [Text(Stage(s).label_zh, Stage(s).value) for s in applies.stages]
    parts += [Text(GradeBand(b).label_zh, GradeBand(b).value) for b in applies.bands]
    if applies.tiers:
        tiers = [Tier(t) for t in applies.tiers]
        parts.append(Text("、".join(t.label_zh for t in tiers), ", ".join(t.value.replace("_", " ") for t in tiers)))
    parts += [_MODES[mode] for mode in applies.modes]
    if applies.pupils_from is not None:
        parts.append(Text(f"{applies.pupils_from:.0f}人及以上", f"{applies.pupils_from:.0f} pupils and over"))
    if applies.pupils_under is not None:
        parts.append(Text(f"不足{applies.pupils_under:.0f}人", f"under {applies.pupils_under:.0f} pupils"))
    if applies.when_closing:
        parts.append(Text("撤并或改教学点时", "when a school closes or converts"))
    return Text("；".join(p.zh for p in parts) or "全部", "; ".join(p.en for p in parts) or "all")
