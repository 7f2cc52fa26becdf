"""What a zoning is asked for, as arrays: costs, room, neighbours, and every limit and price on the zones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.zones.graph import detached, neighbours, reach

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ZoneTask"]

_TINY = 1e-9
_FACTORS = (1.0, 2.0, 5.0, 10.0, 100.0, 1000.0)
"""Share by which a sum may pass its limit."""


@dataclass(frozen=True, eq=False)
class ZoneTask:
    """Units (n,) to be divided among sites (m,), all of which are open.

    Attributes
    ----------
    cost : ndarray (n, m)
        Cost of serving the whole unit from the site, what a change costs included; ``inf`` where it must not be.
    serving : ndarray (n, m)
        The same without what a change costs.
    demand : ndarray (n,)
        Demand of every unit, ≥ 0.
    floor, room : ndarray (m,)
        Least and largest demand that a site may serve.
    seat : ndarray (m,)
        Unit that holds the site.
    pairs : ndarray (k, 2)
        Units that touch, each pair once.
    length : ndarray (k,)
        Length of the border between them.
    border_price, most_border : float
        Cost of one unit of border between two zones, and the limit on its sum.
    balance_price : float
        Cost of one unit of demand by which a site serves more or less than the mean.
    today : ndarray (n,)
        Site of every unit today, −1 for none.
    change : ndarray (n,)
        What it counts if the unit leaves today's site.
    most_change : float
        Limit on the sum of that.
    """

    cost: NDArray[np.float64]
    serving: NDArray[np.float64]
    demand: NDArray[np.float64]
    floor: NDArray[np.float64]
    room: NDArray[np.float64]
    seat: NDArray[np.int64]
    pairs: NDArray[np.int64]
    length: NDArray[np.float64]
    border_price: float
    most_border: float
    balance_price: float
    today: NDArray[np.int64]
    change: NDArray[np.float64]
    most_change: float

    @cached_property
    def graph(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Neighbours of every unit, both ways: row starts and units."""
        return neighbours(self.pairs, len(self.demand))

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Length of the border to every neighbour, in the order of ``graph``."""
        n, (u, v) = len(self.demand), self.pairs.T
        code = np.concatenate([u * n + v, v * n + u])
        return np.asarray(np.concatenate([self.length, self.length])[np.argsort(code)], dtype=np.float64)

    @property
    def mean(self) -> float:
        """Demand that every site would serve if all served the same."""
        return float(self.demand.sum()) / len(self.seat)

    @property
    def bordered(self) -> bool:
        """Whether the border between zones has a price or a limit."""
        return self.border_price > 0 or np.isfinite(self.most_border)

    @cached_property
    def scale(self) -> float:
        """Factor that makes every demand whole, 1 where no small one does."""
        shares = (
            factor for factor in _FACTORS if np.allclose(self.demand * factor, np.rint(self.demand * factor), 0, _TINY)
        )
        return next(shares, 1.0)

    @cached_property
    def whole(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Demand, floor and room times ``scale``, whole where all demand is."""
        size, floor, room = self.demand * self.scale, self.floor * self.scale, self.room * self.scale
        if not self.is_whole:
            return size, floor, room
        near = _TINY * max(1.0, float(size.sum()))
        return np.rint(size), np.ceil(floor - near), np.floor(room + near)

    @property
    def is_whole(self) -> bool:
        """Whether all demand is whole, times ``scale``."""
        size = self.demand * self.scale
        return bool(np.allclose(size, np.rint(size), 0, _TINY))

    def load(self, label: NDArray[np.int64]) -> NDArray[np.float64]:
        """Add up the demand that every site (m,) serves."""
        return np.asarray(np.bincount(label, weights=self.demand, minlength=len(self.seat)), dtype=np.float64)

    def border(self, label: NDArray[np.int64]) -> float:
        """Add up the border between zones."""
        return float(self.length[label[self.pairs[:, 0]] != label[self.pairs[:, 1]]].sum())

    def changed(self, label: NDArray[np.int64]) -> float:
        """Add up what leaves today's site."""
        return float(self.change[(self.today >= 0) & (label != self.today)].sum())

    def value(self, label: NDArray[np.int64]) -> float:
        """Add up all that a division costs."""
        serving = float(self.cost[np.arange(len(label)), label].sum())
        uneven = float(np.abs(self.load(label) - self.mean).sum()) if self.balance_price else 0.0
        return serving + self.border_price * self.border(label) + self.balance_price * uneven

    def fits(self, label: NDArray[np.int64]) -> bool:
        """Tell whether a division keeps every limit and all zones hold together."""
        load, slack = self.load(label), _TINY * max(1.0, float(self.demand.sum()))
        return bool(
            (load <= self.room + slack).all()
            and (load >= self.floor - slack).all()
            and self.border(label) <= self.most_border * (1 + _TINY)
            and self.changed(label) <= self.most_change * (1 + _TINY)
            and (label[self.seat] == np.arange(len(self.seat))).all()
            and not detached(*self.graph, label, self.seat).any()
            and np.isfinite(self.cost[np.arange(len(label)), label]).all()
        )

    def joined(self, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Drop pairs (n, m) that no chain of kept units joins to the seat."""
        sites = range(len(self.seat))
        ways = [reach(*self.graph, np.ascontiguousarray(keep[:, j]), self.seat[j]) & keep[:, j] for j in sites]
        return np.column_stack(ways)
