"""Contradictions inside a school table and between it and the enrolment table."""

from __future__ import annotations

import pandas as pd

from layout_planner.errors import Severity, Text
from layout_planner.grades import GRADES, Tier, grade_label
from layout_planner.io.tables import Loaded

__all__ = ["check_enrolment", "check_schools"]

_ENROL = [f"enrol_g{g}" for g in GRADES]
_LARGEST_CLASS = 100
_CHECK = Text("核对这几个数", "check these figures")


def check_schools(schools: Loaded) -> None:
    """Report rows that contradict themselves, and names and sites that stand twice."""
    for row, school in schools.frame.iterrows():
        _check_grades(schools, int(str(row)), school)
        _check_counts(schools, int(str(row)), school)
    _check_doubles(schools)


def _warn(schools: Loaded, code: str, zh: str, en: str, row: int, column: str, mend: Text = _CHECK) -> None:
    schools.report(code, Text(zh, en), mend, row=row, column=column, severity=Severity.WARNING)


def _check_grades(schools: Loaded, row: int, school: pd.Series) -> None:
    low, high = school["grade_from"], school["grade_to"]
    for column, grade in (("grade_from", low), ("grade_to", high)):
        if pd.notna(grade) and not 1 <= grade <= 9:
            what = Text(f"年级须在 1—9 之间，现为 {grade}", f"grades run from 1 to 9, found {grade}")
            schools.report("grade_range", what, Text("改为 1—9", "write 1 to 9"), row=row, column=column)
    if pd.notna(low) and pd.notna(high) and low > high:
        what = Text(f"起始年级 {low} 大于终止年级 {high}", f"the first grade {low} comes after the last, {high}")
        schools.report("grades_reversed", what, Text("两列对调", "swap them"), row=row, column="grade_from")
        return
    if not school["tier"]:
        return
    first, last = Tier(school["tier"]).default_grades
    first = int(low) if pd.notna(low) else first
    last = int(high) if pd.notna(high) else last
    for grade in GRADES:
        pupils = school[f"enrol_g{grade}"]
        if pd.notna(pupils) and pupils > 0 and not first <= grade <= last:
            zh = f"不开设{grade_label(grade)}（{first}—{last} 年级），却有 {pupils} 名学生"
            _warn(
                schools,
                "enrolment_outside_grades",
                zh,
                f"it teaches grades {first} to {last} but has {pupils} pupils in grade {grade}",
                row,
                f"enrol_g{grade}",
            )


def _check_counts(schools: Loaded, row: int, school: pd.Series) -> None:
    parts = school[_ENROL].dropna()
    total = school["enrolment"]
    pupils = total if pd.notna(total) else parts.sum()
    if len(parts) and pd.notna(total) and parts.sum() != total:
        zh = f"各年级之和 {parts.sum()} 与在校生总数 {total} 不符"
        _warn(
            schools, "parts_total", zh, f"the grades add up to {parts.sum()}, the total says {total}", row, "enrolment"
        )
    if school["status"] == "closed" and pupils > 0:
        _warn(
            schools,
            "closed_with_pupils",
            f"已停办，却有 {pupils} 名学生",
            f"it is closed but has {pupils} pupils",
            row,
            "status",
        )
    boarders, beds, classes = school["boarders"], school["beds"], school["classes"]
    if pd.notna(boarders) and pd.notna(beds) and boarders > beds:
        _warn(
            schools,
            "boarders_beds",
            f"寄宿生 {boarders} 多于床位 {beds}",
            f"{boarders} boarders in {beds} beds",
            row,
            "boarders",
        )
    if pd.notna(boarders) and pupils > 0 and boarders > pupils:
        _warn(
            schools,
            "boarders_pupils",
            f"寄宿生 {boarders} 多于在校生 {pupils}",
            f"{boarders} boarders among {pupils} pupils",
            row,
            "boarders",
        )
    if pd.notna(classes) and classes > 0 and pupils / classes > _LARGEST_CLASS:
        zh = f"平均每班 {pupils / classes:.0f} 人，不合常理"
        _warn(schools, "class_size_odd", zh, f"{pupils / classes:.0f} pupils a class is implausible", row, "classes")


def _check_doubles(schools: Loaded) -> None:
    frame = schools.frame
    for columns, code, column, zh, en in (
        (["name", "township_id", "township"], "name_repeated", "name", "校名和乡镇", "name and township"),
        (["lon", "lat"], "site_repeated", "lon", "坐标", "coordinates"),
    ):
        filled = frame[frame[columns[0]].notna() & (frame[columns[0]].astype("str") != "")]
        first: dict[tuple[object, ...], int] = {}
        for row, values in zip(filled.index, filled[columns].itertuples(index=False, name=None), strict=True):
            if values in first:
                mend = Text(
                    "是同一所学校就合并，不是就区别开", "merge them if they are one school, else tell them apart"
                )
                _warn(
                    schools,
                    code,
                    f"{zh}与第 {first[values]} 行相同",
                    f"same {en} as row {first[values]}",
                    int(row),
                    column,
                    mend,
                )
            else:
                first[values] = int(row)


def check_enrolment(enrolment: Loaded, school_ids: frozenset[str]) -> None:
    """Report rows of the enrolment table whose school is not in the school table."""
    for row, code in zip(enrolment.frame.index, enrolment.frame["school_id"], strict=True):
        if code and code not in school_ids and (row, "school_id") not in enrolment.bad:
            mend = Text("改正代码，或在学校表补上这所学校", "correct it, or add the school to the school table")
            _warn(
                enrolment,
                "school_unknown",
                f"学校代码“{code}”不在学校表里",
                f"the school code {code!r} is not in the school table",
                int(row),
                "school_id",
                mend,
            )
