"""Compiled kernels of the tiling: the border inside each cell of a lattice, and which side of it a point is on.

Arrays in, arrays out; numba infers the types of the arguments, so they carry no annotations.
"""

# mypy: disallow-untyped-defs=False
# ruff: noqa: ANN001, ANN201, ANN202 - numba infers the types

from __future__ import annotations

from typing import Any

import numba as nb
import numpy as np

__all__ = ["borders", "chain", "label_of"]

_kernel: Any = nb.njit(cache=True, nogil=True)


@_kernel
def _crossings(row, column, label, across, up, corner, share):
    """Read the corners of a cell anticlockwise, and where each side is crossed (-1: not); give how many are."""
    corner[0], corner[1] = label[row, column], label[row, column + 1]
    corner[2], corner[3] = label[row + 1, column + 1], label[row + 1, column]
    share[0], share[1] = across[row, column], up[row, column + 1]
    share[2], share[3] = 1.0 - across[row + 1, column], 1.0 - up[row, column]
    n = 0
    for side in range(4):
        if corner[side] != corner[(side + 1) % 4]:
            n += 1
        else:
            share[side] = -1.0
    return n


@_kernel
def _on_side(side, share):
    """Place a crossing in the unit cell."""
    if side == 0:
        return share, 0.0
    if side == 1:
        return 1.0, share
    if side == 2:
        return 1.0 - share, 1.0
    return 0.0, 1.0 - share


@_kernel
def _middle(share, n):
    x, y = 0.0, 0.0
    for side in range(4):
        if share[side] >= 0.0:
            px, py = _on_side(side, share[side])
            x += px / n
            y += py / n
    return x, y


@_kernel
def _side_id(side, row, column, nx, ny):
    """Give a number to a side of a cell; both cells that share a side say the same."""
    if side == 0 or side == 2:
        return (row + side // 2) * nx + column
    return (ny + 1) * nx + row * (nx + 1) + column + (side == 1)


@_kernel
def borders(active, label, across, up):
    """Draw the borders in all active cells: from the crossings to the middle, or from one crossing to the other.

    ``across`` and ``up`` hold where the sides are crossed, as a share from the lesser corner. Gives segments (k, 2, 2)
    in units of cells, and numbers of their ends (k, 2): the same number is the same place.
    """
    ny, nx = active.shape
    corner, share = np.empty(4, dtype=label.dtype), np.empty(4)
    out, ends = np.empty((0, 2, 2)), np.empty((0, 2), dtype=np.int64)
    middles = (ny + 1) * nx + ny * (nx + 1)
    for fill in range(2):
        at = 0
        for row in range(ny):
            for column in range(nx):
                if not active[row, column]:
                    continue
                n = _crossings(row, column, label, across, up, corner, share)
                if fill == 0 or n == 0:
                    at += 1 if n == 2 else n
                    continue
                mx, my = _middle(share, n)
                end = 0
                for side in range(4):
                    if share[side] >= 0.0:
                        px, py = _on_side(side, share[side])
                        if n == 2:
                            out[at, end, 0], out[at, end, 1] = column + px, row + py
                            ends[at, end] = _side_id(side, row, column, nx, ny)
                            end += 1
                        else:
                            out[at, 0, 0], out[at, 0, 1] = column + px, row + py
                            out[at, 1, 0], out[at, 1, 1] = column + mx, row + my
                            ends[at, 0] = _side_id(side, row, column, nx, ny)
                            ends[at, 1] = middles + row * nx + column
                            at += 1
                if n == 2:
                    at += 1
        if fill == 0:
            out, ends = np.empty((at, 2, 2)), np.empty((at, 2), dtype=np.int64)
    return out, ends


@_kernel
def chain(ends, n):
    """Join segments between n places into lines that end where other than two meet; give places and offsets."""
    degree = np.zeros(n, dtype=np.int32)
    beside = np.full((n, 2), -1, dtype=np.int64)
    for s in range(len(ends)):
        for v in ends[s]:
            if degree[v] < 2:
                beside[v, degree[v]] = s
            degree[v] += 1
    used = np.zeros(len(ends), dtype=np.bool_)
    place, start = np.empty(2 * len(ends), dtype=np.int64), np.zeros(len(ends) + 1, dtype=np.int64)
    at, lines = 0, 0
    for closed in range(2):
        for first in range(len(ends)):
            if used[first]:
                continue
            v = ends[first, 0] if closed or degree[ends[first, 0]] != 2 else ends[first, 1]
            if not closed and degree[v] == 2:
                continue
            s = first
            place[at] = v
            at += 1
            while s >= 0 and not used[s]:
                used[s] = True
                v = ends[s, 1] if ends[s, 0] == v else ends[s, 0]
                place[at] = v
                at += 1
                s = -1 if degree[v] != 2 else (beside[v, 1] if beside[v, 0] == s else beside[v, 0])
            lines += 1
            start[lines] = at
    return place[:at], start[: lines + 1]


@_kernel
def label_of(x, y, label, across, up):
    """Give the label of the area in which each point lies; coordinates in units of cells."""
    ny, nx = label.shape
    corner, share = np.empty(4, dtype=label.dtype), np.empty(4)
    out = np.empty(len(x), dtype=label.dtype)
    for k in range(len(x)):
        column = min(max(int(np.floor(x[k])), 0), nx - 2)
        row = min(max(int(np.floor(y[k])), 0), ny - 2)
        n = _crossings(row, column, label, across, up, corner, share)
        out[k] = corner[0]
        if n == 0:
            continue
        mx, my = _middle(share, n)
        dx, dy = x[k] - column - mx, y[k] - row - my
        if dx == 0.0 and dy == 0.0:
            continue
        tx = (1.0 - mx) / dx if dx > 0.0 else (-mx / dx if dx < 0.0 else np.inf)
        ty = (1.0 - my) / dy if dy > 0.0 else (-my / dy if dy < 0.0 else np.inf)
        if tx < ty:
            side = 1 if dx > 0.0 else 3
            at = my + tx * dy if side == 1 else 1.0 - (my + tx * dy)
        else:
            side = 2 if dy > 0.0 else 0
            at = mx + ty * dx if side == 0 else 1.0 - (mx + ty * dx)
        beyond = share[side] >= 0.0 and at > share[side]
        out[k] = corner[(side + 1) % 4] if beyond else corner[side]
    return out
