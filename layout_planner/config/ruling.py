"""Block ``rule_settings``: which rules may block, which numbers a scenario changes, and figures that people counted."""

from __future__ import annotations

import math

from pydantic import Field, StrictStr, field_validator

from layout_planner.config.blocks import Block

__all__ = ["RuleSettings", "is_rule_file"]


def is_rule_file(entry: str) -> bool:
    """Tell whether an entry of ``rules`` is a file of the user's own, not the id of a set that ships.

    >>> is_rule_file("../rules/ours.yaml"), is_rule_file("cn.gbf2018-27")
    (True, False)
    """
    return entry.lower().endswith((".yaml", ".yml"))


class RuleSettings(Block):
    """本情景怎样使用规则：凡改动都写进检查结果。"""

    block: tuple[StrictStr, ...] = ()
    """必须遵守的规则集或规则（代码）：违反即列为“不符合”。只有原文 [V] 或转述 [V2] 有据的规则可以写在这里"""
    numbers: dict[StrictStr, float] = Field(default_factory=dict)
    """规则代码: 本情景采用的限值，如 {cn.gbf2018-27.time: 40}"""
    facts: dict[StrictStr, float] = Field(default_factory=dict)
    """规则代码: 由人统计的实际数（比例写 0 到 1），用于布局数据不能测算的规则，如 {cn.dd2017-6.rotation: 0.12}"""

    @field_validator("numbers", "facts")
    @classmethod
    def _finite(cls, values: dict[str, float]) -> dict[str, float]:
        wrong = [name for name, value in values.items() if not math.isfinite(value) or value < 0]
        if wrong:
            msg = f"no such amount / 不是可用的数：{', '.join(wrong)} | write a number of 0 or more / 写不小于 0 的数"
            raise ValueError(msg)
        return values
