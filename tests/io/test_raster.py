from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
import shapely
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod
from rasterio.transform import from_origin

from layout_planner.io.crs import to_crs
from layout_planner.io.raster import RASTER_SUFFIXES, Population, raster_extent, read_population
from layout_planner.io.raster_names import Unit

from .conftest import EAST, NORTH, SOUTH, WEST, write_raster

COUNTY = shapely.box(WEST, SOUTH, EAST, NORTH)
METRES = CRS.from_epsg(4546)
RNG = np.random.default_rng(7)


def total(read: Population) -> float:
    assert read.cells is not None
    return float(read.cells.filter(like="people").to_numpy().sum())


def codes(read: Population) -> list[str]:
    return [f.code for f in read.flaws]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def write_banded(path: Path, bands: dict[str, np.ndarray], **profile: object) -> Path:
    first = next(iter(bands.values()))
    options = {"driver": "GTiff", "count": len(bands), "dtype": first.dtype, "crs": "EPSG:4326"}
    options |= {"height": first.shape[0], "width": first.shape[1]}
    options |= {"transform": from_origin(WEST - 0.01, NORTH + 0.01, 0.01, 0.01)}
    with rasterio.open(path, "w", **(options | profile)) as f:
        for i, (name, values) in enumerate(bands.items(), 1):
            f.write(values, i)
            if name:
                f.set_band_description(i, name)
    return path


def test_an_age_band_on_another_grid_is_split_to_the_finest(tmp_path: Path) -> None:
    fine = write_raster(tmp_path / "chn_t_05_2025.tif", np.ones((24, 24), dtype="float32"), cell=0.005)
    coarse = np.arange(1, 50, dtype="float32").reshape(7, 7)
    other = write_raster(tmp_path / "chn_t_10_2025.tif", coarse, west=WEST - 0.013, north=NORTH + 0.012, cell=0.02)
    inside = shapely.box(WEST - 0.013, NORTH + 0.012 - 0.14, WEST - 0.013 + 0.14, NORTH + 0.012)
    read = read_population([other, fine], inside, METRES)
    assert codes(read) == ["raster_partial", "raster_regridded"]
    assert read.cells is not None
    assert read.cells["people_10_14"].sum() == pytest.approx(coarse.sum(), rel=1e-9)
    assert read.cells["people_5_9"].sum() == pytest.approx(24 * 24, rel=1e-6)
    assert read.cell_m == pytest.approx(510, rel=0.02)


@pytest.mark.parametrize("crs", ["EPSG:32649", "EPSG:4546", "ESRI:54009"])
def test_tiles_in_other_systems_join_and_keep_every_person(tmp_path: Path, crs: str) -> None:
    values = RNG.gamma(0.5, 40, (40, 30)).astype("float32")
    west, north = to_crs(np.array([[110.60, 32.15]]), "wgs84", crs)[0]
    left = write_raster(tmp_path / "left.tif", values, west=west, north=north, cell=250, crs=crs)
    right = write_raster(tmp_path / "right.tif", np.ones((60, 60), dtype="float32"), west=110.75, cell=0.001)
    read = read_population([left, right], shapely.box(110.5, 32.0, 110.9, 32.3), METRES)
    assert codes(read) == ["raster_partial", "raster_regridded"]
    assert total(read) == pytest.approx(float(values.sum(dtype="float64")) + 3600, rel=1e-9)


def test_a_rotated_raster_keeps_every_person(tmp_path: Path) -> None:
    values = RNG.gamma(0.5, 40, (20, 25)).astype("float32")
    turned = Affine.translation(455_000, 3_560_000) @ Affine.rotation(30) @ Affine.scale(100, -120)
    path = write_banded(tmp_path / "turned.tif", {"": values}, transform=turned, crs="EPSG:32649")
    read = read_population([path], shapely.box(110.0, 31.9, 111.0, 32.4), METRES)
    assert codes(read) == ["raster_partial", "raster_regridded"]
    assert total(read) == pytest.approx(float(values.sum(dtype="float64")), rel=1e-9)
    assert read.cell_m == pytest.approx(np.sqrt(12_000), rel=1e-3)


@pytest.mark.parametrize(("unit", "name"), [("per_km2", "p"), (None, "gpw_v4_population_density_rev11_2020_30_sec")])
def test_densities_become_people_by_the_area_of_each_cell(tmp_path: Path, unit: Unit | None, name: str) -> None:
    path = write_raster(tmp_path / f"{name}.tif", np.full((12, 12), 50.0, dtype="float32"))
    read = read_population([path], COUNTY, METRES, unit=unit)
    km2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(COUNTY.segmentize(0.001))[0]) / 1e6
    assert total(read) == pytest.approx(50 * km2, rel=1e-6)
    assert codes(read) == ([] if unit else ["raster_density"])
    hectares = read_population([path], COUNTY, METRES, unit="per_ha")
    assert total(hectares) == pytest.approx(5000 * km2, rel=1e-6)
    counted = read_population([path], COUNTY, METRES, unit="count")
    assert total(counted) == pytest.approx(5000)
    assert [f.severity for f in counted.flaws] == ([] if unit else ["warning"])


@pytest.mark.parametrize("interleave", ["band", "pixel"])
def test_the_bands_of_a_stack_are_read_by_their_descriptions(tmp_path: Path, interleave: str) -> None:
    values = {name: np.full((12, 12), n, dtype="float32") for n, name in enumerate(("M_0", "F_0", "M_5", "F_5"), 1)}
    values["population"] = np.full((12, 12), 50, dtype="float32")
    read = read_population([write_banded(tmp_path / "s.tif", values, interleave=interleave)], COUNTY, METRES)
    assert codes(read) == ["raster_total_unused"]
    assert read.cells is not None
    assert read.cells.filter(like="people").sum().round(6).to_dict() == {"people_0_4": 300, "people_5_120": 700}
    nameless = write_banded(tmp_path / "n.tif", {"": values["M_0"], "F_5": values["F_5"], "red": values["M_5"]})
    assert codes(read_population([nameless], COUNTY, METRES)) == ["raster_bands_unnamed"]


def test_masks_scales_and_narrow_types_are_heard(tmp_path: Path) -> None:
    values = np.full((12, 12), 10, dtype="uint8")
    values[3, 3], values[4, 4] = 255, 7
    path = write_banded(tmp_path / "p.tif", {"": values})
    with rasterio.open(path, "r+") as f:
        f.scales, f.offsets = (0.5,), (1.0,)
        f.write_mask(values != 7)
    read = read_population([path], COUNTY, METRES)
    assert codes(read) == ["raster_saturated"]
    assert total(read) == pytest.approx(98 * 6 + 255 * 0.5 + 1)
    wide = write_banded(tmp_path / "w.tif", {"": np.where(values == 255, 2**32 - 1, 3).astype("uint32")})
    read = read_population([wide], COUNTY, METRES)
    assert codes(read) == ["raster_odd_values"]
    assert total(read) == pytest.approx(99 * 3)


@pytest.mark.parametrize("nodata", [-9999.0, -1.7e308, np.nan, -3.4e38])
def test_all_nodata_is_empty_and_one_cell_is_enough(tmp_path: Path, nodata: float) -> None:
    values = np.full((12, 12), nodata)
    path = write_raster(tmp_path / "p.tif", values, nodata=nodata)
    assert codes(read_population([path], COUNTY, METRES)) == ["raster_empty"]
    values[5, 6] = 3.5
    read = read_population([write_raster(tmp_path / "one.tif", values, nodata=nodata)], COUNTY, METRES)
    assert read.flaws == ()
    assert read.cells is not None
    assert read.cells[["cell_id", "people"]].to_numpy().tolist() == [["r5c6", 3.5]]


def test_a_county_within_one_cell_takes_its_share(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "p.tif", np.full((4, 4), 800.0, dtype="float32"), west=110, north=33, cell=1.0)
    read = read_population([path], shapely.box(110.25, 32.25, 110.75, 32.50), METRES)
    assert read.flaws == ()
    assert total(read) == pytest.approx(100)


@pytest.mark.parametrize(
    ("suffix", "profile"),
    [
        ("asc", {"driver": "AAIGrid"}),
        ("img", {"driver": "HFA"}),
        ("tif", {"compress": "lzw", "predictor": 2}),
        ("tif", {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}),
        ("tif", {"blockysize": 5, "BIGTIFF": "YES"}),
    ],
)
def test_formats_and_layouts_hold_the_same_people(tmp_path: Path, suffix: str, profile: dict[str, object]) -> None:
    values = np.arange(144, dtype="int32").reshape(12, 12)
    plain = write_banded(tmp_path / "plain.tif", {"": values})
    path = tmp_path / f"people.{suffix}"
    rasterio.shutil.copy(plain, path, **({"driver": "GTiff"} | profile))
    read = read_population([path], COUNTY, METRES, declared="EPSG:4326")
    assert read.flaws == ()
    assert total(read) == pytest.approx(values[1:11, 1:11].sum())
    assert suffix in {s.lstrip(".") for s in RASTER_SUFFIXES}


def test_a_virtual_mosaic_reads_and_a_broken_one_is_named(tmp_path: Path) -> None:
    plain = write_banded(tmp_path / "plain.tif", {"": np.ones((12, 12), dtype="float32")})
    mosaic = tmp_path / "people.vrt"
    rasterio.shutil.copy(plain, mosaic, driver="VRT")
    assert total(read_population([mosaic], COUNTY, METRES)) == pytest.approx(100)
    plain.unlink()
    read = read_population([mosaic], COUNTY, METRES)
    assert [(f.code, f.file) for f in read.flaws] == [("raster_unreadable", "people.vrt")]


def test_a_band_that_lacks_a_tile_is_said(tmp_path: Path) -> None:
    ones = np.ones((12, 12), dtype="float32")
    whole = write_raster(tmp_path / "chn_t_05_2025.tif", ones)
    half = write_raster(tmp_path / "chn_t_10_2025.tif", ones[:, :6])
    read = read_population([whole, half], COUNTY, METRES)
    assert [(f.code, f.file) for f in read.flaws] == [("raster_partial", "chn_t_10_2025.tif")]
    far = write_raster(tmp_path / "chn_t_15_2025.tif", ones, west=10)
    read = read_population([whole, far], COUNTY, METRES)
    assert [(f.code, f.file) for f in read.flaws] == [("raster_elsewhere", "chn_t_15_2025.tif")]


@pytest.mark.parametrize("cells", [100, 1_000])
def test_small_windows_read_the_same_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    values = RNG.gamma(0.5, 40, (64, 64)).astype("float32")
    path = write_raster(tmp_path / "p.tif", values, cell=0.002)
    tiled = tmp_path / "tiled.tif"
    rasterio.shutil.copy(path, tiled, driver="GTiff", tiled=True, blockxsize=16, blockysize=16)
    coarse = write_raster(tmp_path / "coarse.tif", values, west=WEST - 0.0103, cell=0.0021)
    hole = COUNTY.difference(shapely.Point(110.75, 32.15).buffer(0.02))
    for paths in ([path], [tiled], [coarse, write_raster(tmp_path / "far.tif", values, west=110.9, cell=0.002)]):
        whole = read_population(paths, hole.union(shapely.box(110.9, 32.1, 110.91, 32.11)), METRES).cells
        monkeypatch.setattr("layout_planner.io.raster_gather.WINDOW_CELLS", cells)
        parts = read_population(paths, hole.union(shapely.box(110.9, 32.1, 110.91, 32.11)), METRES).cells
        monkeypatch.undo()
        assert whole is not None
        assert parts is not None
        both = whole.set_index("cell_id")["people"].to_frame("a").join(parts.set_index("cell_id")["people"])
        assert len(both) == len(whole) == len(parts)
        assert both["people"].to_numpy() == pytest.approx(both["a"].to_numpy(), rel=1e-9)
