"""A capacitated location problem as arrays, and what an open set of sites costs when demand may be split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.capacity.transport import transport

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Division", "Facilities"]


@dataclass(frozen=True, eq=False)
class Division:
    """The cheapest service of an open set when demand may be split.

    ``value`` with fixed costs and the loss of whoever stays unserved; ``price`` (m,) of one more unit of room;
    ``share`` (n, k) of every demand at the k open sites; ``complete`` if everybody is served.
    """

    value: float
    price: NDArray[np.float64]
    share: NDArray[np.float64]
    complete: bool


@dataclass(frozen=True, eq=False)
class Facilities:
    """Frozen arrays of a capacitated location problem with ``n`` demand points and ``m`` sites.

    Attributes
    ----------
    cost : ndarray (n, m)
        Cost of serving the whole demand; ``inf`` where it cannot be served or the site is barred.
    fixed, room : ndarray (m,)
        Cost of opening a site; amount that it can serve (at most the total demand).
    size : ndarray (n,)
        Amount of each demand.
    forced, barred : ndarray (m,) of bool
        Sites that must be open, or must not.
    fewest, most : int
        Number of open sites.
    budget : float
        Largest sum of fixed costs; ``inf`` for no limit.
    """

    cost: NDArray[np.float64]
    fixed: NDArray[np.float64]
    room: NDArray[np.float64]
    size: NDArray[np.float64]
    forced: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    fewest: int
    most: int
    budget: float

    @property
    def loss(self) -> float:
        """Cost per unit of leaving demand unserved, larger than any chain of displacements."""
        unit = self.unit
        finite = unit[np.isfinite(unit)]
        return (float(finite.max(initial=0.0)) + 1.0) * (self.cost.shape[1] + 2)

    @property
    def unit(self) -> NDArray[np.float64]:
        """Cost per unit of demand (n, m); 0 for points without demand."""
        some = self.size > 0
        return np.where(some[:, None], self.cost / np.where(some, self.size, 1.0)[:, None], 0.0)

    @property
    def whole(self) -> bool:
        """Tell whether all amounts are whole numbers, small enough to fill sites exactly."""
        small = self.room.max() * len(self.size) * len(self.room) <= 3e7
        return bool(small and np.all(self.size == np.rint(self.size)) and np.all(self.room == np.rint(self.room)))

    def permits(self, sites: NDArray[np.int64]) -> bool:
        """Tell whether a set keeps count, budget, and fixed and forbidden sites, and has room for everybody."""
        return (
            self.fewest <= len(sites) <= self.most
            and not self.barred[sites].any()
            and int(self.forced[sites].sum()) == int(self.forced.sum())
            and float(self.fixed[sites].sum()) <= self.budget * (1 + 1e-9)
            and float(self.room[sites].sum()) >= self.size.sum() * (1 - 1e-12)
        )

    def divide(self, sites: NDArray[np.int64], unit: NDArray[np.float64], loss: float) -> Division:
        """Serve everybody from an open set at least cost, demand divisible.

        Parameters
        ----------
        sites : ndarray (k,)
            Open sites, sorted.
        unit, loss
            :attr:`unit` and :attr:`loss`, computed once.
        """
        n, k = len(self.size), len(sites)
        table = unit[:, sites]
        kept = np.isfinite(table)
        indptr = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
        node = np.tile(np.arange(k), n).reshape(n, k)[kept]
        answer = transport(indptr, node, table[kept], self.size, self.room[sites], np.full(k, -1), loss)
        amount = np.zeros((n, k))
        amount[kept] = answer.flow
        idle = np.flatnonzero(self.size <= 0)
        share = amount / np.where(self.size > 0, self.size, 1.0)[:, None]
        share[idle, self.cost[np.ix_(idle, sites)].argmin(axis=1)] = 1.0
        stranded = int((~np.isfinite(self.cost[np.ix_(idle, sites)]).any(axis=1)).sum())
        share[idle[~np.isfinite(self.cost[np.ix_(idle, sites)]).any(axis=1)]] = 0.0
        unserved = float(answer.unserved.sum())
        complete = unserved <= 1e-9 * max(1.0, float(self.size.sum())) and not stranded
        served = np.where(share > 0, self.cost[:, sites], 0.0) * share
        price = np.zeros(len(self.room))
        price[sites] = answer.price
        value = float(served.sum() + self.fixed[sites].sum()) + (0.0 if complete else loss * (unserved + stranded))
        return Division(value, price, share, complete)
