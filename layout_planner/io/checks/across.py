"""Contradictions between rows: schools that stand twice, other tables that speak of them, and slips of unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely

from layout_planner.columns import SCHOOLS
from layout_planner.errors import Text
from layout_planner.io.cells import fold
from layout_planner.io.checks.contradiction import Contradiction, number, pupils_of, rows_of, warn
from layout_planner.io.loaded import Loaded

__all__ = ["check_doubles", "check_roster", "check_school_codes", "check_units"]

SAME_SITE_M = 10.0
_MERGE = Text("是同一所就合并，不是就区别开", "merge them if they are one, else tell them apart")


def check_doubles(loaded: Loaded, points: npt.ArrayLike) -> None:
    """Report rows with the name (within a township) or the site (within 10 m) of an earlier row.

    Parameters
    ----------
    points : array of Point, shape (n,)
        Where the rows lie, in metres; ``None`` where unknown.
    """
    first: dict[tuple[str, str, str], int] = {}
    for row, record in rows_of(loaded):
        key = (fold(record["name"] or ""), record["township_id"] or "", record["township"] or "")
        if not key[0]:
            continue
        if key in first:
            earlier = first[key]
            where = loaded.row_words(earlier, row)
            what = Text(f"与{where.zh}同名（{record['name']}）", f"same name as {where.en} ({record['name']})")
            found = Contradiction("name_repeated", ("name",), what, _MERGE)
            warn(loaded, row, found, [loaded.cell(earlier, "name")])
        else:
            first[key] = row
    _check_sites(loaded, np.asarray(points, dtype=object))


def _check_sites(loaded: Loaded, shapes: npt.NDArray[np.object_]) -> None:
    placed = np.array([i for i, p in enumerate(shapes) if p is not None and not p.is_empty], dtype=np.int64)
    if len(placed) < 2:
        return
    tree = shapely.STRtree(shapes[placed])
    one, other = tree.query(shapes[placed], predicate="dwithin", distance=SAME_SITE_M)
    rows = loaded.frame.index.to_numpy()
    told: set[int] = set()
    for j, i in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        late, early = int(rows[placed[j]]), int(rows[placed[i]])
        if i >= j or late in told:
            continue
        told.add(late)
        metres = float(shapes[placed[j]].distance(shapes[placed[i]]))
        apart = Text("坐标相同", "has the same coordinates") if metres < 0.5 else Text(
            f"只相距 {metres:.0f} 米", f"lies only {metres:.0f} m away"
        )  # fmt: skip
        where = loaded.row_words(early, late)
        what = Text(f"与{where.zh}{apart.zh}", f"{where.en} {apart.en}")
        found = Contradiction("site_repeated", ("lon", "lat"), what, _MERGE)
        warn(loaded, late, found, [loaded.cell(early, "lon"), loaded.cell(early, "lat")])


def check_school_codes(loaded: Loaded, school_ids: frozenset[str]) -> None:
    """Report rows of a table by school whose school is not in the school table."""
    for row, code in zip(loaded.frame.index, loaded.frame["school_id"], strict=True):
        if code and code not in school_ids and (row, "school_id") not in loaded.bad:
            what = Text(f"学校代码“{code}”不在学校表里", f"the school code {code!r} is not in the school table")
            mend = Text("改正代码，或在学校表补上这所学校", "correct it, or add the school to the school table")
            warn(loaded, int(row), Contradiction("school_unknown", ("school_id", "name"), what, mend))


def check_roster(schools: Loaded, roster: Loaded) -> None:
    """Hold the teachers and staff of each school against the list of teachers.

    A row of the list counts for ``count`` persons, or one; posts other than 专任教师 count as staff only. Staff are
    compared where the list has such posts.
    """
    if roster.frame.empty:
        return
    frame = roster.frame
    persons = frame["count"].fillna(1).astype("int64")
    posts = frame["post"].map(fold)
    teaching = posts.isin(["", "教师"]) | posts.str.contains("专任")
    listed = persons.where(teaching, 0).groupby(frame["school_id"]).sum()
    everyone = persons.groupby(frame["school_id"]).sum()
    where = {code: int(row) for row, code in reversed(list(zip(frame.index, frame["school_id"], strict=True)))}
    for row, school in rows_of(schools):
        code = school["school_id"]
        others = [roster.cell(where[code], "school_id")] if code in where else []
        pairs = [("teachers", listed, "名专任教师", "teachers")]
        if not teaching.all():
            pairs.append(("staff", everyone, "名教职工", "staff"))
        for column, counts, zh, en in pairs:
            stated, count = school[column], int(counts.get(code, 0))
            if stated is None or stated == count:
                continue
            what = Text(
                f"{SCHOOLS[column].zh}填 {stated}，教师名册却有 {count} {zh}",
                f"{stated} {en} are stated, the list of teachers has {count}",
            )
            mend = Text(
                f"{SCHOOLS[column].zh}似应为 {count}，或补全教师名册", f"probably {count}, or complete the list"
            )
            warn(schools, row, Contradiction("roster_differs", (column,), what, mend), others)


_SLIP_NAMES = {
    ("site_m2", 10_000.0): Text("万平方米", "ten thousand m²"),
    ("site_m2", 2_000 / 3): Text("亩", "mu"),
    ("building_m2", 10_000.0): Text("万平方米", "ten thousand m²"),
    ("equipment_yuan", 10_000.0): Text("万元", "ten thousand yuan"),
}
_USUAL = {"site_m2": (3.0, 500.0), "building_m2": (0.5, 100.0), "equipment_yuan": (50.0, 100_000.0)}
_LEAST_SCHOOLS = 5
_SPREAD = 4.0


def check_units(schools: Loaded) -> None:
    """Report areas and money that another unit would explain: 万元 for 元, 亩 or 万平方米 for 平方米.

    A school's figure per pupil is held against the median of the county (of five schools or more); one that is off by
    10,000 or 666.7, within a factor of four, is reported. A column whose median itself is off is reported as a whole.
    """
    open_rows = [(row, school) for row, school in rows_of(schools) if school["status"] == "active"]
    for column, (low, high) in _USUAL.items():
        per = {
            row: float(school[column]) / pupils
            for row, school in open_rows
            if school[column] and (pupils := pupils_of(school))
        }
        if len(per) < _LEAST_SCHOOLS:
            continue
        usual = float(np.median(list(per.values())))
        if not low <= usual <= high:
            _report_column(schools, column, usual, (low, high))
            continue
        for row, value in per.items():
            for (name, factor), word in _SLIP_NAMES.items():
                if name == column:
                    _report_slip(schools, row, column, value / usual, (factor, word))


def _report_column(schools: Loaded, column: str, usual: float, limits: Sequence[float]) -> None:
    what = Text(
        f"各校{SCHOOLS[column].zh}按学生平均，中位数为 {number(usual)}，不在常见的 {limits[0]:g}—{limits[1]:g} 之间",
        f"the median per pupil is {number(usual)}, outside the usual {limits[0]:g} to {limits[1]:g}",
    )
    mend = Text(
        f"整列的单位可能不是{SCHOOLS[column].unit}：在表头写明单位，如“（万元）”“（亩）”",
        "the column may be in another unit: name it in the header",
    )
    found = Contradiction("unit_column", (column,), what, mend)
    schools.report(found.code, found.what, found.mend, column=column, severity=found.severity)


def _report_slip(schools: Loaded, row: int, column: str, ratio: float, slip: tuple[float, Text]) -> None:
    factor, word = slip
    unit = SCHOOLS[column].unit
    value = float(schools.frame[column].loc[row])
    for times, zh, en in (
        (factor, f"似按{word.zh}填写：应为 {number(value * factor)} {unit}", f"in {word.en}"),
        (1 / factor, f"似多乘了一次：应为 {number(value / factor)} {unit}", f"multiplied once too often ({word.en})"),
    ):
        if abs(math.log(ratio * times)) > math.log(_SPREAD):
            continue
        what = Text(
            f"{SCHOOLS[column].zh} {number(value)}，按学生平均是全县中位数的 {ratio:.3g} 倍",
            f"{number(value)} a school, per pupil {ratio:.3g} times the county's median",
        )
        mend = Text(zh, f"probably {en}: {number(value * times)}")
        warn(schools, row, Contradiction("unit_slip", (column, "enrolment"), what, mend))
        return
