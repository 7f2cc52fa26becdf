"""Compiled kernels of population rasters: cells cut by polygons and grids, counts cleaned and summed.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations. All release the
interpreter lock and share nothing.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["add_people", "cover_cells", "split_cells"]

_CORNERS = 16  # a quadrangle clipped by four lines has at most eight corners if convex, twice that if not
_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _clip(polygon, n, axis, limit, keep_above, out):
    """Keep the part of a polygon on one side of a line along an axis; gives its number of corners."""
    m = 0
    for i in range(n):
        j = i + 1 if i + 1 < n else 0
        a, b = polygon[i, axis] - limit, polygon[j, axis] - limit
        if not keep_above:
            a, b = -a, -b
        if a >= 0:
            out[m, 0], out[m, 1] = polygon[i, 0], polygon[i, 1]
            m += 1
        if (a > 0 > b) or (a < 0 < b):
            t = a / (a - b)
            out[m, 0] = polygon[i, 0] + t * (polygon[j, 0] - polygon[i, 0])
            out[m, 1] = polygon[i, 1] + t * (polygon[j, 1] - polygon[i, 1])
            out[m, axis] = limit
            m += 1
    return m


@_kernel
def _area(polygon, n):
    """Give twice the signed area, measured from the first corner so that few digits are lost."""
    total = 0.0
    for i in range(1, n - 1):
        total += (polygon[i, 0] - polygon[0, 0]) * (polygon[i + 1, 1] - polygon[0, 1])
        total -= (polygon[i + 1, 0] - polygon[0, 0]) * (polygon[i, 1] - polygon[0, 1])
    return total


@_kernel
def split_cells(values, corners, out):
    """Add each cell's value to the cells of a unit grid, by the shares of its area.

    ``corners`` (rows + 1, columns + 1, 2) are the places of the cells' corners in columns and rows of ``out``. What
    falls outside ``out`` is dropped.
    """
    room = np.empty((4, _CORNERS, 2))
    quad, row, above, cell = room[0], room[1], room[2], room[3]
    height, width = out.shape
    for r in range(values.shape[0]):
        for c in range(values.shape[1]):
            value = values[r, c]
            if value == 0:
                continue
            quad[0], quad[1], quad[2], quad[3] = (
                corners[r, c],
                corners[r, c + 1],
                corners[r + 1, c + 1],
                corners[r + 1, c],
            )
            c0, c1 = int(np.floor(quad[:4, 0].min())), int(np.ceil(quad[:4, 0].max()))
            r0, r1 = int(np.floor(quad[:4, 1].min())), int(np.ceil(quad[:4, 1].max()))
            if c1 <= 0 or r1 <= 0 or c0 >= width or r0 >= height:
                continue
            if c1 - c0 == 1 and r1 - r0 == 1:
                out[r0, c0] += value
                continue
            whole = _area(quad, 4)
            for i in range(max(r0, 0), min(r1, height)):
                n = _clip(quad, 4, 1, i, True, above)
                n = _clip(above, n, 1, i + 1, False, row)
                for j in range(max(c0, 0), min(c1, width)):
                    m = _clip(row, n, 0, j, True, above)
                    m = _clip(above, m, 0, j + 1, False, cell)
                    if m > 2:
                        out[i, j] += value * (_area(cell, m) / whole)


@_kernel
def _cross_row(cover, r, x0, x1, rise):
    """Take in the part of an edge within a row of cells, from x0 to x1, that rises by ``rise``."""
    width = cover.shape[1] - 1
    low, high = min(x0, x1), max(x0, x1)
    if low >= width:
        return
    if high <= 0:
        cover[r, 0] += rise
        return
    c = int(np.floor(low))
    if high <= c + 1:
        c, share = (0, 0.0) if low < 0 else (c, (low + high) / 2 - c)
        cover[r, c] += rise * (1 - share)
        cover[r, c + 1] += rise * share
        return
    steep = rise / (high - low)
    if low < 0:
        cover[r, 0] += steep * -low
        low = 0.0
    for c in range(int(np.floor(low)), min(int(np.ceil(high)), width)):
        begin, end = max(low, c), min(high, c + 1)
        share = (begin + end) / 2 - c
        cover[r, c] += steep * (end - begin) * (1 - share)
        cover[r, c + 1] += steep * (end - begin) * share


@_kernel
def cover_cells(xy, ring, cover):
    """Accumulate, edge by edge, how much of each unit cell lies beside closed rings.

    ``xy`` (n, 2) are columns and rows of the rings' corners, shells one way round and holes the other; ``cover`` is
    (rows, columns + 1). The cumulated sum along its rows is then the signed share of each cell that lies inside.
    """
    height = cover.shape[0]
    for i in range(len(xy) - 1):
        if ring[i] != ring[i + 1]:
            continue
        x0, y0, x1, y1 = xy[i, 0], xy[i, 1], xy[i + 1, 0], xy[i + 1, 1]
        low, high = max(min(y0, y1), 0.0), min(max(y0, y1), float(height))
        if low >= high:
            continue
        sign, slope = (1.0 if y1 > y0 else -1.0), (x1 - x0) / (y1 - y0)
        begin, x_begin = low, x0 + (low - y0) * slope
        for r in range(int(np.floor(low)), int(np.ceil(high))):
            end = min(high, r + 1.0)
            x_end = x0 + (end - y0) * slope
            _cross_row(cover, r, x_begin, x_end, sign * (end - begin))
            begin, x_begin = end, x_end


@_kernel
def add_people(values, nodata, top, scale, offset, most, area, share, out):
    """Add people to ``out`` cell by cell: value × scale + offset, times area and share.

    ``area`` is (rows or 1, columns or 1). Cells without a share, without data or not a number are nobody. Gives the
    numbers of cells that are negative or beyond ``most`` people (nobody too), and of cells that hold ``top``.
    """
    odd, full = 0, 0
    tall, wide = area.shape[0] > 1, area.shape[1] > 1
    for r in range(values.shape[0]):
        for c in range(values.shape[1]):
            part, value = share[r, c], values[r, c]
            if part == 0 or value == nodata or np.isnan(value):
                continue
            people = (value * scale + offset) * area[r if tall else 0, c if wide else 0]
            if people < 0 or people > most:
                odd += 1
                continue
            if value == top:
                full += 1
            out[r, c] += people * part
    return odd, full
