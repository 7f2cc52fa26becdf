"""Walking metres on Andorra against Valhalla's pedestrian matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layout_planner.io.osm import read_osm
from layout_planner.travel import RoadNetwork
from tests.real import valhalla_judge as judge

pytestmark = pytest.mark.real
N = 200


@pytest.fixture(scope="module")
def pbf(real_data: Path) -> Path:
    return real_data / "osm_andorra" / "andorra.osm.pbf"


@pytest.fixture(scope="module")
def actor(pbf: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    judge.valhalla()
    return judge.open_tiles(pbf, tmp_path_factory.mktemp("valhalla"))


@pytest.fixture(scope="module")
def network(pbf: Path) -> RoadNetwork:
    return read_osm(pbf)


def shares(ours: np.ndarray, theirs: np.ndarray) -> dict[float, float]:
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.sum() > 0.99 * both.size
    off = np.abs(ours - theirs)[both] / np.maximum(theirs[both], 1.0)
    found = {limit: float((off <= limit).mean()) for limit in (0.001, 0.01, 0.02, 0.05)}
    print("\n" + ", ".join(f"within {limit:.1%}: {share:.2%}" for limit, share in found.items()))
    return found


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_metres_agree_with_valhalla(network: RoadNetwork, actor: Any, seed: int):
    roads, profile = judge.metre_profile(network)
    sources, targets = (judge.road_points(roads, profile, N, seed + 100 * k) for k in range(2))
    theirs, _ = judge.valhalla_metres(actor, sources, targets)
    ours, _ = judge.our_metres(roads, profile, sources, targets)
    assert shares(ours, theirs)[0.02] >= 0.95


def test_with_valhallas_access_rules_nearly_all_agree(network: RoadNetwork, actor: Any):
    """What is left when private roads are open and bridleways shut is one oneway pedestrian street."""
    roads, profile = judge.valhallas_rules(*judge.metre_profile(network))
    sources, targets = (judge.road_points(roads, profile, N, 7 + 100 * k) for k in range(2))
    theirs, _ = judge.valhalla_metres(actor, sources, targets)
    ours, _ = judge.our_metres(roads, profile, sources, targets)
    found = shares(ours, theirs)
    assert found[0.02] >= 0.99
    assert found[0.01] >= 0.98
