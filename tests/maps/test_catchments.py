from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.maps.catchments import MISSING, Cover, color_neighbours

COUNTY = shapely.Point(0, 0).buffer(5000)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_catchments_cover_the_county_without_gaps_or_overlaps(seed: int, n: int):
    rng = np.random.default_rng(seed)
    xy = np.round(rng.uniform(-4000, 4000, (n, 2)), -2)
    labels = rng.integers(-2, 5, n)
    areas = Cover(xy, COUNTY, 20).by_label(labels)
    if (labels == MISSING).all():
        assert areas == {}
        return
    parts = list(areas.values())
    assert abs(sum(shapely.area(parts)) - COUNTY.area) < 1e-6 * COUNTY.area
    assert shapely.area(shapely.union_all(parts)) > COUNTY.area * (1 - 1e-6)
    assert MISSING not in areas


def test_a_place_lies_in_the_catchment_of_its_own_school():
    xy = np.array([[-3000.0, 0.0], [-1000.0, 0.0], [3000.0, 0.0]])
    areas = Cover(xy, COUNTY, 1).by_label(np.array([0, 0, 7]))
    assert list(areas) == [0, 7]
    assert areas[0].contains(shapely.Point(xy[1]))
    assert areas[7].contains(shapely.Point(xy[2]))


def test_a_place_without_pupils_follows_its_nearest_neighbour():
    xy = np.array([[-3000.0, 0.0], [2900.0, 0.0], [3000.0, 0.0]])
    areas = Cover(xy, COUNTY, 1).by_label(np.array([0, MISSING, 7]))
    assert areas[7].contains(shapely.Point(2900, 0))


def test_one_place_takes_the_whole_county():
    areas = Cover(np.array([[0.0, 0.0]]), COUNTY, 1).by_label(np.array([3]))
    assert abs(areas[3].area - COUNTY.area) < 1


def test_neighbours_get_different_colours():
    grid = {i: shapely.box(i % 4, i // 4, i % 4 + 1, i // 4 + 1) for i in range(16)}
    wide = {k: shapely.transform(v, lambda xy: xy * 1000) for k, v in grid.items()}
    colors = color_neighbours([wide], 8)
    for i in range(16):
        for j in range(i):
            if wide[i].touches(wide[j]):
                assert colors[i] != colors[j]
