"""Compiled kernels that raise the bound of a capacitated location problem with some of its sites decided.

Demands pay offers, every site fills up with what pays best, and offers follow the deflected subgradient. Only the
units within reach of the highest offer are looked at, so that one round costs a fraction of a millisecond.

Source: Beasley (1993), European Journal of Operational Research 65(3):383-399; Camerini, Fratta & Maffioli (1975),
Mathematical Programming Study 3:26-34, for the deflection; Horowitz & Sahni (1974), J. ACM 21(2):277-292, for the
knapsack of whole demands.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["ascend", "decide", "pair_penalties"]

_kernel: Any = nb.njit(cache=True, nogil=True)
_SAFETY = 1e-10
_DEFLECTION = 0.9
_IDLE = 20
_MEMORY = 0.03


@_kernel
def _fill(index, gain, size, room, part):
    """Fill one site with divided demand; ``part`` is what is taken of each. Returns the total and the price of room."""
    total, load = 0.0, 0.0
    for k in range(len(index)):
        part[k] = 1.0
        total += gain[k]
        load += size[index[k]]
    excess, price = load - room, 0.0
    if excess <= 0:
        return total, price
    ratio = np.empty(len(index))
    for k in range(len(index)):
        weight = size[index[k]]
        ratio[k] = gain[k] / weight if weight > 0 else np.inf
    for k in np.argsort(ratio):
        weight, price = size[index[k]], ratio[k]
        if weight >= excess:
            part[k] = 1.0 - excess / weight
            total -= gain[k] * excess / weight
            break
        part[k] = 0.0
        total -= gain[k]
        excess -= weight
    return total, price


@_kernel
def _relaxed(gain, weight, k, left):
    """Bound what the items from the k-th on can still bring, the last one cut."""
    total = 0.0
    while k < len(gain) and weight[k] <= left:
        total += gain[k]
        left -= weight[k]
        k += 1
    return total + (gain[k] * left / weight[k] if k < len(gain) else 0.0)


@_kernel
def _fill_whole(index, gain, size, room, part, limit):
    """Fill one site with whole demands, exactly, by a tree of at most ``limit`` turns; the total, or -1 beyond it."""
    count = len(index)
    ratio = np.empty(count)
    for k in range(count):
        weight = size[index[k]]
        ratio[k] = -gain[k] / weight if weight > 0 else -np.inf
    order = np.argsort(ratio)
    value, weight = gain[order], np.empty(count)
    for k in range(count):
        weight[k] = size[index[order[k]]]
    took, best_took = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    total, best, left, k, turns = 0.0, -1.0, room * (1.0 + 1e-12), 0, 0
    while True:
        if total + _relaxed(value, weight, k, left) > best * (1 + 1e-12) + 1e-300:
            while k < count and weight[k] <= left:
                took[k] = True
                total += value[k]
                left -= weight[k]
                k += 1
            if k < count:
                took[k] = False
                k += 1
            if k < count:
                continue
            if total > best:
                best = total
                best_took[:] = took
        k = min(k, count) - 1
        while k >= 0 and not took[k]:
            k -= 1
        turns += 1
        if k < 0:
            break
        if turns > limit:
            return -1.0
        took[k:] = False
        total, left = 0.0, room * (1.0 + 1e-12)
        for q in range(k):
            if took[q]:
                total += value[q]
                left -= weight[q]
        k += 1
    for k in range(count):
        part[order[k]] = 1.0 if best_took[k] else 0.0
    return best


@_kernel
def _values(near, unit, cost, size, room, fixed, state, offer, limit, value, price, start, index, part):
    """Value every site at the offers: its fixed cost less what it can gain; what it takes goes to index and part."""
    top = 0.0
    for i in range(len(offer)):
        if size[i] > 0:
            top = max(top, offer[i] / size[i])
    gain, position = np.empty(len(offer)), 0
    for j in range(len(fixed)):
        start[j] = position
        value[j], price[j] = np.inf, 0.0
        if state[j] < 0:
            continue
        count = 0
        for e in range(near.shape[1]):
            if unit[j, e] >= top:
                break
            i = near[j, e]
            worth = offer[i] - cost[j, e]
            if worth > 0:
                index[position + count], gain[count] = i, worth
                count += 1
        mine, parts = index[position : position + count], part[position : position + count]
        total, price[j] = _fill(mine, gain[:count], size, room[j], parts)
        if limit > 0 and price[j] > 0:
            exact = _fill_whole(mine, gain[:count], size, room[j], parts, limit)
            if exact >= 0:
                total = exact
            else:
                _fill(mine, gain[:count], size, room[j], parts)
        value[j] = fixed[j] - total
        position += count
    start[len(fixed)] = position


@_kernel
def _choose(value, state, fewest, most, chosen):
    """Open the decided sites and the best others. Returns the total, and at which value a site goes in and out."""
    total, count = 0.0, 0
    for j in range(len(value)):
        chosen[j] = state[j] > 0
        if chosen[j]:
            total += value[j]
            count += 1
    free = np.flatnonzero(state == 0)
    last, following = -np.inf, np.inf
    for k in np.argsort(value[free], kind="mergesort"):
        j = free[k]
        if count >= most or (value[j] >= 0 and count >= fewest):
            following = value[j]
            break
        chosen[j] = True
        total += value[j]
        last = value[j]
        count += 1
    if count < fewest:
        total = np.inf
    entry = last if count >= most else max(0.0, last)
    leave = following if count <= fewest else min(0.0, following)
    return total, entry, leave


@_kernel
def ascend(
    near, unit, cost, size, room, fixed, state, fewest, most, limit,
    best_offer, often, goal, worth, step, rounds, best_value, best_price, best_chosen,
):  # fmt: skip
    """Raise the bound from given offers for a number of rounds, or until it is ``worth``.

    ``near``, ``unit``, ``cost`` (m, n): demands of every site by cost per unit, ``inf`` where it cannot serve them;
    ``state`` (m,) 1 for sites that are open, -1 for closed, 0 undecided; ``limit`` on the tree of one knapsack of
    whole demands, 0 for divided demand. Offers, and the values, prices and choice at the best of them, are renewed in
    place. Returns the bound, the step, and the values at which a site enters and leaves the choice.
    """
    n, m = len(best_offer), len(fixed)
    value, price, chosen = np.empty(m), np.empty(m), np.empty(m, np.bool_)
    start, index, part = np.empty(m + 1, np.int64), np.empty(n * m, np.int32), np.empty(n * m)
    offer, along, lack = best_offer.copy(), np.zeros(n), np.empty(n)
    idle, entry, leave, bound = 0, 0.0, 0.0, -np.inf
    for _ in range(rounds):
        _values(near, unit, cost, size, room, fixed, state, offer, limit, value, price, start, index, part)
        total, into, out = _choose(value, state, fewest, most, chosen)
        now = total + offer.sum() - _SAFETY * (abs(total) + np.abs(offer).sum())
        for j in range(m):
            often[j] += _MEMORY * (chosen[j] - often[j])
        idle += 1
        if now > bound:
            if bound == -np.inf or now > bound + 1e-4 * abs(goal - bound):
                idle = 0
            bound, entry, leave = now, into, out
            best_offer[:], best_value[:], best_price[:], best_chosen[:] = offer, value, price, chosen
        if now >= worth or total == np.inf:
            break
        if idle >= _IDLE:
            step, idle = step * 0.6, 0
            offer[:], along[:] = best_offer, 0.0
            if step < 1e-4:
                break
            continue
        lack[:] = 1.0
        for j in range(m):
            if chosen[j]:
                for e in range(start[j], start[j + 1]):
                    lack[index[e]] -= part[e]
        along[:] = lack + _DEFLECTION * along
        length = (along * along).sum()
        if length <= 1e-12:
            break
        offer[:] = np.maximum(offer + step * max(goal - now, 1e-6 * abs(goal)) / length * along, 0.0)
    return bound, step, entry, leave


@_kernel
def decide(state, bound, value, entry, leave, worth):
    """Decide the sites whose other choice would cost more than ``worth``; returns how many."""
    count = 0
    for j in range(len(state)):
        if state[j] == 0:
            if bound + value[j] - entry > worth:
                state[j] = -1
                count += 1
            elif bound + leave - value[j] > worth:
                state[j] = 1
                count += 1
    return count


@_kernel
def _without(index, gain, skip, fewer_index, fewer_gain):
    """Copy the items but one; returns how many there are."""
    count = 0
    for k in range(len(index)):
        if index[k] != skip:
            fewer_index[count], fewer_gain[count] = index[k], gain[k]
            count += 1
    return count


@_kernel
def _most(index, gain, size, room, part, limit, enough):
    """Bound what whole demands can bring to one site, exactly if the bound of divided ones is not below enough."""
    total, _ = _fill(index, gain, size, room, part)
    if total < enough:
        return total
    exact = _fill_whole(index, gain, size, room, part, limit)
    return exact if exact >= 0 else total


@_kernel
def pair_penalties(near, unit, cost, size, room, offer, limit, slack):
    """Bound from below what it costs to send a whole demand to a site, all sites open, as (n, m).

    ``near``, ``unit``, ``cost`` (m, n) as for :func:`ascend`. Counted at the offers: what the site loses by taking the
    demand, and what the others lose that would take it. Beyond ``slack`` the number need not be exact.
    """
    m, n = near.shape
    into, leave = np.full((n, m), np.inf), np.zeros((n, m))
    index, gain, part = np.empty(n, np.int32), np.empty(n), np.empty(n)
    fewer_index, fewer_gain, fewer_part = np.empty(n, np.int32), np.empty(n), np.empty(n)
    for j in range(m):
        count = 0
        for e in range(n):
            if unit[j, e] < np.inf and offer[near[j, e]] > cost[j, e]:
                index[count], gain[count] = near[j, e], offer[near[j, e]] - cost[j, e]
                count += 1
        total = _most(index[:count], gain[:count], size, room[j], part[:count], limit, 0.0)
        for e in range(n):
            i = near[j, e]
            if unit[j, e] == np.inf or size[i] > room[j]:
                continue
            worth = offer[i] - cost[j, e]
            kept = _without(index[:count], gain[:count], i, fewer_index, fewer_gain)
            rest = _most(
                fewer_index[:kept], fewer_gain[:kept], size, room[j] - size[i], fewer_part[:kept], limit,
                total - worth - slack,
            )  # fmt: skip
            into[i, j] = max(0.0, total - worth - rest)
        for k in range(count):
            if part[k] >= 1.0:
                kept = _without(index[:count], gain[:count], index[k], fewer_index, fewer_gain)
                rest = _most(
                    fewer_index[:kept], fewer_gain[:kept], size, room[j], fewer_part[:kept], limit, total - slack
                )
                leave[index[k], j] = max(0.0, total - rest)
    for i in range(n):
        away = leave[i].sum()
        for j in range(m):
            into[i, j] += away - leave[i, j]
    return into
