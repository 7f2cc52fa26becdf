"""Numbers and codes are written one way."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner import columns
from layout_planner.columns import Column
from layout_planner.report.words import (
    CODES,
    code_word,
    column_format,
    join_names,
    rounded,
    spell,
    spell_column,
    unit_format,
)

PUPILS = Column("pupils", "float", "学生数", "pupils", "人")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (37982.4, "人", "37,982"),
        (12.0, "人", "12"),
        (12.34, "人", "12.3"),
        (12.96, "人", "13"),
        (0.98765, "%", "98.8%"),
        (30.0, "分钟", "30.0"),
        (1234.6, "米", "1,235"),
        (-3.0, "所", "−3"),
        (float("inf"), "分钟", "—"),
        (None, "人", "—"),
        (pd.NA, "人", "—"),
    ],
)
def test_numbers_are_spelled_by_their_unit(value, unit, text) -> None:
    assert spell(value, unit) == text


@given(st.floats(0, 1e5), st.floats(0, 1e5), st.sampled_from(["分钟", "米", "%", "人/班"]))
def test_a_change_is_what_a_reader_gets_by_subtracting(before, after, unit) -> None:
    digits = {"分钟": 1, "米": 0, "%": 3, "人/班": 1}[unit]

    def read(text: str) -> float:
        plain = text.replace(",", "").replace("−", "-")
        return float(plain.rstrip("%")) / 100 if plain.endswith("%") else float(plain)

    change = rounded(after, unit) - rounded(before, unit)
    assert read(spell(after, unit)) - read(spell(before, unit)) == pytest.approx(change, abs=10.0**-digits / 10)


def test_a_column_has_one_number_of_decimals() -> None:
    assert spell_column(PUPILS, pd.Series([1032.44, 165.0, np.nan])) == ["1,032.4", "165.0", "—"]
    assert spell_column(PUPILS, pd.Series([1032.0, 165.0])) == ["1,032", "165"]


def test_spreadsheet_formats_follow_kind_and_unit() -> None:
    assert column_format(PUPILS, pd.Series([1.0, 2.0])) == "#,##0"
    assert column_format(PUPILS, pd.Series([1.5])) == "#,##0.0"
    assert column_format(columns.COMMUTE["within_limit_share"], pd.Series([0.5])) == "0.0%"
    assert column_format(columns.COMMUTE["minutes_mean"], pd.Series([5.0])) == "#,##0.0"
    assert unit_format("%") == "0.0%"


def test_every_code_of_the_vocabulary_has_a_word() -> None:
    for column in CODES:
        for code in CODES[column]:
            assert code_word(column, code, "zh").isascii() == (code in ("", "V", "V2", "M") and code == "")
            assert code_word(column, code, "en").isascii()
    assert code_word("mode", None) == ""


def test_long_lists_of_names_say_how_many_there_are() -> None:
    assert join_names(["甲", "乙", "丙"], most=2, counter="个村") == "甲、乙等3个村"
