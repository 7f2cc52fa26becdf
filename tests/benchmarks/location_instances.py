"""Location instances: made-up ones of any size, and the published ones of the real data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

__all__ = ["Area", "henan_area", "henan_costs", "henan_medians", "orlib_costs", "orlib_optima", "plane"]


class Area(NamedTuple):
    """A Henan area: ``cost`` (n, m) demand x kilometres, neighbouring units, the unit of every site."""

    cost: np.ndarray
    fixed: np.ndarray
    demand: np.ndarray
    capacity: np.ndarray
    adjacency: np.ndarray
    seats: np.ndarray


def plane(n: int, m: int, seed: int = 1) -> np.ndarray:
    """Place ``n`` weighted points in a square, the sites at ``m`` of them; costs are weight x distance."""
    rng = np.random.default_rng(seed)
    points = rng.random((n, 2))
    sites, weight = points[rng.choice(n, m, replace=False)], rng.integers(1, 100, n)
    return np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)) * weight[:, None]


def orlib_costs(folder: Path, name: str) -> tuple[np.ndarray, int]:
    """Read an OR-Library instance: all-pairs distances and ``p``; of a repeated edge the last counts."""
    numbers = np.array((folder / f"{name}.txt").read_text(encoding="utf-8").split(), dtype=float)
    n, _, p = numbers[:3].astype(int)
    edges = {(int(min(u, v)), int(max(u, v))): c for u, v, c in numbers[3:].reshape(-1, 3)}
    rows, cols = np.array(list(edges)).T - 1
    graph = coo_array((list(edges.values()), (rows, cols)), shape=(n, n)).tocsr()
    return shortest_path(graph, directed=False), int(p)


def orlib_optima(folder: Path, file: str) -> dict[str, float]:
    """Read published optima by instance (``pmedopt.txt`` or ``pcenter_opt.txt``)."""
    lines = [line.split() for line in (folder / file).read_text(encoding="utf-8").splitlines()]
    return {words[0]: float(words[1]) for words in lines if len(words) == 2 and words[0].startswith("pmed")}


def henan_costs(folder: Path, name: str) -> np.ndarray:
    """Read a Henan area: demand x kilometres from every unit to every candidate."""
    table = np.loadtxt(folder / f"{name}.txt", skiprows=1, usecols=range(7))
    site = table[:, 6] > 0
    return np.hypot(*(table[:, None, 2:4] - table[None, site, 2:4]).transpose(2, 0, 1)) / 1000 * table[:, [1]]


def henan_area(path: Path, neighbours: Path) -> Area:
    """Read a Henan area with its neighbourhoods; units by position, the sites in the order of their units."""
    table = np.loadtxt(path, skiprows=1, usecols=range(7))
    seats = np.flatnonzero(table[:, 6] > 0)
    place = {int(unit): k for k, unit in enumerate(table[:, 0])}
    pairs = np.loadtxt(neighbours, delimiter=",", skiprows=1, usecols=(1, 2), dtype=int)
    metres = np.hypot(*(table[:, None, 2:4] - table[None, seats, 2:4]).transpose(2, 0, 1))
    return Area(
        cost=metres / 1000 * table[:, [1]],
        fixed=table[seats, 5],
        demand=table[:, 1],
        capacity=table[seats, 6],
        adjacency=np.array([(place[a], place[b]) for a, b in pairs.tolist()]),
        seats=seats,
    )


def henan_medians(folder: Path) -> Iterator[tuple[str, int, float, float]]:
    """List published p-medians: area, ``p``, value, and half a unit of its last digit."""
    with (folder / "geo_pmp_cpmp_published.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["model"] == "PMP":
                value = row["objective_km_person"]
                yield row["instance"], int(row["P"]), float(value), 10.0 ** -len(value.partition(".")[2])
