"""Draw how the cost of travel matrices grows: ``python -m tests.benchmarks.growth_chart`` writes the README's chart."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from scipy.sparse.csgraph import dijkstra

from layout_planner.travel import RoadNetwork, Router
from tests.benchmarks.road_makers import WALK, county_like, names, nodes_of, scipy_graph

mpl.use("Agg")
import matplotlib.pyplot as plt

TARGET = Path(__file__).resolve().parents[2] / "docs" / "travel_growth.png"
SIDES = (40, 70, 110, 160, 230, 330)
SITES = (10, 30, 100, 200, 500, 1000)
CUTOFFS_MIN = (10, 20, 40, 80, 160, 320, 640)
PATIENCE_S = 5.0
LOOKS = {
    "network ready": {"color": "#0b6e4f", "marker": "o"},
    "network prepared anew": {"color": "#0b6e4f", "marker": "o", "linestyle": ":", "fillstyle": "none"},
    "scipy csgraph": {"color": "#b5651d", "marker": "s"},
}

Curve = tuple[Sequence[float], Sequence[float]]
Looks = Mapping[str, Mapping[str, str]]


def least_each(*works: Callable[[], object]) -> tuple[float, ...]:
    """Time works in turn, so that other load meets them alike: the least seconds of 3 to 9 rounds."""
    rounds: list[list[float]] = []
    started = time.perf_counter()
    while len(rounds) < 3 or (len(rounds) < 9 and time.perf_counter() - started < PATIENCE_S):
        rounds.append([])
        for work in works:
            begin = time.perf_counter()
            work()
            rounds[-1].append(time.perf_counter() - begin)
    return tuple(map(min, zip(*rounds, strict=True)))


def matrix_seconds(network: RoadNetwork, n_sites: int, cutoff_min: float = 1e6) -> tuple[float, ...]:
    """Time all nodes x some sites: by a router that is ready, by a new one, by scipy."""
    xy, pick = nodes_of(network), np.random.default_rng(1).choice(network.n_nodes, n_sites, replace=False)
    ids, sites = names(network.n_nodes), names(n_sites)
    ready = Router(network, WALK)
    graph = scipy_graph(ready)

    def ask(router: Router) -> None:
        router.snapper._recent.clear()  # snap the points anew each time
        router.matrix(ids, xy, sites, xy[pick], cutoff_min=cutoff_min)

    ask(ready)
    return least_each(
        lambda: ask(ready),
        lambda: ask(Router(network, WALK)),
        lambda: dijkstra(graph, indices=pick, limit=cutoff_min),
    )


def curves(x: Sequence[float], seconds: Iterable[tuple[float, ...]]) -> dict[str, Curve]:
    return {label: (x, line) for label, line in zip(LOOKS, zip(*seconds, strict=True), strict=True)}


def main(target: Path = TARGET) -> None:
    networks = [county_like(side) for side in SIDES]
    county = networks[SIDES.index(230)]
    panels = {
        ("200 schools, no cut-off", "nodes of the road network"): curves(
            [network.n_nodes for network in networks], [matrix_seconds(network, 200) for network in networks]
        ),
        (f"{county.n_nodes:,} nodes, no cut-off", "schools"): curves(SITES, [matrix_seconds(county, n) for n in SITES]),
        (f"{county.n_nodes:,} nodes, 300 schools", "cut-off, minutes on foot"): curves(
            CUTOFFS_MIN, [matrix_seconds(county, 300, c) for c in CUTOFFS_MIN]
        ),
    }
    where = f"{os.cpu_count()} processors, made-up county roads, on foot; least of several runs"
    draw(panels, LOOKS, f"What a matrix of schools × all nodes costs ({where})", target)


def draw(panels: Mapping[tuple[str, str], Mapping[str, Curve]], looks: Looks, title: str, target: Path) -> None:
    """Draw curves of seconds side by side, by title and label of the x axis."""
    figure, axes = plt.subplots(1, len(panels), figsize=(4 * len(panels), 4.4), layout="constrained")
    for axis, ((heading, x_label), lines) in zip(axes, panels.items(), strict=True):
        for label, (x, seconds) in lines.items():
            axis.plot(x, seconds, label=label, linewidth=1.8, markersize=5, **looks[label])
        axis.set(xscale="log", yscale="log", title=heading, xlabel=x_label, ylabel="seconds")
        axis.yaxis.set_major_formatter("{x:g}")
        axis.grid(which="major", color="#dddddd", linewidth=0.7)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False)
    figure.suptitle(title)
    target.parent.mkdir(exist_ok=True)
    figure.savefig(target, dpi=100, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:]))
