"""Schools as supply: their tier, grades, classrooms, seats by stage and beds, with the gaps filled and said."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from layout_planner.config.scenario import Classes
from layout_planner.errors import Flaw, Severity, Text, counted
from layout_planner.grades import GRADES, Stage, Tier
from layout_planner.io.county import County
from layout_planner.supply.by_grade import stated_seats
from layout_planner.supply.capacity import class_cap, rooms_for_seats, seats_by_stage, stages_taught

__all__ = ["COUNTS", "fill_schools", "school_supply"]

COUNTS = ("classes", "beds", "boarders", "teachers", "enrolment", *(f"enrol_g{g}" for g in GRADES))
"""Counts of people and things; where empty they are nought."""

_FILLED_ZH = {
    "seats": "没有教室数，由学位数推算",
    "classes": "没有教室数和学位数，按现有班数推算",
    "enrolment": "没有教室数、学位数和班数，按在校生推算",
    "nothing": "没有教室数、学位数、班数和在校生，学位按 0 计",
}
_FILLED_EN = {
    "seats": "no classrooms stated: derived from the seats",
    "classes": "neither classrooms nor seats stated: derived from the present classes",
    "enrolment": "neither classrooms, seats nor classes stated: derived from the enrolment",
    "nothing": "no classrooms, seats, classes or enrolment stated: no seats",
}
_NAMES_SHOWN = 6


@dataclass(frozen=True)
class _Place:
    tier: Tier
    grade_from: int
    grade_to: int
    rooms: int
    seats: dict[Stage, int]
    source: str
    by_grade: str = ""


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _grades(row: pd.Series, tier: Tier) -> tuple[int, int]:
    low, high = tier.default_grades
    return _whole(row["grade_from"]) or low, _whole(row["grade_to"]) or high


def _rooms_from_enrolment(row: pd.Series, tier: Tier, grade_to: int, classes: Classes) -> int:
    caps = {g: class_cap(Stage.PRIMARY if g <= 6 else Stage.JUNIOR, tier, grade_to, classes) for g in GRADES}
    return sum(math.ceil((_whole(row[f"enrol_g{g}"]) or 0) / caps[g]) for g in GRADES)


def _settle(row: pd.Series, classes: Classes) -> _Place:
    """Work out one school's rooms and seats from what its row states."""
    tier = Tier(row["tier"])
    low, high = _grades(row, tier)
    rooms, seats = _whole(row["rooms"]), _whole(row["seats"])
    by_grade, odd = _by_grade(row, low, high, seats)
    if seats is None and set(by_grade) == {stage for stage, n in stages_taught(low, high).items() if n}:
        seats = sum(by_grade.values())
    source = "stated"
    if rooms is None:
        if seats is not None:
            rooms, source = rooms_for_seats(seats, tier, low, high, classes), "seats"
        elif _whole(row["classes"]):
            rooms, source = _whole(row["classes"]) or 0, "classes"
        else:
            rooms = _rooms_from_enrolment(row, tier, high, classes)
            source = "enrolment" if rooms else "nothing"
    return _Place(
        tier, low, high, rooms, seats_by_stage(rooms, seats, tier, low, high, classes) | by_grade, source, odd
    )


def _by_grade(row: pd.Series, low: int, high: int, seats: int | None) -> tuple[dict[Stage, int], str]:
    """Sum the seats stated by grade, and say what is odd about them; they win over the school's total."""
    cells = row.reindex([f"seats_g{g}" for g in GRADES])
    found = stated_seats(cells.to_dict(), low, high)
    taught = [stage for stage, n in stages_taught(low, high).items() if n]
    if cells.notna().any() and set(found) != set(taught):
        return found, "part"
    if found and seats is not None and sum(found.values()) != seats:
        return found, "sum"
    return found, ""


def fill_schools(schools: gpd.GeoDataFrame, classes: Classes) -> tuple[gpd.GeoDataFrame, list[Flaw]]:
    """Fill a school table: grades, classrooms, seats by stage, and nought for the counts that are empty.

    Parameters
    ----------
    schools : GeoDataFrame
        As read: ``tier`` and ``status`` in the project's words.
    classes : Classes
        Class limits (pupils a class).

    Returns
    -------
    schools : GeoDataFrame
        A copy with ints ``grade_from``, ``grade_to``, ``rooms``, ``seats``, ``seats_primary``, ``seats_junior``
        and the counts of :data:`COUNTS`. Stated seats win over rooms x class limit.
    flaws : list of Flaw
        Warnings: what was derived, and from what.
    """
    out = schools.copy()
    places = [_settle(row, classes) for _, row in schools.iterrows()]
    columns: dict[str, list[int]] = {
        "grade_from": [p.grade_from for p in places],
        "grade_to": [p.grade_to for p in places],
        "rooms": [p.rooms for p in places],
        "seats": [sum(p.seats.values()) for p in places],
        "seats_primary": [p.seats[Stage.PRIMARY] for p in places],
        "seats_junior": [p.seats[Stage.JUNIOR] for p in places],
    }
    for name, values in columns.items():
        out[name] = pd.Series(values, index=out.index, dtype="int64")
    for name in COUNTS:
        if name in out.columns:
            out[name] = out[name].fillna(0).astype("int64")
    return out, _flaws(out, places)


def _flaws(schools: gpd.GeoDataFrame, places: list[_Place]) -> list[Flaw]:
    named: dict[str, list[str]] = defaultdict(list)
    for name, status, place in zip(schools["name"], schools["status"], places, strict=True):
        if place.source != "stated" and status != "closed":
            named[place.source].append(name)
    flaws = []
    for source, names in named.items():
        shown = "、".join(names[:_NAMES_SHOWN]) + ("……" if len(names) > _NAMES_SHOWN else "")
        what = Text(
            f"{len(names)} 所学校{_FILLED_ZH[source]}：{shown}",
            f"{counted(len(names), 'school')}: {_FILLED_EN[source]}: {shown}",
        )
        mend = Text("在学校表填写普通教室数", "fill in the classrooms in the school table")
        flaws.append(Flaw(f"rooms_from_{source}", what, mend, column="rooms", severity=Severity.WARNING))
    return flaws + _grade_flaws(schools, places)


def _grade_flaws(schools: gpd.GeoDataFrame, places: list[_Place]) -> list[Flaw]:
    """Say of schools that state seats by grade what does not fit."""
    words = {
        "part": ("分年级学位没有填全所设年级，没填全的学段按教室数和班额上限分配",
                 "the seats of some grades are missing: rooms × class limit is dealt out instead"),
        "sum": ("分年级学位之和与核定学位数不符，按分年级学位计",
                "the seats by grade do not sum to the seats: those by grade hold"),
    }  # fmt: skip
    flaws = []
    for odd, (zh, en) in words.items():
        names = [str(n) for n, place in zip(schools["name"], places, strict=True) if place.by_grade == odd]
        if names:
            shown = "、".join(names[:_NAMES_SHOWN]) + ("……" if len(names) > _NAMES_SHOWN else "")
            what = Text(f"{len(names)} 所学校{zh}：{shown}", f"{counted(len(names), 'school')}: {en}: {shown}")
            mend = Text("核对学校表的分年级学位数", "check the seats by grade in the school table")
            flaws.append(Flaw(f"grade_seats_{odd}", what, mend, column="seats_g1", severity=Severity.WARNING))
    return flaws


def school_supply(county: County, classes: Classes) -> County:
    """Fill in what the county's schools can take.

    Returns
    -------
    County
        With ``schools`` filled (see :func:`fill_schools`) and what was derived added to ``checks``.
    """
    schools, flaws = fill_schools(county.schools, classes)
    return replace(county, schools=schools, checks=(*county.checks, *flaws))
