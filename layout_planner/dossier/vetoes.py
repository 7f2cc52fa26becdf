"""The veto sheet in the documents: what forbids a merger by force, condition by condition."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from layout_planner.dossier.blocks import Grid, Head, Para, Section
from layout_planner.dossier.cases import once
from layout_planner.dossier.ledger import Line, line
from layout_planner.report.words import persons
from layout_planner.rules import veto_frame, veto_sheet

if TYPE_CHECKING:
    import pandas as pd

    from layout_planner.dossier.cases import Cases
    from layout_planner.dossier.facts import Facts

__all__ = ["veto_section", "veto_sentence", "vetoes_frame"]

_PARTS = re.compile(r"(\d+\.\d)(?=名|人)")
_HALF, _ESTIMATE = 0.5, 0.01
_MARKS = {"triggered": "☑有此情形，须先解除", "unknown": "☐待核实", "clear": "没有此情形"}


@once
def vetoes_frame(cases: Cases) -> pd.DataFrame:
    """Fill in the veto sheet of every school concerned (table ``vetoes``), persons in whole numbers."""
    frame = veto_frame(veto_sheet(cases.before, cases.after))
    whole = frame["evidence"].map(lambda text: _PARTS.sub(_whole, text))
    return frame.assign(evidence=whole)


def _whole(found: re.Match[str]) -> str:
    """Write an estimate as the other sections do: half a person and more is one."""
    estimate = float(found.group(1))
    return persons(max(1.0, round(estimate)) + _ESTIMATE if estimate >= _HALF else estimate)


def veto_sentence(facts: Facts, code: str) -> Line:
    """Say whether anything forbids the merger, or is still to be found out."""
    impact = facts.ledger.row("case_impact", school_id=code)
    found, unknown = impact.raw("vetoes"), impact.raw("open_questions")
    if not found and not unknown:
        return line("对照不得强行撤并的{}项情形逐项核对，均没有此情形。", impact["clear"])
    parts = []
    if found:
        parts.append(line("有{}项情形须先解除", impact["vetoes"]))
    if unknown:
        parts.append(line("{}项待核实", impact["open_questions"]))
    told = parts[0] if len(parts) == 1 else parts[0] + line("，另有") + parts[1]
    return line("对照不得强行撤并的情形逐项核对，{}；在解除、核实以前不得实施。", told)


def veto_section(facts: Facts, code: str) -> Section:
    """Show the veto sheet of one school, with boxes for what only people can say."""
    rows = facts.ledger.rows("vetoes", school_id=code)
    if not rows:
        return Section("不得强行撤并的情形核对")
    heads = (Head("情形", "", 3.2), Head("结论", "", 1.5), Head("依据事实", "", 3.0), Head("怎样解除", "", 2.3))
    cells = tuple(
        (row["title"], _MARKS[str(row.raw("veto"))], row["evidence"],
         row["mend"] if row.raw("veto") != "clear" else "—") for row in rows
    )  # fmt: skip
    note = line("“☑”为测算或填报已有此情形；“☐”为只有人才知道的，核实后由承办人勾选并签名。可信度见“依据和资料来源”。")
    table = Grid("不得强行撤并的情形核对表", heads, cells, tuple(row.ref for row in rows), note)
    return Section("不得强行撤并的情形核对", (Para(veto_sentence(facts, code)), table))
