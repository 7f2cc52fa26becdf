"""Compiled walk among connected zones: shifts and ejections, cooling; what does not fit has a price.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. ``graph`` is (indptr,
adj, length): the neighbours of every unit and the borders to them; ``zones`` as in ``zone_kernels``.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN202, ANN201, NPY002 - numba infers the types, and its generator is seeded by call

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

from layout_planner.locate.zones.kernels import _beside, _connected, _ejected, _enlist, _listed

__all__ = ["walk_zones"]

_kernel: Any = nb.njit(cache=True, nogil=True)
_EJECTED = 0.7  # share of moves into a full zone that push another unit out


@_kernel
def _off(load, least, most, mean):
    """Tell by how much a load breaks its limits, and how far it lies from the mean."""
    return max(0.0, load - most) + max(0.0, least - load), abs(load - mean)


@_kernel
def _turned(i, a, b, graph, label):
    """Tell how the border grows if unit ``i`` goes from zone a to b."""
    indptr, adj, length = graph
    more = 0.0
    for e in range(indptr[i], indptr[i + 1]):
        if label[adj[e]] == a:
            more += length[e]
        elif label[adj[e]] == b:
            more -= length[e]
    return more


@_kernel
def _moved(i, a, b, today, change):
    """Tell how what left today's site grows if unit ``i`` goes from zone a to b."""
    if today[i] < 0:
        return 0.0
    return change[i] * ((b != today[i]) * 1.0 - (a != today[i]) * 1.0)


@_kernel
def _loads(i, a, b, k, c, load, size, floor, room, mean):
    """Tell how excess and unevenness of loads change if ``i`` goes from a to b, and ``k`` (none: -1) from b to c."""
    gone = size[k] if k >= 0 else 0.0
    back = gone if c == a else 0.0
    excess, uneven = 0.0, 0.0
    for j, more in ((a, back - size[i]), (b, size[i] - gone), (-1 if c == a else c, gone)):
        if j < 0:
            continue
        new, old = _off(load[j] + more, floor[j], room[j], mean), _off(load[j], floor[j], room[j], mean)
        excess += new[0] - old[0]
        uneven += new[1] - old[1]
    return excess, uneven


@_kernel
def _measured(label, load, cost, floor, room, graph, today, change, mean, balance_price):
    """Measure zones: cost without borders, excess of loads, border, and what left today's site."""
    indptr, adj, length = graph
    total, excess, border, moved = 0.0, 0.0, 0.0, 0.0
    for i in range(len(label)):
        total += cost[i, label[i]]
        moved += _moved(i, today[i], label[i], today, change)
        for e in range(indptr[i], indptr[i + 1]):
            border += 0.5 * length[e] * (label[adj[e]] != label[i])
    for j in range(len(room)):
        off, far = _off(load[j], floor[j], room[j], mean)
        excess += off
        total += balance_price * far
    return total, excess, border, moved


@_kernel
def walk_zones(cost, size, floor, room, graph, still, start, today, change, asked, course, seed):
    """Divide n units among k connected zones, cheaply; from zones that may break limits.

    ``asked`` = (border price, most border, balance price, mean, most change, demand that counts as much as one unit
    of border above its limit, the same of change); ``course`` = (steps, first and last temperature, price of one unit
    of excess). ``still`` (n,) units stay. Returns the best
    zones that fit, their cost (infinite if none were met), and the last zones.
    """
    np.random.seed(seed)
    border_price, most_border, balance_price, mean, most_change, border_weight, change_weight = asked
    steps, hot, cold, rate = course
    zones = _listed(start, size, cost.shape[1])
    label, load = zones[0], zones[1]
    bordered = border_price > 0 or most_border < np.inf
    total, excess, border, moved = _measured(label, load, cost, floor, room, graph, today, change, mean, balance_price)
    total += border_price * border
    beyond = border_weight * max(0.0, border - most_border) + change_weight * max(0.0, moved - most_change)
    slack = 1e-9 * size.sum()
    best, least = start.copy(), np.inf
    mark, queue, free = np.zeros(len(size), np.int64), np.empty(len(size), np.int64), np.flatnonzero(~still)
    cooling = (cold / hot) ** (1.0 / steps)
    for step in range(steps if len(free) else 0):
        hot *= cooling
        i = free[np.random.randint(len(free))]
        a, b = label[i], _beside(i, graph[:2], label)
        if b < 0 or b == a or not np.isfinite(cost[i, b]):
            continue
        k, c = -1, -1
        if load[b] + size[i] > room[b] + slack and np.random.random() < _EJECTED:
            k, c = _ejected(b, graph[:2], zones, cost, still)
            if k < 0:
                continue
        over, uneven = _loads(i, a, b, k, c, load, size, floor, room, mean)
        shift = cost[i, b] - cost[i, a] + (cost[k, c] - cost[k, b] if k >= 0 else 0.0) + balance_price * uneven
        gone = _moved(i, a, b, today, change) + (_moved(k, b, c, today, change) if k >= 0 else 0.0)
        turn = 0.0
        if bordered:
            turn = _turned(i, a, b, graph, label)
            if k >= 0:
                label[i] = b
                turn += _turned(k, b, c, graph, label)
                label[i] = a
            shift += border_price * turn
        farther = border_weight * max(0.0, border + turn - most_border)
        farther += change_weight * max(0.0, moved + gone - most_change)
        worse = shift + rate * (over + farther - beyond)
        if worse > 0 and np.random.random() >= np.exp(-worse / hot):
            continue
        if not _connected(i, b, k, c, graph[:2], label, mark, queue, 4 * step + 1):
            continue
        _enlist(i, a, b, zones, size)
        if k >= 0:
            _enlist(k, b, c, zones, size)
        total += shift
        excess += over
        border += turn
        moved += gone
        beyond = farther
        if excess + beyond <= slack and total < least * (1 - 1e-12):
            least, best[:] = total, label
    return best, least, label
