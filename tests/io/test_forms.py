"""School tables as county offices really keep them: forms with titles, feet, units and other people's headers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest

from layout_planner.columns import SCHOOLS, VILLAGES
from layout_planner.config.scenario import Scenario
from layout_planner.errors import InputError, Severity
from layout_planner.io.crs import to_crs
from layout_planner.io.read import read_county
from layout_planner.io.tables import load_table
from layout_planner.io.words import parse_status

from .conftest import EAST, MIDDLE, SCHOOL_HEADER, WEST, box_feature, write_geojson, write_xlsx
from .conftest import SCHOOLS as ROWS

Make = Callable[..., Scenario]


def codes(error: InputError) -> list[str]:
    return [f.code for f in error.flaws if f.severity is Severity.ERROR]


def test_a_statistical_form_is_read_without_its_title_column_numbers_total_and_foot(tmp_path: Path) -> None:
    header = [
        "学校(机构)标识码",
        "学校(机构)名称",
        "学校办学类型",
        "经度",
        "纬度",
        "是否在办",
        "核定规模（人）",
        "其中：寄宿生",
    ]
    rows = [
        ["样例县义务教育学校基本情况统计表"],
        header,
        ["甲", "乙", "丙", 1, 2, 3, 4, 5],
        ["0990101001", "东镇中心小学", "小学", "110.76°", "32.15°", "是", "540人", "1,020"],
        ["0990101002", "东镇教学点", "教学点", "１１０．７７", "32.15", "否", "60", None],
        ["合计", None, None, None, None, None, 600, 1020],
        ["单位负责人：", None, "填表人：", None, "填表日期：2025年9月10日"],
    ]
    loaded = load_table(write_xlsx(tmp_path / "schools.xlsx", {"Sheet1": rows}), SCHOOLS)
    assert [f.code for f in loaded.flaws] == ["row_note", "row_total", "row_note"]
    frame = loaded.frame
    assert frame["school_id"].tolist() == ["0990101001", "0990101002"]
    assert frame["seats"].tolist() == [540, 60]
    assert frame["boarders"].iloc[0] == 1020
    assert frame["lon"].tolist() == [110.76, 110.77]
    assert [parse_status(text) for text in frame["status"]] == ["active", "closed"]


@pytest.mark.parametrize(
    ("text", "grade"), [("一年级", 1), ("6年级", 6), ("初一", 7), ("初三", 9), ("九", 9), ("七年级", 7)]
)
def test_a_grade_may_be_named(tmp_path: Path, text: str, grade: int) -> None:
    rows = [["学校代码", "学校名称", "起始年级", "终止年级"], ["01", "甲校", text, 9]]
    assert load_table(write_xlsx(tmp_path / "s.xlsx", {"a": rows}), SCHOOLS).frame["grade_from"].tolist() == [grade]


@pytest.mark.parametrize(
    ("text", "status"),
    [("2019年停办", "closed"), ("停办（校舍闲置）", "closed"), ("已并入中心小学", "closed"), ("拟撤并", None)],
)
def test_a_state_may_carry_a_year_or_a_remark_but_a_plan_to_close_is_no_closure(text: str, status: str | None) -> None:
    assert parse_status(text) == status


def test_columns_that_nobody_understands_are_told(tmp_path: Path) -> None:
    rows = [
        ["村（居）委会代码", "村（居）委会名称", "经度", "纬度", "户籍总人口数", "备注"],
        ["1", "东坪村", 110.7, 32.1, 800, ""],
    ]
    loaded = load_table(write_xlsx(tmp_path / "v.xlsx", {"a": rows}), VILLAGES)
    [flaw] = loaded.flaws
    assert (flaw.code, flaw.severity) == ("column_unused", Severity.WARNING)
    assert "户籍总人口数（是不是“人口”？）" in flaw.what.zh
    assert "备注" in flaw.what.zh


def test_a_code_of_more_digits_than_a_spreadsheet_keeps_is_told(tmp_path: Path) -> None:
    rows = [["学校代码", "学校名称", "学校类别"], [3142000001101001.0, "甲校", "小学"]]
    loaded = load_table(write_xlsx(tmp_path / "s.xlsx", {"a": rows}), SCHOOLS)
    flaw = next(f for f in loaded.flaws if f.code == "code_scientific")
    assert "3142000001101001”" in flaw.what.zh


@pytest.mark.parametrize(("name", "said"), [("schools.xls", "网页或文本"), ("schools.xlsx", "网页或文本")])
def test_a_web_page_named_a_workbook_is_told(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / name).write_text("<table><tr><td>学校代码</td></tr></table>", encoding="utf-8")
    [flaw] = load_table(tmp_path / name, SCHOOLS).flaws
    assert said in flaw.what.zh


def test_a_file_of_the_right_name_and_a_foreign_format_is_named(mini: Path, scenario: Make) -> None:
    (mini / "schools.xlsx").rename(mini / "schools.et")
    with pytest.raises(InputError, match=r"schools\.et 的格式读不了"):
        read_county(scenario(mini))


def rewrite_metres(folder: Path, epsg: int, *, swap: bool = False) -> None:
    rows = [list(r) for r in ROWS]
    at = [SCHOOL_HEADER.index("经度"), SCHOOL_HEADER.index("纬度")]
    metres = to_crs(np.array([[r[i] for i in at] for r in rows], dtype=float), "wgs84", f"EPSG:{epsg}")
    for row, xy in zip(rows, metres.round(2).tolist(), strict=True):
        row[at[0]], row[at[1]] = xy[::-1] if swap else xy
    write_xlsx(folder / "schools.xlsx", {"学校基本情况": [SCHOOL_HEADER, *rows]})


@pytest.mark.parametrize(
    ("written", "swap", "declared", "code", "mend"),
    [
        (4525, False, "wgs84", "coordinates_kind", "EPSG:4525"),
        (4525, False, "EPSG:4546", "coordinates_impossible", "EPSG:4525"),
        (4546, False, "EPSG:4525", "coordinates_impossible", "EPSG:4534"),
        (4525, True, "EPSG:4525", "coordinates_impossible", "对调"),
    ],
)
def test_metres_of_another_zone_are_one_error_with_the_code_to_declare(
    mini: Path, scenario: Make, written: int, swap: bool, declared: str, code: str, mend: str
) -> None:
    rewrite_metres(mini, written, swap=swap)
    with pytest.raises(InputError) as caught:
        read_county(scenario(mini, data={"crs": {"schools": declared}}))
    assert codes(caught.value) == [code]
    assert mend in caught.value.flaws[0].mend.zh


def test_metres_declared_as_they_are_are_read(mini: Path, scenario: Make) -> None:
    plain = read_county(scenario(mini)).schools.geometry
    rewrite_metres(mini, 4525)
    metres = read_county(scenario(mini, data={"crs": {"schools": "EPSG:4525"}})).schools.geometry
    assert plain.distance(metres).max() < 1.0


@pytest.mark.parametrize("kind", ["no_prj", "wrong_zone", "elsewhere", "empty_boundary", "no_code"])
def test_areas_that_cannot_be_used_are_one_error_without_others_in_its_wake(
    mini: Path, scenario: Make, kind: str
) -> None:
    townships = gpd.read_file(mini / "townships.geojson").rename(columns={"township_id": "code"})
    declared: dict[str, str] = {}
    (mini / "townships.geojson").unlink()
    if kind in ("no_prj", "wrong_zone"):
        townships[["code", "name", "geometry"]].to_crs(4525).to_file(mini / "townships.shp", encoding="utf-8")
        (mini / "townships.prj").unlink()
        declared = {"townships": "EPSG:4546"} if kind == "wrong_zone" else {}
    elif kind == "elsewhere":
        move = 3.0
        boxes = [
            box_feature(a + move, b + move, township_id=i, name=i)
            for a, b, i in ((MIDDLE, EAST, "1"), (WEST, MIDDLE, "2"))
        ]
        write_geojson(mini / "townships.geojson", boxes)
    elif kind == "no_code":
        townships[["name", "geometry"]].to_file(mini / "townships.geojson")
    else:
        townships.to_file(mini / "townships.geojson")
        write_geojson(mini / "boundary.geojson", [])
    with pytest.raises(InputError) as caught:
        read_county(scenario(mini, data={"crs": declared}))
    wanted = {"no_prj": "crs_missing", "wrong_zone": "crs_wrong", "elsewhere": "townships_elsewhere",
              "empty_boundary": "geometry_wrong", "no_code": "column_missing"}  # fmt: skip
    assert codes(caught.value) == [wanted[kind]]
