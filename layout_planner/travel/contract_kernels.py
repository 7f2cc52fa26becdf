"""Compiled kernels of the contracted network: the order of elimination, the shortcuts, the sweeps.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. All release the
interpreter lock and share nothing, so that several threads can run them at once.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["LANES", "arrange", "customise", "eliminate", "enter_arcs", "list_neighbours", "mark_needed", "prune",
           "pull_together", "search_pass", "tell_direct"]  # fmt: skip

LANES = 16
"""Sites that one sweep serves at once; two or more of a processor's vectors."""

_SLACK = 4  # free places behind each list of neighbours
_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def list_neighbours(n, u, v):
    """List the neighbours of every node once, whatever the direction, as offsets and items; loops are left out."""
    first = np.zeros(n + 1, dtype=np.int64)
    for e in range(len(u)):
        if u[e] != v[e]:
            first[u[e] + 1] += 1
            first[v[e] + 1] += 1
    first = np.cumsum(first)
    place = first[:-1].copy()
    every = np.empty(first[-1], dtype=np.int32)
    for e in range(len(u)):
        if u[e] != v[e]:
            every[place[u[e]]] = v[e]
            every[place[v[e]]] = u[e]
            place[u[e]] += 1
            place[v[e]] += 1
    start = np.zeros(n + 1, dtype=np.int64)
    seen = np.full(n, -1, dtype=np.int32)
    size = 0
    for node in range(n):
        for j in range(first[node], first[node + 1]):
            other = every[j]
            if seen[other] != node:
                seen[other] = node
                every[size] = other
                size += 1
        start[node + 1] = size
    return start, every[:size].copy()


@_kernel
def _hang(node, degree, head, after, before):
    """Put a node in front of the list of its degree."""
    following = head[degree]
    after[node], before[node], head[degree] = following, -1, node
    if following >= 0:
        before[following] = node


@_kernel
def _unhang(node, degree, head, after, before):
    """Take a node out of the list of its degree."""
    left, right = before[node], after[node]
    if left >= 0:
        after[left] = right
    else:
        head[degree] = right
    if right >= 0:
        before[right] = left


@_kernel
def _join(node, begin, size, pool, free, room, other, stamp):
    """Make the neighbours of an eliminated node neighbours of one of them; give the pool and its free place."""
    at, own = begin[other], size[other]
    gone = 0
    for j in range(own):
        stamp[pool[at + j]] = other
        if pool[at + j] == node:
            gone = j
    stamp[other] = other
    pool[at + gone] = pool[at + own - 1]
    own -= 1
    fresh = 0
    for j in range(begin[node], begin[node] + size[node]):
        fresh += stamp[pool[j]] != other
    if own + fresh > room[other]:
        room[other] = 2 * (own + fresh)
        if free + room[other] > len(pool):
            larger = np.empty(2 * len(pool) + room[other], dtype=np.int32)
            for j in range(free):
                larger[j] = pool[j]
            pool = larger
        for j in range(own):
            pool[free + j] = pool[at + j]
        begin[other], at = free, free
        free += room[other]
    for j in range(begin[node], begin[node] + size[node]):
        if stamp[pool[j]] != other:
            pool[at + own] = pool[j]
            own += 1
    size[other] = own
    stamp[other] = -1
    return pool, free


@_kernel
def eliminate(start, item):
    """Order the nodes by least degree, joining the neighbours of each node that goes.

    Gives the turn of every node and, as ``begin`` and ``size`` in a pool, the neighbours that it had when it went.
    """
    n = len(start) - 1
    begin, size, room = np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int32)
    pool = np.empty(4 * len(item) + 2 * _SLACK * n + 1, dtype=np.int32)
    free = 0
    head, after, before = np.full(n + 1, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    for node in range(n):
        degree = start[node + 1] - start[node]
        begin[node], size[node], room[node] = free, degree, degree + _SLACK
        for j in range(degree):
            pool[free + j] = item[start[node] + j]
        free += degree + _SLACK
    for node in range(n - 1, -1, -1):
        _hang(node, size[node], head, after, before)
    stamp, turn = np.full(n, -1, np.int32), np.empty(n, np.int32)
    least = 0
    for i in range(n):
        while head[least] < 0:
            least += 1
        node = head[least]
        _unhang(node, least, head, after, before)
        turn[node] = i
        for j in range(size[node]):
            other = pool[begin[node] + j]
            earlier = size[other]
            pool, free = _join(node, begin, size, pool, free, room, other, stamp)
            if size[other] != earlier:
                _unhang(other, earlier, head, after, before)
                _hang(other, size[other], head, after, before)
                least = min(least, size[other])
    return turn, begin, size, pool


@_kernel
def _postorder(parent):
    """Give the nodes of a forest (parents come later) numbers so that every subtree is consecutive, its root last."""
    n = len(parent)
    child, sibling = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    for i in range(n - 1, -1, -1):
        if parent[i] >= 0:
            sibling[i] = child[parent[i]]
            child[parent[i]] = i
    place, stack = np.empty(n, np.int32), np.empty(n, np.int32)
    turn = n
    for root in range(n - 1, -1, -1):
        if parent[root] >= 0:
            continue
        stack[0] = root
        top = 1
        while top > 0:
            top -= 1
            i = stack[top]
            turn -= 1
            place[i] = turn
            c = child[i]
            while c >= 0:
                stack[top] = c
                top += 1
                c = sibling[c]
    return place


@_kernel
def arrange(turn, begin, size, pool):
    """Rank the nodes in postorder of the elimination tree; list the higher neighbours of every rank, ascending."""
    n = len(turn)
    node_at = np.empty(n, np.int32)
    for node in range(n):
        node_at[turn[node]] = node
    parent = np.full(n, -1, np.int32)
    for i in range(n):
        node = node_at[i]
        least = n
        for j in range(begin[node], begin[node] + size[node]):
            least = min(least, turn[pool[j]])
        if least < n:
            parent[i] = least
    place = _postorder(parent)
    rank, above = np.empty(n, np.int32), np.full(n, -1, np.int32)
    start, lower = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    for i in range(n):
        rank[node_at[i]] = place[i]
        if parent[i] >= 0:
            above[place[i]] = place[parent[i]]
    for node in range(n):
        node_at[rank[node]] = node
        start[rank[node] + 1] = size[node]
        for j in range(begin[node], begin[node] + size[node]):
            lower[rank[pool[j]] + 1] += 1
    start, lower = np.cumsum(start), np.cumsum(lower)
    low, high = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
    fill = lower[:-1].copy()
    for r in range(n):
        node = node_at[r]
        for j in range(begin[node], begin[node] + size[node]):
            h = rank[pool[j]]
            low[fill[h]] = r
            fill[h] += 1
    fill = start[:-1].copy()
    for h in range(n):
        for j in range(lower[h], lower[h + 1]):
            high[fill[low[j]]] = h
            fill[low[j]] += 1
    return rank, above, start, high


@_kernel
def enter_arcs(rank, start, high, arc_start, arc_tail, arc_min, arc_m, rise, rise_m, fall, fall_m):
    """Write the arcs of a profile (listed by the node where they arrive) on the pairs of ranks."""
    for node in range(len(rank)):
        head = rank[node]
        for a in range(arc_start[node], arc_start[node + 1]):
            tail = rank[arc_tail[a]]
            i, j = start[min(head, tail)], start[min(head, tail) + 1]
            while j - i > 1:
                middle = (i + j) >> 1
                if high[middle] <= max(head, tail):
                    i = middle
                else:
                    j = middle
            if tail < head:
                rise[i], rise_m[i] = arc_min[a], arc_m[a]
            else:
                fall[i], fall_m[i] = arc_min[a], arc_m[a]


@_kernel
def customise(start, high, rise, rise_m, fall, fall_m):
    """Lower every pair of ranks to the quickest way over lower ranks, by the triangles below it."""
    for low in range(len(start) - 1):
        end = start[low + 1]
        for i in range(start[low], end):
            k = start[high[i]]
            for j in range(i + 1, end):
                while high[k] < high[j]:
                    k += 1
                up = fall[i] + rise[j]
                if up < rise[k]:
                    rise[k], rise_m[k] = up, fall_m[i] + rise_m[j]
                down = fall[j] + rise[i]
                if down < fall[k]:
                    fall[k], fall_m[k] = down, fall_m[j] + rise_m[i]


@_kernel
def prune(start, high, rise, fall):
    """Tell which pairs are needed upwards and downwards: those that no way over a higher rank beats.

    ``rise`` and ``fall`` are lowered to the quickest minutes of all.
    """
    keep_rise, keep_fall = np.isfinite(rise), np.isfinite(fall)
    for low in range(len(start) - 2, -1, -1):
        end = start[low + 1]
        for i in range(start[low], end):
            k = start[high[i]]
            for j in range(i + 1, end):
                while high[k] < high[j]:
                    k += 1
                if rise[i] + rise[k] < rise[j]:
                    rise[j], keep_rise[j] = rise[i] + rise[k], False
                if rise[j] + fall[k] < rise[i]:
                    rise[i], keep_rise[i] = rise[j] + fall[k], False
                if fall[k] + fall[i] < fall[j]:
                    fall[j], keep_fall[j] = fall[k] + fall[i], False
                if rise[k] + fall[j] < fall[i]:
                    fall[i], keep_fall[i] = rise[k] + fall[j], False
    return keep_rise, keep_fall


@_kernel
def mark_needed(start, high, needed):
    """Mark every rank that a sweep to the marked ranks passes."""
    for low in range(len(start) - 1):
        if needed[low]:
            for a in range(start[low], start[low + 1]):
                needed[high[a]] = True


@_kernel
def _climb(lane, nodes, minutes, metres, rank, above, start, high, arc_min, arc_m, best, best_m):
    """Search upwards from one site: along the elimination tree, every rank above in ascending order."""
    low = len(rank)
    for i in range(2):
        if nodes[i] >= 0:
            r = rank[nodes[i]]
            low = min(low, r)
            if minutes[i] < best[r, lane]:
                best[r, lane], best_m[r, lane] = minutes[i], metres[i]
    if low == len(rank):
        return
    while low >= 0:
        t, m = best[low, lane], best_m[low, lane]
        if t < np.inf:
            for a in range(start[low], start[low + 1]):
                if t + arc_min[a] < best[high[a], lane]:
                    best[high[a], lane], best_m[high[a], lane] = t + arc_min[a], m + arc_m[a]
        low = above[low]


@_kernel
def _sweep(todo, start, high, arc_min, arc_m, best, best_m):
    """Carry the minutes of all lanes down from high ranks to low ones."""
    for i in range(len(todo)):
        low = todo[i]
        for a in range(start[low], start[low + 1]):
            over, minutes, metres = high[a], arc_min[a], arc_m[a]
            for lane in range(LANES):
                t, known = best[over, lane] + minutes, best[low, lane]
                best_m[low, lane] = best_m[over, lane] + metres if t < known else best_m[low, lane]
                best[low, lane] = t if t < known else known


@_kernel
def search_pass(
    begin, end, s_node, s_min, s_m, rank, above, up, down, todo, cutoff, o_rank, o_cost, best, best_m, out_min, out_m
):
    """Search from up to ``LANES`` sites at once and write their columns for every origin (inf beyond the cut-off)."""
    best[:] = np.inf
    for s in range(begin, end):
        _climb(s - begin, s_node[s], s_min[s], s_m[s], rank, above, *up, best, best_m)
    _sweep(todo, *down, best, best_m)
    lanes = end - begin
    for o in range(len(o_rank)):
        first, second = o_rank[o, 0], o_rank[o, 1]
        one, two, one_m, two_m = o_cost[o, 0], o_cost[o, 1], o_cost[o, 2], o_cost[o, 3]
        for lane in range(lanes):
            t, other = best[first, lane] + one, best[second, lane] + two
            m = best_m[second, lane] + two_m if other < t else best_m[first, lane] + one_m
            t = other if other < t else t
            out_min[o, begin + lane] = t if t <= cutoff else np.inf
            out_m[o, begin + lane] = m


@_kernel
def tell_direct(
    begin, s_edge, s_along, s_access, edge_cost, beside_start, beside, o_rank, o_cost, o_along, o_access, cutoff,
    best, out_min, out_m,
):  # fmt: skip
    """Let origins on a site's own edge go along it where that is quicker."""
    for lane in range(len(s_edge)):
        edge = s_edge[lane]
        if edge < 0:
            continue
        for j in range(beside_start[edge], beside_start[edge + 1]):
            o = beside[j]
            round_about = min(best[o_rank[o, 0], lane] + o_cost[o, 0], best[o_rank[o, 1], lane] + o_cost[o, 1])
            share = s_along[lane] - o_along[o]
            piece = 0.0
            if share > 0.0:
                piece = share * edge_cost[edge, 0]
            elif share < 0.0:
                piece = -share * edge_cost[edge, 1]
            direct = o_access[o, 0] + piece + s_access[lane, 0]
            if direct < round_about and direct <= cutoff:
                out_min[o, begin + lane] = direct
                out_m[o, begin + lane] = o_access[o, 1] + abs(share) * edge_cost[edge, 2] + s_access[lane, 1]


@_kernel
def pull_together(minutes, metres):
    """Move the finite entries of a table to its front, row after row; give offsets and columns."""
    n, m = minutes.shape
    indptr = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        held = 0
        for j in range(m):
            held += minutes[i, j] < np.inf
        indptr[i + 1] = indptr[i] + held
    columns = np.empty(indptr[n], dtype=np.int32)
    flat_min, flat_m = minutes.reshape(-1), metres.reshape(-1)
    if indptr[n] == n * m:
        for i in range(n):
            for j in range(m):
                columns[i * m + j] = j
        return indptr, columns
    at = 0
    for i in range(n):
        for j in range(m):
            if minutes[i, j] < np.inf:
                flat_min[at], flat_m[at] = minutes[i, j], metres[i, j]
                columns[at] = j
                at += 1
    return indptr, columns
