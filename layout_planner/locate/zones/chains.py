"""Some zones divided anew by CP-SAT, held together by chains of units; sites may open and close."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array, vstack

from layout_planner.locate.solvers.cpsat import solve_whole
from layout_planner.locate.zones.graph import neighbours
from layout_planner.locate.zones.order import before, chain_clauses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.graph import Zoning

__all__ = ["Chains"]

_UNIT = 1e-7
"""Share of today's cost that counts as one in a programme of whole numbers."""

_GRAIN = 1e-7
"""Share of all demand that counts as one where demand is not whole; loads are rounded up, room down."""


@dataclass(eq=False)
class Chains:
    """Units (u,) to be divided anew among sites (t,), some of which may open or close.

    Attributes
    ----------
    zoning : Zoning
        The whole problem.
    label : ndarray (n,)
        Today's zones, connected.
    units, sites : ndarray
        Positions of the units and the sites of this part, sorted.
    keep : ndarray (u, t) of bool
        Pairs that may be used; today's are always among them.
    movable : ndarray (t,) of bool
        Sites that may be opened or closed; the others stay open.
    penalty : float
        Cost of one unit of demand above the capacity, of which no site may have more than all have today; infinite
        where nothing may be overfull.
    count : int or None
        Number of open sites among ``sites`` where it is given.
    budget : float
        Limit on the fixed cost among ``sites``.
    """

    zoning: Zoning
    label: NDArray[np.int64]
    units: NDArray[np.int64]
    sites: NDArray[np.int64]
    keep: NDArray[np.bool_]
    movable: NDArray[np.bool_]
    penalty: float
    count: int | None = None
    budget: float = float("inf")

    def __post_init__(self) -> None:
        """Bind the seats, give every kept pair its column, and make amounts whole."""
        z, t = self.zoning, np.arange(len(self.sites))
        self._place = np.full(len(z.demand), -1, np.int64)
        self._place[self.units] = np.arange(len(self.units))
        self._seat = self._place[z.seat[self.sites]]
        self.keep[self._seat[~self.movable]] = False
        self.keep[self._seat, t] = np.isfinite(z.cost[z.seat[self.sites], self.sites])
        self._unit, self._site = np.nonzero(self.keep)
        self._column = np.full(self.keep.shape, -1, np.int64)
        self._column[self._unit, self._site] = np.arange(len(self._unit))
        self._today = self.label[self.units]
        whole = bool((z.demand == np.rint(z.demand)).all())
        self._grain = 1.0 if whole else _GRAIN * max(float(z.demand.sum()), 1e-9)
        self._size = np.ceil(z.demand[self.units] / self._grain - 1e-6)
        self._room = np.floor(z.capacity[self.sites] / self._grain + 1e-6)
        load = np.bincount(np.searchsorted(self.sites, self._today), self._size, len(t))
        self._over = np.maximum(0.0, load - self._room)
        self._excess = len(t) if self._over.any() and np.isfinite(self.penalty) else 0

    def solve(self, watch: Watch, effort: float, seed: int) -> tuple[NDArray[np.int64] | None, bool]:
        """Divide anew, from today's zones.

        Parameters
        ----------
        watch : Watch
            When to stop early.
        effort : float
            Limit in CP-SAT's deterministic seconds.
        seed : int
            Seed of the search.

        Returns
        -------
        label : ndarray (n,) or None
            The best zones found.
        complete : bool
            Whether the programme was solved to its end.
        """
        q, matrix, lower, upper = len(self._unit), *self._rows()
        hint = np.append(self._today[self._unit] == self.sites[self._site], self._over[: self._excess])
        cost = np.append(self._price(), np.full(self._excess, self.penalty * self._grain))
        answer = solve_whole(
            cost, matrix, lower, upper, unit=_UNIT * max(float(cost @ hint), 1e-9),
            col_upper=np.append(np.ones(q), np.full(self._excess, self._over.sum())).astype(np.int64),
            clauses=self._clauses(), hint=hint, time_limit=watch.left, effort=effort, seed=seed, workers=1,
            cancel=watch.cancel,
        )  # fmt: skip
        if answer.values is None:
            return None, answer.infeasible
        chosen = np.flatnonzero(answer.values[:q])
        label = self.label.copy()
        label[self.units[self._unit[chosen]]] = self.sites[self._site[chosen]]
        return label, answer.complete

    def _price(self) -> NDArray[np.float64]:
        """Cost of every kept pair, that of opening a site with its own seat."""
        z = self.zoning
        cost = z.cost[self.units[self._unit], self.sites[self._site]]
        opening = self.movable[self._site] & (self._seat[self._site] == self._unit)
        return np.asarray(cost + np.where(opening, z.fixed[self.sites[self._site]], 0.0))

    def _rows(self) -> tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Serve every unit once, keep the room of every site, and the number and cost of open sites."""
        q, u, t = len(self._unit), len(self.units), np.arange(len(self.sites))
        own = self._column[self._seat, t]
        loose = np.flatnonzero(self.movable & (own >= 0))
        fixed, over = t[~self.movable], t[: self._excess]
        entries = [
            (self._unit, np.arange(q), np.ones(q)),
            (u + self._site, np.arange(q), self._size[self._unit]),
            (u + loose, own[loose], -self._room[loose]),
            (u + over, q + over, -np.ones(len(over))),
        ]
        lower, upper = [np.ones(u), np.full(len(t), -np.inf)], [np.ones(u), np.where(self.movable, 0.0, self._room)]
        if self.count is not None:
            entries.append((np.full(len(loose), u + len(t)), own[loose], np.ones(len(loose))))
            lower.append(np.full(1, float(self.count - len(fixed))))
            upper.append(lower[-1])
        if np.isfinite(self.budget):
            cent = _GRAIN * max(self.budget, 1e-9)
            price, last = np.ceil(self.zoning.fixed[self.sites] / cent - 1e-6), u + len(t) + (self.count is not None)
            entries.append((np.full(len(loose), last), own[loose], price[loose]))
            lower.append(np.full(1, -np.inf))
            upper.append(np.full(1, np.floor(1.0 / _GRAIN + 1e-6) - price[fixed].sum()))
        row, column, factor = (np.concatenate(part) for part in zip(*entries, strict=True))
        low, high = np.concatenate(lower), np.concatenate(upper)
        return coo_array((factor, (row, column)), shape=(len(low), q + self._excess)).tocsr(), low, high

    def _clauses(self) -> csr_array:
        """Let a unit join a zone only after a neighbour that lies before it, and only where the site is open."""
        z, u, columns = self.zoning, len(self.units), len(self._unit) + self._excess
        here = np.repeat(np.arange(len(z.indptr) - 1), np.diff(z.indptr))
        inside = (self._place[here] >= 0) & (self._place[z.adj] >= 0)
        graph = neighbours(np.column_stack([self._place[here[inside]], self._place[z.adj[inside]]]), u)
        far = z.cost[np.ix_(self.units, self.sites)] / np.maximum(z.demand[self.units], 1e-9)[:, None]
        zone = self._today[:, None] == self.sites
        rank = before(graph, self.keep, self._seat, zone, far, np.ones(len(graph[1])))
        chains = chain_clauses(graph, self.keep, self._seat, rank, np.zeros(u, bool), columns)
        loose = np.flatnonzero((self._seat[self._site] != self._unit) & self.movable[self._site])
        opened = self._column[self._seat[self._site[loose]], self._site[loose]]
        loose, opened = loose[opened >= 0], opened[opened >= 0]
        more, sign = np.arange(len(loose)), np.ones(len(loose))
        entries = (np.append(-sign, sign), (np.append(more, more), np.append(loose, opened)))
        return csr_array(vstack([chains, coo_array(entries, shape=(len(loose), columns))]))
