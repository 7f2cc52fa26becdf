from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS

from layout_planner.io.raster import CellGrid, Population, cell_shares, raster_extent, read_population
from layout_planner.io.worldpop import parse_raster_name

from .conftest import EAST, NORTH, SOUTH, WEST, write_raster

COUNTY = shapely.box(WEST, SOUTH, EAST, NORTH)
METRES = CRS.from_epsg(4546)
UNIT = CellGrid(0.0, 10.0, 1.0, -1.0)
RNG = np.random.default_rng(7)


def total(read: Population) -> float:
    assert read.cells is not None
    return float(read.cells.filter(like="people").to_numpy().sum())


def codes(read: Population) -> list[str]:
    return [f.code for f in read.flaws]


@pytest.mark.parametrize(
    ("stem", "column", "sex"),
    [
        ("chn_f_5_2020", "people_5_9", "f"),
        ("chn_m_0_2020_constrained_UNadj", "people_0_0", "m"),
        ("chn_f_1_2020", "people_1_4", "f"),
        ("chn_t_05_2025_CN_100m_R2025A_v1", "people_5_9", "t"),
        ("GHA14_A0510_adjv1", "people_5_9", "t"),
        ("GHA14_A65PL_adjv1", "people_65_120", "t"),
        ("NPL_ppp_v2c_2020", "people", "t"),
        ("chn_ppp_2020_UNadj", "people", "t"),
        ("人口2020", "people", "t"),
    ],
)
def test_names_tell_ages_and_sex(stem: str, column: str, sex: str) -> None:
    name = parse_raster_name(stem)
    assert (name.column, name.sex) == (column, sex)


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


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(110.70, 110.80), st.floats(32.10, 32.20), st.floats(0.002, 0.08))
def test_two_halves_of_a_county_hold_what_the_county_holds(tmp_path: Path, x: float, y: float, radius: float) -> None:
    path = tmp_path / "chn_ppp_2020.tif"
    if not path.exists():
        write_raster(path, RNG.gamma(0.5, 40, (12, 12)).astype("float32"))
    hole = shapely.Point(x, y).buffer(radius).intersection(COUNTY)
    parts = [read_population([path], area, METRES) for area in (hole, COUNTY.difference(hole)) if area.area > 0]
    assert sum(map(total, parts)) == pytest.approx(total(read_population([path], COUNTY, METRES)), rel=1e-6)


def test_everything_inside_is_kept_whatever_the_projection(tmp_path: Path) -> None:
    values = RNG.gamma(0.5, 40, (30, 40)).astype("float32")
    path = write_raster(tmp_path / "p.tif", values, west=455_000, north=3_600_000, cell=100, crs="EPSG:32649")
    extent = raster_extent([path])
    assert extent is not None
    read = read_population([path], extent.buffer(0.01), METRES)
    assert total(read) == pytest.approx(float(values.sum(dtype="float64")), rel=1e-9)
    assert codes(read) == ["raster_partial"]
    assert read.cell_m == pytest.approx(100, rel=1e-3)
    assert read.cells is not None
    first = read.cells.set_index("cell_id").loc["r3c5"]
    assert first["people"] == pytest.approx(float(values[3, 5]))


def test_cell_ids_do_not_move_with_the_boundary(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.arange(1, 145, dtype="float32").reshape(12, 12))
    small = read_population([path], shapely.box(110.74, 32.14, 110.76, 32.16), METRES).cells
    assert small is not None
    assert small["cell_id"].tolist() == ["r5c5", "r5c6", "r6c5", "r6c6"]
    assert small["people"].tolist() == pytest.approx([66, 67, 78, 79])


def test_bands_sexes_and_infants_add_up(tmp_path: Path) -> None:
    paths = [
        write_raster(tmp_path / f"chn_{sex}_{age}_2020.tif", np.full((12, 12), n, dtype="float32"))
        for age, n in ((0, 1.0), (1, 4.0), (5, 6.0))
        for sex in "fm"
    ]
    paths.append(write_raster(tmp_path / "chn_ppp_2020.tif", np.full((12, 12), 99.0, dtype="float32")))
    read = read_population(paths, COUNTY, METRES)
    assert codes(read) == ["raster_total_unused"]
    assert read.cells is not None
    assert [c for c in read.cells.columns if c.startswith("people")] == ["people_0_4", "people_5_9"]
    assert read.cells["people_0_4"].sum() == pytest.approx(1000)


def test_tiles_are_joined_and_editions_refused(tmp_path: Path) -> None:
    values = RNG.random((12, 12)).astype("float32")
    whole = write_raster(tmp_path / "a_ppp_2020.tif", values)
    left = write_raster(tmp_path / "left.tif", values[:, :5])
    right = write_raster(tmp_path / "right.tif", values[:, 5:], west=WEST - 0.01 + 0.05)
    one, two = read_population([whole], COUNTY, METRES), read_population([right, left], COUNTY, METRES)
    assert total(one) == pytest.approx(total(two), rel=1e-9)
    assert one.cells is not None
    assert two.cells is not None
    assert one.cells["cell_id"].tolist() == two.cells["cell_id"].tolist()
    assert codes(read_population([whole, left], COUNTY, METRES)) == ["raster_repeated"]


def test_voids_count_as_nobody_and_odd_values_are_said(tmp_path: Path) -> None:
    values = np.ones((12, 12), dtype="float64")
    values[3, 3], values[4, 4], values[5, 5], values[6, 6] = -1.7e308, np.nan, -3.0, 1e30
    read = read_population([write_raster(tmp_path / "p.tif", values, nodata=-1.7e308)], COUNTY, METRES)
    assert codes(read) == ["raster_odd_values"]
    assert "2" in read.flaws[0].what.zh
    assert total(read) == pytest.approx(96)


def test_what_cannot_be_used_is_one_flaw(tmp_path: Path) -> None:
    values = RNG.random((400, 400)).astype("float32")
    assert codes(read_population([write_raster(tmp_path / "n.tif", values, crs=None)], COUNTY, METRES)) == [
        "raster_crs_missing"
    ]
    assert codes(read_population([write_raster(tmp_path / "far.tif", values, west=10)], COUNTY, METRES)) == [
        "raster_elsewhere"
    ]
    assert codes(read_population([write_raster(tmp_path / "zero.tif", values * 0)], COUNTY, METRES)) == ["raster_empty"]
    assert codes(read_population([tmp_path / "none.tif"], COUNTY, METRES)) == ["file_missing"]
    whole = write_raster(tmp_path / "cut.tif", values, west=110, north=33, cell=0.005)
    whole.write_bytes(whole.read_bytes()[:200_000])
    assert codes(read_population([whole], shapely.box(110, 31.2, 111, 32), METRES)) == ["raster_unreadable"]
    text = tmp_path / "text.tif"
    text.write_text("no raster", encoding="utf-8")
    assert codes(read_population([text], COUNTY, METRES)) == ["raster_unreadable"]


def test_a_declared_system_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "n.tif", np.ones((12, 12), dtype="float32"), crs=None)
    assert total(read_population([path], COUNTY, METRES, declared="EPSG:4326")) == pytest.approx(100)


def test_grids_that_differ_are_refused(tmp_path: Path) -> None:
    a = write_raster(tmp_path / "chn_t_05_2025.tif", np.ones((12, 12), dtype="float32"))
    b = write_raster(tmp_path / "chn_t_10_2025.tif", np.ones((12, 12), dtype="float32"), west=WEST - 0.013)
    assert codes(read_population([a, b], COUNTY, METRES)) == ["raster_grids_differ"]
