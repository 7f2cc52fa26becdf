"""Communities are divided along streets: blocks stay whole, homes keep their area, nobody is lost."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.assign.zone_blocks import Lines, divide_area

SQUARE = shapely.box(0, 0, 400, 200)
NONE = np.zeros(0, dtype=object)


def streets(*lines: tuple[tuple[float, float], ...]) -> np.ndarray:
    return np.array([shapely.LineString(line) for line in lines], dtype=object)


def test_a_part_ends_at_the_street_and_not_between_two_homes() -> None:
    homes = np.array([[50.0, 100.0], [150.0, 100.0], [350.0, 100.0]])
    main = streets(((280, -50), (280, 250)))
    part, areas = divide_area(SQUARE, homes, np.array([30.0, 30.0, 50.0]), 60, Lines(main, main))
    assert part.tolist() == [0, 0, 1]
    assert [tuple(shapely.bounds(area)) for area in areas] == [(0, 0, 280, 200), (280, 0, 400, 200)]


def test_a_block_with_too_many_pupils_is_divided_along_its_lanes_and_then_among_its_homes() -> None:
    homes = np.array([[50.0, 100.0], [150.0, 100.0], [350.0, 100.0]])
    main, lane = ((280, -50), (280, 250)), ((120, -50), (120, 250))
    part, areas = divide_area(SQUARE, homes, np.full(3, 50.0), 60, Lines(streets(main), streets(main, lane)))
    assert part.tolist() == [0, 1, 2]
    assert [shapely.bounds(area)[2] for area in areas] == [120, 280, 400]
    part, areas = divide_area(SQUARE, homes, np.full(3, 50.0), 60, Lines(NONE, NONE))
    assert part.tolist() == [0, 1, 2]
    assert [shapely.bounds(area)[2] for area in areas] == [100, 250, 400]


@given(st.integers(0, 2**32 - 1))
def test_parts_tile_the_area_and_hold_their_homes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    homes = rng.uniform(5, 195, (int(rng.integers(1, 12)), 2)) * (2, 1)
    load, most = rng.integers(0, 40, len(homes)).astype(float), float(rng.integers(20, 90))
    roads = streets(*((tuple(a), tuple(b)) for a, b in rng.uniform(-50, 450, (int(rng.integers(1, 6)), 2, 2))))
    part, areas = divide_area(SQUARE, homes, load, most, Lines(roads[::2], roads))
    assert sorted(set(part.tolist())) == list(range(len(areas)))
    assert shapely.area(areas).sum() == pytest.approx(SQUARE.area)
    assert shapely.area(shapely.union_all(areas)) == pytest.approx(SQUARE.area)
    for k, area in enumerate(areas):
        assert (shapely.distance(area, shapely.points(homes[part == k])) < 1e-6).all()
        assert load[part == k].sum() <= most or (part == k).sum() == 1
