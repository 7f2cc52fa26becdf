"""Township totals from a table of their own (乡镇, 年级 or 年龄, 人数), joined to the layer by code or name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layout_planner.columns import CHILDREN_BY_AGE
from layout_planner.errors import Severity, Text
from layout_planner.grades import GRADE_PUPILS, GRADES, GradeBand
from layout_planner.io.cells import fold
from layout_planner.io.loaded import Loaded
from layout_planner.io.places import township_names

__all__ = ["add_township_pupils", "place_of_grade"]

Floats = npt.NDArray[np.float64]

_BANDS = tuple(GradeBand)
_PUPILS = [band.pupils_column for band in _BANDS]
_FIRST_AGE = 6
_DIGITS = {sign: i for i, sign in enumerate("一二三四五六七八九", 1)}
_GRADE = re.compile(r"(?P<stage>小学?|初中?|g|grade)?(?P<grade>[1-9一二三四五六七八九])(?:年级|年)?")
_BAND = re.compile(
    r"(?:小学?|g|grades?)?([1-9一二三四五六七八九])(?:年级)?[-—–~～至到]([1-9一二三四五六七八九])(?:年级)?"
)
_JUNIOR = frozenset({"初中", "初中合计", "初中小计", "初中阶段", "junior"})
_LEAST_GAP = 0.5


def add_township_pupils(
    table: Loaded, townships: gpd.GeoDataFrame, enrolment_rate: Mapping[GradeBand, float], *, given: bool = True
) -> gpd.GeoDataFrame:
    """Put the totals of a table ``township_pupils`` on the townships; they take the place of the layer's own.

    Parameters
    ----------
    table : Loaded
        One row a township with columns by grade, band or age, or one row a township and grade, band or age with a
        count; several rows of one township and grade add up. Ages count completed years on 1 September: six is grade 1.
    townships : GeoDataFrame
        Columns ``township_id``, ``name`` and the pupils by band.
    enrolment_rate : mapping of GradeBand to float
        Share of children of an age who are pupils in the county; grades and bands are pupils already.
    given : bool
        Whether the townships were read from a layer; without one, the table cannot be used.

    Returns
    -------
    GeoDataFrame
        A copy whose bands, and ``pupils_grade_1`` … where grades are known, are those of the table. A band is known
        where it is stated or all its grades are. Flaws go to ``table``.
    """
    if table.frame.empty or not _usable(table, given=given):
        return townships
    names, find = township_names(townships)
    sums = {code: np.full(len(_BANDS) + len(GRADES), np.nan) for code in names}
    for row, record in zip(table.frame.index, table.frame.to_dict("records"), strict=True):
        code = find(str(record["township_id"]), str(record["township"]))
        if not code:
            _report_unknown(table, int(row), str(record["township"] or record["township_id"]))
            continue
        for place, persons in _counts(table, int(row), {str(k): v for k, v in record.items()}, enrolment_rate):
            sums[code][place] = np.nansum([sums[code][place], persons])
    _report_absent(table, [names[code] for code, known in sums.items() if np.isnan(known).all()], len(names))
    return _settled(table, townships, np.array([sums[code] for code in townships["township_id"]]))


def _usable(table: Loaded, *, given: bool) -> bool:
    """Report what keeps the whole table from being used: no township layer, or columns that say nothing."""
    if not given:
        what = Text("没有可用的乡镇图层，乡镇学生数没有用上", "without a township layer this table was not used")
        mend = Text("放入 townships.geojson 等乡镇图层", "add townships.geojson or another township layer")
        table.report("township_pupils_unused", what, mend, severity=Severity.WARNING)
        return False
    named, long = {"township_id", "township"} & set(table.labels), {"grade", "age"} & set(table.labels)
    wide = {*_PUPILS, *GRADE_PUPILS, *CHILDREN_BY_AGE} & set(table.labels)
    wanted = [("township",)] * (not named) + [("grade", "count")] * (
        not wide and not (long and "count" in table.labels)
    )
    for columns in wanted:
        zh, en = "、".join(table.table[c].zh for c in columns), ", ".join(columns)
        table.report(
            "column_missing",
            Text(f"缺少“{zh}”", f"the table lacks {en}"),
            Text(
                "表头须有乡镇，以及年级（或年龄）和人数，或者各年级、年级段、年龄各一列",
                "it needs the township, and grade (or age) and count, or a column for each grade, band or age",
            ),
        )
    return not wanted


def _counts(
    table: Loaded, row: int, record: Mapping[str, Any], rate: Mapping[GradeBand, float]
) -> Iterator[tuple[int, float]]:
    """Go through what one row counts: places among the three bands and nine grades, and persons."""
    by_grade = {f"pupils_grade_{g}": len(_BANDS) + g - 1 for g in GRADES}
    for column, place in (dict(zip(_PUPILS, range(len(_BANDS)), strict=True)) | by_grade).items():
        if not pd.isna(value := record[column]):
            yield place, float(value)
    for age, column in enumerate(CHILDREN_BY_AGE, _FIRST_AGE):
        if not pd.isna(value := record[column]):
            yield _place_of_age(age), float(value) * rate[_band_of(age - _FIRST_AGE + 1)]
    if pd.isna(count := record["count"]) or not {"grade", "age"} & set(table.labels):
        return
    grade, age_ = fold(str(record["grade"])), record["age"]
    if grade:
        named = place_of_grade(grade)
        if named is None:
            _report_grade(table, row, str(record["grade"]))
        else:
            yield named, float(count)
    elif not pd.isna(age_) and 0 <= int(age_) - _FIRST_AGE < len(GRADES):
        age = int(age_)
        yield _place_of_age(age), float(count) * rate[_band_of(age - _FIRST_AGE + 1)]
    elif pd.isna(age_):
        what = Text("没有写明是哪个年级或年龄的人数", "it says neither of which grade nor of which age the count is")
        table.report(
            "grade_unknown", what, Text("补填年级或年龄", "fill in the grade or the age"), row=row, column="grade"
        )


def _band_of(grade: int) -> GradeBand:
    return next(band for band in _BANDS if grade in band.grades)


def _place_of_age(age: int) -> int:
    return len(_BANDS) + age - _FIRST_AGE


def place_of_grade(text: str) -> int | None:
    """Find the band (0 to 2) or grade (3 to 11) that a folded text names; ``None`` for any other.

    >>> [place_of_grade(t) for t in ("三年级", "初二", "g7", "4-6年级", "初中", "小学")]
    [5, 10, 9, 1, 2, None]
    """
    if text in _JUNIOR:
        return 2
    if found := _BAND.fullmatch(text):
        low, high = (_DIGITS.get(sign) or int(sign) for sign in found.groups())
        return next((i for i, b in enumerate(_BANDS) if (b.grades[0], b.grades[-1]) == (low, high)), None)
    found = _GRADE.fullmatch(text)
    if found is None:
        return None
    grade = _DIGITS.get(found["grade"]) or int(found["grade"])
    junior = (found["stage"] or "").startswith("初")
    grade += 6 if junior and grade <= 3 else 0
    return len(_BANDS) + grade - 1 if not junior or grade >= 7 else None


def _report_grade(table: Loaded, row: int, text: str) -> None:
    what = Text(f"“{text}”不是一个年级或年级段", f"{text!r} is no grade and no band")
    mend = Text(
        "写一年级至九年级，或 1—3年级、4—6年级、7—9年级；小学合计请按年级分开",
        "write a grade from 1 to 9, or G1-3, G4-6, G7-9; divide primary totals by grade",
    )
    table.report("grade_unknown", what, mend, row=row, column="grade")


def _report_unknown(table: Loaded, row: int, name: str) -> None:
    what = Text(
        f"乡镇“{name}”不在乡镇图层里，这一行没有计入" if name else "没有写明乡镇，这一行没有计入",
        f"the township {name!r} is not in the layer: the row was not counted"
        if name
        else "no township is stated: the row was not counted",
    )
    mend = Text("改正乡镇名称或代码", "correct the township's name or code")
    table.report(
        "township_unknown", what, mend, row=row, column="township" if "township" in table.labels else "township_id"
    )


def _report_absent(table: Loaded, names: list[str], count: int) -> None:
    if not names or len(names) == count:
        return
    what = Text(f"表中没有{'、'.join(names)}的学生数", f"the table has no pupils of {', '.join(names)}")
    mend = Text("补填；不补则沿用乡镇图层的数", "fill them in; otherwise the layer's figures stay")
    table.report("township_pupils_missing", what, mend, severity=Severity.WARNING)


def _settled(table: Loaded, townships: gpd.GeoDataFrame, sums: Floats) -> gpd.GeoDataFrame:
    """Let the table's totals stand for the layer's, and tell where the two, or bands and their grades, differ."""
    out = townships.copy()
    bands, grades = sums[:, : len(_BANDS)].copy(), sums[:, len(_BANDS) :]
    own = townships.reindex(columns=_PUPILS).astype("float64").to_numpy()
    for i, band in enumerate(_BANDS):
        inside = grades[:, [g - 1 for g in band.grades]]
        whole, partly = ~np.isnan(inside).any(axis=1), ~np.isnan(inside).all(axis=1)
        added = inside.sum(axis=1)
        both = whole & ~np.isnan(bands[:, i])
        _report_gaps(table, out["name"], both, bands[:, i], added, ("grades_differ", band, "各年级合计", "its grades"))
        _report_part(table, out["name"][partly & ~whole & np.isnan(bands[:, i])].tolist(), band)
        inside[~whole] = np.nan
        grades[:, [g - 1 for g in band.grades]] = inside
        bands[:, i] = np.where(whole, added, bands[:, i])
        both = ~np.isnan(bands[:, i]) & ~np.isnan(own[:, i])
        _report_gaps(table, out["name"], both, bands[:, i], own[:, i], ("layer_differs", band, "乡镇图层", "the layer"))
    out[_PUPILS] = np.where(np.isnan(bands), own, bands)
    if not np.isnan(grades).all():
        out[list(GRADE_PUPILS)] = grades
    return out


def _report_gaps(
    table: Loaded,
    names: pd.Series,
    both: npt.NDArray[np.bool_],
    one: Floats,
    other: Floats,
    said: tuple[str, GradeBand, str, str],
) -> None:
    code, band, zh, en = said
    for i in np.flatnonzero(both & (np.abs(one - other) > _LEAST_GAP)):
        used = other[i] if code == "grades_differ" else one[i]
        what = Text(
            f"{names.iloc[i]}{band.label_zh}：表中 {one[i]:,.0f} 人，{zh} {other[i]:,.0f} 人，用 {used:,.0f}",
            f"{names.iloc[i]}, {band}: {one[i]:,.0f} in the table, {other[i]:,.0f} in {en}; {used:,.0f} was used",
        )
        mend = Text("核对两处的口径和年份", "check what both count, and of which year")
        table.report(code, what, mend, column=band.pupils_column, severity=Severity.WARNING)


def _report_part(table: Loaded, names: list[str], band: GradeBand) -> None:
    if not names:
        return
    what = Text(
        f"{'、'.join(names)}的{band.label_zh}没有填全三个年级，未采用",
        f"{', '.join(names)}: not all three grades of {band} are filled in; they were not used",
    )
    mend = Text("补填缺的年级，没有学生的填 0", "fill in the others; write 0 where there are no pupils")
    table.report("grades_incomplete", what, mend, severity=Severity.WARNING)
