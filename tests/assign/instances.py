"""Random instances of pupils and seats, and a plain linear programme to compare with."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from layout_planner.assign.options import BOARD, Options
from layout_planner.assign.resources import Resources


@st.composite
def instances(draw, amounts=None):
    """Draw units of three bands, schools that teach some of them, seats, beds, boarding and unreachable pairs."""
    m = draw(st.integers(1, 4))
    n = draw(st.integers(1, 5))
    amounts = st.floats(0.1, 20.0) if amounts is None else amounts
    seed = draw(st.integers(0, 10_000))
    rng = np.random.default_rng(seed)
    pupils, rows, school, tier, mode, minutes, bands = [], [], [], [], [], [], []
    for _ in range(n):
        for band in range(3):
            unit = len(pupils)
            pupils.append(draw(amounts))
            bands.append(band)
            entries = []
            for j in range(m):
                if rng.random() < 0.3:
                    continue
                kind = int(rng.integers(0, 4))
                if kind == 2 and band == 0:
                    kind = 3
                entries.append((kind, float(rng.integers(1, 12)) * 5.0, j))
            for kind, minute, j in sorted(entries):
                rows.append(unit)
                school.append(j)
                tier.append(kind)
                mode.append(BOARD if kind == 2 else 0)
                minutes.append(minute)
    tier, minutes = np.array(tier, np.int8), np.array(minutes, float)
    cost = np.select([tier <= 1, tier == 2], [minutes, 60 + minutes * 0.2], 84 + minutes)
    units = len(pupils)
    pairs = Options(
        demand_id=np.array([f"D{k // 3}" for k in range(units)], dtype=object),
        band=np.array(bands, np.int8),
        pupils=np.array(pupils, float),
        indptr=np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=units))]).astype(np.int64),
        school=np.array(school, np.int32),
        tier=tier,
        mode=np.array(mode, np.int8),
        minutes=minutes,
        metres=minutes * 60,
        cost=cost.astype(float),
        school_id=np.array([f"S{j}" for j in range(m)], dtype=object),
        taught=np.ones(units, bool),
    )
    capacity = np.concatenate([
        [draw(st.sampled_from([0.0, 5.0, 12.5, 40.0])) for _ in range(2 * m)],
        [draw(st.sampled_from([1.0, 4.0, 9.0])) for _ in range(m)],
    ])  # fmt: skip
    seat = np.where(pairs.band[pairs.rows] == 2, m, 0) + pairs.school.astype(np.int64)
    bed = np.where(pairs.mode == BOARD, 2 * m + pairs.school.astype(np.int64), -1)
    return pairs, Resources(capacity, seat, bed)


def plain_lp(pairs: Options, resources: Resources, no_seat_cost: float) -> tuple[float, float]:
    """Solve the whole problem as one linear programme: total cost and pupils seated."""
    k, units, count = len(pairs.school), len(pairs.pupils), len(resources.capacity)
    equal = np.zeros((units, k + units))
    equal[pairs.rows, np.arange(k)] = 1.0
    equal[np.arange(units), k + np.arange(units)] = 1.0
    room = np.zeros((count, k + units))
    room[resources.seat, np.arange(k)] = 1.0
    boards = np.flatnonzero(resources.bed >= 0)
    room[resources.bed[boards], boards] = 1.0
    cost = np.concatenate([pairs.cost, np.full(units, no_seat_cost)])
    answer = linprog(cost, room, resources.capacity, equal, pairs.pupils, method="highs")
    return float(answer.fun), float(answer.x[:k].sum())
