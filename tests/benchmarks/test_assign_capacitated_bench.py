"""Pupils under seats at least total time: 100,000 cells times 300 schools, and HiGHS on what it can hold."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

from layout_planner.assign.capacitated import capacitated
from layout_planner.assign.options import Options
from layout_planner.assign.resources import Resources
from layout_planner.assign.whole import whole

CELLS, SCHOOLS, BAR_S = 100_000, 300, 5.0


def instance(cells: int, schools: int, tight: float, near: int) -> tuple[Options, Resources]:
    """Put cells and schools on 50 × 50 km, pupils log-normal, seats 0.5 to 1.5 of the mean; 15 minutes a kilometre."""
    rng = np.random.default_rng(0)
    place, site = rng.random((cells, 2)) * 50, rng.random((schools, 2)) * 50
    minutes = np.linalg.norm(place[:, None] - site[None], axis=2) * 15
    school = np.argsort(minutes, axis=1)[:, :near].astype(np.int32)
    minutes = np.take_along_axis(minutes, school, axis=1).ravel()
    pupils, share = rng.lognormal(size=cells), rng.uniform(0.5, 1.5, schools)
    alike = np.zeros(len(minutes), np.int8)
    pairs = Options(
        demand_id=np.array([f"D{i:06d}" for i in range(cells)], dtype=object), band=np.zeros(cells, np.int8),
        pupils=pupils, indptr=np.arange(cells + 1) * near, school=school.ravel(), tier=alike, mode=alike,
        minutes=minutes, metres=minutes, cost=minutes, taught=np.ones(cells, bool),
        school_id=np.array([f"S{j:03d}" for j in range(schools)], dtype=object),
    )  # fmt: skip
    seats = tight * pupils.sum() * share / share.sum()
    none = np.zeros(schools)
    seat = pairs.school.astype(np.int64)
    return pairs, Resources(np.concatenate([seats, none, none]), seat, np.full(len(seat), -1, dtype=np.int64))


@pytest.mark.parametrize("tight", [1.3, 1.02, 0.9])
@pytest.mark.parametrize("near", [SCHOOLS, 40])
def test_a_hundred_thousand_cells(benchmark, bars, tight, near):
    capacitated(*instance(2_000, 60, tight, 60))
    pairs, resources = instance(CELLS, SCHOOLS, tight, near)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = benchmark.pedantic(lambda: capacitated(pairs, resources), rounds=1)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    gap = (answer.objective - answer.bound) / answer.objective
    assert gap <= 1e-9
    what = f"divisible, {CELLS:,} cells × {SCHOOLS} schools, {near} in reach, {tight} seats a pupil"
    bars(what, f"<= {BAR_S:.0f} s, gap <= 1e-9", f"{wall:.1f} s ({cpu:.1f} s CPU), gap {gap:.0e}",
         wall <= BAR_S and gap <= 1e-9)  # fmt: skip


@pytest.mark.parametrize("tight", [1.02, 0.9])
def test_beside_highs(benchmark, bars, tight):
    pairs, resources = instance(5_000, 60, tight, 60)
    capacitated(pairs, resources)
    own = time.process_time()
    answer = benchmark.pedantic(lambda: capacitated(pairs, resources), rounds=1)
    own = time.process_time() - own
    units, entries = len(pairs.pupils), len(pairs.school)
    stays = entries + np.arange(units)
    equal = coo_array((np.ones(entries + units), (np.r_[pairs.rows, np.arange(units)], np.r_[: entries + units])))
    room = coo_array((np.ones(entries), (resources.seat, np.arange(entries))), shape=(60, entries + units))
    cost = np.zeros(entries + units)
    cost[:entries], cost[stays] = pairs.cost, answer.no_seat_cost
    highs = time.process_time()
    plain = linprog(cost, room.tocsr(), resources.capacity[:60], equal.tocsr(), pairs.pupils, method="highs")
    highs = time.process_time() - highs
    off = abs(answer.objective - plain.fun) / plain.fun
    assert off <= 1e-8
    bars(f"divisible, 5,000 cells × 60 schools, {tight} seats a pupil, beside HiGHS ({highs:.1f} s CPU)",
         "equal, and faster", f"{own:.2f} s CPU, off by {off:.0e}", off <= 1e-8 and own <= highs)  # fmt: skip


@pytest.mark.parametrize("tight", [1.3, 1.1])
def test_whole_units(benchmark, bars, tight):
    pairs, _ = instance(1_000, 40, tight, 20)
    pairs = dataclasses.replace(pairs, pupils=np.ceil(20 * pairs.pupils))
    share, none = np.random.default_rng(1).uniform(0.5, 1.5, 40), np.zeros(40)
    seats = np.floor(tight * pairs.pupils.sum() * share / share.sum())
    resources = Resources(np.concatenate([seats, none, none]), pairs.school.astype(np.int64), np.full(20_000, -1))
    wall = time.perf_counter()
    answer = benchmark.pedantic(lambda: whole(pairs, resources, time_limit=60.0), rounds=1)
    wall = time.perf_counter() - wall
    total, bound = answer.minutes
    assert bound <= total * (1 + 1e-9)
    bars(f"whole, 1,000 villages × 40 schools, 20 in reach, {tight} seats a pupil", "all seated, <= 5 % in 60 s",
         f"{answer.unseated.sum():.0f} left, {(total - bound) / total:.2%}, {wall:.1f} s",
         answer.unseated.sum() == 0 and total - bound <= 0.05 * total)  # fmt: skip
