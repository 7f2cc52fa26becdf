"""The part of a dossier on the pupils expected: of the school if it stays, and of the receiving schools."""

from __future__ import annotations

from layout_planner.dossier.blocks import Block, Form, Para, Section, grid
from layout_planner.dossier.expected import KEPT, MERGED
from layout_planner.dossier.facts import BLANK, Facts
from layout_planner.dossier.ledger import line, unsigned

__all__ = ["forecast_section"]


def forecast_section(facts: Facts, code: str) -> Section:
    """Say how many pupils are expected, and whether the seats will do; without a forecast leave room for it."""
    rows = facts.ledger.rows("case_forecast", school_id=code)
    if not rows:
        blank = tuple(
            (f"{word}一年级新生", line(BLANK + "人（依据：" + BLANK + "）")) for word in ("明年", "后年", "第三年")
        )
        told = "本次测算没有导入学生数预测。请按出生登记和户籍登记填写今后三年的入学人数，并说明学位是否够用："
        return Section("生源预测", (Para(line(told)), Form("今后三年入学人数", blank)))
    kept = [row for row in rows if row.raw("state") == KEPT]
    blocks: list[Block] = []
    if kept:
        first, last = kept[0], kept[-1]
        blocks.append(Para(line(
            "按学生数预测，本校如不调整，{}学年约有学生{}人{}。", first["year"], first.about("pupils"),
            line("，{}学年约{}人", last["year"], last.about("pupils")) if len(kept) > 1 else "",
        )))  # fmt: skip
    short = [row for row in rows if row.raw("state") == MERGED and int(row.raw("seats_left")) < 0]
    blocks += [
        Para(line(
            "{}{}学年按预测缺学位{}个，实施前须落实。", row.name("to_school"), row["year"], unsigned(row["seats_left"]),
        ))
        for row in short
    ]  # fmt: skip
    shown = [
        ("state", "情形", 1.3), ("to_school", "学校", 2.4), ("year", "", 1.0), ("pupils", "", 1.1),
        ("entrants", "起始年级", 1.1), ("seats", "学位", 1.0), ("seats_left", "", 1.1), ("class_max", "", 1.1),
    ]  # fmt: skip
    note = line("各村（乡镇）的学生按预测增减，去向同方案；没有预测的按现在的人数。“起始年级”指该校最低年级的新生。")
    blocks.append(grid("预测年份的学生、学位和班额", rows, shown, note=note))
    return Section("生源预测", tuple(blocks))
