"""Lay the roads over an elevation model, so that walking uphill and downhill takes what it takes.

Heights are read bilinearly at equal steps along every edge, at most 30 metres and at most one cell apart. Noise of
the model would make every road a saw, and Tobler's function only ever adds time for that; so the inner heights of an
edge are smoothed once with the weights 1/4, 1/2, 1/4, which leaves an even slope as it is. Bridges, tunnels and
ferries go straight from one end to the other, over as many edges as they have.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.windows import Window
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from layout_planner.errors import Flaw, InputError, Severity, Text
from layout_planner.travel.geodesy import transform
from layout_planner.travel.network import RoadNetwork
from layout_planner.travel.relief import Relief
from layout_planner.travel.tags import RoadFlag

__all__ = ["drape", "sample_heights"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_STEP_M = 30.0
_LEAST_STEP_M = 10.0
_TILE = 2048
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
_METRES_PER_DEGREE = 111_320.0
_UNKNOWN_SHARE_WARNED = 0.001


def drape(
    network: RoadNetwork, terrain: Path, *, declared_crs: str | CRS | None = None, step_m: float | None = None,
    smooth: int = 1,
) -> RoadNetwork:  # fmt: skip
    """Give a network its :class:`~layout_planner.travel.relief.Relief` from an elevation model.

    Parameters
    ----------
    network : RoadNetwork
        The roads.
    terrain : Path
        Raster of heights in metres; its first band counts.
    declared_crs : str or CRS, optional
        Coordinate system of a raster that does not carry its own.
    step_m : float, optional
        Metres between heights along an edge, at most; by default the lesser of 30 and the cell, but at least 10.
    smooth : int
        How often inner heights are smoothed.

    Returns
    -------
    RoadNetwork
        The same roads with heights; ``checks`` say where the model had none. Unknown ground between two known
        places is a straight ramp, beyond them it is level.

    Raises
    ------
    InputError
        The raster cannot be read or has no coordinate system.
    """
    try:
        with rasterio.open(terrain) as raster:
            crs = _crs_of(raster, declared_crs, terrain)
            step = step_m or max(_LEAST_STEP_M, min(_STEP_M, _cell_m(raster, crs)))
            points = _Points.along(network, step)
            height = sample_heights(raster, *transform(points.x, points.y, network.crs, crs))
    except (RasterioError, OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise _bad(terrain, Text(f"高程无法读取（{error}）", f"the terrain cannot be read ({error})")) from error
    unknown = np.isnan(height)
    filled = _fill(points.start, height)
    for _ in range(smooth):
        filled = _smoothed(points.start, filled)
    height = _span(network, points.start, filled, height)
    checks = (*network.checks, *_notices(terrain, unknown))
    return replace(network, relief=Relief(points.start, height), checks=checks)


def sample_heights(raster: rasterio.DatasetReader, x: Floats, y: Floats) -> Floats:
    """Read heights bilinearly at places in the raster's CRS, shape (k,); nan outside and in voids.

    A place beside a void takes the heights that are known around it, by their weights. The raster is read by tiles,
    only those that are needed, so that memory does not grow with its extent.
    """
    to = ~raster.transform
    col, row = to.a * x + to.b * y + to.c - 0.5, to.d * x + to.e * y + to.f - 0.5
    inside = (col > -1) & (row > -1) & (col < raster.width) & (row < raster.height)
    height = np.full(len(col), np.nan)
    at = np.flatnonzero(inside)
    tile = (row[at] // _TILE).astype(np.int64) * (raster.width // _TILE + 2) + (col[at] // _TILE).astype(np.int64)
    order = np.argsort(tile, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
        if len(group):
            picked = at[group]
            height[picked] = _from_window(raster, col[picked], row[picked])
    return height


def _from_window(raster: rasterio.DatasetReader, col: Floats, row: Floats) -> Floats:
    left, top = int(np.floor(col.min())), int(np.floor(row.min()))
    width, height = int(np.floor(col.max())) - left + 2, int(np.floor(row.max())) - top + 2
    cells = np.full((height, width), np.nan)
    c0, r0, c1, r1 = max(0, left), max(0, top), min(raster.width, left + width), min(raster.height, top + height)
    band = raster.read(1, window=Window(c0, r0, c1 - c0, r1 - r0), masked=True)
    cells[r0 - top : r1 - top, c0 - left : c1 - left] = band.astype(np.float64).filled(np.nan)
    cells[~((cells > _LOWEST_M) & (cells < _HIGHEST_M))] = np.nan
    c, r = np.floor(col).astype(np.int64) - left, np.floor(row).astype(np.int64) - top
    fc, fr = col - np.floor(col), row - np.floor(row)
    total, weight = np.zeros(len(col)), np.zeros(len(col))
    for dr, wr in ((0, 1 - fr), (1, fr)):
        for dc, wc in ((0, 1 - fc), (1, fc)):
            value, w = cells[r + dr, c + dc], wr * wc
            known = np.isfinite(value)
            total[known] += value[known] * w[known]
            weight[known] += w[known]
    return np.divide(total, weight, out=np.full(len(col), np.nan), where=weight > 1e-9)


class _Points:
    """Places along the edges where heights are read."""

    def __init__(self, start: Ints, x: Floats, y: Floats) -> None:
        self.start, self.x, self.y = start, x, y

    @classmethod
    def along(cls, network: RoadNetwork, step_m: float) -> _Points:
        """Lay points at equal steps along every edge, both ends included."""
        first, last = network.shape_start[:-1], network.shape_start[1:] - 1
        owner = np.repeat(np.arange(network.n_edges), np.diff(network.shape_start))
        same = owner[1:] == owner[:-1]
        gap = np.where(same, np.hypot(np.diff(network.shape_x), np.diff(network.shape_y)), 1.0)
        along = np.concatenate([[0.0], np.cumsum(gap)])
        length = along[last] - along[first]
        pieces = np.maximum(1, np.ceil(length / step_m - 1e-9)).astype(np.int64)
        start = np.concatenate([[0], np.cumsum(pieces + 1)])
        edge = np.repeat(np.arange(network.n_edges), pieces + 1)
        share = (np.arange(start[-1]) - start[edge]) / pieces[edge]
        place = along[first][edge] + share * length[edge]
        x, y = np.interp(place, along, network.shape_x), np.interp(place, along, network.shape_y)
        for at, vertex in ((start[:-1], first), (start[1:] - 1, last)):
            x[at], y[at] = network.shape_x[vertex], network.shape_y[vertex]
        return cls(start, x, y)


def _fill(start: Ints, height: Floats) -> Floats:
    """Bridge unknown heights between known ones of the same edge; an edge without any is level."""
    if not np.isnan(height).any():
        return height
    filled = height.copy()
    edge = np.repeat(np.arange(len(start) - 1), np.diff(start))
    for e in np.unique(edge[np.isnan(height)]):
        part = slice(start[e], start[e + 1])
        values = height[part]
        known = np.flatnonzero(np.isfinite(values))
        filled[part] = np.interp(np.arange(len(values)), known, values[known]) if len(known) else 0.0
    return filled


def _smoothed(start: Ints, height: Floats) -> Floats:
    inner = np.ones(len(height), dtype=bool)
    inner[start[:-1]] = inner[start[1:] - 1] = False
    at = np.flatnonzero(inner)
    smooth = height.copy()
    smooth[at] = height[at - 1] / 4 + height[at] / 2 + height[at + 1] / 4
    return smooth


def _span(network: RoadNetwork, start: Ints, height: Floats, measured: Floats) -> Floats:
    """Lay bridges, tunnels and ferries straight between the places where they meet the ground."""
    roads = network.roads
    spans = roads.has(RoadFlag.BRIDGE | RoadFlag.TUNNEL) | roads.is_class("ferry")
    if not spans.any():
        return height
    node = np.full(network.n_nodes, np.nan)
    node[network.edge_u], node[network.edge_v] = measured[start[:-1]], measured[start[1:] - 1]
    node = _in_the_air(network, spans, node)
    edge = np.repeat(np.arange(network.n_edges), np.diff(start))
    on = spans[edge]
    edge = edge[on]
    share = (np.flatnonzero(on) - start[edge]) / (start[edge + 1] - start[edge] - 1)
    u, v = node[network.edge_u[edge]], node[network.edge_v[edge]]
    u, v = np.where(np.isnan(u), v, u), np.where(np.isnan(v), u, v)
    straight = height.copy()
    straight[on] = np.nan_to_num(u + share * (v - u))
    return straight


def _in_the_air(network: RoadNetwork, spans: Mask, node: Floats) -> Floats:
    """Set nodes that only bridges, tunnels or ferries touch on the line between the ends: a sparse linear system."""
    ground = np.zeros(network.n_nodes, dtype=bool)
    ground[network.edge_u[~spans]] = ground[network.edge_v[~spans]] = True
    degree = np.bincount(network.edge_u, minlength=network.n_nodes)
    degree += np.bincount(network.edge_v, minlength=network.n_nodes)
    ground |= degree == 1  # a road's end stands on something
    ground &= np.isfinite(node)
    u, v = network.edge_u[spans], network.edge_v[spans]
    graph = coo_array((np.ones(len(u), dtype=np.int8), (u, v)), shape=(network.n_nodes, network.n_nodes))
    part = connected_components(graph, directed=False)[1]
    held = np.zeros(part.max() + 1, dtype=bool)
    held[part[ground]] = True
    air = ~ground & held[part] & (degree > 0)
    if not air.any():
        return node
    rank = np.cumsum(air) - 1
    size = int(air.sum())
    weight = 1.0 / np.maximum(network.length_m[spans], 1e-3)
    rows, cols, data, known = [], [], [], np.zeros(size)
    for a, b in ((u, v), (v, u)):
        mine = air[a] & (a != b)
        rows.append(rank[a[mine]])
        cols.append(rank[a[mine]])
        data.append(weight[mine])
        flying = mine & air[b]
        rows.append(rank[a[flying]])
        cols.append(rank[b[flying]])
        data.append(-weight[flying])
        landed = mine & ~air[b]
        np.add.at(known, rank[a[landed]], weight[landed] * node[b[landed]])
    system = csr_array((np.concatenate(data), (np.concatenate(rows), np.concatenate(cols))), shape=(size, size))
    lifted = node.copy()
    lifted[air] = splu(system.tocsc()).solve(known)
    return lifted


def _crs_of(raster: rasterio.DatasetReader, declared: str | CRS | None, path: Path) -> CRS:
    if raster.crs:
        return CRS.from_user_input(raster.crs.to_wkt())
    if declared is None:
        raise _bad(path, Text("高程没有坐标系", "the terrain has no coordinate system"))
    return CRS.from_user_input(declared)


def _cell_m(raster: rasterio.DatasetReader, crs: CRS) -> float:
    """Estimate the metres of a cell's longer side."""
    side = max(abs(raster.res[0]), abs(raster.res[1]))
    return side * _METRES_PER_DEGREE if crs.is_geographic else side


def _notices(path: Path, unknown: Mask) -> list[Flaw]:
    share = float(unknown.mean()) if len(unknown) else 0.0
    if share <= _UNKNOWN_SHARE_WARNED:
        return []
    what = Text(
        f"{share:.1%} 的道路位置没有高程，按平路计", f"{share:.1%} of the places along roads have no height: level"
    )
    mend = Text("换用覆盖全县、没有空洞的高程", "use a terrain that covers the county without voids")
    return [Flaw("terrain_incomplete", what, mend, file=path.name, severity=Severity.WARNING)]


def _bad(path: Path, what: Text) -> InputError:
    mend = Text(
        "换成带坐标系的 GeoTIFF，或从数据文件夹中移走",
        "give a GeoTIFF that says where it lies, or take it out of the data folder",
    )
    return InputError.collect([Flaw("terrain_unreadable", what, mend, file=path.name)])
