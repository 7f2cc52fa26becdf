"""How fast walking metres come, beside Valhalla's pedestrian matrix in the same run. Run with ``make bench``."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layout_planner.io.osm import read_osm
from tests.real import valhalla_judge as judge


@pytest.mark.real
@pytest.mark.parametrize(("n", "m"), [(40, 2_000), (200, 200)])
def test_pedestrian_matrix_of_andorra(benchmark, real_data: Path, tmp_path: Path, n: int, m: int):
    judge.valhalla()
    pbf = real_data / "osm_andorra" / "andorra.osm.pbf"
    actor = judge.open_tiles(pbf, tmp_path)
    network, profile = judge.metre_profile(read_osm(pbf))
    sources, targets = (judge.road_points(network, profile, k, seed) for k, seed in ((n, 1), (m, 2)))
    theirs, seconds = min((judge.valhalla_metres(actor, sources, targets) for _ in range(2)), key=lambda run: run[1])
    ours, _ = benchmark.pedantic(
        lambda: judge.our_metres(network, profile, sources, targets), rounds=5, warmup_rounds=1
    )  # fmt: skip
    assert np.mean(np.abs(ours - theirs) <= 0.02 * theirs) >= 0.95
    best = benchmark.stats.stats.min
    benchmark.extra_info.update(valhalla_s=seconds, ratio=seconds / best)
    print(f"\n{n} x {m:,} on Andorra with snapping: ours {best * 1000:.0f} ms, Valhalla {seconds:.2f} s on one thread,"
          f" ratio {seconds / best:.0f}")  # fmt: skip
