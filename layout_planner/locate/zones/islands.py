"""Compiled list of the clauses that forbid islands of one or two units in zones.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. ``graph`` is the pair
(indptr, adj) of the neighbours of every unit.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["island_clauses"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _flood(graph, allowed, seat, mark, stamp, queue):
    """Mark with ``stamp`` what the seat reaches over allowed units that are not marked so yet."""
    indptr, adj = graph
    queue[0], mark[seat] = seat, stamp
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if allowed[v] and mark[v] != stamp:
                mark[v] = stamp
                queue[tail] = v
                tail += 1


@_kernel
def _bridge(graph, allowed, seat, i, k, mark, stamp, queue, rim):
    """List in ``rim`` the units that every path from the seat to the island of i and k must cross; returns how many."""
    indptr, adj = graph
    for u in (i, k):
        for e in range(indptr[u], indptr[u + 1]):
            if allowed[adj[e]]:
                mark[adj[e]] = stamp
    mark[i], mark[k] = stamp + 1, stamp + 1
    found = 0
    if mark[seat] == stamp:
        mark[seat], rim[0] = stamp + 1, seat
        return 1
    queue[0], mark[seat] = seat, stamp + 1
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if not allowed[v] or mark[v] == stamp + 1:
                continue
            if mark[v] == stamp:
                rim[found] = v
                found += 1
            else:
                queue[tail] = v
                tail += 1
            mark[v] = stamp + 1
    return found


@_kernel
def _held(graph, i, k, inside):
    """Tell whether unit i or k touches what is in the zone for certain."""
    indptr, adj = graph
    for u in (i, k):
        for e in range(indptr[u], indptr[u + 1]):
            if inside[adj[e]]:
                return True
    return False


@_kernel
def island_clauses(graph, keep, column, seats):
    """List clauses over columns: no free unit, and no free unit with a neighbour, is an island of a zone.

    ``keep`` (n, m) are the pairs that may be used, ``column`` (n, m) their columns; a unit is free if it has several.
    Clauses that hold anyhow, by units that are not free, are left out. Returns literals, a column counted from 1 and
    negative for "not", and where each clause starts.
    """
    indptr, adj = graph
    n, m = keep.shape
    literals, starts, size, count = np.empty(256, np.int64), np.zeros(64, np.int64), 0, 0
    free, mark, queue = keep.sum(axis=1) > 1, np.zeros(n, np.int64), np.empty(n, np.int64)
    rim, stamp = np.empty(n, np.int64), 1
    for j in range(m):
        allowed = keep[:, j].copy()
        if not (allowed & free).any():
            continue
        core = stamp
        _flood(graph, allowed & ~free, seats[j], mark, core, queue)
        inside = mark == core
        stamp += 1
        for i in np.flatnonzero(allowed & free):
            for e in range(indptr[i] - 1, indptr[i + 1]):
                k = i if e < indptr[i] else adj[e]
                if k != i and (not allowed[k] or inside[k] or (free[k] and k < i)):
                    continue
                if i == seats[j] or k == seats[j] or _held(graph, i, k, inside):
                    continue
                width = _bridge(graph, allowed, seats[j], i, k, mark, stamp, queue, rim)
                stamp += 2
                if not free[rim[:width]].all():
                    continue
                if size + width + 2 > len(literals):
                    literals = np.append(literals, np.empty(len(literals) + width + 2, np.int64))
                if count + 2 > len(starts):
                    starts = np.append(starts, np.zeros(len(starts), np.int64))
                for r in range(width):
                    literals[size] = column[rim[r], j] + 1
                    size += 1
                literals[size] = -column[i, j] - 1
                size += 1
                if k != i and free[k]:
                    literals[size] = -column[k, j] - 1
                    size += 1
                count += 1
                starts[count] = size
    return literals[:size], starts[: count + 1]
