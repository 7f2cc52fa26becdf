"""Lagrangean bounds for medians, and the sites that they prove open or closed.

The rule "everybody is served once" is priced instead of kept: what remains falls apart by site and is solved by
sorting. Any prices give a valid bound; a deflected subgradient search looks for good ones, and walks each row only
as far as the costs stay below its price.

Source: Cornuejols, Fisher & Nemhauser (1977), Location of bank accounts to optimize float, Management Science
23(8):789-810; Beasley (1993), Lagrangean heuristics for location problems, EJOR 65:383-399.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from layout_planner.locate.rows import SortedRows

__all__ = ["Dual", "ascend", "priced"]

_kernel: Any = nb.njit(cache=True, nogil=True)
_DEFLECTION = 0.3
_SAFETY = 1e-12  # relative rounding of a sum of this length, taken off every bound


@dataclass(eq=False)
class Dual:
    """Prices of demand points on their way to the best bound.

    Attributes
    ----------
    price : ndarray (n,)
        Prices that gave the best bound so far.
    bound : float
        That bound, rounding taken off.
    step : float
        Factor of the subgradient's step; halved when nothing improves.
    often : ndarray (m,)
        How often, of late, the priced problem opens each site (a moving average).
    """

    price: NDArray[np.float64]
    bound: float
    step: float
    often: NDArray[np.float64]

    @classmethod
    def start(cls, rows: SortedRows, is_open: NDArray[np.bool_]) -> Dual:
        """Begin midway between the nearest and second nearest open site of a plan."""
        return cls(_midway(*rows.arrays, is_open), -np.inf, 1.5, is_open.astype(np.float64))

    def improve(
        self, rows: SortedRows, p: int, forced: NDArray[np.bool_], allowed: NDArray[np.bool_], goal: float, rounds: int
    ) -> None:
        """Follow subgradients towards ``goal`` (the cost of the best plan) for a number of rounds."""
        bound, self.step = ascend(
            *rows.arrays, self.price, self.often, p, forced, allowed, goal, self.bound, self.step, rounds
        )
        self.bound = max(self.bound, float(bound))

    def fixed(
        self, rows: SortedRows, p: int, forced: NDArray[np.bool_], allowed: NDArray[np.bool_], worth: float
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], float]:
        """Find the sites that every plan of cost ``worth`` or less closes, or opens.

        Returns
        -------
        closed, opened : ndarray (m,) of bool
        slack : float
            What remains between ``worth`` and the bound: in such a plan nobody pays more than price plus slack.
        """
        value, saving, last, next_ = priced(*rows.arrays, self.price, p, forced, allowed)
        free = allowed & ~forced
        with np.errstate(invalid="ignore"):
            closed = free & (value + saving - last > worth)
            opened = free & (value + next_ - saving > worth)
        return closed | ~allowed, opened | forced, max(0.0, worth - value)


@_kernel
def _midway(indptr, site, cost, is_open):
    price = np.zeros(len(indptr) - 1)
    for i in range(len(price)):
        found = 0
        for e in range(indptr[i], indptr[i + 1]):
            if is_open[site[e]]:
                price[i] += cost[e] / 2
                found += 1
                if found == 2:
                    break
        if found < 2:
            price[i] *= 3.0
    return price


@_kernel
def _save(indptr, site, cost, price, saving):
    """Sum what each site would save at the prices (negative or zero)."""
    saving[:] = 0.0
    for i in range(len(price)):
        for e in range(indptr[i], indptr[i + 1]):
            if cost[e] >= price[i]:
                break
            saving[site[e]] += cost[e] - price[i]


@_kernel
def _choose(saving, p, forced, allowed, chosen):
    """Open the forced sites and the best others, ``p`` in all; returns value, the last saving in and the first out."""
    chosen[:] = forced
    value, want = 0.0, p
    for j in range(len(saving)):
        if forced[j]:
            value += saving[j]
            want -= 1
    free = np.flatnonzero(allowed & ~forced)
    order = free[np.argsort(saving[free], kind="mergesort")]
    for j in order[:want]:
        chosen[j] = True
        value += saving[j]
    last = saving[order[want - 1]] if want > 0 else -np.inf
    next_ = saving[order[want]] if want < len(order) else np.inf
    return value, last, next_


@_kernel
def priced(indptr, site, cost, price, p, forced, allowed):
    """Value the priced problem at given prices, rounding taken off."""
    saving, chosen = np.empty(len(forced)), np.empty(len(forced), np.bool_)
    _save(indptr, site, cost, price, saving)
    value, last, next_ = _choose(saving, p, forced, allowed, chosen)
    total, size = price.sum(), np.abs(price).sum() + np.abs(saving).sum()
    return total + value - _SAFETY * size, saving, last, next_


@_kernel
def _served(indptr, site, cost, price, chosen, lack):
    """Count how often each demand point is left out (1) or served too often (negative); returns whether any is."""
    exact = True
    for i in range(len(price)):
        times = 0
        for e in range(indptr[i], indptr[i + 1]):
            if cost[e] >= price[i]:
                break
            times += chosen[site[e]]
        lack[i] = 1.0 - times
        exact &= times == 1
    return exact


@_kernel
def ascend(indptr, site, cost, best_price, often, p, forced, allowed, goal, bound, step, rounds):
    """Run the deflected subgradient search; ``best_price`` and ``often`` are renewed in place."""
    n, m = len(best_price), len(forced)
    price, saving, chosen = best_price.copy(), np.empty(m), np.empty(m, np.bool_)
    lack, along, idle = np.empty(n), np.zeros(n), 0
    for _ in range(rounds):
        _save(indptr, site, cost, price, saving)
        value, _last, _next = _choose(saving, p, forced, allowed, chosen)
        value += price.sum() - _SAFETY * (price.sum() - saving.sum())
        for j in range(m):
            often[j] += 0.02 * (chosen[j] - often[j])
        exact = _served(indptr, site, cost, price, chosen, lack)
        idle += 1
        if value > bound:
            if value > bound + 1e-6 * abs(goal - bound) or bound == -np.inf:
                idle = 0
            bound = value
            best_price[:] = price
        if exact or value >= goal:
            break
        if idle >= 20:
            step, idle = max(step * 0.7, 1e-4), 0
            price[:] = best_price
            along[:] = 0.0
            continue
        along[:] = lack + _DEFLECTION * along
        length = (along * along).sum()
        if length <= 0.0:
            break
        price[:] = np.maximum(price + step * (goal - value) / length * along, 0.0)
    return bound, step
