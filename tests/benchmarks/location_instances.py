"""Location instances: made-up ones of any size, and the published ones of the real data."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import shortest_path

__all__ = ["henan_costs", "henan_medians", "orlib_costs", "orlib_optima", "plane"]


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


def henan_medians(folder: Path) -> Iterator[tuple[str, int, float, float]]:
    """List published p-medians: area, ``p``, value, and half a unit of its last digit."""
    with (folder / "geo_pmp_cpmp_published.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["model"] == "PMP":
                value = row["objective_km_person"]
                yield row["instance"], int(row["P"]), float(value), 10.0 ** -len(value.partition(".")[2])
