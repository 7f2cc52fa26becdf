"""Compiled kernels of zoning: annealed shifts, swaps and chains between zones that stay connected.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. ``graph`` is the pair
(indptr, adj) of the neighbours of every unit; ``zones`` the tuple (label, load, member, place, count): zone of every
unit, demand of every zone, and lists of members with the place of every unit in its list.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202, NPY002, SIM110 - numba infers the types, and its generator is seeded by call

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["anneal_zones"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _over(load, room):
    """Amount by which a zone is overfull."""
    return max(0.0, load - room)


@_kernel
def _beside(i, graph, label):
    """Draw the zone of a neighbour of unit ``i``; -1 where it has none."""
    indptr, adj = graph
    degree = indptr[i + 1] - indptr[i]
    if degree == 0:
        return -1
    return label[adj[indptr[i] + np.random.randint(degree)]]


@_kernel
def _touches(i, zone, graph, label):
    """Tell whether a neighbour of unit ``i`` belongs to a zone."""
    indptr, adj = graph
    for e in range(indptr[i], indptr[i + 1]):
        if label[adj[e]] == zone:
            return True
    return False


@_kernel
def _spared(i, graph, label, mark, queue, stamp):
    """Tell whether the zone of unit ``i`` stays connected without it; ``mark`` below ``stamp`` is free to use."""
    indptr, adj = graph
    zone, left, first = label[i], -1, -1
    for e in range(indptr[i], indptr[i + 1]):
        v = adj[e]
        if label[v] == zone:
            left, first = left + 1, v
            mark[v] = stamp
    if left <= 0:
        return left == 0
    mark[i], mark[first] = stamp + 1, stamp + 1
    queue[0] = first
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if label[v] == zone and mark[v] != stamp + 1:
                if mark[v] == stamp:
                    left -= 1
                    if left == 0:
                        return True
                mark[v] = stamp + 1
                queue[tail] = v
                tail += 1
    return False


@_kernel
def _ejected(b, graph, zones, cost, seated):
    """Draw a unit of zone ``b`` and the zone beside it that could take it; -1, -1 if three draws find none."""
    label, _, member, _, count = zones
    for _ in range(3):
        k = member[b, np.random.randint(count[b])]
        c = -1 if seated[k] else _beside(k, graph, label)
        if c >= 0 and c != b and np.isfinite(cost[k, c]):
            return k, c
    return -1, -1


@_kernel
def _change(i, a, b, k, c, load, size, room, price):
    """Tell how moving ``i`` from a to b, and ``k`` from b to c, changes the overload: (amount, priced)."""
    if k < 0:
        over_a = _over(load[a] - size[i], room[a]) - _over(load[a], room[a])
        over_b = _over(load[b] + size[i], room[b]) - _over(load[b], room[b])
        return over_a + over_b, price[a] * over_a + price[b] * over_b
    over_b = _over(load[b] + size[i] - size[k], room[b]) - _over(load[b], room[b])
    back = size[k] if c == a else 0.0
    over_a = _over(load[a] - size[i] + back, room[a]) - _over(load[a], room[a])
    over_c = 0.0 if c == a else _over(load[c] + size[k], room[c]) - _over(load[c], room[c])
    return over_a + over_b + over_c, price[a] * over_a + price[b] * over_b + price[c] * over_c


@_kernel
def _connected(i, b, k, c, graph, label, mark, queue, stamp):
    """Move ``i`` to b, and ``k`` to c, in ``label`` if every zone stays connected; tell whether it did."""
    a = label[i]
    if not _spared(i, graph, label, mark, queue, stamp):
        return False
    label[i] = b
    if k < 0:
        return True
    if _spared(k, graph, label, mark, queue, stamp + 2) and _touches(k, c, graph, label):
        label[k] = c
        if _touches(i, b, graph, label):
            return True
        label[k] = b
    label[i] = a
    return False


@_kernel
def _enlist(i, off, onto, zones, size):
    """Keep loads and lists of members after unit ``i`` went from one zone to another."""
    _, load, member, place, count = zones
    last = member[off, count[off] - 1]
    member[off, place[i]] = last
    place[last] = place[i]
    count[off] -= 1
    member[onto, count[onto]] = i
    place[i] = count[onto]
    count[onto] += 1
    load[off] -= size[i]
    load[onto] += size[i]


@_kernel
def _listed(start, size, sites):
    """Set up the lists of a zoning."""
    n = len(start)
    load, count = np.zeros(sites), np.zeros(sites, np.int64)
    member, place = np.empty((sites, n), np.int64), np.empty(n, np.int64)
    for i in range(n):
        j = start[i]
        place[i], member[j, count[j]] = count[j], i
        count[j] += 1
        load[j] += size[i]
    return start.copy(), load, member, place, count


@_kernel
def anneal_zones(cost, size, room, price, graph, seated, start, steps, hot, cold, light, heavy, seed):
    """Divide n units among k zones, cheaply, from connected zones that may be overfull.

    ``price`` (k,) of one unit over the room counts ``light`` times at first and ``heavy`` times in the end, while the
    temperature falls from ``hot`` to ``cold``; ``seated`` (n,) units stay. Returns the best zones that fit (-1 in the
    first entry if none were met), their cost, and the last zones.
    """
    np.random.seed(seed)
    zones = _listed(start, size, cost.shape[1])
    label, load = zones[0], zones[1]
    best, least, total, excess = np.full(len(size), -1), np.inf, 0.0, 0.0
    for i in range(len(size)):
        total += cost[i, label[i]]
    for j in range(len(room)):
        excess += _over(load[j], room[j])
    slack = 1e-9 * size.sum()
    if excess <= slack:
        least, best[:] = total, label
    mark, queue, free = np.zeros(len(size), np.int64), np.empty(len(size), np.int64), np.flatnonzero(~seated)
    cooling, growth = (cold / hot) ** (1.0 / steps), (heavy / light) ** (1.0 / steps)
    for step in range(steps if len(free) else 0):
        hot *= cooling
        light *= growth
        i = free[np.random.randint(len(free))]
        a, b = label[i], _beside(i, graph, label)
        if b < 0 or b == a or not np.isfinite(cost[i, b]):
            continue
        k, c = -1, -1
        if load[b] + size[i] > room[b] + slack and np.random.random() < 0.8:
            k, c = _ejected(b, graph, zones, cost, seated)
            if k < 0:
                continue
        shift = cost[i, b] - cost[i, a] + (cost[k, c] - cost[k, b] if k >= 0 else 0.0)
        over, priced = _change(i, a, b, k, c, load, size, room, price)
        change = shift + light * priced
        if change > 0 and np.random.random() >= np.exp(-change / hot):
            continue
        if not _connected(i, b, k, c, graph, label, mark, queue, 4 * step + 1):
            continue
        _enlist(i, a, b, zones, size)
        if k >= 0:
            _enlist(k, b, c, zones, size)
        total += shift
        excess += over
        if excess <= slack and total < least - 1e-12 * abs(least):
            least, best[:] = total, label
    return best, least, label
