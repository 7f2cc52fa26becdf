"""Two plans side by side: the change is what a reader can subtract, and good is told from bad."""

from __future__ import annotations

from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from layout_planner.columns import COMPARISON
from layout_planner.report import compare_frame, compare_text, load_run, save_run_data, write_comparison
from layout_planner.report.compare import verdict
from layout_planner.report.comparison import scenario_changes


def tables(**values: tuple[float, str, str]) -> SimpleNamespace:
    rows = [(k, k, v, unit, k, better) for k, (v, unit, better) in values.items()]
    names = ["indicator", "label", "value", "unit", "label_en", "better"]
    return SimpleNamespace(indicators=pd.DataFrame(rows, columns=names))


@pytest.mark.parametrize(
    ("better", "before", "after", "unit", "code"),
    [
        ("low", 20.0, 25.0, "分钟", "worse"),
        ("low", 25.0, 20.0, "分钟", "better"),
        ("high", 0.9, 0.95, "%", "better"),
        ("high", 0.90001, 0.90002, "%", "same"),
        ("", 24.0, 22.0, "所", "neutral"),
        ("low", float("nan"), 22.0, "分钟", "neutral"),
        ("low", 3.0, 3.0, "人", "same"),
    ],
)
def test_better_and_worse_follow_the_indicator(better, before, after, unit, code) -> None:
    assert verdict(better, before, after, unit).code == code


def test_indicators_of_either_plan_are_kept_and_changes_agree_with_what_is_shown() -> None:
    a = tables(minutes=(24.64, "分钟", "low"), gone=(1.0, "人", "low"))
    b = tables(minutes=(24.66, "分钟", "low"), new=(2.0, "人", "high"))
    frame = compare_frame(a, b, "甲", "乙")
    assert list(frame.columns) == list(COMPARISON.names)
    assert frame["indicator"].tolist() == ["minutes", "new", "gone"]
    row = frame.iloc[0]
    assert (row["change"], row["verdict"], row["arrow"]) == (0.1, "worse", "▲ 变差")
    assert frame["verdict"].tolist()[1:] == ["neutral", "neutral"]


def test_the_console_table_lines_up_and_takes_labels_literally(baseline_tables, merger_tables) -> None:
    frame = compare_frame(baseline_tables, merger_tables, "现状", "[bold]合并")
    text = compare_text(frame)
    assert "[bold]合并" in text
    assert "变差" in text
    assert "\x1b" not in text
    from rich.cells import cell_len

    assert len({cell_len(line) for line in text.splitlines()}) == 1


def test_scenario_changes_name_keys_and_both_values() -> None:
    before = {"name": "a", "travel": {"cutoff_min": 90}, "decisions": {"close": []}, "seed": 1}
    after = {"name": "b", "travel": {"cutoff_min": 60}, "decisions": {"close": ["01", "02"]}, "seed": 1}
    assert scenario_changes(before, after) == [
        ("decisions.close", "（空）", "01、02"),
        ("travel.cutoff_min", "90", "60"),
    ]


@pytest.fixture(scope="module")
def runs(tmp_path_factory, baseline, baseline_tables, merger, merger_tables, findings, moves):
    root = tmp_path_factory.mktemp("runs")
    for name, plan, measured, moved in (("a", baseline, baseline_tables, None), ("b", merger, merger_tables, moves)):
        (root / name).mkdir()
        save_run_data(plan, measured, findings, root / name, moves=moved)
    return load_run(root / "a"), load_run(root / "b")


def test_two_finished_runs_are_compared_without_computing(tmp_path, runs) -> None:
    written = write_comparison(*runs, tmp_path)
    assert [p.name for p in written] == ["compare.html", "compare.xlsx"]
    text = written[0].read_text(encoding="utf-8")
    for words in ("“现状”与“两校合并”", "撤并影响", "decisions.close", "决定不同的学校", "青石教学点"):
        assert words in text
    book = openpyxl.load_workbook(written[1])
    assert book.sheetnames == ["说明", "方案比较", "谁受影响"]


def test_comparisons_are_repeatable(tmp_path, runs) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_comparison(*runs, tmp_path / name)
    for name in ("compare.html", "compare.xlsx"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_runs_of_different_pupils_are_compared_by_indicators_only(tmp_path, runs) -> None:
    from dataclasses import replace

    before, after = runs
    rows = after.plan.assignment.assign(pupils=after.plan.assignment["pupils"] * 2)
    other = replace(after, plan=replace(after.plan, assignment=rows))
    text = write_comparison(before, other, tmp_path)[0].read_text(encoding="utf-8")
    assert "两次运行的学生数据不同" in text
    assert "更换学校的学生" not in text
