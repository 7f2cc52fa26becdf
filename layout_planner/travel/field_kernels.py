"""Compiled kernels of the time field: one search from many sites, minutes at any place, the ways traced back.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. All release the
interpreter lock and share nothing.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

import heapq
from typing import Any

import numba as nb
import numpy as np

__all__ = ["draw_ways", "grow", "minutes_at", "trace_ways"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def grow(
    start, tail, minutes, seed_node, seed_min, seed_rank, cutoff, wanted, n_wanted, best, rank, came, touched
):  # fmt: skip
    """Find the least (minutes, rank of the site) from every node to the seeds, up to the cut-off.

    ``came`` is the arc that a traveller takes next, or -1 - (the seed) where the site is next. The search may end
    early, once ``n_wanted`` nodes marked in ``wanted`` are settled. Gives the number of nodes touched.
    """
    queue = [(np.inf, np.int64(-1), np.int64(-1))]
    n_touched = 0
    for i in range(len(seed_node)):
        node, t, r = np.int64(seed_node[i]), seed_min[i], np.int64(seed_rank[i])
        if node < 0 or t > cutoff or t > best[node] or (t == best[node] and r >= rank[node]):
            continue
        if best[node] == np.inf:
            touched[n_touched] = node
            n_touched += 1
        best[node], rank[node], came[node] = t, r, -1 - i
        heapq.heappush(queue, (t, r, node))
    while True:
        t, r, node = heapq.heappop(queue)
        if node < 0:
            return n_touched
        if t != best[node] or r != rank[node]:
            continue
        if wanted[node]:
            wanted[node] = False
            n_wanted -= 1
            if n_wanted == 0:
                return n_touched
        for a in range(start[node], start[node + 1]):
            other, reached = np.int64(tail[a]), t + minutes[a]
            if reached > cutoff or reached > best[other] or (reached == best[other] and r >= rank[other]):
                continue
            if best[other] == np.inf:
                touched[n_touched] = other
                n_touched += 1
            best[other], rank[other], came[other] = reached, r, a
            heapq.heappush(queue, (reached, r, other))


@_kernel
def minutes_at(
    edge, share, access, u, v, forward, backward, best, rank, site_start, site_item, site_share, site_min, site_rank,
    cutoff, out_min, out_rank,
):  # fmt: skip
    """Give the least minutes to a site, and its rank, from points on edges; inf and -1 beyond the cut-off.

    ``access`` is what comes before the road (nan where there is none); a site on the point's own edge is met along it.
    """
    for k in range(len(edge)):
        e, f = edge[k], share[k]
        out_min[k], out_rank[k] = np.inf, -1
        if e < 0:
            continue
        t, r = np.inf, np.int64(-1)
        if f == 0.0 or backward[e] < np.inf:
            t, r = best[u[e]], np.int64(rank[u[e]])
            if f > 0.0:
                t += f * backward[e]
        if f == 1.0 or forward[e] < np.inf:
            other = best[v[e]]
            if f < 1.0:
                other += (1.0 - f) * forward[e]
            if other < t or (other == t and rank[v[e]] < r):
                t, r = other, np.int64(rank[v[e]])
        for i in range(site_start[e], site_start[e + 1]):
            s = site_item[i]
            other = site_min[s]
            if site_share[s] > f:
                other += (site_share[s] - f) * forward[e]
            elif site_share[s] < f:
                other += (f - site_share[s]) * backward[e]
            if other < t or (other == t and site_rank[s] < r):
                t, r = other, np.int64(site_rank[s])
        if t + access[k] <= cutoff:
            out_min[k], out_rank[k] = t + access[k], r


@_kernel
def _first_leg(e, f, u, v, forward, backward, best, s_edge, s_share, s_min):
    """Choose how a way begins: 0 by the u end, 1 by the v end, 2 along the edge to the site, -1 none."""
    t, choice = np.inf, -1
    if f == 0.0 or (f < 1.0 and backward[e] < np.inf):
        t = best[u[e]]
        if f > 0.0:
            t += f * backward[e]
        if t < np.inf:
            choice = 0
    if f == 1.0 or (f > 0.0 and forward[e] < np.inf):
        other = best[v[e]]
        if f < 1.0:
            other += (1.0 - f) * forward[e]
        if other < t:
            t, choice = other, 1
    if e == s_edge:
        other = s_min
        if s_share > f:
            other += (s_share - f) * forward[e]
        elif s_share < f:
            other += (f - s_share) * backward[e]
        if other < t:
            t, choice = other, 2
    return t, choice


@_kernel
def trace_ways(
    edge, share, budget, u, v, forward, backward, best, came, head, arc_edge, arc_forward, s_edge, s_share, s_min,
    out_min,
):  # fmt: skip
    """List the pieces of edge of every point's way to one site: offsets, edge, share where it begins and ends.

    ``budget`` is the most minutes that a point has for the roads; a way that takes more is left out.
    """
    n = len(edge)
    offset = np.zeros(n + 1, dtype=np.int64)
    out_edge, out_from, out_to = np.empty(0, np.int32), np.empty(0), np.empty(0)
    for fill in range(2):
        at = 0
        for k in range(n):
            offset[k] = at
            e, f = edge[k], share[k]
            if e < 0 or s_edge < 0:
                out_min[k] = np.inf
                continue
            out_min[k], choice = _first_leg(e, f, u, v, forward, backward, best, s_edge, s_share, s_min)
            if choice < 0 or out_min[k] > budget[k]:
                out_min[k] = np.inf
                continue
            end = s_share if choice == 2 else np.float64(choice)
            if end != f:
                if fill:
                    out_edge[at], out_from[at], out_to[at] = e, f, end
                at += 1
            if choice == 2:
                continue
            node = v[e] if choice == 1 else u[e]
            while came[node] >= 0:
                a = came[node]
                if fill:
                    out_edge[at] = arc_edge[a]
                    out_from[at] = 0.0 if arc_forward[a] else 1.0
                    out_to[at] = 1.0 - out_from[at]
                at += 1
                node = head[a]
            begin = np.float64(-1 - came[node])
            if begin != s_share:
                if fill:
                    out_edge[at], out_from[at], out_to[at] = s_edge, begin, s_share
                at += 1
        offset[n] = at
        if fill == 0:
            out_edge, out_from, out_to = np.empty(at, np.int32), np.empty(at), np.empty(at)
    return offset, out_edge, out_from, out_to


@_kernel
def _put(out, at, first, x, y):
    """Write a vertex unless the line is there already, to the millimetre; give the next place."""
    if at > first and abs(out[at - 1, 0] - x) < 1e-3 and abs(out[at - 1, 1] - y) < 1e-3:
        return at
    out[at, 0], out[at, 1] = x, y
    return at + 1


@_kernel
def draw_ways(offset, edge, begin, end, ends, shape_start, x, y):
    """Draw ways as vertices: ``ends`` (p, 4, 2) are home, its place on the road, the site's place, the site."""
    n = len(offset) - 1
    room = 4 * n
    for e in edge:
        room += shape_start[e + 1] - shape_start[e]
    out, start = np.empty((room + n, 2)), np.zeros(n + 1, dtype=np.int64)
    at = 0
    for k in range(n):
        first = at
        at = _put(out, at, first, ends[k, 0, 0], ends[k, 0, 1])
        at = _put(out, at, first, ends[k, 1, 0], ends[k, 1, 1])
        for i in range(offset[k], offset[k + 1]):
            e = edge[i]
            low, high = shape_start[e], shape_start[e + 1] - 1
            total = 0.0
            for j in range(low, high):
                total += np.hypot(x[j + 1] - x[j], y[j + 1] - y[j])
            near, far = min(begin[i], end[i]) * total, max(begin[i], end[i]) * total
            along, low_in, high_in = 0.0, high, low
            for j in range(low, high + 1):
                if j > low:
                    along += np.hypot(x[j] - x[j - 1], y[j] - y[j - 1])
                whole = (j == low and near == 0.0) or (j == high and far == total)
                if whole or near + 1e-6 < along < far - 1e-6:
                    low_in, high_in = min(low_in, j), max(high_in, j)
            if end[i] > begin[i]:
                for j in range(low_in, high_in + 1):
                    at = _put(out, at, first, x[j], y[j])
            else:
                for j in range(high_in, low_in - 1, -1):
                    at = _put(out, at, first, x[j], y[j])
        at = _put(out, at, first, ends[k, 2, 0], ends[k, 2, 1])
        at = _put(out, at, first, ends[k, 3, 0], ends[k, 3, 1])
        if at == first + 1:
            out[at] = out[at - 1]
            at += 1
        start[k + 1] = at
    return out[:at], start
