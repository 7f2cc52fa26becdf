"""One table on several sheets, one a township: read as one, with findings that name sheet and row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from layout_planner.columns import SCHOOLS, VILLAGES
from layout_planner.config.scenario import Scenario
from layout_planner.errors import InputError, Severity
from layout_planner.io.loaded import Loaded
from layout_planner.io.read import read_county, survey_county
from layout_planner.io.spread import township_in
from layout_planner.io.tables import load_table

from .conftest import SCHOOL_HEADER, VILLAGE_HEADER, write_xlsx
from .conftest import SCHOOLS as ROWS
from .conftest import VILLAGES as VILLAGE_ROWS

NO_TOWNSHIP = [SCHOOL_HEADER[:3] + SCHOOL_HEADER[4:], *(row[:3] + row[4:] for row in ROWS)]
EAST, WEST = [NO_TOWNSHIP[0], *NO_TOWNSHIP[1:3]], [NO_TOWNSHIP[0], *NO_TOWNSHIP[3:]]


def told(loaded: Loaded) -> list[tuple[str, str, int | None, Severity]]:
    return [(f.code, f.sheet, f.row, f.severity) for f in loaded.shortened()]


def test_sheets_named_for_townships_are_read_as_one_table(tmp_path: Path) -> None:
    loaded = load_table(write_xlsx(tmp_path / "s.xlsx", {"东镇": EAST, "西乡": WEST}), SCHOOLS)
    assert list(loaded.frame["school_id"]) == [row[0] for row in ROWS]
    assert list(loaded.frame["township"]) == ["东镇"] * 2 + ["西乡"] * 4
    assert told(loaded) == [("sheets_joined", "东镇、西乡", None, Severity.NOTE)]
    assert "东镇 2 行、西乡 4 行" in loaded.flaws[0].what.zh


def test_a_cell_of_a_joined_sheet_is_named_by_its_own_sheet_row_and_address(tmp_path: Path) -> None:
    west = [["西乡学校表"], WEST[0], *WEST[1:]]
    west[3] = [*west[3][:5], "三间", *west[3][6:]]
    loaded = load_table(write_xlsx(tmp_path / "s.xlsx", {"东镇": EAST, "西乡": west}), SCHOOLS)
    [flaw] = [f for f in loaded.shortened() if f.severity is Severity.ERROR]
    assert (flaw.sheet, flaw.row, flaw.column) == ("西乡", 4, "普通教室数（间）")
    row = int(loaded.frame.index[loaded.frame["school_id"] == "0990101005"][0])
    cell = loaded.cell(row, "name")
    assert (cell.sheet, cell.row, cell.address, cell.value) == ("西乡", 5, "B5", "西乡中心小学")


def test_a_code_on_two_sheets_is_an_error_that_names_both(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", {"东镇": EAST, "西乡": [*WEST, EAST[1]]})
    [flaw] = [f for f in load_table(path, SCHOOLS).flaws if f.code == "code_repeated"]
    assert (flaw.sheet, flaw.row, flaw.what.zh) == ("西乡", 6, "代码“0990101001”与工作表“东镇”第 2 行重复")


def test_no_township_is_left_out_because_its_header_is_faulty(tmp_path: Path) -> None:
    west = [["学校代码", "学校名称", "类", "经度", "纬度"], ["0990101003", "柳树教学点", "教学点", 110.71, 32.12]]
    loaded = load_table(write_xlsx(tmp_path / "a.xlsx", {"东镇": EAST, "西乡": west}), SCHOOLS)
    assert ("column_missing", "西乡", 1, Severity.ERROR) in told(loaded)
    loaded = load_table(write_xlsx(tmp_path / "b.xlsx", {"东镇": EAST, "西乡": [["待报"]], "南乡": []}), SCHOOLS)
    assert ("header_missing", "西乡", None, Severity.ERROR) in told(loaded)


def test_a_column_that_only_some_sheets_have_is_told(tmp_path: Path) -> None:
    loaded = load_table(write_xlsx(tmp_path / "s.xlsx", {"东镇": EAST, "西乡": [r[:6] for r in WEST]}), SCHOOLS)
    [seats, pupils] = [f for f in loaded.flaws if f.code == "column_some_sheets"]
    assert ("西乡" in seats.what.zh, seats.column, pupils.column) == (True, "核定学位数（人）", "一年级在校生（人）")


def test_a_summary_that_holds_every_code_again_is_used_alone(tmp_path: Path) -> None:
    sheets = {"东镇": EAST, "西乡": WEST, "汇总": NO_TOWNSHIP}
    loaded = load_table(write_xlsx(tmp_path / "s.xlsx", sheets), SCHOOLS)
    assert (len(loaded.frame), told(loaded)) == (6, [("sheet_ambiguous", "汇总", None, Severity.WARNING)])
    sheets["汇总"] = NO_TOWNSHIP[:-1]
    assert told(load_table(write_xlsx(tmp_path / "t.xlsx", sheets), SCHOOLS))[0][3] is Severity.ERROR


def test_sheets_of_schools_and_of_villages_in_one_workbook_keep_apart(tmp_path: Path) -> None:
    east, west = ([VILLAGE_HEADER, *rows] for rows in (VILLAGE_ROWS[:2], VILLAGE_ROWS[2:]))
    sheets = {"东镇学校": EAST, "东镇各村": east, "西乡学校": WEST, "西乡各村": west}
    path = write_xlsx(tmp_path / "s.xlsx", sheets)
    assert [len(load_table(path, table).frame) for table in (SCHOOLS, VILLAGES)] == [6, 4]
    assert all(f.severity is Severity.NOTE for t in (SCHOOLS, VILLAGES) for f in load_table(path, t).flaws)


def test_bare_names_count_as_townships_where_a_column_says_the_same(tmp_path: Path) -> None:
    def named(rows: list[list[object]], township: str) -> list[list[object]]:
        return [[*rows[0], "所属乡镇"], *([*row, township] for row in rows[1:])]

    sheets = {"城关": named(EAST, "城关镇"), "柳林": named(WEST, "柳林乡")}
    loaded = load_table(write_xlsx(tmp_path / "s.xlsx", sheets), SCHOOLS)
    assert list(loaded.frame["township"]) == ["城关镇"] * 2 + ["柳林乡"] * 4


@pytest.mark.parametrize(
    ("sheet", "township"),
    [
        ("一、城关镇", "城关镇"),
        ("02石桥乡", "石桥乡"),
        ("（3）桥头街道办事处", "桥头街道办事处"),
        ("十家堡镇中心校", "十家堡镇"),
        ("镇安镇", "镇安镇"),
        ("福利中心校", ""),
        ("小学", ""),
        ("2024", None),
        ("停办学校", None),
        ("Sheet1", None),
    ],
)
def test_names_of_sheets_that_are_parts_of_a_county(sheet: str, township: str | None) -> None:
    assert township_in(sheet) == township


def test_a_county_with_sheets_by_township_reads_like_one_with_a_single_table(
    mini: Path, scenario: Callable[..., Scenario]
) -> None:
    whole = read_county(scenario(mini)).schools
    write_xlsx(mini / "schools.xlsx", {"东镇": EAST, "西乡": WEST})
    spread = read_county(scenario(mini)).schools
    assert spread.drop(columns="geometry").equals(whole.drop(columns="geometry"))
    assert spread.geometry.geom_equals(whole.geometry).all()
    assert ("schools", "东镇、西乡", 6) in [(t.role, t.sheet, t.records) for t in survey_county(scenario(mini)).tables]


def test_findings_of_the_county_name_the_sheet(mini: Path, scenario: Callable[..., Scenario]) -> None:
    west = [*WEST[:-1], [*WEST[-1][:3], 111.9, *WEST[-1][4:]]]
    write_xlsx(mini / "schools.xlsx", {"东镇": EAST, "西乡": west})
    with pytest.raises(InputError) as caught:
        read_county(scenario(mini))
    assert ("西乡", 5) in [(f.sheet, f.row) for f in caught.value.flaws if f.severity is Severity.ERROR]
