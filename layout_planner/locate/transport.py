"""The transportation problem with few sinks: send every supply to sinks with room at least total cost, exactly.

Successive shortest augmentation over the graph of the sinks: everybody starts at the cheapest sink, and the
excess of an overfull sink moves along the cheapest chain of displacements to a sink with room. The residual
arc between two sinks is the cheapest displacement among the supplies held at the first, kept in a skew heap for
every pair of sinks, so that the size of the search does not depend on the number of supplies. Prices keep all
displacement costs non-negative (Dijkstra), and in the end prove the total least.

Source: Edmonds & Karp (1972), J. ACM 19(2):248-264; Sleator & Tarjan (1986) for skew heaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Transport", "transport"]

_TINY = 1e-11
_CRUMB = 1e-13


@dataclass(frozen=True, eq=False)
class Transport:
    """Solution of a transportation problem.

    ``flow`` (number of entries,); ``unserved`` (n,) amount of every supply that stays; ``price`` (v,) of one more
    unit of room at every node (dual values, ≥ 0).
    """

    flow: NDArray[np.float64]
    unserved: NDArray[np.float64]
    price: NDArray[np.float64]


def transport(
    indptr: NDArray[np.int64],
    node: NDArray[np.int64],
    cost: NDArray[np.float64],
    supply: NDArray[np.float64],
    capacity: NDArray[np.float64],
    drain: NDArray[np.int64],
    unserved_cost: float,
) -> Transport:
    """Send every supply to nodes with room at least total cost.

    Parameters
    ----------
    indptr, node, cost : ndarray
        Sparse rows by supply: node and cost per unit of supply.
    supply : ndarray (n,)
        Amounts, ≥ 0, divisible.
    capacity : ndarray (v,)
        Room of a sink, or of the passage from a gate to its sink.
    drain : ndarray (v,)
        −1 for a sink; for a gate (a node that only leads on, such as the beds of a school) the sink behind it.
    unserved_cost : float
        Cost of leaving one unit of supply unserved. If it exceeds the number of nodes times the largest cost, as
        much as possible is served.

    Returns
    -------
    Transport
        Exact to rounding; ties go to the entry that is listed first, so the same input gives the same answer.
    """
    flow, unserved, price = _augment(
        indptr.astype(np.int64),
        node.astype(np.int64),
        cost.astype(np.float64),
        supply.astype(np.float64),
        capacity.astype(np.float64),
        drain.astype(np.int64),
        float(unserved_cost),
    )
    return Transport(flow, unserved, price)


# The compiled part. Heap nodes live in two parallel pools: ``key`` (cost of a displacement) and ``link`` (left child,
# right child, entry that would leave, entry that it would take or -1 for staying unserved). Node ``len(capacity)``
# stands for staying unserved. ``root[v, u]`` is the heap of displacements from v to u, ``near[v]`` lists the u's.


@njit(cache=True)
def _merge(a, b, key, link):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Merge two skew heaps; returns the root."""
    if a < 0:
        return b
    if b < 0:
        return a
    if key[b] < key[a]:
        a, b = b, a
    root = a
    while True:
        rest = link[a, 1]
        link[a, 1] = link[a, 0]
        if rest < 0:
            link[a, 0] = b
            return root
        if key[b] < key[rest]:
            rest, b = b, rest
        link[a, 0] = rest
        a = rest


@njit(cache=True)
def _start(indptr, node, cost, supply, unserved_cost, held, unserved, load, head, chain, owner):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Put every supply where it is cheapest, room not asked."""
    for i in range(len(supply)):
        pick, best = -1, unserved_cost
        for e in range(indptr[i], indptr[i + 1]):
            owner[e] = i
            if cost[e] < best:
                pick, best = e, cost[e]
        if pick < 0:
            unserved[i] = supply[i]
        elif supply[i] > 0:
            v = node[pick]
            held[pick] = supply[i]
            load[v] += supply[i]
            chain[pick] = head[v]
            head[v] = pick


@njit(cache=True)
def _insert(e, indptr, node, cost, owner, unserved_cost, root, near, near_count, key, link, pool):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Enter the displacements of a held entry into the heaps of its node; returns the pools and their size."""
    i, v = owner[e], node[e]
    need = pool + indptr[i + 1] - indptr[i] + 1
    if need > len(key):
        more = np.empty(2 * need, key.dtype)
        more[:pool] = key[:pool]
        key = more
        links = np.empty((2 * need, 4), link.dtype)
        links[:pool] = link[:pool]
        link = links
    for f in range(indptr[i], indptr[i + 1] + 1):
        stays = f == indptr[i + 1]
        u = root.shape[1] - 1 if stays else node[f]
        if u == v:
            continue
        key[pool] = (unserved_cost if stays else cost[f]) - cost[e]
        link[pool, 0] = -1
        link[pool, 1] = -1
        link[pool, 2] = e
        link[pool, 3] = -1 if stays else f
        if root[v, u] < 0:
            near[v, near_count[v]] = u
            near_count[v] += 1
        root[v, u] = _merge(root[v, u], pool, key, link)
        pool += 1
    return key, link, pool


@njit(cache=True, inline="always")
def _relax(v, u, length, via_node, dist, back, via, frontier, waiting):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Reach ``u`` from ``v``; returns the number of nodes that wait."""
    if length < dist[u]:
        if dist[u] == np.inf:
            frontier[waiting] = u
            waiting += 1
        dist[u] = length
        back[u] = v
        via[u] = via_node
    return waiting


@njit(cache=True, inline="always")
def _closest(frontier, waiting, dist):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Find the place of the waiting node that is closest; ties by number."""
    slot = 0
    for k in range(1, waiting):
        a, b = frontier[k], frontier[slot]
        if dist[a] < dist[b] or (dist[a] == dist[b] and a < b):
            slot = k
    return slot


@njit(cache=True, inline="always")
def _expand(v, net, state, price, heaps, key, link, search, waiting):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Relax the displacements out of ``v`` and the passages between gates and sinks."""
    capacity, drain = net
    held, passed = state
    root, near, near_count = heaps
    dist, done, back, via, frontier = search
    k = 0
    while k < near_count[v]:
        u = near[v, k]
        top = root[v, u]
        while top >= 0 and held[link[top, 2]] <= 0.0:
            top = _merge(link[top, 0], link[top, 1], key, link)
        root[v, u] = top
        if top < 0:
            near_count[v] -= 1
            near[v, k] = near[v, near_count[v]]
            continue
        k += 1
        if not done[u]:
            length = dist[v] + max(0.0, key[top] + price[u] - price[v])
            waiting = _relax(v, u, length, top, dist, back, via, frontier, waiting)
    for u in range(len(capacity)):
        onward = drain[v] == u and passed[v] < capacity[v] - _TINY
        undo = drain[u] == v and passed[u] > _TINY
        if (onward or undo) and not done[u]:
            length = dist[v] + max(0.0, price[u] - price[v])
            waiting = _relax(v, u, length, -1, dist, back, via, frontier, waiting)
    return waiting


@njit(cache=True)
def _push(end, excess, held, unserved, load, passed, capacity, drain, back, via, link, owner, fresh):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - compiled
    """Move what the whole chain to ``end`` can carry; returns how many entries in ``fresh`` are newly held."""
    amount = excess if end == len(capacity) else min(excess, capacity[end] - load[end])
    u = end
    while back[u] >= 0:
        v = back[u]
        if via[u] >= 0:
            amount = min(amount, held[link[via[u], 2]])
        elif drain[v] == u:
            amount = min(amount, capacity[v] - passed[v])
        else:
            amount = min(amount, passed[u])
        u = v
    count = 0
    u = end
    while back[u] >= 0:
        v = back[u]
        if via[u] >= 0:
            out, into = link[via[u], 2], link[via[u], 3]
            held[out] -= amount
            if held[out] <= _CRUMB:
                held[out] = 0.0
            load[v] -= amount
            if into < 0:
                unserved[owner[out]] += amount
            else:
                load[u] += amount
                if held[into] <= 0.0:
                    fresh[count] = into
                    count += 1
                held[into] += amount
        elif drain[v] == u:
            passed[v] += amount
            load[u] += amount
        else:
            passed[u] -= amount
            load[v] -= amount
        u = v
    return count


@njit(cache=True)
def _augment(indptr, node, cost, supply, capacity, drain, unserved_cost):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - one compiled loop
    """Move the excess of every overfull node along cheapest chains; returns flow, unserved and prices."""
    size = len(capacity)
    held, unserved = np.zeros(len(node)), np.zeros(len(supply))
    load, passed, price = np.zeros(size), np.zeros(size), np.zeros(size + 1)
    head, chain = np.full(size, -1, np.int64), np.full(len(node), -2, np.int64)
    owner = np.empty(len(node), np.int64)
    _start(indptr, node, cost, supply, unserved_cost, held, unserved, load, head, chain, owner)
    for v in range(size):
        if drain[v] >= 0:
            passed[v] = min(load[v], capacity[v])
            load[drain[v]] += passed[v]
    root, near = np.full((size, size + 1), -1, np.int32), np.empty((size, size + 1), np.int32)
    near_count, built = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    key, link, pool = np.empty(1024), np.empty((1024, 4), np.int32), 0
    dist, done = np.empty(size + 1), np.empty(size + 1, np.bool_)
    back, via = np.empty(size + 1, np.int64), np.empty(size + 1, np.int64)
    frontier, fresh = np.empty(size + 1, np.int64), np.empty(size + 1, np.int64)
    net, state, heaps = (capacity, drain), (held, passed), (root, near, near_count)
    search = (dist, done, back, via, frontier)
    for source in range(size):
        while True:
            excess = load[source] - (capacity[source] if drain[source] < 0 else passed[source])
            if excess <= _TINY:
                break
            dist[:] = np.inf
            done[:] = False
            dist[source], back[source] = 0.0, -1
            frontier[0], waiting, end = source, 1, -1
            while True:
                slot = _closest(frontier, waiting, dist)
                v = frontier[slot]
                waiting -= 1
                frontier[slot] = frontier[waiting]
                done[v] = True
                if v == size or (drain[v] < 0 and load[v] < capacity[v] - _TINY):
                    end = v
                    break
                if not built[v]:
                    built[v] = True
                    e = head[v]
                    while e >= 0:
                        key, link, pool = _insert(
                            e, indptr, node, cost, owner, unserved_cost, root, near, near_count, key, link, pool
                        )
                        e = chain[e]
                waiting = _expand(v, net, state, price, heaps, key, link, search, waiting)
            for v in range(size):
                price[v] += max(0.0, dist[end] - dist[v])
            count = _push(end, excess, held, unserved, load, passed, capacity, drain, back, via, link, owner, fresh)
            for k in range(count):
                e = fresh[k]
                v = node[e]
                if chain[e] == -2:
                    chain[e] = head[v]
                    head[v] = e
                if built[v]:
                    key, link, pool = _insert(
                        e, indptr, node, cost, owner, unserved_cost, root, near, near_count, key, link, pool
                    )
    return held, unserved, price[:size]
