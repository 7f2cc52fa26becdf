"""Areas that tile a region, on squares that can be checked by hand."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layout_planner.assign.coverage import (
    border_segments,
    cells_by_unit,
    clean,
    dissolve,
    polygons_of,
    shared_borders,
    without_detached,
)


def squares(*corners: tuple[float, float]) -> np.ndarray:
    return np.array([shapely.box(x, y, x + 1, y + 1) for x, y in corners], dtype=object)


def test_two_points_halve_a_region() -> None:
    areas = cells_by_unit(np.array([[1.0, 1.0], [3.0, 1.0]]), np.array([0, 1]), [shapely.box(0, 0, 4, 2)])
    assert [round(area.area, 6) for area in areas] == [4.0, 4.0]


def test_cells_never_leave_their_region() -> None:
    regions = [shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)]
    areas = cells_by_unit(np.array([[1.9, 1.0], [3.0, 1.0]]), np.array([0, 1]), regions)
    assert areas[0].equals(regions[0])
    assert areas[1].equals(regions[1])


def test_a_region_without_points_goes_to_the_nearest_point() -> None:
    regions = [shapely.box(0, 0, 2, 2), shapely.box(2, 0, 4, 2)]
    areas = cells_by_unit(np.array([[0.5, 1.0], [1.5, 1.0]]), np.array([0, 1]), regions)
    assert [round(area.area, 6) for area in areas] == [2.0, 6.0]


def test_borders_are_measured_once_and_corners_do_not_count() -> None:
    pairs, metres = shared_borders(squares((0, 0), (1, 0), (0, 1), (1, 1)))
    assert pairs.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert metres.tolist() == [1.0] * 4


def test_segments_tell_the_outside() -> None:
    sides, segments = border_segments(squares((0, 0), (1, 0)))
    assert sorted(sides[:, 0].tolist()) == [-1] * 6 + [0]
    assert len(segments) == 7


def test_a_part_that_lies_apart_goes_to_its_longest_neighbour() -> None:
    areas = np.array([shapely.union_all(squares((0, 0), (2, 0))), *squares((1, 0), (3, 0))], dtype=object)
    xy = np.array([[0.5, 0.5], [2.5, 0.5], [1.5, 0.5], [3.5, 0.5]])
    kept, unit = without_detached(areas, xy, np.array([5.0, 1.0, 1.0, 1.0]), np.array([0, 0, 1, 2]))
    assert unit.tolist() == [0, 1, 1, 2]
    assert [area.area for area in kept] == [1.0, 2.0, 1.0]


def test_the_part_where_people_live_stays_even_if_it_is_smaller() -> None:
    areas = np.array(
        [shapely.union(shapely.box(0, 0, 5, 1), shapely.box(6, 0, 7, 1)), shapely.box(5, 0, 6, 1)], dtype=object
    )
    kept, unit = without_detached(areas, np.array([[6.5, 0.5], [5.5, 0.5]]), np.ones(2), np.array([0, 1]))
    assert kept[0].area == 1.0
    assert unit.tolist() == [0, 1]


def test_zones_dissolve_their_units() -> None:
    zones = dissolve(squares((0, 0), (1, 0), (2, 0)), np.array([1, 1, -1]))
    assert {k: z.area for k, z in zones.items()} == {1: 2.0}


def test_lines_and_points_are_no_areas() -> None:
    mixed = shapely.GeometryCollection([shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (5, 5)])])
    assert polygons_of(mixed).area == 1.0
    assert polygons_of(None).is_empty


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_cells_tile_their_regions_without_gap_or_overlap(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    xy, unit = rng.uniform(0, 10_000, (n, 2)), np.arange(n) % max(1, n // 2)
    areas = cells_by_unit(xy, unit, [shapely.box(0, 0, 4000, 10_000), shapely.box(4000, 0, 10_000, 10_000)])
    assert shapely.coverage_is_valid(areas)
    assert np.isclose(shapely.area(areas).sum(), 1e8)
    whole, moved = without_detached(areas, xy, np.ones(n), unit)
    assert shapely.coverage_is_valid(whole)
    assert np.isclose(shapely.area(whole).sum(), 1e8)
    assert set(moved) <= set(unit)


def test_cleaning_closes_narrow_gaps_only() -> None:
    frame = [shapely.box(0, 10, 20, 11), shapely.box(0, -1, 20, 0)]
    for gap, closed in ((0.5, True), (5.0, False)):
        areas = clean(np.array([shapely.box(0, 0, 10, 10), shapely.box(10 + gap, 0, 20, 10), *frame], dtype=object))
        assert np.isclose(shapely.area(areas).sum(), 240 if closed else 240 - 10 * gap)
