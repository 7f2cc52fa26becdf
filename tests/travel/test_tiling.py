"""Areas from labels: they tile, they stop at the boundary, small ones go to their neighbours."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layout_planner.errors import NetworkError
from layout_planner.travel.tiling import OUTSIDE, Lattice, Tiles, dissolve, resolution, tile

SQUARE = shapely.box(0, 0, 1000, 1000)


def divide(label_at, area=SQUARE, step=50.0) -> Tiles:
    lattice = Lattice.over(area, step)
    corners = lattice.corners()
    label = np.full(corners.shape, OUTSIDE, dtype=np.int32)
    label[corners] = label_at(lattice.points(corners))
    return tile(lattice, label, label_at, area)


def disc(xy: np.ndarray) -> np.ndarray:
    return (np.hypot(xy[:, 0] - 480, xy[:, 1] - 510) < 300).astype(np.int32)


def test_a_disc_is_cut_out_of_a_square():
    areas = dissolve(divide(disc), 0.0)
    assert areas.label.tolist() == [0, 1]
    assert areas.area()[1] == pytest.approx(np.pi * 300**2, rel=0.01)
    assert areas.area().sum() == pytest.approx(1e6, abs=1e-3)
    assert shapely.coverage_is_valid(areas.faces)


def test_three_labels_meet_in_a_point():
    def sector(xy: np.ndarray) -> np.ndarray:
        return (np.arctan2(xy[:, 1] - 503, xy[:, 0] - 511) % (2 * np.pi) // (2 * np.pi / 3)).astype(np.int32)

    areas = dissolve(divide(sector), 10.0)
    assert len(areas.faces) == 3
    assert shapely.coverage_is_valid(areas.faces)
    assert areas.area().sum() == pytest.approx(1e6, abs=1e-3)


def test_a_boundary_of_several_parts_with_a_hole_is_filled_exactly():
    ring = shapely.difference(shapely.box(0, 0, 400, 1000), shapely.box(100, 100, 200, 207))
    area = shapely.union_all([ring, shapely.Point(700, 500).buffer(180)])
    areas = dissolve(divide(disc, area), 15.0)
    assert shapely.coverage_is_valid(areas.faces)
    assert shapely.symmetric_difference(shapely.union_all(areas.faces), area).area < 1e-3


def test_noise_still_tiles():
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 4, (400, 400)).astype(np.int32)

    def label_at(xy: np.ndarray) -> np.ndarray:
        column, row = np.clip((xy / 23.7).astype(int) + 100, 0, 399).T
        return noise[row, column]

    tiles = divide(label_at, SQUARE.buffer(33))
    for areas in (dissolve(tiles, 0.0), dissolve(tiles, 30.0), dissolve(tiles.without(tiles.area() < 5000), 10.0)):
        assert shapely.is_valid(areas.faces).all()
        assert shapely.coverage_is_valid(areas.faces)
        assert areas.area().sum() == pytest.approx(SQUARE.buffer(33).area, abs=1e-3)


def test_a_doomed_face_goes_where_its_border_is_longest():
    faces = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 30, 10), shapely.box(30, 0, 40, 10),
                      shapely.Polygon([(0, 10), (10, 10), (30, 10), (40, 10), (40, 60), (0, 60)]),
                      shapely.box(100, 0, 101, 1)])  # fmt: skip
    tiles = Tiles(faces, np.array([0, 1, 2, 3, 4], dtype=np.int32))
    assert tiles.without(np.array([False, True, False, False, False])).label.tolist() == [0, 3, 2, 3, 4]
    assert tiles.without(np.array([True, True, False, True, False])).label.tolist() == [2, 2, 2, 2, 4]
    assert tiles.without(np.array([False] * 4 + [True])).label.tolist() == [0, 1, 2, 3, 4]


def test_the_resolution_is_chosen_or_refused():
    assert resolution(SQUARE, None) == 25.0
    assert resolution(shapely.box(0, 0, 1e6, 1e6), None) == 500.0
    assert resolution(SQUARE, 7.5) == 7.5
    for wrong in (0.0, -1.0, np.nan, 0.01):
        with pytest.raises(NetworkError):
            resolution(SQUARE, wrong)
