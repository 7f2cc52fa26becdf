from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from layout_planner.errors import CrsError
from layout_planner.io.cell_grid import CellGrid, cell_areas
from layout_planner.io.crs import to_crs
from layout_planner.io.regrid import regrid_counts

STEPS = st.floats(0.3, 3.0)
ANGLES = st.floats(-0.9, 0.9)
PLACES = st.floats(-2.0, 2.0)


def turned(x0: float, y0: float, dx: float, dy: float, angle: float) -> CellGrid:
    cos, sin = np.cos(angle), np.sin(angle)
    return CellGrid(x0, y0, dx * cos, -dy * cos, dy * sin, dx * sin)


@settings(max_examples=60, deadline=None)
@given(PLACES, PLACES, STEPS, STEPS, st.one_of(st.just(0.0), ANGLES), STEPS, st.integers(0, 9))
def test_totals_are_kept_whatever_the_grids(
    x0: float, y0: float, dx: float, dy: float, angle: float, step: float, seed: int
) -> None:
    values = np.random.default_rng(seed).gamma(0.5, 40, (6, 7))
    out = regrid_counts(values, turned(x0, y0, dx, dy, angle), CellGrid(-60, 60, step, -step), (400, 400))
    assert (out >= 0).all()
    assert out.sum() == pytest.approx(values.sum(), rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(PLACES, PLACES, STEPS, STEPS, st.one_of(st.just(0.0), ANGLES), STEPS)
def test_an_even_density_stays_even(x0: float, y0: float, dx: float, dy: float, angle: float, step: float) -> None:
    values = np.ones((160, 160))
    source = turned(0, 0, dx, dy, angle)
    middle = source.points(80, 80)[0] + (x0, y0)
    target = CellGrid(middle[0], middle[1], step, -step)
    out = regrid_counts(values, source, target, (4, 5))
    assert out == pytest.approx(target.cell_area / source.cell_area, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 99), st.booleans())
def test_the_same_grid_gives_the_same_counts(seed: int, flipped: bool) -> None:
    values = np.random.default_rng(seed).gamma(0.5, 40, (5, 4))
    grid = CellGrid(3.0, 7.0, 0.25, 0.5 if flipped else -0.5)
    assert regrid_counts(values, grid, grid, (5, 4)) == pytest.approx(values, rel=1e-12)


def test_the_plain_way_and_the_overlay_agree() -> None:
    values = np.random.default_rng(3).gamma(0.5, 40, (9, 8))
    source, target = CellGrid(0.3, 9.1, 1.1, -0.7), CellGrid(0, 10, 0.9, -1.3)
    almost = CellGrid(0.3, 9.1, 1.1, -0.7, 1e-14, 0.0)
    assert regrid_counts(values, almost, target, (8, 12)) == pytest.approx(
        regrid_counts(values, source, target, (8, 12)), rel=1e-9, abs=1e-9
    )


def test_a_cell_is_shared_out_by_area() -> None:
    out = regrid_counts([[8.0]], CellGrid(0.5, 2.5, 2, -2), CellGrid(0, 3, 1, -1), (3, 3))
    assert out.tolist() == [[0.5, 1, 0.5], [1, 2, 1], [0.5, 1, 0.5]]
    diamond = CellGrid(1, 2, 1, -1, -1, -1)
    assert regrid_counts([[8.0]], diamond, CellGrid(0, 2, 1, -1), (2, 2)).tolist() == [[2, 2], [2, 2]]


@pytest.mark.parametrize("crs", ["EPSG:32649", "EPSG:4546", "ESRI:54009", "EPSG:3857"])
def test_counts_cross_systems_whole(crs: str) -> None:
    values = np.random.default_rng(4).gamma(0.5, 40, (30, 30))
    source = CellGrid(110.6, 32.4, 1 / 120, -1 / 120)
    corners = to_crs(source.points([0, 30, 0, 30], [0, 0, 30, 30]), "wgs84", crs)
    target = CellGrid(corners[:, 0].min() - 500, corners[:, 1].max() + 500, 300.0, -300.0)
    out = regrid_counts(values, source, target, (250, 250), source_system="wgs84", target_system=crs)
    assert out.sum() == pytest.approx(values.sum(), rel=1e-9)
    density = regrid_counts(
        np.broadcast_to(cell_areas(source, "wgs84", (0, 30), (0, 30)), (30, 30)),
        source, target, (250, 250), source_system="wgs84", target_system=crs,
    )  # fmt: skip
    ground = cell_areas(target, crs, (0, 250), (0, 250))
    column, row = target.places(to_crs(source.points(15, 15), "wgs84", crs))[0].astype(int)
    inner = (slice(row - 15, row + 15), slice(column - 15, column + 15))
    assert density[inner] == pytest.approx(ground[inner], rel=1e-3)


def test_a_place_beyond_the_projection_is_an_error() -> None:
    with pytest.raises(CrsError):
        regrid_counts(
            [[1.0]], CellGrid(2e7, 2e7, 1e5, -1e5), CellGrid(0, 0, 1, -1), (1, 1),
            source_system="ESRI:54009", target_system="wgs84",
        )  # fmt: skip


@pytest.mark.parametrize("crs", ["wgs84", "EPSG:32649", "EPSG:3857", "ESRI:54009"])
def test_areas_are_those_on_the_ellipsoid(crs: str) -> None:
    step = 0.01 if crs == "wgs84" else 1000.0
    x, y = to_crs(np.array([[110.7, 32.4]]), "wgs84", crs)[0]
    grid = CellGrid(x, y, step, -step)
    areas = np.broadcast_to(cell_areas(grid, crs, (0, 40), (0, 30)), (40, 30))
    for r, c in ((0, 0), (17, 5), (39, 29)):
        ring = grid.points([c, c + 1, c + 1, c], [r, r, r + 1, r + 1])
        edges = np.concatenate([np.linspace(ring[i], ring[(i + 1) % 4], 50) for i in range(4)])
        lonlat = to_crs(edges, crs, "wgs84")
        assert areas[r, c] == pytest.approx(abs(Geod(ellps="WGS84").polygon_area_perimeter(*lonlat.T)[0]), rel=1e-6)
