"""Expected pupils: every form the table comes in, and every row that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from layout_planner.columns import FORECAST
from layout_planner.io.forecast import expected_pupils
from layout_planner.io.loaded import Loaded
from layout_planner.io.tables import load_table
from layout_planner.io.templates import write_template
from tests import small_county


def read(folder: Path, text: str) -> tuple[pd.DataFrame | None, Loaded]:
    path = folder / "学生数预测.csv"
    path.write_text(text, encoding="utf-8")
    return settled(path)


def settled(path: Path) -> tuple[pd.DataFrame | None, Loaded]:
    here, table = small_county.county(), load_table(path, FORECAST)
    here.villages["name"] = ["东村", "西村", "西村"]
    return expected_pupils(table, here.villages, here.townships), table


def rows(found: pd.DataFrame | None) -> list[tuple[object, ...]]:
    assert found is not None
    return list(found.itertuples(index=False, name=None))


def test_villages_by_grade_and_townships_by_band(tmp_path: Path) -> None:
    text = "学年,村名,乡镇,年级,人数\n2028,东村,柳镇,一年级,9\n2027,,岭乡,4-6年级,6.5\n2027,,岭乡,初一,0\n"
    assert rows(read(tmp_path, text)[0]) == [
        (2027, "township", "T2", "G4-6", 0, 6.5), (2027, "township", "T2", "G7-9", 7, 0.0),
        (2028, "village", "V1", "G1-3", 1, 9.0),
    ]  # fmt: skip


def test_grades_or_bands_may_stand_side_by_side(tmp_path: Path) -> None:
    found, _ = read(tmp_path, "年份,村代码,一年级,7—9年级学生数（人）\n2030,V3,4,11\n")
    assert rows(found) == [(2030, "village", "V3", "G7-9", 0, 11.0), (2030, "village", "V3", "G1-3", 1, 4.0)]


def test_every_row_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    text = (
        "学年,村代码,村名,乡镇,年级,人数\n2028,V9,,,一年级,1\n2028,,西村,,一年级,1\n2028,,,山乡,一年级,1\n"
        "2028,,,,一年级,1\n2028,V1,,,小学,1\n2028,V1,,,一年级,\n2028,V2,,,二年级,5\n2028,V2,,,二年级,6\n"
        "2028,V2,,,1-3年级,20\n2028,,,柳镇,七年级,3\n"
    )
    found, table = read(tmp_path, text)
    assert found is None
    assert [(flaw.code, flaw.row) for flaw in table.flaws] == [
        ("forecast_place_unknown", 2), ("forecast_place_unknown", 3), ("forecast_place_unknown", 4),
        ("forecast_place_unknown", 5), ("grade_unknown", 6), ("count_missing", 7), ("forecast_twice", 9),
        ("forecast_twice", 9), ("forecast_twice", 9),
    ]  # fmt: skip
    assert all(flaw.mend.zh and flaw.mend.en for flaw in table.flaws)


def test_a_table_without_places_or_counts_is_refused(tmp_path: Path) -> None:
    found, table = read(tmp_path, "学年,年级\n2028,一年级\n")
    assert found is None
    assert "column_missing" in {flaw.code for flaw in table.flaws}


def test_the_template_is_read_back_empty(tmp_path: Path) -> None:
    found, table = settled(write_template("forecast", tmp_path / "forecast.xlsx"))
    assert found is None
    assert [flaw for flaw in table.flaws if str(flaw.severity) == "error"] == []
