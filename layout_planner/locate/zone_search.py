"""Improve a zoning part by part: divide the zones of a few neighbouring sites anew, exactly, again and again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from layout_planner.locate.zone_model import ZoneModel
from layout_planner.locate.zones import detached, reattach

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from layout_planner.locate.zone_sets import OpenSets

__all__ = ["ZoneSearch", "first_zoning"]


def first_zoning(sets: OpenSets, sites: frozenset[int], penalty: float) -> NDArray[np.int64] | None:
    """Make connected zones (n,) from the best divisible assignment to ``sites``; they may be overfull.

    ``None`` where some unit cannot be joined to any zone that may serve it.
    """
    z = sets.zoning
    _, label, _, _ = sets.solve(np.array(sorted(sites), dtype=np.int64))
    is_open = np.zeros(len(z.fixed), dtype=bool)
    is_open[list(sites)] = True
    label = label.copy()
    reattach(z.indptr, z.adj, z.cost, z.demand, z.capacity, label, z.seat, is_open, penalty)
    return None if (label < 0).any() else label


@dataclass(eq=False)
class ZoneSearch:
    """State of a neighbourhood search by small mixed-integer programmes.

    ``penalty`` is the cost of one unit of demand above a capacity, ``pairs`` the number of pairs of unit and site
    besides today's that a part may consider, ``pool`` every zone met that fits (site, units).
    """

    sets: OpenSets
    penalty: float
    pairs: int
    seed: int
    stop: Callable[[], bool]
    pool: set[tuple[int, bytes]] = field(default_factory=set)
    part_seconds: float = 4.0

    def price(self, label: NDArray[np.int64]) -> float:
        """Value a zoning with its overload."""
        z = self.sets.zoning
        return z.value(label) + self.penalty * float(z.overload(label).sum())

    def improve(
        self, label: NDArray[np.int64], width: int, *, closed: int = 0, failed: set[tuple[int, ...]] | None = None
    ) -> NDArray[np.int64]:
        """Divide parts of ``width`` zones anew, around every open site in turn, until none improves.

        Parameters
        ----------
        label : ndarray (n,)
            Connected zones to begin with.
        width : int
            Zones a part.
        closed : int
            Closed sites nearby that a part may open; its own sites may then close.
        failed : set, optional
            Parts known not to improve.
        """
        rng = np.random.default_rng(self.seed)
        value, tried = self.price(label), failed if failed is not None else set()
        queue = rng.permutation(np.unique(label)).tolist()
        while queue and not self.stop():
            center = queue.pop(0)
            if not (label == center).any():
                continue
            part = self._part(label, center, width)
            key = self._signature(label, part, closed)
            if key in tried:
                continue
            better = self._divide(label, part, closed)
            if better is not None and self.price(better) < value - 1e-9 * max(1.0, abs(value)):
                label, value = better, self.price(better)
                touched = self._around(label, np.unique(label[np.isin(label, part)]))
                queue += [j for j in touched.tolist() if j not in queue]
            else:
                tried.add(key)
        return label

    def _signature(self, label: NDArray[np.int64], part: NDArray[np.int64], closed: int) -> tuple[int, ...]:
        inside = np.isin(label, part)
        return (closed, hash(np.where(inside, label, -1).tobytes()))

    def _around(self, label: NDArray[np.int64], sites: NDArray[np.int64]) -> NDArray[np.int64]:
        """List these sites and those whose zones touch theirs."""
        z = self.sets.zoning
        here = np.repeat(label, np.diff(z.indptr))
        return np.union1d(sites, label[z.adj[np.isin(here, sites)]])

    def _part(self, label: NDArray[np.int64], center: int, width: int) -> NDArray[np.int64]:
        """Take the zones that share the longest border with the part so far, starting at ``center``."""
        z = self.sets.zoning
        here, there = np.repeat(label, np.diff(z.indptr)), label[z.adj]
        part = [center]
        while len(part) < width:
            border = np.bincount(there[np.isin(here, part)], minlength=len(z.fixed)).astype(float)
            border[part] = 0
            if not border.any():
                break
            part.append(int(border.argmax()))
        return np.array(sorted(part), dtype=np.int64)

    def _divide(self, label: NDArray[np.int64], part: NDArray[np.int64], closed: int) -> NDArray[np.int64] | None:
        z = self.sets.zoning
        units = np.flatnonzero(np.isin(label, part))
        outside = np.setdiff1d(np.unique(label), part)
        sites = part
        if closed:
            sites = self._with_closed(units, part, outside, closed)
        movable = ~z.forced[sites] if closed else np.zeros(len(sites), bool)
        _, _, mu, _ = self.sets.solve(np.union1d(part, outside))
        model = ZoneModel(
            z, units, sites, self._keep(label, units, sites, mu), movable, self.penalty,
            count=None if z.p is None else z.p - len(outside), budget=z.budget - float(z.fixed[outside].sum()),
        )  # fmt: skip
        better = model.solve(label, rounds=8, time_limit=self.part_seconds, gap=1e-6, seed=self.seed)
        if better is not None and detached(z.indptr, z.adj, better, z.seat).any():
            return None
        if better is not None:
            self.remember(better)
        return better

    def _with_closed(
        self, units: NDArray[np.int64], part: NDArray[np.int64], outside: NDArray[np.int64], closed: int
    ) -> NDArray[np.int64]:
        z = self.sets.zoning
        free = np.setdiff1d(np.flatnonzero(~z.barred), np.union1d(part, outside))
        free = free[np.isin(z.seat[free], units)]
        return np.union1d(part, free[np.argsort(z.cost[np.ix_(units, free)].sum(axis=0), kind="stable")[:closed]])

    def _keep(
        self, label: NDArray[np.int64], units: NDArray[np.int64], sites: NDArray[np.int64], mu: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Keep today's pairs and those of least reduced cost at the prices ``mu`` of room."""
        z = self.sets.zoning
        reduced = z.cost[np.ix_(units, sites)] + mu[sites] * z.demand[units, None]
        reduced = reduced - reduced.min(axis=1, keepdims=True)
        limit = np.partition(reduced.ravel(), min(self.pairs, reduced.size - 1))[min(self.pairs, reduced.size - 1)]
        keep = np.isfinite(reduced) & (reduced <= limit)
        own = z.seat[sites][None, :] == units[:, None]
        return np.asarray(keep | (label[units, None] == sites) | (own & np.isfinite(reduced)))

    def remember(self, label: NDArray[np.int64]) -> None:
        """Keep every zone that fits its site."""
        over = self.sets.zoning.overload(label)
        for j in np.unique(label):
            if over[j] == 0:
                self.pool.add((int(j), np.packbits(label == j).tobytes()))
