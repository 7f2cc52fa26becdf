from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layout_planner.io.cell_grid import CellGrid
from layout_planner.io.cell_shares import cell_shares

UNIT = CellGrid(0.0, 10.0, 1.0, -1.0)


def test_shares_of_cells_are_areas() -> None:
    share = cell_shares(shapely.box(0.5, 7.25, 3.0, 9.0), UNIT, (0, 10), (0, 10))
    assert share[0].sum() == 0
    assert share[1, :4].tolist() == [0.5, 1, 1, 0]
    assert share[2, :4].tolist() == [0.375, 0.75, 0.75, 0]
    assert share.sum() == pytest.approx(2.5 * 1.75)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 12), st.floats(-2, 12)), min_size=3, max_size=12))
def test_a_partition_shares_out_every_cell(corners: list[tuple[float, float]]) -> None:
    piece = shapely.make_valid(shapely.MultiPoint(corners).convex_hull)
    if piece.area < 1e-9:
        return
    whole = shapely.box(-3, -3, 13, 13)
    share = cell_shares(piece, UNIT, (0, 10), (0, 10)) + cell_shares(whole.difference(piece), UNIT, (0, 10), (0, 10))
    assert np.abs(share - 1).max() < 1e-6


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 12), st.floats(-2, 12)), min_size=3, max_size=12), st.integers(0, 6))
def test_shares_are_what_shapely_cuts_out(corners: list[tuple[float, float]], start: int) -> None:
    piece = shapely.make_valid(shapely.MultiPoint(corners).convex_hull).difference(shapely.Point(4, 5).buffer(1.5))
    if piece.area < 1e-9:
        return
    share = cell_shares(piece, UNIT, (start, 10), (start, 9))
    c, r = np.meshgrid(np.arange(start, 9), np.arange(start, 10))
    cut = shapely.area(shapely.intersection(piece, shapely.box(c, 9 - r, c + 1, 10 - r)))
    assert np.abs(share - cut).max() < 1e-8


def test_a_hole_and_an_island_count_as_they_should() -> None:
    shape = shapely.box(1, 1, 9, 9).difference(shapely.box(3, 3, 7, 7)).union(shapely.box(4, 4, 6, 5.5))
    share = cell_shares(shape, UNIT, (0, 10), (0, 10))
    assert share.sum() == pytest.approx(64 - 16 + 3)
    assert share[4:6, 4].tolist() == [0.5, 1.0]
    assert share[3, 3] == 0
