"""Contradictions met in real school reports, and what the checks say of each; figures as they were published."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.columns import ENROLMENT, SCHOOLS, TEACHERS, VILLAGES, Table, label
from layout_planner.errors import Flaw
from layout_planner.io import checks
from layout_planner.io.checks.contradiction import Row
from layout_planner.io.checks.quantities import per_pupil
from layout_planner.io.grids import Grid
from layout_planner.io.headers import find_header
from layout_planner.io.loaded import Loaded
from layout_planner.io.tables import parse_grid
from layout_planner.io.words import settle_words

Record = Mapping[str, object]


def loaded(table: Table, *records: Record) -> Loaded:
    """Read records as a sheet would give them; the first stands in row 2."""
    names = [c.name for c in table if any(c.name in record for record in records)]
    rows = [[label(table[name]) for name in names], *([record.get(name) for name in names] for record in records)]
    grid = Grid("表.xlsx", table.zh, rows)
    header = find_header(rows, table)
    assert header is not None
    found = parse_grid(grid, header, table)
    found.flaws.clear()
    found.bad.clear()
    if table is SCHOOLS:
        settle_words(found)
    return found


def school(**facts: object) -> Record:
    return {"school_id": "0990101001", "name": "某校", "tier": "城镇小学", "lon": 110.5, "lat": 32.5} | facts


def said(table: Loaded) -> dict[tuple[str, str], Flaw]:
    return {(flaw.code, flaw.column): flaw for flaw in table.flaws}


def rows_said(**facts: object) -> dict[tuple[str, str], Flaw]:
    schools = loaded(SCHOOLS, school(**facts))
    checks.check_rows(schools)
    return said(schools)


FULI = {"name": "福利中心校", "tier": "中心小学", "enrolment": 928, "pupils_central": 431, "pupils_branches": 497,
        "kindergarten": 241, "branches": 5, "branch_names": "甲小、乙小、丙小、丁小、戊小、己小"}  # fmt: skip


def test_fuli_adds_up_but_names_six_schools_where_it_counts_five() -> None:
    found = rows_said(**FULI)
    assert [code for code, _ in found] == ["branches_named"]
    flaw = found["branches_named", "下属校点数（所）"]
    assert flaw.what.zh == "填 5 所下属校点，却列出 6 个校名"
    assert "6" in flaw.mend.zh
    assert [cell.value for cell in flaw.cells] == ["5", "甲小、乙小、丙小、丁小、戊小、己小"]
    assert flaw.subject == "福利中心校"


def test_a_wrong_total_of_fuli_is_mended_to_928() -> None:
    flaw = rows_said(**(FULI | {"enrolment": 982, "branches": 6}))["campus_total", "在校生总数（人）"]
    assert "在校生总数似应为 928" in flaw.mend.zh


def test_shijiabao_has_more_books_and_space_a_pupil_than_it_says_and_109_staff_on_the_list() -> None:
    schools = loaded(
        SCHOOLS,
        school(name="十家堡镇中心校", tier="中心小学", classes=37, enrolment=1394, site_m2=27_000, building_m2=9_250,
               books=47_800, staff=104, books_per_pupil=31, building_per_pupil=6.2),
    )  # fmt: skip
    roster = loaded(
        TEACHERS,
        {"name": "十家堡镇中心校", "school_id": "0990101001", "subject": "各科", "post": "专任教师", "count": 100},
        {"name": "十家堡镇中心校", "school_id": "0990101001", "subject": "无", "post": "工勤人员", "count": 9},
    )
    checks.check_rows(schools)
    checks.check_roster(schools, roster)
    found = said(schools)
    assert [code for code, _ in found] == ["per_pupil_differs", "per_pupil_differs", "roster_differs"]
    assert "应为 34.29" in found["per_pupil_differs", "生均图书册数（册/人）"].what.zh
    assert "应为 6.64" in found["per_pupil_differs", "生均校舍面积（平方米/人）"].what.zh
    assert found["roster_differs", "教职工数（人）"].what.zh == "教职工数填 104，教师名册却有 109 名教职工"


def test_jiefang_dalu_is_large_but_does_not_contradict_itself() -> None:
    assert not rows_said(
        name="解放大路小学", classes=60, enrolment=2464, staff=190, teachers=187, site_m2=11_333, building_m2=16_689,
        books=75_000, class_size=41.1, site_per_pupil=4.6, books_per_pupil=30.4,
    )  # fmt: skip


@pytest.mark.parametrize(("site", "building"), [(38_000, 3_559), (35_000, 13_363)])
def test_no_figure_per_pupil_of_the_full_primary_school_follows_from_its_totals(site: int, building: int) -> None:
    found = rows_said(
        name="某完小", classes=26, enrolment=1183, site_m2=site, building_m2=building, books=20_210,
        site_per_pupil=32.9, building_per_pupil=19.75, books_per_pupil=31,
    )  # fmt: skip
    assert [code for code, _ in found] == ["per_pupil_differs"] * 3
    assert "应为 17.08" in found["per_pupil_differs", "生均图书册数（册/人）"].what.zh
    assert "图书册数似应为 36,673" in found["per_pupil_differs", "生均图书册数（册/人）"].mend.zh


@given(pupils=st.integers(1, 5000), area=st.integers(1, 200_000), digits=st.integers(0, 2), cut=st.booleans())
def test_a_figure_rounded_or_cut_from_its_totals_is_never_doubted(
    pupils: int, area: int, digits: int, cut: bool
) -> None:
    exact = area / pupils
    stated = int(exact * 10**digits) / 10**digits if cut else round(exact, digits)
    row: Row = dict.fromkeys(SCHOOLS.names) | {"enrolment": pupils, "site_m2": float(area), "site_per_pupil": stated}
    assert not list(per_pupil(row))


@given(pupils=st.integers(1, 5000), area=st.integers(1, 200_000), wrong=st.floats(1.2, 10))
def test_a_figure_off_by_more_than_its_last_digit_can_hide_is_always_doubted(
    pupils: int, area: int, wrong: float
) -> None:
    stated = round(area / pupils * wrong + 2.0, 2)
    row: Row = dict.fromkeys(SCHOOLS.names) | {"enrolment": pupils, "site_m2": float(area), "site_per_pupil": stated}
    assert len(list(per_pupil(row))) == 1


def test_children_of_the_kindergarten_may_be_counted_in_a_figure_per_pupil() -> None:
    assert not rows_said(enrolment=928, kindergarten=241, books=23_380, books_per_pupil=20.0)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"enrolment": 100, "boys": 60, "girls": 50}, "sex_total"),
        ({"classes": 6, "classes_g1": 3, "classes_g2": 4}, "classes_total"),
        ({"enrolment": 90, "classes": 2, "class_size_max": 40}, "class_size_max"),
        ({"enrolment": 30, "classes": 2, "class_size_max": 45}, "class_size_max"),
        ({"enrolment": 0, "classes": 6}, "classes_without_pupils"),
        ({"enrolment": 5, "classes": 3}, "class_size_odd"),
        ({"enrolment": 90, "classes": 2, "class_size": 40}, "per_pupil_differs"),
        ({"status": "拟建", "enrolment": 90}, "planned_with_pupils"),
        ({"status": "停办", "boarders": 9}, "closed_with_boarders"),
        ({"status": "停办", "beds": 9}, "closed_with_beds"),
    ],
)
def test_each_contradiction_within_a_row_is_named(facts: dict[str, object], code: str) -> None:
    assert code in {name for name, _ in rows_said(**facts)}


def test_a_whole_column_in_another_unit_is_told_once() -> None:
    schools = loaded(
        SCHOOLS, *(school(school_id=f"099010100{k}", enrolment=500, equipment_yuan=110 + k) for k in range(6))
    )
    checks.check_units(schools)
    assert [(flaw.code, flaw.row) for flaw in schools.flaws] == [("unit_column", None)]


def history(*years: tuple[int, int, int, int]) -> Loaded:
    return loaded(
        ENROLMENT,
        *({"school_id": "0990101001", "year": y, "enrol_g1": a, "enrol_g2": b, "enrol_g3": c} for y, a, b, c in years),
    )


def test_a_cohort_that_grows_names_both_of_its_cells() -> None:
    enrolment = history((2023, 30, 30, 30), (2024, 30, 60, 30))
    checks.check_years(enrolment, loaded(SCHOOLS, school()))
    flaw = said(enrolment)["cohort_grows", "二年级在校生（人）"]
    assert [(cell.row, cell.value) for cell in flaw.cells] == [(3, "60"), (3, "2024"), (2, "30")]


def test_a_school_that_lost_its_latest_year_is_told_unless_it_is_closed() -> None:
    enrolment = loaded(
        ENROLMENT,
        *({"school_id": code, "year": year, "enrol_g1": 9} for code, year in (("1", 2023), ("1", 2024), ("2", 2023))),
    )
    checks.check_years(enrolment, loaded(SCHOOLS, school(school_id="1"), school(school_id="2")))
    assert [(flaw.code, flaw.row) for flaw in enrolment.flaws] == [("year_gap", 4)]


def test_a_list_of_teachers_may_have_one_row_a_teacher(tmp_path: Path) -> None:
    schools = loaded(SCHOOLS, school(teachers=3))
    checks.check_roster(schools, loaded(TEACHERS, *({"school_id": "0990101001", "subject": s} for s in "语数英")))
    assert not schools.flaws


def test_villages_with_many_pupils_and_few_people_are_told() -> None:
    villages = loaded(
        VILLAGES,
        {"village_id": "1", "name": "甲村", "lon": 110.5, "lat": 32.5, "people": 50, "pupils_g1_3": 40},
        {"village_id": "2", "name": "乙村", "lon": 110.6, "lat": 32.5, "people": 500, "pupils_g1_3": 40},
    )
    checks.check_villages(villages)
    assert [(flaw.code, flaw.row) for flaw in villages.flaws] == [("pupils_people", 2)]
