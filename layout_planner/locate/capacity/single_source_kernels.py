"""Compiled kernel of single-source assignment: annealed shifts and swaps with a price on every overfull site.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202, NPY002 - numba infers the types, and its generator is seeded by call

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["anneal"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _over(load, room):
    """Amount by which a site is overfull."""
    return max(0.0, load - room)


@_kernel
def _move(i, onto, assign, load, size, member, place, count):
    """Send demand i to another site and keep the lists of members."""
    off = assign[i]
    last = member[off, count[off] - 1]
    member[off, place[i]] = last
    place[last] = place[i]
    count[off] -= 1
    member[onto, count[onto]] = i
    place[i] = count[onto]
    count[onto] += 1
    load[off] -= size[i]
    load[onto] += size[i]
    assign[i] = onto


@_kernel
def anneal(cost, size, room, price, near, start, steps, hot, cold, ramp, seed):
    """Assign every demand to one of k sites, cheaply, from a start that may be overfull.

    ``price`` (k,) of one unit over the room, growing ``ramp``-fold on the way; ``near`` (n, q) sites that each
    demand may go to, -1 where there are fewer. Returns the best assignment that fits everywhere (-1 in the first
    entry if none was met) and its cost.
    """
    np.random.seed(seed)
    n, k = cost.shape
    assign, best = start.copy(), np.full(n, -1)
    load, count = np.zeros(k), np.zeros(k, np.int64)
    member, place = np.empty((k, n), np.int64), np.empty(n, np.int64)
    total, excess, least = 0.0, 0.0, np.inf
    for i in range(n):
        j = assign[i]
        place[i], member[j, count[j]] = count[j], i
        count[j] += 1
        load[j] += size[i]
        total += cost[i, j]
    for j in range(k):
        excess += _over(load[j], room[j])
    slack = 1e-9 * size.sum()
    if excess <= slack:
        least, best[:] = total, assign
    heat, cooling = hot, (cold / hot) ** (1.0 / max(1, steps))
    weight, growth = 1.0, ramp ** (1.0 / max(1, steps))
    for _ in range(steps):
        heat *= cooling
        weight *= growth
        i = np.random.randint(n)
        a, b = assign[i], near[i, np.random.randint(near.shape[1])]
        if b < 0 or b == a:
            continue
        other = -1
        if count[b] > 0 and (load[b] + size[i] > room[b] or np.random.random() < 0.3):
            other = member[b, np.random.randint(count[b])]
            if not np.isfinite(cost[other, a]):
                continue
        shift = cost[i, b] - cost[i, a]
        give = size[i]
        if other >= 0:
            shift += cost[other, a] - cost[other, b]
            give -= size[other]
        over_a = _over(load[a] - give, room[a]) - _over(load[a], room[a])
        over_b = _over(load[b] + give, room[b]) - _over(load[b], room[b])
        change = shift + weight * (price[a] * over_a + price[b] * over_b)
        if change <= 0 or np.random.random() < np.exp(-change / heat):
            _move(i, b, assign, load, size, member, place, count)
            if other >= 0:
                _move(other, a, assign, load, size, member, place, count)
            total += shift
            excess += over_a + over_b
            if excess <= slack and total < least:
                fits = True
                for j in range(k):
                    fits = fits and load[j] <= room[j] + slack
                if fits:
                    least, best[:] = total, assign
    return best, least
