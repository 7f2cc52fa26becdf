"""Branch and bound on Lagrangean bounds: prove a median where few sites are left, without a linear programme.

Each node fixes sites open or closed, follows the subgradient for a few rounds from its parent's prices, fixes what the
bound allows, and branches on the site that the priced problem opens about half of the time. Depth first, the likelier
side first; the stack is an array, so the same input takes the same way.

Source: Christofides & Beasley (1982), A tree search algorithm for the p-median problem, EJOR 10:196-204.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN202 - numba infers the types

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

from layout_planner.locate.medians.bounds import ascend, priced

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.rows import SortedRows

__all__ = ["Tree"]

_kernel: Any = nb.njit(cache=True, nogil=True)
_ROUNDS = 40


class Tree:
    """Nodes that are still open, and the best plan below them.

    Parameters
    ----------
    rows : SortedRows
        Costs.
    p : int
        Number of open sites.
    forced, allowed : ndarray (m,) of bool
        Sites that must be open; sites that may be.
    price : ndarray (n,)
        Prices of a good bound.
    worth : float
        Only plans that cost at most this are looked for.
    whole : bool
        Whether all costs are whole numbers.

    Attributes
    ----------
    found : ndarray (m,) of bool
        The best plan found, of cost ``value`` (``inf`` without one).
    """

    def __init__(
        self, rows: SortedRows, p: int, forced: NDArray[np.bool_], allowed: NDArray[np.bool_],
        price: NDArray[np.float64], worth: float, *, whole: bool,
    ) -> None:  # fmt: skip
        self.rows, self.p, self.whole, self.worth = rows, p, whole, worth
        n, m = len(price), len(forced)
        self.found, self.value, self.nodes = np.zeros(m, dtype=bool), float("inf"), 0
        self._state = np.zeros((m + 2, m), np.int8)
        self._state[0] = np.where(forced, 1, np.where(allowed, 0, -1))
        self._price = np.empty((m + 2, n))
        self._price[0] = price
        self._bound = np.full(m + 2, -np.inf)
        self._size = 1

    @property
    def bound(self) -> float:
        """Lower bound of what is still open; ``inf`` once nothing is."""
        return float(self._bound[: self._size].min()) if self._size else float("inf")

    def grow(self, nodes: int) -> bool:
        """Look at up to so many nodes; tells whether any is left."""
        self._size, self.worth, self.value, done = _grow(
            *self.rows.arrays, self.p, self._state, self._price, self._bound, self._size, self.worth, self.found,
            self.value, nodes, self.whole,
        )  # fmt: skip
        self.nodes += done
        return bool(self._size)


@_kernel
def _plan_total(indptr, site, cost, chosen):
    total = 0.0
    for i in range(len(indptr) - 1):
        found = False
        for e in range(indptr[i], indptr[i + 1]):
            if chosen[site[e]]:
                total += cost[e]
                found = True
                break
        if not found:
            return np.inf
    return total


@_kernel
def _settle(state, value, saving, last, next_, worth):
    """Fix what the bound allows; returns whether anything was fixed."""
    fixed = False
    for j in range(len(state)):
        if state[j] == 0:
            if value + saving[j] - last > worth:
                state[j], fixed = -1, True
            elif value + next_ - saving[j] > worth:
                state[j], fixed = 1, True
    return fixed


@_kernel
def _grow(indptr, site, cost, p, states, prices, bounds, size, worth, found, best, nodes, whole):
    m = states.shape[1]
    state, price, often = np.empty(m, np.int8), np.empty(prices.shape[1]), np.empty(m)
    chosen, done = np.empty(m, np.bool_), 0
    while size > 0 and done < nodes:
        size -= 1
        done += 1
        state[:], price[:], bound = states[size], prices[size], bounds[size]
        if bound > worth:
            continue
        often[:] = 0.5
        step = 0.5
        for _ in range(3):
            forced, allowed = state == 1, state >= 0
            if forced.sum() > p or allowed.sum() < p:
                bound = np.inf
                break
            low, step = ascend(
                indptr, site, cost, price, often, p, forced, allowed, worth * (1 + 1e-9) + 1e-9, -np.inf, step, _ROUNDS
            )
            bound = max(bound, low)
            if bound > worth:
                break
            value, saving, last, next_ = priced(indptr, site, cost, price, p, forced, allowed)
            if not _settle(state, value, saving, last, next_, worth):
                break
        if bound > worth:
            continue
        rank = np.argsort(-np.where(state == 1, 2.0, np.where(state == -1, -1.0, often)), kind="mergesort")
        chosen[:] = False
        chosen[rank[:p]] = True
        total = _plan_total(indptr, site, cost, chosen)
        if total < best:
            best = total
            found[:] = chosen
            worth = min(worth, total - 1.0 + 1e-6 if whole else total * (1 - 1e-9))
        pick = -1
        for j in range(m):
            if state[j] == 0 and (pick < 0 or abs(often[j] - 0.5) < abs(often[pick] - 0.5)):
                pick = j
        if pick < 0 or (state == 1).sum() == p:
            continue
        first = 1 if often[pick] >= 0.5 else -1
        for side in (-first, first):
            states[size], prices[size], bounds[size] = state, price, bound
            states[size, pick] = side
            size += 1
    return size, worth, best, done
