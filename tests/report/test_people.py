"""What the report says of calibration and of beds."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from layout_planner.columns import CALIBRATION
from layout_planner.errors import Flaw, Severity, Text
from layout_planner.report.document import Grid, Paragraph
from layout_planner.report.people import calibration_blocks, is_compared


def plan_with(table: pd.DataFrame | None) -> SimpleNamespace:
    note = Flaw("calibrated", Text("学生数已校准", "calibrated"), Text("", ""), severity=Severity.NOTE)
    return SimpleNamespace(county=SimpleNamespace(calibration=table, checks=(note,)))


def test_rows_that_are_furthest_off_come_first_and_are_counted() -> None:
    rows = [
        ("township", "t1", "东镇", "G1-3", float("nan"), 90.0, 100.0, 0.9, 0.9, 90.0, 0.0, True),
        ("township", "t2", "西乡", "G1-3", float("nan"), 90.0, 30.0, 3.0, 3.0, 90.0, 0.0, True),
        ("county", "", "县", "G1-3", 1.0, 60.0, 45.0, 4 / 3, 1.0, 45.0, -15.0, False),
    ]
    plan = plan_with(pd.DataFrame(rows, columns=list(CALIBRATION.names)))
    *lines, table = calibration_blocks(plan)
    assert [line.text for line in lines if isinstance(line, Paragraph)] == [
        "学生数已校准。", "已知学生数与推算相差四分之一以上的有2项（共3项）。",
    ]  # fmt: skip
    assert isinstance(table, Grid)
    assert [row[1].text for row in table.rows] == ["西乡", "东镇", "县"]
    assert is_compared(plan)


def test_a_county_without_comparison_says_nothing() -> None:
    assert calibration_blocks(plan_with(None)) == ()
    assert not is_compared(plan_with(None))
