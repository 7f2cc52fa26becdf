"""A proven lower bound on the cost of zones: units pay offers, sites fill up with what pays, by subgradient.

Contiguity is left out, which only lowers the bound; that every open site serves its own unit is kept in.

Source: Geoffrion (1974), Lagrangean relaxation for integer programming, Mathematical Programming Study 2:82-114;
Beasley (1993), European Journal of Operational Research 65(3):383-399.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy.sparse import csc_array

from layout_planner.locate.highs import solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from layout_planner.locate.zones import Zoning

__all__ = ["zoning_bound"]

_PATIENCE = 12


@njit("void(f8[:, :], f8[:], f8[:], i8[:], f8[:], f8[:], f8[:, :])", cache=True)
def _fill(cost, demand, capacity, seat, offer, gain, share):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Fill every site with its own unit and then with what pays most a unit of room, the last one in part."""
    n, m = cost.shape
    rate = np.empty(n)
    for j in range(m):
        u = seat[j]
        share[:, j] = 0.0
        left = capacity[j] - demand[u]
        if left < -1e-9 or not np.isfinite(cost[u, j]):
            gain[j] = np.inf
            continue
        for i in range(n):
            paid = cost[i, j] - offer[i]
            if i == u or not paid < 0.0:
                rate[i] = np.inf
            elif demand[i] <= 0.0:
                rate[i] = -np.inf
            else:
                rate[i] = paid / demand[i]
        total = cost[u, j] - offer[u]
        share[u, j] = 1.0
        for i in np.argsort(rate):
            if rate[i] == np.inf or (left <= 0.0 and demand[i] > 0.0):
                break
            part = 1.0 if demand[i] <= left else left / demand[i]
            share[i, j] = part
            total += part * (cost[i, j] - offer[i])
            left -= part * demand[i]
        gain[j] = total


def _choose(zoning: Zoning, value: NDArray[np.float64]) -> tuple[float, NDArray[np.bool_]]:
    """Choose sites of least total value with room for everybody, within count and budget: (bound, chosen)."""
    m = len(value)
    usable = np.isfinite(value) & ~zoning.barred
    if (zoning.forced & ~usable).any():
        return float("inf"), zoning.forced
    total = float(zoning.demand.sum())
    rows = [np.minimum(zoning.capacity, total)]
    lower, upper = [total * (1 - 1e-9)], [np.inf]
    if zoning.p is not None:
        rows, lower, upper = [*rows, np.ones(m)], [*lower, float(zoning.p)], [*upper, float(zoning.p)]
    if np.isfinite(zoning.budget):
        rows, lower, upper = [*rows, zoning.fixed], [*lower, -np.inf], [*upper, zoning.budget * (1 + 1e-9)]
    answer = solve(
        np.where(usable, value, 0.0), csc_array(np.array(rows)), np.array(lower), np.array(upper),
        col_lower=zoning.forced.astype(float), col_upper=usable.astype(float), integer=np.ones(m, bool), gap=1e-7,
    )  # fmt: skip
    if answer.values is None:
        return (float("inf") if answer.infeasible else float("-inf")), zoning.forced
    return answer.bound, answer.values > 0.5


def zoning_bound(
    zoning: Zoning, offer: NDArray[np.float64], upper: float, rounds: int, stop: Callable[[], bool]
) -> tuple[float, NDArray[np.float64]]:
    """Raise a lower bound from given offers (n,); returns it with the offers that prove it.

    Parameters
    ----------
    zoning : Zoning
        The problem.
    offer : ndarray (n,)
        What every unit pays for being served, to begin with.
    upper : float
        Cost of a known plan or an estimate; it only scales the steps.
    rounds : int
        Number of steps.
    stop : callable
        Asked after every step.
    """
    m = len(zoning.fixed)
    gain, share = np.empty(m), np.zeros_like(zoning.cost)
    best, best_offer, scale, quiet = float("-inf"), offer, 1.0, 0
    for _ in range(rounds):
        _fill(zoning.cost, zoning.demand, zoning.capacity, zoning.seat, offer, gain, share)
        chosen_value, chosen = _choose(zoning, gain + zoning.fixed)
        value = float(offer.sum()) + chosen_value
        value -= 1e-9 * (abs(value) + float(np.abs(offer).sum()))
        if value > best:
            quiet = 0 if value > best + 1e-6 * abs(best) else quiet + 1
            best, best_offer = value, offer
        else:
            quiet += 1
        if not np.isfinite(value):
            break
        if quiet >= _PATIENCE:
            scale, quiet, offer = scale / 2, 0, best_offer
            if scale < 1e-3:
                break
            continue
        slope = 1.0 - share[:, chosen].sum(axis=1)
        norm = float(slope @ slope)
        if norm <= 1e-12 or stop():
            break
        offer = offer + scale * max(upper - value, 1e-5 * abs(upper)) / norm * slope
    return best, best_offer
