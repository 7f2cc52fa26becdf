"""The least total distance at which everybody could go to school, given the places that there are.

Source: White (1988), Location choice and commuting behavior in cities with decentralized employment, J. Urban Econ.
24:129-152 (the required commute); Hamilton (1982), Wasteful commuting, J. Polit. Econ. 90:1035-1053 (the excess).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.assign.capacitated import capacitated
from layout_planner.assign.resources import Resources
from layout_planner.measures.commute import excess_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.study.attending import Attending
    from layout_planner.study.reach import Reach

    Floats = NDArray[np.float64]

__all__ = ["Required", "required"]


@dataclass(frozen=True, eq=False)
class Required:
    """Metres of all day pupils whose way is known: as they go, and least with today's places; and ways at the least.

    ``minutes`` and ``pupils`` are those of the pairs at the least.
    """

    actual: float
    least: float
    minutes: Floats
    pupils: Floats

    @property
    def excess(self) -> float:
        """Share of the actual distance that an exchange of places would save."""
        return float(excess_share(self.actual, self.least))


def required(found: Reach, attending: Attending, pupils: Floats, seats: NDArray[np.float64]) -> Required:
    """Find the least total distance of day pupils within the places of every school and stage.

    A school has the seats of its stage less today's boarders, and at least as many places as day pupils sit there
    today, so that today's enrolment is one of the solutions.

    Parameters
    ----------
    found : Reach
    attending : Attending
    pupils : ndarray (p,)
        Pupils of the trips.
    seats : ndarray (m, 2)
        Seats by school (as ``reach.pairs.school_id``) and stage.

    Returns
    -------
    Required
        Over day pupils at open schools in reach that teach their grade.
    """
    entry = attending.entry
    there = entry >= 0
    there[there] &= found.teaches[entry[there]]
    day = there & ~attending.boards
    flow = np.bincount(entry[day], weights=pupils[day], minlength=len(found.pairs.school)).astype(np.float64)
    taught = np.flatnonzero(found.teaches)
    m, pairs = len(found.pairs.school_id), found.pairs
    stage = (pairs.band == 2).astype(np.int64)[pairs.rows]
    seat = stage * m + pairs.school
    used = np.bincount(seat, weights=flow, minlength=2 * m)
    boards = there & attending.boards
    taken = np.bincount(seat[entry[boards]], weights=pupils[boards], minlength=2 * m)
    places = np.concatenate([np.maximum(seats.T.ravel() - taken, used), np.zeros(m)])
    homes = np.bincount(pairs.rows, weights=flow, minlength=len(pairs.pupils)).astype(np.float64)
    units = homes > 0
    kept = taught[units[pairs.rows[taught]]]
    asked = replace(pairs.among(units, kept, homes), cost=pairs.metres[kept])
    seating = capacitated(asked, Resources(places, seat[kept], np.full(len(kept), -1, dtype=np.int64)))
    at = seating.flow > 0
    return Required(
        float(flow @ np.nan_to_num(pairs.metres)), float(seating.flow @ asked.metres), asked.minutes[at],
        seating.flow[at],
    )  # fmt: skip
