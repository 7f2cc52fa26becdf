"""The section, sheets and chart of an optimised layout, on frames made by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from layout_planner import columns
from layout_planner.config.layout import Layout
from layout_planner.errors import Text
from layout_planner.report.document import Figure, Grid, Paragraph
from layout_planner.report.front_chart import front_chart
from layout_planner.report.layout_assumptions import assumption_lines, price_lines
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


def test_decisions_are_told_by_what_changes_what_is_built_and_what_stays() -> None:
    frame = made("layout_decisions", 4)
    frame["school_id"] = ["1", "2", "3", "4"]
    frame["decision"] = ["keep", "convert", "close", "keep"]
    frame[["rooms_added", "beds_added"]] = 0
    frame.loc[3, "rooms_added"] = 2
    section = layout_section(LayoutPart({"layout_decisions": frame}))
    assert [sub.title for sub in section.subs] == ["建议变动的学校", "建议扩建的学校", "建议保留的其他学校"]
    changed = section.subs[0].blocks[0]
    assert isinstance(changed, Grid)
    assert [row[2].text for row in changed.rows] == ["撤并", "改教学点"]
    assert "撤并1所，改为教学点1所，保留2所，新增教室2间" in section.blocks[0].text


def test_goal_rules_and_prices_are_all_told_without_internal_names() -> None:
    asked = Layout.model_validate({
        "must": {"keep": ["1"], "max_closures": 3, "junior_in_town": True, "smallest": {"junior": 100}},
        "may": {"lift": True},
    })  # fmt: skip
    said = [*assumption_lines(asked), *price_lines(asked.prices)]
    assert len(price_lines(asked.prices)) == len(type(asked.prices).model_fields)
    assert "学生路程每人·分钟（折合时间）计40元/年" in said[0]
    text = "".join(said)
    assert all(words in text for words in ("撤并不超过3所", "必须保留的学校1项", "3,000米以内", "100人（初中）"))
    assert "8,000,000" in text
    assert not re.search(r"[a-z]+_[a-z]+|[a-z]e\+", text)
    ordered = Layout.model_validate({"goal": {"method": "lexicographic"}})
    assert "依次使学生路程、每年支出最小" in assumption_lines(ordered)[0]


def test_sureness_begins_with_what_is_open_and_reasons_are_counted() -> None:
    sure = made("robust_schools", 3)
    sure["surety"] = ["certain", "open", "likely"]
    passed = made("passed_by", 2)
    passed["reason"], passed["pupils"] = ["full", "unsafe"], [4.0, 9.0]
    section = layout_section(LayoutPart({"robust_schools": sure, "passed_by": passed}))
    grids = [block for sub in section.subs for block in sub.blocks if isinstance(block, Grid)]
    assert [row[2].text for row in grids[0].rows] == ["待议", "较有把握", "确定"]
    assert [row[-1].text for row in grids[1].rows] == ["路不安全", "学位已满"]
    assert any(
        "路不安全9名，学位已满4名" in block.text for block in section.subs[1].blocks if isinstance(block, Paragraph)
    )


def test_money_is_told_in_ten_thousands() -> None:
    prices = made("prices", 1)
    prices["price_yuan"] = [123_456.0]
    [sub] = layout_section(LayoutPart({"prices": prices})).subs
    table = sub.blocks[-1]
    assert isinstance(table, Grid)
    at = [head.text for head in table.heads].index("代价")
    assert (table.heads[at].unit, table.rows[0][at].text) == ("万元/年", "12.3")
