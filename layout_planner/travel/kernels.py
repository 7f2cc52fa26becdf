"""Compiled kernels of the travel engine: the nearest segment, the search over the roads, the turn of the pairs.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. All release the
interpreter lock and share nothing, so that several threads can run them at once.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["append_columns", "count_pairs", "fill_grid", "k_least", "k_least_open", "nearest_segment", "offer_site",
           "place_on_edge", "scatter_pairs", "search_block"]  # fmt: skip

_DENSE = 6  # a search that touches more than this share (1/6) of the nodes looks at every origin in order
_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _rows_of(ax, ay, bx, by, x0, y0, cell, ny, column):
    """Find the first and last row of cells that a segment touches in one column of cells."""
    left = x0 + column * cell
    right = left + cell
    low, high = min(ay, by), max(ay, by)
    if ax != bx:
        slope = (by - ay) / (bx - ax)
        at_left = ay + (min(max(left, min(ax, bx)), max(ax, bx)) - ax) * slope
        at_right = ay + (min(max(right, min(ax, bx)), max(ax, bx)) - ax) * slope
        low = max(low, min(at_left, at_right))
        high = min(high, max(at_left, at_right))
    margin = cell * 1e-9
    first = max(0, int((low - margin - y0) // cell))
    last = min(ny - 1, int((high + margin - y0) // cell))
    return first, last


@_kernel
def fill_grid(at, x, y, x0, y0, cell, nx, ny):
    """List the segments that touch each cell: count, then fill."""
    start, item = np.zeros(nx * ny + 1, dtype=np.int64), np.zeros(0, dtype=np.int32)
    place = start
    for fill in range(2):
        for s in range(len(at)):
            ax, ay, bx, by = x[at[s]], y[at[s]], x[at[s] + 1], y[at[s] + 1]
            c0 = max(0, int((min(ax, bx) - x0) // cell))
            c1 = min(nx - 1, int((max(ax, bx) - x0) // cell))
            for c in range(c0, c1 + 1):
                r0, r1 = _rows_of(ax, ay, bx, by, x0, y0, cell, ny, c)
                for r in range(r0, r1 + 1):
                    if fill == 0:
                        start[c * ny + r + 1] += 1
                    else:
                        item[place[c * ny + r]] = s
                        place[c * ny + r] += 1
        if fill == 0:
            for i in range(nx * ny):
                start[i + 1] += start[i]
            item = np.empty(start[nx * ny], dtype=np.int32)
            place = start.copy()
    return start, item


@_kernel
def _distance2(px, py, ax, ay, bx, by):
    """Squared distance from a point to a segment, and the nearest position on it from 0 to 1."""
    dx, dy = bx - ax, by - ay
    length2 = dx * dx + dy * dy
    t = 0.0
    if length2 > 0.0:
        t = min(1.0, max(0.0, ((px - ax) * dx + (py - ay) * dy) / length2))
    ex, ey = ax + t * dx - px, ay + t * dy - py
    return ex * ex + ey * ey, t


@_kernel
def nearest_segment(px, py, limit, at, edge, x, y, x0, y0, cell, nx, ny, start, item):
    """Find the nearest segment of every point, or -1."""
    found = np.full(len(px), -1, dtype=np.int64)
    for k in range(len(px)):
        column = int(np.floor((px[k] - x0) / cell))
        row = int(np.floor((py[k] - y0) / cell))
        outside = max(max(-column, column - nx + 1), max(-row, row - ny + 1))
        ring = max(0, outside)
        best = limit * limit
        best_edge = np.int64(1) << 40
        while True:
            reach = max(0.0, (ring - 1) * cell)
            if ring > 0 and reach * reach > best:
                break
            c_low, c_high = column - ring, column + ring
            r_low, r_high = row - ring, row + ring
            for c in range(max(0, c_low), min(nx - 1, c_high) + 1):
                step = 1 if c in (c_low, c_high) else max(1, r_high - r_low)
                r = r_low
                while r <= r_high:
                    if 0 <= r < ny:
                        for j in range(start[c * ny + r], start[c * ny + r + 1]):
                            s = item[j]
                            d2, _ = _distance2(px[k], py[k], x[at[s]], y[at[s]], x[at[s] + 1], y[at[s] + 1])
                            if d2 < best or (d2 == best and edge[s] < best_edge):
                                best, best_edge, found[k] = d2, edge[s], s
                    r += step
            if c_low <= 0 and c_high >= nx - 1 and r_low <= 0 and r_high >= ny - 1:
                break
            ring += 1
    return found


@_kernel
def place_on_edge(px, py, item, at, edge, shape_start, x, y, out_edge, out):
    """Write edge, fraction, access metres and the point on the edge."""
    for k in range(len(px)):
        s = item[k]
        if s < 0:
            continue
        d2, t = _distance2(px[k], py[k], x[at[s]], y[at[s]], x[at[s] + 1], y[at[s] + 1])
        e = edge[s]
        before, total = 0.0, 0.0
        for i in range(shape_start[e], shape_start[e + 1] - 1):
            piece = np.hypot(x[i + 1] - x[i], y[i + 1] - y[i])
            if i < at[s]:
                before += piece
            elif i == at[s]:
                before += t * piece
            total += piece
        fraction = before / total if total > 0.0 else 0.0
        if at[s] == shape_start[e] and t == 0.0:
            fraction = 0.0
        elif at[s] == shape_start[e + 1] - 2 and t == 1.0:
            fraction = 1.0
        out_edge[k] = e
        out[0, k] = min(1.0, fraction)
        out[1, k] = np.sqrt(d2)
        out[2, k] = x[at[s]] + t * (x[at[s] + 1] - x[at[s]])
        out[3, k] = y[at[s]] + t * (y[at[s] + 1] - y[at[s]])


@_kernel
def _seed(seeds, seed_min, seed_m, inverse, cutoff, best, best_m, after, before, where, head, touched):
    """Queue the nodes where the search begins; give their number and the first bucket."""
    n_touched, bucket = 0, np.int64(1) << 62
    for i in range(len(seeds)):
        node, t = seeds[i], seed_min[i]
        if node >= 0 and t <= cutoff and t < best[node]:
            if best[node] == np.inf:
                touched[n_touched] = node
                n_touched += 1
            best[node], best_m[node] = t, seed_m[i]
    for i in range(n_touched):
        node = touched[i]
        turn = np.int64(best[node] * inverse)
        bucket = min(bucket, turn)
        turn %= len(head)
        following = head[turn]
        after[node], before[node], where[node], head[turn] = following, -1, turn, node
        if following >= 0:
            before[following] = node
    return n_touched, bucket % len(head)


@_kernel
def _spread(
    start, tail, minutes, metres, inverse, cutoff, n_touched, bucket, best, best_m, after, before, where, head, touched
):
    """Find the least minutes from every node to the seeds, up to the cut-off; give the number of nodes touched.

    Each bucket is a doubly linked list (``head``, ``after``, ``before``), ``where`` the bucket in which a node waits
    (-1: none). Moving a node between buckets is written out: as a function of its own it costs 1.7 times as much.
    """
    n_buckets = len(head)
    waiting = n_touched
    while waiting > 0:
        node = head[bucket]
        if node < 0:
            bucket += 1
            if bucket == n_buckets:
                bucket = 0
            continue
        following = after[node]
        head[bucket] = following
        if following >= 0:
            before[following] = -1
        waiting -= 1
        where[node] = -1
        t, m = best[node], best_m[node]
        for a in range(start[node], start[node + 1]):
            other = tail[a]
            reached = t + minutes[a]
            known = best[other]
            if reached < known and reached <= cutoff:
                if known == np.inf:
                    touched[n_touched] = other
                    n_touched += 1
                best[other] = reached
                best_m[other] = m + metres[a]
                turn = np.int64(reached * inverse) % n_buckets
                old = where[other]
                if old == turn:
                    continue
                if old >= 0:
                    left, right = before[other], after[other]
                    if left >= 0:
                        after[left] = right
                    else:
                        head[old] = right
                    if right >= 0:
                        before[right] = left
                else:
                    waiting += 1
                following = head[turn]
                after[other] = following
                before[other] = -1
                if following >= 0:
                    before[following] = other
                head[turn] = other
                where[other] = turn
    return n_touched


@_kernel
def _gather(edge, touched, best, o_node, node_start, node_item, edge_start, edge_item, seen):
    """List the origins beside the touched nodes and on the site's own edge, each once; give their number."""
    n_seen = 0
    for i in range(edge_start[edge], edge_start[edge + 1]):
        o = edge_item[i]
        if best[o_node[o, 0]] == np.inf and best[o_node[o, 1]] == np.inf:
            seen[n_seen] = o
            n_seen += 1
    for i in range(len(touched)):
        for j in range(node_start[touched[i]], node_start[touched[i] + 1]):
            o = node_item[j] >> 1
            if node_item[j] & 1 == 0 or best[o_node[o, 0]] == np.inf:  # else it was taken at its other end
                seen[n_seen] = o
                n_seen += 1
    return n_seen


@_kernel
def _emit(
    s,
    n_seen,
    dense,
    seen,
    cutoff,
    best,
    best_m,
    o_node,
    o_cost,
    o_edge,
    o_along,
    o_access,
    o_position,
    s_edge,
    s_along,
    s_access,
    edge_cost,
    size,
    out,
    out_min,
    out_m,
):
    """Write the origins within the cut-off: over either end of their edge, or along it if the site is on it too."""
    for i in range(n_seen):
        o = np.int64(i) if dense else np.int64(seen[i])
        first, second = o_node[o, 0], o_node[o, 1]
        t, m = best[first] + o_cost[o, 0], best_m[first] + o_cost[o, 2]
        other = best[second] + o_cost[o, 1]
        if other < t:
            t, m = other, best_m[second] + o_cost[o, 3]
        if o_edge[o] == s_edge:
            share = s_along - o_along[o]
            piece = 0.0
            if share > 0.0:
                piece = share * edge_cost[s_edge, 0]
            elif share < 0.0:
                piece = -share * edge_cost[s_edge, 1]
            direct = o_access[o, 0] + piece + s_access[s, 0]
            if direct < t:
                t, m = direct, o_access[o, 1] + abs(share) * edge_cost[s_edge, 2] + s_access[s, 1]
        if t <= cutoff:
            out[size] = o_position[o]
            out_min[size] = t
            out_m[size] = m
            size += 1
    return size


@_kernel
def search_block(
    start,
    tail,
    minutes,
    metres,
    width,
    s_node,
    s_min,
    s_m,
    s_edge,
    s_along,
    s_access,
    begin,
    end,
    cutoff,
    bound,
    edge_cost,
    o_node,
    o_cost,
    o_edge,
    o_along,
    o_access,
    o_position,
    node_start,
    node_item,
    edge_start,
    edge_item,
    best,
    best_m,
    after,
    before,
    where,
    head,
    touched,
    seen,
    count,
    out,
    out_min,
    out_m,
):
    """Search site by site until the output may not hold another site; give the next site and the size."""
    n, k, size = len(touched), len(o_along), 0
    for s in range(begin, end):
        if size + k > len(out):
            return s, size
        count[s] = 0
        if s_edge[s] < 0:
            continue
        n_seeds, bucket = _seed(s_node[s], s_min[s], s_m[s], 1.0 / width, bound, best, best_m, after, before, where,
                                head, touched)  # fmt: skip
        n_touched = _spread(start, tail, minutes, metres, 1.0 / width, bound, n_seeds, bucket, best, best_m, after,
                            before, where, head, touched)  # fmt: skip
        dense = n_touched * _DENSE > n
        n_seen = k
        if not dense:
            n_seen = _gather(s_edge[s], touched[:n_touched], best, o_node, node_start, node_item, edge_start, edge_item,
                             seen)  # fmt: skip
        earlier = size
        size = _emit(s, n_seen, dense, seen, cutoff, best, best_m, o_node, o_cost, o_edge, o_along, o_access,
                     o_position, s_edge[s], s_along[s], s_access, edge_cost, size, out, out_min, out_m)  # fmt: skip
        count[s] = size - earlier
        for i in range(n_touched):
            best[touched[i]] = np.inf
    return end, size


@_kernel
def count_pairs(origin, indptr):
    """Count the pairs of each origin one place further on."""
    for o in origin:
        indptr[o + 1] += 1


@_kernel
def scatter_pairs(first_site, count, origin, minutes, metres, place, out_site, out_min, out_m):
    """Put pairs listed by site into the rows of their origins."""
    at = 0
    for s in range(len(count)):
        for _ in range(count[s]):
            p = place[origin[at]]
            place[origin[at]] = p + 1
            out_site[p] = first_site + s
            out_min[p] = minutes[at]
            out_m[p] = metres[at]
            at += 1


@_kernel
def k_least(indptr, indices, minutes, rank_of, k):
    """Pick the k least pairs of every row by (minutes, rank of the site's id)."""
    n = len(indptr) - 1
    total = 0
    for i in range(n):
        total += min(k, indptr[i + 1] - indptr[i])
    pick, rank = np.empty(total, np.int64), np.empty(total, np.int64)
    at = 0
    for i in range(n):
        held = 0
        room = min(k, indptr[i + 1] - indptr[i])
        for p in range(indptr[i], indptr[i + 1]):
            j = held
            while j > 0:
                q = pick[at + j - 1]
                if minutes[q] < minutes[p] or (minutes[q] == minutes[p] and rank_of[indices[q]] < rank_of[indices[p]]):
                    break
                if j < room:
                    pick[at + j] = q
                j -= 1
            if j < room:
                pick[at + j] = p
                held = min(room, held + 1)
        for j in range(room):
            rank[at + j] = j + 1
        at += room
    return pick, rank


@_kernel
def _insert(pairs, held, p, indices, cost, rank_of):
    """Put a pair in its place among the least of a row, by (cost, rank of the site's id); give their number."""
    j = held
    while j > 0:
        q = pairs[j - 1]
        if cost[q] < cost[p] or (cost[q] == cost[p] and rank_of[indices[q]] < rank_of[indices[p]]):
            break
        if j < len(pairs):
            pairs[j] = q
        j -= 1
    if j < len(pairs):
        pairs[j] = p
        held = min(len(pairs), held + 1)
    return held


@_kernel
def k_least_open(rows, indptr, indices, cost, rank_of, is_open, pairs):
    """Write the least pairs of some rows among the open sites; -1 where there are fewer."""
    for i in rows:
        pairs[i] = -1
        held, k, worst = 0, pairs.shape[1], np.inf
        for p in range(indptr[i], indptr[i + 1]):
            if is_open[indices[p]] and (held < k or cost[p] <= worst):
                held = _insert(pairs[i], held, p, indices, cost, rank_of)
                worst = cost[pairs[i, held - 1]]


@_kernel
def offer_site(site, indptr, indices, cost, rank_of, pairs, changed):
    """Offer a site to every row that has it in reach; mark the rows that take it."""
    for i in range(len(indptr) - 1):
        low, high = indptr[i], indptr[i + 1]
        while low < high:
            middle = (low + high) >> 1
            if indices[middle] < site:
                low = middle + 1
            else:
                high = middle
        if low == indptr[i + 1] or indices[low] != site:
            continue
        held = 0
        while held < pairs.shape[1] and pairs[i, held] >= 0:
            held += 1
        _insert(pairs[i], held, low, indices, cost, rank_of)
        changed[i] |= (pairs[i] == low).any()


@_kernel
def append_columns(indptr, indices, minutes, metres, more_indptr, more_indices, more_min, more_m, m):
    """Join the rows of two tables; the columns of the second come after the m columns of the first."""
    total = indptr[-1] + more_indptr[-1]
    start = indptr + more_indptr
    out, out_min, out_m = np.empty(total, np.int32), np.empty(total, np.float32), np.empty(total, np.float32)
    for i in range(len(indptr) - 1):
        at = start[i]
        for p in range(indptr[i], indptr[i + 1]):
            out[at], out_min[at], out_m[at] = indices[p], minutes[p], metres[p]
            at += 1
        for p in range(more_indptr[i], more_indptr[i + 1]):
            out[at], out_min[at], out_m[at] = m + more_indices[p], more_min[p], more_m[p]
            at += 1
    return start, out, out_min, out_m
