"""Enrolment by village: every form it comes in, and every row that cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layout_planner.errors import InputError
from layout_planner.io.templates import write_template
from layout_planner.io.village_enrolment import VillageEnrolment, read_village_enrolment
from tests import small_county


def read(folder: Path, text: str) -> VillageEnrolment:
    path = folder / "就读.csv"
    path.write_text(text, encoding="utf-8")
    villages = small_county.county().villages
    villages["name"] = ["东村", "西村", "西村"]
    schools = small_county.schools_frame().assign(enrolment=0)
    schools.loc[schools["school_id"] == "S1", "enrolment"] = 60
    return read_village_enrolment(path, villages, schools)


def rows(found: VillageEnrolment) -> list[tuple[object, ...]]:
    return list(found.frame.itertuples(index=False, name=None))


def codes(caught: pytest.ExceptionInfo[InputError]) -> list[tuple[str, int | None, str]]:
    return [(flaw.code, flaw.row, flaw.column) for flaw in caught.value.flaws]


def test_grades_in_rows_are_added_up_to_bands(tmp_path: Path) -> None:
    found = read(tmp_path, "村代码,学校代码,年级,人数\nV1,S1,一年级,3\nV1,S1,3年级,4\nV1,S1,4-6年级,5\n")
    assert [row[:4] for row in rows(found)] == [("V1", "S1", "G1-3", 7.0), ("V1", "S1", "G4-6", 5.0)]
    assert found.frame["boarders"].isna().all()


def test_bands_may_stand_side_by_side_and_names_do_where_they_are_unique(tmp_path: Path) -> None:
    text = "村名,就读学校,1—3年级学生数（人）,4—6年级学生数（人）,其中寄宿生（人）\n东村,东村小学,30,20,8\n"
    assert rows(read(tmp_path, text)) == [("V1", "S1", "G1-3", 30.0, 0.0), ("V1", "S1", "G4-6", 20.0, 8.0)]


def test_every_row_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    text = (
        "村代码,村名,学校代码,年级,人数,寄宿生\n"
        "V1,,S1,一年级,3,\nV9,,S1,一年级,3,\n,西村,S1,一年级,3,\nV1,,S9,一年级,3,\nV1,,,一年级,3,\n"
        "V1,,S1,小学,3,\nV1,,S1,一年级,,\nV1,,S2,四年级,3,4\n"
    )
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert codes(caught) == [
        ("unknown_village", 3, "村代码"), ("unknown_village", 4, "村名"), ("unknown_school", 5, "学校代码"),
        ("unknown_school", 6, "学校名称"), ("grade_unknown", 7, "年级"), ("count_missing", 8, "人数"),
        ("boarders_exceed", 9, "寄宿生"),
    ]  # fmt: skip
    assert all(flaw.mend.zh and flaw.mend.en for flaw in caught.value.flaws)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "村代码,村名,其中寄宿生\nV1,东村,3\n")
    assert [flaw.code for flaw in caught.value.flaws] == ["column_missing", "column_missing"]


def test_sums_by_school_are_set_beside_the_school_table(tmp_path: Path) -> None:
    found = read(tmp_path, "村代码,学校代码,年级,人数\nV1,S1,1-3年级,40\nV2,S1,4-6年级,10\nV3,S4,4-6年级,2\n")
    told = [(flaw.code, flaw.what.en) for flaw in found.flaws]
    assert ("enrolment_differs", "东村小学 (S1): 50 pupils by village, 60 in the school table") in told
    assert any(code == "school_unfit" and "西岭教学点" in said for code, said in told)


def test_villages_without_pupils_and_young_boarders_are_told(tmp_path: Path) -> None:
    found = read(tmp_path, "村代码,学校代码,年级,人数,寄宿生\nV1,S1,1-3年级,60,2\n")
    assert {flaw.code for flaw in found.flaws} == {"young_boarders", "villages_absent"}
    assert found.frame["boarders"].tolist() == [2.0]


def test_the_template_is_read_back(tmp_path: Path) -> None:
    path = write_template("village_enrolment", tmp_path / "village_enrolment.xlsx")
    schools = small_county.schools_frame().assign(enrolment=0)
    found = read_village_enrolment(path, small_county.county().villages, schools)
    assert found.frame.empty
    assert not np.isin("error", [flaw.severity for flaw in found.flaws])
