"""Compiled kernel of the transportation problem: displacements in heaps, cheapest chains, prices.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. Node ``len(capacity)``
stands for staying unserved. Heap nodes live in two parallel pools: ``key`` (cost of a displacement) and ``link``
(left child, right child, entry that would leave, entry that it would take). ``root[v, u]`` is the heap of
displacements from v to u, ``near[v]`` lists the u's. ``idle[v]`` is room that a sink leaves unused, at price 0.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["augment"]

_kernel: Any = nb.njit(cache=True, nogil=True)
_inlined: Any = nb.njit(cache=True, nogil=True, inline="always")

_TINY = 1e-11
_CRUMB = 1e-13
_PASSAGE, _IDLE = -1, -2


@_kernel
def _merge(a, b, key, link):
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


@_kernel
def _start(indptr, node, cost, supply, price, held, chain, head, owner, excess):
    """Put every supply where it is cheapest at the prices, room not asked."""
    for i in range(len(supply)):
        pick, best = -1, np.inf
        for e in range(indptr[i], indptr[i + 1]):
            owner[e] = i
            asked = cost[e] + price[node[e]]
            if asked < best:
                pick, best = e, asked
        if supply[i] > 0:
            v = node[pick]
            held[pick] = supply[i]
            excess[v] += supply[i]
            chain[pick] = head[v]
            head[v] = pick


@_kernel
def _balance(capacity, drain, price, excess, passed, idle, gate_head, gate_next):
    """Turn loads into excess (negative where a price asks for more), passages and idle room."""
    size = len(capacity)
    for v in range(size):
        s = drain[v]
        if s < 0:
            continue
        gate_next[v] = gate_head[s]
        gate_head[s] = v
        passed[v] = capacity[v] if price[v] > price[s] else min(excess[v], capacity[v])
        excess[v] -= passed[v]
        excess[s] += passed[v]
    for v in range(size):
        if drain[v] < 0:
            excess[v] -= capacity[v]
            if excess[v] < 0.0 and price[v] <= 0.0:
                idle[v] = -excess[v]
                excess[v] = 0.0


@_kernel
def _insert(e, problem, heaps, pools):
    """Enter the displacements of a held entry into the heaps of its node; returns the pools."""
    indptr, node, cost, owner = problem
    root, near, near_count, used = heaps
    key, link = pools
    i, v, pool = owner[e], node[e], used[0]
    need = pool + indptr[i + 1] - indptr[i]
    if need > len(key):
        more = np.empty(2 * need, key.dtype)
        more[:pool] = key[:pool]
        key = more
        links = np.empty((2 * need, 4), link.dtype)
        links[:pool] = link[:pool]
        link = links
    for f in range(indptr[i], indptr[i + 1]):
        u = node[f]
        if u == v:
            continue
        key[pool] = cost[f] - cost[e]
        link[pool, 0] = -1
        link[pool, 1] = -1
        link[pool, 2] = e
        link[pool, 3] = f
        if root[v, u] < 0:
            near[v, near_count[v]] = u
            near_count[v] += 1
        root[v, u] = _merge(root[v, u], pool, key, link)
        pool += 1
    used[0] = pool
    return key, link


@_inlined
def _relax(v, u, length, via_node, search, waiting):
    """Reach ``u`` from ``v``; returns the number of nodes that wait."""
    dist, done, back, via, frontier = search
    if not done[u] and length < dist[u]:
        if dist[u] == np.inf:
            frontier[waiting] = u
            waiting += 1
        dist[u] = length
        back[u] = v
        via[u] = via_node
    return waiting


@_inlined
def _closest(frontier, waiting, dist):
    """Find the place of the waiting node that is closest; ties by number."""
    slot = 0
    for k in range(1, waiting):
        a, b = frontier[k], frontier[slot]
        if dist[a] < dist[b] or (dist[a] == dist[b] and a < b):
            slot = k
    return slot


@_inlined
def _expand(v, net, state, price, heaps, pools, search, waiting):
    """Relax the displacements out of ``v`` and the passages between gates and sinks."""
    capacity, drain, gate_head, gate_next = net
    held, passed, dist = state[0], state[1], search[0]
    root, near, near_count = heaps[0], heaps[1], heaps[2]
    key, link = pools
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
        length = dist[v] + max(0.0, key[top] + price[u] - price[v])
        waiting = _relax(v, u, length, top, search, waiting)
    if v == len(capacity):
        return waiting
    u = drain[v]
    if u >= 0 and passed[v] < capacity[v] - _TINY:
        waiting = _relax(v, u, dist[v] + max(0.0, price[u] - price[v]), _PASSAGE, search, waiting)
    u = gate_head[v]
    while u >= 0:
        if passed[u] > _TINY:
            waiting = _relax(v, u, dist[v] + max(0.0, price[u] - price[v]), _PASSAGE, search, waiting)
        u = gate_next[u]
    return waiting


@_kernel
def _find(source, idles, farthest, problem, net, state, price, heaps, pools, search, built, head, chain):
    """Find the cheapest chain from a node to one that takes more; returns its end (−1: none), length and the pools.

    With ``idles`` the idle room of the sinks may be shifted from ``source``, which stands for staying unserved.
    """
    capacity, drain = net[0], net[1]
    excess, idle = state[2], state[3]
    dist, done, back, _, frontier = search
    size = len(capacity)
    dist[:] = np.inf
    done[:] = False
    dist[source], back[source] = 0.0, -1
    frontier[0], waiting = source, 1
    while waiting > 0:
        slot = _closest(frontier, waiting, dist)
        v = frontier[slot]
        waiting -= 1
        frontier[slot] = frontier[waiting]
        if dist[v] >= farthest:
            break
        done[v] = True
        if v != source and (v == size or excess[v] < -_TINY or (idle[v] > _TINY and not idles)):
            return v, dist[v], pools
        if not built[v]:
            built[v] = True
            e = head[v]
            while e >= 0:
                pools = _insert(e, problem, heaps, pools)
                e = chain[e]
        waiting = _expand(v, net, state, price, heaps, pools, search, waiting)
        if idles and v == source:
            for u in range(size):
                if drain[u] < 0:
                    waiting = _relax(v, u, max(0.0, price[u]), _IDLE, search, waiting)
    return -1, farthest, pools


@_kernel
def _carried(source, end, net, state, link, search):
    """Tell how much the chain to ``end`` can carry."""
    capacity, drain = net[0], net[1]
    held, passed, excess, idle = state
    back, via = search[2], search[3]
    amount = np.inf if source == len(capacity) else excess[source]
    if end < len(capacity):
        amount = min(amount, -excess[end] if excess[end] < -_TINY else idle[end])
    u = end
    while back[u] >= 0:
        v = back[u]
        if via[u] >= 0:
            amount = min(amount, held[link[via[u], 2]])
        elif via[u] == _PASSAGE:
            amount = min(amount, capacity[v] - passed[v] if drain[v] == u else passed[u])
        u = v
    return amount


@_kernel
def _push(source, end, problem, net, state, heaps, pools, search, built, head, chain, fresh):
    """Move what the whole chain to ``end`` can carry; returns the pools with newly held entries."""
    size, drain, link = len(net[0]), net[1], pools[1]
    held, passed, excess, idle = state
    back, via = search[2], search[3]
    amount = _carried(source, end, net, state, link, search)
    if source < size:
        excess[source] -= amount
    if end < size:
        if excess[end] < -_TINY:
            excess[end] += amount
        else:
            idle[end] -= amount
    count = 0
    u = end
    while back[u] >= 0:
        v = back[u]
        if via[u] >= 0:
            out, into = link[via[u], 2], link[via[u], 3]
            held[out] -= amount
            if held[out] <= _CRUMB:
                held[out] = 0.0
            if held[into] <= 0.0:
                fresh[count] = into
                count += 1
            held[into] += amount
        elif via[u] == _IDLE:
            idle[u] += amount
        elif drain[v] == u:
            passed[v] += amount
        else:
            passed[u] -= amount
        u = v
    node = problem[1]
    for k in range(count):
        e = fresh[k]
        v = node[e]
        if chain[e] == -2:
            chain[e] = head[v]
            head[v] = e
        if built[v]:
            pools = _insert(e, problem, heaps, pools)
    return pools


@_kernel
def augment(indptr, node, cost, supply, capacity, drain, price, more):
    """Solve from prices, exactly; ``price`` (v + 1,) is updated in place, its last entry standing for staying.

    Every row of the sparse table has an entry for staying unserved. First, excess moves on and room that a price
    asks to be filled is filled; then whoever stays is offered chains that cost up to ``more`` above staying.

    Returns
    -------
    held : ndarray (number of entries,)
    """
    size = len(capacity)
    held, owner = np.zeros(len(node)), np.empty(len(node), np.int64)
    head, chain = np.full(size + 1, -1, np.int64), np.full(len(node), -2, np.int64)
    excess, passed, idle = np.zeros(size + 1), np.zeros(size), np.zeros(size)
    gate_head, gate_next = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    _start(indptr, node, cost, supply, price, held, chain, head, owner, excess)
    _balance(capacity, drain, price, excess, passed, idle, gate_head, gate_next)
    heaps = (np.full((size + 1, size + 1), -1, np.int32), np.empty((size + 1, size + 1), np.int32),
             np.zeros(size + 1, np.int64), np.zeros(1, np.int64))  # fmt: skip
    pools = (np.empty(1024), np.empty((1024, 4), np.int32))
    search = (np.empty(size + 1), np.empty(size + 1, np.bool_), np.empty(size + 1, np.int64),
              np.empty(size + 1, np.int64), np.empty(size + 1, np.int64))  # fmt: skip
    problem, net = (indptr, node, cost, owner), (capacity, drain, gate_head, gate_next)
    state, dist = (held, passed, excess, idle), search[0]
    built, fresh = np.zeros(size + 1, np.bool_), np.empty(size + 1, np.int64)
    for source in range(size):
        while excess[source] > _TINY:
            end, level, pools = _find(
                source, False, np.inf, problem, net, state, price, heaps, pools, search, built, head, chain
            )
            for v in range(size):
                price[v] += max(0.0, level - dist[v])
            pools = _push(source, end, problem, net, state, heaps, pools, search, built, head, chain, fresh)
    for wanting in range(size):
        while excess[wanting] < -_TINY:
            end, level, pools = _find(
                size, True, np.inf, problem, net, state, price, heaps, pools, search, built, head, chain
            )
            for v in range(size):
                price[v] -= min(dist[v], level)
            pools = _push(size, end, problem, net, state, heaps, pools, search, built, head, chain, fresh)
    while more > 0.0:
        end, level, pools = _find(
            size, False, more, problem, net, state, price, heaps, pools, search, built, head, chain
        )
        for v in range(size + 1):
            price[v] += max(0.0, level - dist[v])
        more -= level
        if end >= 0:
            pools = _push(size, end, problem, net, state, heaps, pools, search, built, head, chain, fresh)
    return held
