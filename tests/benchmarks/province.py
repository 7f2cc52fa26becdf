"""A province in a process of its own, so that its memory is its own: 10,000 sites, five kilometres."""

from __future__ import annotations

import json
import time

import numpy as np

from layout_planner.travel import Router
from tests.benchmarks.one_engine import Peak
from tests.benchmarks.road_makers import WALK, county_like, names, nodes_of


def main(side: int = 1_130, n_sites: int = 10_000, rounds: int = 3) -> None:
    network = county_like(side)
    router, xy = Router(network, WALK), nodes_of(network)
    ids = names(len(xy))
    pick = np.random.default_rng(3).choice(len(xy), n_sites, replace=False)
    router.matrix(ids[:2], xy[:2], ids[:2], xy[:2], cutoff_min=1.0)
    times, pairs = [], 0
    with Peak() as peak:
        for _ in range(rounds):
            router.snapper._recent.clear()
            begin = time.perf_counter()
            pairs = router.matrix(ids, xy, ids[:n_sites], xy[pick], cutoff_min=5_000 / 75).n_pairs
            times.append(time.perf_counter() - begin)
    print(json.dumps({"nodes": network.n_nodes, "pairs": pairs, "least_s": min(times), "mib": peak.mib}))


if __name__ == "__main__":
    main()
