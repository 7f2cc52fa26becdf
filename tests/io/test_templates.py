from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layout_planner.columns import ENROLMENT, PROJECTS, SCHOOLS, VILLAGES, Column, Table, label
from layout_planner.errors import InputError, OutputError, Severity
from layout_planner.io.loaded import as_series
from layout_planner.io.tables import load_table
from layout_planner.io.templates import CHOICES, TEMPLATES, current_tables, write_template
from layout_planner.io.words import settle_project_words, settle_words

HAN = st.text("东西南北青石白水云岭松坪０１（）a1 ·", max_size=6)
NAMES = HAN.map(lambda t: f"柳{t}校".strip())


def cells(column: Column) -> st.SearchStrategy[object]:
    if column.kind == "id":
        return st.integers(0, 10**9).map(lambda n: f"{n:010d}")
    if column.name in CHOICES and column.kind == "text":
        return st.sampled_from(sorted(CHOICES[column.name]))
    if column.kind == "text":
        return NAMES
    if column.kind == "bool":
        return st.booleans()
    if column.kind == "share":
        return st.integers(0, 1000).map(lambda n: n / 1000)
    if column.name in ("lon", "lat"):
        return st.integers(-(10**9), 10**9).map(lambda n: n / 10**6)
    if column.kind == "int":
        low, high = (2000, 2100) if "year" in column.name else (1, 9) if "grade_" in column.name else (0, 10**6)
        return st.integers(low, high)
    return st.integers(0, 10**9).map(lambda n: n / 1000)


@st.composite
def frames(draw: st.DrawFn, table: Table) -> pd.DataFrame:
    count = draw(st.integers(0, 4))
    rows = list(range(2, count + 2))
    columns = {}
    for column in table:
        if column.required or column.name in ("name", "status") or column.name == "groups_counted":
            values = draw(st.lists(cells(column), min_size=count, max_size=count))
        else:
            nothing = st.just("" if column.kind in ("id", "text") else None)
            values = draw(st.lists(st.one_of(nothing, cells(column)), min_size=count, max_size=count))
        columns[column.name] = as_series(column, values, rows)
    frame = pd.DataFrame(columns, index=pd.Index(rows, dtype="int64", name="row"))
    return frame.drop_duplicates(table.columns[0].name) if table is not ENROLMENT else frame


def read_back(path: Path, table: Table) -> pd.DataFrame:
    loaded = load_table(path, table)
    if table is SCHOOLS:
        settle_words(loaded)
    if table is PROJECTS:
        settle_project_words(loaded)
    assert [f.render() for f in loaded.flaws if f.severity is not Severity.NOTE and f.code != "code_repeated"] == []
    return loaded.frame


@pytest.mark.parametrize("lang", ["zh", "en"])
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_written_into_a_template_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, lang: str, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("templates")
    for name, tables in TEMPLATES.items():
        given_frames = {table.name: data.draw(frames(table)) for table in tables}
        path = write_template(name, folder, given_frames, lang=lang)
        for table in tables:
            frame = given_frames[table.name]
            frame.index = pd.RangeIndex(2, len(frame) + 2, name="row").astype("int64")
            expected = frame
            if "groups_counted" in frame:
                words = frame["groups_counted"].map(lambda code: CHOICES["groups_counted"][code].zh)
                expected = frame.assign(groups_counted=words.astype("str"))
            pd.testing.assert_frame_equal(read_back(path, table), expected, check_index_type=False)


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_empty_template_reads_as_an_empty_table_without_a_word(tmp_path: Path, name: str) -> None:
    path = write_template(name, tmp_path)
    assert path == tmp_path / f"{name}.xlsx"
    for table in TEMPLATES[name]:
        loaded = load_table(path, table)
        assert (loaded.flaws, len(loaded.frame), set(loaded.places)) == ([], 0, set(table.names))


def test_the_sheet_to_fill_in_guides_the_hand(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_template("schools", tmp_path / "学校.xlsx", lang="zh"))
    assert book.sheetnames == ["学校基本情况", "历年在校生", "填写说明"]
    page = book["学校基本情况"]
    heads = [cell.value for cell in page[1]]
    assert heads[:3] == ["*学校代码", "*学校名称", "*学校类别"]
    assert page.freeze_panes == "C2"
    assert page.column_dimensions["A"].width > 8
    assert book["学校基本情况"]["A1"].comment.text.startswith("必填")
    rules = {str(v.sqref).split(":")[0]: v for v in page.data_validations.dataValidation}
    wanted = ("*学校类别", "办学状态", "普通教室数（间）", "*经度（°）")
    at = {name: page.cell(2, heads.index(name) + 1).coordinate for name in wanted}
    assert rules[at["*学校类别"]].formula1 == '"教学点,村小,中心小学,城镇小学,初中,九年一贯制学校"'
    assert rules[at["办学状态"]].formula1 == '"在办,停办,拟建"'
    whole = rules[at["普通教室数（间）"]]
    assert (whole.type, whole.operator, whole.formula1) == ("whole", "greaterThanOrEqual", "0")
    lon = rules[at["*经度（°）"]]
    assert (lon.type, lon.formula1, lon.formula2, lon.errorStyle) == ("decimal", "73", "136", "warning")
    formats = {c: page.column_dimensions[c].number_format for c in "AB"}
    assert set(formats.values()) == {"@"}


def test_only_the_key_of_a_table_is_said_to_be_unique(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_template("schools", tmp_path, lang="zh"))
    rules = [(row[0].value, "不重复" in str(row[3].value)) for row in book["填写说明"].iter_rows(min_row=6)]
    codes = [unique for head, unique in rules if head in ("学校代码", "乡镇代码")]
    assert codes == [True, False, False]  # the schools' own code, their township's, and the code of each year


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_notes_explain_every_column(tmp_path: Path, name: str) -> None:
    book = openpyxl.load_workbook(write_template(name, tmp_path, lang="zh"))
    explained = {str(row[0].value) for row in book["填写说明"].iter_rows()}
    for table in TEMPLATES[name]:
        assert {c.zh for c in table} <= explained
        assert [cell.value for cell in book[table.zh][1]] == [f"*{label(c)}" if c.required else label(c) for c in table]


def test_a_template_is_never_written_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.xlsx"
    path.write_bytes(b"mine")
    with pytest.raises(OutputError, match="不覆盖"):
        write_template("villages", path)
    assert path.read_bytes() == b"mine"
    with pytest.raises(OutputError, match=r"\.xlsx"):
        write_template("villages", tmp_path / "v.csv")
    with pytest.raises(InputError, match="schools、villages、projects"):
        write_template("roads", tmp_path)


def test_a_template_can_start_from_the_tables_in_use(mini: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "s.yaml"
    scenario.write_text(f"name: 试\ndata: {{folder: '{mini.as_posix()}'}}\n", encoding="utf-8")
    filled, flaws = current_tables("schools", scenario)
    assert [f for f in flaws if f.severity is not Severity.NOTE] == []
    path = write_template("schools", tmp_path / "again.xlsx", filled)
    pd.testing.assert_frame_equal(read_back(path, SCHOOLS), filled["schools"])
    filled, _ = current_tables("villages", scenario)
    path = write_template("villages", tmp_path / "villages.xlsx", filled)
    pd.testing.assert_frame_equal(read_back(path, VILLAGES), filled["villages"])
    with pytest.raises(InputError, match=r"data\.projects"):
        current_tables("projects", scenario)
