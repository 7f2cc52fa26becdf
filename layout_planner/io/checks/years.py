"""Contradictions over the years: gaps, jumps, cohorts that grow, a latest year unlike the school table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from layout_planner.errors import Severity, Text
from layout_planner.grades import GRADES, grade_label
from layout_planner.io.checks.contradiction import Contradiction, Row, pupils_of, rows_of, warn
from layout_planner.io.loaded import Loaded

__all__ = ["check_years"]

_FARTHEST_YEARS = 15
_JUMP_SHARE, _JUMP_PUPILS = 0.5, 40
_GRADE_SHARE, _GRADE_PUPILS = 0.6, 30
_COHORT_SHARE, _COHORT_PUPILS = 0.3, 12
_SHRINK_SHARE, _SHRINK_PUPILS = 0.4, 15
_ENTRY_GRADES = (1, 4, 7)
_AGREEING = 0.5
_COMMON = 0.5
History = dict[int, tuple[int, Row]]
"""Row number and record by year, of one school."""


def check_years(enrolment: Loaded, schools: Loaded) -> None:
    """Report contradictions of the enrolment by year.

    Grades are followed within a band (1 to 3, 4 to 6, 7 to 9): pupils of other schools may enter grades 4 and 7, as
    teaching points end with grade 3.
    """
    histories: dict[str, History] = {}
    for row, record in rows_of(enrolment):
        if record["school_id"] and record["year"] is not None:
            histories.setdefault(record["school_id"], {}).setdefault(int(record["year"]), (row, record))
        for found in _total(record):
            warn(enrolment, row, found)
    if not histories:
        return
    counts = Counter(year for history in histories.values() for year in history)
    usual = int(np.median(list(counts.elements())))
    latest = max(year for year, count in counts.items() if count >= _COMMON * max(counts.values()))
    for history in histories.values():
        for year in [y for y in history if abs(y - usual) > _FARTHEST_YEARS]:
            row, _ = history.pop(year)
            what = Text(
                f"学年 {year} 与其余各年（{usual} 前后）相差太远", f"the year {year} is far from the others ({usual})"
            )
            mend = Text("写秋季学期所在的四位年份", "write the year of the autumn term in four digits")
            warn(enrolment, row, Contradiction("year_odd", ("year",), what, mend))
        _check_history(enrolment, dict(sorted(history.items())))
    _check_latest(enrolment, schools, histories, latest)


def _total(record: Row) -> Iterator[Contradiction]:
    parts = [record[f"enrol_g{g}"] for g in GRADES if record[f"enrol_g{g}"] is not None]
    total = record["enrolment"]
    if parts and total is not None and sum(parts) != total:
        what = Text(
            f"各年级之和 {sum(parts)} 与在校生总数 {total} 不符", f"the grades add up to {sum(parts)}, not {total}"
        )
        mend = Text(f"在校生总数似应为 {sum(parts)}", f"the total is probably {sum(parts)}")
        yield Contradiction("parts_total", ("enrolment", *(f"enrol_g{g}" for g in GRADES)), what, mend)


def _check_history(enrolment: Loaded, history: History) -> None:
    years = list(history)
    for before, after in pairwise(years):
        (early, old), (late, new) = history[before], history[after]
        if after - before > 1:
            missing = "、".join(str(y) for y in range(before + 1, after))
            what = Text(f"{before} 年之后缺 {missing} 年", f"{missing} is missing after {before}")
            mend = Text("补上缺的年份；学年写错的改正", "add the years, or correct the year")
            warn(enrolment, late, Contradiction("year_gap", ("year",), what, mend), [enrolment.cell(early, "year")])
            continue
        for column, found in (*_jumps(old, new, before, after), *_cohorts(old, new, before, after)):
            others = [enrolment.cell(early, column)] if column else []
            warn(enrolment, late, found, others)


def _odd(before: float, after: float, share: float, pupils: float) -> bool:
    """Tell whether a change is large both as a share of the larger count and in pupils."""
    return abs(after - before) >= pupils and abs(after - before) >= share * max(before, after)


def _jumps(old: Row, new: Row, before: int, after: int) -> Iterator[tuple[str, Contradiction]]:
    """Report a school or an entry grade whose pupils change too much from one year to the next."""
    was, now = pupils_of(old), pupils_of(new)
    columns = tuple(f"enrol_g{g}" for g in GRADES)
    if was is not None and now is not None and _odd(was, now, _JUMP_SHARE, _JUMP_PUPILS):
        what = Text(
            f"在校生由 {before} 年的 {was} 变为 {after} 年的 {now}", f"{was} pupils in {before}, {now} in {after}"
        )
        mend = Text(
            "核对两年的数字；合并、分立的学校请注明", "check both years; say so if schools were merged or split"
        )
        yield "", Contradiction("enrolment_jump", ("year", *columns), what, mend)
    for grade in _ENTRY_GRADES:
        column = f"enrol_g{grade}"
        was, now = old[column], new[column]
        if was is not None and now is not None and _odd(was, now, _GRADE_SHARE, _GRADE_PUPILS):
            what = Text(
                f"{grade_label(grade)}由 {before} 年的 {was} 变为 {after} 年的 {now}",
                f"grade {grade}: {was} pupils in {before}, {now} in {after}",
            )
            mend = Text("核对两年的数字是否多写、漏写一位", "check both years for a digit too many or too few")
            yield column, Contradiction("grade_jump", (column, "year"), what, mend)


def _cohorts(old: Row, new: Row, before: int, after: int) -> Iterator[tuple[str, Contradiction]]:
    """Follow each cohort into the next grade."""
    for grade in (1, 2, 4, 5, 7, 8):
        was, now = old[f"enrol_g{grade}"], new[f"enrol_g{grade + 1}"]
        if was is None or now is None:
            continue
        grows = now > was and now - was >= _COHORT_PUPILS and now - was > _COHORT_SHARE * was
        shrinks = was > now and was - now >= _SHRINK_PUPILS and was - now > _SHRINK_SHARE * was
        if not (grows or shrinks):
            continue
        code = "cohort_grows" if grows else "cohort_shrinks"
        what = Text(
            f"{before} 年{grade_label(grade)} {was} 人，升到 {after} 年{grade_label(grade + 1)}却为 {now} 人",
            f"{was} pupils of grade {grade} in {before} became {now} of grade {grade + 1} in {after}",
        )
        mend = Text(
            f"{grade_label(grade + 1)}似应在 {was} 上下；转入转出多的请注明",
            f"about {was} are expected; say so if many moved",
        )
        yield f"enrol_g{grade}", Contradiction(code, (f"enrol_g{grade + 1}", "year"), what, mend)


def _check_latest(enrolment: Loaded, schools: Loaded, histories: dict[str, History], latest: int) -> None:
    """Hold the latest year against the school table, where the two agree for most schools and so mean one year."""
    differing, agreeing = [], 0
    for row, school in rows_of(schools):
        history = histories.get(school["school_id"])
        if history is None or school["status"] == "planned":
            continue
        if school["status"] == "active" and latest not in history:
            last_row, _ = history[max(history)] if history else (None, None)
            if last_row is not None:
                _report_missing(enrolment, last_row, max(history), latest)
            continue
        if latest not in history:
            continue
        late, record = history[latest]
        if school["status"] == "closed":
            if pupils_of(record):
                what = Text(f"学校已停办，{latest} 年却有 {pupils_of(record)} 名学生",
                            f"the school is closed but has {pupils_of(record)} pupils in {latest}")  # fmt: skip
                mend = Text("核对办学状态和学年", "check the status and the year")
                found = Contradiction("closed_in_latest_year", ("year",), what, mend)
                warn(enrolment, late, found, [schools.cell(row, "status")])
            continue
        odd = [c for c in _compared(school, record) if school[c] != record[c]]
        agreeing += not odd
        differing += [(row, late, column) for column in odd]
    if agreeing <= _AGREEING * (agreeing + len({row for row, _, _ in differing})):
        return
    for row, late, column in differing:
        now, then = schools.cell(row, column), enrolment.cell(late, column)
        what = Text(
            f"{now.column}填 {now.value}，历年在校生表 {latest} 年却为 {then.value}",
            f"{now.value} here, {then.value} in {latest} of the enrolment by year",
        )
        mend = Text(f"两处应一致：改为 {then.value} 或改正历年表", f"make both equal: {then.value}, or mend the other")
        warn(schools, row, Contradiction("latest_year_differs", (column,), what, mend), [then])


def _compared(school: Row, record: Row) -> list[str]:
    columns = (*(f"enrol_g{g}" for g in GRADES), "enrolment")
    return [c for c in columns if school[c] is not None and record[c] is not None]


def _report_missing(enrolment: Loaded, row: int, last: int, latest: int) -> None:
    what = Text(f"在办学校只填到 {last} 年，缺 {latest} 年", f"an active school ends with {last}; {latest} is missing")
    mend = Text("补上缺的年份，或核对办学状态", "add the years, or check the status")
    warn(enrolment, row, Contradiction("year_gap", ("year",), what, mend, Severity.WARNING))
