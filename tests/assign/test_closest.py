"""Closest first: stable, conserved, and nobody sent past a nearer school that has room."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.assign.closest import closest_first
from layout_planner.assign.nearest import nearest
from layout_planner.assign.resources import Resources
from tests.assign.instances import instances
from tests.assign.test_capacitated import loads

TINY = 1e-7


def assert_stable(pairs, resources, flow):
    """For every pair that a unit would rather have: the seats, or the beds, are held by better claims only."""
    load = loads(resources, flow)
    rows = pairs.rows
    claim = list(zip(pairs.minutes, pairs.demand_id[rows], pairs.band[rows], strict=True))
    junior = pairs.band[rows] == 2
    for i in range(len(pairs.pupils)):
        span = range(pairs.indptr[i], pairs.indptr[i + 1])
        left = pairs.pupils[i] - flow[list(span)].sum()
        worst = max((e for e in span if flow[e] > TINY), default=-1)
        last = pairs.indptr[i + 1] if left > TINY else worst
        for e in range(pairs.indptr[i], max(last, pairs.indptr[i])):
            at_seat = (resources.seat == resources.seat[e]) & (flow > TINY)
            full = load[resources.seat[e]] >= resources.capacity[resources.seat[e]] - 1e-6
            refused = full and all(claim[k] <= claim[e] for k in np.flatnonzero(at_seat))
            if not refused and resources.bed[e] >= 0:
                at_bed = (resources.bed == resources.bed[e]) & (flow > TINY)
                same = np.flatnonzero(at_bed & (junior == junior[e]))
                beds_full = load[resources.bed[e]] >= resources.capacity[resources.bed[e]] - 1e-6
                refused = beds_full and all(claim[k] <= claim[e] for k in same)
            assert refused, f"unit {i} envies entry {e}"


@settings(max_examples=300, deadline=None)
@given(instances())
def test_the_outcome_is_stable(case):
    pairs, resources = case
    assert_stable(pairs, resources, closest_first(pairs, resources))


@settings(max_examples=150, deadline=None)
@given(instances(amounts=st.sampled_from([1e-6, 0.3, 1.0, 7.0, 1000.0])))
def test_very_unequal_amounts_end_and_stay_stable(case):
    pairs, resources = case
    assert_stable(pairs, resources, closest_first(pairs, resources))


@settings(max_examples=100, deadline=None)
@given(instances())
def test_pupils_are_conserved_and_no_room_is_overfull(case):
    pairs, resources = case
    flow = closest_first(pairs, resources)
    placed = np.bincount(pairs.rows, weights=flow, minlength=len(pairs.pupils))
    assert (placed <= pairs.pupils + 1e-9).all()
    assert (flow >= 0).all()
    assert (loads(resources, flow) <= resources.capacity + 1e-6).all()


@settings(max_examples=50, deadline=None)
@given(instances())
def test_with_room_for_everybody_it_is_the_nearest(case):
    pairs, resources = case
    roomy = Resources(np.full(len(resources.capacity), 1e6), resources.seat, resources.bed)
    np.testing.assert_allclose(closest_first(pairs, roomy), nearest(pairs), atol=1e-9)
