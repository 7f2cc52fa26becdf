"""How much the results owe to the raster's guess of where pupils live: homes drawn anew, the totals kept.

Two things are drawn. The *weights* of the homes within a village (or township): Dirichlet with parameters
``concentration`` × estimated pupils, which at 1 is the Bayesian bootstrap of the pupils' homes, so that a cell of three
pupils is uncertain by 58 %. And, where enrolment by village was placed in homes, the *places* of the homes: anywhere in
the cell, all schools of a home nearer or farther at once by how much of the shift points towards them (times the detour
of the ways), which needs no new search.

What is not covered: errors of the enrolment table, of the roads and of speeds (the same for all pupils; see the rows
``slower`` and ``faster`` of the measures), and a raster that is wrong everywhere in the same direction.

Source: Rubin (1981), The Bayesian bootstrap, Ann. Stat. 9:130-134.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.study.reach import Reach

    Floats = NDArray[np.float64]

__all__ = ["Homes", "interval", "kept_entries"]

_KEPT = 5


@dataclass(frozen=True, eq=False)
class Homes:
    """What is drawn of the homes.

    Attributes
    ----------
    weights : ndarray (u,)
        Estimated pupils of every unit.
    block : ndarray (u,) of int
        Units whose pupils add up to a known total.
    place : ndarray (u,) of int
        Demand point of every unit: the bands of a point move together.
    shift_m : float
        Half the side of the square in which a home may lie, metres; 0 leaves the places alone.
    detour : float
        Metres of way for a metre of shift.
    concentration : float
        Independent pupils that one estimated pupil counts for; more is surer.
    """

    weights: Floats
    block: NDArray[np.int64]
    place: NDArray[np.int64]
    shift_m: float
    detour: float
    concentration: float

    def draw_weights(self, rng: np.random.Generator) -> Floats:
        """Draw weights with the sums of the blocks kept."""
        drawn = rng.gamma(self.concentration * self.weights)
        sums = np.bincount(self.block, weights=drawn)
        known = np.bincount(self.block, weights=self.weights)
        drawn = np.where((sums > 0)[self.block], drawn, self.weights)
        sums = np.where(sums > 0, sums, known)
        return np.asarray(drawn * (known / np.where(sums > 0, sums, 1.0))[self.block], dtype=np.float64)

    def draw_minutes(self, found: Reach, rng: np.random.Generator) -> Floats:
        """Draw the minutes of all entries for homes anywhere in their squares."""
        pairs = found.pairs
        if self.shift_m <= 0:
            return pairs.minutes
        shift = rng.uniform(-self.shift_m, self.shift_m, (int(self.place.max(initial=-1)) + 1, 2))
        moved = np.einsum("ij,ij->i", shift[self.place][pairs.rows], found.towards)
        pace = pairs.minutes / np.maximum(pairs.metres, 1.0)
        return np.asarray(np.maximum(pairs.minutes - moved * self.detour * pace, 0.0), dtype=np.float64)


def interval(draws: Floats, level: float, estimate: Floats | float) -> tuple[Floats, Floats]:
    """Give the equal-tailed interval of the draws (first axis), widened where the estimate lies outside it.

    The estimate puts all pupils of a cell at its centre and the draws do not, so that it need not be among them.

    Returns
    -------
    low, high : ndarray
        nan where no draw has a value.

    >>> low, high = interval(np.arange(101.0), 0.9, 3.0)
    >>> float(low), float(high)
    (3.0, 95.0)
    """
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    some = np.isfinite(draws).any(axis=0)
    low, high = np.nanquantile(np.where(some, draws, 0.0), tails, axis=0)
    return np.where(some, np.fmin(low, estimate), np.nan), np.where(some, np.fmax(high, estimate), np.nan)


def kept_entries(found: Reach, attended: NDArray[np.int64], marks: tuple[NDArray[np.bool_], ...]) -> NDArray[np.int64]:
    """Choose the entries that can decide a reason under any draw: those attended, and the first few of every kind.

    Parameters
    ----------
    attended : ndarray of int
        Entries of the trips, −1 among them.
    marks : tuple of ndarray (number of entries,) of bool
        Kinds of entries of which the nearest matters.

    Returns
    -------
    ndarray of int
        Ascending.
    """
    kept = np.zeros(len(found.pairs.school), dtype=bool)
    kept[attended[attended >= 0]] = True
    for mark in marks:
        count = np.cumsum(mark)
        before = np.concatenate([[0], count])[found.pairs.indptr[:-1]]
        kept |= mark & (count - before[found.pairs.rows] <= _KEPT)
    return np.flatnonzero(kept)
