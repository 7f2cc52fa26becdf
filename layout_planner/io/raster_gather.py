"""People in the cells of a county: rasters read window by window, cleaned, brought to one grid and clipped by area."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
import shapely
from pyproj import CRS
from rasterio.enums import MaskFlags
from rasterio.errors import RasterioError
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import InputError, Text
from layout_planner.io.cell_grid import CellGrid, Span, cell_areas
from layout_planner.io.cell_kernels import add_people
from layout_planner.io.cell_shares import cell_shares
from layout_planner.io.geometry import made_valid, project
from layout_planner.io.raster_choice import is_aligned
from layout_planner.io.raster_sources import Source, raster_flaw
from layout_planner.io.regrid import regrid_counts

__all__ = ["Gathered", "gather_cells"]

Floats = npt.NDArray[np.float64]
Win = tuple[Span, Span]

WINDOW_BYTES = 256 * 2**20
WINDOW_CELLS = 500_000
CACHE_BYTES = 32 * 2**20
_MOST_OPEN = 200
_ABSURD_PEOPLE = 1e7
_UNIT_M2 = {"count": 0.0, "per_km2": 1e6, "per_ha": 1e4}
_ROUNDING = 1e-6  # of a cell
_ONE = np.ones((1, 1))


@dataclass(eq=False)
class Gathered:
    """Populated cells by ``row`` and ``column`` of the grid, and how many odd values were met in each file.

    ``odd`` cells are negative or absurdly large; ``full`` ones hold the largest number of the file's integer type.
    """

    cells: pd.DataFrame
    odd: dict[Path, int] = field(default_factory=dict)
    full: dict[Path, int] = field(default_factory=dict)


class _File:
    """One raster's bands, whether its cells are the grid's, and the county in its own system."""

    def __init__(self, bands: Sequence[Source], aligned: bool, outline: BaseGeometry, system: str | CRS) -> None:
        self.bands = bands
        self.aligned = aligned
        self.outline = outline if aligned else made_valid(project(outline, system, bands[0].system)).item()
        self.rows, self.columns = self.cells_of(self.outline)

    def cells_of(self, area: BaseGeometry) -> Win:
        """Give the rows and columns that may touch an area in the raster's system."""
        first = self.bands[0]
        places = first.grid.places(shapely.get_coordinates(area))
        size = (first.width, first.height)
        c0, r0 = np.clip(np.floor(places.min(axis=0) + _ROUNDING).astype(int), 0, size)
        c1, r1 = np.clip(np.ceil(places.max(axis=0) - _ROUNDING).astype(int), 0, size)
        return (int(r0), int(r1)), (int(c0), int(c1))

    def extent(self, system: str | CRS) -> BaseGeometry:
        """Outline the cells that may touch the county, in another system."""
        (r0, r1), (c0, c1) = self.rows, self.columns
        shape = self.bands[0].grid.shifted(r0, c0).outline(r1 - r0, c1 - c0)
        return shape if self.aligned else project(shape, self.bands[0].system, system).item()


class _Rasters(AbstractContextManager["_Rasters"]):
    """Rasters kept open, the one longest unused closed first; what cannot be read is an InputError."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, rasterio.DatasetReader] = OrderedDict()

    def __exit__(self, *_: object) -> None:
        for raster in self._open.values():
            raster.close()

    def __getitem__(self, path: Path) -> rasterio.DatasetReader:
        if path not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self._open.popitem(last=False)[1].close()
            self._open[path] = rasterio.open(path)
        self._open.move_to_end(path)
        return self._open[path]

    def read(self, path: Path, bands: Sequence[int], window: Win) -> npt.NDArray[np.generic]:
        """Read bands, shape (bands, rows, columns), as stored; masked cells are not a number."""
        (r0, r1), (c0, c1) = window
        where = Window(c0, r0, c1 - c0, r1 - r0)
        try:
            raster = self[path]
            values = raster.read(list(bands), window=where)
            if values.dtype not in (np.float32, np.float64):
                values = values.astype(np.float64)
            for k, band in enumerate(bands):
                if set(raster.mask_flag_enums[band - 1]) & {MaskFlags.per_dataset, MaskFlags.alpha}:
                    values[k][raster.read_masks(band, window=where) == 0] = np.nan
        except RasterioError as error:
            what = Text(
                f"栅格读不出，文件可能不完整（{error}）",
                f"the raster cannot be read; the file may be truncated ({error})",
            )
            mend = Text("重新下载或复制该文件", "download or copy the file again")
            raise InputError(what, [raster_flaw(path, "raster_unreadable", what, mend)]) from error
        return values


def gather_cells(sources: Sequence[Source], grid: CellGrid, system: str | CRS, outline: BaseGeometry) -> Gathered:
    """Read the county's part of every source and keep the populated cells.

    Parameters
    ----------
    sources : sequence of Source
        Those that touch the county.
    grid : CellGrid
        The common grid, not rotated. Sources on other grids are clipped cell by cell, then split to it by area; their
        cells on the boundary may reach beyond it by a cell.
    system : str or CRS
        Of the grid and the outline.
    outline : Polygon or MultiPolygon
        Cells that it crosses count by the share of their area.

    Returns
    -------
    Gathered
        With the columns ``row``, ``column`` and one of persons (float) a column name.

    Raises
    ------
    InputError
        If a file breaks off, with its flaw.

    Notes
    -----
    One window at a time is held: at most 500,000 cells and 256 MiB of sums, beside GDAL's block cache of 32 MiB (or two
    blocks of all bands, if that is more). Kept are 8 bytes a populated cell and column, twice while they are joined to
    one frame. The size of the files does not count.
    """
    names = list(dict.fromkeys(s.name.column for s in sources))
    found = Gathered(pd.DataFrame())
    kept: dict[str, list[npt.NDArray[np.generic]]] = {name: [] for name in ["row", "column", *names]}
    files = [_File(group, is_aligned(group[0], grid, system), outline, system) for group in _by_file(sources)]
    cache = _cache_bytes([file.bands for file in files])
    with rasterio.Env(GDAL_CACHEMAX=cache), _Rasters() as rasters:
        for rows, columns in _windows(files, grid, system, len(names)):
            share = cell_shares(outline, grid, rows, columns)
            if all(file.aligned for file in files) and not share.any():
                continue
            people = np.zeros((len(names), *share.shape))
            for file in files:
                sums = [people[names.index(s.name.column)] for s in file.bands]
                if file.aligned:
                    _add_aligned(rasters, file, grid, (rows, columns), share, sums, found)
                else:
                    _add_split(rasters, file, grid.shifted(rows[0], columns[0]), system, sums, found)
            r, c = np.nonzero((people > 0).any(axis=0))
            kept["row"].append(r + rows[0])
            kept["column"].append(c + columns[0])
            for name, counts in zip(names, people, strict=True):
                kept[name].append(counts[r, c])
    found.cells = pd.DataFrame({name: np.concatenate(kept.pop(name)) for name in list(kept) if kept[name]})
    return found


def _by_file(sources: Sequence[Source]) -> list[list[Source]]:
    groups: dict[Path, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.path, []).append(source)
    return list(groups.values())


def _cache_bytes(groups: Sequence[Sequence[Source]]) -> int:
    largest = max(8 * s.blocks[0] * s.blocks[1] * len(group) for group in groups for s in group)
    return max(CACHE_BYTES, 2 * largest)


def _windows(files: Sequence[_File], grid: CellGrid, system: str | CRS, n_columns: int) -> Iterator[Win]:
    """Cut the rows and columns around the county into windows along the files' blocks."""
    bounds = shapely.total_bounds([file.extent(system) for file in files])
    edge = grid.places(shapely.get_coordinates(shapely.box(*bounds)))
    first = np.floor(edge.min(axis=0) + _ROUNDING).astype(int)
    last = np.ceil(edge.max(axis=0) - _ROUNDING).astype(int)
    cells = int(min(WINDOW_CELLS, WINDOW_BYTES // (8 * n_columns)))
    guide = next((file.bands[0] for file in files if file.aligned), None)
    tall, wide = guide.blocks if guide else (1, int(last[0] - first[0]))
    at_column, at_row = (0, 0) if guide is None else _place(guide, grid)
    n_wide = int(last[0] - first[0])
    wide *= max(1, cells // (tall * wide))
    room = max(1, cells // min(wide, n_wide))
    tall = room // tall * tall or room
    for rows in _cut(int(first[1]), int(last[1]), at_row, tall):
        for columns in _cut(int(first[0]), int(last[0]), at_column, wide):
            yield rows, columns


def _cut(first: int, last: int, origin: int, step: int) -> Iterator[Span]:
    """Cut a range at the multiples of a step, counted from an origin."""
    begin = first
    while begin < last:
        end = min(last, origin + ((begin - origin) // step + 1) * step)
        yield begin, end
        begin = end


def _place(source: Source, grid: CellGrid) -> tuple[int, int]:
    """Give the column and row of an aligned source's first cell."""
    column, row = grid.places(np.array([[source.grid.x0, source.grid.y0]]))[0]
    return round(column), round(row)


def _add_aligned(
    rasters: _Rasters,
    file: _File,
    grid: CellGrid,
    window: Win,
    share: Floats,
    sums: Sequence[Floats],
    found: Gathered,
) -> None:
    """Add a file whose cells are the grid's own."""
    source, (rows, columns) = file.bands[0], window
    at_column, at_row = _place(source, grid)
    r0, r1 = max(rows[0], at_row), min(rows[1], at_row + source.height)
    c0, c1 = max(columns[0], at_column), min(columns[1], at_column + source.width)
    if r1 <= r0 or c1 <= c0:
        return
    inside = (slice(r0 - rows[0], r1 - rows[0]), slice(c0 - columns[0], c1 - columns[0]))
    if not share[inside].any():
        return
    own = (r0 - at_row, r1 - at_row), (c0 - at_column, c1 - at_column)
    _add_bands(rasters, file.bands, own, share[inside], [total[inside] for total in sums], found)


def _add_split(
    rasters: _Rasters, file: _File, target: CellGrid, system: str | CRS, sums: Sequence[Floats], found: Gathered
) -> None:
    """Add a file on another grid: its cells are clipped, then split by area."""
    source, shape = file.bands[0], (sums[0].shape[0], sums[0].shape[1])
    edge = project(target.outline(*shape), system, source.system).item()
    rows, columns = file.cells_of(edge)
    r0, r1 = max(rows[0] - 1, file.rows[0]), min(rows[1] + 1, file.rows[1])
    c0, c1 = max(columns[0] - 1, file.columns[0]), min(columns[1] + 1, file.columns[1])
    if c1 <= c0:
        return
    step = max(1, WINDOW_CELLS // (c1 - c0))
    for begin in range(r0, r1, step):
        own = (begin, min(r1, begin + step)), (c0, c1)
        share = cell_shares(file.outline, source.grid, *own)
        parts = [np.zeros(share.shape) for _ in file.bands]
        _add_bands(rasters, file.bands, own, share, parts, found)
        for part, total in zip(parts, sums, strict=True):
            total += regrid_counts(
                part,
                source.grid.shifted(begin, c0),
                target,
                shape,
                source_system=source.system,
                target_system=system,
            )


def _add_bands(
    rasters: _Rasters, group: Sequence[Source], own: Win, share: Floats, sums: Sequence[Floats], found: Gathered
) -> None:
    """Read one file's bands in a window of its own rows and columns, and add their people.

    One thread unpacks the next band while this one adds up the last; the raster is read by that thread alone.
    """
    first = group[0]
    areas = _ONE if first.unit == "count" else cell_areas(first.grid, first.system, *own) / _UNIT_M2[first.unit]
    raster = rasters[first.path]
    facts = _BandFacts(raster.nodatavals, raster.dtypes, raster.scales, raster.offsets)
    size = len(group) if raster.profile.get("interleave") == "pixel" else 1
    parts = [group[start : start + size] for start in range(0, len(group), size)]
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(rasters.read, first.path, [s.band for s in parts[0]], own)
        for k, part in enumerate(parts):
            values = coming.result()
            if k + 1 < len(parts):
                coming = reader.submit(rasters.read, first.path, [s.band for s in parts[k + 1]], own)
            for source, data, total in zip(part, values, sums[k * size :], strict=False):
                nodata, top, scale, offset = facts.of(source.band, data.dtype)
                odd, full = add_people(data, nodata, top, scale, offset, _ABSURD_PEOPLE, areas, share, total)
                found.odd[source.path] = found.odd.get(source.path, 0) + odd
                found.full[source.path] = found.full.get(source.path, 0) + full


@dataclass(frozen=True)
class _BandFacts:
    """What a file says of its bands, in their order: no-data values, stored types, scales and offsets."""

    nodata: Sequence[float | None]
    stored: Sequence[str]
    scales: Sequence[float]
    offsets: Sequence[float]

    def of(self, band: int, dtype: np.dtype) -> tuple[np.generic, np.generic, float, float]:
        """Give the value that means no data and the largest of the stored integer type, as held; scale and offset."""
        nodata, stored = self.nodata[band - 1], np.dtype(self.stored[band - 1])
        top = float(np.iinfo(stored).max) if stored.kind in "iu" else np.nan
        with np.errstate(over="ignore"):
            held = dtype.type(np.nan if nodata is None else nodata), dtype.type(top)
        return *held, self.scales[band - 1], self.offsets[band - 1]
