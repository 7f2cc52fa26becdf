"""Areas, books and money of a school: parts against totals, stated figures per pupil against their quotients."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from layout_planner.columns import SCHOOLS
from layout_planner.errors import Text
from layout_planner.io.checks.contradiction import Contradiction, Row, number, pupils_of

__all__ = ["areas", "per_pupil"]

_MOST_STOREYS = 3.0


@dataclass(frozen=True)
class _Ratio:
    """A stated figure and what it must follow from: ``scale`` × ``above`` ÷ ``below``."""

    stated: str
    above: str
    below: str
    scale: float = 1.0


_RATIOS = (
    _Ratio("site_per_pupil", "site_m2", "enrolment"),
    _Ratio("building_per_pupil", "building_m2", "enrolment"),
    _Ratio("books_per_pupil", "books", "enrolment"),
    _Ratio("equipment_per_pupil", "equipment_yuan", "enrolment"),
    _Ratio("computers_per_100", "computers", "enrolment", 100.0),
    _Ratio("pupils_per_teacher", "enrolment", "teachers"),
    _Ratio("class_size", "enrolment", "classes"),
)


def per_pupil(school: Row) -> Iterator[Contradiction]:
    """Hold each stated figure per pupil, teacher or class against its own total.

    A figure agrees if it lies less than one unit of its last digit from the quotient, rounded or cut off, with the
    kindergarten's children counted or not.
    """
    for ratio in _RATIOS:
        stated = school[ratio.stated]
        above, below = (_amount(school, name) for name in (ratio.above, ratio.below))
        if stated is None or above is None or not below:
            continue
        found = ratio.scale * above / below
        children = float(school["kindergarten"] or 0)
        with_children = (
            ratio.scale * above / (below + children)
            if ratio.below == "enrolment"
            else ratio.scale * (above + children) / below
        )
        unit = _last_digit(float(stated))
        if any(abs(stated - value) < unit for value in (found, with_children)):
            continue
        name, over = SCHOOLS[ratio.stated], SCHOOLS[ratio.above]
        wanted = stated * below / ratio.scale
        likely = number(round(wanted) if over.kind == "int" else wanted)
        under = SCHOOLS[ratio.below]
        sum_zh = f"{over.zh} {number(above)} ÷ {under.zh} {number(below)}" + (" × 100" if ratio.scale > 1 else "")
        yield Contradiction(
            "per_pupil_differs",
            (ratio.stated, ratio.above, ratio.below),
            Text(
                f"{name.zh}填 {number(stated)}，按{sum_zh} 应为 {number(found)}",
                f"{name.en} says {number(stated)}, but {over.en} {number(above)} / {under.en} {number(below)} "
                f"gives {number(found)}",
            ),
            Text(
                f"{name.zh}似应为 {number(found)}；若它无误，{over.zh}似应为 {likely}",
                f"probably {number(found)}; if it is right, {over.en} is {likely}",
            ),
        )


def _amount(school: Row, name: str) -> float | None:
    value = pupils_of(school) if name == "enrolment" else school[name]
    return None if value is None else float(value)


def _last_digit(value: float) -> float:
    """Give the unit of the last digit of a figure as it was written.

    >>> _last_digit(31.0), _last_digit(32.9)
    (1.0, 0.1)
    """
    digits = repr(value).partition(".")[2]
    return 1.0 if digits == "0" or "e" in digits else 10.0 ** -len(digits)


def areas(school: Row) -> Iterator[Contradiction]:
    """Hold parts of the buildings against the whole, and the buildings against the site."""
    building, site = school["building_m2"], school["site_m2"]
    parts = [school[c] for c in ("dorm_m2", "canteen_m2") if school[c] is not None]
    if building is not None and parts and math.fsum(parts) > building:
        yield Contradiction(
            "building_parts",
            ("building_m2", "dorm_m2", "canteen_m2"),
            Text(f"宿舍和食堂共 {number(math.fsum(parts))} 平方米，多于校舍建筑面积 {number(building)}",
                 f"dormitory and canteen have {number(math.fsum(parts))} m², the buildings {number(building)} m²"),
            Text("校舍建筑面积应包括宿舍和食堂，核对三数", "the buildings include both: check the three"),
        )  # fmt: skip
    if building and site is not None and building > _MOST_STOREYS * site:
        yield Contradiction(
            "site_building",
            ("site_m2", "building_m2"),
            Text(f"占地 {number(site)} 平方米，建不下 {number(building)} 平方米校舍",
                 f"a site of {number(site)} m² cannot hold buildings of {number(building)} m²"),
            Text("核对占地面积的单位（亩、平方米）和位数，或两列是否填反", "check the site's unit and digits"),
        )  # fmt: skip
