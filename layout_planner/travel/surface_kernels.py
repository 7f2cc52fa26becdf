"""The inner loops of the friction surface, compiled: times of moves, the search, and what lies in reach of a site."""

# ruff: noqa: ANN001, ANN201, ANN202 - numba types its kernels itself
# mypy: allow-untyped-defs, no-check-untyped-defs, allow-untyped-calls

from __future__ import annotations

import numba as nb
import numpy as np

from layout_planner.travel.surface_slope import TOBLER_BEST_SLOPE, TOBLER_DECAY

__all__ = ["CURVE_STEPS", "M_PER_MIN", "STEEPEST", "fill_moves", "longest_move", "sample_roads", "search_sites",
           "spread"]  # fmt: skip

STEEPEST, CURVE_STEPS = 3.0, 12_001
"""Cycling speeds are tabulated every 0.0005 of slope between these limits, and interpolated."""

M_PER_MIN = 1000.0 / 60.0
_SPARSE = 4  # a search that touches fewer nodes than 1/4 of the origins looks up the origins of those nodes
_ROOM = 1 << 16


@nb.njit(cache=True, nogil=True)
def longest_move(minutes):
    """Find the longest move that is open; 0 if there is none."""
    most = 0.0
    for i in range(minutes.shape[0]):
        for k in range(minutes.shape[1]):
            if minutes[i, k] > most and minutes[i, k] < np.inf:
                most = minutes[i, k]
    return most


@nb.njit(cache=True, nogil=True, inline="always")
def _speed(mode, flat, slope, walked, curve, curves):
    """Give the speed (km/h) in a cell of this mode on this slope, where walkers keep the share ``walked``."""
    if mode == 1:
        return walked * flat
    if mode == 2:
        at = (min(max(slope, -STEEPEST), STEEPEST) + STEEPEST) / (2 * STEEPEST) * (CURVE_STEPS - 1)
        i = min(np.int64(at), CURVE_STEPS - 2)
        return curves[curve, i] + (at - i) * (curves[curve, i + 1] - curves[curve, i])
    return np.float64(flat)


@nb.njit(cache=True, nogil=True)
def fill_moves(first, last, elevation, speed, mode, curve, curves, scale, d_row, d_column, metres, mean_of_times,
               cut_corners, sign, limit, out):  # fmt: skip
    """Write the minutes of the moves of some rows of cells; ``sign`` is 1 for moves into the cell, -1 out of it."""
    rows, columns = speed.shape
    row, column = np.empty(4, np.int64), np.empty(4, np.int64)
    for r in range(first, last):
        for c in range(columns):
            if mode[r, c] == 0:
                continue
            for k in range(len(metres)):
                a, b = r + d_row[k], c + d_column[k]
                if a < 0 or b < 0 or a >= rows or b >= columns or mode[a, b] == 0:
                    continue
                row[0], column[0], row[1], column[1] = r, c, a, b
                cells = 2
                near_r, near_c = np.int64(np.sign(d_row[k])), np.int64(np.sign(d_column[k]))
                if k >= 8:
                    cells = 4
                    row[2], column[2] = r + near_r, c + near_c
                    row[3] = r + near_r if abs(d_row[k]) == 2 else r
                    column[3] = c + near_c if abs(d_column[k]) == 2 else c
                    if mode[row[2], column[2]] == 0 or mode[row[3], column[3]] == 0:
                        continue
                elif k >= 4 and not cut_corners and mode[a, c] == 0 and mode[r, b] == 0:
                    continue
                slope = sign * (np.float64(elevation[r, c]) - np.float64(elevation[a, b])) / metres[k]
                if np.isnan(slope):
                    slope = 0.0
                walked = scale * np.exp(TOBLER_DECAY * (abs(TOBLER_BEST_SLOPE) - abs(slope - TOBLER_BEST_SLOPE)))
                total = 0.0
                for i in range(cells):
                    y, x = row[i], column[i]
                    v = _speed(mode[y, x], speed[y, x], slope, walked, curve[y, x], curves)
                    if mean_of_times:
                        total += 1.0 / v if v > 0.0 else np.inf
                    else:
                        total += v
                pace = total / cells
                if not mean_of_times:
                    pace = 1.0 / pace if pace > 0.0 else np.inf
                minutes = metres[k] / M_PER_MIN * pace
                if minutes <= limit:
                    out[r * columns + c, k] = minutes


@nb.njit(cache=True, nogil=True, inline="always")
def _enqueue(node, bucket, head, after, before, where):
    """Put a node into a bucket, out of the one where it waits; give 1 if it waited in none."""
    old = where[node]
    if old == bucket:
        return 0
    if old >= 0:
        left, right = before[node], after[node]
        if left >= 0:
            after[left] = right
        else:
            head[old] = right
        if right >= 0:
            before[right] = left
    first = head[bucket]
    after[node] = first
    before[node] = -1
    if first >= 0:
        before[first] = node
    head[bucket] = node
    where[node] = bucket
    return 1 if old < 0 else 0


@nb.njit(cache=True, nogil=True)
def spread(graph, cutoff, seeds, seed_min, seed_m, space):
    """Find the least minutes (and the metres of that way) from every node to the seeds; give the number touched.

    ``graph`` and ``space`` are what :class:`~layout_planner.travel.surface_search.SurfaceGraph` gives as ``arrays`` and
    ``workspace``. Seeds may lie apart by no more than the longest arc.
    """
    minutes, step, metres, extra_start, extra_tail, extra_min, extra_m, inverse = graph
    best, best_m, after, before, where, head, touched = space
    n_cells, n_buckets = minutes.shape[0], len(head)
    n_touched, waiting, bucket = 0, 0, np.int64(-1)
    for i in range(len(seeds)):
        node, t = seeds[i], seed_min[i]
        if t > cutoff or t >= best[node]:
            continue
        if best[node] == np.inf:
            touched[n_touched] = node
            n_touched += 1
        best[node], best_m[node] = t, seed_m[i]
        waiting += _enqueue(node, np.int64(t * inverse) % n_buckets, head, after, before, where)
        if bucket < 0 or np.int64(t * inverse) < bucket:
            bucket = np.int64(t * inverse)
    bucket = max(bucket, 0) % n_buckets
    while waiting > 0:
        node = np.int64(head[bucket])
        if node < 0:
            bucket = bucket + 1 if bucket + 1 < n_buckets else 0
            continue
        following = after[node]
        head[bucket] = following
        if following >= 0:
            before[following] = -1
        where[node] = -1
        waiting -= 1
        t, m = best[node], best_m[node]
        if node < n_cells:
            for k in range(len(step)):
                reached = t + minutes[node, k]
                if reached <= cutoff and reached < np.inf:
                    other = node + step[k]
                    if reached < best[other]:
                        if best[other] == np.inf:
                            touched[n_touched] = other
                            n_touched += 1
                        best[other], best_m[other] = reached, m + metres[k]
                        waiting += _enqueue(other, np.int64(reached * inverse) % n_buckets, head, after, before, where)
        if len(extra_start) > 0:
            for a in range(extra_start[node], extra_start[node + 1]):
                reached = t + extra_min[a]
                other = np.int64(extra_tail[a])
                if reached <= cutoff and reached < best[other]:
                    if best[other] == np.inf:
                        touched[n_touched] = other
                        n_touched += 1
                    best[other], best_m[other] = reached, m + extra_m[a]
                    waiting += _enqueue(other, np.int64(reached * inverse) % n_buckets, head, after, before, where)
    return n_touched


@nb.njit(cache=True, nogil=True)
def _room_for(size, more, out, out_min, out_m):
    """Give arrays that hold ``more`` entries after ``size``."""
    if size + more <= len(out):
        return out, out_min, out_m
    room = max(2 * len(out), size + more)
    wider, wider_min, wider_m = np.empty(room, np.int32), np.empty(room, np.float32), np.empty(room, np.float32)
    wider[:size], wider_min[:size], wider_m[:size] = out[:size], out_min[:size], out_m[:size]
    return wider, wider_min, wider_m


@nb.njit(cache=True, nogil=True)
def search_sites(graph, space, cutoff, sites, first, last, origins, by_cell):
    """Search from some consecutive sites; give how many origins each reaches, those origins, minutes and metres.

    ``sites`` and ``origins`` are (cell, access minutes, access metres, x, y, minutes per metre of the cell), points
    without a cell have -1; ``by_cell`` lists the origins of every cell as offsets and items.
    """
    s_cell, s_min, s_m, s_x, s_y, _ = sites
    o_cell, o_min, o_m, o_x, o_y, o_pace = origins
    cell_start, cell_item = by_cell
    best, best_m, touched = space[0], space[1], space[6]
    n, n_cells, size = len(cell_item), len(cell_start) - 1, 0
    count = np.zeros(last - first, np.int64)
    out, out_min, out_m = np.empty(_ROOM, np.int32), np.empty(_ROOM, np.float32), np.empty(_ROOM, np.float32)
    for s in range(first, last):
        if s_cell[s] < 0:
            continue
        n_touched = spread(graph, cutoff, s_cell[s : s + 1], s_min[s : s + 1], s_m[s : s + 1], space)
        out, out_min, out_m = _room_for(size, n, out, out_min, out_m)
        before = size
        sparse = n_touched * _SPARSE < n
        for i in range(n_touched if sparse else 1):
            begin, end = 0, n
            if sparse:
                if touched[i] >= n_cells:
                    continue
                begin, end = cell_start[touched[i]], cell_start[touched[i] + 1]
            for j in range(begin, end):
                o = cell_item[j]
                t, m = best[o_cell[o]] + o_min[o], best_m[o_cell[o]] + o_m[o]
                if o_cell[o] == s_cell[s]:
                    straight = np.hypot(o_x[o] - s_x[s], o_y[o] - s_y[s])
                    if straight * o_pace[o] < t:
                        t, m = straight * o_pace[o], straight
                if t <= cutoff:
                    out[size], out_min[size], out_m[size] = o, t, m
                    size += 1
        count[s - first] = size - before
        for i in range(n_touched):
            best[touched[i]] = np.inf
    return count, out[:size].copy(), out_min[:size].copy(), out_m[:size].copy()


@nb.njit(cache=True, nogil=True)
def _nearest_on(ax, ay, bx, by, left, top, dx, dy, part):
    """Find the point of a segment nearest to the middle of a cell, if it lies in the cell; else take the one given."""
    mx, my = left + dx / 2, top + dy / 2
    ux, uy = bx - ax, by - ay
    length2 = ux * ux + uy * uy
    if length2 > 0.0:
        at = min(1.0, max(0.0, ((mx - ax) * ux + (my - ay) * uy) / length2))
        if abs(ax + at * ux - mx) <= abs(dx) / 2 and abs(ay + at * uy - my) <= abs(dy) / 2:
            part = at
    return part, np.hypot(ax + part * ux - mx, ay + part * uy - my)


@nb.njit(cache=True, nogil=True)
def sample_roads(edges, start, x, y, x0, y0, dx, dy, is_open, spacing):
    """Find where roads pass through open cells: one point for every run of an edge through a cell.

    Gives edge, share of the edge, cell, and metres to the middle of the cell; of a run, the point nearest to it.
    """
    rows, columns = is_open.shape
    room = 1024
    edge, cell = np.empty(room, np.int64), np.empty(room, np.int64)
    share, gap = np.empty(room), np.empty(room)
    n = 0
    for e in edges:
        total = 0.0
        for i in range(start[e], start[e + 1] - 1):
            total += np.hypot(x[i + 1] - x[i], y[i + 1] - y[i])
        along, last = 0.0, np.int64(-1)
        for i in range(start[e], start[e + 1] - 1):
            piece = np.hypot(x[i + 1] - x[i], y[i + 1] - y[i])
            steps = max(1, np.int64(np.ceil(piece / spacing)))
            for j in range(steps + 1):
                px, py = x[i] + (x[i + 1] - x[i]) * j / steps, y[i] + (y[i + 1] - y[i]) * j / steps
                c, r = np.int64(np.floor((px - x0) / dx)), np.int64(np.floor((py - y0) / dy))
                if c < 0 or r < 0 or c >= columns or r >= rows or not is_open[r, c]:
                    last = -1
                    continue
                here = r * columns + c
                part, far = _nearest_on(x[i], y[i], x[i + 1], y[i + 1], x0 + c * dx, y0 + r * dy, dx, dy, j / steps)
                if here != last:
                    if n == room:
                        room *= 2
                        edge, cell = np.append(edge, np.empty_like(edge)), np.append(cell, np.empty_like(cell))
                        share, gap = np.append(share, np.empty_like(share)), np.append(gap, np.empty_like(gap))
                    edge[n], cell[n], gap[n] = e, here, np.inf
                    n += 1
                    last = here
                if far < gap[n - 1]:
                    gap[n - 1] = far
                    share[n - 1] = min(1.0, (along + piece * part) / total) if total > 0.0 else 0.0
            along += piece
    return edge[:n], share[:n], cell[:n], gap[:n]
