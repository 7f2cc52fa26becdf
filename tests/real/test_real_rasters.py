"""Every real raster reads whole through the public reader, and says no more and no less than is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
import rasterio
import shapely

from layout_planner.io.crs import working_crs
from layout_planner.io.raster import Population, raster_extent, read_population

pytestmark = pytest.mark.real

FACTS = {
    "worldpop_kathmandu/NPL_ppp_v2c_2015.tif": 1_856_955,
    "worldpop_kathmandu/NPL_ppp_v2c_2015_UNadj.tif": 1_943_855,
    "worldpop_kathmandu/NPL_ppp_v2c_2020.tif": 2_063_745,
    "worldpop_kathmandu/NPL_ppp_v2c_2020_UNadj.tif": 2_196_647,
    "worldpop_accra_age/GHA15_040213.tif": 3_884_015,
    "worldpop_accra_age/GHA15adj_040213.tif": 3_915_942,
    "accessmod_demo/base/population__demo/population__demo.GeoTIFF": 103_310,
}


def beyond(paths: list[Path], *, margin_deg: float = 0.01) -> Population:
    """Read what lies within an outline a little larger than the rasters."""
    extent = raster_extent(paths)
    assert extent is not None
    return read_population(paths, extent.buffer(margin_deg), working_crs(*shapely.get_coordinates(extent.centroid)[0]))


def own_sum(path: Path) -> float:
    """Sum a raster's first band without our reader."""
    with rasterio.open(path) as raster:
        return float(raster.read(1, masked=True).astype("float64").sum())


def people(read: Population) -> float:
    assert read.cells is not None
    return float(read.cells.filter(like="people").to_numpy().sum())


@pytest.mark.parametrize("name", FACTS)
def test_population_rasters_hold_their_people(real_data: Path, name: str) -> None:
    read = beyond([real_data / name])
    assert round(people(read)) == FACTS[name]
    assert {f.code for f in read.flaws} <= {"raster_partial"}


def test_every_raster_reads_whole_by_its_own_sum(real_data: Path) -> None:
    paths = [p for p in sorted(real_data.rglob("*")) if p.name.lower().endswith((".tif", ".geotiff", ".hgt.zip"))]
    assert len(paths) >= 29
    for path in paths:
        assert people(beyond([path])) == pytest.approx(own_sum(path), rel=1e-9), path.name


def test_heights_that_end_at_255_are_said(real_data: Path) -> None:
    read = beyond([real_data / "r5r_porto_alegre" / "poa_elevation.tif"])
    assert "raster_saturated" in {f.code for f in read.flaws}


def test_age_bands_are_taken_and_the_totals_beside_them_are_not(real_data: Path) -> None:
    paths = sorted((real_data / "worldpop_accra_age").glob("GHA1*.tif"))
    read = beyond(paths)
    assert [f.file for f in read.flaws if f.code == "raster_total_unused"] == [
        "GHA15_040213.tif",
        "GHA15adj_040213.tif",
    ]
    assert people(read) == pytest.approx(sum(map(own_sum, (real_data / "worldpop_accra_age").glob("GHA14_A*.tif"))))
