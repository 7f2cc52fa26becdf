"""Improve a zoning part by part: divide the zones of a few neighbouring sites anew, exactly, again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.zone_model import ZoneModel
from layout_planner.locate.zones import detached

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.open_sets import SetSearch
    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones import Zoning

__all__ = ["PartSearch", "way_to_room"]


def way_to_room(zoning: Zoning, label: NDArray[np.int64], center: int) -> list[int]:
    """List the zones on a shortest way from an overfull zone to one with room; ``center`` alone where it is not."""
    here, there = np.repeat(label, np.diff(zoning.indptr)), label[zoning.adj]
    free = zoning.capacity - np.bincount(label, weights=zoning.demand, minlength=len(zoning.capacity))
    back, queue = {center: -1}, [center] if zoning.overload(label)[center] > 0 else []
    for j in queue:
        if free[j] > 1e-9 * max(1.0, float(zoning.capacity[j])):
            way = [j]
            while back[way[-1]] >= 0:
                way.append(back[way[-1]])
            return way[::-1]
        for k in np.unique(there[here == j]).tolist():
            if k not in back:
                back[k] = j
                queue.append(k)
    return [center]


@dataclass(eq=False)
class PartSearch:
    """A neighbourhood search by small mixed-integer programmes.

    ``penalty`` is the cost of one unit of demand above a capacity, ``pairs`` the number of pairs of unit and site
    besides today's that a part may consider, ``failed`` the parts known not to improve.
    """

    zoning: Zoning
    sets: SetSearch
    penalty: float
    pairs: int
    seed: int
    watch: Watch
    seconds: float = 4.0
    failed: set[tuple[int, ...]] = field(default_factory=set)

    def price(self, label: NDArray[np.int64]) -> float:
        """Value a zoning with its overload."""
        return self.zoning.value(label) + self.penalty * float(self.zoning.overload(label).sum())

    def improve(self, label: NDArray[np.int64], width: int, *, closed: int = 0) -> NDArray[np.int64]:
        """Divide parts of ``width`` zones anew, around every open site in turn, until none improves.

        Parameters
        ----------
        label : ndarray (n,)
            Connected zones to begin with.
        width : int
            Zones a part.
        closed : int
            Closed sites nearby that a part may open; its own sites may then close.
        """
        rng = np.random.default_rng(self.seed)
        value = self.price(label)
        queue = self._queue(label, rng)
        while queue and not self.watch.stopped():
            center = queue.pop(0)
            if not (label == center).any():
                continue
            part = self._part(label, center, width)
            key = self._signature(label, part, closed)
            if key in self.failed:
                continue
            better = self._divide(label, part, closed)
            if better is not None and self.price(better) < value - 1e-9 * max(1.0, abs(value)):
                label, value = better, self.price(better)
                touched = self._around(label, np.unique(label[np.isin(label, part)]))
                queue += [j for j in touched.tolist() if j not in queue]
            else:
                self.failed.add(key)
        return label

    def _queue(self, label: NDArray[np.int64], rng: np.random.Generator) -> list[int]:
        """List the open sites, the overfull ones first."""
        over = self.zoning.overload(label)
        return sorted(rng.permutation(np.unique(label)).tolist(), key=lambda j: -float(over[j]))

    def _signature(self, label: NDArray[np.int64], part: NDArray[np.int64], closed: int) -> tuple[int, ...]:
        inside = np.isin(label, part)
        return (closed, hash(np.where(inside, label, -1).tobytes()))

    def _around(self, label: NDArray[np.int64], sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """List these sites and those whose zones touch theirs."""
        z = self.zoning
        here = np.repeat(label, np.diff(z.indptr))
        return np.union1d(sites, label[z.adj[np.isin(here, sites)]])

    def _part(self, label: NDArray[np.int64], center: int, width: int) -> NDArray[np.int64]:
        """Take ``center``, from an overfull one the way to the nearest zone with room, and what touches them most."""
        z = self.zoning
        here, there = np.repeat(label, np.diff(z.indptr)), label[z.adj]
        part = way_to_room(z, label, center)[:width]
        while len(part) < width:
            border = np.bincount(there[np.isin(here, part)], minlength=len(z.fixed)).astype(float)
            border[part] = 0
            if not border.any():
                break
            part.append(int(border.argmax()))
        return np.array(sorted(part), dtype=np.int64)

    def _divide(self, label: NDArray[np.int64], part: NDArray[np.int64], closed: int) -> NDArray[np.int64] | None:
        z = self.zoning
        units = np.flatnonzero(np.isin(label, part))
        opened = np.unique(label)
        outside = np.setdiff1d(opened, part)
        sites = self._with_closed(units, part, outside, closed) if closed else part
        movable = ~z.forced[sites] if closed else np.zeros(len(sites), bool)
        price = self.sets.divide(tuple(opened.tolist())).price
        model = ZoneModel(
            z, units, sites, self._keep(label, units, sites, price), movable, self.penalty,
            count=None if z.p is None else z.p - len(outside), budget=z.budget - float(z.fixed[outside].sum()),
        )  # fmt: skip
        limit = min(self.seconds, self.watch.left)
        better = model.solve(label, rounds=8, time_limit=limit, gap=1e-6, seed=self.seed)
        if better is not None and detached(z.indptr, z.adj, better, z.seat).any():
            return None
        return better

    def _with_closed(
        self, units: NDArray[np.int64], part: NDArray[np.int64], outside: NDArray[np.int64], closed: int
    ) -> NDArray[np.int64]:
        z = self.zoning
        free = np.setdiff1d(np.flatnonzero(~z.barred), np.union1d(part, outside))
        free = free[np.isin(z.seat[free], units)]
        return np.union1d(part, free[np.argsort(z.cost[np.ix_(units, free)].sum(axis=0), kind="stable")[:closed]])

    def _keep(
        self, label: NDArray[np.int64], units: NDArray[np.int64], sites: NDArray[np.int64], price: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Keep today's pairs and those of least reduced cost at the prices of room."""
        z = self.zoning
        reduced = z.cost[np.ix_(units, sites)] + price[sites] * z.demand[units, None]
        reduced = reduced - reduced.min(axis=1, keepdims=True)
        limit = np.partition(reduced.ravel(), min(self.pairs, reduced.size - 1))[min(self.pairs, reduced.size - 1)]
        keep = np.isfinite(reduced) & (reduced <= limit)
        own = z.seat[sites][None, :] == units[:, None]
        return np.asarray(keep | (label[units, None] == sites) | (own & np.isfinite(reduced)))
