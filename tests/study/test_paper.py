"""Sentences, table, figure and files of a study of the small county."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from layout_planner.study import EnrolmentStudy, Settings, enrolment_study, straight_line_plan
from layout_planner.study.headline import share_of
from layout_planner.study.paper import paper_table, to_latex, to_markdown, write_study_workbook
from layout_planner.study.words import conclusions
from tests import small_county
from tests.study.test_reasons import ROWS, study

PUPILS = sum(row[3] for row in ROWS)


@pytest.fixture(scope="module")
def found() -> EnrolmentStudy:
    return study()


def test_sentences_say_the_numbers_of_the_tables_in_both_languages(found: EnrolmentStudy) -> None:
    said = conclusions(found)
    near, past = f"{(PUPILS - 32) / PUPILS:.1%}", f"{32 / PUPILS:.1%}"
    assert near in said[0].zh
    assert near.replace("%", " %") in said[0].en
    assert said[1].zh == f"越过最近学校的有{past}，其中：未能解释（择校等） 62%、最近学校无此年级 38%。"
    assert f"{20 / PUPILS:.1%}" in said[2].zh
    assert "违规" in said[-1].zh
    assert all(text.zh and text.en and "nan" not in text.zh + text.en for text in said)


def test_intervals_are_said_where_homes_were_drawn() -> None:
    county, times, scenario = small_county.county(), small_county.times(), small_county.scenario()
    plan = straight_line_plan(county, times, scenario)
    drawn = enrolment_study(county, times, scenario, plan, urban=["T1"], settings=Settings(draws=20))
    said = " ".join(text.zh for text in conclusions(drawn))
    assert "95% 区间" in said
    assert "城镇为" in said


def test_nobody_past_the_nearest_school_is_said_so() -> None:
    assert conclusions(study([("V1", "S1", "G1-3", 5)]))[1].en == "Nobody goes past the nearest school."
    assert conclusions(study([]))[0].en == "There are no pupils to study."


def test_the_table_leaves_out_reasons_that_nobody_has(found: EnrolmentStudy) -> None:
    table = paper_table(found, "en")
    assert list(table.index) == ["All pupils", "G1-3", "G4-6", "G7-9"]
    assert "Season" not in table
    assert table.loc["All pupils", "Unexplained (%)"] == f"{2000 / PUPILS:.1f}"
    assert table.loc["G4-6", "No grade"] == f"{1200 / 102:.1f}"
    assert "柳镇" in paper_table(found, townships=True).index


def test_tables_are_written_for_latex_and_markdown(found: EnrolmentStudy) -> None:
    table = paper_table(found, "en")
    latex, markdown = to_latex(table, "50 % of all", "tab:x"), to_markdown(table)
    assert r"\caption{50 \% of all}" in latex
    assert latex.count(r"\\") == len(table) + 1
    assert len(markdown.splitlines()) == len(table) + 2
    assert {line.count("|") for line in markdown.splitlines()} == {len(table.columns) + 2}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_files_are_written(found: EnrolmentStudy, tmp_path: Path, lang: str) -> None:
    paths = found.write(tmp_path, lang)
    assert [path.name for path in paths] == [
        "study.xlsx", "table.tex", "table.md", "figure.png", "figure.pdf", "conclusions.md"
    ]  # fmt: skip
    assert all(path.stat().st_size > 100 for path in paths)
    sheets = pd.read_excel(paths[0], sheet_name=None, engine="calamine")
    assert len(sheets) == 5
    cells = sheets["就读流向" if lang == "zh" else "Enrolment flows"].astype(str).to_numpy()
    assert ("最近学校无此年级" if lang == "zh" else "nearest lacks the grade") in cells
    assert not {"grade", "choice"} & set(cells.ravel().tolist())


def test_intervals_of_shares_are_shown_as_percentages(found: EnrolmentStudy, tmp_path: Path) -> None:
    write_study_workbook(found, tmp_path / "study.xlsx", "en")
    page = openpyxl.load_workbook(tmp_path / "study.xlsx")["Headline results"]
    row = next(row for row in page.iter_rows() if row[0].value == "past_share")
    assert {cell.number_format for cell in row[2:5]} == {"0.0%"}


def test_a_straight_line_plan_sends_everybody_to_the_nearest_in_the_air() -> None:
    county, times, scenario = small_county.county(), small_county.times(), small_county.scenario()
    plan = straight_line_plan(county, times, scenario)
    rows = plan.assignment.set_index(["demand_id", "band"])["school_id"]
    assert rows["D2", "G1-3"] == "S2"  # 1,000 m against 3,000 m
    assert rows["D3", "G4-6"] == "S2"
    assert plan.assignment["pupils"].sum() == pytest.approx(sum(map(sum, small_county.PUPILS.values())))
    found = enrolment_study(county, times, scenario, plan, settings=Settings(draws=0))
    assert share_of(found.measures, "choice_share")[0] == 0.0
