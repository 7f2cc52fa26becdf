"""Small friction surfaces for tests, and networkx as an independent judge of the moves."""

from __future__ import annotations

import math

import networkx as nx
import numpy as np
from affine import Affine
from pyproj import CRS

from layout_planner.travel.surface import CellMode, Surface

EPSG = 32649
WEST, NORTH = 500_000.0, 3_601_000.0


def plane(speed, *, cell=30.0, elevation=None, mode=None, cell_high=None) -> Surface:
    """Make a surface of given speeds (km/h; 0 is closed), on foot unless ``mode`` says otherwise."""
    kmh = np.asarray(speed, dtype=np.float32)
    modes = np.where(kmh > 0, CellMode.WALK if mode is None else mode, CellMode.CLOSED).astype(np.uint8)
    height = np.zeros(kmh.shape) if elevation is None else np.asarray(elevation)
    grid = Affine(cell, 0, WEST, 0, -(cell_high or cell), NORTH)
    classes = np.where(kmh > 0, 1, -1).astype(np.int32)
    return Surface(grid, CRS.from_epsg(EPSG), height.astype(np.float32), kmh, modes, classes, kmh == 0)


def middle(surface: Surface, *cells: tuple[int, int]) -> np.ndarray:
    """Give the middles of cells (row, column)."""
    return surface.centre(np.array([r * surface.shape[1] + c for r, c in cells]))


def tobler_kmh(flat: float, slope: float) -> float:
    """Walk at 6 exp(-3.5 |slope + 0.05|), scaled so that the flat is walked at ``flat``."""
    return flat * 6 * math.exp(-3.5 * abs(slope + 0.05)) / (6 * math.exp(-3.5 * 0.05))


def judge_graph(surface: Surface, *, knights_move: bool, averaging: str, scale: float = 1.0) -> nx.DiGraph:
    """Build the moves of a walked surface one by one, in the direction of travel."""
    rows, columns = surface.shape
    across, down = surface.cell_m
    graph = nx.DiGraph()
    graph.add_nodes_from(range(rows * columns))
    sides = [(dr, dc) for dr in range(-2, 3) for dc in range(-2, 3) if math.gcd(dr, dc) == 1]
    for r in range(rows):
        for c in range(columns):
            for dr, dc in sides:
                a, b = r + dr, c + dc
                if not (0 <= a < rows and 0 <= b < columns) or (max(abs(dr), abs(dc)) == 2 and not knights_move):
                    continue
                passed = [(r, c), (a, b)]
                if max(abs(dr), abs(dc)) == 2:
                    passed += [(r + dr // 2, c + dc // 2), (r + -(-dr // 2), c + -(-dc // 2))]
                elif dr and dc and surface.mode[r, b] == 0 and surface.mode[a, c] == 0:
                    continue
                if any(surface.mode[cell] == 0 for cell in passed):
                    continue
                metres = math.hypot(dr * down, dc * across)
                slope = float(surface.elevation[a, b] - surface.elevation[r, c]) / metres
                kmh = [scale * tobler_kmh(float(surface.speed_kmh[cell]), slope) for cell in passed]
                mean = len(kmh) / sum(1 / v for v in kmh) if averaging == "time" else sum(kmh) / len(kmh)
                graph.add_edge(r * columns + c, a * columns + b, minutes=metres / 1000 / mean * 60, metres=metres)
    return graph
