"""The clock of a search."""

from __future__ import annotations

import time

import numba

from layout_planner.locate.stopping import Watch


def test_the_clock_stands_still_while_a_kernel_compiles():
    @numba.njit
    def fresh(n):
        total = 0
        for i in range(n):
            total += i
        return total

    watch, began = Watch(1.0), time.perf_counter()
    assert fresh(4) == 6
    assert fresh.signatures
    assert watch.elapsed < time.perf_counter() - began


def test_the_clock_runs_otherwise():
    watch = Watch(10.0)
    time.sleep(0.01)
    assert watch.elapsed >= 0.01
    assert watch.left <= 9.99
