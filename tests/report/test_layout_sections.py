"""The section, sheets and chart of an optimised layout, on frames made by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from layout_planner import columns
from layout_planner.errors import Text
from layout_planner.report.document import Figure, Grid, Paragraph
from layout_planner.report.front_chart import front_chart
from layout_planner.report.layout_sections import _ABOUT, _SHOWN, LayoutPart, layout_section, layout_sheets
from layout_planner.report.workbook import write_sheets


def made(name: str, rows: int) -> pd.DataFrame:
    value = {"text": "甲", "id": "01", "float": 3.0, "share": 0.01, "int": 2, "bool": True}
    data = {c.name: [value.get(c.kind, "甲")] * rows for c in columns.table(name).columns}
    return pd.DataFrame(data)


@pytest.fixture
def front() -> pd.DataFrame:
    frame = made("front", 3)
    frame["plan"] = ["最省", "折中", "没有找到"]
    frame["status"] = ["optimal", "feasible", "unknown"]
    frame["minutes_mean"] = [20.0, 15.0, float("nan")]
    frame["cost_yuan"] = [1e6, 2e6, float("nan")]
    frame["bound_yuan"] = [0.99e6, 1.9e6, float("nan")]
    return frame


@pytest.mark.parametrize("name", sorted(_SHOWN))
def test_every_table_shows_only_columns_of_the_registry(name: str) -> None:
    [sub] = layout_section(LayoutPart({name: made(name, 1)})).subs
    assert sub.title == columns.table(name).zh
    assert isinstance(sub.blocks[-1], Grid)
    assert len(sub.blocks[-1].rows) == 1


def test_the_front_is_drawn_above_its_table_and_the_proof_stands_first(front: pd.DataFrame) -> None:
    section = layout_section(LayoutPart({"front": front}, ("已证明最好", "到时停止")))
    assert [section.blocks[0].text, section.blocks[1].lines] == ["已证明最好。", ("到时停止。",)]
    assert [type(block) for block in section.subs[0].blocks] == [Paragraph, Figure, Grid]


def test_a_plan_that_was_not_found_is_in_the_table_but_not_in_the_chart(front: pd.DataFrame) -> None:
    [axes] = front_chart(front).axes
    assert list(axes.lines[0].get_xdata()) == [15.0, 20.0]
    assert list(axes.lines[0].get_ydata()) == [200.0, 100.0]


def test_nothing_optimised_leaves_an_empty_section() -> None:
    assert layout_section(LayoutPart({})).is_empty
    assert layout_section(None).is_empty
    assert layout_sheets({"front": made("front", 0)}) == []


def test_every_table_becomes_a_sheet_that_can_be_written(tmp_path: Path) -> None:
    sheets = layout_sheets({name: made(name, 2) for name in _ABOUT})
    assert [sheet.table.name for sheet in sheets] == list(_ABOUT)
    assert all(isinstance(sheet.about, Text) for sheet in sheets)
    write_sheets(tmp_path / "a.xlsx", (), sheets)
    assert (tmp_path / "a.xlsx").stat().st_size > 0
