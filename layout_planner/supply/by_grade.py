"""Seats of every single grade: what a school states, or its classrooms dealt out to its grades.

Rules, in this order:

- Where a school states the seats of every grade that it teaches of a stage, they hold; what decisions add later is
  shared evenly among the grades.
- Otherwise the classrooms of the stage are dealt out to its grades, as many to each; rooms that are left over go one
  by one to the grade with most pupils a room today. The stage's seats are then in proportion to the rooms, which is
  rooms × class limit where no seats are stated.
- Where rooms are fewer than grades (复式教学), or enrolment by grade is not known, the grades share evenly.

The grades of a stage always sum to the seats of the stage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from layout_planner.grades import GRADES, Stage
from layout_planner.supply.capacity import rooms_by_stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["grade_seats", "rooms_by_grade", "stated_seats"]


def stated_seats(row: Mapping[Any, Any], grade_from: int, grade_to: int) -> dict[Stage, int]:
    """Sum the seats that a school states by grade, for the stages of which it states every grade that it teaches.

    >>> stated_seats({"seats_g7": 100, "seats_g8": 90, "seats_g9": 90}, 7, 9)
    {<Stage.JUNIOR: 'junior'>: 280}
    """
    found = {}
    for stage in Stage:
        taught = [g for g in stage.grades if grade_from <= g <= grade_to]
        cells = [row.get(f"seats_g{g}") for g in taught]
        if taught and not pd.isna(pd.Series(cells, dtype="object")).any():
            found[stage] = sum(int(cell) for cell in cells if cell is not None)
    return found


def grade_seats(schools: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Give the seats of every school and grade.

    Parameters
    ----------
    schools : DataFrame
        After the decisions (``Plan.schools``): ``school_id``, ``grade_from``, ``grade_to``, ``rooms``,
        ``seats_primary`` and ``seats_junior``.
    stated : DataFrame
        ``County.schools``: ``seats_g1`` … and ``enrol_g1`` …, as far as there are any.

    Returns
    -------
    DataFrame
        Seats (persons, int) on the school ids of ``schools``, columns 1 to 9.
    """
    known = {str(row["school_id"]): row for row in stated.to_dict("records")}
    rows = [_of_school(row, known[str(row["school_id"])]) for row in schools.to_dict("records")]
    ids = schools["school_id"].astype(str)
    return pd.DataFrame(rows, index=pd.Index(ids, name="school_id"), columns=list(GRADES), dtype="int64")


def _of_school(row: Mapping[Any, Any], stated: Mapping[Any, Any]) -> list[int]:
    low, high = int(row["grade_from"]), int(row["grade_to"])
    own, rooms = stated_seats(stated, low, high), rooms_by_stage(int(row["rooms"]), low, high)
    seats = dict.fromkeys(GRADES, 0)
    for stage in Stage:
        taught = [g for g in stage.grades if low <= g <= high]
        total = int(row[f"seats_{stage.value}"])
        if not taught:
            continue
        fixed = (
            [int(stated[f"seats_g{g}"]) for g in taught] if own.get(stage, total + 1) <= total else [0] * len(taught)
        )
        weight = [1] * len(taught) if sum(fixed) else rooms_by_grade(rooms[stage], _enrolled(stated, taught))
        more = _dealt(total - sum(fixed), weight)
        seats |= {g: have + extra for g, have, extra in zip(taught, fixed, more, strict=True)}
    return list(seats.values())


def _enrolled(stated: Mapping[Any, Any], grades: Sequence[int]) -> list[float]:
    cells = [stated.get(f"enrol_g{g}") for g in grades]
    return [0.0 if pd.isna(cell) else float(cell) for cell in cells]


def rooms_by_grade(rooms: int, enrolled: Sequence[float]) -> list[int]:
    """Deal a stage's classrooms out to its grades.

    Parameters
    ----------
    rooms : int
        Classrooms of the stage.
    enrolled : sequence of float
        Pupils of each grade today; noughts where that is not known.

    Returns
    -------
    list of int
        Rooms of each grade, or ones where they share evenly.

    >>> rooms_by_grade(8, [90, 80, 85, 100, 70, 60])
    [2, 1, 1, 2, 1, 1]
    >>> rooms_by_grade(4, [9, 9, 9, 9, 9, 9]), rooms_by_grade(8, [0, 0, 0, 0, 0, 0])
    ([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1])
    """
    each, left = divmod(rooms, len(enrolled))
    if not each or not sum(enrolled):
        return [1] * len(enrolled)
    given = [each] * len(enrolled)
    for _ in range(left):
        crowded = max(range(len(given)), key=lambda k: (enrolled[k] / given[k], -k))
        given[crowded] += 1
    return given


def _dealt(total: int, weight: Sequence[int]) -> list[int]:
    """Deal whole seats out in proportion to weights, the largest remainders and then the lower grades first."""
    whole = sum(weight)
    parts = [total * w // whole for w in weight]
    order = sorted(range(len(weight)), key=lambda k: (-(total * weight[k] % whole), k))
    for k in order[: total - sum(parts)]:
        parts[k] += 1
    return parts
