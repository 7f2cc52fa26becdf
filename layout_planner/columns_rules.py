"""The part of the column registry that tells of rules: the veto sheet of a merger.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import Column, Table

__all__ = ["VETOES"]

VETOES = Table("vetoes", "不得强行撤并的情形", "veto sheet", (
    Column("school_id", "id", "学校代码", "school code"), Column("name", "text", "学校名称", "school"),
    Column("decision", "text", "决定", "decision"), Column("condition", "id", "情形代码", "condition"),
    Column("title", "text", "情形", "condition in words"),
    Column("veto", "text", "结论", "verdict", about="有此情形的不得强行撤并，须先解除；待核实的只有人才知道，核实前不得撤并"),
    Column("evidence", "text", "依据事实", "evidence"),
    Column("value", "float", "实际值", "value"), Column("limit", "float", "限值", "limit"), Column("unit", "text", "单位", "unit"),
    Column("receiving", "text", "接收学校", "receiving schools"), Column("villages", "text", "涉及的村", "villages"),
    Column("mend", "text", "怎样解除", "how to remove it"), Column("rule_id", "id", "规则代码", "rule"),
    Column("source", "text", "依据", "source"), Column("confidence", "text", "依据可信度", "confidence"),
))  # fmt: skip
