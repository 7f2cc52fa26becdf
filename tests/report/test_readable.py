"""Tables are spelled for readers as documents spell them."""

from __future__ import annotations

import pandas as pd
import pytest

import layout_planner as lp


def test_rows_take_their_decimals_from_the_unit_of_the_row_and_shares_are_per_cent():
    frame = pd.DataFrame(
        {
            "label": ["学生", "占比"], "label_en": ["pupils", "share"], "value": [38018.0, 0.5124],
            "low": [float("nan"), 0.51], "unit": ["人", "%"],
        }
    )  # fmt: skip
    chinese = lp.readable(frame, "study_measures", lang="zh")
    assert chinese.to_dict("list") == {
        "指标": ["学生", "占比"], "数值": ["38,018", "51.2%"], "下限": ["—", "51.0%"], "单位": ["人", ""]
    }  # fmt: skip
    english = lp.readable(frame, "study_measures", lang="en")
    assert english.iloc[:, 0].tolist() == ["pupils", "share"]
    assert english["unit"].tolist() == ["pupils", ""]


def test_columns_of_plans_are_spelled_by_the_unit_of_the_row():
    frame = pd.DataFrame({"label": ["平均单程时间"], "unit": ["分钟"], "现状": [19.031]}, index=["minutes_mean"])
    assert lp.readable(frame, "indicators", lang="zh").loc[1].tolist() == ["平均单程时间", "分钟", "19.0"]


def test_codes_and_truth_are_put_into_words_and_what_is_missing_is_a_dash():
    frame = pd.DataFrame(
        {"name": ["东小", None], "decision": ["close", "keep"], "is_open": [False, True], "pupils": [3.0, 20.0]}
    )
    shown = lp.readable(frame, "plan_schools", lang="zh")
    assert shown["学校名称"].tolist() == ["东小", "—"]
    assert "close" not in shown.to_string()
    assert shown.iloc[:, 2].tolist() == ["否", "是"]
    assert shown.index.tolist() == [1, 2]


def test_the_order_is_the_callers_and_an_unknown_table_is_refused():
    frame = pd.DataFrame({"minutes_after": [31.66], "name": ["东村"], "own": [2.0]})
    assert list(lp.readable(frame, "moves", lang="en").columns) == ["minutes after (min)", "village", "own"]
    with pytest.raises(KeyError):
        lp.readable(frame, "no such table")


def test_a_table_without_rows_keeps_its_heads():
    frame = pd.DataFrame({"name": [], "pupils": []})
    assert lp.readable(frame, "moves", lang="zh").columns.tolist() == ["村名", "学生数（人）"]
