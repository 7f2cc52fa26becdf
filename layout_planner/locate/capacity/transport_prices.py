"""Good prices of scarce room for a large transportation problem, by Newton's method on the smoothed dual.

At prices, every supply asks for the node where cost and price together are least; the dual is concave, with as many
variables as nodes. Smoothing the choice makes it differentiable twice: each node gets a share that falls
exponentially with what it costs more than the best. Shares sharpen level by level, on samples first, and the prices
of one level start the next. Prices are only a start: nothing of the answer rests on them but the time it takes.

Source: Kitagawa, Mérigot & Thibert (2019), Convergence of a Newton algorithm for semi-discrete optimal transport,
J. Eur. Math. Soc. 21(9):2603-2651.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Table", "cheap_entries", "scarcity_prices"]

_kernel: Any = nb.njit(cache=True, nogil=True)

_REACH = 15.0
"""Shares are left out where they cost this many times the sharpness more than the best."""
_SHARE = 1e-3
"""Shares below do not bend the model of Newton's method."""
_LEVELS = (
    (1.0, 2_000, 0.02, np.inf), (0.15, 8_000, 0.01, np.inf), (0.05, 0, 0.005, 6.0), (0.015, 0, 0.003, 1.5),
    (0.005, 0, 0.001, 1.0),
)  # fmt: skip
"""Sharpness as a part of the usual difference between the two cheapest, size of the sample (0: all), part of the
supply that loads may err by, and what kept pairs may cost more than the cheapest, in usual differences."""
_STEPS = 20
_HALVINGS = 6
_FARTHEST = 30.0
_DOUBT = 0.3


class Table(NamedTuple):
    """Sparse rows by supply: ``indptr``, ``node``, ``cost``; and the place of every entry in the whole table."""

    indptr: NDArray[np.int64]
    node: NDArray[np.int64]
    cost: NDArray[np.float64]
    entry: NDArray[np.int64]


def scarcity_prices(
    indptr: NDArray[np.int64],
    node: NDArray[np.int64],
    cost: NDArray[np.float64],
    supply: NDArray[np.float64],
    capacity: NDArray[np.float64],
    drain: NDArray[np.int64],
    stay: float,
) -> tuple[NDArray[np.float64], float]:
    """Price the nodes of a transportation problem nearly right.

    Parameters are those of :func:`layout_planner.locate.capacity.transport.transport`; ``stay`` is the cost of staying.

    Returns
    -------
    price : ndarray (v,)
        Of one more unit of room at every node; that of a gate with that of its sink.
    window : float
        What a pair may cost more than the cheapest of its supply and still be worth a look.
    """
    total = float(supply.sum())
    order = np.random.default_rng(0).permutation(np.flatnonzero(supply > 0))
    usual = _usual_difference(indptr, cost, order[:2_000])
    table = Table(indptr, node, cost, indptr[:0])
    scarcity = np.where(drain < 0, _start(indptr, cost, supply, capacity, drain, stay), 0.0)
    for sharp, size, error, window in _LEVELS:
        if np.isfinite(window):
            price = _Dual(table, supply, capacity, drain, stay).node_price(scarcity)
            table = cheap_entries(table.indptr, table.node, table.cost, price, stay, window * usual)
        rows = np.sort(order[:size]) if size else np.sort(order)
        scale = total / max(float(supply[rows].sum()), 1e-300)
        dual = _Dual(table, supply, capacity, drain, stay)
        scarcity = dual.ascend(scarcity, rows, scale, sharp * usual, error * total)
    return dual.node_price(scarcity), _DOUBT * usual


def _start(
    indptr: NDArray[np.int64],
    cost: NDArray[np.float64],
    supply: NDArray[np.float64],
    capacity: NDArray[np.float64],
    drain: NDArray[np.int64],
    stay: float,
) -> float:
    """Find one price for all sinks at which about as many stay as there is no room for."""
    room, filled = float(capacity[drain < 0].sum()), np.diff(indptr) > 0
    least = np.full(len(supply), stay)
    if filled.any():
        least[filled] = np.minimum.reduceat(cost, indptr[:-1][filled])
    order = np.argsort(least, kind="stable")
    served = np.cumsum(supply[order])
    if served[-1] <= room:
        return 0.0
    return max(0.0, stay - float(least[order[np.searchsorted(served, room)]]))


def _usual_difference(indptr: NDArray[np.int64], cost: NDArray[np.float64], rows: NDArray[np.int64]) -> float:
    """Take the median, over some supplies, of what the second cheapest node costs more than the cheapest."""
    found = []
    for i in rows:
        own = cost[indptr[i] : indptr[i + 1]]
        if len(own) > 1:
            least = np.partition(own, 1)[:2]
            found.append(float(least[1] - least[0]))
    middle = float(np.median(found)) if found else 0.0
    return middle if middle > 0 else max(1.0, float(np.abs(cost).max(initial=0.0))) / 100.0


@dataclass(frozen=True, eq=False)
class _Dual:
    """The smoothed dual over resources: a sink's room and a gate's passage, each with a price ≥ 0."""

    table: Table
    supply: NDArray[np.float64]
    capacity: NDArray[np.float64]
    drain: NDArray[np.int64]
    stay: float

    def node_price(self, scarcity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add the price of the sink behind to that of a gate."""
        return np.where(self.drain >= 0, scarcity + scarcity[self.drain], scarcity)

    def ascend(
        self, scarcity: NDArray[np.float64], rows: NDArray[np.int64], scale: float, sharp: float, error: float
    ) -> NDArray[np.float64]:
        """Take Newton steps until the loads err by no more than ``error`` in all."""
        value, excess, bend = self._look(scarcity, rows, scale, sharp)
        for _ in range(_STEPS):
            moving = (scarcity > 0) | (excess > 0)
            if np.abs(excess[moving]).sum() <= error:
                break
            at = np.flatnonzero(moving)
            model = bend[np.ix_(at, at)]
            model[np.diag_indices(len(at))] += 1e-6 * max(float(np.trace(model)) / len(at), 1e-300)
            step = np.clip(np.linalg.solve(model, excess[at]), -_FARTHEST * sharp, _FARTHEST * sharp)
            for halving in range(_HALVINGS):
                trial = scarcity.copy()
                trial[at] = np.maximum(0.0, scarcity[at] + step * 0.5**halving)
                found = self._look(trial, rows, scale, sharp)
                if found[0] >= value + 1e-4 * float(excess @ (trial - scarcity)):
                    break
            else:
                break
            scarcity, (value, excess, bend) = trial, found
        return scarcity

    def _look(
        self, scarcity: NDArray[np.float64], rows: NDArray[np.int64], scale: float, sharp: float
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Evaluate the dual: value, excess of every resource (the gradient), and curvature (positive)."""
        indptr, node, cost, _ = self.table
        value, load, bend = _soften(
            indptr, node, cost, self.supply, rows, self.node_price(scarcity), self.stay, sharp, len(self.capacity)
        )
        gates = np.flatnonzero(self.drain >= 0)
        for matrix in (bend, bend.T):
            np.add.at(matrix, self.drain[gates], matrix[gates])
        np.add.at(load, self.drain[gates], load[gates])
        return scale * value - float(scarcity @ self.capacity), scale * load - self.capacity, scale * bend


@_kernel
def _soften(indptr, node, cost, supply, rows, price, stay, sharp, size):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Sum value, load of every node and curvature over some rows with softened choices."""
    value, load, bend = 0.0, np.zeros(size), np.zeros((size, size))
    place, share = np.empty(size + 1, np.int64), np.empty(size + 1)
    for i in rows:
        best = stay
        for e in range(indptr[i], indptr[i + 1]):
            best = min(best, cost[e] + price[node[e]])
        limit = best + _REACH * sharp
        count, total = 0, np.exp((best - stay) / sharp)
        for e in range(indptr[i], indptr[i + 1]):
            asked = cost[e] + price[node[e]]
            if asked <= limit and count <= size:
                place[count], share[count] = node[e], np.exp((best - asked) / sharp)
                total += share[count]
                count += 1
        value += supply[i] * (best - sharp * np.log(total))
        kept = 0
        for k in range(count):
            part = share[k] / total
            load[place[k]] += supply[i] * part
            if part > _SHARE:
                place[kept], share[kept] = place[k], part
                kept += 1
        for a in range(kept):
            weight = supply[i] * share[a] / sharp
            bend[place[a], place[a]] += weight
            for b in range(kept):
                bend[place[a], place[b]] -= weight * share[b]
    return value, load, bend


def cheap_entries(
    indptr: NDArray[np.int64],
    node: NDArray[np.int64],
    cost: NDArray[np.float64],
    price: NDArray[np.float64],
    stay: float,
    window: float,
) -> Table:
    """Keep the entries that cost, price included, at most ``window`` more than the cheapest of their row."""
    return Table(*_cheap(indptr, node, cost, price, stay, window))


@_kernel
def _cheap(indptr, node, cost, price, stay, window):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    limit, starts = np.empty(len(indptr) - 1), np.zeros(len(indptr), np.int64)
    for i in range(len(limit)):
        best = stay
        for e in range(indptr[i], indptr[i + 1]):
            best = min(best, cost[e] + price[node[e]])
        limit[i] = best + window
        count = 0
        for e in range(indptr[i], indptr[i + 1]):
            if cost[e] + price[node[e]] <= limit[i]:
                count += 1
        starts[i + 1] = starts[i] + count
    entry = np.empty(starts[-1], np.int64)
    nodes, costs = np.empty(starts[-1], np.int64), np.empty(starts[-1])
    k = 0
    for i in range(len(limit)):
        for e in range(indptr[i], indptr[i + 1]):
            if cost[e] + price[node[e]] <= limit[i]:
                entry[k], nodes[k], costs[k] = e, node[e], cost[e]
                k += 1
    return starts, nodes, costs, entry
