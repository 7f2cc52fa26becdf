"""Population rasters as counted cells: read by window, clipped by area share, with the totals kept.

A population raster counts people in cells. Nothing is resampled: every populated cell becomes a point with the
people of the part of the cell that lies inside the boundary. Cells on the boundary are split by area, so that the
counties of a partition share out exactly what the raster holds.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio
import shapely
from pyproj import CRS
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from layout_planner.errors import CrsError, Flaw, Severity, Text
from layout_planner.io.crs import to_crs
from layout_planner.io.vector import project
from layout_planner.io.worldpop import RasterName, parse_raster_name

__all__ = ["CellGrid", "Population", "cell_shares", "raster_extent", "read_population"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
RASTER_SUFFIXES = (".tif", ".tiff", ".img", ".asc", ".vrt")

_STRIP_CELLS = 2_000_000
_ABSURD_PEOPLE = 1e7
_INSIDE = 1.0 - 1e-9
_SLIVER = 1e-9  # what rounding leaves of a cell that only touches the boundary
_COVERED = 0.99


@dataclass(frozen=True)
class CellGrid:
    """A north-up grid: the outer corner of cell (0, 0) and the signed steps to the next column and row."""

    x0: float
    y0: float
    dx: float
    dy: float

    def x(self, column: npt.ArrayLike) -> Floats:
        """Give the x of column edges."""
        return self.x0 + self.dx * np.asarray(column, dtype=np.float64)

    def y(self, row: npt.ArrayLike) -> Floats:
        """Give the y of row edges."""
        return self.y0 + self.dy * np.asarray(row, dtype=np.float64)


@dataclass(frozen=True)
class Population:
    """What was read: one row a populated cell, the files used, and the flaws.

    ``cell_m`` is the side in metres of a square as large as a cell, ``cell_aspect`` a cell's height over its width.

    ``cells`` is ``None`` where a flaw of severity error stopped the reading.
    """

    cells: gpd.GeoDataFrame | None
    cell_m: float
    cell_aspect: float
    used: tuple[Path, ...]
    flaws: tuple[Flaw, ...]


@dataclass(frozen=True)
class _Source:
    path: Path
    name: RasterName
    system: str | CRS
    grid: CellGrid
    height: int
    width: int

    def bounds(self) -> tuple[float, float, float, float]:
        """Give (west, south, east, north) in the raster's system."""
        xs, ys = self.grid.x([0, self.width]), self.grid.y([0, self.height])
        return float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())


def _flaw(path: Path, code: str, what: Text, mend: Text, severity: Severity = Severity.ERROR) -> Flaw:
    return Flaw(code, what, mend, file=path.name, severity=severity)


def _unreadable(path: Path, error: Exception) -> Flaw:
    what = Text(
        f"栅格读不出，文件可能不完整（{error}）", f"the raster cannot be read; the file may be truncated ({error})"
    )
    return _flaw(path, "raster_unreadable", what, Text("重新下载或复制该文件", "download or copy the file again"))


def _inspect(path: Path, declared: str | None) -> tuple[_Source | None, list[Flaw]]:
    if not path.is_file():
        what, mend = (
            Text("找不到文件", "the file does not exist"),
            Text("核对文件名和位置", "check the name and the folder"),
        )
        return None, [_flaw(path, "file_missing", what, mend)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as source:
                transform, shape, own = source.transform, source.shape, source.crs
    except (RasterioError, RasterioIOError) as error:
        return None, [_unreadable(path, error)]
    flaws = []
    if own is None and declared is None:
        what = Text("栅格不带坐标系", "the raster carries no coordinate system")
        mend = Text(
            "在情景文件 data.crs.population 中声明，如 EPSG:4326",
            "declare it in data.crs.population of the scenario, e.g. EPSG:4326",
        )
        flaws.append(_flaw(path, "raster_crs_missing", what, mend))
    if transform.b or transform.d or transform.is_identity:
        what = Text("栅格没有定位，或格网是斜的", "the raster is not georeferenced, or its grid is rotated")
        flaws.append(
            _flaw(
                path, "raster_not_placed", what, Text("用 GIS 软件校正后另存", "rectify it in a GIS and save it again")
            )
        )
    if flaws:
        return None, flaws
    grid = CellGrid(transform.c, transform.f, transform.a, transform.e)
    system: str | CRS = declared or CRS.from_wkt(own.to_wkt())
    return _Source(path, parse_raster_name(path.stem), system, grid, *shape), []


def raster_extent(paths: Sequence[Path], *, declared: str | None = None) -> BaseGeometry | None:
    """Outline in WGS-84 what the rasters cover together; ``None`` if none can be read."""
    sources = [s for s, _ in (_inspect(path, declared) for path in paths) if s is not None]
    boxes = [project(shapely.box(*s.bounds()), s.system, "wgs84").item() for s in sources]
    return shapely.union_all(boxes) if boxes else None


def cell_shares(polygon: BaseGeometry, grid: CellGrid, rows: tuple[int, int], columns: tuple[int, int]) -> Floats:
    """Measure which share of each cell's area lies in a polygon.

    The exact overlay of quarters of quarters: a tile that is wholly in or out is never cut again.

    Parameters
    ----------
    polygon : Polygon or MultiPolygon
        In the grid's system; valid.
    rows, columns : (first, one past the last)

    Returns
    -------
    array of float, shape (rows, columns)
        0 to 1.
    """
    out = np.zeros((rows[1] - rows[0], columns[1] - columns[0]))
    tiles = np.array([[rows[0], rows[1], columns[0], columns[1]]], dtype=np.int64)
    shapes = np.array([polygon], dtype=object)
    while len(tiles) and out.size:
        r0, r1, c0, c1 = tiles.T
        boxes = shapely.box(*_box_edges(grid, tiles))
        shapes = _polygons_only(shapely.intersection(shapes, boxes))
        share = shapely.area(shapes) / shapely.area(boxes)
        share[share < _SLIVER] = 0.0
        single = (r1 - r0 == 1) & (c1 - c0 == 1)
        out[r0[single] - rows[0], c0[single] - columns[0]] = np.minimum(share[single], 1.0)
        for a, b, c, d in tiles[~single & (share >= _INSIDE)]:
            out[a - rows[0] : b - rows[0], c - columns[0] : d - columns[0]] = 1.0
        cut = ~single & (share > 0) & (share < _INSIDE)
        tiles, shapes = _quarters(tiles[cut], shapes[cut])
    return out


def _box_edges(grid: CellGrid, tiles: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    r0, r1, c0, c1 = tiles.T
    xs, ys = np.stack([grid.x(c0), grid.x(c1)]), np.stack([grid.y(r0), grid.y(r1)])
    return xs.min(axis=0), ys.min(axis=0), xs.max(axis=0), ys.max(axis=0)


def _polygons_only(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Drop the lines and points that an overlay leaves where edges touch."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == 7)
    for i in mixed:
        shapes[i] = shapely.union_all([p for p in shapely.get_parts(shapes[i]) if p.area > 0])
    return shapes


def _quarters(tiles: Ints, shapes: npt.NDArray[np.object_]) -> tuple[Ints, npt.NDArray[np.object_]]:
    r0, r1, c0, c1 = tiles.T
    rm, cm = (r0 + r1 + 1) // 2, (c0 + c1 + 1) // 2
    parts = [(r0, rm, c0, cm), (r0, rm, cm, c1), (rm, r1, c0, cm), (rm, r1, cm, c1)]
    out = np.concatenate([np.column_stack(part) for part in parts])
    keep = (out[:, 1] > out[:, 0]) & (out[:, 3] > out[:, 2])
    return out[keep], np.concatenate([shapes] * 4)[keep]


def _choose_sources(sources: list[_Source]) -> tuple[list[_Source], list[Flaw]]:
    """Take age bands before totals and both sexes before one; refuse two editions of one count."""
    flaws: list[Flaw] = []
    banded = [s for s in sources if s.name.low is not None]
    for extra in [s for s in sources if s.name.low is None] if banded else []:
        what = Text("已有分年龄栅格，总人口栅格未用", "age-band rasters are there; the total was not used")
        flaws.append(_flaw(extra.path, "raster_total_unused", what, Text("无须处理", "nothing to do"), Severity.NOTE))
    chosen = banded or sources
    both = {s.name.column for s in chosen if s.name.sex == "t"}
    chosen = [s for s in chosen if s.name.sex == "t" or s.name.column not in both]
    for column in sorted({s.name.column for s in chosen}):
        sexes = {s.name.sex for s in chosen if s.name.column == column}
        if sexes in ({"f"}, {"m"}):
            first = next(s for s in chosen if s.name.column == column)
            what = Text(f"{column} 只有一个性别的栅格", f"only one sex of {column} is there")
            flaws.append(
                _flaw(
                    first.path,
                    "raster_sex_missing",
                    what,
                    Text("补上另一个性别的栅格", "add the raster of the other sex"),
                )
            )
    for i, a in enumerate(chosen):
        for b in chosen[:i]:
            if (a.name.column, a.name.sex) == (b.name.column, b.name.sex) and _overlap(a, b):
                what = Text(
                    f"与 {b.path.name} 是同一人口的两个版本，会重复计数",
                    f"{b.path.name} counts the same people: they would count twice",
                )
                mend = Text("在 data.population 里只列其中一个", "list only one of them in data.population")
                flaws.append(_flaw(a.path, "raster_repeated", what, mend))
    return chosen, flaws


def _overlap(a: _Source, b: _Source) -> bool:
    one, two = a.bounds(), b.bounds()
    slack_x, slack_y = abs(a.grid.dx) / 2, abs(a.grid.dy) / 2
    return min(one[2], two[2]) - max(one[0], two[0]) > slack_x and min(one[3], two[3]) - max(one[1], two[1]) > slack_y


def _align(sources: Sequence[_Source]) -> tuple[CellGrid, dict[Path, tuple[int, int]], list[Flaw]]:
    """Put all rasters on one grid: where each begins (row, column) on it."""
    first = sources[0].grid
    x0 = min(s.grid.x0 for s in sources) if first.dx > 0 else max(s.grid.x0 for s in sources)
    y0 = max(s.grid.y0 for s in sources) if first.dy < 0 else min(s.grid.y0 for s in sources)
    grid = CellGrid(x0, y0, first.dx, first.dy)
    places: dict[Path, tuple[int, int]] = {}
    flaws: list[Flaw] = []
    for source in sources:
        row, column = (source.grid.y0 - y0) / first.dy, (source.grid.x0 - x0) / first.dx
        reach = max(source.width, source.height)
        same = (
            source.system == sources[0].system
            and abs(source.grid.dx / first.dx - 1) * reach < 0.01
            and abs(source.grid.dy / first.dy - 1) * reach < 0.01
            and max(abs(row - round(row)), abs(column - round(column))) < 0.01
        )
        if not same:
            what = Text(
                f"格网与 {sources[0].path.name} 不一致（坐标系、像元大小或起点）",
                f"its grid differs from {sources[0].path.name} (system, cell size or origin)",
            )
            mend = Text(
                "各人口栅格须同源同格网；对齐后再用", "population rasters must share one grid; align them first"
            )
            flaws.append(_flaw(source.path, "raster_grids_differ", what, mend))
        places[source.path] = (round(row), round(column))
    return grid, places, flaws


def read_population(
    paths: Sequence[Path], boundary: BaseGeometry, crs: CRS, *, declared: str | None = None
) -> Population:
    """Read population rasters inside a boundary, keeping their totals.

    Parameters
    ----------
    paths : sequence of Path
        Age bands (by sex or not), or one total; several tiles of each are joined. Names tell which (see
        :func:`layout_planner.io.worldpop.parse_raster_name`).
    boundary : Polygon or MultiPolygon
        In WGS-84. Cells that it crosses are split by area share.
    crs : CRS
        Working CRS of the cells' centre points.
    declared : str, optional
        Coordinate system of rasters that carry none; wins over their own.

    Returns
    -------
    Population
        Columns ``cell_id`` (``r<row>c<column>`` of the whole raster, so that it does not change with the boundary),
        ``township_id`` (empty), ``people_<from>_<to>`` or ``people`` (persons, float) and ``geometry``.

    Notes
    -----
    Only the boundary's window is read, in strips of 2 million cells: memory is bounded by about 32 bytes a cell
    of a strip and a band, whatever the size of the file, and 8 bytes a populated cell and band that is kept.
    """
    sources: list[_Source] = []
    flaws: list[Flaw] = []
    for path in sorted(paths):
        source, more = _inspect(path, declared)
        flaws += more
        sources += [source] if source else []
    if any(f.severity is Severity.ERROR for f in flaws) or not sources:
        return Population(None, 0.0, 1.0, (), tuple(flaws))
    sources, more = _choose_sources(sources)
    grid, places, differ = _align(sources)
    flaws += more + differ
    if any(f.severity is Severity.ERROR for f in flaws):
        return Population(None, 0.0, 1.0, (), tuple(flaws))
    try:
        outline = project(boundary, "wgs84", sources[0].system).item()
    except CrsError as error:
        mend = Text("核对栅格的坐标系", "check the raster's coordinate system")
        return Population(None, 0.0, 1.0, (), (*flaws, _flaw(sources[0].path, "raster_crs_wrong", error.message, mend)))
    try:
        frame, read_flaws = _gather(sources, places, grid, outline)
    except (RasterioError, RasterioIOError) as error:
        return Population(None, 0.0, 1.0, (), (*flaws, _unreadable(_culprit(sources), error)))
    flaws += read_flaws
    if any(f.severity is Severity.ERROR for f in read_flaws):
        return Population(None, 0.0, 1.0, (), tuple(flaws))
    centres = to_crs(
        np.column_stack([grid.x(frame["column"] + 0.5), grid.y(frame["row"] + 0.5)]), sources[0].system, crs
    )
    cells = gpd.GeoDataFrame(
        {"cell_id": _cell_ids(frame), "township_id": pd.Series("", index=frame.index, dtype="str")}
        | {name: frame[name] for name in _merge_infants(frame)},
        geometry=shapely.points(centres),
        crs=crs,
    )
    cell_m, aspect = _cell_metres(grid, outline, sources[0].system, crs)
    return Population(cells, cell_m, aspect, tuple(s.path for s in sources), tuple(flaws))


def _culprit(sources: Sequence[_Source]) -> Path:
    """Find the file that cannot be read to its end."""
    for source in sources:
        try:
            with rasterio.open(source.path) as raster:
                for _, window in raster.block_windows(1):
                    raster.read(1, window=window)
        except (RasterioError, RasterioIOError):
            return source.path
    return sources[0].path


def _cell_ids(frame: pd.DataFrame) -> pd.Series:
    return pd.Series(
        [f"r{r}c{c}" for r, c in zip(frame["row"], frame["column"], strict=True)], index=frame.index, dtype="str"
    )


def _merge_infants(frame: pd.DataFrame) -> list[str]:
    """Join WorldPop's ages 0 and 1 to 4 to one five-year band; list the people columns by age."""
    if {"people_0_0", "people_1_4"} <= set(frame.columns):
        frame["people_0_4"] = frame.pop("people_0_0") + frame.pop("people_1_4")
    names = [c for c in frame.columns if c.startswith("people")]
    return sorted(names, key=lambda c: [int(part) for part in c.split("_")[1:]])


def _cell_metres(grid: CellGrid, outline: BaseGeometry, system: str | CRS, crs: CRS) -> tuple[float, float]:
    """Measure a cell in the middle of the county: the side of a square as large (metres), and height over width."""
    west, south, east, north = outline.bounds
    x, y = (west + east) / 2, (south + north) / 2
    corners = np.array([[x, y], [x + grid.dx, y], [x + grid.dx, y + grid.dy], [x, y + grid.dy]])
    placed = to_crs(corners, system, crs)
    width, height = (float(np.hypot(*(placed[i] - placed[0]))) for i in (1, 3))
    return float(np.sqrt(shapely.Polygon(placed).area)), height / width


def _strips(
    grid: CellGrid, outline: BaseGeometry, sources: Sequence[_Source], places: dict[Path, tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Cut the rows and columns that the boundary and the rasters share into strips."""
    west, south, east, north = outline.bounds
    columns = sorted(((west - grid.x0) / grid.dx, (east - grid.x0) / grid.dx))
    rows = sorted(((south - grid.y0) / grid.dy, (north - grid.y0) / grid.dy))
    row_from = max(int(np.floor(rows[0])), min(places[s.path][0] for s in sources))
    row_to = min(int(np.ceil(rows[1])), max(places[s.path][0] + s.height for s in sources))
    column_from = max(int(np.floor(columns[0])), min(places[s.path][1] for s in sources))
    column_to = min(int(np.ceil(columns[1])), max(places[s.path][1] + s.width for s in sources))
    if column_to <= column_from:
        return
    step = max(1, _STRIP_CELLS // (column_to - column_from))
    for start in range(row_from, row_to, step):
        yield (start, min(start + step, row_to)), (column_from, column_to)


def _gather(
    sources: Sequence[_Source], places: dict[Path, tuple[int, int]], grid: CellGrid, outline: BaseGeometry
) -> tuple[pd.DataFrame, list[Flaw]]:
    """Read strip by strip and keep the populated cells."""
    names = list(dict.fromkeys(s.name.column for s in sources))
    frames: list[pd.DataFrame] = []
    odd: dict[Path, int] = {}
    covered = 0.0
    for rows, columns in _strips(grid, outline, sources, places):
        share = cell_shares(outline, grid, rows, columns)
        counts = {name: np.zeros_like(share) for name in names}
        for source in sources:
            values, inside, strange = _read_window(source, places[source.path], rows, columns)
            if inside is None:
                continue
            counts[source.name.column][inside] += values
            odd[source.path] = odd.get(source.path, 0) + int((strange & (share[inside] > 0)).sum())
            covered += float(share[inside].sum()) if source.name == sources[0].name else 0.0
        people = np.zeros_like(share)
        for name in names:
            counts[name] *= share
            people += counts[name]
        r, c = np.nonzero(people > 0)
        frames.append(
            pd.DataFrame({"row": r + rows[0], "column": c + columns[0]} | {n: counts[n][r, c] for n in names})
        )
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return frame, _gather_flaws(sources, frame, odd, covered * abs(grid.dx * grid.dy) / outline.area)


def _read_window(
    source: _Source, place: tuple[int, int], rows: tuple[int, int], columns: tuple[int, int]
) -> tuple[Floats, tuple[slice, slice] | None, npt.NDArray[np.bool_]]:
    """Read the part of a raster that lies in a strip; nothing there counts as nobody."""
    r0, r1 = max(rows[0], place[0]), min(rows[1], place[0] + source.height)
    c0, c1 = max(columns[0], place[1]), min(columns[1], place[1] + source.width)
    if r1 <= r0 or c1 <= c0:
        return np.zeros((0, 0)), None, np.zeros((0, 0), dtype=bool)
    with rasterio.open(source.path) as raster:
        window = Window(c0 - place[1], r0 - place[0], c1 - c0, r1 - r0)
        data = raster.read(1, window=window, masked=True)
        values = np.asarray(data.data, dtype=np.float64) * raster.scales[0] + raster.offsets[0]
    void = np.ma.getmaskarray(data) | np.isnan(values)
    strange = ~void & ((values < 0) | (values > _ABSURD_PEOPLE))
    values[void | strange] = 0.0
    return values, (slice(r0 - rows[0], r1 - rows[0]), slice(c0 - columns[0], c1 - columns[0])), strange


def _gather_flaws(sources: Sequence[_Source], frame: pd.DataFrame, odd: dict[Path, int], covered: float) -> list[Flaw]:
    flaws = []
    for path, count in sorted(odd.items()):
        if count:
            what = Text(
                f"县内有 {count} 个像元为负数或大得不可能，按无人处理",
                f"{count} cells in the county are negative or absurdly large; they count as empty",
            )
            mend = Text("核对栅格的 NoData 值", "check the raster's nodata value")
            flaws.append(_flaw(path, "raster_odd_values", what, mend, Severity.WARNING))
    if covered <= 0:
        west, south, east, north = sources[0].bounds()
        what = Text(
            f"栅格不在本县范围内（栅格：{west:.6g}—{east:.6g}, {south:.6g}—{north:.6g}）",
            f"the raster lies outside the county (it covers {west:.6g} to {east:.6g}, {south:.6g} to {north:.6g})",
        )
        flaws.append(
            _flaw(
                sources[0].path,
                "raster_elsewhere",
                what,
                Text(
                    "换用覆盖本县的栅格，或核对坐标系",
                    "give a raster that covers the county, or check its coordinate system",
                ),
            )
        )
    elif frame.empty:
        what = Text("栅格在本县范围内没有人口", "the raster holds nobody inside the county")
        flaws.append(
            _flaw(sources[0].path, "raster_empty", what, Text("换用有人口的栅格", "give a raster with people"))
        )
    elif covered < _COVERED:
        what = Text(f"栅格只覆盖县域的 {covered:.1%}", f"the raster covers only {covered:.1%} of the county")
        flaws.append(
            _flaw(
                sources[0].path, "raster_partial", what, Text("补上缺的图幅", "add the missing tiles"), Severity.WARNING
            )
        )
    return flaws
