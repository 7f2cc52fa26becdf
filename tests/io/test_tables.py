from __future__ import annotations

import csv
import io
import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layout_planner.columns import ENROLMENT, SCHOOLS, VILLAGES, Column
from layout_planner.errors import Flaw, Severity
from layout_planner.io.cells import to_id, to_number
from layout_planner.io.grids import decode_text
from layout_planner.io.tables import find_sheet, read_table

from .conftest import SCHOOL_HEADER, VILLAGE_HEADER, write_csv, write_xlsx
from .conftest import SCHOOLS as ROWS
from .conftest import VILLAGES as VILLAGE_ROWS

WIDE = str.maketrans(string.digits, "０１２３４５６７８９")


def codes(flaws: list[Flaw], severity: Severity | None = Severity.ERROR) -> list[str]:
    return [f.code for f in flaws if severity is None or f.severity is severity]


def edited(row: int, column: str, value: object) -> list[list[object]]:
    """The clean school table with one cell changed; ``row`` counts from 1 as in the sheet."""
    rows = [list(SCHOOL_HEADER), *[list(r) for r in ROWS]]
    rows[row - 1][SCHOOL_HEADER.index(column)] = value
    return rows


def test_a_clean_workbook_reads_without_a_word(tmp_path: Path) -> None:
    frame, flaws = read_table(write_xlsx(tmp_path / "s.xlsx", {"学校基本情况": [SCHOOL_HEADER, *ROWS]}), SCHOOLS)
    assert flaws == []
    assert list(frame.columns) == list(SCHOOLS.names)
    assert frame["school_id"].tolist() == [r[0] for r in ROWS]
    assert frame["seats"].isna().tolist() == [False, False, True, False, False, True]
    assert frame.index.tolist() == [2, 3, 4, 5, 6, 7]
    assert frame["rooms"].dtype == "Int64"


def test_titles_merged_headers_units_wide_digits_blank_and_total_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["某县学校基本情况统计表"],
        ["填报日期：2025年9月"],
        ["学校", None, "类别", "位置", None, "校舍 建筑面积 (万平方米)", "在校生", None],
        ["代码", "名称", None, "东经", "北 纬", None, "合计", "一年级"],
        ["0990101001", "东镇中心小学", "中心小学", 110.76, 32.15, 0.5, "１，０６０", "６０".translate(WIDE)],
        [None] * 8,
        ["0990101002", "东镇初中", "初中", "110°46′12″", "32.15", None, 450.0, None],
        ["合计", None, None, None, None, 0.5, 1510, 60],
        ["注：数据截至9月1日"],
    ]
    frame, flaws = read_table(write_xlsx(tmp_path / "s.xlsx", {"Sheet1": rows}), SCHOOLS)
    assert codes(flaws) == []
    assert [(f.code, f.row) for f in flaws] == [("row_blank", 6), ("row_total", 8), ("row_note", 9)]
    assert frame["enrolment"].tolist() == [1060, 450]
    assert frame["enrol_g1"].iloc[0] == 60
    assert frame["building_m2"].iloc[0] == 5000.0
    assert frame["lon"].iloc[1] == pytest.approx(110.77)
    assert frame.index.tolist() == [5, 7]


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("一年级在校生（人）", "约三十", "not_a_number"),
        ("一年级在校生（人）", "35①", "not_a_number"),
        ("普通教室数（间）", "12²间", "not_a_number"),
        ("学校代码", "0990101003①", "code_mark"),
        ("一年级在校生（人）", 30.5, "not_whole"),
        ("核定学位数（人）", -5, "negative"),
        ("学校代码", "0990101001", "code_repeated"),
        ("学校代码", "9.90E+08", "code_scientific"),
        ("学校代码", 990101003, "code_lost_zero"),
        ("学校代码", None, "value_missing"),
        ("学校名称", None, "value_missing"),
        ("普通教室数（间）", 1e300, "too_large"),
        ("普通教室数（间）", True, "not_a_number"),
    ],
)
def test_each_mistake_is_named_with_its_place(tmp_path: Path, column: str, value: object, code: str) -> None:
    path = write_xlsx(tmp_path / "s.xlsx", {"学校基本情况": edited(4, column, value)})
    _, flaws = read_table(path, SCHOOLS)
    assert codes(flaws) == [code]
    assert (flaws[0].file, flaws[0].sheet, flaws[0].row, flaws[0].column) == ("s.xlsx", "学校基本情况", 4, column)


def test_a_lost_zero_names_the_likely_code(tmp_path: Path) -> None:
    _, flaws = read_table(write_csv(tmp_path / "s.csv", edited(4, "学校代码", "990101003")), SCHOOLS)
    assert codes(flaws) == ["code_lost_zero"]
    assert "0990101003" in flaws[0].mend.zh


def test_codes_numbered_from_one_have_lost_nothing(tmp_path: Path) -> None:
    rows: list[list[object]] = [VILLAGE_HEADER, *[[i, f"村{i}", "", 110.7, 32.1] for i in range(1, 1300)]]
    frame, flaws = read_table(write_xlsx(tmp_path / "v.xlsx", {"村表": rows}), VILLAGES)
    assert flaws == []
    assert frame["village_id"].iloc[41] == "42"


def test_missing_columns_ask_did_you_mean(tmp_path: Path) -> None:
    rows = edited(1, "学校类别", "学校类别名")
    _, flaws = read_table(write_xlsx(tmp_path / "s.xlsx", {"a": rows}), SCHOOLS)
    assert codes(flaws) == ["column_missing"]
    assert "学校类别名" in flaws[0].mend.zh


def test_the_best_sheet_is_taken_and_another_on_request(tmp_path: Path) -> None:
    enrolment = [
        ["学校代码", "学校名称", "学年", "一年级", "二年级"],
        ["0990101001", "东镇中心小学", "2024-2025学年", 60, 58],
    ]
    path = write_xlsx(
        tmp_path / "s.xlsx", {"说明": [["说明"]], "历年在校生": enrolment, "学校基本情况": [SCHOOL_HEADER, *ROWS]}
    )
    assert len(read_table(path, SCHOOLS)[0]) == 6
    assert find_sheet(path, ENROLMENT) == "历年在校生"
    frame, flaws = read_table(path, ENROLMENT, sheet="历年在校生")
    assert (flaws, frame["year"].tolist()) == ([], [2024])
    assert codes(read_table(path, SCHOOLS, sheet="没有")[1]) == ["sheet_missing"]
    assert codes(read_table(path, ENROLMENT, sheet="说明")[1]) == ["header_missing"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_tables_in_every_encoding_and_delimiter(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([VILLAGE_HEADER, *VILLAGE_ROWS])
    path = tmp_path / "v.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    frame, flaws = read_table(path, VILLAGES)
    assert codes(flaws) == []
    assert frame["name"].tolist() == [r[1] for r in VILLAGE_ROWS]
    assert ("encoding_gb18030" in codes(flaws, None)) == (encoding == "gb18030")


def test_short_gbk_texts_that_are_also_utf8_are_chinese() -> None:
    for word in ("校", "学校", "学位", "小学"):
        assert decode_text(word.encode("gbk")) == (word, "gb18030")
        assert decode_text(word.encode("utf-8")) == (word, "utf-8")
    assert decode_text("Küche,é".encode()) == ("Küche,é", "utf-8")


def test_a_file_that_is_no_workbook_is_a_flaw(tmp_path: Path) -> None:
    broken = tmp_path / "s.xlsx"
    broken.write_bytes(b"PK\x03\x04 broken")
    assert codes(read_table(broken, SCHOOLS)[1]) == ["file_unreadable"]
    assert codes(read_table(tmp_path / "none.xlsx", SCHOOLS)[1]) == ["file_missing"]
    assert codes(read_table(tmp_path / "x.docx", SCHOOLS)[1]) == ["file_missing"]
    empty = tmp_path / "e.csv"
    empty.write_bytes(b"")
    assert codes(read_table(empty, SCHOOLS)[1]) == ["header_missing"]


def test_many_equal_flaws_are_counted_not_listed(tmp_path: Path) -> None:
    rows = [VILLAGE_HEADER, *[[f"9901011010{i:02d}", f"村{i}", "", "x", 32.1] for i in range(60)]]
    _, flaws = read_table(write_xlsx(tmp_path / "v.xlsx", {"村表": rows}), VILLAGES)
    assert len(flaws) == 13
    assert "48" in flaws[-1].what.zh


def test_numbers_and_ids_are_read_as_people_write_them() -> None:
    assert to_number("１,２３４", "int") == (1234.0, "")
    assert to_number("85%", "share") == (0.85, "")
    assert to_number("—", "int") == (None, "")
    assert to_number("-51.2", "float", signed=True) == (-51.2, "")
    assert to_number("nan", "float") == (None, "")
    assert to_number("1e999", "float") == (None, "too_large")
    assert to_id(1234.0) == ("1234", "")
    assert to_id("1234.0") == ("1234", "")
    assert to_id("'0123") == ("0123", "")


CELLS = st.one_of(st.none(), st.text(max_size=12), st.integers(-(10**20), 10**20), st.floats(), st.booleans())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=12), min_size=9, max_size=9), max_size=6))
def test_any_text_gives_flaws_or_sound_values_never_a_traceback(tmp_path: Path, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([SCHOOL_HEADER, *rows])
    path = tmp_path / "fuzz.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    frame, flaws = read_table(path, SCHOOLS)
    assert all(f.file == "fuzz.csv" for f in flaws)
    for column in SCHOOLS:
        check_sound(frame[column.name].dropna().to_numpy(dtype=object), column)


def check_sound(values: np.ndarray, column: Column) -> None:
    if column.kind in ("id", "text"):
        assert all(isinstance(v, str) for v in values)
    elif column.name not in ("lon", "lat"):
        assert all(np.isfinite(v) and v >= 0 for v in values)


@settings(max_examples=200, deadline=None)
@given(CELLS)
def test_a_cell_is_a_number_or_a_problem(cell: object) -> None:
    for kind in ("int", "float", "share"):
        number, problem = to_number(cell, kind)  # type: ignore[arg-type]
        assert number is None or problem == ""
        assert number is None or number >= 0
    text, _ = to_id(cell)
    assert isinstance(text, str)


@given(st.integers(0, 10**11))
def test_whole_numbers_survive_every_spelling(number: int) -> None:
    for spelling in (number, float(number), str(number), f"{number:,}", str(number).translate(WIDE), f" {number} "):
        assert to_number(spelling, "int") == (float(number), "")


def test_titles_and_notes_of_one_cell_do_not_hide_the_delimiter(tmp_path: Path) -> None:
    lines = [
        "某县统计表",
        "",
        "填报日期：2025年9月",
        "\t".join(VILLAGE_HEADER),
        *["\t".join(map(str, VILLAGE_ROWS[0]))],
        "注：无",
    ]
    (tmp_path / "v.txt").write_text("\n".join(lines), encoding="utf-8")
    frame, flaws = read_table(tmp_path / "v.txt", VILLAGES)
    assert codes(flaws) == []
    assert frame["village_id"].tolist() == [VILLAGE_ROWS[0][0]]


def test_a_year_with_a_footnote_is_no_year(tmp_path: Path) -> None:
    rows = [["学校代码", "学年", "一年级"], ["0990101001", "202⁵", 60]]
    _, flaws = read_table(write_xlsx(tmp_path / "e.xlsx", {"历年在校生": rows}), ENROLMENT)
    assert codes(flaws) == ["not_a_number"]
