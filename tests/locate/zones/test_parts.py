"""The search part by part: what it promises on any map, and the way from an overfull zone to room."""

from __future__ import annotations

import numpy as np
import pytest

from layout_planner.locate.capacity.open_sets import SetSearch
from layout_planner.locate.stopping import Watch
from layout_planner.locate.zones.graph import Zoning, detached, neighbours, reattach
from layout_planner.locate.zones.parts import PartSearch, way_to_room


@pytest.fixture
def county():
    """Make a square of 64 units with six sites of little room, and connected zones on it that are overfull."""
    rng = np.random.default_rng(3)
    at = np.array([(x, y) for x in range(8) for y in range(8)])
    indptr, adj = neighbours(np.argwhere(np.triu(np.abs(at[:, None] - at[None]).sum(axis=2) == 1)), 64)
    seats, demand = np.sort(rng.choice(64, 6, replace=False)), rng.integers(1, 9, 64).astype(float)
    cost = np.hypot(*(at[:, None] - at[None, seats]).transpose(2, 0, 1)) * demand[:, None]
    room, none = np.full(6, np.ceil(demand.sum() / 5)), np.zeros(6, bool)
    label = np.full(64, -1)
    reattach(indptr, adj, cost, demand, np.full(6, np.inf), label, seats, np.ones(6, bool), 0.0)
    return Zoning(cost, demand, room, np.full(6, 30.0), seats, indptr, adj, none, none), label


def search(zoning, seed=0):
    sets = SetSearch(zoning.facilities)
    return PartSearch(zoning, sets, 100.0, np.random.default_rng(seed), Watch(60.0), effort=0.05)


def test_parts_end_with_zones_that_fit_and_hold_together(county):
    zoning, label = county
    assert zoning.overload(label).any()
    parts = search(zoning)
    better = parts.improve(parts.improve(label, 3), 4, closed=1)
    assert not zoning.overload(better).any()
    assert not detached(zoning.indptr, zoning.adj, better, zoning.seat).any()
    assert parts.price(better) < parts.price(label)


def test_the_same_seed_gives_the_same_zones_though_parts_are_divided_at_the_same_time(county):
    zoning, label = county
    assert np.array_equal(search(zoning).improve(label, 3), search(zoning).improve(label, 3))


def test_packed_zones_fit_or_there_are_none(county):
    zoning, label = county
    (packed,) = search(zoning).pack([label])
    assert not zoning.overload(packed).any()
    assert not detached(zoning.indptr, zoning.adj, packed, zoning.seat).any()
    zoning.capacity[:] = np.floor(zoning.demand.sum() / 6)
    assert search(zoning).pack([label]) == []


def test_the_way_to_room_leads_from_an_overfull_zone_over_its_neighbours(county):
    zoning, label = county
    over = zoning.overload(label)
    way = way_to_room(zoning, label, int(over.argmax()))
    assert way[0] == over.argmax()
    assert way_to_room(zoning, label, way[-1]) == [way[-1]]
