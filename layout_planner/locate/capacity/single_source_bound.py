"""Where whole demands can still go: prices of demands and full knapsacks rule out almost every pair of a good set.

Source: Martello & Toth (1990), Knapsack Problems, chapter 7; Savelsbergh (1997), A branch-and-price algorithm for the
generalized assignment problem, Operations Research 45(6):831-841, for the strength of the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.ascent import ascend, pair_penalties
from layout_planner.locate.capacity.tree import site_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.capacity.facilities import Facilities

__all__ = ["Pairs", "SetBound"]

_LIMIT = 2000
_FIRST, _AGAIN = 150, 60
_PASSES = 6
_PAYS = 0.03
"""Share of the pairs that a pass must rule out to be followed by another."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs ``kept`` (n, k) of demands and open sites, the ``bound`` and the ``offer`` (n,) that ruled out the rest."""

    bound: float
    offer: NDArray[np.float64]
    kept: NDArray[np.bool_]


class SetBound:
    """Bounds on the assignment of whole demands to one set of open sites.

    Parameters
    ----------
    facilities : Facilities
        The problem.
    sites : ndarray (k,)
        Open sites.
    """

    def __init__(self, facilities: Facilities, sites: NDArray[np.int64]) -> None:
        self._size, self._room, self._fixed = facilities.size, facilities.room[sites], facilities.fixed[sites]
        columns = site_columns(facilities, whole=True)
        near, unit, cost = (np.ascontiguousarray(column[sites]) for column in columns)
        self._near, self._unit, self._cost = near, unit, cost

    def narrow(self, pairs: Pairs, upper: float) -> Pairs:
        """Raise the bound and rule out pairs that are in no assignment below ``upper``, in turns.

        Without any assignment below it the bound is ``inf`` or at least ``upper``.
        """
        offer, kept, bound, rounds = pairs.offer.copy(), pairs.kept.copy(), pairs.bound, _FIRST
        n, k = kept.shape
        state, often = np.ones(k, np.int8), np.ones(k)
        value, price, chosen = np.empty(k), np.empty(k), np.ones(k, np.bool_)
        for _ in range(_PASSES):
            if not kept.any(axis=1).all():
                return Pairs(float("inf"), offer, kept)
            unit = np.where(kept.T[np.arange(k)[:, None], self._near], self._unit, np.inf)
            order = np.argsort(unit, axis=1, kind="stable")
            near, unit, cost = (np.take_along_axis(column, order, axis=1) for column in (self._near, unit, self._cost))
            facts = (near, unit, cost, self._size, self._room)
            reached, *_ = ascend(
                *facts, self._fixed, state, k, k, _LIMIT, offer, often, upper + 0.2 * max(0.0, upper - bound), upper,
                0.5, rounds, value, price, chosen,
            )  # fmt: skip
            bound = max(bound, float(reached))
            if bound >= upper:
                break
            penalty = pair_penalties(*facts, offer, _LIMIT, upper - reached)
            before = kept.sum()
            kept &= reached + penalty <= upper
            if before - kept.sum() < _PAYS * (before - n) + 1:
                break
            rounds = _AGAIN
        return Pairs(bound, offer, kept)
