"""Barriers between neighbours: a river parts them unless a road crosses it where they live."""

from __future__ import annotations

import numpy as np
import shapely

from layout_planner.assign.barriers import separated

AREAS = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), shapely.box(20, 0, 30, 10)], dtype=object)
CENTRE = np.array([[5.0, 5.0], [15.0, 5.0], [25.0, 5.0]])
PAIRS = np.array([[0, 1], [1, 2]])
NONE = np.zeros(0, dtype=object)


def parted(barriers: list[shapely.Geometry], roads: list[shapely.Geometry] | None = None) -> list[bool]:
    lines = np.array(roads or [], dtype=object)
    return separated(PAIRS, AREAS, CENTRE, np.array(barriers, dtype=object), lines).tolist()


def test_nothing_is_parted_without_a_barrier() -> None:
    assert separated(PAIRS, AREAS, CENTRE, NONE, NONE).tolist() == [False, False]


def test_a_river_between_two_villages_parts_them() -> None:
    assert parted([shapely.LineString([(12, -5), (12, 15)])]) == [True, False]


def test_a_bridge_joins_them_again() -> None:
    river, bridge = shapely.LineString([(12, -5), (12, 15)]), shapely.LineString([(11, 3), (13, 3)])
    assert parted([river], [bridge]) == [False, False]


def test_a_bridge_elsewhere_does_not_help() -> None:
    river, bridge = shapely.LineString([(12, -50), (12, 15)]), shapely.LineString([(11, -20), (13, -20)])
    assert parted([river], [bridge]) == [True, False]


def test_a_river_that_ends_inside_can_be_walked_round() -> None:
    assert parted([shapely.LineString([(12, -5), (12, 8)])]) == [False, False]


def test_two_rivers_on_the_way_part_as_one_does() -> None:
    rivers = [shapely.LineString([(x, -5), (x, 15)]) for x in (8, 12)]
    assert parted(rivers) == [True, False]


def test_a_river_behind_a_village_parts_nobody() -> None:
    assert parted([shapely.LineString([(2, -5), (2, 15)])]) == [False, False]
