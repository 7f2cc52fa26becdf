"""Township totals from a table: by grade, band or age, long or wide, joined to the layer by code or name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from layout_planner.columns import TOWNSHIP_PUPILS
from layout_planner.config.scenario import Scenario
from layout_planner.demand import build_demand
from layout_planner.errors import Severity
from layout_planner.grades import GRADE_PUPILS, GradeBand
from layout_planner.io.loaded import Loaded
from layout_planner.io.read import read_county
from layout_planner.io.tables import load_table
from layout_planner.io.township_pupils import add_township_pupils

from .conftest import SCHOOL_HEADER, SCHOOLS, write_csv, write_xlsx

BANDS = [band.pupils_column for band in GradeBand]
RATES = {GradeBand.G1_3: 1.0, GradeBand.G4_6: 0.9, GradeBand.G7_9: 0.5}
Rows = Sequence[Sequence[object]]


def layer() -> gpd.GeoDataFrame:
    """Two townships of which the layer states no pupils."""
    frame = {"township_id": ["t1", "t2"], "name": ["东镇", "西乡"]} | {column: [np.nan] * 2 for column in BANDS}
    return gpd.GeoDataFrame(frame, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])


def read(path: Path, rows: Rows, townships: gpd.GeoDataFrame | None = None) -> tuple[gpd.GeoDataFrame, Loaded]:
    table = load_table(write_xlsx(path / "t.xlsx", {"乡镇学生数": rows}), TOWNSHIP_PUPILS)
    return add_township_pupils(table, layer() if townships is None else townships, RATES), table


def codes(table: Loaded, *severities: Severity) -> list[tuple[str, int | None]]:
    wanted = severities or (Severity.ERROR, Severity.WARNING)
    return [(f.code, f.row) for f in table.listed() if f.severity in wanted]


def test_one_row_a_township_and_grade_fills_grades_and_bands(tmp_path: Path) -> None:
    names = ("一年级", "二年级", "小三", "4年级", "5", "G6", "初一", "八年级", "初三")
    rows = [
        (town, name, count + grade)
        for town, count in (("东镇", 10), ("西乡镇", 20))
        for grade, name in enumerate(names)
    ]
    filled, table = read(tmp_path, [["乡镇", "年级", "学生数"], *rows, ["合计", None, 999]])
    assert codes(table) == []
    assert filled[BANDS].to_numpy().tolist() == [[33, 42, 51], [63, 72, 81]]
    assert filled[list(GRADE_PUPILS)].to_numpy().tolist() == [list(range(10, 19)), list(range(20, 29))]


def test_bands_are_taken_as_they_stand_and_a_total_column_is_left_alone(tmp_path: Path) -> None:
    header = ["乡镇代码", "1—3年级", "4—6年级", "7—9年级", "合计"]
    filled, table = read(tmp_path, [header, ["t1", 300, 280, 260, 840], ["t2", 200, 210, 220, 630]])
    assert (codes(table), set(GRADE_PUPILS) & set(filled.columns)) == ([], set())
    assert filled[BANDS].to_numpy().tolist() == [[300, 280, 260], [200, 210, 220]]


def test_children_by_age_become_pupils_at_the_enrolment_rate(tmp_path: Path) -> None:
    ages = [f"{age}岁" for age in range(6, 15)]
    filled, table = read(tmp_path, [["乡镇", *ages], ["东镇", *[10] * 9], ["西乡", *[20] * 9]])
    assert codes(table) == []
    assert filled[BANDS].to_numpy().tolist() == [[30, 27, 15], [60, 54, 30]]
    long = [(town, age, count) for town, count in (("东镇", 10), ("西乡", 20)) for age in range(3, 18)]
    again, table = read(tmp_path, [["乡镇名称", "年龄（周岁）", "人数"], *long])
    assert codes(table) == []
    assert again[BANDS].equals(filled[BANDS])


def test_what_cannot_be_placed_is_told_with_its_row(tmp_path: Path) -> None:
    rows = [
        ["乡镇", "年级", "人数"],
        ["东镇", "7-9年级", 90],
        ["南镇", "一年级", 5],
        ["西乡", "小学", 60],
        ["西乡", None, 7],
    ]
    _, table = read(tmp_path, rows)
    assert codes(table) == [
        ("township_pupils_missing", None), ("township_unknown", 3), ("grade_unknown", 4), ("grade_unknown", 5)
    ]  # fmt: skip


def test_a_band_with_a_grade_missing_is_not_used(tmp_path: Path) -> None:
    filled, table = read(tmp_path, [["乡镇", "一年级", "二年级", "三年级"], ["东镇", 1, 2, None], ["西乡", 1, 2, 0]])
    assert codes(table) == [("grades_incomplete", None)]
    assert np.isnan(filled["pupils_g1_3"].iloc[0])
    assert filled["pupils_g1_3"].iloc[1] == 3


def test_figures_that_differ_from_the_layer_or_their_grades_are_told(tmp_path: Path) -> None:
    stated = layer()
    stated[BANDS] = [[300.0, 280.0, 260.0], [np.nan] * 3]
    rows = [["乡镇", "1—3年级", "一年级", "二年级", "三年级"], ["东镇", 300, 100, 100, 100], ["西乡", 50, 20, 20, 20]]
    filled, table = read(tmp_path, rows, stated)
    assert codes(table) == [("grades_differ", None)]
    assert filled[BANDS].to_numpy()[0].tolist() == [300, 280, 260]
    assert filled["pupils_g1_3"].iloc[1] == 60
    filled, table = read(tmp_path, [["乡镇", "1—3年级"], ["东镇", 330], ["西乡", 50]], stated)
    assert codes(table) == [("layer_differs", None)]
    assert filled["pupils_g1_3"].tolist() == [330, 50]


@pytest.mark.parametrize("header", [["年级", "人数"], ["乡镇", "年级"], ["乡镇代码", "人数"]])
def test_a_table_that_lacks_what_it_is_about_is_refused(tmp_path: Path, header: list[str]) -> None:
    _, table = read(tmp_path, [header, ["东镇", 5]])
    assert ("column_missing", None) in codes(table, Severity.ERROR)


@pytest.mark.parametrize("where", ["own file", "sheet of the school workbook"])
def test_pupils_are_calibrated_to_the_table(mini: Path, scenario: Callable[..., Scenario], where: str) -> None:
    rows: Rows = [["乡镇", *(f"{g}年级" for g in range(1, 10))], ["东镇", *range(101, 110)], ["西乡", *range(51, 60)]]
    if where == "own file":
        write_csv(mini / "乡镇学生数.csv", rows)
    else:
        write_xlsx(mini / "schools.xlsx", {"学校基本情况": [SCHOOL_HEADER, *SCHOOLS], "乡镇学生数": rows})
    made = scenario(mini, demand={"calibrate_to": "townships"})
    county = build_demand(read_county(made), made)
    assert county.demand is not None
    by_town = county.demand.groupby("township_id")[list(GRADE_PUPILS)].sum().to_numpy()
    assert by_town == pytest.approx(np.array([range(101, 110), range(51, 60)], dtype=float), rel=1e-9)
    held = county.calibration[county.calibration["held"]]
    assert sorted(held["grade"]) == sorted([*range(1, 10)] * 2)
    assert {"layer_differs"} <= {f.code for f in county.checks}


def test_one_township_by_grade_and_another_by_band_hold_together(mini: Path, scenario: Callable[..., Scenario]) -> None:
    rows: Rows = [
        ["乡镇", *(f"{g}年级" for g in range(1, 10)), "1—3年级"],
        ["东镇", *range(101, 110), None],
        ["西乡", *[None] * 9, 90],
    ]
    write_csv(mini / "township_pupils.csv", rows)
    made = scenario(mini)
    county = build_demand(read_county(made), made)
    assert county.demand is not None
    by_town = county.demand.groupby("township_id")[BANDS].sum().to_numpy()
    assert by_town == pytest.approx(np.array([[306, 315, 324], [90, 210, 220]], dtype=float), rel=1e-9)


def test_without_a_township_layer_the_table_is_said_to_be_unused(mini: Path, scenario: Callable[..., Scenario]) -> None:
    (mini / "townships.geojson").unlink()
    write_csv(mini / "township_pupils.csv", [["乡镇", "1—3年级"], ["东镇", 300]])
    assert "township_pupils_unused" in {f.code for f in read_county(scenario(mini)).checks}
