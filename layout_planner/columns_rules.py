"""The part of the column registry that tells of rules: the rules themselves, and the veto sheet of a merger.

Import these tables from :mod:`layout_planner.columns`, as all others.
"""

from __future__ import annotations

from layout_planner.registry import Column, Table

__all__ = ["RULES", "VETOES"]

RULES = Table("rules", "规则", "rules", (
    Column("rule_set", "id", "规则集", "rule set"), Column("rule_id", "id", "规则代码", "rule"),
    Column("title", "text", "规则内容", "rule in words"), Column("number", "text", "限值", "limit"),
    Column("applies", "text", "适用", "applies to"), Column("source", "text", "依据", "source"),
    Column("article", "text", "条款", "article"),
    Column("confidence", "text", "依据可信度", "confidence", about="V 已读原文、V2 据转述、M 凭记忆、? 存疑；只有 V 可列为“不符合”，V2 须由情景指定"),
    Column("severity", "text", "程度", "severity", about="违反时列为不符合、提醒或说明"),
    Column("mend", "text", "改法", "what to do"), Column("measure", "id", "测算方法", "measure"),
    Column("status", "text", "效力", "status", about="空白为现行"),
))  # fmt: skip

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
