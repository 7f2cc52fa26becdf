"""A zoning as a programme in whole numbers: rows and columns from arrays, clauses that keep zones in one piece.

A piece of a zone that does not hold the seat must pay for a bridge: for a unit i of the piece and the units S that
every path from the seat to the piece must cross, ``x[i, j] <= sum of x[k, j] over k in S``.

Source: Fischetti et al. (2017), Thinning out Steiner trees, Mathematical Programming Computation 9(2):203-229, for
node-separator cuts; Carvajal et al. (2013), Operations Research 61(4):824-836, for their use in spatial planning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import coo_array

from layout_planner.locate.zones.graph import fence, reach
from layout_planner.locate.zones.order import before, chain_clauses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csc_array, csr_array

    from layout_planner.locate.zones.task import ZoneTask

__all__ = ["Rows", "ZoneProgramme"]

_NONE = float("inf")


@dataclass(eq=False)
class Rows:
    """Rows of a sparse matrix, block by block."""

    size: int = 0
    _row: list[NDArray[np.int64]] = field(default_factory=list)
    _column: list[NDArray[np.int64]] = field(default_factory=list)
    _factor: list[NDArray[np.float64]] = field(default_factory=list)
    _lower: list[NDArray[np.float64]] = field(default_factory=list)
    _upper: list[NDArray[np.float64]] = field(default_factory=list)

    def add(
        self, entries: Sequence[tuple[NDArray[Any], NDArray[Any], NDArray[np.float64] | float]],
        lower: NDArray[np.float64], upper: NDArray[np.float64],
    ) -> None:  # fmt: skip
        """Append a block: (row within the block, column, factor) parts, and the bounds of its rows."""
        for row, column, factor in entries:
            self._row.append(self.size + row)
            self._column.append(column)
            self._factor.append(np.broadcast_to(np.asarray(factor, np.float64), row.shape))
        self._lower.append(lower)
        self._upper.append(upper)
        self.size += len(lower)

    def matrix(self, columns: int) -> tuple[csc_array, NDArray[np.float64], NDArray[np.float64]]:
        """Put the blocks together: matrix, lower and upper bounds."""
        entries = (np.concatenate(self._row), np.concatenate(self._column))
        whole = coo_array((np.concatenate(self._factor), entries), shape=(self.size, columns)).tocsc()
        return whole, np.concatenate(self._lower), np.concatenate(self._upper)


@dataclass(eq=False)
class ZoneProgramme:
    """The programme of a task over the pairs of unit and site that are kept.

    Columns: the kept pairs (q,), then one for every neighbouring pair of units if borders count, then what every
    site serves above and below the mean, ``m`` times, if balance has a price, then its demand beyond its limits, if
    ``penalty`` allows any. Rows and loads are multiplied by ``task.scale``, which makes demand whole where it can.

    Attributes
    ----------
    task : ZoneTask
        What is asked for.
    keep : ndarray (n, m) of bool
        Pairs that may be used; those of a seat and its own site among them.
    cuts : list of (unit, site, bridge)
        Contiguity cuts; a bridge may name pairs that are not kept.
    penalty : float or None
        Cost of one unit of demand beyond the limits of a site; ``None`` if there must be none.
    """

    task: ZoneTask
    keep: NDArray[np.bool_]
    cuts: list[tuple[int, int, NDArray[np.int64]]] = field(default_factory=list)
    penalty: float | None = None

    def __post_init__(self) -> None:
        """Give every kept pair its column."""
        self.keep = self.task.joined(self.keep)
        self.unit, self.site = np.nonzero(self.keep)
        self.column = np.full(self.keep.shape, -1, np.int64)
        self.column[self.unit, self.site] = np.arange(len(self.unit))
        self._edges = len(self.task.pairs) if self.task.bordered else 0
        self._sides = 2 * len(self.task.seat) if self.task.balance_price else 0
        self._beyond = 0 if self.penalty is None else 2 * len(self.task.seat)
        self.demand, self.floor, self.room = self.task.whole

    @property
    def size(self) -> int:
        """Number of columns."""
        return len(self.unit) + self._edges + self._sides + self._beyond

    @property
    def price(self) -> NDArray[np.float64]:
        """Cost of every column."""
        t, m = self.task, len(self.task.seat)
        border = t.border_price * t.length[: self._edges]
        uneven = np.full(self._sides, t.balance_price / (m * t.scale))
        beyond = np.full(self._beyond, (self.penalty or 0.0) / t.scale)
        return np.concatenate([t.cost[self.unit, self.site], border, uneven, beyond])

    @property
    def upper(self) -> NDArray[np.float64]:
        """Largest value of every column."""
        everything = float(np.ceil(self.demand.sum()))
        sides, beyond = np.full(self._sides, everything * len(self.task.seat)), np.full(self._beyond, everything)
        return np.concatenate([np.ones(len(self.unit) + self._edges), sides, beyond])

    def rows(self) -> tuple[csc_array, NDArray[np.float64], NDArray[np.float64]]:
        """Make the matrix and the bounds of its rows; contiguity cuts are its last rows."""
        t, rows = self.task, Rows()
        n, m, own = len(t.demand), len(t.seat), np.arange(len(self.unit))
        rows.add([(self.unit, own, 1.0)], np.ones(n), np.ones(n))
        loads, last, every = (self.site, own, self.demand[self.unit]), self.size - self._beyond, np.arange(m)
        beyond = [(every, last + every, -1.0), (every, last + m + every, 1.0)] if self._beyond else []
        rows.add([loads, *beyond], np.where(self.floor > 0, self.floor, -_NONE), self.room)
        if np.isfinite(t.most_change):
            moved = np.flatnonzero((t.today[self.unit] >= 0) & (t.today[self.unit] != self.site))
            rows.add(
                [(np.zeros(len(moved), np.int64), moved, t.change[self.unit[moved]])],
                np.full(1, -_NONE), np.full(1, t.most_change),
            )  # fmt: skip
        if self._edges:
            self._add_borders(rows)
        if self._sides:
            first, total = len(own) + self._edges, np.full(m, float(self.demand.sum()))
            sides = [(every, first + every, -1.0), (every, first + m + every, 1.0)]
            rows.add([(self.site, own, m * self.demand[self.unit]), *sides], total, total)
        self._add_cuts(rows)
        return rows.matrix(self.size)

    def _add_borders(self, rows: Rows) -> None:
        """Count a border wherever a site serves one of two neighbours only."""
        t, first = self.task, len(self.unit)
        for u, v in (t.pairs.T, t.pairs[:, ::-1].T):
            edge, site = np.nonzero(self.keep[u])
            here, there = self.column[u[edge], site], self.column[v[edge], site]
            row, both = np.arange(len(edge)), np.flatnonzero(there >= 0)
            entries = [(row, here, 1.0), (both, there[both], -1.0), (row, first + edge, -1.0)]
            rows.add(entries, np.full(len(edge), -_NONE), np.zeros(len(edge)))
        if np.isfinite(t.most_border):
            edges = np.arange(self._edges)
            rows.add([(0 * edges, first + edges, t.length)], np.full(1, -_NONE), np.full(1, t.most_border))

    def _add_cuts(self, rows: Rows) -> None:
        for i, j, bridge in self.cuts:
            if self.keep[i, j]:
                across = self.column[bridge, j]
                across = across[across >= 0]
                columns, factors = np.append(self.column[i, j], across), np.ones(len(across) + 1)
                factors[0] = -1.0
                rows.add([(0 * columns, columns, factors)], np.zeros(1), np.full(1, _NONE))

    def start(self, label: NDArray[np.int64]) -> NDArray[np.float64]:
        """Write a division (n,) as values of the columns; NaN where it does not say."""
        values = np.full(self.size, np.nan)
        values[: len(self.unit)] = label[self.unit] == self.site
        return values

    def label(self, values: NDArray[Any]) -> NDArray[np.int64]:
        """Read the site of every unit (n,) from the columns."""
        share = np.zeros(self.keep.shape)
        share[self.unit, self.site] = values[: len(self.unit)]
        return np.asarray(share.argmax(axis=1), dtype=np.int64)

    def separate(self, label: NDArray[np.int64]) -> int:
        """Add cuts for every piece of a zone that does not hold its seat; tell how many."""
        return sum(self.cut_pieces(j, label == j) for j in range(len(self.task.seat)))

    def cut_pieces(self, j: int, zone: NDArray[np.bool_]) -> int:
        """Add cuts for every piece of the units (n,) of site ``j`` that does not hold its seat; tell how many."""
        graph, seat, before = self.task.graph, self.task.seat[j], len(self.cuts)
        rest = zone & ~reach(*graph, zone, seat)
        allowed = np.isfinite(self.task.cost[:, j])
        while rest.any():
            piece = reach(*graph, rest, int(np.argmax(rest)))
            rest &= ~piece
            bridge = np.flatnonzero(fence(*graph, allowed, piece, seat))
            self.cuts += [(int(i), j, bridge) for i in np.flatnonzero(piece)]
        return len(self.cuts) - before

    @property
    def free(self) -> NDArray[np.bool_]:
        """Columns that are not settled: all but the pairs of units with one pair."""
        several = self.keep.sum(axis=1)[self.unit] > 1
        return np.append(several, np.ones(self.size - len(several), dtype=bool))

    def chains(self, label: NDArray[np.int64], rng: np.random.Generator) -> csr_array:
        """Say in clauses over the columns that zones are connected, in an order that the zones of ``label`` keep."""
        graph, seat = self.task.graph, self.task.seat
        far = self.task.cost / np.maximum(self.task.demand, 1e-9)[:, None]
        step = 1 + rng.integers(2) * rng.random(len(graph[1]))
        rank = before(graph, self.keep, seat, label[:, None] == np.arange(len(seat)), far, step)
        return chain_clauses(graph, self.keep, seat, rank, self.keep.sum(axis=1) == 1, self.size)

    def beside(self) -> csr_array:
        """Say in clauses over the columns that a unit joins a zone only beside another unit of it."""
        t = self.task
        return chain_clauses(t.graph, self.keep, t.seat, None, self.keep.sum(axis=1) == 1, self.size)
