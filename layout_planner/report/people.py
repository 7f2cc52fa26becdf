"""What the report says about the pupils themselves: how they were calibrated, and the beds that they would want."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from layout_planner import columns
from layout_planner.measures.boarding import beds_wanted
from layout_planner.report.document import Grid, Paragraph, grid

if TYPE_CHECKING:
    from layout_planner.plan import Plan

__all__ = ["beds_blocks", "calibration_blocks", "is_compared"]

_MOST_ROWS = 30
_WIDE = 0.25


def is_compared(plan: Plan) -> bool:
    """Tell whether townships or villages have known pupils beside estimates, so that a map can show them."""
    table = plan.county.calibration
    return table is not None and bool(table["subject_kind"].isin(["township", "village"]).any())


def calibration_blocks(plan: Plan) -> tuple[Paragraph | Grid, ...]:
    """Say what was calibrated to what, and where known pupils and estimates disagree most."""
    table = plan.county.calibration
    if table is None or table.empty:
        return ()
    said = [f"{flaw.what.zh}。" for flaw in plan.county.checks if flaw.code in {"calibrated", "margins_differ"}]
    off = table.assign(off=(table["ratio"] - 1).abs().fillna(float("inf")))
    wide = off[(off["off"] > _WIDE) & (off["target"] + off["pupils_before"] > 1)]
    said.append(f"已知学生数与推算相差四分之一以上的有{len(wide)}项（共{len(table)}项）。")
    worst = off.sort_values(["held", "off", "subject_kind", "subject_id"], ascending=[False, False, True, True])
    names = ["subject_kind", "name", "band", "grade", "target", "pupils_before", "ratio", "pupils_after", "residual"]
    marks = {"ratio": lambda v: "warn" if abs(v - 1) > _WIDE else ""}
    shown = grid(columns.CALIBRATION, worst.drop(columns="off"), names, "已知学生数与推算学生数（相差大的在前）",
                 most=_MOST_ROWS, sheet=columns.CALIBRATION.zh, marks=marks)  # fmt: skip
    return (*(Paragraph(line) for line in said), shown)


def beds_blocks(plan: Plan) -> tuple[Paragraph | Grid, ...]:
    """Say how many beds the boarding rates of the scenario would want."""
    table = beds_wanted(plan)
    if table.empty:
        return ()
    whole = table.iloc[-1]
    rates = "，".join(f"{band.label_zh}{rate:.0%}" for band, rate in plan.scenario.demand.boarding_rate.items())
    gap = float(whole["beds_gap"])
    text = (
        f"按寄宿比例（{rates}）预计寄宿{whole['boarders']:,.0f}人，在办学校有床位{whole['beds']:,}张，"
        f"{'富余' if gap >= 0 else '尚缺'}{abs(gap):,.0f}张。这是粗估，不改变上面的分配。"
    )
    marks = {"beds_gap": lambda v: "warn" if v < 0 else ""}
    names = [column.name for column in columns.BOARDING if column.name != "township_id"]
    shown = grid(
        columns.BOARDING, pd.DataFrame(table), names, "预计寄宿生与床位", sheet=columns.BOARDING.zh, marks=marks
    )
    return (Paragraph(text), shown)
