"""Invented mountains: uplift and river erosion on a grid, valleys, rivers, and a county whose border follows ridges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

from layout_planner.examples.frame import Bools, Floats, Frame, Ints

__all__ = ["COARSE", "River", "Terrain", "fractal", "make_terrain", "neighbours"]

COARSE = 3
_OFFSETS = ((0, 1), (1, 0), (1, 1), (1, -1))
_STREAM_KM2 = 6.0
_AREA_EXPONENT = 0.56
_STEPS = 36
_EDGE = 9


@dataclass(frozen=True)
class River:
    """A stretch of river between two confluences: its line (n, 2) in metres and the area it drains in km2."""

    line: Floats
    drains_km2: float


@dataclass(frozen=True)
class Terrain:
    """The ground of a county.

    Attributes
    ----------
    height : ndarray of float, (rows, cols)
        Metres above the sea.
    slope : ndarray of float, (rows, cols)
        Rise over run.
    drains_km2 : ndarray of float, (rows, cols)
        Area that drains through the cell.
    inside : ndarray of bool, (rows, cols)
        Cells of the county.
    basin : ndarray of int, (rows, cols)
        Number of the small catchment that the cell lies in.
    town_cell : int
        Flat cell of the county town's centre.
    rivers : tuple of River
    """

    frame: Frame
    height: Floats
    slope: Floats
    drains_km2: Floats
    inside: Bools
    basin: Ints
    town_cell: int
    rivers: tuple[River, ...]


def fractal(rng: np.random.Generator, shape: tuple[int, int], roughness: float) -> Floats:
    """Draw a field of mean 0 and deviation 1 whose spectrum falls with frequency to the power ``roughness``."""
    frequency = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :])
    frequency[0, 0] = np.inf
    spectrum = rng.standard_normal(frequency.shape) + 1j * rng.standard_normal(frequency.shape)
    field = np.fft.irfft2(spectrum * frequency ** (-roughness / 2), s=shape)
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float64)


def neighbours(rows: int, cols: int) -> tuple[Ints, Ints]:
    """List each pair of neighbouring cells (eight neighbours) of a grid once, as flat indices."""
    index = np.arange(rows * cols, dtype=np.int64).reshape(rows, cols)
    first, second = [], []
    for down, right in _OFFSETS:
        left = max(0, -right)
        first.append(index[: rows - down, left : cols - max(0, right)].ravel())
        second.append(index[down:, left + right : cols - max(0, right) + right].ravel())
    return np.concatenate(first), np.concatenate(second)


def _drain(height: Floats, outlet: int, step: tuple[float, float]) -> tuple[Floats, Ints]:
    """Fill hollows and find where each cell drains to: the filled heights and the receivers, both flat."""
    rows, cols = height.shape
    flat = height.ravel()
    first, second = neighbours(rows, cols)
    weight = np.maximum(flat[first], flat[second]) - flat.min() + 1.0
    graph = coo_matrix((weight, (first, second)), shape=(flat.size, flat.size)).tocsr()
    _, parent = breadth_first_order(minimum_spanning_tree(graph), outlet, directed=False)
    parent = parent.astype(np.int64)
    parent[outlet] = outlet
    filled, depth, jump = flat.copy(), (parent != np.arange(flat.size)).astype(np.float64), parent.copy()
    while not np.all(jump == outlet):
        filled = np.maximum(filled, filled[jump])
        depth += depth[jump]
        jump = jump[jump]
    filled = np.maximum(filled, flat[outlet]) + 1e-4 * depth
    best = np.zeros(flat.size)
    receiver = parent.copy()
    distance = np.hypot(
        (np.abs(second // cols - first // cols)) * step[1], np.abs(second % cols - first % cols) * step[0]
    )
    drop = (filled[first] - filled[second]) / distance
    for source, target, fall in ((first, second, drop), (second, first, -drop)):
        for part in range(4):
            pairs = _part(part, rows, cols)
            better = fall[pairs] > best[source[pairs]]
            chosen = np.arange(pairs.start, pairs.stop)[better]
            receiver[source[chosen]] = target[chosen]
            best[source[chosen]] = fall[chosen]
    receiver[outlet] = outlet
    return filled, receiver.astype(np.int64)


def _part(part: int, rows: int, cols: int) -> slice:
    """Slice of the pairs of :func:`neighbours` that go in one direction, in which no cell comes twice."""
    sizes = [(rows - down) * (cols - abs(right)) for down, right in _OFFSETS]
    return slice(sum(sizes[:part]), sum(sizes[: part + 1]))


def _levels(receiver: Ints, outlet: int) -> list[Ints]:
    """Group cells by the number of steps to the outlet, nearest first."""
    depth = (receiver != np.arange(receiver.size)).astype(np.int64)
    jump = receiver.copy()
    while not np.all(jump == outlet):
        depth += depth[jump]
        jump = jump[jump]
    order = np.argsort(depth, kind="stable")
    return np.split(order, np.searchsorted(depth[order], np.arange(1, depth.max() + 1)))


def _accumulate(receiver: Ints, levels: list[Ints], cell_km2: float) -> Floats:
    area = np.full(receiver.size, cell_km2)
    for level in reversed(levels[1:]):
        np.add.at(area, receiver[level], area[level])
    return area


def _erode(rng: np.random.Generator, frame: Frame) -> tuple[Floats, int]:
    """Raise a rough plain and let rivers cut it: heights (coarse grid) and the outlet's flat cell.

    Source: the implicit stream-power scheme of Braun and Willett (2013), Geomorphology 180-181.
    """
    rows, cols = frame.rows // COARSE, frame.cols // COARSE
    step = (frame.cell_x * COARSE, frame.cell_y * COARSE)
    tilt = np.linspace(1.0, 0.0, cols)[None, :] + 0.35 * np.linspace(1.0, 0.0, rows)[:, None]
    height = 60.0 * tilt + 22.0 * fractal(rng, (rows, cols), 3.0)
    erodibility = np.exp(0.4 * fractal(rng, (rows, cols), 3.0)).ravel()
    uplift = (1.0 + 0.2 * fractal(rng, (rows, cols), 3.6)).clip(0.25, None).ravel()
    outlet = int(rows * 0.62) * cols + cols - 1
    height.ravel()[outlet] = height.min() - 30.0
    for _ in range(_STEPS):
        _, receiver = _drain(height, outlet, step)
        levels = _levels(receiver, outlet)
        area = _accumulate(receiver, levels, step[0] * step[1] / 1e6)
        flat = height.ravel().copy()
        cut = 1.6 * erodibility * area**_AREA_EXPONENT
        for level in levels[1:]:
            flat[level] = (flat[level] + 30.0 * uplift[level] + cut[level] * flat[receiver[level]]) / (1 + cut[level])
        height = ndimage.gaussian_filter(flat.reshape(rows, cols), 0.35)
        height.ravel()[outlet] = flat[outlet]
    return height, outlet


def _town_site(frame: Frame, area: Floats, receiver: Ints) -> int:
    """Choose the confluence on the main river that lies most centrally: a flat cell."""
    total = area.max()
    donor = area.copy()
    donor[area > 0.3 * total] = 0.0
    side = np.zeros_like(area)
    np.maximum.at(side, receiver, donor)
    candidates = np.flatnonzero((area > 0.3 * total) & (side > 0.02 * total))
    if not candidates.size:
        candidates = np.flatnonzero(area > 0.3 * total)
    middle = np.array([frame.size_m[0] * 0.52, frame.size_m[1] * 0.5])
    away = np.linalg.norm(frame.centres(candidates) - middle, axis=1) / max(frame.size_m)
    return int(candidates[np.argmin(away - 0.6 * side[candidates] / total)])


def _valleys(frame: Frame, rng: np.random.Generator, height: Floats, area: Floats, town: int) -> Floats:
    """Widen valleys into floors where rivers are large, most of all around the county town."""
    stream = area > _STREAM_KM2
    away, (row, col) = ndimage.distance_transform_edt(
        ~stream, sampling=(frame.cell_y, frame.cell_x), return_indices=True
    )
    basins = np.exp(0.55 * fractal(rng, height.shape, 3.0))
    centre = frame.centres([town])[0]
    rows, cols = np.indices(height.shape)
    x = (cols + 0.5) * frame.cell_x - centre[0]
    y = frame.size_m[1] - (rows + 0.5) * frame.cell_y - centre[1]
    scale = min(1.0, frame.size_m[0] / 40_000.0)
    town_basin = 1500.0 * scale * np.exp(-(x**2 + y**2) / (2 * (2600.0 * scale) ** 2))
    width = (26.0 * area**0.42 * basins)[row, col] + town_basin[row, col]
    floor = height[row, col]
    share = 1.0 - np.exp(-1.3 * (away / width) ** 2)
    return np.asarray(floor + (height - floor) * share + 0.004 * away * (1 - share), dtype=np.float64)


def _catchments(receiver: Ints, area: Floats, stream_km2: float) -> Ints:
    """Give the cells of each stretch of stream between confluences one number."""
    index = np.arange(area.size)
    stream = area > stream_km2
    donors = np.bincount(receiver[stream & (receiver != index)], minlength=area.size)
    flowing = stream & (donors[receiver] < 2)
    label = _follow(np.where(flowing, receiver, index))
    return np.unique(label[_follow(np.where(stream, index, receiver))], return_inverse=True)[1].astype(np.int64)


def _follow(following: Ints) -> Ints:
    """Follow pointers to their ends."""
    while True:
        further = following[following]
        if np.array_equal(further, following):
            return following
        following = further


def _county(frame: Frame, rng: np.random.Generator, basin: Ints, town: int, km2: float) -> Bools:
    """Join catchments around the town, nearest first, until the county is large enough."""
    xy = frame.centres(np.arange(basin.size))
    size = np.bincount(basin)
    middle = np.column_stack([np.bincount(basin, xy[:, k]) / size for k in (0, 1)]) - frame.centres([town])[0]
    angle = np.arctan2(middle[:, 1], middle[:, 0])
    waves = sum(rng.uniform(0.05, 0.16) * np.sin(k * angle + rng.uniform(0, 6.3)) for k in (1, 2, 3, 5))
    order = np.argsort(np.hypot(middle[:, 0], middle[:, 1]) * (1 + waves), kind="stable")
    edge = np.zeros((frame.rows, frame.cols), dtype=bool)
    edge[:_EDGE], edge[-_EDGE:], edge[:, :_EDGE], edge[:, -_EDGE:] = True, True, True, True
    order = order[~(np.bincount(basin, edge.ravel()) > 0)[order]]
    count = int(np.searchsorted(np.cumsum(size[order]) * frame.cell_km2, km2)) + 1
    chosen = np.zeros(size.size, dtype=bool)
    chosen[order[:count]] = True
    inside = ndimage.binary_opening(chosen[basin].reshape(frame.rows, frame.cols), iterations=4)
    inside = ndimage.binary_closing(inside, iterations=6)
    parts, _ = ndimage.label(inside)
    return np.asarray(ndimage.binary_fill_holes(parts == parts.ravel()[town]), dtype=np.bool_)


def _smooth(line: Floats, sigma: float) -> Floats:
    """Smooth a line (n, 2) without moving its ends."""
    if len(line) < 4:
        return line
    soft = ndimage.gaussian_filter1d(line, sigma, axis=0, mode="nearest")
    along = np.arange(len(line), dtype=np.float64)
    keep = np.minimum(1.0, np.minimum(along, along[::-1]) / (2 * sigma))[:, None]
    return np.asarray(line + (soft - line) * keep, dtype=np.float64)


def _rivers(frame: Frame, receiver: Ints, area: Floats, keep: Bools) -> tuple[River, ...]:
    """Follow the streams that pass ``keep`` cells from confluence to confluence."""
    stream = area > _STREAM_KM2
    donors = np.bincount(receiver[stream & (receiver != np.arange(area.size))], minlength=area.size)
    starts = np.flatnonzero(stream & (donors != 1))
    rivers = []
    for start in starts:
        cells = [int(start)]
        while True:
            here = cells[-1]
            following = int(receiver[here])
            if following == here:
                break
            cells.append(following)
            if donors[following] != 1:
                break
        if len(cells) > 1 and keep[cells].any():
            wet = np.flatnonzero(keep[cells])
            part = cells[max(0, wet[0] - 1) : wet[-1] + 2]
            if len(part) > 1:
                rivers.append(River(_smooth(frame.centres(part), 2.0), round(float(area[part[-2]]), 1)))
    return tuple(rivers)


def make_terrain(frame: Frame, rng: np.random.Generator, area_km2: float) -> Terrain:
    """Invent the ground of a county of about ``area_km2`` square kilometres in ``frame``."""
    coarse, coarse_outlet = _erode(rng, frame)
    height = ndimage.zoom(coarse, COARSE, order=3, mode="nearest", grid_mode=True)
    height = (height - height.min()) / (np.percentile(height, 99.5) - height.min())
    relief = 1500.0 * min(1.0, max(frame.size_m) / 55_000.0) ** 0.5
    height = 210.0 + relief * height
    height += 9.0 * fractal(rng, height.shape, 2.4) * np.clip((height - 210.0) / 300.0, 0.2, 1.0)
    coarse_row, coarse_col = divmod(coarse_outlet, frame.cols // COARSE)
    outlet = (coarse_row * COARSE + 1) * frame.cols + min(frame.cols - 1, coarse_col * COARSE + COARSE - 1)
    height.ravel()[outlet] = height.min() - 5.0
    filled, receiver = _drain(height, outlet, (frame.cell_x, frame.cell_y))
    area = _accumulate(receiver, _levels(receiver, outlet), frame.cell_km2)
    town = _town_site(frame, area, receiver)
    fine = min(1.0, area_km2 / 500.0)
    inside = _county(frame, rng, _catchments(receiver, area, _STREAM_KM2 * fine), town, area_km2)
    basin = _catchments(receiver, area, 2.2 * fine)
    shape = (frame.rows, frame.cols)
    height = _valleys(frame, rng, filled.reshape(shape), area.reshape(shape), town)
    rise_y, rise_x = np.gradient(height, frame.cell_y, frame.cell_x)
    near = ndimage.binary_dilation(inside, iterations=12)
    rivers = _rivers(frame, receiver, area, near.ravel())
    return Terrain(
        frame, height, np.hypot(rise_x, rise_y), area.reshape(shape), inside, basin.reshape(shape), town, rivers
    )
