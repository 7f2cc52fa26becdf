"""Population rasters of any make keep their totals through any partition, or are refused with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, note
from hypothesis import strategies as st
from pyproj import CRS
from rasterio.transform import Affine

from layout_planner.errors import Severity
from layout_planner.io.geometry import project
from layout_planner.io.raster import read_population

from .conftest import Place, fuzzed
from .damage import damaged, noise

UTM = CRS.from_epsg(32649)
_ABSURD = 1e7
_DTYPES = ("uint8", "int16", "uint16", "int32", "float32", "float64")
_SYSTEMS = (
    ("EPSG:4326", 111.0, 32.0, 0.01),
    ("EPSG:32649", 500_000.0, 3_540_000.0, 900.0),
    ("EPSG:3857", 12_356_500.0, 3_763_300.0, 1000.0),
)
_VALUES = st.integers(0, 250) | st.sampled_from([0, 0, -1, -9999, 255, 30_000, 2e7, float("nan"), -1.7e308, 0.25, 1e-9])


@st.composite
def grids(draw: st.DrawFn) -> dict[str, object]:
    """Draw what a raster file holds."""
    height, width = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    dtype = draw(st.sampled_from(_DTYPES))
    raw = np.array(draw(st.lists(_VALUES, min_size=height * width, max_size=height * width)), dtype=float)
    if dtype.startswith(("int", "uint")):
        info = np.iinfo(dtype)
        raw = np.clip(np.nan_to_num(raw, nan=0.0), info.min, info.max).round()
    elif dtype == "float32":
        raw = np.clip(raw, -3e38, 3e38)
    system, x, y, step = draw(st.sampled_from(_SYSTEMS))
    dx, dy = step * draw(st.sampled_from([1.0, 0.5, 3.0])), step * draw(st.sampled_from([-1.0, -0.7, 1.0]))
    turn = draw(st.sampled_from([0.0, 0.0, 0.0, 0.0, 20.0]))
    return {
        "values": raw.reshape(height, width).astype(dtype),
        "crs": system,
        "transform": Affine.translation(x, y) * Affine.rotation(turn) * Affine.scale(dx, dy),
        "nodata": draw(st.sampled_from([None, 0, 255, -9999, -1.7e308, float("nan")])),
        "tiled": draw(st.booleans()),
        "turned": turn != 0.0,
    }


def write(path: Path, grid: dict[str, object], rows: slice = slice(None)) -> Path | None:
    """Write the rows of a grid as a GeoTIFF; ``None`` where the value for nothing does not fit its type."""
    values: np.ndarray = grid["values"][rows]
    nodata = grid["nodata"]
    limit = np.iinfo(values.dtype) if values.dtype.kind in "iu" else np.finfo(values.dtype)
    if nodata is not None and not float(limit.min) <= nodata <= float(limit.max):
        nodata = float("nan") if values.dtype.kind == "f" else None
    options = {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"} if grid["tiled"] else {}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        crs=grid["crs"],
        nodata=nodata,
        transform=grid["transform"] * Affine.translation(0, rows.start or 0),
        **options,
    ) as file:
        file.write(values, 1)
    return path


def held(path: Path) -> tuple[float, int]:
    """Sum what a file holds, as GDAL's own mask tells, and count what is negative or absurd."""
    with rasterio.open(path) as file:
        data = file.read(1, masked=True).astype("float64")
    seen = data.compressed()
    seen = seen[~np.isnan(seen)]
    odd = (seen < 0) | (seen > _ABSURD)
    return float(seen[~odd].sum()), int(odd.sum())


def outline(grid: dict[str, object], margin: float = 2.0) -> shapely.Polygon:
    """Outline a grid with a margin of cells, in degrees."""
    height, width = grid["values"].shape  # type: ignore[attr-defined]
    corners = [
        (-margin, -margin),
        (width + margin, -margin),
        (width + margin, height + margin),
        (-margin, height + margin),
    ]
    box = shapely.Polygon([grid["transform"] * corner for corner in corners])  # type: ignore[operator]
    return project(box, str(grid["crs"]), "wgs84").item()


def partition(whole: shapely.Polygon, seeds: list[tuple[float, float]]) -> list[shapely.Polygon]:
    """Cut an area into the Voronoi cells of points given as shares of its extent."""
    west, south, east, north = whole.bounds
    points = sorted({(west + a * (east - west), south + b * (north - south)) for a, b in seeds})
    if len(points) < 2:
        return [whole]
    lines = shapely.union_all(shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), only_edges=True)))
    return list(shapely.get_parts(shapely.polygonize([shapely.node(shapely.union_all([lines, whole.exterior]))])))


_SEEDS = st.lists(st.tuples(st.floats(0.05, 0.95), st.floats(0.05, 0.95)), max_size=4)


@fuzzed(25)
@given(grid=grids(), seeds=_SEEDS, parts=st.booleans())
def test_parts_of_a_partition_share_out_what_the_raster_holds(
    place: Place, grid: dict[str, object], seeds: list[tuple[float, float]], parts: bool
) -> None:
    height = len(grid["values"])  # type: ignore[arg-type]
    paths = [place("population.tif")]
    if parts and height > 1:
        paths.append(paths[0].with_name("population_b.tif"))
        write(paths[0], grid, slice(0, height // 2))
        write(paths[1], grid, slice(height // 2, height))
    else:
        write(paths[0], grid)
    sums = [held(path) for path in paths]
    total, odd = sum(s for s, _ in sums), sum(n for _, n in sums)
    found, told = 0.0, False
    for shape in partition(outline(grid), seeds):
        population = read_population(paths, shape, UTM)
        errors = [f for f in population.flaws if f.severity is Severity.ERROR]
        note(repr([f.render("en") for f in population.flaws]))
        if errors and not {f.code for f in errors} <= {"raster_empty", "raster_elsewhere"}:
            assert grid["turned"], errors
            return
        told |= any(f.code == "raster_odd_values" for f in population.flaws)
        if population.cells is not None:
            columns = [c for c in population.cells if str(c).startswith("people")]
            found += float(population.cells[columns].to_numpy().sum())
    assert found == pytest.approx(total, rel=1e-6, abs=1e-9)
    assert told == (odd > 0)


@fuzzed(40)
@given(data=st.data())
def test_damaged_and_foreign_bytes_are_flaws(place: Place, data: st.DataObject) -> None:
    grid = data.draw(grids())
    path = place("population.tif")
    if data.draw(st.booleans()):
        path.write_bytes(data.draw(noise))
    else:
        write(path, grid)
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    population = read_population([path], outline(grid), UTM)
    assert population.cells is not None or any(f.severity is Severity.ERROR for f in population.flaws)
