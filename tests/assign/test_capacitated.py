"""Capacitated assignment: exact against one plain linear programme, conserved, most pupils seated first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from layout_planner.assign.capacitated import capacitated
from layout_planner.assign.nearest import nearest
from layout_planner.assign.options import BOARD, Options
from layout_planner.assign.resources import Resources
from tests.assign.instances import instances, plain_lp


def loads(resources, flow):
    load = np.bincount(resources.seat, weights=flow, minlength=len(resources.capacity))
    boards = resources.bed >= 0
    return load + np.bincount(resources.bed[boards], weights=flow[boards], minlength=len(resources.capacity))


@settings(max_examples=300, deadline=None)
@given(instances())
def test_total_and_number_seated_equal_the_plain_linear_programme(case):
    pairs, resources = case
    answer = capacitated(pairs, resources)
    total, seated = plain_lp(pairs, resources, answer.no_seat_cost)
    assert answer.objective == pytest.approx(total, rel=1e-7, abs=1e-6)
    assert answer.flow.sum() == pytest.approx(seated, abs=1e-5)
    assert answer.bound <= answer.objective * (1 + 1e-9) + 1e-9


@settings(max_examples=100, deadline=None)
@given(instances())
def test_pupils_are_conserved_and_no_room_is_overfull(case):
    pairs, resources = case
    answer = capacitated(pairs, resources)
    whole = np.bincount(pairs.rows, weights=answer.flow, minlength=len(pairs.pupils)) + answer.unseated
    np.testing.assert_allclose(whole, pairs.pupils, rtol=0, atol=1e-9)
    assert (answer.flow >= 0).all()
    assert (loads(resources, answer.flow) <= resources.capacity + 1e-6).all()


@settings(max_examples=50, deadline=None)
@given(instances())
def test_with_room_for_everybody_the_total_is_that_of_the_cheapest_pairs(case):
    pairs, resources = case
    roomy = Resources(np.full(len(resources.capacity), 1e6), resources.seat, resources.bed)
    answer = capacitated(pairs, roomy)
    least = np.full(len(pairs.pupils), np.inf)
    np.minimum.at(least, pairs.rows, pairs.cost)
    reach = np.isfinite(least)
    assert answer.flow @ pairs.cost == pytest.approx(float(pairs.pupils[reach] @ least[reach]), rel=1e-9)
    assert answer.flow @ pairs.cost <= nearest(pairs) @ pairs.cost + 1e-6


@settings(max_examples=30, deadline=None)
@given(instances())
def test_the_same_input_gives_the_same_answer(case):
    first, second = capacitated(*case), capacitated(*case)
    np.testing.assert_array_equal(first.flow, second.flow)


def test_beds_that_both_stages_want_are_shared_at_least_cost():
    # One nine-year school with 4 beds; 3 boarders of grades 4-6 and 3 of grades 7-9 all want it, seats abound.
    pairs = Options(
        demand_id=np.array(["D0", "D0"], object), band=np.array([1, 2], np.int8), pupils=np.array([3.0, 3.0]),
        indptr=np.array([0, 2, 4]), school=np.array([0, 1, 0, 1], np.int32), tier=np.array([2, 3, 2, 3], np.int8),
        mode=np.array([BOARD, 0, BOARD, 0], np.int8), minutes=np.array([50.0, 90, 50, 70]), metres=np.zeros(4),
        cost=np.array([70.0, 174, 70, 154]), school_id=np.array(["S0", "S1"], object), taught=np.ones(2, bool),
    )  # fmt: skip
    resources = Resources(np.array([9.0, 9, 9, 9, 4, 0]), seat=np.array([0, 1, 2, 3]), bed=np.array([4, -1, 4, -1]))
    answer = capacitated(pairs, resources)
    np.testing.assert_allclose(answer.flow, [3, 0, 1, 2], atol=1e-9)
    assert answer.price[4] == pytest.approx(84)
    assert answer.bound == pytest.approx(answer.objective)
