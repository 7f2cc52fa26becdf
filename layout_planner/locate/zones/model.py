"""A small zoning as one mixed-integer programme, with contiguity cuts added where a solution breaks it.

A piece of a zone that does not hold the seat must pay for a bridge: for a unit i of the piece and the units S that
every path from the seat to the piece must cross, ``x[i, j] <= sum of x[k, j] over k in S``.

Source: Fischetti et al. (2017), Thinning out Steiner trees, Mathematical Programming Computation 9(2):203-229, for
node-separator cuts; Carvajal et al. (2013), Operations Research 61(4):824-836, for their use in spatial planning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array

from layout_planner.locate.solvers.highs import solve
from layout_planner.locate.zones.graph import fence, reach

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

    from layout_planner.locate.stopping import Watch
    from layout_planner.locate.zones.graph import Zoning

__all__ = ["ZoneModel"]

_MEMBERS = 6
"""Units of a piece, those of largest demand, that pay for a bridge."""


@dataclass(eq=False)
class ZoneModel:
    """All units (n,) to be divided among the sites (t,) that may open.

    Columns: the pairs of unit and site that can be used (q,), then whether each site is open.

    Attributes
    ----------
    zoning : Zoning
        The problem.
    cuts : list of (unit, site, bridge)
        Contiguity cuts.
    bound : float
        Proven lower bound, once solved; ``inf`` if there are no zones.
    log : str
        What the solver said last.
    """

    zoning: Zoning
    cuts: list[tuple[int, int, NDArray[np.int64]]] = field(default_factory=list)
    bound: float = float("-inf")
    log: str = ""

    def __post_init__(self) -> None:
        """Keep the pairs that a chain of units joins to an open seat, and give each its column."""
        z = self.zoning
        self._sites = np.flatnonzero(~z.barred)
        keep = np.isfinite(z.cost[:, self._sites])
        for t, j in enumerate(self._sites):
            keep[:, t] &= keep[z.seat[j], t] & reach(z.indptr, z.adj, np.ascontiguousarray(keep[:, t]), z.seat[j])
        seats = z.seat[self._sites]
        for t in np.flatnonzero(z.forced[self._sites]).tolist():
            own = keep[seats[t], t]
            keep[seats[t]] = False
            keep[seats[t], t] = own
        self._keep = keep
        self._unit, self._site = np.nonzero(keep)
        self._column = np.full(keep.shape, -1, np.int64)
        self._column[self._unit, self._site] = np.arange(len(self._unit))

    def solve(self, watch: Watch, gap: float, seed: int) -> NDArray[np.int64] | None:
        """Divide the units, (n,); ``None`` if no connected division was found in time."""
        seated = np.isfinite(self.zoning.cost[self.zoning.seat, np.arange(len(self.zoning.seat))])
        if (self.zoning.forced & ~seated).any():
            self.bound, self.log = float("inf"), "infeasible: a site that must be open cannot serve its own unit"
            return None
        while watch.left > 0:
            chosen = self._once(watch, gap, seed)
            if chosen is None:
                return None
            if not self._separate(chosen):
                return self._sites[chosen]
        return None

    def _once(self, watch: Watch, gap: float, seed: int) -> NDArray[np.int64] | None:
        z, q, t = self.zoning, len(self._unit), len(self._sites)
        matrix, lower, upper = self._rows()
        seated = np.isfinite(z.cost[z.seat[self._sites], self._sites])
        answer = solve(
            np.concatenate([z.cost[self._unit, self._sites[self._site]], z.fixed[self._sites]]),
            matrix, lower, upper,
            col_lower=np.concatenate([np.zeros(q), z.forced[self._sites]]),
            col_upper=np.concatenate([np.ones(q), seated]),
            integer=np.ones(q + t, bool), time_limit=max(0.1, watch.left), gap=gap, seed=seed,
        )  # fmt: skip
        lowered = answer.bound - 1e-7 * abs(answer.bound) if np.isfinite(answer.bound) else answer.bound
        self.bound, self.log = max(self.bound, lowered), answer.log
        if answer.values is None:
            return None
        share = np.zeros(self._keep.shape)
        share[self._unit, self._site] = answer.values[:q]
        return np.asarray(share.argmax(axis=1), dtype=np.int64)

    def _rows(self) -> tuple[csc_array, NDArray[np.float64], NDArray[np.float64]]:
        """Serve every unit once, by an open site with room, a seat by its own site; count sites; pay for bridges."""
        z, q, t, n = self.zoning, len(self._unit), len(self._sites), len(self.zoning.demand)
        pair, every, first = np.arange(q), q + np.arange(t), n + t
        room = np.minimum(z.capacity[self._sites], z.demand.sum())
        seat = z.seat[self._sites[self._site]] == self._unit
        entries = [
            (self._unit, pair, np.ones(q)),
            (n + self._site, pair, z.demand[self._unit]),
            (n + np.arange(t), every, -room),
            (first + pair, pair, np.ones(q)),
            (first + pair, q + self._site, -np.ones(q)),
        ]
        lower = [np.ones(n), np.full(t, -np.inf), np.where(seat, 0.0, -np.inf)]
        upper, size = [np.ones(n), np.zeros(t), np.zeros(q)], first + q
        count = -np.inf if z.p is None else float(z.p)
        for weight, low, high in (
            (np.ones(t), count, abs(count)),
            (z.fixed[self._sites], -np.inf, z.budget),
        ):
            entries.append((np.full(t, size), every, weight))
            lower.append(np.full(1, low))
            upper.append(np.full(1, high))
            size += 1
        for i, site, bridge in self.cuts:
            columns = np.append(self._column[bridge, site], self._column[i, site])
            entries.append((np.full(len(columns), size), columns, np.append(np.ones(len(bridge)), -1.0)))
            lower.append(np.zeros(1))
            upper.append(np.full(1, np.inf))
            size += 1
        row, column, factor = (np.concatenate(part) for part in zip(*entries, strict=True))
        matrix = coo_array((factor, (row, column)), shape=(size, q + t)).tocsc()
        return matrix, np.concatenate(lower), np.concatenate(upper)

    def _separate(self, chosen: NDArray[np.int64]) -> int:
        """Add cuts for every piece of a zone that does not hold its seat; tell how many."""
        z, before = self.zoning, len(self.cuts)
        for t in np.unique(chosen):
            seat, zone = z.seat[self._sites[t]], chosen == t
            rest = zone & ~reach(z.indptr, z.adj, zone, seat)
            while rest.any():
                piece = reach(z.indptr, z.adj, rest, int(np.argmax(rest)))
                rest &= ~piece
                allowed = np.ascontiguousarray(self._keep[:, t])
                bridge = np.flatnonzero(fence(z.indptr, z.adj, allowed, piece, seat))
                members = np.flatnonzero(piece)
                heavy = members[np.argsort(-z.demand[members], kind="stable")][:_MEMBERS]
                self.cuts += [(int(i), int(t), bridge) for i in heavy]
        return len(self.cuts) - before
