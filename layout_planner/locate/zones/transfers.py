"""Exchanges along chains and circles of zones: an amount is passed on from zone to zone, so that loads stay exact.

Between two neighbouring zones the cheapest exchange of a few units against a few is kept for every net amount.
Equal amounts then make a chain from an overfull zone to one with room, or a circle, found as a shortest path.

Source: Thompson & Psaraftis (1993), Operations Research 41(5):935-946, for cyclic transfers; Ahuja, Orlin & Sharma
(2001), Mathematical Programming 91(1):71-97.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["exchange"]

_kernel: Any = nb.njit(cache=True, nogil=True)
_BORDER = 14  # units of a zone that may go to the one beside it, those of least extra cost
_LONGEST = 10  # zones in a chain
_TINY = 1e-9


@_kernel
def _over(load, room):
    """Amount by which a zone is overfull."""
    return max(0.0, load - room)


@_kernel
def _members(label, zones):
    """List the units of every zone: starts and units."""
    first, units = np.zeros(zones + 1, np.int64), np.argsort(label, kind="mergesort")
    for i in range(len(label)):
        first[label[i] + 1] += 1
    return np.cumsum(first), units


@_kernel
def _border(a, b, graph, label, cost, seats, members):
    """List up to ``_BORDER`` units of zone a beside zone b that may change, the least extra cost first."""
    indptr, adj = graph
    units, extra, found = np.empty(_BORDER, np.int64), np.empty(_BORDER), 0
    for i in members[1][members[0][a] : members[0][a + 1]]:
        if i == seats[a] or not np.isfinite(cost[i, b]):
            continue
        beside = False
        for e in range(indptr[i], indptr[i + 1]):
            beside = beside or label[adj[e]] == b
        if not beside:
            continue
        more = cost[i, b] - cost[i, a]
        if found == _BORDER and more >= extra[found - 1]:
            continue
        k = min(found, _BORDER - 1)
        while k > 0 and extra[k - 1] > more:
            extra[k], units[k] = extra[k - 1], units[k - 1]
            k -= 1
        extra[k], units[k] = more, i
        found = min(found + 1, _BORDER)
    return units[:found]


@_kernel
def _groups(units, together, a, b, cost, size):
    """List nobody and all groups of up to ``together`` (2 or 3) units: who, the amount they take along, extra cost."""
    count = len(units)
    total = 1 + count + count * (count - 1) // 2
    if together > 2:
        total += count * (count - 1) * (count - 2) // 6
    who, amount, extra, at = np.full((total, 3), -1), np.zeros(total), np.zeros(total), 1
    for x in range(count):
        for y in range(x, count):
            for w in range(y, count if together > 2 and y > x else y + 1):
                who[at, 0] = units[x]
                if y > x:
                    who[at, 1] = units[y]
                if w > y:
                    who[at, 2] = units[w]
                for i in who[at]:
                    if i >= 0:
                        amount[at] += size[i]
                        extra[at] += cost[i, b] - cost[i, a]
                at += 1
    return who, amount, extra


@_kernel
def _complete(zone, seat, members, graph, label, mark, queue):
    """Tell whether the seat reaches all members of its zone; ``mark`` is left as it was found."""
    indptr, adj = graph
    queue[0], mark[seat] = seat, True
    head, tail = 0, 1
    while head < tail:
        u = queue[head]
        head += 1
        for e in range(indptr[u], indptr[u + 1]):
            v = adj[e]
            if label[v] == zone and not mark[v]:
                mark[v] = True
                queue[tail] = v
                tail += 1
    for k in range(tail):
        mark[queue[k]] = False
    return tail == members


@_kernel
def _swap(entry, a, b, label):
    """Carry an exchange out: the first three units go from a to b, the others from b to a."""
    for x in range(6):
        if entry[x] >= 0:
            label[entry[x]] = b if x < 3 else a


@_kernel
def _measure(a, b, graph, label, members, together, cost, size, seats, extra, moves, mark, queue):
    """Find the cheapest exchange between zones a < b for every net amount from a to b: ``extra`` and ``moves``."""
    most = len(extra) // 2
    extra[:] = np.inf
    ours = _border(a, b, graph, label, cost, seats, members)
    theirs = _border(b, a, graph, label, cost, seats, members)
    our_size, their_size = members[0][a + 1] - members[0][a], members[0][b + 1] - members[0][b]
    if len(ours) == 0 and len(theirs) == 0:
        return
    go, go_amount, go_extra = _groups(ours, together, a, b, cost, size)
    come, come_amount, come_extra = _groups(theirs, together, b, a, cost, size)
    entry = np.empty(6, np.int64)
    for x in range(len(go)):
        for y in range(len(come)):
            net = int(np.rint(go_amount[x] - come_amount[y])) + most
            more = go_extra[x] + come_extra[y]
            if x + y == 0 or net < 0 or net > 2 * most or more >= extra[net] - _TINY:
                continue
            entry[:3], entry[3:] = go[x], come[y]
            _swap(entry, a, b, label)
            gone = (entry[3:] >= 0).sum() - (entry[:3] >= 0).sum()
            if _complete(a, seats[a], our_size + gone, graph, label, mark, queue) and _complete(
                b, seats[b], their_size - gone, graph, label, mark, queue
            ):
                extra[net] = more
                moves[net] = entry
            _swap(entry[::-1].copy(), a, b, label)


@_kernel
def _arc(a, b, amount, most, extra):
    """Cost of passing an amount from zone a to zone b."""
    return extra[a, b, most + amount] if a < b else extra[b, a, most - amount]


@_kernel
def _chain(amount, extra, gain, loss, path):
    """Find the cheapest chain or circle that passes an amount on; returns cost and length, its zones in ``path``."""
    k, most = extra.shape[0], extra.shape[2] // 2
    dist, back = np.full((_LONGEST, k), np.inf), np.full((_LONGEST, k), -1)
    trail = np.empty(_LONGEST + 1, np.int64)
    dist[0] = gain
    least, length = np.inf, 0
    for step in range(1, _LONGEST):
        for u in range(k):
            if not np.isfinite(dist[step - 1, u]):
                continue
            trail[step - 1] = u
            for s in range(step - 1, 0, -1):
                trail[s - 1] = back[s, trail[s]]
            for v in range(k):
                arc = np.inf if u == v else _arc(u, v, amount, most, extra)
                if not np.isfinite(arc):
                    continue
                first = step
                for s in range(step):
                    if trail[s] == v:
                        first = s
                total = dist[step - 1, u] + arc
                if first < step:
                    cost = total - dist[first, v]
                else:
                    cost, first = total + loss[v], 0
                    if total < dist[step, v]:
                        dist[step, v], back[step, v] = total, u
                if cost < least:
                    least, length = cost, step - first + 1
                    path[: step - first] = trail[first:step]
                    path[step - first] = v
    return least, length


@_kernel
def _best(extra, load, room, rate, path):
    """Find the best chain or circle over all amounts, overload counting ``rate``; returns cost, amount and length."""
    k, most = extra.shape[0], extra.shape[2] // 2
    least, amount, length = np.inf, 0, 0
    gain, loss, trail = np.empty(k), np.empty(k), np.empty(_LONGEST + 1, np.int64)
    for a in range(k):
        for b in range(a + 1, k):
            if extra[a, b, most] < least:
                least, length = extra[a, b, most], 2
                path[0], path[1] = a, b
    for d in range(1, most + 1):
        for j in range(k):
            gain[j] = rate * (_over(load[j] - d, room[j]) - _over(load[j], room[j]))
            loss[j] = rate * (_over(load[j] + d, room[j]) - _over(load[j], room[j]))
        cost, zones = _chain(d, extra, gain, loss, trail)
        if cost < least:
            least, amount, length = cost, d, zones
            path[:zones] = trail[:zones]
    return least, amount, length


@_kernel
def _pass_on(path, length, amount, graph, label, together, cost, size, seats, extra, moves, mark, queue):
    """Carry a chain out, every exchange chosen anew after those before it; forgets the one that rose most.

    Returns whether all exchanges could be made.
    """
    k, most = extra.shape[0], extra.shape[2] // 2
    more, move = np.empty(2 * most + 1), np.empty((2 * most + 1, 6), np.int64)
    worst, rise = 0, -np.inf
    for s in range(length - 1):
        a, b = min(path[s], path[s + 1]), max(path[s], path[s + 1])
        net = most + amount if path[s] < path[s + 1] else most - amount
        if s == 0:
            more[net], move[net] = extra[a, b, net], moves[a, b, net]
        else:
            _measure(a, b, graph, label, _members(label, k), together, cost, size, seats, more, move, mark, queue)
        if more[net] - extra[a, b, net] > rise:
            worst, rise = s, more[net] - extra[a, b, net]
        if not np.isfinite(more[net]):
            break
        _swap(move[net], a, b, label)
    a, b = min(path[worst], path[worst + 1]), max(path[worst], path[worst + 1])
    extra[a, b, most + amount if path[worst] < path[worst + 1] else most - amount] = np.inf
    return np.isfinite(rise)


@_kernel
def _worth(cost, size, room, rate, label, load):
    """Cost of zones with their overload; ``load`` (k,) is filled on the way."""
    total = 0.0
    load[:] = 0.0
    for i in range(len(label)):
        load[label[i]] += size[i]
        total += cost[i, label[i]]
    for j in range(len(load)):
        total += rate * _over(load[j], room[j])
    return total


@_kernel
def exchange(cost, size, room, rate, graph, seats, start, most, together, rounds):
    """Improve connected zones by exchanges along chains and circles, overload counting ``rate`` a unit.

    Amounts are passed on in whole numbers, at most ``most``: exactly where ``size`` (n,) is whole, else rounded and
    taken only if it pays all the same. Up to ``together`` (2 or 3) units go each way between two zones. Returns the
    zones (n,).
    """
    n, k = cost.shape
    label, load = start.copy(), np.zeros(k)
    before, mark, queue = start.copy(), np.zeros(n, np.bool_), np.empty(n, np.int64)
    extra, moves = np.full((k, k, 2 * most + 1), np.inf), np.full((k, k, 2 * most + 1, 6), -1)
    path, stale = np.empty(_LONGEST + 1, np.int64), np.ones(k, np.bool_)
    for _ in range(rounds):
        worth, members = _worth(cost, size, room, rate, label, load), _members(label, k)
        for a in range(k):
            for b in range(a + 1, k):
                if stale[a] or stale[b]:
                    _measure(
                        a, b, graph, label, members, together, cost, size, seats, extra[a, b], moves[a, b], mark, queue
                    )
        stale[:] = False
        least, amount, length = _best(extra, load, room, rate, path)
        if least > -1e-7:
            break
        before[:] = label
        passed = _pass_on(path, length, amount, graph, label, together, cost, size, seats, extra, moves, mark, queue)
        if passed and _worth(cost, size, room, rate, label, load) < worth:
            for s in range(length):
                stale[path[s]] = True
        else:
            label[:] = before
    return label
