"""Why pupils travel past the nearest school: a fixed order of questions, the first that holds is the reason.

===  =========  ===================================================================================================
     reason     holds when
===  =========  ===================================================================================================
 0   nearest    no open school of the stage is nearer than the one attended
 1   tied       the nearest one is nearer by no more than ``tie_min`` minutes, in the same mode: no real difference
 2   grade      the nearest school does not teach the grade, and the one attended is the nearest (or as near) that does
 3   board      the pupil boards (as recorded; else where the way is beyond every limit of daily trips)
 4   seats      every nearer school that teaches the grade is full: its pupils are as many as its seats
 5   season     every nearer school that teaches the grade is full or cut off in some season, the one attended is not
 6   air        the one attended is the nearest in a straight line, though not by road
 7   zone       the one attended is the school of the home's catchment
 8   choice     none of these: unexplained by the data
 9   unknown    no school is in reach of the home by road, so that the nearest is not known
===  =========  ===================================================================================================

"Nearer" is the toolkit's order: first the mode (on foot within the limit, by vehicle within the limit, boarding,
beyond the limits), then minutes by road. ``grade`` to ``season`` leave no other choice; ``air`` and ``zone`` tell how
the choice came about; ``choice`` is what remains, and no proof that a family chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.errors import Text
from layout_planner.study.reach import row_least

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.study.reach import Reach

__all__ = ["PAST", "REASONS", "WORDS", "Circumstances", "code_of", "reasons"]

REASONS = ("nearest", "tied", "grade", "board", "seats", "season", "air", "zone", "choice", "unknown")
"""The reasons in the order in which they are asked."""
PAST = tuple(REASONS[2:9])
"""Those that are past the nearest school."""
WORDS = {
    "nearest": Text("就读最近学校", "at the nearest school"),
    "tied": Text("相差无几", "as near as the nearest"),
    "grade": Text("最近学校无此年级", "nearest lacks the grade"),
    "board": Text("寄宿", "boards"),
    "seats": Text("近处学位已满", "nearer schools are full"),
    "season": Text("近处季节性不通", "nearer schools cut off in season"),
    "air": Text("直线最近，道路绕远", "nearest in the air, not by road"),
    "zone": Text("划片安排", "zoned there"),
    "choice": Text("未能解释（择校等）", "unexplained (choice and others)"),
    "unknown": Text("最近学校不明", "nearest unknown"),
}
_SAME = 1e-9


def code_of(reason: str) -> int:
    """Give the position of a reason in :data:`REASONS`."""
    return REASONS.index(reason)


@dataclass(frozen=True, eq=False)
class Circumstances:
    """What the questions ask of schools and pupils beside the way.

    Attributes
    ----------
    full : ndarray (m, 2) of bool
        By school (as ``reach.pairs.school_id``) and stage (primary, junior): as many pupils as seats.
    cut_off : ndarray (number of entries,) of bool
        Whether the pair is beyond the limits in some season.
    tie_min : float
        Minutes within which two schools are equally near.
    """

    full: NDArray[np.bool_]
    cut_off: NDArray[np.bool_]
    tie_min: float


def reasons(
    found: Reach,
    key: NDArray[np.float64],
    trips: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    boards: NDArray[np.bool_],
    zoned: NDArray[np.bool_],
    facts: Circumstances,
) -> NDArray[np.int8]:
    """Answer the questions for every trip.

    Parameters
    ----------
    found : Reach
        Schools in reach of every unit.
    key : ndarray (number of entries,)
        Ranks of the entries (:attr:`Reach.key`).
    trips : tuple of ndarray (p,)
        Unit, position of the school attended in ``pairs.school_id`` (−1 for one that is not open) and entry of the
        pair (−1 where it is out of reach).
    boards, zoned : ndarray (p,) of bool
        Who boards, and who attends the school of their catchment.
    facts : Circumstances
        Which schools are full, which pairs are cut off, and what a tie is.

    Returns
    -------
    ndarray (p,) of int8
        Positions in :data:`REASONS`.
    """
    unit, school, entry = trips
    pairs, tie = found.pairs, facts.tie_min
    stage = (pairs.band == 2).astype(np.int64)[pairs.rows]
    room = found.teaches & ~facts.full[pairs.school, stage]
    marks = (np.ones_like(room), found.teaches, room, room & ~facts.cut_off)
    least = np.stack([row_least(np.where(mark, key, np.inf), pairs.indptr) for mark in marks], axis=1)
    any_, taught, roomy, open_ = np.ascontiguousarray(least[unit].T)
    reached = entry >= 0
    mine, passable = np.full(len(unit), np.inf), np.ones(len(unit), dtype=bool)
    mine[reached], passable[reached] = key[entry[reached]], ~facts.cut_off[entry[reached]]
    questions = (
        np.isinf(any_),
        mine <= any_ + _SAME,
        mine <= any_ + tie,
        mine <= taught + tie,
        boards,
        mine <= roomy + tie,
        (mine <= open_ + tie) & passable,
        (school >= 0) & (school == found.air[unit]),
        zoned,
    )
    answers = [code_of("unknown"), *range(code_of("choice"))]
    found_out = np.full(len(unit), code_of("choice"), dtype=np.int8)
    for question, answer in zip(reversed(questions), reversed(answers), strict=True):
        np.copyto(found_out, answer, where=question)
    return found_out
