"""One engine on one network in a process of its own: minutes from a few sites to all nodes, time and peak memory.

Run by ``test_travel_bench.py``: ``python -m tests.benchmarks.one_engine ENGINE NETWORK.npz SITES OUT.npz``; prints
one line of JSON. ``OUT`` gets the minutes of the first sites, so that all engines can be held against each other.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from layout_planner.travel import RoadNetwork, Router, load_network
from tests.benchmarks.road_makers import WALK, names, nodes_of, scipy_graph

COMPARED = 2
"""Sites whose minutes are written out."""

Answer = tuple[Callable[[], Any], Callable[[], np.ndarray], float]


def ours(network: RoadNetwork, pick: np.ndarray) -> Answer:
    router = Router(network, WALK)
    assert router.hierarchy is not None
    xy, ids, sites = nodes_of(network), names(network.n_nodes), names(len(pick))

    def ask() -> Any:
        router.snapper._recent.clear()  # snap the points anew each time
        return router.matrix(ids, xy, sites, xy[pick], cutoff_min=1e6)

    return ask, lambda: ask().select_sites(sites[:COMPARED]).to_csr().toarray().T, 1.0


def scipy(network: RoadNetwork, pick: np.ndarray) -> Answer:
    from scipy.sparse.csgraph import dijkstra

    graph = scipy_graph(Router(network, WALK))
    return lambda: dijkstra(graph, indices=pick), lambda: dijkstra(graph, indices=pick[:COMPARED]), 1.0


def igraph(network: RoadNetwork, pick: np.ndarray) -> Answer:
    from igraph import Graph

    arcs = scipy_graph(Router(network, WALK)).tocoo()
    graph = Graph(n=network.n_nodes, edges=np.column_stack([arcs.row, arcs.col]), directed=True)
    weights = arcs.data.tolist()

    def ask(sites: np.ndarray) -> np.ndarray:
        return np.array(graph.distances(source=sites.tolist(), weights=weights, mode="out"))

    return lambda: graph.distances(source=pick.tolist(), weights=weights, mode="out"), lambda: ask(pick[:COMPARED]), 1.0


def networkx(network: RoadNetwork, pick: np.ndarray) -> Answer:
    import networkx as nx

    graph = nx.from_scipy_sparse_array(scipy_graph(Router(network, WALK)), create_using=nx.DiGraph)
    asked = pick[:4].tolist()

    def ask() -> list[dict[int, float]]:
        return [nx.single_source_dijkstra_path_length(graph, site, weight="weight") for site in asked]

    return ask, lambda: np.array([[d[i] for i in range(network.n_nodes)] for d in ask()[:COMPARED]]), len(pick) / 4


def pandana(network: RoadNetwork, pick: np.ndarray) -> Answer:
    import pandas as pd
    from pandana import Network

    arcs = scipy_graph(Router(network, WALK)).tocoo()
    tail, head = (pd.Series(ends.astype(np.int64)) for ends in (arcs.row, arcs.col))
    x, y = pd.Series(network.node_x), pd.Series(network.node_y)
    net = Network(x, y, tail, head, pd.DataFrame({"minutes": arcs.data}), twoway=False)
    rng, n = np.random.default_rng(0), network.n_nodes
    sources, targets = rng.choice(pick, 40_000), rng.integers(n, size=40_000)

    def sample() -> np.ndarray:
        every = [net.shortest_path_lengths(np.full(n, site), np.arange(n)) for site in pick[:COMPARED]]
        return np.array(every)

    return lambda: net.shortest_path_lengths(sources, targets), sample, len(pick) * n / 40_000


ENGINES = {"ours": ours, "scipy": scipy, "igraph": igraph, "networkx": networkx, "pandana": pandana}


class Peak:
    """The most memory that the process held at once, in MiB, looked at every 5 ms."""

    def __enter__(self) -> Peak:
        self.mib, self._stop = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._stop.wait(0.005):
            self.mib = max(self.mib, process.memory_info().rss / 2**20)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def main(engine: str, network_file: str, n_sites: int, out: str) -> None:
    network = load_network(Path(network_file))
    pick = np.random.default_rng(1).choice(network.n_nodes, n_sites, replace=False)
    before = psutil.Process().memory_info().rss / 2**20
    if engine == "ours":  # let numba compile, or load its cache, before the clock starts
        ours(network, pick)[0]()
    with Peak() as peak:
        begin = time.perf_counter()
        ask, sample, scale = ENGINES[engine](network, pick)
        build, times = time.perf_counter() - begin, []
        for _ in range(1 if engine == "networkx" else 5):
            begin = time.perf_counter()
            ask()
            times.append(time.perf_counter() - begin)
    np.savez(out, minutes=sample())
    print(json.dumps({"engine": engine, "build_s": build, "ask_s": min(times) * scale, "sampled": scale > 1,
                      "peak_mib": peak.mib - before}))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
