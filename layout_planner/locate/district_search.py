"""Districts of many units by annealing: units change over to a district beside them, and all stay connected."""

# ruff: noqa: ANN001, ANN202, NPY002 - numba infers the types, and its generator is seeded by call
# mypy: disallow-untyped-defs=False

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np

from layout_planner.locate.district_columns import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["annealed"]

_kernel: Any = nb.njit(cache=True, nogil=True)
_STARTS = 6
_STEPS_A_UNIT = 3_000
_CRUMB = 1e-9


def annealed(
    near: list[int],
    cost: NDArray[np.float64],
    sizes: NDArray[np.float64],
    mean: NDArray[np.float64],
    tolerance: NDArray[np.float64],
    k: int,
    seed: int,
    time_limit: float,
) -> tuple[list[Column], float]:
    """Divide units into ``k`` connected districts by annealing from several starts.

    Parameters
    ----------
    near, cost, sizes, mean, tolerance
        As in :func:`layout_planner.locate.district_columns.list_districts`.
    time_limit : float
        Seconds after which no further start is made.

    Returns
    -------
    columns : list of Column
        The districts.
    excess : float
        Sum of the shares by which districts are beyond the tolerance.
    """
    n, began = len(near), time.perf_counter()
    neighbours = [[j for j in range(n) if bits >> j & 1] for bits in near]
    indptr = np.cumsum([0, *(len(each) for each in neighbours)])
    adj = np.array([j for each in neighbours for j in each], dtype=np.int64)
    finite = cost[np.isfinite(cost)]
    table = np.where(np.isfinite(cost), cost, (finite.max() if len(finite) else 1.0) * n * 10 + 1.0)
    scale = np.where(mean > 0, mean, 1.0)
    best, best_key = None, (np.inf, np.inf)
    for start in range(_STARTS):
        label = _grown(indptr, adj, sizes[:, 0] / scale[0], k, seed + start)
        if label is None:
            return [], float("inf")
        shares = (sizes / scale)[:, mean > 0]
        label = _anneal(label, indptr, adj, table, shares, tolerance[mean > 0], k, _STEPS_A_UNIT * n, seed + start)
        columns = _columns(label, cost, sizes, mean, k)
        excess = _excess(columns, sizes / scale, tolerance, mean > 0)
        key = (excess if excess > _CRUMB else 0.0, sum(c.cost for c in columns))
        if key < best_key:
            best, best_key = columns, key
        if time.perf_counter() - began > time_limit:
            break
    assert best is not None
    return best, best_key[0]


def _excess(
    columns: list[Column], shares: NDArray[np.float64], tolerance: NDArray[np.float64], counted: NDArray[np.bool_]
) -> float:
    beyond = (np.maximum(0, np.abs(shares[c.units].sum(axis=0) - 1) - tolerance)[counted].sum() for c in columns)
    return float(sum(beyond))


def _columns(
    label: NDArray[np.int64], cost: NDArray[np.float64], sizes: NDArray[np.float64], mean: NDArray[np.float64], k: int
) -> list[Column]:
    columns = []
    for d in range(k):
        units = np.flatnonzero(label == d)
        sums = cost[np.ix_(units, units)].sum(axis=0)
        best = int(np.argmin(sums))
        apart = np.abs(sizes[units].sum(axis=0) / np.where(mean > 0, mean, 1.0) - 1)[mean > 0]
        columns.append(Column(units, int(units[best]), float(sums[best]), float(apart.max(initial=0.0))))
    return columns


def _grown(
    indptr: NDArray[np.int64], adj: NDArray[np.int64], share: NDArray[np.float64], k: int, seed: int
) -> NDArray[np.int64] | None:
    """Grow ``k`` districts from seeds, the smallest first; ``None`` where the units fall into more parts than ``k``."""
    n = len(indptr) - 1
    part = _parts(indptr, adj)
    count = int(part.max()) + 1
    if count > k:
        return None
    rng = np.random.default_rng(seed)
    roots = [int(rng.choice(np.flatnonzero(part == p))) for p in range(count)]
    others = rng.permutation(np.setdiff1d(np.arange(n), roots))
    roots += [int(u) for u in others[: k - count]]
    label = np.full(n, -1, dtype=np.int64)
    label[roots] = np.arange(k)
    load = share[roots].copy()
    while (label < 0).any():
        for d in np.argsort(load, kind="stable"):
            mine = np.flatnonzero(label == d)
            free = sorted({int(v) for u in mine for v in adj[indptr[u] : indptr[u + 1]] if label[v] < 0})
            if free:
                chosen = free[int(rng.integers(len(free)))]
                label[chosen] = d
                load[d] += share[chosen]
                break
    return label


def _parts(indptr: NDArray[np.int64], adj: NDArray[np.int64]) -> NDArray[np.int64]:
    n = len(indptr) - 1
    part, count = np.full(n, -1, dtype=np.int64), 0
    for root in range(n):
        if part[root] >= 0:
            continue
        part[root], queue = count, [root]
        while queue:
            u = queue.pop()
            for v in adj[indptr[u] : indptr[u + 1]]:
                if part[v] < 0:
                    part[v] = count
                    queue.append(int(v))
        count += 1
    return part


@_kernel
def _centre_cost(units, count, cost):
    best = np.inf
    for c in range(count):
        total = 0.0
        for i in range(count):
            total += cost[units[i], units[c]]
        best = min(best, total)
    return best


@_kernel
def _members(label, d, out):
    count = 0
    for u in range(len(label)):
        if label[u] == d:
            out[count] = u
            count += 1
    return count


@_kernel
def _stays(u, label, indptr, adj, seen, queue):
    """Tell whether a unit's district is connected, and not empty, without it."""
    seen[:] = False
    first, size = -1, 0
    for v in range(len(label)):
        if label[v] == label[u] and v != u:
            size += 1
            first = v
    if size == 0:
        return False
    queue[0], seen[first], seen[u] = first, True, True
    head, tail = 0, 1
    while head < tail:
        at = queue[head]
        head += 1
        for e in range(indptr[at], indptr[at + 1]):
            v = adj[e]
            if label[v] == label[u] and not seen[v]:
                seen[v] = True
                queue[tail] = v
                tail += 1
    return tail == size


@_kernel
def _beyond(load, tolerance):
    total = 0.0
    for m in range(len(load)):
        total += max(0.0, abs(load[m] - 1.0) - tolerance[m])
    return total


@_kernel
def _anneal(label, indptr, adj, cost, shares, tolerance, k, steps, seed):
    """Anneal; the best division seen wins, one within the tolerance before any that is not."""
    np.random.seed(seed)
    n, measures = shares.shape
    load = np.zeros((k, measures))
    value, seen = np.zeros(k), np.zeros(n, np.bool_)
    one, other, queue = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    for u in range(n):
        load[label[u]] += shares[u]
    for d in range(k):
        value[d] = _centre_cost(one, _members(label, d, one), cost)
    total = value.sum()
    over = 0.0
    for d in range(k):
        over += _beyond(load[d], tolerance)
    unit_cost = total / n + 1e-12
    best, best_over, best_total = label.copy(), over, total
    for step in range(steps):
        heat = unit_cost * 2.0 * (1.0 - step / steps) ** 2 + 1e-15
        price = unit_cost * n * (0.2 + 2.0 * step / steps)
        u = np.random.randint(n)
        if indptr[u + 1] == indptr[u]:
            continue
        v = adj[indptr[u] + np.random.randint(indptr[u + 1] - indptr[u])]
        a, b = label[u], label[v]
        if a == b or not _stays(u, label, indptr, adj, seen, queue):
            continue
        before = _beyond(load[a], tolerance) + _beyond(load[b], tolerance)
        after = _beyond(load[a] - shares[u], tolerance) + _beyond(load[b] + shares[u], tolerance)
        label[u] = b
        cost_a = _centre_cost(one, _members(label, a, one), cost)
        cost_b = _centre_cost(other, _members(label, b, other), cost)
        change = cost_a + cost_b - value[a] - value[b] + price * (after - before)
        if change <= 0 or np.random.random() < np.exp(-change / heat):
            load[a] -= shares[u]
            load[b] += shares[u]
            total += cost_a + cost_b - value[a] - value[b]
            over += after - before
            value[a], value[b] = cost_a, cost_b
            if over < best_over - 1e-9 or (over <= best_over + 1e-9 and total < best_total - 1e-9):
                best[:] = label
                best_over, best_total = over, total
        else:
            label[u] = a
    return best
