"""The workbook of all rules that ship, with their sources and how well these are verified."""

from __future__ import annotations

from pathlib import Path

from layout_planner.columns import RULES
from layout_planner.errors import Text, language
from layout_planner.io.staging import free_folder, staged_folder
from layout_planner.report.narrative import Fact
from layout_planner.report.workbook import Sheet, write_sheets
from layout_planner.rules import RuleSet, rule_frame
from layout_planner.rules.table import CONFIDENCE_WORDS

__all__ = ["write_rule_book"]

_TITLE = Text("规则一览", "Rules")
_ABOUT = Text(
    "每条规则的限值、适用范围、依据和可信度。只有已读原文（V）的规则可以列为“不符合”；据转述（V2）的须由情景在 "
    "rule_settings.block 中指定；凭记忆（M）和存疑（?）的只作提示。",
    "Every rule with its number, to whom it applies, its source and how well that is verified. Only a rule whose text "
    "was read (V) may be a breach; one read at second hand (V2) only where a scenario names it in rule_settings.block.",
)


def write_rule_book(sets: tuple[RuleSet, ...], out: Path, lang: str | None = None) -> Path:
    """Write rule sets as a workbook, one row a rule.

    Parameters
    ----------
    out : Path
        Folder to write; where it exists already, one beside it with a number. It appears whole or not at all.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    lang = lang or language()
    at = 0 if lang == "zh" else 1
    words = tuple(f"{mark}：{word[at]}" for mark, word in CONFIDENCE_WORDS.items())
    facts = [Fact(_TITLE[at], (_ABOUT[at], *words)), *(Fact(s.id, ((s.title_zh, s.title_en)[at],)) for s in sets)]
    sheet = Sheet(_TITLE, _ABOUT, RULES, rule_frame(sets, lang))
    target = free_folder(out)
    with staged_folder(target) as folder:
        write_sheets(folder / f"{_TITLE[at]}.xlsx", facts, [sheet], lang=lang)
    return target
