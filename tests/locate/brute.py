"""Small random instances of location models, and the optimum of each by trying everything."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from layout_planner.locate import LocationResult
from layout_planner.travel.matrix import TravelMatrix


@st.composite
def instances(draw):
    """Draw costs, a number of sites, and sites that are fixed open or forbidden."""
    n, m = draw(st.integers(1, 9)), draw(st.integers(2, 7))
    rng = np.random.default_rng(draw(st.integers(0, 99_999)))
    cost = rng.integers(0, draw(st.sampled_from([2, 8, 60])), (n, m)).astype(float)
    if draw(st.booleans()):
        cost += rng.integers(0, 64, (n, m)) / 64
    cost[rng.random((n, m)) < draw(st.sampled_from([0.0, 0.2, 0.6]))] = np.inf
    forced = (0,) if draw(st.booleans()) else ()
    barred = (m - 1,) if draw(st.booleans()) else ()
    return cost, draw(st.integers(max(1, len(forced)), m - len(barred))), forced, barred


def sparse(cost) -> TravelMatrix:
    """List the finite pairs as a travel matrix; ids are positions spelled as text."""
    n, m = cost.shape
    reached = np.isfinite(cost)
    minutes = cost[reached].astype(np.float32)
    return TravelMatrix(
        np.array([str(i) for i in range(n)], dtype=object), np.array([str(j) for j in range(m)], dtype=object),
        np.append(0, np.cumsum(reached.sum(axis=1))), np.nonzero(reached)[1].astype(np.int32), minutes, minutes * 60,
        "walk", 1e3, np.zeros(n), np.zeros(m),
    )  # fmt: skip


def assert_nearest(result: LocationResult, cost, forced=(), barred=()):
    """Hold sites and assignment of a plan against its costs; returns the positions of its open sites."""
    opened = [int(s) for s in result.open]
    assert result.bound <= result.objective
    assert set(forced) <= set(opened)
    assert not set(barred) & set(opened)
    for i, site in enumerate(result.assignment):
        if site != "":
            assert cost[i, int(site)] == cost[i, opened].min() < np.inf
    return opened


def plans(m, sizes, forced=(), barred=()):
    """List the sets of sites of given sizes with all forced and no barred ones."""
    allowed = [j for j in range(m) if j not in barred]
    return [list(s) for k in sizes for s in combinations(allowed, k) if set(forced) <= set(s)]


def least_median(cost, p, forced=(), barred=()):
    sets = plans(cost.shape[1], [p], forced, barred)
    return min((float(cost[:, s].min(axis=1).sum()) for s in sets), default=np.inf)


def least_centre(cost, p, forced=(), barred=()):
    sets = plans(cost.shape[1], [p], forced, barred)
    return min((float(cost[:, s].min(axis=1).max()) for s in sets), default=np.inf)


def fewest_sites(cost, radius, forced=(), barred=()):
    sets = plans(cost.shape[1], range(1, cost.shape[1] + 1), forced, barred)
    return min((float(len(s)) for s in sets if (cost[:, s].min(axis=1) <= radius).all()), default=np.inf)


def least_uncovered(cost, p, radius, weights, forced=(), barred=()):
    sets = plans(cost.shape[1], [p], forced, barred)
    return min((float(weights[cost[:, s].min(axis=1) > radius].sum()) for s in sets), default=np.inf)


def least_whole(cost, sites, demand, capacity):
    """Serve every demand whole."""
    best = np.inf
    for member in product(sites, repeat=len(cost)):
        if (np.bincount(member, demand, len(capacity)) <= capacity).all():
            best = min(best, cost[np.arange(len(cost)), member].sum())
    return best


def least_divided(cost, sites, demand, capacity):
    """Serve demands that may be split, by linear programming."""
    n, k = len(cost), len(sites)
    table = np.where(np.isfinite(cost[:, sites]), cost[:, sites], 0.0)
    once = np.kron(np.eye(n), np.ones(k))
    room = np.kron(demand, np.eye(k)).reshape(k, n * k)
    limits = [(0, 1 if np.isfinite(c) else 0) for c in cost[:, sites].ravel()]
    answer = linprog(table.ravel(), A_ub=room, b_ub=capacity[sites], A_eq=once, b_eq=np.ones(n), bounds=limits)
    return answer.fun if answer.status == 0 else np.inf


def least_facilities(cost, fixed, demand, capacity, *, single, p=None, budget=np.inf, forced=(), barred=()):
    best, m = np.inf, cost.shape[1]
    serve = least_whole if single else least_divided
    for sites in plans(m, range(1, m + 1) if p is None else [p], forced, barred):
        if fixed[sites].sum() <= budget:
            best = min(best, fixed[sites].sum() + serve(cost, sites, demand, capacity))
    return best


def connected(units, adjacency):
    units = set(units)
    seen, stack = set(), [min(units)]
    while stack:
        unit = stack.pop()
        seen.add(unit)
        for a, b in adjacency:
            stack += [v for u, v in ((a, b), (b, a)) if u == unit and v in units and v not in seen]
    return seen == units


def least_zones(cost, fixed, adjacency, seats, demand, capacity, p=None, budget=np.inf):
    best = np.inf
    for label in product(range(len(fixed)), repeat=len(cost)):
        zone = np.array(label)
        opened = sorted(set(label))
        total = sum(cost[i, j] for i, j in enumerate(label)) + fixed[opened].sum()
        if not total < best or (p is not None and len(opened) != p) or fixed[opened].sum() > budget:
            continue
        if (np.bincount(zone, weights=demand, minlength=len(fixed)) > capacity).any():
            continue
        if all(zone[seats[j]] == j and connected(np.flatnonzero(zone == j).tolist(), adjacency) for j in opened):
            best = total
    return best
