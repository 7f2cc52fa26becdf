"""Compiled kernels of capacitated location: knapsacks of single sites, and bounds on every change of an open set.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations.

Source: Martello & Toth (1990), Knapsack Problems; Beasley (1993), European Journal of Operational Research
65(3):383-399, for the Lagrangean relaxation of the assignment.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["choose_sites", "fill_sites", "move_bounds"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _fill(gain, size, room, taken):
    """Fill one site with the best gains per unit; the last may be cut. Returns the total and the price of room."""
    total, load = 0.0, 0.0
    for i in range(len(gain)):
        taken[i] = 0.0
        if gain[i] > 0:
            taken[i] = 1.0
            total += gain[i]
            load += size[i]
    if load <= room:
        return total, 0.0
    chosen = np.flatnonzero(taken > 0)
    ratio = np.empty(len(chosen))
    for k in range(len(chosen)):
        i = chosen[k]
        ratio[k] = gain[i] / size[i] if size[i] > 0 else np.inf
    order = np.argsort(ratio)
    price = 0.0
    for k in order:
        i = chosen[k]
        excess = load - room
        if excess <= 0:
            break
        if size[i] <= excess:
            taken[i] = 0.0
            total -= gain[i]
            load -= size[i]
        else:
            taken[i] = 1.0 - excess / size[i]
            total -= gain[i] * excess / size[i]
            load = room
        price = ratio[k]
    return total, price


@_kernel
def _fill_whole(gain, size, room, taken, best):
    """Fill one site with whole demands, exactly; sizes and room are whole numbers."""
    top = int(room)
    best[: top + 1] = 0.0
    items = np.flatnonzero(gain > 0)
    used = np.zeros((len(items), top + 1), np.bool_)
    for k in range(len(items)):
        g, s = gain[items[k]], int(size[items[k]])
        for b in range(top, s - 1, -1):
            if best[b - s] + g > best[b]:
                best[b] = best[b - s] + g
                used[k, b] = True
    taken[:] = 0.0
    b = top
    for k in range(len(items) - 1, -1, -1):
        if used[k, b]:
            taken[items[k]] = 1.0
            b -= int(size[items[k]])
    return best[top]


@_kernel
def fill_sites(cost, size, room, offer, whole):
    """Find the best filling of every site when demand i pays ``offer[i]``.

    Returns the gain (m,), the price of room (m,) and what each site takes (m, n), cut where ``whole`` is false.
    """
    n, m = cost.shape
    gains, prices, taken = np.zeros(m), np.zeros(m), np.zeros((m, n))
    gain = np.empty(n)
    best = np.zeros(int(room.max()) + 1 if whole else 1)
    for j in range(m):
        for i in range(n):
            gain[i] = offer[i] - cost[i, j]
            if whole and size[i] > room[j]:
                gain[i] = 0.0
        gains[j], prices[j] = _fill(gain, size, room[j], taken[j])
        if whole and prices[j] > 0:
            gains[j] = _fill_whole(gain, size, room[j], taken[j], best)
    return gains, prices, taken


@_kernel
def choose_sites(value, room, need, fewest, most, forced, barred, buckets):
    """Choose between ``fewest`` and ``most`` sites of least total value whose room covers the need.

    Room is rounded up and the need down to whole buckets, so that the total never exceeds the true least.
    Returns the total (``inf`` if there is no choice) and the choice (m,). ``fewest`` = ``most`` = 0 leaves the
    number free.
    """
    m = len(value)
    one = 1 if most > 0 else 0
    step = max(need / buckets, 1e-300)
    levels = int(np.floor(need / step * (1 - 1e-12))) if need > 0 else 0
    counts = most + 1
    table = np.full((counts, levels + 1), np.inf)
    table[0, 0] = 0.0
    took = np.zeros((m, counts, levels + 1), np.bool_)
    origin = np.zeros((m, counts, levels + 1), np.int32)
    for j in range(m):
        if barred[j]:
            continue
        units = int(min(np.ceil(room[j] / step), levels))
        fresh = np.full((counts, levels + 1), np.inf)
        for c in range(counts):
            for b in range(levels + 1):
                if not forced[j] and table[c, b] < fresh[c, b]:
                    fresh[c, b] = table[c, b]
                    took[j, c, b] = False
        for c in range(counts - one):
            for b in range(levels + 1):
                onto = min(b + units, levels)
                if table[c, b] + value[j] < fresh[c + one, onto]:
                    fresh[c + one, onto] = table[c, b] + value[j]
                    took[j, c + one, onto] = True
                    origin[j, c + one, onto] = b
        table = fresh
    chosen = np.zeros(m, np.bool_)
    pick, total = -1, np.inf
    for c in range(fewest, counts):
        if table[c, levels] < total:
            pick, total = c, table[c, levels]
    if pick < 0:
        return total, chosen
    c, b = pick, levels
    for j in range(m - 1, -1, -1):
        if not barred[j] and took[j, c, b]:
            chosen[j] = True
            b = origin[j, c, b]
            c -= one
    return total, chosen


@_kernel
def move_bounds(cost, size, room, fixed, opened, price, loss):
    """Bound from below the value of the open set after every drop (m,), addition (m,) and swap (m, m).

    ``price`` (m,) of room at the open sites; the bound keeps the prices of the sites that stay. ``loss`` is the
    cost at which a demand goes unserved. Entries that make no sense are ``inf``.
    """
    n, m = cost.shape
    first, second, lead = np.full(n, loss), np.full(n, loss), np.full(n, -1)
    rest = 0.0
    for j in range(m):
        if opened[j]:
            rest += fixed[j] - price[j] * room[j]
    for i in range(n):
        for j in range(m):
            if opened[j]:
                here = cost[i, j] + price[j] * size[i]
                if here < first[i]:
                    second[i], first[i], lead[i] = first[i], here, j
                elif here < second[i]:
                    second[i] = here
    drop, add, swap = np.full(m, np.inf), np.full(m, np.inf), np.full((m, m), np.inf)
    gain, taken, offer = np.empty(n), np.empty(n), np.empty(n)
    for out in range(-1, m):
        if out >= 0 and not opened[out]:
            continue
        base = rest if out < 0 else rest - fixed[out] + price[out] * room[out]
        for i in range(n):
            offer[i] = second[i] if out >= 0 and lead[i] == out else first[i]
            base += offer[i]
        if out >= 0:
            drop[out] = base
        for j in range(m):
            if opened[j]:
                continue
            for i in range(n):
                gain[i] = offer[i] - cost[i, j]
            total, _ = _fill(gain, size, room[j], taken)
            if out < 0:
                add[j] = base + fixed[j] - total
            else:
                swap[out, j] = base + fixed[j] - total
    return drop, add, swap
