"""Rasters as large as a nation and stacks as large as a province, read in a process of its own."""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import psutil
import rasterio
import shapely
from rasterio.windows import Window

STEP = 1 / 1200
WEST, NORTH = 73.0, 54.0
NODATA = -99999.0
PROFILE = {"driver": "GTiff", "dtype": "float32", "crs": "EPSG:4326", "nodata": NODATA, "compress": "deflate",
           "transform": rasterio.transform.from_origin(WEST, NORTH, STEP, STEP), "SPARSE_OK": True}  # fmt: skip


def county(radius_deg: float = 0.35) -> shapely.Polygon:
    """Draw a county of some 4,000 km² with 5,000 corners."""
    angle = np.linspace(0, 2 * np.pi, 5000, endpoint=False)
    radius = radius_deg * (1 + 0.25 * np.sin(3 * angle) + 0.05 * np.sin(41 * angle))
    return shapely.Polygon(np.column_stack([110.7 + radius * np.cos(angle), 32.2 + radius * np.sin(angle)]))


def write_nation(path: Path, *, tiled: bool = True) -> None:
    """Write 60,000 × 50,000 cells of 3"; only 3° around the county hold data, as an ocean of nothing would."""
    rng = np.random.default_rng(1)
    layout = {"tiled": True, "blockxsize": 512, "blockysize": 512} if tiled else {"blockysize": 1}
    column, row = (int((110.7 - 1.5 - WEST) / STEP) // 512 * 512, int((NORTH - 33.7) / STEP) // 512 * 512)
    with rasterio.open(path, "w", width=60_000, height=50_000, count=1, BIGTIFF="YES", **layout, **PROFILE) as target:
        for r in range(row, row + 3600, 512):
            values = rng.gamma(0.5, 8, (512, 4096)).astype("float32").round(4)
            target.write(values, 1, window=Window(column, r, 4096, 512))


def write_province(path: Path, side: int = 6_000, bands: int = 100) -> None:
    """Write a stack of single years of age, men and women; homes in 8 cells of 100, as where settlement is mapped."""
    rng = np.random.default_rng(2)
    lived = rng.random((side, side)) < 0.08
    counts = np.where(lived, rng.gamma(0.5, 0.2, (side, side)), NODATA).astype("float32")
    extra = {"tiled": True, "blockxsize": 512, "blockysize": 512, "interleave": "band", "zlevel": 1, "num_threads": 2}
    with rasterio.open(path, "w", width=side, height=side, count=bands, BIGTIFF="YES", **extra, **PROFILE) as target:
        for band in range(1, bands + 1):
            target.write(np.where(lived, counts * np.float32(0.5 + band / bands), counts), band)
            target.set_band_description(band, f"{'fm'[band % 2]}_{(band - 1) // 2}")


def read_ours(path: str, shape: shapely.Geometry) -> float:
    from layout_planner.io.crs import working_crs
    from layout_planner.io.raster import read_population

    read = read_population([Path(path)], shape, working_crs(110.7, 32.2))
    assert read.cells is not None
    return float(read.cells.filter(like="people").to_numpy().sum())


def read_exactextract(path: str, shape: shapely.Geometry) -> float:
    from exactextract import exact_extract

    feature = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(shape)}
    found = exact_extract(path, [feature], ["sum"])[0]["properties"]
    return float(sum(found.values()))


def main(engine: str, path: str, area: str, rounds: int) -> None:
    warnings.simplefilter("ignore")
    shape = shapely.from_wkt(Path(area).read_text(encoding="ascii"))
    read = read_ours if engine == "ours" else read_exactextract
    times, people = [], 0.0
    for _ in range(rounds):
        begin, spent = time.perf_counter(), time.process_time()
        people = read(path, shape)
        times.append((time.perf_counter() - begin, time.process_time() - spent))
    print(json.dumps({"first_s": times[0][0], "least_s": min(t for t, _ in times), "cpu_s": min(c for _, c in times),
                      "mib": peak_mib(), "people": people}))  # fmt: skip


def peak_mib() -> float:
    """Give the most memory that this process held; ``ru_maxrss`` would count that of the process that started it."""
    status = Path("/proc/self/status")
    if not status.exists():
        memory = psutil.Process().memory_info()
        return getattr(memory, "peak_wset", memory.rss) / 2**20
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
